//! Reads amounts and percentages: exact text, or a word for what is not stated.

use canbao_types::{Money, Part};

use crate::compile::Compiler;
use crate::exact::Fraction;
use crate::file;
use crate::problem::unknown;
use crate::reader::Entry;
use crate::ruling::Stated;
use crate::standard::Standards;
use crate::table::{Amount, Of};

impl Compiler<'_> {
    /// An amount given in money, or as a share of something.
    pub fn amount(
        &mut self,
        entry: &Entry,
        amount: Option<&str>,
        rate: Option<&str>,
        of: Option<&str>,
        usual: Option<Of>,
    ) -> Amount {
        if let Some(amount) = amount {
            return Amount::Fixed(self.money(entry, amount));
        }
        // What is said and cannot be read is told where it is read.
        let nothing_said = of.is_none();
        let of = match of {
            None => usual,
            Some("government_subsidy") => Some(Of::GovernmentSubsidy),
            Some("known-arrears") => Some(Of::Arrears),
            Some(text) => match (Part::from_code(text), self.base(text)) {
                (Some(part), _) => Some(Of::Part(part)),
                (None, Some(at)) => Some(Of::Base(at)),
                (None, None) => self.of_money(entry, text),
            },
        };
        let per_10_000 = rate.map_or(Some(10_000), |rate| self.rate(entry, rate));
        match (of, per_10_000) {
            (Some(of), Some(per_10_000)) => Amount::Share { per_10_000, of },
            (of, _) => {
                if of.is_none() && nothing_said {
                    self.reader.tell_of(entry, "gives neither an `amount` nor a `rate` `of` something; write one of them, or \"not stated\"");
                }
                Amount::Fixed(Stated::NotStated)
            }
        }
    }

    fn of_money(&mut self, entry: &Entry, text: &str) -> Option<Of> {
        let money = text.parse::<Money>().ok().filter(|money| !money.is_negative());
        if money.is_none() && !self.reader.is_unread(text) {
            let what = unknown(text, "part, published figure or amount", &self.base_names);
            self.reader.tell_of(entry, format!("{what}, or declare it as a [[base]] entry"));
        }
        money.map(Of::Money)
    }

    /// Money in exact text, not negative; or a word for what is not stated.
    pub fn money(&mut self, entry: &Entry, text: &str) -> Stated<Money> {
        if let Some(unstated) = stated(text) {
            return unstated;
        }
        match text.parse::<Money>() {
            Ok(money) if !money.is_negative() => Stated::Is(money),
            _ => {
                self.reader
                    .tell_of(entry, format!("{text:?} is no amount; write yuan as \"400\" or \"400.50\""));
                Stated::NotStated
            }
        }
    }

    /// A percentage in exact text, in hundredths of a percent.
    pub fn rate(&mut self, entry: &Entry, text: &str) -> Option<i64> {
        let rate = percentage(text);
        if rate.is_none() {
            // A number alone has perhaps lost its sign.
            let meant = format!("{text}%");
            let remedy = match percentage(&meant) {
                Some(_) => format!("write it as {meant:?}"),
                None => {
                    "write a number of at most two decimals and %, such as \"60%\" or \"0.55%\"".to_owned()
                }
            };
            self.reader.tell_of(entry, format!("{text:?} is no percentage up to 100%; {remedy}"));
        }
        rate
    }

    /// Amount and rest must be a standard of the person's own, and the rate its share that is the amount.
    pub fn agree(
        &mut self,
        entry: &Entry,
        amount: &str,
        leaves: &str,
        rate: Option<&str>,
        standards: &Standards,
    ) {
        let money = (self.money(entry, amount).is(), self.money(entry, leaves).is());
        let (Some(amount), Some(leaves)) = money else { return };
        let whole = amount.checked_add(leaves);
        if !standards.open && !standards.known.iter().any(|standard| Some(*standard) == whole) {
            self.reader.tell_of(
                entry,
                "`amount` and `leaves` make no personal standard; mend one of them, or the price",
            );
        }
        let Some(per_10_000) = rate.and_then(|rate| self.rate(entry, rate)) else { return };
        if whole.and_then(|whole| Fraction::per_10_000(per_10_000).exactly(whole)) != Some(amount) {
            self.reader.tell_of(
                entry,
                "`rate`, `amount` and `leaves` do not agree; mend the one that the notice does not say",
            );
        }
    }
}

impl<T> From<file::Undecided> for Stated<T> {
    fn from(undecided: file::Undecided) -> Self {
        match undecided {
            file::Undecided::NotStated => Self::NotStated,
            file::Undecided::PersonMustDecide => Self::PersonMustDecide,
        }
    }
}

/// A word that stands for a value which is not stated.
pub(crate) fn stated<T>(text: &str) -> Option<Stated<T>> {
    match text {
        "not stated" => Some(Stated::NotStated),
        "a person must decide" => Some(Stated::PersonMustDecide),
        _ => None,
    }
}

/// A percentage up to 100 in exact text, in hundredths of a percent.
pub(crate) fn percentage(text: &str) -> Option<i64> {
    // It has the same two decimals as yuan, so one parser reads both.
    let rate = text.strip_suffix('%').and_then(|number| number.parse::<Money>().ok());
    rate.map(Money::fen).filter(|rate| (0..=10_000).contains(rate))
}
