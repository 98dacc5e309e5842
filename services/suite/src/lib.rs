//! All four departments in one process, and what the `canbao` command line is made of.
//!
//! The departments talk only by contract here too: each listens on its own address, and nothing else connects them.

use std::{net::SocketAddr, sync::Arc};

use canbao_host::{DEPARTMENTS, Secrets, Server, Settings, StartError, listen};
use tokio::{sync::watch, task::JoinSet};

mod cases;
mod healthcheck;
pub mod notice;
mod output;
mod player;
pub mod rule;
pub mod season;
mod walkthrough;

pub use healthcheck::healthcheck;
pub use output::print;
pub use player::{Player, request};
pub use season::{check, generate, play};
pub use walkthrough::{grpcurl_lines, grpcurl_lines_at};

type MakeServer = fn(&Settings, Arc<Secrets>) -> Result<Server, StartError>;

/// The servers, in the order of [`DEPARTMENTS`].
const SERVERS: [MakeServer; 4] =
    [canbao_registration::server, canbao_collection::server, canbao_subsidy::server, canbao_benefits::server];

/// Four departments that are serving.
#[derive(Debug)]
pub struct Suite {
    /// Where each is, in the order of [`DEPARTMENTS`].
    pub addresses: [SocketAddr; 4],
    stop: watch::Sender<bool>,
    serving: JoinSet<Result<(), StartError>>,
}

impl Suite {
    /// Starts the four departments; a port of 0 in the settings takes any free one. When this returns they listen, and
    /// requests are answered.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        let secrets = Arc::new(Secrets::open(&settings.data)?);
        let mut addresses = settings.addresses;
        let mut listeners = Vec::new();
        for (department, address) in DEPARTMENTS.iter().zip(&mut addresses) {
            let listener = listen(settings, department).await?;
            *address = listener.local_addr()?;
            listeners.push(listener);
        }
        let (stop, stopping) = watch::channel(false);
        let mut serving = JoinSet::new();
        for (make, listener) in SERVERS.iter().zip(listeners) {
            let server = make(settings, secrets.clone())?;
            let run = server.run(listener, addresses, settings.limits, stopping.clone());
            serving.spawn(run);
        }
        Ok(Self { addresses, stop, serving })
    }

    /// What stops it.
    pub fn stopper(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }

    /// Serves until stopped, then drains.
    pub async fn wait(mut self) -> Result<(), StartError> {
        while let Some(ended) = self.serving.join_next().await {
            ended??;
        }
        Ok(())
    }

    /// Stops and drains.
    pub async fn stop(self) -> Result<(), StartError> {
        self.stop.send_replace(true);
        self.wait().await
    }
}
