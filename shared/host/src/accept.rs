//! The accept loop: at most so many connections at once, each with a caller whom its certificate names where there are
//! certificates, and a connection that says nothing is let go.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use crate::{Certificates, certificates::Guest};

/// What an HTTP/2 connection begins with, and how long it may take to come to it, the handshake included: what waits for
/// it has no deadline.
const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(5);

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Peer {
    /// Whom the certificate names.
    Certified(Arc<Guest>),
    /// Somebody on this machine: there are no certificates.
    Local,
}

/// Bytes to and from a peer, plain or through TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that holds one of the places.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    peer: Peer,
    /// How much of the preface, which was read already, has been handed on.
    handed_on: usize,
    _place: OwnedSemaphorePermit,
}

/// Accepts connections as long as the stream is read, one for each place. One that finds no place is closed at once.
pub(crate) fn accept(
    listener: TcpListener,
    places: Arc<Semaphore>,
    certificates: Option<Arc<Certificates>>,
) -> ReceiverStream<io::Result<Connection>> {
    let (ready, incoming) = mpsc::channel(16);
    let (failed, crowded, refused) = (Seldom::default(), Seldom::default(), Arc::new(Seldom::default()));
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = ready.closed() => return,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, mostly: give the others time to finish.
                    failed.say(|more| tracing::warn!(%error, more, "cannot accept a connection"));
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let Ok(place) = places.clone().try_acquire_owned() else {
                crowded.say(|more| tracing::warn!(more, "too many connections; one was closed"));
                continue;
            };
            let (ready, certificates, refused) = (ready.clone(), certificates.clone(), refused.clone());
            tokio::spawn(async move {
                let opened = tokio::select! {
                    opened = tokio::time::timeout(PATIENCE, open(stream, certificates)) => opened,
                    () = ready.closed() => return,
                };
                match opened {
                    // The other end is gone when the server is shutting down.
                    Ok(Ok((stream, peer))) => {
                        drop(ready.send(Ok(Connection { stream, peer, handed_on: 0, _place: place })).await);
                    }
                    Ok(Err(error)) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                        refused.say(|more| tracing::warn!(%error, more, "a connection was refused"));
                    }
                    // It said nothing, or something else than HTTP/2, or went away.
                    Ok(Err(_)) | Err(_) => {}
                }
            });
        }
    });
    ReceiverStream::new(incoming)
}

/// Brings a connection as far as the first words of HTTP/2.
async fn open(
    stream: TcpStream,
    certificates: Option<Arc<Certificates>>,
) -> io::Result<(Box<dyn Stream>, Peer)> {
    stream.set_nodelay(true)?;
    let (mut stream, peer): (Box<dyn Stream>, _) = match certificates {
        None => (Box::new(stream), Peer::Local),
        Some(certificates) => {
            let stream = certificates.acceptor().accept(stream).await?;
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default().to_vec();
            let guest = Guest::new(chain, certificates);
            let guest = guest.map_err(|unwelcome| io::Error::other(rustls::Error::from(unwelcome)))?;
            (Box::new(stream), Peer::Certified(Arc::new(guest)))
        }
    };
    let mut said = [0; PREFACE.len()];
    stream.read_exact(&mut said).await?;
    if said == PREFACE { Ok((stream, peer)) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Something that is said at most once a second, so that nobody outside fills the log.
#[derive(Default)]
struct Seldom(Mutex<(Option<Instant>, u64)>);

impl Seldom {
    /// Says it, with how often it was not said since the last time.
    fn say(&self, it: impl FnOnce(u64)) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.0.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
            said.1 += 1;
        } else {
            it(said.1);
            *said = (Some(Instant::now()), 0);
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &PREFACE[self.handed_on..];
        if rest.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let now = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..now]);
        self.handed_on += now;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
