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
