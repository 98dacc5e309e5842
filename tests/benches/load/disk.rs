//! What the disk takes to make a page durable.

use std::{fs::File, os::unix::fs::FileExt, path::Path, time::Instant};

use crate::figures::seconds;

const PAGE: usize = 4_096;
const PAGES: u64 = 1_024;
const PROBES: usize = 40;

/// A file that is there already, as the engine's log is after its first round: written page after page, each of them
/// followed by fdatasync.
pub struct Disk {
    file: File,
    next: u64,
    /// Every fdatasync so far, in seconds.
    pub samples: Vec<f64>,
}

impl Disk {
    pub fn new(folder: &Path) -> Self {
        let file = File::create(folder.join("disk")).expect("a file");
        file.write_all_at(&vec![1; PAGE * PAGES as usize], 0).expect("room on the disk");
        file.sync_all().expect("a disk");
        Self { file, next: 0, samples: Vec::new() }
    }

    /// Some more of them.
    pub fn probe(&mut self) -> Vec<f64> {
        let probes: Vec<f64> = (0..PROBES).map(|_| self.write()).collect();
        self.samples.extend(&probes);
        probes
    }

    fn write(&mut self) -> f64 {
        let page = [self.next as u8; PAGE];
        self.file.write_all_at(&page, self.next % PAGES * PAGE as u64).expect("a page is written");
        self.next += 1;
        let begun = Instant::now();
        self.file.sync_data().expect("a page is durable");
        seconds(begun.elapsed())
    }
}
