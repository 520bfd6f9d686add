//! A convolution as its formula says.
//!
//! The input is copied into rows with a margin of zeros, so that the inner loop has no edges; for
//! stride 2 the even and the odd columns are laid apart, so that neighbours stay neighbours. Then a
//! block of [`OUTPUTS`] channels by [`COLUMNS`] columns is summed in registers over all input
//! channels and taps.

use multiversion::multiversion;

use super::super::Conv;
use super::{COLUMNS, End, OUTPUTS, Scratch, room};

/// A convolution with its weights.
pub(super) struct Direct {
    /// For each block of output channels, for each input channel, for each tap, one per output
    /// channel.
    weights: Vec<[f32; OUTPUTS]>,
    inputs: usize,
    rows: Rows,
}

impl Direct {
    pub(super) fn new(conv: &Conv, side: usize, weights: &[f32]) -> Self {
        let taps = conv.kernel * conv.kernel;
        let mut packed = Vec::with_capacity(weights.len().div_ceil(OUTPUTS));
        for block in (0..conv.outputs).step_by(OUTPUTS) {
            for k in 0..conv.inputs * taps {
                let of = |output: usize| match output < conv.outputs {
                    true => weights[output * conv.inputs * taps + k],
                    false => 0.0,
                };
                packed.push(std::array::from_fn(|lane| of(block + lane)));
            }
        }
        Self { weights: packed, inputs: conv.inputs, rows: Rows::new(conv, side) }
    }

    pub(super) fn run(&self, input: &[f32], end: &End<'_>, scratch: &mut Scratch, output: &mut [f32]) {
        let padded = room(&mut scratch.padded, self.inputs * self.rows.plane);
        self.rows.pad(input, padded);
        convolve(padded, &self.rows, self.inputs, &self.weights, end, output);
    }
}

/// How the input lies in memory.
struct Rows {
    kernel: usize,
    stride: usize,
    /// Rows and columns of the input, and of the output.
    side: usize,
    outputs: usize,
    /// From a padded row to the next.
    row: usize,
    /// From a channel to the next.
    plane: usize,
}

impl Rows {
    fn new(conv: &Conv, side: usize) -> Self {
        let outputs = conv.output_side(side);
        // A block may read beyond the last column; whole blocks, and two columns for the taps.
        let half = outputs.next_multiple_of(COLUMNS) + 2;
        let row = half * conv.stride;
        Self { kernel: conv.kernel, stride: conv.stride, side, outputs, row, plane: row * (side + 2) }
    }

    /// Where the input of a tap of the first output column lies, relative to the padded row of its
    /// output.
    fn tap(&self, dy: usize, dx: usize) -> usize {
        // A kernel of 1 looks at the middle of the margin of a kernel of 3.
        let (dy, dx) = if self.kernel == 1 { (1, 1) } else { (dy, dx) };
        match self.stride {
            1 => dy * self.row + dx,
            _ => dy * self.row + dx % 2 * (self.row / 2) + dx / 2,
        }
    }

    fn pad(&self, values: &[f32], padded: &mut [f32]) {
        padded.fill(0.0);
        let planes = values.chunks_exact(self.side * self.side).zip(padded.chunks_exact_mut(self.plane));
        for (plane, padded) in planes {
            let rows = padded.chunks_exact_mut(self.row).skip(1);
            for (line, padded) in plane.chunks_exact(self.side).zip(rows) {
                if self.stride == 1 {
                    padded[1..=self.side].copy_from_slice(line);
                } else {
                    // Column x of the input is column x + 1 of the padded row.
                    let (even, odd) = padded.split_at_mut(self.row / 2);
                    odd.iter_mut().zip(line.iter().step_by(2)).for_each(|(slot, value)| *slot = *value);
                    let others = line.iter().skip(1).step_by(2);
                    even[1..].iter_mut().zip(others).for_each(|(slot, value)| *slot = *value);
                }
            }
        }
    }
}

fn convolve(
    padded: &[f32],
    rows: &Rows,
    inputs: usize,
    weights: &[[f32; OUTPUTS]],
    end: &End<'_>,
    output: &mut [f32],
) {
    let taps = rows.kernel * rows.kernel;
    let mut offsets = [0; 9];
    for (k, offset) in offsets[..taps].iter_mut().enumerate() {
        *offset = rows.tap(k / rows.kernel, k % rows.kernel);
    }
    let planes = output.chunks_mut(OUTPUTS * rows.outputs * rows.outputs);
    for (block, (weights, output)) in weights.chunks_exact(inputs * taps).zip(planes).enumerate() {
        convolve_block(padded, rows, &offsets[..taps], weights, end, block * OUTPUTS, output);
    }
}

/// A block of output channels, the first of which is `first`. A call each, and never a part of the
/// caller: WebAssembly's fast code for a function comes with a later call.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn convolve_block(
    padded: &[f32],
    rows: &Rows,
    offsets: &[usize],
    weights: &[[f32; OUTPUTS]],
    end: &End<'_>,
    first: usize,
    output: &mut [f32],
) {
    let side = rows.outputs;
    let floor = end.floor();
    for y in 0..side {
        for x in (0..side).step_by(COLUMNS) {
            let mut sums = [[0.0_f32; COLUMNS]; OUTPUTS];
            let start = y * rows.stride * rows.row + x;
            let planes = padded.chunks_exact(rows.plane).zip(weights.chunks_exact(offsets.len()));
            for (plane, weights) in planes {
                let window = &plane[start..];
                for (&offset, weights) in offsets.iter().zip(weights) {
                    let Some(values) = window[offset..].first_chunk::<COLUMNS>() else { continue };
                    for lane in 0..OUTPUTS {
                        for column in 0..COLUMNS {
                            sums[lane][column] += weights[lane] * values[column];
                        }
                    }
                }
            }
            let columns = COLUMNS.min(side - x);
            for ((lane, plane), mut sums) in output.chunks_exact_mut(side * side).enumerate().zip(sums) {
                let channel = first + lane;
                end.add_residual(&mut sums[..columns], (channel, y, x), side);
                let bias = end.bias[channel];
                let line = &mut plane[y * side + x..][..columns];
                line.iter_mut().zip(sums).for_each(|(slot, sum)| *slot = End::clip(floor, sum + bias));
            }
        }
    }
}
