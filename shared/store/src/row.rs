//! A row of an answer, read by column index.

use crate::error::StoreError;
use crate::postgres;
use crate::value::Value;
use rusqlite::types::ValueRef;

/// One row; columns count from 0. A column of another kind than asked for is [`StoreError::Corrupt`].
pub struct Row<'a> {
    pub(crate) columns: Columns<'a>,
    pub(crate) sql: &'static str,
}

/// A row as its engine hands it over.
pub(crate) enum Columns<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
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
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(value)),
            _ => Err(self.other_kind(index, "a whole number")),
        }
    }

    /// Text or null.
    pub fn opt_text(&self, index: usize) -> Result<Option<String>, StoreError> {
        match self.value(index)? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value.to_owned())),
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
            Value::Null => Ok(None),
            Value::Bytes(value) => Ok(Some(value)),
            _ => Err(self.other_kind(index, "bytes")),
        }
    }

    fn value(&self, index: usize) -> Result<Value<'_>, StoreError> {
        let value = match self.columns {
            Columns::Sqlite(row) => match row.get_ref(index) {
                Ok(ValueRef::Null) => Some(Value::Null),
                Ok(ValueRef::Integer(value)) => Some(Value::Int(value)),
                Ok(ValueRef::Text(value)) => str::from_utf8(value).ok().map(Value::Text),
                Ok(ValueRef::Blob(value)) => Some(Value::Bytes(value)),
                Ok(ValueRef::Real(_)) | Err(_) => None,
            },
            Columns::Postgres(row) => postgres::read(row, index),
        };
        value.ok_or_else(|| self.other_kind(index, "there, or of none of the four kinds"))
    }

    fn other_kind(&self, index: usize, wanted: &str) -> StoreError {
        StoreError::Corrupt { what: format!("column {index} is not {wanted}, in: {}", self.sql) }
    }
}
