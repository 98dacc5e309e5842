//! Clients that register and pay for one person after the other, and repeat what they were not answered, as the contracts
//! ask of a client. Their journal decides what was acknowledged.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use canbao::Player;
use canbao_proto::{common::LogPosition, registration::RegisterResidentRequest};
use canbao_tests::{Outcome, Person, Sent};
use tokio::{sync::watch, task::JoinSet};

/// On one machine with everything it asks.
const CLIENTS: usize = 4;
/// Work that does not go on by then never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the clients share.
#[derive(Default)]
struct Shared {
    people: AtomicU32,
    paid: watch::Sender<u32>,
    unanswered: watch::Sender<u32>,
    enough: AtomicBool,
}

impl Shared {
    async fn settle(&self, sent: &Sent, player: &mut Player) -> Outcome {
        match sent.send(player).await {
            Outcome::Unknown => {
                self.unanswered.send_modify(|unanswered| *unanswered += 1);
                sent.settle(player).await
            }
            known => known,
        }
    }
}

/// Clients at work.
pub struct Load {
    clients: JoinSet<Vec<(Sent, Outcome)>>,
    shared: Arc<Shared>,
}

impl Load {
    /// Sets the clients to work.
    pub fn begin(player: impl Fn() -> Player) -> Self {
        let (shared, mut clients) = (Arc::new(Shared::default()), JoinSet::new());
        for _ in 0..CLIENTS {
            clients.spawn(work(player(), shared.clone()));
        }
        Self { clients, shared }
    }

    /// Waits until a few more payments were acknowledged than there were.
    pub async fn goes_on(&self) {
        let mut paid = self.shared.paid.subscribe();
        let enough = *paid.borrow() + 20;
        let waited = tokio::time::timeout(PATIENCE, paid.wait_for(|paid| *paid >= enough)).await;
        assert!(waited.is_ok(), "the clients are not answered any more");
    }

    /// Does something to what is asked, and waits until a client is not answered for it: a database that is back at once
    /// is noticed by nobody.
    pub async fn struck_by(&self, deed: impl FnOnce()) {
        let mut unanswered = self.shared.unanswered.subscribe();
        let before = *unanswered.borrow();
        deed();
        let waited = unanswered.wait_for(|unanswered| *unanswered > before);
        let waited = tokio::time::timeout(PATIENCE, waited).await;
        assert!(waited.is_ok(), "nobody has asked meanwhile");
    }

    /// Lets every client finish the person it is at, and gives their journals.
    pub async fn end(self) -> Vec<(Sent, Outcome)> {
        self.shared.enough.store(true, Ordering::Relaxed);
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

/// Somebody whom no season's file names: those have the first sequence numbers of their day, or the last.
pub fn stranger(n: u32) -> Person {
    Person::nth(n / 700 * 1_000 + 100 + n % 700)
}

async fn work(mut player: Player, shared: Arc<Shared>) -> Vec<(Sent, Outcome)> {
    let mut journal = Vec::new();
    while !shared.enough.load(Ordering::Relaxed) {
        let person = stranger(shared.people.fetch_add(1, Ordering::Relaxed));
        // A request that is repeated stays the same to the byte, so what it waits for is settled first.
        let after = vec![LogPosition { log: "registration".to_owned(), position: 0 }];
        let register = Sent::Register(RegisterResidentRequest { after, ..person.registration("2025-11-03") });
        let registered = shared.settle(&register, &mut player).await;
        journal.push((register, registered));
        for yuan in ["399.00", "400.00"] {
            let mut pay = person.payment(yuan, "2025-11-10");
            pay.after = player.told();
            let pay = Sent::Pay(pay);
            let paid = shared.settle(&pay, &mut player).await;
            if matches!(paid, Outcome::Done(_)) {
                shared.paid.send_modify(|paid| *paid += 1);
            }
            journal.push((pay, paid));
        }
    }
    journal
}
