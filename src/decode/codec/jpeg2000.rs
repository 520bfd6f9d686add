//! JPEG 2000 (ITU-T T.800) by `hayro-jpeg2000`, HTJ2K (T.814) by its fork `dicom-toolkit-jpeg2000`, with what they do
//! not bound bounded first. The fork alone would not do: it is off by several levels in lossy JPEG 2000, and in lossy
//! HTJ2K it has to be helped. Palettes of a file are not applied.

use super::{Coded, damaged, unsupported};
use crate::decode::check_dimensions;
use crate::decode::limits::jpeg2000::{MAX_BLOCKS, MAX_SAMPLES, MAX_STEPS, MAX_TILES};
use crate::error::{Error, ErrorKind, Result};

/// What a codestream and a file of boxes begin with.
const CODESTREAM: &[u8] = b"\xff\x4f\xff\x51";
const BOXES: &[u8] = b"\x00\x00\x00\x0cjP  ";

/// Whether the bytes begin as JPEG 2000 does.
pub(in super::super) fn is_jpeg2000(bytes: &[u8]) -> bool {
    bytes.starts_with(CODESTREAM) || bytes.starts_with(BOXES)
}

/// Decodes a codestream or a file.
pub(in super::super) fn decode(bytes: &[u8]) -> Result<Coded> {
    let broken = || damaged("JPEG 2000 picture");
    let codestream = if bytes.starts_with(CODESTREAM) {
        bytes
    } else {
        // The box with the codestream; boxes before it have no reason to hold these eight bytes.
        let marks: Vec<u8> = [b"jp2c", CODESTREAM].concat();
        let at = bytes.windows(marks.len()).position(|window| window == marks).ok_or_else(broken)?;
        &bytes[at + 4..]
    };
    let header = Header::read(codestream)?;
    // Not by its bytes: a code-block of nothing but one value is not in the stream, and a smooth picture of any size may
    // have a few hundred.
    if header.width * header.height * header.components > MAX_SAMPLES {
        return Err(too_complex());
    }
    // Where the boxes are not understood, the codestream alone will do.
    picture(bytes, &header)
        .or_else(|error| if bytes == codestream { Err(error) } else { picture(codestream, &header) })
}

/// Decodes what a crate is given, after its header has been bounded.
fn picture(bytes: &[u8], header: &Header) -> Result<Coded> {
    let broken = || damaged("JPEG 2000 picture");
    let mut coded = Coded::new(header.width, header.height, header.components, header.bits)?;
    let is_filled = if header.is_high_throughput {
        high_throughput(bytes, header, &mut coded.samples)
    } else {
        plain(bytes, header, &mut coded.samples)
    };
    is_filled.ok_or_else(broken)?;
    coded.is_signed = header.is_signed;
    coded.is_lossy = header.is_lossy;
    coded.is_rgb = bytes.starts_with(BOXES) && header.components >= 3;
    if header.is_signed {
        // Signed samples come with the offset of unsigned ones.
        let offset = 1 << (header.bits - 1);
        coded.samples.iter_mut().for_each(|sample| *sample = sample.wrapping_sub(offset));
    }
    Ok(coded)
}

/// JPEG 2000 as it first was. `None` for what is damaged.
fn plain(bytes: &[u8], header: &Header, samples: &mut [u16]) -> Option<()> {
    use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};
    let settings =
        DecodeSettings { strict: true, resolve_palette_indices: false, ..DecodeSettings::default() };
    let image = Image::new(bytes, &settings).ok()?;
    let mut context = DecoderContext::default();
    let image = image.decode(&mut context).ok()?;
    let channels = image.components();
    (channels.len() == header.components).then_some(())?;
    let most = ((1_u32 << header.bits) - 1) as f32;
    for (index, channel) in channels.iter().enumerate() {
        let values = channel.samples();
        (values.len() == header.width * header.height).then_some(())?;
        for (to, value) in samples.iter_mut().skip(index).step_by(channels.len()).zip(values) {
            *to = value.round().clamp(0.0, most) as u16;
        }
    }
    Some(())
}

/// JPEG 2000 with the block coder of T.814. `None` for what is damaged.
fn high_throughput(bytes: &[u8], header: &Header, samples: &mut [u16]) -> Option<()> {
    use dicom_toolkit_jpeg2000::{DecodeSettings, Image};
    let settings = DecodeSettings { strict: true, ..DecodeSettings::default() };
    let mut bytes = bytes.to_vec();
    keep_midpoints(&mut bytes);
    let image = Image::new(&bytes, &settings).ok()?.decode_native().ok()?;
    let size = usize::from(image.bytes_per_sample);
    (image.data.len() == samples.len() * size && u32::from(image.bit_depth) == header.bits).then_some(())?;
    for (to, from) in samples.iter_mut().zip(image.data.chunks_exact(size)) {
        *to = match *from {
            [low, high] => u16::from_le_bytes([low, high]),
            [byte] => u16::from(byte),
            _ => return None,
        };
    }
    Some(())
}

/// Has the crate reconstruct quantised coefficients in the middle of their interval, as other decoders do (T.800
/// E.1.1.2), and not at its lower end. Its block decoder gives a bit below the last, which says so, and the crate
/// drops what lies below the bit planes that the quantisation names. So each exponent is made greater by one (T.800
/// A.6.4): there is one bit plane more at the lower end, and the step is half of what it was.
fn keep_midpoints(bytes: &mut [u8]) {
    let begin = if bytes.starts_with(CODESTREAM) {
        Some(0)
    } else {
        bytes.windows(CODESTREAM.len()).position(|window| window == CODESTREAM)
    };
    let mut exponents = Vec::new();
    let Some(codestream) = begin.and_then(|begin| bytes.get_mut(begin..)) else { return };
    let mut segments = Segments::of(codestream);
    let is_walked = loop {
        let Some(segment) = segments.next() else { break false };
        let Some(Segment { marker, body_at, body }) = segment else { break true };
        // QCD, and QCC for fewer than 257 components: their style, then a word for each sub-band.
        if !matches!(marker, 0xff5c | 0xff5d) {
            continue;
        }
        let style_at = usize::from(marker == 0xff5d);
        let Some(style) = body.get(style_at) else { break false };
        // Each takes memory of its own.
        if exponents.len() > MAX_STEPS {
            break false;
        }
        if style & 0x1f != 0 {
            exponents.extend((style_at + 1..body.len() - 1).step_by(2).map(|word| body_at + word));
        }
    };
    // Five bits at the top of each word. One that is full stays, and then so do the others.
    let is_full = |&at: &usize| codestream.get(at).is_none_or(|byte| byte >> 3 == 31);
    if !is_walked || exponents.iter().any(is_full) {
        return;
    }
    for at in exponents {
        codestream[at] += 1 << 3;
    }
}

/// The error for what is not damaged, but too much.
fn too_complex() -> Error {
    Error::new(ErrorKind::TooLarge, "the JPEG 2000 picture needs too much memory: export it smaller")
}

/// What the main header says of size and structure (T.800 A.5.1, A.6.1).
struct Header {
    width: usize,
    height: usize,
    components: usize,
    /// Bits of a sample.
    bits: u32,
    is_signed: bool,
    /// With the wavelet that is not reversible (table A.20).
    is_lossy: bool,
    /// With the block coder of T.814: a CAP segment (A.5.2) follows SIZ.
    is_high_throughput: bool,
}

impl Header {
    /// Reads and bounds it, before anything is allocated by it.
    fn read(codestream: &[u8]) -> Result<Self> {
        let broken = || damaged("JPEG 2000 picture");
        let word = |at: usize| {
            let bytes = codestream.get(at..at + 4).ok_or_else(broken)?;
            Ok::<usize, Error>(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
        };
        // SOC, then SIZ with its length and capabilities.
        let [x1, y1, x0, y0] = [word(8)?, word(12)?, word(16)?, word(20)?];
        let [tile_width, tile_height, tile_x0, tile_y0] = [word(24)?, word(28)?, word(32)?, word(36)?];
        let (Some(width), Some(height)) = (x1.checked_sub(x0), y1.checked_sub(y0)) else {
            return Err(broken());
        };
        check_dimensions(width as u64, height as u64)?;
        let &[high, low, ref channels @ ..] = codestream.get(40..).ok_or_else(broken)? else {
            return Err(broken());
        };
        let components = usize::from(u16::from_be_bytes([high, low]));
        if !(1..=4).contains(&components) {
            return Err(unsupported("a JPEG 2000 picture with more than four channels"));
        }
        // For each channel its depth and sign, and its size.
        let channels = channels.get(..3 * components).ok_or_else(broken)?;
        let depth = channels[0];
        if channels.chunks_exact(3).any(|channel| channel != [depth, 1, 1]) {
            return Err(unsupported("a JPEG 2000 picture whose channels differ in size or depth"));
        }
        let bits = u32::from(depth & 0x7f) + 1;
        if bits > 16 {
            return Err(unsupported("a JPEG 2000 picture with more than 16 bits per sample"));
        }
        let tiles = |end: usize, begin: usize, size: usize| {
            end.checked_sub(begin)?.checked_add(size - 1)?.checked_div(size)
        };
        if tile_width == 0 || tile_height == 0 {
            return Err(broken());
        }
        let across = tiles(x1, tile_x0, tile_width).ok_or_else(broken)?;
        let down = tiles(y1, tile_y0, tile_height).ok_or_else(broken)?;
        if across.checked_mul(down).is_none_or(|tiles| tiles > MAX_TILES) {
            return Err(too_complex());
        }
        let (in_tile_x, in_tile_y) = (tile_width.min(width), tile_height.min(height));
        let structure = Structure { tile: (in_tile_x, in_tile_y), components };
        if !structure.is_bounded(codestream).ok_or_else(broken)? {
            return Err(too_complex());
        }
        let size = codestream.get(4..6).ok_or_else(broken)?;
        let after = 4 + usize::from(u16::from_be_bytes([size[0], size[1]]));
        let is_high_throughput = codestream.get(after..after + 2) == Some(&[0xff, 0x50]);
        let is_signed = depth & 0x80 != 0;
        let style = codestream.windows(2).position(|marker| marker == [0xff, 0x52]);
        let is_lossy = style.is_some_and(|at| codestream.get(at + 13) == Some(&0));
        Ok(Self { width, height, components, bits, is_signed, is_lossy, is_high_throughput })
    }
}

/// A marker segment.
struct Segment<'a> {
    marker: u16,
    /// Where its body begins in the codestream.
    body_at: usize,
    body: &'a [u8],
}

/// The marker segments of the main header and of the headers of the tile-parts (T.800 A.2 to A.4).
struct Segments<'a> {
    codestream: &'a [u8],
    at: usize,
    tile_end: Option<usize>,
}

impl<'a> Segments<'a> {
    fn of(codestream: &'a [u8]) -> Self {
        Self { codestream, at: 2, tile_end: None }
    }

    /// The next one; `Some(None)` after the last, `None` where the codestream is damaged.
    fn next(&mut self) -> Option<Option<Segment<'a>>> {
        let Self { codestream, .. } = *self;
        loop {
            let Some(&[high, low]) = codestream.get(self.at..self.at + 2) else { return Some(None) };
            let marker = u16::from_be_bytes([high, low]);
            match marker {
                // SOD: on with the next tile-part, which lies further on. Another SOD there would lead back.
                0xff93 => {
                    self.at = self.tile_end.take().filter(|&end| end > self.at)?;
                    continue;
                }
                // EOC, or what is not a marker after a tile-part.
                0xffd9 | 0..=0xff00 => return Some(None),
                // Markers without a segment.
                0xff30..=0xff3f => {
                    self.at += 2;
                    continue;
                }
                _ => {}
            }
            let start = self.at;
            let &[high, low] = codestream.get(start + 2..start + 4)? else { return None };
            let length = usize::from(u16::from_be_bytes([high, low]));
            let body = codestream.get(start + 4..start + 2 + length)?;
            // SOT: its tile-part has so many bytes from here, 0 to the end.
            if marker == 0xff90 {
                let &[a, b, c, d] = body.get(2..6)? else { return None };
                let size = u32::from_be_bytes([a, b, c, d]) as usize;
                let size = if size == 0 { codestream.len() - start } else { size };
                (size >= 14).then_some(())?;
                self.tile_end = Some(start.checked_add(size)?);
            }
            self.at = start + 2 + length;
            return Some(Some(Segment { marker, body_at: start + 4, body }));
        }
    }
}

/// How large a tile is, for what is allocated for each of its code-blocks and precincts.
struct Structure {
    tile: (usize, usize),
    components: usize,
}

impl Structure {
    /// Whether every coding style, of the main header and of the tile-parts, is one that a film has; `None` where the
    /// marker segments are damaged.
    fn is_bounded(&self, codestream: &[u8]) -> Option<bool> {
        let mut segments = Segments::of(codestream);
        let mut layers = 1;
        while let Some(Segment { marker, body, .. }) = segments.next()? {
            match marker {
                // COD.
                0xff52 => {
                    layers = usize::from(u16::from_be_bytes([*body.get(2)?, *body.get(3)?])).max(1);
                    let has_precincts = body.first()? & 1 != 0;
                    if !self.is_style_bounded(body.get(5..)?, has_precincts, layers)? {
                        return Some(false);
                    }
                }
                // COC, for fewer than 257 components.
                0xff53 => {
                    let has_precincts = body.get(1)? & 1 != 0;
                    if !self.is_style_bounded(body.get(2..)?, has_precincts, layers)? {
                        return Some(false);
                    }
                }
                _ => {}
            }
        }
        Some(true)
    }

    /// Bounds code-blocks times layers, and precincts, by levels, block size and precinct sizes (tables A.15, A.21).
    fn is_style_bounded(&self, style: &[u8], has_precincts: bool, layers: usize) -> Option<bool> {
        let levels = usize::from(*style.first()?);
        (levels <= 32).then_some(())?;
        let (wide, high) = (usize::from(*style.get(1)?) + 2, usize::from(*style.get(2)?) + 2);
        (wide <= 10 && high <= 10).then_some(())?;
        let mut blocks = 0_usize;
        for resolution in 0..=levels {
            let shrink = (levels - resolution) as u32;
            let part = |length: usize| length.checked_shr(shrink).unwrap_or(0) + 1;
            let (width, height) = (part(self.tile.0), part(self.tile.1));
            let (mut precinct_wide, mut precinct_high) = (15, 15);
            if has_precincts {
                let size = *style.get(5 + resolution)?;
                (precinct_wide, precinct_high) = (usize::from(size & 15), usize::from(size >> 4));
            }
            // A block is no larger than its precinct, and there is at least one for each.
            let across = (width >> wide.min(precinct_wide)) + 2;
            let down = (height >> high.min(precinct_high)) + 2;
            blocks = blocks.saturating_add(across.saturating_mul(down).saturating_mul(4));
        }
        Some(blocks.saturating_mul(layers).saturating_mul(self.components) <= MAX_BLOCKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers of nothing but steps, as long as they may be.
    fn steps(segments: usize) -> Vec<u8> {
        let segment = [&[0xff, 0x5d, 0xff, 0xff, 0, 2][..], &[0; 0xffff - 4]].concat();
        [&[0xff, 0x4f][..], &segment.repeat(segments), &[0xff, 0xd9]].concat()
    }

    #[test]
    fn more_steps_than_may_be_are_left_as_they_are() {
        for (segments, is_changed) in [(1, true), (32, true), (40, false)] {
            let mut bytes = [CODESTREAM, &[0, 2], &steps(segments)[2..]].concat();
            let before = bytes.clone();
            keep_midpoints(&mut bytes);
            assert_eq!(bytes != before, is_changed, "{segments}");
        }
    }
}
