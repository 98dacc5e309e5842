//! `canbao notice`: notice files on the command line.

use std::fs;
use std::path::Path;

use canbao_host::{StartError, notice_files};
use canbao_policy::{Notice, Notices, Problems, population};
use canbao_types::Date;
use clap::{Arg, ArgMatches, Command};

use crate::{print, what_if};

mod html;
mod new;
mod text;

/// The command and its arguments.
pub fn command() -> Command {
    let notice = |name: &'static str| {
        let arg = Arg::new(name).required(true).value_name("NOTICE");
        arg.help("A notice in a .toml file, or one compiled in, as 000000-2026")
    };
    let check = Command::new("check").about("Checks a notice file and tells every problem");
    let show = Command::new("show").about("Prints a notice as a page in Chinese");
    let html = Arg::new("html").long("html").value_name("FILE");
    let html = html.help("Writes it as a web page into a file instead");
    let diff = Command::new("diff").about("Prints what changes from one notice to another");
    let population = Arg::new("population").long("population").value_name("FILE");
    let population =
        population.help("Counts whom each change touches, among the residents of a CSV file as of what-if");
    let new = Command::new("new").about("Starts the file of a notice, with what is to be written");
    let name = Arg::new("name").required(true).value_name("NAME").help(
        "Division and coverage year, as 000000-2026; the file is NAME.toml in the folder where one stands",
    );
    Command::new("notice")
        .about("Looks at notices (通知)")
        .subcommand_required(true)
        .subcommand(check.arg(notice("notice")))
        .subcommand(show.arg(notice("notice")).arg(html))
        .subcommand(diff.arg(notice("before")).arg(notice("after")).arg(population))
        .subcommand(new.arg(name))
}

/// Does what is asked about notices.
pub fn run(matches: &ArgMatches) -> Result<(), StartError> {
    let (what, matches) = matches.subcommand().ok_or("say what to do")?;
    let given = |name: &str| matches.get_one::<String>(name).map(String::as_str).ok_or("a notice is needed");
    let named = |name: &str| named(given(name)?, folder(matches));
    match what {
        "show" => show(&named("notice")?, matches.get_one::<String>("html").map(Path::new)),
        "diff" => {
            let population = matches.get_one::<String>("population").map(Path::new);
            diff(&named("before")?, &named("after")?, population)
        }
        "new" => new::begin(given("name")?),
        _ => check(&named("notice")?),
    }
}

/// Prints a notice as a page.
fn show(notice: &Notice, html: Option<&Path>) -> Result<(), StartError> {
    let page = notice.page();
    if let Some(file) = html {
        return fs::write(file, html::html(&page))
            .map_err(|error| format!("{}: {error}", file.display()).into());
    }
    print(text::text(&page, text::WIDTH).trim_end())
}

/// Prints what changes from one notice to another; that something does is no failure.
fn diff(before: &Notice, after: &Notice, population: Option<&Path>) -> Result<(), StartError> {
    let changes = before.changes_to(after);
    let touched = match population {
        Some(file) => {
            let population = what_if::population(file, [before, after])?;
            Some(population::touched(&population, before, after, &changes))
        }
        None => None,
    };
    print(format_args!("{} {}\n→ {} {}\n", name(before), before.title(), name(after), after.title()))?;
    print(text::differences(&changes, touched.as_ref()))
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
    match name.ends_with(".toml") {
        true => read(Path::new(name)),
        false => among(&all(folder)?, name).cloned(),
    }
}

/// The notice of a name among these.
fn among<'n>(notices: &'n Notices, name: &str) -> Result<&'n Notice, StartError> {
    find(notices, name).ok_or_else(|| {
        let known: Vec<_> = notices.iter().map(self::name).collect();
        format!("there is no notice {name}; give {}, or a .toml file", known.join(", ")).into()
    })
}

/// The notice of exactly this division and coverage year, such as `141181-2026`.
pub(crate) fn find<'n>(notices: &'n Notices, name: &str) -> Option<&'n Notice> {
    notices.iter().find(|notice| self::name(notice) == name)
}

/// Division and coverage year.
fn name(notice: &Notice) -> String {
    format!("{}-{}", notice.division(), notice.year())
}

/// Of a notice named like [`named`]'s the version that had to be applied to a day with what was known on another.
pub(crate) fn version(
    name: &str,
    folder: Option<&Path>,
    in_force_on: Date,
    known_on: Date,
) -> Result<Notice, StartError> {
    let mut notices = all(folder)?;
    let notice = if name.ends_with(".toml") {
        let file = Path::new(name);
        // Whatever amends it stands beside it.
        notices = notices.with(&notice_files(Some(beside(file)))?)?;
        read(file)?
    } else {
        among(&notices, name)?.clone()
    };
    let version = notices.version(notice.division(), notice.year(), in_force_on, known_on);
    // That of a division around it is another notice.
    let version = version.filter(|version| version.division() == notice.division());
    let missing = || format!("no version of {name} was in force on {in_force_on} and known on {known_on}");
    Ok(version.ok_or_else(missing)?.clone())
}

/// Reads a file with the layers it stands over, which are beside it or compiled in.
fn read(file: &Path) -> Result<Notice, StartError> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let beneath = |name: &str| {
        let own = fs::read_to_string(beside(file).join(format!("{name}.toml"))).ok();
        own.or_else(|| Notices::builtin_text(name).map(str::to_owned))
    };
    Ok(Notice::over(&file.display().to_string(), &text, beneath)?)
}

/// The folder of a file; a name without one stands in the current folder.
fn beside(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
