//! The codecs of the JPEG family, and run lengths: bytes to samples as they were coded, at their own depth.
//!
//! DICOM carries all of them, and those of the JPEG family are files of their own too. JPEG with the DCT is
//! `libjpeg-turbo-rs`, JPEG 2000 `hayro-jpeg2000` and a fork of it; lossless JPEG and JPEG-LS are short and written here, since no
//! crate both reads all of them and refuses what is damaged.

pub(super) mod jpeg;
pub(super) mod jpeg2000;
mod jpeg_ls;
mod lossless;
pub(super) mod run_length;

use image::{DynamicImage, ImageBuffer};

use super::{check_dimensions, limits};
use crate::error::{Error, ErrorKind, Result};

/// The samples of one picture as they were coded.
pub(super) struct Coded {
    /// In pixels.
    pub(super) width: usize,
    /// In pixels.
    pub(super) height: usize,
    /// How many samples a pixel has, 1…4.
    pub(super) components: usize,
    /// How many bits of a sample count, 1…16.
    pub(super) bits: u32,
    /// Whether the samples are two's complement.
    pub(super) is_signed: bool,
    /// Whether the samples are not exactly those that were coded.
    pub(super) is_lossy: bool,
    /// Whether three components are red, green and blue, whatever the file around says.
    pub(super) is_rgb: bool,
    /// `width × height × components`, row-major, the components of a pixel side by side.
    pub(super) samples: Vec<u16>,
}

impl Coded {
    /// Room for a picture, all zeros, if it is of a size that is read.
    pub(super) fn new(width: usize, height: usize, components: usize, bits: u32) -> Result<Self> {
        check_dimensions(width as u64, height as u64)?;
        if !matches!(components, 1..=4) || !(1..=16).contains(&bits) {
            return Err(unsupported(
                "a picture with more than four channels or more than 16 bits per sample",
            ));
        }
        if (width * height * components) as u64 > limits::MAX_SAMPLES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                "the picture has too many pixels in colour: export it in grey, or smaller",
            ));
        }
        let samples = vec![0; width * height * components];
        Ok(Self {
            width,
            height,
            components,
            bits,
            is_signed: false,
            is_lossy: false,
            is_rgb: false,
            samples,
        })
    }

    /// The picture on the full scale of 8 bit or, where it has more, of 16 bit: the least value black, the greatest
    /// white, as a file of its own is shown. Depths between are spread and rounded to the nearest of 65,536 levels.
    pub(super) fn into_picture(self) -> Result<DynamicImage> {
        let most = ((1_u32 << self.bits) - 1) as u16;
        let offset = if self.is_signed { 1_u16 << (self.bits - 1) } else { 0 };
        let full = if self.bits <= 8 { 255 } else { u32::from(u16::MAX) };
        let spread = |sample: u16| {
            let value = u32::from(sample.wrapping_add(offset).min(most));
            (value * full + u32::from(most) / 2) / u32::from(most)
        };
        let (width, height) = (self.width as u32, self.height as u32);
        let picture = if self.bits <= 8 {
            let raw: Vec<u8> = self.samples.iter().map(|&sample| spread(sample) as u8).collect();
            match self.components {
                1 => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageLuma8),
                2 => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageLumaA8),
                3 => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageRgb8),
                _ => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageRgba8),
            }
        } else {
            let raw: Vec<u16> = self.samples.iter().map(|&sample| spread(sample) as u16).collect();
            match self.components {
                1 => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageLuma16),
                2 => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageLumaA16),
                3 => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageRgb16),
                _ => ImageBuffer::from_raw(width, height, raw).map(DynamicImage::ImageRgba16),
            }
        };
        picture.ok_or_else(|| damaged("picture"))
    }
}

/// The error for what is damaged or cut short; `what` is, for example, "JPEG".
fn damaged(what: &str) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the {what} is damaged or cut short: copy or export the film again"),
    )
}

/// The error for what the standard allows and this program does not read.
fn unsupported(what: &str) -> Error {
    Error::new(ErrorKind::UnsupportedFormat, format!("{what} is not read: export the film as PNG"))
}

#[cfg(test)]
mod tests;
