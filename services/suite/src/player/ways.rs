//! How callers reach the departments.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use canbao_host::{Address, Certificates, DEPARTMENTS, StartError, line};
use canbao_proto::rules;
use canbao_types::Division;
use tonic::{
    Request, Status,
    transport::{Channel, Endpoint},
};

use super::request;

/// A connection to each department, in the order of [`DEPARTMENTS`].
type Connections = [Channel; 4];

/// How callers reach the departments.
#[derive(Clone, Debug)]
pub(super) enum Ways {
    /// All over the same connections: a header says who calls.
    Named(Connections),
    /// Each over connections of its own, on which its certificate stands for it.
    Certified(Arc<BTreeMap<&'static str, Connections>>),
}

impl Ways {
    /// Connects to departments that take a caller's word.
    pub async fn named(addresses: &[Address; 4]) -> Result<Self, StartError> {
        let mut connections = Vec::new();
        for address in addresses {
            let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
            let connection = endpoint.connect().await;
            connections.push(connection.map_err(|_| format!("nobody answers on {address}"))?);
        }
        Ok(Self::Named(connections.try_into().map_err(|_| "there are four departments")?))
    }

    /// Takes the certificates of a division's callers; the connections are made when they are first used.
    pub fn certified(
        addresses: &[Address; 4],
        folder: &Path,
        division: Division,
    ) -> Result<Self, StartError> {
        let division = folder.join(division.to_string());
        let mut ways = BTreeMap::new();
        for (name, _) in rules::NAMED.iter().filter(|(name, _)| !name.starts_with("service/")) {
            let certificates = Arc::new(Certificates::open(&division.join(name))?);
            let way = |place: usize| line(&addresses[place], DEPARTMENTS[place], Some(&certificates));
            ways.insert(*name, [0, 1, 2, 3].map(way));
        }
        Ok(Self::Certified(Arc::new(ways)))
    }

    /// The connection of a caller to a department.
    pub fn to(&self, department: &str, by: &'static str) -> Result<Channel, Status> {
        let connections = match self {
            Self::Named(connections) => Some(connections),
            Self::Certified(ways) => ways.get(by),
        };
        let place = DEPARTMENTS.iter().position(|name| *name == department);
        let channel = connections.zip(place).map(|(connections, place)| connections[place].clone());
        channel.ok_or_else(|| Status::unauthenticated(format!("there is no certificate for {by}")))
    }

    /// A request as the caller sends it.
    pub fn request<T>(&self, by: &'static str, message: T) -> Request<T> {
        match self {
            Self::Named(_) => request(by, message),
            Self::Certified(_) => Request::new(message),
        }
    }
}
