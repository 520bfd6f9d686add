//! Augmentation that destroys the cues of a source: geometry, contrast, resolution, compression, noise and erased
//! patches. It works on small square planes of values 0…1.

use covid_classifier::plane::{Affine, Plane};
use libjpeg_turbo_rs::{PixelFormat, Subsampling};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::draw::{Area, Canvas};
use crate::enhance::Enhancement;
use crate::marks::MARKS;

/// The strength of geometric augmentation.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// Largest zoom in or out, as a share.
    pub scale: f32,
    /// Largest change of the aspect, as a share.
    pub aspect: f32,
    /// Largest rotation, radians.
    pub rotation: f32,
    /// Largest shift, as a share of the side.
    pub shift: f32,
    /// Whether half of the films are mirrored.
    pub mirror: bool,
}

impl Placement {
    /// A random map of a square of `side` pixels onto itself, about its centre.
    pub fn draw(&self, side: usize, rng: &mut ChaCha8Rng) -> Affine {
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

/// `square` as it would look after storage at a side of `low` pixels.
pub fn through_low_resolution(square: Vec<f32>, side: usize, low: usize) -> Vec<f32> {
    let plane = Plane { width: side, height: side, pixels: square };
    let small = plane.warp(&Affine::of_rectangle(0.0, 0.0, side as f32, side as f32, low), low, 0.0);
    let small = Plane { width: low, height: low, pixels: small };
    small.warp(&Affine::of_rectangle(0.0, 0.0, low as f32, low as f32, side), side, 0.0)
}

/// A Gaussian of deviation `sigma` pixels, the edge repeated.
pub fn blur(square: &[f32], side: usize, sigma: f32) -> Vec<f32> {
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

/// Values 0…1 after JPEG compression at `quality`.
pub fn through_jpeg(square: &[f32], side: usize, quality: u8) -> Option<Vec<f32>> {
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
    // Between the outer centres, so that the edge is not flat.
    grid.warp(&Affine::of_rectangle(0.5, 0.5, 3.0, 3.0, side), side, 0.0)
}

/// Ranks among the pixels that count, 0…1. They do not depend on any contrast curve.
pub fn equalized(square: &[f32], counts: &[bool]) -> Vec<f32> {
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

/// Contrast, smooth shading, equalisation, resolution, blur or sharpening, compression and noise, in the order in which
/// they happen to films. `square` holds 0…1; `counts` marks the pixels whose contrast matters.
pub fn photometric(mut square: Vec<f32>, counts: &[bool], side: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
    if rng.random_bool(0.25) {
        let share = rng.random_range(0.0..1.0_f32);
        let equal = equalized(&square, counts);
        square.iter_mut().zip(equal).for_each(|(value, equal)| *value += share * (equal - *value));
    }
    let gamma = rng.random_range(-0.6..=0.6_f32).exp();
    square.iter_mut().for_each(|value| *value = value.max(0.0).powf(gamma));
    if rng.random_bool(0.4) {
        // A sigmoid around a random level: the curve of a film or a display.
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

/// Enhances the contrast of `square`, a part of a film with values 0…1, as some program might. CLAHE has at most
/// `tiles` tiles per side.
pub fn enhanced(square: &[f32], side: usize, tiles: usize, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let enhancement = match rng.random_range(0..10) {
        0..7 => Enhancement::Clahe {
            clip: rng.random_range(-0.4..1.8_f32).exp(),
            tiles: rng.random_range(3..=tiles),
        },
        7 => Enhancement::Equalize,
        8 => Enhancement::Window(rng.random_range(0.0..0.15), rng.random_range(0.8..1.0)),
        _ => {
            Enhancement::Sharpen { radius: rng.random_range(0.005..0.03), amount: rng.random_range(0.5..2.5) }
        }
    };
    enhancement.apply_to_square(square, side)
}

/// Draws one to three marks or devices over a square of values 0…1.
pub fn mark(square: &mut [f32], side: usize, rng: &mut ChaCha8Rng) {
    let area = Area { left: 0.0, top: 0.0, width: side as f32, height: side as f32 };
    for _ in 0..rng.random_range(1..=3) {
        let mark = MARKS[rng.random_range(0..MARKS.len())];
        mark.draw(&mut Canvas::new(square, side), area, rng);
    }
}

/// Sets up to three rectangles to a value near the middle.
pub fn erase(square: &mut [f32], side: usize, rng: &mut ChaCha8Rng) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::negatives::generator;

    const SIDE: usize = 64;

    fn picture() -> Vec<f32> {
        (0..SIDE * SIDE)
            .map(|k| ((k % SIDE) as f32 / 9.0).sin() * 0.3 + (k / SIDE) as f32 / 160.0 + 0.3)
            .collect()
    }

    fn mean_difference(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / a.len() as f32
    }

    #[test]
    fn a_placement_stays_within_its_limits() {
        let limits = Placement { scale: 0.2, aspect: 0.1, rotation: 0.3, shift: 0.05, mirror: true };
        let mut mirrored = 0;
        for k in 0..400 {
            let affine = limits.draw(SIDE, &mut generator(1, k));
            let (x, y) = affine.apply(SIDE as f32 / 2.0, SIDE as f32 / 2.0);
            assert!(
                (x - 32.0).abs() <= 0.05 * 64.0 + 1e-3 && (y - 32.0).abs() <= 0.05 * 64.0 + 1e-3,
                "{x} {y}"
            );
            // The area that a pixel covers: the square of the scale, negative when mirrored.
            let area = affine.xx * affine.yy - affine.xy * affine.yx;
            assert!((1.0 / 1.45..=1.45).contains(&area.abs()), "{area}");
            assert!((affine.yx / affine.xx).abs() <= 0.3_f32.tan() + 1e-3);
            mirrored += usize::from(area < 0.0);
        }
        assert!((150..250).contains(&mirrored), "half of the films are mirrored, not {mirrored} of 400");
        let still = Placement { scale: 0.0, aspect: 0.0, rotation: 0.0, shift: 0.0, mirror: false };
        let (x, y) = still.draw(SIDE, &mut generator(1, 1)).apply(7.0, 9.0);
        assert!((x - 7.0).abs() < 1e-4 && (y - 9.0).abs() < 1e-4);
    }

    #[test]
    fn what_a_scanner_or_a_file_does_changes_a_picture_a_little() {
        let picture = picture();
        let blurred = blur(&picture, SIDE, 1.0);
        let low = through_low_resolution(picture.clone(), SIDE, 32);
        let jpeg = through_jpeg(&picture, SIDE, 60).unwrap();
        for changed in [&blurred, &low, &jpeg] {
            let difference = mean_difference(&picture, changed);
            assert!(difference > 1e-4 && difference < 0.03, "{difference}");
        }
        // A blur keeps the mean and reduces the contrast.
        let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
        assert!((mean(&blurred) - mean(&picture)).abs() < 2e-3);
        assert_eq!(blur(&[0.25; 64], 8, 1.3), [0.25; 64].map(|value: f32| value));
    }

    #[test]
    fn equalised_values_are_ranks() {
        let counts = vec![true; SIDE * SIDE];
        let equal = equalized(&picture(), &counts);
        let below =
            |level: f32| equal.iter().filter(|value| **value < level).count() as f32 / equal.len() as f32;
        for level in [0.1, 0.5, 0.9] {
            assert!((below(level) - level).abs() < 0.02, "{level}: {}", below(level));
        }
    }

    #[test]
    fn the_same_seed_is_the_same_picture() {
        let counts = vec![true; SIDE * SIDE];
        let draw = |seed| {
            let mut rng = generator(seed, 0);
            let mut square = photometric(picture(), &counts, SIDE, &mut rng);
            erase(&mut square, SIDE, &mut rng);
            square
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
        assert!(draw(3).iter().all(|value| value.is_finite()));
    }

    #[test]
    fn what_is_erased_is_flat_and_no_more_than_a_third_across() {
        let erased = (0..40).map(|seed| {
            let mut square = vec![9.0; SIDE * SIDE];
            erase(&mut square, SIDE, &mut generator(seed, 0));
            square.iter().filter(|value| **value != 9.0).count()
        });
        let erased: Vec<usize> = erased.collect();
        let none = erased.iter().filter(|count| **count == 0).count();
        assert!((8..32).contains(&none), "about half stay whole, not {none} of 40");
        assert!(erased.iter().all(|count| *count <= 3 * (SIDE / 3).pow(2)));
    }
}
