//! Where a department is.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

/// A host, by name or number, and a port: `127.0.0.1:50051`, `registration:50051`, `[::1]:50051`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// A port of this machine, for this machine alone; 0 stands for any free one.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into()
    }

    /// The host, without the brackets of a number.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether only this machine reaches it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|number: IpAddr| number.is_loopback())
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAddress;

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a host with a port, such as 127.0.0.1:50051")
    }
}

impl std::error::Error for NoAddress {}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let (host, port) = text.rsplit_once(':').ok_or(NoAddress)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bare.filter(|number| number.parse::<IpAddr>().is_ok()).unwrap_or(host);
        let named = host.parse::<IpAddr>().is_ok_and(|number| number.is_ipv4() || bare.is_some())
            || !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        let port = port.parse().map_err(|_| NoAddress)?;
        if named { Ok(Self { host: host.to_owned(), port }) } else { Err(NoAddress) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_name_or_a_number_with_a_port_and_shows_as_it_was_written() {
        for text in ["127.0.0.1:50051", "registration:50051", "a-1.city.example:0", "[::1]:1"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for text in
            ["", ":1", "registration", "registration:", "a b:1", "::1:1", "[x]:1", "a:70000", "http://a:1"]
        {
            assert_eq!(text.parse::<Address>(), Err(NoAddress), "{text}");
        }
    }

    #[test]
    fn only_this_machine_reaches_a_loopback_address() {
        let loopback = |text: &str| text.parse::<Address>().unwrap().is_loopback();
        assert!(["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"].into_iter().all(loopback));
        assert!(!["0.0.0.0:1", "registration:1", "localhost.example:1", "[::]:1"].into_iter().any(loopback));
    }
}
