//! COVID-Classifier: reads a chest X-ray with the automated model of *Scientific Reports* 11
//! (2021), s41598-021-88807-2, in the browser or on the command line. A research tool, not a
//! medical device.
//!
//! One way, no way back: bytes → [`decode`](mod@decode) → [`Radiograph`]. Two readers look at it
//! independently: [`preprocess`](mod@preprocess) → [`texture`], the paper's (252 features →
//! reduction → network), and [`lungs`] → [`convnet`], a residual network on the lung crop. The
//! [`gate`] says whether the film may be judged, [`verdict`](mod@verdict) weighs the readers, and
//! the [`Report`] is what leaves. [`Classifier`] puts the stages in sequence.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use covid_classifier::{Classifier, model_file::FILES};
//!
//! let manifest = std::fs::read("models/manifest.json")?;
//! let files = FILES.map(|name| (name, std::fs::read(format!("models/{name}")).unwrap_or_default()));
//! let mut classifier = Classifier::new(&manifest, &files.each_ref().map(|(name, bytes)| (*name, &bytes[..])))?;
//! let reading = classifier.classify("film.png", &std::fs::read("film.png")?);
//! println!("{:?}: {:?}", reading.report.verdict, reading.report.probabilities);
//! # Ok(())
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod compute;
pub mod convnet;
pub mod decode;
mod error;
#[cfg(feature = "train")]
pub mod evaluation;
pub mod explain;
pub mod gate;
pub mod heatmap;
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
pub mod window;

pub use error::{Error, ErrorKind, Result};
pub use pipeline::{Classifier, Reading};
pub use radiograph::Radiograph;
pub use report::{Label, Report};
