//! Training, native only: the films, the fits, the network. Never part of the WASM build.

pub mod augment;
pub mod convnet;
pub mod dataset;
pub mod lungs;
mod negatives;
pub(crate) mod network;
mod operations;
pub mod texture;
