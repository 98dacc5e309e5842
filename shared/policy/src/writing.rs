//! Writes answers down.

use std::collections::BTreeMap;
use std::sync::Arc;

use canbao_types::{Bearer, Citation, Citations, CoverYear, Date, Money, Part};

use crate::beside::{Channels, Duty, Product};
use crate::cap::{Cap, CapStep};
use crate::claim::{Claim, Entitlements};
use crate::declared::{Channel, Way};
use crate::fact::Fact;
use crate::government::GovernmentSubsidy;
use crate::refund::{Delay, Refund};
use crate::ruling::{
    AidLine, Basis, Benefit, Cited, HeldRuling, Payment, Refusal, Registration, Stated, Unjudged,
};
use crate::target::Progress;
use crate::tier::Tier;
use crate::trace::{Trace, Verdict};
use crate::wait::{Wait, WaitLine};
use crate::words::Cause;
use crate::written::{
    Against, Aid, Capping, Channelling, Claiming, Due, Entitling, Identity, Level, Met, Offered, OpenChannel,
    Paying, Reaching, Refunding, Registering, RowTried, Share, Showing, Subsidising, WaitStep, Waiting,
    WayIn,
};

impl From<&Payment> for Paying {
    fn from(said: &Payment) -> Self {
        let mut reasons = against("refuse", said.refusal.iter().chain(&said.also));
        reasons.extend(against("warn", &said.warnings));
        let benefit = said.benefit.as_ref();
        Self {
            refused: said.refusal.as_ref().map(|refusal| refusal.reason.code()),
            next_day: said.refusal.as_ref().and_then(|refusal| refusal.next_day),
            warns: said.warnings.iter().map(|warning| warning.reason.code()).collect(),
            reasons,
            unjudged: said.unjudged.iter().map(RowTried::from).collect(),
            identities: said.identities.iter().map(Identity::from).collect(),
            class: said.class.as_ref().map(|class| class.value.to_string()),
            tier: said.tier.as_ref().map(|tier| tier.value.enjoyed.to_string()),
            tier_paid: tier_paid(said.tier.as_ref()),
            tiers: tiers(said.tier.as_ref()),
            window: said.window.as_ref().map(|window| window.name.to_string()),
            late: said.late(),
            days: said.window.as_ref().and_then(|window| window.days),
            over: said.over.iter().map(|past| (past.name.to_string(), past.last_day)).collect(),
            lines: said
                .parts
                .iter()
                .map(|line| (line.part.code(), line.amount.to_string(), bearer(&line.bearer)))
                .collect(),
            along: said.parts.iter().filter_map(|line| line.name.as_ref().map(ToString::to_string)).collect(),
            aid: Aid::of(&said.aid),
            aid_lost: Aid::of_each_row(&said.aid_lost),
            aid_not_stated: said.aid_not_stated,
            due: said.due.map(|due| due.to_string()),
            option: said.option.as_ref().map(|option| option.value.to_string()),
            locked: said.prepaid.as_ref().map(|prepaid| prepaid.value),
            row: benefit.map(|benefit| without_table(&benefit.row)),
            start: benefit.map(|benefit| benefit.start.to_string()),
            end: benefit.map(|benefit| benefit.end.to_string()),
            cut_by: benefit.and_then(|benefit| benefit.cut_by.as_ref()).map(|cut| cut.value.to_string()),
            buys_nothing: benefit.is_some_and(Benefit::is_empty),
            wait: said.wait_months(),
            waits: benefit.and_then(|benefit| benefit.wait.as_ref()).map(Waiting::from),
            exempt: benefit.and_then(|benefit| benefit.exempted.as_ref()).map(|row| row.value.to_string()),
            useful_repair: said.repair.as_ref().map_or(0, |repair| repair.useful_years),
            repair_price: said
                .repair
                .as_ref()
                .filter(|repair| repair.useful_years > 0)
                .map(|repair| repair.useful_price.to_string()),
            duties: said.duties.iter().map(Due::from).collect(),
            overdue: said.duties.iter().any(|duty| duty.overdue == Some(true)),
            products: said.products.iter().map(Offered::from).collect(),
            settled: said.settled.as_ref().map(|settled| settled.value),
            because: because_of_payment(said),
            clauses: said.citations().into_vec(),
        }
    }
}

fn because_of_payment(said: &Payment) -> BTreeMap<&'static str, Vec<Citation>> {
    let mut because = BTreeMap::new();
    let mut rests = |key: &'static str, basis: Option<&Basis>| {
        because.extend(basis.map(|basis| (key, basis.to_vec())));
    };
    let benefit = said.benefit.as_ref();
    rests("class", said.class.as_ref().map(|class| &class.basis));
    rests("tier", said.tier.as_ref().map(|tier| &tier.basis));
    rests("window", said.window.as_ref().map(|window| &window.basis));
    rests("option", said.option.as_ref().map(|option| &option.basis));
    rests("locked", said.prepaid.as_ref().map(|prepaid| &prepaid.basis));
    rests("start", benefit.map(|benefit| &benefit.basis));
    rests("wait", benefit.and_then(|benefit| benefit.wait.as_ref()).map(|wait| &wait.basis));
    rests("exempt", benefit.and_then(|benefit| benefit.exempted.as_ref()).map(|row| &row.basis));
    rests("repair", said.repair.as_ref().map(|repair| &repair.basis));
    rests("cut_by", benefit.and_then(|benefit| benefit.cut_by.as_ref()).map(|cut| &cut.basis));
    rests("settled", said.settled.as_ref().map(|settled| &settled.basis));
    let lines = said.parts.iter().flat_map(|line| line.basis.iter().cloned());
    because.insert("lines", lines.collect::<Citations>().into_vec());
    because
}

impl From<&Registration> for Registering {
    fn from(said: &Registration) -> Self {
        let basis = |cited: &Cited<Arc<str>>| cited.basis.to_vec();
        let mut because = BTreeMap::new();
        because.extend(said.class.as_ref().map(|class| ("class", basis(class))));
        because.extend(said.tier.as_ref().map(|tier| ("tier", tier.basis.to_vec())));
        because.extend(said.route.as_ref().map(|route| ("route", route.basis.to_vec())));
        let grounds = said.grounds.iter().flat_map(basis).collect::<Citations>();
        because.insert("grounds", grounds.into_vec());
        Self {
            refused: said.refusal.as_ref().map(|refusal| refusal.reason.code()),
            eligible: said.eligible(),
            reasons: against("refuse", said.refusal.iter().chain(&said.also)),
            grounds: said.grounds.iter().map(|ground| ground.value.to_string()).collect(),
            class: said.class.as_ref().map(|class| class.value.to_string()),
            tier: said
                .tier
                .as_ref()
                .filter(|tier| tier.value.choice.is_empty())
                .map(|tier| tier.value.enjoyed.to_string()),
            tiers: tiers(said.tier.as_ref()),
            route: said.route.as_ref().map(|route| route.value.by.to_string()),
            ways: said.route.iter().flat_map(|route| &route.value.ways).map(WayIn::from).collect(),
            unjudged: said.unjudged.iter().map(RowTried::from).collect(),
            identities: said.identities.iter().map(Identity::from).collect(),
            because,
            clauses: said.citations().into_vec(),
        }
    }
}

impl Refunding {
    /// Writes down what is given back of what was paid.
    pub(crate) fn new(said: &Refund, paid: Option<Money>) -> Self {
        let net = paid.zip(said.amount.and_then(Stated::is));
        Self {
            refused: said.refusal.as_ref().map(|refusal| refusal.reason.code()),
            reasons: against("refuse", &said.refusal),
            refund: said.amount.map(|amount| amount.to_string()),
            payer: (!said.aid.is_empty()).then(|| AidLine::payers(&said.aid)),
            shares: shares(&said.aid),
            net: net.and_then(|(paid, back)| paid.checked_sub(back)).map(|net| net.to_string()),
            clauses: cited(said.basis.as_ref()),
        }
    }
}

impl From<&Delay> for Showing {
    fn from(said: &Delay) -> Self {
        Self {
            refused: said.refusal.as_ref().map(|refusal| refusal.reason.code()),
            reasons: against("refuse", &said.refusal),
            day: said.day.map(|day| day.to_string()),
            shows: said.shows.iter().map(|field| field.to_string()).collect(),
            clauses: cited(said.basis.as_ref()),
        }
    }
}

impl From<&Result<Cited<GovernmentSubsidy>, Box<Refusal>>> for Subsidising {
    fn from(said: &Result<Cited<GovernmentSubsidy>, Box<Refusal>>) -> Self {
        let (amount, refusal) = (said.as_ref().ok(), said.as_ref().err().map(|refusal| &**refusal));
        Self {
            refused: refusal.map(|refusal| refusal.reason.code()),
            reasons: against("refuse", refusal),
            government_subsidy: amount.map(|amount| amount.value.amount.to_string()),
            of_year: amount.and_then(|amount| amount.value.of_year).map(CoverYear::get),
            shares: amount.iter().flat_map(|amount| &amount.value.shares).map(level).collect(),
            clauses: cited(amount.map(|amount| &amount.basis)),
        }
    }
}

impl From<Option<&Progress>> for Reaching {
    fn from(said: Option<&Progress>) -> Self {
        let unsaid = Stated::<Date>::NotStated;
        let met = match said.map_or(Stated::NotStated, |progress| progress.met) {
            Stated::Is(met) => Met::Said(met),
            Stated::NotStated => Met::Unsaid(unsaid.to_string()),
            Stated::PersonMustDecide => Met::Unsaid(Stated::<Date>::PersonMustDecide.to_string()),
        };
        Self {
            met,
            share: said.and_then(|progress| progress.share).map(|share| share.to_string()),
            by: said.map_or(unsaid, |progress| progress.by).to_string(),
            clauses: cited(said.map(|progress| &progress.basis)),
        }
    }
}

impl From<&HeldRuling> for Identity {
    fn from(held: &HeldRuling) -> Self {
        Self { name: held.name.clone(), counts: held.counts, clauses: held.basis.to_vec() }
    }
}

impl From<&Unjudged> for RowTried {
    fn from(unjudged: &Unjudged) -> Self {
        Self { row: unjudged.row.to_string(), verdict: "needs", fact: Some(unjudged.fact.key()) }
    }
}

impl Aid {
    /// What several lines come to; `None` without a line.
    fn of(lines: &[AidLine]) -> Option<Self> {
        let mut rows: Vec<String> = lines.iter().map(|line| without_table(&line.row)).collect();
        rows.dedup();
        let clauses = lines.iter().flat_map(|line| line.basis.iter().cloned());
        (!lines.is_empty()).then(|| Self {
            id: rows.join("、"),
            amount: AidLine::total(lines).to_string(),
            payer: AidLine::payers(lines),
            declared: lines.iter().all(|line| line.declared),
            shares: shares(lines),
            clauses: clauses.collect::<Citations>().into_vec(),
        })
    }

    fn of_each_row(lines: &[AidLine]) -> Vec<Self> {
        lines.chunk_by(|one, next| one.row == next.row).filter_map(Self::of).collect()
    }
}

/// Who bears how much of which part; empty where one payer bears all, and of the personal part alone.
fn shares(lines: &[AidLine]) -> Vec<Share> {
    let share = |line: &AidLine| Share {
        id: without_table(&line.row),
        part: line.part.code(),
        name: line.name.as_ref().map(ToString::to_string),
        amount: line.amount.to_string(),
        payer: line.payer.to_string(),
    };
    let along = |line: &AidLine| line.part != Part::Personal;
    lines.iter().filter(|_| lines.len() > 1 || lines.iter().any(along)).map(share).collect()
}

impl From<&Wait> for Waiting {
    fn from(wait: &Wait) -> Self {
        Self {
            fixed_months: wait.fixed_months,
            fixed_days: (wait.fixed_days > 0).then_some(wait.fixed_days),
            variable_months: wait.variable_months,
            repaired_years: wait.repaired_years,
            missed: wait.missed_years,
            lines: wait.lines.iter().map(WaitStep::from).collect(),
            at_least: wait.at_least,
        }
    }
}

impl From<&WaitLine> for WaitStep {
    fn from(line: &WaitLine) -> Self {
        let (part, months, day) = (line.part.code(), line.months, line.day.to_string());
        Self { part, months, day, clauses: line.basis.to_vec() }
    }
}

impl From<&Duty> for Due {
    fn from(duty: &Duty) -> Self {
        let (who, step, clauses) = (duty.who.to_string(), duty.step.code(), duty.basis.to_vec());
        Self { who, step, by: duty.by, overdue: duty.overdue, clauses }
    }
}

impl From<&Product> for Offered {
    fn from(product: &Product) -> Self {
        let (name, amount) = (product.name.to_string(), product.amount.to_string());
        Self { name, amount, clauses: product.basis.to_vec() }
    }
}

impl From<&Way> for WayIn {
    fn from(way: &Way) -> Self {
        let one_of = |papers: &Vec<Arc<str>>| papers.iter().map(ToString::to_string).collect();
        Self { at: way.at.to_string(), papers: way.papers.iter().map(one_of).collect() }
    }
}

impl From<&Cap> for Capping {
    fn from(said: &Cap) -> Self {
        let steps = said.steps.iter().map(|step| &step.basis);
        let clauses = said.basis.iter().chain(steps).flat_map(|basis| basis.iter().cloned());
        let of_step = |step: &CapStep| step.id.to_string();
        Self {
            answer: said.silent.then(|| Stated::<Date>::NotStated.to_string()),
            refused: said.refusal.as_ref().map(|refusal| refusal.reason.code()),
            reasons: against("refuse", &said.refusal),
            steps: said.steps.iter().map(|step| (of_step(step), step.amount.to_string())).collect(),
            counts: said.steps.iter().map(|step| (of_step(step), step.count)).collect(),
            delta: said.delta.map(|delta| delta.to_string()),
            cap: said.cap.map(|cap| cap.to_string()),
            clauses: clauses.collect::<Citations>().into_vec(),
        }
    }
}

impl From<&Claim> for Claiming {
    fn from(said: &Claim) -> Self {
        let causes = |causes: &[Cited<Cause>]| causes.iter().map(|cause| cause.value.code()).collect();
        let cited = said.excluded.iter().chain(&said.undecided).map(|cause| &cause.basis);
        let refused = said.refusal.iter().map(|refusal| &refusal.basis);
        let clauses = cited.chain(refused).flat_map(|basis| basis.iter().cloned());
        Self {
            answer: said.silent.then(|| Stated::<Date>::NotStated.to_string()),
            refused: said.refusal.as_ref().map(|refusal| refusal.reason.code()),
            reasons: against("refuse", &said.refusal),
            excluded: causes(&said.excluded),
            undecided: causes(&said.undecided),
            clauses: clauses.collect::<Citations>().into_vec(),
        }
    }
}

impl From<&Entitlements> for Entitling {
    fn from(said: &Entitlements) -> Self {
        let names = |all: &[Cited<Arc<str>>]| all.iter().map(|one| one.value.to_string()).collect();
        let cited = said.drawn.iter().chain(&said.undecided).flat_map(|one| one.basis.iter().cloned());
        Self {
            answer: said.silent.then(|| Stated::<Date>::NotStated.to_string()),
            entitlements: names(&said.drawn),
            undecided: names(&said.undecided),
            unjudged: said.unjudged.iter().map(RowTried::from).collect(),
            clauses: cited.collect::<Citations>().into_vec(),
        }
    }
}

impl From<&Channels> for Channelling {
    fn from(said: &Channels) -> Self {
        let open = |cited: &Cited<Channel>| OpenChannel {
            name: cited.value.name.to_string(),
            kind: cited.value.kind.code(),
            clauses: cited.basis.to_vec(),
        };
        let clauses = said.open.iter().flat_map(|cited| cited.basis.iter().cloned());
        Self {
            channels: said.open.iter().map(open).collect(),
            unjudged: said.unjudged.iter().map(RowTried::from).collect(),
            clauses: clauses.collect::<Citations>().into_vec(),
        }
    }
}

impl From<&Trace> for Vec<RowTried> {
    fn from(trace: &Trace) -> Self {
        let tried = trace.0.iter().map(|tried| {
            let (verdict, fact) = match tried.verdict {
                Verdict::Holds => ("holds", None),
                Verdict::Excepted => ("excepted", None),
                Verdict::Fails(fact) => ("fails", Some(fact.code())),
                Verdict::Needs(fact) => ("needs", Some(fact.key())),
            };
            RowTried { row: tried.row.to_string(), verdict, fact }
        });
        tried.collect()
    }
}

fn against<'r>(weight: &'static str, refusals: impl IntoIterator<Item = &'r Refusal>) -> Vec<Against> {
    let refusals: Vec<&Refusal> = refusals.into_iter().collect();
    let mut missing: Vec<_> = refusals.iter().filter_map(|refusal| refusal.fact).map(Fact::key).collect();
    missing.dedup();
    let missing = missing.join("、");
    let written = |refusal: &Refusal| Against {
        weight,
        reason: refusal.reason.code(),
        message: match refusal.fact {
            Some(_) => format!("信息不全，请补充所缺信息后再办理，缺：{missing}。"),
            None => refusal.refused().message,
        },
        say: refusal.say.as_ref().map(ToString::to_string),
        row: refusal.row.to_string(),
        fact: refusal.fact.map(|fact| fact.key()),
        next_day: refusal.next_day,
        clauses: refusal.basis.to_vec(),
    };
    refusals.iter().copied().map(written).collect()
}

/// What a level of government bears.
fn level((payer, amount): &(Arc<str>, Stated<Money>)) -> Level {
    Level { payer: payer.to_string(), amount: amount.to_string() }
}

fn tier_paid(tier: Option<&Cited<Tier>>) -> Option<String> {
    tier.and_then(|tier| tier.value.paid.as_ref()).map(ToString::to_string)
}

fn tiers(tier: Option<&Cited<Tier>>) -> Vec<String> {
    tier.iter().flat_map(|tier| &tier.value.choice).map(ToString::to_string).collect()
}

fn bearer(bearer: &Bearer) -> String {
    match bearer {
        Bearer::Person => "person".to_owned(),
        Bearer::Payer(payer) => payer.clone(),
    }
}

/// The id of a row, without its table.
fn without_table(row: &str) -> String {
    row.split_once(' ').map_or(row, |(_, id)| id).to_owned()
}

fn cited(basis: Option<&Basis>) -> Vec<Citation> {
    basis.map(|basis| basis.to_vec()).unwrap_or_default()
}
