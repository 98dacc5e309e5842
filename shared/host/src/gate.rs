//! The gate in front of every RPC: the authority table of the contracts, a deadline, and a limit over all connections.
//! Health and reflection have places of their own: a department that is busy still says that it serves.
//! A tower layer, because only there the method is known.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use canbao_proto::rules::Rule;
use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Status, body::Body};
use tower::{Layer, Service};
use tracing::{Instrument, Span};

use crate::{
    Limits, Measures,
    accept::Peer,
    caller::{Caller, HEADER},
    failure::busy,
    metrics::Asked,
    trace::{self, continued},
};

/// A single request is given so long until its answer begins, a batch three times as long.
const DEADLINE: Duration = Duration::from_secs(5);
const BATCH_DEADLINE: Duration = Duration::from_secs(15);

/// Places for what is under way at once, over all connections.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// For requests of the contracts.
    pub(crate) requests: Arc<Semaphore>,
    /// For questions about health: one for each connection.
    checks: Arc<Semaphore>,
    /// For what stays open as long as its caller likes, health that is watched and reflection: one for each connection.
    streams: Arc<Semaphore>,
}

impl Places {
    /// As many as the limits say.
    pub(crate) fn of(limits: Limits) -> Self {
        let places = |many| Arc::new(Semaphore::new(many));
        Self {
            requests: places(limits.requests),
            checks: places(limits.connections),
            streams: places(limits.connections),
        }
    }
}

/// What a request that was let in is bounded by.
struct Admitted {
    deadline: Duration,
    places: Arc<Semaphore>,
    /// Whether it keeps its place until the last byte of its answer.
    stream: bool,
}

/// Puts the gate in front of a department's services.
#[derive(Clone, Debug)]
pub(crate) struct GateLayer {
    places: Places,
    reflection: bool,
    measures: Measures,
}

impl GateLayer {
    /// A gate that lets as much be under way at once as there are places.
    pub(crate) fn new(places: Places, reflection: bool, measures: Measures) -> Self {
        Self { places, reflection, measures }
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate { inner, layer: self.clone() }
    }
}

/// The gate itself.
#[derive(Clone, Debug)]
pub(crate) struct Gate<S> {
    inner: S,
    layer: GateLayer,
}

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let rule = Rule::of(request.uri().path());
        let method = method(rule, request.uri().path());
        let span = self.layer.span(method, &request);
        let mut asked = self.layer.measures.asked(method, span.clone());
        let Admitted { deadline, places, stream } = match self.layer.admit(rule, &mut request, &mut asked) {
            Ok(admitted) => admitted,
            Err(status) => return Box::pin(std::future::ready(Ok(asked.answered(status.into_http())))),
        };
        let Ok(place) = places.try_acquire_owned() else {
            return Box::pin(std::future::ready(Ok(asked.answered(busy().into_http()))));
        };
        let answer = self.inner.call(request);
        let answering = async move {
            let answer = tokio::time::timeout(deadline, answer).await;
            let late =
                || Ok(Status::deadline_exceeded("no answer in time; the outcome is not known").into_http());
            let answer = answer.unwrap_or_else(|_| late())?;
            Ok(asked.answered(if stream { holding(answer, place) } else { answer }))
        };
        Box::pin(answering.instrument(span))
    }
}

/// An answer that keeps its place until its body is over, or nobody reads it any more.
fn holding(answer: Response<Body>, place: OwnedSemaphorePermit) -> Response<Body> {
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _held = &place;
            frame
        }))
    })
}

/// What a path is called where requests are counted: a caller may ask for any path, so what no contract knows is one
/// word.
fn method(rule: Option<&'static Rule>, path: &str) -> &'static str {
    match rule {
        Some(rule) => rule.path.trim_start_matches('/'),
        None if path.starts_with("/grpc.health.") => "health",
        None if path.starts_with("/grpc.reflection.") => "reflection",
        None => "other",
    }
}

impl GateLayer {
    /// The span of a request, in the caller's trace when it names one. The long polls between departments are no trace of
    /// their own: what was told carries the trace it belongs to.
    fn span(&self, method: &'static str, request: &Request<Body>) -> Span {
        if !method.starts_with("canbao.") || method.ends_with("/ReadLog") {
            return Span::none();
        }
        let department = self.measures.department();
        let span = tracing::info_span!(
            parent: None, "rpc", otel.name = method, otel.kind = "server", rpc.system = "grpc",
            rpc.method = method, rpc.code = tracing::field::Empty, caller = tracing::field::Empty, department,
        );
        if let Some(parent) = request.headers().get(trace::HEADER).and_then(|value| value.to_str().ok()) {
            continued(&span, parent);
        }
        span
    }

    /// Lets the request in, and says what bounds it. `rule` is that of its path, where a contract knows it.
    fn admit(
        &self,
        rule: Option<&'static Rule>,
        request: &mut Request<Body>,
        asked: &mut Asked,
    ) -> Result<Admitted, Status> {
        let path = request.uri().path();
        // Also whose certificate is not good any more is told of by the name in it.
        if let Some(Peer::Certified(guest)) = request.extensions().get() {
            asked.by(guest.named());
        }
        let Places { requests, checks, streams } = &self.places;
        let bounded = |deadline, places: &Arc<Semaphore>, stream| {
            Ok(Admitted { deadline, places: places.clone(), stream })
        };
        if let Some(method) = path.strip_prefix("/grpc.health.v1.Health/") {
            // Where there are no certificates nobody says who asks for it.
            certified(request)?;
            let watch = method == "Watch";
            return bounded(DEADLINE, if watch { streams } else { checks }, watch);
        }
        let caller = caller(request)?;
        asked.by(&caller);
        if path.starts_with("/grpc.reflection.") {
            if !self.reflection {
                return Err(Status::unimplemented("reflection is turned off here"));
            }
            return bounded(DEADLINE, streams, true);
        }
        let Some(rule) = rule else {
            return Err(Status::unimplemented(format!("no contract knows {path}")));
        };
        if !rule.admits(caller.identity()) {
            return Err(Status::permission_denied(format!("{} may not call {path}", caller.text())));
        }
        request.extensions_mut().insert(caller);
        bounded(if rule.batch { BATCH_DEADLINE } else { DEADLINE }, requests, false)
    }
}

/// Who stands behind a request: whom the certificate of its connection names, and nobody else by whatever it carries.
fn caller(request: &Request<Body>) -> Result<Caller, Status> {
    certified(request)?.map_or_else(|| Caller::from_header(request.headers()), Ok)
}

/// Whom the certificate of the connection names, while it is good; none where there are no certificates.
fn certified(request: &Request<Body>) -> Result<Option<Caller>, Status> {
    match request.extensions().get() {
        Some(Peer::Local) => Ok(None),
        Some(Peer::Certified(guest)) => {
            if request.headers().contains_key(HEADER) {
                return Err(Status::unauthenticated(format!(
                    "the header {HEADER} means nothing here: the certificate says who is calling"
                )));
            }
            // A connection may live longer than what it was opened with.
            guest.caller().cloned().map(Some).map_err(Status::unauthenticated)
        }
        None => Err(Status::unauthenticated("nobody stands behind this connection")),
    }
}

#[cfg(test)]
#[path = "tests/gate.rs"]
mod tests;
