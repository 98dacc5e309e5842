//! `canbao what-if`: what a change of the notice would mean for a population (试算).

mod columns;
mod read;
mod report;

use std::path::Path;

use canbao_host::StartError;
use canbao_policy::population::compare;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::{notice, print};

pub(crate) use read::population;

/// The command and its arguments.
pub fn command() -> Command {
    let needed = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).required(true).help(help)
    };
    let json =
        Arg::new("json").long("json").action(ArgAction::SetTrue).help("Prints the same figures as JSON");
    Command::new("what-if")
        .about("Holds two notices (通知) against one another for a population: heads, money, who pays more and less")
        .arg(needed("population", "FILE", "CSV: a resident a line, a fact a column, named as in FACTS.json"))
        .arg(needed("notice", "NAME", "Division code and coverage year, as 000000-2026, or a .toml file"))
        .arg(needed("against", "NAME", "The notice it is held against, named the same way"))
        .arg(json)
}

/// Reads the population, asks both notices about everybody, and prints what comes of it.
pub fn run(matches: &ArgMatches) -> Result<(), StartError> {
    let text =
        |name: &str| matches.get_one::<String>(name).map(String::as_str).ok_or("an argument is missing");
    let named = |name: &str| notice::named(text(name)?, notice::folder(matches));
    let (first, second) = (named("notice")?, named("against")?);
    let population = population(Path::new(text("population")?), [&first, &second])?;
    let comparison = compare(&population, &first, &second);
    match matches.get_flag("json") {
        true => print(serde_json::to_string_pretty(&report::json(&comparison, [&first, &second]))?),
        false => print(report::Report { comparison: &comparison, notices: [&first, &second] }),
    }
}
