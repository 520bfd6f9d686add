//! TIFF 6.0 and BigTIFF: the largest page, whatever way its samples are laid out.
//!
//! `image` and `tiff` read what cameras and scanners write; viewers, ImageJ, Python and microscopes write more: depths
//! from 1 to 64 bit, signed, floating point, palettes, grey with alpha, planes. So the file is read here:
//! [`directory`] finds the pages, [`chunks`] decompresses their strips and tiles and unpacks the samples, and this
//! file says what the samples mean.

mod chunks;
mod compression;
mod directory;

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer};

use self::chunks::{SampleFormat, Samples, Storage};
use self::directory::{Directory, tag};
use super::check_dimensions;
use super::limits::MAX_PICTURE_BYTES;
use crate::error::{Error, ErrorKind, Result};

/// What `NewSubfileType` says of a page that masks another.
const MASK: u64 = 4;

/// A page as a picture of 8 or 16 bit per channel.
pub(super) struct Page {
    /// Upright.
    pub(super) pixels: DynamicImage,
    /// Whether the file has other pages.
    pub(super) has_more_pages: bool,
    /// Whether the values have no fixed black and white, and those that occur were spread from black to white.
    pub(super) is_scaled: bool,
}

/// A kind of TIFF that is not read, with what to do instead.
fn unread(what: impl std::fmt::Display) -> Error {
    let message = format!(
        "this TIFF has {what}, which this program cannot read: export the film as 16-bit grey TIFF or as PNG"
    );
    Error::new(ErrorKind::UnsupportedFormat, message)
}

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the TIFF is damaged or cut short ({what}): copy or export the film again"),
    )
}

/// Reads the page with the most pixels: many files begin with a thumbnail. Of several, the first.
pub(super) fn read(bytes: &[u8]) -> Result<Page> {
    let directories = directory::read_all(bytes)?;
    let has_more_pages = directories.iter().filter(|directory| !directory.is_inner).count() > 1;
    let area = |directory: &Directory<'_>| {
        let side = |tag| directory.number(tag).unwrap_or(0);
        side(tag::IMAGE_WIDTH).saturating_mul(side(tag::IMAGE_LENGTH))
    };
    let is_mask = |directory: &Directory<'_>| {
        directory.number(tag::NEW_SUBFILE_TYPE).unwrap_or(0) & MASK != 0
            || directory.number(tag::PHOTOMETRIC) == Some(4)
    };
    let pages = directories.iter().filter(|directory| !is_mask(directory));
    // `max_by_key` would give the last of several.
    let largest = pages.rev().max_by_key(|directory| area(directory));
    let directory = largest.ok_or_else(|| damaged("it has no page"))?;
    let (mut pixels, is_scaled) = picture(directory)?;
    let orientation = directory.number(tag::ORIENTATION).and_then(|value| u8::try_from(value).ok());
    if let Some(orientation) = orientation.and_then(Orientation::from_exif) {
        pixels.apply_orientation(orientation);
    }
    Ok(Page { pixels, has_more_pages, is_scaled })
}

/// What the channels of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Cmyk,
    /// Red, green and blue where a codec has converted them.
    YCbCr,
}

impl Meaning {
    fn of(directory: &Directory<'_>, samples: usize) -> Result<Self> {
        Ok(match directory.number(tag::PHOTOMETRIC) {
            Some(0) => Self::WhiteIsZero,
            Some(1) => Self::BlackIsZero,
            Some(2) => Self::Rgb,
            Some(3) => Self::Palette,
            Some(5) => Self::Cmyk,
            Some(6) => Self::YCbCr,
            Some(8..=10) => return Err(unread("colour as CIE L*a*b*")),
            Some(32803 | 34892) => return Err(unread("the raw pixels of a camera")),
            Some(32844 | 32845) => return Err(unread("logarithmic light (LogL, LogLuv)")),
            Some(other) => {
                return Err(unread(format_args!("pixels of an unknown kind (number {other})")));
            }
            // Left out by a few writers.
            None if samples >= 3 => Self::Rgb,
            None => Self::BlackIsZero,
        })
    }

    fn channels(self) -> usize {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Where the alpha channel is, and whether the colours are multiplied by it.
fn alpha(directory: &Directory<'_>, meaning: Meaning, samples: usize) -> Option<(usize, bool)> {
    let extra = directory.numbers(tag::EXTRA_SAMPLES).unwrap_or_default();
    let first = meaning.channels();
    let found = extra.iter().position(|kind| matches!(kind, 1 | 2));
    match found {
        Some(k) if first + k < samples => Some((first + k, extra[k] == 1)),
        // Four channels of RGB without a word about the fourth.
        None if extra.is_empty() && meaning == Meaning::Rgb && samples == 4 => Some((3, false)),
        _ => None,
    }
}

/// The pixels of a page as stored, and whether they were scaled by what occurs.
fn picture(directory: &Directory<'_>) -> Result<(DynamicImage, bool)> {
    let size = |tag| directory.number(tag).ok_or_else(|| damaged("a page does not say its size"));
    let (width, height) = (size(tag::IMAGE_WIDTH)?, size(tag::IMAGE_LENGTH)?);
    check_dimensions(width, height)?;
    let (width, height) = (width as usize, height as usize);
    let storage = Storage::of(directory, width, height)?;
    let meaning = Meaning::of(directory, storage.samples)?;
    let channels = meaning.channels();
    if storage.samples < channels {
        return Err(damaged("a pixel has fewer samples than its kind of colour needs"));
    }
    let alpha = alpha(directory, meaning, storage.samples);
    let kept: Vec<usize> = (0..channels).chain(alpha.map(|(index, _)| index)).collect();
    let samples = storage.read(&kept, meaning == Meaning::YCbCr)?;
    let is_dark_high = matches!(meaning, Meaning::WhiteIsZero | Meaning::Cmyk);
    let (mut levels, is_scaled) = Levels::of(samples, &storage, kept.len(), channels, is_dark_high);
    match meaning {
        Meaning::WhiteIsZero => levels.invert(kept.len()),
        Meaning::BlackIsZero | Meaning::Rgb | Meaning::YCbCr => {}
        Meaning::Palette => levels = palette(directory, &storage, levels, kept.len())?,
        Meaning::Cmyk => levels = levels.without_inks(kept.len()),
    }
    let has_alpha = alpha.is_some();
    let channels = usize::from(has_alpha) + if channels == 1 && meaning != Meaning::Palette { 1 } else { 3 };
    if alpha.is_some_and(|(_, is_multiplied)| is_multiplied) {
        levels.divide_by_alpha(channels);
    }
    let pixels = levels.into_image(width as u32, height as u32, channels);
    Ok((pixels.ok_or_else(|| damaged("a page has fewer pixels than it says"))?, is_scaled))
}

/// Samples on the full scale of 8 or of 16 bit, interleaved.
enum Levels {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
}

impl Levels {
    /// Depths up to 8 bit are spread to 8, depths up to 16 to 16, rounded to the nearest level. What has no fixed
    /// black and white is scaled: the least value of the colours that occurs becomes black, the greatest white. What is
    /// not a number is black, whichever end that is (`is_dark_high`), and takes no part in the scale; what is infinite
    /// is the end of it.
    fn of(
        samples: Samples,
        storage: &Storage<'_>,
        kept: usize,
        channels: usize,
        is_dark_high: bool,
    ) -> (Self, bool) {
        let most = storage.largest();
        match samples {
            // Indices are no levels.
            Samples::Eight(codes) if storage.bits == 8 || storage.is_palette => (Self::Eight(codes), false),
            Samples::Eight(mut codes) => {
                let most = most as u32;
                for code in &mut codes {
                    *code = ((u32::from(*code) * 255 + most / 2) / most) as u8;
                }
                (Self::Eight(codes), false)
            }
            Samples::Sixteen(codes) if storage.bits == 16 || storage.is_palette => {
                (Self::Sixteen(codes), false)
            }
            Samples::Sixteen(mut codes) => {
                let most = most as u32;
                for code in &mut codes {
                    *code = ((u32::from(*code) * 65_535 + most / 2) / most) as u16;
                }
                (Self::Sixteen(codes), false)
            }
            Samples::Wide(values) => {
                let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
                for pixel in values.chunks_exact(kept) {
                    for &value in pixel[..channels].iter().filter(|value| value.is_finite()) {
                        low = low.min(value);
                        high = high.max(value);
                    }
                }
                // Floating point from 0 to 1 has its black and white.
                let is_scaled = storage.format != SampleFormat::Float || low < 0.0 || high > 1.0;
                let (low, span) = if is_scaled { (low, high - low) } else { (0.0, 1.0) };
                let level = |value: f64, low: f64, span: f64| {
                    // A film of one value has no span.
                    let share = if span <= 0.0 { 0.0 } else { (value - low) / span };
                    (share.clamp(0.0, 1.0) * 65_535.0).round() as u16
                };
                let color = |value: f64| match value.is_nan() {
                    true => u16::from(is_dark_high) * u16::MAX,
                    false => level(value, low, span),
                };
                let mut levels = Vec::with_capacity(values.len());
                for pixel in values.chunks_exact(kept) {
                    levels.extend(pixel[..channels].iter().map(|&value| color(value)));
                    levels.extend(pixel[channels..].iter().map(|&alpha| level(alpha, 0.0, most)));
                }
                (Self::Sixteen(levels), is_scaled)
            }
        }
    }

    /// Exchanges black and white of the first of `kept` channels.
    fn invert(&mut self, kept: usize) {
        match self {
            Self::Eight(levels) => levels.iter_mut().step_by(kept).for_each(|level| *level = !*level),
            Self::Sixteen(levels) => levels.iter_mut().step_by(kept).for_each(|level| *level = !*level),
        }
    }

    /// Cyan, magenta, yellow and black, to red, green and blue as `image` converts them; what follows stays.
    fn without_inks(self, kept: usize) -> Self {
        fn convert<T: Copy + Into<f32>>(levels: &[T], kept: usize, full: f32, to: fn(f32) -> T) -> Vec<T> {
            let mut colors = Vec::with_capacity(levels.len());
            for pixel in levels.chunks_exact(kept) {
                let paper = 1.0 - pixel[3].into() / full;
                colors.extend(pixel[..3].iter().map(|&ink| to((full - ink.into()) * paper)));
                colors.extend_from_slice(&pixel[4..]);
            }
            colors
        }
        match self {
            Self::Eight(levels) => Self::Eight(convert(&levels, kept, 255.0, |value| value as u8)),
            Self::Sixteen(levels) => Self::Sixteen(convert(&levels, kept, 65_535.0, |value| value as u16)),
        }
    }

    /// Takes the alpha channel, the last, out of the colours.
    fn divide_by_alpha(&mut self, channels: usize) {
        fn divide<T: Copy + Into<u64> + TryFrom<u64>>(levels: &mut [T], channels: usize, full: u64) {
            for pixel in levels.chunks_exact_mut(channels) {
                let (colors, alpha) = pixel.split_at_mut(channels - 1);
                let alpha: u64 = alpha[0].into();
                for color in colors {
                    let value: u64 = (*color).into();
                    let straight = (value * full + alpha / 2).checked_div(alpha).unwrap_or(0).min(full);
                    *color = T::try_from(straight).unwrap_or(*color);
                }
            }
        }
        match self {
            Self::Eight(levels) => divide(levels, channels, 255),
            Self::Sixteen(levels) => divide(levels, channels, 65_535),
        }
    }

    fn into_image(self, width: u32, height: u32, channels: usize) -> Option<DynamicImage> {
        use DynamicImage as D;
        match (self, channels) {
            (Self::Eight(raw), 1) => ImageBuffer::from_raw(width, height, raw).map(D::ImageLuma8),
            (Self::Eight(raw), 2) => ImageBuffer::from_raw(width, height, raw).map(D::ImageLumaA8),
            (Self::Eight(raw), 3) => ImageBuffer::from_raw(width, height, raw).map(D::ImageRgb8),
            (Self::Eight(raw), _) => ImageBuffer::from_raw(width, height, raw).map(D::ImageRgba8),
            (Self::Sixteen(raw), 1) => ImageBuffer::from_raw(width, height, raw).map(D::ImageLuma16),
            (Self::Sixteen(raw), 2) => ImageBuffer::from_raw(width, height, raw).map(D::ImageLumaA16),
            (Self::Sixteen(raw), 3) => ImageBuffer::from_raw(width, height, raw).map(D::ImageRgb16),
            (Self::Sixteen(raw), _) => ImageBuffer::from_raw(width, height, raw).map(D::ImageRgba16),
        }
    }
}

/// Indices to the colours they stand for, of 8 bit where the palette needs no more.
fn palette(directory: &Directory<'_>, storage: &Storage<'_>, indices: Levels, kept: usize) -> Result<Levels> {
    if storage.format != SampleFormat::Unsigned || storage.bits > 16 {
        return Err(unread("a palette for samples that are not indices"));
    }
    let entries = 1_usize << storage.bits;
    let map = directory.numbers(tag::COLOR_MAP).unwrap_or_default();
    if map.len() < 3 * entries {
        return Err(damaged("its palette is missing or too short"));
    }
    let map: Vec<u16> = map.into_iter().map(|value| value.min(65_535) as u16).collect();
    let color = |index: usize| [map[index], map[entries + index], map[2 * entries + index]];
    // Entries are of 16 bit. Writers widen 8 bit by repeating the byte or by a shift; a few leave it as it is.
    let narrow: Option<fn(u16) -> u8> = if map.iter().all(|&value| value < 256)
        && map.iter().any(|&value| value > 1)
    {
        Some(|value| value as u8)
    } else if map.iter().all(|&value| value >> 8 == value & 255) || map.iter().all(|&value| value & 255 == 0)
    {
        Some(|value| (value >> 8) as u8)
    } else {
        None
    };
    let index_most = entries - 1;
    // Three colours for an index, and alpha as it is.
    let count = match &indices {
        Levels::Eight(codes) => codes.len(),
        Levels::Sixteen(codes) => codes.len(),
    };
    let length = count / kept * (kept + 2);
    let size = if narrow.is_some() { 1 } else { 2 };
    if (length * size) as u64 > MAX_PICTURE_BYTES {
        return Err(chunks::too_large());
    }
    let colors_of = |indices: &mut dyn Iterator<Item = (usize, Option<u16>)>| match narrow {
        Some(narrow) => {
            let mut levels = Vec::with_capacity(length);
            for (index, alpha) in indices {
                levels.extend(color(index).map(narrow));
                levels.extend(alpha.map(|alpha| (usize::from(alpha) * 255 / index_most) as u8));
            }
            Levels::Eight(levels)
        }
        None => {
            let mut levels = Vec::with_capacity(length);
            for (index, alpha) in indices {
                levels.extend(color(index));
                levels.extend(alpha.map(|alpha| (usize::from(alpha) * 65_535 / index_most) as u16));
            }
            Levels::Sixteen(levels)
        }
    };
    Ok(match indices {
        Levels::Eight(codes) => colors_of(
            &mut codes
                .chunks_exact(kept)
                .map(|pixel| (pixel[0].into(), pixel.get(1).map(|&alpha| alpha.into()))),
        ),
        Levels::Sixteen(codes) => {
            colors_of(&mut codes.chunks_exact(kept).map(|pixel| (pixel[0].into(), pixel.get(1).copied())))
        }
    })
}

#[cfg(test)]
mod tests;
