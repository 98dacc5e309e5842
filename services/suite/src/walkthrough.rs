//! The README's own grpcurl lines, so that what is printed, what is written and what is tested are one text.

use std::net::SocketAddr;

use canbao_host::Settings;

const README: &str = include_str!("../../../README.md");

/// The lines as the README has them, for the default addresses; those that need a certificate are left out.
pub fn grpcurl_lines() -> Vec<&'static str> {
    README.lines().filter(|line| line.starts_with("grpcurl -plaintext ")).collect()
}

/// The lines for departments that are elsewhere.
pub fn grpcurl_lines_at(addresses: [SocketAddr; 4]) -> Vec<String> {
    let defaults = Settings::default().addresses.map(|address| address.to_string());
    let placed = |line: &str| {
        let found =
            defaults.iter().zip(addresses).find(|(default, _)| line.contains(&format!(" {default} ")));
        found.map_or_else(|| line.to_owned(), |(default, at)| line.replace(default, &at.to_string()))
    };
    grpcurl_lines().into_iter().map(placed).collect()
}
