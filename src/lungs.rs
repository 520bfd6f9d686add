//! Where the lungs are: what the segmenter sees of a film, and what is made of its answer.
//!
//! The segmenter looks at the whole film, fitted into a square of 128 pixels with its aspect kept,
//! standardised over the film. What it finds is thresholded at ½ and its two largest connected
//! parts are the lung fields.

mod fields;
mod mirrored;
mod parts;

pub use fields::{LungAreas, LungFields, letterbox};
pub use mirrored::seem_mirrored;
pub use parts::Part;

use crate::network::Output;
use crate::plane::{Affine, Plane, standardize};

/// Rows and columns of the segmenter's input and of the lung fields.
pub const SIDE: usize = 128;

/// What the segmenter sees of a film: (128, 128), mean 0 and deviation 1 over the film, 0 around it.
pub fn input<T: Copy + Into<f32>>(film: &Plane<T>) -> Vec<f32> {
    input_at(film, &letterbox(film.width, film.height))
}

/// The same of what `affine` points at, from the square to the film.
pub fn input_at<T: Copy + Into<f32>>(film: &Plane<T>, affine: &Affine) -> Vec<f32> {
    let mut values = film.warp(affine, SIDE, f32::NAN);
    standardize(&mut values, |_| true);
    values
}

/// What the segmenter says of a film.
#[derive(Clone, Debug, PartialEq)]
pub struct Segmented {
    /// The two lung fields, placed on the film.
    pub fields: LungFields,
    /// The mean of every channel of its last features, for the gate.
    pub features: Vec<f32>,
}

/// Reads the segmenter's output for a film of `width` × `height`.
pub fn read(output: &Output, width: usize, height: usize) -> Segmented {
    let fields = LungFields::new(probabilities(&output.maps), width, height);
    Segmented { fields, features: output.features.clone() }
}

/// The segmenter's (64, 64) logits as (128, 128) probabilities: linear interpolation, then the
/// logistic function.
fn probabilities(logits: &[f32]) -> Vec<f32> {
    let half = SIDE / 2;
    let plane = Plane { width: half, height: half, pixels: logits.to_vec() };
    let affine = Affine::of_rectangle(0.0, 0.0, half as f32, half as f32, SIDE);
    let mut values = plane.warp(&affine, SIDE, 0.0);
    values.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_fits_into_the_square_with_its_aspect_kept() {
        let tall = letterbox(100, 200);
        assert_eq!(tall.apply(0.0, 0.0), (-50.0, 0.0));
        assert_eq!(tall.apply(128.0, 128.0), (150.0, 200.0));
        let wide = letterbox(200, 100);
        assert_eq!(wide.apply(64.0, 64.0), (100.0, 50.0));
        // What lies around a film is 0, the film itself standardised.
        let film = Plane { width: 100, height: 200, pixels: (0..20_000).map(|k| (k % 251) as f32).collect() };
        let input = input(&film);
        assert_eq!((input.len(), input[0], input[127]), (SIDE * SIDE, 0.0, 0.0));
        let mean = input.iter().sum::<f32>() / (SIDE * SIDE / 2) as f32;
        let squares = input.iter().map(|value| value * value).sum::<f32>() / (SIDE * SIDE / 2) as f32;
        assert!(mean.abs() < 1e-3 && (squares - 1.0).abs() < 1e-3, "{mean} {squares}");
    }

    #[test]
    fn probabilities_are_logistic_and_enlarged() {
        let half = SIDE / 2;
        let logits: Vec<f32> =
            (0..half * half).map(|k| if k % half < half / 2 { -3.0 } else { 3.0 }).collect();
        let values = probabilities(&logits);
        assert_eq!(values.len(), SIDE * SIDE);
        let low = 1.0 / (1.0 + 3.0_f32.exp());
        assert!((values[0] - low).abs() < 1e-6 && (values[SIDE - 1] - (1.0 - low)).abs() < 1e-6);
        // Between the two, half-way in the logit.
        let row = &values[..SIDE];
        assert!((row[half - 1] - 1.0 / (1.0 + 1.5_f32.exp())).abs() < 1e-6, "{}", row[half - 1]);
    }
}
