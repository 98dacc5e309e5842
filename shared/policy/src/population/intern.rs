//! Lists in which everything stands once, so that a number can stand for it; and the hashing of many small keys.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Values by the order in which they were met first. They are cheap to clone.
#[derive(Debug)]
pub(super) struct Interned<T> {
    all: Vec<T>,
    places: HashMap<T, u32, Quick>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    /// The place of a value, which is new or was met before.
    pub fn place(&mut self, value: T) -> u32 {
        match self.places.entry(value) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
                self.all.push(new.key().clone());
                *new.insert(place)
            }
        }
    }

    /// The value at a place given by [`Self::place`].
    pub fn at(&self, place: u32) -> &T {
        &self.all[place as usize]
    }

    /// Every value, by its place.
    pub fn all(&self) -> &[T] {
        &self.all
    }

    /// Every value, and nothing else.
    pub fn into_all(self) -> Vec<T> {
        self.all
    }

    /// Every value.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter()
    }
}

/// Hashes with [`Mixed`].
pub(super) type Quick = BuildHasherDefault<Mixed>;

/// Multiplies and folds word by word. Nobody outside chooses the keys, and there are millions of them.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let product =
            u128::from(self.0 ^ value) * u128::from(0x9e37_79b9_7f4a_7c15_u64 ^ value.rotate_left(32));
        #[allow(clippy::cast_possible_truncation, reason = "both halves are folded together")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        self.0 = folded.wrapping_add(0x632b_e59b_d9b4_e019).rotate_left(23);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
