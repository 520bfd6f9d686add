//! The lung fields of one film.

use serde::{Deserialize, Serialize};

use super::SIDE;
use super::parts::{Part, connected_parts};
use crate::plane::{Affine, Plane, dilate};

/// A second part this much smaller than the first is not a lung.
const SMALLEST_PART: f32 = 0.1;

/// Fits a film into the segmenter's square, centred, aspect kept.
pub fn letterbox(width: usize, height: usize) -> Affine {
    let (width, height) = (width as f32, height as f32);
    let side = width.max(height);
    Affine::of_rectangle((width - side) / 2.0, (height - side) / 2.0, side, side, SIDE)
}

/// The picture that a film is on, in pixels of the film, and where the film begins.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Picture {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

/// The lung fields of one film.
#[derive(Clone, Debug, PartialEq)]
pub struct LungFields {
    /// Probability of lung, 0 outside the two parts that were kept; (128, 128) over the
    /// letterboxed film.
    pub map: Plane,
    /// Pixels of the film the map was made of.
    width: usize,
    height: usize,
    /// The picture that the film is on.
    picture: Picture,
    /// The parts, larger first.
    pub parts: Vec<Part>,
    /// The share of what was found that the kept parts hold, 0…1.
    pub kept: f32,
}

/// How much of a film is lung.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LungAreas {
    /// The share of the film that is lung, 0…1.
    pub area: f64,
    /// The share of the film that is the patient's left lung (on the right of the film).
    pub left: f64,
    /// The share of the film that is the patient's right lung.
    pub right: f64,
}

#[cfg(test)]
impl LungFields {
    /// Fields that are sure inside rectangles (left, top, width, height) of the map, and nothing beside.
    pub(crate) fn of_rectangles(
        rectangles: &[(usize, usize, usize, usize)],
        width: usize,
        height: usize,
    ) -> Self {
        let inside = |k: usize| {
            let (x, y) = (k % SIDE, k / SIDE);
            rectangles.iter().any(|&(left, top, width, height)| {
                (left..left + width).contains(&x) && (top..top + height).contains(&y)
            })
        };
        let map = (0..SIDE * SIDE).map(|k| if inside(k) { 1.0 } else { 0.0 }).collect();
        Self::new(map, width, height)
    }
}

impl LungFields {
    /// From the segmenter's probabilities, (128, 128).
    pub fn new(mut probabilities: Vec<f32>, width: usize, height: usize) -> Self {
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
            picture: Picture { left: 0.0, top: 0.0, width: width as f32, height: height as f32 },
            parts: parts.into_iter().map(|(_, part)| part).collect(),
            kept: kept as f32 / found.max(1) as f32,
        }
    }

    /// Columns and rows of the film that the map was made of.
    pub fn film_size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The same fields of a film that is only a part of a picture: left, top, width and height in shares of the picture.
    /// From here on, what is said in shares of the picture or shown on it lies on all of it.
    pub fn placed(mut self, (left, top, width, height): (f64, f64, f64, f64)) -> Self {
        let (across, down) = (self.width as f64 / width, self.height as f64 / height);
        let (x, y) = (left * across, top * down);
        self.picture = Picture { left: x as f32, top: y as f32, width: across as f32, height: down as f32 };
        self
    }

    /// True where no lung was found.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The shares of the film that are lung: all, the patient's left (right on the film), the
    /// patient's right.
    pub fn areas(&self) -> LungAreas {
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
        LungAreas { area: share(left + right), left: share(left), right: share(right) }
    }

    /// Places inside the lungs, in shares of the picture's width and height.
    pub fn places(&self) -> impl Iterator<Item = (f64, f64)> {
        let to_picture = self.to_picture();
        let (width, height) = self.picture_size();
        let inside = self.map.pixels.iter().enumerate().filter(|&(_, &value)| value > 0.5);
        inside.map(move |(k, _)| {
            let (x, y) = to_picture.apply((k % SIDE) as f32 + 0.5, (k / SIDE) as f32 + 0.5);
            (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height))
        })
    }

    /// The box around the lungs in pixels of the map: left, top, width, height.
    pub fn bounds(&self) -> Option<(f32, f32, f32, f32)> {
        let left = self.parts.iter().map(|part| part.left).min()?;
        let top = self.parts.iter().map(|part| part.top).min()?;
        let right = self.parts.iter().map(|part| part.right).max()?;
        let bottom = self.parts.iter().map(|part| part.bottom).max()?;
        Some((left as f32, top as f32, (right + 1 - left) as f32, (bottom + 1 - top) as f32))
    }

    /// From the map to pixels of the film.
    pub fn to_film(&self) -> Affine {
        letterbox(self.width, self.height)
    }

    /// From the map to the picture that the film is on, in pixels of the film.
    pub fn to_picture(&self) -> Affine {
        let film = self.to_film();
        Affine { x0: film.x0 + self.picture.left, y0: film.y0 + self.picture.top, ..film }
    }

    /// The width and height of the picture that the film is on, in pixels of the film.
    pub fn picture_size(&self) -> (f32, f32) {
        (self.picture.width, self.picture.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The patient's right lung (left on the film), tall, and the left one, short and lower.
    const RIGHT: (usize, usize, usize, usize) = (20, 30, 24, 60);
    const LEFT: (usize, usize, usize, usize) = (76, 50, 20, 44);

    #[test]
    fn the_patients_left_lung_is_on_the_right_of_the_film() {
        let square = LungFields::of_rectangles(&[RIGHT, LEFT], 256, 256).areas();
        let whole = (SIDE * SIDE) as f64;
        let (right, left) = ((24 * 60) as f64 / whole, (20 * 44) as f64 / whole);
        assert!((square.right - right).abs() < 1e-12 && (square.left - left).abs() < 1e-12, "{square:?}");
        assert!((square.area - left - right).abs() < 1e-12);
        // A tall film has half of its square: the shares of the film are twice those of the square.
        let tall = LungFields::of_rectangles(&[RIGHT, LEFT], 128, 256).areas();
        assert!(
            (tall.right - 2.0 * right).abs() < 1e-12 && (tall.left - 2.0 * left).abs() < 1e-12,
            "{tall:?}"
        );
        // A single lung is where it lies.
        let one = LungFields::of_rectangles(&[RIGHT], 256, 256).areas();
        assert!(one.left == 0.0 && one.right == right, "{one:?}");
        let one = LungFields::of_rectangles(&[LEFT], 256, 256).areas();
        assert!(one.left == left && one.right == 0.0, "{one:?}");
    }

    #[test]
    fn two_parts_are_kept_and_what_is_small_is_none() {
        let both = LungFields::of_rectangles(&[LEFT, RIGHT, (60, 5, 10, 10)], 256, 256);
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
        assert_eq!(LungFields::of_rectangles(&[large, (80, 20, 10, 20)], 256, 256).parts.len(), 2);
        assert_eq!(LungFields::of_rectangles(&[large, (80, 20, 10, 19)], 256, 256).parts.len(), 1);
        assert!(LungFields::of_rectangles(&[], 256, 256).is_empty() && !both.is_empty());
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

    #[test]
    fn fields_of_a_part_lie_on_the_whole_picture() {
        let alone = LungFields::of_rectangles(&[RIGHT, LEFT], 128, 256);
        let placed = alone.clone().placed((0.5, 0.25, 0.25, 0.75));
        assert_eq!(
            (placed.areas(), placed.to_film()),
            (alone.areas(), alone.to_film()),
            "what is of the film stays"
        );
        assert_eq!((placed.film_size(), placed.picture_size()), ((128, 256), (512.0, 256.0 / 0.75)));
        assert_eq!(alone.places().count(), placed.places().count());
        for ((x, y), (across, down)) in alone.places().zip(placed.places()) {
            let (expected_x, expected_y) = (0.5 + 0.25 * x, 0.25 + 0.75 * y);
            assert!(
                (across - expected_x).abs() < 1e-5 && (down - expected_y).abs() < 1e-5,
                "{across}, {down}"
            );
        }
        assert_eq!(alone.clone().placed((0.0, 0.0, 1.0, 1.0)), alone);
    }

    #[test]
    fn places_lie_inside_the_lungs() {
        let fields = LungFields::of_rectangles(&[RIGHT, LEFT], 128, 256);
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
}
