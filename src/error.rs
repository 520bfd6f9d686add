//! One error type for the whole crate: opaque, with a [`kind`](Error::kind) to branch on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong, as far as a caller can act on it.
///
/// Serialised in snake case: it is the `error.kind` of the JSON report and the `code` of an
/// error that reaches JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file has no bytes.
    Empty,
    /// The magic bytes are not those of a format that is read here, or the pixels are of a kind
    /// that is not read.
    UnsupportedFormat,
    /// The format is known, but the file is damaged or cut short.
    Decode,
    /// More pixels than [`MAX_PIXELS`](crate::decode::MAX_PIXELS), or not enough memory.
    TooLarge,
    /// A side shorter than [`MIN_SIDE_PX`](crate::decode::MIN_SIDE_PX).
    TooSmall,
    /// A model file is missing, damaged, or does not fit this program.
    Model,
    /// A table or list of films does not have the expected form.
    Dataset,
    /// The operating system could not read or write a file.
    Io,
    /// A defect in this program or in a decoder it uses, contained to the one film.
    Internal,
}

impl ErrorKind {
    /// The name used in JSON and JavaScript, for example `unsupported_format`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnsupportedFormat => "unsupported_format",
            Self::Decode => "decode",
            Self::TooLarge => "too_large",
            Self::TooSmall => "too_small",
            Self::Model => "model",
            Self::Dataset => "dataset",
            Self::Io => "io",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An error with a [kind](ErrorKind) to branch on and a message for people.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An [`Error`] as a report carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ReadFailure"))]
pub struct Failure {
    /// What to branch on.
    pub kind: ErrorKind,
    /// For people.
    pub message: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind(), message: error.to_string() }
    }
}

impl Error {
    /// An error without another behind it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// An error that says, after its own message, that of `source`.
    pub fn with_source(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, message: message.into(), source: Some(source.into()) }
    }

    /// What went wrong, as far as a caller can act on it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_serde_writes() {
        for kind in [
            ErrorKind::Empty,
            ErrorKind::UnsupportedFormat,
            ErrorKind::Decode,
            ErrorKind::TooLarge,
            ErrorKind::TooSmall,
            ErrorKind::Model,
            ErrorKind::Dataset,
            ErrorKind::Io,
            ErrorKind::Internal,
        ] {
            assert_eq!(serde_json::json!(kind), serde_json::json!(kind.code()));
        }
    }
}
