//! From Pixel Data to the samples of the first frame: PS3.3 C.7.6.3, PS3.5 section 8 and annex A.4.

use std::borrow::Cow;

use super::data_set::{DataSet, attribute};
use super::element::{Element, Trouble, fragments};
use super::syntax::Pixels;
use crate::decode::check_dimensions;
use crate::decode::codec::{Coded, jpeg, jpeg2000, run_length};
use crate::decode::limits::{MAX_PICTURE_BYTES, MAX_PRECISE_PIXELS};
use crate::error::{Error, ErrorKind, Result};

/// Photometric Interpretation (C.7.6.3.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PhotometricInterpretation {
    Monochrome1,
    Monochrome2,
    PaletteColor,
    /// Red, green and blue; what JPEG 2000 transforms comes so from its codec.
    Rgb,
    /// Luminance and two chroma channels over the full range.
    YbrFull,
    /// The same with half of the chroma samples, where they are as they are.
    YbrFull422,
}

impl PhotometricInterpretation {
    fn of(data_set: &DataSet<'_>) -> Result<Self> {
        let is_one = data_set.word(attribute::SAMPLES_PER_PIXEL).unwrap_or(1) == 1;
        Ok(match &*data_set.text(attribute::PHOTOMETRIC_INTERPRETATION).to_ascii_uppercase() {
            "MONOCHROME1" => Self::Monochrome1,
            "MONOCHROME2" => Self::Monochrome2,
            "PALETTE COLOR" => Self::PaletteColor,
            "RGB" | "YBR_ICT" | "YBR_RCT" => Self::Rgb,
            "YBR_FULL" => Self::YbrFull,
            "YBR_FULL_422" => Self::YbrFull422,
            // Not in the standard, and not to be misunderstood.
            "" | "MONOCHROME" | "GRAY" | "GREY" | "GRAYSCALE" | "GREYSCALE" if is_one => Self::Monochrome2,
            "" => Self::Rgb,
            _ if is_one => {
                return Err(unsupported(
                    "its Photometric Interpretation is none that the standard has for grey",
                ));
            }
            _ => return Err(unsupported("it stores colour in a way that is not read")),
        })
    }
}

/// How samples are stored (C.7.6.3.1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) samples_per_pixel: usize,
    pub(super) photometric_interpretation: PhotometricInterpretation,
    pub(super) bits_allocated: u32,
    pub(super) bits_stored: u32,
    pub(super) high_bit: u32,
    pub(super) is_signed: bool,
    /// Whether samples are numbers of floating point (C.7.6.24), of 32 or 64 bits allocated.
    pub(super) is_float: bool,
    /// All red samples first, then all green ones, then all blue ones.
    pub(super) is_planar: bool,
    pub(super) frames: usize,
}

fn unsupported(what: &str) -> Error {
    let message = format!("this DICOM film is not read: {what}; export it as PNG");
    Error::new(ErrorKind::UnsupportedFormat, message)
}

fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the DICOM file is damaged: {what}; copy or export the film again"))
}

impl Layout {
    pub(super) fn of(data_set: &DataSet<'_>) -> Result<Self> {
        let word = |tag| data_set.word(tag).map(u32::from);
        let (Some(rows), Some(columns)) = (word(attribute::ROWS), word(attribute::COLUMNS)) else {
            return Err(damaged("it does not say how large its picture is"));
        };
        check_dimensions(columns.into(), rows.into())?;
        let float_bits = match element(data_set).map(|element| element.tag) {
            Some(attribute::FLOAT_PIXEL_DATA) => Some(32),
            Some(attribute::DOUBLE_FLOAT_PIXEL_DATA) => Some(64),
            _ => None,
        };
        // Of floating point the tag says how many, and all count.
        let bits_allocated = float_bits.or(word(attribute::BITS_ALLOCATED)).unwrap_or(16);
        if !matches!(bits_allocated, 8 | 16 | 32) && float_bits.is_none() {
            return Err(unsupported(&format!(
                "its samples are {bits_allocated}-bit, and only 8-bit, 16-bit and 32-bit samples are read"
            )));
        }
        let stated = |tag| word(tag).filter(|_| float_bits.is_none());
        // Without Bits Stored, High Bit says as much.
        let below = stated(attribute::HIGH_BIT).map(|high_bit| (high_bit + 1).min(bits_allocated));
        let bits_stored = stated(attribute::BITS_STORED).or(below).unwrap_or(bits_allocated);
        let high_bit = stated(attribute::HIGH_BIT).unwrap_or(bits_stored.saturating_sub(1));
        if bits_stored == 0 {
            return Err(damaged("it says that its samples have 0 bits (Bits Stored)"));
        }
        if bits_stored > bits_allocated || !(bits_stored - 1..bits_allocated).contains(&high_bit) {
            return Err(damaged("its samples have more bits than there is room for"));
        }
        let samples_per_pixel = word(attribute::SAMPLES_PER_PIXEL).unwrap_or(1) as usize;
        if !matches!(samples_per_pixel, 1 | 3) {
            return Err(unsupported("its pixels have neither one sample nor three"));
        }
        let photometric_interpretation = PhotometricInterpretation::of(data_set)?;
        let is_gray =
            samples_per_pixel == 1 && photometric_interpretation != PhotometricInterpretation::PaletteColor;
        if float_bits.is_some() && !is_gray {
            return Err(unsupported("its colours have samples of floating point"));
        }
        if bits_allocated == 32 && !is_gray {
            return Err(unsupported("its colours have samples of 32 bits"));
        }
        let frames = data_set.decimals(attribute::NUMBER_OF_FRAMES).first().map_or(1.0, |&frames| frames);
        Ok(Self {
            rows: rows as usize,
            columns: columns as usize,
            samples_per_pixel,
            photometric_interpretation,
            bits_allocated,
            bits_stored,
            high_bit,
            is_signed: word(attribute::PIXEL_REPRESENTATION) == Some(1) || float_bits.is_some(),
            is_float: float_bits.is_some(),
            is_planar: samples_per_pixel == 3 && word(attribute::PLANAR_CONFIGURATION) == Some(1),
            frames: frames.max(1.0) as usize,
        })
    }

    /// The value that a stored sample stands for: its bits without those of overlays, with its sign.
    pub(super) fn value(&self, sample: impl Into<u32>) -> i64 {
        let bits = sample.into() >> (self.high_bit + 1 - self.bits_stored);
        let unused = 32 - self.bits_stored;
        if self.is_signed {
            i64::from(((bits << unused) as i32) >> unused)
        } else {
            i64::from((bits << unused) >> unused)
        }
    }

    /// Whether a stored sample does not fit 16 bits.
    pub(super) fn is_wide(&self) -> bool {
        self.bits_allocated > 16
    }
}

/// The element that holds the picture: Pixel Data, or one of those of floating point in its place (C.7.6.24).
pub(super) fn element<'a>(data_set: &DataSet<'a>) -> Option<Element<'a>> {
    let tags = [attribute::PIXEL_DATA, attribute::FLOAT_PIXEL_DATA, attribute::DOUBLE_FLOAT_PIXEL_DATA];
    tags.into_iter().find_map(|tag| data_set.element(tag))
}

/// The first frame: its samples as stored, and the layout that they have now.
pub(super) fn first_frame(data_set: &DataSet<'_>, syntax: Pixels, layout: Layout) -> Result<(Coded, Layout)> {
    let Some(pixel_data) = data_set.get(attribute::PIXEL_DATA) else {
        return Err(damaged("its picture is empty"));
    };
    match syntax {
        Pixels::Unread(how) => Err(unsupported(&format!("its picture is stored {how}"))),
        Pixels::Native if pixel_data.is_encapsulated => {
            let frame = encapsulated_frame(data_set, pixel_data, layout)?;
            native(&frame, pixel_data, data_set, layout)
        }
        Pixels::Native => native(pixel_data.value, pixel_data, data_set, layout),
        _ if !pixel_data.is_encapsulated => {
            Err(damaged("it says that its picture is compressed, and it is not"))
        }
        Pixels::RunLength => run_lengths(&encapsulated_frame(data_set, pixel_data, layout)?, layout)
            .map(|coded| (coded, layout)),
        Pixels::Jpeg => of_jpeg(&encapsulated_frame(data_set, pixel_data, layout)?, layout),
    }
}

/// Whether a file that says that it has several frames can hold a second one: some say so and have one.
pub(super) fn has_room_for_two(data_set: &DataSet<'_>, layout: Layout) -> bool {
    let Some(pixel_data) = element(data_set) else { return false };
    if pixel_data.is_encapsulated {
        // The first item is the table of offsets.
        return fragments(pixel_data.value).is_ok_and(|all| all.len() > 2);
    }
    let frame =
        layout.rows * layout.columns * layout.samples_per_pixel * (layout.bits_allocated / 8) as usize;
    // Of YBR_FULL_422 a frame has two thirds.
    pixel_data.value.len() >= frame + frame / 3
}

/// The samples of the first frame, as stored, where they do not fit 16 bits: grey, and in one of the syntaxes that can
/// hold them.
pub(super) fn first_wide_frame(data_set: &DataSet<'_>, syntax: Pixels, layout: Layout) -> Result<Vec<u32>> {
    let pixels = layout.rows * layout.columns;
    if pixels > MAX_PRECISE_PIXELS {
        let message =
            "the DICOM film has samples of 32 bits and needs too much memory: export it as 16-bit PNG";
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    let Some(pixel_data) = data_set.get(attribute::PIXEL_DATA) else {
        return Err(damaged("its picture is empty"));
    };
    let frame = match pixel_data.is_encapsulated {
        true => encapsulated_frame(data_set, pixel_data, layout)?,
        false => Cow::Borrowed(pixel_data.value),
    };
    match syntax {
        Pixels::Native => {
            let words = frame.get(..4 * pixels).ok_or(Trouble::CutShort)?.chunks_exact(4);
            let coding = data_set.coding();
            Ok(words.map(|word| coding.u32([word[0], word[1], word[2], word[3]])).collect())
        }
        Pixels::RunLength if pixel_data.is_encapsulated => {
            let planes = run_length::decode(&frame, 4, pixels)?;
            let byte = |plane: usize, k: usize| planes[plane * pixels + k];
            Ok((0..pixels).map(|k| u32::from_be_bytes([0, 1, 2, 3].map(|plane| byte(plane, k)))).collect())
        }
        Pixels::Unread(how) => Err(unsupported(&format!("its picture is stored {how}"))),
        _ => Err(unsupported("its samples of 32 bits are compressed as JPEG, which has no more than 16")),
    }
}

/// The bytes of the first frame, of samples of floating point.
pub(super) fn first_float_frame<'a>(
    data_set: &DataSet<'a>,
    syntax: Pixels,
    layout: Layout,
) -> Result<&'a [u8]> {
    let pixels = layout.rows * layout.columns;
    if pixels > MAX_PRECISE_PIXELS {
        let message =
            "the DICOM film has samples of floating point and needs too much memory: export it as 16-bit PNG";
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    let Some(pixel_data) = element(data_set) else { return Err(damaged("its picture is empty")) };
    if pixel_data.is_encapsulated || syntax != Pixels::Native {
        return Err(unsupported("its samples of floating point are compressed"));
    }
    let length = pixels * (layout.bits_allocated / 8) as usize;
    Ok(pixel_data.value.get(..length).ok_or(Trouble::CutShort)?)
}

/// An empty picture of the layout.
fn blank(layout: Layout) -> Result<Coded> {
    Coded::new(layout.columns, layout.rows, layout.samples_per_pixel, layout.bits_allocated)
}

/// Samples as they are.
fn native(
    bytes: &[u8],
    pixel_data: Element<'_>,
    data_set: &DataSet<'_>,
    layout: Layout,
) -> Result<(Coded, Layout)> {
    let is_halved = layout.photometric_interpretation == PhotometricInterpretation::YbrFull422;
    let pixels = layout.rows * layout.columns;
    let whole = pixels * layout.samples_per_pixel;
    let count = if is_halved && layout.samples_per_pixel == 3 { 2 * pixels } else { whole };
    let size = (layout.bits_allocated / 8) as usize;
    let frame = bytes.get(..count * size).ok_or(Trouble::CutShort)?;
    let mut coded = blank(layout)?;
    let coding = data_set.coding();
    let samples: Vec<u16> = if size == 2 {
        frame.chunks_exact(2).map(|word| coding.u16([word[0], word[1]])).collect()
    } else if coding.is_big_endian && &pixel_data.vr == b"OW" {
        // Bytes that were packed into words (PS3.5 section 7.3), with one more where their number is odd.
        let swapped = |at: usize| bytes.get(at ^ 1).or(bytes.get(at)).map_or(0, |&byte| u16::from(byte));
        (0..count).map(swapped).collect()
    } else {
        frame.iter().map(|&byte| u16::from(byte)).collect()
    };
    if count == whole {
        place(samples, layout, &mut coded);
        return Ok((coded, layout));
    }
    // Two luminances, then what both have for chroma (C.7.6.3.1.2, YBR_FULL_422).
    for (pixels, four) in coded.samples.chunks_mut(6).zip(samples.chunks_exact(4)) {
        for (pixel, &luminance) in pixels.chunks_exact_mut(3).zip(four) {
            pixel.copy_from_slice(&[luminance, four[2], four[3]]);
        }
    }
    Ok((coded, layout))
}

/// Puts the samples where they belong, pixel by pixel.
fn place(samples: Vec<u16>, layout: Layout, coded: &mut Coded) {
    if !layout.is_planar {
        coded.samples = samples;
        return;
    }
    for (channel, plane) in samples.chunks_exact(layout.rows * layout.columns).enumerate() {
        for (pixel, &sample) in coded.samples.chunks_exact_mut(3).zip(plane) {
            pixel[channel] = sample;
        }
    }
}

/// Run lengths: for each sample its bytes, the highest first, each as a plane (PS3.5 G.2).
fn run_lengths(frame: &[u8], layout: Layout) -> Result<Coded> {
    let mut coded = blank(layout)?;
    let pixels = layout.rows * layout.columns;
    let size = (layout.bits_allocated / 8) as usize;
    let planes = run_length::decode(frame, layout.samples_per_pixel * size, pixels)?;
    for (index, plane) in planes.chunks_exact(pixels).enumerate() {
        let samples = coded.samples.iter_mut().skip(index / size).step_by(layout.samples_per_pixel);
        for (sample, &byte) in samples.zip(plane) {
            *sample = (*sample << 8) | u16::from(byte);
        }
    }
    Ok(coded)
}

/// JPEG and its family, which know their own size and depth.
fn of_jpeg(frame: &[u8], mut layout: Layout) -> Result<(Coded, Layout)> {
    let is_rgb = layout.photometric_interpretation == PhotometricInterpretation::Rgb;
    let mut coded =
        if jpeg2000::is_jpeg2000(frame) { jpeg2000::decode(frame)? } else { jpeg::decode(frame, is_rgb)? };
    if !matches!(coded.components, 1 | 3) {
        return Err(unsupported("its pixels have neither one sample nor three"));
    }
    (layout.columns, layout.rows) = (coded.width, coded.height);
    layout.samples_per_pixel = coded.components;
    if coded.is_rgb {
        layout.photometric_interpretation = PhotometricInterpretation::Rgb;
    }
    // What a lossy codec makes of white may have a bit more than are stored: it is white all the same. So is black.
    if coded.is_lossy && coded.components == 1 && layout.high_bit + 1 == layout.bits_stored {
        let values = 1_i32 << layout.bits_stored;
        if !layout.is_signed {
            let most = (values - 1) as u16;
            coded.samples.iter_mut().for_each(|sample| *sample = (*sample).min(most));
        } else if coded.is_signed {
            let (least, most) = ((-values / 2) as i16, (values / 2 - 1) as i16);
            let stored = |sample: u16| (sample as i16).clamp(least, most) as u16;
            coded.samples.iter_mut().for_each(|sample| *sample = stored(*sample));
        }
    }
    if coded.bits <= layout.high_bit || coded.components == 3 {
        // The picture holds the bits that count, and no others.
        if !coded.is_signed || coded.components == 3 {
            layout.bits_stored = coded.bits.min(layout.bits_stored).max(1);
        }
        layout.high_bit = layout.bits_stored - 1;
    }
    Ok((coded, layout))
}

/// The bytes of the first frame of encapsulated pixel data (PS3.5 A.4).
fn encapsulated_frame<'a>(
    data_set: &DataSet<'a>,
    pixel_data: Element<'a>,
    layout: Layout,
) -> Result<Cow<'a, [u8]>> {
    let all = fragments(pixel_data.value)?;
    let Some((table, parts)) = all.split_first() else { return Err(damaged("its picture is empty")) };
    let parts = first_parts(parts, second_offset(data_set, table), layout.frames);
    match parts {
        [] => Err(damaged("its picture is empty")),
        [one] => Ok(Cow::Borrowed(one)),
        // They are put together, and no picture that is packed takes more than unpacked ones may.
        several if several.iter().map(|part| part.len() as u64).sum::<u64>() > MAX_PICTURE_BYTES => {
            let message = "the DICOM film needs too much memory: export it as PNG or as 16-bit grey TIFF";
            Err(Error::new(ErrorKind::TooLarge, message))
        }
        several => Ok(Cow::Owned(several.concat())),
    }
}

/// How many bytes after the first fragment's item the second frame begins, if a table says so.
fn second_offset(data_set: &DataSet<'_>, table: &[u8]) -> Option<usize> {
    let extended = data_set.get(attribute::EXTENDED_OFFSET_TABLE).map_or(&[][..], |element| element.value);
    if let Some(&[a, b, c, d, e, f, g, h]) = extended.get(8..16) {
        return usize::try_from(u64::from_le_bytes([a, b, c, d, e, f, g, h])).ok();
    }
    let &[a, b, c, d] = table.get(4..8)? else { return None };
    Some(u32::from_le_bytes([a, b, c, d]) as usize)
}

/// The fragments of the first of so many frames.
fn first_parts<'a, 'b>(parts: &'b [&'a [u8]], second_at: Option<usize>, frames: usize) -> &'b [&'a [u8]] {
    if frames == 1 {
        return parts;
    }
    if parts.len() == frames {
        return &parts[..1];
    }
    let mut at = 0;
    for (index, part) in parts.iter().enumerate() {
        // Without a table, a frame ends with the marker that ends a picture of the JPEG family.
        let is_last = without_fill(part).ends_with(b"\xff\xd9");
        at += 8 + part.len();
        if second_at.map_or(is_last, |second| at >= second) {
            return &parts[..=index];
        }
    }
    parts
}

/// Bytes without the zeros that fill them up.
fn without_fill(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    &bytes[..length]
}
