//! Grey pictures: the film at any size, and what the two readers saw of it.

use std::ops::{AddAssign, Range};

use crate::convnet;
use crate::preprocess::{self, EqualizedImage};
use crate::radiograph::{Radiograph, Samples};

/// An 8-bit grey picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width × height` grey values, row-major.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// The film stretched to 8 bit (its darkest value black, its brightest white), the longer side
    /// at most `max_side` pixels: each output pixel is the mean of the film's pixels below it.
    /// A flat film is mid-grey. For showing, never for reading.
    pub fn of_film(film: &Radiograph, max_side: usize) -> Self {
        let longer = film.width.max(film.height);
        let scale = (longer as f64 / max_side.max(1) as f64).max(1.0);
        let size = |side: usize| ((side as f64 / scale).round() as usize).max(1);
        let (width, height) = (size(film.width), size(film.height));
        let (low, high) = film.samples.range();
        let gain = if high > low { 255.0 / (high - low) } else { 0.0 };
        let offset = if high > low { 0.0 } else { 128.0 };
        // Not round(), which WebAssembly has to call; the number is not negative.
        let shown = |mean: f64| ((mean - low) * gain + offset + 0.5) as u8;
        if let (Samples::U8(samples), true) = (&film.samples, longer <= max_side) {
            let table: [u8; 256] = std::array::from_fn(|gray| shown(gray as f64));
            let pixels = samples.iter().map(|&gray| table[usize::from(gray)]).collect();
            return Self { width, height, pixels };
        }
        // The film's columns below each of the picture's, and rows alike.
        let spans = |count: usize, of: usize| -> Vec<Range<usize>> {
            let edge = |k: usize| k * of / count;
            (0..count).map(|k| edge(k)..edge(k + 1).max(edge(k) + 1)).collect()
        };
        let (columns, rows) = (spans(width, film.width), spans(height, film.height));
        let mut pixels = Vec::with_capacity(width * height);
        let mut finish = |sum: f64, count: usize| pixels.push(shown(sum / count as f64));
        // No column of a span is so long that 32 bits would not hold its sum: 65,537 rows of 65,535.
        match &film.samples {
            Samples::U8(samples) => shrink::<u8, u32>(samples, &rows, &columns, &mut finish),
            Samples::U16(samples) => shrink::<u16, u32>(samples, &rows, &columns, &mut finish),
            Samples::F64(samples) => shrink::<f64, f64>(samples, &rows, &columns, &mut finish),
        }
        Self { width, height, pixels }
    }

    /// What the texture reader saw: 512 × 512.
    pub fn of_equalized(image: &EqualizedImage) -> Self {
        Self { width: preprocess::SIDE, height: preprocess::SIDE, pixels: image.pixels().to_vec() }
    }

    /// What the convnet reader saw: 128 × 128, where a standard deviation is an eighth of the greys and what it
    /// does not see is mid-grey.
    pub fn of_crop(values: &[f32]) -> Self {
        let pixels = values.iter().map(|value| (128.0 + 32.0 * value).clamp(0.0, 255.0) as u8).collect();
        Self { width: convnet::SIDE, height: convnet::SIDE, pixels }
    }
}

/// The film's sum and count below each of the picture's pixels.
fn shrink<T: Copy + Into<S>, S: Copy + Default + AddAssign + Into<f64>>(
    samples: &[T],
    rows: &[Range<usize>],
    columns: &[Range<usize>],
    finish: &mut impl FnMut(f64, usize),
) {
    let width = columns.last().map_or(0, |span| span.end);
    let mut sums = vec![S::default(); width];
    for span in rows {
        sums.fill(S::default());
        for row in samples[span.start * width..span.end * width].chunks_exact(width) {
            add_row(&mut sums, row);
        }
        for column in columns {
            let sum = sums[column.clone()].iter().map(|&sum| sum.into()).sum();
            finish(sum, span.len() * column.len());
        }
    }
}

/// A function of its own: a browser compiles it well once it has been called a few times.
#[inline(never)]
fn add_row<T: Copy + Into<S>, S: Copy + AddAssign>(sums: &mut [S], row: &[T]) {
    sums.iter_mut().zip(row).for_each(|(sum, &sample)| *sum += sample.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_stretches_and_averages() {
        let film = Radiograph::drawn(4, 2, Samples::U8(vec![10, 10, 20, 20, 10, 10, 20, 30]));
        let picture = Picture::of_film(&film, 2);
        assert_eq!((picture.width, picture.height), (2, 1));
        assert_eq!(picture.pixels, [0, 159]); // (20 + 20 + 20 + 30) / 4 = 22.5
        assert_eq!(Picture::of_film(&film, 4).pixels, [0, 0, 128, 128, 0, 0, 128, 255]);
    }

    #[test]
    fn flat_film_is_mid_grey() {
        assert_eq!(
            Picture::of_film(&Radiograph::drawn(2, 1, Samples::U16(vec![7, 7])), 9).pixels,
            [128, 128]
        );
    }

    #[test]
    fn a_crop_is_grey_about_its_mean() {
        let picture = Picture::of_crop(&[0.0, 1.0, -2.0, 4.0, -4.0]);
        assert_eq!(picture.pixels, [128, 160, 64, 255, 0]);
        assert_eq!((picture.width, picture.height), (128, 128));
    }
}
