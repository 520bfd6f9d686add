//! A 3 × 3 convolution of stride 1 with fewer multiplications than the formula has: F(m × m, 3 × 3) of Lavin and
//! Gray, Fast Algorithms for Convolutional Neural Networks, 2016.
//!
//! The output falls into tiles of m × m pixels. Each needs (m + 2) × (m + 2) pixels d of the input, and with the
//! kernel g it is Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A; summed over input channels, the product in the middle is a
//! [matrix product](super::product) for each of the (m + 2)² places. Where the formula has 36 multiplications for
//! four pixels, m = 4 has 9 and m = 2 has 16; the larger tiles need rows of whole fours of them. Some rows of tiles
//! are done at a time, so that what is between stays in the nearest caches.

use multiversion::multiversion;

use super::super::Conv;
use super::four::Four;
use super::product::multiply;
use super::{COLUMNS, End, OUTPUTS, Scratch, room};

/// Tiles that are done at a time, at least, where there are as many.
const AT_A_TIME: usize = 16;

/// Rows and columns of the input that a tile of `M` × `M` needs, at most.
const MOST: usize = 6;

/// A convolution with its weights, by tiles of `M` × `M`: 2 or 4.
pub(super) struct Winograd<const M: usize> {
    /// For each place, for each block of output channels, for each input channel: one per output
    /// channel.
    weights: Vec<[f32; OUTPUTS]>,
    shape: Shape<M>,
}

struct Shape<const M: usize> {
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

impl<const M: usize> Shape<M> {
    /// Rows and columns of the input that a tile needs.
    const NEEDS: usize = M + 2;
    const PLACES: usize = Self::NEEDS * Self::NEEDS;

    /// Blocks of output channels.
    fn blocks(&self) -> usize {
        self.outputs.div_ceil(OUTPUTS)
    }

    /// From a padded row to the next: every `M`th column, then those after them, and so on.
    fn row(&self) -> usize {
        M * (self.across + 1)
    }

    /// From a padded channel to the next.
    fn plane(&self) -> usize {
        self.row() * (self.side + 2)
    }
}

/// G g, along a row or a column of four kernels.
#[inline(always)]
fn transform_kernel_line<const M: usize>([a, b, c]: [Four; 3]) -> [Four; MOST] {
    if M == 2 {
        let half = Four::splat(0.5);
        let (ends, middle) = (a.plus(c).times(half), b.times(half));
        return [a, ends.plus(middle), ends.minus(middle), c, a, a];
    }
    let (near, middle) = (a.plus(c).times(Four::splat(-1.0 / 6.0)), b.times(Four::splat(1.0 / 6.0)));
    let far = a.times(Four::splat(1.0 / 24.0)).plus(c.times(Four::splat(1.0 / 6.0)));
    let far_middle = b.times(Four::splat(1.0 / 12.0));
    let first = a.times(Four::splat(0.25));
    [first, near.minus(middle), near.plus(middle), far.plus(far_middle), far.minus(far_middle), c]
}

/// G g Gᵀ of the kernels of a block of output channels. `kernels` has for each of them one per input channel; `packed` has for each
/// place, `stride` apart, for each input channel one per output channel. A call for each block: WebAssembly's fast code for a
/// function comes with a later call.
#[inline(never)]
fn transform_kernels<const M: usize>(
    kernels: &[[f32; 9]],
    inputs: usize,
    stride: usize,
    packed: &mut [[f32; OUTPUTS]],
) {
    let needs = M + 2;
    for input in 0..inputs {
        let of = |lane: usize| kernels.get(lane * inputs + input).copied().unwrap_or_default();
        let lanes: [[f32; 9]; OUTPUTS] = std::array::from_fn(of);
        let kernel: [Four; 9] = std::array::from_fn(|k| Four::load(&lanes.map(|kernel| kernel[k])));
        let columns: [_; 3] =
            std::array::from_fn(|k| transform_kernel_line::<M>([kernel[k], kernel[3 + k], kernel[6 + k]]));
        for row in 0..needs {
            let line = transform_kernel_line::<M>(columns.map(|column| column[row]));
            for (column, value) in line[..needs].iter().enumerate() {
                value.store(&mut packed[(row * needs + column) * stride + input]);
            }
        }
    }
}

/// Bᵀ d, along a row or a column of a tile of the input.
#[inline(always)]
fn transform_input_line<const M: usize>([a, b, c, d, e, f]: [Four; MOST]) -> [Four; MOST] {
    if M == 2 {
        return [a.minus(c), b.plus(c), c.minus(b), b.minus(d), a, a];
    }
    let (four, two, five) = (Four::splat(-4.0), Four::splat(2.0), Four::splat(-5.0));
    let (cd, ab) = (d.plus_product(four, b), e.plus_product(four, c));
    let (db, ec) = (d.minus(b), e.minus(c));
    [
        e.plus_product(five, c).plus_product(Four::splat(4.0), a),
        ab.plus(cd),
        ab.minus(cd),
        ec.plus_product(two, db),
        ec.plus_product(Four::splat(-2.0), db),
        f.plus_product(five, d).plus_product(Four::splat(4.0), b),
    ]
}

/// Aᵀ m, along a row or a column of a tile of products.
#[inline(always)]
fn transform_output_line<const M: usize>([a, b, c, d, e, f]: [Four; MOST]) -> [Four; 4] {
    if M == 2 {
        return [a.plus(b).plus(c), b.minus(c).minus(d), a, a];
    }
    let (bc, b_c, de, d_e) = (b.plus(c), b.minus(c), d.plus(e), d.minus(e));
    [
        a.plus(bc).plus(de),
        b_c.plus_product(Four::splat(2.0), d_e),
        bc.plus_product(Four::splat(4.0), de),
        f.plus(b_c).plus_product(Four::splat(8.0), d_e),
    ]
}

impl<const M: usize> Winograd<M> {
    /// Whether a convolution of a `side` × `side` input can go this way.
    pub(super) fn fits(conv: &Conv, side: usize) -> bool {
        // Rows of tiles of at least four, which are done at a time.
        let is_whole = side.is_multiple_of(if M == 2 { 2 } else { 4 * M });
        conv.kernel == 3 && conv.stride == 1 && is_whole && side >= 4 * M
    }

    pub(super) fn new(conv: &Conv, side: usize, weights: &[f32]) -> Self {
        let across = side / M;
        let rows = AT_A_TIME.div_ceil(across).min(across);
        let tiles = (rows * across).next_multiple_of(COLUMNS);
        let shape = Shape { inputs: conv.inputs, outputs: conv.outputs, side, across, rows, tiles };
        let stride = shape.blocks() * conv.inputs;
        let mut packed = vec![[0.0; OUTPUTS]; Shape::<M>::PLACES * stride];
        let kernels = weights.as_chunks::<9>().0;
        for (block, kernels) in kernels.chunks(OUTPUTS * conv.inputs).enumerate() {
            transform_kernels::<M>(kernels, conv.inputs, stride, &mut packed[block * conv.inputs..]);
        }
        Self { weights: packed, shape }
    }

    pub(super) fn run(&self, input: &[f32], end: &End<'_>, scratch: &mut Scratch, output: &mut [f32]) {
        let shape = &self.shape;
        let (inputs, outputs) = (shape.inputs * shape.tiles, shape.blocks() * OUTPUTS * shape.tiles);
        let padded = room(&mut scratch.padded, shape.inputs * shape.plane());
        pad(input, shape, padded);
        let tiles = room(&mut scratch.tiles, Shape::<M>::PLACES * inputs);
        let products = room(&mut scratch.products, Shape::<M>::PLACES * outputs);
        for first in (0..shape.across).step_by(shape.rows) {
            let rows = first..shape.across.min(first + shape.rows);
            transform_input(padded, shape, rows.clone(), tiles);
            let weights = self.weights.chunks_exact(shape.blocks() * shape.inputs);
            let places = tiles.chunks_exact(inputs).zip(products.chunks_exact_mut(outputs));
            for ((tiles, products), weights) in places.zip(weights) {
                multiply(weights, tiles, shape.inputs, products);
            }
            transform_output(products, shape, rows, end, output);
        }
    }
}

/// Columns of four tiles in a row, for each column of a tile those of the four.
#[inline(always)]
fn apart<const M: usize>(columns: [Four; M]) -> [Four; M] {
    let mut parts = columns;
    [parts[0], parts[M / 2]] = Four::apart(columns[0], columns[1]);
    if M == 4 {
        let ([a, c], [b, d]) = (Four::apart(columns[0], columns[1]), Four::apart(columns[2], columns[3]));
        [parts[0], parts[2]] = Four::apart(a, b);
        [parts[1], parts[3]] = Four::apart(c, d);
    }
    parts
}

/// What [`apart`] laid apart, in a row.
#[inline(always)]
fn together<const M: usize>(parts: [Four; M]) -> [Four; M] {
    let mut columns = parts;
    [columns[0], columns[M / 2]] = Four::interleave(parts[0], parts[M / 2]);
    if M == 4 {
        let ([a, b], [c, d]) = (Four::interleave(parts[0], parts[2]), Four::interleave(parts[1], parts[3]));
        [columns[0], columns[1]] = Four::interleave(a, c);
        [columns[2], columns[3]] = Four::interleave(b, d);
    }
    columns
}

/// Lays every `M`th column apart, with a margin of zeros.
fn pad<const M: usize>(values: &[f32], shape: &Shape<M>, padded: &mut [f32]) {
    let (side, across) = (shape.side, shape.across);
    let planes = values.chunks_exact(side * side).zip(padded.chunks_exact_mut(shape.plane()));
    for (plane, padded) in planes {
        let (top, rest) = padded.split_at_mut(shape.row());
        let (middle, bottom) = rest.split_at_mut(shape.row() * side);
        top.fill(0.0);
        bottom.fill(0.0);
        for (line, padded) in plane.chunks_exact(side).zip(middle.chunks_exact_mut(shape.row())) {
            // Column x of the input is column x + 1 of the padded row: in part (x + 1) % M, at (x + 1) / M.
            let mut parts = padded.chunks_exact_mut(across + 1);
            let mut parts: [&mut [f32]; M] = std::array::from_fn(|_| parts.next().unwrap_or_default());
            parts[0][0] = 0.0;
            parts[1..].iter_mut().for_each(|part| part[across] = 0.0);
            parts.rotate_left(1);
            parts[M - 1] = &mut std::mem::take(&mut parts[M - 1])[1..];
            for tile in fours(across) {
                let columns = line[M * tile..][..4 * M].as_chunks::<4>().0;
                let columns = apart::<M>(std::array::from_fn(|k| Four::load(&columns[k])));
                for (part, columns) in parts.iter_mut().zip(columns) {
                    if let Some(place) = part[tile..].first_chunk_mut::<4>() {
                        columns.store(place);
                    }
                }
            }
        }
    }
}

/// Where four tiles of a row begin, until all are done; the last four may have been done in part.
fn fours(across: usize) -> impl Iterator<Item = usize> {
    (0..across).step_by(4).map(move |tile| tile.min(across - 4))
}

/// Bᵀ d B of some rows of tiles: for each place, for each block of columns, for each channel.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn transform_input<const M: usize>(
    padded: &[f32],
    shape: &Shape<M>,
    rows: std::ops::Range<usize>,
    tiles: &mut [f32],
) {
    let (across, row, needs) = (shape.across, shape.row(), Shape::<M>::NEEDS);
    let place_length = shape.inputs * shape.tiles;
    for (channel, plane) in padded.chunks_exact(shape.plane()).enumerate() {
        for tile_row in rows.clone() {
            let lines = &plane[M * tile_row * row..][..needs * row];
            for tile in fours(across) {
                let mut half = [[Four::splat(0.0); MOST]; MOST];
                for dx in 0..needs {
                    let column = &lines[dx % M * (across + 1) + dx / M + tile..];
                    let mut values = [Four::splat(0.0); MOST];
                    for dy in 0..needs {
                        if let Some(four) = column[dy * row..].first_chunk::<4>() {
                            values[dy] = Four::load(four);
                        }
                    }
                    half[dx] = transform_input_line::<M>(values);
                }
                let first = (tile_row - rows.start) * across + tile;
                let slot = (first / COLUMNS * shape.inputs + channel) * COLUMNS + first % COLUMNS;
                // Larger tiles are whole fours to a row.
                let is_in_one_block = M == 4 || first.is_multiple_of(4);
                let mut places = tiles.chunks_exact_mut(place_length);
                // An iterator that has the rows of columns is slower.
                #[allow(clippy::needless_range_loop)]
                for dy in 0..needs {
                    let line = transform_input_line::<M>(std::array::from_fn(|dx| half[dx][dy]));
                    for (&value, place) in line[..needs].iter().zip(&mut places) {
                        if is_in_one_block {
                            if let Some(place) = place[slot..].first_chunk_mut::<4>() {
                                value.store(place);
                            }
                            continue;
                        }
                        let mut values = [0.0; 4];
                        value.store(&mut values);
                        for (tile, value) in (first..).zip(values) {
                            place[(tile / COLUMNS * shape.inputs + channel) * COLUMNS + tile % COLUMNS] =
                                value;
                        }
                    }
                }
            }
        }
    }
}

/// Aᵀ m A of some rows of tiles, then bias, residual and ReLU.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn transform_output<const M: usize>(
    products: &[f32],
    shape: &Shape<M>,
    rows: std::ops::Range<usize>,
    end: &End<'_>,
    output: &mut [f32],
) {
    let (across, side, needs) = (shape.across, shape.side, Shape::<M>::NEEDS);
    let place_length = shape.blocks() * OUTPUTS * shape.tiles;
    for channel in 0..shape.outputs {
        for tile_row in rows.clone() {
            let lines = &mut output[(channel * side + M * tile_row) * side..][..M * side];
            for tile in fours(across) {
                let first = channel * shape.tiles + (tile_row - rows.start) * across + tile;
                let mut half = [[Four::splat(0.0); 4]; MOST];
                for (dx, half) in half.iter_mut().enumerate().take(needs) {
                    let mut values = [Four::splat(0.0); MOST];
                    for (dy, value) in values.iter_mut().enumerate().take(needs) {
                        let place = (dy * needs + dx) * place_length + first;
                        if let Some(four) = products[place..].first_chunk::<4>() {
                            *value = Four::load(four);
                        }
                    }
                    *half = transform_output_line::<M>(values);
                }
                for dy in 0..M {
                    let line = transform_output_line::<M>(std::array::from_fn(|dx| half[dx][dy]));
                    let columns = together::<M>(std::array::from_fn(|dx| line[dx]));
                    let place = (channel, M * tile_row + dy, M * tile);
                    let slots = lines[dy * side + M * tile..][..4 * M].as_chunks_mut::<4>().0;
                    for (k, (slot, sum)) in slots.iter_mut().zip(columns).enumerate() {
                        end.finish_four(sum, (place.0, place.1, place.2 + 4 * k), side).store(slot);
                    }
                }
            }
        }
    }
}
