//! The `canbao` command line.

use std::{net::SocketAddr, path::Path, process::ExitCode};

use canbao::{Suite, grpcurl_lines_at, healthcheck, notice, play, rule};
use canbao_host::{
    DEPARTMENTS, Settings, StartError, arguments, complain, start_tracing, until_told, warn_of_trials,
};
use clap::{Arg, ArgMatches, Command, value_parser};

fn main() -> ExitCode {
    let matches = command().get_matches();
    let run = || -> Result<(), StartError> {
        match matches.subcommand() {
            Some(("rule", matches)) => return rule::run(matches),
            Some(("notice", matches)) => return notice::run(matches),
            _ => {}
        }
        let runtime = tokio::runtime::Runtime::new()?;
        match matches.subcommand() {
            Some(("season", matches)) => runtime.block_on(season(matches)),
            Some(("healthcheck", matches)) => {
                let address = matches.get_one::<SocketAddr>("address").ok_or("an address is needed")?;
                runtime.block_on(healthcheck(*address))
            }
            _ => runtime.block_on(serve(&matches)),
        }
    };
    complain("canbao", run())
}

fn command() -> Command {
    let folder =
        Arg::new("folder").required(true).value_name("FOLDER").help("Such as tests/data/xiaoyi-2026");
    let address = Arg::new("address").value_name("ADDRESS").default_value("127.0.0.1:50051");
    Command::new("canbao")
        .about("Canbao (参保): enrolment in resident medical insurance, four departments in one process")
        .version(env!("CARGO_PKG_VERSION"))
        .args(arguments())
        .subcommand(
            Command::new("season").about("Plays a season from its folder and closes the books").arg(folder),
        )
        .subcommand(rule::command())
        .subcommand(notice::command())
        .subcommand(
            Command::new("healthcheck")
                .about("Succeeds when a department is serving")
                .arg(address.value_parser(value_parser!(SocketAddr))),
        )
}

/// Serves the four departments until told to stop.
async fn serve(matches: &ArgMatches) -> Result<(), StartError> {
    let settings = Settings::gather(matches)?;
    start_tracing(&settings);
    let suite = Suite::start(&settings).await?;
    warn_of_trials(&settings);
    for (department, address) in DEPARTMENTS.iter().zip(suite.addresses) {
        println!("{department:<13} {address}");
    }
    println!("\nTry the way of one resident, line by line:\n");
    grpcurl_lines_at(suite.addresses).iter().for_each(|line| println!("{line}\n"));
    let stop = suite.stopper();
    until_told(suite.wait(), stop).await?
}

/// Plays a season; fails when the books do not agree.
async fn season(matches: &ArgMatches) -> Result<(), StartError> {
    let folder = matches.get_one::<String>("folder").ok_or("a folder is needed")?;
    let books = play(Path::new(folder)).await?;
    println!("{books}");
    match books.disagreements().len() {
        0 => Ok(()),
        wrong => Err(format!("the books do not agree in {wrong} places").into()),
    }
}
