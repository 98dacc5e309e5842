//! `canbao notice`: notice files on the command line.

use std::fs;
use std::path::Path;

use canbao_host::{StartError, notice_files};
use canbao_policy::{Notice, Notices, Problems};
use clap::{Arg, ArgMatches, Command};

use crate::print;

mod new;

/// The command and its arguments.
pub fn command() -> Command {
    let file = Arg::new("file")
        .required(true)
        .value_name("FILE")
        .help("A notice in a .toml file, or one compiled in, as 000000-2026");
    let check = Command::new("check").about("Checks a notice file and tells every problem").arg(file);
    let named = Arg::new("name").required(true).value_name("NAME").help(
        "Division and coverage year, as 000000-2026; the file is NAME.toml in the folder where one stands",
    );
    let new = Command::new("new").about("Starts the file of a notice, with what is to be written").arg(named);
    let commands = [check, new];
    Command::new("notice").about("Looks at notices (通知)").subcommand_required(true).subcommands(commands)
}

/// Runs the one that is asked for.
pub fn run(matches: &ArgMatches) -> Result<(), StartError> {
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned();
    match matches.subcommand() {
        Some(("check", matches)) => {
            check(&named(&text(matches, "file").ok_or("a file is needed")?, folder(matches))?)
        }
        Some(("new", matches)) => new::begin(&text(matches, "name").ok_or("a name is needed")?),
        _ => Err("what is asked of the notice?".into()),
    }
}

/// Checks a notice file: one line when it is sound, after what a person should know and accept; otherwise an error that
/// tells every problem, one a line.
fn check(notice: &Notice) -> Result<(), StartError> {
    let checked = notice.check();
    if !checked.problems.is_empty() {
        return Err(Problems(checked.problems).into());
    }
    for note in &checked.notes {
        print(format_args!("note: {note}"))?;
    }
    let (identities, points) = (notice.identities().len(), notice.open_points().len());
    let (name, title) = (name(notice), notice.title());
    print(format_args!("{name} {title}: sound; {identities} identities, {points} open points"))
}

/// The folder of further notices, as the settings name it.
pub(crate) fn folder(matches: &ArgMatches) -> Option<&Path> {
    matches.get_one::<String>("notices").filter(|folder| !folder.is_empty()).map(Path::new)
}

/// The notices compiled in, and those of a folder.
pub(crate) fn all(folder: Option<&Path>) -> Result<Notices, StartError> {
    Ok(Notices::builtin()?.with(&notice_files(folder)?)?)
}

/// The notice of a name such as `141181-2026`, compiled in or in the folder; or read from a file that ends in `.toml`.
pub(crate) fn named(name: &str, folder: Option<&Path>) -> Result<Notice, StartError> {
    if name.ends_with(".toml") {
        return read(Path::new(name));
    }
    let notices = all(folder)?;
    let missing = || {
        let known: Vec<_> = notices.iter().map(self::name).collect();
        format!("there is no notice {name}; give {}, or a .toml file", known.join(", "))
    };
    Ok(find(&notices, name).ok_or_else(missing)?.clone())
}

/// The notice of exactly this division and coverage year, such as `141181-2026`.
pub(crate) fn find<'n>(notices: &'n Notices, name: &str) -> Option<&'n Notice> {
    notices.iter().find(|notice| self::name(notice) == name)
}

/// Division and coverage year.
fn name(notice: &Notice) -> String {
    format!("{}-{}", notice.division(), notice.year())
}

fn read(file: &Path) -> Result<Notice, StartError> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Notice::parse(&file.display().to_string(), &text)?)
}
