//! What destroys the cues of a source: geometry, contrast, resolution, compression, noise, erased
//! patches. All on a small square plane, of values 0…1.

use libjpeg_turbo_rs::{PixelFormat, Subsampling};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::plane::{Affine, Plane};

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// Largest zoom in or out, as a share.
    pub(crate) scale: f32,
    /// Largest change of the aspect, as a share.
    pub(crate) aspect: f32,
    /// Largest rotation, radians.
    pub(crate) rotation: f32,
    /// Largest shift, as a share of the side.
    pub(crate) shift: f32,
    /// Whether half of the films are mirrored.
    pub(crate) mirror: bool,
}

impl Geometry {
    /// A random map of a square of `side` pixels onto itself, about its centre.
    pub(crate) fn draw(&self, side: usize, rng: &mut ChaCha8Rng) -> Affine {
        let mut symmetric = |limit: f32| rng.random_range(-1.0..=1.0_f32) * limit;
        let scale = symmetric((1.0 + self.scale).ln()).exp();
        let aspect = symmetric((1.0 + self.aspect).ln() / 2.0).exp();
        let angle = symmetric(self.rotation);
        let (dx, dy) = (symmetric(self.shift) * side as f32, symmetric(self.shift) * side as f32);
        let sign = if self.mirror && rng.random_bool(0.5) { -1.0 } else { 1.0 };
        let (sin, cos) = angle.sin_cos();
        let (across, down) = (sign * scale * aspect, scale / aspect);
        let center = side as f32 / 2.0;
        let (xx, xy, yx, yy) = (across * cos, -down * sin, across * sin, down * cos);
        Affine {
            xx,
            xy,
            x0: center + dx - xx * center - xy * center,
            yx,
            yy,
            y0: center + dy - yx * center - yy * center,
        }
    }
}

/// `square` as it would look after being stored at a lower resolution.
pub(crate) fn through_low_resolution(square: Vec<f32>, side: usize, low: usize) -> Vec<f32> {
    let plane = Plane { width: side, height: side, pixels: square };
    let small = plane.warp(&Affine::of_rectangle(0.0, 0.0, side as f32, side as f32, low), low, 0.0);
    let small = Plane { width: low, height: low, pixels: small };
    small.warp(&Affine::of_rectangle(0.0, 0.0, low as f32, low as f32, side), side, 0.0)
}

/// A Gaussian of deviation `sigma` pixels, the edge repeated.
pub(crate) fn blur(square: &[f32], side: usize, sigma: f32) -> Vec<f32> {
    let radius = (2.5 * sigma).ceil() as usize;
    let kernel: Vec<f32> =
        (0..=2 * radius).map(|k| (-0.5 * ((k as f32 - radius as f32) / sigma).powi(2)).exp()).collect();
    let sum: f32 = kernel.iter().sum();
    let along = |input: &[f32], stride: usize, across: usize| {
        let mut output = vec![0.0; input.len()];
        let mut line = vec![0.0; side + 2 * radius];
        for k in 0..side {
            for (i, slot) in line.iter_mut().enumerate() {
                *slot = input[k * across + i.saturating_sub(radius).min(side - 1) * stride];
            }
            for i in 0..side {
                let window = line[i..].iter().zip(&kernel);
                output[k * across + i * stride] =
                    window.map(|(value, weight)| value * weight).sum::<f32>() / sum;
            }
        }
        output
    };
    along(&along(square, 1, side), side, 1)
}

/// What JPEG at `quality` leaves of values 0…1.
pub(crate) fn through_jpeg(square: &[f32], side: usize, quality: u8) -> Option<Vec<f32>> {
    let pixels: Vec<u8> =
        square.iter().map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8).collect();
    let file =
        libjpeg_turbo_rs::compress(&pixels, side, side, PixelFormat::Grayscale, quality, Subsampling::S444)
            .ok()?;
    let image = libjpeg_turbo_rs::decompress_to(&file, PixelFormat::Grayscale).ok()?;
    (image.data.len() == square.len())
        .then(|| image.data.iter().map(|&pixel| f32::from(pixel) / 255.0).collect())
}

/// A smooth random plane of about -1…1: a grid of 4 × 4 values, enlarged.
fn smooth(side: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let grid = Plane { width: 4, height: 4, pixels: (0..16).map(|_| rng.random_range(-1.0..=1.0)).collect() };
    // Between the outer centres, so that nothing is flat at the edge.
    grid.warp(&Affine::of_rectangle(0.5, 0.5, 3.0, 3.0, side), side, 0.0)
}

/// Ranks within the pixels that count, 0…1: what is left when every contrast curve is undone.
pub(crate) fn equalized(square: &[f32], counts: &[bool]) -> Vec<f32> {
    const BINS: usize = 256;
    let bin = |value: f32| ((value * BINS as f32) as usize).min(BINS - 1);
    let mut histogram = [0.0_f32; BINS];
    for (&value, _) in square.iter().zip(counts).filter(|(_, counts)| **counts) {
        histogram[bin(value)] += 1.0;
    }
    let total: f32 = histogram.iter().sum::<f32>().max(1.0);
    let mut before = 0.0;
    let curve: Vec<(f32, f32)> = histogram
        .iter()
        .map(|&count| {
            let start = before / total;
            before += count;
            (start, count / total)
        })
        .collect();
    square
        .iter()
        .map(|&value| {
            let bin = bin(value);
            curve[bin].0 + curve[bin].1 * (value * BINS as f32 - bin as f32).clamp(0.0, 1.0)
        })
        .collect()
}

/// Contrast, smooth shading, equalisation, resolution, blur or sharpening, compression, noise, in
/// the order in which films suffer them. `square` holds 0…1; `counts` are the pixels whose contrast matters.
pub(crate) fn photometric(
    mut square: Vec<f32>,
    counts: &[bool],
    side: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<f32> {
    if rng.random_bool(0.25) {
        let share = rng.random_range(0.0..1.0_f32);
        let equal = equalized(&square, counts);
        square.iter_mut().zip(equal).for_each(|(value, equal)| *value += share * (equal - *value));
    }
    let gamma = rng.random_range(-0.6..=0.6_f32).exp();
    square.iter_mut().for_each(|value| *value = value.max(0.0).powf(gamma));
    if rng.random_bool(0.4) {
        // A sigmoid about a random level: the curve of a film or a display.
        let (level, steep) = (rng.random_range(0.3..0.7_f32), rng.random_range(1.0..6.0_f32));
        let curve = |value: f32| 1.0 / (1.0 + (-steep * (value - level)).exp());
        let (low, high) = (curve(0.0), curve(1.0));
        square.iter_mut().for_each(|value| *value = (curve(*value) - low) / (high - low));
    }
    if rng.random_bool(0.5) {
        let strength = rng.random_range(0.0..0.25_f32);
        let shade = smooth(side, rng);
        square.iter_mut().zip(shade).for_each(|(value, shade)| *value += strength * shade);
    }
    if rng.random_bool(0.35) {
        let low = rng.random_range(side * 2 / 5..side);
        square = through_low_resolution(square, side, low);
    }
    if rng.random_bool(0.3) {
        let sigma = rng.random_range(0.4..1.3_f32);
        square = blur(&square, side, sigma);
    } else if rng.random_bool(0.3) {
        let amount = rng.random_range(0.3..1.5_f32);
        let soft = blur(&square, side, 1.2);
        square.iter_mut().zip(soft).for_each(|(value, soft)| *value += amount * (*value - soft));
    }
    if rng.random_bool(0.4) {
        let deviation = rng.random_range(0.0..0.06_f32);
        for value in &mut square {
            let noise: f32 = StandardNormal.sample(rng);
            *value += deviation * noise;
        }
    }
    if rng.random_bool(0.3) {
        let quality = rng.random_range(25..=90);
        square = through_jpeg(&square, side, quality).unwrap_or(square);
    }
    square
}

/// Up to three rectangles set to a value near the middle.
pub(crate) fn erase(square: &mut [f32], side: usize, rng: &mut ChaCha8Rng) {
    if !rng.random_bool(0.5) {
        return;
    }
    for _ in 0..rng.random_range(1..=3) {
        let mut length = || rng.random_range(side / 16..=side / 3);
        let (width, height) = (length(), length());
        let (left, top) = (rng.random_range(0..side - width), rng.random_range(0..side - height));
        let value = rng.random_range(-1.0..1.0_f32);
        for row in square.chunks_exact_mut(side).skip(top).take(height) {
            row[left..left + width].fill(value);
        }
    }
}
