//! What all files of the JPEG family have in common: marker segments (ITU-T T.81 annex B), and which codec it takes.

use std::borrow::Cow;

use libjpeg_turbo_rs::{ColorSpace, DecodeLimits, Decoder, Image, JpegError, PixelFormat};

use super::{Coded, damaged, jpeg_ls, lossless, unsupported};
use crate::decode::{MAX_PIXELS, check_dimensions, limits};
use crate::error::{Error, ErrorKind, Result};

/// Marker codes, the byte after 0xFF.
pub(super) mod marker {
    pub(in super::super) const SOF3: u8 = 0xc3;
    pub(in super::super) const DHT: u8 = 0xc4;
    pub(in super::super) const SOI: u8 = 0xd8;
    pub(in super::super) const EOI: u8 = 0xd9;
    pub(in super::super) const SOS: u8 = 0xda;
    pub(in super::super) const DNL: u8 = 0xdc;
    pub(in super::super) const DRI: u8 = 0xdd;
    pub(in super::super) const APP0: u8 = 0xe0;
    pub(in super::super) const APP8: u8 = 0xe8;
    pub(in super::super) const APP14: u8 = 0xee;
    pub(in super::super) const SOF55: u8 = 0xf7;
    pub(in super::super) const LSE: u8 = 0xf8;
}

/// A marker segment.
#[derive(Clone, Copy)]
pub(super) struct Segment<'a> {
    /// Its marker code.
    pub(super) marker: u8,
    /// What follows its length.
    pub(super) body: &'a [u8],
    /// Where the file goes on after it.
    pub(super) end: usize,
}

/// The next marker segment at or after `at`; bytes that belong to none are skipped.
pub(super) fn next_segment(bytes: &[u8], mut at: usize) -> Option<Segment<'_>> {
    loop {
        if *bytes.get(at)? != 0xff {
            at += 1;
            continue;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // Fill bytes, stuffed zeros, restarts and others without a length.
            0xff => at += 1,
            0x00 | 0x01 | 0xd0..=0xd7 | marker::SOI => at += 2,
            marker::EOI => return Some(Segment { marker, body: &[], end: at + 2 }),
            _ => {
                let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
                let body = bytes.get(at + 4..at + 2 + length.max(2))?;
                return Some(Segment { marker, body, end: at + 2 + length.max(2) });
            }
        }
    }
}

/// One component of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Horizontal and vertical sampling factor, four bits each.
    pub(super) sampling: u8,
}

/// A frame header (B.2.2).
#[derive(Debug, PartialEq)]
pub(in super::super) struct FrameHeader {
    /// Which process: the code of its SOF marker.
    pub(super) process: u8,
    /// Bits of a sample.
    pub(super) precision: u32,
    /// In pixels; 0 where a DNL segment has it.
    pub(super) height: usize,
    /// In pixels.
    pub(super) width: usize,
    pub(super) components: Vec<Component>,
    /// Where in the file the height stands.
    height_at: usize,
    /// Whether a JFIF or Adobe segment says what the colours are.
    names_colors: bool,
}

impl FrameHeader {
    /// Reads marker segments up to the frame header.
    pub(in super::super) fn read(bytes: &[u8]) -> Result<Self> {
        let mut at = 0;
        let mut names_colors = false;
        loop {
            let Segment { marker, body, end } = next_segment(bytes, at).ok_or_else(|| damaged("JPEG"))?;
            at = end;
            match marker {
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | marker::SOF55 => {
                    let [precision, high, low, wide, narrow, count, components @ ..] = body else {
                        return Err(damaged("JPEG"));
                    };
                    let components: Vec<Component> = components
                        .chunks_exact(3)
                        .take(usize::from(*count))
                        .map(|one| Component { id: one[0], sampling: one[1] })
                        .collect();
                    if components.is_empty() || components.len() != usize::from(*count) {
                        return Err(damaged("JPEG"));
                    }
                    return Ok(Self {
                        process: marker,
                        precision: u32::from(*precision),
                        height: usize::from(u16::from_be_bytes([*high, *low])),
                        width: usize::from(u16::from_be_bytes([*wide, *narrow])),
                        components,
                        height_at: end - body.len() + 1,
                        names_colors,
                    });
                }
                marker::APP0 => names_colors |= body.starts_with(b"JFIF"),
                marker::APP14 => names_colors |= body.starts_with(b"Adobe") && body.len() >= 12,
                marker::SOS | marker::EOI => return Err(damaged("JPEG")),
                _ => {}
            }
        }
    }

    /// Whether it is one of those of 8 bit that libjpeg-turbo decodes to the bit.
    pub(in super::super) fn is_common(&self) -> bool {
        self.precision == 8 && !matches!(self.process, marker::SOF3 | marker::SOF55)
    }

    /// Whether it is JPEG-LS.
    pub(in super::super) fn is_jpeg_ls(&self) -> bool {
        self.process == marker::SOF55
    }
}

/// The file with its height in the frame header, where a DNL segment (B.2.5) after the first scan has it instead.
pub(in super::super) fn with_height(bytes: &[u8]) -> Result<Cow<'_, [u8]>> {
    let frame = FrameHeader::read(bytes)?;
    if frame.height > 0 {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut at = frame.height_at;
    while let Some(segment) = next_segment(bytes, at) {
        at = segment.end;
        if let (marker::DNL, &[high, low]) = (segment.marker, segment.body) {
            let mut patched = bytes.to_vec();
            if let Some(height) = patched.get_mut(frame.height_at..frame.height_at + 2) {
                height.copy_from_slice(&[high, low]);
            }
            return Ok(Cow::Owned(patched));
        }
    }
    Err(damaged("JPEG"))
}

/// Decodes a file of the JPEG family. Where `is_rgb`, three components without a word on their colours are red,
/// green and blue; else they are what libjpeg takes them for.
pub(in super::super) fn decode(bytes: &[u8], is_rgb: bool) -> Result<Coded> {
    let bytes = with_height(bytes)?;
    let frame = FrameHeader::read(&bytes)?;
    check_dimensions(frame.width as u64, frame.height as u64)?;
    match (frame.process, frame.precision) {
        (marker::SOF55, _) => jpeg_ls::decode(&bytes),
        (marker::SOF3, _) => lossless::decode(&bytes),
        (0xc0..=0xc2 | 0xc9 | 0xca, 8) => common(&bytes, is_rgb && !frame.names_colors),
        // Neither way of the crate reads them.
        (0xc0 | 0xc1, 12) if frame.components.len() > 1 && scans(&bytes) > 1 => {
            Err(unsupported("a 12-bit JPEG with a scan for each colour"))
        }
        (0xc0 | 0xc1, 12) => deep(&bytes),
        (0xc2 | 0xc9 | 0xca, 12) => deep(&in_one_scan(&bytes, &frame)?),
        (0xc5..=0xc7 | 0xcd..=0xcf, _) => Err(unsupported("a hierarchical JPEG")),
        (0xcb, _) => Err(unsupported("a lossless JPEG with arithmetic coding")),
        (_, bits) => Err(unsupported(&format!("a lossy JPEG of {bits} bits per sample"))),
    }
}

/// What a failure of libjpeg-turbo means.
pub(in super::super) fn failed(error: JpegError) -> Error {
    match error {
        JpegError::Unsupported(_) => unsupported("this kind of JPEG").because(error),
        JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. } => too_large().because(error),
        error => damaged("JPEG").because(error),
    }
}

fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "the JPEG needs too much memory: export it smaller")
}

fn bounds() -> DecodeLimits {
    DecodeLimits {
        max_pixels: MAX_PIXELS,
        max_scans: limits::jpeg::MAX_SCANS,
        max_memory: Some(limits::jpeg::MAX_DECODER_BYTES),
        ..DecodeLimits::default()
    }
}

/// What libjpeg-turbo makes of a file of 8 bit, within the limits.
pub(in super::super) fn decompress(bytes: &[u8], format: PixelFormat) -> Result<Image, JpegError> {
    let mut decoder = Decoder::new_with_limits(bytes, bounds())?;
    decoder.set_output_format(format);
    decoder.decode_image()
}

/// 8 bit, with the DCT.
fn common(bytes: &[u8], is_rgb: bool) -> Result<Coded> {
    /// An Adobe segment that says: no transform.
    const PLAIN: &[u8] = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00";
    let info = libjpeg_turbo_rs::probe(bytes).map_err(failed)?;
    let gray = info.color_space == ColorSpace::Grayscale;
    let told;
    let bytes = match bytes.split_at_checked(2) {
        Some((start, rest)) if is_rgb && !gray => {
            told = [start, PLAIN, rest].concat();
            &told
        }
        _ => bytes,
    };
    let format = if gray { PixelFormat::Grayscale } else { PixelFormat::Rgb };
    let image = decompress(bytes, format).map_err(failed)?;
    let mut coded = Coded::new(image.width, image.height, if gray { 1 } else { 3 }, 8)?;
    if image.data.len() != coded.samples.len() {
        return Err(damaged("JPEG"));
    }
    coded.samples = image.data.into_iter().map(u16::from).collect();
    coded.is_rgb = !gray;
    coded.is_lossy = true;
    Ok(coded)
}

/// How many scans a file has.
fn scans(bytes: &[u8]) -> usize {
    let segments = std::iter::successors(next_segment(bytes, 0), |segment| next_segment(bytes, segment.end));
    segments.filter(|segment| segment.marker == marker::SOS).count()
}

/// A file with the DCT whose coefficients come bit by bit, or band by band (T.81 annex G), or with arithmetic coding, as one
/// scan with Huffman codes: the crate decodes no other file of 12 bit. The coefficients stay what they are.
fn in_one_scan(bytes: &[u8], frame: &FrameHeader) -> Result<Vec<u8>> {
    let samples = frame.width * frame.height * frame.components.len();
    if samples as u64 > limits::MAX_SAMPLES || scans(bytes) > limits::jpeg::MAX_SCANS {
        return Err(too_large());
    }
    let coefficients = libjpeg_turbo_rs::read_coefficients(bytes).map_err(failed)?;
    libjpeg_turbo_rs::write_coefficients_optimized(&coefficients).map_err(failed)
}

/// 12 bit, with the DCT, in one scan.
fn deep(bytes: &[u8]) -> Result<Coded> {
    let image = libjpeg_turbo_rs::decompress_12bit_with_limits(bytes, &bounds()).map_err(failed)?;
    if !matches!(image.num_components, 1 | 3) {
        return Err(unsupported("a 12-bit JPEG that is neither grey nor of three colours"));
    }
    let mut coded = Coded::new(image.width, image.height, image.num_components, 12)?;
    if image.data.len() != coded.samples.len() {
        return Err(damaged("JPEG"));
    }
    coded.samples = image.data.into_iter().map(|sample| sample.clamp(0, 4095) as u16).collect();
    coded.is_rgb = image.num_components == 3;
    coded.is_lossy = true;
    Ok(coded)
}
