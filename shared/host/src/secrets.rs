//! The secret files: made at first start with mode 0600, refused when others can read them.

use std::{
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use canbao_types::SuiteKey;

/// The keys of an installation.
#[derive(Debug)]
pub struct Secrets {
    /// By which every department turns a number into a person key.
    pub suite_key: SuiteKey,
}

impl Secrets {
    /// Reads the suite key of a data folder, making it at first start.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { suite_key: SuiteKey::new(secret(&folder.join("suite.key"), any_database)?) })
    }
}

/// Seals what only one department may read back: AES-256-GCM-SIV, a random nonce in front.
pub struct SealingKey(Aes256GcmSiv);

impl SealingKey {
    const NONCE: usize = 12;

    /// Reads a department's sealing key, beside its database and named like it, making it at first start.
    pub fn open(path: &Path) -> io::Result<Self> {
        let own = |key: &Path| key.with_extension("sqlite").try_exists();
        Ok(Self(Aes256GcmSiv::new(&secret(path, own)?.into())))
    }

    /// Seals `text` for the place named: what is opened for another place does not open.
    pub fn seal(&self, place: &[u8], text: &str) -> io::Result<Vec<u8>> {
        let mut nonce = [0; Self::NONCE];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let payload = Payload { msg: text.as_bytes(), aad: place };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| io::Error::other("cannot seal"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the place named.
    pub fn unseal(&self, place: &[u8], sealed: &[u8]) -> io::Result<String> {
        let broken =
            || io::Error::new(io::ErrorKind::InvalidData, "a sealed column does not open with this key");
        let (nonce, sealed) = sealed.split_first_chunk::<{ Self::NONCE }>().ok_or_else(broken)?;
        let text = self.0.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: place });
        String::from_utf8(text.map_err(|_| broken())?).map_err(|_| broken())
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

/// 32 secret bytes, in a file as 64 hexadecimal digits. Several processes may start at once: the first one's is taken.
///
/// A key is made before the first database that needs it, which `in_use` looks for: where there is one, the key was lost,
/// and a new one would know nobody.
fn secret(path: &Path, in_use: impl Fn(&Path) -> io::Result<bool>) -> io::Result<[u8; 32]> {
    let made = || -> io::Result<[u8; 32]> {
        if !path.try_exists()? {
            // Looked at twice: another process may have made key and database in between.
            if in_use(path)? && !path.try_exists()? {
                return Err(io::Error::other("is missing beside the databases that were made with it"));
            }
            make(path)?;
        }
        read(path)
    };
    made().map_err(|error| named(path, &error))
}

/// Whether a database of any department stands beside the key.
fn any_database(path: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(path.parent().unwrap_or(Path::new("."))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        entries => entries?,
    };
    for entry in entries {
        if entry?.path().extension() == Some(OsStr::new("sqlite")) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the key {}: {error}", path.display()))
}

fn make(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // A name that no other process takes: in containers every one of them has the same process id.
    let draft = path.with_extension(format!("{}.draft", uuid::Uuid::new_v4()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // A link never replaces: whoever links first has made the key, complete.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::File::open(folder)?.sync_all(),
    }
}

fn read(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = fs::File::open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others can read it; set its mode to 0600",
        ));
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let digits: Vec<u8> =
        text.trim_end().chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect();
    let whole = text.trim_end().len() == 64;
    let bytes = bytes.try_into().ok().filter(|_| whole);
    bytes.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "is not 64 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_back_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/suite.key");
        let first = secret(&path, any_database).unwrap();
        assert_eq!(secret(&path, any_database).unwrap(), first);
        assert_ne!(first, [0; 32]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_cut_short_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("suite.key");
        secret(&path, any_database).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = secret(&path, any_database).unwrap_err().to_string();
        assert!(error.contains("suite.key") && error.contains("0600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "abc").unwrap();
        assert!(secret(&path, any_database).unwrap_err().to_string().contains("64 hexadecimal digits"));
    }

    #[test]
    fn a_key_that_was_lost_is_not_made_anew_beside_its_databases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("suite.key");
        secret(&path, any_database).unwrap();
        fs::write(folder.path().join("collection.sqlite"), "").unwrap();
        assert!(secret(&path, any_database).is_ok(), "it is there");
        fs::remove_file(&path).unwrap();
        assert!(
            secret(&path, any_database)
                .unwrap_err()
                .to_string()
                .contains("suite.key: is missing beside the databases")
        );
    }

    #[test]
    fn what_was_sealed_for_one_place_opens_only_there() {
        let folder = tempfile::tempdir().unwrap();
        let key = SealingKey::open(&folder.path().join("sealing.key")).unwrap();
        let sealed = key.seal(b"resident 1", "a secret").unwrap();
        assert_eq!(key.unseal(b"resident 1", &sealed).unwrap(), "a secret");
        assert!(key.unseal(b"resident 2", &sealed).is_err());
        assert_ne!(key.seal(b"resident 1", "a secret").unwrap(), sealed, "a fresh nonce each time");
    }
}
