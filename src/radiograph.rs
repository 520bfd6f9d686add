//! A decoded film: one grey plane, where it came from, and how it is read.

mod read_as;

pub use read_as::ReadAs;
pub(crate) use read_as::Turn;

use serde::{Deserialize, Serialize};

use crate::error::ForeignFormat;

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
    Dicom,
    Jpeg2000,
    JpegLs,
    /// Decoded by the surroundings, as the three that follow: a browser that gave the pixels.
    Gif,
    Avif,
    Heic,
    JpegXl,
}

impl From<ForeignFormat> for Format {
    fn from(format: ForeignFormat) -> Self {
        match format {
            ForeignFormat::Gif => Self::Gif,
            ForeignFormat::Avif => Self::Avif,
            ForeignFormat::Heic => Self::Heic,
            ForeignFormat::JpegXl => Self::JpegXl,
        }
    }
}

impl Format {
    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Dicom => "DICOM",
            Self::Jpeg2000 => "JPEG 2000",
            Self::JpegLs => "JPEG-LS",
            Self::Gif => "GIF",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
            Self::JpegXl => "JPEG XL",
        }
    }

    /// Whether this program has no decoder for it, so that the pixels came from somebody else's.
    pub fn is_foreign(self) -> bool {
        matches!(self, Self::Gif | Self::Avif | Self::Heic | Self::JpegXl)
    }
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

/// Why the values of a film that occur were spread from black to white.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaled {
    /// Values of their kind (floating point, signed, 32 bit) have no fixed black and white.
    NoLevels,
    /// Through the windows that the file has, nothing would be seen.
    OutsideWindows,
}

/// Where a film came from; part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Provenance {
    /// The file format, by its magic bytes.
    pub format: Format,
    /// Width in pixels, as it is read: after EXIF or patient orientation and after `read_as`.
    pub width_px: u32,
    /// Height in pixels, as it is read.
    pub height_px: u32,
    /// How the pixels were stored.
    pub color: Color,
    /// Whether the file is animated or has further pages: this is the first picture, of a TIFF the largest page. The
    /// report says so by its warning.
    #[serde(skip)]
    pub has_more_frames: bool,
    /// Why the values that occur were spread from black to white, where they were. The report says so by its warning.
    #[serde(skip)]
    pub scaled: Option<Scaled>,
    /// What the file's header says of the film. The report says so by its warnings.
    #[serde(skip)]
    pub hints: Hints,
}

/// What a DICOM header says against an upright frontal chest film of an adult. Hints only: headers are often wrong,
/// and the gate decides. By default it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// What the film is if not a plain X-ray, with its article, for example "a CT" (Modality).
    pub modality: Option<&'static str>,
    /// The view is not PA or AP (View Position), or the rows or columns of the picture do not run from side to side
    /// and from head to foot (Patient Orientation).
    pub is_not_frontal: bool,
    /// The body part is not the chest (Body Part Examined).
    pub is_not_chest: bool,
    /// It shows one side of the body (Laterality, Image Laterality).
    pub is_one_side: bool,
    /// The patient was younger than 16 years (Patient's Age, or the date of birth and that of the acquisition, the study,
    /// the series or the content).
    pub is_child: bool,
    /// It was turned or mirrored to be upright (Patient Orientation).
    pub was_turned: bool,
    /// Its pixels are said to be of a shape that no detector's are, beyond 1 : 4 (Pixel Aspect Ratio, Pixel Spacing), and
    /// were taken for square.
    pub has_odd_pixels: bool,
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
        const AT_A_TIME: usize = 4096;
        fn of<T: Copy + PartialOrd + Into<f64>>(samples: &[T]) -> (f64, f64) {
            let Some(&first) = samples.first() else { return (0.0, 0.0) };
            let (mut low, mut high) = (first, first);
            samples.chunks(AT_A_TIME).for_each(|samples| (low, high) = widened(samples, low, high));
            (low.into(), high.into())
        }
        /// A browser compiles a function well once it has been called a few times.
        #[inline(never)]
        fn widened<T: Copy + PartialOrd>(samples: &[T], mut low: T, mut high: T) -> (T, T) {
            for &sample in samples {
                low = if sample < low { sample } else { low };
                high = if sample > high { sample } else { high };
            }
            (low, high)
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
    /// What colours the picture has, where it has any.
    pub colors: Option<Box<Colors>>,
    /// Where it came from.
    pub provenance: Provenance,
    /// What the film measured and how it is meant to be seen, where it came as DICOM in grey.
    pub modality: Option<Box<ModalityPlane>>,
}

/// The colours of a picture, of some of its pixels: for what lies around a film, and for what is laid over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colors {
    /// Width in pixels, at least 1 and at most the picture's.
    pub width: usize,
    /// Height in pixels, at least 1 and at most the picture's.
    pub height: usize,
    /// `width × height` pixels, row-major: red, green and blue, 0…255, blended onto white.
    pub pixels: Vec<[u8; 3]>,
}

/// The values of a DICOM film before any window: the output of the modality LUT (PS3.3 C.11.1), in the geometry of
/// its [`Radiograph`], with the windows that the file proposes.
#[derive(Clone, PartialEq)]
pub struct ModalityPlane {
    /// `width × height` values, row-major. Pixel padding has the value at the black end of what occurs.
    pub values: ModalityValues,
    /// The windows, the first of them the one that was used, if any. Empty where there is none, or a VOI LUT.
    pub windows: Vec<VoiWindow>,
    /// Whether the least value is white (MONOCHROME1, or a Presentation LUT Shape of INVERSE).
    pub is_inverted: bool,
    /// Whether a VOI LUT, and no window, makes grey of the values.
    pub has_voi_lut: bool,
}

/// Modality values in the smallest type that holds them.
#[derive(Clone, PartialEq)]
#[allow(missing_docs)]
pub enum ModalityValues {
    I16(Vec<i16>),
    U16(Vec<u16>),
    F32(Vec<f32>),
}

/// Window Center and Window Width in modality values (PS3.3 C.11.2.1.2).
#[derive(Clone, PartialEq)]
pub struct VoiWindow {
    /// Window Center.
    pub center: f64,
    /// Window Width: at least 1 for [`VoiFunction::Linear`], else above 0.
    pub width: f64,
    /// What the maker calls it. Free text of the header: to be shown to who opened the file, never logged; `Debug`
    /// leaves it out.
    pub explanation: Option<String>,
    /// How it is to be read.
    pub function: VoiFunction,
}

/// VOI LUT Function (PS3.3 C.11.2.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum VoiFunction {
    #[default]
    Linear,
    LinearExact,
    Sigmoid,
}

impl VoiWindow {
    /// What a modality value is seen as, 0…1, without inversion.
    pub fn apply(&self, value: f64) -> f64 {
        let Self { center, width, .. } = *self;
        match self.function {
            // C.11.2.1.2.1; of a width of 1 there are only black and white.
            VoiFunction::Linear if value <= center - 0.5 - (width - 1.0) / 2.0 => 0.0,
            VoiFunction::Linear if value > center - 0.5 + (width - 1.0) / 2.0 => 1.0,
            VoiFunction::Linear => (value - (center - 0.5)) / (width - 1.0) + 0.5,
            // C.11.2.1.3.2.
            VoiFunction::LinearExact => ((value - center) / width + 0.5).clamp(0.0, 1.0),
            // C.11.2.1.3.1.
            VoiFunction::Sigmoid => 1.0 / (1.0 + (-4.0 * (value - center) / width).exp()),
        }
    }
}

impl std::fmt::Debug for VoiWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { center, width, function, .. } = self;
        write!(f, "VoiWindow({center}, {width}, {function:?})")
    }
}

impl std::fmt::Debug for ModalityPlane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { values, windows, is_inverted, .. } = self;
        write!(f, "ModalityPlane({} values, {windows:?}, inverted: {is_inverted})", values.len())
    }
}

impl ModalityValues {
    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::I16(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
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
            scaled: None,
            hints: Hints::default(),
        };
        Self { width, height, samples, transparent: None, colors: None, provenance, modality: None }
    }
}
