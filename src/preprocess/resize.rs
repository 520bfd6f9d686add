//! scikit-image's `resize(order=1, mode="reflect", anti_aliasing=True)` in one separable pass.
//!
//! There it is a Gaussian filter (σ = (factor − 1) / 2 on every axis that shrinks, truncated at
//! 4 σ, boundary mirrored about the edge pixel's centre) followed by linear interpolation at
//! (o + ½) · factor − ½. Both are linear and separable, so each output row and column is one
//! weighted sum of input rows or columns: the filtered image, of which most would be thrown away,
//! is never made. Sums are f64, so that the result differs from scikit-image's by rounding alone.

use multiversion::multiversion;

use crate::radiograph::{Radiograph, Samples};

/// The film at `width × height`, on the scale 0…1 of its samples, row-major.
pub(crate) fn resize(film: &Radiograph, width: usize, height: usize) -> Vec<f64> {
    let columns = Axis::new(film.width, width);
    let rows = Axis::new(film.height, height);
    let (low, high) = film.samples.range();
    let mut plane = match &film.samples {
        Samples::U8(samples) => separable(samples, film.width, &rows, &columns),
        Samples::U16(samples) => separable(samples, film.width, &rows, &columns),
        Samples::F64(samples) => separable(samples, film.width, &rows, &columns),
    };
    // scikit-image clips to the input's range too: without it a flat film would be rounding noise.
    let full_scale = film.samples.full_scale();
    plane.chunks_mut(width).for_each(|row| clip(row, (low, high), full_scale));
    plane
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn clip(row: &mut [f64], (low, high): (f64, f64), full_scale: f64) {
    row.iter_mut().for_each(|value| *value = value.clamp(low, high) / full_scale);
}

/// For each output index, the run of input indices it sees and their weights.
struct Axis {
    /// First input index of each output.
    starts: Vec<usize>,
    /// `taps` weights per output, zero-padded.
    weights: Vec<f64>,
    taps: usize,
}

impl Axis {
    fn new(input: usize, output: usize) -> Self {
        let factor = input as f64 / output as f64;
        let kernel = gaussian(((factor - 1.0) / 2.0).max(0.0));
        let mut taps_seen = Vec::with_capacity(2 * kernel.len());
        let center = |o: usize| (o as f64 + 0.5) * factor - 0.5;
        let runs: Vec<(usize, Vec<f64>)> =
            (0..output).map(|o| run(center(o), input, &kernel, &mut taps_seen)).collect();
        let taps = runs.iter().map(|(_, run)| run.len()).max().unwrap_or(1);
        let mut starts = Vec::with_capacity(output);
        let mut weights = vec![0.0; output * taps];
        for (o, (first, run)) in runs.iter().enumerate() {
            // Every run has the same length, so that the loops are simple: shift it back from
            // the far edge where it would leave the input.
            let start = (*first).min(input - taps);
            starts.push(start);
            let shift = o * taps + first - start;
            weights[shift..shift + run.len()].copy_from_slice(run);
        }
        Self { starts, weights, taps }
    }

    fn of(&self, output: usize) -> (usize, &[f64]) {
        (self.starts[output], &self.weights[output * self.taps..][..self.taps])
    }
}

/// The first input index that an output sees, whose centre lies there, and the weights from it on. A function of its own, as
/// those below: a browser compiles one well once it has been called often.
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn run(center: f64, input: usize, kernel: &[f64], taps_seen: &mut Vec<(usize, f64)>) -> (usize, Vec<f64>) {
    let radius = (kernel.len() / 2) as isize;
    let base = center.floor();
    let fraction = center - base;
    // Mirrored taps may fall on the same input twice: add them up.
    taps_seen.clear();
    for (offset, share) in [(0, 1.0 - fraction), (1, fraction)] {
        if share == 0.0 {
            continue;
        }
        let pixel = mirror(base as isize + offset, input) as isize;
        for (k, weight) in kernel.iter().enumerate() {
            taps_seen.push((mirror(pixel + k as isize - radius, input), share * weight));
        }
    }
    let first = taps_seen.iter().map(|tap| tap.0).min().unwrap_or(0);
    let last = taps_seen.iter().map(|tap| tap.0).max().unwrap_or(0);
    let mut run = vec![0.0; last - first + 1];
    for &(index, weight) in taps_seen.iter() {
        run[index - first] += weight;
    }
    (first, run)
}

/// SciPy's Gaussian kernel of order 0, truncated at 4 σ; a single 1 for σ = 0.
fn gaussian(sigma: f64) -> Vec<f64> {
    if sigma <= 1e-15 {
        return vec![1.0];
    }
    let radius = (4.0 * sigma + 0.5) as i64;
    let weight = |x: i64| (-0.5 / (sigma * sigma) * (x * x) as f64).exp();
    let mut kernel: Vec<f64> = (-radius..=radius).map(weight).collect();
    let sum: f64 = kernel.iter().sum();
    kernel.iter_mut().for_each(|weight| *weight /= sum);
    kernel
}

/// NumPy's "reflect", SciPy's "mirror": … 2 1 0 1 2 … about the centre of the edge pixel.
fn mirror(index: isize, length: usize) -> usize {
    if length == 1 {
        return 0;
    }
    let last = length as isize - 1;
    let folded = index.rem_euclid(2 * last);
    (if folded > last { 2 * last - folded } else { folded }) as usize
}

/// Rows of the output that are made at a time.
const ROWS: usize = 8;

/// Columns of the input that are done at a time: what is between stays in the nearest cache.
const STRIP: usize = 64;

fn separable<T: Copy + Into<f64>>(samples: &[T], stride: usize, rows: &Axis, columns: &Axis) -> Vec<f64> {
    let (width, taps) = (columns.starts.len(), rows.taps);
    let mut strip = Vec::new();
    let mut lines = vec![0.0_f64; ROWS * stride];
    let mut plane = vec![0.0; rows.starts.len() * width];
    for (starts, (weights, output)) in
        rows.starts.chunks(ROWS).zip(rows.weights.chunks(ROWS * taps).zip(plane.chunks_mut(ROWS * width)))
    {
        let top = starts.iter().copied().min().unwrap_or(0);
        let bottom = starts.iter().copied().max().unwrap_or(0) + taps;
        strip.resize((bottom - top) * STRIP, 0.0);
        for left in (0..stride).step_by(STRIP) {
            let count = STRIP.min(stride - left);
            widen(&samples[top * stride + left..], stride, count, &mut strip);
            let rows = starts.iter().zip(weights.chunks_exact(taps)).zip(lines.chunks_exact_mut(stride));
            for ((start, weights), line) in rows {
                weighted_rows(&strip[(start - top) * STRIP..], weights, &mut line[left..left + count]);
            }
        }
        for (line, output) in lines.chunks_exact(stride).zip(output.chunks_exact_mut(width)) {
            weighted_columns(line, columns, output);
        }
    }
    plane
}

/// The first `count` samples of each row, in rows of a strip.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn widen<T: Copy + Into<f64>>(samples: &[T], stride: usize, count: usize, strip: &mut [f64]) {
    for (row, samples) in strip.chunks_exact_mut(STRIP).zip(samples.chunks(stride)) {
        row.iter_mut().zip(&samples[..count]).for_each(|(slot, &sample)| *slot = sample.into());
    }
}

/// `line` = the weighted sum of rows of a strip.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn weighted_rows(strip: &[f64], weights: &[f64], line: &mut [f64]) {
    /// Columns whose sums stay in registers while the rows are added.
    const LANES: usize = if cfg!(target_arch = "wasm32") { 16 } else { 32 };
    for (block, line) in line.chunks_mut(LANES).enumerate() {
        let mut sums = [0.0; LANES];
        for (row, &weight) in strip.chunks_exact(STRIP).zip(weights) {
            let row = &row[block * LANES..][..LANES];
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
        line.copy_from_slice(&sums[..line.len()]);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn weighted_columns(line: &[f64], columns: &Axis, output: &mut [f64]) {
    for (x, output) in output.iter_mut().enumerate() {
        let (left, weights) = columns.of(x);
        let window = &line[left..left + weights.len()];
        // Four sums at once, added at the end.
        let mut sums = [0.0; 4];
        let (values, value_rest) = window.as_chunks::<4>();
        let (weights, weight_rest) = weights.as_chunks::<4>();
        for (value, weight) in values.iter().zip(weights) {
            for (sum, (value, weight)) in sums.iter_mut().zip(value.iter().zip(weight)) {
                *sum += value * weight;
            }
        }
        let rest: f64 = value_rest.iter().zip(weight_rest).map(|(value, weight)| value * weight).sum();
        *output = sums[0] + sums[1] + sums[2] + sums[3] + rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn film(width: usize, height: usize, samples: Vec<f64>) -> Radiograph {
        Radiograph::drawn(width, height, Samples::F64(samples))
    }

    /// Filter the whole film, then interpolate: SciPy's two steps, written as they read.
    fn naive(film: &Radiograph, width: usize, height: usize) -> Vec<f64> {
        let Samples::F64(samples) = &film.samples else { unreachable!() };
        let (sx, sy) = (film.width as f64 / width as f64, film.height as f64 / height as f64);
        let at = |plane: &[f64], y: isize, x: isize| {
            plane[mirror(y, film.height) * film.width + mirror(x, film.width)]
        };
        let filter = |plane: &[f64], kernel: &[f64], vertical: bool| {
            let radius = (kernel.len() / 2) as isize;
            let mut out = Vec::new();
            for y in 0..film.height as isize {
                for x in 0..film.width as isize {
                    let tap = |(k, w): (usize, &f64)| {
                        let d = k as isize - radius;
                        w * if vertical { at(plane, y + d, x) } else { at(plane, y, x + d) }
                    };
                    out.push(kernel.iter().enumerate().map(tap).sum::<f64>());
                }
            }
            out
        };
        let smooth = filter(samples, &gaussian(((sy - 1.0) / 2.0).max(0.0)), true);
        let smooth = filter(&smooth, &gaussian(((sx - 1.0) / 2.0).max(0.0)), false);
        let mut out = Vec::new();
        for o in 0..height {
            for p in 0..width {
                let (cy, cx) = ((o as f64 + 0.5) * sy - 0.5, (p as f64 + 0.5) * sx - 0.5);
                let (fy, fx) = (cy - cy.floor(), cx - cx.floor());
                let (y, x) = (cy.floor() as isize, cx.floor() as isize);
                out.push(
                    (1.0 - fy) * ((1.0 - fx) * at(&smooth, y, x) + fx * at(&smooth, y, x + 1))
                        + fy * ((1.0 - fx) * at(&smooth, y + 1, x) + fx * at(&smooth, y + 1, x + 1)),
                );
            }
        }
        out
    }

    proptest! {
        #[test]
        fn equals_filter_then_interpolate(
            (width, height, samples) in (prop_oneof![1_usize..40, 60_usize..140], 1_usize..40).prop_flat_map(|(w, h)| {
                (Just(w), Just(h), proptest::collection::vec(0.0_f64..1.0, w * h))
            }),
            out_width in 1_usize..24, out_height in 1_usize..24,
        ) {
            let film = film(width, height, samples);
            let fast = resize(&film, out_width, out_height);
            for (a, b) in fast.iter().zip(naive(&film, out_width, out_height)) {
                prop_assert!((a - b).abs() < 1e-12, "{a} {b}");
            }
        }
    }

    #[test]
    fn same_size_is_the_identity() {
        let samples: Vec<f64> = (0..20).map(|k| f64::from(k) / 19.0).collect();
        assert_eq!(resize(&film(5, 4, samples.clone()), 5, 4), samples);
    }
}
