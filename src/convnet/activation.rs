//! Where the convnet reader looked: its class activation maps, placed on the film.

use serde::{Deserialize, Serialize};

use super::placement;
use crate::label::Label;
use crate::lungs::LungFields;
use crate::plane::{Affine, Plane};

/// The class activation maps of one film, placed on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// One per class: what each place adds to the logit, centred on the mean of the three classes, so
    /// that what speaks for the class is positive.
    maps: [Plane; 3],
    /// From places of the map to the picture that the film is on, in pixels of the plane that the networks saw.
    to_picture: Affine,
    /// Width and height of the picture, in the same pixels.
    picture_size: (f32, f32),
    /// The lungs, and from places of the map to theirs.
    lungs: Plane,
    to_lungs: Affine,
}

/// A rectangle in shares of the picture's width and height.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs)]
pub struct Rectangle {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// The class activation map in a few numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActivationSummary {
    /// The class with the largest logit of the convnet reader.
    pub label: Label,
    /// The share of what speaks for it that lies inside the lung fields, 0…1.
    pub inside_lungs: Option<f64>,
    /// What the reader saw, in shares of the picture; it may reach beyond it.
    pub crop: Rectangle,
}

impl Activation {
    pub(crate) fn new(maps: &[f32], weights: &[f32], fields: &LungFields) -> Self {
        let area = maps.len() / 3;
        let side = area.isqrt();
        let mean: Vec<f32> =
            (0..area).map(|k| (maps[k] + maps[area + k] + maps[2 * area + k]) / 3.0).collect();
        let maps = std::array::from_fn(|k| {
            let centered = maps[k * area..(k + 1) * area].iter().zip(&mean).map(|(value, mean)| value - mean);
            let pixels = centered.zip(weights).map(|(value, weight)| value * weight);
            Plane { width: side, height: side, pixels: pixels.collect() }
        });
        let to_lungs = placement(fields, side);
        let to_picture = to_lungs.then(&fields.to_picture());
        Self { maps, to_picture, picture_size: fields.picture_size(), lungs: fields.map.clone(), to_lungs }
    }

    /// Where the crop lies on the picture; it may reach beyond it.
    pub fn crop(&self) -> Rectangle {
        let (width, height) = (f64::from(self.picture_size.0), f64::from(self.picture_size.1));
        let side = self.maps[0].width as f32;
        let (left, top) = self.to_picture.apply(0.0, 0.0);
        let (right, bottom) = self.to_picture.apply(side, side);
        Rectangle {
            left: f64::from(left) / width,
            top: f64::from(top) / height,
            width: f64::from(right - left) / width,
            height: f64::from(bottom - top) / height,
        }
    }

    /// What speaks for the class at a place of the picture (shares of width and height): positive for,
    /// negative against; `None` outside the crop.
    pub fn at(&self, label: Label, x: f64, y: f64) -> Option<f32> {
        let (px, py) = (x as f32 * self.picture_size.0, y as f32 * self.picture_size.1);
        let place = &self.to_picture;
        let (u, v) = ((px - place.x0) / place.xx, (py - place.y0) / place.yy);
        let map = &self.maps[label.index()];
        let side = map.width as f32;
        let inside = (0.0..side).contains(&u) && (0.0..side).contains(&v);
        inside.then(|| map.at(u, v))
    }

    /// The largest value of any class, at least a millionth.
    pub fn strongest(&self) -> f32 {
        let values = self.maps.iter().flat_map(|map| &map.pixels);
        values.fold(1e-6, |largest, value| value.abs().max(largest))
    }

    /// The share of what speaks for the class that lies inside the lung fields, 0…1; `None` where
    /// nothing speaks for it.
    pub fn inside_lungs(&self, label: Label) -> Option<f64> {
        const STEPS: usize = 64;
        let map = &self.maps[label.index()];
        let scale = map.width as f32 / STEPS as f32;
        let (mut inside, mut whole) = (0.0, 0.0);
        for k in 0..STEPS * STEPS {
            let (u, v) = (((k % STEPS) as f32 + 0.5) * scale, ((k / STEPS) as f32 + 0.5) * scale);
            let value = f64::from(map.at(u, v).max(0.0));
            let (x, y) = self.to_lungs.apply(u, v);
            whole += value;
            inside += if self.lungs.at(x, y) > 0.5 { value } else { 0.0 };
        }
        (whole > 0.0).then(|| inside / whole)
    }

    /// The map of a class in a few numbers.
    pub fn summary(&self, label: Label) -> ActivationSummary {
        ActivationSummary { label, inside_lungs: self.inside_lungs(label), crop: self.crop() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::LABELS;
    use crate::lungs;

    /// Two lungs on a film of 512 × 256 (its map has a margin above and below): the box is from (32, 48) to
    /// (96, 80) on the map.
    fn fields() -> LungFields {
        let side = lungs::SIDE;
        let inside = |k: usize| {
            let (x, y) = (k % side, k / side);
            (48..80).contains(&y) && ((32..56).contains(&x) || (72..96).contains(&x))
        };
        LungFields::new((0..side * side).map(|k| if inside(k) { 1.0 } else { 0.0 }).collect(), 512, 256)
    }

    /// Class maps of 2 × 2 whose numbers are all different.
    const MAPS: [f32; 12] = [5.0, 1.0, 2.0, 3.0, 1.0, 1.0, 5.0, 0.0, 0.0, 4.0, 2.0, 9.0];
    const WEIGHTS: [f32; 4] = [0.25, 0.25, 0.5, 0.0];

    #[test]
    fn a_map_shows_what_sets_its_class_apart() {
        let activation = Activation::new(&MAPS, &WEIGHTS, &fields());
        // Less the mean of the three classes, times the share of the lungs.
        assert_eq!(activation.maps[0].pixels, [0.75, -0.25, -0.5, 0.0]);
        assert_eq!(activation.maps[1].pixels, [-0.25, -0.25, 1.0, 0.0]);
        assert_eq!(activation.maps[2].pixels, [-0.5, 0.5, -0.5, 0.0]);
        for k in 0..4 {
            let sum: f32 = activation.maps.iter().map(|map| map.pixels[k]).sum();
            assert!(sum.abs() < 1e-6, "what speaks for one class speaks against the others");
        }
        assert_eq!(activation.strongest(), 1.0);
    }

    #[test]
    fn places_of_the_map_are_places_of_the_film() {
        let activation = Activation::new(&MAPS, &WEIGHTS, &fields());
        // The box with its margin, from map to film: 512 / 128 = 4 pixels each, 32 rows of margin above.
        let crop = activation.crop();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-5;
        let (across, down) = (64.0, 32.0);
        assert!(near(crop.left, (32.0 - 0.07 * across) / 128.0), "{crop:?}");
        assert!(near(crop.width, 1.14 * across / 128.0), "{crop:?}");
        assert!(near(crop.top, (48.0 - 0.07 * down - 32.0) / 64.0), "{crop:?}");
        assert!(near(crop.height, 1.14 * down / 64.0), "{crop:?}");
        // The quarters' centres.
        for (k, (x, y)) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)].into_iter().enumerate() {
            let place = (crop.left + x * crop.width, crop.top + y * crop.height);
            for label in LABELS {
                let value = activation.at(label, place.0, place.1).unwrap();
                assert!(
                    (value - activation.maps[label.index()].pixels[k]).abs() < 1e-4,
                    "{label:?} {k}: {value}"
                );
            }
        }
        assert_eq!(activation.at(Label::Normal, crop.left - 0.01, crop.top + 0.1), None);
        assert_eq!(activation.at(Label::Normal, crop.left + 0.1, crop.top + crop.height + 0.01), None);
    }

    #[test]
    fn maps_of_a_part_lie_on_the_whole_picture() {
        let alone = Activation::new(&MAPS, &WEIGHTS, &fields());
        let placed = Activation::new(&MAPS, &WEIGHTS, &fields().placed((0.1, 0.5, 0.4, 0.5)));
        let (film, picture) = (alone.crop(), placed.crop());
        let near = |a: f64, b: f64| (a - b).abs() < 1e-5;
        assert!(
            near(picture.left, 0.1 + 0.4 * film.left) && near(picture.width, 0.4 * film.width),
            "{picture:?}"
        );
        assert!(
            near(picture.top, 0.5 + 0.5 * film.top) && near(picture.height, 0.5 * film.height),
            "{picture:?}"
        );
        for label in LABELS {
            for (x, y) in [(0.3, 0.3), (0.5, 0.5), (0.62, 0.4)] {
                let (a, b) = (alone.at(label, x, y), placed.at(label, 0.1 + 0.4 * x, 0.5 + 0.5 * y));
                assert!(a.zip(b).is_some_and(|(a, b)| (a - b).abs() < 1e-3) || a == b, "{a:?} {b:?}");
            }
            assert_eq!(placed.at(label, 0.05, 0.75), None, "beside the film");
            assert_eq!(placed.inside_lungs(label), alone.inside_lungs(label));
        }
    }

    #[test]
    fn the_share_inside_the_lungs() {
        let side = 8;
        let fields = fields();
        // What speaks for COVID-19 lies where one lung is, what speaks for normal between the two.
        let place = placement(&fields, side);
        let mut maps = vec![0.0; 3 * side * side];
        for k in 0..side * side {
            let (x, y) = place.apply((k % side) as f32 + 0.5, (k / side) as f32 + 0.5);
            let (lung, between) = ((36.0..52.0).contains(&x), (57.0..71.0).contains(&x));
            let level = (54.0..74.0).contains(&y);
            maps[k] = if level && lung { 3.0 } else { 0.0 };
            maps[side * side + k] = if level && between { 3.0 } else { 0.0 };
        }
        let activation = Activation::new(&maps, &vec![1.0 / 64.0; side * side], &fields);
        // A place is as large as 9 × 5 pixels of the lungs' map, and shades over into its neighbours.
        let [covid, normal, _] = LABELS.map(|label| activation.inside_lungs(label));
        assert!(covid > Some(0.9) && normal > Some(0.0) && normal < Some(0.6), "{covid:?} {normal:?}");
        let nothing = Activation::new(&[0.0; 12], &WEIGHTS, &fields);
        assert_eq!(nothing.inside_lungs(Label::Covid19), None);
        // With lungs everywhere nothing can be outside.
        let everywhere = LungFields::new(vec![1.0; lungs::SIDE * lungs::SIDE], 256, 256);
        let activation = Activation::new(&MAPS, &WEIGHTS, &everywhere);
        assert_eq!(LABELS.map(|label| activation.inside_lungs(label)), [Some(1.0); 3]);
    }
}
