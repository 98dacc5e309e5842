//! Whatever is sent: every wrong field is named, nothing personal comes back, and nothing breaks.

use std::sync::Arc;

use canbao::request;
use canbao_proto::{
    collection::{
        PayContributionRequest, ReportPaymentsRequest, StatementLine,
        collection_service_client::CollectionServiceClient,
    },
    common::{
        DocumentKind, IdentityDocument, LogPosition, Money, ResidentReference, resident_reference::Reference,
    },
    google,
    registration::{
        Circumstances, Papers, RegisterResidentRequest, circumstances::History,
        registration_service_client::RegistrationServiceClient,
    },
    rules::RULES,
};
use canbao_tests::{Person, Raw, Running, YEAR, day, good_request};
use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use tokio::{sync::Semaphore, task::JoinSet};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The fields a status names as wrong, in its order.
fn named(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert!(status.details().len() < 4_096, "{} bytes of details", status.details().len());
    assert!(status.message().len() < 4_096, "{} bytes of message", status.message().len());
    let wrong = status.get_details_bad_request().expect("the wrong fields").field_violations;
    assert!(!wrong.is_empty() && wrong.len() <= 20, "{} fields", wrong.len());
    assert!(wrong.iter().all(|wrong| !wrong.description.is_empty()), "{wrong:?}");
    wrong.into_iter().map(|wrong| wrong.field).collect()
}

fn number(text: &str) -> IdentityDocument {
    IdentityDocument { kind: DocumentKind::IdentityNumber.into(), number: text.to_owned() }
}

fn resident(document: IdentityDocument) -> Option<ResidentReference> {
    Some(ResidentReference { reference: Some(Reference::Document(document)) })
}

#[tokio::test]
async fn every_wrong_field_of_a_registration_is_named_at_once() {
    let running = Running::start().await;
    let mut client = RegistrationServiceClient::new(running.channel("registration").await);
    let circumstances = Circumstances {
        hukou_division: Some("孝义".to_owned()),
        employee_scheme: 99,
        student: -1,
        history: Some(History::NeverCovered(false)),
        unemployment: 4,
        house_division: Some("营口".to_owned()),
        school_division: Some("nowhere".to_owned()),
        papers: Some(Papers { shown: vec![String::new()] }),
        school_registered_on: Some(google::Date { year: 2025, month: 9, day: 31 }),
        sex: 3,
        employee_months: Some(721),
        known_arrears: Some(Money { yuan: "-0.01".to_owned() }),
        ..Circumstances::default()
    };
    let wrong = RegisterResidentRequest {
        request_id: "1".to_owned(),
        after: vec![LogPosition { log: "tax".to_owned(), position: 1 }],
        division: "14118".to_owned(),
        cover_year: 26,
        document: Some(number("141199198001010118")),
        name: String::new(),
        birth_date: None,
        registered_on: Some(google::Date { year: 2025, month: 2, day: 29 }),
        circumstances: Some(circumstances.clone()),
        township: "1411810".to_owned(),
    };
    let status = client.register_resident(request("medical-insurance", wrong)).await.unwrap_err();
    let fields =
        ["request_id", "after[0].log", "division", "cover_year", "registered_on", "document.number", "name"];
    assert_eq!(named(&status)[..7], fields);
    let person = Person::born("19800101", 1);
    let wrong = RegisterResidentRequest {
        circumstances: Some(circumstances),
        birth_date: day("1980-01-02"),
        ..person.registration("2025-11-03")
    };
    let status = client.register_resident(request("medical-insurance", wrong)).await.unwrap_err();
    let fields = [
        "hukou_division",
        "house_division",
        "school_division",
        "employee_scheme",
        "student",
        "never_covered",
        "unemployment",
        "papers.shown[0]",
        "school_registered_on",
        "sex",
        "employee_months",
        "known_arrears.yuan",
    ];
    let fields = fields.map(|field| format!("circumstances.{field}"));
    let all: Vec<_> = ["birth_date".to_owned()].into_iter().chain(fields).collect();
    assert_eq!(named(&status), all);
    running.stop().await;
}

#[tokio::test]
async fn a_request_that_says_nothing_is_told_of_everything_it_must_say() {
    let running = Running::start().await;
    let mut registration = RegistrationServiceClient::new(running.channel("registration").await);
    let mut collection = CollectionServiceClient::new(running.channel("collection").await);
    let empty = request("medical-insurance", RegisterResidentRequest::default());
    let status = registration.register_resident(empty).await.unwrap_err();
    assert_eq!(named(&status), ["request_id", "division", "cover_year", "registered_on", "document", "name"]);
    let empty = request("tax", PayContributionRequest::default());
    let status = collection.pay_contribution(empty).await.unwrap_err();
    let fields = ["request_id", "resident", "division", "cover_year", "channel", "channel_transaction_id"];
    assert_eq!(named(&status), [&fields[..], &["amount", "pay_date"]].concat());
    let empty = request("tax", ReportPaymentsRequest::default());
    let status = collection.report_payments(empty).await.unwrap_err();
    assert_eq!(named(&status), ["request_id", "division", "channel", "declared_total", "lines"]);
    let empty =
        request("tax", ReportPaymentsRequest { lines: vec![StatementLine::default()], ..Default::default() });
    let status = collection.report_payments(empty).await.unwrap_err();
    let line = ["channel_transaction_id", "resident", "cover_year", "amount", "pay_date"];
    assert_eq!(named(&status)[4..], line.map(|field| format!("lines[0].{field}")));
    running.stop().await;
}

#[tokio::test]
async fn twenty_wrong_fields_are_named_and_all_are_counted() {
    let running = Running::start().await;
    let mut client = CollectionServiceClient::new(running.channel("collection").await);
    // As long as a wrong field can be: four bytes a character, at the end of a long statement.
    let long = "𠀀".repeat(40);
    let line = StatementLine {
        channel_transaction_id: long.clone(),
        resident: resident(number(&long)),
        cover_year: i32::MIN,
        amount: Some(Money { yuan: long.clone() }),
        pay_date: Some(google::Date { year: i32::MAX, month: i32::MIN, day: 0 }),
        ..StatementLine::default()
    };
    let good = StatementLine {
        channel_transaction_id: "1".to_owned(),
        resident: Person::born("19800101", 1).reference(),
        cover_year: YEAR,
        amount: Some(Money { yuan: "400.00".to_owned() }),
        pay_date: day("2025-11-10"),
        ..StatementLine::default()
    };
    let lines = [vec![good; 990], vec![line; 10]].concat();
    let wrong = ReportPaymentsRequest {
        request_id: long.clone(),
        after: vec![LogPosition { log: long.clone(), position: 1 }; 4],
        division: long.clone(),
        channel: long.clone(),
        declared_total: Some(Money { yuan: long }),
        lines,
    };
    let status = client.report_payments(request("tax", wrong)).await.unwrap_err();
    let fields = named(&status);
    assert_eq!(fields.len(), 20);
    assert_eq!(fields[19], "lines[992].pay_date");
    assert!(
        status.message().contains("48 in all"),
        "8 fields of the whole and 4 of each of 10 lines: {}",
        status.message()
    );
    running.stop().await;
}

#[tokio::test]
async fn a_wrong_number_or_name_does_not_come_back() {
    let running = Running::start().await;
    let mut client = RegistrationServiceClient::new(running.channel("registration").await);
    let good = Person::born("19800101", 11);
    let long = "甲".repeat(51);
    for (document, name) in [
        (number("141199198001010118"), good.name.as_str()),
        (number("14119919800101011"), good.name.as_str()),
        (number("141199198013010119"), good.name.as_str()),
        (good.document(), long.as_str()),
        (good.document(), "甲\u{0}机密"),
    ] {
        let sent = document.number.clone();
        let document = Some(document);
        let wrong =
            RegisterResidentRequest { document, name: name.to_owned(), ..good.registration("2025-11-03") };
        let status = client.register_resident(request("medical-insurance", wrong)).await.unwrap_err();
        let fields = named(&status);
        assert!(fields == ["document.number"] || fields == ["name"], "{fields:?}");
        let told = format!("{} {}", status.message(), String::from_utf8_lossy(status.details()));
        assert!(!told.contains(&sent[6..]) && !told.contains('甲') && !told.contains("机密"), "{told}");
    }
    running.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_message_are_told_so_and_break_nothing() {
    let mut running = Running::start().await;
    let person = Person::born("19800101", 1);
    for rule in RULES {
        let (caller, good) = good_request(rule, &person);
        let body = good.encode_to_vec();
        let raw = Raw::new(running.channel(department(rule.path)).await);
        let no_text = [0x0a, 0x02, 0xc3, 0x28].to_vec();
        let no_varint = [0x08; 1].into_iter().chain([0xff; 11]).collect();
        for broken in [body[..body.len() - 1].to_vec(), no_text, no_varint, vec![0x00], vec![0xff; 64]] {
            let status = raw.call(rule.path, Some(caller), broken.clone()).await.unwrap_err();
            // The code that gRPC itself lays down for a message that cannot be parsed.
            let told = (status.code(), status.message().starts_with("failed to decode Protobuf message"));
            assert!(
                told == (Code::Internal, true) || status.code() == Code::InvalidArgument,
                "{} {broken:?}: {status:?}",
                rule.path
            );
            assert!(!status.message().contains(&person.number[6..14]), "{status:?}");
        }
    }
    running.player.register(person.registration("2025-11-03")).await.unwrap();
    running.stop().await;
}

/// The department that serves an RPC; any one serves its log.
fn department(path: &str) -> &str {
    match path.trim_start_matches("/canbao.").split('.').next().unwrap() {
        "exchange" => "registration",
        department => department,
    }
}

/// Values no sensible caller sends for a field.
fn nonsense(field: &FieldDescriptor) -> Vec<Value> {
    let texts = [
        "",
        " ",
        "\0",
        "-1",
        "0",
        "000000",
        "999999",
        "1e9",
        "NaN",
        "٤٠٠",
        "400.001",
        "+400",
        "99999999999999999999.99",
        "00000000-0000-0000-0000-000000000000",
        "'; DROP TABLE payment; --",
        "../../etc/passwd",
        "\u{202e}甲\u{feff}",
    ];
    match field.kind() {
        Kind::String => {
            let long = ["x".repeat(5_000), "𠀀".repeat(3_000)];
            texts.into_iter().map(str::to_owned).chain(long).map(Value::String).collect()
        }
        Kind::Int32 => [i32::MIN, -1, 0, 1, 65_536, i32::MAX].map(Value::I32).to_vec(),
        Kind::Int64 => [i64::MIN, -1, 0, i64::MAX].map(Value::I64).to_vec(),
        Kind::Uint32 => [0, 1_001, u32::MAX].map(Value::U32).to_vec(),
        Kind::Uint64 => [1 << 32, i64::MAX as u64, 1 << 63, u64::MAX].map(Value::U64).to_vec(),
        Kind::Enum(_) => [-1, 0, 99, i32::MIN, i32::MAX].map(Value::EnumNumber).to_vec(),
        Kind::Bool => [false, true].map(Value::Bool).to_vec(),
        Kind::Message(inner) => vec![Value::Message(DynamicMessage::new(inner))],
        kind => panic!("{}: no nonsense is known for {kind:?}", field.full_name()),
    }
}

/// The message with one field after the other made nonsense, each with the path of the field.
fn spoilt(message: &DynamicMessage) -> Vec<(String, DynamicMessage)> {
    let mut all = Vec::new();
    for field in message.descriptor().fields() {
        let name = field.name().to_owned();
        let mut put = |path: String, value: Option<Value>| {
            let mut spoilt = message.clone();
            match value {
                Some(value) => spoilt.set_field(&field, value),
                None => spoilt.clear_field(&field),
            }
            all.push((path, spoilt));
        };
        put(name.clone(), None);
        let present = message.has_field(&field).then(|| message.get_field(&field).into_owned());
        if field.is_list() {
            let first = present.as_ref().and_then(|value| value.as_list()?.first().cloned());
            let first = first.unwrap_or_else(|| nonsense(&field).remove(0));
            put(name.clone(), Some(Value::List(vec![first.clone(); 1_001])));
            put(format!("{name}[0]"), Some(Value::List(nonsense(&field))));
            for (path, inner) in first.as_message().map(spoilt).unwrap_or_default() {
                put(format!("{name}[0].{path}"), Some(Value::List(vec![Value::Message(inner)])));
            }
            continue;
        }
        for value in nonsense(&field) {
            put(name.clone(), Some(value));
        }
        if let Kind::Message(inner) = field.kind() {
            let inner = present
                .and_then(|value| value.as_message().cloned())
                .unwrap_or_else(|| DynamicMessage::new(inner));
            for (path, inner) in spoilt(&inner) {
                put(format!("{name}.{path}"), Some(Value::Message(inner)));
            }
        }
    }
    all
}

/// What may become of nonsense. Never a fault of ours, and never nothing.
const FINE: [Code; 7] = [
    Code::InvalidArgument,
    Code::FailedPrecondition,
    Code::AlreadyExists,
    Code::OutOfRange,
    Code::PermissionDenied,
    Code::Unavailable,
    Code::Ok,
];

/// Fields that must fit one another: when the first is spoilt, the second may be the one that is named.
const BESIDE: [(&str, &str); 4] =
    [("served", "against"), ("division", "township"), ("_on", "_on"), ("decided_amount", "because")];

#[tokio::test]
async fn no_value_of_any_field_of_any_request_breaks_a_department() {
    let mut running = Running::start().await;
    let person = Person::born("19800101", 1);
    running.player.register(person.registration("2025-11-03")).await.unwrap();
    let mut sent = JoinSet::new();
    // A connection takes 64 requests at once.
    let places = Arc::new(Semaphore::new(48));
    for rule in RULES {
        let (caller, good) = good_request(rule, &person);
        let raw = Raw::new(running.channel(department(rule.path)).await);
        for (field, spoilt) in spoilt(&good) {
            let (raw, places) = (raw.clone(), places.clone());
            sent.spawn(async move {
                let _place = places.acquire_owned().await.unwrap();
                let outcome = raw.call(rule.path, Some(caller), spoilt.encode_to_vec()).await;
                (rule.path, field, spoilt, outcome)
            });
        }
    }
    let outcomes = sent.join_all().await;
    assert!(outcomes.len() > 1_000, "only {} requests", outcomes.len());
    let mut astray = Vec::new();
    for (path, field, spoilt, outcome) in outcomes {
        let Err(status) = outcome else { continue };
        assert!(FINE.contains(&status.code()), "{path} with {field}: {status:?} for {spoilt}");
        if status.code() == Code::InvalidArgument {
            let wrong = named(&status);
            let about =
                |wrong: &String| field.starts_with(wrong.as_str()) || wrong.starts_with(field.as_str());
            let beside = |wrong: &String| {
                BESIDE.iter().any(|(spoilt, told)| field.contains(spoilt) && wrong.ends_with(told))
            };
            if !wrong.iter().any(|wrong| about(wrong) || beside(wrong)) {
                astray.push(format!("{path} with {field} is told of {wrong:?}"));
            }
        }
    }
    assert!(astray.is_empty(), "{astray:#?}");
    let after = Person::born("19800101", 2);
    running.player.register(after.registration("2025-11-03")).await.unwrap();
    running.player.pay(after.payment("400.00", "2025-11-10")).await.unwrap();
    running.stop().await;
}
