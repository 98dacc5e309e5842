//! Clients: how long one request takes, and how many there are in a second.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Barrier, Mutex},
    thread,
    time::Instant,
};

use canbao::request;
use canbao_proto::collection::{
    PayContributionRequest, PayContributionResponse, ReportPaymentsRequest, SuspenseReason,
    collection_service_client::CollectionServiceClient,
};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinSet,
};
use tonic::transport::{Channel, Endpoint};

use crate::figures::{median, seconds};

/// Requests at the beginning of a connection that are not timed.
const UNTIMED: usize = 20;

type Client = CollectionServiceClient<Channel>;

/// A request that can be sent, and whose answer must be a good one.
pub trait Ask: Clone + Send + 'static {
    fn ask(self, client: &mut Client) -> impl Future<Output = ()> + Send;
}

impl Ask for PayContributionRequest {
    async fn ask(self, client: &mut Client) {
        let paid = client.pay_contribution(request("channel/wechat", self)).await;
        let paid = paid.expect("the payment is taken").into_inner();
        assert!(paid.contribution.is_some_and(|contribution| contribution.settled));
    }
}

impl Ask for ReportPaymentsRequest {
    async fn ask(self, client: &mut Client) {
        let lines = self.lines.len();
        let reported = client.report_payments(request("channel/wechat", self)).await;
        let outcomes = reported.expect("the statement is taken").into_inner().outcomes;
        let posted = |reason| reason == SuspenseReason::Unspecified;
        assert!(outcomes.len() == lines && outcomes.iter().all(|line| posted(line.suspense_reason())));
    }
}

/// The answer to one payment.
pub fn answer(address: SocketAddr, payment: PayContributionRequest) -> PayContributionResponse {
    let (runtime, mut client) = connected(address);
    let paid = runtime.block_on(client.pay_contribution(request("channel/wechat", payment)));
    paid.expect("the payment is taken").into_inner()
}

/// The median of how many seconds one request takes, one in flight on one connection.
pub fn latency(address: SocketAddr, requests: Vec<impl Ask>) -> f64 {
    let (runtime, mut client) = connected(address);
    let mut times = Vec::new();
    runtime.block_on(async {
        for request in requests {
            let begun = Instant::now();
            request.ask(&mut client).await;
            times.push(seconds(begun.elapsed()));
        }
    });
    median(&times[UNTIMED..])
}

/// How many requests are answered in a second, so many in flight on each of so many connections.
pub fn rate<A: Ask>(address: SocketAddr, (connections, in_flight): (usize, usize), requests: Vec<A>) -> f64 {
    let begin = Barrier::new(connections + 1);
    // One after the other, as ids are made: those of all connections rise together.
    let share = |first| requests.iter().skip(first).step_by(connections).cloned().collect();
    let shares: Vec<Vec<A>> = (0..connections).map(share).collect();
    let took = thread::scope(|scope| {
        let senders: Vec<_> = shares
            .into_iter()
            .map(|share| {
                scope.spawn(|| {
                    let (runtime, client) = connected(address);
                    begin.wait();
                    runtime.block_on(send(client, in_flight, share));
                })
            })
            .collect();
        begin.wait();
        let begun = Instant::now();
        senders.into_iter().for_each(|sender| sender.join().expect("all are answered"));
        begun.elapsed()
    });
    requests.len() as f64 / seconds(took)
}

async fn send<A: Ask>(client: Client, in_flight: usize, requests: Vec<A>) {
    let requests = Arc::new(Mutex::new(requests.into_iter()));
    let next = |requests: &Mutex<std::vec::IntoIter<A>>| requests.lock().expect("nobody panicked").next();
    let mut senders = JoinSet::new();
    for _ in 0..in_flight {
        let (requests, mut client) = (requests.clone(), client.clone());
        senders.spawn(async move {
            while let Some(request) = next(&requests) {
                request.ask(&mut client).await;
            }
        });
    }
    senders.join_all().await;
}

fn connected(address: SocketAddr) -> (Runtime, Client) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address").tcp_nodelay(true);
    let channel = runtime.block_on(endpoint.connect()).expect("the server answers");
    (runtime, Client::new(channel))
}
