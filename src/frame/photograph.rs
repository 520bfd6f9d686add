//! Whether a picture is a photograph of a film: of a screen, a light box, a print.
//!
//! A photograph is taken by hand, so that the film's outline on it is a quadrilateral whose opposite sides are not
//! parallel. From each side of the picture the first edge is looked for along many lines; where those places lie on a
//! straight line on all four sides, and the lines are tilted differently, it is a photograph. On a light box one side may
//! not be seen: then the other three must be tilted more. A sheet that lay askew on
//! a scanner has four sides with one tilt, and the edges in a film (arms, neck, collimator) are not straight on all four
//! sides.

use super::grid::Value;
use crate::radiograph::{Color, Radiograph, Samples};

/// The longer side of what is looked at, in cells.
const CELLS: usize = 256;
/// Of a cell at least so many rows are looked at, where it has them.
const ENOUGH: usize = 3;
/// The share of the cells that is cut off at either end of the greys.
const CUT: f64 = 0.005;
/// An edge is where the grey (of 255) changes by this…
const EDGE: f32 = 12.0;
/// … within so many cells.
const REACH: usize = 4;
/// From where an edge begins, its steepest place is within so many cells.
const STEEPEST: usize = 6;
/// An edge so many cells from the picture's edge, all along it, is none of the film: what was cut there is blurred.
const BORDER: usize = 3;
/// Edges are looked for up to this share of the way.
const DEPTH: f64 = 0.4;
/// Lines near the corners, this share on either end, are not asked.
const CORNER: f64 = 0.15;
/// A place belongs to a line that is so near, in cells.
const NEAR: f32 = 1.3;
/// A side is straight where this share of its places belongs to one line…
const STRAIGHT: f32 = 0.7;
/// … that lies further inside than this share.
const INSIDE: f32 = 0.01;
/// The sides of a photograph are tilted by at least so many degrees more or less than each other.
const SPREAD: f32 = 1.0;
/// Where only three sides are seen, by at least so many.
const WIDE_SPREAD: f32 = 1.5;
/// Two of them at least are tilted by more than this: in a frame that was drawn, one side may be taken for the edge of
/// something in the film.
const TILTED: f32 = 0.5;

/// Whether a picture is a photograph of a film.
pub fn is_photograph(picture: &Radiograph) -> bool {
    let mut cells = Cells::of(picture);
    let mut tilts = Vec::new();
    for _ in 0..4 {
        tilts.extend(cells.tilt_of_top());
        cells = cells.turned();
    }
    let (least, most) = tilts
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &tilt| (low.min(tilt), high.max(tilt)));
    let tilted = tilts.iter().filter(|tilt| tilt.abs() > TILTED).count();
    // Held straight before a screen, a camera sees a rectangle that is turned; it sees colour too, and scanners of films
    // do not.
    let is_colored = matches!(picture.provenance.color, Color::Color8 | Color::Color16);
    match tilts.len() {
        4 => (most - least >= SPREAD && tilted >= 2) || (is_colored && tilted == 4),
        // On a light box what is clear on the film is as bright as the box: one side may not be seen.
        3 => most - least >= WIDE_SPREAD && tilted == 3,
        _ => false,
    }
}

/// A picture in cells: the mean of each, 0…255 of their range without the extremes.
struct Cells {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Cells {
    fn of(picture: &Radiograph) -> Self {
        let longer = picture.width.max(picture.height);
        let of = |length: usize| (length * CELLS.min(longer) / longer).max(1);
        let (width, height) = (of(picture.width), of(picture.height));
        let sums = match &picture.samples {
            Samples::U8(samples) => means(samples, picture, (width, height)),
            Samples::U16(samples) => means(samples, picture, (width, height)),
            Samples::F64(samples) => means(samples, picture, (width, height)),
        };
        let mut sorted = sums.clone();
        let cut = (CUT * sorted.len() as f64) as usize;
        let last = sorted.len() - 1 - cut;
        let high = *sorted.select_nth_unstable_by(last, f32::total_cmp).1;
        let low = *sorted[..=last].select_nth_unstable_by(cut, f32::total_cmp).1;
        let gain = if high > low { 255.0 / (high - low) } else { 0.0 };
        Self { width, height, values: sums.into_iter().map(|value| (value - low) * gain).collect() }
    }

    /// By a quarter: what was the right side is the top.
    fn turned(&self) -> Self {
        let at = |x: usize, y: usize| self.values[y * self.width + x];
        let (width, height) = (self.height, self.width);
        let values = (0..width * height).map(|k| at(height - 1 - k / width, k % width)).collect();
        Self { width, height, values }
    }

    /// How far the edge that is the first from the top is tilted, in degrees; `None` where it is not straight.
    fn tilt_of_top(&self) -> Option<f32> {
        let depth = (DEPTH * self.height as f64) as usize;
        let columns = (CORNER * self.width as f64) as usize..((1.0 - CORNER) * self.width as f64) as usize;
        if depth < 2 * BORDER + REACH + STEEPEST || columns.len() < 3 * REACH {
            return None;
        }
        // Of what was cut in a photograph the border is blurred.
        let is_blurred = |x: &usize| (0..BORDER).any(|y| self.change(*x, y) > EDGE);
        let start =
            if 2 * columns.clone().filter(is_blurred).count() > columns.len() { 2 * BORDER } else { 0 };
        let asked = columns.len();
        let place = |x: usize| Some((x as f32, self.edge(x, start, depth)?));
        let places: Vec<(f32, f32)> = columns.filter_map(place).collect();
        let (line, count) = line(&places)?;
        let middle = line.at(self.width as f32 / 2.0) / self.height as f32;
        let is_straight = count as f32 >= STRAIGHT * asked as f32 && middle > INSIDE;
        is_straight.then(|| line.slope.atan().to_degrees())
    }

    /// The mean with both neighbours, along the side.
    fn at(&self, x: usize, y: usize) -> f32 {
        let row = &self.values[y * self.width..(y + 1) * self.width];
        (row[x.saturating_sub(1)] + row[x] + row[(x + 1).min(self.width - 1)]) / 3.0
    }

    /// How much the grey changes below a cell.
    fn change(&self, x: usize, y: usize) -> f32 {
        (self.at(x, y + REACH) - self.at(x, y)).abs()
    }

    /// How deep the first edge of a column lies; `None` where there is none.
    #[inline(never)]
    fn edge(&self, x: usize, start: usize, depth: usize) -> Option<f32> {
        let first = (start..depth - REACH).find(|&y| self.change(x, y) > EDGE)?;
        let within = first..(first + STEEPEST).min(self.height - REACH);
        let change = |y: usize| self.change(x, y);
        let steepest = within.max_by(|&a, &b| change(a).total_cmp(&change(b)).then(b.cmp(&a)))?;
        Some((steepest + REACH / 2) as f32)
    }
}

struct Line {
    slope: f32,
    offset: f32,
}

impl Line {
    fn at(&self, x: f32) -> f32 {
        self.slope * x + self.offset
    }

    /// How many places belong to it.
    #[inline(never)]
    fn count(&self, places: &[(f32, f32)]) -> usize {
        places.iter().filter(|(x, y)| (y - self.at(*x)).abs() < NEAR).count()
    }
}

/// The line through one place of the first third and one of the last to which most places belong, and how many do.
fn line(places: &[(f32, f32)]) -> Option<(Line, usize)> {
    const ASKED: usize = 12;
    let third = places.len() / 3;
    let some = |from: usize| (0..ASKED).map(move |k| from + k * third / ASKED);
    let mut best: Option<(Line, usize)> = None;
    for first in some(0) {
        for last in some(places.len() - third) {
            let (Some(a), Some(b)) = (places.get(first), places.get(last)) else { continue };
            if b.0 <= a.0 {
                continue;
            }
            let slope = (b.1 - a.1) / (b.0 - a.0);
            let line = Line { slope, offset: a.1 - slope * a.0 };
            let count = line.count(places);
            if best.as_ref().is_none_or(|(_, most)| count > *most) {
                best = Some((line, count));
            }
        }
    }
    best
}

#[inline(never)]
fn add<T: Value>(sums: &mut [f32], row: &[T]) {
    sums.iter_mut().zip(row).for_each(|(sum, &sample)| *sum += sample.single());
}

/// The mean of every cell of a picture, of some of its rows where it has many.
fn means<T: Value>(samples: &[T], picture: &Radiograph, (width, height): (usize, usize)) -> Vec<f32> {
    let step = ((picture.width / width).min(picture.height / height) / ENOUGH).max(1);
    // Where each cell begins, and the last one ends.
    let starts: Vec<usize> = (0..=width).map(|x| (x * picture.width).div_ceil(width)).collect();
    let mut means = Vec::with_capacity(width * height);
    let mut sums = vec![0.0; picture.width];
    for y in 0..height {
        let rows = (y * picture.height).div_ceil(height)..((y + 1) * picture.height).div_ceil(height);
        let mut count = 0;
        sums.fill(0.0);
        for row in rows.step_by(step).map(|y| &samples[y * picture.width..][..picture.width]) {
            count += 1;
            add(&mut sums, row);
        }
        let mean = |cell: &[usize]| {
            let sums = &sums[cell[0]..cell[1]];
            sums.iter().sum::<f32>() / (sums.len() * count) as f32
        };
        means.extend(starts.windows(2).map(mean));
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::Phantom;

    const SIDE: usize = 400;

    /// A film in a darker bezel on a grey ground, its corners at these places: the picture that a camera makes of it.
    fn photograph(corners: [(f64, f64); 4]) -> Radiograph {
        let film = Phantom { width: SIDE, height: SIDE, seed: 3 }.draw_u8();
        let [a, b, c, d] = corners;
        let samples = (0..600 * 640).map(|k| {
            // The place on the film: by bisection of the quadrilateral, which is bilinear and tilts sides as perspective does.
            let (x, y) = ((k % 600) as f64, (k / 600) as f64);
            let (mut u, mut v) = (0.5, 0.5);
            for _ in 0..12 {
                let mix = |p: f64, q: f64, r: f64, s: f64| {
                    (p * (1.0 - u) + q * u) * (1.0 - v) + (s * (1.0 - u) + r * u) * v
                };
                let (ex, ey) = (x - mix(a.0, b.0, c.0, d.0), y - mix(a.1, b.1, c.1, d.1));
                u += ex / (b.0 - a.0);
                v += ey / (d.1 - a.1);
            }
            let is_inside = |share: f64, margin: f64| (-margin..1.0 + margin).contains(&share);
            match (is_inside(u, 0.0) && is_inside(v, 0.0), is_inside(u, 0.06) && is_inside(v, 0.06)) {
                (true, _) => {
                    20 + film[(v * SIDE as f64) as usize * SIDE + (u * SIDE as f64) as usize] / 5 * 4
                }
                (_, true) => 8,
                _ => 60,
            }
        });
        Radiograph::drawn(600, 640, Samples::U8(samples.collect()))
    }

    const STRAIGHT_ON: [(f64, f64); 4] = [(80.0, 90.0), (520.0, 90.0), (520.0, 550.0), (80.0, 550.0)];

    #[test]
    fn a_film_in_perspective_is_a_photograph() {
        assert!(is_photograph(&photograph([(80.0, 90.0), (510.0, 105.0), (530.0, 560.0), (70.0, 540.0)])));
        assert!(is_photograph(&photograph([(100.0, 90.0), (500.0, 80.0), (530.0, 545.0), (75.0, 560.0)])));
        assert!(!is_photograph(&photograph(STRAIGHT_ON)), "a screenshot");
    }

    #[test]
    fn a_sheet_that_lies_askew_is_none() {
        let angle = 3.0_f64.to_radians();
        let turned = STRAIGHT_ON.map(|(x, y)| {
            let (x, y) = (x - 300.0, y - 320.0);
            (300.0 + x * angle.cos() - y * angle.sin(), 320.0 + x * angle.sin() + y * angle.cos())
        });
        let mut turned = photograph(turned);
        assert!(!is_photograph(&turned));
        turned.provenance.color = Color::Color8;
        assert!(is_photograph(&turned), "in colour it is none of a scanner of films");
        let mut straight = photograph(STRAIGHT_ON);
        straight.provenance.color = Color::Color8;
        assert!(!is_photograph(&straight), "a screenshot in colour");
    }

    #[test]
    fn films_are_none() {
        for seed in 0..12 {
            let film = Phantom { width: 500, height: 430, seed }.draw_u16();
            assert!(!is_photograph(&Radiograph::drawn(500, 430, Samples::U16(film))), "{seed}");
        }
        assert!(!is_photograph(&Radiograph::drawn(16, 16, Samples::U8(vec![7; 256]))));
        assert!(!is_photograph(&Radiograph::drawn(1, 900, Samples::F64(vec![0.5; 900]))));
    }
}
