//! The certificates of one holder: mutual TLS 1.3 to both sides, and taking new ones while running.
//!
//! A folder holds `authority.pem` (the authorities whose certificates are believed; more than one while they change),
//! `certificate.pem` (the holder's own, with its chain) and `key.pem` (mode 0600). Established connections go on until
//! the end of the caller's certificate, or until its authority is believed no more; new ones are made with what stands
//! in the files.

use std::{
    fmt, fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{NoServerSessionStorage, danger::ClientCertVerifier},
    sign::{CertifiedKey, SingleCertAndKey},
    version::TLS13,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::StartError;

use verify::{ExpectedService, KnownCaller};

pub(crate) use guest::Guest;

use certified::Certified;

mod certified;
mod guest;
mod verify;

/// The files are looked at no more often than this.
const PAUSE: Duration = Duration::from_secs(1);
/// Fewer days left than this, and the log says so once a day.
const FEW_DAYS: i64 = 14;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A certificate with its chain, or a few authorities, in bytes; a file that is larger is something else.
const LARGEST_FILE: u64 = 256 * 1_024;

/// The certificates in a folder, taken anew when the files change.
pub struct Certificates {
    folder: PathBuf,
    looked: Mutex<Looked>,
}

/// What was found when the files were looked at last.
struct Looked {
    at: Instant,
    files: Files,
    held: Arc<Held>,
    generation: u64,
    /// What is wrong with the files as they are now, so that it is said once.
    complaint: String,
    warned: Option<Instant>,
}

/// The files, as bytes.
#[derive(PartialEq, Eq)]
struct Files {
    authority: Vec<u8>,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// One generation of them, made ready.
struct Held {
    own: Certified,
    authorities: Arc<RootCertStore>,
    signing: Arc<SingleCertAndKey>,
    provider: Arc<CryptoProvider>,
    callers: Arc<KnownCaller>,
    serving: Arc<ServerConfig>,
    calling: ConfigBuilder<ClientConfig, WantsVerifier>,
}

impl Certificates {
    /// Opens the folder of one holder, such as `FOLDER/141181/tax` of what `canbao certificates FOLDER` makes.
    ///
    /// # Errors
    /// A file that is missing, broken or too large; a key that others can read or that is not the certificate's; a
    /// certificate that is over, or holds only later, or does not name exactly one holder, or is of none of the authorities.
    /// One line, with the file.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        let named = |why: String| format!("the certificates in {}: {why}", folder.display());
        let files = Files::read(folder).map_err(named)?;
        let held = Arc::new(Held::from_files(&files).map_err(named)?);
        let looked =
            Looked { at: Instant::now(), files, held, generation: 0, complaint: String::new(), warned: None };
        Ok(Self { folder: folder.to_owned(), looked: Mutex::new(looked) })
    }

    /// Opens the certificates of a department's own service in an installation's folder, and says until when they hold.
    ///
    /// # Errors
    /// As [`Certificates::open`], and when the certificate in `FOLDER/service/NAME` is somebody else's.
    pub fn of_service(folder: &Path, name: &str) -> Result<Self, StartError> {
        let certificates = Self::open(&folder.join("service").join(name))?;
        {
            let mut looked = certificates.locked();
            let own = &looked.held.own.caller;
            if own.service() != Some(name) {
                let place = certificates.folder.display();
                return Err(format!(
                    "the certificates in {place}: certificate.pem is for {} and not for spiffe://canbao/service/{name}",
                    own.uri()
                )
                .into());
            }
            looked.say();
        }
        Ok(certificates)
    }

    /// How often new certificates were taken. Who holds a connection open makes a new one when this has changed.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.now().generation
    }

    /// The last second in which the own certificate is valid.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.now().held.own.until()
    }

    /// The side of a handshake that is called: it asks for a certificate that names a caller.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        self.now().held.serving.clone().into()
    }

    /// The side that calls: it accepts the service named, wherever it is, and nobody else.
    #[must_use]
    pub fn connector(&self, service: &'static str) -> TlsConnector {
        let held = self.now().held.clone();
        let expected = ExpectedService::new(held.authorities.clone(), &held.provider, service);
        let calling = held.calling.clone().dangerous().with_custom_certificate_verifier(Arc::new(expected));
        let mut config = calling.with_client_cert_resolver(held.signing.clone());
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Arc::new(config).into()
    }

    /// What holds now; the files are looked at first when that is due.
    fn now(&self) -> MutexGuard<'_, Looked> {
        let mut looked = self.locked();
        if looked.at.elapsed() >= PAUSE {
            looked.at = Instant::now();
            looked.again(&self.folder);
        }
        looked
    }

    fn locked(&self) -> MutexGuard<'_, Looked> {
        // What stands there was whole before, whoever panicked with it in hand.
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Looked {
    /// Looks at the files. What is broken changes nothing, and is said once.
    fn again(&mut self, folder: &Path) {
        match self.take(folder) {
            Ok(taken) => {
                if !std::mem::take(&mut self.complaint).is_empty() {
                    tracing::info!(folder = %folder.display(), "the certificates can be taken again");
                }
                let few = self.held.own.days_left() < FEW_DAYS;
                if taken || few && self.warned.is_none_or(|warned| warned.elapsed() >= DAY) {
                    self.say();
                }
            }
            Err(why) if why == self.complaint => {}
            Err(why) => {
                tracing::error!(folder = %folder.display(), why, "certificates that cannot be taken; the old ones are kept");
                self.complaint = why;
            }
        }
    }

    /// Takes the files when they changed; tells whether they did.
    fn take(&mut self, folder: &Path) -> Result<bool, String> {
        let files = Files::read(folder)?;
        if files == self.files {
            return Ok(false);
        }
        let held = Held::from_files(&files)?;
        if held.own.caller != self.held.own.caller {
            return Err(format!("certificate.pem is for {}", held.own.caller.uri()));
        }
        self.files = files;
        self.held = Arc::new(held);
        self.generation += 1;
        Ok(true)
    }

    /// Says whose they are and until when they hold; as a warning when that is soon.
    fn say(&mut self) {
        let (own, until, days_left) =
            (self.held.own.caller.uri(), self.held.own.until().to_rfc3339(), self.held.own.days_left());
        if days_left < FEW_DAYS {
            tracing::warn!(own, until, days_left, "the certificate is over soon");
            self.warned = Some(Instant::now());
        } else {
            tracing::info!(own, until, "the certificate holds");
        }
    }
}

impl Files {
    fn read(folder: &Path) -> Result<Self, String> {
        let key = open(folder, "key.pem")?;
        let mode = key.metadata().map_err(|error| of("key.pem")(&error))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(format!("key.pem: others can read it (mode {mode:04o}); it must be 0600"));
        }
        Ok(Self {
            authority: bytes(open(folder, "authority.pem")?, "authority.pem")?,
            certificate: bytes(open(folder, "certificate.pem")?, "certificate.pem")?,
            key: bytes(key, "key.pem")?,
        })
    }
}

fn open(folder: &Path, name: &'static str) -> Result<fs::File, String> {
    fs::File::open(folder.join(name)).map_err(|error| of(name)(&error))
}

fn bytes(file: fs::File, name: &'static str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = file.take(LARGEST_FILE + 1).read_to_end(&mut bytes);
    let fits = |&read: &usize| read as u64 <= LARGEST_FILE;
    match read.map(|read| fits(&read)) {
        Ok(true) => Ok(bytes),
        Ok(false) => Err(format!("{name}: larger than {LARGEST_FILE} bytes")),
        Err(error) => Err(of(name)(&error)),
    }
}

/// The first certificate in a PEM text, and all of them.
fn chain(pem: &[u8]) -> Result<(CertificateDer<'static>, Vec<CertificateDer<'static>>), String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|error| error.to_string())?;
    let first = read.first().cloned().ok_or("holds no certificate")?;
    Ok((first, read))
}

/// An error with the file it is about.
fn of(name: &'static str) -> impl Fn(&dyn fmt::Display) -> String {
    move |error| format!("{name}: {error}")
}

impl Held {
    fn from_files(files: &Files) -> Result<Self, String> {
        let provider = Arc::new(ring::default_provider());
        let mut authorities = RootCertStore::empty();
        for authority in chain(&files.authority).map_err(|why| of("authority.pem")(&why))?.1 {
            authorities.add(authority).map_err(|error| of("authority.pem")(&error))?;
        }
        let authorities = Arc::new(authorities);
        let (leaf, chain) = chain(&files.certificate).map_err(|why| of("certificate.pem")(&why))?;
        let own = Certified::read(&leaf).map_err(|why| of("certificate.pem")(&why))?;
        if own.has_ended() || own.has_not_begun() {
            let when = if own.has_ended() { "is over since" } else { "does not hold yet; it ends" };
            return Err(format!("certificate.pem: the certificate {when} {}", own.until().to_rfc3339()));
        }
        let key = PrivateKeyDer::from_pem_slice(&files.key).map_err(|error| of("key.pem")(&error))?;
        let signing = CertifiedKey::from_der(chain.clone(), key, &provider)
            .map_err(|error| format!("key.pem is not the key of certificate.pem: {error}"))?;
        let signing = Arc::new(SingleCertAndKey::from(signing));
        let callers = KnownCaller::new(authorities.clone(), provider.clone());
        let callers = Arc::new(callers.map_err(|error| of("authority.pem")(&error))?);
        // Who would not believe itself has the wrong authority: it would let in strangers and shut out its neighbours.
        let believed = callers.verify_client_cert(&leaf, &chain[1..], UnixTime::now());
        believed.map_err(|error| {
            format!("certificate.pem is of none of the authorities in authority.pem: {error}")
        })?;
        let serving = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&TLS13]);
        let serving = serving.map_err(|error| of("TLS 1.3")(&error))?;
        let mut serving =
            serving.with_client_cert_verifier(callers.clone()).with_cert_resolver(signing.clone());
        serving.alpn_protocols = vec![b"h2".to_vec()];
        // A session taken up again would not be asked for its certificate: not whether it is over, nor by which
        // authority it is.
        serving.session_storage = Arc::new(NoServerSessionStorage {});
        serving.send_tls13_tickets = 0;
        let calling = ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&TLS13]);
        let calling = calling.map_err(|error| of("TLS 1.3")(&error))?;
        Ok(Self { own, authorities, signing, provider, callers, serving: Arc::new(serving), calling })
    }
}

#[cfg(test)]
#[path = "tests/certificates.rs"]
pub(crate) mod tests;
