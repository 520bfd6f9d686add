//! A 3 × 3 convolution of stride 1 with fewer multiplications than the formula has: F(m × m, 3 × 3) of Lavin and
//! Gray, Fast Algorithms for Convolutional Neural Networks, 2016.
//!
//! The output falls into tiles of m × m pixels. Each needs (m + 2) × (m + 2) pixels d of the input, and with the
//! kernel g it is Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A; summed over input channels, the product in the middle is a
//! [matrix product](super::product) for each of the (m + 2)² places. Where the formula has 36 multiplications for
//! four pixels, m = 4 has 9 and m = 2 has 16. Four tiles of a row are done side by side, and some rows of tiles at a
//! time, so that what is between stays in the nearest caches.

use multiversion::multiversion;

use super::super::Conv;
use super::four::Four;
use super::product::{Size, multiply};
use super::{COLUMNS, End, OUTPUTS, Scratch, room, room_for};

/// Tiles that are done at a time, at least, where there are as many.
const AT_A_TIME: usize = 16;

/// What is left free between the places of the transformed input, in numbers: one line of the cache. All places of a
/// tile are written in turn; powers of two apart, they would push each other out of the nearest cache.
const APART: usize = 16;

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
    /// From a block of tiles to the next in the products, in blocks: their places, and what keeps powers of two away.
    const PRODUCTS_APART: usize = Self::PLACES + 2;

    /// Blocks of output channels.
    fn blocks(&self) -> usize {
        self.outputs.div_ceil(OUTPUTS)
    }

    /// From a place to the next in the transformed input.
    fn places_apart(&self) -> usize {
        self.inputs * self.tiles + APART
    }

    /// Fours of tiles in a row.
    fn fours(&self) -> usize {
        self.across / 4
    }

    /// From a padded row to the next, in fours: for each four of tiles every `M`th column, then those after them, and so
    /// on; then the margin.
    fn row(&self) -> usize {
        M * (self.fours() + 1)
    }

    /// From a padded channel to the next, in fours.
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
        conv.kernel == 3 && conv.stride == 1 && side.is_multiple_of(4 * M)
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
        let padded = room_for(&mut scratch.padded, shape.inputs * shape.plane());
        pad(input, shape, padded);
        let tiles = room(&mut scratch.tiles, Shape::<M>::PLACES * shape.places_apart());
        let size = Size {
            blocks: shape.blocks(),
            depth: shape.inputs,
            columns: shape.tiles,
            apart: Shape::<M>::PRODUCTS_APART,
        };
        let products = room_for(&mut scratch.products, size.products());
        for first in (0..shape.across).step_by(shape.rows) {
            let rows = first..shape.across.min(first + shape.rows);
            transform_input(padded, shape, rows.clone(), tiles);
            let weights = self.weights.chunks_exact(shape.blocks() * shape.inputs);
            let places = tiles.chunks_exact(shape.places_apart()).zip(weights);
            for (place, (tiles, weights)) in places.enumerate() {
                multiply(weights, tiles, size, &mut products[place..]);
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

/// Lays every `M`th column of four tiles apart, with a margin of zeros.
fn pad<const M: usize>(values: &[f32], shape: &Shape<M>, padded: &mut [[f32; 4]]) {
    let (side, nothing) = (shape.side, Four::splat(0.0));
    let planes = values.chunks_exact(side * side).zip(padded.chunks_exact_mut(shape.plane()));
    for (plane, padded) in planes {
        let (top, rest) = padded.split_at_mut(shape.row());
        let (middle, bottom) = rest.split_at_mut(shape.row() * side);
        top.fill([0.0; 4]);
        bottom.fill([0.0; 4]);
        for (line, padded) in plane.chunks_exact(side).zip(middle.chunks_exact_mut(shape.row())) {
            let (padded, margin) = padded.split_at_mut(M * shape.fours());
            let mut before = nothing;
            for (columns, padded) in line.as_chunks::<4>().0.chunks_exact(M).zip(padded.chunks_exact_mut(M)) {
                let columns = apart::<M>(std::array::from_fn(|k| Four::load(&columns[k])));
                // The margin moves all by a column, and the last of a tile to the next one.
                Four::moved(before, columns[M - 1]).store(&mut padded[0]);
                padded[1..].iter_mut().zip(columns).for_each(|(slot, column)| column.store(slot));
                before = columns[M - 1];
            }
            margin.fill([0.0; 4]);
            Four::moved(before, nothing).store(&mut margin[0]);
        }
    }
}

/// Bᵀ d B of some rows of tiles: for each place, for each block of columns, for each channel.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn transform_input<const M: usize>(
    padded: &[[f32; 4]],
    shape: &Shape<M>,
    rows: std::ops::Range<usize>,
    tiles: &mut [f32],
) {
    let (row, needs, places_apart) = (shape.row(), Shape::<M>::NEEDS, shape.places_apart());
    for (channel, plane) in padded.chunks_exact(shape.plane()).enumerate() {
        let mut first = 0;
        for tile_row in rows.clone() {
            for four in 0..shape.fours() {
                let start = M * (tile_row * row + four);
                // Each line has what four tiles need, a tile's last two columns in the four after them.
                let lines: [&[[f32; 4]]; MOST] =
                    std::array::from_fn(|dy| &plane[start + dy.min(needs - 1) * row..][..needs]);
                let mut half = [[Four::splat(0.0); MOST]; MOST];
                for (dx, half) in half.iter_mut().enumerate().take(needs) {
                    *half = transform_input_line::<M>(lines.map(|line| match dx.checked_sub(M) {
                        None => Four::load(&line[dx]),
                        Some(dx) => Four::moved_back(Four::load(&line[dx]), Four::load(&line[M + dx])),
                    }));
                }
                let slot = (first / COLUMNS * shape.inputs + channel) * COLUMNS + first % COLUMNS;
                let mut places = tiles.chunks_exact_mut(places_apart);
                // An iterator that has the rows of columns is slower.
                #[allow(clippy::needless_range_loop)]
                for dy in 0..needs {
                    let line = transform_input_line::<M>(std::array::from_fn(|dx| half[dx][dy]));
                    for (value, place) in line[..needs].iter().zip(&mut places) {
                        if let Some(place) = place[slot..].first_chunk_mut::<4>() {
                            value.store(place);
                        }
                    }
                }
                first += 4;
            }
        }
    }
}

/// Aᵀ m A of some rows of tiles, then bias, residual and ReLU.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn transform_output<const M: usize>(
    products: &[[f32; COLUMNS]],
    shape: &Shape<M>,
    rows: std::ops::Range<usize>,
    end: &End<'_>,
    output: &mut [f32],
) {
    let (side, needs) = (shape.side, Shape::<M>::NEEDS);
    for channel in 0..shape.outputs {
        let mut first = channel * shape.tiles;
        for tile_row in rows.clone() {
            let lines = &mut output[(channel * side + M * tile_row) * side..][..M * side];
            for four in 0..shape.fours() {
                let places = &products[first / COLUMNS * Shape::<M>::PRODUCTS_APART..][..Shape::<M>::PLACES];
                let part = first % COLUMNS / 4;
                first += 4;
                let mut half = [[Four::splat(0.0); 4]; MOST];
                for (dx, half) in half.iter_mut().enumerate().take(needs) {
                    let mut values = [Four::splat(0.0); MOST];
                    for (dy, value) in values.iter_mut().enumerate().take(needs) {
                        *value = Four::load(&places[dy * needs + dx].as_chunks().0[part]);
                    }
                    *half = transform_output_line::<M>(values);
                }
                for dy in 0..M {
                    let line = transform_output_line::<M>(std::array::from_fn(|dx| half[dx][dy]));
                    let columns = together::<M>(std::array::from_fn(|dx| line[dx]));
                    let (y, x) = (M * tile_row + dy, 4 * M * four);
                    let slots = lines[dy * side + x..][..4 * M].as_chunks_mut::<4>().0;
                    end.finish_fours(columns, (channel, y, x), side, slots);
                }
            }
        }
    }
}
