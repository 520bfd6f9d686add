//! What strips and tiles are compressed by.

use std::io::{Cursor, Read as _};

use image::ImageDecoder as _;
use image::codecs::{png::PngDecoder, webp::WebPDecoder};

use super::chunks::too_large;
use super::{damaged, unread};
use crate::decode::inflate::{Wrapping, inflate};
use crate::decode::limits::MAX_DEFLATE_BLOCKS;
use crate::decode::limits::tiff::{MAX_CHUNK_BYTES, MAX_ZSTD_BLOCKS};
use crate::decode::{self, codec};
use crate::error::Result;

/// Blocks that the strips and tiles of a page may still have.
pub(super) struct Blocks {
    deflate: usize,
    zstd: usize,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { deflate: MAX_DEFLATE_BLOCKS, zstd: MAX_ZSTD_BLOCKS }
    }
}

/// The compressions that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
    Zstd,
    /// Pixels of 8 bit come out, whatever the page says of them.
    Jpeg,
    /// The same.
    WebP,
    /// Pixels of 8 or 16 bit.
    Png,
}

impl Compression {
    /// By its number; what is not read by its name.
    pub(super) fn from_number(number: u64) -> Result<Self> {
        let name = match number {
            1 => return Ok(Self::None),
            5 => return Ok(Self::Lzw),
            8 | 32946 => return Ok(Self::Deflate),
            32773 => return Ok(Self::PackBits),
            7 => return Ok(Self::Jpeg),
            50000 => return Ok(Self::Zstd),
            50001 => return Ok(Self::WebP),
            34933 => return Ok(Self::Png),
            2..=4 | 32771 => "fax compression (CCITT), made for black and white",
            6 => "JPEG compression of the old style (number 6)",
            9 | 10 | 34661 | 34715 => "JBIG compression, made for black and white",
            22610 | 34934 => "JPEG XR compression",
            33003..=33005 | 34712 => "JPEG 2000 compression",
            34887 => "LERC compression",
            34892 => "the lossy JPEG compression of camera files",
            34925 => "LZMA compression",
            50002 | 52546 => "JPEG XL compression",
            _ => return Err(unread(format_args!("an unknown compression (number {number})"))),
        };
        Err(unread(name))
    }

    /// Whether a codec gives pixels, and not the bytes of the page.
    pub(super) fn gives_pixels(self) -> bool {
        matches!(self, Self::Jpeg | Self::WebP | Self::Png)
    }

    /// At most `length` bytes of what was compressed: fewer where the rest is damaged or missing. Not for those that
    /// give pixels.
    pub(super) fn unpack(self, data: &[u8], length: usize, blocks: &mut Blocks) -> Vec<u8> {
        match self {
            Self::None | Self::Jpeg | Self::WebP | Self::Png => data[..length.min(data.len())].to_vec(),
            Self::PackBits => packbits(data, length),
            Self::Lzw => lzw(data, length),
            Self::Deflate => match inflate(data, Wrapping::Zlib, length, length, &mut blocks.deflate) {
                Ok((bytes, _)) => bytes,
                Err(_) => Vec::new(),
            },
            Self::Zstd => zstd(data, length, &mut blocks.zstd),
        }
    }
}

/// One block after the other: asked for bytes, ruzstd would go through any number of empty ones, and first decode into a
/// buffer of its own.
fn zstd(mut data: &[u8], length: usize, blocks: &mut usize) -> Vec<u8> {
    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
    let mut output = vec![0; length];
    let mut written = 0;
    let mut decoder = FrameDecoder::new();
    // After an error there is what came before it; whether that is enough, the caller sees.
    let mut is_going = decoder.init(&mut data).is_ok();
    while is_going && written < length {
        is_going = !decoder.is_finished() && *blocks > 0;
        if is_going {
            *blocks -= 1;
            is_going = decoder.decode_blocks(&mut data, BlockDecodingStrategy::UptoBlocks(1)).is_ok();
        }
        while let Ok(count @ 1..) = decoder.read(&mut output[written..]) {
            written += count;
        }
    }
    output.truncate(written);
    output
}

/// Runs of bytes, TIFF 6.0, section 9.
fn packbits(mut data: &[u8], length: usize) -> Vec<u8> {
    let mut output = Vec::with_capacity(length.saturating_add(128));
    while let [head, rest @ ..] = data {
        if output.len() >= length {
            break;
        }
        match *head as i8 {
            -128 => data = rest,
            count @ 0.. => {
                let (literal, rest) = rest.split_at((count as usize + 1).min(rest.len()));
                output.extend_from_slice(literal);
                data = rest;
            }
            count => {
                let [value, rest @ ..] = rest else { break };
                output.resize(output.len() + 1 + usize::from(count.unsigned_abs()), *value);
                data = rest;
            }
        }
    }
    output.truncate(length);
    output
}

fn lzw(mut data: &[u8], length: usize) -> Vec<u8> {
    use weezl::{BitOrder, LzwStatus, decode::Decoder};
    let mut decoder = Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let mut output = Vec::with_capacity(length);
    let mut buffer = vec![0; length.clamp(1, 1 << 16)];
    while output.len() < length {
        let result = decoder.decode_bytes(data, &mut buffer);
        // No more than there is room for: a vector that grows takes twice as much.
        output.extend_from_slice(&buffer[..result.consumed_out.min(length - output.len())]);
        data = &data[result.consumed_in..];
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_out > 0 || result.consumed_in > 0 => {}
            _ => break,
        }
    }
    output
}

/// Pixels as a codec gives them.
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Interleaved; of 16 bit the low byte first.
    pub(super) raw: Vec<u8>,
}

/// A strip or tile of JPEG, with the tables that all of them share, as `channels` of grey or of red, green and blue,
/// of at most so many columns and rows.
/// `is_ycbcr` is what the page says of three channels; the JPEG itself does not.
pub(super) fn jpeg(
    tables: Option<&[u8]>,
    data: &[u8],
    channels: usize,
    is_ycbcr: bool,
    most: (usize, usize),
) -> Result<Pixels> {
    use libjpeg_turbo_rs::PixelFormat;
    let rest = data.strip_prefix(b"\xff\xd8").ok_or_else(|| damaged("a strip or tile is not a JPEG"))?;
    let mut stream = b"\xff\xd8".to_vec();
    let format = if channels == 1 {
        PixelFormat::Grayscale
    } else {
        // Adobe's marker says whether the three are YCbCr (1) or not to be converted (0).
        stream.extend_from_slice(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0");
        stream.push(u8::from(is_ycbcr));
        PixelFormat::Rgb
    };
    if let Some(tables) = tables {
        let tables = tables.strip_prefix(b"\xff\xd8").unwrap_or(tables);
        stream.extend_from_slice(tables.strip_suffix(b"\xff\xd9").unwrap_or(tables));
    }
    stream.extend_from_slice(rest);
    let failed = |error: libjpeg_turbo_rs::JpegError| damaged("the JPEG in it").because(error);
    let info = libjpeg_turbo_rs::probe(&stream).map_err(failed)?;
    if info.precision != 8 {
        return Err(unread(format_args!("JPEG compression of {} bits per sample", info.precision)));
    }
    // Blocks of 8 to 32 pixels reach beyond a last strip.
    let padded = |side: usize| side.saturating_add(31);
    if info.width > padded(most.0) || info.height > padded(most.1) {
        return Err(damaged("a strip or tile is larger than the page says"));
    }
    let image = codec::jpeg::decompress(&stream, format).map_err(failed)?;
    Ok(Pixels { width: image.width, height: image.height, raw: image.data })
}

/// A strip or tile of WebP, as `channels`: three, or four with alpha; of at most so many columns and rows.
pub(super) fn webp(data: &[u8], channels: usize, most: (usize, usize)) -> Result<Pixels> {
    let failed = |error: image::ImageError| damaged("the WebP in it").because(error);
    let decoder = WebPDecoder::new(Cursor::new(data)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if width as usize > most.0 || height as usize > most.1 {
        return Err(damaged("a strip or tile is larger than the page says"));
    }
    let pixels = image::DynamicImage::from_decoder(decoder).map_err(failed)?;
    let raw = if channels == 4 { pixels.into_rgba8().into_raw() } else { pixels.into_rgb8().into_raw() };
    Ok(Pixels { width: width as usize, height: height as usize, raw })
}

/// A strip or tile of PNG, as `channels` of so many bits; of at most so many columns and rows. `spare` bytes may be
/// allocated for a profile and the like.
pub(super) fn png(
    data: &[u8],
    channels: usize,
    bits: usize,
    most: (usize, usize),
    spare: usize,
) -> Result<Pixels> {
    let failed = |error: image::ImageError| damaged("the PNG in it").because(error);
    decode::png::check_texts(data)?;
    let bytes = (most.0 * most.1 * channels * bits).div_ceil(8) + spare;
    let decoder =
        PngDecoder::with_limits(Cursor::new(data), decode::raster::bounds(bytes as u64)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    if width > most.0 || height > most.1 {
        return Err(damaged("a strip or tile is larger than the page says"));
    }
    let color = decoder.color_type();
    if usize::from(color.channel_count()) != channels
        || usize::from(color.bits_per_pixel()) != channels * bits
    {
        return Err(damaged("a strip or tile has other samples than the page says"));
    }
    if decoder.total_bytes() > MAX_CHUNK_BYTES {
        return Err(too_large());
    }
    let mut raw = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut raw).map_err(failed)?;
    if bits == 16 {
        let to_little =
            |word: &mut [u8]| word.copy_from_slice(&u16::from_ne_bytes([word[0], word[1]]).to_le_bytes());
        raw.chunks_exact_mut(2).for_each(to_little);
    }
    Ok(Pixels { width, height, raw })
}
