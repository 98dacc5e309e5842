//! A line to a department: what every caller of ours speaks through.

use std::{io, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tonic::{
    codegen::http::Uri,
    transport::{Channel, Endpoint},
};

use crate::{Address, Certificates};

/// How long connecting may take, the handshake included.
const PATIENCE: Duration = Duration::from_secs(2);

/// A channel to the service at an address. It connects when it is first used, and again when the connection was lost,
/// each time with the certificates that hold then; without certificates it is plain. Whoever answers must be the
/// `service` by its certificate: the address is only where to look for it.
///
/// A connection lives on when the certificates change. Who keeps a channel drops it when
/// [`Certificates::generation`] has changed, and when it is answered UNAUTHENTICATED, and makes another one.
#[must_use]
pub fn line(address: &Address, service: &'static str, certificates: Option<&Arc<Certificates>>) -> Channel {
    // The connector does the TLS, so the scheme of both kinds is http.
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .unwrap_or_else(|_| Endpoint::from_static("http://127.0.0.1:1"))
        .connect_timeout(PATIENCE)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true)
        .tcp_nodelay(true);
    let Some(certificates) = certificates.cloned() else { return endpoint.connect_lazy() };
    let address = address.clone();
    endpoint.connect_with_connector_lazy(tower::service_fn(move |_: Uri| {
        let (address, connector) = (address.clone(), certificates.connector(service));
        async move {
            let stream = TcpStream::connect((address.host(), address.port())).await?;
            stream.set_nodelay(true)?;
            // Asked for by every handshake, and not what decides.
            let name = ServerName::try_from(service).map_err(io::Error::other)?;
            Ok::<_, io::Error>(TokioIo::new(connector.connect(name, stream).await?))
        }
    }))
}
