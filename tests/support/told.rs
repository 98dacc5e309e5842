//! A log that a test writes: stands in for a department that tells, so that a reader can be told in any order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use canbao_proto::exchange::{
    Event, ReadLogRequest, ReadLogResponse,
    event_log_service_server::{EventLogService, EventLogServiceServer},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};

/// A department's log, served to whoever reads it.
pub struct ToldLog {
    /// Where it is served.
    pub address: SocketAddr,
    events: Arc<watch::Sender<Vec<Event>>>,
    serving: JoinHandle<()>,
}

struct Service(watch::Receiver<Vec<Event>>);

impl ToldLog {
    /// Serves an empty log.
    pub async fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (events, told) = watch::channel(Vec::new());
        let service = Server::builder().add_service(EventLogServiceServer::new(Service(told)));
        let serving = tokio::spawn(async move {
            service.serve_with_incoming(TcpListenerStream::new(listener)).await.expect("the log is served");
        });
        Self { address, events: Arc::new(events), serving }
    }

    /// Tells one more event, at the next position, and returns the position.
    pub fn tell(&self, event: &Event) -> u64 {
        let mut position = 0;
        self.events.send_modify(|events| {
            position = events.len() as u64 + 1;
            events.push(Event { position, ..event.clone() });
        });
        position
    }
}

impl Drop for ToldLog {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[tonic::async_trait]
impl EventLogService for Service {
    async fn read_log(&self, request: Request<ReadLogRequest>) -> Result<Response<ReadLogResponse>, Status> {
        let ReadLogRequest { after, limit, wait_milliseconds, .. } = request.into_inner();
        let mut told = self.0.clone();
        let wait = Duration::from_millis(wait_milliseconds.into());
        // No event in time is an answer too.
        drop(tokio::time::timeout(wait, told.wait_for(|events| events.len() as u64 > after)).await);
        let events = told.borrow();
        let head = events.len() as u64;
        let page: Vec<_> = events.iter().skip(after as usize).take(limit as usize).cloned().collect();
        let next = page.last().map_or(after, |event| event.position);
        // Without what an older department does not send either.
        Ok(Response::new(ReadLogResponse { events: page, next, head, ..Default::default() }))
    }
}
