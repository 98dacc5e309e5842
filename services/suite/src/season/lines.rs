//! Reading a season's files line by line, day by day, and writing them.

use std::{
    fmt::{self, Display},
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use canbao_host::StartError;
use canbao_types::Date;

use super::files::{Line, Plan};

/// Reads `season.toml`.
pub fn read_plan(folder: &Path) -> Result<Plan, StartError> {
    let file = folder.join("season.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| at(&file, error))?;
    toml::from_str(&text).map_err(|error| at(&file, error))
}

/// Writes `season.toml`, under the comment that says what season it is.
pub fn write_plan(folder: &Path, comment: &str, plan: &Plan) -> Result<(), StartError> {
    let comment: String = comment.lines().map(|line| format!("# {line}\n")).collect();
    let file = folder.join("season.toml");
    std::fs::write(&file, format!("{comment}{}", toml::to_string(plan)?)).map_err(|error| at(&file, error))
}

/// Writes one of the CSV files; the lines must be sorted by day.
pub fn write_lines<T: Line>(folder: &Path, lines: impl IntoIterator<Item = T>) -> Result<(), StartError> {
    let file = folder.join(T::FILE);
    let mut writer = csv::Writer::from_path(&file).map_err(|error| at(&file, error))?;
    for line in lines {
        writer.serialize(line).map_err(|error| at(&file, error))?;
    }
    writer.flush().map_err(|error| at(&file, error))
}

/// A line that could not be read; the lines around it are played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub file: &'static str,
    /// The line in it, the first being 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
}

impl Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.problem)
    }
}

/// The lines of one file, in its order; never more of them in memory than are asked for.
pub(super) struct Lines<T> {
    reader: Option<csv::DeserializeRecordsIntoIter<File, T>>,
    next: Option<T>,
    /// No later line may stand before this day, nor after the season.
    earliest: Date,
    ends: Date,
    size: u64,
    /// What could not be read so far; whoever plays the lines takes it from here.
    pub broken: Vec<Broken>,
    path: PathBuf,
}

/// How serde says that the headings do not fit, whatever stands under them.
const HEADINGS: [&str; 3] = ["unknown field", "missing field", "duplicate field"];

impl<T: Line> Lines<T> {
    /// Opens the file of a folder; one that is not there has no lines. Headings that are not those of the file are an
    /// error, as no line could be read under them.
    pub fn open(folder: &Path, plan: &Plan) -> Result<Self, StartError> {
        let path = folder.join(T::FILE);
        let (reader, size) = match File::open(&path) {
            Ok(file) => {
                let size = file.metadata().map_err(|error| at(&path, error))?.len();
                (Some(csv::Reader::from_reader(file).into_deserialize()), size)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => (None, 0),
            Err(error) => return Err(at(&path, error)),
        };
        let (earliest, ends) = (plan.begins, plan.ends);
        let mut lines = Self { reader, next: None, earliest, ends, size, broken: Vec::new(), path };
        lines.advance()?;
        Ok(lines)
    }

    /// The file's name, when it is not there.
    pub const fn absent(&self) -> Option<&'static str> {
        if self.reader.is_none() { Some(T::FILE) } else { None }
    }

    /// Reads all lines that are left.
    pub fn skip(&mut self) -> Result<(), StartError> {
        while self.next.take().is_some() {
            self.advance()?;
        }
        Ok(())
    }

    /// Bytes read so far, and in all.
    pub fn bytes(&self) -> (u64, u64) {
        (self.reader.as_ref().map_or(0, |reader| reader.reader().position().byte()), self.size)
    }

    /// The day of the next line.
    pub fn day(&self) -> Option<Date> {
        self.next.as_ref().map(Line::day)
    }

    /// The next line of the day.
    pub fn take(&mut self, day: Date) -> Result<Option<T>, StartError> {
        if self.day() != Some(day) {
            return Ok(None);
        }
        let line = self.next.take();
        self.advance()?;
        Ok(line)
    }

    /// The next lines of the day, as far as each goes with those before it, of which there is at least one.
    pub fn batch(&mut self, day: Date, goes_with: impl Fn(&[T], &T) -> bool) -> Result<Vec<T>, StartError> {
        let mut batch: Vec<T> = self.take(day)?.into_iter().collect();
        while let Some(next) = &self.next
            && !batch.is_empty()
            && goes_with(&batch, next)
            && let Some(next) = self.take(day)?
        {
            batch.push(next);
        }
        Ok(batch)
    }

    /// Reads on to the next line that can be read and stands in its place.
    fn advance(&mut self) -> Result<(), StartError> {
        let Some(reader) = &mut self.reader else { return Ok(()) };
        loop {
            let line = reader.reader().position().line();
            let (line, problem) = match reader.next() {
                None => return Ok(()),
                Some(Ok(read)) if (self.earliest..=self.ends).contains(&read.day()) => {
                    self.earliest = read.day();
                    self.next = Some(read);
                    return Ok(());
                }
                Some(Ok(read)) => {
                    (line, format!("{} is not between {} and {}", read.day(), self.earliest, self.ends))
                }
                Some(Err(error)) if error.is_io_error() => return Err(at(&self.path, error)),
                Some(Err(error)) => {
                    let problem = problem(&error);
                    if HEADINGS.iter().any(|headings| problem.starts_with(headings)) {
                        return Err(at(&self.path, format!("the headings are wrong: {problem}")));
                    }
                    (error.position().map_or(line, csv::Position::line), problem)
                }
            };
            self.broken.push(Broken { file: T::FILE, line, problem });
        }
    }
}

/// What is wrong with a line, for whoever mends it.
fn problem(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => match err.field() {
            Some(column) => format!("column {}: {}", column + 1, err.kind()),
            None => err.kind().to_string(),
        },
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} columns, the headings are {expected_len}")
        }
        _ => error.to_string(),
    }
}

/// Makes the folder if it is not there; one that holds something is an error.
pub(super) fn fresh(folder: &Path) -> Result<(), StartError> {
    fresh_but_for(folder, |_| false)
}

/// The same of a folder that may hold passwords and keys.
pub(super) fn fresh_but_for_secrets(folder: &Path) -> Result<(), StartError> {
    fresh_but_for(folder, |file| file.extension().is_some_and(|kind| kind == "password" || kind == "key"))
}

fn fresh_but_for(folder: &Path, fine: impl Fn(&Path) -> bool) -> Result<(), StartError> {
    std::fs::create_dir_all(folder).map_err(|error| at(folder, error))?;
    for file in std::fs::read_dir(folder).map_err(|error| at(folder, error))? {
        if !fine(&file.map_err(|error| at(folder, error))?.path()) {
            return Err(at(folder, "is not empty; a season needs a fresh folder"));
        }
    }
    Ok(())
}

pub(super) fn at(path: &Path, error: impl Display) -> StartError {
    format!("{}: {error}", path.display()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::season::{
        files::{DeclarationLine, Township},
        words::Caller,
    };

    fn plan() -> Plan {
        let (begins, ends) = ("2025-10-21".parse().unwrap(), "2025-10-24".parse().unwrap());
        let township = vec![Township { code: "141181001".to_owned(), name: "甲镇".to_owned(), task: 3 }];
        Plan { division: "141199".to_owned(), cover_year: 2026, begins, ends, township }
    }

    fn line(day: &str, person: &str) -> DeclarationLine {
        DeclarationLine {
            day: day.parse().unwrap(),
            by: Caller::DisabledFederation,
            person: person.to_owned(),
            tier: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        write_plan(folder.path(), "A season.\nOf two lines.", &plan()).unwrap();
        assert_eq!(read_plan(folder.path()).unwrap(), plan());
        let lines = [line("2025-10-21", "A"), line("2025-10-21", "B"), line("2025-10-22", "C")];
        write_lines(folder.path(), lines.clone()).unwrap();
        let mut read = Lines::<DeclarationLine>::open(folder.path(), &plan()).unwrap();
        let day = read.day().unwrap();
        assert_eq!(read.batch(day, |_, _| true).unwrap(), lines[..2], "a batch ends with its day");
        assert_eq!(read.take(day).unwrap(), None);
        assert_eq!(read.take(read.day().unwrap()).unwrap().as_ref(), lines.get(2));
        assert_eq!((read.day(), read.broken), (None, Vec::new()));
    }

    #[test]
    fn headings_that_are_not_those_of_the_file_are_an_error_that_names_file_and_column() {
        let wrong = [
            ("day,by,persons", "`persons`"),
            ("day,by", "`person`"),
            ("day,person,person", "`person`"),
            ("2025-10-22,industry,A", "`2025-10-22`"),
        ];
        for (headings, column) in wrong {
            let folder = tempfile::tempdir().unwrap();
            let row = ["2025-10-22", "industry", "B"];
            let row = row[..headings.split(',').count()].join(",");
            std::fs::write(folder.path().join("declarations.csv"), format!("{headings}\n{row}\n")).unwrap();
            let error = Lines::<DeclarationLine>::open(folder.path(), &plan()).err().unwrap().to_string();
            assert!(error.contains("declarations.csv") && error.contains(column), "{error}");
        }
    }

    #[test]
    fn a_broken_line_is_named_by_file_and_line_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let text = "day,by,person\n2025-10-22,disabled-federation,A\n2025-13-22,disabled-federation,B\n\
                    2025-10-22,industry\n2025-10-21,industry,C\n2025-10-25,industry,D\n2025-10-23,industry,E\n";
        std::fs::write(folder.path().join("declarations.csv"), text).unwrap();
        let mut read = Lines::<DeclarationLine>::open(folder.path(), &plan()).unwrap();
        let mut people = Vec::new();
        while let Some(day) = read.day() {
            people.extend(read.take(day).unwrap().map(|line| line.person));
        }
        assert_eq!(people, ["A", "E"]);
        let broken: Vec<_> = read.broken.iter().map(|broken| (broken.file, broken.line)).collect();
        let file = "declarations.csv";
        assert_eq!(broken, [(file, 3), (file, 4), (file, 5), (file, 6)]);
        assert_eq!(
            read.broken[2].to_string(),
            "declarations.csv:5: 2025-10-21 is not between 2025-10-22 and 2025-10-24"
        );
    }
}
