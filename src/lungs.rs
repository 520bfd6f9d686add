//! Where the lungs are: the segmenter, what it gives, and the crop that the convnet reader sees.
//!
//! The segmenter looks at the whole film, fitted into a square of 128 pixels with its aspect kept,
//! standardised over the film. What it finds is thresholded at ½ and its two largest connected
//! parts are the lung fields. The crop is their box and a margin, stretched to a square (which
//! takes away the film's proportions), standardised by mean and deviation *inside* the lungs, and
//! set to 0 where it is further from them than a small dilation reaches.

use crate::compute::{Compute, Net};
use crate::error::Result;
use crate::plane::{Affine, Plane, dilate, standardize};
use crate::preprocess;
use crate::radiograph::{Radiograph, Samples};
use crate::report::Lungs;

/// Rows and columns of the segmenter's input and of the lung fields.
pub const SIDE: usize = 128;
/// Films are shrunk to this shorter side before anything here looks at them.
const SHORTER_SIDE_PX: usize = 256;
/// A share of the box, added on every side.
pub(crate) const MARGIN: f32 = 0.07;
/// How far beyond the lungs the crop still shows something, as a share of its side.
pub(crate) const DILATION: f32 = 0.04;
/// A second part this much smaller than the first is not a lung.
const SMALLEST_PART: f32 = 0.1;

/// The film as the networks see it: at most 256 pixels on its shorter side, 0…1.
pub(crate) fn thumbnail(film: &Radiograph) -> Plane {
    let small = preprocess::shrink(film, SHORTER_SIDE_PX);
    let scale = 1.0 / small.samples.full_scale();
    let pixels = match small.samples {
        Samples::U8(pixels) => pixels.into_iter().map(|pixel| (f64::from(pixel) * scale) as f32).collect(),
        Samples::U16(pixels) => pixels.into_iter().map(|pixel| (f64::from(pixel) * scale) as f32).collect(),
        Samples::F64(pixels) => pixels.into_iter().map(|pixel| pixel as f32).collect(),
    };
    Plane { width: small.width, height: small.height, pixels }
}

/// Fits a film into the segmenter's square, centred, aspect kept.
pub(crate) fn letterbox(width: usize, height: usize) -> Affine {
    let (width, height) = (width as f32, height as f32);
    let side = width.max(height);
    Affine::of_rectangle((width - side) / 2.0, (height - side) / 2.0, side, side, SIDE)
}

/// What the segmenter sees of a film: (128, 128), mean 0 and deviation 1 over the film, 0 around
/// it.
pub(crate) fn segmenter_input<T: Copy + Into<f32>>(film: &Plane<T>, affine: &Affine) -> Vec<f32> {
    let mut values = film.warp(affine, SIDE, f32::NAN);
    standardize(&mut values, |_| true);
    values
}

/// The lung fields of one film.
#[derive(Clone, Debug, PartialEq)]
pub struct LungFields {
    /// Probability of lung, 0 outside the two parts that were kept; (128, 128) over the
    /// letterboxed film.
    pub(crate) map: Plane,
    /// Pixels of the film the map was made of.
    width: usize,
    height: usize,
    /// The parts, larger first.
    pub(crate) parts: Vec<Part>,
    /// The share of what was found that the kept parts hold, 0…1.
    pub(crate) kept: f32,
}

/// A connected part of the lung fields, in pixels of the (128, 128) map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) area: usize,
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) top: usize,
    pub(crate) bottom: usize,
    pub(crate) center_x: f32,
    pub(crate) center_y: f32,
}

impl LungFields {
    /// From the segmenter's probabilities, (128, 128).
    pub(crate) fn new(mut probabilities: Vec<f32>, width: usize, height: usize) -> Self {
        let (labels, mut parts) = connected_parts(&probabilities);
        let found: usize = parts.iter().map(|(_, part)| part.area).sum();
        parts.sort_by_key(|(label, part)| (std::cmp::Reverse(part.area), *label));
        let largest = parts.first().map_or(0, |(_, part)| part.area);
        parts.truncate(2);
        parts.retain(|(_, part)| part.area as f32 >= SMALLEST_PART * largest as f32);
        let kept: usize = parts.iter().map(|(_, part)| part.area).sum();
        // The soft rim of the kept parts stays, the other parts go.
        let chosen: Vec<f32> = labels
            .iter()
            .map(|label| if parts.iter().any(|(kept, _)| kept == label) { 1.0 } else { 0.0 })
            .collect();
        let rim = dilate(&chosen, SIDE, 2);
        for (((probability, near), own), label) in probabilities.iter_mut().zip(rim).zip(chosen).zip(labels) {
            let other = own == 0.0 && label != 0;
            *probability *= if other { 0.0 } else { near };
        }
        Self {
            map: Plane { width: SIDE, height: SIDE, pixels: probabilities },
            width,
            height,
            parts: parts.into_iter().map(|(_, part)| part).collect(),
            kept: kept as f32 / found.max(1) as f32,
        }
    }

    /// Columns and rows of the film that the map was made of.
    pub(crate) fn film_size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// True where no lung was found.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The shares of the film that are lung: all, the patient's left (right on the film), the
    /// patient's right.
    pub fn areas(&self) -> Lungs {
        let middle = match &self.parts[..] {
            [a, b] => (a.center_x + b.center_x) / 2.0,
            _ => SIDE as f32 / 2.0,
        };
        let (mut left, mut right) = (0, 0);
        for (k, &value) in self.map.pixels.iter().enumerate() {
            let on_the_left = ((k % SIDE) as f32) + 0.5 < middle;
            right += usize::from(value > 0.5 && on_the_left);
            left += usize::from(value > 0.5 && !on_the_left);
        }
        let (width, height) = (self.width as f64, self.height as f64);
        let film = width * height * (SIDE as f64 / width.max(height)).powi(2);
        let share = |count: usize| count as f64 / film;
        Lungs { area: share(left + right), left: share(left), right: share(right) }
    }

    /// The lungs' outline as segments (x0, y0, x1, y1) in shares of the film's width and height:
    /// marching squares at ½.
    pub fn outline(&self) -> Vec<[f32; 4]> {
        let at = |x: usize, y: usize| self.map.pixels[y * SIDE + x];
        let to_film = self.to_film();
        let place = |(x, y): (f32, f32)| {
            let (x, y) = to_film.apply(x, y);
            (x / self.width as f32, y / self.height as f32)
        };
        let mut segments = Vec::new();
        for y in 0..SIDE - 1 {
            for x in 0..SIDE - 1 {
                // Corners in a circle; an edge is crossed where its ends are on different sides.
                let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
                let mut crossings = Vec::new();
                for k in 0..4 {
                    let (a, b) = (corners[k], corners[(k + 1) % 4]);
                    let (va, vb) = (at(a.0, a.1), at(b.0, b.1));
                    if (va > 0.5) != (vb > 0.5) {
                        let t = (0.5 - va) / (vb - va);
                        let mix = |a: usize, b: usize| a as f32 + t * (b as f32 - a as f32) + 0.5;
                        crossings.push(place((mix(a.0, b.0), mix(a.1, b.1))));
                    }
                }
                for pair in crossings.as_chunks::<2>().0 {
                    segments.push([pair[0].0, pair[0].1, pair[1].0, pair[1].1]);
                }
            }
        }
        segments
    }

    /// Places inside the lungs, in shares of the film's width and height.
    pub(crate) fn places(&self) -> impl Iterator<Item = (f64, f64)> {
        let to_film = self.to_film();
        let inside = self.map.pixels.iter().enumerate().filter(|&(_, &value)| value > 0.5);
        inside.map(move |(k, _)| {
            let (x, y) = to_film.apply((k % SIDE) as f32 + 0.5, (k / SIDE) as f32 + 0.5);
            (f64::from(x) / self.width as f64, f64::from(y) / self.height as f64)
        })
    }

    /// The box around the lungs in pixels of the map: left, top, width, height.
    fn bounds(&self) -> Option<(f32, f32, f32, f32)> {
        let left = self.parts.iter().map(|part| part.left).min()?;
        let top = self.parts.iter().map(|part| part.top).min()?;
        let right = self.parts.iter().map(|part| part.right).max()?;
        let bottom = self.parts.iter().map(|part| part.bottom).max()?;
        Some((left as f32, top as f32, (right + 1 - left) as f32, (bottom + 1 - top) as f32))
    }

    /// The crop's square of `side` pixels on the map; the whole map where there are no lungs.
    pub(crate) fn crop(&self, side: usize) -> Affine {
        let (left, top, width, height) = self.bounds().unwrap_or((0.0, 0.0, SIDE as f32, SIDE as f32));
        let (x, y) = (MARGIN * width, MARGIN * height);
        Affine::of_rectangle(left - x, top - y, width + 2.0 * x, height + 2.0 * y, side)
    }

    /// From the map to pixels of the film.
    pub(crate) fn to_film(&self) -> Affine {
        letterbox(self.width, self.height)
    }
}

/// What the convnet reader sees, and where its answer counts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Crop {
    /// (side, side): standardised inside the lungs, 0 beyond a little around them.
    pub(crate) values: Vec<f32>,
    /// What each place of the class maps counts, row-major: the share of the lungs that lies there.
    pub(crate) weights: Vec<f32>,
}

/// Pixels of the crop that one place of the class maps stands for, in each direction.
pub(crate) const CELL: usize = 16;

impl Crop {
    /// From the film's values and the lungs' probability in the crop, both (side, side); lungs are
    /// where it exceeds `threshold`, and the crop shows `reach` pixels around them.
    pub(crate) fn new(
        mut values: Vec<f32>,
        lungs: &[f32],
        side: usize,
        threshold: f32,
        reach: usize,
    ) -> Self {
        let inside: Vec<f32> = lungs.iter().map(|&lung| if lung > threshold { 1.0 } else { 0.0 }).collect();
        standardize(&mut values, |k| inside[k] > 0.0);
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

    /// The means of three class maps over the lungs.
    pub(crate) fn logits(&self, maps: &[f32]) -> [f64; 3] {
        let area = self.weights.len();
        std::array::from_fn(|k| {
            let map = &maps[k * area..(k + 1) * area];
            map.iter().zip(&self.weights).map(|(value, weight)| f64::from(value * weight)).sum()
        })
    }
}

/// The crop of a film for the reader.
pub(crate) fn crop<T: Copy + Into<f32>>(film: &Plane<T>, fields: &LungFields, side: usize) -> Crop {
    let affine = fields.crop(side);
    let values = film.warp(&affine.then(&fields.to_film()), side, f32::NAN);
    let lungs = fields.map.warp(&affine, side, 0.0);
    Crop::new(values, &lungs, side, 0.5, (DILATION * side as f32).round() as usize)
}

/// Four-connected parts of what exceeds ½: a label a pixel (0: none) and each label's extent.
fn connected_parts(values: &[f32]) -> (Vec<u32>, Vec<(u32, Part)>) {
    let mut labels = vec![0_u32; values.len()];
    let mut parts = Vec::new();
    let mut stack = Vec::new();
    for start in 0..values.len() {
        if labels[start] != 0 || values[start] <= 0.5 {
            continue;
        }
        let label = parts.len() as u32 + 1;
        let mut part =
            Part { area: 0, left: SIDE, right: 0, top: SIDE, bottom: 0, center_x: 0.0, center_y: 0.0 };
        labels[start] = label;
        stack.push(start);
        while let Some(pixel) = stack.pop() {
            let (x, y) = (pixel % SIDE, pixel / SIDE);
            part.area += 1;
            (part.left, part.right) = (part.left.min(x), part.right.max(x));
            (part.top, part.bottom) = (part.top.min(y), part.bottom.max(y));
            (part.center_x, part.center_y) = (part.center_x + x as f32, part.center_y + y as f32);
            let mut visit = |near: usize| {
                if labels[near] == 0 && values[near] > 0.5 {
                    labels[near] = label;
                    stack.push(near);
                }
            };
            if x > 0 {
                visit(pixel - 1);
            }
            if x + 1 < SIDE {
                visit(pixel + 1);
            }
            if y > 0 {
                visit(pixel - SIDE);
            }
            if y + 1 < SIDE {
                visit(pixel + SIDE);
            }
        }
        part.center_x = part.center_x / part.area as f32 + 0.5;
        part.center_y = part.center_y / part.area as f32 + 0.5;
        parts.push((label, part));
    }
    (labels, parts)
}

/// The segmenter's (64, 64) logits as (128, 128) probabilities: linear interpolation, then the
/// logistic function.
pub(crate) fn probabilities(logits: Vec<f32>) -> Vec<f32> {
    let half = SIDE / 2;
    let plane = Plane { width: half, height: half, pixels: logits };
    let affine = Affine::of_rectangle(0.0, 0.0, half as f32, half as f32, SIDE);
    let mut values = plane.warp(&affine, SIDE, 0.0);
    values.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
    values
}

/// What the segmenter says of a film.
#[derive(Clone, Debug)]
pub struct Segmented {
    /// The lung fields.
    pub fields: LungFields,
    /// The mean of every channel of its last features, for the gate.
    pub(crate) features: Vec<f32>,
}

/// Finds the lungs of a film.
///
/// # Errors
/// As [`Compute::run`].
pub(crate) async fn segment<T: Copy + Into<f32>>(
    compute: &mut Compute,
    film: &Plane<T>,
) -> Result<Segmented> {
    let input = segmenter_input(film, &letterbox(film.width, film.height));
    let output = compute.run(Net::Lungs, &input).await?;
    let fields = LungFields::new(probabilities(output.maps.clone()), film.width, film.height);
    Ok(Segmented { fields, features: output.features.clone() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::radiograph::{Color, Format, Provenance};

    /// Fields that are sure inside rectangles (left, top, width, height) of the map and nothing beside.
    fn fields(rectangles: &[(usize, usize, usize, usize)], width: usize, height: usize) -> LungFields {
        let inside = |k: usize| {
            let (x, y) = (k % SIDE, k / SIDE);
            rectangles.iter().any(|&(left, top, width, height)| {
                (left..left + width).contains(&x) && (top..top + height).contains(&y)
            })
        };
        let map = (0..SIDE * SIDE).map(|k| if inside(k) { 1.0 } else { 0.0 }).collect();
        LungFields::new(map, width, height)
    }

    /// The patient's right lung (left on the film), tall, and the left one, short and lower.
    const RIGHT: (usize, usize, usize, usize) = (20, 30, 24, 60);
    const LEFT: (usize, usize, usize, usize) = (76, 50, 20, 44);

    #[test]
    fn the_patients_left_lung_is_on_the_right_of_the_film() {
        let square = fields(&[RIGHT, LEFT], 256, 256).areas();
        let whole = (SIDE * SIDE) as f64;
        let (right, left) = ((24 * 60) as f64 / whole, (20 * 44) as f64 / whole);
        assert!((square.right - right).abs() < 1e-12 && (square.left - left).abs() < 1e-12, "{square:?}");
        assert!((square.area - left - right).abs() < 1e-12);
        // A tall film has half of its square: the shares of the film are twice those of the square.
        let tall = fields(&[RIGHT, LEFT], 128, 256).areas();
        assert!(
            (tall.right - 2.0 * right).abs() < 1e-12 && (tall.left - 2.0 * left).abs() < 1e-12,
            "{tall:?}"
        );
        // A single lung is where it lies.
        let one = fields(&[RIGHT], 256, 256).areas();
        assert!(one.left == 0.0 && one.right == right, "{one:?}");
    }

    #[test]
    fn two_parts_are_kept_and_what_is_small_is_none() {
        let both = fields(&[LEFT, RIGHT, (60, 5, 10, 10)], 256, 256);
        let areas: Vec<usize> = both.parts.iter().map(|part| part.area).collect();
        assert_eq!(areas, [24 * 60, 20 * 44], "the larger first, the third gone");
        assert_eq!(both.map.pixels[10 * SIDE + 65], 0.0, "what is no lung is taken out of the map");
        assert_eq!(both.map.pixels[60 * SIDE + 80], 1.0);
        let whole = (24 * 60 + 20 * 44) as f32;
        assert!((both.kept - whole / (whole + 100.0)).abs() < 1e-6);
        let second = &both.parts[1];
        assert_eq!((second.left, second.right, second.top, second.bottom), (76, 95, 50, 93));
        assert_eq!((second.center_x, second.center_y), (86.0, 72.0));
        // A tenth of the larger is the least that is a lung.
        let large = (20, 20, 40, 50);
        assert_eq!(fields(&[large, (80, 20, 10, 20)], 256, 256).parts.len(), 2);
        assert_eq!(fields(&[large, (80, 20, 10, 19)], 256, 256).parts.len(), 1);
        assert!(fields(&[], 256, 256).is_empty() && !both.is_empty());
    }

    /// The soft rim of a lung stays as far as two pixels; beyond it nothing does.
    #[test]
    fn the_rim_of_a_lung_is_soft_and_narrow() {
        let value = |x: usize| match x {
            40..60 => 0.9,
            37..40 | 60..63 => 0.4,
            _ => 0.0,
        };
        let map =
            (0..SIDE * SIDE).map(|k| if (30..90).contains(&(k / SIDE)) { value(k % SIDE) } else { 0.0 });
        let fields = LungFields::new(map.collect(), 256, 256);
        let row = &fields.map.pixels[50 * SIDE..51 * SIDE];
        assert_eq!(row[36..41], [0.0, 0.0, 0.4, 0.4, 0.9]);
        assert_eq!(row[59..64], [0.9, 0.4, 0.4, 0.0, 0.0]);
    }

    /// Segments lie on the lungs' edge, in shares of the film and not of the square; x is x.
    #[test]
    fn the_outline_runs_around_the_lungs() {
        for (width, height) in [(256, 256), (128, 256), (256, 128)] {
            let lungs = [(50, 40, 12, 30), (70, 44, 10, 20)];
            let fields = fields(&lungs, width, height);
            let outline = fields.outline();
            // The square around the film, in shares of the film.
            let side = width.max(height) as f32;
            let place = |v: f32, length: usize| (v / SIDE as f32 - 0.5) * side / length as f32 + 0.5;
            for &[x0, y0, x1, y1] in &outline {
                for (x, y) in [(x0, y0), (x1, y1)] {
                    let near = lungs.iter().any(|&(left, top, across, down)| {
                        let (left, right) = (place(left as f32, width), place((left + across) as f32, width));
                        let (top, bottom) = (place(top as f32, height), place((top + down) as f32, height));
                        let slack = 1e-3;
                        let on = |v: f32, edges: [f32; 2]| edges.iter().any(|edge| (v - edge).abs() < slack);
                        let within = |v: f32, low: f32, high: f32| v > low - slack && v < high + slack;
                        (on(x, [left, right]) && within(y, top, bottom))
                            || (on(y, [top, bottom]) && within(x, left, right))
                    });
                    assert!(near, "({x}, {y}) is on no edge");
                }
            }
            let length: f32 = outline
                .iter()
                .map(|[x0, y0, x1, y1]| {
                    ((x1 - x0) * width as f32).hypot((y1 - y0) * height as f32) / side * SIDE as f32
                })
                .sum();
            // The corners are cut.
            let around: usize = lungs.iter().map(|lung| 2 * (lung.2 + lung.3)).sum();
            assert!((length - around as f32).abs() < 8.0, "{length}, not {around}");
        }
    }

    #[test]
    fn places_lie_inside_the_lungs() {
        let fields = fields(&[RIGHT, LEFT], 128, 256);
        let places: Vec<(f64, f64)> = fields.places().collect();
        assert_eq!(places.len(), 24 * 60 + 20 * 44);
        // x in the square, from shares of a film that fills the middle half of it.
        let inside = |&(x, y): &(f64, f64)| {
            let (x, y) = ((x / 2.0 + 0.25) * SIDE as f64, y * SIDE as f64);
            [RIGHT, LEFT].iter().any(|&(left, top, width, height)| {
                (left as f64..(left + width) as f64).contains(&x)
                    && (top as f64..(top + height) as f64).contains(&y)
            })
        };
        assert!(places.iter().all(inside));
    }

    #[test]
    fn the_crop_is_the_box_and_seven_hundredths_of_it() {
        let fields = fields(&[RIGHT, LEFT], 256, 256);
        // From 20 to 96 across and from 30 to 94 down.
        let (across, down) = (76.0, 64.0);
        let crop = fields.crop(128);
        let near = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).abs() < 1e-3 && (a.1 - b.1).abs() < 1e-3;
        assert!(near(crop.apply(0.0, 0.0), (20.0 - 0.07 * across, 30.0 - 0.07 * down)));
        assert!(near(crop.apply(128.0, 128.0), (96.0 + 0.07 * across, 94.0 + 0.07 * down)));
        assert!(near(crop.apply(64.0, 64.0), (58.0, 62.0)));
        // Without lungs it is the whole square, and the same margin.
        let none = LungFields::new(vec![0.0; SIDE * SIDE], 256, 256).crop(128);
        assert!(
            near(none.apply(0.0, 0.0), (-8.96, -8.96)) && near(none.apply(128.0, 128.0), (136.96, 136.96))
        );
    }

    #[test]
    fn a_film_fits_into_the_square_with_its_aspect_kept() {
        let tall = letterbox(100, 200);
        assert_eq!(tall.apply(0.0, 0.0), (-50.0, 0.0));
        assert_eq!(tall.apply(128.0, 128.0), (150.0, 200.0));
        let wide = letterbox(200, 100);
        assert_eq!(wide.apply(64.0, 64.0), (100.0, 50.0));
        // What lies around a film is 0, the film itself standardised.
        let film = Plane { width: 100, height: 200, pixels: (0..20_000).map(|k| (k % 251) as f32).collect() };
        let input = segmenter_input(&film, &tall);
        assert_eq!((input.len(), input[0], input[127]), (SIDE * SIDE, 0.0, 0.0));
        let mean = input.iter().sum::<f32>() / (SIDE * SIDE / 2) as f32;
        let squares = input.iter().map(|value| value * value).sum::<f32>() / (SIDE * SIDE / 2) as f32;
        assert!(mean.abs() < 1e-3 && (squares - 1.0).abs() < 1e-3, "{mean} {squares}");
    }

    #[test]
    fn the_networks_see_256_pixels_of_the_shorter_side() {
        let film = |width: usize, height: usize, samples| {
            let provenance = Provenance {
                format: Format::Png,
                width_px: width as u32,
                height_px: height as u32,
                color: Color::Gray8,
                has_more_frames: false,
            };
            Radiograph { width, height, samples, provenance }
        };
        let size = |width: usize, height: usize| {
            let plane = thumbnail(&film(width, height, Samples::U8(vec![51; width * height])));
            assert!(plane.pixels.iter().all(|value| (value - 0.2).abs() < 1e-6), "0…1");
            (plane.width, plane.height)
        };
        assert_eq!(size(1024, 512), (512, 256));
        assert_eq!(size(300, 700), (256, 597));
        assert_eq!(size(200, 240), (200, 240), "a film is never enlarged");
        let deep = thumbnail(&film(2, 1, Samples::U16(vec![0, 65535])));
        assert_eq!(deep.pixels, [0.0, 1.0]);
    }

    /// Labels by the obvious way: the least number among neighbours spreads until nothing changes.
    fn naive_parts(values: &[f32]) -> Vec<usize> {
        let mut labels: Vec<usize> =
            values.iter().enumerate().map(|(k, &v)| if v > 0.5 { k + 1 } else { 0 }).collect();
        loop {
            let before = labels.clone();
            for k in 0..labels.len() {
                let (x, y) = (k % SIDE, k / SIDE);
                let near = [
                    (x > 0).then(|| k - 1),
                    (x + 1 < SIDE).then(|| k + 1),
                    (y > 0).then(|| k - SIDE),
                    (y + 1 < SIDE).then(|| k + SIDE),
                ];
                let least =
                    near.into_iter().flatten().map(|near| labels[near]).filter(|&label| label > 0).min();
                if labels[k] > 0 {
                    labels[k] = labels[k].min(least.unwrap_or(labels[k]));
                }
            }
            if labels == before {
                return labels;
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn connected_parts_are_the_obvious_ones(seed in 0_u32..1000, share in 0.3_f32..0.7) {
            let mut state = seed;
            let values: Vec<f32> = (0..SIDE * SIDE).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if ((state >> 8) as f32 / (1 << 24) as f32) < share { 0.8 } else { 0.5 }
            }).collect();
            let (labels, parts) = connected_parts(&values);
            let naive = naive_parts(&values);
            let mut number_of = std::collections::HashMap::new();
            for (&ours, &theirs) in labels.iter().zip(&naive) {
                prop_assert_eq!(ours == 0, theirs == 0);
                prop_assert_eq!(*number_of.entry(theirs).or_insert(ours), ours);
            }
            let distinct: std::collections::HashSet<u32> = number_of.values().copied().collect();
            prop_assert_eq!(distinct.len(), number_of.len());
            for (label, part) in parts {
                let of: Vec<usize> = (0..labels.len()).filter(|&k| labels[k] == label).collect();
                prop_assert_eq!(part.area, of.len());
                prop_assert_eq!(Some(part.left), of.iter().map(|k| k % SIDE).min());
                prop_assert_eq!(Some(part.right), of.iter().map(|k| k % SIDE).max());
                prop_assert_eq!(Some(part.top), of.iter().map(|k| k / SIDE).min());
                prop_assert_eq!(Some(part.bottom), of.iter().map(|k| k / SIDE).max());
            }
        }

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
            let counted: Vec<f64> = (0..SMALL * SMALL)
                .filter(|&k| is_lung(k) && values[k].is_finite()).map(|k| values[k].into()).collect();
            let mean = counted.iter().sum::<f64>() / counted.len() as f64;
            let variance = counted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / counted.len() as f64;
            let lung_count = (0..SMALL * SMALL).filter(|&k| is_lung(k)).count();
            let mut shares = [0.0; 4];
            for k in 0..SMALL * SMALL {
                let (x, y) = (k % SMALL, k / SMALL);
                let is_near = (0..SMALL * SMALL)
                    .any(|n| is_lung(n) && (n % SMALL).abs_diff(x) <= reach && (n / SMALL).abs_diff(y) <= reach);
                let standard = ((f64::from(values[k]) - mean) / variance.sqrt()).clamp(-4.0, 4.0);
                let expected = if is_near && values[k].is_finite() { standard } else { 0.0 };
                prop_assert!((f64::from(crop.values[k]) - expected).abs() < 1e-3, "{} {}", crop.values[k], expected);
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

    #[test]
    fn probabilities_are_logistic_and_enlarged() {
        let half = SIDE / 2;
        let logits = (0..half * half).map(|k| if k % half < half / 2 { -3.0 } else { 3.0 }).collect();
        let values = probabilities(logits);
        assert_eq!(values.len(), SIDE * SIDE);
        let low = 1.0 / (1.0 + 3.0_f32.exp());
        assert!((values[0] - low).abs() < 1e-6 && (values[SIDE - 1] - (1.0 - low)).abs() < 1e-6);
        // Between the two, half-way in the logit.
        let row = &values[..SIDE];
        assert!((row[half - 1] - 1.0 / (1.0 + 1.5_f32.exp())).abs() < 1e-6, "{}", row[half - 1]);
    }
}
