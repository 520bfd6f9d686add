//! The laboratory of covid-classifier: it trains the model and measures it. It runs natively only and is not part of
//! the product: a visitor's browser runs none of it.
//!
//! Films are measured with the engine that ships. Modules import one way: [`enhance`], [`draw`] → [`marks`] and [`dataset`] →
//! [`crops`] → [`train`] → [`evidence`] → [`write`](mod@write) and [`ship`], which put results into documents and into the model.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod crops;
pub mod dataset;
pub mod draw;
pub mod engine;
pub mod enhance;
pub mod evidence;
pub mod marks;
pub mod paper;
pub mod ship;
mod tools;
pub mod train;
pub mod write;

pub use tools::{PROGRAM, Progress};
