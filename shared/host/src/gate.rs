//! The gate in front of every RPC: the authority table of the contracts, a deadline, and a limit over all connections.
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
use tokio::sync::Semaphore;
use tonic::{Status, body::Body};
use tower::{Layer, Service};
use tracing::{Instrument, Span};

use crate::{
    Measures,
    accept::Peer,
    caller::{Caller, HEADER},
    failure::busy,
    trace::{self, continued},
};

/// A single request is given so long, a batch three times as long.
const DEADLINE: Duration = Duration::from_secs(5);
const BATCH_DEADLINE: Duration = Duration::from_secs(15);

/// Puts the gate in front of a department's services.
#[derive(Clone, Debug)]
pub(crate) struct GateLayer {
    places: Arc<Semaphore>,
    reflection: bool,
    measures: Measures,
}

impl GateLayer {
    /// A gate that lets as many requests be under way at once as there are places, over all connections.
    pub(crate) fn new(places: Arc<Semaphore>, reflection: bool, measures: Measures) -> Self {
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
        let method = method(request.uri().path());
        let span = self.layer.span(method, &request);
        let asked = self.layer.measures.asked(method, span.clone());
        let deadline = match self.layer.admit(&mut request) {
            Ok(deadline) => deadline,
            Err(status) => return Box::pin(std::future::ready(Ok(asked.answered(status.into_http())))),
        };
        let Some(deadline) = deadline else {
            let answer = self.inner.call(request);
            return Box::pin(async move { Ok(asked.answered(answer.await?)) });
        };
        let Ok(place) = self.layer.places.clone().try_acquire_owned() else {
            return Box::pin(std::future::ready(Ok(asked.answered(busy().into_http()))));
        };
        let answer = self.inner.call(request);
        let answering = async move {
            let answer = tokio::time::timeout(deadline, answer).await;
            drop(place);
            let late =
                || Ok(Status::deadline_exceeded("no answer in time; the outcome is not known").into_http());
            Ok(asked.answered(answer.unwrap_or_else(|_| late())?))
        };
        Box::pin(answering.instrument(span))
    }
}

/// What a path is called where requests are counted: a caller may ask for any path, so what no contract knows is one
/// word.
fn method(path: &str) -> &'static str {
    match Rule::of(path) {
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
            rpc.method = method, rpc.code = tracing::field::Empty, department,
        );
        if let Some(parent) = request.headers().get(trace::HEADER).and_then(|value| value.to_str().ok()) {
            continued(&span, parent);
        }
        span
    }

    /// Lets the request in with its deadline; health and reflection stay open as long as they are asked.
    fn admit(&self, request: &mut Request<Body>) -> Result<Option<Duration>, Status> {
        let path = request.uri().path();
        if path.starts_with("/grpc.health.v1.Health/") {
            return Ok(None);
        }
        let caller = caller(request)?;
        if path.starts_with("/grpc.reflection.") {
            let open = self.reflection.then_some(None);
            return open.ok_or_else(|| Status::unimplemented("reflection is turned off here"));
        }
        let Some(rule) = Rule::of(path) else {
            return Err(Status::unimplemented(format!("no contract knows {path}")));
        };
        if !rule.admits(caller.identity()) {
            return Err(Status::permission_denied(format!("{} may not call {path}", caller.text())));
        }
        request.extensions_mut().insert(caller);
        Ok(Some(if rule.batch { BATCH_DEADLINE } else { DEADLINE }))
    }
}

/// Who stands behind a request: whom the certificate of its connection names, and nobody else by whatever it carries.
fn caller(request: &Request<Body>) -> Result<Caller, Status> {
    match request.extensions().get() {
        Some(Peer::Local) => Caller::from_header(request.headers()),
        Some(Peer::Certified(certified)) => {
            if request.headers().contains_key(HEADER) {
                return Err(Status::unauthenticated(format!(
                    "the header {HEADER} means nothing here: the certificate says who is calling"
                )));
            }
            // A connection may live longer than the certificate it was opened with.
            if certified.has_ended() {
                return Err(Status::unauthenticated(
                    "the certificate of this connection is over: connect again with a new one",
                ));
            }
            Ok(certified.caller.clone())
        }
        None => Err(Status::unauthenticated("nobody stands behind this connection")),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SanType};
    use tonic::Code;

    use super::*;
    use crate::certificates::Certified;

    /// A request on a connection that was opened with a certificate of the tax bureau, valid until so many days from now.
    fn request(days: i64) -> Request<Body> {
        let mut words = CertificateParams::default();
        let uri = "spiffe://canbao/370685/tax".to_owned();
        words.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
        words.not_before = time::OffsetDateTime::now_utc() - time::Duration::days(30);
        words.not_after = time::OffsetDateTime::now_utc() + time::Duration::days(days);
        let certificate = words.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let mut request = Request::new(Body::empty());
        let peer = Peer::Certified(Arc::new(Certified::read(certificate.der()).unwrap()));
        request.extensions_mut().insert(peer);
        request
    }

    #[test]
    fn a_connection_whose_certificate_is_over_carries_no_request_any_more() {
        let caller_of = |days| caller(&request(days)).map(|caller| caller.text().to_owned());
        assert_eq!(caller_of(1).unwrap(), "tax");
        let refused = caller_of(-1).unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert!(refused.message().contains("is over"), "{refused}");
    }

    #[test]
    fn beside_a_certificate_the_header_is_refused_by_name_and_without_a_peer_it_is_not_believed() {
        let mut both = request(1);
        both.headers_mut().insert(HEADER, "auditor".parse().unwrap());
        let refused = caller(&both).unwrap_err();
        assert!(refused.code() == Code::Unauthenticated && refused.message().contains(HEADER), "{refused}");
        both.extensions_mut().insert(Peer::Local);
        assert_eq!(caller(&both).unwrap().text(), "auditor");
        both.extensions_mut().remove::<Peer>();
        assert_eq!(caller(&both).unwrap_err().code(), Code::Unauthenticated);
    }
}
