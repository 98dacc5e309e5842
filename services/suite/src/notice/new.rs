//! `canbao notice new`: starts the file of a notice.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use canbao_host::StartError;
use canbao_types::{CoverYear, Division};

use crate::print;

/// What a new file holds.
const TEMPLATE: &str = include_str!("new.toml");

/// Writes `NAME.toml` in the folder where one stands, and says what comes next. A file that is there stays.
pub(super) fn begin(name: &str) -> Result<(), StartError> {
    let text = started(name)?;
    let file = format!("{name}.toml");
    let written = OpenOptions::new().write(true).create_new(true).open(&file);
    let mut written = written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{file} is there already, and stays as it is"),
        _ => format!("{file}: {error}"),
    })?;
    written.write_all(text.as_bytes())?;
    print(format_args!(
        "{file} is started: write what stands as …… in it, beside the notice. `canbao notice check {file}` tells what is left."
    ))
}

/// The text of a new file.
fn started(name: &str) -> Result<String, StartError> {
    let parts = name.split_once('-').and_then(|(division, year)| {
        let year = year.parse().ok().and_then(CoverYear::new)?;
        Some((division.parse::<Division>().ok()?, year))
    });
    let wrong =
        || format!("{name:?} is no name of a notice; write division code and coverage year, as 000000-2026");
    let (division, year) = parts.ok_or_else(wrong)?;
    Ok(TEMPLATE.replace("DIVISION", &division.to_string()).replace("YEAR", &year.to_string()))
}

#[cfg(test)]
mod tests {
    use canbao_policy::Notice;

    use super::*;

    /// What is told of the text of a file.
    fn told(text: &str) -> Vec<String> {
        let problems = Notice::parse("new.toml", text).unwrap_err().0;
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_new_file_tells_what_is_still_to_be_written_and_nothing_else() {
        let text = started("141198-2027").unwrap();
        let told = told(&text);
        let blank = |line: &&str| !line.starts_with('#') && line.contains("……");
        assert_eq!(told.len(), text.lines().filter(blank).count(), "{told:#?}");
        assert!(told.iter().all(|line| line.ends_with("is still to be written")), "{told:#?}");
        for (table, told_of) in [("[notice]", "notice: `title`"), ("[[price]]", "price standard: `amount`")] {
            let line = text.lines().position(|line| line.starts_with(table)).unwrap() + 1;
            let expected = format!("new.toml, line {line}: {told_of} is still to be written");
            assert!(told.contains(&expected), "{expected} is not among {told:#?}");
        }
    }

    #[test]
    fn a_new_file_whose_blanks_are_written_serves() {
        let text = started("141198-2027").unwrap();
        let text = text.replace("code = \"……\"", "code = \"YX27\"").replace("[\"……\"]", "[\"YX27-01\"]");
        let text =
            text.replace("clauses = \"……\"", "clauses = 1").replace("amount = \"……\"", "amount = \"400\"");
        let text =
            text.replace("from = \"……\"", "from = 2026-09-01").replace("to = \"……\"", "to = 2026-12-31");
        let notice = Notice::parse("new.toml", &text.replace("……", "云溪")).unwrap();
        let checked = notice.check();
        assert!(checked.problems.is_empty(), "{:#?}", checked.problems);
    }

    #[test]
    fn a_name_that_is_none_is_told() {
        for name in ["", "141198", "141198-27", "yunxi-2027", "141198-2027-1"] {
            let told = started(name).unwrap_err().to_string();
            assert!(told.contains("write division code and coverage year"), "{told}");
        }
    }
}
