//! What registration refuses.

use canbao::request;
use canbao_proto::registration::{
    AssessLatePaymentRequest, ChangeDocumentRequest, Cover, CoverLine, EmployeeScheme, EndCause,
    EndRegistrationRequest, GetResidentRequest, MoveRegistrationRequest, RecordCoverRequest,
    RegisterResidentRequest, Scheme, StudentKind,
};
use canbao_tests::{DIVISION, Person, YEAR, day, reference};
use canbao_types::{RequestId, ResidentId};
use tonic::Code;

use super::{
    super::{Asked, ELSEWHERE, yuan},
    Reached,
};

pub async fn refusals(asked: &mut Asked) -> Reached {
    let mut reached = Reached::default();
    registering(asked, &mut reached).await;
    changing(asked, &mut reached).await;
    recording(asked, &mut reached).await;
    assessing(asked, &mut reached).await;
    reached
}

/// Registering, and looking somebody up.
async fn registering(asked: &mut Asked, reached: &mut Reached) {
    let known = asked.registered().await;
    let nobody = asked.person();

    let elsewhere = RegisterResidentRequest { division: "110101".to_owned(), ..asked.registration(&nobody) };
    let told = reached.by_state(asked.register(elsewhere).await, Code::FailedPrecondition, "NO_NOTICE");
    assert_eq!(
        (told.metadata["division"].as_str(), told.metadata["cover_year"].as_str()),
        ("110101", "2026")
    );

    let early = RegisterResidentRequest { registered_on: day("2026-07-01"), ..asked.registration(&nobody) };
    let told = reached.by_state(asked.register(early).await, Code::FailedPrecondition, "DATE_IN_FUTURE");
    assert_eq!(told.metadata["date"], "2026-07-01");

    let renamed = RegisterResidentRequest { name: "乙某".to_owned(), ..asked.registration(&known) };
    reached.by_state(asked.register(renamed).await, Code::FailedPrecondition, "NAME_DIFFERS");

    let again = asked.registration(&known);
    reached.by_state(asked.register(again).await, Code::FailedPrecondition, "ALREADY_REGISTERED");

    let mut employee = asked.person();
    employee.circumstances.set_employee_scheme(EmployeeScheme::Enrolled);
    let told =
        reached.by_rule(asked.register(asked.registration(&employee)).await, "IN_EMPLOYEE_SCHEME", "XY26-02");
    assert!(told.message.contains("职工医保"), "{}", told.message);

    let insured_here = asked.registered().await;
    let elsewhere =
        RegisterResidentRequest { division: ELSEWHERE.to_owned(), ..asked.registration(&insured_here) };
    let told =
        reached.by_state(asked.register(elsewhere).await, Code::FailedPrecondition, "REGISTERED_ELSEWHERE");
    assert_eq!(told.metadata["division"], DIVISION);

    for resident in [nobody.reference(), reference(&ResidentId::new().to_string())] {
        let ask = GetResidentRequest { resident, ..Default::default() };
        reached.by_state(
            asked.running.player.resident(ask).await,
            Code::FailedPrecondition,
            "UNKNOWN_RESIDENT",
        );
    }
}

/// Lists, moves, ends and documents.
async fn changing(asked: &mut Asked, reached: &mut Reached) {
    const NO: Code = Code::FailedPrecondition;
    let bureau = "medical-insurance";
    let (known, other) = (asked.registered().await, asked.registered().await);
    let insured = asked.registered().await;
    let payment = asked.payment(&insured);
    // By the player, which remembers the position: registration must have heard of it.
    asked.running.player.pay(payment).await.unwrap();
    let nobody = asked.person();

    let lines = RecordCoverRequest {
        request_id: RequestId::new().to_string(),
        division: DIVISION.to_owned(),
        recorded_on: day("2025-11-03"),
        lines: vec![Default::default()],
        declared_count: 2,
        ..Default::default()
    };
    let outcome = asked.registration.record_cover(request(bureau, lines)).await;
    let told = reached.by_state(outcome, NO, "COUNT_DIFFERS");
    assert_eq!((told.metadata["declared"].as_str(), told.metadata["received"].as_str()), ("2", "1"));

    let outcome = asked.registration.register_resident(request("school", asked.registration(&nobody))).await;
    reached.by_state(outcome, NO, "NOT_A_STUDENT");

    for (person, reason) in [(&known, "NOTHING_TO_MOVE"), (&insured, "ALREADY_INSURED")] {
        // Who is insured here moves from here to elsewhere, and whoever is registered here has nothing to move here.
        let division = if reason == "NOTHING_TO_MOVE" { DIVISION } else { ELSEWHERE };
        let moving = MoveRegistrationRequest {
            request_id: RequestId::new().to_string(),
            after: asked.running.player.told(),
            resident: person.reference(),
            division: division.to_owned(),
            cover_year: YEAR,
            moved_on: day("2025-11-20"),
            ..Default::default()
        };
        let outcome = asked.registration.move_registration(request(bureau, moving)).await;
        reached.by_state(outcome, NO, reason);
    }

    let ending = EndRegistrationRequest {
        request_id: RequestId::new().to_string(),
        resident: known.reference(),
        division: ELSEWHERE.to_owned(),
        cover_year: YEAR,
        ended_on: day("2025-11-20"),
        cause: EndCause::Withdrawn.into(),
        ..Default::default()
    };
    let outcome = asked.registration.end_registration(request(bureau, ending)).await;
    reached.by_state(outcome, NO, "NOT_REGISTERED");

    let document = ChangeDocumentRequest {
        request_id: RequestId::new().to_string(),
        resident: known.reference(),
        document: Some(other.document()),
        name: known.name.clone(),
        changed_on: day("2025-11-20"),
        ..Default::default()
    };
    let outcome = asked.registration.change_document(request(bureau, document)).await;
    reached.by_state(outcome, NO, "DOCUMENT_TAKEN");
}

/// An older list of cover.
async fn recording(asked: &mut Asked, reached: &mut Reached) {
    let nobody = asked.person();
    // Of one person a line that begins on the same day, recorded on the day before with another end.
    for (on, to, reason) in [("2025-11-03", None, ""), ("2025-11-02", day("2025-11-01"), "NEWER_COVER")] {
        let scheme = Scheme::Employee.into();
        let cover = Cover { scheme, from: day("2025-03-01"), to, departure: String::new() };
        let line = CoverLine { document: nobody.document().into(), cover: Some(cover) };
        let lines = RecordCoverRequest {
            request_id: RequestId::new().to_string(),
            division: DIVISION.to_owned(),
            recorded_on: day(on),
            lines: vec![line],
            declared_count: 1,
            ..Default::default()
        };
        let answer =
            asked.registration.record_cover(request("medical-insurance", lines)).await.unwrap().into_inner();
        let told = &answer.outcomes[0].reason;
        assert_eq!(told, reason);
        reached.0.extend((!told.is_empty()).then(|| told.clone()));
    }
}

/// Late payment.
async fn assessing(asked: &mut Asked, reached: &mut Reached) {
    const NO: Code = Code::FailedPrecondition;
    let known = asked.registered().await;
    let mut student = asked.person();
    student.circumstances.set_student(StudentKind::College);
    asked.admit(&student, ELSEWHERE).await;
    let assess = |person: &Person, division: &str, on| AssessLatePaymentRequest {
        request_id: RequestId::new().to_string(),
        resident: person.reference(),
        division: division.to_owned(),
        cover_year: YEAR,
        assessed_on: day(on),
        ..Default::default()
    };
    let decided = AssessLatePaymentRequest {
        decided_amount: yuan("400.00"),
        because: "按规定核定".to_owned(),
        ..assess(&known, DIVISION, "2026-03-05")
    };
    let mut ask =
        async |message| asked.registration.assess_late_payment(request("medical-insurance", message)).await;
    reached.by_state(ask(assess(&known, DIVISION, "2025-11-20")).await, NO, "NOT_LATE");
    reached.by_state(ask(decided).await, NO, "AMOUNT_STATED");
    reached.by_rule(ask(assess(&student, ELSEWHERE, "2026-06-15")).await, "AMOUNT_NEEDED", "TS26-03");
}
