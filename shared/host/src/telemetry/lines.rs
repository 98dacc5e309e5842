//! How a line looks: as the subscriber's own formats make it, with the trace it belongs to at its end.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Full, Json, Writer},
    },
    registry::LookupSpan,
};

use crate::current_trace;

/// A format whose lines name their trace.
pub(super) struct Traced<F> {
    format: F,
    traced: bool,
}

impl<F> Traced<F> {
    /// The format itself where there are no traces.
    pub(super) fn new(format: F, traced: bool) -> Self {
        Self { format, traced }
    }
}

/// Where in a finished line something more is said.
pub(super) trait Line {
    /// The line with the trace named in it; without its end of line.
    fn naming(line: &str, trace: &str) -> String;
}

impl Line for Format<Full> {
    fn naming(line: &str, trace: &str) -> String {
        format!("{line} trace.id={trace}")
    }
}

impl Line for Format<Json> {
    fn naming(line: &str, trace: &str) -> String {
        format!("{},\"trace.id\":\"{trace}\"}}", line.strip_suffix('}').unwrap_or(line))
    }
}

impl<S, N, F> FormatEvent<S, N> for Traced<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N> + Line,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let trace = if self.traced { current_trace() } else { None };
        // The second part of a traceparent.
        let Some(trace) = trace.as_deref().and_then(|trace| trace.split('-').nth(1)) else {
            return self.format.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.format.format_event(context, Writer::new(&mut line), event)?;
        writeln!(writer, "{}", F::naming(line.trim_end(), trace))
    }
}
