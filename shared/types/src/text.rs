//! What types with a text form share: closed lists of words, and serde through the text.

use std::fmt;

/// A text code that is not in the closed list it was looked up in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The list that was searched, such as `Part`.
    pub list: &'static str,
    /// The word that is not in it.
    pub word: String,
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a known {}", self.word, self.list)
    }
}

impl std::error::Error for UnknownWord {}

/// Serialises types as their `Display` text and reads them back with `FromStr`.
macro_rules! serde_as_text {
    ($($name:ty),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

/// A closed list of words, each with the stable text code under which it is stored and sent.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $word:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $word,)+ }

        impl $name {
            /// The whole list, in its own order.
            pub const ALL: &'static [$name] = &[$($name::$word,)+];

            /// The stable text code.
            pub const fn code(self) -> &'static str {
                match self { $($name::$word => $code,)+ }
            }

            /// The word with this text code, if there is one.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some($name::$word),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(code: &str) -> Result<Self, Self::Err> {
                Self::from_code(code)
                    .ok_or_else(|| $crate::UnknownWord { list: stringify!($name), word: code.to_owned() })
            }
        }

        serde_as_text!($name);
    };
}
