//! The journal of a client: each request, kept before it is sent, and what came of it. It decides what was promised.

use std::time::{Duration, Instant};

use canbao::Player;
use canbao_proto::{collection::PayContributionRequest, refusal, registration::RegisterResidentRequest};
use prost::Message;
use tonic::{Code, Status};

/// A request, kept before it is sent.
#[derive(Clone, Debug)]
pub enum Sent {
    /// A registration.
    Register(RegisterResidentRequest),
    /// A payment.
    Pay(PayContributionRequest),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged, with the bytes of the answer.
    Done(Vec<u8>),
    /// Refused: the reason.
    Refused(String),
    /// Anything else: it may have happened or not.
    Unknown,
}

impl Sent {
    /// Sends it once.
    pub async fn send(&self, player: &mut Player) -> Outcome {
        let answer = match self {
            Self::Register(message) => {
                player.register(message.clone()).await.map(|answer| answer.encode_to_vec())
            }
            Self::Pay(message) => player.pay(message.clone()).await.map(|answer| answer.encode_to_vec()),
        };
        answer.map_or_else(|status| refused(&status), Outcome::Done)
    }

    /// Sends until it is known what came of it, for half a minute at most.
    pub async fn settle(&self, player: &mut Player) -> Outcome {
        let begun = Instant::now();
        loop {
            match self.send(player).await {
                // Asked again, and not stormed: it may be starting.
                Outcome::Unknown if begun.elapsed() < Duration::from_secs(30) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Sends everything in a journal once more: each is answered as it was.
///
/// # Panics
/// When something is answered otherwise.
pub async fn answered_again<'a>(
    journal: impl IntoIterator<Item = (&'a Sent, &'a Outcome)>,
    player: &mut Player,
) {
    for (sent, outcome) in journal {
        let again = sent.settle(player).await;
        assert!(outcome.again(&again), "another answer at the end: {sent:?}: {outcome:?}, {again:?}");
    }
}

impl Outcome {
    /// The same answer again, to the byte; a refusal is judged afresh, and here is refused for one reason or another.
    pub fn again(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Refused(_), Self::Refused(_)) => true,
            _ => self == later,
        }
    }
}

fn refused(status: &Status) -> Outcome {
    match refusal::read(status) {
        // Not yet heard of by the other department: nothing was started.
        Some(told) if status.code() != Code::Unavailable => Outcome::Refused(told.reason),
        _ => Outcome::Unknown,
    }
}
