//! COVID-Classifier: reads a chest X-ray with the automated model of *Scientific Reports* 11
//! (2021), s41598-021-88807-2, in the browser or on the command line. A research tool, not a
//! medical device.
//!
//! ```no_run
//! use covid_classifier::{Classifier, Model};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let model = Model::read_folder("models")?;
//!     let mut classifier = Classifier::new(model)?;
//!     let reading = classifier.classify("film.png", &std::fs::read("film.png")?);
//!     match &reading.report.error {
//!         Some(error) => println!("not read: {}", error.message),
//!         None => println!("{:?} {:?}", reading.report.verdict, reading.report.probabilities),
//!     }
//!     Ok(())
//! }
//! ```
//!
//! One way, no way back: bytes → [`decode`](mod@decode) → [`Radiograph`], of which [`frame`] finds the
//! film where the picture holds more. Two readers look at it independently:
//! [`preprocess`](mod@preprocess) → [`texture`], the paper's (252 features → reduction → network), and
//! [`lungs`] → [`convnet`], a residual network on the lung crop. The [`gate`] says whether the film may
//! be judged, [`verdict`](mod@verdict) weighs the readers, and the [`Report`] is what leaves. The
//! stages are pure: [`pipeline`] puts them in sequence and runs
//! the networks by [`compute`]. What there is to see beside a report is made by [`show`]. Modules
//! import one way (`tests/module_order.rs` holds the order).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod compute;
pub mod contrast;
pub mod convnet;
pub mod decode;
mod error;
pub mod explain;
pub mod frame;
pub mod gate;
mod label;
pub mod lungs;
pub mod model;
pub mod network;
pub mod phantom;
pub mod pipeline;
pub mod plane;
pub mod preprocess;
pub mod radiograph;
pub mod reason;
pub mod report;
pub mod show;
pub mod statistics;
pub mod tensors;
pub mod texture;
pub mod validation;
pub mod verdict;
pub mod warnings;
#[cfg(target_arch = "wasm32")]
mod web;

pub use error::{Error, ErrorKind, Failure, ForeignFormat, Result, detailed};
pub use label::{LABELS, Label, PerLabel, most_probable, softmax};
pub use model::Model;
pub use pipeline::{Classifier, Reading};
pub use radiograph::{Radiograph, ReadAs};
pub use report::Report;
