//! Helpers for all modules of the laboratory.

use std::path::Path;

use covid_classifier::{Error, ErrorKind, Result};

/// Takes progress messages, one line each.
pub type Progress<'a> = &'a mut dyn FnMut(&str);

/// Name and version of this program, for the files that it writes.
pub const PROGRAM: &str = concat!("covid-classifier ", env!("CARGO_PKG_VERSION"));

/// Converts the error of a candle operation.
pub(crate) fn failed(error: candle_core::Error) -> Error {
    Error::with_source(ErrorKind::Internal, "training failed", error)
}

/// A file's bytes.
///
/// # Errors
/// [`ErrorKind::Io`] with the file's name.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let named = |error| {
        let name = path.display().to_string();
        Error::with_source(ErrorKind::Io, name, error)
    };
    std::fs::read(path).map_err(named)
}
