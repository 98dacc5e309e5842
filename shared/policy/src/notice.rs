//! A notice (通知): what it answers, and what it says of itself.

use std::sync::Arc;

use canbao_types::{CoverYear, Date, Division, Period};
use toml::Table;

use crate::beside::{self, Channels};
use crate::cap::{self, Cap, CapFacts};
use crate::claim::{self, Claim, Entitlements};
use crate::compile::Compiler;
use crate::declared::{Channel, DeclaredIdentity, OpenPoint, Provenance, Target};
use crate::facts::Facts;
use crate::government::{self, GovernmentSubsidy};
use crate::history;
use crate::layer::{self, Find, Layers, Written};
use crate::pay;
use crate::problem::Problems;
use crate::question::{self, Question};
use crate::reader::Reader;
use crate::reading;
use crate::refund::{self, Delay, Refund};
use crate::register;
use crate::ruling::{Basis, Cited, Payment, Refusal, Registration, Stated};
use crate::table::Tables;
use crate::target::Progress;
use crate::trace::Trace;
use crate::words::RefundCause;
use crate::written::{Explained, Ruling, Why};

/// One division's rules for one coverage year. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Notice {
    pub(crate) tables: Arc<Tables>,
    pub(crate) file: Arc<Table>,
    pub(crate) name: Arc<str>,
    pub(crate) layers: Arc<Layers>,
}

impl Notice {
    /// Reads and checks a notice that is one file.
    pub fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        Self::over(name, text, |_| None)
    }

    /// Reads and checks a notice with the layers it stands over, whose texts `beneath` gives by their names, such as
    /// "000000-2026".
    pub fn over(name: &str, text: &str, beneath: impl Fn(&str) -> Option<String>) -> Result<Self, Problems> {
        let top = Written::read(name, text).map_err(|problem| Problems(vec![problem]))?;
        let find = |name: &str| Some(Written::read(&format!("{name}.toml"), &beneath(name)?));
        Self::composed(&top, &find)
    }

    /// Reads and checks a file over the layers that `find` gives.
    pub(crate) fn composed(top: &Written, find: &Find<'_>) -> Result<Self, Problems> {
        if top.is_layer() {
            let what = "is a layer and serves beneath others only; read a notice that stands over it";
            return Err(Problems(vec![top.problem("notice", what)]));
        }
        let (file, layers) = layer::compose(top, find)?;
        let notice = Self::of(&top.name, file, layers)?;
        let mut problems = Vec::new();
        for (point, others) in reading::readings(&notice.file) {
            for number in 0..others {
                if let Some(Err(found)) = notice.reading(&point, number) {
                    problems.extend(found.0);
                }
            }
        }
        if problems.is_empty() { Ok(notice) } else { Err(Problems(problems)) }
    }

    /// The notice as another reading of an open point has it: the `number`-th other one, from 0. `None`
    /// when there is no such reading, or it is told in words only.
    pub fn reading(&self, point: &str, number: usize) -> Option<Result<Self, Problems>> {
        let patched = reading::other_reading(&self.file, point, number)?.map_err(|what| {
            let entry = format!("open {point}");
            Problems(vec![self.layers.problem(&entry, None, what)])
        });
        let note = format!(", {point} read otherwise");
        let name = format!("{}{note}", self.name);
        Some(patched.and_then(|table| Self::of(&name, table, self.layers.noted(&note))))
    }

    /// The notice compiled once more from its file, sharing nothing with it; for whoever wants to know what a compiled one
    /// weighs.
    #[must_use]
    pub fn recompiled(&self) -> Self {
        let layers = self.layers.noted("");
        Self::of(&self.name, (*self.file).clone(), layers).unwrap_or_else(|_| self.clone())
    }

    fn of(name: &str, file: Table, layers: Layers) -> Result<Self, Problems> {
        let mut compiler = Compiler::new(Reader::new(&layers, file.clone()));
        let tables = compiler.compile();
        let problems = compiler.reader.problems;
        match tables {
            Some(tables) if problems.is_empty() => Ok(Self {
                tables: Arc::new(tables),
                file: Arc::new(file),
                name: name.into(),
                layers: Arc::new(layers),
            }),
            _ => Err(Problems(problems)),
        }
    }

    /// The name of its file, without folder and ending; with its layers it is [`Notice::layers`]' last.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.layers.names.last().map_or("", |name| name)
    }

    /// The names of the files it is made of, the lowest first.
    #[must_use]
    pub fn layers(&self) -> &[Arc<str>] {
        &self.layers.names
    }

    /// The file in which an entry stands, by table and id such as "window 集中参保缴费期".
    #[must_use]
    pub fn file_of(&self, entry: &str) -> &str {
        self.layers.file(entry)
    }

    /// Whether this version applies to a day; one that says nothing of it does.
    #[must_use]
    pub fn in_force_on(&self, day: Date) -> bool {
        let Provenance { in_force_from, in_force_to, .. } = self.provenance();
        in_force_from.is_none_or(|from| from <= day) && in_force_to.is_none_or(|to| day <= to)
    }

    /// Whether this version was known on a day; one that does not say when it was published was.
    #[must_use]
    pub fn known_on(&self, day: Date) -> bool {
        self.provenance().published.is_none_or(|published| published <= day)
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.tables.title
    }

    /// What it says of its own making.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.tables.provenance
    }

    /// The tiers it knows (档次), in its order.
    #[must_use]
    pub fn tiers(&self) -> &[Arc<str>] {
        &self.tables.names.tier
    }

    /// The division (行政区划) it governs.
    #[must_use]
    pub fn division(&self) -> Division {
        self.tables.division
    }

    /// The pool (统筹区) the division belongs to.
    #[must_use]
    pub fn pool(&self) -> Division {
        self.tables.pool
    }

    /// The coverage year, by its number.
    #[must_use]
    pub fn year(&self) -> CoverYear {
        self.tables.year
    }

    /// The days the coverage year covers.
    #[must_use]
    pub fn cover(&self) -> Period {
        self.tables.cover
    }

    /// The answer to a question, as it is written down.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Ruling {
        question::answer(&self.tables, question, &mut ()).ruling()
    }

    /// [`Notice::answer`], with why it is what it is and every row tried.
    #[must_use]
    pub fn explain(&self, question: &Question) -> Explained {
        let mut trace = Trace::default();
        let answer = question::answer(&self.tables, question, &mut trace);
        let explanation = answer.why(self.open_points()).iter().map(Why::from).collect();
        Explained { ruling: answer.ruling(), explanation, trace: (&trace).into() }
    }

    /// May this person register, and as what? (参保登记)
    #[must_use]
    pub fn register(&self, facts: &Facts) -> Registration {
        register::register(&self.tables, facts, &mut ())
    }

    /// [`Notice::register`], with every row tried.
    #[must_use]
    pub fn explain_registration(&self, facts: &Facts) -> (Registration, Trace) {
        let mut trace = Trace::default();
        (register::register(&self.tables, facts, &mut trace), trace)
    }

    /// What does this person pay, and what for? (缴费) Without `paid`, a quotation; without `paid` and with
    /// `confirmed`, the settlement of a person who owes nothing, if nothing is due.
    #[must_use]
    pub fn pay(&self, facts: &Facts) -> Payment {
        pay::pay(&self.tables, facts, &mut ())
    }

    /// [`Notice::pay`] for `confirmed`, as though nothing were due: for a person whose amount the notice leaves open, when
    /// it was decided that nothing is left to pay.
    #[must_use]
    pub fn settle(&self, facts: &Facts) -> Payment {
        pay::settle(&self.tables, facts)
    }

    /// [`Notice::pay`], with every row tried.
    #[must_use]
    pub fn explain_payment(&self, facts: &Facts) -> (Payment, Trace) {
        let mut trace = Trace::default();
        (pay::pay(&self.tables, facts, &mut trace), trace)
    }

    /// What is given back? (退费)
    #[must_use]
    pub fn refund(&self, facts: &Facts) -> Refund {
        refund::refund(&self.tables, facts, &mut ())
    }

    /// [`Notice::refund`] on the ground that the notice has for a cause. Where it names none, the rows that ask for no
    /// ground answer for the person's own wish, death and the employee scheme; otherwise a person must decide.
    #[must_use]
    pub fn refund_for(&self, cause: RefundCause, facts: &Facts) -> Refund {
        let named = self.tables.causes.iter().find(|(known, _)| *known == cause);
        let ground = match named {
            Some((_, ground)) => ground.to_string(),
            // Known, and none of those that the notice declares.
            None if cause.needs_no_ground() => String::new(),
            None => return Refund { amount: Some(Stated::PersonMustDecide), ..Refund::default() },
        };
        self.refund(&Facts { ground: Some(ground), ..facts.clone() })
    }

    /// When can a payment be seen or certified, and what is shown of it? (查询、证明)
    #[must_use]
    pub fn delay(&self, facts: &Facts) -> Delay {
        refund::delay(&self.tables, facts, &mut ())
    }

    /// How high is the cap? (大病保险最高支付限额)
    #[must_use]
    pub fn cap(&self, facts: &CapFacts) -> Cap {
        cap::cap(&self.tables, facts)
    }

    /// What of a claim is not the fund's to pay? (不予支付)
    #[must_use]
    pub fn claim(&self, facts: &Facts) -> Claim {
        claim::claim(&self.tables, facts, &mut ())
    }

    /// What may whoever is insured draw? (待遇项目)
    #[must_use]
    pub fn entitlements(&self, facts: &Facts) -> Entitlements {
        claim::entitlements(&self.tables, facts, &mut ())
    }

    /// Through which channels may the person pay? (缴费渠道)
    #[must_use]
    pub fn channels_for(&self, facts: &Facts) -> Channels {
        beside::channels(&self.tables, facts, &mut ())
    }

    /// What government pays for the person (财政补助) in the notice's year, which is meant when none is asked for. Not
    /// stated when no row says, or when another year is asked for.
    ///
    /// # Errors
    /// A refusal that names the fact, when one is missing that could decide.
    pub fn government_subsidy(&self, facts: &Facts) -> Result<Cited<GovernmentSubsidy>, Box<Refusal>> {
        government::subsidy(&self.tables, facts, &mut ())
    }

    /// Whole coverage years missed (断保年度) since the last covered one before the year asked for; `None` when a fact
    /// is missing for it.
    #[must_use]
    pub fn missed_years(&self, facts: &Facts) -> Option<u32> {
        history::Known::of(&self.tables, facts).missed
    }

    /// Is a target reached when `count` are counted of `of`? `None` when the notice has no target of the name.
    #[must_use]
    pub fn target(&self, name: &str, count: u64, of: u64) -> Option<Progress> {
        self.targets().iter().find(|target| *target.name == *name).map(|target| target.progress(count, of))
    }

    /// The identities it knows (身份), in its order.
    #[must_use]
    pub fn identities(&self) -> &[DeclaredIdentity] {
        &self.tables.declared
    }

    /// The channels it names (缴费渠道).
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        &self.tables.channels
    }

    /// The shares to be reached (工作目标).
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.tables.targets
    }

    /// What is announced without a figure.
    #[must_use]
    pub fn announced(&self) -> &[(Arc<str>, Basis)] {
        &self.tables.announced
    }

    /// The points left open (待明确事项), with the reading that is followed.
    #[must_use]
    pub fn open_points(&self) -> &[OpenPoint] {
        &self.tables.open
    }
}
