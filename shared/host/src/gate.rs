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

use crate::{
    accept::Peer,
    caller::{Caller, HEADER},
    failure::busy,
};

/// A single request is given so long, a batch three times as long.
const DEADLINE: Duration = Duration::from_secs(5);
const BATCH_DEADLINE: Duration = Duration::from_secs(15);

/// Puts the gate in front of a department's services.
#[derive(Clone, Debug)]
pub(crate) struct GateLayer {
    places: Arc<Semaphore>,
    reflection: bool,
}

impl GateLayer {
    /// A gate that lets so many requests be under way at once, over all connections.
    pub(crate) fn new(places: usize, reflection: bool) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), reflection }
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
        let deadline = match self.layer.admit(&mut request) {
            Ok(deadline) => deadline,
            Err(status) => return Box::pin(std::future::ready(Ok(status.into_http()))),
        };
        let Some(deadline) = deadline else { return Box::pin(self.inner.call(request)) };
        let Ok(place) = self.layer.places.clone().try_acquire_owned() else {
            return Box::pin(std::future::ready(Ok(busy().into_http())));
        };
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = tokio::time::timeout(deadline, answer).await;
            drop(place);
            let late =
                || Ok(Status::deadline_exceeded("no answer in time; the outcome is not known").into_http());
            answer.unwrap_or_else(|_| late())
        })
    }
}

impl GateLayer {
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
