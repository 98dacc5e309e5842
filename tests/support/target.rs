//! A department as a hostile client reaches it: below gRPC, with TLS and without.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use canbao::certificates::Authority;
use canbao_host::{Certificates, DEPARTMENTS, line};
use h2::{RecvStream, SendStream, client::SendRequest};
use http::{HeaderMap, Request, Response};
use prost::bytes::Bytes;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tonic::{Code, transport::Channel};

/// What an HTTP/2 client says first, with settings that change nothing.
pub const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Bytes both ways, plain or through TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// One department, and who calls it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it is.
    pub address: SocketAddr,
    /// Its name.
    pub department: &'static str,
    /// Who calls, such as `tax`.
    pub caller: &'static str,
    /// The caller's certificates; without them the header says who it is.
    pub certificates: Option<Arc<Certificates>>,
}

impl Target {
    /// Puts certificates of the four services and of these callers in a folder, by an authority of their own.
    pub fn certify(folder: &Path, callers: &[&str]) {
        let authority = Authority::new().expect("an authority");
        let services = DEPARTMENTS.map(|name| format!("service/{name}"));
        for identity in services.iter().map(String::as_str).chain(callers.iter().copied()) {
            let words = authority.words(identity, 30).expect("an identity");
            let issued = authority.issue(&words).expect("a certificate");
            issued.put(&folder.join(identity), authority.trusted()).expect("its files");
        }
    }

    /// A connection that has said nothing yet.
    pub async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    /// A connection after its handshake, if there is one to be done.
    pub async fn stream(&self) -> Box<dyn Stream> {
        let tcp = self.tcp().await;
        let Some(certificates) = &self.certificates else { return Box::new(tcp) };
        let name = ServerName::try_from(self.department).expect("a name");
        Box::new(certificates.connector(self.department).connect(name, tcp).await.expect("a handshake"))
    }

    /// A connection on which HTTP/2 is spoken by hand.
    pub async fn frames(&self) -> Frames {
        let mut stream = self.stream().await;
        stream.write_all(GREETING).await.expect("it listens");
        stream.flush().await.expect("it listens");
        Frames(stream)
    }

    /// A connection on which gRPC is spoken by hand.
    pub async fn calls(&self) -> Calls {
        let (calls, connection) = h2::client::handshake(self.stream().await).await.expect("HTTP/2");
        // How it ends shows in the calls.
        tokio::spawn(async move { drop(connection.await) });
        Calls { calls, caller: self.certificates.is_none().then_some(self.caller) }
    }

    /// A channel of a client that behaves.
    pub fn channel(&self) -> Channel {
        line(&self.address.into(), self.department, self.certificates.as_ref())
    }
}

/// Frames of HTTP/2 by hand.
pub struct Frames(pub Box<dyn Stream>);

impl Frames {
    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// A frame with its payload.
    pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).expect("a frame");
        [&length.to_be_bytes()[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    }

    /// The headers of a call; what follows on the stream is its body.
    pub fn headers(target: &Target, stream: u32, path: &str) -> Vec<u8> {
        let authority = target.address.to_string();
        let mut fields = vec![
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", &authority),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ];
        if target.certificates.is_none() {
            fields.push(("canbao-department", target.caller));
        }
        let length = |text: &str| u8::try_from(text.len()).expect("a short text");
        let literal = |(name, value): (&str, &str)| {
            [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
        };
        let block: Vec<u8> = fields.into_iter().flat_map(literal).collect();
        Self::frame(1, 4, stream, &block)
    }

    /// The next frame: its kind, its stream and its payload; none when the connection is over.
    pub async fn next(&mut self) -> Option<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.read_exact(&mut payload).await.ok()?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some((head[3], stream, payload))
    }
}

/// gRPC by hand, over one connection.
#[derive(Clone)]
pub struct Calls {
    calls: SendRequest<Bytes>,
    caller: Option<&'static str>,
}

/// A call that is under way.
pub struct Call {
    /// Where the rest of the question goes.
    pub body: SendStream<Bytes>,
    answer: h2::client::ResponseFuture,
}

impl Calls {
    /// Begins a call with more headers than it needs.
    pub async fn begin(&mut self, path: &str, more: HeaderMap) -> Result<Call, h2::Error> {
        let mut request = Request::post(format!("http://localhost{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        if let Some(caller) = self.caller {
            request = request.header("canbao-department", caller);
        }
        let mut request = request.body(()).expect("a request");
        request.headers_mut().extend(more);
        self.calls = self.calls.clone().ready().await?;
        let (answer, body) = self.calls.send_request(request, false)?;
        Ok(Call { body, answer })
    }

    /// Calls with these bytes as the whole body.
    pub async fn call(&mut self, path: &str, body: Vec<u8>) -> Result<Code, h2::Error> {
        let mut call = self.begin(path, HeaderMap::new()).await?;
        call.body.send_data(body.into(), true)?;
        call.code().await
    }
}

impl Call {
    /// How it ended: the code in its headers or in its trailers.
    pub async fn code(self) -> Result<Code, h2::Error> {
        let response = self.response().await?;
        let code =
            |headers: &HeaderMap| headers.get("grpc-status").map(|code| Code::from_bytes(code.as_bytes()));
        if let Some(code) = code(response.headers()) {
            return Ok(code);
        }
        let mut body = response.into_body();
        while let Some(bytes) = body.data().await {
            body.flow_control().release_capacity(bytes?.len())?;
        }
        Ok(body.trailers().await?.as_ref().and_then(code).expect("a code"))
    }

    /// What is answered, as HTTP has it.
    pub async fn response(self) -> Result<Response<RecvStream>, h2::Error> {
        self.answer.await
    }
}

/// A message with the five bytes before it: whether it is compressed, and how long it says it is.
pub fn framed(compressed: u8, length: usize, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).expect("a length");
    [&[compressed][..], &length.to_be_bytes(), message].concat()
}
