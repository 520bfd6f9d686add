//! DICOM films: Part 10 files, and data sets without their preamble or meta information.
//!
//! The reader of data sets is written here, and not that of dicom-rs: little more than a dozen attributes matter, all
//! of them on the first level, and bytes from anywhere have to be refused quickly. Values stay slices of the file, so
//! that no length it claims is allocated; sequences are walked through without recursion, to a bounded depth. And the
//! page downloads what it takes: dicom-rs brings its dictionary, its character sets and its dates.
//!
//! Nothing of what a header says of a person leaves: errors, warnings and `Debug` have words from fixed tables.

mod data_set;
mod element;
mod geometry;
mod gray;
mod hints;
mod kind;
mod pixels;
mod syntax;
mod tags;

use std::borrow::Cow;

use self::data_set::{DataSet, Meta, attribute};
use self::geometry::Orientation;
use self::pixels::{Layout, PhotometricInterpretation};
use self::syntax::{Pixels, TransferSyntax};
pub use self::tags::DicomTag;
pub(super) use self::tags::tags;
use super::codec::Coded;
use super::inflate::{End, Wrapping, inflate};
use super::limits::MAX_DEFLATE_BLOCKS;
use super::limits::dicom::MAX_INFLATED_BYTES;
use super::{check_dimensions, raster};
use crate::error::{Error, ErrorKind, Result};
use crate::radiograph::{Color, Format, Radiograph};

/// Whether the bytes are DICOM: by what Part 10 files have after the preamble, else by their first elements.
pub(super) fn is_dicom(bytes: &[u8]) -> bool {
    Meta::read(bytes).is_some()
}

/// Whether the first bytes are those of a DICOMDIR.
pub(super) fn is_directory(bytes: &[u8]) -> bool {
    let meta = Meta::read(bytes).and_then(std::result::Result::ok);
    meta.is_some_and(|meta| meta.sop_class == Some(kind::DIRECTORY))
}

/// Decodes the first frame of a file: through the modality LUT and the first VOI LUT or window, upright, with square
/// pixels. Without a VOI LUT and a window, what occurs goes from black to white, or what can be stored where that is little
/// more; unsigned 8-bit values stay as they are. Values of floating point that are not numbers are black, as padding is.
///
/// # Errors
/// [`ErrorKind::UnsupportedFormat`] for what is not a picture, or is one that is stored in a way that is not read;
/// [`ErrorKind::Decode`] for what is damaged; as [`decode`](super::decode) for sizes.
pub(super) fn decode(bytes: &[u8]) -> Result<Radiograph> {
    let Some(meta) = Meta::read(bytes) else {
        return Err(Error::new(ErrorKind::UnsupportedFormat, "this is not a DICOM file: drop a film"));
    };
    let meta = meta?;
    if meta.sop_class == Some(kind::DIRECTORY) {
        return Err(directory());
    }
    let rest = bytes.get(meta.data_set_at..).unwrap_or(&[]);
    let syntax = match meta.transfer_syntax {
        Some(uid) => TransferSyntax::of(uid),
        None => TransferSyntax::uncompressed(data_set::guess(rest).unwrap_or(element::IMPLICIT)),
    };
    let elements = if syntax.is_deflated { Cow::Owned(inflated(rest)?) } else { Cow::Borrowed(rest) };
    let data_set = DataSet::read(&elements, syntax.coding)?;
    if data_set.has(attribute::DIRECTORY_RECORD_SEQUENCE) {
        return Err(directory());
    }
    let Some(pixel_data) = pixels::element(&data_set) else {
        return Err(no_picture(&data_set, meta.sop_class));
    };
    // A data set of its own may be compressed all the same.
    let is_encapsulated = pixel_data.is_encapsulated;
    let pixels = match meta.transfer_syntax {
        None if is_encapsulated => Pixels::Jpeg,
        _ => syntax.pixels,
    };
    let layout = Layout::of(&data_set)?;
    let size = [layout.columns, layout.rows];
    let (mut film, layout) = if layout.is_float {
        let frame = pixels::first_float_frame(&data_set, pixels, layout)?;
        (gray_film(size, gray::float_gray(&data_set, layout, frame), Color::Gray16), layout)
    } else if layout.is_wide() {
        let stored = pixels::first_wide_frame(&data_set, pixels, layout)?;
        (gray_film(size, gray::wide_gray(&data_set, layout, &stored), Color::Gray16), layout)
    } else {
        let (coded, layout) = pixels::first_frame(&data_set, pixels, layout)?;
        check_dimensions(coded.width as u64, coded.height as u64)?;
        (film(&data_set, layout, coded)?, layout)
    };
    film.provenance.has_more_frames = layout.frames > 1 && pixels::has_room_for_two(&data_set, layout);
    let shape = geometry::pixel_shape(&data_set);
    geometry::square(&mut film, shape.height);
    let orientation = geometry::orientation(&data_set);
    if let Orientation::Turned(turn) = orientation {
        turn.film(&mut film);
    }
    film.provenance.hints = hints::hints(&data_set, orientation, shape);
    film.provenance.width_px = film.width as u32;
    film.provenance.height_px = film.height as u32;
    Ok(film)
}

/// The film of a decoded frame, as it lies in the file.
fn film(data_set: &DataSet<'_>, layout: Layout, coded: Coded) -> Result<Radiograph> {
    let size = [coded.width, coded.height];
    let is_deep = layout.bits_stored > 8;
    if layout.photometric_interpretation == PhotometricInterpretation::PaletteColor && coded.components == 1 {
        let mut colors = Coded::new(coded.width, coded.height, 3, 16)?;
        let bits = gray::palette(data_set, layout, &coded.samples, &mut colors.samples);
        colors.bits = bits.ok_or_else(|| {
            let message = "this DICOM film is not read: its palette is missing or unusual; export it as PNG";
            Error::new(ErrorKind::UnsupportedFormat, message)
        })?;
        colors.is_lossy = coded.is_lossy;
        drop(coded);
        let is_deep = colors.bits > 8;
        return colored(colors, is_deep);
    }
    if coded.components == 1 {
        let gray = gray::gray(data_set, layout, &coded.samples);
        return Ok(gray_film(size, gray, if is_deep { Color::Gray16 } else { Color::Gray8 }));
    }
    let mut coded = Coded { bits: layout.bits_stored, is_signed: false, ..coded };
    for sample in &mut coded.samples {
        *sample = layout.value(*sample) as u16;
    }
    use PhotometricInterpretation::{YbrFull, YbrFull422};
    if matches!(layout.photometric_interpretation, YbrFull | YbrFull422) {
        to_rgb(&mut coded);
    }
    colored(coded, is_deep)
}

fn gray_film(size: [usize; 2], gray: gray::Gray, color: Color) -> Radiograph {
    let mut film = raster::gray_film(size, gray.samples, Format::Dicom, color);
    film.modality = Some(Box::new(gray.modality));
    film.provenance.scaled = gray.scaled;
    film
}

/// Red, green and blue as a film. That it was stored in colour is said, even where it is grey.
fn colored(coded: Coded, is_deep: bool) -> Result<Radiograph> {
    let mut film = raster::to_gray(coded.into_picture()?, Format::Dicom)?;
    film.provenance.color = if is_deep { Color::Color16 } else { Color::Color8 };
    Ok(film)
}

/// From luminance and chroma over the full range to red, green and blue (PS3.3 C.7.6.3.1.2).
fn to_rgb(coded: &mut Coded) {
    let most = f64::from((1_u32 << coded.bits) - 1);
    let middle = f64::from(1_u32 << (coded.bits - 1));
    for pixel in coded.samples.chunks_exact_mut(3) {
        let [y, cb, cr] = [f64::from(pixel[0]), f64::from(pixel[1]) - middle, f64::from(pixel[2]) - middle];
        let rgb = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
        pixel.copy_from_slice(&rgb.map(|value| value.round().clamp(0.0, most) as u16));
    }
}

/// Inflates a data set (PS3.5 A.5), to a bounded size.
fn inflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let first = bytes.len().saturating_mul(2);
    let mut blocks = MAX_DEFLATE_BLOCKS;
    let (data_set, end) = inflate(bytes, Wrapping::Bare, first, MAX_INFLATED_BYTES, &mut blocks)?;
    match end {
        End::Whole => Ok(data_set),
        End::Full => Err(Error::new(
            ErrorKind::TooLarge,
            "the DICOM file needs too much memory when it is decompressed: export it uncompressed",
        )),
        End::Damaged | End::TooManyBlocks => Err(element::Trouble::CutShort.into()),
    }
}

fn directory() -> Error {
    let message =
        "this is the index of a CD or memory stick (DICOMDIR), not a film: open the files beside it";
    Error::new(ErrorKind::UnsupportedFormat, message)
}

/// What a file without Pixel Data is: something else, or a film that was cut short.
fn no_picture(data_set: &DataSet<'_>, sop_class: Option<&str>) -> Error {
    let stated = data_set.text(attribute::SOP_CLASS_UID);
    let what = match kind::without_picture(if stated.is_empty() { sop_class.unwrap_or("") } else { stated }) {
        Some(what) => what,
        None if data_set.is_empty() || data_set.has(attribute::ROWS) => {
            return element::Trouble::CutShort.into();
        }
        None => "a DICOM file without a picture",
    };
    Error::new(ErrorKind::UnsupportedFormat, format!("this is {what}: open the file that has the film"))
}

#[cfg(test)]
mod tests;
