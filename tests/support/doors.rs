//! The four departments behind certificates, and visitors who come with any certificate at all.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use canbao::{
    Player, Suite,
    certificates::{Authority, Issued},
};
use canbao_host::{Address, Certificates, DEPARTMENTS, Settings, line};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::TLS13,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{DIVISION, GREETING, IDENTITIES, Raw, settings};

/// Days for which the tests' certificates hold.
const DAYS: i64 = 30;

/// Four departments that are serving over mutual TLS.
pub struct Doors {
    /// The departments.
    pub suite: Suite,
    /// Who issued every certificate.
    pub authority: Authority,
    /// The folder of the certificates.
    pub folder: PathBuf,
    _data: TempDir,
}

impl Doors {
    /// Starts them in a fresh folder, with a certificate for every identity of the tests' division.
    pub async fn open() -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let (folder, authority) = (data.path().join("certificates"), Authority::new().expect("an authority"));
        for identity in Self::identities() {
            certify(&authority, &identity).put(&folder.join(&identity), authority.trusted()).expect("files");
        }
        let settings = Settings { certificates: Some(folder.clone()), ..settings(data.path()) };
        let suite = Suite::start(&settings).await.expect("the suite starts");
        Self { suite, authority, folder, _data: data }
    }

    /// Everybody who has a certificate here, such as `service/benefits` and `141181/tax`.
    pub fn identities() -> impl Iterator<Item = String> {
        IDENTITIES.iter().map(|name| identity(name))
    }

    /// Where a department is.
    pub fn address(&self, department: &str) -> SocketAddr {
        let place = DEPARTMENTS.iter().position(|&name| name == department).expect("a department");
        self.suite.addresses[place]
    }

    /// A client that behaves, with the certificates in the folder of an identity.
    pub fn raw(&self, department: &'static str, identity: &str) -> Raw {
        self.raw_at(self.address(department), department, identity)
    }

    /// The same, which looks for the department at another address.
    pub fn raw_at(&self, address: SocketAddr, department: &'static str, identity: &str) -> Raw {
        let certificates = Certificates::open(&self.folder.join(identity)).expect("certificates");
        Raw::new(line(&address.into(), department, Some(&Arc::new(certificates))))
    }

    /// A player who calls as the departments of the tests' division, each over lines of its own.
    pub fn player(&self) -> Player {
        let division = DIVISION.parse().expect("a division");
        Player::certified(&self.suite.addresses.map(Address::from), &self.folder, division).expect("a player")
    }

    /// Stops them.
    pub async fn stop(self) {
        self.suite.stop().await.expect("a drain without trouble");
    }
}

/// The identity of a name in the tests' division; services belong to none.
pub fn identity(name: &str) -> String {
    if name.starts_with("service/") { name.to_owned() } else { format!("{DIVISION}/{name}") }
}

/// A good certificate.
pub fn certify(authority: &Authority, identity: &str) -> Issued {
    authority.issue(&authority.words(identity, DAYS).expect("an identity")).expect("a certificate")
}

/// Somebody who comes with any certificate at all, or with none, and speaks HTTP/2 by hand.
pub struct Visitor(Arc<ClientConfig>);

impl Visitor {
    /// Trusts these authorities, as PEM, and comes with this certificate.
    pub fn new(trusted: &str, certificate: Option<&Issued>) -> Self {
        let mut authorities = RootCertStore::empty();
        for authority in CertificateDer::pem_slice_iter(trusted.as_bytes()) {
            authorities.add(authority.expect("a certificate")).expect("an authority");
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .expect("TLS 1.3")
            .with_root_certificates(authorities);
        let mut config = match certificate {
            None => config.with_no_client_auth(),
            Some(issued) => {
                let chain = CertificateDer::pem_slice_iter(issued.certificate.as_bytes());
                let chain = chain.collect::<Result<_, _>>().expect("a chain");
                let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("a key");
                config.with_client_auth_cert(chain, key).expect("a certificate with its key")
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        Self(Arc::new(config))
    }

    /// Goes to a server, as people's own clients do: it must be called `localhost`. What its certificate is when it lets
    /// the visitor in; else what the visitor is told.
    pub async fn goes_to(&self, server: SocketAddr) -> Result<Vec<u8>, String> {
        let told = |error: std::io::Error| error.to_string();
        let tcp = TcpStream::connect(server).await.map_err(told)?;
        let name = ServerName::try_from("localhost").expect("a name");
        let mut stream = TlsConnector::from(self.0.clone()).connect(name, tcp).await.map_err(told)?;
        // A client of TLS 1.3 is through before the server has looked at its certificate, and hears of it when it reads.
        stream.write_all(GREETING).await.map_err(told)?;
        let mut settings = [0; 9];
        stream.read_exact(&mut settings).await.map_err(told)?;
        assert_eq!(settings[3], 4, "the first frame of a server");
        Ok(certificate_of(&stream))
    }
}

/// The certificate of the server.
fn certificate_of(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    let chain = stream.get_ref().1.peer_certificates().expect("a certificate");
    chain[0].to_vec()
}
