//! Training, native only: the films, the fits, the network. Never part of the WASM build.

pub mod dataset;
pub mod texture;
