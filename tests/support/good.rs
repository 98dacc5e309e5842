//! A good request for every RPC, made from the contracts, so that a new RPC is tried without a word here.

use std::sync::LazyLock;

use canbao_proto::{
    common::IdentityDocument,
    google,
    rules::{self, Rule},
};
use canbao_types::RequestId;
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};

use crate::{DIVISION, Person, YEAR};

static CONTRACTS: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(canbao_proto::DESCRIPTORS).expect("the contracts"));

/// Every identity, as the header names it.
pub const IDENTITIES: [&str; 17] = [
    "medical-insurance",
    "tax",
    "civil-affairs",
    "rural-revitalisation",
    "disabled-federation",
    "industry",
    "veterans",
    "finance",
    "school",
    "channel/wechat",
    "channel/a-bank-of-its-own",
    "hospital",
    "auditor",
    "service/registration",
    "service/collection",
    "service/subsidy",
    "service/benefits",
];

/// A well-formed request for an RPC about somebody, with every field filled, and the text of a caller who may send it.
pub fn good_request(rule: &Rule, person: &Person) -> (&'static str, DynamicMessage) {
    let may = |text: &&str| rules::named(text).is_some_and(|(caller, _)| rule.admits(caller));
    let caller = IDENTITIES.into_iter().find(may).expect("somebody may call it");
    let (service, name) = rule.path.trim_start_matches('/').split_once('/').expect("a path");
    let service = CONTRACTS.get_service_by_name(service).expect("a service of the contracts");
    let method = service.methods().find(|method| method.name() == name).expect("a method of the service");
    (caller, filled(&method.input(), person))
}

fn filled(message: &MessageDescriptor, person: &Person) -> DynamicMessage {
    let mut filled = DynamicMessage::new(message.clone());
    for field in message.fields() {
        // Of two ways to say one thing, one is said; a page begins at the first, a log at its beginning.
        let second = field
            .containing_oneof()
            .is_some_and(|one| !one.is_synthetic() && one.fields().any(|other| filled.has_field(&other)));
        if second
            || ["page_token", "after_recorded_at", "resident_id", "never_covered"].contains(&field.name())
        {
            continue;
        }
        let value = value(&field, person);
        filled.set_field(&field, if field.is_list() { Value::List(vec![value]) } else { value });
    }
    filled
}

fn value(field: &FieldDescriptor, person: &Person) -> Value {
    match field.kind() {
        Kind::Message(message) => Value::Message(match message.name() {
            "ResidentReference" => read(&message, &person.reference().unwrap_or_default()),
            "IdentityDocument" => read::<IdentityDocument>(&message, &person.document()),
            "Date" => read(&message, &date(field.name(), person)),
            _ => filled(&message, person),
        }),
        Kind::String => Value::String(text(field.name(), person)),
        Kind::Int32 if field.name().ends_with("_year") => Value::I32(YEAR),
        Kind::Int32 => Value::I32(1),
        Kind::Uint32 => Value::U32(1),
        Kind::Uint64 => Value::U64(1),
        Kind::Enum(list) if list.name() == "Sex" => Value::EnumNumber(sex(person)),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Bool => Value::Bool(false),
        kind => panic!("{}: no good value is known for {kind:?}", field.full_name()),
    }
}

fn read<M: Message>(descriptor: &MessageDescriptor, message: &M) -> DynamicMessage {
    DynamicMessage::decode(descriptor.clone(), message.encode_to_vec().as_slice()).expect("the same message")
}

fn date(field: &str, person: &Person) -> google::Date {
    let (year, month, day) = match field {
        "birth_date" => {
            let number = |from: usize, to: usize| person.number[from..to].parse().expect("digits");
            (number(6, 10), number(10, 12), number(12, 14))
        }
        "from" | "recognised_on" | "certificate_on" | "rated_on" => (2025, 11, 1),
        _ => (2025, 11, 10),
    };
    google::Date { year, month, day }
}

/// As the contract numbers it: the last digit of the sequence number is odd for men.
fn sex(person: &Person) -> i32 {
    let odd = person.number[16..17].parse::<i32>().expect("a digit") % 2 == 1;
    if odd { 1 } else { 2 }
}

fn text(field: &str, person: &Person) -> String {
    match field {
        "request_id" | "roster_id" | "payment_id" | "refund_id" | "channel_transaction_id" => {
            return RequestId::new().to_string();
        }
        name if name == "division" || name.ends_with("_division") => DIVISION,
        "name" => person.name.as_str(),
        "township" => "141181001",
        "log" => "registration",
        "channel" => "wechat",
        "yuan" => "400.00",
        "kinship" => "child",
        "identity" => "低保对象",
        "payable_item" => "2026年",
        // The notice of the tests has no tiers.
        "tier" => "",
        _ => "无",
    }
    .to_owned()
}

/// The message with one field after the other changed to something else that is well-formed, each with the path of the
/// field. The request's own id stays.
pub fn changed(message: &DynamicMessage, other: &Person) -> Vec<(String, DynamicMessage)> {
    let mut all = Vec::new();
    for (field, value) in message.fields().filter(|(field, _)| field.name() != "request_id") {
        for (path, value) in other_values(&field, value, other) {
            let mut changed = message.clone();
            changed.set_field(&field, value);
            all.push((path, changed));
        }
        if field.is_list() || field.supports_presence() {
            let mut without = message.clone();
            without.clear_field(&field);
            all.push((format!("{} left out", field.name()), without));
        }
    }
    all
}

fn other_values(field: &FieldDescriptor, value: &Value, other: &Person) -> Vec<(String, Value)> {
    let name = field.name();
    match value {
        Value::List(items) => {
            let doubled = [&items[..], &items[..1.min(items.len())]].concat();
            let mut all = vec![(format!("{name} doubled"), Value::List(doubled))];
            for item in items.iter().take(1) {
                let changed = other_values(field, item, other);
                all.extend(changed.into_iter().map(|(path, item)| (path, Value::List(vec![item]))));
            }
            all
        }
        Value::Message(message) if message.descriptor().name() == "ResidentReference" => {
            let reference = other.reference().unwrap_or_default();
            vec![(name.to_owned(), Value::Message(read(&message.descriptor(), &reference)))]
        }
        Value::Message(message) if message.descriptor().name() == "IdentityDocument" => {
            vec![(name.to_owned(), Value::Message(read(&message.descriptor(), &other.document())))]
        }
        Value::Message(message) => {
            let inner = changed(message, other);
            inner.into_iter().map(|(path, inner)| (format!("{name}.{path}"), Value::Message(inner))).collect()
        }
        single => vec![(name.to_owned(), other_value(name, single))],
    }
}

fn other_value(field: &str, value: &Value) -> Value {
    match value {
        Value::I32(number) if field == "day" => Value::I32(number % 27 + 1),
        Value::I32(number) if field == "month" => Value::I32(number % 12 + 1),
        Value::I32(number) => Value::I32(number + 1),
        Value::U32(number) => Value::U32(number + 1),
        Value::U64(number) => Value::U64(number + 1),
        Value::EnumNumber(number) => Value::EnumNumber(if *number == 1 { 2 } else { 1 }),
        Value::Bool(yes) => Value::Bool(!yes),
        Value::String(text) => Value::String(match field {
            "yuan" => "1.23".to_owned(),
            "log" => "benefits".to_owned(),
            "name" => format!("{text}乙"),
            "roster_id" | "payment_id" | "refund_id" => RequestId::new().to_string(),
            _ if text.is_empty() => "x".to_owned(),
            // The last character changes; a digit stays one.
            _ => {
                let mut other: Vec<char> = text.chars().collect();
                let last = other.pop();
                other.push(match last.and_then(|last| last.to_digit(10)) {
                    Some(digit) => char::from_digit((digit + 1) % 10, 10).unwrap_or('0'),
                    None if last == Some('x') => 'y',
                    None => 'x',
                });
                other.into_iter().collect()
            }
        }),
        other => other.clone(),
    }
}
