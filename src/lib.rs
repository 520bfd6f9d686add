//! COVID-Classifier: reads a chest X-ray with the automated model of *Scientific Reports* 11
//! (2021), s41598-021-88807-2, in the browser or on the command line. A research tool, not a
//! medical device.
//!
//! One way, no way back: bytes → [`decode`](mod@decode) → [`Radiograph`] →
//! [`preprocess`](mod@preprocess) → [`texture`] (252 features → reduction → network) →
//! [`verdict`](mod@verdict) → [`Report`]. [`Classifier`] puts the stages in sequence.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use covid_classifier::Classifier;
//!
//! let manifest = std::fs::read("models/manifest.json")?;
//! let texture = std::fs::read("models/texture.safetensors")?;
//! let mut classifier = Classifier::new(&manifest, &texture)?;
//! let reading = classifier.classify("film.png", &std::fs::read("film.png")?);
//! println!("{:?}", reading.report.probabilities);
//! # Ok(())
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod decode;
mod error;
#[cfg(feature = "train")]
pub mod evaluation;
pub mod explain;
pub mod gate;
pub mod lungs;
pub mod model_file;
pub mod network;
pub mod phantom;
pub mod pipeline;
mod plane;
pub mod preprocess;
pub mod radiograph;
pub mod report;
pub mod texture;
#[cfg(feature = "train")]
pub mod training;
pub mod verdict;
#[cfg(target_arch = "wasm32")]
mod web;

pub use error::{Error, ErrorKind, Result};
pub use pipeline::{Classifier, Reading};
pub use radiograph::Radiograph;
pub use report::{Label, Report};
