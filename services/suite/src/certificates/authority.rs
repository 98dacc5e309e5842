//! What signs certificates, and the files they stand in.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use canbao_host::{StartError, TRUST_DOMAIN};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType,
};
use time::{Duration, OffsetDateTime};
use x509_parser::{pem::Pem, prelude::X509Certificate};

/// The certificates that are trusted; in the authority's own folder the one that signs is among them.
pub(super) const TRUSTED: &str = "authority.pem";
/// The key that signs.
pub(super) const SIGNING_KEY: &str = "authority.key";
/// An identity's certificate, and its key.
pub(super) const CERTIFICATE: &str = "certificate.pem";
pub(super) const KEY: &str = "key.pem";

/// How long an authority lasts.
pub(super) const DAYS: i64 = 3_650;
/// What is issued holds an hour earlier, for clocks that are behind.
const BEFORE: Duration = Duration::HOUR;

/// Only the owner reads a key; everybody may read a certificate.
pub(super) const SECRET: u32 = 0o600;
pub(super) const OPEN: u32 = 0o644;

/// What signs certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    trusted: String,
    until: OffsetDateTime,
}

impl Authority {
    /// A new authority, which stands in no folder yet; valid for ten years.
    pub fn new() -> Result<Self, StartError> {
        let (now, key) = (OffsetDateTime::now_utc(), KeyPair::generate()?);
        let mut words = CertificateParams::default();
        // Two authorities have two names, so that whoever trusts one of them says that the other is not known.
        let mark: String =
            words.key_identifier(&key).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let name = format!("Canbao authority for trials {} {mark}", now.date());
        words.distinguished_name.push(DnType::CommonName, name);
        words.not_before = now - BEFORE;
        words.not_after = now + Duration::days(DAYS);
        words.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        words.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let (trusted, until) = (words.self_signed(&key)?.pem(), words.not_after);
        Ok(Self { issuer: Issuer::new(words, key), trusted, until })
    }

    /// Reads the authority of a folder; made when there is none. Several certificates may be trusted there, as while one
    /// authority takes another's place: the one that belongs to the key signs.
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        let (certificate, key) = (folder.join(TRUSTED), folder.join(SIGNING_KEY));
        match (certificate.try_exists()?, key.try_exists()?) {
            (true, true) => {
                let trusted = fs::read_to_string(&certificate).map_err(|error| at(&certificate, error))?;
                Self::read(trusted, &secret(&key)?).map_err(|error| at(&certificate, error))
            }
            (false, false) => {
                let made = Self::new()?;
                folders(folder)?;
                replace(&[
                    (&key, &made.issuer.key().serialize_pem(), SECRET),
                    (&certificate, &made.trusted, OPEN),
                ])?;
                Ok(made)
            }
            (there, _) => {
                let missing = if there { key } else { certificate };
                Err(format!("{} is missing: an authority is both", missing.display()).into())
            }
        }
    }

    fn read(trusted: String, key: &str) -> Result<Self, StartError> {
        let key = KeyPair::from_pem(key)?;
        let own = key.subject_public_key_info();
        for pem in Pem::iter_from_buffer(trusted.as_bytes()) {
            let pem = pem?;
            let read = pem.parse_x509()?;
            if read.public_key().raw != own {
                continue;
            }
            let until = valid(&read)?;
            let issuer = Issuer::from_ca_cert_der(&pem.contents.as_slice().into(), key)?;
            return Ok(Self { issuer, trusted, until });
        }
        Err(format!("no certificate in it belongs to {SIGNING_KEY}").into())
    }

    /// Every certificate that is trusted, as PEM.
    pub fn trusted(&self) -> &str {
        &self.trusted
    }

    /// The last instant at which what it issues holds.
    pub fn until(&self) -> OffsetDateTime {
        self.until
    }

    /// What the certificate of an identity says: `service/collection`, or a division's, such as `141181/tax`. It holds for
    /// so many days, or as long as the authority.
    pub fn words(&self, identity: &str, days: i64) -> Result<CertificateParams, StartError> {
        let now = OffsetDateTime::now_utc();
        let mut words = CertificateParams::default();
        words.distinguished_name.push(DnType::CommonName, identity);
        words.not_before = now - BEFORE;
        words.not_after = self.until.min(now + Duration::days(days));
        words.is_ca = IsCa::ExplicitNoCa;
        words.use_authority_key_identifier_extension = true;
        words.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        words.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if let Some(name) = identity.strip_prefix("service/") {
            words.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
            // Clients that people use look for a host's name; ours look at the identity.
            let hosts = [name, "localhost", "127.0.0.1", "::1"].map(str::to_owned);
            words.subject_alt_names = CertificateParams::new(hosts)?.subject_alt_names;
        }
        let uri = SanType::URI(format!("{TRUST_DOMAIN}{identity}").try_into()?);
        words.subject_alt_names.push(uri);
        Ok(words)
    }

    /// Issues a certificate that says this, with a key of its own.
    pub fn issue(&self, words: &CertificateParams) -> Result<Issued, StartError> {
        let key = KeyPair::generate()?;
        let certificate = words.signed_by(&key, &self.issuer)?.pem();
        Ok(Issued { certificate, key: key.serialize_pem() })
    }
}

/// A certificate and its key, as PEM.
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl Issued {
    /// Puts them in an identity's folder, with the authorities that are trusted. What is there is replaced file by file,
    /// each as a whole; whoever reads between the last two finds a key of another certificate, and reads again.
    pub fn put(&self, folder: &Path, trusted: &str) -> Result<(), StartError> {
        folders(folder)?;
        replace(&[
            (&folder.join(TRUSTED), trusted, OPEN),
            (&folder.join(KEY), &self.key, SECRET),
            (&folder.join(CERTIFICATE), &self.certificate, OPEN),
        ])
    }
}

/// The first certificate among those that are there which none of a folder's authorities issued.
pub(super) fn foreign(
    folder: &Path,
    certificates: impl Iterator<Item = PathBuf>,
) -> Result<Option<PathBuf>, StartError> {
    let trusted = folder.join(TRUSTED);
    let authorities = pems(&trusted)?;
    for path in certificates {
        let read = || -> Result<bool, StartError> {
            let pems = pems(&path)?;
            let Some(pem) = pems.first() else { return Ok(true) };
            let certificate = pem.parse_x509().map_err(|error| at(&path, error))?;
            for authority in &authorities {
                let authority = authority.parse_x509().map_err(|error| at(&trusted, error))?;
                if certificate.verify_signature(Some(authority.public_key())).is_ok() {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        if !read()? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// What stands in a PEM file; nothing when it is not there.
fn pems(path: &Path) -> Result<Vec<Pem>, StartError> {
    match fs::read(path) {
        Ok(text) => Pem::iter_from_buffer(&text).collect::<Result<_, _>>().map_err(|error| at(path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(at(path, error)),
    }
}

/// When an authority's certificate ends; an error when it may not sign, or no longer.
fn valid(authority: &X509Certificate<'_>) -> Result<OffsetDateTime, StartError> {
    let until = authority.validity().not_after.to_datetime();
    match authority.is_ca() {
        false => Err("the certificate that belongs to the key is not an authority's".into()),
        true if until <= OffsetDateTime::now_utc() => {
            Err(format!("the authority ended on {}", until.date()).into())
        }
        true => Ok(until),
    }
}

/// Makes a folder and those above it, for the owner alone.
fn folders(folder: &Path) -> Result<(), StartError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| at(folder, error))
}

/// The text of a key that nobody else can read.
fn secret(path: &Path) -> Result<String, StartError> {
    let read = || -> io::Result<String> {
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            let told = "others can read it; set its mode to 0600";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, told));
        }
        fs::read_to_string(path)
    };
    read().map_err(|error| at(path, error))
}

/// Replaces files, in this order: all are written beside their place first, so that little time passes between them.
fn replace(files: &[(&Path, &str, u32)]) -> Result<(), StartError> {
    let draft = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".draft");
        PathBuf::from(name)
    };
    for &(path, text, mode) in files {
        let write = || -> io::Result<()> {
            let draft = draft(path);
            // One that was left by a run that was killed may have another mode.
            match fs::remove_file(&draft) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| at(path, error))?;
    }
    for &(path, ..) in files {
        fs::rename(draft(path), path).map_err(|error| at(path, error))?;
    }
    Ok(())
}

fn at(path: &Path, error: impl std::fmt::Display) -> StartError {
    format!("{}: {error}", path.display()).into()
}
