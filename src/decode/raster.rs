//! Raster formats: `libjpeg-turbo-rs` for common JPEG, the codecs for the rest of its family, the `image` crate for
//! all others, one grey rule.

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, RgbImage};

use super::codec::jpeg::FrameHeader;
use super::codec::{self, Coded};
use super::{MAX_PIXELS, check_dimensions, overlay};
use crate::error::{Error, ErrorKind, Result};
use crate::radiograph::{Color, Format, Hints, Provenance, Radiograph, Samples};

/// scikit-image's `rgb2gray` weights (CRT luminance).
const LUMA: [f64; 3] = [0.2125, 0.7154, 0.0721];

/// More than a 64-megapixel RGBA image of 16 bit per channel: stops allocations that a damaged
/// header asks for.
const MAX_ALLOC_BYTES: u64 = MAX_PIXELS * 8;

pub(super) fn jpeg(bytes: &[u8]) -> Result<Radiograph> {
    use libjpeg_turbo_rs::{ColorSpace, PixelFormat};

    let bytes = &codec::jpeg::with_height(bytes)?;
    let frame = FrameHeader::read(bytes)?;
    if !frame.is_common() {
        let format = if frame.is_jpeg_ls() { Format::JpegLs } else { Format::Jpeg };
        return coded(codec::jpeg::decode(bytes, false)?, format);
    }
    let info = libjpeg_turbo_rs::probe(bytes).map_err(codec::jpeg::failed)?;
    check_dimensions(info.width as u64, info.height as u64)?;
    let gray = info.color_space == ColorSpace::Grayscale;
    let format = if gray { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let image = libjpeg_turbo_rs::decompress_to(bytes, format).map_err(codec::jpeg::failed)?;
    let (width, height) = (image.width as u32, image.height as u32);
    let pixels = if gray {
        GrayImage::from_raw(width, height, image.data).map(DynamicImage::ImageLuma8)
    } else {
        RgbImage::from_raw(width, height, image.data).map(DynamicImage::ImageRgb8)
    };
    let mut pixels =
        pixels.ok_or_else(|| Error::new(ErrorKind::Decode, "the JPEG has fewer pixels than it says"))?;
    if let Some(orientation) = info.exif_orientation.and_then(Orientation::from_exif) {
        pixels.apply_orientation(orientation);
    }
    to_gray(pixels, Format::Jpeg)
}

pub(super) fn jpeg2000(bytes: &[u8]) -> Result<Radiograph> {
    coded(codec::jpeg2000::decode(bytes)?, Format::Jpeg2000)
}

/// What a codec gave, as a film. One channel of a depth between 8 and 16 bit keeps its values.
fn coded(coded: Coded, format: Format) -> Result<Radiograph> {
    if coded.components == 1 && !coded.is_signed && !matches!(coded.bits, 8 | 16) {
        let most = f64::from((1_u32 << coded.bits) - 1);
        let gray = coded.samples.iter().map(|&sample| f64::from(sample) / most).collect();
        let color = if coded.bits < 8 { Color::Gray8 } else { Color::Gray16 };
        return Ok(gray_film([coded.width, coded.height], Samples::F64(gray), format, color));
    }
    to_gray(coded.into_picture()?, format)
}

/// A film in grey.
pub(super) fn gray_film(
    [width, height]: [usize; 2],
    samples: Samples,
    format: Format,
    color: Color,
) -> Radiograph {
    let mut film = Radiograph::drawn(width, height, samples);
    film.provenance.format = format;
    film.provenance.color = color;
    film
}

pub(super) fn other(bytes: &[u8], format: Format) -> Result<Radiograph> {
    let reader = Cursor::new(bytes);
    let (mut decoder, has_more_frames): (Box<dyn ImageDecoder + '_>, bool) = match format {
        Format::Png => {
            let decoder = PngDecoder::new(reader).map_err(failed)?;
            let is_animated = decoder.is_apng().map_err(failed)?;
            (Box::new(decoder), is_animated)
        }
        Format::WebP => {
            let decoder = WebPDecoder::new(reader).map_err(failed)?;
            let is_animated = decoder.has_animation();
            (Box::new(decoder), is_animated)
        }
        Format::Bmp => (Box::new(BmpDecoder::new(reader).map_err(failed)?), false),
        Format::Tiff => (Box::new(TiffDecoder::new(reader).map_err(failed)?), has_more_pages(bytes)),
        Format::Jpeg | Format::JpegLs => return jpeg(bytes),
        Format::Jpeg2000 => return jpeg2000(bytes),
        Format::Dicom => return super::dicom::decode(bytes),
    };
    let (width, height) = decoder.dimensions();
    check_dimensions(u64::from(width), u64::from(height))?;
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(MAX_ALLOC_BYTES);
    decoder.set_limits(limits).map_err(failed)?;
    // A damaged EXIF block is no reason to refuse the film.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    pixels.apply_orientation(orientation);
    let mut film = to_gray(pixels, format)?;
    film.provenance.has_more_frames = has_more_frames;
    Ok(film)
}

/// Whether a TIFF has a second page, which `image` does not say.
fn has_more_pages(bytes: &[u8]) -> bool {
    tiff::decoder::Decoder::new(Cursor::new(bytes)).is_ok_and(|decoder| decoder.more_images())
}

fn failed(error: ImageError) -> Error {
    match error {
        ImageError::Unsupported(_) => {
            Error::with_source(ErrorKind::UnsupportedFormat, "this kind of image is not read", error)
        }
        ImageError::Limits(_) => {
            Error::with_source(ErrorKind::TooLarge, "the image needs too much memory", error)
        }
        error => Error::with_source(ErrorKind::Decode, "the image is damaged", error),
    }
}

/// A decoded picture as a film.
pub(super) fn to_gray(pixels: DynamicImage, format: Format) -> Result<Radiograph> {
    let (width, height) = (pixels.width(), pixels.height());
    let has_color_overlay = overlay::is_laid_over(&pixels);
    let (samples, color) = match pixels {
        DynamicImage::ImageLuma8(image) => (Samples::U8(image.into_raw()), Color::Gray8),
        DynamicImage::ImageLuma16(image) => (Samples::U16(image.into_raw()), Color::Gray16),
        DynamicImage::ImageRgb8(image) => {
            let raw = image.into_raw();
            if raw.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]) {
                (Samples::U8(raw.chunks_exact(3).map(|p| p[0]).collect()), Color::Gray8)
            } else {
                (luma::<_, 3>(&raw), Color::Color8)
            }
        }
        DynamicImage::ImageRgb16(image) => (luma::<_, 3>(image.as_raw()), Color::Color16),
        DynamicImage::ImageRgba8(image) => (luma::<_, 4>(image.as_raw()), Color::Color8),
        DynamicImage::ImageRgba16(image) => (luma::<_, 4>(image.as_raw()), Color::Color16),
        DynamicImage::ImageLumaA8(image) => (blended(image.as_raw()), Color::Color8),
        DynamicImage::ImageLumaA16(image) => (blended(image.as_raw()), Color::Color16),
        _ => {
            let message = "floating-point images are not read; 8 or 16 bit per channel are";
            return Err(Error::new(ErrorKind::UnsupportedFormat, message));
        }
    };
    let provenance = Provenance {
        format,
        width_px: width,
        height_px: height,
        color,
        has_more_frames: false,
        has_color_overlay,
        hints: Hints::default(),
    };
    let (width, height) = (width as usize, height as usize);
    Ok(Radiograph { width, height, samples, provenance, modality: None })
}

/// An integer channel on the scale 0…1.
trait Channel: Copy {
    fn unit(self) -> f64;
}

impl Channel for u8 {
    fn unit(self) -> f64 {
        f64::from(self) / 255.0
    }
}

impl Channel for u16 {
    fn unit(self) -> f64 {
        f64::from(self) / 65535.0
    }
}

/// `rgb2gray`, after `rgba2rgb` onto white where there are four channels.
fn luma<T: Channel, const CHANNELS: usize>(raw: &[T]) -> Samples {
    let gray = |pixel: &[T]| {
        let alpha = if CHANNELS == 4 { pixel[3].unit() } else { 1.0 };
        let channel = |k: usize| {
            let value = pixel[k].unit();
            if CHANNELS == 4 { ((1.0 - alpha) + alpha * value).clamp(0.0, 1.0) } else { value }
        };
        LUMA[0] * channel(0) + LUMA[1] * channel(1) + LUMA[2] * channel(2)
    };
    Samples::F64(raw.chunks_exact(CHANNELS).map(gray).collect())
}

/// Grey with alpha, onto white.
fn blended<T: Channel>(raw: &[T]) -> Samples {
    let gray = |pixel: &[T]| {
        let (value, alpha) = (pixel[0].unit(), pixel[1].unit());
        (1.0 - alpha) + alpha * value
    };
    Samples::F64(raw.chunks_exact(2).map(gray).collect())
}
