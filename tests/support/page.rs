//! The page of metrics, as Prometheus reads it.

use std::{collections::BTreeSet, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The page as text.
pub struct Page(pub String);

impl Page {
    /// Asks for it.
    pub async fn at(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("the page is served");
        let asked = stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: canbao\r\nconnection: close\r\n\r\n");
        asked.await.expect("it is asked for");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it is sent");
        let answer = String::from_utf8(answer).expect("it is text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("headers and a body");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("application/openmetrics-text"), "{head}");
        assert!(body.ends_with("# EOF\n"), "the whole page");
        Self(body.to_owned())
    }

    /// The families on it, by their names.
    pub fn families(&self) -> BTreeSet<&str> {
        let types = self.0.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        types.filter_map(|line| line.split_whitespace().next()).collect()
    }

    /// The number of the one metric with this name that has all these labels, each as `name="value"`.
    pub fn number(&self, name: &str, labels: &[&str]) -> Option<i64> {
        let fits = |line: &&str| {
            let (found, rest) = line.split_once('{').unwrap_or((line, ""));
            found == name && labels.iter().all(|label| rest.contains(label))
        };
        let mut found = self.0.lines().filter(fits);
        let line = found.next()?;
        assert!(found.next().is_none(), "{name} {labels:?} stands there more than once");
        line.rsplit_once(' ').and_then(|(_, number)| number.parse().ok())
    }
}
