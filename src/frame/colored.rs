//! The coloured surround of a film: a desktop and its wallpaper, the room in which a screen was photographed.
//!
//! It need not be uniform. What is foreign to the tint of the picture's middle is surround where it lies around one
//! rectangle, on two sides or more.

use super::grid::Span;
use super::surround;
use super::tint::{Sample, Tint};
use super::{Area, LEAST_MARGIN, RECTANGLE};
use crate::radiograph::{Colors, Radiograph};

/// The longer side of what is looked at, in cells.
const CELLS: usize = 256;
/// A side of the picture is coloured where this share of its edge is.
const EDGE: f64 = 0.5;
/// What lies around the film is coloured to this share, but for task bars and icons.
const AROUND: f64 = 0.7;
/// The film and its window have at least this share of the picture.
const LEAST_SHARE: f64 = 0.08;
/// What fills this share of its rectangle is upright.
const UPRIGHT: f64 = 0.96;
/// What is thinner than so many cells is not the film: letters, icons.
const THICKNESS: usize = 9;

/// What a coloured surround leaves.
pub(super) struct Content {
    /// To the pixel of the picture's colours.
    pub(super) area: Area,
    /// Whether it fills its rectangle but for the corners, as what was photographed does.
    pub(super) is_askew: bool,
}

/// What a coloured surround leaves of an area of a picture; `None` where there is none.
#[inline(never)]
pub(super) fn content(picture: &Radiograph, area: Area) -> Option<Content> {
    let colors = picture.colors.as_deref()?;
    let region = inside(picture, colors, area)?;
    let cell = region.width().max(region.height()).div_ceil(CELLS);
    let (width, height) = (region.width() / cell, region.height() / cell);
    if width.min(height) < 4 * THICKNESS {
        return None;
    }
    let at = |x: usize, y: usize| Sample::new(colors.pixels[y * colors.width + x]);
    let middle = |start: usize, k: usize| start + k * cell + cell / 2;
    let samples: Vec<Sample> = (0..width * height)
        .map(|k| at(middle(region.left, k % width), middle(region.top, k / width)))
        .collect();
    let is_central = |k: &usize| {
        (width / 4..width - width / 4).contains(&(k % width))
            && (height / 4..height - height / 4).contains(&(k / width))
    };
    let central: Vec<Sample> = (0..samples.len()).filter(is_central).map(|k| samples[k]).collect();
    let tint = Tint::of(&central);
    let foreign: Vec<bool> = samples.iter().map(|sample| sample.is_foreign(&tint)).collect();
    let share = |places: &mut dyn Iterator<Item = usize>| {
        let (mut all, mut count) = (0_usize, 0_usize);
        places.for_each(|k| (all, count) = (all + 1, count + usize::from(foreign[k])));
        count as f64 / all.max(1) as f64
    };
    let edges = [
        share(&mut (0..height).map(|y| y * width)),
        share(&mut (0..width)),
        share(&mut (0..height).map(|y| y * width + width - 1)),
        share(&mut (0..width).map(|x| (height - 1) * width + x)),
    ];
    if edges.iter().filter(|share| **share >= EDGE).count() < 2 {
        return None;
    }
    let inner: Vec<bool> = foreign.iter().map(|foreign| !foreign).collect();
    let inner = surround::opened(&inner, width, height, THICKNESS / 2);
    let block = surround::parts(&inner, width, height).into_iter().max_by_key(|part| part.cells)?;
    let span = block.span;
    let is_inside = |k: usize| {
        (span.left..span.right).contains(&(k % width)) && (span.top..span.bottom).contains(&(k / width))
    };
    let cells = (width * height) as f64;
    let margins = [span.left, span.top, width - span.right, height - span.bottom];
    let is_margin = (margins[0] + margins[2]) as f32 >= LEAST_MARGIN * width as f32
        || (margins[1] + margins[3]) as f32 >= LEAST_MARGIN * height as f32;
    let is_rectangle = block.cells as f64 >= RECTANGLE * span.area() as f64;
    let is_around = share(&mut (0..width * height).filter(|&k| !is_inside(k))) >= AROUND;
    if !is_margin
        || !is_rectangle
        || !is_around
        || (span.area() as f64) < LEAST_SHARE * cells
        || margins.iter().filter(|margin| **margin > 0).count() < 2
    {
        return None;
    }
    // To the pixel: the first line of which most is not foreign.
    let (rows, columns) = (
        region.top + span.top * cell..region.top + span.bottom * cell,
        region.left + span.left * cell..region.left + span.right * cell,
    );
    let is_foreign = |x: usize, y: usize| at(x, y).is_foreign(&tint);
    let column = |x: &usize| 2 * rows.clone().filter(|&y| is_foreign(*x, y)).count() < rows.len();
    let row = |y: &usize| 2 * columns.clone().filter(|&x| is_foreign(x, *y)).count() < columns.len();
    let near = |place: usize, least: usize, most: usize| {
        place.saturating_sub(2 * cell).max(least)..(place + 2 * cell).min(most)
    };
    let found = Span {
        left: near(columns.start, region.left, region.right).find(column).unwrap_or(columns.start),
        top: near(rows.start, region.top, region.bottom).find(row).unwrap_or(rows.start),
        right: near(columns.end, region.left, region.right).rev().find(column).map_or(columns.end, |x| x + 1),
        bottom: near(rows.end, region.top, region.bottom).rev().find(row).map_or(rows.end, |y| y + 1),
    };
    let is_askew = (block.cells as f64) < UPRIGHT * span.area() as f64;
    Some(Content { area: outside(picture, colors, area, found), is_askew })
}

/// The pixels of the colours that lie in an area of the picture; `None` where there are none.
fn inside(picture: &Radiograph, colors: &Colors, area: Area) -> Option<Span> {
    let first = |place: usize, of: usize, all: usize| (place * of).div_ceil(all);
    let last = |place: usize, of: usize, all: usize| place * of / all;
    let span = Span {
        left: first(area.left, colors.width, picture.width),
        top: first(area.top, colors.height, picture.height),
        right: last(area.left + area.width, colors.width, picture.width),
        bottom: last(area.top + area.height, colors.height, picture.height),
    };
    (span.left < span.right && span.top < span.bottom).then_some(span)
}

/// What pixels of the colours stand for, within an area.
fn outside(picture: &Radiograph, colors: &Colors, area: Area, span: Span) -> Area {
    let pixel = |place: usize, of: usize, all: usize| (place * all).div_ceil(of);
    let left = pixel(span.left, colors.width, picture.width).max(area.left);
    let top = pixel(span.top, colors.height, picture.height).max(area.top);
    let right = (span.right * picture.width / colors.width).min(area.left + area.width);
    let bottom = (span.bottom * picture.height / colors.height).min(area.top + area.height);
    Area { left, top, width: right.saturating_sub(left).max(1), height: bottom.saturating_sub(top).max(1) }
}
