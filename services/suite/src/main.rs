//! The `canbao` command line.

use std::{path::Path, process::ExitCode};

use canbao::{
    Player, Suite, certificates, check, check_running, databases, generate, grpcurl_lines_at, healthcheck,
    healthcheck_of, notice, play, play_running, print, rule, season::read_plan,
};
use canbao_host::{
    Address, DEPARTMENTS, Settings, StartError, arguments, complain, start_tracing, until_told,
    warn_of_trials,
};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

fn main() -> ExitCode {
    let matches = command().get_matches();
    let run = || -> Result<(), StartError> {
        match matches.subcommand() {
            Some(("rule", matches)) => return rule::run(matches),
            Some(("notice", matches)) => return notice::run(matches),
            Some(("certificates", matches)) => return certificates::run(matches),
            _ => {}
        }
        let runtime = tokio::runtime::Runtime::new()?;
        match matches.subcommand() {
            Some(("databases", matches)) => runtime.block_on(databases::run(matches)),
            Some(("season", matches)) => runtime.block_on(season(matches)),
            Some(("healthcheck", matches)) => {
                let whom: &String = matches.get_one("whom").ok_or("a department is needed")?;
                match whom.parse::<Address>() {
                    Ok(address) => runtime.block_on(healthcheck(address)),
                    Err(_) => runtime.block_on(healthcheck_of(&Settings::gather(matches)?, whom)),
                }
            }
            _ => runtime.block_on(serve(&matches)),
        }
    };
    complain("canbao", run())
}

fn command() -> Command {
    let folder =
        Arg::new("folder").required(true).value_name("FOLDER").help("Such as tests/data/xiaoyi-2026");
    let check = Arg::new("check").long("check").action(ArgAction::SetTrue);
    let check = check.help("Play nothing: hold the books of the season in --data against one another");
    let number = |name: &'static str| Arg::new(name).long(name).value_parser(value_parser!(u64));
    let people = number("generate").value_name("PEOPLE").conflicts_with("check");
    let people = people.help("Play nothing: make a season of so many people in the folder");
    let seed = number("seed").value_name("NUMBER").default_value("1").requires("generate");
    let seed = seed.help("The same seed makes the same season, byte for byte");
    let notice = Arg::new("notice").long("notice").value_name("NAME").requires("generate");
    let notice = notice.help("The notice whose season is made, as `canbao rule` names it");
    let recipe = Arg::new("recipe").long("recipe").value_name("FILE").requires("generate");
    let recipe = recipe.help("The recipe of a notice of your own: its kinds of people, a .toml file");
    let recipe = recipe.conflicts_with("notice");
    let with = Arg::new("with").long("with").value_name("FILE").requires("generate");
    let with = with.help("Further kinds of people, on top of those asked for");
    let running = Arg::new("running").long("running").action(ArgAction::SetTrue).conflicts_with("generate");
    let running =
        running.help("Through the departments that run where the settings say; --data for the lists");
    let whom = Arg::new("whom").value_name("DEPARTMENT").default_value("registration");
    let whom = whom.help("By its name, asked where the settings say; or an address without certificates");
    Command::new("canbao")
        .about("Canbao (参保): enrolment in resident medical insurance, four departments in one process")
        .version(env!("CARGO_PKG_VERSION"))
        .args(arguments())
        .subcommand(
            Command::new("season")
                .about("Plays a season from its folder, reports, and closes the books; or makes one")
                .args([folder, running, check, people, notice, recipe, seed, with]),
        )
        .subcommand(rule::command())
        .subcommand(notice::command())
        .subcommand(certificates::command())
        .subcommand(databases::command())
        .subcommand(Command::new("healthcheck").about("Succeeds when a department is serving").arg(whom))
}

/// Serves the four departments until told to stop.
async fn serve(matches: &ArgMatches) -> Result<(), StartError> {
    let settings = Settings::gather(matches)?;
    let _telling = start_tracing(&settings);
    let suite = Suite::start(&settings).await?;
    warn_of_trials(&settings);
    for (department, address) in DEPARTMENTS.iter().zip(suite.addresses) {
        println!("{department:<13} {address}");
    }
    // Behind certificates nobody gets in who says by a header who calls.
    if settings.certificates.is_none() {
        println!("\nTry the way of one resident, line by line:\n");
        grpcurl_lines_at(suite.addresses).iter().for_each(|line| println!("{line}\n"));
    }
    let stop = suite.stopper();
    until_told(suite.wait(), stop).await?
}

/// Plays a season, or makes one, or checks one that was played; fails when the books do not agree.
async fn season(matches: &ArgMatches) -> Result<(), StartError> {
    let folder = Path::new(matches.get_one::<String>("folder").ok_or("a folder is needed")?);
    if let Some(people) = matches.get_one::<u64>("generate") {
        let seed = matches.get_one::<u64>("seed").copied().unwrap_or_default();
        let with = matches.get_one::<String>("with").map(Path::new);
        let recipe = matches.get_one::<String>("recipe").or_else(|| matches.get_one("notice"));
        let recipe = recipe.map(String::as_str);
        let people = generate(recipe, usize::try_from(*people)?, seed, folder, with)?;
        let mut files: Vec<_> = std::fs::read_dir(folder)?
            .map(|file| Ok(file?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_, std::io::Error>>()?;
        files.sort();
        return print(format!("{}: a season of {people} people: {}", folder.display(), files.join(" ")));
    }
    let data = matches.get_one::<String>("data").map(Path::new);
    let settings = Settings::gather(matches)?;
    let running = match matches.get_flag("running") {
        true => {
            let division = read_plan(folder)?.division.parse()?;
            Some(Player::running(&settings, division).await?)
        }
        false => None,
    };
    let audit = if matches.get_flag("check") {
        let data = data.ok_or("--check needs --data")?;
        let audit = match running {
            Some(player) => check_running(folder, data, player).await?,
            None => check(folder, data, &settings).await?,
        };
        print(&audit)?;
        audit
    } else {
        let report = match running {
            Some(player) => play_running(folder, data, player, &settings).await?,
            None => play(folder, data, &settings).await?,
        };
        print(&report)?;
        report.audit
    };
    match (audit.failing(), audit.equations.len()) {
        (0, _) => Ok(()),
        (failing, all) => Err(format!("the books do not agree: {failing} of {all} equations fail").into()),
    }
}
