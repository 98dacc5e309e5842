//! Clients that do not behave, with TLS and without: each is bounded, and others beside it are served.

use std::{future::Future, sync::Arc, time::Duration};

use canbao::Suite;
use canbao_host::Certificates;
use canbao_tests::{Calls, Frames, GREETING, Stream, Target, framed, settings};
use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::Code;

use super::PATIENCE;

/// Longer than the keepalive with its patience.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

const ASK: &str = "/canbao.collection.v1.CollectionService/GetContributionDue";
pub const HEALTH: &str = "/grpc.health.v1.Health/Check";
pub const WATCH: &str = "/grpc.health.v1.Health/Watch";
pub const REFLECT: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
pub const REPORT: &str = "/canbao.collection.v1.CollectionService/ReportPayments";
/// The largest message that is read here.
pub const LARGEST: usize = 1_024 * 1_024;

/// Places for connections: few, so that one that is not given back is missed.
const PLACES: usize = 8;

/// Does this to collection without certificates, and at the same time to another with certificates; others are served
/// during it, and after it.
async fn each_way<Done: Future<Output = ()>>(hostile: impl Fn(Target) -> Done) {
    let one_way = async |certified: bool| {
        let folder = tempfile::tempdir().unwrap();
        let (data, kept) = (folder.path().join("data"), folder.path().join("certificates"));
        let mut settings = settings(&data);
        settings.limits.connections = PLACES;
        let mut certificates = None;
        if certified {
            Target::certify(&kept, &["141181/tax"]);
            certificates = Some(Arc::new(Certificates::open(&kept.join("141181/tax")).unwrap()));
            settings.certificates = Some(kept);
        }
        let suite = Suite::start(&settings).await.unwrap();
        let target =
            Target { address: suite.addresses[1], department: "collection", caller: "tax", certificates };
        let beside = target.calls().await;
        hostile(target.clone()).await;
        is_served(beside).await;
        is_served(target.calls().await).await;
        suite.stop().await.unwrap();
    };
    tokio::join!(one_way(false), one_way(true));
}

/// A question is answered: it was read, and found empty.
pub async fn is_served(mut calls: Calls) {
    assert_eq!(calls.call(ASK, framed(0, 0, &[])).await.unwrap(), Code::InvalidArgument);
}

/// Waits until the other end has closed the connection.
async fn is_let_go(mut stream: impl Stream) {
    let read = tokio::time::timeout(LONG_PATIENCE, stream.read_to_end(&mut Vec::new())).await;
    // Whether it was closed or cut, it is gone.
    drop(read.expect("it is let go"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_falls_silent_before_the_first_words_is_let_go_and_the_place_given_back() {
    each_way(async |target| {
        let mut silent = Vec::new();
        for said in [&b""[..], b"P", b"\x16\x03\x01\x02\x00\x01\x00", &GREETING[..23]] {
            let mut tcp = target.tcp().await;
            tcp.write_all(said).await.unwrap();
            silent.push(tokio::spawn(is_let_go(tcp)));
        }
        let mut halting = target.stream().await;
        halting.write_all(&GREETING[..23]).await.unwrap();
        halting.flush().await.unwrap();
        silent.push(tokio::spawn(is_let_go(halting)));
        for ended in silent {
            tokio::time::timeout(PATIENCE, ended).await.expect("the first words have a deadline").unwrap();
        }
        // One that is read and found to be something else is closed without waiting.
        for other in [
            &b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"[..],
            b"\x16\x03\x01\x00\x04\x01\x00\x00\x00 again and again",
        ] {
            let mut tcp = target.tcp().await;
            tcp.write_all(other).await.unwrap();
            tokio::time::timeout(Duration::from_secs(3), is_let_go(tcp)).await.expect("closed at once");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_silent_connections_takes_the_places_and_gives_them_back() {
    each_way(async |target| {
        let mut crowd = Vec::new();
        for _ in 0..4 * PLACES {
            crowd.push(tokio::spawn(is_let_go(target.tcp().await)));
        }
        for gone in crowd {
            tokio::time::timeout(PATIENCE, gone).await.expect("it is let go").unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_stops_inside_a_frame_is_let_go() {
    each_way(async |target| {
        let whole = Frames::headers(&target, 1, ASK);
        let mut unfinished = whole.clone();
        // Without the flag that ends the headers, the next frame must be more of them.
        unfinished[4] = 0;
        let mut stopped = Vec::new();
        for part in [&whole[..5], &whole[..whole.len() - 1], &unfinished] {
            let mut frames = target.frames().await;
            for byte in part {
                frames.send(&[*byte]).await.unwrap();
            }
            stopped.push(tokio::spawn(is_let_go(frames.0)));
        }
        is_served(target.calls().await).await;
        for gone in stopped {
            gone.await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_ends_is_over_at_its_deadline_and_the_connection_goes_on() {
    each_way(async |target| {
        let mut calls = target.calls().await;
        let mut late = Vec::new();
        for path in [ASK, HEALTH, WATCH] {
            for part in [&[][..], &framed(0, 100, &[])[..3], &framed(0, 100, &[0; 50])] {
                let mut call = calls.begin(path, HeaderMap::new()).await.unwrap();
                call.body.send_data(part.to_vec().into(), false).unwrap();
                late.push(tokio::spawn(call.code()));
            }
        }
        is_served(calls.clone()).await;
        for call in late {
            let code = tokio::time::timeout(PATIENCE, call).await.expect("it ends by itself").unwrap();
            assert_eq!(code.unwrap(), Code::DeadlineExceeded);
        }
        is_served(calls).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_not_what_it_says_is_refused_and_the_connection_goes_on() {
    each_way(async |target| {
        let mut calls = target.calls().await;
        for (body, code) in [
            // Compressed, where nothing was said of how.
            (framed(1, 4, &[0; 4]), Code::Internal),
            (framed(7, 0, &[]), Code::Internal),
            // Longer than what follows.
            (framed(0, 100, &[0; 50]), Code::Internal),
            (framed(0, 1, &[])[..3].to_vec(), Code::Internal),
            // Longer than is read, however little of it is sent.
            (framed(0, LARGEST + 1, &[0; 8]), Code::OutOfRange),
            (framed(0, u32::MAX as usize, &[]), Code::OutOfRange),
            (Vec::new(), Code::Internal),
        ] {
            let said =
                tokio::time::timeout(PATIENCE, calls.call(ASK, body.clone())).await.expect("an answer");
            assert_eq!(said.unwrap(), code, "{:?}", &body[..body.len().min(5)]);
            is_served(calls.clone()).await;
        }
    })
    .await;
}

#[tokio::test]
async fn more_headers_than_are_read_are_refused_and_the_connection_goes_on() {
    each_way(async |target| {
        let mut calls = target.calls().await;
        let much =
            HeaderMap::from_iter([("x-much".parse().unwrap(), "y".repeat(9 * 1_024).parse().unwrap())]);
        // Refused as HTTP does it, or by a reset; either way it is not asked.
        let refused = match calls.begin(ASK, much).await {
            Ok(call) => match call.response().await {
                Ok(response) => response.status() == http::StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                Err(error) => error.is_reset(),
            },
            Err(_) => false,
        };
        assert!(refused);
        is_served(calls).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_above_the_limit_are_refused_and_those_below_it_are_answered() {
    const STREAMS: u32 = 400;
    each_way(async |target| {
        let mut frames = target.frames().await;
        for n in 0..STREAMS {
            frames.send(&Frames::headers(&target, 2 * n + 1, ASK)).await.unwrap();
        }
        is_served(target.calls().await).await;
        let (mut refused, mut opened) = (0, 0);
        while refused + opened < STREAMS {
            let next = tokio::time::timeout(PATIENCE, frames.next()).await.expect("each is answered");
            match next.expect("the connection goes on") {
                (3, _, code) if code == [0, 0, 0, 7] => refused += 1,
                (1, ..) => opened += 1,
                _ => {}
            }
        }
        assert!(refused > 0, "{opened} of {STREAMS} were let in");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resetting_streams_in_a_hurry_ends_the_connection() {
    each_way(async |target| {
        let mut frames = target.frames().await;
        let mut sent = 0;
        for n in 0..20_000 {
            let stream = 2 * n + 1;
            let reset = Frames::frame(3, 0, stream, &[0, 0, 0, 8]);
            if frames.send(&[Frames::headers(&target, stream, ASK), reset].concat()).await.is_err() {
                break;
            }
            sent += 1;
        }
        let mut hurried = false;
        while let Some((kind, _, payload)) =
            tokio::time::timeout(PATIENCE, frames.next()).await.expect("the connection is ended")
        {
            // GOAWAY, and why: ENHANCE_YOUR_CALM.
            hurried |= kind == 7 && payload[4..8] == [0, 0, 0, 11];
        }
        assert!(hurried || sent < 20_000, "{sent} resets were taken");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_nobody_ends_are_as_many_as_connections_and_an_end_gives_the_place_back() {
    each_way(async |target| {
        let mut calls = target.calls().await;
        let mut open = async |path| {
            let mut call = calls.begin(path, HeaderMap::new()).await.unwrap();
            // Health is asked with one message; reflection, here for the services, as long as somebody likes.
            let (asked, last) = if path == WATCH { (&b""[..], true) } else { (&b"\x3a\0"[..], false) };
            // Whoever is refused may hear of it before this is sent; the answer tells.
            drop(call.body.send_data(framed(0, asked.len(), asked).into(), last));
            let answer = call.response().await.unwrap();
            (!answer.headers().contains_key("grpc-status")).then_some(answer)
        };
        let mut held = Vec::new();
        for _ in 0..PLACES / 2 {
            held.push(open(WATCH).await.expect("there is a place"));
            held.push(open(REFLECT).await.expect("there is a place"));
        }
        for path in [WATCH, REFLECT] {
            assert!(open(path).await.is_none(), "{path} is refused: nobody has ended one");
        }
        drop(held);
        let again = async { while open(WATCH).await.is_none() {} };
        tokio::time::timeout(PATIENCE, again).await.expect("the places are given back");
    })
    .await;
}
