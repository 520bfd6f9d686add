//! The tint of a film, and what is not of it.
//!
//! A film has one tint: none, the brown of an old print, the blue of a screen. It is fitted as a chroma that is linear in
//! the luminance. Saturated pixels away from it are foreign.

use super::Frame;
use crate::radiograph::Colors;

/// The chroma of a tint changes with the luminance by no more than this…
const STEEPEST_TINT: f64 = 0.4;
/// … and that of a cast, which has no chroma where it is black, by no more than this.
const STEEPEST_CAST: f64 = 0.8;
/// A chroma below this is none.
const BLACK: f64 = 12.0;
/// Repetitions of the fit, and from which distance on a sample counts little in it.
const FITS: usize = 12;
const NEAR: f64 = 12.0;

/// A pixel: its luminance, and how far its blue and its red lie above it, all on the scale 0…255.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) luminance: f64,
    pub(super) chroma: [f64; 2],
}

impl Sample {
    pub(super) fn new(pixel: [u8; 3]) -> Self {
        let [red, green, blue] = pixel.map(f64::from);
        let luminance = 0.299 * red + 0.587 * green + 0.114 * blue;
        Self { luminance, chroma: [blue - luminance, red - luminance] }
    }

    /// The mean of samples, of which there is at least one.
    pub(super) fn mean(samples: impl Iterator<Item = Self>) -> Self {
        let (mut luminance, mut chroma, mut count) = (0.0, [0.0; 2], 0.0);
        for sample in samples {
            luminance += sample.luminance;
            chroma = [0, 1].map(|k| chroma[k] + sample.chroma[k]);
            count += 1.0;
        }
        Self { luminance: luminance / count, chroma: chroma.map(|sum| sum / count) }
    }

    /// Black and white are of a frame or a page as often as of the film, and say nothing of its tint.
    pub(super) fn has_tint(&self) -> bool {
        (5.0..250.0).contains(&self.luminance)
    }

    /// What a chroma must exceed not to be noise or uneven light, which grows with the luminance.
    fn noticeable(&self) -> f64 {
        10.0 + self.luminance / 16.0
    }

    /// Saturated, and not of the tint.
    pub(super) fn is_foreign(&self, tint: &Tint) -> bool {
        let [blue, red] = self.chroma;
        blue.hypot(red) > self.noticeable() && tint.distance(self) > self.noticeable()
    }
}

/// `side × side` samples of a part of a picture, in rows.
pub(super) fn sampled(colors: &Colors, part: Frame, side: usize) -> Vec<Sample> {
    let place = |k: usize, start: f64, share: f64, length: usize| {
        let place = (start + share * (k as f64 + 0.5) / side as f64) * length as f64;
        (place.max(0.0) as usize).min(length - 1)
    };
    let columns: Vec<usize> = (0..side).map(|k| place(k, part.left, part.width, colors.width)).collect();
    let rows = (0..side).map(|k| place(k, part.top, part.height, colors.height));
    rows.flat_map(|y| columns.iter().map(move |x| y * colors.width + x))
        .map(|k| Sample::new(colors.pixels[k]))
        .collect()
}

/// For blue and red: the chroma that grey 0 has, and by how much it grows with the luminance.
#[derive(Clone, Copy, Default)]
pub(super) struct Tint([(f64, f64); 2]);

impl Tint {
    fn distance(&self, sample: &Sample) -> f64 {
        let [blue, red] = [0, 1].map(|k| {
            let (start, slope) = self.0[k];
            sample.chroma[k] - start - slope * sample.luminance
        });
        blue.hypot(red)
    }

    /// The tint of most samples: fitted again and again, each time with little weight for what is far from it.
    pub(super) fn of(samples: &[Sample]) -> Self {
        let mut tint = Self::default();
        let samples: Vec<Sample> = samples.iter().copied().filter(Sample::has_tint).collect();
        if samples.is_empty() {
            return tint;
        }
        let mut weights = vec![1.0; samples.len()];
        for _ in 0..FITS {
            tint = Self::weighted(&samples, &weights);
            for (weight, sample) in weights.iter_mut().zip(&samples) {
                *weight = 1.0 / (1.0 + (tint.distance(sample) / NEAR).powi(2));
            }
        }
        tint
    }

    fn weighted(samples: &[Sample], weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mean = |of: &dyn Fn(&Sample) -> f64| {
            samples.iter().zip(weights).map(|(sample, weight)| weight * of(sample)).sum::<f64>() / total
        };
        let middle = mean(&|sample| sample.luminance);
        // One more than the variance: a film of one grey has no slope.
        let variance = mean(&|sample| (sample.luminance - middle).powi(2)) + 1.0;
        Self([0, 1].map(|k| {
            let level = mean(&|sample| sample.chroma[k]);
            let covariance = mean(&|sample| (sample.luminance - middle) * (sample.chroma[k] - level));
            let slope = covariance / variance;
            let is_cast = (level - slope * middle).abs() < BLACK;
            let steepest = if is_cast { STEEPEST_CAST } else { STEEPEST_TINT };
            let slope = slope.clamp(-steepest, steepest);
            (level - slope * middle, slope)
        }))
    }
}
