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

/// An error with a [kind](ErrorKind) to branch on and a message for people: what is wrong and, where that helps, what to do.
/// What a library says of it is not part of the message.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    format: Option<ForeignFormat>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A picture format that is recognised and not read here, but that the surroundings may be able to decode: a browser
/// shows most of them, and can give their pixels as PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum ForeignFormat {
    Gif,
    Avif,
    /// HEIF with HEVC or with a codec that it does not name.
    Heic,
    JpegXl,
}

impl ForeignFormat {
    /// The name used in JSON and JavaScript, for example `jpeg_xl`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::JpegXl => "jpeg_xl",
        }
    }
}

impl std::str::FromStr for ForeignFormat {
    type Err = Error;

    /// By its [code](Self::code).
    fn from_str(code: &str) -> Result<Self> {
        let known = [Self::Gif, Self::Avif, Self::Heic, Self::JpegXl]
            .into_iter()
            .find(|format| format.code() == code);
        known.ok_or_else(|| Error::new(ErrorKind::UnsupportedFormat, format!("there is no format {code:?}")))
    }
}

/// An [`Error`] as a report carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ReadFailure"))]
pub struct Failure {
    /// What to branch on.
    pub kind: ErrorKind,
    /// For people.
    pub message: String,
    /// With `unsupported_format`: the format, where it is one that a browser may decode. Left out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub format: Option<ForeignFormat>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind(), message: error.to_string(), format: error.format() }
    }
}

impl Error {
    /// An error without another behind it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), format: None, source: None }
    }

    /// An error with another behind it, which [`source`](std::error::Error::source) gives and [`detailed`] tells.
    pub fn with_source(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::new(kind, message).because(source)
    }

    /// This error, with another behind it.
    pub fn because(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// This error, which begins with what it is about: a path, for example.
    pub fn about(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }

    /// A file in a format that is recognised and not read.
    pub fn foreign(format: ForeignFormat, message: impl Into<String>) -> Self {
        Self { format: Some(format), ..Self::new(ErrorKind::UnsupportedFormat, message) }
    }

    /// What went wrong, as far as a caller can act on it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The format of a file that is not read, where something else may decode it.
    pub fn format(&self) -> Option<ForeignFormat> {
        self.format
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An error and, after a colon each, what is behind it: for those who mend what is wrong with a program, a model or a table.
/// People with a film need only the first.
pub fn detailed(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
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
        use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
        let message = match error.kind() {
            NotFound => "there is no such file or folder: check its name and where it lies",
            PermissionDenied => {
                "access is denied: change the permissions, or copy it to a folder of your own"
            }
            IsADirectory => "this is a folder, where a file is needed",
            _ => "the operating system cannot read or write it: copy it to a local disk and try again",
        };
        Self::with_source(ErrorKind::Io, message, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a library says stands behind the message, not in it.
    #[test]
    fn the_message_is_ours() {
        let missing = Error::from(std::fs::read("no such file").unwrap_err());
        assert!(missing.to_string().ends_with("check its name and where it lies"), "{missing}");
        let library = "Expected SOI marker";
        let error = Error::with_source(ErrorKind::Decode, "the JPEG is damaged", library);
        assert_eq!(Failure::from(&error).message, "the JPEG is damaged");
        let whole = Error::with_source(ErrorKind::Model, "the model does not load", error);
        assert_eq!(detailed(&whole), "the model does not load: the JPEG is damaged: Expected SOI marker");
    }

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
        for format in [ForeignFormat::Gif, ForeignFormat::Avif, ForeignFormat::Heic, ForeignFormat::JpegXl] {
            assert_eq!(serde_json::json!(format), serde_json::json!(format.code()));
            assert_eq!(format.code().parse::<ForeignFormat>().unwrap(), format);
        }
        assert!("png".parse::<ForeignFormat>().is_err());
    }

    /// Failures of earlier versions have no `format`, and those of other files have none either.
    #[test]
    fn the_format_is_named_where_there_is_one() {
        let plain = Failure::from(&Error::new(ErrorKind::Empty, "nothing"));
        let json = serde_json::json!({"kind": "empty", "message": "nothing"});
        assert_eq!(serde_json::json!(plain), json);
        assert_eq!(serde_json::from_value::<Failure>(json).unwrap(), plain);
        let foreign = Failure::from(&Error::foreign(ForeignFormat::JpegXl, "JPEG XL"));
        let json =
            serde_json::json!({"kind": "unsupported_format", "message": "JPEG XL", "format": "jpeg_xl"});
        assert_eq!(serde_json::json!(foreign), json);
    }
}
