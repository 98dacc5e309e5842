//! What the departments of one process share.

use std::{fmt, io, sync::Arc};

use crate::{Metrics, Secrets, Settings};

/// The settings of a process, and what was opened by them once for all of its departments.
pub struct Installation {
    /// The settings.
    pub settings: Settings,
    /// The keys of all departments.
    pub secrets: Arc<Secrets>,
    /// What is measured of all of them.
    pub metrics: Arc<Metrics>,
}

impl Installation {
    /// Opens what the settings name.
    ///
    /// # Errors
    /// A key that is lost, broken, or open to others, by its file.
    pub fn open(settings: Settings) -> io::Result<Self> {
        let secrets = Arc::new(Secrets::open(&settings)?);
        Ok(Self { settings, secrets, metrics: Arc::default() })
    }
}

impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installation").field("data", &self.settings.data).finish_non_exhaustive()
    }
}
