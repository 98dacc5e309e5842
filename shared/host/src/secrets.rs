//! The secret files: made at first start with mode 0600, or with the databases; refused when others can read them.

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

use crate::Settings;

/// The keys of an installation.
#[derive(Debug)]
pub struct Secrets {
    /// By which every department turns a number into a person key.
    pub suite_key: SuiteKey,
}

impl Secrets {
    /// The name of the suite key's file in a data folder.
    pub const SUITE_KEY: &str = "suite.key";

    /// Reads the suite key of the data folder; where that holds the databases too, it is made at first start.
    ///
    /// # Errors
    /// A key that is lost, broken, or open to others, by its file.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        let key = of_installation(settings, Self::SUITE_KEY, any_database)?;
        Ok(Self { suite_key: SuiteKey::new(key) })
    }
}

/// Seals what only one department may read back: AES-256-GCM-SIV, a random nonce in front.
pub struct SealingKey(Aes256GcmSiv);

impl SealingKey {
    const NONCE: usize = 12;

    /// The name of a department's sealing key in a data folder.
    #[must_use]
    pub fn file(department: &str) -> String {
        format!("{department}.key")
    }

    /// Reads a department's sealing key in the data folder; where that holds the database too, it is made at first start.
    ///
    /// # Errors
    /// As [`Secrets::open`].
    pub fn open(settings: &Settings, department: &str) -> io::Result<Self> {
        let own = |key: &Path| key.with_extension("sqlite").try_exists();
        Ok(Self(Aes256GcmSiv::new(&of_installation(settings, &Self::file(department), own)?.into())))
    }

    /// Tells this key from another, and nothing else about it: what it makes of nothing, at a place where nothing is sealed.
    pub(crate) fn fingerprint(&self) -> io::Result<Vec<u8>> {
        let nothing = Payload { msg: &[], aad: b"the fingerprint of this key" };
        let made = self.0.encrypt(&Nonce::from([0; Self::NONCE]), nothing);
        made.map_err(|_| io::Error::other("cannot seal"))
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

/// A key in the data folder. With the databases on a server nothing here tells whether they were made with a key that was
/// lost, and each department has a folder of its own: only whoever makes the databases makes the keys.
fn of_installation(
    settings: &Settings,
    name: &str,
    in_use: impl Fn(&Path) -> io::Result<bool>,
) -> io::Result<[u8; 32]> {
    let path = settings.data.join(name);
    match settings.database {
        None => made(&path, in_use),
        Some(_) => read_secret(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let words = format!("{error}; `canbao databases` makes it together with the databases");
                io::Error::new(error.kind(), words)
            }
            _ => error,
        }),
    }
}

/// A key in a file. Several processes may start at once: the first one's is taken.
///
/// It is made before the first database that needs it, which `in_use` looks for: where there is one, the key was lost,
/// and a new one would know nobody.
fn made(path: &Path, in_use: impl Fn(&Path) -> io::Result<bool>) -> io::Result<[u8; 32]> {
    let make = || -> io::Result<()> {
        if !path.try_exists()? {
            // Looked at twice: another process may have made key and database in between.
            if in_use(path)? && !path.try_exists()? {
                return Err(io::Error::other("is missing beside the databases that were made with it"));
            }
            put(path, &fresh_secret()?)?;
        }
        Ok(())
    };
    make().map_err(|error| named(path, &error))?;
    read_secret(path)
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
    io::Error::new(error.kind(), format!("the secret {}: {error}", path.display()))
}

/// 32 random bytes.
///
/// # Errors
/// The operating system has none.
pub fn fresh_secret() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// Puts a secret into a file as 64 hexadecimal digits, for its owner alone and complete at once, with the folders on the
/// way to it; a file that is there stays as it is.
///
/// # Errors
/// The operating system's own words, with the file.
pub fn keep_secret(path: &Path, secret: &[u8; 32]) -> io::Result<()> {
    put(path, secret).map_err(|error| named(path, &error))
}

fn put(path: &Path, secret: &[u8; 32]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    // A name that no other process takes: in containers every one of them has the same process id.
    let draft = path.with_extension(format!("{}.draft", uuid::Uuid::new_v4()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // A link never replaces: whoever links first has made the secret, complete.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::File::open(folder)?.sync_all(),
    }
}

/// A secret that was put into a file by [`keep_secret`].
///
/// # Errors
/// A file that is missing, cut short, or open to others, by its name.
pub fn read_secret(path: &Path) -> io::Result<[u8; 32]> {
    let parse = |text: String| {
        let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect();
        bytes.try_into().ok().filter(|_| text.len() == 64)
    };
    let cut = || io::Error::new(io::ErrorKind::InvalidData, "is not 64 hexadecimal digits");
    let text = closed_text(path).and_then(|text| parse(text).ok_or_else(cut));
    text.map_err(|error| named(path, &error))
}

/// The password in a file that only its owner may read, without the end of its line; none where there is no file.
///
/// # Errors
/// A file that cannot be read, or that others can read, by its name.
pub fn read_password(path: &Path) -> io::Result<Option<String>> {
    match closed_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(named(path, &error)),
    }
}

/// The text of a file that only its owner may read.
fn closed_text(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        let words = "others can read it; set its mode to 0600";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, words));
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    text.truncate(text.trim_end().len());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_back_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/suite.key");
        let first = made(&path, any_database).unwrap();
        assert_eq!(made(&path, any_database).unwrap(), first);
        assert_ne!(first, [0; 32]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_cut_short_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("suite.key");
        made(&path, any_database).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = made(&path, any_database).unwrap_err().to_string();
        assert!(error.contains("suite.key") && error.contains("0600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "abc").unwrap();
        assert!(made(&path, any_database).unwrap_err().to_string().contains("64 hexadecimal digits"));
    }

    #[test]
    fn a_key_that_was_lost_is_not_made_anew_beside_its_databases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("suite.key");
        made(&path, any_database).unwrap();
        fs::write(folder.path().join("collection.sqlite"), "").unwrap();
        assert!(made(&path, any_database).is_ok(), "it is there");
        fs::remove_file(&path).unwrap();
        assert!(
            made(&path, any_database)
                .unwrap_err()
                .to_string()
                .contains("suite.key: is missing beside the databases")
        );
    }

    #[test]
    fn with_the_databases_on_a_server_no_key_is_made_by_whoever_starts() {
        let folder = tempfile::tempdir().unwrap();
        let database = Some("postgres://{department}@127.0.0.1/{department}".to_owned());
        let settings = Settings { data: folder.path().into(), database, ..Settings::default() };
        let error = Secrets::open(&settings).unwrap_err().to_string();
        assert!(error.contains("suite.key") && error.contains("canbao databases"), "{error}");
        assert!(SealingKey::open(&settings, "registration").is_err());
        let secret = fresh_secret().unwrap();
        keep_secret(&folder.path().join(Secrets::SUITE_KEY), &secret).unwrap();
        keep_secret(&folder.path().join(Secrets::SUITE_KEY), &[0; 32]).unwrap();
        assert_eq!(
            read_secret(&folder.path().join(Secrets::SUITE_KEY)).unwrap(),
            secret,
            "it stays as it is"
        );
        assert!(Secrets::open(&settings).is_ok());
    }

    #[test]
    fn a_password_is_read_without_the_end_of_its_line_and_only_where_nobody_else_can() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.password");
        assert_eq!(read_password(&path).unwrap(), None);
        fs::write(&path, "a word\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read_password(&path).unwrap_err().to_string().contains("collection.password"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_password(&path).unwrap().as_deref(), Some("a word"));
    }

    #[test]
    fn what_was_sealed_for_one_place_opens_only_there() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().into(), ..Settings::default() };
        let key = SealingKey::open(&settings, "sealing").unwrap();
        let sealed = key.seal(b"resident 1", "a secret").unwrap();
        assert_eq!(key.unseal(b"resident 1", &sealed).unwrap(), "a secret");
        assert!(key.unseal(b"resident 2", &sealed).is_err());
        assert_ne!(key.seal(b"resident 1", "a secret").unwrap(), sealed, "a fresh nonce each time");
    }
}
