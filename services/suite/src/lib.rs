//! All four departments in one process, and what the `canbao` command line is made of.
//!
//! The departments talk only by contract here too: each listens on its own address, and nothing else connects them.

use std::{net::SocketAddr, sync::Arc};

use canbao_host::{
    Address, DEPARTMENTS, Installation, MakeServer, MetricsPage, Settings, StartError, listen,
};
use tokio::{sync::watch, task::JoinSet};

mod cases;
pub mod certificates;
pub mod databases;
mod explained;
mod healthcheck;
pub mod notice;
mod output;
mod player;
pub mod rule;
pub mod season;
mod walkthrough;
pub mod what_if;

pub use healthcheck::{healthcheck, healthcheck_of};
pub use output::print;
pub use player::{Player, request};
pub use season::{check, check_running, generate, play, play_running};
pub use walkthrough::{grpcurl_lines, grpcurl_lines_at};

/// The servers, in the order of [`DEPARTMENTS`].
const SERVERS: [MakeServer; 4] =
    [canbao_registration::server, canbao_collection::server, canbao_subsidy::server, canbao_benefits::server];

/// Four departments that are serving.
#[derive(Debug)]
pub struct Suite {
    /// Where each is, in the order of [`DEPARTMENTS`].
    pub addresses: [SocketAddr; 4],
    /// Where the metrics are shown, when they are.
    pub metrics: Option<SocketAddr>,
    page: Option<MetricsPage>,
    stop: watch::Sender<bool>,
    serving: JoinSet<Result<(), StartError>>,
}

impl Suite {
    /// Starts the four departments; a port of 0 in the settings takes any free one. When this returns they listen, and
    /// requests are answered.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        apart(settings)?;
        let installation = Arc::new(Installation::open(settings.clone())?);
        let mut addresses = [SocketAddr::from(([127, 0, 0, 1], 0)); 4];
        let mut listeners = Vec::new();
        for (department, address) in DEPARTMENTS.iter().zip(&mut addresses) {
            let listener = listen(settings, department).await?;
            *address = listener.local_addr()?;
            listeners.push(listener);
        }
        let page = MetricsPage::of(&installation).await?;
        let (stop, stopping) = watch::channel(false);
        let mut serving = JoinSet::new();
        for (make, listener) in SERVERS.iter().zip(listeners) {
            let server = make(&installation)?;
            let run = server.run(listener, addresses.map(Address::from), stopping.clone());
            serving.spawn(run);
        }
        let metrics = page.as_ref().map(|page| page.address);
        Ok(Self { addresses, metrics, page, stop, serving })
    }

    /// What stops it.
    pub fn stopper(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }

    /// Serves until stopped, then drains.
    pub async fn wait(mut self) -> Result<(), StartError> {
        while let Some(ended) = self.serving.join_next().await {
            // An error that holds the words of a panic would tell them.
            ended.map_err(|_| "a department has panicked")??;
        }
        // Shown to the end of the drain.
        drop(self.page);
        Ok(())
    }

    /// Stops and drains.
    pub async fn stop(self) -> Result<(), StartError> {
        self.stop.send_replace(true);
        self.wait().await
    }
}

/// What four departments in one process cannot share is set for each of them, or not at all.
fn apart(settings: &Settings) -> Result<(), StartError> {
    if settings.listen.is_some() {
        return Err("listen is for a department's own program; here each listens where it is".into());
    }
    match &settings.database {
        Some(database) if !database.contains("{department}") => {
            Err("database must have {department} in it: each department has a database of its own".into())
        }
        _ => Ok(()),
    }
}
