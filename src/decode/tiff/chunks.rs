//! Strips and tiles to samples: where they lie, how rows are predicted, how samples are packed.

use std::borrow::Cow;
use std::cell::RefCell;

use super::compression::{self, Blocks, Compression, Pixels};
use super::directory::{Directory, tag};
use super::{damaged, unread};
use crate::decode::limits::tiff::{
    MAX_CHUNK_BYTES, MAX_CHUNKS, MAX_SHARED_BYTES, MAX_TABLE_BYTES, MAX_UNPACKED_BYTES,
};
use crate::decode::limits::{MAX_PICTURE_BYTES, MAX_PIXELS};
use crate::error::{Error, ErrorKind, Result};

/// How the bits of a sample are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SampleFormat {
    Unsigned,
    Signed,
    /// IEEE 754, of 16, 32 or 64 bit, and the 24 bit of TIFF's technical note 3.
    Float,
}

/// Samples as stored, interleaved.
pub(super) enum Samples {
    /// Unsigned, up to 8 bit.
    Eight(Vec<u8>),
    /// Unsigned, up to 16 bit.
    Sixteen(Vec<u16>),
    /// All others.
    Wide(Vec<f64>),
}

/// How rows are predicted from what stands before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Predictor {
    None,
    /// Each sample is stored as its difference from the one on its left.
    Horizontal,
    /// The same, byte by byte, the bytes of a row sorted by their weight.
    FloatingPoint,
}

/// Where the samples of a page lie and how they are stored.
pub(super) struct Storage<'a> {
    directory: &'a Directory<'a>,
    width: usize,
    height: usize,
    /// Per sample, 1…64.
    pub(super) bits: usize,
    pub(super) format: SampleFormat,
    /// Per pixel.
    pub(super) samples: usize,
    /// Whether samples are indices into a palette.
    pub(super) is_palette: bool,
    compression: Compression,
    predictor: Predictor,
    /// Each channel has strips or tiles of its own.
    is_planar: bool,
    /// Whether the first pixel of a byte is in its lowest bits.
    is_reversed: bool,
    /// Of a strip or tile.
    chunk_width: usize,
    chunk_height: usize,
    offsets: Vec<u64>,
    /// As many as offsets; at most so many bytes belong to each.
    byte_counts: Vec<u64>,
    /// That may still be unpacked.
    blocks: RefCell<Blocks>,
}

pub(super) fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "the TIFF needs too much memory: export it smaller")
}

impl<'a> Storage<'a> {
    pub(super) fn of(directory: &'a Directory<'a>, width: usize, height: usize) -> Result<Self> {
        let number = |tag| directory.number(tag);
        // Not more than fits a machine's word, and never 0 where that has no meaning.
        let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let samples = size(number(tag::SAMPLES_PER_PIXEL).unwrap_or(1));
        if !(1..=1024).contains(&samples) {
            return Err(damaged(format_args!("a pixel has {samples} samples")));
        }
        let depths = directory.numbers(tag::BITS_PER_SAMPLE).unwrap_or_else(|| vec![1]);
        let bits = size(depths[0]);
        if depths.iter().any(|&depth| depth != depths[0]) {
            return Err(unread("channels of different depths"));
        }
        if !(1..=64).contains(&bits) {
            return Err(damaged(format_args!("a sample has {bits} bits")));
        }
        let format = match number(tag::SAMPLE_FORMAT).unwrap_or(1) {
            // Void: of no known meaning.
            1 | 4 => SampleFormat::Unsigned,
            2 => SampleFormat::Signed,
            3 if matches!(bits, 16 | 24 | 32 | 64) => SampleFormat::Float,
            3 => return Err(unread(format_args!("floating-point numbers of {bits} bits"))),
            5 | 6 => return Err(unread("complex numbers")),
            other => return Err(unread(format_args!("samples of an unknown kind (number {other})"))),
        };
        let compression = Compression::from_number(number(tag::COMPRESSION).unwrap_or(1))?;
        let predictor = match number(tag::PREDICTOR).unwrap_or(1) {
            // A codec that gives pixels has its own.
            _ if compression.gives_pixels() => Predictor::None,
            1 => Predictor::None,
            2 if matches!(bits, 8 | 16 | 24 | 32 | 64) => Predictor::Horizontal,
            3 if format == SampleFormat::Float => Predictor::FloatingPoint,
            other => return Err(unread(format_args!("predictor {other} for samples of {bits} bits"))),
        };
        let is_tiled = number(tag::TILE_WIDTH).is_some();
        let (chunk_width, chunk_height, offsets, byte_counts) = if is_tiled {
            let side = |tag| number(tag).map(size);
            (side(tag::TILE_WIDTH), side(tag::TILE_LENGTH), tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
        } else {
            let rows = number(tag::ROWS_PER_STRIP).map_or(height, size);
            (Some(width), Some(rows.min(height)), tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
        };
        let (Some(chunk_width @ 1..), Some(chunk_height @ 1..)) = (chunk_width, chunk_height) else {
            return Err(damaged("its strips or tiles have no size"));
        };
        let offsets = directory.numbers(offsets).unwrap_or_default();
        let byte_counts = lengths(&offsets, directory.numbers(byte_counts).unwrap_or_default());
        let storage = Self {
            directory,
            width,
            height,
            bits,
            format,
            samples,
            is_palette: number(tag::PHOTOMETRIC) == Some(3),
            compression,
            predictor,
            is_planar: samples > 1 && number(tag::PLANAR_CONFIGURATION) == Some(2),
            is_reversed: number(tag::FILL_ORDER) == Some(2),
            chunk_width,
            chunk_height,
            offsets,
            byte_counts,
            blocks: RefCell::default(),
        };
        // Padding may be large, but not out of all proportion.
        let padded = storage.across().saturating_mul(chunk_width) as u128
            * storage.down().saturating_mul(chunk_height) as u128;
        // Planes are unpacked only where they are kept: colours, and alpha.
        let unpacked = padded * (samples.min(if storage.is_planar { 5 } else { samples }) * bits) as u128 / 8;
        if padded > 4 * u128::from(MAX_PIXELS) || unpacked > u128::from(MAX_UNPACKED_BYTES) {
            return Err(too_large());
        }
        let chunks = storage.planes().saturating_mul(storage.across()).saturating_mul(storage.down());
        if chunks > MAX_CHUNKS {
            return Err(too_large());
        }
        if storage.offsets.len() < chunks {
            return Err(damaged("strips or tiles are missing"));
        }
        storage.check_stored(chunks)?;
        Ok(storage)
    }

    /// Strips and tiles may share bytes, but not so many that a small file takes the time of a large one.
    fn check_stored(&self, chunks: usize) -> Result<()> {
        let chunk_bytes = (self.chunk_width * self.together() * self.bits).div_ceil(8) * self.chunk_height;
        let stored: u64 = (0..chunks).map(|index| self.place(index, chunk_bytes).len() as u64).sum();
        if stored > self.directory.file.bytes.len() as u64 + MAX_SHARED_BYTES {
            return Err(damaged("its strips or tiles lie over each other"));
        }
        let tables = self.directory.bytes(tag::JPEG_TABLES).unwrap_or_default();
        if tables.len() as u64 * chunks as u64 > MAX_TABLE_BYTES {
            return Err(damaged("its JPEG tables are too large"));
        }
        Ok(())
    }

    fn across(&self) -> usize {
        self.width.div_ceil(self.chunk_width)
    }

    fn down(&self) -> usize {
        self.height.div_ceil(self.chunk_height)
    }

    fn planes(&self) -> usize {
        if self.is_planar { self.samples } else { 1 }
    }

    /// Samples of a pixel that lie side by side.
    fn together(&self) -> usize {
        if self.is_planar { 1 } else { self.samples }
    }

    /// The value that stands for full: the largest that an integer of this depth has, or 1.
    pub(super) fn largest(&self) -> f64 {
        let largest = |bits: usize| (u64::MAX >> (64 - bits)) as f64;
        match self.format {
            SampleFormat::Unsigned => largest(self.bits),
            SampleFormat::Signed => largest((self.bits - 1).max(1)),
            SampleFormat::Float => 1.0,
        }
    }

    /// The samples with the indices `kept` of every pixel. `is_ycbcr` says that colours are to be converted.
    pub(super) fn read(&self, kept: &[usize], is_ycbcr: bool) -> Result<Samples> {
        if self.compression.gives_pixels() {
            let is_png = self.compression == Compression::Png;
            if !(self.bits == 8 || (is_png && self.bits == 16)) || self.format != SampleFormat::Unsigned {
                return Err(unread(format_args!(
                    "JPEG, WebP or PNG compression of samples of {} bits",
                    self.bits
                )));
            }
            let is_possible = match self.compression {
                Compression::Jpeg => matches!(self.together(), 1 | 3),
                Compression::WebP => matches!(self.together(), 3 | 4),
                _ => self.together() <= 4,
            };
            if !is_possible {
                let channels = self.together();
                return Err(unread(format_args!("JPEG, WebP or PNG compression of {channels} channels")));
            }
            if is_ycbcr && self.is_planar {
                return Err(unread("YCbCr colour with a plane for each channel"));
            }
        } else if is_ycbcr {
            if self.bits != 8 || self.is_planar || self.samples != 3 || self.predictor != Predictor::None {
                return Err(unread(format_args!(
                    "YCbCr colour in {} channels of {} bits, or with a predictor",
                    self.samples, self.bits
                )));
            }
            return self.ycbcr().map(Samples::Eight);
        }
        let bits = self.bits;
        match (self.format, bits) {
            (SampleFormat::Unsigned, 8) => self.gather(kept, is_ycbcr, |row, k| row[k]).map(Samples::Eight),
            (SampleFormat::Unsigned, 1..=7) => {
                self.gather(kept, is_ycbcr, |row, k| packed(row, k, bits) as u8).map(Samples::Eight)
            }
            (SampleFormat::Unsigned, 16) => {
                let get = |row: &[u8], k: usize| u16::from_le_bytes([row[2 * k], row[2 * k + 1]]);
                self.gather(kept, is_ycbcr, get).map(Samples::Sixteen)
            }
            (SampleFormat::Unsigned, 9..=15) => {
                self.gather(kept, is_ycbcr, |row, k| packed(row, k, bits) as u16).map(Samples::Sixteen)
            }
            (SampleFormat::Unsigned, _) => {
                self.gather(kept, is_ycbcr, |row, k| unsigned(row, k, bits) as f64).map(Samples::Wide)
            }
            (SampleFormat::Signed, _) => {
                let get = |row: &[u8], k: usize| {
                    // The sign bit to the top, and back.
                    let value = (unsigned(row, k, bits) << (64 - bits)) as i64 >> (64 - bits);
                    value as f64
                };
                self.gather(kept, is_ycbcr, get).map(Samples::Wide)
            }
            (SampleFormat::Float, _) => {
                let get = |row: &[u8], k: usize| {
                    let value = unsigned(row, k, bits);
                    match bits {
                        16 => small_float(value, 5, 10),
                        24 => small_float(value, 7, 16),
                        32 => f64::from(f32::from_bits(value as u32)),
                        _ => f64::from_bits(value),
                    }
                };
                self.gather(kept, is_ycbcr, get).map(Samples::Wide)
            }
        }
    }

    /// Goes through all strips and tiles. `get` takes a sample out of a row, by its index.
    fn gather<T: Copy + Default>(
        &self,
        kept: &[usize],
        is_ycbcr: bool,
        get: impl Fn(&[u8], usize) -> T,
    ) -> Result<Vec<T>> {
        let mut output = vec![T::default(); self.room_for::<T>(kept.len())?];
        let together = self.together();
        let mut row_copy = Vec::new();
        for (to, &channel) in kept.iter().enumerate() {
            // The first kept channel of interleaved ones brings the others along.
            if !self.is_planar && to > 0 {
                break;
            }
            let plane = if self.is_planar { channel } else { 0 };
            for (top, left, index) in self.places(plane) {
                let (rows, columns) =
                    (self.chunk_height.min(self.height - top), self.chunk_width.min(self.width - left));
                let mut chunk = self.chunk(index, rows, columns, is_ycbcr)?;
                for y in 0..rows {
                    let place = y * chunk.stride..(y + 1) * chunk.stride;
                    // What lies in the file as it is, is copied by rows.
                    let row = match &mut chunk.bytes {
                        Cow::Owned(bytes) => &mut bytes[place],
                        Cow::Borrowed(bytes) => {
                            row_copy.clear();
                            row_copy.extend_from_slice(&bytes[place]);
                            &mut row_copy[..]
                        }
                    };
                    if !self.compression.gives_pixels() {
                        self.restore(row);
                    }
                    let start = ((top + y) * self.width + left) * kept.len();
                    let pixels = output[start..start + columns * kept.len()].chunks_exact_mut(kept.len());
                    for (x, pixel) in pixels.enumerate() {
                        if self.is_planar {
                            pixel[to] = get(row, x);
                        } else {
                            for (value, &channel) in pixel.iter_mut().zip(kept) {
                                *value = get(row, x * together + channel);
                            }
                        }
                    }
                }
            }
        }
        Ok(output)
    }

    /// How many values of a type a page has, if that many may be.
    fn room_for<T>(&self, channels: usize) -> Result<usize> {
        let length = self.width.saturating_mul(self.height).saturating_mul(channels);
        if length.saturating_mul(size_of::<T>()) as u64 > MAX_PICTURE_BYTES {
            return Err(too_large());
        }
        Ok(length)
    }

    /// Top, left and index of the strips or tiles of a plane.
    fn places(&self, plane: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        let (across, down) = (self.across(), self.down());
        let first = plane * across * down;
        (0..across * down)
            .map(move |k| (k / across * self.chunk_height, k % across * self.chunk_width, first + k))
    }

    /// Where a strip or tile lies that unpacks to `length` bytes.
    fn place(&self, index: usize, length: usize) -> &'a [u8] {
        let most = match self.compression {
            Compression::None => length as u64,
            compression if compression.gives_pixels() => u64::MAX,
            // No encoder needs as much: what is beyond could only be empty blocks.
            _ => 2 * length as u64 + 1024,
        };
        self.directory.file.at_most(self.offsets[index], self.byte_counts[index].min(most))
    }

    /// The stored bytes of a strip or tile that unpacks to `length` bytes.
    fn stored(&self, index: usize, length: usize) -> Result<Cow<'a, [u8]>> {
        let bytes = self.place(index, length);
        if bytes.is_empty() {
            return Err(damaged("a strip or tile lies beyond the end of the file"));
        }
        Ok(if self.is_reversed && !self.compression.gives_pixels() {
            bytes.iter().map(|byte| byte.reverse_bits()).collect()
        } else {
            bytes.into()
        })
    }

    /// A strip or tile, unpacked: at least `rows` rows with `columns` pixels.
    fn chunk(&self, index: usize, rows: usize, columns: usize, is_ycbcr: bool) -> Result<Chunk<'a>> {
        let together = self.together();
        if self.compression.gives_pixels() {
            let data = self.stored(index, 0)?;
            let most = (self.chunk_width, self.chunk_height);
            let pixels = match self.compression {
                Compression::Jpeg => {
                    let tables = self.directory.bytes(tag::JPEG_TABLES);
                    compression::jpeg(tables, &data, together, is_ycbcr, most)?
                }
                Compression::WebP => compression::webp(&data, together, most)?,
                _ => {
                    // Each may have a profile that unpacks to as much as it may.
                    let spare = (MAX_UNPACKED_BYTES as usize / self.offsets.len()).clamp(1 << 13, 1 << 22);
                    compression::png(&data, together, self.bits, most, spare)?
                }
            };
            let Pixels { width, height, raw } = pixels;
            let stride = width * together * (self.bits / 8);
            if width < columns || height < rows || raw.len() < rows * stride {
                return Err(damaged("a strip or tile is smaller than the page says"));
            }
            return Ok(Chunk { bytes: raw.into(), stride });
        }
        let row_bits = self.chunk_width.checked_mul(together * self.bits).ok_or_else(too_large)?;
        let stride = row_bits.div_ceil(8);
        let length = stride.checked_mul(rows).filter(|&length| length as u64 <= MAX_CHUNK_BYTES);
        let bytes = self.unpacked(index, length.ok_or_else(too_large)?)?;
        Ok(Chunk { bytes, stride })
    }

    /// Exactly `length` bytes of a strip or tile.
    fn unpacked(&self, index: usize, length: usize) -> Result<Cow<'a, [u8]>> {
        let stored = self.stored(index, length)?;
        let bytes = match (self.compression, stored) {
            (Compression::None, Cow::Borrowed(stored)) => Cow::Borrowed(&stored[..length.min(stored.len())]),
            (compression, stored) => {
                compression.unpack(&stored, length, &mut self.blocks.borrow_mut()).into()
            }
        };
        if bytes.len() < length {
            return Err(damaged("a strip or tile ends too early"));
        }
        Ok(bytes)
    }

    /// Undoes the prediction of a row and leaves its samples with the lowest byte first.
    fn restore(&self, row: &mut [u8]) {
        let size = self.bits / 8;
        let together = self.together();
        if self.predictor == Predictor::FloatingPoint {
            // Adobe's technical note 3: the highest bytes of all samples first, then the next.
            for k in together..row.len() {
                row[k] = row[k].wrapping_add(row[k - together]);
            }
            let count = row.len() / size;
            let sorted = row.to_vec();
            for (k, sample) in row.chunks_exact_mut(size).enumerate() {
                for (byte, value) in sample.iter_mut().rev().enumerate() {
                    *value = sorted[byte * count + k];
                }
            }
            return;
        }
        if self.bits.is_multiple_of(8) && size > 1 && self.directory.file.is_big_endian {
            row.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        if self.predictor == Predictor::Horizontal {
            let before = size * together;
            for k in (before..row.len()).step_by(size) {
                let mut carry = 0;
                for byte in k..(k + size).min(row.len()) {
                    let sum = u16::from(row[byte]) + u16::from(row[byte - before]) + carry;
                    row[byte] = sum as u8;
                    carry = sum >> 8;
                }
            }
        }
    }

    /// Luminance and chroma that no codec has converted, TIFF 6.0, section 21, as red, green and blue. Chroma has one
    /// sample for a block of pixels; the file stores the luminances of a block, then its two chromas.
    fn ycbcr(&self) -> Result<Vec<u8>> {
        let halved = self.directory.numbers(tag::YCBCR_SUBSAMPLING).unwrap_or_else(|| vec![2, 2]);
        let [across @ (1 | 2 | 4), down @ (1 | 2 | 4)] = halved[..] else {
            return Err(damaged("the blocks of its YCbCr have no size"));
        };
        let (across, down) = (across as usize, down as usize);
        let block = across * down + 2;
        let mut output = vec![0; self.room_for::<u8>(3)?];
        for (top, left, index) in self.places(0) {
            let (rows, columns) =
                (self.chunk_height.min(self.height - top), self.chunk_width.min(self.width - left));
            let blocks = self.chunk_width.div_ceil(across);
            let length = blocks.checked_mul(block).and_then(|stride| stride.checked_mul(rows.div_ceil(down)));
            let length = length.filter(|&length| length as u64 <= MAX_CHUNK_BYTES).ok_or_else(too_large)?;
            let bytes = self.unpacked(index, length)?;
            for y in 0..rows {
                for x in 0..columns {
                    let of = &bytes[(y / down * blocks + x / across) * block..][..block];
                    let [blue, red] = [of[block - 2], of[block - 1]].map(|chroma| f64::from(chroma) - 128.0);
                    let luminance = f64::from(of[y % down * across + x % across]);
                    let color = [
                        luminance + 1.402 * red,
                        luminance - 0.344_136 * blue - 0.714_136 * red,
                        luminance + 1.772 * blue,
                    ];
                    let at = 3 * ((top + y) * self.width + left + x);
                    output[at..at + 3]
                        .copy_from_slice(&color.map(|value| value.round().clamp(0.0, 255.0) as u8));
                }
            }
        }
        Ok(output)
    }
}

/// The lengths of strips and tiles. Those that the file does not say go to the next one, or to the end of the file.
fn lengths(offsets: &[u64], mut stated: Vec<u64>) -> Vec<u64> {
    stated.resize(offsets.len(), 0);
    if stated.contains(&0) {
        let mut places = offsets.to_vec();
        places.sort_unstable();
        for (length, &begin) in stated.iter_mut().zip(offsets).filter(|(length, _)| **length == 0) {
            let next = places.get(places.partition_point(|&place| place <= begin));
            *length = next.map_or(u64::MAX, |next| next - begin);
        }
    }
    stated
}

/// The rows of a strip or tile.
struct Chunk<'a> {
    bytes: Cow<'a, [u8]>,
    /// From row to row, in bytes.
    stride: usize,
}

/// A sample of up to 64 bit: whole bytes, the lowest first, or packed.
fn unsigned(row: &[u8], index: usize, bits: usize) -> u64 {
    if !bits.is_multiple_of(8) {
        return packed(row, index, bits);
    }
    let bytes = &row[index * bits / 8..(index + 1) * bits / 8];
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// A sample among others without gaps, the highest bits first.
fn packed(row: &[u8], index: usize, bits: usize) -> u64 {
    let (start, end) = (index * bits, (index + 1) * bits);
    let bytes = &row[start / 8..end.div_ceil(8)];
    let value = bytes.iter().fold(0_u128, |value, &byte| value << 8 | u128::from(byte));
    (value >> (end.div_ceil(8) * 8 - end)) as u64 & (u64::MAX >> (64 - bits))
}

/// A floating-point number of fewer than 32 bit.
fn small_float(bits: u64, exponent_bits: u32, mantissa_bits: u32) -> f64 {
    let mantissa = (bits & ((1 << mantissa_bits) - 1)) as f64 / f64::from(1_u32 << mantissa_bits);
    let largest = (1_i32 << exponent_bits) - 1;
    let exponent = (bits >> mantissa_bits) as i32 & largest;
    let bias = largest / 2;
    let value = match exponent {
        0 => mantissa * 2_f64.powi(1 - bias),
        _ if exponent == largest && mantissa > 0.0 => f64::NAN,
        _ if exponent == largest => f64::INFINITY,
        _ => (1.0 + mantissa) * 2_f64.powi(exponent - bias),
    };
    if bits >> (exponent_bits + mantissa_bits) & 1 == 1 { -value } else { value }
}
