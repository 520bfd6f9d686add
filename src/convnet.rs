//! The second reader: a residual network on the lung crop, and where it looked.
//!
//! Its last layer is a 1 × 1 convolution to three class maps, and a logit is the mean of its map
//! over the lungs: what a place of the map adds to the logit is the value there times the share of
//! the lungs that lies there, exactly. (Class activation maps, Zhou et al. 2016, take the same
//! product after pooling.) Places without lung count nothing. It looks twice, at the crop and at its mirror
//! image, and the mean of both counts.

mod activation;
mod crop;

pub use activation::{Activation, ActivationSummary, Rectangle};
pub use crop::{CELL, Crop, crop, placement, reach};

use crate::label::LABELS;
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

/// What the network makes of a crop, from its output for the crop and for the mirror image: the means, with the maps of
/// the mirror image turned back. So a crop and its mirror image are read alike.
pub fn both_ways(output: &Output, mirrored: &Output) -> Output {
    let mean = |(a, b): (&f32, f32)| (a + b) / 2.0;
    let area = output.maps.len() / LABELS.len();
    let back = mirrored.maps.chunks_exact(area.max(1)).flat_map(crop::mirrored);
    Output {
        maps: output.maps.iter().zip(back).map(mean).collect(),
        features: output.features.iter().zip(mirrored.features.iter().copied()).map(mean).collect(),
    }
}

/// Reads the network's output for the crop of a film whose lungs are `fields`.
pub fn read(output: &Output, crop: &Crop, fields: &LungFields) -> ConvnetReading {
    ConvnetReading {
        logits: crop.logits(&output.maps),
        activation: Activation::new(&output.maps, &crop.weights, fields),
        features: output.features.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_image_counts_as_much_and_is_turned_back() {
        // Two rows of two places, three classes.
        let output = |first: f32| Output {
            maps: (0..12).map(|k| first + k as f32).collect(),
            features: vec![first, 2.0 * first],
        };
        let both = both_ways(&output(0.0), &output(100.0));
        // 0 1 / 2 3, and 100 101 / 102 103 turned back: 101 100 / 103 102.
        assert_eq!(both.maps[..4], [50.5, 50.5, 52.5, 52.5]);
        assert_eq!((both.maps.len(), both.maps[11]), (12, 60.5));
        assert_eq!(both.features, [50.0, 100.0]);
    }

    #[test]
    fn a_crop_and_its_mirror_image_are_read_alike() {
        let crop = Crop { values: vec![], weights: vec![0.5, 0.125, 0.25, 0.125] };
        let mirrored = Crop { values: vec![], weights: vec![0.125, 0.5, 0.125, 0.25] };
        let output = |seed: f32| Output {
            maps: (0..12).map(|k| (seed * k as f32).sin()).collect(),
            features: vec![seed],
        };
        let (one, other) = (output(1.3), output(0.7));
        let logits = crop.logits(&both_ways(&one, &other).maps);
        let turned = mirrored.logits(&both_ways(&other, &one).maps);
        logits.iter().zip(turned).for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{a} {b}"));
    }
}
