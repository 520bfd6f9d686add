//! The co-occurrence block: scikit-image's `graycomatrix` at distance 1 and angles 0°, 45°, 90°
//! and 135°, 256 levels, neither symmetric nor normalised.

use crate::preprocess::SIDE;

/// Four 256 × 256 matrices of pair counts: entry (i, j) counts pixels of level i whose neighbour
/// (right; down-right; below; down-left, as scikit-image's row axis points down) has level j.
pub(super) fn matrices(pixels: &[u8]) -> [Vec<u32>; 4] {
    let below = SIDE as isize;
    [
        count(pixels, 0..SIDE, 0..SIDE - 1, 1),
        count(pixels, 0..SIDE - 1, 0..SIDE - 1, below + 1),
        count(pixels, 0..SIDE - 1, 0..SIDE, below),
        count(pixels, 0..SIDE - 1, 1..SIDE, below - 1),
    ]
}

fn count(
    pixels: &[u8],
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    offset: isize,
) -> Vec<u32> {
    let mut matrix = vec![0; 256 * 256];
    for row in rows {
        let start = row * SIDE + columns.start;
        let length = columns.len();
        let partner = (start as isize + offset) as usize;
        count_row(&pixels[start..start + length], &pixels[partner..partner + length], &mut matrix);
    }
    matrix
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn count_row(row: &[u8], neighbours: &[u8], matrix: &mut [u32]) {
    for (&i, &j) in row.iter().zip(neighbours) {
        matrix[usize::from(i) * 256 + usize::from(j)] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_neighbour() {
        // One bright pixel at (100, 200) on black: each matrix sees it once as i and once as j.
        let mut pixels = vec![0; SIDE * SIDE];
        pixels[100 * SIDE + 200] = 9;
        pixels[100 * SIDE + 201] = 1; // right
        pixels[101 * SIDE + 201] = 2; // down-right
        pixels[101 * SIDE + 200] = 3; // below
        pixels[101 * SIDE + 199] = 4; // down-left
        for (matrix, neighbour) in matrices(&pixels).iter().zip([1, 2, 3, 4]) {
            assert_eq!(matrix[9 * 256 + neighbour], 1);
            assert_eq!(matrix[9 * 256..10 * 256].iter().sum::<u32>(), 1);
        }
        let totals = [SIDE * (SIDE - 1), (SIDE - 1) * (SIDE - 1)];
        let sums = matrices(&pixels).map(|matrix| matrix.iter().sum::<u32>() as usize);
        assert_eq!(sums, [totals[0], totals[1], totals[0], totals[1]]);
    }
}
