//! The matrix product that every convolution comes down to: nearly all of a network's time.

use multiversion::multiversion;

use super::four::Four;
use super::{COLUMNS, OUTPUTS};

/// How large a product is.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Blocks of output channels.
    pub(super) blocks: usize,
    /// What is summed for each output.
    pub(super) depth: usize,
    /// A multiple of [`COLUMNS`].
    pub(super) columns: usize,
    /// From a block of columns of the products to the next, in blocks.
    pub(super) apart: usize,
}

impl Size {
    /// Blocks of columns in the products, with those between.
    pub(super) fn products(&self) -> usize {
        self.blocks * self.products_of_block()
    }

    fn products_of_block(&self) -> usize {
        OUTPUTS * self.columns / COLUMNS * self.apart
    }
}

/// For each output channel the sums over `depth` of weights times values, for each column.
///
/// `weights` have for each block of output channels, for each depth, one per channel; `values` for each block of
/// columns, for each depth, one per column; `products` for each channel a block of columns each. A call for each block of
/// channels, and never a part of the caller: WebAssembly's fast code for a function comes with a later call.
///
/// Slices are cut by their place: chunks of a length that the compiler does not know are counted by division, which
/// takes as long as a good part of a shallow product.
pub(super) fn multiply(
    weights: &[[f32; OUTPUTS]],
    values: &[f32],
    size: Size,
    products: &mut [[f32; COLUMNS]],
) {
    let values = values.as_chunks::<COLUMNS>().0;
    for block in 0..size.blocks {
        let weights = &weights[block * size.depth..][..size.depth];
        multiply_block(weights, values, size, &mut products[block * size.products_of_block()..]);
    }
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn multiply_block(
    weights: &[[f32; OUTPUTS]],
    values: &[[f32; COLUMNS]],
    size: Size,
    products: &mut [[f32; COLUMNS]],
) {
    for block in 0..size.columns / COLUMNS {
        let values = &values[block * weights.len()..][..weights.len()];
        let mut sums = [[Four::splat(0.0); COLUMNS / 4]; OUTPUTS];
        for (values, weights) in values.iter().zip(weights) {
            let values = values.as_chunks::<4>().0;
            let values: [Four; COLUMNS / 4] = std::array::from_fn(|k| Four::load(&values[k]));
            for lane in 0..OUTPUTS {
                let weight = Four::splat(weights[lane]);
                for k in 0..COLUMNS / 4 {
                    sums[lane][k] = sums[lane][k].plus_product(weight, values[k]);
                }
            }
        }
        for (lane, sums) in sums.iter().enumerate() {
            let place = (lane * size.columns / COLUMNS + block) * size.apart;
            let fours = products[place].as_chunks_mut::<4>().0;
            fours.iter_mut().zip(sums).for_each(|(four, sum)| sum.store(four));
        }
    }
}
