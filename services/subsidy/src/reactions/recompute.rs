//! What follows for one resident from everything that is known, in whatever order it became known.

use canbao_host::{Failure, tell};
use canbao_policy::{About, Facts, Notice, Notices, Stretch};
use canbao_proto::{
    Enrolment, common, explanations, google, stored_facts,
    subsidy::{
        self as contract, AidRefundDetermined, AidState, ContributionOwed, HeldIdentity, IdentitiesDetermined,
    },
    wire,
};
use canbao_store::{Unit, View};
use canbao_types::{Date, Money, Period};
use prost::Message;

use crate::{
    aid::{Aid, SettledBy},
    identity::{self, Line},
    reactions::payers::{given_back, kept, line, of_aid},
    recognition::{self, Borne, Outcome, Settled},
    store::{
        self, Key,
        aid::{Determined, Standing},
    },
    variant::{self, Variant},
};

/// What is known of a registered resident, and the aid it comes to.
pub(crate) struct Known<'a> {
    lines: Vec<Line>,
    /// What registration told, without the identities.
    facts: Facts,
    /// Which version of the notice applies when; none: there is no notice here.
    stretches: Vec<Stretch<'a>>,
    /// The newest day that anything told of.
    as_of: Date,
    pub(crate) aid: Aid,
    /// What holds in place of it in a tier, or under another version.
    variants: Vec<Variant>,
}

impl<'a> Known<'a> {
    /// Reads it; none while nobody is registered.
    pub(crate) fn read(view: &View, key: &Key, notices: &'a Notices) -> Result<Option<Self>, Failure> {
        let Some(registered) = store::registered::get(view, key)? else { return Ok(None) };
        let lines = identity::merged(store::roster::of_resident(view, key)?);
        let facts = facts(key, &registered)?;
        let stretches = notices.stretches(key.0, key.1);
        let as_of = identity::as_of(&lines, registered.told_on);
        let with_identities = |notice: &Notice| {
            let identities = Some(identity::held(&lines, as_of, notice));
            Facts { identities, ..facts.clone() }
        };
        let decided = store::aid::decision(view, key)?;
        // A registration was made under a notice; one that is not here leaves the aid to a person.
        let (aid, variants) =
            variant::determine(with_identities, decided, (&stretches, as_of)).unwrap_or_default();
        Ok(Some(Self { lines, facts, stretches, as_of, aid, variants }))
    }

    /// The version of the notice that applies to a day.
    fn notice(&self, day: Date) -> Option<&'a Notice> {
        self.stretches.iter().find(|stretch| stretch.contains(day)).map(|stretch| stretch.notice)
    }

    /// The facts, identities included.
    fn facts(&self) -> Facts {
        let facts = self.facts.clone();
        match self.notice(self.as_of) {
            Some(notice) => {
                Facts { identities: Some(identity::held(&self.lines, self.as_of, notice)), ..facts }
            }
            None => facts,
        }
    }

    /// How far it is determined, while nothing is settled.
    fn state(&self) -> AidState {
        let here = || self.variants.iter().filter(|variant| variant.days.is_none());
        let of_tiers = || here().next().is_some() && here().all(|variant| variant.aid.amounts.is_some());
        let determined = self.aid.amounts.is_some() || of_tiers();
        if determined { AidState::Determined } else { AidState::PersonMustDecide }
    }

    /// Why the aid is what it is; nothing where what stands and is shown is another determination than these.
    pub(crate) fn why(&self, stands: &[u8]) -> Vec<common::Explanation> {
        let stands = |shown: contract::Aid| shown.encode_to_vec() == stands;
        let (aid, day) = if stands(shown_with(&self.aid, &self.variants)) {
            (&self.aid, self.as_of)
        } else {
            let Some(variant) = self.variants.iter().find(|variant| stands(shown_in(variant))) else {
                return Vec::new();
            };
            (&variant.aid, variant.days.and_then(|(from, to)| from.or(to)).unwrap_or(self.as_of))
        };
        let (Some(notice), Some(ruling)) = (self.notice(day), &aid.ruling) else { return Vec::new() };
        let mut said = ruling.why(notice);
        said.retain(|said| {
            matches!(
                said.about,
                About::Missing | About::Due | About::Aid | About::AidLost | About::Tier | About::Identity
            )
        });
        explanations(&said)
    }
}

/// What registration told of a resident, as facts; the identities are told apart from them.
fn facts(key: &Key, registered: &store::registered::Registered) -> Result<Facts, Failure> {
    let of = Enrolment {
        division: key.0,
        cover_year: key.1,
        birth: registered.birth,
        registered_on: registered.registered_on,
        died_on: registered.died_on,
    };
    let facts = stored_facts(&registered.circumstances, of);
    Ok(facts.map_err(Failure::corrupt)?.of_one_who_pays())
}

/// The facts about a registered resident, identities included, as the aid is determined by them.
pub(crate) fn facts_of(
    view: &View,
    key: &Key,
    registered: &store::registered::Registered,
    notice: &Notice,
) -> Result<Facts, Failure> {
    let lines = identity::merged(store::roster::of_resident(view, key)?);
    let identities = Some(identity::held(&lines, registered.told_on, notice));
    Ok(Facts { identities, paid: None, confirmed: None, recognised: None, ..facts(key, registered)? })
}

/// Determines a resident's aid anew, writes down what changed, and tells it; then what follows for a contribution that is
/// settled.
pub(crate) fn recompute(unit: &mut Unit, key: &Key, notices: &Notices) -> Result<(), Failure> {
    let Some(known) = Known::read(unit, key, notices)? else { return Ok(()) };
    let mut standing = store::aid::standing(unit, key)?.unwrap_or_default();
    tell_identities(unit, key, &known, &mut standing)?;
    determine(unit, key, &known, &mut standing)?;
    settle(unit, key, &known, &mut standing)?;
    Ok(store::aid::put_standing(unit, key, &standing)?)
}

/// Medical insurance is told of the identities when they are other ones than it was told.
fn tell_identities(
    unit: &mut Unit,
    key: &Key,
    known: &Known<'_>,
    standing: &mut Standing,
) -> Result<(), Failure> {
    let mut identities = Vec::new();
    for line in &known.lines {
        // What has ended is not asked about, and counts no more.
        let ruled = known.aid.identities.iter().find(|ruled| ruled.name == line.identity);
        let counts = ruled.map_or(Some(false), |ruled| ruled.counts);
        store::roster::put_counts(unit, key, &line.identity, counts)?;
        identities.push(held(line, counts));
    }
    let told = IdentitiesDetermined {
        resident_id: key.2.as_bytes().to_vec(),
        cover_year: key.1.get().into(),
        identities,
    };
    let first = standing.identities.is_empty() && told.identities.is_empty();
    let encoded = told.encode_to_vec();
    if !first && standing.identities != encoded {
        tell(unit, key.0, &told)?;
        standing.identities = encoded;
    }
    Ok(())
}

fn held(line: &Line, counts: Option<bool>) -> HeldIdentity {
    HeldIdentity {
        identity: line.identity.clone(),
        confirmed: line.confirmed_on.is_some(),
        recognised_on: Some(wire::date(line.recognised_on)),
        confirmed_on: line.confirmed_on.map(wire::date),
        certificate_on: line.certificate_on.map(wire::date),
        rated_on: line.rated_on.map(wire::date),
        kind: line.kind.clone().unwrap_or_default(),
        grade: line.grade,
        ended_on: line.ended_on.map(wire::date),
        counts,
        poor: line.poor,
    }
}

/// Writes one more determination down when it differs from the one before, with what holds in place of it, each under a
/// number of its own, and tells tax.
fn determine(unit: &mut Unit, key: &Key, known: &Known<'_>, standing: &mut Standing) -> Result<(), Failure> {
    let (aid, variants) = (&known.aid, &known.variants);
    let mut owed = owed(aid);
    owed.resident_id = key.2.as_bytes().to_vec();
    owed.cover_year = key.1.get().into();
    owed.variants = variants.iter().map(owed_in).collect();
    let shown = shown_with(aid, variants).encode_to_vec();
    let before = store::aid::determined(unit, key, standing.number)?;
    standing.free = aid.free;
    let encoded = owed.encode_to_vec();
    if before.as_ref().is_some_and(|before| before.owed == encoded && before.shown == shown) {
        return Ok(());
    }
    // The numbers after that of the one before are those of its variants.
    let told = before.map(|before| ContributionOwed::decode(before.owed.as_slice())).transpose();
    let told = told.map_err(|error| Failure::Fault(format!("a stored determination: {error}")))?;
    standing.number += 1 + told.map_or(0, |told| told.variants.len() as u64);
    store::aid::insert_determined(unit, key, standing.number, (&kept_as(aid, encoded, shown), &borne(aid)))?;
    owed.determination = standing.number;
    for (number, (variant, owed)) in (standing.number + 1..).zip(variants.iter().zip(&mut owed.variants)) {
        let (encoded, shown) = (owed.encode_to_vec(), shown_in(variant).encode_to_vec());
        let kept = kept_as(&variant.aid, encoded, shown);
        store::aid::insert_determined(unit, key, number, (&kept, &borne(&variant.aid)))?;
        owed.determination = number;
    }
    tell(unit, key.0, &owed)?;
    Ok(())
}

fn kept_as(aid: &Aid, owed: Vec<u8>, shown: Vec<u8>) -> Determined {
    let opened = aid.opened.as_ref().map(|opened| opened.days);
    Determined { aided: aid.amounts.map(|amounts| amounts.aided), opened, owed, shown }
}

/// What tax is told of a variant.
fn owed_in(variant: &Variant) -> ContributionOwed {
    let (in_force_from, in_force_to) = wire_days(variant);
    ContributionOwed { for_tier: variant.tier.clone(), in_force_from, in_force_to, ..owed(&variant.aid) }
}

/// What is shown of a variant.
fn shown_in(variant: &Variant) -> contract::Aid {
    let (in_force_from, in_force_to) = wire_days(variant);
    contract::Aid { for_tier: variant.tier.clone(), in_force_from, in_force_to, ..shown(&variant.aid) }
}

fn shown_with(aid: &Aid, variants: &[Variant]) -> contract::Aid {
    contract::Aid { variants: variants.iter().map(shown_in).collect(), ..shown(aid) }
}

fn wire_days(variant: &Variant) -> (Option<google::Date>, Option<google::Date>) {
    let (from, to) = variant.days.unwrap_or_default();
    (from.map(wire::date), to.map(wire::date))
}

/// What tax is told, but for whose it is and its number: the amount and how it is settled, and never why.
fn owed(aid: &Aid) -> ContributionOwed {
    let (settled_by, confirmed_on, declarers) = match &aid.settled_by {
        SettledBy::Payment => (contract::SettledBy::Payment, None, Vec::new()),
        SettledBy::Confirmation(day) => {
            (contract::SettledBy::Confirmation, Some(wire::date(*day)), Vec::new())
        }
        SettledBy::Declaration(submitters) => {
            let declarers = submitters.iter().map(|submitter| submitter.code().to_owned());
            (contract::SettledBy::Declaration, None, declarers.collect())
        }
    };
    let days = aid.opened.as_ref().map(|opened| opened.days);
    ContributionOwed {
        aided: aid.amounts.map(|amounts| wire::money(amounts.aided)),
        owed: aid.amounts.and_then(|amounts| amounts.owed).map(wire::money),
        payable_item: aid.payable_item.clone(),
        citations: wire::citations(&aid.plain_citations),
        settled_by: settled_by.into(),
        confirmed_on,
        declarers,
        open_from: days.map(Period::from).map(wire::date),
        open_to: days.map(Period::to).map(wire::date),
        tier: aid.tier.clone(),
        ..ContributionOwed::default()
    }
}

/// What is shown, without whose it is and how it stands.
fn shown(aid: &Aid) -> contract::Aid {
    let parts = aid.opened.iter().flat_map(|opened| &opened.parts);
    contract::Aid {
        standard: aid.amounts.and(aid.standard).map(wire::money),
        aided: aid.amounts.map(|amounts| wire::money(amounts.aided)),
        payer: aid.payer(),
        owed: aid.amounts.and_then(|amounts| amounts.owed).map(wire::money),
        payable_item: aid.payable_item.clone(),
        citations: wire::citations(&aid.citations),
        taken: if aid.amounts.is_some() { aid.lines() } else { aid.taken.clone() }.iter().map(line).collect(),
        lost: aid.lost.iter().map(line).collect(),
        government_parts: parts.map(wire::amount_part).collect(),
        tier: aid.tier.clone(),
        ..contract::Aid::default()
    }
}

/// What others bear: the aid, and the government's part where somebody bears it beside the person.
fn borne(aid: &Aid) -> Vec<Borne> {
    let parts = aid.opened.iter().flat_map(|opened| &opened.parts).map(|part| {
        let shown = wire::amount_part(part);
        Borne {
            part: part.part,
            payer: shown.bearer,
            amount: part.amount,
            citations: kept(shown.citations, &[]),
        }
    });
    of_aid(&aid.lines()).into_iter().chain(parts).collect()
}

/// What payers owe for a settled contribution, what is given back of it, and which determination is shown.
fn settle(unit: &mut Unit, key: &Key, known: &Known<'_>, standing: &mut Standing) -> Result<(), Failure> {
    store::finance::clear(unit, key)?;
    standing.shown_number = standing.number;
    standing.state = known.state().into();
    let Some(settled) = store::aid::settled(unit, key)? else { return forget(unit, key) };
    let named = store::aid::determined(unit, key, settled.number)?;
    let (opened, aided_then) = named.map_or((None, None), |named| (named.opened, named.aided));
    let grants = recognition::owed(&settled, store::aid::borne(unit, key, settled.number)?, opened);
    store::finance::put(unit, key, &grants, (settled.settled_on, false))?;
    // Tax that had heard of no determination took what the first one has: the standard.
    let shown_number = settled.number.max(1);
    if let Some(shown) = store::aid::determined(unit, key, shown_number)? {
        standing.shown_number = shown_number;
        standing.state =
            if shown.aided.is_some() { AidState::Determined } else { AidState::PersonMustDecide }.into();
    }
    if grants.is_empty() {
        return recognise(unit, key, known, (&settled, aided_then), standing);
    }
    standing.state = AidState::Granted.into();
    forget(unit, key)
}

/// What came of a recognition is forgotten where it does not apply any more, unless tax was told of it.
fn forget(unit: &mut Unit, key: &Key) -> Result<(), Failure> {
    match store::aid::recognised(unit, key)?.map(|recognised| recognised.outcome) {
        Some(Outcome::Refused | Outcome::Undecided) => Ok(store::aid::put_recognised(unit, key, None)?),
        Some(Outcome::GivenBack(..)) | None => Ok(()),
    }
}

/// An identity recognised after the payment: what is given back is told and stays, and what comes to more later is told by
/// the difference.
fn recognise(
    unit: &mut Unit,
    key: &Key,
    known: &Known<'_>,
    (settled, aided_then): (&Settled, Option<Money>),
    standing: &mut Standing,
) -> Result<(), Failure> {
    let decided = store::aid::decision(unit, key)?;
    let judged = known
        .notice(settled.settled_on)
        .and_then(|notice| recognition::judge(settled, aided_then, &known.facts(), decided, notice));
    let given = store::aid::recognised(unit, key)?.and_then(|before| match before.outcome {
        Outcome::GivenBack(amount, _) => Some((amount, before.number)),
        Outcome::Refused | Outcome::Undecided => None,
    });
    let (before, number) = given.unwrap_or((Money::ZERO, 0));
    // Tax takes each determination once.
    let more = judged.as_ref().and_then(|judged| judged.outcome.above(before));
    let more = more.filter(|_| standing.number > number);
    if let Some((judged, more)) = judged.as_ref().zip(more) {
        let told = AidRefundDetermined {
            resident_id: key.2.as_bytes().to_vec(),
            cover_year: key.1.get().into(),
            amount: Some(wire::money(more)),
            determined_on: Some(wire::date(judged.determined_on)),
            determination: standing.number,
            citations: wire::citations(&judged.plain_citations),
        };
        tell(unit, key.0, &told)?;
    }
    if given.is_none() || more.is_some() {
        let citations = judged.as_ref().map(|judged| kept(wire::citations(&judged.citations), &judged.lines));
        let row = judged.as_ref().zip(citations.as_deref());
        let row = row.map(|(judged, citations)| (judged, standing.number, citations));
        store::aid::put_recognised(unit, key, row)?;
    }
    let Some(recognised) = store::aid::recognised(unit, key)? else { return Ok(()) };
    match recognised.outcome {
        Outcome::Refused => {}
        Outcome::Undecided => {
            standing.shown_number = standing.number;
            standing.state = AidState::PersonMustDecide.into();
        }
        Outcome::GivenBack(amount, payer) => {
            let grants = given_back(amount, payer, recognised.citations)?;
            store::finance::put(unit, key, &grants, (recognised.determined_on, true))?;
            standing.shown_number = recognised.number;
            standing.state = AidState::Granted.into();
        }
    }
    Ok(())
}
