//! A convolution as its formula says.
//!
//! The input is copied into rows with a margin of zeros, so that what follows has no edges; for stride 2 the even and
//! the odd columns are laid apart, so that neighbours stay neighbours. For some rows of the output at a time, what
//! each of their columns sees is laid out one below the other, and the rest is a [matrix product](super::product).

use super::super::Conv;
use super::product::{Size, multiply};
use super::{COLUMNS, End, OUTPUTS, Scratch, room, room_for};

/// Columns that are done at a time, at least, where there are as many.
const AT_A_TIME: usize = 64;

/// A convolution with its weights.
pub(super) struct Direct {
    /// For each block of output channels, for each input channel, for each tap, one per output
    /// channel.
    weights: Vec<[f32; OUTPUTS]>,
    inputs: usize,
    outputs: usize,
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
        Self { weights: packed, inputs: conv.inputs, outputs: conv.outputs, rows: Rows::new(conv, side) }
    }

    pub(super) fn run(&self, input: &[f32], end: &End<'_>, scratch: &mut Scratch, output: &mut [f32]) {
        let rows = &self.rows;
        let padded = match rows.is_padded {
            true => {
                let padded = room(&mut scratch.padded, self.inputs * rows.plane);
                rows.pad(input, padded);
                padded
            }
            false => input,
        };
        let depth = self.inputs * rows.taps.len();
        let across = rows.outputs.next_multiple_of(COLUMNS);
        let at_a_time = AT_A_TIME.div_ceil(across).min(rows.outputs);
        for first in (0..rows.outputs).step_by(at_a_time) {
            let count = at_a_time.min(rows.outputs - first);
            let columns = count * across;
            let seen = room(&mut scratch.tiles, columns * depth);
            let mut blocks = seen.chunks_exact_mut(COLUMNS * depth);
            for y in 0..count {
                for (x, seen) in (0..across).step_by(COLUMNS).zip(&mut blocks) {
                    rows.gather(padded, first + y, x, seen);
                }
            }
            let size = Size { blocks: self.outputs.div_ceil(OUTPUTS), depth, columns, apart: 1 };
            let products = room_for(&mut scratch.products, size.products());
            multiply(&self.weights, seen, size, products);
            let products = products.as_flattened();
            for channel in 0..self.outputs {
                for y in 0..count {
                    let line =
                        &mut output[(channel * rows.outputs + first + y) * rows.outputs..][..rows.outputs];
                    end.finish_line(line, &products[channel * columns + y * across..], (channel, first + y));
                }
            }
        }
    }
}

/// How the input lies in memory.
struct Rows {
    stride: usize,
    /// Rows and columns of the input, and of the output.
    side: usize,
    outputs: usize,
    /// From a row to the next.
    row: usize,
    /// From a channel to the next.
    plane: usize,
    /// There is a margin; without one the rows are those of the input.
    is_padded: bool,
    /// For each tap of the kernel, where the input of the first output column lies, relative to the row of its output.
    taps: Vec<usize>,
}

impl Rows {
    fn new(conv: &Conv, side: usize) -> Self {
        let Conv { kernel, stride, .. } = *conv;
        let outputs = conv.output_side(side);
        if kernel == 1 && stride == 1 && side.is_multiple_of(COLUMNS) {
            let plane = side * side;
            return Self { stride, side, outputs, row: side, plane, is_padded: false, taps: vec![0] };
        }
        // A block may read beyond the last column; whole blocks, and two columns for the taps.
        let row = (outputs.next_multiple_of(COLUMNS) + 2) * stride;
        let tap = |dy: usize, dx: usize| match stride {
            1 => dy * row + dx,
            _ => dy * row + dx % 2 * (row / 2) + dx / 2,
        };
        let taps = match kernel {
            // It looks at the middle of the margin of a kernel of 3.
            1 => vec![tap(1, 1)],
            _ => (0..kernel * kernel).map(|k| tap(k / kernel, k % kernel)).collect(),
        };
        Self { stride, side, outputs, row, plane: row * (side + 2), is_padded: true, taps }
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

    /// What a block of columns of row `y` of the output sees: for each channel, for each tap, one per column.
    #[inline(never)]
    fn gather(&self, padded: &[f32], y: usize, x: usize, seen: &mut [f32]) {
        let mut window = y * self.stride * self.row + x;
        let mut seen = seen.as_chunks_mut::<COLUMNS>().0.iter_mut();
        while seen.len() > 0 {
            for (&offset, seen) in self.taps.iter().zip(&mut seen) {
                if let Some(values) = padded[window + offset..].first_chunk::<COLUMNS>() {
                    *seen = *values;
                }
            }
            window += self.plane;
        }
    }
}
