//! Draws marks that people put on figures, and devices that are attached to patients.
//!
//! Values are 0…1. Sizes are shares of the area's width, so that a mark looks the same on a whole film and on a square
//! around the lungs.

use std::f32::consts::TAU;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::draw::{Area, Canvas, Ink, Point, text_width};

/// A kind of mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// One to three white arrows or arrowheads.
    ArrowWhite,
    /// The same in black.
    ArrowBlack,
    /// Circles, ellipses and boxes around something, with solid or dashed lines.
    Circle,
    /// Letters, words and numbers.
    Letters,
    /// A scale bar, sometimes with numbers.
    Ruler,
    /// A pacemaker with one to three leads.
    Pacemaker,
    /// Cables across the chest, or the wires of a closed sternum.
    Wires,
    /// A tube or catheter in the windpipe, the stomach or a vein, or a drain.
    Tube,
    /// Electrodes, with or without their cables.
    Electrodes,
}

/// All kinds.
pub const MARKS: [Mark; 9] = [
    Mark::ArrowWhite,
    Mark::ArrowBlack,
    Mark::Circle,
    Mark::Letters,
    Mark::Ruler,
    Mark::Pacemaker,
    Mark::Wires,
    Mark::Tube,
    Mark::Electrodes,
];

impl Mark {
    /// Draws a random mark of this kind at a random plausible place of `area`, which is the lungs' box or the whole
    /// canvas. Only half the width of a line may reach outside.
    pub fn draw(self, canvas: &mut Canvas<'_>, area: Area, rng: &mut ChaCha8Rng) {
        let mut pen = Pen { canvas, area, rng };
        match self {
            Mark::ArrowWhite => pen.arrows(WHITE),
            Mark::ArrowBlack => pen.arrows(BLACK),
            Mark::Circle => pen.outlines(),
            Mark::Letters => pen.letters(),
            Mark::Ruler => pen.ruler(),
            Mark::Pacemaker => pen.pacemaker(),
            Mark::Wires => pen.wires(),
            Mark::Tube => pen.tube(),
            Mark::Electrodes => pen.electrodes(),
        }
    }
}

/// The range of an ink's values.
type Shade = (f32, f32);

const WHITE: Shade = (235.0 / 255.0, 1.0);
const BLACK: Shade = (0.0, 15.0 / 255.0);
const TUBE: Shade = (180.0 / 255.0, 230.0 / 255.0);

/// Draws one mark.
struct Pen<'a, 'b> {
    canvas: &'a mut Canvas<'b>,
    area: Area,
    rng: &'a mut ChaCha8Rng,
}

impl Pen<'_, '_> {
    fn between(&mut self, low: f32, high: f32) -> f32 {
        self.rng.random_range(low..=high)
    }

    fn chance(&mut self, share: f64) -> bool {
        self.rng.random_bool(share)
    }

    /// A random length between two shares of the area's width.
    fn length(&mut self, low: f32, high: f32) -> f32 {
        self.between(low, high) * self.area.width
    }

    fn ink(&mut self, shade: Shade) -> Ink {
        Ink { value: self.between(shade.0, shade.1), opacity: 1.0 }
    }

    /// White, sometimes black.
    fn drawn_ink(&mut self) -> Ink {
        let shade = if self.chance(0.8) { WHITE } else { BLACK };
        self.ink(shade)
    }

    /// A random centre for a shape of `width` × `height`, chosen so that the shape lies in the area if it fits.
    fn place(&mut self, width: f32, height: f32) -> Point {
        let mut one = |start: f32, length: f32, size: f32| {
            let slack = (length - size).max(0.0);
            start + (length - slack) / 2.0 + self.rng.random_range(0.0..=1.0_f32) * slack
        };
        (one(self.area.left, self.area.width, width), one(self.area.top, self.area.height, height))
    }

    /// A polyline whose points are moved into the area.
    fn polyline(&mut self, points: &[Point], width: f32, ink: Ink) {
        let points: Vec<Point> = points.iter().map(|point| self.area.clamp(*point)).collect();
        self.canvas.polyline(&points, width, ink);
    }

    /// A smooth curve through positions, given as shares of the area, each shifted by up to `stray`.
    fn curve(&mut self, through: &[Point], stray: f32) -> Vec<Point> {
        let shares = through.iter().map(|(x, y)| {
            let mut near = |share: f32| (share + self.rng.random_range(-stray..=stray)).clamp(0.0, 1.0);
            self.area.at(near(*x), near(*y))
        });
        smooth(&shares.collect::<Vec<_>>())
    }

    fn arrows(&mut self, shade: Shade) {
        let style = self.rng.random_range(0..3);
        let (length, width) = (self.length(0.08, 0.24), self.length(0.008, 0.022));
        let angle = self.between(0.0, TAU);
        let ink = self.ink(shade);
        for _ in 0..self.rng.random_range(1..=3) {
            let angle = angle + self.between(-0.4, 0.4);
            let (dx, dy) = (angle.cos(), angle.sin());
            let (x, y) = self.place(length * dx.abs() + 4.0 * width, length * dy.abs() + 4.0 * width);
            // Relative to the middle: shares of the length along the arrow, and pixels to its side.
            let at = |along: f32, side: f32| {
                (x + along * length * dx - side * dy, y + along * length * dy + side * dx)
            };
            match style {
                // A line with a head.
                0 => {
                    let head = (3.5 * width / length).min(0.8);
                    self.polyline(&[at(-0.5, 0.0), at(0.5 - head, 0.0)], width, ink);
                    self.polygon(
                        &[at(0.5, 0.0), at(0.5 - head, 1.7 * width), at(0.5 - head, -1.7 * width)],
                        ink,
                    );
                }
                // Only a head.
                1 => {
                    let broad = 0.18 * length;
                    self.polygon(&[at(0.3, 0.0), at(-0.3, broad), at(-0.2, 0.0), at(-0.3, -broad)], ink);
                }
                // A block.
                _ => {
                    let (stem, broad) = (0.6 * width + 0.04 * length, width + 0.1 * length);
                    let corners = [
                        at(-0.5, stem),
                        at(0.1, stem),
                        at(0.1, broad),
                        at(0.5, 0.0),
                        at(0.1, -broad),
                        at(0.1, -stem),
                        at(-0.5, -stem),
                    ];
                    self.polygon(&corners, ink);
                }
            }
        }
    }

    fn polygon(&mut self, corners: &[Point], ink: Ink) {
        let corners: Vec<Point> = corners.iter().map(|point| self.area.clamp(*point)).collect();
        self.canvas.polygon(&corners, ink);
    }

    fn outlines(&mut self) {
        let (ink, width) = (self.drawn_ink(), self.length(0.005, 0.016));
        let (dashed, boxed) = (self.chance(0.25), self.chance(0.2));
        for _ in 0..self.rng.random_range(1..=2) {
            let a = self.length(0.05, 0.18);
            let b = a * self.between(0.6, 1.5);
            let center = self.place(2.0 * a, 2.0 * b);
            let points = if boxed { rectangle(center, a, b) } else { ellipse(center, a, b, 32) };
            if dashed {
                points.chunks(2).for_each(|dash| self.polyline(dash, width, ink));
            } else {
                self.polyline(&points, width, ink);
            }
        }
    }

    fn letters(&mut self) {
        const WORDS: [&str; 14] = [
            "L",
            "R",
            "A",
            "B",
            "C",
            "1",
            "AP",
            "PA",
            "LEFT",
            "ERECT",
            "SUPINE",
            "PORTABLE",
            "07.03.2020",
            "11-45",
        ];
        let ink = self.drawn_ink();
        let labelled = self.chance(0.2);
        for _ in 0..self.rng.random_range(1..=3) {
            let word = WORDS[self.rng.random_range(0..WORDS.len())];
            let widest = 0.6 * self.area.width;
            let height =
                self.length(0.03, 0.11).min(widest / text_width(word, 1.0)).min(0.9 * self.area.height);
            let width = text_width(word, height);
            let pad = if labelled { 0.2 * height } else { 0.0 };
            let (x, y) = self.place(width + 2.0 * pad, height + 2.0 * pad);
            let (left, top) = (x - width / 2.0, y - height / 2.0);
            if labelled {
                let plate = Area {
                    left: left - pad,
                    top: top - pad,
                    width: width + 2.0 * pad,
                    height: height + 2.0 * pad,
                };
                self.canvas.rounded_rectangle(plate, 0.0, Ink { value: 1.0 - ink.value, opacity: 1.0 });
            }
            self.canvas.text(word, (left, top), height, ink);
        }
    }

    fn ruler(&mut self) {
        let (ink, width) = (self.ink((200.0 / 255.0, 1.0)), self.length(0.004, 0.01));
        let (ticks, upright) = (self.rng.random_range(8..=20_u8), self.chance(0.6));
        let numbers = self.chance(0.4);
        let long = self.between(0.35, 0.95);
        let tick = self.length(0.015, 0.04);
        let length = long * if upright { self.area.height } else { self.area.width };
        let (x, y) = if upright { self.place(2.0 * tick, length) } else { self.place(length, 2.0 * tick) };
        let at = |along: f32, side: f32| match upright {
            true => (x + side, y + (along - 0.5) * length),
            false => (x + (along - 0.5) * length, y + side),
        };
        self.polyline(&[at(0.0, 0.0), at(1.0, 0.0)], width, ink);
        for k in 0..=ticks {
            let along = f32::from(k) / f32::from(ticks);
            let fifth = k % 5 == 0;
            let end = at(along, if fifth { tick } else { 0.6 * tick });
            self.polyline(&[at(along, 0.0), end], width, ink);
            if numbers && fifth && k > 0 {
                let text = k.to_string();
                let (high, wide) = (1.2 * tick, text_width(&text, 1.2 * tick));
                let (left, top) = (end.0 - 2.2 * tick - wide, end.1 - high / 2.0);
                let inside = |point: Point| self.area.clamp(point) == point;
                if inside((left, top)) && inside((left + wide, top + high)) {
                    self.canvas.text(&text, (left, top), high, ink);
                }
            }
        }
    }

    fn pacemaker(&mut self) {
        let ink = self.ink(WHITE);
        let left = self.chance(0.3);
        let mirrored = |share: f32| if left { 1.0 - share } else { share };
        let (wide, aspect) = (self.length(0.09, 0.17), self.between(0.7, 1.3));
        let high = (wide * aspect).min(0.8 * self.area.height);
        let stray = (self.between(-0.06, 0.06), self.between(-0.06, 0.08));
        let middle = self.area.at(mirrored(0.8) + stray.0, 0.14 + stray.1);
        // Entirely in the area.
        let room = Area {
            left: self.area.left + wide / 2.0,
            top: self.area.top + high / 2.0,
            width: (self.area.width - wide).max(0.0),
            height: (self.area.height - high).max(0.0),
        };
        let (x, y) = room.clamp(middle);
        let case = Area { left: x - wide / 2.0, top: y - high / 2.0, width: wide, height: high };
        let share = ((x - self.area.left) / self.area.width, (y - self.area.top) / self.area.height);
        let width = self.length(0.005, 0.012);
        for _ in 0..self.rng.random_range(1..=3) {
            let end = (mirrored(self.between(0.42, 0.68)), self.between(0.55, 0.9));
            let way = [share, (mirrored(0.62), 0.08), (mirrored(0.46), 0.28), (mirrored(0.44), 0.5), end];
            let lead = self.curve(&way, 0.03);
            self.polyline(&lead, width, ink);
            if let Some(tip) = lead.len().checked_sub(3) {
                self.polyline(&lead[tip..], 1.8 * width, ink);
            }
        }
        self.canvas.rounded_rectangle(case, 0.3 * wide.min(high), ink);
        if self.chance(0.5) {
            // The battery is denser than the rest of the case, or the case is slightly transparent.
            let (dx, dy) = (0.15 * wide, 0.3 * high);
            let within = Area {
                left: case.left + dx,
                top: case.top + dy,
                width: wide - 2.0 * dx,
                height: high - dy - dx.min(dy),
            };
            let value = ink.value * self.between(0.75, 0.95);
            self.canvas.rounded_rectangle(within, 0.1 * wide, Ink { value, opacity: 1.0 });
        }
    }

    fn wires(&mut self) {
        let ink = Ink { value: self.between(0.85, 1.0), opacity: self.between(0.7, 1.0) };
        let width = self.length(0.004, 0.012);
        if self.chance(0.3) {
            self.sternal_wires(ink, width);
            return;
        }
        for _ in 0..self.rng.random_range(1..=4) {
            let side = if self.chance(0.5) { 0.0 } else { 1.0 };
            let start = (side, self.between(0.0, 1.0));
            let end = match self.chance(0.5) {
                true => (1.0 - side, self.between(0.0, 1.0)),
                false => (self.between(0.1, 0.9), 1.0),
            };
            let between =
                |share: f32| (start.0 + share * (end.0 - start.0), start.1 + share * (end.1 - start.1));
            let cable = self.curve(&[start, between(0.3), between(0.65), end], 0.12);
            self.polyline(&cable, width, ink);
        }
    }

    /// Loops below each other along the middle.
    fn sternal_wires(&mut self, ink: Ink, width: f32) {
        let number = self.rng.random_range(4..=7_u8);
        let (top, bottom) = (self.between(0.05, 0.2), self.between(0.6, 0.85));
        for k in 0..number {
            let share = top + (bottom - top) * f32::from(k) / f32::from(number - 1);
            let aside = self.between(-0.02, 0.02);
            let center = self.area.at(0.5 + aside, share);
            let (a, b) = (self.length(0.012, 0.025), self.length(0.01, 0.02));
            self.polyline(&ellipse(center, a, b, 12), width, ink);
        }
    }

    fn tube(&mut self) {
        let ink = Ink { opacity: self.between(0.4, 0.85), ..self.ink(TUBE) };
        let width = self.length(0.01, 0.026);
        let side = if self.chance(0.5) { 0.0 } else { 1.0 };
        let toward = |share: f32| side + share * (1.0 - 2.0 * side);
        let way = match self.rng.random_range(0..4) {
            // In the windpipe.
            0 => vec![(0.5, 0.0), (0.5, 0.15), (0.5, self.between(0.22, 0.38))],
            // To the stomach.
            1 => vec![(0.5, 0.0), (0.5, 0.35), (0.52, 0.7), (toward(0.4), 1.0)],
            // In a central vein.
            2 => vec![(toward(0.15), 0.0), (toward(0.3), 0.08), (toward(0.44), 0.25), (toward(0.45), 0.45)],
            // A drain.
            _ => vec![
                (toward(0.0), self.between(0.4, 0.8)),
                (toward(0.15), 0.5),
                (toward(0.25), self.between(0.1, 0.3)),
            ],
        };
        let tube = self.curve(&way, 0.03);
        self.polyline(&tube, width, ink);
        if self.chance(0.5) {
            // The radiopaque stripe.
            let stripe = Ink { value: self.between(0.9, 1.0), opacity: 0.9 };
            self.polyline(&tube, 0.2 * width, stripe);
        }
    }

    fn electrodes(&mut self) {
        let ink = Ink { opacity: self.between(0.7, 1.0), ..self.ink(WHITE) };
        let (radius, hollow) = (self.length(0.012, 0.03), self.chance(0.4));
        let (cables, width) = (self.chance(0.6), self.length(0.003, 0.008));
        for _ in 0..self.rng.random_range(2..=6) {
            let center = self.place(3.0 * radius, 3.0 * radius);
            let (x, y) = (
                (center.0 - self.area.left) / self.area.width,
                (center.1 - self.area.top) / self.area.height,
            );
            if cables {
                let out = if x < 0.5 { 0.0 } else { 1.0 };
                let lower = y + self.between(-0.2, 0.2);
                let cable = self.curve(&[(x, y), ((x + out) / 2.0, y + 0.05), (out, lower)], 0.02);
                self.polyline(&cable, width, ink);
            }
            if hollow {
                self.canvas.ring(center, radius, 0.4 * radius, ink);
                self.canvas.disc(center, 0.35 * radius, ink);
            } else {
                self.canvas.disc(center, radius, ink);
            }
        }
    }
}

/// A smooth curve through `points`, as a polyline (Catmull and Rom).
fn smooth(points: &[Point]) -> Vec<Point> {
    const STEPS: u8 = 6;
    let Some(last) = points.last() else { return Vec::new() };
    let at = |k: usize| points[k.min(points.len() - 1)];
    let mut curve = Vec::with_capacity(points.len() * usize::from(STEPS));
    for k in 0..points.len() - 1 {
        let (before, from, to, after) = (at(k.saturating_sub(1)), at(k), at(k + 1), at(k + 2));
        for step in 0..STEPS {
            let t = f32::from(step) / f32::from(STEPS);
            let one = |p: f32, a: f32, b: f32, q: f32| {
                a + 0.5 * t * (b - p + t * (2.0 * p - 5.0 * a + 4.0 * b - q + t * (3.0 * (a - b) + q - p)))
            };
            curve.push((one(before.0, from.0, to.0, after.0), one(before.1, from.1, to.1, after.1)));
        }
    }
    curve.push(*last);
    curve
}

/// A closed ellipse with half axes `a` and `b`.
fn ellipse(center: Point, a: f32, b: f32, steps: u8) -> Vec<Point> {
    let point = |k: u8| {
        let angle = TAU * f32::from(k) / f32::from(steps);
        (center.0 + a * angle.cos(), center.1 + b * angle.sin())
    };
    (0..=steps).map(point).collect()
}

/// A closed rectangle with half sides `a` and `b`, each side in four parts.
fn rectangle(center: Point, a: f32, b: f32) -> Vec<Point> {
    const CORNERS: [Point; 5] = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)];
    let mut points = Vec::new();
    for ends in CORNERS.windows(2) {
        for k in 0..4_u8 {
            let share = f32::from(k) / 4.0;
            let between = |from: f32, to: f32| from + share * (to - from);
            points.push((
                center.0 + a * between(ends[0].0, ends[1].0),
                center.1 + b * between(ends[0].1, ends[1].1),
            ));
        }
    }
    points.push((center.0 - a, center.1 - b));
    points
}

#[cfg(test)]
mod tests {
    use proptest::prelude::prop_assert;
    use rand::SeedableRng;

    use super::*;

    const SIDE: usize = 192;

    /// Draws on the grey of a square.
    fn drawn(mark: Mark, seed: u64, side: usize, area: Area) -> Vec<f32> {
        let mut pixels = vec![0.4; side * side];
        mark.draw(&mut Canvas::new(&mut pixels, side), area, &mut ChaCha8Rng::seed_from_u64(seed));
        pixels
    }

    fn whole(side: usize) -> Area {
        Area { left: 0.0, top: 0.0, width: side as f32, height: side as f32 }
    }

    #[test]
    fn every_kind_covers_what_such_a_thing_covers() {
        for mark in MARKS {
            let shares: Vec<f32> = (0..60)
                .map(|seed| {
                    let pixels = drawn(mark, seed, SIDE, whole(SIDE));
                    pixels.iter().filter(|value| (**value - 0.4).abs() > 0.05).count() as f32
                        / pixels.len() as f32
                })
                .collect();
            let (least, most) = shares.iter().fold((1.0_f32, 0.0_f32), |(a, b), &s| (a.min(s), b.max(s)));
            let mean = shares.iter().sum::<f32>() / shares.len() as f32;
            assert!(least > 0.0005 && most < 0.2, "{mark:?}: {least} to {most}");
            assert!((0.004..0.06).contains(&mean), "{mark:?}: {mean}");
        }
    }

    #[test]
    fn what_is_white_is_brighter_and_what_is_black_is_darker() {
        for seed in 0..20 {
            let of = |mark| drawn(mark, seed, SIDE, whole(SIDE));
            assert!(of(Mark::ArrowWhite).iter().all(|value| *value >= 0.4 - 1e-6));
            assert!(of(Mark::ArrowBlack).iter().all(|value| *value <= 0.4 + 1e-6));
            let tube = of(Mark::Tube).iter().fold(0.0_f32, |most, &value| most.max(value));
            assert!((0.5..1.0).contains(&tube), "a tube lets the film shine through: {tube}");
        }
    }

    #[test]
    fn the_same_seed_is_the_same_picture() {
        for mark in MARKS {
            assert_eq!(drawn(mark, 3, SIDE, whole(SIDE)), drawn(mark, 3, SIDE, whole(SIDE)));
            assert_ne!(drawn(mark, 3, SIDE, whole(SIDE)), drawn(mark, 4, SIDE, whole(SIDE)), "{mark:?}");
        }
    }

    #[test]
    fn a_mark_is_as_large_as_its_area_wants_it() {
        let count = |side: usize| {
            let drawn = (0..30).flat_map(|seed| drawn(Mark::ArrowWhite, seed, side, whole(side)));
            drawn.map(|value| (value - 0.4) / 0.6).sum::<f32>() / (30 * side * side) as f32
        };
        assert!((count(96) / count(384) - 1.0).abs() < 0.15, "{} {}", count(96), count(384));
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_drawn_outside_the_area(
            mark in 0..MARKS.len(), seed in 0_u64..10_000, side in 1_usize..220,
            left in 0.0..0.6_f32, top in 0.0..0.6_f32, width in 0.02..0.4_f32, height in 0.02..0.4_f32,
        ) {
            let size = side as f32;
            let area = Area { left: left * size, top: top * size, width: width * size, height: height * size };
            // Half the widest line, and the smooth edge.
            let margin = 0.02 * area.width + 1.5;
            for (k, value) in drawn(MARKS[mark], seed, side, area).into_iter().enumerate() {
                let (x, y) = ((k % side) as f32 + 0.5, (k / side) as f32 + 0.5);
                let (near_x, near_y) = area.clamp((x, y));
                prop_assert!((0.0..=1.0001).contains(&value));
                let outside = (x - near_x).abs().max((y - near_y).abs());
                prop_assert!(outside <= margin || value == 0.4, "{:?} at {x}, {y}", MARKS[mark]);
            }
        }
    }
}
