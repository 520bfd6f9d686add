//! Draws lines, areas and letters over a plane, with smooth edges.

/// A position in pixels. Pixel centres are at half-integers.
pub type Point = (f32, f32);

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    /// The rectangle around all `points`, with `margin` on every side.
    fn around(points: &[Point], margin: f32) -> Self {
        let of = |pick: fn(&Point) -> f32| {
            let values = points.iter().map(pick);
            values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let ((left, right), (top, bottom)) = (of(|point| point.0), of(|point| point.1));
        Self {
            left: left - margin,
            top: top - margin,
            width: right - left + 2.0 * margin,
            height: bottom - top + 2.0 * margin,
        }
    }

    /// The position at the shares `x` and `y` of its width and height.
    pub fn at(&self, x: f32, y: f32) -> Point {
        (self.left + x * self.width, self.top + y * self.height)
    }

    /// The position inside the rectangle that is nearest to `point`.
    pub fn clamp(&self, (x, y): Point) -> Point {
        (x.max(self.left).min(self.left + self.width), y.max(self.top).min(self.top + self.height))
    }

    /// The share of the pixel at (`x`, `y`) that it covers, 0…1.
    fn coverage(&self, x: usize, y: usize) -> f32 {
        let overlap = |start: f32, length: f32, pixel: usize| {
            let pixel = pixel as f32;
            ((start + length).min(pixel + 1.0) - start.max(pixel)).max(0.0)
        };
        overlap(self.left, self.width, x) * overlap(self.top, self.height, y)
    }
}

/// An ink: a value in the scale of the plane, and an opacity, 0…1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Ink {
    pub value: f32,
    pub opacity: f32,
}

/// A plane to draw on. Shapes are clipped at its edges.
pub struct Canvas<'a> {
    pixels: &'a mut [f32],
    width: usize,
    height: usize,
}

/// How much of each pixel of a part of a canvas a shape covers, 0…1.
struct Mask {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    coverage: Vec<f32>,
}

impl Mask {
    /// Raises the coverage of the pixels of `area` to at least `coverage`.
    fn cover(&mut self, area: Area, coverage: impl Fn(usize, usize) -> f32) {
        let (columns, rows) = touched(area, self.left + self.width, self.top + self.height);
        for y in rows.start.max(self.top)..rows.end {
            for x in columns.start.max(self.left)..columns.end {
                let slot = &mut self.coverage[(y - self.top) * self.width + x - self.left];
                *slot = slot.max(coverage(x, y));
            }
        }
    }
}

/// The columns and rows that `area` touches, of a plane of this size.
fn touched(area: Area, width: usize, height: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let range = |start: f32, length: f32, size: usize| {
        let end = ((start + length).ceil().max(0.0) as usize).min(size);
        (start.floor().max(0.0) as usize).min(end)..end
    };
    (range(area.left, area.width, width), range(area.top, area.height, height))
}

/// The coverage, 0…1, of a pixel whose centre lies `distance` outside a shape's edge.
fn smooth(distance: f32) -> f32 {
    (0.5 - distance).clamp(0.0, 1.0)
}

/// The distance from the pixel's centre to the line segment between `from` and `to`.
fn to_segment(x: usize, y: usize, from: Point, to: Point) -> f32 {
    let (px, py) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = ((px * dx + py * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
    let (rx, ry) = (px - along * dx, py - along * dy);
    (rx * rx + ry * ry).sqrt()
}

impl<'a> Canvas<'a> {
    /// A canvas over row-major pixels.
    pub fn new(pixels: &'a mut [f32], width: usize) -> Self {
        let height = pixels.len().checked_div(width).unwrap_or(0);
        Self { pixels, width, height }
    }

    /// An empty mask for `area`.
    fn mask(&self, area: Area) -> Mask {
        let (columns, rows) = touched(area, self.width, self.height);
        let (width, height) = (columns.len(), rows.len());
        Mask { left: columns.start, top: rows.start, width, height, coverage: vec![0.0; width * height] }
    }

    fn blend(&mut self, mask: &Mask, ink: Ink) {
        for y in 0..mask.height {
            let start = (mask.top + y) * self.width + mask.left;
            let below = &mut self.pixels[start..start + mask.width];
            for (slot, coverage) in below.iter_mut().zip(&mask.coverage[y * mask.width..]) {
                if *coverage > 0.0 {
                    *slot += coverage * ink.opacity * (ink.value - *slot);
                }
            }
        }
    }

    fn fill(&mut self, area: Area, ink: Ink, coverage: impl Fn(usize, usize) -> f32) {
        let mut mask = self.mask(area);
        mask.cover(area, coverage);
        self.blend(&mask, ink);
    }

    /// A straight line with round ends.
    pub fn line(&mut self, from: Point, to: Point, width: f32, ink: Ink) {
        self.polyline(&[from, to], width, ink);
    }

    /// Straight lines from each point to the next. A line thinner than a pixel is as faint as it is thin.
    pub fn polyline(&mut self, points: &[Point], width: f32, ink: Ink) {
        if points.is_empty() {
            return;
        }
        let half = width.max(1.0) / 2.0;
        let ink = Ink { opacity: ink.opacity * width.clamp(0.0, 1.0), ..ink };
        let mut mask = self.mask(Area::around(points, half + 0.5));
        for ends in points.windows(2) {
            let area = Area::around(ends, half + 0.5);
            mask.cover(area, |x, y| smooth(to_segment(x, y, ends[0], ends[1]) - half));
        }
        self.blend(&mask, ink);
    }

    /// A polygon, filled by the even-odd rule.
    pub fn polygon(&mut self, corners: &[Point], ink: Ink) {
        if corners.len() < 3 {
            return;
        }
        let edges = || corners.iter().zip(corners.iter().cycle().skip(1));
        let inside = |x: f32, y: f32| {
            let crossed = |(a, b): &(&Point, &Point)| {
                (a.1 > y) != (b.1 > y) && x < a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)
            };
            edges().filter(crossed).count() % 2 == 1
        };
        self.fill(Area::around(corners, 0.5), ink, |x, y| {
            let edge = edges().map(|(a, b)| to_segment(x, y, *a, *b)).fold(f32::INFINITY, f32::min);
            smooth(if inside(x as f32 + 0.5, y as f32 + 0.5) { -edge } else { edge })
        });
    }

    /// A filled circle.
    pub fn disc(&mut self, center: Point, radius: f32, ink: Ink) {
        self.fill(Area::around(&[center], radius + 0.5), ink, |x, y| {
            smooth(to_segment(x, y, center, center) - radius)
        });
    }

    /// The outline of a circle, half of its width on either side of `radius`.
    pub fn ring(&mut self, center: Point, radius: f32, width: f32, ink: Ink) {
        let half = width.max(1.0) / 2.0;
        let ink = Ink { opacity: ink.opacity * width.clamp(0.0, 1.0), ..ink };
        self.fill(Area::around(&[center], radius + half + 0.5), ink, |x, y| {
            smooth((to_segment(x, y, center, center) - radius).abs() - half)
        });
    }

    /// A filled rectangle whose corners are rounded with `radius`.
    pub fn rounded_rectangle(&mut self, area: Area, radius: f32, ink: Ink) {
        let radius = radius.min(area.width / 2.0).min(area.height / 2.0);
        let core = Area {
            left: area.left + radius,
            top: area.top + radius,
            width: area.width - 2.0 * radius,
            height: area.height - 2.0 * radius,
        };
        self.fill(Area::around(&[area.at(0.0, 0.0), area.at(1.0, 1.0)], 0.5), ink, |x, y| {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let across = (core.left - px).max(px - core.left - core.width);
            let down = (core.top - py).max(py - core.top - core.height);
            let outside = across.max(0.0).hypot(down.max(0.0));
            smooth(outside + across.max(down).min(0.0) - radius)
        });
    }

    /// Block letters of this `height`, with their upper left corner at `place`. Characters that the font lacks leave a
    /// gap.
    pub fn text(&mut self, text: &str, place: Point, height: f32, ink: Ink) {
        let dot = height / ROWS as f32;
        let all = Area { left: place.0, top: place.1, width: text_width(text, height), height };
        let mut mask = self.mask(all);
        let (wide, high) = (mask.left + mask.width, mask.top + mask.height);
        for (k, character) in text.chars().enumerate() {
            let left = place.0 + (k * (COLUMNS + 1)) as f32 * dot;
            for (row, bits) in glyph(character).into_iter().enumerate() {
                for column in (0..COLUMNS).filter(|column| bits >> (COLUMNS - 1 - column) & 1 == 1) {
                    let (left, top) = (left + column as f32 * dot, place.1 + row as f32 * dot);
                    let dot = Area { left, top, width: dot, height: dot };
                    let (columns, rows) = touched(dot, wide, high);
                    for y in rows {
                        for x in columns.clone() {
                            // Dots that share a pixel add up.
                            mask.coverage[(y - mask.top) * mask.width + x - mask.left] += dot.coverage(x, y);
                        }
                    }
                }
            }
        }
        self.blend(&mask, ink);
    }
}

const COLUMNS: usize = 5;
const ROWS: usize = 7;

/// The width of a text of this `height`.
pub fn text_width(text: &str, height: f32) -> f32 {
    let dots = (text.chars().count() * (COLUMNS + 1)).saturating_sub(1);
    dots as f32 * height / ROWS as f32
}

/// A character's rows, each of five bits.
fn glyph(character: char) -> [u8; ROWS] {
    const LETTERS: [[u8; ROWS]; 26] = [
        [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        [0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e],
        [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
        [0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e],
        [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f],
        [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10],
        [0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f],
        [0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        [0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e],
        [0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c],
        [0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11],
        [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f],
        [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11],
        [0x11, 0x11, 0x19, 0x15, 0x13, 0x11, 0x11],
        [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        [0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10],
        [0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d],
        [0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11],
        [0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e],
        [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
        [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        [0x11, 0x11, 0x11, 0x11, 0x11, 0x0a, 0x04],
        [0x11, 0x11, 0x11, 0x15, 0x15, 0x15, 0x0a],
        [0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11],
        [0x11, 0x11, 0x11, 0x0a, 0x04, 0x04, 0x04],
        [0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f],
    ];
    const DIGITS: [[u8; ROWS]; 10] = [
        [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
        [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
        [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
        [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
        [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
        [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
        [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
        [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
        [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
        [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
    ];
    match character {
        'A'..='Z' => LETTERS[character as usize - 'A' as usize],
        '0'..='9' => DIGITS[character as usize - '0' as usize],
        '.' => [0, 0, 0, 0, 0, 0x0c, 0x0c],
        '-' => [0, 0, 0, 0x1f, 0, 0, 0],
        _ => [0; ROWS],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert};

    use super::*;

    const INK: Ink = Ink { value: 1.0, opacity: 1.0 };
    const SIDE: usize = 40;

    fn drawn(draw: impl Fn(&mut Canvas<'_>)) -> Vec<f32> {
        let mut pixels = vec![0.0; SIDE * SIDE];
        draw(&mut Canvas::new(&mut pixels, SIDE));
        pixels
    }

    fn area(pixels: &[f32]) -> f32 {
        pixels.iter().sum()
    }

    #[test]
    fn shapes_cover_their_area() {
        let close = |pixels: Vec<f32>, expected: f32| {
            let area = area(&pixels);
            assert!((area / expected - 1.0).abs() < 0.03, "{area}, not {expected}");
        };
        let pi = std::f32::consts::PI;
        close(drawn(|on| on.disc((20.3, 19.1), 9.0, INK)), pi * 81.0);
        close(drawn(|on| on.ring((20.3, 19.1), 12.0, 3.0, INK)), pi * 2.0 * 12.0 * 3.0);
        close(drawn(|on| on.ring((20.3, 19.1), 12.0, 0.4, INK)), pi * 2.0 * 12.0 * 0.4);
        close(drawn(|on| on.line((5.0, 6.0), (30.0, 34.0), 4.0, INK)), 25_f32.hypot(28.0) * 4.0 + pi * 4.0);
        close(
            drawn(|on| on.polygon(&[(4.0, 4.0), (36.0, 10.0), (12.0, 35.0)], INK)),
            0.5 * (32.0 * 31.0 - 8.0 * 6.0),
        );
        let rectangle = Area { left: 5.2, top: 7.7, width: 20.0, height: 14.0 };
        close(drawn(|on| on.rounded_rectangle(rectangle, 0.0, INK)), 280.0);
        close(drawn(|on| on.rounded_rectangle(rectangle, 4.0, INK)), 280.0 - (4.0 - pi) * 16.0);
        // An I has 3 + 5 + 3 dots.
        close(drawn(|on| on.text("I", (3.4, 5.6), 21.0, INK)), 11.0 * 9.0);
    }

    #[test]
    fn a_hole_of_a_polygon_stays_empty() {
        let (outer, inner) = (
            [(4.0, 4.0), (36.0, 4.0), (36.0, 36.0), (4.0, 36.0)],
            [(12.0, 12.0), (28.0, 12.0), (28.0, 28.0), (12.0, 28.0)],
        );
        let corners: Vec<Point> = [&outer[..], &outer[..1], &inner[..], &inner[..1]].concat();
        let pixels = drawn(|on| on.polygon(&corners, INK));
        assert_eq!((pixels[20 * SIDE + 20], pixels[8 * SIDE + 20]), (0.0, 1.0));
    }

    #[test]
    fn opacity_holds_where_lines_meet() {
        let half = Ink { value: 0.8, opacity: 0.5 };
        let pixels = drawn(|on| on.polyline(&[(5.0, 5.0), (20.0, 5.0), (20.0, 20.0), (6.0, 5.0)], 4.0, half));
        let most = pixels.iter().fold(0.0_f32, |most, &value| most.max(value));
        assert_eq!(most, 0.4, "the ink lies once where two lines meet");
    }

    #[test]
    fn edges_are_smooth() {
        let pixels = drawn(|on| on.disc((20.0, 20.0), 10.0, INK));
        assert!(pixels.iter().filter(|value| (0.1..0.9).contains(*value)).count() > 20);
        assert_eq!(drawn(|on| on.line((2.0, 10.0), (38.0, 10.0), 2.0, INK))[10 * SIDE + 20], 1.0);
        assert_eq!(drawn(|on| on.line((2.0, 10.0), (38.0, 10.0), 1.0, INK))[10 * SIDE + 20], 0.5);
    }

    #[test]
    fn letters_stand_one_beside_the_other() {
        let pixels = drawn(|on| on.text("L1", (2.0, 3.0), 14.0, INK));
        let row = |y: usize| -> Vec<usize> { (0..SIDE).filter(|x| pixels[y * SIDE + x] > 0.5).collect() };
        assert_eq!(row(4), [2, 3, 18, 19]);
        assert_eq!(row(15), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21]);
        assert_eq!(text_width("L1", 14.0), 22.0);
        assert_eq!(area(&drawn(|on| on.text(" ?", (2.0, 3.0), 14.0, INK))), 0.0);
    }

    proptest::proptest! {
        #[test]
        fn nothing_reaches_beyond_the_canvas(
            width in 0_usize..30, height in 0_usize..30,
            points in prop::collection::vec((-60.0..90.0_f32, -60.0..90.0_f32), 3..6),
            size in 0.0..50.0_f32, thick in 0.0..9.0_f32, opacity in 0.0..=1.0_f32, dark in any::<bool>(),
        ) {
            let mut pixels = vec![0.5; width * height];
            let ink = Ink { value: if dark { 0.0 } else { 1.0 }, opacity };
            let mut canvas = Canvas::new(&mut pixels, width);
            canvas.polyline(&points, thick, ink);
            canvas.polygon(&points, ink);
            canvas.disc(points[0], size, ink);
            canvas.ring(points[1], size, thick, ink);
            let area = Area { left: points[2].0, top: points[2].1, width: size, height: thick };
            canvas.rounded_rectangle(area, thick, ink);
            canvas.text("AZ09", points[0], size, ink);
            prop_assert!(pixels.iter().all(|value| (-1e-5..=1.0 + 1e-5).contains(value)));
        }
    }
}
