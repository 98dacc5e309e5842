//! Keys under which departments know a person without keeping the person's number or name.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Document, Name};

/// The secret from which a suite's person keys are made. Departments that share it make equal keys.
#[derive(Clone)]
pub struct SuiteKey(Hmac<Sha256>);

impl SuiteKey {
    /// Takes 32 secret random bytes.
    pub fn new(secret: [u8; 32]) -> SuiteKey {
        // HMAC fills a short key with zeros up to the hash's block, so this is the plain HMAC of 32 bytes; with
        // a whole block there is no length that could be wrong. Keyed once, each key costs two hash blocks less.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&secret);
        SuiteKey(Hmac::new(&block.into()))
    }

    /// The key of the person whom the document identifies.
    pub fn person_key(&self, document: &Document) -> PersonKey {
        PersonKey(self.first_16_bytes(&["person", document.kind().code(), document.expose()]))
    }

    /// The key of the document together with a name: equal only when both are.
    pub fn name_key(&self, document: &Document, name: &Name) -> NameKey {
        NameKey(self.first_16_bytes(&["name", document.kind().code(), document.expose(), name.expose()]))
    }

    /// A digest of a request, by which the same request is known again. Keyed, because what a request says of a person
    /// could otherwise be found by trying.
    pub fn request_digest(&self, method: &str, request: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for field in [b"request".as_slice(), method.as_bytes(), request] {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }

    /// Tells this key from another, and nothing else about it.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.clone().chain_update(b"the fingerprint of this key").finalize().into_bytes().into()
    }

    /// A field ends with a zero byte, which none of them can hold, so that no two lists of fields run together.
    fn first_16_bytes(&self, fields: &[&str]) -> [u8; 16] {
        let mut mac = self.0.clone();
        for field in fields {
            mac.update(field.as_bytes());
            mac.update(&[0]);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        first
    }
}

impl fmt::Debug for SuiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuiteKey")
    }
}

/// A key of 16 bytes; prints its first four in hexadecimal, enough to tell two lines of a log apart.
macro_rules! keys {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A key that was stored or sent.
            pub const fn from_bytes(bytes: [u8; 16]) -> $name {
                $name(bytes)
            }

            /// The bytes, to be stored or sent.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            /// Only the first eight of 32 hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )+};
}

keys! {
    /// Stands for a document's kind and number: the first 16 bytes of their HMAC-SHA-256 under the suite key.
    PersonKey,
    /// Stands for a document and a name together, to see whether a line's name fits its number.
    NameKey,
}
