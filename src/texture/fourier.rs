//! The Fourier block: magnitude of the shifted two-dimensional spectrum, columns 257 … 384.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use crate::preprocess::SIDE;

/// The shifted spectrum has frequency zero in column 256; the authors' columns `YC` up to
/// `floor(3 · YC / 2)` with `YC = floor(512 / 2) + 1` are the horizontal frequencies 1 … 128.
const FREQUENCIES: std::ops::Range<usize> = 1..129;

/// A Fourier transform of 512 × 512, planned once, with its buffers.
pub(super) struct Fourier {
    fft: Arc<dyn Fft<f64>>,
    spectrum: Vec<Complex<f64>>,
    magnitude: Vec<f64>,
}

impl Default for Fourier {
    fn default() -> Self {
        let fft = FftPlanner::new().plan_fft_forward(SIDE);
        Self { fft, spectrum: Vec::new(), magnitude: Vec::new() }
    }
}

impl Fourier {
    /// The magnitudes at horizontal frequencies 1 … 128 and all vertical ones, column by column
    /// (the statistics do not see the order).
    pub(super) fn magnitude(&mut self, unit: &[f64]) -> &[f64] {
        self.spectrum.resize(FREQUENCIES.len() * SIDE, Complex::default());
        let spectrum = &mut self.spectrum;
        let mut scratch = vec![Complex::default(); self.fft.get_inplace_scratch_len()];
        let mut line = vec![Complex::default(); SIDE];
        // Two real rows in one complex transform, separated by symmetry.
        for (pair, rows) in unit.chunks_exact(2 * SIDE).enumerate() {
            let (even, odd) = rows.split_at(SIDE);
            join(even, odd, &mut line);
            self.fft.process_with_scratch(&mut line, &mut scratch);
            separate(&line, &mut spectrum[2 * pair..]);
        }
        self.fft.process_with_scratch(spectrum, &mut scratch);
        self.magnitude.clear();
        spectrum.chunks_exact(SIDE).for_each(|line| add_magnitudes(line, &mut self.magnitude));
        &self.magnitude
    }
}

// Functions of their own: a browser compiles them well once they have been called a few times.

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn join(even: &[f64], odd: &[f64], line: &mut [Complex<f64>]) {
    for ((slot, &re), &im) in line.iter_mut().zip(even).zip(odd) {
        *slot = Complex::new(re, im);
    }
}

/// The spectra of two rows, into neighbouring places of the columns that begin every [`SIDE`] places.
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn separate(line: &[Complex<f64>], spectrum: &mut [Complex<f64>]) {
    for (column, frequency) in FREQUENCIES.enumerate() {
        let (a, b) = (line[frequency], line[SIDE - frequency].conj());
        let sum = (a + b) * 0.5;
        let difference = (a - b) * 0.5;
        spectrum[column * SIDE] = sum;
        spectrum[column * SIDE + 1] = Complex::new(difference.im, -difference.re);
    }
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn add_magnitudes(line: &[Complex<f64>], magnitudes: &mut Vec<f64>) {
    magnitudes.extend(line.iter().map(|value| (value.re * value.re + value.im * value.im).sqrt()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_definition() {
        // A pattern without symmetry; the sum is computed at a few frequencies as it is written.
        let unit: Vec<f64> = (0..SIDE * SIDE).map(|k| ((k * k) % 1009) as f64 / 1008.0).collect();
        let mut fourier = Fourier::default();
        let fast = fourier.magnitude(&unit);
        for (v, u) in [(0, 1), (3, 1), (511, 128), (256, 77)] {
            let mut sum = Complex::new(0.0, 0.0);
            for y in 0..SIDE {
                for x in 0..SIDE {
                    let turns = ((v * y + u * x) % SIDE) as f64 / SIDE as f64;
                    let angle = -std::f64::consts::TAU * turns;
                    sum += Complex::from_polar(unit[y * SIDE + x], angle);
                }
            }
            let fast = fast[(u - 1) * SIDE + v];
            assert!((fast - sum.norm()).abs() < 1e-8, "({v}, {u}): {fast} {}", sum.norm());
        }
    }
}
