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
    latest: Option<Date>,
    /// What could not be read so far; whoever plays the lines takes it from here.
    pub broken: Vec<Broken>,
    path: PathBuf,
}

impl<T: Line> Lines<T> {
    /// Opens the file of a folder; one that is not there has no lines.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        let path = folder.join(T::FILE);
        let reader = match File::open(&path) {
            Ok(file) => Some(csv::Reader::from_reader(file).into_deserialize()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(at(&path, error)),
        };
        let mut lines = Self { reader, next: None, latest: None, broken: Vec::new(), path };
        lines.advance()?;
        Ok(lines)
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

    /// The next lines of the day that go together with the first of them, `most` at most.
    pub fn batch(
        &mut self,
        day: Date,
        most: usize,
        together: impl Fn(&T, &T) -> bool,
    ) -> Result<Vec<T>, StartError> {
        let mut batch: Vec<T> = self.take(day)?.into_iter().collect();
        while let (Some(first), Some(next)) = (batch.first(), &self.next)
            && batch.len() < most
            && together(first, next)
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
                Some(Ok(read)) if self.latest.is_none_or(|latest| latest <= read.day()) => {
                    self.latest = Some(read.day());
                    self.next = Some(read);
                    return Ok(());
                }
                Some(Ok(read)) => (line, format!("{} stands after a later day", read.day())),
                Some(Err(error)) if error.is_io_error() => return Err(at(&self.path, error)),
                Some(Err(error)) => (error.position().map_or(line, csv::Position::line), error.to_string()),
            };
            self.broken.push(Broken { file: T::FILE, line, problem });
        }
    }
}

pub(super) fn at(path: &Path, error: impl Display) -> StartError {
    format!("{}: {error}", path.display()).into()
}
