//! The readers alone, without the networks: what libFuzzer has to instrument is small. The files beside this one are
//! links to those of the library.
#![allow(dead_code, missing_docs, unreachable_pub, unused_imports)]

pub mod decode;
mod error;
pub mod frame;
pub mod radiograph;

#[path = "../../tests/support/dicom.rs"]
mod dicom;

mod reader {
    pub use crate::{decode, frame, radiograph};
}

pub mod targets;

pub use error::{Error, ErrorKind};

/// Runs a target by its name.
pub fn run(name: &str, data: &[u8]) {
    if let Some((_, run, _)) = targets::ALL.iter().find(|target| target.0 == name) {
        run(data);
    }
}
