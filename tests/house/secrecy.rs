//! Nothing that tells who somebody is reaches a log: the messages of the contracts do not print it.

use std::{collections::BTreeSet, fmt::Debug};

use canbao_proto::{benefits, collection, common, registration, subsidy};
use prost::Message;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, Value};

use crate::contracts::{CONTRACTS, messages, option};

/// What each sensitive field says here; it must not be seen again.
const SECRET: &str = "SECRET-7Q";
const SECRET_YEAR: i32 = 1_987;

/// How a message prints, when decoded by name.
type Print = fn(&[u8]) -> String;

fn print<M: Message + Default + Debug>(bytes: &[u8]) -> String {
    let message = M::decode(bytes).expect("a message of the contracts");
    format!("{message:?} {message:#?}")
}

/// Every message that holds such a field, itself or in a part of it.
const PRINTED: [(&str, Print); 27] = [
    ("canbao.benefits.v1.GetCoverageRequest", print::<benefits::GetCoverageRequest>),
    ("canbao.collection.v1.DeclareContributionsRequest", print::<collection::DeclareContributionsRequest>),
    ("canbao.collection.v1.GetContributionDueRequest", print::<collection::GetContributionDueRequest>),
    ("canbao.collection.v1.PayContributionRequest", print::<collection::PayContributionRequest>),
    ("canbao.collection.v1.QuoteContributionRequest", print::<collection::QuoteContributionRequest>),
    ("canbao.collection.v1.RefundContributionRequest", print::<collection::RefundContributionRequest>),
    ("canbao.collection.v1.RefundStudentRequest", print::<collection::RefundStudentRequest>),
    ("canbao.collection.v1.ReportPaymentsRequest", print::<collection::ReportPaymentsRequest>),
    ("canbao.collection.v1.StatementLine", print::<collection::StatementLine>),
    ("canbao.common.v1.IdentityDocument", print::<common::IdentityDocument>),
    ("canbao.common.v1.ResidentReference", print::<common::ResidentReference>),
    ("canbao.registration.v1.AssessLatePaymentRequest", print::<registration::AssessLatePaymentRequest>),
    ("canbao.registration.v1.ChangeDocumentRequest", print::<registration::ChangeDocumentRequest>),
    ("canbao.registration.v1.CoverLine", print::<registration::CoverLine>),
    ("canbao.registration.v1.EndRegistrationRequest", print::<registration::EndRegistrationRequest>),
    ("canbao.registration.v1.GetResidentRequest", print::<registration::GetResidentRequest>),
    ("canbao.registration.v1.MoveRegistrationRequest", print::<registration::MoveRegistrationRequest>),
    ("canbao.registration.v1.RecordCoverRequest", print::<registration::RecordCoverRequest>),
    ("canbao.registration.v1.RegisterResidentRequest", print::<registration::RegisterResidentRequest>),
    ("canbao.registration.v1.RegisterRosterRequest", print::<registration::RegisterRosterRequest>),
    ("canbao.registration.v1.RegistrationChanged", print::<registration::RegistrationChanged>),
    ("canbao.registration.v1.ResidentRegistered", print::<registration::ResidentRegistered>),
    ("canbao.registration.v1.RosterPerson", print::<registration::RosterPerson>),
    ("canbao.subsidy.v1.DecideAidRequest", print::<subsidy::DecideAidRequest>),
    ("canbao.subsidy.v1.GetAidRequest", print::<subsidy::GetAidRequest>),
    ("canbao.subsidy.v1.RosterLine", print::<subsidy::RosterLine>),
    ("canbao.subsidy.v1.SubmitRosterRequest", print::<subsidy::SubmitRosterRequest>),
];

fn holds(message: &MessageDescriptor) -> bool {
    let sensitive = option("sensitive");
    message.fields().any(|field| {
        field.options().get_extension(&sensitive).as_bool() == Some(true)
            || field.kind().as_message().is_some_and(|inner| inner != message && holds(inner))
    })
}

/// A message in which every sensitive field is the secret, and every other part is there.
fn filled(message: &MessageDescriptor, secret: bool) -> DynamicMessage {
    let sensitive = option("sensitive");
    let mut filled = DynamicMessage::new(message.clone());
    for field in message.fields() {
        let secret = secret || field.options().get_extension(&sensitive).as_bool() == Some(true);
        let value = match field.kind() {
            Kind::Message(inner) => Value::Message(self::filled(&inner, secret)),
            Kind::String if secret => Value::String(SECRET.to_owned()),
            Kind::Bytes if secret => Value::Bytes(SECRET.as_bytes().to_vec().into()),
            Kind::Int32 if secret => Value::I32(SECRET_YEAR),
            _ => continue,
        };
        filled.set_field(&field, if field.is_list() { Value::List(vec![value]) } else { value });
    }
    filled
}

#[test]
fn every_message_with_personal_data_is_looked_at() {
    let holding: BTreeSet<_> =
        messages().filter(holds).map(|message| message.full_name().to_owned()).collect();
    let looked_at: BTreeSet<_> = PRINTED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(looked_at, holding);
}

#[test]
fn no_message_prints_a_number_a_name_or_a_birth_date() {
    for (name, print) in PRINTED {
        let message = CONTRACTS.get_message_by_name(name).expect("a message of the contracts");
        let filled = filled(&message, false);
        let told = |text: &str| text.contains(SECRET) || text.contains(&SECRET_YEAR.to_string());
        assert!(told(&filled.to_string()), "{name} was not filled");
        let shown = print(&filled.encode_to_vec());
        assert!(!told(&shown), "{name} prints {shown}");
    }
}
