//! Asks a server whether it is serving; for containers, which have no shell.

use std::{net::SocketAddr, time::Duration};

use canbao_host::StartError;
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// Succeeds when the server at the address says that it is serving, within two seconds.
pub async fn healthcheck(address: SocketAddr) -> Result<(), StartError> {
    let patience = Duration::from_secs(2);
    let endpoint =
        Endpoint::from_shared(format!("http://{address}"))?.connect_timeout(patience).timeout(patience);
    let mut client =
        HealthClient::new(endpoint.connect().await.map_err(|_| format!("nobody answers on {address}"))?);
    let answer = client.check(HealthCheckRequest { service: String::new() }).await?.into_inner();
    match answer.status() {
        ServingStatus::Serving => Ok(()),
        other => Err(format!("{address} is {}", other.as_str_name()).into()),
    }
}
