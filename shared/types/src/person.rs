//! What identifies a person: a document and a name. Both print masked.

use std::fmt;

use crate::{IdentityNumber, IdentityNumberError};

words! {
    /// The kind of document that identifies a resident.
    pub enum DocumentKind {
        /// 公民身份号码, and the permits that share its form.
        IdentityNumber = "identity-number",
        /// 出生医学证明, for a newborn that has no identity number yet.
        BirthCertificate = "birth-certificate",
    }
}

words! {
    /// Sex (性别) as an identity number states it.
    pub enum Sex {
        /// 男
        Male = "male",
        /// 女
        Female = "female",
    }
}

/// The document that identifies a resident: its kind and its valid number. Prints masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Document(Number);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Number {
    Identity(IdentityNumber),
    BirthCertificate(String),
}

impl Document {
    /// A document with an identity number.
    pub const fn identity(number: IdentityNumber) -> Document {
        Document(Number::Identity(number))
    }

    /// A birth certificate (出生医学证明). Usually a letter and nine digits; since provinces differ, any 5 to 20
    /// ASCII letters and digits are accepted. Letters become capitals.
    pub fn birth_certificate(number: &str) -> Result<Document, DocumentError> {
        let well_formed =
            (5..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            return Err(DocumentError::BirthCertificate);
        }
        Ok(Document(Number::BirthCertificate(number.to_ascii_uppercase())))
    }

    /// Reads a number of the given kind.
    pub fn parse(kind: DocumentKind, number: &str) -> Result<Document, DocumentError> {
        match kind {
            DocumentKind::IdentityNumber => Ok(Document::identity(IdentityNumber::parse(number)?)),
            DocumentKind::BirthCertificate => Document::birth_certificate(number),
        }
    }

    /// The kind of document.
    pub const fn kind(&self) -> DocumentKind {
        match &self.0 {
            Number::Identity(_) => DocumentKind::IdentityNumber,
            Number::BirthCertificate(_) => DocumentKind::BirthCertificate,
        }
    }

    /// The identity number, if the document is one.
    pub const fn identity_number(&self) -> Option<&IdentityNumber> {
        match &self.0 {
            Number::Identity(number) => Some(number),
            Number::BirthCertificate(_) => None,
        }
    }

    /// The number with its middle starred; a birth certificate shows its last four characters at most.
    pub fn masked(&self) -> String {
        match &self.0 {
            Number::Identity(number) => number.masked(),
            Number::BirthCertificate(number) => {
                let starred = if number.len() < 10 { number.len() } else { number.len() - 4 };
                "*".repeat(starred) + number.get(starred..).unwrap_or_default()
            }
        }
    }

    /// The whole number. For sealing, keys and the answer to one who may read it; never for a log.
    pub fn expose(&self) -> &str {
        match &self.0 {
            Number::Identity(number) => number.expose(),
            Number::BirthCertificate(number) => number,
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} {})", self.kind(), self.masked())
    }
}

/// Why a text is not the number of a document. Never holds or prints the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentError {
    /// Not an identity number.
    IdentityNumber(IdentityNumberError),
    /// Not the number of a birth certificate.
    BirthCertificate,
}

impl From<IdentityNumberError> for DocumentError {
    fn from(error: IdentityNumberError) -> DocumentError {
        DocumentError::IdentityNumber(error)
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DocumentError::IdentityNumber(error) => error.fmt(f),
            DocumentError::BirthCertificate => {
                f.write_str("the number of a birth certificate is 5 to 20 letters and digits")
            }
        }
    }
}

impl std::error::Error for DocumentError {}

/// A person's name: 1 to 50 characters without surrounding space or control characters. Prints masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Reads a name; surrounding space, the full-width one too, is dropped.
    pub fn parse(text: &str) -> Result<Name, NameError> {
        let name = text.trim();
        if !(1..=50).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(NameError);
        }
        Ok(Name(name.to_owned()))
    }

    /// The first character and a star: 王*. As much as may be shown.
    pub fn masked(&self) -> String {
        self.0.chars().take(1).chain(['*']).collect()
    }

    /// The whole name. For sealing, keys and the answer to one who may read it; never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.masked())
    }
}

/// The text is not a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameError;

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name has 1 to 50 characters and no control characters")
    }
}

impl std::error::Error for NameError {}
