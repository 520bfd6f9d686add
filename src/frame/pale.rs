//! Is a pale map of one hue laid over a film?
//!
//! A film that was tinted, as sepia or the colour map *bone* of the film itself, has one colour for each grey, whatever the
//! curve of that: its luminance is the film, and is read. A map that is laid over it has its own greys: then one luminance
//! has one colour here and another there. So the colour is fitted as any smooth function of the luminance, and what is left
//! of it is looked at.
//!
//! Light differs from place to place too: that of a lamp, the two sides of a light box, a lens. It multiplies, so that what it
//! adds is little where the film is dark, and it changes slowly, or in bands where a lamp flickers: it is fitted as the
//! luminance times a polynomial of the place, and then times a factor of each row and each column of blocks. What is left must
//! be more than a share of the luminance above the darkest. A map is smooth, and letters, arrows and noise are not.
//!
//! Of 8 films of several collections none was refused in 17 kinds of tints, uneven light, stains, letters, arrows and noise, and 3
//! of 16 in strong bands and stripes of light. With Greens, Blues, Oranges and YlGn laid over them at 40 % and 60 % all were
//! refused, at 20 % 24 of 32; with copper, pink and Purples at 40 % 21 of 24. A map of next to no chroma (*bone*) cannot be
//! told from uneven light, and stays with the warning of colour.

use super::tint::Sample;

/// The curve of the tint is linear between so many luminances.
const KNOTS: usize = 17;
/// Of the place: x, y, x², y², xy, each times the luminance.
const PLACES: usize = 5;
const TERMS: usize = KNOTS + PLACES;
/// Repetitions of the fit, and from which distance on a sample counts little in it.
const FITS: usize = 6;
const NEAR: f64 = 12.0;
/// What is left of a block's chroma counts above so many levels…
const LEAST: f64 = 4.0;
/// … and above this share of its luminance over the darkest of the film.
const SHARE_OF_LIGHT: f64 = 0.06;
/// Repetitions of what is fitted to rows and columns.
const BANDS: usize = 2;
/// The darkest: so many of all samples are darker.
const DARKEST: f64 = 0.02;
/// In a map the chroma of a block deviates by less than this share of it.
const EVEN: f64 = 0.6;

/// A place in the film, −1…1 in both directions, and what is there.
type Placed = ([f64; 2], Sample);

/// What the colour of a sample is made up of: which terms, and how much of each.
fn terms(&([x, y], sample): &Placed) -> [(usize, f64); 2 + PLACES] {
    let luminance = sample.luminance / 255.0;
    let place = luminance * (KNOTS - 1) as f64;
    let knot = (place as usize).min(KNOTS - 2);
    let beyond = place - knot as f64;
    let [a, b, c, d, e] = [x, y, x * x, y * y, x * y].map(|term| term * luminance);
    [
        (knot, 1.0 - beyond),
        (knot + 1, beyond),
        (KNOTS, a),
        (KNOTS + 1, b),
        (KNOTS + 2, c),
        (KNOTS + 3, d),
        (KNOTS + 4, e),
    ]
}

/// What the fit leaves of the chroma of a sample.
fn rest(fit: &[[f64; 2]; TERMS], placed: &Placed) -> [f64; 2] {
    let mut rest = placed.1.chroma;
    for (term, amount) in terms(placed) {
        rest[0] -= amount * fit[term][0];
        rest[1] -= amount * fit[term][1];
    }
    rest
}

/// The colour of most samples, by repeated least squares in which what is far off counts little.
fn fit(samples: &[Placed]) -> [[f64; 2]; TERMS] {
    let mut fit = [[0.0; 2]; TERMS];
    for repetition in 0..FITS {
        // Luminances that do not occur have no colour: a little of none keeps the equations solvable.
        let mut matrix = [[0.0; TERMS]; TERMS];
        let mut right = [[0.0; 2]; TERMS];
        (0..TERMS).for_each(|k| matrix[k][k] = 1e-6 * samples.len() as f64);
        for placed in samples {
            let weight = if repetition == 0 { 1.0 } else { weight(rest(&fit, placed)) };
            let terms = terms(placed);
            for (row, one) in terms {
                for (column, other) in terms {
                    matrix[row][column] += weight * one * other;
                }
                right[row][0] += weight * one * placed.1.chroma[0];
                right[row][1] += weight * one * placed.1.chroma[1];
            }
        }
        fit = solved(matrix, right);
    }
    fit
}

/// The solution of a positive definite system, by elimination.
fn solved(mut matrix: [[f64; TERMS]; TERMS], mut right: [[f64; 2]; TERMS]) -> [[f64; 2]; TERMS] {
    for pivot in 0..TERMS {
        let (line, of_line) = (matrix[pivot], right[pivot]);
        for (row, right) in matrix.iter_mut().zip(&mut right).skip(pivot + 1) {
            let factor = row[pivot] / line[pivot];
            row.iter_mut().zip(line).skip(pivot).for_each(|(value, other)| *value -= factor * other);
            right.iter_mut().zip(of_line).for_each(|(value, other)| *value -= factor * other);
        }
    }
    for row in (0..TERMS).rev() {
        let mut solution = right[row];
        for column in row + 1..TERMS {
            let known = right[column];
            solution.iter_mut().zip(known).for_each(|(value, known)| *value -= matrix[row][column] * known);
        }
        right[row] = solution.map(|value| value / matrix[row][row]);
    }
    right
}

/// How much a sample counts of whose chroma this is left.
fn weight([blue, red]: [f64; 2]) -> f64 {
    1.0 / (1.0 + (blue.hypot(red) / NEAR).powi(2))
}

/// Takes bands of light out of what is left of all samples, in rows of `side`: for each row of blocks, then for each column,
/// what is most like the luminance.
fn without_bands(rests: &mut [[f64; 2]], samples: &[Sample], side: usize, block: usize) {
    let tinted = |sample: &Sample| if sample.has_tint() { sample.luminance } else { 0.0 };
    let weights: Vec<f64> = rests.iter().map(|&rest| weight(rest)).collect();
    for repetition in 0..2 * BANDS {
        let band = |k: usize| if repetition % 2 == 0 { k / side / block } else { k % side / block };
        let mut sums = vec![([0.0; 2], 1e-9); side / block];
        for (k, (rest, sample)) in rests.iter().zip(samples).enumerate() {
            let (luminance, sum) = (tinted(sample), &mut sums[band(k)]);
            (0..2).for_each(|c| sum.0[c] += weights[k] * luminance * rest[c]);
            sum.1 += weights[k] * luminance * luminance;
        }
        for (k, (rest, sample)) in rests.iter_mut().zip(samples).enumerate() {
            let (light, total) = sums[band(k)];
            (0..2).for_each(|c| rest[c] -= light[c] / total * sample.luminance);
        }
    }
}

/// The share of blocks whose colour is not that of the film's tint, of samples in rows of `side` that come in blocks of
/// `block` × `block`.
pub(super) fn share(samples: &[Sample], side: usize, block: usize) -> f64 {
    let place = |k: usize| 2.0 * (k as f64 + 0.5) / side as f64 - 1.0;
    let placed: Vec<Placed> =
        samples.iter().enumerate().map(|(k, &sample)| ([place(k % side), place(k / side)], sample)).collect();
    let tinted: Vec<Placed> = placed.iter().copied().filter(|(_, sample)| sample.has_tint()).collect();
    if tinted.is_empty() {
        return 0.0;
    }
    let fit = fit(&tinted);
    let mut rests: Vec<[f64; 2]> = placed.iter().map(|placed| rest(&fit, placed)).collect();
    without_bands(&mut rests, samples, side, block);
    let mut luminances: Vec<f64> = tinted.iter().map(|(_, sample)| sample.luminance).collect();
    luminances.sort_by(f64::total_cmp);
    let darkest = luminances[(DARKEST * luminances.len() as f64) as usize];
    let across = side / block;
    let counts = |index: &usize| {
        let (top, left) = (index / across * block, index % across * block);
        let places = (0..block * block).map(|k| (top + k / block) * side + left + k % block);
        let inside: Vec<usize> = places.filter(|&k| samples[k].has_tint()).collect();
        if 2 * inside.len() < block * block {
            return false;
        }
        let mean =
            |of: &dyn Fn(usize) -> f64| inside.iter().map(|&k| of(k)).sum::<f64>() / inside.len() as f64;
        let [blue, red] = [0, 1].map(|c| mean(&|k| rests[k][c]));
        let variance = mean(&|k| (rests[k][0] - blue).powi(2) + (rests[k][1] - red).powi(2));
        let (left, light) = (blue.hypot(red), mean(&|k| samples[k].luminance) - darkest);
        left > LEAST.max(SHARE_OF_LIGHT * light) && variance.sqrt() < EVEN * left
    };
    let blocks = across * across;
    (0..blocks).filter(counts).count() as f64 / blocks as f64
}
