//! Which way up a film is, and the shape of its pixels: PS3.3 C.7.6.1.1.1, C.7.6.3.1.7.

use super::data_set::{DataSet, attribute};
use super::element::Tag;
use crate::decode::limits::MAX_PRECISE_PIXELS;
use crate::radiograph::{ModalityValues, Radiograph, Samples, Turn};

/// What Patient Orientation says of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Orientation {
    /// Nothing.
    Unknown,
    /// Rows run to the patient's left, columns to the feet: a frontal film, upright.
    Upright,
    /// A frontal film that is turned or mirrored.
    Turned(Turn),
    /// Rows or columns run from front to back.
    NotFrontal,
}

/// From the directions in which rows and columns run.
pub(super) fn orientation(data_set: &DataSet<'_>) -> Orientation {
    let mut directions = data_set.texts(attribute::PATIENT_ORIENTATION).map(|text| text.bytes().next());
    let (Some(Some(row)), Some(Some(column))) = (directions.next(), directions.next()) else {
        return Orientation::Unknown;
    };
    let (exchange, across, down) = match (row, column) {
        (b'L' | b'R', b'F' | b'H') => (false, row, column),
        (b'F' | b'H', b'L' | b'R') => (true, column, row),
        (b'A' | b'P', b'L' | b'R' | b'F' | b'H') | (b'L' | b'R' | b'F' | b'H', b'A' | b'P') => {
            return Orientation::NotFrontal;
        }
        _ => return Orientation::Unknown,
    };
    let turn = Turn { exchange, left_right: across == b'R', top_bottom: down == b'H' };
    if turn == Turn::default() { Orientation::Upright } else { Orientation::Turned(turn) }
}

/// What a file says of the shape of its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PixelShape {
    /// How much higher than wide a pixel is; 1 where the file does not say.
    pub(super) height: f64,
    /// Whether the file says what no detector has. That is left out.
    pub(super) is_implausible: bool,
}

/// The shape of the pixels, by the first attribute that says one that there can be.
pub(super) fn pixel_shape(data_set: &DataSet<'_>) -> PixelShape {
    const TAGS: [Tag; 3] =
        [attribute::PIXEL_ASPECT_RATIO, attribute::PIXEL_SPACING, attribute::IMAGER_PIXEL_SPACING];
    // Detectors and digitisers have square pixels, or nearly; interlaced frames have 1:2.
    let is_plausible = |ratio: &f64| (0.25..=4.0).contains(ratio);
    let stated = TAGS.into_iter().filter_map(|tag| match data_set.decimals(tag).as_slice() {
        &[height, width] if height > 0.0 && width > 0.0 => Some(height / width),
        _ => None,
    });
    let stated: Vec<f64> = stated.collect();
    PixelShape {
        height: stated.iter().copied().find(is_plausible).unwrap_or(1.0),
        is_implausible: !stated.iter().all(is_plausible),
    }
}

/// Gives a film square pixels, the size of the shorter side of those it has, by linear interpolation. What would
/// have too many gets larger ones.
pub(super) fn square(film: &mut Radiograph, pixel_height: f64) {
    // Rounded spacings are no other shape.
    if (pixel_height - 1.0).abs() < 0.005 {
        return;
    }
    let (across, down) =
        (film.width as f64 * (1.0 / pixel_height).max(1.0), film.height as f64 * pixel_height.max(1.0));
    let shrink = (MAX_PRECISE_PIXELS as f64 / (across * down)).min(1.0).sqrt();
    let of = |length: f64| (length * shrink).round().max(1.0) as usize;
    let size = [of(across), of(down)];
    let old = [film.width, film.height];
    let samples = match &film.samples {
        Samples::U8(plane) => stretched(plane, old, size, |value| f64::from(value) / 255.0),
        Samples::U16(plane) => stretched(plane, old, size, |value| f64::from(value) / 65535.0),
        Samples::F64(plane) => stretched(plane, old, size, |value| value),
    };
    film.samples = Samples::F64(samples);
    if let Some(modality) = &mut film.modality {
        let values = match &modality.values {
            ModalityValues::I16(plane) => stretched(plane, old, size, f64::from),
            ModalityValues::U16(plane) => stretched(plane, old, size, f64::from),
            ModalityValues::F32(plane) => stretched(plane, old, size, f64::from),
        };
        modality.values = ModalityValues::F32(values);
    }
    [film.width, film.height] = size;
}

/// What interpolated values are kept as.
trait Interpolated {
    fn of(value: f64) -> Self;
}

impl Interpolated for f64 {
    fn of(value: f64) -> Self {
        value
    }
}

impl Interpolated for f32 {
    fn of(value: f64) -> Self {
        value as f32
    }
}

/// A plane at another size: pixel centres lie on each other, and the edge goes on outside.
fn stretched<T: Copy, U: Interpolated>(
    plane: &[T],
    old: [usize; 2],
    new: [usize; 2],
    value: impl Fn(T) -> f64,
) -> Vec<U> {
    // For each new place, the old places around it and the share of the second.
    let places = |old: usize, new: usize| -> Vec<(usize, usize, f64)> {
        let of = |place: usize| {
            let at = ((place as f64 + 0.5) * old as f64 / new as f64 - 0.5).clamp(0.0, (old - 1) as f64);
            let first = at.floor() as usize;
            (first, (first + 1).min(old - 1), at.fract())
        };
        (0..new).map(of).collect()
    };
    let columns = places(old[0], new[0]);
    let mut out = Vec::with_capacity(new[0] * new[1]);
    for (top, bottom, low) in places(old[1], new[1]) {
        for &(left, right, far) in &columns {
            let at = |x: usize, y: usize| value(plane[y * old[0] + x]);
            let above = at(left, top) * (1.0 - far) + at(right, top) * far;
            let below = at(left, bottom) * (1.0 - far) + at(right, bottom) * far;
            out.push(U::of(above * (1.0 - low) + below * low));
        }
    }
    out
}
