//! A decoded film: one grey plane and where it came from.

use std::ops::{AddAssign, Range};

use serde::{Deserialize, Serialize};

/// The file format a film was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Format {
    Png,
    Jpeg,
    #[serde(rename = "webp")]
    WebP,
    Bmp,
    Tiff,
}

/// How the file stored its pixels, before they became one grey plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// 8-bit grey, or colour whose three channels are equal everywhere.
    Gray8,
    /// 16-bit grey.
    Gray16,
    /// Colour, grey with alpha, or colour with alpha, 8 bit a channel.
    Color8,
    /// The same, 16 bit a channel.
    Color16,
}

/// Where a film came from; part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The file format, by its magic bytes.
    pub format: Format,
    /// Width in pixels, after EXIF orientation.
    pub width_px: u32,
    /// Height in pixels, after EXIF orientation.
    pub height_px: u32,
    /// How the pixels were stored.
    pub color: Color,
    /// Whether the file is animated or has further pages, of which this is the first. The report
    /// says so by its warning.
    #[serde(skip)]
    pub has_more_frames: bool,
}

/// The samples of a grey plane, row-major, kept as the file had them so that nothing is rounded
/// before the paper's preprocessing, which is sensitive to the last bit.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// 0…255 stands for 0…1.
    U8(Vec<u8>),
    /// 0…65535 stands for 0…1.
    U16(Vec<u16>),
    /// 0…1.
    F64(Vec<f64>),
}

impl Samples {
    /// The number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(samples) => samples.len(),
            Self::U16(samples) => samples.len(),
            Self::F64(samples) => samples.len(),
        }
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The stored value that stands for 1.
    pub fn full_scale(&self) -> f64 {
        match self {
            Self::U8(_) => 255.0,
            Self::U16(_) => 65535.0,
            Self::F64(_) => 1.0,
        }
    }

    /// The smallest and the largest stored value, in stored units.
    pub fn range(&self) -> (f64, f64) {
        fn of<T: Copy + PartialOrd + Into<f64>>(samples: &[T]) -> (f64, f64) {
            let Some(&first) = samples.first() else { return (0.0, 0.0) };
            let (mut low, mut high) = (first, first);
            for &sample in samples {
                low = if sample < low { sample } else { low };
                high = if sample > high { sample } else { high };
            }
            (low.into(), high.into())
        }
        match self {
            Self::U8(samples) => of(samples),
            Self::U16(samples) => of(samples),
            Self::F64(samples) => of(samples),
        }
    }
}

/// A film as one grey plane, upright (EXIF orientation applied), with its provenance.
///
/// Grey means what scikit-image's `rgb2gray` means: 0.2125 R + 0.7154 G + 0.0721 B of the stored
/// values, no gamma; alpha is blended onto white first, as `rgba2rgb` does.
#[derive(Clone, Debug, PartialEq)]
pub struct Radiograph {
    /// Width in pixels, at least 1.
    pub width: usize,
    /// Height in pixels, at least 1.
    pub height: usize,
    /// `width × height` samples, row-major.
    pub samples: Samples,
    /// Where it came from.
    pub provenance: Provenance,
}

/// An 8-bit grey picture, for showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width × height` grey values, row-major.
    pub pixels: Vec<u8>,
}

impl Radiograph {
    /// The film stretched to 8 bit (its darkest value black, its brightest white), the longer side
    /// at most `max_side` pixels: each output pixel is the mean of the film's pixels below it.
    /// A flat film is mid-grey. For showing, never for reading.
    pub fn picture(&self, max_side: usize) -> Picture {
        let longer = self.width.max(self.height);
        let scale = (longer as f64 / max_side.max(1) as f64).max(1.0);
        let size = |side: usize| ((side as f64 / scale).round() as usize).max(1);
        let (width, height) = (size(self.width), size(self.height));
        let (low, high) = self.samples.range();
        let gain = if high > low { 255.0 / (high - low) } else { 0.0 };
        let offset = if high > low { 0.0 } else { 128.0 };
        // Not round(), which WebAssembly has to call; the number is not negative.
        let shown = |mean: f64| ((mean - low) * gain + offset + 0.5) as u8;
        if let (Samples::U8(samples), true) = (&self.samples, longer <= max_side) {
            let table: [u8; 256] = std::array::from_fn(|gray| shown(gray as f64));
            let pixels = samples.iter().map(|&gray| table[usize::from(gray)]).collect();
            return Picture { width, height, pixels };
        }
        // The film's columns below each of the picture's, and rows alike.
        let spans = |count: usize, of: usize| -> Vec<Range<usize>> {
            let edge = |k: usize| k * of / count;
            (0..count).map(|k| edge(k)..edge(k + 1).max(edge(k) + 1)).collect()
        };
        let (columns, rows) = (spans(width, self.width), spans(height, self.height));
        let mut pixels = Vec::with_capacity(width * height);
        let mut finish = |sum: f64, count: usize| pixels.push(shown(sum / count as f64));
        // No column of a span is so long that 32 bits would not hold its sum: 65,537 rows of 65,535.
        match &self.samples {
            Samples::U8(samples) => shrink::<u8, u32>(samples, &rows, &columns, &mut finish),
            Samples::U16(samples) => shrink::<u16, u32>(samples, &rows, &columns, &mut finish),
            Samples::F64(samples) => shrink::<f64, f64>(samples, &rows, &columns, &mut finish),
        }
        Picture { width, height, pixels }
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
            sums.iter_mut().zip(row).for_each(|(sum, &sample)| *sum += sample.into());
        }
        for column in columns {
            let sum = sums[column.clone()].iter().map(|&sum| sum.into()).sum();
            finish(sum, span.len() * column.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(width: usize, height: usize, samples: Samples) -> Radiograph {
        let provenance = Provenance {
            format: Format::Png,
            width_px: width as u32,
            height_px: height as u32,
            color: Color::Gray8,
            has_more_frames: false,
        };
        Radiograph { width, height, samples, provenance }
    }

    #[test]
    fn picture_stretches_and_averages() {
        let film = film(4, 2, Samples::U8(vec![10, 10, 20, 20, 10, 10, 20, 30]));
        let picture = film.picture(2);
        assert_eq!((picture.width, picture.height), (2, 1));
        assert_eq!(picture.pixels, [0, 159]); // (20 + 20 + 20 + 30) / 4 = 22.5
        assert_eq!(film.picture(4).pixels, [0, 0, 128, 128, 0, 0, 128, 255]);
    }

    #[test]
    fn flat_film_is_mid_grey() {
        assert_eq!(film(2, 1, Samples::U16(vec![7, 7])).picture(9).pixels, [128, 128]);
    }
}
