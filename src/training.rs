//! Training, native only: the films, the fits, the network. Never part of the WASM build.

pub mod augment;
pub mod calibration;
pub mod convnet;
pub mod dataset;
pub mod experiments;
pub mod gate;
pub mod lungs;
mod negatives;
pub(crate) mod network;
pub(crate) mod operations;
pub mod ship;
pub mod texture;
