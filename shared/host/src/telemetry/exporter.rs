//! Sending spans to a collector, OTLP over gRPC. A collector that is away costs the spans and nothing else.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};

/// How long the collector is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// What makes spans and sends them to the collector at this address.
pub(super) fn provider(collector: &str) -> Option<SdkTracerProvider> {
    let otlp = Otlp::builder().with_tonic().with_endpoint(collector).with_timeout(PATIENCE).build();
    match otlp {
        Ok(otlp) => {
            let exporter = ToldOnce { otlp, away: AtomicBool::new(false) };
            let resource = Resource::builder_empty().with_service_name("canbao").build();
            // Not by the parent: a caller would turn our spans off with a flag.
            let sampler = Sampler::AlwaysOn;
            let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
            Some(provider.with_sampler(sampler).with_resource(resource).build())
        }
        Err(error) => {
            eprintln!("canbao: traces are off: {error}");
            None
        }
    }
}

/// An exporter that says once that the collector is away, and once that it is back.
#[derive(Debug)]
struct ToldOnce {
    otlp: Otlp,
    away: AtomicBool,
}

impl SpanExporter for ToldOnce {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.otlp.export(batch).await;
        match (&sent, self.away.swap(sent.is_err(), Ordering::Relaxed)) {
            (Err(error), false) => tracing::warn!(%error, "traces cannot be sent"),
            (Ok(()), true) => tracing::info!("traces are sent again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.otlp.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.otlp.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}
