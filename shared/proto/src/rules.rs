//! Who may call, whose division a request is about, and for whom an event is: the tables that stand in the contracts.

use prost::Message;

pub use crate::common::Caller;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// Who may call one RPC.
#[derive(Debug)]
pub struct Rule {
    /// The RPC's path: `/package.Service/Method`.
    pub path: &'static str,
    /// Who may call it; [`Caller::Any`] stands for every authenticated identity.
    pub callers: &'static [Caller],
    /// The request carries a list of items, so it is given more time.
    pub batch: bool,
    /// The request names no division: the row it speaks of says whose division it is.
    pub by_row: bool,
}

impl Rule {
    /// The rule of an RPC; none for a path that no contract knows.
    pub fn of(path: &str) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.path == path)
    }

    /// Whether this caller may call it.
    pub fn admits(&self, caller: Caller) -> bool {
        self.callers.iter().any(|&admitted| admitted == caller || admitted == Caller::Any)
    }
}

/// A request that says whose division it is about.
pub trait Scoped {
    /// The division that it names, as it came; none where the row it speaks of decides ([`Rule::by_row`]).
    fn division(&self) -> Option<&str>;
}

/// A message that stands in a department's log.
pub trait Event: Message + Default {
    /// The message's full name, by which a reader knows it.
    const KIND: &'static str;
    /// For whom it is.
    const AUDIENCE: &'static [Caller];

    /// The audience as a mask, one bit a caller.
    fn audience() -> u64 {
        Self::AUDIENCE.iter().map(|&caller| mask(caller)).sum()
    }
}

/// The bit of one caller in an audience mask. An auditor reads every event.
pub fn mask(caller: Caller) -> u64 {
    if caller == Caller::Auditor { !0 >> 1 } else { 1 << (caller as u32) }
}

/// A channel's name is made of small letters, digits and hyphens, so that no two channels differ by a capital.
pub fn is_channel_character(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '-')
}

/// Everybody who can call, by the text that names them; channels apart, since each has a name of its own.
pub const NAMED: [(&str, Caller); 15] = [
    ("medical-insurance", Caller::MedicalInsurance),
    ("tax", Caller::Tax),
    ("civil-affairs", Caller::CivilAffairs),
    ("rural-revitalisation", Caller::RuralRevitalisation),
    ("disabled-federation", Caller::DisabledFederation),
    ("industry", Caller::Industry),
    ("veterans", Caller::Veterans),
    ("finance", Caller::Finance),
    ("school", Caller::School),
    ("hospital", Caller::Hospital),
    ("auditor", Caller::Auditor),
    ("service/registration", Caller::ServiceRegistration),
    ("service/collection", Caller::ServiceCollection),
    ("service/subsidy", Caller::ServiceSubsidy),
    ("service/benefits", Caller::ServiceBenefits),
];

/// A caller named by its text, such as `tax`, `channel/wechat` or `service/collection`, with the name of a channel.
pub fn named(text: &str) -> Option<(Caller, Option<&str>)> {
    if let Some(channel) = text.strip_prefix("channel/") {
        let named = (1..=40).contains(&channel.len()) && channel.chars().all(is_channel_character);
        return named.then_some((Caller::Channel, Some(channel)));
    }
    NAMED.iter().find(|(name, _)| *name == text).map(|(_, caller)| (*caller, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caller_but_any_has_a_name_by_which_it_can_call() {
        for number in 2..=17 {
            let caller = Caller::try_from(number).unwrap();
            let text = caller.as_str_name().trim_start_matches("CALLER_").to_lowercase();
            let text = match text.strip_prefix("service_") {
                Some(service) => format!("service/{service}"),
                None if caller == Caller::Channel => "channel/wechat".to_owned(),
                None => text.replace('_', "-"),
            };
            assert_eq!(named(&text).map(|(caller, _)| caller), Some(caller), "{text}");
        }
        assert_eq!(named("any"), None);
        for unnamed in ["channel/", "channel/WeChat", &format!("channel/{}", "x".repeat(41))] {
            assert_eq!(named(unnamed), None);
        }
    }

    #[test]
    fn only_the_tax_bureau_and_a_channel_may_take_a_payment() {
        let rule = Rule::of("/canbao.collection.v1.CollectionService/PayContribution").unwrap();
        let admitted: Vec<_> = (1..=17)
            .filter_map(|number| Caller::try_from(number).ok())
            .filter(|&caller| rule.admits(caller))
            .collect();
        assert_eq!(admitted, [Caller::Tax, Caller::Channel]);
    }
}
