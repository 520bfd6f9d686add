//! Raster formats: `libjpeg-turbo-rs` for common JPEG, the codecs for the rest of its family, [`tiff`] for TIFF, the
//! `image` crate for all others, one grey rule.

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, GrayImage, ImageDecoder, ImageError, RgbImage, RgbaImage};

use super::codec::jpeg::FrameHeader;
use super::codec::{self, Coded};
use super::{check_dimensions, limits, png, tiff};
use crate::error::{Error, ErrorKind, Result};
use crate::radiograph::{Color, Colors, Format, Hints, Provenance, Radiograph, Samples, Scaled};

/// scikit-image's `rgb2gray` weights (CRT luminance).
const LUMA: [f64; 3] = [0.2125, 0.7154, 0.0721];

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
    let image = codec::jpeg::decompress(bytes, format).map_err(codec::jpeg::failed)?;
    let (width, height) = (image.width as u32, image.height as u32);
    let pixels = if gray {
        GrayImage::from_raw(width, height, image.data).map(DynamicImage::ImageLuma8)
    } else {
        RgbImage::from_raw(width, height, image.data).map(DynamicImage::ImageRgb8)
    };
    let mut pixels = pixels.ok_or_else(|| {
        Error::new(ErrorKind::Decode, "the JPEG has fewer pixels than it says: copy or export the film again")
    })?;
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
        let gray = grays(coded.samples.iter().map(|&sample| f64::from(sample) / most));
        let color = if coded.bits < 8 { Color::Gray8 } else { Color::Gray16 };
        return Ok(gray_film([coded.width, coded.height], gray, format, color));
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
    match format {
        Format::Jpeg | Format::JpegLs => jpeg(bytes),
        Format::Jpeg2000 => jpeg2000(bytes),
        Format::Dicom => super::dicom::decode(bytes),
        Format::Tiff => {
            let page = tiff::read(bytes)?;
            let mut film = to_gray(page.pixels, format)?;
            film.provenance.has_more_frames = page.has_more_pages;
            film.provenance.scaled = page.is_scaled.then_some(Scaled::NoLevels);
            Ok(film)
        }
        Format::Png => {
            png::check_texts(bytes)?;
            let film = by_image(bytes, format);
            let is_cut = film.as_ref().is_err_and(|error| error.kind() == ErrorKind::Decode);
            match is_cut.then(|| png::mended(bytes)).flatten() {
                // What is wrong is what is wrong with the file as it is.
                Some(whole) => by_image(&whole, format).or(film),
                None => film,
            }
        }
        Format::WebP | Format::Bmp => by_image(bytes, format),
        Format::Gif | Format::Avif | Format::Heic | Format::JpegXl => {
            let message = format!("{} is not read here: export the film as JPEG or PNG", format.name());
            Err(Error::new(ErrorKind::UnsupportedFormat, message))
        }
    }
}

/// What the `image` crate may allocate.
pub(super) fn bounds(bytes: u64) -> image::Limits {
    let mut bounds = image::Limits::no_limits();
    bounds.max_alloc = Some(bytes);
    bounds
}

/// What the `image` crate reads.
fn by_image(bytes: &[u8], format: Format) -> Result<Radiograph> {
    let reader = Cursor::new(bytes);
    let name = match format {
        Format::Png => "PNG",
        Format::WebP => "WebP",
        _ => "BMP",
    };
    let failed = |error: ImageError| failed(error, name);
    let (mut decoder, has_more_frames): (Box<dyn ImageDecoder + '_>, bool) = match format {
        Format::Png => {
            let decoder =
                PngDecoder::with_limits(reader, bounds(limits::MAX_PICTURE_BYTES)).map_err(failed)?;
            let is_animated = decoder.is_apng().map_err(failed)?;
            (Box::new(decoder), is_animated)
        }
        Format::WebP => {
            let decoder = WebPDecoder::new(reader).map_err(failed)?;
            let is_animated = decoder.has_animation();
            (Box::new(decoder), is_animated)
        }
        _ => (Box::new(BmpDecoder::new(reader).map_err(failed)?), false),
    };
    let (width, height) = decoder.dimensions();
    check_dimensions(u64::from(width), u64::from(height))?;
    decoder.set_limits(bounds(limits::MAX_PICTURE_BYTES)).map_err(failed)?;
    if decoder.total_bytes() > limits::MAX_PICTURE_BYTES {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("the {name} needs too much memory: export it smaller"),
        ));
    }
    // A damaged EXIF block is no reason to refuse the film.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    pixels.apply_orientation(orientation);
    let mut film = to_gray(pixels, format)?;
    film.provenance.has_more_frames = has_more_frames;
    Ok(film)
}

fn failed(error: ImageError, name: &str) -> Error {
    match error {
        ImageError::Unsupported(_) => {
            let message =
                format!("this kind of {name} is not read: export the film as 16-bit grey PNG or TIFF");
            Error::with_source(ErrorKind::UnsupportedFormat, message, error)
        }
        ImageError::Limits(_) => Error::with_source(
            ErrorKind::TooLarge,
            format!("the {name} needs too much memory: export it smaller"),
            error,
        ),
        error => Error::with_source(
            ErrorKind::Decode,
            format!("the {name} is damaged or cut short: copy or export the film again"),
            error,
        ),
    }
}

/// Pixels of 8 bit with alpha as a film.
pub(super) fn from_rgba(width: u32, height: u32, rgba: Vec<u8>, format: Format) -> Result<Radiograph> {
    let expected = width as usize * height as usize * 4;
    let image = (rgba.len() == expected).then(|| RgbaImage::from_raw(width, height, rgba)).flatten();
    let image = image.ok_or_else(|| {
        Error::new(
            ErrorKind::Decode,
            "the browser gave more or fewer pixels than it said: export the film as PNG",
        )
    })?;
    let is_opaque = image.pixels().all(|pixel| pixel.0[3] == 255);
    let pixels = DynamicImage::ImageRgba8(image);
    to_gray(if is_opaque { without_alpha(pixels) } else { pixels }, format)
}

/// Whether the alpha channel is 0 everywhere.
fn is_all_transparent(pixels: &DynamicImage) -> bool {
    match pixels {
        DynamicImage::ImageRgba8(image) => image.pixels().all(|pixel| pixel.0[3] == 0),
        DynamicImage::ImageRgba16(image) => image.pixels().all(|pixel| pixel.0[3] == 0),
        DynamicImage::ImageLumaA8(image) => image.pixels().all(|pixel| pixel.0[1] == 0),
        DynamicImage::ImageLumaA16(image) => image.pixels().all(|pixel| pixel.0[1] == 0),
        _ => false,
    }
}

/// The image less its alpha channel.
fn without_alpha(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgba8(_) => DynamicImage::ImageRgb8(pixels.into_rgb8()),
        DynamicImage::ImageRgba16(_) => DynamicImage::ImageRgb16(pixels.into_rgb16()),
        DynamicImage::ImageLumaA8(_) => DynamicImage::ImageLuma8(pixels.into_luma8()),
        DynamicImage::ImageLumaA16(_) => DynamicImage::ImageLuma16(pixels.into_luma16()),
        other => other,
    }
}

/// A decoded picture as a film.
pub(super) fn to_gray(pixels: DynamicImage, format: Format) -> Result<Radiograph> {
    let (width, height) = (pixels.width(), pixels.height());
    // Many programs leave the fourth byte of a pixel at 0 and mean nothing by it: nobody saves what cannot be seen.
    let pixels = if is_all_transparent(&pixels) { without_alpha(pixels) } else { pixels };
    let colors = pixels.color().has_color().then(|| colors(&pixels));
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
            let message = "a floating-point image is not read: export the film with 8 or 16 bits per channel";
            return Err(Error::new(ErrorKind::UnsupportedFormat, message));
        }
    };
    let provenance = Provenance {
        format,
        width_px: width,
        height_px: height,
        color,
        has_more_frames: false,
        scaled: None,
        hints: Hints::default(),
    };
    let (width, height) = (width as usize, height as usize);
    let colors = colors.filter(|_| color != Color::Gray8).map(Box::new);
    Ok(Radiograph { width, height, samples, transparent, colors, provenance, modality: None })
}

/// The longer side of what is kept of the colours, in pixels.
const KEPT: u32 = 1024;

/// Some of the pixels of a picture, in place.
fn colors(pixels: &DynamicImage) -> Colors {
    let longer = pixels.width().max(pixels.height());
    let kept =
        |length: u32| (u64::from(length) * u64::from(KEPT.min(longer)) / u64::from(longer)).max(1) as u32;
    let (width, height) = (kept(pixels.width()), kept(pixels.height()));
    // The middle of what a pixel stands for.
    let place =
        |k: u32, of: u32, all: u32| ((2 * u64::from(k) + 1) * u64::from(all) / (2 * u64::from(of))) as u32;
    let rows = (0..height).map(|y| place(y, height, pixels.height()));
    let columns: Vec<u32> = (0..width).map(|x| place(x, width, pixels.width())).collect();
    let pixels = rows.flat_map(|y| columns.iter().map(move |&x| (x, y))).map(|(x, y)| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        let blend = |value: u8| (255 - (255 - u32::from(value)) * u32::from(alpha) / 255) as u8;
        [red, green, blue].map(blend)
    });
    Colors { width: width as usize, height: height as usize, pixels: pixels.collect() }
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

/// Greys in 0…1 as samples: those of films with more pixels than any detector are rounded to 16 bit, for the memory
/// that f64 would take.
fn grays(grays: impl ExactSizeIterator<Item = f64>) -> Samples {
    if grays.len() > limits::MAX_PRECISE_PIXELS {
        return Samples::U16(grays.map(|gray| (gray * 65_535.0).round() as u16).collect());
    }
    Samples::F64(grays.collect())
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
    grays(raw.chunks_exact(CHANNELS).map(gray))
}

/// Grey with alpha, onto white.
fn blended<T: Channel>(raw: &[T]) -> Samples {
    let gray = |pixel: &[T]| {
        let (value, alpha) = (pixel[0].unit(), pixel[1].unit());
        (1.0 - alpha) + alpha * value
    };
    grays(raw.chunks_exact(2).map(gray))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use image::{ImageEncoder as _, LumaA, Rgba};

    use super::*;
    use crate::decode::decode;
    use crate::phantom::Phantom;

    const WIDTH: usize = 61;
    const HEIGHT: usize = 47;
    const FILM: Phantom = Phantom { width: WIDTH, height: HEIGHT, seed: 6 };

    fn assert_gray8(film: &Radiograph) {
        assert_eq!((film.width, film.height, film.provenance.color), (WIDTH, HEIGHT, Color::Gray8));
        assert_eq!((&film.samples, &film.transparent), (&Samples::U8(FILM.draw_u8()), &None));
    }

    /// Columns and rows, from the first to the last, of what is not transparent.
    #[derive(Debug, PartialEq)]
    struct Region {
        left: usize,
        top: usize,
        width: usize,
        height: usize,
    }

    fn seen(film: &Radiograph) -> Option<Region> {
        let transparent = film.transparent.as_ref()?;
        let places =
            || (0..transparent.len()).filter(|&k| !transparent[k]).map(|k| (k % film.width, k / film.width));
        let (left, top) = (places().map(|at| at.0).min()?, places().map(|at| at.1).min()?);
        let (right, bottom) = (places().map(|at| at.0).max()?, places().map(|at| at.1).max()?);
        Some(Region { left, top, width: right - left + 1, height: bottom - top + 1 })
    }

    fn push_chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
        let checked = [kind, data].concat();
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(&checked);
        file.extend(crc32fast::hash(&checked).to_be_bytes());
    }

    /// A PNG by hand: rows of samples, of whole bytes, without filters. `between` stands before the image data.
    fn png(
        bits: u8,
        color: u8,
        interlaced: bool,
        between: &[(&[u8; 4], &[u8])],
        pixel: impl Fn(usize) -> Vec<u8>,
    ) -> Vec<u8> {
        // Adam7: the first column and row of each pass, and its steps.
        const PASSES: [[usize; 4]; 7] = [
            [0, 0, 8, 8],
            [4, 0, 8, 8],
            [0, 4, 4, 8],
            [2, 0, 4, 4],
            [0, 2, 2, 4],
            [1, 0, 2, 2],
            [0, 1, 1, 2],
        ];
        let passes = if interlaced { &PASSES[..] } else { &[[0, 0, 1, 1]] };
        let mut rows = Vec::new();
        for &[left, top, across, down] in passes {
            for y in (top..HEIGHT).step_by(down) {
                rows.push(0);
                (left..WIDTH).step_by(across).for_each(|x| rows.extend(pixel(y * WIDTH + x)));
            }
        }
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&rows).unwrap();
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let [width, height] = [WIDTH, HEIGHT].map(|side| (side as u32).to_be_bytes());
        let head = [&width[..], &height, &[bits, color, 0, 0, u8::from(interlaced)]].concat();
        push_chunk(&mut file, b"IHDR", &head);
        between.iter().for_each(|(kind, data)| push_chunk(&mut file, kind, data));
        push_chunk(&mut file, b"IDAT", &encoder.finish().unwrap());
        push_chunk(&mut file, b"IEND", &[]);
        file
    }

    fn gray_png(interlaced: bool, between: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let film = FILM.draw_u8();
        png(8, 0, interlaced, between, |k| vec![film[k]])
    }

    #[test]
    fn png_of_8_and_16_bit_is_read_interlaced_too() {
        let deep = FILM.draw_u16();
        for interlaced in [false, true] {
            assert_gray8(&decode(&gray_png(interlaced, &[])).unwrap());
            let read = decode(&png(16, 0, interlaced, &[], |k| deep[k].to_be_bytes().to_vec())).unwrap();
            assert_eq!((read.samples, read.provenance.color), (Samples::U16(deep.clone()), Color::Gray16));
        }
        // What a screen would do with the values, and what the film's scale is called, changes nothing.
        let gamma = 45_455_u32.to_be_bytes();
        assert_gray8(
            &decode(&gray_png(false, &[(b"gAMA", &gamma), (b"sBIT", &[8]), (b"sRGB", &[0])])).unwrap(),
        );
    }

    #[test]
    fn what_a_png_calls_transparent_is_outside() {
        let film = FILM.draw_u8();
        let is_inside = |k: usize| (7..50).contains(&(k % WIDTH)) && (3..41).contains(&(k / WIDTH));
        let region = || Region { left: 7, top: 3, width: 43, height: 38 };
        // One grey is transparent.
        let gray = |k: usize| vec![if is_inside(k) { film[k].max(1) } else { 0 }];
        let read = decode(&png(8, 0, false, &[(b"tRNS", &[0, 0])], gray)).unwrap();
        assert_eq!(seen(&read), Some(region()));
        // One index of a palette is.
        let palette: Vec<u8> = (0..=255).flat_map(|value| [value; 3]).collect();
        let read = decode(&png(8, 3, true, &[(b"PLTE", &palette), (b"tRNS", &[0])], gray)).unwrap();
        assert_eq!(seen(&read), Some(region()));
        // A channel says how transparent each pixel is; 8 and 16 bit, grey and colour.
        for (bits, color) in [(8, 4), (8, 6), (16, 4), (16, 6)] {
            let pixel = |k: usize| {
                let channels = if color == 4 { 1 } else { 3 };
                let mut pixel = vec![film[k]; channels * usize::from(bits) / 8];
                // Barely to be seen is inside.
                pixel.extend(vec![u8::from(is_inside(k)); usize::from(bits) / 8]);
                pixel
            };
            let read = decode(&png(bits, color, false, &[], pixel)).unwrap();
            assert_eq!(seen(&read), Some(region()), "{bits} bit, colour type {color}");
        }
        let opaque = |k: usize| vec![film[k], film[k], film[k], 255];
        assert_eq!(decode(&png(8, 6, false, &[], opaque)).unwrap().transparent, None);
        // A hole is not an outside, and nobody saves what cannot be seen.
        let hole = |k: usize| vec![film[k], if k == WIDTH * 9 + 30 { 0 } else { 255 }];
        assert_eq!(decode(&png(8, 4, false, &[], hole)).unwrap().transparent, None);
        assert_gray8(&decode(&png(8, 6, false, &[], |k| vec![film[k], film[k], film[k], 0])).unwrap());
        assert_gray8(&decode(&png(8, 4, false, &[], |k| vec![film[k], 0])).unwrap());
    }

    #[test]
    fn colours_are_kept_where_there_are_any() {
        let colors = |pixels| to_gray(pixels, Format::Png).unwrap().colors;
        let red = image::Rgba([200_u8, 30, 30, 255]);
        let mut image = image::RgbaImage::from_pixel(30, 20, red);
        image.put_pixel(7, 3, image::Rgba([200, 30, 30, 0]));
        image.put_pixel(8, 3, image::Rgba([0, 30, 255, 51]));
        let kept = colors(DynamicImage::ImageRgba8(image.clone())).unwrap();
        assert_eq!((kept.width, kept.height, kept.pixels.len()), (30, 20, 600));
        assert_eq!(kept.pixels[..2], [[200, 30, 30]; 2]);
        assert_eq!(kept.pixels[3 * 30 + 7..][..2], [[255; 3], [204, 210, 255]], "blended onto white");
        let deep = colors(DynamicImage::ImageRgb16(DynamicImage::ImageRgba8(image).to_rgb16())).unwrap();
        assert_eq!(deep.pixels[0], [200, 30, 30]);
        // Of large pictures some.
        let wide = image::RgbImage::from_fn(3000, 1500, |x, _| image::Rgb([(x / 12) as u8, 0, 0]));
        let kept = colors(DynamicImage::ImageRgb8(wide)).unwrap();
        assert_eq!((kept.width, kept.height), (1024, 512));
        assert!([0, 500, 1023].iter().all(|&x| usize::from(kept.pixels[x][0]).abs_diff(x * 250 / 1024) <= 1));
        // Grey has none, in whatever channels.
        let grey = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(9, 9, image::Rgb([80; 3])));
        assert_eq!(colors(grey), None);
        assert_eq!(
            colors(DynamicImage::ImageLumaA8(image::ImageBuffer::from_pixel(9, 9, LumaA([9, 200])))),
            None
        );
    }

    #[test]
    fn the_outside_turns_with_the_film() {
        let mut pixels = DynamicImage::ImageLumaA8(image::ImageBuffer::from_fn(30, 20, |x, y| {
            LumaA([90, if (3..10).contains(&x) && (5..18).contains(&y) { 255 } else { 0 }])
        }));
        pixels.apply_orientation(Orientation::Rotate90);
        let region = seen(&to_gray(pixels, Format::Png).unwrap());
        assert_eq!(region, Some(Region { left: 2, top: 3, width: 13, height: 7 }));
        let deep = image::ImageBuffer::from_fn(30, 20, |x, _| Rgba([9_u16, 9, 9, if x < 4 { 1 } else { 0 }]));
        let region = seen(&to_gray(DynamicImage::ImageRgba16(deep), Format::Png).unwrap());
        assert_eq!(region, Some(Region { left: 0, top: 0, width: 4, height: 20 }));
    }

    /// Cut anywhere after its image data, a PNG is whole.
    #[test]
    fn a_png_without_its_end_is_read() {
        for interlaced in [false, true] {
            let whole = gray_png(interlaced, &[]);
            // The end has 12 bytes, the checksum of the image data 4.
            for cut in 1..=16 {
                assert_gray8(&decode(&whole[..whole.len() - cut]).unwrap());
            }
            let half = decode(&whole[..whole.len() / 2]).unwrap_err();
            assert_eq!(half.kind(), ErrorKind::Decode);
            assert!(half.to_string().contains("the PNG is damaged or cut short"), "{half}");
        }
        assert_eq!(png::mended(&gray_png(false, &[])), None);
    }

    /// A bitmap of 32 bit with the head of version 4 or 5, which has a mask for alpha.
    fn bmp(head: u32, alpha: u8) -> Vec<u8> {
        let film = FILM.draw_u8();
        let rows = (0..HEIGHT).rev().flat_map(|y| &film[y * WIDTH..(y + 1) * WIDTH]);
        let pixels: Vec<u8> = rows.flat_map(|&v| [v, v, v, alpha]).collect();
        let mut file = b"BM".to_vec();
        let words =
            |file: &mut Vec<u8>, words: &[u32]| words.iter().for_each(|word| file.extend(word.to_le_bytes()));
        words(
            &mut file,
            &[14 + head + pixels.len() as u32, 0, 14 + head, head, WIDTH as u32, HEIGHT as u32, 32 << 16 | 1],
        );
        words(&mut file, &[3, pixels.len() as u32, 2835, 2835, 0, 0, 0xff_0000, 0xff00, 0xff, 0xff00_0000]);
        file.extend(b"BGRs");
        file.resize(14 + head as usize, 0);
        [file, pixels].concat()
    }

    #[test]
    fn a_bitmap_whose_alpha_is_0_everywhere_is_opaque() {
        for head in [108, 124] {
            assert_gray8(&decode(&bmp(head, 0)).unwrap());
            let opaque = decode(&bmp(head, 255)).unwrap();
            let Samples::F64(samples) = opaque.samples else { panic!("blended") };
            let film = FILM.draw_u8();
            assert!(samples.iter().zip(film).all(|(sample, v)| (sample - f64::from(v) / 255.0).abs() < 1e-9));
        }
    }

    #[test]
    fn webp_with_alpha_has_an_outside() {
        let pixels: Vec<u8> =
            (0..WIDTH * HEIGHT).flat_map(|k| [80, 80, 80, if k % WIDTH < 40 { 255 } else { 0 }]).collect();
        let mut file = Vec::new();
        let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut file);
        encoder.write_image(&pixels, WIDTH as u32, HEIGHT as u32, image::ExtendedColorType::Rgba8).unwrap();
        let region = seen(&decode(&file).unwrap());
        assert_eq!(region, Some(Region { left: 0, top: 0, width: 40, height: HEIGHT }));
    }

    #[test]
    fn a_kind_that_is_not_read_is_named_with_what_to_do() {
        let mut file = bmp(124, 255);
        // A JPEG in a bitmap.
        file[30] = 4;
        let error = decode(&file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat);
        assert!(error.to_string().starts_with("this kind of BMP is not read: export the film as"), "{error}");
    }

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
