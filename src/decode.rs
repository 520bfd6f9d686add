//! Bytes to [`Radiograph`]: the format by its magic bytes, never by the file's name, and the
//! dimensions bounded before a pixel is decoded.

mod codec;
mod dicom;
mod foreign;
pub mod inflate;
pub mod limits;
mod png;
mod raster;
mod tiff;

pub use self::dicom::DicomTag;
use self::foreign::Foreign;
pub use self::limits::{MAX_FILE_BYTES, MAX_PIXELS, MAX_SIDE_PX, MIN_SIDE_PX};
use crate::error::{Error, ErrorKind, ForeignFormat, Result};
use crate::radiograph::{Format, Radiograph};

/// The format that the first bytes name.
///
/// # Errors
/// [`ErrorKind::Empty`] for no bytes; [`ErrorKind::UnsupportedFormat`] for anything that is not
/// DICOM, PNG, JPEG, JPEG 2000, WebP, BMP or TIFF, with a message that names what it is where that is known, and the
/// [format](Error::format) where something else may decode it; [`ErrorKind::TooLarge`] in its place where the header
/// states more than [`MAX_PIXELS`].
pub fn sniff(bytes: &[u8]) -> Result<Format> {
    if bytes.is_empty() {
        return Err(Error::new(ErrorKind::Empty, "the file is empty: copy or export the film again"));
    }
    // Before all others: its preamble may be the head of a TIFF.
    if dicom::is_dicom(bytes) {
        return Ok(Format::Dicom);
    }
    let riff = |tag: &[u8]| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(tag);
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(Format::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        let is_jpeg_ls = codec::jpeg::FrameHeader::read(bytes).is_ok_and(|frame| frame.is_jpeg_ls());
        return Ok(if is_jpeg_ls { Format::JpegLs } else { Format::Jpeg });
    }
    if riff(b"WEBP") {
        return Ok(Format::WebP);
    }
    if bytes.starts_with(b"BM") && bytes.len() >= 26 {
        return Ok(Format::Bmp);
    }
    // The second number is of BigTIFF.
    if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(*magic)) {
        return Ok(Format::Tiff);
    }
    if codec::jpeg2000::is_jpeg2000(bytes) {
        return Ok(Format::Jpeg2000);
    }
    let error = Foreign::error(Foreign::of(bytes));
    if let Some((width, height)) = error.format().and_then(|format| foreign::stated_size(bytes, format)) {
        check_size(width.into(), height.into())?;
    }
    Err(error)
}

/// Whether the first bytes are those of a picture, one that is not read included: what else lies in a folder of films
/// need not be mentioned, and neither need the index of a CD (DICOMDIR).
pub fn is_picture(bytes: &[u8]) -> bool {
    let format = sniff(bytes);
    if format.as_ref().is_ok_and(|&format| format == Format::Dicom) {
        return !dicom::is_directory(bytes);
    }
    format.is_ok() || Foreign::of(bytes).is_some_and(Foreign::is_picture)
}

/// Decodes a film: DICOM (PS3.10), PNG (1 to 16 bit, grey, RGB, RGBA, palette), JPEG (as libjpeg-turbo, to the
/// bit; 12 bit and lossless too), JPEG-LS, JPEG 2000, WebP, BMP or TIFF (grey, RGB, CMYK, palette, with and without
/// alpha, 1 to 64 bit, signed and floating point too), upright by its EXIF or patient orientation, as one grey plane. Of
/// several frames it is the first, of several pages the largest.
///
/// # Errors
/// [`Empty`](ErrorKind::Empty), [`UnsupportedFormat`](ErrorKind::UnsupportedFormat),
/// [`Decode`](ErrorKind::Decode), [`TooLarge`](ErrorKind::TooLarge) or
/// [`TooSmall`](ErrorKind::TooSmall).
pub fn decode(bytes: &[u8]) -> Result<Radiograph> {
    match sniff(bytes)? {
        Format::Jpeg | Format::JpegLs => raster::jpeg(bytes),
        Format::Jpeg2000 => raster::jpeg2000(bytes),
        Format::Dicom => dicom::decode(bytes),
        format => raster::other(bytes, format),
    }
}

/// A film from pixels that somebody else decoded: `rgba` has four bytes for each, row-major, upright.
///
/// # Errors
/// [`TooLarge`](ErrorKind::TooLarge) or [`TooSmall`](ErrorKind::TooSmall) as [`decode`];
/// [`Decode`](ErrorKind::Decode) where there are more or fewer bytes than pixels.
pub fn from_pixels(width: u32, height: u32, rgba: Vec<u8>, format: ForeignFormat) -> Result<Radiograph> {
    check_dimensions(u64::from(width), u64::from(height))?;
    raster::from_rgba(width, height, rgba, format.into())
}

/// What a DICOM file says, element by element, for whoever holds it and asks: **it may name the patient**.
///
/// # Errors
/// [`UnsupportedFormat`](ErrorKind::UnsupportedFormat) for a file that is not DICOM; [`Decode`](ErrorKind::Decode) for one that
/// is damaged before its first element.
pub fn dicom_tags(bytes: &[u8]) -> Result<Vec<DicomTag>> {
    dicom::tags(bytes)
}

/// Refuses more pixels than [`MAX_PIXELS`], and sides longer than [`MAX_SIDE_PX`].
fn check_size(width: u64, height: u64) -> Result<()> {
    if width.saturating_mul(height) > MAX_PIXELS {
        let message = format!(
            "the image has {width} × {height} pixels, more than {} million: export it smaller",
            MAX_PIXELS / 1_000_000
        );
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    if width.max(height) > u64::from(MAX_SIDE_PX) {
        let message = format!(
            "the image has {width} × {height} pixels, more than {MAX_SIDE_PX} along a side: export it smaller"
        );
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    Ok(())
}

/// Refuses dimensions outside [`MIN_SIDE_PX`] and [`MAX_PIXELS`].
fn check_dimensions(width: u64, height: u64) -> Result<()> {
    check_size(width, height)?;
    if width.min(height) < u64::from(MIN_SIDE_PX) {
        let message = format!(
            "the image has {width} × {height} pixels; each side must have at least {MIN_SIDE_PX}: export the film at its original size"
        );
        return Err(Error::new(ErrorKind::TooSmall, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_it_cannot_read() {
        let kind = |bytes: &[u8]| sniff(bytes).map_err(|error| error.kind());
        assert_eq!(kind(b""), Err(ErrorKind::Empty));
        assert_eq!(kind(b"hello, film"), Err(ErrorKind::UnsupportedFormat));
        let message = sniff(b"PK\x03\x04").map_err(|error| error.to_string());
        assert!(message.is_err_and(|message| message.contains("ZIP")));
    }

    #[test]
    fn bounds_the_dimensions() {
        assert!(check_dimensions(8000, 8000).is_ok());
        assert!(check_dimensions(65_535, 976).is_ok() && check_dimensions(976, 65_535).is_ok());
        let kind = |w, h| check_dimensions(w, h).map_err(|error| error.kind());
        assert_eq!(kind(8001, 8000), Err(ErrorKind::TooLarge));
        assert_eq!(kind(u64::MAX, 2), Err(ErrorKind::TooLarge));
        assert_eq!(kind(65_536, 16), Err(ErrorKind::TooLarge));
        assert_eq!(kind(16, 4_000_000), Err(ErrorKind::TooLarge));
        assert_eq!(kind(15, 4000), Err(ErrorKind::TooSmall));
        assert_eq!(kind(0, 0), Err(ErrorKind::TooSmall));
    }
}
