//! A row of an answer, read by column index.

use crate::error::StoreError;
use rusqlite::types::ValueRef;

/// One row; columns count from 0. A column of another kind than asked for is [`StoreError::Corrupt`].
pub struct Row<'a> {
    pub(crate) row: &'a rusqlite::Row<'a>,
    pub(crate) sql: &'static str,
}

/// Getters. Each fails when the column is not there or holds another kind of value; null is another kind for
/// all but the `opt_` getters.
#[allow(clippy::missing_errors_doc)]
impl Row<'_> {
    /// A whole number.
    pub fn int(&self, index: usize) -> Result<i64, StoreError> {
        self.opt_int(index)?.ok_or_else(|| self.other_kind(index, "a whole number"))
    }

    /// A log position or a mask, stored as the same 64 bits.
    pub fn uint(&self, index: usize) -> Result<u64, StoreError> {
        self.int(index).map(i64::cast_unsigned)
    }

    /// Text.
    pub fn text(&self, index: usize) -> Result<String, StoreError> {
        self.opt_text(index)?.ok_or_else(|| self.other_kind(index, "text"))
    }

    /// Bytes.
    pub fn bytes(&self, index: usize) -> Result<Vec<u8>, StoreError> {
        self.opt_bytes(index)?.ok_or_else(|| self.other_kind(index, "bytes"))
    }

    /// Exactly `N` bytes, such as a digest.
    pub fn array<const N: usize>(&self, index: usize) -> Result<[u8; N], StoreError> {
        self.opt_array(index)?.ok_or_else(|| self.other_kind(index, "bytes"))
    }

    /// A 16-byte id.
    pub fn id16(&self, index: usize) -> Result<[u8; 16], StoreError> {
        self.array(index)
    }

    /// A whole number or null.
    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.value(index)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            _ => Err(self.other_kind(index, "a whole number")),
        }
    }

    /// Text or null.
    pub fn opt_text(&self, index: usize) -> Result<Option<String>, StoreError> {
        match self.value(index)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(value) => match str::from_utf8(value) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(self.other_kind(index, "text")),
            },
            _ => Err(self.other_kind(index, "text")),
        }
    }

    /// Bytes or null.
    pub fn opt_bytes(&self, index: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.opt_blob(index)?.map(<[u8]>::to_vec))
    }

    /// A 16-byte id or null.
    pub fn opt_id16(&self, index: usize) -> Result<Option<[u8; 16]>, StoreError> {
        self.opt_array(index)
    }

    /// Exactly `N` bytes or null.
    pub fn opt_array<const N: usize>(&self, index: usize) -> Result<Option<[u8; N]>, StoreError> {
        let array = self.opt_blob(index)?.map(<[u8; N]>::try_from).transpose();
        array.map_err(|_| self.other_kind(index, &format!("{N} bytes")))
    }

    fn opt_blob(&self, index: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.value(index)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(value) => Ok(Some(value)),
            _ => Err(self.other_kind(index, "bytes")),
        }
    }

    fn value(&self, index: usize) -> Result<ValueRef<'_>, StoreError> {
        self.row.get_ref(index).map_err(|_| self.other_kind(index, "there"))
    }

    fn other_kind(&self, index: usize, wanted: &str) -> StoreError {
        StoreError::Corrupt { what: format!("column {index} is not {wanted}, in: {}", self.sql) }
    }
}
