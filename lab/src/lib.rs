//! The laboratory of covid-classifier: trains its model and measures what it is worth. Native only, and no part of
//! the product: a visitor's browser runs none of it.
//!
//! Films are measured with the engine that ships. Modules import one way: [`dataset`] → [`crops`] → [`train`] →
//! [`evidence`] → [`write`](mod@write) and [`ship`], which put results into documents and into the model.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod crops;
pub mod dataset;
pub mod engine;
pub mod evidence;
pub mod paper;
pub mod ship;
pub mod train;
pub mod write;

/// Says what is being done, one line at a time.
pub type Progress<'a> = &'a mut dyn FnMut(&str);

/// Which program trained or measured, for the files that it writes.
pub const PROGRAM: &str = concat!("covid-classifier ", env!("CARGO_PKG_VERSION"));

/// The error of a candle operation.
fn failed(error: candle_core::Error) -> covid_classifier::Error {
    covid_classifier::Error::with_source(covid_classifier::ErrorKind::Internal, "training failed", error)
}

/// A file's bytes.
///
/// # Errors
/// [`ErrorKind::Io`](covid_classifier::ErrorKind::Io) with the file's name.
fn read(path: &std::path::Path) -> covid_classifier::Result<Vec<u8>> {
    let named = |error| {
        let name = path.display().to_string();
        covid_classifier::Error::with_source(covid_classifier::ErrorKind::Io, name, error)
    };
    std::fs::read(path).map_err(named)
}
