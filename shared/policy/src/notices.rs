//! The notices of a suite: those compiled in, those given, their layers and versions.

use std::collections::BTreeSet;
use std::sync::Arc;

use canbao_types::{CoverYear, Date, Division};
use sha2::{Digest, Sha256};

use crate::declared::Provenance;
use crate::layer::{Written, stem};
use crate::notice::Notice;
use crate::problem::Problems;

/// The notices compiled in, with their file names.
const BUILTIN: [(&str, &str); 4] = [
    ("370685-2025.toml", include_str!("../notices/370685-2025.toml")),
    ("371000-2022.toml", include_str!("../notices/371000-2022.toml")),
    ("210881-2025.toml", include_str!("../notices/210881-2025.toml")),
    ("141181-2026.toml", include_str!("../notices/141181-2026.toml")),
];

/// The notices (通知) a suite serves: per division and coverage year one, and the versions that amend it.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    /// Every file, layers included, each under its own name.
    files: Vec<Written>,
    served: Vec<Notice>,
}

/// The days on which one version of a notice applies.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    /// The first day; none: since ever.
    pub from: Option<Date>,
    /// The last day; none: for ever.
    pub to: Option<Date>,
    /// The version.
    pub notice: &'a Notice,
}

impl Stretch<'_> {
    /// Whether the version applies to a day.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

impl Notices {
    /// The notices compiled in. Fails only if one of them is wrong, which a test rules out.
    pub fn builtin() -> Result<Self, Problems> {
        let files = BUILTIN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Self::default().with(&files.collect::<Vec<_>>())
    }

    /// The text of a notice compiled in, by its name such as "000000-2026".
    #[must_use]
    pub fn builtin_text(name: &str) -> Option<&'static str> {
        BUILTIN.iter().find(|(file, _)| stem(file) == name).map(|(_, text)| *text)
    }

    /// Adds files given as name and text, in any order; layers are found among them and those there before. A later notice
    /// replaces an earlier one of the same division and coverage year, unless it amends one. The problems of all files are
    /// told together.
    pub fn with(mut self, files: &[(String, String)]) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut given: Vec<Arc<str>> = Vec::new();
        for (name, text) in files {
            match Written::read(name, text) {
                Ok(file) => {
                    self.files.retain(|known| known.stem() != file.stem());
                    given.push(file.stem().into());
                    self.files.push(file);
                }
                Err(problem) => problems.push(problem),
            }
        }
        let find = |name: &str| self.files.iter().find(|file| file.stem() == name).cloned().map(Ok);
        let mut fresh = Vec::new();
        for file in self.files.iter().filter(|file| !file.is_layer()) {
            // What stands over nothing new is as it was.
            let stands_alone = file.beneath().is_ok_and(|beneath| beneath.is_empty());
            if stands_alone && !given.iter().any(|name| **name == *file.stem()) {
                continue;
            }
            match Notice::composed(file, &find) {
                Ok(notice) => fresh.push(notice),
                // A fault of a layer is told once, however many notices stand over it.
                Err(found) => {
                    for problem in found.0 {
                        if !problems.contains(&problem) {
                            problems.push(problem);
                        }
                    }
                }
            }
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        fresh
            .into_iter()
            .filter(|notice| notice.layers().iter().any(|name| given.contains(name)))
            .for_each(|notice| self.serve(notice));
        Ok(self)
    }

    /// Takes a notice in place of what it replaces.
    fn serve(&mut self, notice: Notice) {
        let amends = notice.provenance().amends.is_some();
        self.served.retain(|known| {
            let same = known.division() == notice.division() && known.year() == notice.year();
            known.stem() != notice.stem() && (!same || amends || known.provenance().amends.is_some())
        });
        self.served.push(notice);
    }

    /// The notice that governs a division in a coverage year: its own, or else that of the smallest
    /// division around it, such as the pool's (统筹区). Of its versions it is the newest, whatever days that applies to:
    /// for what a notice declares. What is decided about a day asks [`Self::in_force`].
    #[must_use]
    pub fn find(&self, division: Division, year: CoverYear) -> Option<&Notice> {
        self.newest(division, year, |_| true)
    }

    /// The version that applies to a day, the date that counts: of those given that are in force on it the newest. A
    /// version that is given before it is published applies to its days all the same.
    #[must_use]
    pub fn in_force(&self, division: Division, year: CoverYear, day: Date) -> Option<&Notice> {
        self.newest(division, year, |notice| notice.in_force_on(day))
    }

    /// Which version applies when: the stretches of days with one version each, in order, all days together, but for those on
    /// which none is in force.
    #[must_use]
    pub fn stretches(&self, division: Division, year: CoverYear) -> Vec<Stretch<'_>> {
        let governs =
            self.served.iter().filter(|notice| notice.year() == year && notice.division().contains(division));
        let turns = governs.flat_map(|notice| {
            let Provenance { in_force_from, in_force_to, .. } = notice.provenance();
            [*in_force_from, in_force_to.and_then(|to| to.succ_opt())]
        });
        let turns: BTreeSet<Date> = turns.flatten().collect();
        let mut stretches: Vec<Stretch<'_>> = Vec::new();
        let from = std::iter::once(None).chain(turns.iter().copied().map(Some));
        let to = turns.iter().map(Date::pred_opt).chain(std::iter::once(None));
        for (from, to) in from.zip(to) {
            let day = from.or(to).unwrap_or_default();
            let Some(notice) = self.in_force(division, year, day) else { continue };
            match stretches.last_mut() {
                Some(before)
                    if before.to.and_then(|to| to.succ_opt()) == from
                        && std::ptr::eq(before.notice, notice) =>
                {
                    before.to = to;
                }
                _ => stretches.push(Stretch { from, to, notice }),
            }
        }
        stretches
    }

    /// What tells the versions of a place from other ones, their texts and their days: 32 bytes, the same on every machine.
    #[must_use]
    pub fn fingerprint(&self, division: Division, year: CoverYear) -> Vec<u8> {
        let mut hash = Sha256::new();
        for Stretch { from, to, notice } in self.stretches(division, year) {
            hash.update(format!("{from:?} {to:?} {}\n{}\n", notice.layers().join(" "), notice.file));
        }
        hash.finalize().to_vec()
    }

    /// The version that had to be applied to a day with what was known on another: of those in force on the one and
    /// published by the other the newest.
    #[must_use]
    pub fn version(
        &self,
        division: Division,
        year: CoverYear,
        in_force_on: Date,
        known_on: Date,
    ) -> Option<&Notice> {
        self.newest(division, year, |notice| notice.in_force_on(in_force_on) && notice.known_on(known_on))
    }

    fn newest(&self, division: Division, year: CoverYear, fits: impl Fn(&Notice) -> bool) -> Option<&Notice> {
        let governs = |notice: &&Notice| notice.year() == year && notice.division().contains(division);
        let around: Vec<&Notice> = self.served.iter().filter(governs).filter(|notice| fits(notice)).collect();
        let smallest =
            |notice: &&&Notice| around.iter().all(|other| other.division().contains(notice.division()));
        // Of two published on one day the one that stands over more counts.
        let age = |notice: &&&Notice| (notice.provenance().published, notice.layers().len());
        around.iter().filter(smallest).max_by_key(age).copied()
    }

    /// The newest version of every notice, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Notice> {
        let newest = |notice: &&Notice| {
            self.find(notice.division(), notice.year()).is_some_and(|newest| std::ptr::eq(newest, *notice))
        };
        self.served.iter().filter(newest)
    }

    /// Every version of every notice, in the order given.
    pub fn versions(&self) -> impl Iterator<Item = &Notice> {
        self.served.iter()
    }
}
