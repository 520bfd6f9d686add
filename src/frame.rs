//! Where the film is in a picture that holds more: a film on a white page, in a letterbox or on a transparent ground,
//! the sheet around it with its ruler, a viewer with bars and panels, a desktop in colour. And whether colour is laid over
//! the film, and whether the picture is a photograph.
//!
//! What surrounds a film is uniform, or nearly, and begins at the picture's edge; letters, rulers and icons are narrow.
//! What is left is a block. Inside a block there may be another surround, as a viewer's black ground inside its bars, so
//! that the search goes on there until nothing more is found (a top-down layout analysis, as the X-Y cut of Nagy and
//! Seth 1984 is one).
//!
//! What is coloured around a rectangle that is not, or has another tint, is surround too, and need not be uniform. Inside
//! the bars of a viewer, a pane that holds next to nothing is cut whatever lines divide it.
//!
//! A film ends along a straight line, and what a hard window made white ends where the body does: a side of a block that is
//! not straight is cut only as far as the opposite one.
//!
//! Films have uniform margins of their own, and the readers were trained with them: dark ones above all, where the
//! collimator let nothing through. So a frame is [certain](Layout::certain) only where no film is like that: a surround
//! that is not dark on two sides or more, a strip that is not dark, or has icons on it, along one straight side, or a dark
//! surround that is wide on both opposite sides. All others are
//! [possible](Layout::possible): `pipeline` asks the gate whether the whole picture can be read, and tries them only where
//! it cannot.

mod cast;
mod colored;
mod grid;
mod overlay;
mod pale;
mod photograph;
mod surround;
mod tint;

pub use cast::has_cast;
pub use overlay::is_color_laid_over;
pub use photograph::is_photograph;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::radiograph::{Radiograph, Samples};
use colored::Content;
use grid::{Grid, Span, Value};
use surround::{Margin, Part, Surround};

/// Blocks inside blocks are looked for so often.
const DEPTH: usize = 6;
/// What is narrower than this share of the region's shorter side is no film, but a letter, a ruler, a line.
const THICKNESS: f32 = 0.04;
/// A film has at least this share of the picture's area…
const LEAST_AREA: f64 = 0.03;
/// … and so many pixels on its shorter side.
const LEAST_SIDE_PX: usize = 64;
/// No frontal film is longer than this, in either direction.
const LARGEST_ASPECT: f64 = 2.2;
/// A level below this (of 255) is dark.
const DARK: f32 = 60.0;
/// Margins together, left and right or above and below, of less than this share of the picture are left.
const LEAST_MARGIN: f32 = 0.03;
/// Dark margins on both opposite sides are a surround where each is at least this share: left and right…
const WIDE_BESIDE: f32 = 0.11;
/// … and above and below, where collimators leave more.
const WIDE_ABOVE: f32 = 0.18;
/// Bars and panels have at most this share.
const LARGEST_BAR: f32 = 0.3;
/// A dark margin of this share, left or right, is one on one side alone.
const WIDEST: f32 = 0.3;
/// Dark margins of this share on all four sides are one too.
const ALL_AROUND: f32 = 0.04;
/// A side of a block is straight where this share of its lines begins there…
const STRAIGHT: f32 = 0.45;
/// … and as straight as what was drawn where this share does…
const UPRIGHT: f32 = 0.75;
/// … and that of a strip of a toolbar where this share does: nothing in a film ends so straight.
const STRIP_STRAIGHT: f32 = 0.8;
/// A strip that was left on one side has at most this share.
const LARGEST_STRIP: f32 = 0.15;
/// A pane beside the film is empty where this share of it is ground.
const EMPTY: f64 = 0.85;
/// What was cut off may be a film where its cells differ by this (of 255) but for a tenth on either end.
const VARIED: f32 = 40.0;
/// A surround is not dark either where this share of the region is darker…
const DARKER_SHARE: f32 = 0.02;
/// … by this (of 255).
const DARKER: f32 = 15.0;
/// So many lines at most are asked for a seam.
const SEAM_LINES: usize = 128;
/// A line jumps where it changes by this (of 255) more than beside it…
const SEAM_JUMP: f32 = 6.0;
/// … and this share of the lines makes a seam.
const SEAM_SHARE: f64 = 0.4;
/// The most films on one picture.
const MOST_FILMS: usize = 36;
/// A block is another film where it has this share of the largest one's cells…
const OTHER_FILM: f64 = 0.2;
/// … and fills this share of its rectangle.
const FILLED: f64 = 0.7;
/// … or this share, below another.
const FILLED_BELOW: f64 = 0.55;
/// A smaller picture beside a film has at least this share of the film's shorter side…
const THUMBNAIL: f64 = 0.065;
/// … at most this share of its area…
const LARGEST_THUMBNAIL: f64 = 0.4;
/// … and fills this share of its rectangle.
const THUMBNAIL_FILLED: f64 = 0.7;
/// What fills this share of it is a rectangle.
const RECTANGLE: f64 = 0.85;

/// Where a film lies in a picture, in shares of the picture's width and height.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs)]
pub struct Frame {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    /// All of a picture.
    pub const WHOLE: Self = Self { left: 0.0, top: 0.0, width: 1.0, height: 1.0 };
}

/// A rectangle of a picture in pixels, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Area {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    /// All of a picture.
    pub fn whole(film: &Radiograph) -> Self {
        Self { left: 0, top: 0, width: film.width, height: film.height }
    }

    /// Whether both have pixels in common.
    pub fn meets(&self, other: Self) -> bool {
        self.is_beside(&other, |a| (a.left, a.width)) && self.is_beside(&other, |a| (a.top, a.height))
    }

    /// Whether one lies above the other.
    pub fn is_above_or_below(&self, other: &Self) -> bool {
        self.is_beside(other, |a| (a.left, a.width)) && !self.is_beside(other, |a| (a.top, a.height))
    }

    /// Whether they have places in common, by start and length in one direction.
    fn is_beside(&self, other: &Self, of: fn(&Self) -> (usize, usize)) -> bool {
        let ((a, length), (b, other)) = (of(self), of(other));
        a < b + other && b < a + length
    }

    /// The same in shares of the picture; `None` where it is all of it.
    pub fn frame(&self, film: &Radiograph) -> Option<Frame> {
        let (width, height) = (film.width as f64, film.height as f64);
        (*self != Self::whole(film)).then(|| Frame {
            left: self.left as f64 / width,
            top: self.top as f64 / height,
            width: self.width as f64 / width,
            height: self.height as f64 / height,
        })
    }
}

/// What a picture holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The film, where what surrounds it is no part of any film.
    pub certain: Option<Area>,
    /// Where it may be, if the picture cannot be read as it is; the innermost first.
    pub possible: Vec<Area>,
    /// Blocks of like size that lie beside each other: two or more, or none.
    pub several: Vec<Area>,
    /// What was cut off from what is certain and is as large as a film, and not uniform.
    pub cut_off: Vec<Area>,
    /// Whether something that is not dark lies around a block, which no film has: the picture holds more than a film.
    pub holds_more: bool,
    /// Whether what is not dark around a block, or coloured, does not end along the picture's sides, as on a photograph.
    pub is_askew: bool,
}

impl Layout {
    /// An area inside those before; false where it is too small for a film.
    fn add(&mut self, film: &Radiograph, area: Area, is_certain: bool) -> bool {
        // What is as wide as two films is no film, but may hold one.
        if is_film(film, area) && is_certain {
            // What lies further in may be a part of the film: what it lies in is tried next.
            self.possible.splice(0..0, self.certain.replace(area));
        } else if is_film(film, area) {
            self.possible.insert(0, area);
        }
        is_large(film, area)
    }
}

/// Looks for the film in a picture.
pub fn find(film: &Radiograph) -> Layout {
    let grid = Grid::of(film);
    let mut layout = Layout::default();
    let mut region = grid.whole();
    // As long as each step is certain, so is what is inside. Inside bars and panels the ground is no film's; a film on a
    // sheet has its own margins.
    let (mut is_certain, mut is_screen, mut is_desk) = (true, false, false);
    for _ in 0..DEPTH {
        let colored = if is_certain { colored::content(film, pixels(&grid, film, region)) } else { None };
        if let Some(Content { area, is_askew }) = colored {
            layout.is_askew |= is_askew;
            (is_desk, layout.holds_more) = (true, true);
            layout.add(film, area, is_certain);
            region = cells(&grid, area);
            continue;
        }
        let surround = Surround::of(&grid, region, is_screen);
        let shorter = region.width().min(region.height()) as f32;
        let parts = surround.contents(((THICKNESS * shorter).ceil() as usize).max(3));
        let Some((block, others)) = block(&parts) else { break };
        if layout.several.is_empty() {
            layout.several =
                several(&grid, &surround, &parts).iter().map(|part| pixels(&grid, film, part.span)).collect();
        }
        let margins = surround.margins(&grid, block.span);
        let depths = [
            block.span.left - region.left,
            block.span.top - region.top,
            region.right - block.span.right,
            region.bottom - block.span.bottom,
        ];
        let straight = surround.straight(block.span, &margins);
        let mut beside = beside(&grid, &surround, block, &others);
        (0..4).for_each(|k| beside[k] &= straight[k] >= STRAIGHT);
        let mut cut = [0; 4];
        if is_certain {
            is_screen |= beside.contains(&true);
            let is_busy = std::array::from_fn(|k| {
                let strip = surround.side(block.span, k);
                others.iter().all(|part| !part.span.meets(&strip)) && surround.is_busy(strip, k)
            });
            cut = certain(&grid, &margins, Sides { straight, is_busy }, region, is_screen);
            (0..4).filter(|&k| beside[k]).for_each(|k| cut[k] = depths[k]);
            if is_screen {
                // An empty pane, whatever lines divide it.
                let sides = [region.width(), region.height(), region.width(), region.height()];
                let is_empty = |k: usize| {
                    depths[k] as f32 >= WIDE_BESIDE * sides[k] as f32
                        && straight[k] >= STRAIGHT
                        && surround.ground_share(surround.side(block.span, k)) >= EMPTY
                };
                (0..4).filter(|&k| is_empty(k)).for_each(|k| cut[k] = depths[k]);
            }
        }
        let inner = match within(region, cut) {
            Some(inner) => {
                // A window on a desk has bars, and a film on a coloured sheet has none.
                is_screen |= is_desk || cut.contains(&0);
                inner
            }
            None => {
                is_certain = false;
                let Some(inner) =
                    within(region, margins.map(|margin| margin.map_or(0, |margin| margin.depth)))
                else {
                    break;
                };
                inner
            }
        };
        let is_dark = |margin: &Margin| is_dark(&grid, region, margin);
        let bright = margins.each_ref().map(|margin| margin.as_ref().is_some_and(|margin| !is_dark(margin)));
        layout.holds_more |= is_certain || bright.contains(&true);
        layout.is_askew |= (0..4).any(|k| bright[k] && straight[k] < UPRIGHT);
        let area = refined(&grid, film, region, inner);
        if !layout.add(film, area, is_certain) {
            break;
        }
        region = inner;
    }
    match layout.certain {
        None if layout.several.is_empty() => layout.several = seams(&grid, film),
        Some(area) => layout.cut_off = cut_off(&grid, film, area),
        None => (),
    }
    layout
}

/// A region without so many cells on its left, top, right and bottom; `None` where that is next to nothing, or all.
fn within(region: Span, [left, top, right, bottom]: [usize; 4]) -> Option<Span> {
    let (across, down) = (region.width(), region.height());
    let is_margin = (left + right) as f32 >= LEAST_MARGIN * across as f32
        || (top + bottom) as f32 >= LEAST_MARGIN * down as f32;
    (is_margin && left + right < across && top + bottom < down).then(|| Span {
        left: region.left + left,
        top: region.top + top,
        right: region.right - right,
        bottom: region.bottom - bottom,
    })
}

/// What the four sides of a block are like: how straight they are, and whether icons lie beside them.
#[derive(Clone, Copy)]
struct Sides {
    straight: [f32; 4],
    is_busy: [bool; 4],
}

/// How much of the margins is no part of any film, in cells; `inside` the bars of a screen less is enough.
#[inline(never)]
fn certain(
    grid: &Grid,
    margins: &[Option<Margin>; 4],
    Sides { straight, is_busy }: Sides,
    region: Span,
    inside: bool,
) -> [usize; 4] {
    let lengths = [region.width(), region.height(), region.width(), region.height()];
    let share = |k: usize| margins[k].map_or(0.0, |margin| margin.depth as f32 / lengths[k] as f32);
    let depth = |k: usize| margins[k].map_or(0, |margin| margin.depth);
    let bright: [bool; 4] =
        std::array::from_fn(|k| margins[k].as_ref().is_some_and(|margin| !is_dark(grid, region, margin)));
    // What a window made white has the body's outline.
    let is_edge = |k: usize| straight[k] >= STRAIGHT;
    let sides = (0..4).filter(|&k| bright[k] && is_edge(k) && share(k) >= LEAST_MARGIN / 4.0).count();
    let mut cut = [0; 4];
    let is_bar = |k: usize| !bright[k] || share(k) <= LARGEST_BAR;
    let is_strip = |k: usize| {
        margins[k].is_some()
            && (bright[k] || is_busy[k])
            && straight[k] >= STRIP_STRAIGHT
            && share(k) <= LARGEST_STRIP
    };
    if sides >= 2 || (inside && sides == 1 && (0..4).all(is_bar)) {
        for k in (0..4).filter(|&k| bright[k]) {
            let other = (k + 2) % 4;
            let limit = if is_edge(k) {
                depth(k)
            } else if bright[other] && is_edge(other) {
                depth(other)
            } else {
                0
            };
            cut[k] = depth(k).min(limit);
        }
    } else if let Some(k) = (0..4).find(|&k| is_strip(k)) {
        cut[k] = depth(k);
    }
    let dark = |k: usize, least: f32| margins[k].is_some() && !bright[k] && share(k) >= least;
    let all = (0..4).all(|k| dark(k, ALL_AROUND));
    for (a, b, least) in [(0, 2, WIDE_BESIDE), (1, 3, WIDE_ABOVE)] {
        let least = if inside { ALL_AROUND } else { least };
        if all || (dark(a, least) && dark(b, least)) {
            // What surrounds a film on two sides is as wide on both; what is wider is the film's own, or is possible.
            let (narrow, wide) = (depth(a).min(depth(b)), depth(a).max(depth(b)));
            let limit = if all || wide * 2 <= narrow * 3 { wide } else { narrow };
            [a, b].into_iter().for_each(|k| cut[k] = cut[k].max(depth(k).min(limit)));
        }
    }
    // On one side alone: films on film have that above and below.
    let wide = if inside { [WIDE_BESIDE; 4] } else { [WIDEST, 1.0, WIDEST, 1.0] };
    (0..4).filter(|&k| dark(k, wide[k])).for_each(|k| cut[k] = depth(k));
    cut
}

/// Whether a margin is as dark as what a collimator leaves: a share of what lies on grey is darker, and nothing is on
/// black.
fn is_dark(grid: &Grid, region: Span, margin: &Margin) -> bool {
    if margin.level >= DARK {
        return false;
    }
    let limit = margin.level - DARKER;
    let rows = (region.top..region.bottom).map(|y| &grid.low[y * grid.columns..][region.left..region.right]);
    let darker: usize = rows.map(|row| row.iter().filter(|&&low| low < limit).count()).sum();
    (darker as f32) < DARKER_SHARE * region.area() as f32
}

/// The blocks that may be films, if there are several: more than [`MOST_FILMS`] are a pattern. Below each other they need
/// not fill their rectangles so well: the lungs of one film lie beside each other.
#[inline(never)]
fn several(grid: &Grid, surround: &Surround, parts: &[Part]) -> Vec<Part> {
    let Some(largest) = parts.first() else { return Vec::new() };
    let like = |filled: f64| {
        let is_like = move |part: &&Part| {
            let (width, height) = (part.span.width() as f64, part.span.height() as f64);
            let aspect = width.max(height) / width.min(height);
            part.cells as f64 >= OTHER_FILM * largest.cells as f64
                && part.cells as f64 >= filled * part.span.area() as f64
                && aspect <= LARGEST_ASPECT
        };
        let like: Vec<Part> = parts.iter().filter(is_like).copied().collect();
        let divided =
            |(k, a): (usize, &Part)| like[..k].iter().all(|b| surround.divides(grid, a.span, b.span));
        if (2..=MOST_FILMS).contains(&like.len()) && like.iter().enumerate().all(divided) {
            like
        } else {
            Vec::new()
        }
    };
    let blocks = like(FILLED);
    if !blocks.is_empty() {
        return blocks;
    }
    let mut blocks = like(FILLED_BELOW);
    blocks.sort_by_key(|part| part.span.top);
    let is_stack = blocks.windows(2).all(|pair| pair[0].span.bottom <= pair[1].span.top);
    if is_stack { blocks } else { Vec::new() }
}

/// The largest part and those of like size, in one, and the others. Lungs are of like size, and where the heart is white
/// it divides them.
fn block(parts: &[Part]) -> Option<(Part, Vec<Part>)> {
    let largest = parts.first()?;
    let is_large = |part: &Part| part.cells as f64 > LARGEST_THUMBNAIL * largest.cells as f64;
    let (large, others): (Vec<Part>, Vec<Part>) = parts.iter().partition(|part| is_large(part));
    let joined = large.into_iter().reduce(|a, b| Part {
        span: Span {
            left: a.span.left.min(b.span.left),
            top: a.span.top.min(b.span.top),
            right: a.span.right.max(b.span.right),
            bottom: a.span.bottom.max(b.span.bottom),
        },
        cells: a.cells + b.cells,
    });
    Some((joined?, others))
}

/// On which sides of the largest block smaller pictures lie: thumbnails, another series.
#[inline(never)]
fn beside(grid: &Grid, surround: &Surround, block: Part, others: &[Part]) -> [bool; 4] {
    let (a, shorter) = (block.span, block.span.width().min(block.span.height()) as f64);
    let is_rectangle = |part: &Part, share: f64| part.cells as f64 >= share * part.span.area() as f64;
    let thumbnails = others.iter().filter(|part| {
        let b = part.span;
        b.width().min(b.height()) as f64 >= THUMBNAIL * shorter
            && b.area() as f64 <= LARGEST_THUMBNAIL * a.area() as f64
            && is_rectangle(part, THUMBNAIL_FILLED)
            && surround.divides(grid, a, b)
    });
    let thumbnails: Vec<&Part> = thumbnails.collect();
    // One alone may be a part of the film.
    let are_pictures = match thumbnails[..] {
        [one] => is_rectangle(one, RECTANGLE) && is_rectangle(&block, RECTANGLE),
        _ => true,
    };
    let mut sides = [false; 4];
    for b in thumbnails.iter().filter(|_| are_pictures).map(|part| part.span) {
        let lies = [b.right < a.left, b.bottom < a.top, b.left > a.right, b.top > a.bottom];
        (0..4).for_each(|k| sides[k] |= lies[k]);
    }
    sides
}

/// What lies left of, above, right of and below an area, where another film may be there.
#[inline(never)]
fn cut_off(grid: &Grid, film: &Radiograph, area: Area) -> Vec<Area> {
    let (right, bottom) = (area.left + area.width, area.top + area.height);
    let sides = [
        Area { left: 0, top: 0, width: area.left, height: film.height },
        Area { left: 0, top: 0, width: film.width, height: area.top },
        Area { left: right, top: 0, width: film.width - right, height: film.height },
        Area { left: 0, top: bottom, width: film.width, height: film.height - bottom },
    ];
    let size = |area: &Area| (area.width * area.height) as f64;
    let is_uniform = |side: &Area| {
        let span = cells(grid, *side);
        let rows = (span.top..span.bottom).map(|y| y * grid.columns);
        let cells = rows.flat_map(|row| row + span.left..row + span.right);
        let mut values: Vec<f32> = cells.map(|k| (grid.low[k] + grid.high[k]) / 2.0).collect();
        values.sort_unstable_by(f32::total_cmp);
        let tenth = values.len() / 10;
        values[values.len() - 1 - tenth] - values[tenth] < VARIED
    };
    let mut sides = Vec::from(sides);
    sides.retain(|side| size(side) >= OTHER_FILM * size(&area) && is_film(film, *side) && !is_uniform(side));
    sides
}

/// Whether a film has this size.
fn is_film(film: &Radiograph, area: Area) -> bool {
    is_large(film, area) && has_film_shape(area)
}

fn is_large(film: &Radiograph, area: Area) -> bool {
    let share = (area.width * area.height) as f64 / (film.width * film.height) as f64;
    share >= LEAST_AREA && area.width.min(area.height) >= LEAST_SIDE_PX
}

fn has_film_shape(area: Area) -> bool {
    area.width.max(area.height) as f64 <= LARGEST_ASPECT * area.width.min(area.height) as f64
}

/// Where films lie beside each other with nothing between them: every row jumps at the same column, or every column at
/// the same row.
#[inline(never)]
fn seams(grid: &Grid, film: &Radiograph) -> Vec<Area> {
    let [across, down] = match &film.samples {
        Samples::U8(samples) => seam_places(grid, film, samples),
        Samples::U16(samples) => seam_places(grid, film, samples),
        Samples::F64(samples) => seam_places(grid, film, samples),
    };
    if across.is_none() && down.is_none() {
        return Vec::new();
    }
    let split = |length: usize, seam: Option<usize>| match seam {
        Some(place) => vec![(0, place), (place, length)],
        None => vec![(0, length)],
    };
    let mut areas = Vec::new();
    for (top, bottom) in split(film.height, down) {
        for &(left, right) in &split(film.width, across) {
            areas.push(Area { left, top, width: right - left, height: bottom - top });
        }
    }
    if areas.iter().all(|&area| is_film(film, area)) { areas } else { Vec::new() }
}

/// The column, and the row, at which the most lines jump, if those are enough.
#[inline(never)]
fn seam_places<T: Value>(grid: &Grid, film: &Radiograph, samples: &[T]) -> [Option<usize>; 2] {
    let (width, height) = (film.width, film.height);
    // The outer fifths are left.
    let places = |length: usize| (length / 5).max(4)..(length - length / 5).min(length.saturating_sub(5));
    let most = |counts: Vec<u16>, lines: usize| {
        let (place, count) = counts.into_iter().enumerate().max_by_key(|&(k, count)| (count, k))?;
        (f64::from(count) >= SEAM_SHARE * lines as f64).then_some(place)
    };
    // In the picture's own values.
    let jump = if grid.gain > 0.0 { (f64::from(SEAM_JUMP) / grid.gain) as f32 } else { f32::INFINITY };
    let mut columns = vec![0; width];
    let asked_rows = (0..height).step_by(height.div_ceil(SEAM_LINES));
    let lines = asked_rows.len();
    let inner = places(width);
    if !inner.is_empty() {
        let mut row = Vec::with_capacity(width);
        for y in asked_rows {
            row.clear();
            singles(&samples[y * width..][..width], &mut row);
            let beside =
                |before: usize, after: usize| &row[inner.start + after - before..inner.end + after - before];
            let around = [beside(4, 0), beside(1, 0), beside(0, 1), beside(0, 4)];
            count_jumps(&mut columns[inner.clone()], around, jump);
        }
    }
    // Some of the columns, row by row as they lie in memory.
    let asked: Vec<usize> = (0..width).step_by(width.div_ceil(SEAM_LINES)).collect();
    let inner = places(height);
    let mut rows = vec![0; height];
    if !inner.is_empty() {
        let first = inner.start - 4;
        let values: Vec<f32> = (first..inner.end + 4)
            .flat_map(|y| asked.iter().map(move |x| y * width + x))
            .map(|k| samples[k].single())
            .collect();
        let line = |y: usize| &values[(y - first) * asked.len()..][..asked.len()];
        for y in inner {
            rows[y] = jumps([line(y - 4), line(y - 1), line(y + 1), line(y + 4)], jump);
        }
    }
    [most(columns, lines), most(rows, asked.len())]
}

#[inline(never)]
fn singles<T: Value>(samples: &[T], row: &mut Vec<f32>) {
    row.extend(samples.iter().map(|&sample| sample.single()));
}

/// Whether values jump between the second and the third of four, by more than they change beside it and this.
fn jumps_here([a, b, c, d]: [f32; 4], jump: f32) -> u16 {
    u16::from((c - b).abs() > (b - a).abs() + (d - c).abs() + jump)
}

/// Adds to the counts of places those at which a line jumps; its values from before and after each place.
#[inline(never)]
fn count_jumps(counts: &mut [u16], [a, b, c, d]: [&[f32]; 4], jump: f32) {
    let others = a.iter().zip(b).zip(c.iter().zip(d));
    for (count, ((&a, &b), (&c, &d))) in counts.iter_mut().zip(others) {
        *count += jumps_here([a, b, c, d], jump);
    }
}

/// How many values of a line jump from those of the lines before it to those of the lines after it.
#[inline(never)]
fn jumps([a, b, c, d]: [&[f32]; 4], jump: f32) -> u16 {
    let others = a.iter().zip(b).zip(c.iter().zip(d));
    others.map(|((&a, &b), (&c, &d))| jumps_here([a, b, c, d], jump)).sum()
}

/// How a picture divides into halves or quarters, if films may lie beside each other on it without anything between
/// them.
pub fn divisions(film: &Radiograph) -> Vec<Vec<Area>> {
    let (width, height) = (film.width, film.height);
    let cut = |columns: usize, rows: usize| -> Vec<Area> {
        (0..columns * rows)
            .map(|k| {
                let (x, y) = (k % columns, k / columns);
                let (left, right) = (x * width / columns, (x + 1) * width / columns);
                let (top, bottom) = (y * height / rows, (y + 1) * height / rows);
                Area { left, top, width: right - left, height: bottom - top }
            })
            .collect()
    };
    let divisions = [cut(2, 1), cut(1, 2), cut(2, 2)];
    divisions.into_iter().filter(|areas| areas.iter().all(|&area| is_film(film, area))).collect()
}

/// A span of cells in pixels.
fn pixels(grid: &Grid, film: &Radiograph, span: Span) -> Area {
    let (left, top) = (span.left * grid.cell, span.top * grid.cell);
    let (right, bottom) =
        ((span.right * grid.cell).min(film.width), (span.bottom * grid.cell).min(film.height));
    Area { left, top, width: right - left, height: bottom - top }
}

/// The cells that lie wholly in an area.
fn cells(grid: &Grid, area: Area) -> Span {
    let first = |place: usize, cells: usize| place.div_ceil(grid.cell).min(cells - 1);
    let last = |end: usize, cells: usize| (end / grid.cell).min(cells);
    let (left, top) = (first(area.left, grid.columns), first(area.top, grid.rows));
    let right = last(area.left + area.width, grid.columns).max(left + 1);
    let bottom = last(area.top + area.height, grid.rows).max(top + 1);
    Span { left, top, right, bottom }
}

/// The block to the pixel: from each side, the first line that is unlike the surround.
#[inline(never)]
fn refined(grid: &Grid, film: &Radiograph, region: Span, inner: Span) -> Area {
    let outer = pixels(grid, film, region);
    let block = pixels(grid, film, inner);
    let (right, bottom) = (block.left + block.width, block.top + block.height);
    let reach = 6 * grid.cell;
    // From a line of the surround inwards; `at` gives a pixel of a line, of `length`.
    let edge = |start: usize, towards: usize, across: (usize, usize), is_column: bool| -> usize {
        let at = |line: usize, k: usize| {
            let place = if is_column { k * film.width + line } else { line * film.width + k };
            ((value(&film.samples, place) - grid.offset) * grid.gain) as f32
        };
        let differs = |line: usize| {
            let (from, to) = across;
            let count =
                (from..to).filter(|&k| (at(line, k) - at(start, k)).abs() > surround::TOLERANCE).count();
            count * 10 > to - from
        };
        // The outermost of the plainest lines: icons may lie beside the film.
        let jumps = |line: usize| {
            let (from, to) = across;
            (from + 1..to).filter(|&k| (at(line, k) - at(line, k - 1)).abs() > surround::TOLERANCE).count()
        };
        let plain = if towards > start {
            start..(towards.saturating_sub(2 * grid.cell)).max(start + 1)
        } else {
            (towards + 2 * grid.cell + 1).min(start)..start + 1
        };
        let start = plain.min_by_key(|&line| (jumps(line), line.abs_diff(start))).unwrap_or(start);
        let mut line = start;
        while line != towards && !differs(line) {
            line = if towards > start { line + 1 } else { line - 1 };
        }
        line
    };
    let (rows, columns) = ((block.top, bottom), (block.left, right));
    let mut area = block;
    let mut ends = (right, bottom);
    if block.left > outer.left {
        area.left =
            edge(block.left.saturating_sub(reach).max(outer.left), block.left + grid.cell, rows, true);
    }
    if block.top > outer.top {
        area.top =
            edge(block.top.saturating_sub(reach).max(outer.top), block.top + grid.cell, columns, false);
    }
    if right < outer.left + outer.width {
        let start = (right + reach).min(outer.left + outer.width) - 1;
        ends.0 = edge(start, right.saturating_sub(grid.cell + 1), rows, true) + 1;
    }
    if bottom < outer.top + outer.height {
        let start = (bottom + reach).min(outer.top + outer.height) - 1;
        ends.1 = edge(start, bottom.saturating_sub(grid.cell + 1), columns, false) + 1;
    }
    area.width = ends.0.saturating_sub(area.left);
    area.height = ends.1.saturating_sub(area.top);
    area
}

fn value(samples: &Samples, k: usize) -> f64 {
    match samples {
        Samples::U8(samples) => samples[k].into(),
        Samples::U16(samples) => samples[k].into(),
        Samples::F64(samples) => samples[k],
    }
}

/// The film in an area of a picture, for the readers: without what lies beside it, and black where the picture is
/// transparent. The picture itself where that is all of it.
pub fn cropped(film: &Radiograph, area: Area) -> Cow<'_, Radiograph> {
    if area == Area::whole(film) && film.transparent.is_none() {
        return Cow::Borrowed(film);
    }
    fn lines<T: Copy>(samples: &[T], width: usize, area: Area) -> Vec<T> {
        let rows = samples.chunks_exact(width).skip(area.top).take(area.height);
        rows.flat_map(|row| &row[area.left..area.left + area.width]).copied().collect()
    }
    fn blackened<T: Copy + Default>(mut samples: Vec<T>, transparent: Option<&[bool]>) -> Vec<T> {
        let outside = transparent.unwrap_or_default();
        samples
            .iter_mut()
            .zip(outside)
            .filter(|(_, out)| **out)
            .for_each(|(sample, _)| *sample = T::default());
        samples
    }
    let transparent = film.transparent.as_ref().map(|pixels| lines(pixels, film.width, area));
    let outside = transparent.as_deref();
    let samples = match &film.samples {
        Samples::U8(samples) => Samples::U8(blackened(lines(samples, film.width, area), outside)),
        Samples::U16(samples) => Samples::U16(blackened(lines(samples, film.width, area), outside)),
        Samples::F64(samples) => Samples::F64(blackened(lines(samples, film.width, area), outside)),
    };
    let (width, height) = (area.width, area.height);
    Cow::Owned(Radiograph {
        width,
        height,
        samples,
        transparent: None,
        colors: None,
        provenance: film.provenance,
        modality: None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phantom::Phantom;
    use crate::radiograph::Colors;

    const WIDTH: usize = 420;
    const HEIGHT: usize = 480;

    fn phantom(seed: u64) -> Vec<u8> {
        Phantom { width: WIDTH, height: HEIGHT, seed }.draw_u8()
    }

    /// A picture of one level.
    fn sheet(width: usize, height: usize, level: u8) -> Radiograph {
        Radiograph::drawn(width, height, Samples::U8(vec![level; width * height]))
    }

    fn values(picture: &mut Radiograph) -> &mut Vec<u8> {
        match &mut picture.samples {
            Samples::U8(samples) => samples,
            _ => panic!("8 bit"),
        }
    }

    /// Draws by place.
    fn draw(picture: &mut Radiograph, at: Area, value: impl Fn(usize, usize) -> Option<u8>) {
        let width = picture.width;
        let samples = values(picture);
        for y in 0..at.height {
            for x in 0..at.width {
                if let Some(value) = value(x, y) {
                    samples[(at.top + y) * width + at.left + x] = value;
                }
            }
        }
    }

    fn area(left: usize, top: usize, width: usize, height: usize) -> Area {
        Area { left, top, width, height }
    }

    /// A phantom on a picture. It is a little brighter than black, so that its edge can be seen on black.
    fn lay(picture: &mut Radiograph, left: usize, top: usize, seed: u64) -> Area {
        let film = phantom(seed);
        let at = area(left, top, WIDTH, HEIGHT);
        draw(picture, at, |x, y| Some((film[y * WIDTH + x] / 5 * 4).saturating_add(24)));
        at
    }

    /// A phantom with margins of these widths: left, top, right and bottom.
    fn framed([left, top, right, bottom]: [usize; 4], level: u8, seed: u64) -> (Radiograph, Area) {
        let mut picture = sheet(left + WIDTH + right, top + HEIGHT + bottom, level);
        let at = lay(&mut picture, left, top, seed);
        (picture, at)
    }

    /// Strokes as of letters: words, in lines.
    fn write(picture: &mut Radiograph, at: Area, ink: u8) {
        draw(picture, at, |x, y| {
            let stroke = y % 22 < 14 && (x % 9 < 3 || y % 22 < 3) && x % 60 < 50;
            stroke.then_some(ink)
        });
    }

    fn noise(picture: &mut Radiograph, most: u8) {
        let mut state = 7_u32;
        for value in values(picture) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let shift = (state >> 16) % (2 * u32::from(most) + 1);
            *value = value.saturating_add(shift as u8).saturating_sub(most);
        }
    }

    /// Within so many pixels on each side.
    #[track_caller]
    fn is_near(found: Option<Area>, expected: Area, slack: usize) {
        let found = found.expect("nothing was found");
        let edges = |a: Area| [a.left, a.top, a.left + a.width, a.top + a.height];
        let near = edges(found).into_iter().zip(edges(expected)).all(|(a, b)| a.abs_diff(b) <= slack);
        assert!(near, "{found:?}, not {expected:?}");
    }

    #[test]
    fn a_film_is_all_of_its_picture() {
        for seed in 0..12 {
            let film = Radiograph::drawn(WIDTH, HEIGHT, Samples::U8(phantom(seed)));
            let layout = find(&film);
            assert_eq!(
                (layout.certain, &layout.several[..], layout.holds_more),
                (None, &[][..], false),
                "{seed}"
            );
            assert_eq!(Area::whole(&film).frame(&film), None);
            assert!(matches!(cropped(&film, Area::whole(&film)), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn a_uniform_surround_of_any_level_is_found_to_the_pixel() {
        for level in [0, 70, 110, 128, 200, 250, 255] {
            for margins in [[50, 60, 70, 80], [130, 100, 130, 100]] {
                let (picture, film) = framed(margins, level, 3);
                is_near(find(&picture).certain, film, 1);
            }
        }
    }

    #[test]
    fn nearly_uniform_is_uniform() {
        for level in [80, 180, 250] {
            let (mut picture, film) = framed([60, 60, 60, 60], level, 5);
            noise(&mut picture, 3);
            is_near(find(&picture).certain, film, 2);
        }
        // A desktop that is darker below.
        let (mut picture, film) = framed([90, 40, 150, 60], 0, 6);
        let size = (picture.width, picture.height);
        draw(&mut picture, area(0, 0, size.0, size.1), |x, y| {
            let inside = (film.left..film.left + film.width).contains(&x)
                && (film.top..film.top + film.height).contains(&y);
            (!inside).then_some(150 - (y * 50 / size.1) as u8)
        });
        is_near(find(&picture).certain, film, 2);
    }

    #[test]
    fn samples_of_every_kind_are_looked_at_alike() {
        let (picture, film) = framed([60, 40, 80, 100], 230, 2);
        let Samples::U8(bytes) = &picture.samples else { panic!("8 bit") };
        // 12 bits stored in 16.
        let deep = Samples::U16(bytes.iter().map(|&value| u16::from(value) * 16).collect());
        let real = Samples::F64(bytes.iter().map(|&value| f64::from(value) / 255.0).collect());
        for samples in [deep, real] {
            is_near(find(&Radiograph { samples, ..picture.clone() }).certain, film, 1);
        }
    }

    #[test]
    fn bars_on_two_sides_are_cut() {
        for level in [0, 255] {
            let (picture, film) = framed([200, 0, 200, 0], level, 4);
            is_near(find(&picture).certain, film, 1);
        }
    }

    /// A collimator leaves black margins, often on one side alone, and readers know them.
    #[test]
    fn black_margins_as_films_have_them_are_only_possible() {
        for margins in [[0, 0, 0, 150], [120, 0, 0, 0], [25, 0, 25, 0], [0, 60, 0, 60]] {
            let (picture, film) = framed(margins, 0, 1);
            let layout = find(&picture);
            assert_eq!((layout.certain, layout.holds_more), (None, false), "{margins:?}");
            is_near(layout.possible.last().copied(), film, 1);
        }
    }

    #[test]
    fn letters_and_rulers_are_no_film() {
        let mut page = sheet(900, 1200, 255);
        let film = lay(&mut page, 240, 300, 8);
        write(&mut page, area(60, 60, 780, 150), 0);
        write(&mut page, area(60, 830, 780, 300), 0);
        is_near(find(&page).certain, film, 1);

        let (mut sheet, film) = framed([50, 50, 50, 50], 240, 9);
        let size = (sheet.width, sheet.height);
        draw(&mut sheet, area(0, 0, 14, size.1), |x, y| (y % 10 == 0 && (x < 8 || y % 50 == 0)).then_some(0));
        draw(&mut sheet, area(0, size.1 - 3, size.0, 3), |_, _| Some(10));
        is_near(find(&sheet).certain, film, 1);
    }

    /// Bars above and below, a panel with text, a black ground with text, and the film.
    #[test]
    fn a_viewers_film_is_found() {
        for (bar, panel) in [(214, 236), (60, 28)] {
            let mut screen = sheet(1280, 800, 0);
            draw(&mut screen, area(0, 0, 1280, 70), |_, _| Some(bar));
            draw(&mut screen, area(0, 775, 1280, 25), |_, _| Some(bar));
            draw(&mut screen, area(0, 70, 230, 705), |_, _| Some(panel));
            for k in 0..18 {
                draw(&mut screen, area(20 + 66 * k, 22, 26, 26), |x, y| {
                    (x < 3 || y < 3 || x == y).then_some(255 - bar)
                });
            }
            write(&mut screen, area(20, 100, 180, 200), 140);
            write(&mut screen, area(250, 90, 160, 66), 220);
            let film = lay(&mut screen, 550, 180, 7);
            let layout = find(&screen);
            assert!(layout.holds_more);
            // The film's own dark margins may be gone too: they cannot be told from the ground.
            let found = layout.certain.expect("nothing was found");
            let (right, bottom) = (film.left + film.width, film.top + film.height);
            assert!(found.left + 4 >= film.left && found.left + found.width <= right + 4, "{found:?}");
            assert!(found.top + 4 >= film.top && found.top + found.height <= bottom + 4, "{found:?}");
            assert!(found.width * found.height * 4 >= film.width * film.height * 3, "{found:?}");
        }
    }

    /// A phantom of one part of its size.
    fn lay_small(picture: &mut Radiograph, left: usize, top: usize, part: usize, seed: u64) -> Area {
        let film = phantom(seed);
        let at = area(left, top, WIDTH / part, HEIGHT / part);
        draw(picture, at, |x, y| Some((film[y * part * WIDTH + x * part] / 5 * 4).saturating_add(24)));
        at
    }

    /// A bar of icons above, a panel with a column of thumbnails, another with text, a dark ground and the film.
    #[test]
    fn a_viewers_film_is_found_among_icons_and_thumbnails() {
        for (bar, panel) in [(230, 245), (47, 29)] {
            let mut screen = sheet(1280, 800, 0);
            draw(&mut screen, area(0, 0, 1280, 60), |_, _| Some(bar));
            draw(&mut screen, area(0, 60, 180, 740), |_, _| Some(panel));
            draw(&mut screen, area(1080, 60, 200, 740), |_, _| Some(panel));
            for k in 0..20 {
                draw(&mut screen, area(20 + 60 * k, 14, 34, 32), |_, _| Some(150));
            }
            for k in 0..5 {
                lay_small(&mut screen, 20, 75 + 140 * k, 4, 10 + k as u64);
            }
            write(&mut screen, area(1090, 90, 170, 300), 140);
            let film = lay(&mut screen, 400, 180, 7);
            is_near(find(&screen).certain, film, 60);
        }
    }

    #[test]
    fn a_film_is_found_beside_smaller_pictures() {
        for level in [255, 128, 20] {
            // A film strip.
            let mut picture = sheet(WIDTH + 130, HEIGHT, level);
            for k in 0..3 {
                lay_small(&mut picture, 12, 12 + 150 * k, 4, 10 + k as u64);
            }
            let film = lay(&mut picture, 130, 0, 4);
            is_near(find(&picture).certain, film, 16);
        }
        for level in [255, 128] {
            // An inset.
            let mut picture = sheet(WIDTH + 220, HEIGHT + 20, level);
            lay_small(&mut picture, WIDTH + 40, 40, 3, 9);
            let film = lay(&mut picture, 10, 10, 4);
            let layout = find(&picture);
            is_near(layout.certain, film, 8);
            assert_eq!(layout.several, []);
        }
    }

    #[test]
    fn films_of_unequal_size_are_several() {
        for level in [255, 128, 0] {
            let mut picture = sheet(WIDTH + 260, HEIGHT + 20, level);
            lay(&mut picture, 10, 10, 4);
            lay_small(&mut picture, WIDTH + 40, 100, 2, 9);
            assert_eq!(find(&picture).several.len(), 2, "{level}");
        }
    }

    /// A film on a dark screen; below a film a collimator may leave as much.
    #[test]
    fn a_very_wide_dark_margin_beside_a_film_is_cut() {
        let (picture, film) = framed([400, 0, 0, 0], 0, 1);
        is_near(find(&picture).certain, film, 2);
        let (picture, film) = framed([0, 0, 0, 400], 0, 1);
        let layout = find(&picture);
        assert_eq!(layout.certain, None);
        is_near(layout.possible.first().copied(), film, 2);
    }

    #[test]
    fn several_films_are_told_apart() {
        for (gap, level) in [(14, 255), (20, 0), (14, 120)] {
            let mut two = sheet(2 * WIDTH + gap, HEIGHT, level);
            let films = [lay(&mut two, 0, 0, 1), lay(&mut two, WIDTH + gap, 0, 2)];
            let found = find(&two).several;
            assert_eq!(found.len(), 2, "{gap} {level}");
            // Their dark margins are not told from a dark gap.
            for film in films {
                let inside = |area: &&Area| {
                    area.left + 8 >= film.left && area.left + area.width <= film.left + film.width + 8
                };
                let block = found.iter().find(inside).expect("no block");
                assert!(
                    block.width * block.height * 4 >= film.width * film.height * 3,
                    "{block:?} of {film:?}"
                );
            }
            let mut four = sheet(2 * WIDTH + gap, 2 * HEIGHT + gap, level);
            for (k, seed) in [3, 4, 5, 6].into_iter().enumerate() {
                lay(&mut four, k % 2 * (WIDTH + gap), k / 2 * (HEIGHT + gap), seed);
            }
            assert_eq!(find(&four).several.len(), 4, "{gap} {level}");
        }
    }

    #[test]
    fn tiles_of_a_pattern_are_not_films() {
        let side = 22;
        for (across, films) in [(6, 36..=36), (17, 0..=MOST_FILMS)] {
            let mut tiles = sheet(side * across, side * across, 255);
            draw(&mut tiles, area(0, 0, side * across, side * across), |x, y| {
                let is_tile = x % side >= 6 && y % side >= 6;
                is_tile.then_some(((x * 37 + y * 91) % 197) as u8)
            });
            let found = find(&tiles).several.len();
            assert!(films.contains(&found), "{found} of {across} × {across}");
        }
    }

    #[test]
    fn films_with_nothing_between_them_have_a_seam() {
        let mut two = sheet(WIDTH + 300, HEIGHT, 0);
        lay(&mut two, 0, 0, 1);
        let other = Phantom { width: 300, height: HEIGHT, seed: 2 }.draw_u8();
        // As a lateral view may be: of another width, and another exposure.
        draw(&mut two, area(WIDTH, 0, 300, HEIGHT), |x, y| Some(255 - other[y * 300 + x] / 2));
        assert_eq!(find(&two).several, [area(0, 0, WIDTH, HEIGHT), area(WIDTH, 0, 300, HEIGHT)]);
    }

    /// Gives every pixel of a picture a colour, or its own grey.
    fn color(picture: &mut Radiograph, color: impl Fn(usize, usize) -> Option<[u8; 3]>) {
        let width = picture.width;
        let mut pixels = Vec::new();
        for (k, value) in values(picture).iter_mut().enumerate() {
            let pixel = color(k % width, k / width).unwrap_or([*value; 3]);
            let [red, green, blue] = pixel.map(f64::from);
            *value = (0.2125 * red + 0.7154 * green + 0.0721 * blue).round() as u8;
            pixels.push(pixel);
        }
        picture.colors = Some(Box::new(Colors { width, height: picture.height, pixels }));
    }

    /// A wallpaper of many colours and greys: nothing of it is uniform.
    fn wallpaper(x: usize, y: usize) -> [u8; 3] {
        let wave = |period: f64, phase: f64| {
            let (x, y) = (x as f64 / period, y as f64 / (1.3 * period));
            ((x + phase).sin() + (y - phase).cos()) / 2.0
        };
        let hue = 3.0 * wave(150.0, 1.0);
        [0.0, 2.1, 4.2].map(|shift| {
            let bright = 130.0 + 60.0 * wave(60.0, 2.0) + 12.0 * wave(5.0, 0.0);
            (bright + 80.0 * (hue + shift).sin()).clamp(0.0, 255.0) as u8
        })
    }

    fn is_in(area: Area) -> impl Fn(usize, usize) -> bool {
        move |x, y| {
            (area.left..area.left + area.width).contains(&x)
                && (area.top..area.top + area.height).contains(&y)
        }
    }

    #[test]
    fn a_coloured_surround_is_cut() {
        let dark_blue = |_, _| [14, 30, 80];
        let green = |_, _| [30, 120, 60];
        let grounds: [fn(usize, usize) -> [u8; 3]; 3] = [wallpaper, dark_blue, green];
        for (k, ground) in grounds.into_iter().enumerate() {
            let (mut picture, film) = framed([150, 60, 90, 120], 0, 3);
            let is_film = is_in(film);
            color(&mut picture, |x, y| (!is_film(x, y)).then(|| ground(x, y)));
            let layout = find(&picture);
            is_near(layout.certain, film, 2);
            assert!(layout.holds_more && layout.several.is_empty() && !layout.is_askew, "{k}");
        }
    }

    /// In colours of its own: the tint of a screen, the room around it.
    #[test]
    fn a_tinted_film_is_found_in_a_coloured_room() {
        let (mut picture, film) = framed([150, 60, 90, 120], 0, 3);
        let is_film = is_in(film);
        let greys = values(&mut picture).clone();
        let width = picture.width;
        color(&mut picture, |x, y| match is_film(x, y) {
            true => Some([0.7, 0.9, 1.1].map(|gain| (gain * f64::from(greys[y * width + x])) as u8)),
            false => Some(wallpaper(x, y)),
        });
        is_near(find(&picture).certain, film, 2);
    }

    /// Colour over a film is no surround, wherever it lies.
    #[test]
    fn colour_inside_a_film_is_not_cut() {
        let spots: [fn(f64, f64) -> bool; 4] = [
            |u, v| (u - 0.3).hypot(v - 0.6) < 0.25,
            |u, v| u < 0.5 && v > 0.5,
            |u, _| u < 0.45,
            |u, v| (u - 0.5).hypot(v - 0.5) > 0.35,
        ];
        for (k, spot) in spots.into_iter().enumerate() {
            let mut picture = sheet(WIDTH, HEIGHT, 0);
            lay(&mut picture, 0, 0, 3);
            let greys = values(&mut picture).clone();
            color(&mut picture, |x, y| {
                let grey = greys[y * WIDTH + x] / 2;
                let is_hot = spot(x as f64 / WIDTH as f64, y as f64 / HEIGHT as f64);
                is_hot.then_some([grey + 127, grey + 60, grey])
            });
            assert_eq!(find(&picture).certain, None, "{k}");
        }
    }

    /// A bar of icons, a pane with the film, a pane without any, and their borders.
    #[test]
    fn the_film_is_found_beside_an_empty_pane() {
        for (bar, pane) in [(230, 0), (60, 0), (214, 12), (60, 28)] {
            let mut screen = sheet(1920, 900, bar);
            for k in 0..40 {
                draw(&mut screen, area(16 + 46 * k, 20, 26, 26), |x, y| {
                    (x < 3 || y < 3 || x == y).then_some(255 - bar)
                });
            }
            for left in [2, 963] {
                draw(&mut screen, area(left, 70, 954, 810), |_, _| Some(pane));
            }
            write(&mut screen, area(1000, 100, 180, 20), 160);
            let film = lay(&mut screen, 270, 230, 7);
            let layout = find(&screen);
            assert_eq!(layout.several, [], "{bar} {pane}");
            is_near(layout.certain, film, 60);
        }
    }

    /// Of one side alone, with icons where it is dark.
    #[test]
    fn a_strip_of_a_toolbar_is_cut() {
        for bar in [230, 110, 47] {
            for side in 0..4 {
                let mut margins = [0; 4];
                margins[side] = 36;
                let (mut picture, film) = framed(margins, bar, 6);
                let length = if side % 2 == 0 { picture.height } else { picture.width };
                for k in (14..length - 30).step_by(40) {
                    let (x, y) = [(8, k), (k, 8), (film.width + 8, k), (k, film.height + 8)][side];
                    draw(&mut picture, area(x, y, 20, 20), |x, y| {
                        (x < 3 || y < 3 || x == y).then_some(if bar > 120 { 40 } else { 200 })
                    });
                }
                is_near(find(&picture).certain, film, 2);
            }
        }
    }

    /// What a hard window made white, or black, ends where the body does.
    #[test]
    fn saturated_parts_are_not_cut() {
        for level in [255, 0] {
            let mut film = sheet(WIDTH, HEIGHT, level);
            let grey = phantom(4);
            draw(&mut film, area(0, 0, WIDTH, HEIGHT), |x, y| {
                let (u, v) = (x as f64 / WIDTH as f64 - 0.5, y as f64 / HEIGHT as f64 - 0.5);
                ((u / 0.46).powi(2) + (v / 0.47).powi(2) < 1.0).then(|| grey[y * WIDTH + x] / 5 * 3 + 40)
            });
            let layout = find(&film);
            if level == 255 {
                assert_eq!(layout.certain, None);
            }
            assert_eq!(layout.several, []);
            // The same on a page, of another level: the page is cut and no more.
            let mut page = sheet(WIDTH + 120, HEIGHT + 100, 128);
            let at = area(50, 60, WIDTH, HEIGHT);
            let samples = values(&mut film).clone();
            draw(&mut page, at, |x, y| Some(samples[y * WIDTH + x]));
            is_near(find(&page).certain, at, 2);
        }
    }

    /// Of unequal size, and below each other.
    #[test]
    fn what_was_cut_off_may_be_a_film() {
        let mut picture = sheet(2 * WIDTH, HEIGHT, 30);
        let film = lay(&mut picture, 0, 0, 4);
        let rest = area(WIDTH, 0, WIDTH, HEIGHT);
        let grid = Grid::of(&picture);
        let beside = |area| cut_off(&grid, &picture, area);
        let is_left =
            |areas: Vec<Area>| areas.len() == 1 && areas[0].left == 0 && areas[0].width == film.width;
        assert!(is_left(beside(rest)));
        assert_eq!(beside(film), [], "it is uniform");
        assert_eq!(beside(area(100, 0, 2 * WIDTH - 100, HEIGHT)), [], "it is too narrow");
    }

    #[test]
    fn halves_and_quarters_are_those_of_a_films_size() {
        let wide = sheet(900, 500, 7);
        let counts: Vec<usize> = divisions(&wide).iter().map(Vec::len).collect();
        assert_eq!(counts, [2, 4], "what is four times as long as wide is no film");
        let covered: usize = divisions(&wide)[1].iter().map(|area| area.width * area.height).sum();
        assert_eq!(covered, 900 * 500);
        assert!(divisions(&sheet(100, 100, 7)).is_empty());
    }

    #[test]
    fn a_crop_is_a_part_and_what_is_transparent_is_black() {
        let (mut picture, film) = framed([30, 20, 10, 5], 255, 1);
        let inner = cropped(&picture, film).into_owned();
        assert_eq!((inner.width, inner.height, inner.provenance), (WIDTH, HEIGHT, picture.provenance));
        let Samples::U8(samples) = &inner.samples else { panic!("8 bit") };
        let expected = phantom(1).into_iter().map(|value| value / 5 * 4 + 24).collect::<Vec<u8>>();
        assert_eq!(*samples, expected);
        let frame = film.frame(&picture).unwrap();
        assert!((frame.left - 30.0 / 460.0).abs() < 1e-12 && (frame.height - 480.0 / 505.0).abs() < 1e-12);

        let width = picture.width;
        let hole = (film.top + 7) * width + film.left + 9;
        let count = picture.samples.len();
        picture.transparent = Some((0..count).map(|k| k == hole || k < 20 * width).collect());
        let inner = cropped(&picture, film).into_owned();
        let Samples::U8(samples) = &inner.samples else { panic!("8 bit") };
        assert_eq!(samples[7 * WIDTH + 9], 0);
        assert_eq!(samples.iter().zip(&expected).filter(|(a, b)| a != b).count(), 1);
        let whole = cropped(&picture, Area::whole(&picture));
        assert_eq!(value(&whole.samples, 0), 0.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever a picture is, areas lie inside it and none is empty.
        #[test]
        fn areas_lie_inside(width in 16_usize..300, height in 16_usize..300, seed in 0_u32..1000, kind in 0_u8..4) {
            let mut state = seed;
            let mut number = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) as usize
            };
            let (left, top) = (number() % width, number() % height);
            let (across, down) = (1 + number() % (width - left), 1 + number() % (height - top));
            let ground = (number() % 256) as u8;
            let mut picture = sheet(width, height, ground);
            draw(&mut picture, area(left, top, across, down), |x, y| Some(match kind {
                0 => (x * 7 + y * 13) as u8,
                1 => ground.wrapping_add(100),
                2 => if (x / 30 + y / 30) % 2 == 0 { 20 } else { 220 },
                _ => ((x * y) % 251) as u8,
            }));
            let layout = find(&picture);
            let divisions = divisions(&picture).concat();
            let all = layout.certain.iter().chain(&layout.possible).chain(&layout.several).chain(&divisions);
            for found in all {
                prop_assert!(found.width > 0 && found.height > 0);
                prop_assert!(found.left + found.width <= width && found.top + found.height <= height);
                let film = cropped(&picture, *found);
                prop_assert_eq!(film.samples.len(), found.width * found.height);
            }
        }

        /// A surround that is not dark is cut at the film, whatever its margins; a dark one where it is wide all around. Of
        /// dark margins as films have them nothing is certain, and the film is what is possible. Whatever is cut, no film
        /// is cut into; and what was cut out has nothing more to be cut.
        #[test]
        fn a_frame_is_found_once(
            margins in prop::array::uniform4(20_usize..160),
            level in prop::sample::select(vec![0_u8, 100, 170, 240, 255]),
            seed in 0_u64..200,
        ) {
            let (picture, film) = framed(margins, level, seed);
            let edges = |a: Area| [a.left, a.top, a.left + a.width, a.top + a.height];
            let apart = |a: Area| edges(a).into_iter().zip(edges(film)).map(|(a, b)| a.abs_diff(b)).max();
            let layout = find(&picture);
            // Cells are a few pixels wide: near a limit it may be either.
            const NEAR: f32 = 0.008;
            let sides = [picture.width, picture.height, picture.width, picture.height];
            let share = |k: usize| margins[k] as f32 / sides[k] as f32;
            let at_least = |k: usize, least: f32| share(k) >= least + NEAR;
            let below = |a: usize, b: usize, least: f32| share(a).min(share(b)) < least - NEAR;
            let is_dark = f32::from(level) < DARK;
            if !is_dark || (0..4).all(|k| at_least(k, ALL_AROUND)) {
                let found = layout.certain.expect("nothing was found");
                prop_assert!(apart(found) <= Some(2), "{:?}, not {:?}", found, film);
                prop_assert_eq!(find(&cropped(&picture, found)).certain, None);
            } else if (0..4).any(|k| share(k) < ALL_AROUND - NEAR)
                && below(0, 2, WIDE_BESIDE)
                && below(1, 3, WIDE_ABOVE)
            {
                prop_assert_eq!(layout.certain, None);
                let is_there = layout.possible.iter().any(|&area| apart(area) <= Some(2));
                prop_assert!(is_there, "{:?} is not in {:?}", film, layout.possible);
            }
            if let Some(found) = layout.certain {
                let (found, film) = (edges(found), edges(film));
                let is_inside = (0..2).all(|k| found[k] <= film[k] + 2 && found[k + 2] + 2 >= film[k + 2]);
                prop_assert!(is_inside, "{:?} cuts into {:?}", found, film);
            }
        }
    }
}
