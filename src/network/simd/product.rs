//! The matrix product that every convolution comes down to: nearly all of a network's time.

use multiversion::multiversion;

use super::four::Four;
use super::{COLUMNS, OUTPUTS};

/// For each output channel the sums over `depth` of weights times values, for each column.
///
/// `weights` have for each block of output channels, for each depth, one per channel; `values` for each block of
/// columns, for each depth, one per column; `products` for each channel one per column. A call for each block of
/// channels, and never a part of the caller: WebAssembly's fast code for a function comes with a later call.
pub(super) fn multiply(weights: &[[f32; OUTPUTS]], values: &[f32], depth: usize, products: &mut [f32]) {
    let columns = values.len() / depth;
    let blocks = weights.chunks_exact(depth).zip(products.chunks_exact_mut(OUTPUTS * columns));
    for (weights, products) in blocks {
        multiply_block(weights, values, products);
    }
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
#[inline(never)]
fn multiply_block(weights: &[[f32; OUTPUTS]], values: &[f32], products: &mut [f32]) {
    let columns = products.len() / OUTPUTS;
    for (block, values) in values.chunks_exact(weights.len() * COLUMNS).enumerate() {
        let mut sums = [[Four::splat(0.0); COLUMNS / 4]; OUTPUTS];
        for (values, weights) in values.as_chunks::<COLUMNS>().0.iter().zip(weights) {
            let values = values.as_chunks::<4>().0;
            let values: [Four; COLUMNS / 4] = std::array::from_fn(|k| Four::load(&values[k]));
            for lane in 0..OUTPUTS {
                let weight = Four::splat(weights[lane]);
                for k in 0..COLUMNS / 4 {
                    sums[lane][k] = sums[lane][k].plus_product(weight, values[k]);
                }
            }
        }
        for (products, sums) in products.chunks_exact_mut(columns).zip(sums) {
            let places = products[block * COLUMNS..][..COLUMNS].as_chunks_mut::<4>().0;
            places.iter_mut().zip(sums).for_each(|(place, sum)| sum.store(place));
        }
    }
}
