//! Calls by path and bytes, so that anything can be sent by anybody.

use prost::bytes::{Buf, BufMut};
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
    transport::Channel,
};

/// A client that knows no contract.
#[derive(Clone, Debug)]
pub struct Raw(Channel);

impl Raw {
    /// A client on a connection.
    pub fn new(channel: Channel) -> Self {
        Self(channel)
    }

    /// Calls a method as somebody, or as nobody, with the bytes of a message; answers with the bytes of one.
    pub async fn call(&self, path: &str, caller: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = path.parse::<PathAndQuery>().expect("a path");
        Ok(grpc.unary(request(caller, body), path, Bytes).await?.into_inner())
    }

    /// Calls a method and never finishes saying what it wants; answers with what comes of it.
    pub async fn halting(&self, path: &str, caller: Option<&str>) -> Result<Vec<u8>, Status> {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = path.parse::<PathAndQuery>().expect("a path");
        let sent = request(caller, tokio_stream::pending());
        Ok(grpc.client_streaming(sent, path, Bytes).await?.into_inner())
    }

    /// Calls a method that streams both ways, with one message; answers with the first one that comes back.
    pub async fn first(&self, path: &str, caller: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = path.parse::<PathAndQuery>().expect("a path");
        let sent = request(caller, tokio_stream::once(body));
        let mut answers = grpc.streaming(sent, path, Bytes).await?.into_inner();
        Ok(answers.message().await?.unwrap_or_default())
    }
}

fn request<T>(caller: Option<&str>, body: T) -> Request<T> {
    let mut request = Request::new(body);
    if let Some(caller) = caller {
        request.metadata_mut().insert("canbao-department", caller.parse().expect("a header"));
    }
    request
}

/// Messages as the bytes they are.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut body = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut body);
        Ok(Some(body))
    }
}
