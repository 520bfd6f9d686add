//! Only the readers, without the networks, so that libFuzzer has little to instrument. The linked files beside this one
//! are those of the library, the program and the laboratory. Only the reader of models needs the whole library, which
//! the feature `whole` brings.
#![allow(dead_code, missing_docs, unreachable_pub, unused_imports)]

// Files linked from the program and the laboratory use this name for the library.
extern crate self as covid_classifier;

pub mod decode;
mod error;
pub mod frame;
pub mod label;
pub mod radiograph;

#[path = "../../lab/src/dataset.rs"]
pub mod dataset;
#[path = "../../src/bin/covid-classifier/zip.rs"]
mod zip;

pub mod texture {
    //! The part of the library's `texture` that the tables of films need.
    pub const FEATURES: usize = 252;
}

mod tools {
    pub(crate) fn read(path: &std::path::Path) -> crate::Result<Vec<u8>> {
        Ok(std::fs::read(path)?)
    }
}

#[path = "../../tests/support/containers.rs"]
mod containers;
#[path = "../../tests/support/dicom.rs"]
mod dicom;

mod reader {
    #[cfg(feature = "whole")]
    pub use whole::model;

    pub use crate::{ErrorKind, dataset as tables, decode, frame, radiograph};
}

pub mod archive;
#[cfg(feature = "whole")]
pub mod model;
pub mod tables;
pub mod targets;

pub use error::{Error, ErrorKind, Result};
pub use label::Label;

use targets::Target;

/// All targets of this build.
pub fn all() -> Vec<Target> {
    let mut all = targets::ALL.to_vec();
    all.extend([archive::TARGET, tables::TARGET]);
    #[cfg(feature = "whole")]
    all.push(model::TARGET);
    all
}

/// Runs a target by name.
pub fn run(name: &str, data: &[u8]) {
    static TARGETS: std::sync::OnceLock<Vec<Target>> = std::sync::OnceLock::new();
    let Some((_, run, _)) = TARGETS.get_or_init(all).iter().find(|target| target.0 == name) else {
        panic!("there is no target {name}");
    };
    run(data);
}
