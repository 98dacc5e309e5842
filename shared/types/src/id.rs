//! Typed ids over 16 bytes, so that a payment is never looked up as a resident.

use std::fmt;

use sha2::{Digest, Sha256};

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdError;

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id is 32 hexadecimal digits in hyphenated groups of 8, 4, 4, 4 and 12")
    }
}

impl std::error::Error for IdError {}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new id, a UUID of version 7: unique, and later ones sort after earlier ones.
            #[expect(clippy::new_without_default, reason = "a default that differs each time would surprise")]
            pub fn new() -> $name {
                $name(uuid::Uuid::now_v7())
            }

            /// The id that belongs to what these parts name together: the same parts, the same id, whoever makes it and
            /// however often. A reaction may be run more than once, so it makes its ids in this way. No two lists of
            /// parts run together.
            pub fn of(parts: &[&[u8]]) -> $name {
                let mut hash = Sha256::new();
                for part in parts {
                    hash.update((part.len() as u64).to_be_bytes());
                    hash.update(part);
                }
                let digest: [u8; 32] = hash.finalize().into();
                let mut first = [0; 16];
                first.copy_from_slice(&digest[..16]);
                $name(uuid::Builder::from_custom_bytes(first).into_uuid())
            }

            /// An id that was stored or sent; any 16 bytes are one.
            pub const fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(uuid::Uuid::from_bytes(bytes))
            }

            /// The bytes, to be stored or sent.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            /// Reads the hyphenated form only, in either case.
            fn from_str(text: &str) -> Result<$name, IdError> {
                if text.len() != uuid::fmt::Hyphenated::LENGTH {
                    return Err(IdError);
                }
                uuid::Uuid::try_parse(text).map($name).map_err(|_| IdError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        serde_as_text!($name);
    )+};
}

ids! {
    /// A resident (居民), given by registration.
    ResidentId,
    /// One request to write, made and kept by the caller before it sends.
    RequestId,
    /// A payment (缴费), given by collection.
    PaymentId,
    /// A roster (名单), given by subsidy.
    RosterId,
    /// A refund (退费), given by collection.
    RefundId,
    /// An entry of the ledger: postings that add up to zero. That of a payment or a refund has the same bytes.
    EntryId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_made_of_parts_is_the_same_for_the_same_parts_alone() {
        let made = EntryId::of(&[b"ab", b"c"]);
        assert_eq!(made, EntryId::of(&[b"ab", b"c"]));
        assert_ne!(made, EntryId::of(&[b"a", b"bc"]));
        assert_ne!(made, EntryId::of(&[b"ab", b"c", b""]));
        assert_eq!(made.to_string().parse(), Ok(made), "it is a UUID like the others");
    }
}
