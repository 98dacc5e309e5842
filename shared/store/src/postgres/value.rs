//! Values on their way to the server and back.

use crate::engine::{After, Trouble};
use crate::value::Value;
use bytes::BytesMut;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Row, Statement};

type Wrong = Box<dyn Error + Sync + Send>;

/// A parameter that fits the type which the server inferred for it.
#[derive(Debug)]
pub(super) struct Bound<'a>(Value<'a>);

/// The parameters of a statement. What does not fit is refused here, before anything is sent.
pub(super) fn bind<'a>(statement: &Statement, values: &[Value<'a>]) -> Result<Vec<Bound<'a>>, Trouble> {
    let refused = |reason| Trouble::Statement { reason, after: After::Savepoint };
    let (types, given) = (statement.params(), values.len());
    if types.len() != given {
        return Err(refused(format!("{} parameters are needed, {given} given", types.len())));
    }
    for (index, (kind, value)) in types.iter().zip(values).enumerate() {
        let fits = match (value, kind) {
            (Value::Null, _) => true,
            (Value::Int(_), &Type::INT8) => true,
            (&Value::Int(value), &Type::INT4) => i32::try_from(value).is_ok(),
            (&Value::Int(value), &Type::INT2) => i16::try_from(value).is_ok(),
            (Value::Text(_), &Type::TEXT | &Type::VARCHAR) => true,
            (Value::Bytes(_), &Type::BYTEA) => true,
            _ => false,
        };
        if !fits {
            return Err(refused(format!("parameter ${} does not fit {kind}", index + 1)));
        }
    }
    Ok(values.iter().copied().map(Bound).collect())
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Wrong> {
        match (self.0, kind) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT4) => i32::try_from(value)?.to_sql(kind, out),
            (Value::Int(value), &Type::INT2) => i16::try_from(value)?.to_sql(kind, out),
            (Value::Int(value), _) => value.to_sql(kind, out),
            (Value::Text(value), _) => value.to_sql(kind, out),
            (Value::Bytes(value), _) => value.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // The four kinds of value are one type here; `bind` has looked at each.
        true
    }

    to_sql_checked!();
}

/// A column of a row, or none when it is not there or of a type that the other engine does not have.
pub(crate) fn read(row: &Row, index: usize) -> Option<Value<'_>> {
    row.try_get::<_, Read<'_>>(index).ok().map(|Read(value)| value)
}

struct Read<'a>(Value<'a>);

impl<'a> FromSql<'a> for Read<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Wrong> {
        Ok(Self(match *kind {
            Type::INT8 => Value::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(kind, raw)?.into()),
            Type::BYTEA => Value::Bytes(raw),
            _ => Value::Text(<&str>::from_sql(kind, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Wrong> {
        Ok(Self(Value::Null))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT2 | Type::INT4 | Type::INT8 | Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }
}
