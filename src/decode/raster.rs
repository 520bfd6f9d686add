//! Raster formats: `libjpeg-turbo-rs` for JPEG, the `image` crate for the rest, one grey rule.

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, png::PngDecoder, tiff::TiffDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, RgbImage};

use super::{MAX_PIXELS, check_dimensions, overlay};
use crate::error::{Error, ErrorKind, Result};
use crate::radiograph::{Color, Format, Provenance, Radiograph, Samples};

/// scikit-image's `rgb2gray` weights (CRT luminance).
const LUMA: [f64; 3] = [0.2125, 0.7154, 0.0721];

/// More than a 64-megapixel RGBA image of 16 bit per channel: stops allocations that a damaged
/// header asks for.
const MAX_ALLOC_BYTES: u64 = MAX_PIXELS * 8;

pub(super) fn jpeg(bytes: &[u8]) -> Result<Radiograph> {
    use libjpeg_turbo_rs::{ColorSpace, JpegError, PixelFormat};

    let failed = |error: JpegError| match error {
        JpegError::Unsupported(_) => {
            Error::with_source(ErrorKind::UnsupportedFormat, "this kind of JPEG is not read", error)
        }
        JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. } => {
            Error::with_source(ErrorKind::TooLarge, "the JPEG needs too much memory", error)
        }
        error => Error::with_source(ErrorKind::Decode, "the JPEG is damaged", error),
    };
    let info = libjpeg_turbo_rs::probe(bytes).map_err(failed)?;
    check_dimensions(info.width as u64, info.height as u64)?;
    if info.precision != 8 {
        let message = format!("a JPEG of {} bit a sample is not read", info.precision);
        return Err(Error::new(ErrorKind::UnsupportedFormat, message));
    }
    let gray = info.color_space == ColorSpace::Grayscale;
    let format = if gray { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let image = libjpeg_turbo_rs::decompress_to(bytes, format).map_err(failed)?;
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
        Format::Jpeg => return jpeg(bytes),
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

fn to_gray(pixels: DynamicImage, format: Format) -> Result<Radiograph> {
    let (width, height) = (pixels.width(), pixels.height());
    let has_color_overlay = overlay::is_laid_over(&pixels);
    let transparent = match &pixels {
        DynamicImage::ImageRgba8(image) => transparent::<_, 4>(image.as_raw()),
        DynamicImage::ImageRgba16(image) => transparent::<_, 4>(image.as_raw()),
        DynamicImage::ImageLumaA8(image) => transparent::<_, 2>(image.as_raw()),
        DynamicImage::ImageLumaA16(image) => transparent::<_, 2>(image.as_raw()),
        _ => None,
    };
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
    };
    Ok(Radiograph { width: width as usize, height: height as usize, samples, transparent, provenance })
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

/// A picture with this share of transparent pixels has a transparent surround; one with fewer has holes.
const LEAST_TRANSPARENT: f64 = 0.02;

/// Which pixels are wholly transparent, by the last of so many channels; `None` where few are.
fn transparent<T: Channel, const CHANNELS: usize>(raw: &[T]) -> Option<Vec<bool>> {
    let is_transparent = |pixel: &[T]| pixel[CHANNELS - 1].unit() == 0.0;
    let pixels = raw.chunks_exact(CHANNELS);
    let count = pixels.clone().filter(|pixel| is_transparent(pixel)).count();
    let enough = count as f64 >= LEAST_TRANSPARENT * pixels.len() as f64;
    (count > 0 && enough).then(|| pixels.map(is_transparent).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transparent_surround_is_known_and_a_hole_is_none() {
        let png = |transparent: fn(u32, u32) -> bool| {
            let image = image::RgbaImage::from_fn(40, 30, |x, y| {
                image::Rgba([90, 90, 90, if transparent(x, y) { 0 } else { 255 }])
            });
            let mut bytes = Cursor::new(Vec::new());
            DynamicImage::ImageRgba8(image).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
            other(&bytes.into_inner(), Format::Png).unwrap()
        };
        let film = png(|x, y| x < 4 || y < 3);
        let outside = film.transparent.unwrap();
        assert_eq!(outside.len(), 1200);
        assert_eq!(outside.iter().filter(|outside| **outside).count(), 4 * 30 + 3 * 36);
        assert!(outside[0] && outside[39] && !outside[3 * 40 + 4]);
        let Samples::F64(samples) = &film.samples else { panic!("blended") };
        assert_eq!((samples[0], samples[1199] < 0.4), (1.0, true), "onto white, as rgba2rgb does");
        assert_eq!(png(|x, y| x == 7 && y < 20).transparent, None);
        assert_eq!(png(|_, _| false).transparent, None);
    }
}
