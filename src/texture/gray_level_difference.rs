//! The grey-level *difference* block (the paper's GLDM; not PyRadiomics' dependence matrix):
//! absolute differences of pixels 10 apart in four directions, as a cumulated histogram.

use crate::preprocess::SIDE;

const DISTANCE: usize = 10;

/// Bins of 1/255 from 0 to 1, the last one closed.
const BINS: usize = 255;

/// For right, up-right, down and up-left: the cumulated 255-bin histogram of the non-zero
/// differences. `levels` are the grey levels scaled to 0…1.
///
/// The authors' loops leave out row 10 where they look up (`i − 10 > 0`) and column 10 where
/// they look left; so do these. Differences are rounded to f32 before they are binned, as there.
pub(super) fn cumulated(pixels: &[u8], levels: &[f64; 256]) -> [Vec<f64>; 4] {
    // The bin follows from the difference of the levels alone, but for what rounding may do.
    if let Some(bins) = bins_of_differences(levels) {
        return of_directions(pixels, |a, b| a.abs_diff(b), |difference| bins[usize::from(difference)]);
    }
    let bins = bin_table(levels);
    of_directions(pixels, |a, b| bins[usize::from(a) * 256 + usize::from(b)], |bin| bin)
}

/// The histograms of all four directions: `class` is taken of every pair, and `bin` of every class.
fn of_directions(
    pixels: &[u8],
    class: impl Fn(u8, u8) -> u8 + Copy,
    bin: impl Fn(u8) -> u8 + Copy,
) -> [Vec<f64>; 4] {
    let near = 0..SIDE - DISTANCE;
    let far = DISTANCE..SIDE;
    let up = DISTANCE + 1..SIDE;
    // Each direction: rows and columns of the pixel, and the offset of its partner.
    let down = DISTANCE * SIDE;
    [
        histogram(pixels, (class, bin), 0..SIDE, near.clone(), DISTANCE as isize),
        histogram(pixels, (class, bin), up.clone(), near.clone(), DISTANCE as isize - down as isize),
        histogram(pixels, (class, bin), near, 0..SIDE, down as isize),
        histogram(pixels, (class, bin), up, far.start + 1..far.end, -(DISTANCE as isize) - down as isize),
    ]
}

/// The bin of every difference of grey levels, where that is the same for all pairs with it; [`BINS`] for none.
fn bins_of_differences(levels: &[f64; 256]) -> Option<[u8; 256]> {
    let mut bins = [BINS as u8; 256];
    for (difference, slot) in bins.iter_mut().enumerate().skip(1) {
        let of = |(low, high): (&f64, &f64)| (high - low) as f32;
        let first = of((&levels[0], &levels[difference]));
        let mut pairs = levels.iter().zip(&levels[difference..]);
        if first <= 0.0 || !pairs.all(|pair| of(pair) == first) {
            return None;
        }
        *slot = bin(f64::from(first)) as u8;
    }
    Some(bins)
}

/// The bin of every pair of grey levels; [`BINS`] for no difference.
fn bin_table(levels: &[f64; 256]) -> Vec<u8> {
    let mut table = vec![BINS as u8; 256 * 256];
    for (a, &level_a) in levels.iter().enumerate() {
        for (b, &level_b) in levels.iter().enumerate().take(a) {
            let difference = (level_a - level_b).abs() as f32;
            if difference != 0.0 {
                let bin = bin(f64::from(difference)) as u8;
                table[a * 256 + b] = bin;
                table[b * 256 + a] = bin;
            }
        }
    }
    table
}

/// NumPy's bin for edges k / 255: half-open, the last one closed.
fn bin(difference: f64) -> usize {
    let edge = |k: usize| k as f64 / BINS as f64;
    let mut bin = ((difference * BINS as f64) as usize).min(BINS - 1);
    while bin > 0 && difference < edge(bin) {
        bin -= 1;
    }
    while bin + 1 < BINS && difference >= edge(bin + 1) {
        bin += 1;
    }
    bin
}

fn histogram(
    pixels: &[u8],
    (class, bin): (impl Fn(u8, u8) -> u8, impl Fn(u8) -> u8),
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    offset: isize,
) -> Vec<f64> {
    // Counters used in turn: neighbouring pixels often fall into the same bin, and an increment has to wait for the one
    // before it in the same place.
    let mut counts = [[0_u32; BINS + 1]; 4];
    let mut classes = [0; SIDE];
    for row in rows {
        let start = row * SIDE + columns.start;
        let length = columns.len();
        let partner = (start as isize + offset) as usize;
        let pairs = [&pixels[start..start + length], &pixels[partner..partner + length]];
        classify(pairs, &class, &mut classes);
        count(&classes[..length], &mut counts);
    }
    let mut binned = [0; BINS + 1];
    for class in 0..=u8::MAX {
        binned[usize::from(bin(class))] +=
            counts.iter().map(|counts| counts[usize::from(class)]).sum::<u32>();
    }
    let mut total = 0;
    let mut cumulate = |count: &u32| {
        total += count;
        f64::from(total)
    };
    binned[..BINS].iter().map(&mut cumulate).collect()
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn classify([a, b]: [&[u8]; 2], class: &impl Fn(u8, u8) -> u8, classes: &mut [u8]) {
    let pairs = a.iter().zip(b);
    classes.iter_mut().zip(pairs).for_each(|(slot, (&a, &b))| *slot = class(a, b));
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn count(classes: &[u8], counts: &mut [[u32; BINS + 1]; 4]) {
    let (blocks, rest) = classes.as_chunks::<4>();
    for block in blocks {
        for (counts, &class) in counts.iter_mut().zip(block) {
            counts[usize::from(class)] += 1;
        }
    }
    rest.iter().for_each(|&class| counts[0][usize::from(class)] += 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The authors' loops.
    fn naive(pixels: &[u8], levels: &[f64; 256]) -> [Vec<f64>; 4] {
        let d = DISTANCE as isize;
        let side = SIDE as isize;
        let at = |i: isize, j: isize| levels[usize::from(pixels[(i * side + j) as usize])];
        let mut planes: [Vec<f32>; 4] = Default::default();
        for i in 0..side {
            for j in 0..side {
                let mut push = |k: usize, a: f64, b: f64| planes[k].push((a - b).abs() as f32);
                if j + d < side {
                    push(0, at(i, j), at(i, j + d));
                }
                if i - d > 0 && j + d < side {
                    push(1, at(i, j), at(i - d, j + d));
                }
                if i + d < side {
                    push(2, at(i, j), at(i + d, j));
                }
                if i - d > 0 && j - d > 0 {
                    push(3, at(i, j), at(i - d, j - d));
                }
            }
        }
        planes.map(|plane| {
            let mut counts = vec![0.0; BINS];
            for difference in plane.into_iter().filter(|&difference| difference != 0.0).map(f64::from) {
                let inside = |&k: &usize| {
                    let upper = (k + 1) as f64 / 255.0;
                    difference >= k as f64 / 255.0 && (difference < upper || k == BINS - 1)
                };
                counts[(0..BINS).find(inside).expect("a bin")] += 1.0;
            }
            for k in 1..BINS {
                counts[k] += counts[k - 1];
            }
            counts
        })
    }

    #[test]
    fn equals_the_authors_loops() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (low, high, by_difference) in [(0, 255, true), (3, 240, false)] {
            let pixels: Vec<u8> = (0..SIDE * SIDE).map(|_| noise().clamp(low, high)).collect();
            let levels = crate::texture::unit_levels(&pixels);
            assert_eq!(bins_of_differences(&levels).is_some(), by_difference);
            assert_eq!(cumulated(&pixels, &levels), naive(&pixels, &levels));
        }
    }
}
