//! Contrast-limited adaptive histogram equalisation: scikit-image's `equalize_adapthist` on a
//! 512 × 512 plane at its defaults (`kernel_size` 64, `clip_limit` 0.01, `nbins` 256).
//!
//! The film is quantised to 16 bit, stretched to 14 bit and binned; each 64 × 64 tile gets a
//! clipped, redistributed, cumulated histogram as its mapping; each pixel is mapped by its four
//! nearest tiles' mappings, interpolated bilinearly. Sums are f32 and truncated where
//! scikit-image's are, because the features see single grey levels.

use super::SIDE;

/// Tile side: an eighth of the image.
const KERNEL_SIZE: usize = SIDE / 8;
const TILES: usize = SIDE / KERNEL_SIZE;
const CLIP_LIMIT: f64 = 0.01;
const NBINS: usize = 256;
/// scikit-image's NR_OF_GRAY: the mapping works in 14 bit.
const GRAY_LEVELS: usize = 1 << 14;
/// Grey levels a bin; 253 of the 256 bins are ever filled.
const BIN_SIZE: usize = 1 + GRAY_LEVELS / NBINS;

/// Whole 14-bit levels, which f32 holds exactly.
type Mapping = [f32; NBINS];

/// Equalises a plane of values in 0…1 and stretches it to 0…255, rounded half to even.
pub(super) fn equalize_adapthist(plane: &[f64]) -> Vec<u8> {
    let bins = quantize(plane);
    let mappings = tile_mappings(&bins);
    let equalized = interpolate(&bins, &mappings);
    to_u8(&equalized)
}

/// Adding this to 0 ≤ value < 2³² rounds half to even, as NumPy does, and leaves the integer in
/// the low bits.
const ROUNDING: f64 = (1_u64 << 52) as f64;

fn round_half_even(value: f64) -> u32 {
    (value + ROUNDING).to_bits() as u32
}

/// 0…1 → 16 bit → stretched to 14 bit → bin.
fn quantize(plane: &[f64]) -> Vec<u8> {
    let mut levels: Vec<u16> = Vec::with_capacity(plane.len());
    plane.chunks(SIDE).for_each(|row| add_levels(row, &mut levels));
    let low = levels.iter().copied().min().unwrap_or(0);
    let high = levels.iter().copied().max().unwrap_or(0);
    let top = (GRAY_LEVELS - 1) as f64;
    let bin_of = |level: u16| {
        let gray = if low == high {
            f64::from(level).clamp(0.0, top)
        } else {
            f64::from(level - low) / f64::from(high - low) * top
        };
        (round_half_even(gray) as usize / BIN_SIZE) as u8
    };
    let table: Vec<u8> = (low..=high).map(bin_of).collect();
    looked_up(&levels, low, &table)
}

// Rows are done by functions of their own: a browser compiles them well once they have been called a few times.

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn add_levels(row: &[f64], levels: &mut Vec<u16>) {
    levels.extend(row.iter().map(|&value| round_half_even(value * 65535.0) as u16));
}

/// What a table says of levels, which begins with the lowest.
fn looked_up(levels: &[u16], low: u16, table: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(levels.len());
    levels.chunks(SIDE).for_each(|row| look_up(row, low, table, &mut output));
    output
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn look_up(row: &[u16], low: u16, table: &[u8], output: &mut Vec<u8>) {
    output.extend(row.iter().map(|&level| table[usize::from(level - low)]));
}

fn tile_mappings(bins: &[u8]) -> Vec<Mapping> {
    let elements = KERNEL_SIZE * KERNEL_SIZE;
    let clip_limit = ((CLIP_LIMIT * elements as f64).max(1.0)) as i64;
    let scale = (GRAY_LEVELS - 1) as f64 / elements as f64;
    let mut mappings = Vec::with_capacity(TILES * TILES);
    for tile_row in 0..TILES {
        for tile_column in 0..TILES {
            let mut histogram = [0_i64; NBINS];
            for row in 0..KERNEL_SIZE {
                let start = (tile_row * KERNEL_SIZE + row) * SIDE + tile_column * KERNEL_SIZE;
                count(&bins[start..start + KERNEL_SIZE], &mut histogram);
            }
            clip_histogram(&mut histogram, clip_limit);
            let mut mapping = [0.0; NBINS];
            let mut cumulated = 0;
            for (level, count) in mapping.iter_mut().zip(histogram) {
                cumulated += count;
                *level = (cumulated as f64 * scale).min((GRAY_LEVELS - 1) as f64).trunc() as f32;
            }
            mappings.push(mapping);
        }
    }
    mappings
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn count(bins: &[u8], histogram: &mut [i64; NBINS]) {
    for &bin in bins {
        histogram[usize::from(bin)] += 1;
    }
}

/// Clips the histogram and shares the excess among the bins below the limit, in scikit-image's
/// order: equally first, then in strides until nothing is left or nothing changes.
fn clip_histogram(histogram: &mut [i64; NBINS], clip_limit: i64) {
    let size = NBINS as i64;
    let mut excess: i64 = histogram.iter().map(|&count| (count - clip_limit).max(0)).sum();
    histogram.iter_mut().for_each(|count| *count = (*count).min(clip_limit));
    let increment = excess / size;
    let upper = clip_limit - increment;
    for count in histogram.iter_mut().filter(|count| **count < upper) {
        *count += increment;
        excess -= increment;
    }
    // Bins that the increment has just lifted to `upper` are filled up too.
    for count in histogram.iter_mut().filter(|count| (upper..clip_limit).contains(*count)) {
        excess -= clip_limit - *count;
        *count = clip_limit;
    }
    while excess > 0 {
        let before = excess;
        for first in 0..NBINS {
            let under = histogram.iter().filter(|&&count| count < clip_limit).count() as i64;
            let step = (under / excess).max(1) as usize;
            for count in histogram.iter_mut().skip(first).step_by(step) {
                if *count < clip_limit {
                    *count += 1;
                    excess -= 1;
                }
            }
            if excess <= 0 {
                break;
            }
        }
        if excess == before {
            break;
        }
    }
}

/// Bilinear interpolation of the four nearest tiles' mappings: 14-bit levels, truncated. The
/// weights are multiples of 2⁻¹², so that a product in f32 is the one scikit-image rounds to f32.
fn interpolate(bins: &[u8], mappings: &[Mapping]) -> Vec<u16> {
    let mut equalized = Vec::with_capacity(bins.len());
    // The distance in tiles from a tile centre; the centres lie half a tile inside.
    let position = |pixel: usize| {
        let padded = pixel + KERNEL_SIZE / 2;
        let block = padded / KERNEL_SIZE;
        let fraction = (padded % KERNEL_SIZE) as f32 / KERNEL_SIZE as f32;
        (block.saturating_sub(1), block.min(TILES - 1), fraction)
    };
    for y in 0..SIDE {
        let (above, below, fy) = position(y);
        for half in 0..2 * TILES {
            // All pixels of half a tile share their four mappings.
            let x = half * KERNEL_SIZE / 2;
            let (left, right, fx) = position(x);
            let corner = |row: usize, column: usize| &mappings[row * TILES + column];
            let corners =
                [corner(above, left), corner(above, right), corner(below, left), corner(below, right)];
            let start = y * SIDE + x;
            interpolate_some(&bins[start..start + KERNEL_SIZE / 2], corners, (fx, fy), &mut equalized);
        }
    }
    equalized
}

/// Pixels of one row between the same four tiles, the first of which is so far from the upper left one.
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn interpolate_some(bins: &[u8], corners: [&Mapping; 4], (fx, fy): (f32, f32), equalized: &mut Vec<u16>) {
    equalized.extend(bins.iter().enumerate().map(|(k, &bin)| {
        let fx = fx + k as f32 / KERNEL_SIZE as f32;
        let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
        let mut sum = 0.0;
        for (mapping, weight) in corners.iter().zip(weights) {
            sum += mapping[usize::from(bin)] * weight;
        }
        sum as u16
    }));
}

/// Stretches to 0…255 and rounds half to even; a flat image becomes all 255, as its level,
/// which is above 1, is clipped to the range 0…1.
fn to_u8(equalized: &[u16]) -> Vec<u8> {
    let low = equalized.iter().copied().min().unwrap_or(0);
    let high = equalized.iter().copied().max().unwrap_or(0);
    let level = |value: u16| {
        let unit = if low == high {
            f64::from(value).clamp(0.0, 1.0)
        } else {
            f64::from(value - low) / f64::from(high - low)
        };
        round_half_even(unit * 255.0) as u8
    };
    let table: Vec<u8> = (low..=high).map(level).collect();
    looked_up(equalized, low, &table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_to_even() {
        for (value, rounded) in
            [(0.0, 0), (0.5, 0), (1.5, 2), (2.5, 2), (2.4999, 2), (65534.5, 65534), (65535.0, 65535)]
        {
            assert_eq!(round_half_even(value), rounded);
        }
    }

    proptest! {
        #[test]
        fn clipping_shares_all_excess(counts in proptest::collection::vec(0_i64..400, NBINS)) {
            let mut histogram = [0; NBINS];
            histogram.copy_from_slice(&counts);
            let limit = (counts.iter().sum::<i64>() / NBINS as i64 + 1).max(40);
            clip_histogram(&mut histogram, limit);
            prop_assert!(histogram.iter().all(|&count| count <= limit));
            // The last stride may give a few bins one more than there was to give.
            let given = histogram.iter().sum::<i64>() - counts.iter().sum::<i64>();
            prop_assert!((0..NBINS as i64).contains(&given), "{given}");
        }
    }
}
