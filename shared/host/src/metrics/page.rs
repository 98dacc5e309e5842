//! The page that shows what is measured: `http://ADDRESS/metrics`, on a port of its own.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::header::{CONNECTION, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
    serve::Listener,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::Sleep,
};

use super::Metrics;
use crate::{Installation, StartError};

/// Connections at once; others wait outside, where they cost this process nothing.
const CONNECTIONS: usize = 8;
/// How long one is open at most, whatever it does: it is for one page.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the page says it is.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A page that is served until this is dropped.
#[derive(Debug)]
pub struct MetricsPage {
    /// Where it is.
    pub address: SocketAddr,
    _serving: JoinSet<()>,
}

impl MetricsPage {
    /// Serves the metrics of an installation where its settings say; none where they say nothing.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn of(installation: &Installation) -> Result<Option<Self>, StartError> {
        let Some(address) = installation.settings.metrics else { return Ok(None) };
        let bound = TcpListener::bind(address).await;
        let listener = bound.map_err(|error| format!("metrics cannot listen on {address}: {error}"))?;
        let address = listener.local_addr()?;
        let door = Door { listener, places: Arc::new(Semaphore::new(CONNECTIONS)) };
        let router = Router::new().route("/metrics", get(show)).with_state(Arc::clone(&installation.metrics));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            if let Err(error) = axum::serve(door, router).await {
                tracing::error!(%error, "the metrics are not served any more");
            }
        });
        Ok(Some(Self { address, _serving: serving }))
    }
}

async fn show(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, OPEN_METRICS), (CONNECTION, "close")], metrics.text().await)
}

/// Lets in as many as there are places.
struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Listener for Door {
    type Io = Visit;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Visit, SocketAddr) {
        // Fails where the places are closed, which nobody does.
        let place = self.places.clone().acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        (Visit { stream, end: Box::pin(tokio::time::sleep(PATIENCE)), _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that holds one of the places until its time is over.
struct Visit {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Visit {
    /// The stream, while there is time.
    fn open(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        match self.end.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(Pin::new(&mut self.stream)),
        }
    }
}

impl AsyncRead for Visit {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.open(context)?.poll_read(context, buf)
    }
}

impl AsyncWrite for Visit {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.open(context)?.poll_write(context, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open(context)?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open(context)?.poll_shutdown(context)
    }
}
