//! The folder of a database that is a file, and the lock that keeps it to one process.

use crate::error::OpenError;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Makes the folder if it is not there. Personal data lies in it: only its owner may look into it.
pub(crate) fn own(folder: &Path) -> Result<(), OpenError> {
    closed(folder).map_err(|error| folder_error(folder, &error))
}

fn closed(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mode = fs::metadata(folder)?.permissions().mode() & 0o777;
    if mode != 0o700 {
        tracing::warn!(folder = %folder.display(), mode = %format_args!("{mode:o}"), "folder was open to others; closed");
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// The lock file, locked. The lock is the operating system's, so that a process that was killed holds nothing.
pub(crate) struct Lock(File);

impl Lock {
    pub(crate) fn take(path: PathBuf) -> Result<Self, OpenError> {
        let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = opened.map_err(|error| folder_error(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::Held { file: path }),
            Err(TryLockError::Error(error)) => Err(folder_error(&path, &error)),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a child process that is just being started has a copy of it for a moment,
    /// and with that the lock.
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the lock file is released only when this process ends");
        }
    }
}

fn folder_error(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Folder { path: path.to_owned(), reason: error.to_string() }
}
