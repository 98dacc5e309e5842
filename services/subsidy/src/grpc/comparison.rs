//! A comparison of notices, as the contract shows it.

use std::sync::Arc;

use canbao_policy::population::{Both, Comparison, Heads, Outcome, Paid, Payer, Shift, Sum};
use canbao_proto::{
    common,
    subsidy::{
        ClassShift, ComparedHeads, ComparedOthers, ComparedPayer, HeadsAndMoney, NoticeComparison, PaidHeads,
        PaymentDifference, PaymentShift,
    },
    wire,
};
use canbao_types::Money;

/// The figures; none where a sum is beyond all money.
pub(crate) fn shown(of: &Comparison) -> Option<NoticeComparison> {
    let named = |rows: &[(Option<Arc<str>>, Both<Heads>)]| -> Option<Vec<ComparedHeads>> {
        rows.iter().map(|(name, both)| heads(name.as_deref().unwrap_or_default(), both)).collect()
    };
    let shifts = of.shift_of_classes.iter().map(|(class, of)| {
        let label = |class: &Option<Arc<str>>| class.as_deref().unwrap_or_default().to_owned();
        Some(ClassShift { before: label(&class.a), under_other: label(&class.b), shift: Some(shift(of)?) })
    });
    let differences = of.differences.iter();
    let difference =
        |(more, people): &(Money, u64)| PaymentDifference { more: Some(wire::money(*more)), people: *people };
    Some(NoticeComparison {
        total: Some(heads("", &of.total)?),
        classes: named(&of.classes)?,
        identities: named(&of.identities)?,
        payers: of.payers.iter().map(payer).collect::<Option<_>>()?,
        others: of.others.iter().map(others).collect(),
        shift: Some(shift(&of.shift)?),
        class_shifts: shifts.collect::<Option<_>>()?,
        differences: differences.map(difference).collect(),
    })
}

fn money(sum: Sum) -> Option<common::Money> {
    let fen = i64::try_from(sum.fen()).ok()?;
    Money::from_fen(fen).ok().map(wire::money)
}

fn heads(label: &str, Both { a, b }: &Both<Heads>) -> Option<ComparedHeads> {
    let side = |heads: &Heads| {
        Some(HeadsAndMoney {
            people: heads.people,
            payable: heads.payable,
            own: Some(money(heads.own)?),
            aid: Some(money(heads.aid)?),
            government: Some(money(heads.government)?),
        })
    };
    Some(ComparedHeads { label: label.to_owned(), before: Some(side(a)?), under_other: Some(side(b)?) })
}

fn payer((payer, Both { a, b }): &(Payer, Both<Paid>)) -> Option<ComparedPayer> {
    let side = |paid: &Paid| {
        let amount = Some(money(paid.amount)?);
        Some(PaidHeads { people: paid.people, amount, unstated: paid.unstated })
    };
    let name = match payer {
        Payer::Person => "本人",
        Payer::Named(name) => name,
        Payer::NotStated => "",
        Payer::Government => "财政补助",
    };
    Some(ComparedPayer { payer: name.to_owned(), before: Some(side(a)?), under_other: Some(side(b)?) })
}

fn others((outcome, Both { a, b }): &(Outcome, Both<u64>)) -> ComparedOthers {
    let (outcome, detail) = match outcome {
        Outcome::Owes(_) => ("owes", ""),
        Outcome::Refused(reason) => ("refused", reason.code()),
        Outcome::Needs(fact) => ("needs-fact", fact.code()),
        Outcome::NotStated => ("not-stated", ""),
        Outcome::PersonMustDecide => ("person-must-decide", ""),
    };
    ComparedOthers { outcome: outcome.to_owned(), detail: detail.to_owned(), before: *a, under_other: *b }
}

fn shift(of: &Shift) -> Option<PaymentShift> {
    Some(PaymentShift {
        less: of.less,
        saved: Some(money(of.saved)?),
        more: of.more,
        added: Some(money(of.added)?),
        same: of.same,
        only_before: of.only_first,
        only_under_other: of.only_second,
        neither: of.neither,
    })
}
