//! Files of every kind, written by hand as TIFF 6.0 says.

use std::io::Write as _;

use proptest::prelude::*;

use super::directory::tag;
use crate::decode::decode;
use crate::error::{Error, ErrorKind};
use crate::phantom::Phantom;
use crate::radiograph::{Color, Radiograph, Samples};

const WIDTH: usize = 61;
const HEIGHT: usize = 47;
/// Of a tile: neither side divides the film's.
const TILE: (usize, usize) = (32, 16);

/// How a file is written.
#[derive(Clone, Copy, PartialEq)]
struct Way {
    is_big_endian: bool,
    is_big: bool,
}

const LITTLE: Way = Way { is_big_endian: false, is_big: false };
const WAYS: [Way; 4] = [
    LITTLE,
    Way { is_big_endian: true, is_big: false },
    Way { is_big_endian: false, is_big: true },
    Way { is_big_endian: true, is_big: true },
];

impl Way {
    fn number(self, value: u64, size: usize) -> Vec<u8> {
        let little = &value.to_le_bytes()[..size];
        if self.is_big_endian { little.iter().rev().copied().collect() } else { little.to_vec() }
    }
}

/// A page: its tags, and its strips or tiles.
#[derive(Clone)]
struct Page {
    tags: Vec<(u16, Vec<u64>)>,
    chunks: Vec<Vec<u8>>,
    /// Pages that hang on it.
    inner: Vec<Page>,
}

impl Page {
    fn with(mut self, tag: u16, values: &[u64]) -> Self {
        self.tags.retain(|(other, _)| *other != tag);
        self.tags.push((tag, values.to_vec()));
        self
    }

    fn without(mut self, tag: u16) -> Self {
        self.tags.retain(|(other, _)| *other != tag);
        self
    }

    fn is_tiled(&self) -> bool {
        self.tags.iter().any(|(tag, _)| *tag == tag::TILE_WIDTH)
    }

    /// What `change` makes of each strip or tile.
    fn packed(mut self, compression: u64, change: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        self.chunks = self.chunks.iter().map(|chunk| change(chunk)).collect();
        self.with(tag::COMPRESSION, &[compression])
    }

    fn file(&self, way: Way) -> Vec<u8> {
        file(way, std::slice::from_ref(self))
    }

    fn read(&self, way: Way) -> Radiograph {
        decode(&self.file(way)).unwrap()
    }

    fn error(&self) -> Error {
        decode(&self.file(LITTLE)).unwrap_err()
    }
}

/// The bytes of a file of these pages.
fn file(way: Way, pages: &[Page]) -> Vec<u8> {
    let word = if way.is_big { 8 } else { 4 };
    let mut bytes = if way.is_big_endian { b"MM".to_vec() } else { b"II".to_vec() };
    if way.is_big {
        bytes.extend([way.number(43, 2), way.number(8, 2), way.number(0, 2)].concat());
    } else {
        bytes.extend(way.number(42, 2));
    }
    chain(&mut bytes, way, pages, word);
    bytes
}

/// Appends a chain of pages: first the place of its first directory.
fn chain(bytes: &mut Vec<u8>, way: Way, pages: &[Page], word: usize) {
    let mut link = bytes.len();
    bytes.extend(vec![0; word]);
    for page in pages {
        let mut tags = page.tags.clone();
        let mut places = Vec::new();
        for chunk in &page.chunks {
            places.push(bytes.len() as u64);
            bytes.extend(chunk);
        }
        let (offsets, counts) = if page.is_tiled() {
            (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
        } else {
            (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
        };
        tags.push((offsets, places));
        if !tags.iter().any(|(tag, _)| *tag == counts) {
            tags.push((counts, page.chunks.iter().map(|chunk| chunk.len() as u64).collect()));
        }
        let inner: Vec<u64> = page
            .inner
            .iter()
            .map(|inner| {
                let at = bytes.len();
                chain(bytes, way, std::slice::from_ref(inner), word);
                let place = &bytes[at..at + word];
                let add = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
                if way.is_big_endian { place.iter().fold(0, add) } else { place.iter().rev().fold(0, add) }
            })
            .collect();
        if !inner.is_empty() {
            tags.push((tag::SUB_IFDS, inner));
        }
        // What is longer than a word stands before the directory.
        tags.sort();
        let mut entries = Vec::new();
        for (tag, values) in tags {
            let (kind, size) = match tag {
                tag::JPEG_TABLES => (7, 1),
                tag::STRIP_OFFSETS | tag::STRIP_BYTE_COUNTS | tag::TILE_OFFSETS | tag::SUB_IFDS => (4, 4),
                tag::TILE_BYTE_COUNTS if way.is_big => (16, 8),
                _ => (3, 2),
            };
            let mut value: Vec<u8> = values.iter().flat_map(|&value| way.number(value, size)).collect();
            if value.len() > word {
                let at = bytes.len() as u64;
                bytes.append(&mut value);
                value = way.number(at, word);
            }
            value.resize(word, 0);
            entries.extend(
                [way.number(tag.into(), 2), way.number(kind, 2), way.number(values.len() as u64, word)]
                    .concat(),
            );
            entries.extend(value);
        }
        let at = way.number(bytes.len() as u64, word);
        bytes[link..link + word].copy_from_slice(&at);
        bytes.extend(way.number((entries.len() / (4 + 2 * word)) as u64, if way.is_big { 8 } else { 2 }));
        bytes.extend(entries);
        link = bytes.len();
        bytes.extend(vec![0; word]);
    }
}

/// Samples of `bits` for every pixel, interleaved, to the rows of a strip or tile: whole bytes in the file's order,
/// others packed.
fn row(way: Way, samples: &[u64], bits: usize) -> Vec<u8> {
    if bits.is_multiple_of(8) {
        return samples.iter().flat_map(|&sample| way.number(sample, bits / 8)).collect();
    }
    let mut bytes = vec![0_u8; (samples.len() * bits).div_ceil(8)];
    for (k, sample) in samples.iter().enumerate() {
        for bit in 0..bits {
            let place = k * bits + bit;
            bytes[place / 8] |= ((sample >> (bits - 1 - bit) & 1) as u8) << (7 - place % 8);
        }
    }
    bytes
}

/// How the samples of a page are laid out.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Strips,
    Tiles,
    Planes,
}

/// A page of `channels` of `bits`, each sample by its channel and the number of its pixel.
fn page(
    way: Way,
    layout: Layout,
    channels: usize,
    bits: usize,
    sample: impl Fn(usize, usize) -> u64,
) -> Page {
    let (width, height) = if layout == Layout::Tiles { TILE } else { (WIDTH, 13) };
    let mut chunks = Vec::new();
    let groups: Vec<Vec<usize>> = match layout {
        Layout::Planes => (0..channels).map(|channel| vec![channel]).collect(),
        _ => vec![(0..channels).collect()],
    };
    for group in groups {
        for top in (0..HEIGHT).step_by(height) {
            for left in (0..WIDTH).step_by(width) {
                let mut chunk = Vec::new();
                // A last strip ends with the film; a last tile is filled up.
                let bottom = if layout == Layout::Tiles { top + height } else { (top + height).min(HEIGHT) };
                for y in top..bottom {
                    let inside = |x: usize| x < WIDTH && y < HEIGHT;
                    let of = |(x, &channel): (usize, &usize)| {
                        if inside(x) { sample(channel, y * WIDTH + x) } else { 1 }
                    };
                    let pixels =
                        (left..left + width).flat_map(|x| group.iter().map(move |channel| (x, channel)));
                    chunk.extend(row(way, &pixels.map(of).collect::<Vec<_>>(), bits));
                }
                chunks.push(chunk);
            }
        }
    }
    let page = Page { tags: Vec::new(), chunks, inner: Vec::new() }
        .with(tag::IMAGE_WIDTH, &[WIDTH as u64])
        .with(tag::IMAGE_LENGTH, &[HEIGHT as u64])
        .with(tag::BITS_PER_SAMPLE, &vec![bits as u64; channels])
        .with(tag::SAMPLES_PER_PIXEL, &[channels as u64])
        .with(tag::PHOTOMETRIC, &[if channels > 2 { 2 } else { 1 }]);
    match layout {
        Layout::Strips => page.with(tag::ROWS_PER_STRIP, &[height as u64]),
        Layout::Planes => {
            page.with(tag::ROWS_PER_STRIP, &[height as u64]).with(tag::PLANAR_CONFIGURATION, &[2])
        }
        Layout::Tiles => page.with(tag::TILE_WIDTH, &[width as u64]).with(tag::TILE_LENGTH, &[height as u64]),
    }
}

/// The film that all files hold, 0…1.
fn film() -> Vec<f64> {
    Phantom { width: WIDTH, height: HEIGHT, seed: 3 }.draw()
}

fn film_u8() -> Vec<u8> {
    Phantom { width: WIDTH, height: HEIGHT, seed: 3 }.draw_u8()
}

/// The film as a page of 8 bit.
fn gray(way: Way, layout: Layout) -> Page {
    let film = film_u8();
    page(way, layout, 1, 8, |_, k| film[k].into())
}

fn assert_gray8(film: &Radiograph) {
    assert_eq!((film.width, film.height, film.provenance.color), (WIDTH, HEIGHT, Color::Gray8));
    assert_eq!(film.samples, Samples::U8(film_u8()));
    assert!(film.provenance.scaled.is_none() && film.transparent.is_none());
}

fn u16s(film: &Radiograph) -> &[u16] {
    match &film.samples {
        Samples::U16(samples) => samples,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_depth_is_spread_to_8_or_16_bit() {
    let film = film();
    for bits in 1..=16 {
        let most = (1_u64 << bits) - 1;
        let code = |_: usize, k: usize| (film[k] * most as f64).round() as u64;
        for way in WAYS {
            for layout in [Layout::Strips, Layout::Tiles] {
                let read = page(way, layout, 1, bits, code).read(way);
                let full = if bits <= 8 { 255 } else { 65_535 };
                let expected = (0..film.len()).map(|k| (code(0, k) * full + most / 2) / most);
                assert!(read.provenance.scaled.is_none());
                match read.samples {
                    Samples::U8(samples) if bits <= 8 => {
                        assert!(expected.eq(samples.into_iter().map(u64::from)))
                    }
                    Samples::U16(samples) if bits > 8 => {
                        assert!(expected.eq(samples.into_iter().map(u64::from)))
                    }
                    other => panic!("{bits} bit: {other:?}"),
                }
            }
        }
    }
    // The case of those who export from a viewer of 12 bit: 4095 is white.
    let read = page(LITTLE, Layout::Strips, 1, 12, |_, k| if k == 0 { 4095 } else { 0 }).read(LITTLE);
    assert_eq!((u16s(&read)[0], u16s(&read)[1], read.provenance.color), (65_535, 0, Color::Gray16));
}

/// What has no fixed black and white is scaled by what occurs, and says so.
#[test]
fn signed_wide_and_floating_samples_are_scaled_by_what_occurs() {
    let film = film();
    let (low, high) = film.iter().fold((1.0_f64, 0.0_f64), |(low, high), &v| (low.min(v), high.max(v)));
    let half = |value: f64| {
        // Of ordinary size: sign 0, the exponent moved, the mantissa rounded.
        let bits = ((value as f32).to_bits() + 0x1000) >> 13;
        u64::from(bits) - (112 << 10)
    };
    type Code<'a> = &'a dyn Fn(f64) -> u64;
    let cases: [(usize, u64, f64, Code<'_>); 11] = [
        (32, 1, 1e-6, &|v| (v * 3e6) as u64),
        (64, 1, 1e-6, &|v| (v * 3e6) as u64),
        (24, 1, 1e-5, &|v| (v * 3e6) as u64),
        (8, 2, 0.005, &|v| (v * 250.0 - 125.0).round() as i8 as u8 as u64),
        (16, 2, 5e-4, &|v| (v * 4000.0 - 1000.0).round() as i16 as u16 as u64),
        (12, 2, 1e-3, &|v| (v * 4000.0 - 2000.0).round() as i64 as u64 & 0xfff),
        (32, 2, 1e-5, &|v| (v * 2e6 - 1e6).round() as i32 as u32 as u64),
        (64, 2, 1e-5, &|v| (v * 2e6 - 1e6).round() as i64 as u64),
        (32, 3, 1e-5, &|v| u64::from(((v * 3000.0 - 1024.0) as f32).to_bits())),
        (64, 3, 1e-5, &|v| (v * 3000.0 - 1024.0).to_bits()),
        (16, 3, 1e-3, &|v| half(v * 900.0 + 2.0)),
    ];
    for (bits, format, tolerance, code) in cases {
        for way in WAYS {
            let page =
                page(way, Layout::Tiles, 1, bits, |_, k| code(film[k])).with(tag::SAMPLE_FORMAT, &[format]);
            let read = page.read(way);
            assert!(read.provenance.scaled.is_some(), "{bits} {format}");
            assert_eq!(read.provenance.color, Color::Gray16);
            let samples = u16s(&read);
            assert_eq!((samples.iter().min(), samples.iter().max()), (Some(&0), Some(&65_535)));
            for (&sample, value) in samples.iter().zip(&film) {
                let expected = (value - low) / (high - low);
                assert!(
                    (f64::from(sample) / 65_535.0 - expected).abs() < 2.0 * tolerance + 1e-5,
                    "{bits} {format}"
                );
            }
        }
    }
}

/// Floating point from 0 to 1 has its black and white; what is not a number is black.
#[test]
fn floating_point_from_0_to_1_stays() {
    let film = film_u8();
    let share = |k: usize| f32::from(film[k]) / 255.0;
    let page = page(LITTLE, Layout::Strips, 1, 32, |_, k| match k {
        0 => f32::NAN.to_bits().into(),
        k => share(k).to_bits().into(),
    });
    let page = page.with(tag::SAMPLE_FORMAT, &[3]);
    let read = page.read(LITTLE);
    assert!(read.provenance.scaled.is_none());
    let expected: Vec<u16> =
        (0..film.len()).map(|k| if k == 0 { 0 } else { u16::from(film[k]) * 257 }).collect();
    assert_eq!(u16s(&read), expected);

    let infinite = self::page(LITTLE, Layout::Strips, 1, 64, |_, k| match k {
        0 => f64::INFINITY.to_bits(),
        1 => f64::NEG_INFINITY.to_bits(),
        2 => 10.0_f64.to_bits(),
        3 => 20.0_f64.to_bits(),
        _ => 15.0_f64.to_bits(),
    });
    let read = infinite.with(tag::SAMPLE_FORMAT, &[3]).read(LITTLE);
    assert_eq!(u16s(&read)[..5], [65_535, 0, 0, 65_535, 32_768]);
    let nothing = self::page(LITTLE, Layout::Strips, 1, 32, |_, _| f32::NAN.to_bits().into());
    let read = nothing.with(tag::SAMPLE_FORMAT, &[3]).read(LITTLE);
    assert!(u16s(&read).iter().all(|&sample| sample == 0));
}

/// Whole rows, as programs that put pictures together leave where there is none: black, whichever end that is.
#[test]
fn rows_that_are_not_numbers_are_black_and_take_no_part_in_the_scale() {
    let film = film();
    let is_row = |k: usize| k / WIDTH < 9 || k / WIDTH == HEIGHT / 2;
    for (photometric, bits) in [(1, 32), (0, 32), (1, 64), (0, 64)] {
        let code = |value: f64| match bits {
            32 => u64::from((value as f32).to_bits()),
            _ => value.to_bits(),
        };
        let written = |not_a_number: f64| {
            let value = |_: usize, k: usize| {
                let darkness = if photometric == 0 { 1.0 - film[k] } else { film[k] };
                code(if is_row(k) { not_a_number } else { darkness * 3000.0 - 1024.0 })
            };
            let page = page(LITTLE, Layout::Strips, 1, bits, value);
            page.with(tag::SAMPLE_FORMAT, &[3]).with(tag::PHOTOMETRIC, &[photometric]).read(LITTLE)
        };
        let read = written(f64::NAN);
        assert!(read.provenance.scaled.is_some() && read.transparent.is_none());
        let samples = u16s(&read);
        let rows: Vec<u16> = (0..samples.len()).filter(|&k| is_row(k)).map(|k| samples[k]).collect();
        assert!(rows.iter().all(|&sample| sample == 0), "{photometric} {bits}");
        // The same values around them as if the rows had one that occurs.
        let some = film[9 * WIDTH];
        let some = if photometric == 0 { 1.0 - some } else { some } * 3000.0 - 1024.0;
        let other = written(some);
        let other = u16s(&other);
        assert!((0..samples.len()).all(|k| is_row(k) || samples[k] == other[k]), "{photometric} {bits}");
    }
}

#[test]
fn white_is_zero_is_turned_round() {
    let film = film();
    for (bits, format) in [(1, 1), (4, 1), (8, 1), (12, 1), (16, 1), (16, 2), (32, 1)] {
        let code = |_: usize, k: usize| (film[k] * (f64::from(1_u32 << (bits.min(16) - 1)) - 1.0)) as u64;
        let page = page(LITTLE, Layout::Strips, 1, bits, code).with(tag::SAMPLE_FORMAT, &[format]);
        let (black, white) = (page.read(LITTLE), page.with(tag::PHOTOMETRIC, &[0]).read(LITTLE));
        match (black.samples, white.samples) {
            (Samples::U8(black), Samples::U8(white)) => {
                assert!(black.iter().zip(white).all(|(b, w)| b + w == 255))
            }
            (Samples::U16(black), Samples::U16(white)) => {
                assert!(black.iter().zip(white).all(|(b, w)| b + w == 65_535))
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn grey_of_8_bit_is_the_film_in_every_layout() {
    for way in WAYS {
        for layout in [Layout::Strips, Layout::Tiles, Layout::Planes] {
            assert_gray8(&gray(way, layout).read(way));
        }
    }
    // What may be left out, and what may be written otherwise.
    let plain = gray(LITTLE, Layout::Strips);
    for tag in [tag::PHOTOMETRIC, tag::SAMPLES_PER_PIXEL] {
        assert_gray8(&plain.clone().without(tag).read(LITTLE));
    }
    let zeros = vec![0; plain.chunks.len()];
    assert_gray8(&plain.clone().with(tag::STRIP_BYTE_COUNTS, &zeros).read(LITTLE));
    let one = Page { chunks: vec![plain.chunks.concat()], ..plain.clone() };
    assert_gray8(&one.clone().without(tag::ROWS_PER_STRIP).read(LITTLE));
    assert_gray8(&one.with(tag::ROWS_PER_STRIP, &[65_535]).read(LITTLE));
    let reversed = plain.packed(1, |chunk| chunk.iter().map(|byte| byte.reverse_bits()).collect());
    assert_gray8(&reversed.with(tag::FILL_ORDER, &[2]).read(LITTLE));
}

#[test]
fn every_compression_gives_the_film() {
    let deflated = |chunk: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(chunk).unwrap();
        encoder.finish().unwrap()
    };
    let lzw = |chunk: &[u8]| {
        weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(chunk).unwrap()
    };
    let zstd =
        |chunk: &[u8]| ruzstd::encoding::compress_to_vec(chunk, ruzstd::encoding::CompressionLevel::Fastest);
    let packbits = |chunk: &[u8]| {
        let mut bytes = Vec::new();
        for run in chunk.chunk_by(|a, b| a == b).flat_map(|run| run.chunks(128)) {
            match run.len() {
                // A run of one as a literal, and a byte that does nothing.
                1 => bytes.extend([0, run[0], 128]),
                length => bytes.extend([(1 - length as i32) as i8 as u8, run[0]]),
            }
        }
        bytes
    };
    for way in WAYS {
        for layout in [Layout::Strips, Layout::Tiles] {
            let page = gray(way, layout);
            for read in [
                page.clone().packed(5, lzw),
                page.clone().packed(8, deflated),
                page.clone().packed(32946, deflated),
                page.clone().packed(32773, packbits),
                page.clone().packed(50000, zstd),
            ] {
                assert_gray8(&read.read(way));
            }
        }
    }
    // Longer than the buffers that are used.
    let long: Vec<u8> = (0..300_000_u32).map(|k| (k.wrapping_mul(k) >> 7) as u8).collect();
    use super::compression::{Blocks, Compression};
    use Compression::{Deflate, Lzw, PackBits, Zstd};
    for (compression, packed) in
        [(Deflate, deflated(&long)), (Lzw, lzw(&long)), (PackBits, packbits(&long)), (Zstd, zstd(&long))]
    {
        let unpack = |data: &[u8], length| compression.unpack(data, length, &mut Blocks::default());
        assert_eq!(unpack(&packed, long.len()), long, "{compression:?}");
        assert_eq!(unpack(&packed, 1000), long[..1000], "{compression:?}");
        assert!(unpack(&packed[..packed.len() / 2], long.len()).len() < long.len());
        assert_eq!(unpack(b"", 10), b"", "{compression:?}");
    }
}

/// Each row begins anew, and in tiles with the tile.
#[test]
fn predicted_rows_are_restored() {
    let film = film();
    for way in WAYS {
        for (bits, channels) in [(8, 1), (16, 1), (16, 3), (24, 1), (32, 1), (64, 1)] {
            let most = ((1_u128 << bits.min(53)) - 1) as f64;
            let code = |channel: usize, k: usize| (film[(k + 7 * channel) % film.len()] * most) as u64;
            for layout in [Layout::Strips, Layout::Tiles] {
                let plain = page(way, layout, channels, bits, code);
                let width = if layout == Layout::Tiles { TILE.0 } else { WIDTH };
                let predicted = plain.clone().packed(1, |chunk| {
                    let size = bits / 8;
                    let number = |bytes: &[u8]| {
                        let add = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
                        if way.is_big_endian {
                            bytes.iter().fold(0, add)
                        } else {
                            bytes.iter().rev().fold(0, add)
                        }
                    };
                    let rows = chunk.chunks(width * channels * size).map(|row| {
                        let samples: Vec<u64> = row.chunks(size).map(number).collect();
                        let left = |k: usize| k.checked_sub(channels).map_or(0, |k| samples[k]);
                        let row: Vec<Vec<u8>> = (0..samples.len())
                            .map(|k| way.number(samples[k].wrapping_sub(left(k)), size))
                            .collect();
                        row.concat()
                    });
                    rows.flatten().collect()
                });
                let predicted = predicted.with(tag::PREDICTOR, &[2]);
                assert_eq!(predicted.read(way).samples, plain.read(way).samples, "{bits} bit, {channels}");
            }
        }
        for bits in [16, 32, 64] {
            let code = |_: usize, k: usize| match bits {
                16 => 0x3000 + (film[k] * 1023.0) as u64,
                32 => u64::from((film[k] as f32).to_bits()),
                _ => film[k].to_bits(),
            };
            for layout in [Layout::Strips, Layout::Tiles] {
                let plain = page(way, layout, 1, bits, code).with(tag::SAMPLE_FORMAT, &[3]);
                let (width, size) = (if layout == Layout::Tiles { TILE.0 } else { WIDTH }, bits / 8);
                // The bytes of the same weight side by side, the highest first, each less the one before.
                let predicted = plain.clone().packed(1, |chunk| {
                    let rows = chunk.chunks(width * size).map(|row| {
                        let byte = |sample: &[u8], k: usize| {
                            sample[if way.is_big_endian { k } else { size - 1 - k }]
                        };
                        let sorted: Vec<u8> = (0..size)
                            .flat_map(|k| row.chunks(size).map(move |sample| byte(sample, k)))
                            .collect();
                        let left = |k: usize| k.checked_sub(1).map_or(0, |k| sorted[k]);
                        (0..sorted.len()).map(|k| sorted[k].wrapping_sub(left(k))).collect::<Vec<u8>>()
                    });
                    rows.flatten().collect()
                });
                let predicted = predicted.with(tag::PREDICTOR, &[3]);
                assert_eq!(predicted.read(way).samples, plain.read(way).samples, "{bits} bit");
            }
        }
    }
}

#[test]
fn colour_is_read_in_every_layout() {
    let film = film_u8();
    let color = |channel: usize, k: usize| match channel {
        0 => film[k].into(),
        1 => (film[k] / 2).into(),
        2 => (255 - film[k]).into(),
        _ => 255,
    };
    let gray = |k: usize| {
        let [red, green, blue] = [0, 1, 2].map(|channel| color(channel, k) as f64 / 255.0);
        0.2125 * red + 0.7154 * green + 0.0721 * blue
    };
    for layout in [Layout::Strips, Layout::Tiles, Layout::Planes] {
        for (channels, extra) in [(3, None), (4, None), (4, Some(0)), (4, Some(1)), (4, Some(2))] {
            let mut page = page(LITTLE, layout, channels, 8, color);
            if let Some(extra) = extra {
                page = page.with(tag::EXTRA_SAMPLES, &[extra]);
            }
            let read = page.read(LITTLE);
            assert_eq!(read.provenance.color, Color::Color8);
            let Samples::F64(samples) = read.samples else { panic!("{channels} {extra:?}") };
            assert!(samples.iter().enumerate().all(|(k, &sample)| (sample - gray(k)).abs() < 1e-9));
        }
        let deep = page(LITTLE, layout, 3, 16, |channel, k| color(channel, k) * 257).read(LITTLE);
        assert_eq!(deep.provenance.color, Color::Color16);
        let Samples::F64(samples) = deep.samples else { panic!("16 bit") };
        assert!(samples.iter().enumerate().all(|(k, &sample)| (sample - gray(k)).abs() < 1e-9));
        // Inks are the other way round, here without black.
        let inks =
            page(LITTLE, layout, 4, 8, |channel, k| if channel < 3 { 255 - color(channel, k) } else { 0 });
        let Samples::F64(samples) = inks.with(tag::PHOTOMETRIC, &[5]).read(LITTLE).samples else {
            panic!("CMYK")
        };
        assert!(samples.iter().enumerate().all(|(k, &sample)| (sample - gray(k)).abs() < 1e-9));
    }
    // Three equal channels are grey, further channels are nothing to see.
    assert_gray8(&page(LITTLE, Layout::Strips, 3, 8, |_, k| film[k].into()).read(LITTLE));
    let five = page(LITTLE, Layout::Tiles, 5, 8, |channel, k| if channel < 3 { film[k].into() } else { 9 });
    assert_gray8(&five.with(tag::EXTRA_SAMPLES, &[0, 0]).read(LITTLE));
}

/// Transparent is outside: what can be seen, and the rectangle around it.
#[test]
fn grey_with_alpha_has_an_outside() {
    let film = film_u8();
    let is_inside = |k: usize| (5..50).contains(&(k % WIDTH)) && (4..40).contains(&(k / WIDTH));
    for layout in [Layout::Strips, Layout::Tiles, Layout::Planes] {
        for kind in [1, 2] {
            let page = page(LITTLE, layout, 2, 8, |channel, k| match (channel, is_inside(k)) {
                (0, true) => film[k].into(),
                (_, true) => 255,
                (_, false) => 0,
            });
            let read = page.with(tag::EXTRA_SAMPLES, &[kind]).read(LITTLE);
            let outside: Vec<bool> = (0..film.len()).map(|k| !is_inside(k)).collect();
            assert_eq!(read.transparent, Some(outside));
            let Samples::F64(samples) = read.samples else { panic!("grey with alpha") };
            for (k, &sample) in samples.iter().enumerate() {
                let expected = if is_inside(k) { f64::from(film[k]) / 255.0 } else { 1.0 };
                assert!((sample - expected).abs() < 1e-9);
            }
        }
    }
    // Multiplied by an alpha of a half: the colour is twice what is stored, over white.
    let half = page(LITTLE, Layout::Strips, 2, 8, |channel, _| if channel == 0 { 51 } else { 127 });
    let Samples::F64(samples) = half.with(tag::EXTRA_SAMPLES, &[1]).read(LITTLE).samples else {
        panic!("alpha")
    };
    let alpha = 127.0 / 255.0;
    assert!((samples[0] - (1.0 - alpha + alpha * 102.0 / 255.0)).abs() < 1e-9);
    // Nobody saves what cannot be seen: an alpha of 0 everywhere means nothing.
    let clear =
        page(LITTLE, Layout::Strips, 2, 8, |channel, k| if channel == 0 { film[k].into() } else { 0 });
    assert_gray8(&clear.with(tag::EXTRA_SAMPLES, &[2]).read(LITTLE));
    // Deeper ones by their own full scale.
    let float = |value: f64| u64::from((value as f32).to_bits());
    let deep =
        page(LITTLE, Layout::Strips, 2, 32, |channel, k| float(if channel == 0 { k as f64 } else { 1.0 }));
    let deep = deep.with(tag::SAMPLE_FORMAT, &[3, 3]).with(tag::EXTRA_SAMPLES, &[2]).read(LITTLE);
    assert!(deep.provenance.scaled.is_some() && deep.transparent.is_none());
    let Samples::F64(samples) = deep.samples else { panic!("deep") };
    assert!((samples[0], samples[WIDTH * HEIGHT - 1]) == (0.0, 1.0));
}

#[test]
fn palettes_stand_for_their_colours() {
    let film = film_u8();
    let index = |_: usize, k: usize| u64::from(film[k] >> 4);
    let map = |entries: u64, value: &dyn Fn(u64, u64) -> u64| -> Vec<u64> {
        (0..3)
            .flat_map(|channel| (0..entries).map(move |k| (channel, k)))
            .map(|(channel, k)| value(channel, k))
            .collect()
    };
    type Widened = fn(u64) -> u64;
    let ways: [Widened; 3] = [|v| v * 257, |v| v << 8, |v| v];
    for widen in ways {
        // Indices from white to black, of 4 and of 8 bit.
        let four = page(LITTLE, Layout::Strips, 1, 4, index).with(tag::PHOTOMETRIC, &[3]);
        let four = four.with(tag::COLOR_MAP, &map(16, &|_, k| widen(255 - 17 * k))).read(LITTLE);
        assert_eq!(four.provenance.color, Color::Gray8);
        let expected: Vec<u8> = film.iter().map(|v| 255 - 17 * (v >> 4)).collect();
        assert_eq!(four.samples, Samples::U8(expected));
        let eight = gray(LITTLE, Layout::Tiles).with(tag::PHOTOMETRIC, &[3]);
        assert_gray8(&eight.with(tag::COLOR_MAP, &map(256, &|_, k| widen(k))).read(LITTLE));
    }
    let colored = gray(LITTLE, Layout::Strips).with(tag::PHOTOMETRIC, &[3]);
    let colored =
        colored.with(tag::COLOR_MAP, &map(256, &|channel, k| if channel == 0 { k * 257 } else { 0 }));
    let read = colored.read(LITTLE);
    let Samples::F64(samples) = &read.samples else { panic!("colour") };
    assert!(
        samples.iter().zip(&film).all(|(sample, &v)| (sample - 0.2125 * f64::from(v) / 255.0).abs() < 1e-9)
    );
    let deep = colored.clone().with(tag::COLOR_MAP, &map(256, &|_, k| k * 250 + 3)).read(LITTLE);
    assert_eq!(deep.provenance.color, Color::Color16);
    let short = colored.with(tag::COLOR_MAP, &map(100, &|_, k| k));
    assert_eq!(short.error().kind(), ErrorKind::Decode);
}

#[test]
fn jpeg_in_tiff_is_read_with_its_tables() {
    use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};
    let film = film_u8();
    let stripes = |pixels: &[u8], format: PixelFormat, bytes: usize, tables: bool| -> Vec<Vec<u8>> {
        let strips = pixels.chunks(WIDTH * bytes * 16);
        let encode = |strip: &[u8]| {
            let encoder = Encoder::new(strip, WIDTH, strip.len() / WIDTH / bytes, format).quality(95);
            encoder.subsampling(Subsampling::S444).suppress_tables(!tables).encode().unwrap()
        };
        strips.map(encode).collect()
    };
    let near = |read: &Radiograph, tolerance: f64, expected: &dyn Fn(usize) -> f64| {
        assert_eq!((read.width, read.height), (WIDTH, HEIGHT));
        let value = |k: usize| match &read.samples {
            Samples::U8(samples) => f64::from(samples[k]) / 255.0,
            Samples::F64(samples) => samples[k],
            Samples::U16(_) => panic!("16 bit"),
        };
        (0..film.len()).for_each(|k| assert!((value(k) - expected(k)).abs() < tolerance, "{k}"));
    };
    let plain = gray(LITTLE, Layout::Strips).with(tag::COMPRESSION, &[7]).with(tag::ROWS_PER_STRIP, &[16]);
    let of_film = |k: usize| f64::from(film[k]) / 255.0;
    let whole = Page { chunks: stripes(&film, PixelFormat::Grayscale, 1, true), ..plain.clone() };
    near(&whole.read(LITTLE), 0.08, &of_film);
    let tables = Encoder::new(&film, WIDTH, HEIGHT, PixelFormat::Grayscale).quality(95).write_tables();
    let tables: Vec<u64> = tables.into_iter().map(u64::from).collect();
    let shared = Page { chunks: stripes(&film, PixelFormat::Grayscale, 1, false), ..plain.clone() };
    let shared = shared.with(tag::JPEG_TABLES, &tables);
    assert_eq!(shared.read(LITTLE).samples, whole.read(LITTLE).samples);
    // YCbCr, as viewers write colour.
    let rgb: Vec<u8> = film.iter().flat_map(|&v| [v, v / 2, 255 - v]).collect();
    let color = Page { chunks: stripes(&rgb, PixelFormat::Rgb, 3, true), ..plain.clone() };
    let color = color.with(tag::SAMPLES_PER_PIXEL, &[3]).with(tag::BITS_PER_SAMPLE, &[8, 8, 8]);
    let gray_of = |k: usize| {
        0.2125 * of_film(k) + 0.7154 * f64::from(film[k] / 2) / 255.0 + 0.0721 * (1.0 - of_film(k))
    };
    near(&color.with(tag::PHOTOMETRIC, &[6]).read(LITTLE), 0.08, &gray_of);
    // A strip that is cut, and what is no JPEG at all.
    let mut cut = whole.clone();
    cut.chunks[1].truncate(20);
    assert_eq!(cut.error().kind(), ErrorKind::Decode);
    let none = Page { chunks: vec![film[..WIDTH * 16].to_vec(); 3], ..plain };
    assert_eq!(none.error().kind(), ErrorKind::Decode);
}

#[test]
fn webp_in_tiff_is_read() {
    let film = film_u8();
    let chunks = film.chunks(WIDTH * 13).map(|strip| {
        let rgb: Vec<u8> = strip.iter().flat_map(|&v| [v; 3]).collect();
        let mut bytes = Vec::new();
        let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
        encoder
            .encode(&rgb, WIDTH as u32, (strip.len() / WIDTH) as u32, image::ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    });
    let rgb = page(LITTLE, Layout::Strips, 3, 8, |_, _| 0).with(tag::COMPRESSION, &[50001]);
    assert_gray8(&Page { chunks: chunks.collect(), ..rgb }.read(LITTLE));
}

#[test]
fn png_in_tiff_is_read() {
    use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
    let png = |raw: &[u8], rows: usize, color| {
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes).write_image(raw, WIDTH as u32, rows as u32, color).unwrap();
        bytes
    };
    let film = film_u8();
    for way in WAYS {
        let strips = |bytes: usize| move |strip: &[u8]| strip.len() / WIDTH / bytes;
        let gray8 = gray(way, Layout::Strips)
            .packed(34933, |strip| png(strip, strips(1)(strip), ExtendedColorType::L8));
        assert_gray8(&gray8.read(way));
        let rgb = page(way, Layout::Strips, 3, 8, |_, k| film[k].into());
        let rgb = rgb.packed(34933, |strip| png(strip, strips(3)(strip), ExtendedColorType::Rgb8));
        assert_gray8(&rgb.read(way));
        // The words of a PNG have an order of their own, whatever that of the file is.
        let deep = |k: usize| 256 * u16::from(film[k]) + (k % 251) as u16;
        let page16 = page(LITTLE, Layout::Strips, 1, 16, |_, k| deep(k).into());
        let page16 = page16.packed(34933, |strip| {
            let native: Vec<u8> = strip
                .chunks_exact(2)
                .flat_map(|word| u16::from_le_bytes([word[0], word[1]]).to_ne_bytes())
                .collect();
            png(&native, strips(2)(strip), ExtendedColorType::L16)
        });
        let expected: Vec<u16> = (0..WIDTH * HEIGHT).map(deep).collect();
        assert_eq!(u16s(&page16.read(way)), expected);
    }
    let packed = gray(LITTLE, Layout::Strips)
        .packed(34933, |strip| png(strip, strip.len() / WIDTH, ExtendedColorType::L8));
    let mut cut = packed.clone();
    cut.chunks[1].truncate(50);
    assert_eq!(cut.error().kind(), ErrorKind::Decode);
    assert_eq!(packed.clone().with(tag::BITS_PER_SAMPLE, &[16]).error().kind(), ErrorKind::Decode);
    assert_eq!(packed.with(tag::ROWS_PER_STRIP, &[5]).error().kind(), ErrorKind::Decode);
}

/// Blocks of 2 × 2 pixels with one chroma: TIFF 6.0, section 21.
#[test]
fn chroma_of_blocks_is_read() {
    let film = film_u8();
    let (rows, blocks) = (14, WIDTH.div_ceil(2));
    let chunks = (0..HEIGHT).step_by(rows).map(|top| {
        let mut bytes = Vec::new();
        for y in (top..(top + rows).min(HEIGHT)).step_by(2) {
            for block in 0..blocks {
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    bytes.push(film[(y + dy).min(HEIGHT - 1) * WIDTH + (2 * block + dx).min(WIDTH - 1)]);
                }
                bytes.extend([128, 128]);
            }
        }
        bytes
    });
    let page = page(LITTLE, Layout::Strips, 3, 8, |_, _| 0).with(tag::ROWS_PER_STRIP, &[rows as u64]);
    let page = page.with(tag::PHOTOMETRIC, &[6]).with(tag::YCBCR_SUBSAMPLING, &[2, 2]);
    let page = Page { chunks: chunks.collect(), ..page };
    assert_gray8(&page.read(LITTLE));
    assert_gray8(&page.clone().without(tag::YCBCR_SUBSAMPLING).read(LITTLE));
    assert_eq!(page.with(tag::YCBCR_SUBSAMPLING, &[3, 0]).error().kind(), ErrorKind::Decode);
}

fn thumbnail() -> Page {
    let small = page(LITTLE, Layout::Strips, 1, 8, |_, k| (k % 200) as u64);
    let small =
        small.with(tag::IMAGE_WIDTH, &[20]).with(tag::IMAGE_LENGTH, &[16]).with(tag::NEW_SUBFILE_TYPE, &[1]);
    Page { chunks: vec![vec![50; 20 * 13], vec![60; 20 * 3]], ..small }
}

#[test]
fn of_several_pages_it_is_the_largest() {
    let film = gray(LITTLE, Layout::Tiles);
    for pages in [
        vec![thumbnail(), film.clone()],
        vec![film.clone(), thumbnail()],
        vec![thumbnail(), film.clone(), thumbnail()],
    ] {
        let read = decode(&file(LITTLE, &pages)).unwrap();
        assert!(read.provenance.has_more_frames);
        assert_gray8(&read);
    }
    // Of two of one size, the first.
    let other = page(LITTLE, Layout::Strips, 1, 8, |_, _| 7);
    assert_gray8(&decode(&file(LITTLE, &[film.clone(), other])).unwrap());
    // One that hangs on a thumbnail, and a mask of the same size.
    let hanging = Page { inner: vec![film.clone()], ..thumbnail() };
    let read = decode(&file(LITTLE, &[hanging])).unwrap();
    assert!(!read.provenance.has_more_frames);
    assert_gray8(&read);
    let mask = page(LITTLE, Layout::Strips, 1, 1, |_, _| 1);
    for mask in [mask.clone().with(tag::NEW_SUBFILE_TYPE, &[4]), mask.with(tag::PHOTOMETRIC, &[4])] {
        assert_gray8(&decode(&file(LITTLE, &[mask, film.clone()])).unwrap());
    }
    assert!(!film.read(LITTLE).provenance.has_more_frames);
    // A chain that bites its tail.
    let mut bytes = film.file(LITTLE);
    let (first, end) = (bytes[4..8].to_vec(), bytes.len());
    bytes[end - 4..].copy_from_slice(&first);
    assert_gray8(&decode(&bytes).unwrap());
}

#[test]
fn a_page_is_put_upright() {
    let film = film_u8();
    for layout in [Layout::Strips, Layout::Tiles] {
        let turned = gray(LITTLE, layout).with(tag::ORIENTATION, &[6]).read(LITTLE);
        assert_eq!((turned.width, turned.height), (HEIGHT, WIDTH));
        let Samples::U8(samples) = turned.samples else { panic!("8 bit") };
        assert_eq!((samples[0], samples[HEIGHT - 1]), (film[(HEIGHT - 1) * WIDTH], film[0]));
    }
    assert_gray8(&gray(LITTLE, Layout::Strips).with(tag::ORIENTATION, &[77]).read(LITTLE));
}

#[test]
fn what_is_not_read_is_named_with_what_to_do() {
    let plain = gray(LITTLE, Layout::Strips);
    let deep = page(LITTLE, Layout::Strips, 1, 12, |_, _| 0);
    for (page, name) in [
        (plain.clone().with(tag::COMPRESSION, &[4]), "fax compression"),
        (plain.clone().with(tag::COMPRESSION, &[6]), "JPEG compression of the old style"),
        (plain.clone().with(tag::COMPRESSION, &[33005]), "JPEG 2000"),
        (plain.clone().with(tag::COMPRESSION, &[34887]), "LERC"),
        (plain.clone().with(tag::COMPRESSION, &[34925]), "LZMA"),
        (plain.clone().with(tag::COMPRESSION, &[50002]), "JPEG XL"),
        (plain.clone().with(tag::COMPRESSION, &[60000]), "number 60000"),
        (plain.clone().with(tag::PHOTOMETRIC, &[8]), "L*a*b*"),
        (plain.clone().with(tag::PHOTOMETRIC, &[32803]), "raw pixels of a camera"),
        (plain.clone().with(tag::PHOTOMETRIC, &[32844]), "logarithmic"),
        (plain.clone().with(tag::PHOTOMETRIC, &[99]), "number 99"),
        (plain.clone().with(tag::SAMPLE_FORMAT, &[6]), "complex"),
        (plain.clone().with(tag::SAMPLE_FORMAT, &[3]), "floating-point numbers of 8 bits"),
        (plain.clone().with(tag::BITS_PER_SAMPLE, &[5, 6, 5]), "different depths"),
        (deep.clone().with(tag::PREDICTOR, &[2]), "predictor 2"),
        (deep.with(tag::COMPRESSION, &[7]), "12 bits"),
    ] {
        let error = page.error();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat, "{error}");
        let message = error.to_string();
        assert!(message.contains(name) && message.contains("export the film as"), "{message}");
    }
}

#[test]
fn what_is_damaged_is_said_to_be() {
    let plain = gray(LITTLE, Layout::Strips);
    for page in [
        plain.clone().without(tag::IMAGE_WIDTH),
        plain.clone().with(tag::SAMPLES_PER_PIXEL, &[0]),
        plain.clone().with(tag::BITS_PER_SAMPLE, &[0]),
        plain.clone().with(tag::BITS_PER_SAMPLE, &[65]),
        plain.clone().with(tag::PHOTOMETRIC, &[2]),
        plain.clone().with(tag::ROWS_PER_STRIP, &[0]),
        plain.clone().with(tag::ROWS_PER_STRIP, &[2]),
        plain.clone().with(tag::TILE_WIDTH, &[0]).with(tag::TILE_LENGTH, &[16]),
        Page { chunks: vec![vec![1; 20]; 4], ..plain.clone() },
        Page { chunks: vec![vec![1; 20]; 4], ..plain.clone() }.with(tag::COMPRESSION, &[8]),
        Page { chunks: vec![vec![1; 20]; 4], ..plain.clone() }.with(tag::COMPRESSION, &[50000]),
    ] {
        assert_eq!(page.error().kind(), ErrorKind::Decode);
    }
    assert_eq!(plain.clone().with(tag::IMAGE_WIDTH, &[3]).error().kind(), ErrorKind::TooSmall);
    let huge = plain.clone().with(tag::IMAGE_WIDTH, &[60_000]).with(tag::IMAGE_LENGTH, &[60_000]);
    assert_eq!(huge.error().kind(), ErrorKind::TooLarge);
    let tiles = plain.with(tag::TILE_WIDTH, &[60_000]).with(tag::TILE_LENGTH, &[60_000]);
    assert_eq!(tiles.error().kind(), ErrorKind::TooLarge);
    assert_eq!(decode(b"II*\0").unwrap_err().kind(), ErrorKind::Decode);
}

/// The encoder of the `tiff` crate agrees with the one above.
#[test]
fn files_of_another_encoder_are_read() {
    use tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, colortype};
    let film = Phantom { width: WIDTH, height: HEIGHT, seed: 3 };
    for compression in [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Deflate(DeflateLevel::Balanced),
        Compression::Packbits,
    ] {
        for predictor in [Predictor::None, Predictor::Horizontal] {
            let mut bytes = std::io::Cursor::new(Vec::new());
            let encoder = TiffEncoder::new(&mut bytes).unwrap();
            let mut encoder = encoder.with_compression(compression).with_predictor(predictor);
            let (width, height) = (WIDTH as u32, HEIGHT as u32);
            encoder.write_image::<colortype::Gray16>(width, height, &film.draw_u16()).unwrap();
            assert_eq!(u16s(&decode(bytes.get_ref()).unwrap()), film.draw_u16());
        }
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new_big(&mut bytes).unwrap();
    encoder.write_image::<colortype::Gray8>(WIDTH as u32, HEIGHT as u32, &film.draw_u8()).unwrap();
    assert_gray8(&decode(bytes.get_ref()).unwrap());
}

/// Files of every way to store samples, for those that damage them.
fn all_kinds() -> Vec<Vec<u8>> {
    let film = film_u8();
    let big = WAYS[3];
    let deflated = |chunk: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(chunk).unwrap();
        encoder.finish().unwrap()
    };
    let sample = |_: usize, k: usize| u64::from(film[k]);
    let jpeg = libjpeg_turbo_rs::compress(
        &film,
        WIDTH,
        HEIGHT,
        libjpeg_turbo_rs::PixelFormat::Grayscale,
        80,
        libjpeg_turbo_rs::Subsampling::S444,
    );
    let jpeg = Page { chunks: vec![jpeg.unwrap()], ..gray(LITTLE, Layout::Strips) };
    let lzw = |chunk: &[u8]| {
        weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(chunk).unwrap()
    };
    let zstd =
        |chunk: &[u8]| ruzstd::encoding::compress_to_vec(chunk, ruzstd::encoding::CompressionLevel::Fastest);
    let map: Vec<u64> = (0..768).map(|k| k % 256 * 257).collect();
    vec![
        gray(LITTLE, Layout::Strips).file(LITTLE),
        file(LITTLE, &[thumbnail(), gray(LITTLE, Layout::Tiles)]),
        gray(big, Layout::Tiles).packed(8, deflated).with(tag::PREDICTOR, &[2]).file(big),
        gray(LITTLE, Layout::Strips).packed(5, lzw).file(LITTLE),
        gray(LITTLE, Layout::Strips).packed(50000, zstd).file(LITTLE),
        gray(LITTLE, Layout::Strips).packed(32773, |chunk| chunk.to_vec()).file(LITTLE),
        gray(LITTLE, Layout::Strips).with(tag::PHOTOMETRIC, &[3]).with(tag::COLOR_MAP, &map).file(LITTLE),
        page(LITTLE, Layout::Tiles, 1, 12, sample).file(LITTLE),
        page(big, Layout::Strips, 1, 32, sample)
            .with(tag::SAMPLE_FORMAT, &[3])
            .with(tag::PREDICTOR, &[3])
            .file(big),
        page(LITTLE, Layout::Planes, 4, 16, sample).with(tag::EXTRA_SAMPLES, &[1]).file(LITTLE),
        page(LITTLE, Layout::Strips, 3, 8, sample).with(tag::PHOTOMETRIC, &[6]).file(LITTLE),
        jpeg.with(tag::COMPRESSION, &[7]).with(tag::ROWS_PER_STRIP, &[HEIGHT as u64]).file(LITTLE),
        Page { inner: vec![gray(LITTLE, Layout::Strips)], ..thumbnail() }.file(LITTLE),
    ]
}

/// Reads damaged bytes: an error or a film, never a panic.
fn is_contained(bytes: &[u8]) {
    if let Ok(film) = decode(bytes) {
        assert_eq!(film.samples.len(), film.width * film.height);
    }
}

#[test]
fn every_truncation_is_contained() {
    for bytes in all_kinds() {
        (0..bytes.len()).step_by(3).for_each(|length| is_contained(&bytes[..length]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_flipped_byte_is_contained(
        kind in 0_usize..13,
        flips in proptest::collection::vec((0.0_f64..1.0, 1_u8..=255), 1..6),
        in_directory in any::<bool>(),
    ) {
        let mut bytes = all_kinds().swap_remove(kind);
        // The directories stand at the end.
        let first = if in_directory { bytes.len().saturating_sub(250) } else { 0 };
        for (place, flip) in flips {
            let index = first + (place * (bytes.len() - first) as f64) as usize;
            bytes[index] ^= flip;
        }
        is_contained(&bytes);
    }
}
