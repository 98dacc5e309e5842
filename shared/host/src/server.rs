//! One department's server: its services behind the gate, health and reflection beside them, the logs it follows, and a
//! drain that ends in time.

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use canbao_proto::exchange::event_log_service_server::EventLogServiceServer;
use canbao_store::Store;
use http::{Request, Response};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tonic::{body::Body, server::NamedService, service::Routes, transport::Server as Transport};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower::Service;

use crate::{
    Address, Certificates, Clock, DEPARTMENTS, Follow, Installation, Reading, Renewal, Secrets, Settings,
    StartError,
    accept::accept,
    exchange::Exchange,
    gate::{GateLayer, Places},
    place::{Mark, hold, show_writer},
};

/// The largest question about a log, health or a contract, in bytes: three numbers, or a name.
const LARGEST_QUESTION: usize = 1_024;

/// How long a store may take to close, after the drain; whoever stops a process gives it so much longer.
const CLOSING: Duration = Duration::from_secs(10);

/// What bounds a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once, and as many questions about health, and as many streams of health or reflection.
    pub connections: usize,
    /// Requests under way at once, over all connections.
    pub requests: usize,
    /// How long a stopping server waits for its requests.
    pub drain: Duration,
}

/// What every part of a department holds on to.
#[derive(Clone, Debug)]
pub struct Department {
    /// The department's name, which is also the name of its log.
    pub name: &'static str,
    /// The departments whose logs it follows.
    pub reads: &'static [&'static str],
    /// Its database.
    pub store: Store,
    /// The keys that its database is made with.
    pub(crate) marks: Vec<Mark>,
    /// Its clock.
    pub clock: Clock,
    /// The keys of the installation.
    pub secrets: Arc<Secrets>,
    /// Its certificates; without them callers say who they are, on a loopback address.
    pub certificates: Option<Arc<Certificates>>,
    /// What it shares with the other departments of its process.
    pub installation: Arc<Installation>,
}

/// A department's server.
pub struct Server {
    department: Department,
    routes: Routes,
    health: HealthReporter,
    /// The services of this department, to be listed by reflection.
    names: Vec<&'static str>,
    follows: Vec<Follow>,
    readings: Vec<Reading>,
    renewal: Option<Renewal>,
}

impl Server {
    /// A server with health, reflection and the department's log.
    pub fn new(department: Department) -> Self {
        let (health, health_service) = tonic_health::server::health_reporter();
        let exchange = EventLogServiceServer::new(Exchange { department: department.clone() })
            .max_decoding_message_size(LARGEST_QUESTION);
        let routes = Routes::new(health_service.max_decoding_message_size(LARGEST_QUESTION));
        let (names, follows, readings) = (Vec::new(), Vec::new(), Vec::new());
        let server = Self { department, routes, health, names, follows, readings, renewal: None };
        server.service(exchange)
    }

    /// Adds a service of the department's own.
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + NamedService,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self.names.push(S::NAME);
        self
    }

    /// Adds a log to follow.
    #[must_use]
    pub fn follow(mut self, follow: Follow) -> Self {
        self.follows.push(follow);
        self
    }

    /// Decides anew what was decided by other notices than those of this start.
    #[must_use]
    pub fn renews(mut self, renewal: Renewal) -> Self {
        self.renewal = Some(renewal);
        self
    }

    /// Shows numbers of the department's own rows among the metrics.
    #[must_use]
    pub fn shows(mut self, reading: Reading) -> Self {
        self.readings.push(reading);
        self
    }

    /// Serves until `stop` turns true, then drains: no new connection, what is under way is finished within the limit,
    /// the store is closed. `addresses` tells where the four departments are, in the order of [`DEPARTMENTS`].
    pub async fn run(
        self,
        listener: TcpListener,
        addresses: [Address; 4],
        stop: watch::Receiver<bool>,
    ) -> Result<(), StartError> {
        let Self { department, routes, health, names, follows, readings, renewal } = self;
        let Settings { limits, reflection, .. } = department.installation.settings;
        let routes = routes
            .add_service(describe(&names).build_v1()?.max_decoding_message_size(LARGEST_QUESTION))
            .add_service(describe(&names).build_v1alpha()?.max_decoding_message_size(LARGEST_QUESTION));
        tokio::select! {
            held = hold(&department) => held?,
            // Who waits for another process to write stops as well.
            () = stopped(stop.clone()) => {
                department.store.close().await;
                return Ok(());
            }
        }
        health.set_service_status("", ServingStatus::Serving).await;
        let mut following = JoinSet::new();
        following.spawn(show_writer(department.store.clone(), health.clone()));
        if let Some(renewal) = renewal {
            following.spawn(renewal.run(department.clone(), health.clone()));
        }
        for follow in follows {
            let place = DEPARTMENTS.iter().position(|&name| name == follow.log()).unwrap_or_default();
            following.spawn(follow.run(
                department.clone(),
                addresses[place].clone(),
                health.clone(),
                stop.clone(),
            ));
        }
        let measures = department.installation.metrics.department(department.name);
        let (connections, places) = (Arc::new(Semaphore::new(limits.connections)), Places::of(limits));
        measures.standing(&department, (limits, &connections, &places.requests), readings);
        let incoming = accept(listener, connections, department.certificates.clone());
        let serving = bounded(GateLayer::new(places, reflection, measures))
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, stopped(stop.clone()));
        let overdue = async {
            stopped(stop).await;
            health.set_service_status("", ServingStatus::NotServing).await;
            tokio::time::sleep(limits.drain).await;
        };
        // A drain must end: a half-open connection can keep the graceful shutdown waiting for ever.
        let served = tokio::select! {
            served = serving => served.map_err(StartError::from),
            () = overdue => {
                tracing::warn!(department = department.name, "the drain took too long; some connections were still open");
                Ok(())
            }
        };
        // Told to stop or not: without a server nobody is to follow a log. A cancelled read writes nothing, and a unit of
        // work that was queued is finished by the store.
        following.shutdown().await;
        if tokio::time::timeout(CLOSING, department.store.close()).await.is_err() {
            tracing::warn!(
                department = department.name,
                "the database did not let go in time; the rest has no effect or is unknown"
            );
        }
        served
    }
}

/// The contracts for reflection; what is listed are the services that are served here.
fn describe<'a>(names: &[&'static str]) -> tonic_reflection::server::Builder<'a> {
    let contracts = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(canbao_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health");
    names.iter().fold(contracts, |contracts, &name| contracts.with_service_name(name))
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // The sender gone means stop, too.
    drop(stop.wait_for(|&stop| stop).await);
}

/// tonic bounds little by itself: every limit is stated.
fn bounded(gate: GateLayer) -> Transport<tower::layer::util::Stack<GateLayer, tower::layer::util::Identity>> {
    Transport::builder()
        .concurrency_limit_per_connection(64)
        .load_shed(true)
        .max_concurrent_streams(100)
        .http2_max_local_error_reset_streams(Some(1_024))
        .http2_max_pending_accept_reset_streams(Some(20))
        .http2_max_header_list_size(8 * 1_024)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .layer(gate)
}

/// Runs `serve` until it ends or the process is told to stop, by SIGTERM or SIGINT.
pub async fn until_told<T>(serve: impl Future<Output = T>, stop: watch::Sender<bool>) -> std::io::Result<T> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::pin!(serve);
    tokio::select! {
        ended = &mut serve => return Ok(ended),
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    tracing::info!("stopping");
    stop.send_replace(true);
    Ok(serve.await)
}
