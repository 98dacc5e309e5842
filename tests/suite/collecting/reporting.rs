//! Money that was taken already: posted, or in suspense until what is told explains it.

use canbao_proto::{
    common::{DocumentKind, IdentityDocument, ResidentReference, resident_reference::Reference},
    registration::RegistrationChanged,
};

use super::*;

async fn suspense(bureau: &mut Bureau) -> Vec<Suspense> {
    let asked = ListSuspenseRequest {
        after: bureau.after.clone(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        ..ListSuspenseRequest::default()
    };
    bureau.refunds.list_suspense(request("tax", asked)).await.unwrap().into_inner().suspense
}

/// The reasons for which money stands in suspense.
async fn reasons(bureau: &mut Bureau) -> Vec<SuspenseReason> {
    suspense(bureau).await.iter().map(Suspense::reason).collect()
}

#[tokio::test]
async fn money_for_somebody_unknown_is_posted_when_the_registration_is_told() {
    let mut bureau = Bureau::start().await;
    let resident = ResidentId::new();
    let first = line(resident);
    let outcomes = report(&mut bureau, std::slice::from_ref(&first)).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::UnknownResident);
    assert_eq!(bureau.balances().await, ["channel/bank 400.00", "suspense/unknown-resident -400.00"]);
    bureau.registration_tells(&registered(resident, StudentKind::None, ""));
    assert_eq!(due_of(&mut bureau, resident).await.unwrap().state(), DueState::Settled);
    assert_eq!(reasons(&mut bureau).await, []);
    assert_eq!(bureau.balances().await, ["channel/bank 400.00", "contribution/personal -400.00"]);
    let [told] = &told_settled(&mut bureau).await[..] else { panic!("one settled") };
    assert_eq!(
        (told.pay_date, told.how()),
        (day("2025-11-12"), SettledHow::Payment),
        "by the day of the payment"
    );
    let again = report(&mut bureau, &[first]).await;
    let expected = LineOutcome { repeated_line: true, ..outcomes[0].clone() };
    assert_eq!(again, [expected], "a line that comes again is told what it was told first");
    bureau.stop().await;
}

#[tokio::test]
async fn money_that_names_a_later_number_is_posted_when_the_number_is_told() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let person = canbao_tests::Person::nth(7);
    let paid = StatementLine { resident: person.reference(), ..line(resident) };
    let outcomes = report(&mut bureau, &[paid]).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::UnknownResident);
    let key = {
        let secrets = canbao_host::Secrets::open(&canbao_tests::settings(bureau.data.path())).unwrap();
        let number = canbao_types::IdentityNumber::parse(&person.number).unwrap();
        secrets.suite_key.person_key(&canbao_types::Document::identity(number))
    };
    let told = registered(resident, StudentKind::None, "");
    bureau.registration_tells(&RegistrationChanged {
        registered: Some(ResidentRegistered { person_key: key.as_bytes().to_vec(), ..told }),
        changed_on: day("2025-12-01"),
    });
    assert_eq!(due_of(&mut bureau, resident).await.unwrap().state(), DueState::Settled);
    assert_eq!(reasons(&mut bureau).await, []);
    bureau.stop().await;
}

#[tokio::test]
async fn money_is_judged_again_by_whatever_is_told_of_the_resident() {
    let mut bureau = Bureau::start().await;
    let [aided, late] = std::array::from_fn(|_| bureau.register(StudentKind::None, ""));
    let difference = StatementLine { amount: money("80.00"), ..line(aided) };
    let in_march = StatementLine { amount: money("1100.00"), pay_date: day("2026-03-28"), ..line(late) };
    let outcomes = report(&mut bureau, &[difference, in_march]).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::WrongAmount);
    assert_eq!(outcomes[1].suspense_reason(), SuspenseReason::Rule);
    assert_eq!(outcomes[1].rule_reason, "assess-first");
    assert!(outcomes[1].citations.iter().any(|citation| citation.clause == "XY26-38"));

    bureau.subsidy_tells(&owed(aided, ("320.00", "80.00"), 1));
    assert_eq!(due_of(&mut bureau, aided).await.unwrap().state(), DueState::Settled);
    assert_eq!(reasons(&mut bureau).await, [SuspenseReason::Rule]);
    bureau.registration_tells(&assessed(late));
    assert_eq!(due_of(&mut bureau, late).await.unwrap().state(), DueState::Settled);
    assert_eq!(reasons(&mut bureau).await, []);
    bureau.stop().await;
}

#[tokio::test]
async fn the_reason_in_the_list_is_the_one_of_the_last_judgement_and_the_account_the_first() {
    let mut bureau = Bureau::start().await;
    let resident = ResidentId::new();
    let outcomes = report(&mut bureau, &[StatementLine { amount: money("80.00"), ..line(resident) }]).await;
    bureau.registration_tells(&registered(resident, StudentKind::None, ""));
    let [held] = &suspense(&mut bureau).await[..] else { panic!("one line") };
    assert_eq!((held.reason(), &held.payment_id), (SuspenseReason::WrongAmount, &outcomes[0].payment_id));
    assert_eq!(held.resident_id, resident.to_string());
    assert_eq!(bureau.balances().await, ["channel/bank 80.00", "suspense/unknown-resident -80.00"]);
    bureau.subsidy_tells(&owed(resident, ("320.00", "80.00"), 1));
    let balances = ["aid 320.00", "channel/bank 80.00", "contribution/personal -400.00"];
    assert_eq!(bureau.balances().await, balances);
    bureau.stop().await;
}

/// What stands in the books of somebody unknown whose money came first, and of whom the two departments tell then.
async fn books_when_told(
    aid_first: bool,
    amount: &str,
    aid: fn(ResidentId) -> ContributionOwed,
) -> [Vec<String>; 3] {
    let mut bureau = Bureau::start().await;
    let resident = ResidentId::new();
    report(&mut bureau, &[StatementLine { amount: money(amount), ..line(resident) }]).await;
    let (who, aid) = (registered(resident, StudentKind::None, ""), aid(resident));
    if aid_first {
        bureau.subsidy_tells(&aid);
        hear(&mut bureau).await;
        bureau.registration_tells(&who);
    } else {
        bureau.registration_tells(&who);
        hear(&mut bureau).await;
        bureau.subsidy_tells(&aid);
    }
    hear(&mut bureau).await;
    let data = bureau.stop().await;
    // Not by their entries, whose ids are as they happen to be.
    let postings = "SELECT account || ' ' || fen FROM posting ORDER BY account, fen";
    let settled =
        "SELECT how || ' ' || paid_fen || ' ' || aided_fen || ' ' || settled_day || ' ' || determination
                   FROM settled";
    let held = "SELECT CAST(reason AS TEXT) FROM suspended";
    [postings, settled, held].map(|sql| canbao_tests::texts(data.path(), "collection", sql))
}

fn partly(resident: ResidentId) -> ContributionOwed {
    owed(resident, ("320.00", "80.00"), 1)
}

fn wholly(resident: ResidentId) -> ContributionOwed {
    owes_nothing(resident, SettledBy::Confirmation)
}

#[tokio::test]
async fn whichever_is_told_first_the_money_is_posted_the_same_way() {
    type Aid = fn(ResidentId) -> ContributionOwed;
    let undecided = |resident| ContributionOwed { aided: None, owed: None, ..partly(resident) };
    let declared = |resident| owes_nothing(resident, SettledBy::Declaration);
    let posted: [(&str, Aid); 5] = [
        ("80.00", partly),
        ("400.00", partly),
        ("400.00", undecided),
        ("400.00", wholly),
        ("400.00", declared),
    ];
    for (amount, aid) in posted {
        let books = books_when_told(true, amount, aid).await;
        assert_eq!(books, books_when_told(false, amount, aid).await, "{amount}");
        assert!(books[0].len() >= 4, "in and out of suspense: {books:?}");
        assert_eq!(books[2], [""; 0], "{books:?}");
    }
    let books = books_when_told(true, "100.00", wholly).await;
    assert_eq!(books, books_when_told(false, "100.00", wholly).await);
    assert_eq!(books[2].len(), 1, "what is no amount of anybody's stays: {books:?}");
}

#[tokio::test]
async fn of_two_payments_in_suspense_the_earlier_is_posted_and_the_other_stays() {
    let mut bureau = Bureau::start().await;
    let resident = ResidentId::new();
    let later = StatementLine { pay_date: day("2025-11-20"), ..line(resident) };
    let outcomes = report(&mut bureau, &[later, line(resident)]).await;
    bureau.registration_tells(&registered(resident, StudentKind::None, ""));
    let [held] = &suspense(&mut bureau).await[..] else { panic!("one line") };
    assert_eq!((held.reason(), &held.payment_id), (SuspenseReason::AlreadySettled, &outcomes[0].payment_id));
    let [told] = &told_settled(&mut bureau).await[..] else { panic!("one settled") };
    assert_eq!(told.pay_date, day("2025-11-12"));
    bureau.stop().await;
}

#[tokio::test]
async fn money_that_has_still_to_arrive_waits_for_the_statement_after_that_day() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let ahead = StatementLine { arrive_date: day("2026-07-02"), ..line(resident) };
    let outcomes = report(&mut bureau, &[ahead]).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::DateInFuture);
    bureau.clock.advance_to("2026-07-02T09:00:00+08:00".parse().unwrap());
    report(&mut bureau, &[line(ResidentId::new())]).await;
    let [told] = &told_settled(&mut bureau).await[..] else { panic!("one settled") };
    assert_eq!((told.pay_date, told.arrive_date), (day("2025-11-12"), day("2026-07-02")));
    bureau.stop().await;
}

#[tokio::test]
async fn a_day_that_has_not_come_is_looked_at_again_by_the_next_statement() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    bureau.registration_tells(&assessed(resident));
    let ahead = StatementLine { amount: money("1100.00"), pay_date: day("2026-07-02"), ..line(resident) };
    let outcomes = report(&mut bureau, &[ahead]).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::DateInFuture);
    bureau.registration_tells(&registered(resident, StudentKind::None, ""));
    assert_eq!(reasons(&mut bureau).await, [SuspenseReason::DateInFuture], "no event makes a day come");
    bureau.clock.advance_to("2026-07-02T09:00:00+08:00".parse().unwrap());
    let another = bureau.register(StudentKind::None, "");
    report(&mut bureau, &[line(another)]).await;
    assert_eq!(reasons(&mut bureau).await, []);
    assert_eq!(due_of(&mut bureau, resident).await.unwrap().state(), DueState::Settled);
    bureau.stop().await;
}

#[tokio::test]
async fn money_that_came_before_a_registration_ended_is_posted_by_its_day() {
    let mut bureau = Bureau::start().await;
    let [before, after] = std::array::from_fn(|_| bureau.register(StudentKind::None, ""));
    for resident in [before, after] {
        bureau.registration_tells(&canbao_proto::registration::RegistrationEnded {
            resident_id: resident.as_bytes().to_vec(),
            cover_year: YEAR,
            ended_on: day("2025-11-15"),
            cause: canbao_proto::registration::EndCause::Deceased.into(),
        });
    }
    let lines = [line(before), StatementLine { pay_date: day("2025-11-15"), ..line(after) }];
    let outcomes = report(&mut bureau, &lines).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::Unspecified);
    assert_eq!(outcomes[1].suspense_reason(), SuspenseReason::UnknownResident);
    bureau.stop().await;
}

#[tokio::test]
async fn money_for_the_wrong_item_or_from_who_owes_nothing_is_held_back() {
    let mut bureau = Bureau::start().await;
    let [plain, nothing] = std::array::from_fn(|_| bureau.register(StudentKind::None, ""));
    bureau.subsidy_tells(&owes_nothing(nothing, SettledBy::Declaration));
    let item = StatementLine { payable_item: "特殊缴费".to_owned(), ..line(plain) };
    let outcomes = report(&mut bureau, &[item, line(nothing)]).await;
    assert_eq!(
        (outcomes[0].suspense_reason(), outcomes[0].rule_reason.as_str()),
        (SuspenseReason::Rule, "wrong-option")
    );
    assert_eq!(outcomes[1].suspense_reason(), SuspenseReason::WrongAmount);
    bureau.stop().await;
}

pub fn mistyped(number: &str) -> Option<ResidentReference> {
    let document = IdentityDocument { kind: DocumentKind::IdentityNumber.into(), number: number.to_owned() };
    Some(ResidentReference { reference: Some(Reference::Document(document)) })
}

#[tokio::test]
async fn a_mistyped_number_goes_into_suspense_and_does_not_touch_the_lines_beside_it() {
    let mut bureau = Bureau::start().await;
    let resident = bureau.register(StudentKind::None, "");
    let wrong = StatementLine { resident: mistyped("14119919800101011"), ..line(resident) };
    let outcomes = report(&mut bureau, &[wrong.clone(), line(resident)]).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::UnknownResident);
    assert_eq!(outcomes[1].suspense_reason(), SuspenseReason::Unspecified);
    let again = report(&mut bureau, std::slice::from_ref(&wrong)).await;
    assert_eq!(again, [LineOutcome { repeated_line: true, ..outcomes[0].clone() }]);
    let other = StatementLine { resident: mistyped("14119919800101012"), ..wrong };
    assert!(report(&mut bureau, &[other]).await[0].other_content);
    let data = bureau.stop().await;
    let named = "SELECT hex(named) FROM payment";
    let named = canbao_tests::texts(data.path(), "collection", named);
    assert!(named.len() == 2 && named.iter().all(|named| named.len() == 32), "{named:?}");
}
