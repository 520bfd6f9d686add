//! Training: the films, the fits and the networks. A run can be repeated exactly from its seed on the same kind of
//! processor.

pub mod augment;
pub mod calibration;
pub mod convnet;
pub mod experiments;
pub mod gate;
pub mod left_out;
pub mod lungs;
pub mod negatives;
mod network;
mod operations;
pub mod photographs;
pub mod pools;
pub mod recipe;
mod targets;
pub mod texture;
