//! A collector of traces, as OpenTelemetry has it, in the test itself.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value,
    trace::v1::Span,
};
use prost::Message;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// A collector that is listening until it is dropped.
pub struct Collector {
    address: SocketAddr,
    received: watch::Receiver<Received>,
    _serving: JoinSet<()>,
}

/// What was sent: the spans, and the bytes they came in.
#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    bytes: Vec<u8>,
}

struct Collecting(Arc<watch::Sender<Received>>);

#[tonic::async_trait]
impl TraceService for Collecting {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let request = request.into_inner();
        self.0.send_modify(|received| {
            received.bytes.extend(request.encode_to_vec());
            let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
            received.spans.extend(scopes.flat_map(|scope| scope.spans));
        });
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (sender, received) = watch::channel(Received::default());
        let service = TraceServiceServer::new(Collecting(Arc::new(sender)));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let server = Server::builder().add_service(service);
            server.serve_with_incoming(TcpListenerStream::new(listener)).await.expect("the collector serves");
        });
        Self { address, received, _serving: serving }
    }

    /// The value of the setting `traces`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The spans received by now.
    pub fn spans(&self) -> Vec<Span> {
        self.received.borrow().spans.clone()
    }

    /// Everything received by now, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        self.received.borrow().bytes.clone()
    }

    /// Waits until the spans are as wanted.
    pub async fn until(&self, wanted: impl Fn(&[Span]) -> bool) {
        let mut received = self.received.clone();
        let waited = received.wait_for(|received| wanted(&received.spans));
        let waited = tokio::time::timeout(Duration::from_secs(30), waited).await;
        assert!(waited.is_ok_and(|waited| waited.is_ok()), "the spans did not come: {:#?}", self.spans());
    }
}

/// An attribute of a span as text.
pub fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        any_value::Value::StringValue(text) => Some(text.clone()),
        any_value::Value::IntValue(number) => Some(number.to_string()),
        any_value::Value::BoolValue(yes) => Some(yes.to_string()),
        _ => None,
    }
}
