//! A recipe: which kinds of people make a season, how many of each, and what is done about each of them.
//!
//! A recipe is a TOML file. An act is a line of one of the season's files, with the columns of that file, but for the
//! person, who is generated. Its `day` is a day, or a first and a last one between which chance chooses.

use canbao_host::StartError;
use canbao_policy::plainly;
use canbao_types::Date;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use toml::{Table, Value};

use crate::season::files::{
    AssessmentLine, ConfirmationLine, CoverLine, DecisionLine, DeclarationLine, DocumentLine, EndLine, Line,
    MoveLine, PaymentLine, RefundLine, ResidentLine, RosterLine,
};

/// The whole of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The comment over the generated `season.toml`.
    pub about: String,
    /// The division that insures.
    pub division: String,
    /// The coverage year.
    pub cover_year: i32,
    /// The season's first day.
    pub begins: Date,
    /// The season's last day.
    pub ends: Date,
    /// The division code under which the people have their numbers.
    pub numbers: String,
    /// The first and last day of a month on which chance lets people pay.
    pub month_days: (u32, u32),
    /// How many of a hundred people of a township make its task number.
    pub task_of_100: u64,
    pub township: Vec<TownshipShare>,
    #[serde(default)]
    pub default: Usual,
    #[serde(default)]
    pub confirmation: Vec<ConfirmationLine>,
    #[serde(default)]
    pub refund: Vec<RefundLine>,
    #[serde(default)]
    pub broken: Vec<BrokenLine>,
    pub kind: Vec<Table>,
}

/// Columns of an act, by its list in a kind, unless the act says otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usual {
    cover: Table,
    resident: Table,
    document: Table,
    #[serde(rename = "move")]
    moves: Table,
    roster: Table,
    decision: Table,
    assessment: Table,
    declaration: Table,
    payment: Table,
    refund: Table,
    end: Table,
}

/// A township and how many of a hundred people live there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TownshipShare {
    pub code: String,
    pub name: String,
    pub of_100: u64,
}

/// A line that cannot be read, as it stands at the end of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenLine {
    pub file: String,
    pub line: String,
}

/// More kinds, and what belongs to them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct More {
    #[serde(default)]
    pub confirmation: Vec<ConfirmationLine>,
    pub kind: Vec<Table>,
}

/// A kind of people as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    of_10000: Option<u64>,
    births: Option<(Date, Date)>,
    person: Option<String>,
    name: Option<String>,
    #[serde(default)]
    certificate: bool,
    #[serde(default)]
    misprint: bool,
    township: Option<String>,
    #[serde(default)]
    cover: Vec<Table>,
    #[serde(default)]
    resident: Vec<Table>,
    #[serde(default)]
    document: Vec<Table>,
    #[serde(default, rename = "move")]
    moves: Vec<Table>,
    #[serde(default)]
    roster: Vec<Table>,
    #[serde(default)]
    decision: Vec<Table>,
    #[serde(default)]
    assessment: Vec<Table>,
    #[serde(default)]
    declaration: Vec<Table>,
    #[serde(default)]
    payment: Vec<Table>,
    #[serde(default)]
    refund: Vec<Table>,
    #[serde(default)]
    end: Vec<Table>,
    /// What becomes of them: for whoever checks it.
    #[serde(default, rename = "expected")]
    _expected: Option<IgnoredAny>,
}

/// A kind of people.
#[derive(Debug)]
pub struct Kind {
    /// Its name in the recipe.
    pub id: String,
    /// Who they are.
    pub who: Who,
    /// Generated with a birth certificate in place of a number.
    pub certificate: bool,
    /// The last character of the number is written wrong.
    pub misprint: bool,
    /// Where they live; none: chance decides; empty: not given.
    pub township: Option<String>,
    pub cover: Vec<Act<CoverLine>>,
    pub resident: Vec<Act<ResidentLine>>,
    pub document: Vec<Act<DocumentLine>>,
    pub moves: Vec<Act<MoveLine>>,
    pub roster: Vec<Act<RosterLine>>,
    pub decision: Vec<Act<DecisionLine>>,
    pub assessment: Vec<Act<AssessmentLine>>,
    pub declaration: Vec<Act<DeclarationLine>>,
    pub payment: Vec<Act<PaymentLine>>,
    pub refund: Vec<Act<RefundLine>>,
    pub end: Vec<Act<EndLine>>,
}

/// Who the people of a kind are.
#[derive(Debug)]
pub enum Who {
    /// So many of ten thousand, and always one, born between two days.
    Some { of_10000: u64, births: (Date, Date) },
    /// This one person.
    One { person: String, name: String, birth: Option<Date> },
}

/// What is done about everybody of a kind.
#[derive(Debug)]
pub struct Act<T> {
    /// Between these days.
    pub days: (Date, Date),
    /// The line, without the person.
    pub line: T,
    /// Channels of which chance takes one; none: the line's own.
    pub channels: Vec<String>,
    /// It has the transaction number of the payment before it.
    pub again: bool,
}

impl Kind {
    /// Reads a kind as it is written.
    pub fn read(table: Table, usual: &Usual) -> Result<Self, StartError> {
        let id = table.get("id").and_then(Value::as_str).unwrap_or("without an id").to_owned();
        Self::of(table, usual).map_err(|error| format!("kind {id}: {error}").into())
    }

    /// How many there are of a kind among so many people: at least one.
    pub fn count(&self, people: usize) -> usize {
        match self.who {
            Who::Some { of_10000, .. } => {
                let count = people as u128 * u128::from(of_10000) / 10_000;
                usize::try_from(count).unwrap_or(usize::MAX).max(1)
            }
            Who::One { .. } => 1,
        }
    }

    fn of(table: Table, usual: &Usual) -> Result<Self, StartError> {
        let written: Written = Value::Table(table).try_into().map_err(plainly)?;
        let who = match (written.person, written.births) {
            (Some(_), _) if written.of_10000.is_some() => {
                return Err("a `person` is one; take `of_10000` out".into());
            }
            (Some(person), births) => {
                Who::One { name: written.name.unwrap_or_default(), birth: births.map(|days| days.0), person }
            }
            (None, Some(_)) if written.name.is_some() => {
                return Err("has a `name` without the `person` whose it is".into());
            }
            (None, Some(births)) => Who::Some { of_10000: written.of_10000.unwrap_or_default(), births },
            (None, None) => return Err("has neither `births` nor a `person`".into()),
        };
        let named = Columns { own: &["person", "name"], blank: &["person", "name"] };
        let alone = Columns { own: &["person"], blank: &["person"] };
        let resident = Columns { own: &["person", "name", "birth", "township"], ..named };
        let document = Columns { blank: &["person", "name", "number"], ..named };
        let moves = Columns { own: &["person", "township"], ..alone };
        let roster = Columns { own: &["person"], ..named };
        let payment = Columns { blank: &["person", "transaction", "channel"], ..alone };
        let refund = Columns { own: &["person", "channel", "transaction"], blank: &[] };
        Ok(Self {
            id: written.id,
            who,
            certificate: written.certificate,
            misprint: written.misprint,
            township: written.township,
            cover: alone.acts("cover", written.cover, &usual.cover)?,
            resident: resident.acts("resident", written.resident, &usual.resident)?,
            document: document.acts("document", written.document, &usual.document)?,
            moves: moves.acts("move", written.moves, &usual.moves)?,
            roster: roster.acts("roster", written.roster, &usual.roster)?,
            decision: alone.acts("decision", written.decision, &usual.decision)?,
            assessment: alone.acts("assessment", written.assessment, &usual.assessment)?,
            declaration: alone.acts("declaration", written.declaration, &usual.declaration)?,
            payment: payment.acts("payment", written.payment, &usual.payment)?,
            refund: refund.acts("refund", written.refund, &usual.refund)?,
            end: alone.acts("end", written.end, &usual.end)?,
        })
    }
}

/// What an act need not say.
#[derive(Clone, Copy)]
struct Columns {
    /// The person's own, which it must not say.
    own: &'static [&'static str],
    /// Filled in for each person where it does not say them.
    blank: &'static [&'static str],
}

impl Columns {
    fn acts<T: Line>(self, list: &str, acts: Vec<Table>, usual: &Table) -> Result<Vec<Act<T>>, StartError> {
        let act = |(act, number): (Table, usize)| {
            self.act(act, usual).map_err(|error| format!("{list} {number}: {}", plainly(error)).into())
        };
        acts.into_iter().zip(1..).map(act).collect()
    }

    fn act<T: Line>(self, mut table: Table, usual: &Table) -> Result<Act<T>, StartError> {
        if let Some(own) = self.own.iter().find(|own| table.contains_key(**own) || usual.contains_key(**own))
        {
            return Err(format!("`{own}` is filled in for each person; take it out").into());
        }
        let usual = usual.iter().map(|(column, value)| (column.clone(), value.clone()));
        let blank = self.blank.iter().map(|&column| (column.to_owned(), Value::String(String::new())));
        for (column, value) in usual.chain(blank) {
            table.entry(column).or_insert(value);
        }
        let days = match table.remove("day").ok_or("has no day")? {
            Value::Array(days) => Value::Array(days).try_into()?,
            day => {
                let day = day.try_into()?;
                (day, day)
            }
        };
        table.insert("day".to_owned(), Value::try_from(days.0)?);
        let again = taken(&mut table, "again")?.unwrap_or_default();
        let channels = match table.get("channel") {
            Some(Value::Array(_)) => taken(&mut table, "channel")?.unwrap_or_default(),
            _ => Vec::new(),
        };
        if !channels.is_empty() {
            table.insert("channel".to_owned(), Value::String(String::new()));
        }
        // An empty text takes a usual value away again.
        let blank = |column: &str| self.blank.contains(&column);
        table.retain(|column, value| value.as_str() != Some("") || blank(column));
        Ok(Act { days, line: Value::Table(table).try_into()?, channels, again })
    }
}

fn taken<T: DeserializeOwned>(table: &mut Table, key: &str) -> Result<Option<T>, StartError> {
    Ok(table.remove(key).map(Value::try_into).transpose()?)
}

#[cfg(test)]
mod taught;
