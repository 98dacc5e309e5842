//! Asks a server whether it is serving; for containers, which have no shell.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use canbao_host::{Address, Certificates, DEPARTMENTS, Settings, StartError, line};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Succeeds when a server without certificates at the address says that it is serving, within two seconds.
pub async fn healthcheck(address: impl Into<Address>) -> Result<(), StartError> {
    let address = address.into();
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.connect_timeout(PATIENCE);
    serving(endpoint.connect_lazy(), &address).await
}

/// Succeeds when the department of these settings says that it is serving, within two seconds. Where certificates are
/// configured it is asked with its own, so that nothing more is needed beside it.
pub async fn healthcheck_of(settings: &Settings, department: &str) -> Result<(), StartError> {
    let place = DEPARTMENTS.iter().position(|name| *name == department);
    let place = place.ok_or_else(|| format!("{department} is neither a department nor an address"))?;
    let address = place_of(settings, place);
    let certificates = match &settings.certificates {
        Some(folder) => Some(Arc::new(Certificates::of_service(folder, DEPARTMENTS[place])?)),
        None => None,
    };
    serving(line(&address, DEPARTMENTS[place], certificates.as_ref()), &address).await
}

/// Where a department is asked: where it listens, unless another is found at the port of that.
fn place_of(settings: &Settings, place: usize) -> Address {
    let anothers = |listen: &SocketAddr| {
        let at = |address: &Address| address.port() == listen.port();
        !at(&settings.addresses[place]) && settings.addresses.iter().any(at)
    };
    match settings.listen.filter(|listen| !anothers(listen)) {
        Some(listen) => reachable(listen).into(),
        None => settings.addresses[place].clone(),
    }
}

/// Where a server is found from beside it: one that listens on every address is on that of this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn serving(channel: Channel, address: &Address) -> Result<(), StartError> {
    let request = Request::new(HealthCheckRequest { service: String::new() });
    let answer = tokio::time::timeout(PATIENCE, HealthClient::new(channel).check(request)).await;
    let answer = answer.map_err(|_| format!("no answer from {address} within two seconds"))?;
    match answer.map_err(|status| format!("{address}: {}", status.message()))?.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        other => Err(format!("{address} is {}", other.as_str_name()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_this_machine() {
        let reached = |listen: &str| reachable(listen.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:50052"), "127.0.0.1:50052");
        assert_eq!(reached("[::]:50052"), "[::1]:50052");
        assert_eq!(reached("10.1.2.3:50052"), "10.1.2.3:50052");
    }

    #[test]
    fn only_the_department_that_listens_there_is_asked_where_it_listens() {
        let mut settings = Settings { listen: "0.0.0.0:50052".parse().ok(), ..Settings::default() };
        let asked = |settings: &Settings| [0, 1].map(|place| place_of(settings, place).to_string());
        assert_eq!(asked(&settings), ["127.0.0.1:50051", "127.0.0.1:50052"]);
        settings.addresses[1] = "collection.example:50052".parse().unwrap();
        assert_eq!(asked(&settings), ["127.0.0.1:50051", "127.0.0.1:50052"]);
        settings.listen = "0.0.0.0:60000".parse().ok();
        assert_eq!(
            asked(&settings),
            ["127.0.0.1:60000"; 2],
            "the settings of one department, behind another port"
        );
        settings.listen = None;
        assert_eq!(asked(&settings), ["127.0.0.1:50051", "collection.example:50052"]);
    }
}
