//! A 3 × 3 convolution of stride 1 with 16 multiplications where the formula has 36: F(2 × 2, 3 × 3)
//! of Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016.
//!
//! The output falls into tiles of 2 × 2 pixels. Each needs 4 × 4 pixels d of the input, and with the
//! kernel g it is Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A; summed over input channels, the product in the middle is
//! a matrix product for each of the 16 places. Some rows of tiles are done at a time, so that what is
//! between stays in the nearest cache.

use multiversion::multiversion;

use super::super::Conv;
use super::{COLUMNS, End, OUTPUTS, Scratch, room};

/// Places of a tile.
const PLACES: usize = 16;
/// Tiles that are done at a time, at least, where there are as many.
const AT_A_TIME: usize = 16;

type Four = [f32; 4];

#[inline(always)]
fn add(a: Four, b: Four) -> Four {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
}

#[inline(always)]
fn sub(a: Four, b: Four) -> Four {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]]
}

/// A convolution with its weights.
pub(super) struct Winograd {
    /// For each place, for each block of output channels, for each input channel: one per output
    /// channel.
    weights: Vec<[f32; OUTPUTS]>,
    shape: Shape,
}

struct Shape {
    inputs: usize,
    outputs: usize,
    side: usize,
    /// Tiles in a row, and rows of tiles.
    across: usize,
    /// Rows of tiles that are done at a time.
    rows: usize,
    /// Their tiles, and more to fill the last block of columns.
    tiles: usize,
}

impl Shape {
    /// Blocks of output channels.
    fn blocks(&self) -> usize {
        self.outputs.div_ceil(OUTPUTS)
    }

    /// From a padded row to the next: even columns, then odd ones.
    fn row(&self) -> usize {
        2 * (self.across + 1)
    }

    /// From a padded channel to the next.
    fn plane(&self) -> usize {
        self.row() * (self.side + 2)
    }
}

/// G g Gᵀ.
fn transform_kernel(kernel: &[f32]) -> [f32; PLACES] {
    let along = |[a, b, c]: [f32; 3]| [a, 0.5 * (a + b + c), 0.5 * (a - b + c), c];
    let columns = [0, 1, 2].map(|k| along([kernel[k], kernel[3 + k], kernel[6 + k]]));
    let mut places = [0.0; PLACES];
    for (row, places) in places.chunks_exact_mut(4).enumerate() {
        places.copy_from_slice(&along(columns.map(|column| column[row])));
    }
    places
}

impl Winograd {
    /// Whether a convolution of a `side` × `side` input can go this way.
    pub(super) fn fits(conv: &Conv, side: usize) -> bool {
        conv.kernel == 3 && conv.stride == 1 && side.is_multiple_of(2)
    }

    pub(super) fn new(conv: &Conv, side: usize, weights: &[f32]) -> Self {
        let across = side / 2;
        let rows = AT_A_TIME.div_ceil(across).min(across);
        let tiles = (rows * across).next_multiple_of(COLUMNS);
        let shape = Shape { inputs: conv.inputs, outputs: conv.outputs, side, across, rows, tiles };
        let mut packed = vec![[0.0; OUTPUTS]; PLACES * shape.blocks() * conv.inputs];
        for (k, kernel) in weights.chunks_exact(9).enumerate() {
            let (output, input) = (k / conv.inputs, k % conv.inputs);
            for (place, weight) in transform_kernel(kernel).into_iter().enumerate() {
                let block = place * shape.blocks() + output / OUTPUTS;
                packed[block * conv.inputs + input][output % OUTPUTS] = weight;
            }
        }
        Self { weights: packed, shape }
    }

    pub(super) fn run(&self, input: &[f32], end: &End<'_>, scratch: &mut Scratch, output: &mut [f32]) {
        let shape = &self.shape;
        let (inputs, outputs) = (shape.inputs * shape.tiles, shape.blocks() * OUTPUTS * shape.tiles);
        let padded = room(&mut scratch.padded, shape.inputs * shape.plane());
        pad(input, shape, padded);
        let tiles = room(&mut scratch.tiles, PLACES * inputs);
        // The last tiles of a row are read in fours, beyond their end.
        let products = room(&mut scratch.products, PLACES * outputs + 4);
        let lines = scratch.lines.each_mut().map(|line| room(line, shape.across.div_ceil(4)));
        let [a, b, c, d] = lines;
        for first in (0..shape.across).step_by(shape.rows) {
            let rows = first..shape.across.min(first + shape.rows);
            transform_input(padded, shape, rows.clone(), tiles);
            let weights = self.weights.chunks_exact(shape.blocks() * shape.inputs);
            let places = tiles.chunks_exact(inputs).zip(products.chunks_exact_mut(outputs));
            for ((tiles, products), weights) in places.zip(weights) {
                multiply(tiles, weights, shape, products);
            }
            transform_output(products, shape, rows, end, [&mut *a, &mut *b, &mut *c, &mut *d], output);
        }
    }
}

/// Lays even and odd columns apart, with a margin of zeros.
fn pad(values: &[f32], shape: &Shape, padded: &mut [f32]) {
    let (side, half) = (shape.side, shape.row() / 2);
    let planes = values.chunks_exact(side * side).zip(padded.chunks_exact_mut(shape.plane()));
    for (plane, padded) in planes {
        let (top, rest) = padded.split_at_mut(shape.row());
        let (middle, bottom) = rest.split_at_mut(shape.row() * side);
        top.fill(0.0);
        bottom.fill(0.0);
        for (line, padded) in plane.chunks_exact(side).zip(middle.chunks_exact_mut(shape.row())) {
            // Column x of the input is column x + 1 of the padded row.
            let (even, odd) = padded.split_at_mut(half);
            even[0] = 0.0;
            odd[half - 1] = 0.0;
            let pairs = line.as_chunks::<2>().0;
            let (even, odd) = (&mut even[1..][..pairs.len()], &mut odd[..pairs.len()]);
            for k in 0..pairs.len() {
                [odd[k], even[k]] = pairs[k];
            }
        }
    }
}

/// Bᵀ d B of some rows of tiles: for each place, for each block of columns, for each channel.
#[allow(clippy::needless_range_loop)] // One number goes through sixteen slices.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn transform_input(padded: &[f32], shape: &Shape, rows: std::ops::Range<usize>, tiles: &mut [f32]) {
    let (across, row) = (shape.across, shape.row());
    // Four tiles at a time, where rows of tiles are whole fours.
    let fours = if across.is_multiple_of(4) { across / 4 } else { 0 };
    let mut places = tiles.chunks_exact_mut(shape.inputs * shape.tiles);
    let mut places: [&mut [f32]; PLACES] = std::array::from_fn(|_| places.next().unwrap_or_default());
    for (channel, plane) in padded.chunks_exact(shape.plane()).enumerate() {
        let slot = |tile: usize| (tile / COLUMNS * shape.inputs + channel) * COLUMNS + tile % COLUMNS;
        for tile_row in rows.clone() {
            let first = (tile_row - rows.start) * across;
            let lines = &plane[2 * tile_row * row..][..4 * row];
            let at = |dy: usize, dx: usize| &lines[dy * row + dx % 2 * (row / 2) + dx / 2..][..across];
            let columns: [[&[f32]; 4]; 4] = std::array::from_fn(|dx| std::array::from_fn(|dy| at(dy, dx)));
            let chunks = columns.map(|column| column.map(|line| &line.as_chunks::<4>().0[..fours]));
            for k in 0..fours {
                let mut half = [[[0.0; 4]; 4]; 4];
                for dx in 0..4 {
                    let [a, b, c, d] = std::array::from_fn(|dy| chunks[dx][dy][k]);
                    half[0][dx] = sub(a, c);
                    half[1][dx] = add(b, c);
                    half[2][dx] = sub(c, b);
                    half[3][dx] = sub(b, d);
                }
                let slot = slot(first + 4 * k) / 4;
                for (half, places) in half.iter().zip(places.as_chunks_mut::<4>().0) {
                    let [a, b, c, d] = *half;
                    let tile = [sub(a, c), add(b, c), sub(c, b), sub(b, d)];
                    for (place, value) in places.iter_mut().zip(tile) {
                        place.as_chunks_mut::<4>().0[slot] = value;
                    }
                }
            }
            for k in 4 * fours..across {
                let mut half = [[0.0; 4]; 4];
                for dx in 0..4 {
                    let [a, b, c, d] = columns[dx].map(|line| line[k]);
                    (half[0][dx], half[1][dx], half[2][dx], half[3][dx]) = (a - c, b + c, c - b, b - d);
                }
                for ([a, b, c, d], places) in half.into_iter().zip(places.as_chunks_mut::<4>().0) {
                    for (place, value) in places.iter_mut().zip([a - c, b + c, c - b, b - d]) {
                        place[slot(first + k)] = value;
                    }
                }
            }
        }
    }
}

/// The matrix product of one place.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn multiply(tiles: &[f32], weights: &[[f32; OUTPUTS]], shape: &Shape, products: &mut [f32]) {
    let blocks = weights.chunks_exact(shape.inputs).zip(products.chunks_exact_mut(OUTPUTS * shape.tiles));
    for (weights, products) in blocks {
        for (block, values) in tiles.chunks_exact(shape.inputs * COLUMNS).enumerate() {
            let mut sums = [[0.0_f32; COLUMNS]; OUTPUTS];
            for (values, weights) in values.as_chunks::<COLUMNS>().0.iter().zip(weights) {
                for lane in 0..OUTPUTS {
                    for column in 0..COLUMNS {
                        sums[lane][column] += weights[lane] * values[column];
                    }
                }
            }
            for (products, sums) in products.chunks_exact_mut(shape.tiles).zip(sums) {
                products[block * COLUMNS..][..COLUMNS].copy_from_slice(&sums);
            }
        }
    }
}

/// Aᵀ m A of some rows of tiles, then bias, residual and ReLU.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn transform_output(
    products: &[f32],
    shape: &Shape,
    rows: std::ops::Range<usize>,
    end: &End<'_>,
    lines: [&mut [Four]; 4],
    output: &mut [f32],
) {
    let (across, side) = (shape.across, shape.side);
    let fours = across.div_ceil(4);
    let place = shape.blocks() * OUTPUTS * shape.tiles;
    let [upper_even, upper_odd, lower_even, lower_odd] = lines.map(|line| &mut line[..fours]);
    for channel in 0..shape.outputs {
        let bias = [end.bias[channel]; 4];
        for tile_row in rows.clone() {
            let first = channel * shape.tiles + (tile_row - rows.start) * across;
            let places: [&[Four]; PLACES] = std::array::from_fn(|k| {
                &products[k * place + first..][..4 * fours].as_chunks::<4>().0[..fours]
            });
            for k in 0..fours {
                let (mut upper, mut lower) = ([[0.0; 4]; 4], [[0.0; 4]; 4]);
                for dx in 0..4 {
                    let [a, b, c, d] = [0, 4, 8, 12].map(|dy| places[dy + dx][k]);
                    upper[dx] = add(add(a, b), c);
                    lower[dx] = sub(sub(b, c), d);
                }
                upper_even[k] = add(add(upper[0], upper[1]), add(upper[2], bias));
                upper_odd[k] = add(sub(upper[1], upper[2]), sub(bias, upper[3]));
                lower_even[k] = add(add(lower[0], lower[1]), add(lower[2], bias));
                lower_odd[k] = add(sub(lower[1], lower[2]), sub(bias, lower[3]));
            }
            let both = &mut output[(channel * side + 2 * tile_row) * side..][..2 * side];
            let (upper, lower) = both.split_at_mut(side);
            let place = (channel, 2 * tile_row);
            interleave(upper_even.as_flattened(), upper_odd.as_flattened(), place, side, end, upper);
            let place = (channel, 2 * tile_row + 1);
            interleave(lower_even.as_flattened(), lower_odd.as_flattened(), place, side, end, lower);
        }
    }
}

/// Even and odd columns as a row. Apart from the sums before it, so that those stay vectors.
#[inline(never)]
fn interleave(
    even: &[f32],
    odd: &[f32],
    (channel, y): (usize, usize),
    side: usize,
    end: &End<'_>,
    line: &mut [f32],
) {
    let floor = end.floor();
    let clip = |line: &mut [f32], even: &[f32], odd: &[f32]| {
        let pairs = line.as_chunks_mut::<2>().0;
        let (even, odd) = (&even[..pairs.len()], &odd[..pairs.len()]);
        for k in 0..pairs.len() {
            pairs[k] = [End::clip(floor, even[k]), End::clip(floor, odd[k])];
        }
    };
    if end.residual.is_none() {
        clip(line, even, odd);
        return;
    }
    for (k, pair) in line.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        *pair = [even[k], odd[k]];
    }
    end.add_residual(line, (channel, y, 0), side);
    line.iter_mut().for_each(|value| *value = End::clip(floor, *value));
}
