//! The lung crop: what the convnet reader sees of a film.
//!
//! The box of the lung fields and a margin, stretched to a square (which takes away the film's
//! proportions), every value by its rank among those *inside* the lungs (which takes away the curve of
//! contrast), and set to 0 where it is further from them than a small dilation reaches.

use crate::lungs::{self, LungFields};
use crate::plane::{Affine, Plane, dilate, rank};

/// A share of the box, added on every side.
const MARGIN: f32 = 0.07;
/// How far beyond the lungs the crop still shows something, as a share of its side.
const DILATION: f32 = 0.04;

/// What the convnet reader sees, and where its answer counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// (side, side): ranks among the values inside the lungs, 0 beyond a little around them.
    pub values: Vec<f32>,
    /// What each place of the class maps counts, row-major: the share of the lungs that lies there.
    pub weights: Vec<f32>,
}

/// Pixels of the crop that one place of the class maps stands for, in each direction.
pub const CELL: usize = 16;

impl Crop {
    /// From the film's values and the lungs' probability in the crop, both (side, side); lungs are
    /// where it exceeds `threshold`, and the crop shows `reach` pixels around them.
    pub fn new(mut values: Vec<f32>, lungs: &[f32], side: usize, threshold: f32, reach: usize) -> Self {
        let inside: Vec<f32> = lungs.iter().map(|&lung| if lung > threshold { 1.0 } else { 0.0 }).collect();
        rank(&mut values, |k| inside[k] > 0.0);
        let seen = dilate(&inside, side, reach);
        values.iter_mut().zip(seen).for_each(|(value, seen)| *value *= seen);
        let cells = side / CELL;
        let mut weights = vec![0.0; cells * cells];
        for (k, lung) in inside.iter().enumerate() {
            weights[k / side / CELL * cells + k % side / CELL] += lung;
        }
        let total: f32 = weights.iter().sum();
        let even = 1.0 / (cells * cells) as f32;
        weights.iter_mut().for_each(|weight| *weight = if total > 0.0 { *weight / total } else { even });
        Self { values, weights }
    }

    /// The values of the mirror image, left and right exchanged.
    pub fn mirrored(&self) -> Vec<f32> {
        mirrored(&self.values)
    }

    /// The means of three class maps over the lungs.
    pub fn logits(&self, maps: &[f32]) -> [f64; 3] {
        let area = self.weights.len();
        std::array::from_fn(|k| {
            let map = &maps[k * area..(k + 1) * area];
            map.iter().zip(&self.weights).map(|(value, weight)| f64::from(value * weight)).sum()
        })
    }
}

/// A square with left and right exchanged.
pub(super) fn mirrored(square: &[f32]) -> Vec<f32> {
    let side = square.len().isqrt();
    square.chunks(side.max(1)).flat_map(|row| row.iter().rev()).copied().collect()
}

/// The crop of a film for the reader: a square of `side` pixels.
pub fn crop<T: Copy + Into<f32>>(film: &Plane<T>, fields: &LungFields, side: usize) -> Crop {
    let affine = placement(fields, side);
    let values = film.warp(&affine.then(&fields.to_film()), side, f32::NAN);
    let lungs = fields.map.warp(&affine, side, 0.0);
    Crop::new(values, &lungs, side, 0.5, reach(side))
}

/// From the crop's square of `side` pixels to the lungs' map; where there are no lungs, to all of it.
pub fn placement(fields: &LungFields, side: usize) -> Affine {
    let whole = (0.0, 0.0, lungs::SIDE as f32, lungs::SIDE as f32);
    let (left, top, width, height) = fields.bounds().unwrap_or(whole);
    let (x, y) = (MARGIN * width, MARGIN * height);
    Affine::of_rectangle(left - x, top - y, width + 2.0 * x, height + 2.0 * y, side)
}

/// How many pixels a crop of `side` pixels shows around the lungs.
pub fn reach(side: usize) -> usize {
    (DILATION * side as f32).round() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lungs::SIDE;

    /// The patient's right lung (left on the film), tall, and the left one, short and lower.
    const RIGHT: (usize, usize, usize, usize) = (20, 30, 24, 60);
    const LEFT: (usize, usize, usize, usize) = (76, 50, 20, 44);

    #[test]
    fn the_crop_is_the_box_and_seven_hundredths_of_it() {
        let fields = LungFields::of_rectangles(&[RIGHT, LEFT], 256, 256);
        // From 20 to 96 across and from 30 to 94 down.
        let (across, down) = (76.0, 64.0);
        let crop = placement(&fields, 128);
        let near = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).abs() < 1e-3 && (a.1 - b.1).abs() < 1e-3;
        assert!(near(crop.apply(0.0, 0.0), (20.0 - 0.07 * across, 30.0 - 0.07 * down)));
        assert!(near(crop.apply(128.0, 128.0), (96.0 + 0.07 * across, 94.0 + 0.07 * down)));
        assert!(near(crop.apply(64.0, 64.0), (58.0, 62.0)));
        // Without lungs it is the whole square, and the same margin.
        let none = placement(&LungFields::new(vec![0.0; SIDE * SIDE], 256, 256), 128);
        assert!(
            near(none.apply(0.0, 0.0), (-8.96, -8.96)) && near(none.apply(128.0, 128.0), (136.96, 136.96))
        );
    }

    #[test]
    fn a_mirror_image_has_left_and_right_exchanged() {
        let crop = Crop { values: (0..9).map(|k| k as f32).collect(), weights: vec![] };
        assert_eq!(crop.mirrored(), [2.0, 1.0, 0.0, 5.0, 4.0, 3.0, 8.0, 7.0, 6.0]);
        assert!(Crop { values: vec![], weights: vec![] }.mirrored().is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// The crop as one would write it down.
        #[test]
        fn a_crop_is_the_obvious_one(seed in 0_u32..1000, reach in 0_usize..6, threshold in 0.3_f32..0.7) {
            const SMALL: usize = 32;
            let mut state = seed;
            let mut number = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32
            };
            let values: Vec<f32> = (0..SMALL * SMALL).map(|k| if k % 17 == 3 { f32::NAN } else { number() }).collect();
            let (cx, cy) = (8.0 + 16.0 * number(), 8.0 + 16.0 * number());
            let lungs: Vec<f32> = (0..SMALL * SMALL).map(|k| {
                let (x, y) = ((k % SMALL) as f32 - cx, (k / SMALL) as f32 - cy);
                (1.2 - x.hypot(y) / 8.0).clamp(0.0, 1.0)
            }).collect();
            let crop = Crop::new(values.clone(), &lungs, SMALL, threshold, reach);

            let is_lung = |k: usize| lungs[k] > threshold;
            let counted: Vec<f32> = (0..SMALL * SMALL)
                .filter(|&k| is_lung(k) && values[k].is_finite()).map(|k| values[k]).collect();
            let lung_count = (0..SMALL * SMALL).filter(|&k| is_lung(k)).count();
            let mut shares = [0.0; 4];
            for (k, &value) in values.iter().enumerate() {
                let (x, y) = (k % SMALL, k / SMALL);
                let is_near = (0..SMALL * SMALL)
                    .any(|n| is_lung(n) && (n % SMALL).abs_diff(x) <= reach && (n / SMALL).abs_diff(y) <= reach);
                let smaller = counted.iter().filter(|other| **other < value).count() as f64;
                let standard = (smaller / counted.len() as f64 - 0.5) * 12.0_f64.sqrt();
                let expected = if is_near && value.is_finite() { standard } else { 0.0 };
                // Some values share a bin.
                let tolerance = 12.0_f64.sqrt() * 8.0 / counted.len() as f64 + 0.01;
                prop_assert!((f64::from(crop.values[k]) - expected).abs() < tolerance, "{} {}", crop.values[k], expected);
                if is_lung(k) {
                    shares[y / 16 * 2 + x / 16] += 1.0 / lung_count as f32;
                }
            }
            prop_assert!(crop.weights.iter().zip(shares).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }

    #[test]
    fn logits_are_means_over_the_lungs() {
        let crop = Crop { values: Vec::new(), weights: vec![0.5, 0.25, 0.25, 0.0] };
        let maps = [[1.0, 2.0, 3.0, 99.0], [0.0; 4], [-4.0, 0.0, 4.0, 99.0]].concat();
        assert_eq!(crop.logits(&maps), [1.75, 0.0, -1.0]);
        // Without a lung every place counts alike.
        assert_eq!(Crop::new(vec![0.0; 1024], &[0.0; 1024], 32, 0.5, 1).weights, [0.25; 4]);
    }

    /// Five pixels of a crop of 128 around the lungs are seen, and not more.
    #[test]
    fn a_rim_of_the_lungs_is_seen() {
        let fields = LungFields::of_rectangles(&[RIGHT, LEFT], 256, 256);
        let film = Plane { width: 256, height: 256, pixels: (0..65536).map(|k| (k % 253) as f32).collect() };
        let crop = crop(&film, &fields, 128);
        // The crop's row through both lungs; the first starts where the margin ends.
        let row = &crop.values[64 * 128..65 * 128];
        let first = row.iter().position(|value| *value != 0.0).unwrap();
        let edge = 128.0 * 0.07 / 1.14;
        assert!((first as f32 + 5.0 - edge).abs() <= 1.0, "{first}, edge {edge}");
        // The gap between the lungs: from 44 to 76 of the map, which is 76 of 1.14 wide.
        let seen = row.iter().filter(|value| **value != 0.0).count() as f32;
        let expected = 128.0 / 1.14 * (24.0 + 20.0) / 76.0 + 4.0 * 5.0;
        assert!((seen - expected).abs() <= 3.0, "{seen}, not {expected}");
    }
}
