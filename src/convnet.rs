//! The second reader: a residual network on the lung crop, and where it looked.
//!
//! Its last layer is a 1 × 1 convolution to three class maps, and a logit is the mean of its map
//! over the lungs: what a place of the map adds to the logit is the value there times the share of
//! the lungs that lies there, exactly. (Class activation maps, Zhou et al. 2016, take the same
//! product after pooling.) Places without lung count nothing.

mod activation;
mod crop;

pub use activation::{Activation, ActivationSummary, Rectangle};
pub use crop::{CELL, Crop, crop, placement, reach};

use crate::lungs::LungFields;
use crate::network::Output;

/// Rows and columns of the crop.
pub const SIDE: usize = 128;

/// What it says of one film.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvnetReading {
    /// Covid19, normal, pneumonia.
    pub logits: [f64; 3],
    /// What each place of the crop adds to each logit.
    pub activation: Activation,
    /// The channel means of its last features, for the gate.
    pub features: Vec<f32>,
}

/// Reads the network's output for the crop of a film whose lungs are `fields`.
pub fn read(output: &Output, crop: &Crop, fields: &LungFields) -> ConvnetReading {
    ConvnetReading {
        logits: crop.logits(&output.maps),
        activation: Activation::new(&output.maps, &crop.weights, fields),
        features: output.features.clone(),
    }
}
