//! What a notice may ask of a person beside what those of the cities do: the sex, insured parents, arrears that are known, the
//! day of the registration, months in the employee scheme, the day of death; and a wait of days.

use canbao_proto::common::{Citation, DocumentKind, IdentityDocument};

use super::*;

/// The trial notice that asks.
const NOTICE: &str = include_str!("141196-2026.toml");

/// A woman's sequence number, and a man's.
const WOMAN: u32 = 2;
const MAN: u32 = 3;

impl City {
    async fn trial() -> Self {
        Self::governed("141196", 2026, NOTICE).await
    }

    /// Somebody born on a day, of the sex that the sequence number says, of whom it is known that nothing is owed.
    fn resident(&self, birth: &str, sequence: u32) -> Person {
        let mut person = Person::born(birth, sequence);
        person.circumstances = Circumstances {
            known_arrears: money("0.00"),
            employee_months: Some(0),
            ..Circumstances::default()
        };
        person
    }

    /// Registers somebody by a birth certificate, which states no sex.
    async fn register_by_certificate(
        &mut self,
        (number, birth, on): (&str, &str, &str),
        circumstances: Circumstances,
    ) -> Result<String, Status> {
        let asked = RegisterResidentRequest {
            document: Some(IdentityDocument {
                kind: DocumentKind::BirthCertificate.into(),
                number: number.to_owned(),
            }),
            birth_date: day(birth),
            circumstances: Some(circumstances),
            ..self.registration(&Person::nth(1), on)
        };
        Ok(self.running.player.register(asked).await?.resident_id)
    }

    async fn due_of(&mut self, id: &str) -> Result<ContributionDue, Status> {
        let asked = GetContributionDueRequest {
            resident: reference(id),
            division: self.division.to_owned(),
            cover_year: self.year,
            ..GetContributionDueRequest::default()
        };
        Ok(self.running.player.due(asked).await?.contribution.unwrap())
    }

    pub(super) async fn end(&mut self, id: &str, on: &str, cause: EndCause) {
        let asked = EndRegistrationRequest {
            request_id: RequestId::new().to_string(),
            resident: reference(id),
            division: self.division.to_owned(),
            cover_year: self.year,
            ended_on: day(on),
            cause: cause.into(),
            ..EndRegistrationRequest::default()
        };
        self.running.player.end_registration(asked).await.unwrap();
    }
}

fn cited(citations: &[Citation], clause: &str) -> bool {
    citations.iter().any(|citation| citation.clause == clause)
}

#[tokio::test]
async fn a_newborn_is_free_where_a_parent_is_insured_and_pays_where_none_is() {
    let mut city = City::trial().await;
    let newborn = |parent_insured| Circumstances {
        parent_insured,
        employee_months: Some(0),
        ..Circumstances::default()
    };
    let mut ids = Vec::new();
    for (number, insured) in [("Z140000001", Some(true)), ("Z140000002", Some(false)), ("Z140000003", None)] {
        let born = (number, "2026-03-05", "2026-04-01");
        ids.push(city.register_by_certificate(born, newborn(insured)).await.unwrap());
    }
    let free = city.due_of(&ids[0]).await.unwrap();
    assert_eq!((yuan(&free.due), parts(&free)), ("0.00", vec!["personal 0.00".to_owned()]));
    let period = city.period(&ids[0], "2026-06-01").await;
    assert_eq!((period.free, text(period.from)), (true, "2026-03-05".to_owned()));

    let paying = city.due_of(&ids[1]).await.unwrap();
    assert_eq!((yuan(&paying.due), parts(&paying)), ("200.00", vec!["personal 200.00".to_owned()]));
    let told = refused(city.due_of(&ids[2]).await, "NEEDS_FACT");
    assert_eq!(told.metadata["fact"], "parent_insured", "what was not given is asked for");
    city.close().await;
}

#[tokio::test]
async fn women_of_fifty_and_men_of_sixty_pay_the_price_of_the_old_by_their_identity_numbers() {
    let mut city = City::trial().await;
    for (birth, sequence, price) in [
        ("19760101", WOMAN, "300.00"),
        ("19760102", WOMAN, "400.00"),
        ("19760101", MAN, "400.00"),
        ("19660101", MAN, "300.00"),
        ("19660102", MAN, "400.00"),
    ] {
        let person = city.resident(birth, sequence);
        city.register(&person, "2025-10-08").await;
        assert_eq!(yuan(&city.due(&person, "").await.unwrap().due), price, "{birth} {sequence}");
    }
    city.close().await;
}

#[tokio::test]
async fn a_sex_that_is_not_the_numbers_is_refused_by_its_field() {
    let mut city = City::trial().await;
    let mut woman = city.resident("19760101", WOMAN);
    woman.circumstances.set_sex(Sex::Male);
    let asked = city.registration(&woman, "2025-10-08");
    let wrong = "circumstances.sex: is not the one in the number";
    assert!(malformed(city.running.player.register(asked).await).contains(wrong));
    woman.circumstances.set_sex(Sex::Female);
    city.register(&woman, "2025-10-08").await;

    let moved = |sex: Sex| MoveRegistrationRequest {
        request_id: RequestId::new().to_string(),
        resident: woman.reference(),
        division: "141196".to_owned(),
        cover_year: 2026,
        moved_on: day("2025-10-09"),
        circumstances: Some(Circumstances { sex: sex.into(), ..Circumstances::default() }),
        ..MoveRegistrationRequest::default()
    };
    assert!(malformed(city.running.player.move_registration(moved(Sex::Male)).await).contains(wrong));
    refused(city.running.player.move_registration(moved(Sex::Female)).await, "NOTHING_TO_MOVE");
    city.close().await;
}

#[tokio::test]
async fn without_a_number_the_sex_is_the_one_that_is_given_until_a_number_says_it() {
    let mut city = City::trial().await;
    let known =
        |sex: Sex| Circumstances { sex: sex.into(), ..city.resident("19760101", WOMAN).circumstances };
    let (woman, man, nobody) = (known(Sex::Female), known(Sex::Male), known(Sex::Unspecified));
    let born = |number| (number, "1976-01-01", "2025-10-08");
    let woman = city.register_by_certificate(born("Z140000004"), woman).await.unwrap();
    assert_eq!(yuan(&city.due_of(&woman).await.unwrap().due), "300.00");
    let told = refused(city.register_by_certificate(born("Z140000005"), nobody).await, "NEEDS_FACT");
    assert_eq!(told.metadata["fact"], "sex", "the class turns on it");
    let misread = city.register_by_certificate(born("Z140000006"), man).await.unwrap();
    assert_eq!(yuan(&city.due_of(&misread).await.unwrap().due), "400.00");

    let number = city.resident("19760101", 4);
    let asked = ChangeDocumentRequest {
        request_id: RequestId::new().to_string(),
        resident: reference(&misread),
        document: Some(number.document()),
        name: number.name,
        changed_on: day("2025-10-09"),
        ..ChangeDocumentRequest::default()
    };
    city.running.player.change_document(asked).await.unwrap();
    assert_eq!(yuan(&city.due_of(&misread).await.unwrap().due), "300.00", "the number is a woman's");
    city.close().await;
}

#[tokio::test]
async fn an_arrear_that_is_known_is_due_along_and_nothing_is_due_while_it_is_not_known() {
    let mut city = City::trial().await;
    let mut debtor = city.resident("19900101", WOMAN);
    debtor.circumstances.known_arrears = money("130.50");
    city.register(&debtor, "2025-10-08").await;
    let due = city.due(&debtor, "").await.unwrap();
    assert_eq!(
        (yuan(&due.due), parts(&due)),
        ("530.50", vec!["personal 400.00".to_owned(), "arrears 130.50".to_owned()])
    );
    assert!(cited(&due.parts[1].citations, "TF26-10"));
    city.pay(city.payment(&debtor, "530.50", "2025-10-09")).await.unwrap();
    let balances = ["channel/wechat 530.50", "contribution/arrears -130.50", "contribution/personal -400.00"];
    assert_eq!(city.balances().await, balances);

    let mut other = city.resident("19900101", MAN);
    other.circumstances.known_arrears = None;
    city.register(&other, "2025-10-08").await;
    assert_eq!(refused(city.due(&other, "").await, "NEEDS_FACT").metadata["fact"], "arrears");
    for (wrong, what) in [("-1.00", "known_arrears.yuan: is less than zero"), ("much", "known_arrears.yuan")]
    {
        let mut wronged = city.resident("19900101", 5);
        wronged.circumstances.known_arrears = money(wrong);
        let asked = city.registration(&wronged, "2025-10-08");
        assert!(malformed(city.running.player.register(asked).await).contains(what), "{wrong}");
    }
    city.close().await;
}

#[tokio::test]
async fn a_wait_of_days_is_told_with_its_days() {
    let mut city = City::trial().await;
    let late = city.resident("19900101", WOMAN);
    let id = city.register(&late, "2026-01-01").await;
    let outlook = city.quote(city.question(&late, "2026-02-10")).await.unwrap().outlook.unwrap();
    let told = (outlook.wait_months, outlook.wait_days, text(outlook.from));
    assert_eq!(told, (0, 90, "2026-05-11".to_owned()));
    city.pay(city.payment(&late, "400.00", "2026-02-10")).await.unwrap();

    let period = city.period(&id, "2026-05-10").await;
    assert_eq!((period.wait_months, period.wait_days, text(period.from)), (0, 90, "2026-05-11".to_owned()));
    assert_eq!(period.lines[0].state(), CoverageState::Waiting);
    assert!(period.lines[0].reason.contains("待遇等待期90天"), "{}", period.lines[0].reason);
    let wait = period.wait.unwrap();
    assert_eq!((wait.fixed_months, wait.fixed_days), (0, 90));
    let steps: Vec<_> = wait.lines.iter().map(|line| (line.part(), line.months, line.days)).collect();
    assert_eq!(steps, [(WaitPart::Fixed, 0, 90)]);

    let asked = GetBenefitCountsRequest {
        division: city.division.to_owned(),
        cover_year: city.year,
        on: day("2026-05-10"),
        ..GetBenefitCountsRequest::default()
    };
    let counts = city.running.player.benefit_counts(asked).await.unwrap();
    let waits: Vec<_> =
        counts.waits.iter().map(|wait| (wait.wait_months, wait.wait_days, wait.residents)).collect();
    assert_eq!(waits, [(0, 90, 1)]);
    city.close().await;
}

#[tokio::test]
async fn who_registered_in_time_or_was_long_in_the_employee_scheme_does_not_wait() {
    let mut city = City::trial().await;
    let in_time = city.resident("19900101", WOMAN);
    let mut long = city.resident("19900101", MAN);
    long.circumstances.employee_months = Some(24);
    let mut short = city.resident("19900101", 5);
    short.circumstances.employee_months = Some(23);
    for (person, registered, wait_days) in
        [(&in_time, "2025-12-31", 0), (&long, "2026-01-01", 0), (&short, "2026-01-01", 90)]
    {
        let id = city.register(person, registered).await;
        let outlook = city.quote(city.question(person, "2026-02-10")).await.unwrap().outlook.unwrap();
        assert_eq!(outlook.wait_days, wait_days, "{registered}");
        city.pay(city.payment(person, "400.00", "2026-02-10")).await.unwrap();
        assert_eq!(city.period(&id, "2026-06-01").await.wait_days, wait_days, "{registered}");
    }
    let mut ancient = city.resident("19900101", 7);
    ancient.circumstances.employee_months = Some(721);
    let asked = city.registration(&ancient, "2026-01-01");
    let wrong = malformed(city.running.player.register(asked).await);
    assert!(wrong.contains("circumstances.employee_months: are more than 720"), "{wrong}");
    city.close().await;
}

#[tokio::test]
async fn aid_may_turn_on_the_day_of_the_registration() {
    let mut city = City::trial().await;
    for (sequence, registered, aided) in [(WOMAN, "2025-12-31", "150.00"), (MAN, "2026-01-01", "0.00")] {
        let person = city.resident("19900101", sequence);
        city.register(&person, registered).await;
        city.list(("civil-affairs", "低保对象"), aid::line(&person)).await;
        assert_eq!(yuan(&city.aid(&person).await.aided), aided, "{registered}");
    }
    city.close().await;
}

#[tokio::test]
async fn benefits_end_with_death_by_the_clause_that_says_so_and_with_another_end_without_it() {
    let mut city = City::trial().await;
    for (sequence, cause, by_the_clause) in
        [(WOMAN, EndCause::Deceased, true), (MAN, EndCause::Withdrawn, false)]
    {
        let person = city.resident("19900101", sequence);
        let id = city.register(&person, "2025-10-08").await;
        city.pay(city.payment(&person, "400.00", "2025-10-09")).await.unwrap();
        let before = city.period(&id, "2026-05-01").await;
        assert_eq!((text(before.to), cited(&before.citations, "TF26-15")), ("2026-12-31".to_owned(), false));
        city.end(&id, "2026-05-10", cause).await;
        let after = city.period(&id, "2026-05-01").await;
        assert_eq!(text(after.to), "2026-05-10");
        assert_eq!(cited(&after.citations, "TF26-15"), by_the_clause, "{cause:?}");
    }
    city.close().await;
}
