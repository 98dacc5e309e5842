//! Traces: which span the work at hand belongs to, as W3C trace context (`traceparent`), and the spans that continue one
//! that began elsewhere. Where traces are off every span is nothing, and so is what is told of it.

use std::time::{Duration, Instant};

use canbao_store::Unit;
use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt, TraceState},
};
use tonic::{Request, metadata::MetadataValue};
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header that carries a trace from caller to called.
pub(crate) const HEADER: &str = "traceparent";

/// Makes the span a part of the trace that began elsewhere. What cannot be read begins a trace of its own.
pub(crate) fn continued(span: &Span, traceparent: &str) {
    if span.is_disabled() {
        return;
    }
    if let Some(context) = read(traceparent) {
        // Fails where spans are only for the log, and then there is no trace to continue.
        drop(span.set_parent(Context::new().with_remote_span_context(context)));
    }
}

/// The current span as others continue it; none where traces are off.
#[must_use]
pub fn current_trace() -> Option<String> {
    let span = Span::current();
    if span.is_disabled() {
        return None;
    }
    let context = span.context();
    let context = context.span().span_context().clone();
    let flags = context.trace_flags().to_u8();
    context.is_valid().then(|| format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id()))
}

/// Gives a request to another department the current span along.
pub fn carry_trace<T>(request: &mut Request<T>) {
    if let Some(value) = current_trace().and_then(|trace| MetadataValue::try_from(trace).ok()) {
        request.metadata_mut().insert(HEADER, value);
    }
}

/// The span of a unit of work, from the moment it is queued until it is answered. It is never the current one: what a unit
/// tells belongs to the request that sent it. Units of one group have one `group`.
#[derive(Clone)]
pub(crate) struct UnitSpan {
    span: Span,
    queued: Instant,
}

impl UnitSpan {
    /// A unit of so many items is about to be queued.
    pub(crate) fn queued(items: usize) -> Self {
        let span = tracing::info_span!(
            "unit of work",
            items,
            queued.microseconds = Empty,
            run.microseconds = Empty,
            group = Empty,
        );
        Self { span, queued: Instant::now() }
    }

    /// Runs the unit's job.
    pub(crate) fn run<T>(&self, unit: &mut Unit, job: impl Fn(&mut Unit) -> T) -> T {
        let began = Instant::now();
        let outcome = job(unit);
        let microseconds = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.span.record("queued.microseconds", microseconds(began.duration_since(self.queued)));
        self.span.record("run.microseconds", microseconds(began.elapsed()));
        self.span.record("group", unit.recorded_at());
        outcome
    }

    /// Waits for the answer, which comes after the group's COMMIT.
    pub(crate) async fn until_answered<T>(self, answer: impl Future<Output = T>) -> T {
        answer.instrument(self.span).await
    }
}

/// `00-TRACE-SPAN-FLAGS` in small hexadecimal digits. A later version may have more behind it.
fn read(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let shaped = digits(version, 2) && digits(trace, 32) && digits(span, 16) && digits(flags, 2);
    if !shaped || version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let context = SpanContext::new(trace, span, flags, true, TraceState::NONE);
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_as_the_recommendation_has_it() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let context = read(&format!("00-{trace}-b7ad6b7169203331-01")).unwrap();
        assert_eq!((context.trace_id().to_string(), context.is_sampled()), (trace.to_owned(), true));
        assert!(!read(&format!("00-{trace}-b7ad6b7169203331-00")).unwrap().is_sampled());
        assert!(read(&format!("cc-{trace}-b7ad6b7169203331-01-more")).is_some(), "a later version");
        for wrong in [
            String::new(),
            "x".repeat(55),
            format!("00-{trace}-b7ad6b7169203331"),
            format!("00-{trace}-b7ad6b7169203331-01-more"),
            format!("00-{}-b7ad6b7169203331-01", trace.to_uppercase()),
            format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("ff-{trace}-b7ad6b7169203331-01"),
            format!("00-{trace}-b7ad6b716920333é-01"),
        ] {
            assert!(read(&wrong).is_none(), "{wrong}");
        }
    }
}
