//! The README's own grpcurl lines, so that what is printed, what is written and what is tested are one text.

use std::net::SocketAddr;

const README: &str = include_str!("../../../README.md");

/// The lines as the README has them, for the default addresses.
pub fn grpcurl_lines() -> Vec<&'static str> {
    README.lines().filter(|line| line.starts_with("grpcurl ")).collect()
}

/// The lines for departments that are elsewhere.
pub fn grpcurl_lines_at(addresses: [SocketAddr; 4]) -> Vec<String> {
    let placed = |line: &str| {
        let ports = (50_051..).zip(addresses);
        ports.fold(line.to_owned(), |line, (port, at)| {
            line.replace(&format!("127.0.0.1:{port}"), &at.to_string())
        })
    };
    grpcurl_lines().into_iter().map(placed).collect()
}
