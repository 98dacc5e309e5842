//! The four departments in this process, each on its own port, in a folder of their own.

use std::{net::SocketAddr, path::Path};

use canbao::{Player, Suite};
use canbao_host::{Address, Clock, DEPARTMENTS, Settings};
use canbao_proto::google;
use canbao_types::Date;
use tonic::transport::{Channel, Endpoint};

use crate::Home;

/// 孝义.
pub const DIVISION: &str = "141181";
/// The coverage year of its notice.
pub const YEAR: i32 = 2026;
/// Where the tests' clock starts: after the season, so that every day of it is over.
pub const OPENING: &str = "2026-06-30T09:00:00+08:00";

/// Four departments that are serving, and a player connected to them.
pub struct Running {
    /// The departments.
    pub suite: Suite,
    /// A client of all four.
    pub player: Player,
    /// Their clock.
    pub clock: Clock,
    /// Where they keep what they write.
    pub data: Home,
}

impl Running {
    /// Starts them in a fresh folder.
    pub async fn start() -> Self {
        Self::start_in(Home::fresh()).await
    }

    /// Starts them where their databases may be already.
    pub async fn start_in(data: impl Into<Home>) -> Self {
        let data = data.into();
        let settings = data.settings();
        let suite = Suite::start(&settings).await.expect("the suite starts");
        let player = Player::connect(suite.addresses).await.expect("the departments answer");
        Self { suite, player, clock: settings.clock, data }
    }

    /// Where a department is.
    pub fn address(&self, department: &str) -> SocketAddr {
        let place = DEPARTMENTS.iter().position(|&name| name == department).expect("a department");
        self.suite.addresses[place]
    }

    /// A connection of its own to a department.
    pub async fn channel(&self, department: &str) -> Channel {
        let endpoint =
            Endpoint::from_shared(format!("http://{}", self.address(department))).expect("an address");
        endpoint.connect().await.expect("the department answers")
    }

    /// Stops them, and gives back where they were.
    pub async fn stop(self) -> Home {
        drop(self.player);
        self.suite.stop().await.expect("a drain without trouble");
        self.data
    }
}

/// Settings for a suite in a folder: any free ports, the tests' clock.
pub fn settings(data: &Path) -> Settings {
    Settings {
        data: data.to_owned(),
        clock: Clock::started_at(OPENING.parse().expect("an instant")),
        addresses: DEPARTMENTS.map(|_| Address::loopback(0)),
        ..Settings::default()
    }
}

/// A day on the wire, from text such as "2025-11-03".
pub fn day(text: &str) -> Option<google::Date> {
    Some(canbao_proto::wire::date(text.parse::<Date>().expect("a day")))
}
