//! What lists and books are asked by, and ids as they are sent.

use std::{fmt::Display, str::FromStr};

use canbao_proto::{
    common,
    wire::{After, Malformed},
};
use canbao_types::{CoverYear, Division};

/// Whose books, and what must have been heard of first.
pub(crate) struct Asked {
    pub(crate) after: Vec<After>,
    /// The division and the coverage year.
    pub(crate) books: (Division, CoverYear),
}

/// A page of a list by ids.
pub(crate) struct Page {
    /// The id after which it begins; zeros: the first.
    pub(crate) from: [u8; 16],
    /// At most so many items.
    pub(crate) size: u32,
}

impl Asked {
    pub(crate) fn read(
        wrong: &mut Malformed,
        after: &[common::LogPosition],
        (division, cover_year): (&str, i32),
    ) -> Option<Self> {
        let after = wrong.after(after);
        let division = wrong.division("division", division);
        let cover_year = wrong.cover_year("cover_year", cover_year);
        Some(Self { after, books: (division?, cover_year?) })
    }
}

impl Page {
    pub(crate) fn read(wrong: &mut Malformed, size: u32, token: &str) -> Option<Self> {
        let (size, from) = (wrong.page_size(size), wrong.page_token(token));
        Some(Self { size: size?, from: from? })
    }
}

/// An id: a UUID.
pub(crate) fn id<T: FromStr<Err: Display>>(wrong: &mut Malformed, field: &str, text: &str) -> Option<T> {
    text.parse().map_err(|problem| wrong.note(field, problem)).ok()
}
