//! Whether the contrast of a film was enhanced locally, as CLAHE does.
//!
//! CLAHE gives every part of a film the contrast of the whole: the greys of a part spread further and more evenly, all parts
//! alike, and their means differ less. So a film is divided into parts, and a logistic regression on 13 numbers tells
//! enhanced films from others. `tests/reference/enhanced.py` fitted the weights on films of the split *train*, with films
//! whose contrast was changed as a whole (equalised, gamma, window) among those that are not enhanced, and prints the
//! figures. The limit is the score above which 2 % of the films lie at the source where most do, but for films from
//! publications, some of which were enhanced before.

use std::ops::Range;

use crate::plane::Plane;

/// Rows and columns of the fine grid of parts. Four of its parts are one of the coarse grid.
const GRID: usize = 16;
/// An eighth of the film is left out on every side: much of that is air.
const OUTER: usize = 8;
/// Bins of a histogram of greys.
const BINS: usize = 32;
/// Numbers that describe a film.
const NUMBERS: usize = 13;

/// In the order of [`numbers`].
const WEIGHTS: [f64; NUMBERS] = [
    21.8549, 6.2119, -20.2903, 16.0206, -12.7168, 6.4396, 7.2402, -5.3435, 6.5384, 6.7763, -9.1206, 3.4598,
    5.8005,
];

/// A higher score is an enhanced film's.
const LIMIT: f64 = 18.75;

/// Whether the contrast of a film seems to have been enhanced locally. The film is as the networks see it
/// ([`network_plane`](crate::preprocess::network_plane)).
pub fn seems_enhanced(film: &Plane) -> bool {
    score(film).is_some_and(|score| score > LIMIT)
}

/// Higher for films with enhanced contrast; `None` for a flat film, or one of too few pixels.
fn score(film: &Plane) -> Option<f64> {
    let numbers = numbers(film)?;
    Some(numbers.iter().zip(WEIGHTS).map(|(number, weight)| number * weight).sum())
}

/// Of the parts of the coarse grid, then of the fine one: mean and deviation of the entropy of their greys, mean (as a
/// logarithm) and variation of their deviation, deviation of their means (as a logarithm). Of all of the film: deviation
/// (as a logarithm), entropy, mean (as a logarithm). Greys are 0…255, entropies in bits.
fn numbers(film: &Plane) -> Option<[f64; NUMBERS]> {
    let (width, height) = (film.width, film.height);
    if width.min(height) < 4 * GRID {
        return None;
    }
    let edge = |k: usize, length: usize| k * length / GRID;
    let fine: Vec<Part> = (0..GRID * GRID)
        .map(|k| {
            let of = |k: usize, length: usize| edge(k, length)..edge(k + 1, length);
            Part::of(film, of(k % GRID, width), of(k / GRID, height))
        })
        .collect();
    let coarse: Vec<Part> = (0..GRID * GRID / 4)
        .map(|k| {
            let (row, column) = (2 * (k / (GRID / 2)), 2 * (k % (GRID / 2)));
            let [a, b] = [row, row + 1].map(|row| &fine[row * GRID + column..][..2]);
            Part::joined(a.iter().chain(b))
        })
        .collect();
    let whole = Part::joined(fine.iter());
    if whole.deviation() < 0.5 {
        return None;
    }
    let ([a, b, c, d, e], [f, g, h, i, j]) = (of_parts(&coarse), of_parts(&fine));
    Some([a, b, c, d, e, f, g, h, i, j, log(whole.deviation()), whole.entropy(), log(whole.mean())])
}

/// The first five numbers, of the inner parts of a grid.
fn of_parts(parts: &[Part]) -> [f64; 5] {
    let grid = parts.len().isqrt();
    let inner = grid / OUTER..grid - grid / OUTER;
    let parts: Vec<&Part> =
        inner.clone().flat_map(|row| inner.clone().map(move |column| &parts[row * grid + column])).collect();
    let of = |number: fn(&Part) -> f64| {
        let values: Vec<f64> = parts.iter().map(|part| number(part)).collect();
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / parts.len() as f64;
        let middle = mean(&mut values.iter().copied());
        (middle, mean(&mut values.iter().map(|value| (value - middle).powi(2))).sqrt())
    };
    let (disorder, means, deviations) = (of(Part::entropy), of(Part::mean), of(Part::deviation));
    let variation = deviations.1 / (deviations.0 + 1e-3);
    [disorder.0, disorder.1, log(deviations.0), variation, log(means.1)]
}

/// The natural logarithm of a number of grey levels, which may be 0.
fn log(levels: f64) -> f64 {
    (levels + 0.1).ln()
}

/// The greys of a part, 0…255.
struct Part {
    sum: f64,
    squares: f64,
    counts: [u32; BINS],
}

impl Part {
    fn of(film: &Plane, columns: Range<usize>, rows: Range<usize>) -> Self {
        let mut part = Self { sum: 0.0, squares: 0.0, counts: [0; BINS] };
        for y in rows {
            for value in &film.pixels[y * film.width..][columns.clone()] {
                let level = 255.0 * f64::from(*value);
                part.sum += level;
                part.squares += level * level;
                part.counts[((level + 1e-3) as usize * BINS / 256).min(BINS - 1)] += 1;
            }
        }
        part
    }

    fn joined<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        parts.fold(Self { sum: 0.0, squares: 0.0, counts: [0; BINS] }, |whole, part| Self {
            sum: whole.sum + part.sum,
            squares: whole.squares + part.squares,
            counts: std::array::from_fn(|bin| whole.counts[bin] + part.counts[bin]),
        })
    }

    fn pixels(&self) -> f64 {
        f64::from(self.counts.iter().sum::<u32>())
    }

    fn mean(&self) -> f64 {
        self.sum / self.pixels()
    }

    fn deviation(&self) -> f64 {
        (self.squares / self.pixels() - self.mean().powi(2)).max(0.0).sqrt()
    }

    /// In bits.
    fn entropy(&self) -> f64 {
        let shares = self.counts.iter().filter(|count| **count > 0);
        shares.map(|count| f64::from(*count) / self.pixels()).map(|share| -share * share.log2()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phantom::Phantom;
    use crate::preprocess::{SIDE, network_plane, preprocess};
    use crate::radiograph::{Radiograph, Samples};

    /// The adaptive equalisation of the paper, so many times.
    fn equalized(film: &Radiograph, times: usize) -> Radiograph {
        (0..times).fold(film.clone(), |film, _| {
            Radiograph::drawn(SIDE, SIDE, Samples::U8(preprocess(&film).pixels().to_vec()))
        })
    }

    /// A phantom is smoother than films are: it takes more to make it look enhanced.
    #[test]
    fn equalising_locally_raises_the_score() {
        for seed in [1, 4, 18] {
            let film = Phantom { width: 700, height: 600, seed };
            let film = Radiograph::drawn(700, 600, Samples::U8(film.draw_u8()));
            let [plain, once, thrice] = [0, 1, 3].map(|times| network_plane(&equalized(&film, times)));
            assert!(score(&once).unwrap() > score(&plain).unwrap() + 5.0, "{seed}");
            assert!(!seems_enhanced(&plain) && seems_enhanced(&thrice), "{seed}");
        }
    }

    #[test]
    fn what_shows_nothing_is_not_enhanced() {
        let film = |width: usize, of: fn(usize) -> f32| Plane {
            width,
            height: 256,
            pixels: (0..256 * width).map(of).collect(),
        };
        assert_eq!(score(&film(300, |_| 0.4)), None);
        assert_eq!(score(&film(63, |k| (k % 7) as f32 / 7.0)), None, "too narrow to say");
        assert!(score(&film(64, |k| (k % 7) as f32 / 7.0)).is_some());
        // All black but for one part.
        let spot = film(300, |k| if k % 300 < 20 { 0.9 } else { 0.0 });
        assert!(score(&spot).unwrap().is_finite());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// The numbers as one would write them down.
        #[test]
        fn the_numbers_are_the_obvious_ones(width in 64_usize..110, height in 64_usize..110, seed in 0_u64..99) {
            let levels = Phantom { width, height, seed }.draw_u8();
            let film = Plane { width, height, pixels: levels.iter().map(|level| f32::from(*level) / 255.0).collect() };
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let deviation = |values: &[f64]| {
                let middle = mean(values);
                mean(&values.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>()).sqrt()
            };
            let entropy = |values: &[f64]| -> f64 {
                let bins = (0..256).step_by(8).map(|bin| {
                    values.iter().filter(|value| (bin..bin + 8).contains(&(**value as usize))).count()
                });
                let shares = bins.map(|count| count as f64 / values.len() as f64);
                shares.filter(|share| *share > 0.0).map(|share| -share * share.log2()).sum()
            };
            let mut obvious = Vec::new();
            for grid in [8, 16] {
                let (mut entropies, mut means, mut deviations) = (vec![], vec![], vec![]);
                for row in grid / 8..grid - grid / 8 {
                    for column in grid / 8..grid - grid / 8 {
                        let mut part = Vec::new();
                        for y in row * height / grid..(row + 1) * height / grid {
                            for x in column * width / grid..(column + 1) * width / grid {
                                part.push(f64::from(levels[y * width + x]));
                            }
                        }
                        entropies.push(entropy(&part));
                        means.push(mean(&part));
                        deviations.push(deviation(&part));
                    }
                }
                obvious.extend([mean(&entropies), deviation(&entropies), (mean(&deviations) + 0.1).ln()]);
                obvious.extend([deviation(&deviations) / (mean(&deviations) + 1e-3), (deviation(&means) + 0.1).ln()]);
            }
            let all: Vec<f64> = levels.iter().map(|level| f64::from(*level)).collect();
            obvious.extend([(deviation(&all) + 0.1).ln(), entropy(&all), (mean(&all) + 0.1).ln()]);
            let numbers = numbers(&film).unwrap();
            for (k, (number, obvious)) in numbers.iter().zip(&obvious).enumerate() {
                prop_assert!((number - obvious).abs() < 1e-4, "{k}: {number} {obvious}");
            }
        }
    }
}
