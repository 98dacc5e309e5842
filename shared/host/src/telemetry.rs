//! What a process tells while it runs: a line for each event on standard error, as text or JSON, and, when asked for,
//! spans to a collector.
//!
//! Lines and spans never hold a name, a number or a key of a person. That is kept here where others would break it: a
//! panic is told by its place and not by its words, and the PostgreSQL client, which tells parameters when asked for
//! details, is not asked.

mod exporter;
mod lines;

use std::{backtrace::Backtrace, io::IsTerminal, panic};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::settings::Settings;

use lines::Traced;

/// What a process tells, until this is dropped; then the last spans are sent.
#[derive(Debug)]
#[must_use = "dropping it sends the last spans"]
pub struct Telling(Option<SdkTracerProvider>);

impl Drop for Telling {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            // A collector that is away has been told of already.
            drop(provider.shutdown_with_timeout(exporter::PATIENCE));
        }
    }
}

/// Starts telling as the settings say; to be called where the asynchronous runtime runs. A second call in one process
/// changes nothing.
pub fn start_tracing(settings: &Settings) -> Telling {
    let provider = settings.traces.as_deref().and_then(exporter::provider);
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    let traced = provider.is_some();
    // Spans are for the collector: a line names its trace and nothing else of them.
    let lines = if settings.log_json {
        lines.json().map_event_format(|format| Traced::new(format, traced)).boxed()
    } else {
        lines.map_event_format(|format| Traced::new(format, traced)).boxed()
    };
    let lines = lines.with_filter(filter).with_filter(filter_fn(is_line));
    let spans = provider.as_ref().map(|provider| {
        let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("canbao"));
        let spans = spans.with_location(false).with_threads(false).with_tracked_inactivity(false);
        spans.with_level(false).with_target(false).with_filter(filter_fn(is_span))
    });
    if tracing_subscriber::registry().with(lines).with(spans).try_init().is_ok() {
        panic::set_hook(Box::new(tell_panic));
    }
    Telling(provider)
}

/// Whether something may become a line.
fn is_line(metadata: &Metadata<'_>) -> bool {
    metadata.is_event()
        && (*metadata.level() <= Level::INFO || !metadata.target().starts_with("tokio_postgres"))
}

/// Whether something is a span of ours.
fn is_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with("canbao")
}

/// A panic as one line: where, and what the program itself has written there. Words put together while running may hold
/// anything, and are left out.
fn tell_panic(panicked: &panic::PanicHookInfo<'_>) {
    let place = panicked.location().map(ToString::to_string);
    let words = panicked.payload().downcast_ref::<&'static str>().copied();
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == std::backtrace::BacktraceStatus::Captured).then_some(backtrace);
    let backtrace = backtrace.as_ref().map(tracing::field::display);
    tracing::error!(place, words, backtrace, "panicked");
}
