//! The page that shows what is measured: `http://ADDRESS/metrics`, on a port of its own.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};
use tokio::{net::TcpListener, task::JoinSet};

use super::Metrics;
use crate::{Installation, StartError};

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
        let router = Router::new().route("/metrics", get(show)).with_state(Arc::clone(&installation.metrics));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the metrics are not served any more");
            }
        });
        Ok(Some(Self { address, _serving: serving }))
    }
}

async fn show(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, OPEN_METRICS)], metrics.text().await)
}
