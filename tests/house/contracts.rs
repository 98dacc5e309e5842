//! The contracts: every element has a comment, and every rule of form is kept.

use std::{collections::BTreeSet, sync::LazyLock};

use canbao_proto::rules::RULES;
use prost_reflect::{
    DescriptorPool, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, FileDescriptor, Kind,
    MessageDescriptor, MethodDescriptor,
};

/// The contracts as compiled, with comments and options.
pub static CONTRACTS: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(canbao_proto::DESCRIPTORS).expect("the contracts"));

/// An option of ours.
pub fn option(name: &str) -> ExtensionDescriptor {
    CONTRACTS.get_extension_by_name(&format!("canbao.common.v1.{name}")).expect("an option of ours")
}

fn ours(file: &FileDescriptor) -> bool {
    file.package_name().starts_with("canbao.")
}

/// Every message of ours, nested ones included.
pub fn messages() -> impl Iterator<Item = MessageDescriptor> {
    CONTRACTS.all_messages().filter(|message| ours(&message.parent_file()))
}

fn enums() -> impl Iterator<Item = EnumDescriptor> {
    CONTRACTS.all_enums().filter(|list| ours(&list.parent_file()))
}

/// Every method of ours.
pub fn methods() -> impl Iterator<Item = MethodDescriptor> {
    let services = CONTRACTS.services().filter(|service| ours(&service.parent_file()));
    services.collect::<Vec<_>>().into_iter().flat_map(|service| service.methods().collect::<Vec<_>>())
}

fn fields() -> impl Iterator<Item = FieldDescriptor> {
    messages().flat_map(|message| message.fields().collect::<Vec<_>>())
}

/// The comment that stands before an element.
pub fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let source = file.file_descriptor_proto().source_code_info.as_ref().expect("comments are kept");
    let place = source.location.iter().find(|place| place.path == path);
    place.map(|place| place.leading_comments().trim().to_owned()).unwrap_or_default()
}

/// A method writes unless it only asks.
pub fn writes(method: &MethodDescriptor) -> bool {
    !["Compare", "Get", "Quote", "Read", "List", "Search", "Watch"]
        .iter()
        .any(|asks| method.name().starts_with(asks))
}

#[test]
fn every_element_has_a_comment() {
    let mut elements: Vec<(String, FileDescriptor, Vec<i32>)> = Vec::new();
    for message in messages() {
        elements.push((message.full_name().to_owned(), message.parent_file(), message.path().to_vec()));
        let oneofs = message.oneofs().filter(|oneof| !oneof.is_synthetic());
        elements.extend(
            oneofs.map(|one| (one.full_name().to_owned(), message.parent_file(), one.path().to_vec())),
        );
    }
    elements.extend(fields().map(|one| (one.full_name().to_owned(), one.parent_file(), one.path().to_vec())));
    for list in enums() {
        elements.push((list.full_name().to_owned(), list.parent_file(), list.path().to_vec()));
        let file = list.parent_file();
        elements
            .extend(list.values().map(|one| (one.full_name().to_owned(), file.clone(), one.path().to_vec())));
    }
    for service in CONTRACTS.services().filter(|service| ours(&service.parent_file())) {
        elements.push((service.full_name().to_owned(), service.parent_file(), service.path().to_vec()));
    }
    elements
        .extend(methods().map(|one| {
            (one.full_name().to_owned(), one.parent_service().parent_file(), one.path().to_vec())
        }));
    let options = CONTRACTS.all_extensions().filter(|option| ours(&option.parent_file()));
    elements.extend(options.map(|one| (one.full_name().to_owned(), one.parent_file(), one.path().to_vec())));
    assert!(elements.len() > 200, "the elements were not found");
    let bare: Vec<_> = elements
        .iter()
        .filter(|(_, file, path)| comment(file, path).len() < 3)
        .map(|(name, ..)| name)
        .collect();
    assert!(bare.is_empty(), "without a comment: {bare:#?}");
}

#[test]
fn every_request_that_writes_begins_with_a_request_id_and_no_other_has_one() {
    for method in methods() {
        let first = method.input().get_field(1).map(|field| field.name().to_owned());
        let has = method.input().fields().any(|field| field.name() == "request_id");
        assert_eq!(has, writes(&method), "{}", method.full_name());
        assert_eq!(has, first.as_deref() == Some("request_id"), "{}", method.full_name());
    }
    assert!(methods().filter(writes).count() >= 3, "the methods were not found");
}

/// The one answer that comes in steps: it takes long, and tells how far it is.
const IN_STEPS: &str = "canbao.subsidy.v1.FinanceService.CompareNotices";

#[test]
fn every_method_but_one_is_unary_and_each_has_a_request_and_a_response_of_its_own() {
    let mut seen = BTreeSet::new();
    for method in methods() {
        let in_steps = method.full_name() == IN_STEPS;
        assert!(!method.is_client_streaming(), "{}", method.full_name());
        assert_eq!(method.is_server_streaming(), in_steps, "{}", method.full_name());
        // What only asks keeps nothing, so that whoever goes away has lost nothing.
        assert!(!in_steps || !writes(&method), "{}", method.full_name());
        for (message, end) in [(method.input(), "Request"), (method.output(), "Response")] {
            assert_eq!(message.name(), format!("{}{end}", method.name()));
            assert!(seen.insert(message.full_name().to_owned()), "{} is shared", message.full_name());
        }
    }
}

#[test]
fn every_enum_begins_with_its_unspecified_value_and_every_value_with_the_enums_name() {
    for list in enums() {
        let prefix = screaming(list.name());
        let zero = list.get_value(0).map(|value| value.name().to_owned());
        assert_eq!(zero, Some(format!("{prefix}_UNSPECIFIED")), "{}", list.full_name());
        for value in list.values() {
            assert!(value.name().starts_with(&format!("{prefix}_")), "{}", value.full_name());
        }
    }
}

fn screaming(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_uppercase());
    }
    text
}

#[test]
fn there_is_no_map_and_no_float() {
    for field in fields() {
        assert!(!field.is_map(), "{} is a map: its bytes have no fixed order", field.full_name());
        let inexact = matches!(field.kind(), Kind::Float | Kind::Double);
        assert!(!inexact, "{} is not exact", field.full_name());
    }
}

#[test]
fn an_amount_is_money_a_day_is_a_date_and_an_instant_a_timestamp() {
    for field in fields() {
        let name = field.name();
        let full = field.full_name();
        let message = field.kind().as_message().map(|message| message.full_name().to_owned());
        if ["amount", "aided", "owed", "paid", "due", "standard", "declared_total"].contains(&name) {
            assert_eq!(message.as_deref(), Some("canbao.common.v1.Money"), "{full}");
        }
        if name.ends_with("_date") || name.ends_with("_on") || ["on", "from", "to"].contains(&name) {
            assert_eq!(message.as_deref(), Some("google.type.Date"), "{full}");
        }
        if name.ends_with("_at") {
            assert_eq!(message.as_deref(), Some("google.protobuf.Timestamp"), "{full}");
        }
    }
}

#[test]
fn every_event_names_its_audience_and_no_event_is_for_anybody() {
    let audience = option("audience");
    let events = messages().filter(|message| message.parent_file().name().ends_with("_events.proto"));
    let events: Vec<_> = events.filter(|message| message.parent_message().is_none()).collect();
    assert!(events.len() >= 4, "the events were not found");
    for event in events {
        let named = event.options().get_extension(&audience).into_owned();
        let named: Vec<_> =
            named.as_list().unwrap().iter().filter_map(|value| value.as_enum_number()).collect();
        assert!(!named.is_empty(), "{} is for nobody", event.full_name());
        let services = 14..=17;
        assert!(named.iter().all(|caller| services.contains(caller)), "{}: {named:?}", event.full_name());
    }
}

#[test]
fn the_table_at_the_gate_is_the_one_that_stands_in_the_contracts() {
    let caller = option("caller");
    let mut written: Vec<(String, Vec<i32>)> = Vec::new();
    for method in methods() {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let callers = method.options().get_extension(&caller).into_owned();
        let callers = callers.as_list().unwrap().iter().filter_map(|value| value.as_enum_number());
        written.push((path, callers.collect()));
    }
    let mut kept: Vec<(String, Vec<i32>)> = RULES
        .iter()
        .map(|rule| (rule.path.to_owned(), rule.callers.iter().map(|&caller| caller as i32).collect()))
        .collect();
    written.sort();
    kept.sort();
    assert_eq!(kept, written);
}

#[test]
fn what_tells_who_somebody_is_is_marked_sensitive() {
    let sensitive = option("sensitive");
    // Covered but for eight characters, which is how it may be shown.
    let masked = "masked_number";
    let mut marked = 0;
    for field in fields() {
        let name = field.name();
        let tells = ["number", "name", "birth_date", "birth", "address", "phone"].contains(&name)
            || name.ends_with("_name")
            || name.ends_with("_number")
            || name.starts_with("birth_");
        let is_marked = field.options().get_extension(&sensitive).as_bool() == Some(true);
        assert_eq!(is_marked, tells && name != masked, "{}", field.full_name());
        marked += usize::from(is_marked);
    }
    assert!(marked >= 4, "the marks were not found");
}
