//! A decoded film: one grey plane and where it came from.

use serde::{Deserialize, Serialize};

/// The file format a film was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// 8-bit grey, or colour whose three channels are equal everywhere.
    Gray8,
    /// 16-bit grey.
    Gray16,
    /// Colour, grey with alpha, or colour with alpha, 8 bit per channel.
    Color8,
    /// The same, 16 bit per channel.
    Color16,
}

/// Where a film came from; part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
    /// Whether colour is laid over the film, as a heat map or false colour. The report says so by the gate's reason.
    #[serde(skip)]
    pub has_color_overlay: bool,
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
    /// Which pixels are wholly transparent, row-major, where a good share of them is: they are blended onto white, and are
    /// no part of the film.
    pub transparent: Option<Vec<bool>>,
    /// Where it came from.
    pub provenance: Provenance,
}

impl Radiograph {
    /// A film that was made and not decoded: an 8-bit PNG to its provenance. `samples` has `width × height`
    /// values, row-major.
    pub fn drawn(width: usize, height: usize, samples: Samples) -> Self {
        let provenance = Provenance {
            format: Format::Png,
            width_px: width as u32,
            height_px: height as u32,
            color: Color::Gray8,
            has_more_frames: false,
            has_color_overlay: false,
        };
        Self { width, height, samples, transparent: None, provenance }
    }
}
