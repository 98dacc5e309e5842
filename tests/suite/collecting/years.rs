//! Several coverage years at once, at a price that later changes do not touch.

use super::*;

const NEXT_YEAR: &str = include_str!("141181-2027.toml");

async fn bureau() -> Bureau {
    Bureau::start_with(&[("141181-2027.toml", NEXT_YEAR.to_owned())]).await
}

fn next_year(resident: ResidentId) -> ResidentRegistered {
    let told = registered(resident, StudentKind::College, "");
    ResidentRegistered { cover_year: YEAR + 1, registered_on: day("2026-06-20"), ..told }
}

#[tokio::test]
async fn a_student_pays_for_the_programme_and_the_later_year_is_settled_at_the_price_of_the_payment() {
    let mut bureau = bureau().await;
    let (student, other) = (bureau.register(StudentKind::College, ""), ResidentId::new());
    let asked = PayContributionRequest { amount: money("1600.00"), years: 4, ..payment(&bureau, student) };
    let paid = send(&mut bureau, asked).await.unwrap();
    let contribution = paid.contribution.unwrap();
    assert_eq!((yuan(&contribution.due), contribution.years), ("1600.00", 4));
    let prepaid = [
        "channel/wechat 1600.00",
        "contribution/personal -400.00",
        "prepaid/2027 -400.00",
        "prepaid/2028 -400.00",
        "prepaid/2029 -400.00",
    ];
    assert_eq!(bureau.balances().await, prepaid);
    let due = due_of(&mut bureau, student).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due), due.years), (DueState::Settled, "400.00", 1));

    bureau.registration_tells(&next_year(student));
    bureau.registration_tells(&next_year(other));
    let due = due_for(&mut bureau, other, YEAR + 1).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due)), (DueState::Payable, "420.00"), "the price has risen");
    let due = due_for(&mut bureau, student, YEAR + 1).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due)), (DueState::Settled, "400.00"));
    let told = told_settled(&mut bureau).await;
    let years: Vec<_> = told.iter().map(|told| (told.cover_year, told.how(), yuan(&told.paid))).collect();
    let expected = [(YEAR, SettledHow::Payment, "400.00"), (YEAR + 1, SettledHow::Prepayment, "400.00")];
    assert_eq!(years, expected);
    assert_eq!(told[0].payment_id, told[1].payment_id);
    bureau.registration_tells(&next_year(student));
    assert_eq!(told_settled(&mut bureau).await.len(), 2, "and only once");
    bureau.stop().await;
}

#[tokio::test]
async fn a_later_year_that_is_registered_already_is_settled_with_the_payment() {
    let mut bureau = bureau().await;
    let student = bureau.register(StudentKind::College, "");
    bureau.registration_tells(&next_year(student));
    let asked = two_years(&bureau, student);
    send(&mut bureau, asked).await.unwrap();
    let due = due_for(&mut bureau, student, YEAR + 1).await.unwrap();
    assert_eq!((due.state(), yuan(&due.due)), (DueState::Settled, "400.00"));
    assert_eq!(told_settled(&mut bureau).await.len(), 2);
    bureau.stop().await;
}

#[tokio::test]
async fn a_later_year_that_is_paid_for_is_not_paid_for_again_with_an_earlier_one() {
    let mut bureau = bureau().await;
    let student = bureau.register(StudentKind::College, "");
    bureau.registration_tells(&next_year(student));
    bureau.clock.advance_to("2026-11-03T09:00:00+08:00".parse().unwrap());
    let later = PayContributionRequest {
        cover_year: YEAR + 1,
        amount: money("420.00"),
        pay_date: day("2026-11-03"),
        ..payment(&bureau, student)
    };
    send(&mut bureau, later).await.unwrap();
    let asked = two_years(&bureau, student);
    assert_eq!(refused(send(&mut bureau, asked).await).0, "ALREADY_SETTLED");
    let reported = StatementLine { amount: money("800.00"), years: 2, ..line(student) };
    let outcomes = report(&mut bureau, &[reported]).await;
    assert_eq!(outcomes[0].suspense_reason(), SuspenseReason::AlreadySettled);
    let one_year = payment(&bureau, student);
    send(&mut bureau, one_year).await.unwrap();
    bureau.stop().await;
}

fn two_years(bureau: &Bureau, resident: ResidentId) -> PayContributionRequest {
    PayContributionRequest { amount: money("800.00"), years: 2, ..payment(bureau, resident) }
}

#[tokio::test]
async fn of_several_years_a_person_decides_for_whoever_is_aided_or_no_student_of_a_college() {
    let mut bureau = bureau().await;
    let (aided, adult) = (bureau.register(StudentKind::College, ""), bureau.register(StudentKind::None, ""));
    bureau.subsidy_tells(&owed(aided, ("320.00", "80.00"), 1));
    for resident in [aided, adult] {
        let asked =
            PayContributionRequest { amount: money("800.00"), years: 2, ..payment(&bureau, resident) };
        assert_eq!(refused(send(&mut bureau, asked).await).0, "PERSON_MUST_DECIDE");
    }
    let longer = bureau.register(StudentKind::College, "");
    let asked = PayContributionRequest { amount: money("2000.00"), years: 5, ..payment(&bureau, longer) };
    assert_eq!(refused(send(&mut bureau, asked).await).0, "PERSON_MUST_DECIDE", "longer than the programme");
    let asked = PayContributionRequest { amount: money("3600.00"), years: 9, ..payment(&bureau, longer) };
    let status = send(&mut bureau, asked).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    bureau.stop().await;
}
