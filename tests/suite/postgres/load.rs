//! Clients that go on whatever happens to the departments, and the journal of what they were answered.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use canbao::Player;
use canbao_proto::{
    collection::PayContributionRequest, common::LogPosition, registration::RegisterResidentRequest,
};
use canbao_tests::{Outcome, Person, Sent};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

/// A request, what its first sending came to, and what it came to in the end.
pub(super) type Line = (Sent, Outcome, Outcome);

/// Clients at work.
pub(super) struct Load {
    clients: JoinSet<Vec<Line>>,
    /// One more for each payment that was acknowledged.
    paid: Arc<Semaphore>,
    stop: watch::Sender<bool>,
}

impl Load {
    /// So many clients, each of which registers one person after the other, tries to pay the wrong amount, and pays. A
    /// request whose outcome is not known is sent until it is.
    pub(super) fn start(clients: u32, addresses: [SocketAddr; 4], people: &Arc<AtomicU32>) -> Self {
        let (paid, (stop, stopped)) = (Arc::new(Semaphore::new(0)), watch::channel(false));
        let mut working = JoinSet::new();
        for _ in 0..clients {
            working.spawn(client(addresses, people.clone(), paid.clone(), stopped.clone()));
        }
        Self { clients: working, paid, stop }
    }

    /// Waits until so many more payments have been acknowledged.
    pub(super) async fn paid(&self, payments: u32) {
        let acknowledged = tokio::time::timeout(Duration::from_secs(120), self.paid.acquire_many(payments));
        acknowledged.await.expect("payments go on").expect("the clients are at work").forget();
    }

    /// Lets everybody finish with the person at hand; the journal.
    pub(super) async fn stop(self) -> Vec<Line> {
        self.stop.send_replace(true);
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

async fn client(
    addresses: [SocketAddr; 4],
    people: Arc<AtomicU32>,
    paid: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
) -> Vec<Line> {
    let mut player = Player::connect(addresses).await.expect("the departments answer");
    let mut journal = Vec::new();
    while !*stop.borrow() {
        let person = Person::nth(people.fetch_add(1, Ordering::Relaxed));
        // The player adds what it has heard of to a request that names nothing; this one is to stay the same to the byte.
        let after = vec![LogPosition { log: "registration".to_owned(), position: 0 }];
        let register = RegisterResidentRequest { after, ..person.registration("2025-11-03") };
        settle(Sent::Register(register), &mut player, &mut journal).await;
        for yuan in ["399.00", "400.00"] {
            let pay = PayContributionRequest { after: player.told(), ..person.payment(yuan, "2025-11-10") };
            if let Outcome::Done(_) = settle(Sent::Pay(pay), &mut player, &mut journal).await {
                paid.add_permits(1);
            }
        }
    }
    journal
}

async fn settle(sent: Sent, player: &mut Player, journal: &mut Vec<Line>) -> Outcome {
    let first = sent.send(player).await;
    let last = match &first {
        Outcome::Unknown => sent.settle(player).await,
        known => known.clone(),
    };
    assert_ne!(last, Outcome::Unknown, "{sent:?}");
    journal.push((sent, first, last.clone()));
    last
}
