//! `canbao notice`: notice files on the command line.

use std::fs;
use std::path::Path;

use canbao_host::StartError;
use canbao_policy::{Notice, Notices, Problems};
use clap::{Arg, ArgMatches, Command};

use crate::print;

mod html;
mod text;

/// The command and its arguments.
pub fn command() -> Command {
    let file = |name: &'static str| {
        let arg = Arg::new(name).required(true).value_name("NOTICE");
        arg.help("A notice in a .toml file, or one compiled in, as 000000-2026")
    };
    let check = Command::new("check").about("Checks a notice file and tells every problem");
    let show = Command::new("show").about("Prints a notice as a page in Chinese");
    let html = Arg::new("html").long("html").value_name("FILE");
    let html = html.help("Writes it as a web page into a file instead");
    let diff = Command::new("diff").about("Prints what changes from one notice to another");
    Command::new("notice")
        .about("Looks at notices (通知)")
        .subcommand_required(true)
        .subcommand(check.arg(file("notice")))
        .subcommand(show.arg(file("notice")).arg(html))
        .subcommand(diff.arg(file("before")).arg(file("after")))
}

/// Does what is asked about notices.
pub fn run(matches: &ArgMatches) -> Result<(), StartError> {
    let (what, matches) = matches.subcommand().ok_or("say what to do")?;
    let named = |name: &str| named(matches.get_one::<String>(name).ok_or("a notice is needed")?);
    match what {
        "show" => show(&named("notice")?, matches.get_one::<String>("html").map(Path::new)),
        "diff" => diff(&named("before")?, &named("after")?),
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
fn diff(before: &Notice, after: &Notice) -> Result<(), StartError> {
    print(format_args!("{} {}\n→ {} {}\n", name(before), before.title(), name(after), after.title()))?;
    print(text::differences(&before.changes_to(after)))
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

/// The notice compiled in under a name such as `141181-2026`, or read from a file that ends in `.toml`.
pub(crate) fn named(name: &str) -> Result<Notice, StartError> {
    if name.ends_with(".toml") {
        return read(Path::new(name));
    }
    let notices = Notices::builtin()?;
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
