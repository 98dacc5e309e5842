//! A season of any size, made by a recipe: the same for the same seed, byte for byte.

use std::{collections::BTreeMap, fs::OpenOptions, io::Write, path::Path};

use canbao_host::StartError;
use canbao_policy::plainly;
use canbao_types::Date;
use chrono::Datelike;
use serde::de::DeserializeOwned;
use toml::Table;

use super::{
    files::{
        AssessmentLine, ConfirmationLine, CoverLine, DecisionLine, DeclarationLine, DocumentLine, EndLine,
        Line, MoveLine, PaymentLine, Plan, RefundLine, ResidentLine, RosterLine, Township,
    },
    lines::{at, fresh, write_lines, write_plan},
    words::RefundWay,
};
use people::{Chances, Numbers};
use recipe::{Act, Kind, More, Recipe, Usual, Who};

mod people;
mod recipe;

/// The recipes compiled in, with their file names, which are those of the notices. The first one is made unless another is
/// asked for.
const RECIPES: [(&str, &str); 4] = [
    ("141181-2026.toml", include_str!("generate/141181-2026.toml")),
    ("370685-2025.toml", include_str!("generate/370685-2025.toml")),
    ("371000-2022.toml", include_str!("generate/371000-2022.toml")),
    ("210881-2025.toml", include_str!("generate/210881-2025.toml")),
];

/// Stands in a recipe for what differs from person to person: the township, a further number.
const OWN: &str = "*";

/// The recipe of a notice by the name that `canbao rule` has for it, or in a file that ends in `.toml`; or the first one.
/// With the name of its file.
fn recipe(of: Option<&str>) -> Result<(String, Recipe), StartError> {
    if let Some(file) = of.filter(|of| of.ends_with(".toml")) {
        return Ok((file.to_owned(), read(file)?));
    }
    let name = |(file, _): &(&'static str, &str)| file.trim_end_matches(".toml");
    let found = RECIPES.iter().find(|recipe| of.is_none_or(|of| of == name(recipe)));
    let (file, text) = found.ok_or_else(|| {
        let names: Vec<_> = RECIPES.iter().map(name).collect();
        let of = of.unwrap_or_default();
        format!("no recipe for {of}; there are {}; or give one of your own with --recipe", names.join(", "))
    })?;
    Ok(((*file).to_owned(), toml::from_str(text)?))
}

/// Reads a file of kinds of people.
fn read<T: DeserializeOwned>(file: &str) -> Result<T, StartError> {
    let path = Path::new(file);
    let text = std::fs::read_to_string(path).map_err(|error| at(path, error))?;
    toml::from_str(&text).map_err(|error| at(path, plainly(error)))
}

/// Makes a season of so many people by a recipe, in a folder, which must be empty or not there yet. `more` is a file with
/// further kinds of people; those that it names one by one come on top of the number asked for. Gives how many people there
/// are.
pub fn generate(
    recipe_of: Option<&str>,
    people: usize,
    seed: u64,
    folder: &Path,
    more: Option<&Path>,
) -> Result<usize, StartError> {
    let (file, mut recipe) = recipe(recipe_of)?;
    let tables = std::mem::take(&mut recipe.kind);
    let mut kinds = in_file(&file, tables, &recipe.default)?;
    if let Some(file) = more.map(|more| more.display().to_string()) {
        let more: More = read(&file)?;
        kinds.extend(in_file(&file, more.kind, &recipe.default)?);
        recipe.confirmation.extend(more.confirmation);
    }
    let mut making = Making {
        chances: Chances::of(seed),
        numbers: Numbers::of(&recipe.numbers),
        recipe: &recipe,
        made: 0,
        living: BTreeMap::new(),
        files: Files {
            confirmations: recipe.confirmation.clone(),
            refunds: recipe.refund.clone(),
            ..Files::default()
        },
    };
    for (kind, count) in kinds.iter().zip(shares(&kinds, people)?) {
        for _ in 0..count {
            making.person(kind).map_err(|error| format!("kind {}: {error}", kind.id))?;
        }
    }
    let (township, made) = (making.townships(), making.made);
    let files = making.files;
    fresh(folder)?;
    let plan = Plan {
        division: recipe.division.clone(),
        cover_year: recipe.cover_year,
        begins: recipe.begins,
        ends: recipe.ends,
        township,
    };
    write_plan(folder, &recipe.about, &plan)?;
    files.write(folder)?;
    for broken in &recipe.broken {
        let file = folder.join(&broken.file);
        let mut open = OpenOptions::new().append(true).open(&file).map_err(|error| at(&file, error))?;
        writeln!(open, "{}", broken.line).map_err(|error| at(&file, error))?;
    }
    Ok(made)
}

/// The kinds of people of a file.
fn in_file(file: &str, kinds: Vec<Table>, usual: &Usual) -> Result<Vec<Kind>, StartError> {
    let kind = |kind| Kind::read(kind, usual).map_err(|error| at(Path::new(file), error));
    kinds.into_iter().map(kind).collect()
}

/// How many people of each kind there are: by their shares, at least one, and what is left over in the first.
fn shares(kinds: &[Kind], people: usize) -> Result<Vec<usize>, StartError> {
    /// Kinds are some dozens: when so many people are too few, the shares are wrong.
    const ENOUGH: usize = 100_000;
    let others = |people: usize| -> usize {
        let by_chance = kinds.iter().skip(1).filter(|kind| matches!(kind.who, Who::Some { .. }));
        by_chance.map(|kind| kind.count(people)).fold(0, usize::saturating_add)
    };
    let mut counts: Vec<_> = kinds.iter().map(|kind| kind.count(people)).collect();
    match (people.checked_sub(others(people)), counts.first_mut()) {
        (Some(left), Some(first)) if left > 0 => *first = left,
        _ => {
            let least = (people..ENOUGH).find(|&people| people > others(people));
            let least = least.ok_or("the shares of the kinds leave nobody for the first of them")?;
            return Err(format!("{people} people are too few for all kinds; ask for {least} at least").into());
        }
    }
    Ok(counts)
}

/// The files while they are made.
#[derive(Default)]
struct Files {
    covers: Vec<CoverLine>,
    residents: Vec<ResidentLine>,
    documents: Vec<DocumentLine>,
    moves: Vec<MoveLine>,
    rosters: Vec<RosterLine>,
    confirmations: Vec<ConfirmationLine>,
    decisions: Vec<DecisionLine>,
    assessments: Vec<AssessmentLine>,
    declarations: Vec<DeclarationLine>,
    payments: Vec<PaymentLine>,
    refunds: Vec<RefundLine>,
    ends: Vec<EndLine>,
}

impl Files {
    /// Writes every file, each sorted by day and then so that what goes together stands together. The order of lines
    /// that are alike in that is the order in which they were made, so that a person's acts keep theirs.
    fn write(self, folder: &Path) -> Result<(), StartError> {
        sorted(folder, self.covers, |_| ())?;
        sorted(folder, self.residents, |line| (line.by, line.roster.clone()))?;
        sorted(folder, self.documents, |_| ())?;
        sorted(folder, self.moves, |_| ())?;
        sorted(folder, self.rosters, |line| (line.by, line.identity.clone()))?;
        sorted(folder, self.confirmations, |_| ())?;
        sorted(folder, self.decisions, |_| ())?;
        sorted(folder, self.assessments, |_| ())?;
        sorted(folder, self.declarations, |line| (line.by, line.tier.clone()))?;
        sorted(folder, self.payments, |line| (line.way, line.channel.clone()))?;
        sorted(folder, self.refunds, |line| line.way)?;
        sorted(folder, self.ends, |_| ())
    }
}

fn sorted<T: Line, K: Ord>(
    folder: &Path,
    mut lines: Vec<T>,
    together: impl Fn(&T) -> K,
) -> Result<(), StartError> {
    lines.sort_by_cached_key(|line| (line.day(), together(line)));
    write_lines(folder, lines)
}

/// Somebody, as the acts need to know the person.
struct Person {
    number: String,
    name: String,
    birth: Option<Date>,
    township: Option<String>,
    /// From this day on something is done about the person, where chance chooses the day.
    since: Date,
}

struct Making<'a> {
    chances: Chances,
    numbers: Numbers,
    recipe: &'a Recipe,
    made: usize,
    /// People to be registered, by township.
    living: BTreeMap<String, u64>,
    files: Files,
}

impl Making<'_> {
    fn person(&mut self, kind: &Kind) -> Result<(), StartError> {
        self.made += 1;
        let (mut number, name, birth) = match &kind.who {
            Who::One { person, name, birth } => (person.clone(), name.clone(), *birth),
            Who::Some { births: (first, last), .. } => {
                let (number, birth) = self.numbers.born(self.chances.day(*first, *last), *last)?;
                let number = if kind.certificate { format!("G{:09}", self.made) } else { number };
                (number, people::name(self.made), Some(birth))
            }
        };
        if kind.misprint {
            let wrong = if number.ends_with('0') { '1' } else { '0' };
            number.pop();
            number.push(wrong);
        }
        let township = match &kind.township {
            Some(code) => (!code.is_empty()).then(|| code.clone()),
            None => self.township(),
        };
        let since = birth.map_or(self.recipe.begins, |birth| birth.max(self.recipe.begins));
        let mut person = Person { number, name, birth, township, since };
        self.enrol(kind, &mut person)?;
        self.support(kind, &person)?;
        self.pay(kind, &person)
    }

    fn township(&mut self) -> Option<String> {
        let mut chance = self.chances.below(100);
        let townships = self.recipe.township.iter();
        let found = townships.into_iter().find(|township| match chance.checked_sub(township.of_100) {
            Some(left) => {
                chance = left;
                false
            }
            None => true,
        });
        found.map(|township| township.code.clone())
    }

    fn townships(&self) -> Vec<Township> {
        let task = |living: u64| (living * self.recipe.task_of_100).div_ceil(100).max(1);
        let living = |code: &str| self.living.get(code).copied().unwrap_or_default();
        let townships = self.recipe.township.iter().map(|township| Township {
            code: township.code.clone(),
            name: township.name.clone(),
            task: task(living(&township.code)),
        });
        townships.collect()
    }

    /// A day of an act: never before the person was there.
    fn day<T>(&mut self, act: &Act<T>, since: Date) -> Result<Date, StartError> {
        let (from, to) = act.days;
        if from == to {
            return Ok(from);
        }
        let from = from.max(since);
        if from > to {
            return Err(format!("no day is left between {from} and {to}").into());
        }
        Ok(self.chances.day(from, to))
    }

    /// Registration: cover, registrations, documents, moves, ends.
    fn enrol(&mut self, kind: &Kind, person: &mut Person) -> Result<(), StartError> {
        for act in &kind.cover {
            let day = self.day(act, person.since)?;
            self.files.covers.push(CoverLine { day, person: person.number.clone(), ..act.line.clone() });
        }
        for (at, act) in kind.resident.iter().enumerate() {
            let day = self.day(act, person.since)?;
            let roster = match act.line.roster.as_deref() {
                Some(OWN) => person.township.clone(),
                roster => roster.map(str::to_owned),
            };
            let certificate = person.number.len() != 18;
            self.files.residents.push(ResidentLine {
                day,
                roster,
                person: person.number.clone(),
                name: person.name.clone(),
                birth: person.birth.filter(|_| certificate),
                township: person.township.clone(),
                ..act.line.clone()
            });
            if at == 0 {
                person.since = person.since.max(day);
                if let Some(code) = &person.township {
                    *self.living.entry(code.clone()).or_default() += 1;
                }
            }
        }
        for act in &kind.document {
            let day = self.day(act, person.since)?;
            let number = match (act.line.number.as_str(), person.birth) {
                ("" | OWN, Some(birth)) => self.numbers.born(birth, birth)?.0,
                (number, _) => number.to_owned(),
            };
            let (person, name) = (person.number.clone(), person.name.clone());
            self.files.documents.push(DocumentLine { day, person, number, name });
        }
        for act in &kind.moves {
            let day = self.day(act, person.since)?;
            let (person, township) = (person.number.clone(), person.township.clone());
            self.files.moves.push(MoveLine { day, person, township });
        }
        for act in &kind.end {
            let day = self.day(act, person.since)?;
            self.files.ends.push(EndLine { day, person: person.number.clone(), ..act.line });
        }
        Ok(())
    }

    /// Subsidy, and what it makes others do: rosters, decisions, assessments, declarations.
    fn support(&mut self, kind: &Kind, person: &Person) -> Result<(), StartError> {
        let own = || person.number.clone();
        for act in &kind.roster {
            let day = self.day(act, person.since)?;
            let written = &act.line.name;
            let name = if written.is_empty() { person.name.clone() } else { written.clone() };
            self.files.rosters.push(RosterLine { day, person: own(), name, ..act.line.clone() });
        }
        for act in &kind.decision {
            let day = self.day(act, person.since)?;
            self.files.decisions.push(DecisionLine { day, person: own(), ..act.line.clone() });
        }
        for act in &kind.assessment {
            let day = self.day(act, person.since)?;
            self.files.assessments.push(AssessmentLine { day, person: own(), ..act.line.clone() });
        }
        for act in &kind.declaration {
            let day = self.day(act, person.since)?;
            self.files.declarations.push(DeclarationLine { day, person: own(), ..act.line.clone() });
        }
        Ok(())
    }

    /// Collection: payments and refunds.
    fn pay(&mut self, kind: &Kind, person: &Person) -> Result<(), StartError> {
        let mut before: Option<(String, String)> = None;
        for (at, act) in kind.payment.iter().enumerate() {
            let day = self.open_day(act, person.since)?;
            let channel = match self.chances.one_of(&act.channels) {
                Some(channel) => channel.clone(),
                None => act.line.channel.clone(),
            };
            let transaction = match &before {
                Some((_, transaction)) if act.again => transaction.clone(),
                _ if !act.line.transaction.is_empty() => act.line.transaction.clone(),
                _ => format!("{:08}-{}", self.made, at + 1),
            };
            before = Some((channel.clone(), transaction.clone()));
            let person = person.number.clone();
            self.files.payments.push(PaymentLine { day, channel, transaction, person, ..act.line.clone() });
        }
        for act in &kind.refund {
            let day = self.day(act, person.since)?;
            let mut line = RefundLine { day, ..act.line.clone() };
            if line.way == RefundWay::Suspense {
                (line.channel, line.transaction) = before.clone().unzip();
            } else {
                line.person = Some(person.number.clone());
            }
            self.files.refunds.push(line);
        }
        Ok(())
    }

    /// A day of a payment; one that chance chooses is a day on which payments are taken.
    fn open_day(&mut self, act: &Act<PaymentLine>, since: Date) -> Result<Date, StartError> {
        const TRIES: usize = 1_000;
        let (first, last) = self.recipe.month_days;
        for _ in 0..TRIES {
            let day = self.day(act, since)?;
            if act.days.0 == act.days.1 || (first..=last).contains(&day.day()) {
                return Ok(day);
            }
        }
        Err(format!("no open day is left between {} and {}", act.days.0, act.days.1).into())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    fn made(people: usize, seed: u64) -> BTreeMap<String, String> {
        made_under(None, people, seed)
    }

    fn made_under(notice: Option<&str>, people: usize, seed: u64) -> BTreeMap<String, String> {
        let folder = tempfile::tempdir().unwrap();
        generate(notice, people, seed, folder.path(), None).unwrap();
        let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap());
        let read = |file: fs::DirEntry| {
            (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap())
        };
        files.map(read).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_season_and_another_seed_another() {
        assert!(made(300, 7) == made(300, 7));
        let (one, other) = (made(300, 7), made(300, 8));
        assert_eq!(one.len(), 13);
        assert!(one["residents.csv"] != other["residents.csv"]);
    }

    #[test]
    fn everybody_has_a_number_of_an_own_and_the_size_is_what_was_asked_for() {
        for people in [300, 2_000] {
            let files = made(people, 1);
            let mut persons = BTreeSet::new();
            for (file, column) in [("residents.csv", 3), ("payments.csv", 4), ("rosters.csv", 3)] {
                let column = files[file].lines().skip(1).filter_map(|line| line.split(',').nth(column));
                persons.extend(column.filter(|person| !person.is_empty()).map(str::to_owned));
            }
            assert_eq!(persons.len(), people);
        }
    }

    #[test]
    fn every_notice_with_a_recipe_has_a_season_and_another_is_told_which_there_are() {
        for (file, _) in RECIPES {
            assert_eq!(made_under(file.strip_suffix(".toml"), 600, 1).len(), 13, "{file}");
        }
        let folder = tempfile::tempdir().unwrap();
        let error = generate(Some("141181-2025"), 600, 1, folder.path(), None).unwrap_err().to_string();
        assert!(error.contains("no recipe for 141181-2025") && error.contains("141181-2026,"), "{error}");
    }

    #[test]
    fn every_line_is_sorted_by_day_and_a_season_that_is_too_small_is_not_made() {
        for (file, text) in made(500, 3).iter().filter(|(file, _)| file.ends_with(".csv")) {
            let days: Vec<_> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
            let broken = usize::from(["residents.csv", "payments.csv"].contains(&file.as_str()));
            assert!(days[..days.len() - broken].is_sorted(), "{file}");
        }
        let folder = tempfile::tempdir().unwrap();
        let error = generate(None, 20, 1, folder.path(), None).unwrap_err().to_string();
        let least = error.split_once("ask for ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
        assert!(generate(None, least - 1, 1, folder.path(), None).is_err(), "{error}");
        generate(None, least, 1, folder.path(), None).unwrap();
    }

    #[test]
    fn a_season_that_is_there_already_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join("residents.csv");
        fs::write(&mine, "mine").unwrap();
        let error = generate(None, 300, 1, folder.path(), None).unwrap_err().to_string();
        assert!(error.contains("is not empty"), "{error}");
        assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
    }
}
