//! Damaged and hostile files: an error or a film, never a panic, and never more than 512 MiB.
//!
//! `HOSTILE_FIGURES=1 cargo test --release --test hostile -- --nocapture` prints what each file took.
#![allow(clippy::unwrap_used, clippy::expect_used)]
// A counting allocator needs unsafe code.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use covid_classifier::decode::decode;
use covid_classifier::radiograph::Samples;
use covid_classifier::{Error, ErrorKind, decode::sniff};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};

/// Memory that a decoder may use, beside the file itself.
const MOST_BYTES: isize = 512 << 20;
/// Processor time, where it is known. The goal is two seconds; a build with checks takes longer.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Counts the bytes of each thread: tests run side by side, and decoders start no threads.
struct Counting;

fn count(bytes: isize) {
    LIVE.set(LIVE.get() + bytes);
    PEAK.set(PEAK.get().max(LIVE.get()));
}

// SAFETY: every call is forwarded to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // In the worst case both buffers exist at once.
        count(size as isize);
        count(-(layout.size() as isize));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Processor time of this thread; on systems other than Linux, wall time.
fn clock(begin: Instant) -> Duration {
    let own = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = own.as_deref().and_then(|times| times.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}

/// Decodes within the bounds and returns the size of the film.
fn contained(name: &str, bytes: &[u8]) -> Result<[usize; 2], Error> {
    let before = LIVE.get();
    PEAK.set(before);
    let now = Instant::now();
    let begin = clock(now);
    let result = decode(bytes);
    let (peak, time) = (PEAK.get() - before, clock(now).saturating_sub(begin));
    if std::env::var_os("HOSTILE_FIGURES").is_some() && (peak > 1 << 26 || time > Duration::from_millis(100))
    {
        let outcome = result.as_ref().map_or_else(|error| error.to_string(), |_| "a film".to_owned());
        println!("{:6.2} s {:4} MB  {name}: {outcome}", time.as_secs_f64(), peak / 1_000_000);
    }
    assert!(peak < MOST_BYTES, "{name} takes {} MB", peak / 1_000_000);
    assert!(time < MOST_TIME, "{name} takes {time:?}");
    let film = result?;
    assert_eq!(film.samples.len(), film.width * film.height, "{name}");
    if let Samples::F64(samples) = &film.samples {
        assert!(samples.iter().all(|sample| sample.is_finite()), "{name} has samples that are not numbers");
    }
    if let Some(modality) = &film.modality {
        assert_eq!(modality.values.len(), film.samples.len(), "{name}");
    }
    Ok([film.width, film.height])
}

/// The error that a file must give.
#[track_caller]
fn refused(name: &str, bytes: &[u8]) -> ErrorKind {
    match contained(name, bytes) {
        Ok(size) => panic!("{name} is a film of {size:?}"),
        Err(error) => error.kind(),
    }
}

const WIDTH: usize = 61;
const HEIGHT: usize = 47;

fn phantom() -> Vec<u8> {
    covid_classifier::phantom::Phantom { width: WIDTH, height: HEIGHT, seed: 5 }.draw_u8()
}

/// A small picture in every readable raster format.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let film = phantom();
    let gray = DynamicImage::ImageLuma8(GrayImage::from_raw(61, 47, film.clone()).unwrap());
    let rgb: Vec<u8> = film.iter().flat_map(|&v| [v, v / 2, 255 - v]).collect();
    let rgb = DynamicImage::ImageRgb8(RgbImage::from_raw(61, 47, rgb).unwrap());
    let encode = |image: &DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let jpeg = libjpeg_turbo_rs::compress(
        rgb.as_bytes(),
        61,
        47,
        libjpeg_turbo_rs::PixelFormat::Rgb,
        80,
        libjpeg_turbo_rs::Subsampling::S420,
    );
    let progressive =
        libjpeg_turbo_rs::Encoder::new(gray.as_bytes(), 61, 47, libjpeg_turbo_rs::PixelFormat::Grayscale)
            .progressive(true)
            .encode();
    vec![
        ("png", encode(&gray, ImageFormat::Png)),
        ("png, colour", encode(&rgb, ImageFormat::Png)),
        ("bmp", encode(&gray, ImageFormat::Bmp)),
        ("tiff", tiff(&film)),
        ("webp", encode(&rgb, ImageFormat::WebP)),
        ("jpeg", jpeg.unwrap()),
        ("jpeg, progressive", progressive.unwrap()),
    ]
}

fn tiff(film: &[u8]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
    encoder.write_image::<tiff::encoder::colortype::Gray8>(61, 47, film).unwrap();
    bytes.into_inner()
}

#[test]
fn every_format_is_read() {
    for (name, bytes) in files() {
        assert_eq!(contained(name, &bytes).unwrap(), [WIDTH, HEIGHT], "{name}");
    }
}

#[test]
fn every_truncation_is_contained() {
    for (name, bytes) in files() {
        for length in 0..bytes.len() {
            let _ = contained(name, &bytes[..length]);
        }
        let half = decode(&bytes[..bytes.len() / 8]).map_err(|error| error.kind());
        assert!(half.is_err(), "{name}: an eighth of a file is no film");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_flipped_byte_is_contained(
        file in 0_usize..7,
        flips in proptest::collection::vec((0.0_f64..1.0, 1_u8..=255), 1..8),
    ) {
        let (name, mut bytes) = files().swap_remove(file);
        for (place, flip) in flips {
            let index = (place * bytes.len() as f64) as usize;
            bytes[index] ^= flip;
        }
        let _ = contained(name, &bytes);
    }

    #[test]
    fn noise_is_no_film(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = contained("noise", &bytes);
        prop_assert!(bytes.is_empty() == matches!(sniff(&bytes), Err(error) if error.kind() == ErrorKind::Empty));
    }
}

#[path = "support/containers.rs"]
mod containers;
#[path = "support/dicom.rs"]
mod dicom;

use dicom::{File, fragments, item, rle, sequence};

/// The phantom as an 8-bit film.
fn film() -> File {
    File::film(WIDTH, HEIGHT, &phantom())
}

/// Streams of independent encoders, and which transfer syntax carries them.
fn streams() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let golden = |name: &str| std::fs::read(format!("tests/goldens/codec/{name}")).unwrap();
    [
        ("lossless_16.jpg", "1.2.840.10008.1.2.4.70"),
        ("extended_12.jpg", "1.2.840.10008.1.2.4.51"),
        ("jpegls_16.jls", dicom::JPEG_LS),
        ("near_8.jls", "1.2.840.10008.1.2.4.81"),
        ("jpegls_color_pixel.jls", dicom::JPEG_LS),
        ("jpeg2000_16.j2k", "1.2.840.10008.1.2.4.90"),
        ("jpeg2000_8.jp2", "1.2.840.10008.1.2.4.90"),
        ("htj2k_12.j2k", "1.2.840.10008.1.2.4.201"),
    ]
    .map(|(name, syntax)| (name, syntax, golden(name)))
    .into()
}

/// Films in every encoding.
fn films() -> Vec<(&'static str, File)> {
    let mut implicit = film();
    implicit.syntax = dicom::IMPLICIT;
    let mut run_lengths = film();
    run_lengths.encapsulated(dicom::RLE, &fragments(&[], &[&dicom::rle_frame(&phantom())]));
    let mut jpeg_ls = film();
    let stream = std::fs::read("tests/goldens/codec/jpegls_8.jls").unwrap();
    let (first, second) = stream.split_at(stream.len() / 4 * 2);
    jpeg_ls.encapsulated(dicom::JPEG_LS, &fragments(&[0; 4], &[first, second]));
    vec![("explicit", film()), ("implicit", implicit), ("run lengths", run_lengths), ("JPEG-LS", jpeg_ls)]
}

#[test]
fn dicom_cut_at_every_tag_is_refused() {
    for (name, file) in films() {
        assert_eq!(contained(name, &file.bytes()).unwrap(), [WIDTH, HEIGHT], "{name}");
        let (meta, (data_set, begins)) = (file.meta(), file.data_set());
        for begin in begins {
            for into in [0, 1, 4, 6, 8, 10, 12] {
                let bytes = [&meta[..], &data_set[..begin + into]].concat();
                let kind = refused(&format!("{name} cut at {begin} + {into}"), &bytes);
                // Cut before its picture is mentioned, it may be a file without one.
                let is_known = matches!(kind, ErrorKind::Decode | ErrorKind::UnsupportedFormat);
                assert!(is_known, "{name} cut at {begin} + {into}: {kind:?}");
            }
        }
        for length in 0..meta.len() {
            refused(&format!("{name} cut at {length} of its meta information"), &meta[..length]);
        }
    }
}

#[test]
fn dicom_lengths_that_lie_are_contained() {
    for (name, file) in films() {
        let (meta, (data_set, begins)) = (file.meta(), file.data_set());
        let is_implicit = file.syntax == dicom::IMPLICIT;
        for (begin, (tag, vr, ..)) in begins.into_iter().zip(&file.elements) {
            let is_long = matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN");
            let at = begin
                + if is_implicit {
                    4
                } else if is_long {
                    8
                } else {
                    6
                };
            let size = if is_implicit || is_long { 4 } else { 2 };
            for length in [0, 1, 3, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, u32::MAX]
            {
                let mut lying = data_set.clone();
                lying[at..at + size].copy_from_slice(&length.to_le_bytes()[..size]);
                let name = format!("{name}: {tag:04x?} of length {length:#x}");
                let _ = contained(&name, &[&meta[..], &lying].concat());
            }
        }
        // Lengths of items and fragments too, wherever they stand.
        for at in (0..data_set.len().min(700)).step_by(2) {
            for length in [u32::MAX, 0x7fff_fffe, 0x8000_0001] {
                let mut lying = data_set.clone();
                let end = (at + 4).min(lying.len());
                lying[at..end].copy_from_slice(&length.to_le_bytes()[..end - at]);
                let _ = contained(&format!("{name} with {length:#x} at {at}"), &[&meta[..], &lying].concat());
            }
        }
    }
}

/// Each is a sequence of 16 bytes with an item that goes on to the end of the file, if the sequence's length is forgotten.
#[test]
fn dicom_sequences_whose_items_have_no_end_are_not_followed_to_the_end_of_the_file() {
    let film = film();
    let (data_set, _) = film.data_set();
    let open =
        [item(0xe000, u32::MAX, &[]), dicom::element((9, 0x10), b"LO", &[0; 20])[..8].to_vec()].concat();
    let mut file = film.meta();
    file.extend(dicom::element((8, 0x1140), b"SQ", &open).repeat(100_000));
    file.extend(data_set);
    let _ = contained("100,000 sequences without an end", &file);
}

/// A picture in several fragments is put together, and none needs as much as these have.
#[test]
fn dicom_of_long_fragments_is_refused() {
    let part = vec![0xff; 140_000_000];
    let mut film = film();
    film.encapsulated(dicom::JPEG_LS, &fragments(&[], &[&part, &part]));
    assert_eq!(refused("280 MB in two fragments", &film.bytes()), ErrorKind::TooLarge);
}

#[test]
fn dicom_sequences_nested_to_depth_10_000_are_refused() {
    const DEPTH: usize = 10_000;
    let tag = (0x0009, 0x1010);
    for syntax in [dicom::EXPLICIT, dicom::IMPLICIT] {
        for vr in [b"SQ", b"UN"] {
            let begin = |length: u32| {
                let mut file = File { syntax, elements: Vec::new() };
                file.set_with_length(tag, vr, Some(length), &[]);
                file.data_set().0
            };
            // Undefined lengths, with delimiters and without.
            for is_closed in [true, false] {
                let mut nested: Vec<u8> = (0..DEPTH)
                    .flat_map(|_| [begin(u32::MAX), item(0xe000, u32::MAX, &[])].concat())
                    .collect();
                if is_closed {
                    let ends = [item(0xe00d, 0, &[]), item(0xe0dd, 0, &[])].concat();
                    nested.extend(ends.repeat(DEPTH));
                }
                let mut bytes = [File { syntax, elements: Vec::new() }.meta(), nested].concat();
                let mut film = film();
                film.syntax = syntax;
                bytes.extend(film.data_set().0);
                assert_eq!(refused("nested", &bytes), ErrorKind::Decode);
            }
            // Stated lengths, from the inside out.
            let mut nested = Vec::new();
            let mut parts = Vec::new();
            let mut length = 0;
            for _ in 0..DEPTH {
                parts.push(item(0xe000, length, &[]));
                length += 8;
                let outer = begin(length);
                length += outer.len() as u32;
                parts.push(outer);
            }
            parts.iter().rev().for_each(|part| nested.extend(part));
            let mut film = film();
            film.syntax = syntax;
            let bytes = [film.meta(), nested, film.data_set().0].concat();
            // An element that is not declared a sequence is skipped as a whole.
            let outcome = contained("nested with lengths", &bytes).map_err(|error| error.kind());
            let is_sequence = syntax == dicom::EXPLICIT && vr == b"SQ";
            assert_eq!(outcome.err(), is_sequence.then_some(ErrorKind::Decode));
        }
    }
}

#[test]
fn dicom_headers_of_gigapixels_are_refused() {
    let kind = |name: &str, change: &dyn Fn(&mut File)| {
        let mut file = film();
        change(&mut file);
        refused(name, &file.bytes())
    };
    assert_eq!(
        kind("65,535 square", &|file| {
            file.size(65_535, 65_535);
        }),
        ErrorKind::TooLarge
    );
    assert_eq!(
        kind("a line", &|file| {
            file.size(65_535, 1);
        }),
        ErrorKind::TooSmall
    );
    assert_eq!(
        kind("no rows", &|file| {
            file.size(61, 0);
        }),
        ErrorKind::TooSmall
    );
    assert_eq!(
        kind("8000 square", &|file| {
            file.size(8000, 8000);
        }),
        ErrorKind::Decode
    );
    for samples in [0, 2, 4, 65_535] {
        let kind = kind("samples", &|file| {
            file.word((0x0028, 0x0002), samples);
        });
        assert_eq!(kind, ErrorKind::UnsupportedFormat, "{samples} samples");
    }
    let large = |file: &mut File| {
        file.size(8000, 8000).word((0x0028, 0x0002), 3).set((0x0028, 0x0004), b"CS", b"RGB ");
    };
    assert_eq!(kind("8000 square in colour", &large), ErrorKind::Decode);
    let samples_of_four_bytes = |file: &mut File| {
        file.word((0x0028, 0x0100), 32);
    };
    assert_eq!(
        kind("32 bits allocated", &samples_of_four_bytes),
        ErrorKind::Decode,
        "they are fewer than is said"
    );
    for bits in [0, 1, 7, 9, 12, 24, 64, 65_535] {
        let kind = kind("bits", &|file| {
            file.word((0x0028, 0x0100), bits);
        });
        assert_eq!(kind, ErrorKind::UnsupportedFormat, "{bits} bits allocated");
    }
    for (stored, high) in [(0, 0), (9, 8), (8, 8), (8, 3), (65_535, 65_534)] {
        let kind = kind("bits", &|file| {
            file.word((0x0028, 0x0101), stored).word((0x0028, 0x0102), high);
        });
        assert_eq!(kind, ErrorKind::Decode, "{stored} bits stored");
    }
    for frames in ["2147483647", "1e308", "-1", "0", "NaN", "inf", "65535\\2", ""] {
        let mut file = film();
        let mut text = frames.as_bytes().to_vec();
        text.resize(text.len().next_multiple_of(2), b' ');
        file.set((0x0028, 0x0008), b"IS", &text);
        assert_eq!(contained(frames, &file.bytes()).unwrap(), [WIDTH, HEIGHT], "{frames} frames");
        file.encapsulated(dicom::RLE, &fragments(&[], &[&dicom::rle_frame(&phantom())]));
        assert_eq!(contained(frames, &file.bytes()).unwrap(), [WIDTH, HEIGHT], "{frames} frames");
    }
}

/// `size` zeros after `start`, deflated.
fn deflated(start: &[u8], size: usize) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(start).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..size >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn dicom_deflate_bombs_are_refused() {
    let mut file = film();
    file.syntax = dicom::DEFLATED;
    let meta = file.meta();
    let bomb = |start: &[u8], size: usize| [&meta[..], &deflated(start, size)].concat();
    assert_eq!(refused("zeros", &bomb(&[], 1 << 30)), ErrorKind::TooLarge);
    let (data_set, _) = file.data_set();
    assert_eq!(refused("a film, then zeros", &bomb(&data_set, 1 << 30)), ErrorKind::TooLarge);
    // Up to the limit, and what is in it is no film.
    refused("zeros up to the limit", &bomb(&[], 138 << 20));
    // The largest film of 16 bit: it is one, within the bounds.
    file.size(8000, 8000).word((0x0028, 0x0100), 16);
    file.set_with_length(dicom::PIXELS, b"OW", Some(128_000_000), &[]);
    let (data_set, _) = file.data_set();
    assert_eq!(contained("the largest film", &bomb(&data_set, 128 << 20)).unwrap(), [8000, 8000]);
    // Texts of twenty million bytes, and a window in so many parts.
    for value in [&b"1\\"[..], b"xy"] {
        let mut file = film();
        file.syntax = dicom::IMPLICIT;
        for tag in [(0x0028, 0x1050), (0x0028, 0x1051), (0x0028, 0x1055), (0x0018, 0x5101)] {
            file.set(tag, b"DS", &value.repeat(10 << 20));
        }
        assert_eq!(contained("long texts", &file.bytes()).unwrap(), [WIDTH, HEIGHT]);
    }
}

#[test]
fn dicom_fragments_and_offset_tables_that_lie_are_contained() {
    let frame = dicom::rle_frame(&phantom());
    for table in [&[][..], &[0], &[0xff; 4], &[0xff; 8], &[0, 0, 0, 0, 1, 0, 0, 0], &[0x80; 400]] {
        for frames in [&b"1 "[..], b"2 ", b"100 "] {
            let mut file = film();
            file.set((0x0028, 0x0008), b"IS", frames);
            file.encapsulated(dicom::RLE, &fragments(table, &[&frame, &frame]));
            let _ = contained("a table that lies", &file.bytes());
            file.set((0x7fe0, 0x0001), b"OV", &[0xff; 16]).set((0x7fe0, 0x0002), b"OV", &[0xff; 16]);
            let _ = contained("an extended table that lies", &file.bytes());
        }
    }
    let kind = |name: &str, items: &[u8]| {
        let mut file = film();
        refused(name, &file.encapsulated(dicom::RLE, items).bytes())
    };
    assert_eq!(kind("nothing", &[]), ErrorKind::Decode);
    assert_eq!(kind("no fragments", &fragments(&[], &[])), ErrorKind::Decode);
    assert_eq!(kind("an empty fragment", &fragments(&[], &[&[]])), ErrorKind::Decode);
    for length in [1, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        let lying = [sequence(&[]), item(0xe000, length, &frame)].concat();
        assert_eq!(kind("a fragment that lies", &lying), ErrorKind::Decode);
    }
    assert_eq!(kind("no items", &[0x28, 0, 0x10, 0, 2, 0, 0, 0, 9, 9]), ErrorKind::Decode);
    // A megabyte of fragments with nothing in them, and a hundred.
    for count in [1 << 17, 13 << 20] {
        assert_eq!(kind("empty fragments", &sequence(&[]).repeat(count)), ErrorKind::Decode);
    }
}

#[test]
fn dicom_palettes_take_as_much_as_other_colour() {
    let palette = |width: u16, height: u16| {
        let mut file = film();
        file.set((0x0028, 0x0004), b"CS", b"PALETTE COLOR ");
        let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let entries: Vec<u16> = (0..256).map(|k| k * 257).collect();
        for channel in 0..3 {
            file.set((0x0028, 0x1101 + channel), b"US", &words(&[256, 0, 16]));
            file.set((0x0028, 0x1201 + channel), b"OW", &words(&entries));
        }
        file.size(width, height).set(
            (0x7fe0, 0x0010),
            b"OW",
            &vec![7; usize::from(width) * usize::from(height)],
        );
        file.bytes()
    };
    assert_eq!(contained("a palette of 21 million pixels", &palette(5000, 4200)).unwrap(), [5000, 4200]);
    assert_eq!(refused("a palette of 64 million pixels", &palette(8000, 8000)), ErrorKind::TooLarge);
}

#[test]
fn dicom_of_wide_samples_is_bounded() {
    for (bits, tag) in [(32, 0x0010), (32, 0x0008), (64, 0x0009)] {
        let of = |side: u16| {
            let samples = usize::from(side) * usize::from(side);
            let mut file = film();
            file.size(side, side)
                .word((0x0028, 0x0100), bits)
                .word((0x0028, 0x0101), 32)
                .word((0x0028, 0x0102), 31);
            if tag != 0x0010 {
                file.elements.retain(|element| element.0 != (0x7fe0, 0x0010));
            }
            let bytes: Vec<u8> = (0..samples * usize::from(bits) / 8).map(|k| (k % 61) as u8).collect();
            file.set((0x7fe0, tag), b"OW", &bytes).bytes()
        };
        assert_eq!(contained("wide samples", &of(4000)).unwrap(), [4000, 4000]);
        assert_eq!(refused("too many wide samples", &of(4001)), ErrorKind::TooLarge);
    }
}

#[test]
fn dicom_run_lengths_that_lie_are_refused() {
    let kind = |name: &str, side: u16, frame: &[u8]| {
        let mut file = film();
        refused(name, &file.size(side, side).encapsulated(dicom::RLE, &fragments(&[], &[frame])).bytes())
    };
    let run = [0x81, 7].repeat(100);
    for words in [
        &[0, 64][..],
        &[2, 64, 70],
        &[16, 64],
        &[u32::MAX, 64],
        &[1, 0],
        &[1, 63],
        &[1, 1 << 20],
        &[1, u32::MAX],
        &[1, 264],
    ] {
        assert_eq!(kind(&format!("{words:?}"), 100, &rle(words, &run)), ErrorKind::Decode, "{words:?}");
    }
    assert_eq!(kind("8000 square of 200 bytes", 8000, &rle(&[1, 64], &run)), ErrorKind::Decode);
    assert_eq!(kind("only nothing", 8000, &rle(&[1, 64], &[0x80; 1 << 20])), ErrorKind::Decode);
    assert_eq!(kind("a literal that is cut", 16, &rle(&[1, 64], &[0x7f; 20])), ErrorKind::Decode);
    assert_eq!(kind("a header that is cut", 16, &[1, 0, 0, 0]), ErrorKind::Decode);
    // All planes of a colour film from the same segment.
    let mut file = film();
    let run = [0x81, 7].repeat(8000 * 8000 / 128);
    file.size(8000, 8000).word((0x0028, 0x0002), 3).word((0x0028, 0x0006), 1).set(
        (0x0028, 0x0004),
        b"CS",
        b"RGB ",
    );
    file.encapsulated(dicom::RLE, &fragments(&[], &[&rle(&[3, 64, 64, 64], &run)]));
    assert_eq!(refused("64 million pixels of colour", &file.bytes()), ErrorKind::TooLarge);
    file.size(5000, 4000).word((0x0028, 0x0100), 16);
    file.encapsulated(dicom::RLE, &fragments(&[], &[&rle(&[6, 64, 64, 64, 64, 64, 64], &run)]));
    assert_eq!(contained("20 million pixels of colour", &file.bytes()).unwrap(), [5000, 4000]);
}

#[test]
fn streams_of_other_sizes_than_the_data_set_are_contained() {
    for (name, syntax, stream) in streams() {
        // The stream's own size counts, because it is what was coded.
        for size in [(16, 16), (61, 48), (4000, 4000), (8000, 8000)] {
            let mut file = film();
            file.size(size.0, size.1).encapsulated(syntax, &fragments(&[], &[&stream]));
            assert_eq!(contained(name, &file.bytes()).unwrap(), [WIDTH, HEIGHT], "{name}");
        }
        for (columns, rows) in
            [(0, 0), (1, 1), (65_535, 65_535), (8000, 8000), (62, 47), (61, 16), (2000, 2000)]
        {
            let lying = with_size(&stream, columns, rows);
            let mut file = film();
            file.encapsulated(syntax, &fragments(&[], &[&lying]));
            let name = format!("{name} of {columns} × {rows}");
            let outcome = contained(&name, &file.bytes());
            let alone = contained(&name, &lying);
            assert_eq!(outcome.is_ok(), alone.is_ok(), "{name}");
            let kind = outcome.map_err(|error| error.kind());
            match columns {
                65_535 => assert_eq!(kind, Err(ErrorKind::TooLarge), "{name}"),
                0 => assert!(kind.is_err(), "{name}"),
                1 => assert_eq!(kind, Err(ErrorKind::TooSmall), "{name}"),
                _ => {}
            }
        }
    }
}

/// A stream with another size in its header.
fn with_size(stream: &[u8], columns: u16, rows: u16) -> Vec<u8> {
    let mut stream = stream.to_vec();
    if let Some(at) = stream.windows(4).position(|four| four == [0xff, 0x4f, 0xff, 0x51]) {
        let size = [[0; 2], columns.to_be_bytes(), [0; 2], rows.to_be_bytes()].concat();
        // The picture, and its one tile.
        stream[at + 8..at + 16].copy_from_slice(&size);
        stream[at + 24..at + 32].copy_from_slice(&size);
    } else {
        let is_frame = |two: &[u8]| matches!(two, [0xff, 0xc0..=0xc3 | 0xf7]);
        let at = stream.windows(2).position(is_frame).unwrap();
        stream[at + 5..at + 9].copy_from_slice(&[rows.to_be_bytes(), columns.to_be_bytes()].concat());
    }
    stream
}

/// A JPEG 2000 codestream of one tile, five levels and one layer, all packets of which are empty.
fn flat_jpeg2000(side: u32, is_high_throughput: bool) -> Vec<u8> {
    let size = [side.to_be_bytes(), side.to_be_bytes(), [0; 4], [0; 4]].concat();
    let capabilities = if is_high_throughput { 0x40 } else { 0 };
    let size = [&[0, 41, capabilities, 0], &size[..], &size, &[0, 1, 7, 1, 1]].concat();
    let mut stream = [&[0xff, 0x4f, 0xff, 0x51], &size[..]].concat();
    if is_high_throughput {
        stream.extend([0xff, 0x50, 0, 8, 0, 2, 0, 0, 0, 0]);
    }
    let blocks = if is_high_throughput { 0x40 } else { 0 };
    // COD, QCD without quantisation, SOT, SOD, six packets, EOC.
    stream.extend([0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, blocks, 1]);
    stream.extend([0xff, 0x5c, 0, 19, 0x40, 64]);
    stream.extend([72, 72, 80].repeat(5));
    stream.extend([0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 20, 0, 1, 0xff, 0x93]);
    stream.extend([0; 6]);
    stream.extend([0xff, 0xd9]);
    stream
}

#[test]
fn dicom_tables_that_lie_are_contained() {
    let descriptors: [[u16; 3]; 8] = [
        [0, 0, 16],
        [65_535, 0, 16],
        [2, 65_535, 8],
        [2, 0x8000, 16],
        [256, 0, 0],
        [256, 0, 65_535],
        [1, 0, 8],
        [0, 65_535, 1],
    ];
    let data: [&[u8]; 4] = [&[], &[7], &[7, 9], &[0xff; 512]];
    for (descriptor, data) in descriptors.iter().flat_map(|descriptor| data.map(|data| (descriptor, data))) {
        let name = format!("{descriptor:?} with {} bytes", data.len());
        let mut palette = film();
        palette.set((0x0028, 0x0004), b"CS", b"PALETTE COLOR ");
        for channel in 0..3 {
            palette.words((0x0028, 0x1101 + channel), descriptor).set(
                (0x0028, 0x1201 + channel),
                b"OW",
                data,
            );
        }
        let outcome = contained(&name, &palette.bytes()).map_err(|error| error.kind());
        let expected = if data.len() < 2 { Err(ErrorKind::UnsupportedFormat) } else { Ok([WIDTH, HEIGHT]) };
        // A single byte may be an entry of 8 bit.
        assert!(outcome == expected || data.len() == 1, "{name}: {outcome:?}");
        palette.elements.retain(|element| element.0 != (0x0028, 0x1202));
        assert_eq!(refused(&name, &palette.bytes()), ErrorKind::UnsupportedFormat);
        let mut tables = film();
        let mut table = dicom::element((0x0028, 0x3002), b"US", &descriptor.map(u16::to_le_bytes).concat());
        table.extend(dicom::element((0x0028, 0x3006), b"OW", data));
        tables.set((0x0028, 0x3000), b"SQ", &sequence(&table)).set(
            (0x0028, 0x3010),
            b"SQ",
            &sequence(&table),
        );
        assert_eq!(contained(&name, &tables.bytes()).unwrap(), [WIDTH, HEIGHT]);
    }
    for (center, width) in [("0 ", "1e-300"), ("-1e300", "1e300 "), ("nan ", "0 "), ("-inf", "inf ")] {
        let mut file = film();
        file.set((0x0028, 0x1050), b"DS", center.as_bytes()).set((0x0028, 0x1051), b"DS", width.as_bytes());
        for slope in ["1e307 ", "-1e308", "1e-307"] {
            file.set((0x0028, 0x1053), b"DS", slope.as_bytes());
            contained(&format!("{slope}, {center}, {width}"), &file.bytes()).unwrap();
        }
    }
    for (tag, text) in [
        ((0x0028, 0x1051), "0 "),
        ((0x0028, 0x1051), "1e-300"),
        ((0x0028, 0x1051), "1e308 "),
        ((0x0028, 0x1050), "-1e308"),
        ((0x0028, 0x1053), "1e308 "),
        ((0x0028, 0x1053), "1e-320"),
        ((0x0028, 0x1052), "-1e308"),
        ((0x0028, 0x1052), "nan "),
        ((0x0028, 0x0034), "1\\10"),
        ((0x0028, 0x0034), "10\\1"),
        ((0x0028, 0x0034), "1\\100000"),
        ((0x0028, 0x0030), "1e-9\\1e9 "),
    ] {
        let mut file = film();
        file.set(tag, b"DS", text.as_bytes());
        contained(text, &file.bytes()).unwrap();
        // Large films with pixels of any shape stay within the bounds.
        let run = [0x81, 7].repeat(8000 * 8000 / 128);
        file.size(8000, 8000).encapsulated(dicom::RLE, &fragments(&[], &[&rle(&[1, 64], &run)]));
        contained(text, &file.bytes()).unwrap();
        file.size(8000, 800);
        contained(text, &file.bytes()).unwrap();
    }
}

/// A PNG of this many zeros.
fn png(
    width: u32,
    height: u32,
    depth: u8,
    color: u8,
    zeros: usize,
    before: &[(&[u8; 4], Vec<u8>)],
) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        let checked = [kind, data].concat();
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(&checked);
        file.extend(crc32fast::hash(&checked).to_be_bytes());
    };
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, color, 0, 0, 0]].concat());
    for (kind, data) in before {
        chunk(kind, data);
    }
    chunk(b"IDAT", &zlib(zeros));
    chunk(b"IEND", &[]);
    file
}

fn zlib(zeros: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let some = vec![0; 1 << 16];
    let mut left = zeros;
    while left > 0 {
        encoder.write_all(&some[..left.min(some.len())]).unwrap();
        left -= left.min(some.len());
    }
    encoder.finish().unwrap()
}

#[test]
fn png_that_promises_too_much_is_refused() {
    // 60,000 × 60,000 pixels in 40 kB.
    let bomb = png(60_000, 60_000, 8, 0, 40_000 * 400, &[]);
    assert!(bomb.len() < 100_000);
    assert_eq!(refused("60,000 square", &bomb), ErrorKind::TooLarge);
    assert_eq!(refused("4 billion square", &png(u32::MAX, u32::MAX, 8, 0, 9, &[])), ErrorKind::TooLarge);
    assert_eq!(refused("8000 square without data", &png(8000, 8000, 8, 0, 100, &[])), ErrorKind::Decode);
    assert_eq!(refused("8000 square of 16 bit RGBA", &png(8000, 8000, 16, 6, 100, &[])), ErrorKind::TooLarge);
    // They are still films, within the bounds.
    for (name, depth, color, bytes) in
        [("grey", 8, 0, 1), ("deep grey", 16, 0, 2), ("colour", 8, 2, 3), ("alpha", 8, 6, 4)]
    {
        let film = png(8000, 8000, depth, color, 8000 * (1 + 8000 * bytes), &[]);
        assert_eq!(contained(name, &film).unwrap(), [8000, 8000], "{name}");
    }
    // Data long after the picture's end; profiles and texts that unpack to a gigabyte.
    assert_eq!(contained("too much data", &png(61, 47, 8, 0, 1 << 30, &[])).unwrap(), [61, 47]);
    let packed = zlib(1 << 30);
    for kind in [b"iCCP", b"zTXt"] {
        let before = [(kind, [&b"name\0\0"[..], &packed].concat())];
        let _ = contained("a chunk that unpacks", &png(61, 47, 8, 0, 62 * 47, &before));
    }
    let mut text = b"key\0\x01\0\0\0".to_vec();
    text.extend(&packed);
    let _ = contained("a text that unpacks", &png(61, 47, 8, 0, 62 * 47, &[(b"iTXt", text)]));
    // The same in a TIFF, whose strips may be PNG.
    let strip_with = |profile: &[u8]| {
        let profile = [(b"iCCP", [&b"name\0\0"[..], profile].concat())];
        page(64, 8, 1, 34_933, &png(64, 64, 8, 0, 65 * 64, &profile))
    };
    assert_eq!(contained("a profile in a strip", &strip_with(&zlib(500_000))).unwrap(), [64, 64]);
    assert_eq!(refused("a profile of a gigabyte in a strip", &strip_with(&packed)), ErrorKind::Decode);
    // Each text takes memory of its own, however short it is.
    let texts = |count| vec![(b"iTXt", b"k\0\0\0\0\0".to_vec()); count];
    assert_eq!(contained("a thousand texts", &png(61, 47, 8, 0, 62 * 47, &texts(1000))).unwrap(), [61, 47]);
    let many = png(61, 47, 8, 0, 62 * 47, &texts(4_000_000));
    assert_eq!(refused("four million texts", &many), ErrorKind::Decode);
}

/// A little-endian TIFF with one directory of LONG values, those that do not fit behind it.
fn tiff_of(tags: &[(u16, &[u32])], next: u32, data: &[u8]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    let mut behind = Vec::new();
    let behind_at = 8 + 2 + 12 * tags.len() + 4;
    file.extend((tags.len() as u16).to_le_bytes());
    for (tag, values) in tags {
        file.extend([tag.to_le_bytes(), 4_u16.to_le_bytes()].concat());
        file.extend((values.len() as u32).to_le_bytes());
        if let [value] = values {
            file.extend(value.to_le_bytes());
        } else {
            file.extend(((behind_at + behind.len()) as u32).to_le_bytes());
            behind.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
    }
    file.extend(next.to_le_bytes());
    file.extend(behind);
    file.extend(data);
    file
}

/// A page of one strip, which lies at the end.
fn page(side: u32, bits: u32, samples: u32, compression: u32, data: &[u8]) -> Vec<u8> {
    let of = |at: u32| -> Vec<u8> {
        let photometric = if samples >= 3 { 2 } else { 1 };
        let tags: [(u16, &[u32]); 9] = [
            (256, &[side]),
            (257, &[side]),
            (258, &[bits]),
            (259, &[compression]),
            (262, &[photometric]),
            (273, &[at]),
            (277, &[samples]),
            (278, &[side]),
            (279, &[data.len() as u32]),
        ];
        tiff_of(&tags, 0, data)
    };
    let at = of(0).len() - data.len();
    of(at as u32)
}

#[test]
fn tiff_directories_that_lead_in_circles_are_contained() {
    let good = page(16, 8, 1, 1, &[7; 256]);
    assert_eq!(contained("a page", &good).unwrap(), [16, 16]);
    let next_at = 8 + 2 + 12 * 9;
    for next in [8, 9, next_at as u32, u32::MAX, good.len() as u32 - 4] {
        let mut file = good.clone();
        file[next_at..next_at + 4].copy_from_slice(&next.to_le_bytes());
        assert_eq!(contained("a loop", &file).unwrap(), [16, 16], "next at {next}");
    }
    // Two that lead to each other, and inner pages that hang on themselves.
    let tags: [(u16, &[u32]); 2] = [(256, &[16]), (330, &[8])];
    let first = tiff_of(&tags, 8 + 2 + 24 + 4, &[]);
    let second = &tiff_of(&[(256, &[16])], 8, &[])[8..];
    assert_eq!(refused("a circle", &[&first, second].concat()), ErrorKind::Decode);
    // A thousand directories that each name the same million inner ones.
    let places: Vec<u32> = (0..1_000_000).map(|k| 8 + k % 97).collect();
    let mut file = tiff_of(&[(330, &places)], 0, &[]);
    for k in 0..2000_u32 {
        let at = file.len() as u32;
        file[22..26].copy_from_slice(&at.to_le_bytes());
        let mut one = tiff_of(&[(330, &places[..1])], if k < 1999 { at + 18 } else { 0 }, &[]).split_off(8);
        one[6..10].copy_from_slice(&1_000_000_u32.to_le_bytes());
        one[10..14].copy_from_slice(&26_u32.to_le_bytes());
        file.extend(one);
    }
    file[22..26].copy_from_slice(&(26 + 4_000_000_u32).to_le_bytes());
    refused("a forest", &file);
    let mut big = b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
    big.extend([0xff; 64]);
    assert_eq!(refused("2⁶⁴ tags", &big), ErrorKind::Decode);
}

#[test]
fn tiff_that_promises_too_much_is_refused() {
    let kind = |name: &str, file: &[u8]| refused(name, file);
    assert_eq!(kind("4 billion square", &page(u32::MAX, 8, 1, 1, &[])), ErrorKind::TooLarge);
    assert_eq!(kind("65,535 square", &page(65_535, 8, 1, 1, &[])), ErrorKind::TooLarge);
    for (bits, samples) in [(0, 1), (65, 1), (u32::MAX, 1), (8, 0), (8, 1025), (8, u32::MAX)] {
        assert_eq!(kind("samples", &page(16, bits, samples, 1, &[0; 256])), ErrorKind::Decode);
    }
    assert_eq!(kind("a thousand samples", &page(8000, 64, 1024, 8, &zlib(1 << 20))), ErrorKind::TooLarge);
    assert_eq!(kind("64 bit", &page(8000, 64, 1, 8, &zlib(1 << 20))), ErrorKind::TooLarge);
    // Bombs: the strip unpacks to more than it should, to less, or without end.
    let zstd = zstd_of_zeros(1 << 30);
    let lzw = {
        let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
        encoder.encode(&vec![0; 256 << 20]).unwrap()
    };
    let packbits = [0x81, 0].repeat(4 << 20);
    for (name, compression, data) in [
        ("deflate", 8, zlib(1 << 30)),
        ("zstd", 50_000, zstd),
        ("lzw", 5, lzw),
        ("packbits", 32_773, packbits),
    ] {
        assert_eq!(contained(name, &page(16, 8, 1, compression, &data)).unwrap(), [16, 16], "{name}");
        assert_eq!(contained(name, &page(8000, 8, 1, compression, &data)).unwrap(), [8000, 8000], "{name}");
        assert_eq!(contained(name, &page(8000, 16, 1, compression, &data)).unwrap(), [8000, 8000], "{name}");
        assert_eq!(contained(name, &page(8000, 8, 3, compression, &data)).unwrap(), [8000, 8000], "{name}");
        assert_eq!(kind(name, &page(8000, 8, 3, compression, &data[..99])), ErrorKind::Decode, "{name}");
        assert_eq!(kind(name, &page(8000, 16, 3, compression, &data)), ErrorKind::TooLarge, "{name}");
        for bits in [16, 32] {
            let _ = contained(name, &page(5600, bits, 1, compression, &data));
        }
    }
    // A frame of Zstandard that wants a window of terabytes.
    let window = [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff][..], &[0; 64]].concat();
    assert_eq!(kind("a window", &page(100, 8, 1, 50_000, &window)), ErrorKind::Decode);
}

/// A Zstandard frame of blocks that repeat a byte.
fn zstd_of_zeros(count: usize) -> Vec<u8> {
    const BLOCK: usize = 128 << 10;
    // No checksum, no size, a window of 128 kB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3];
    for k in 0..count / BLOCK {
        let is_last = u32::from(k + 1 == count / BLOCK);
        frame.extend(&((BLOCK as u32) << 3 | 1 << 1 | is_last).to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

/// A grey JPEG of one colour.
fn jpeg_of(side: usize) -> Vec<u8> {
    let (gray, s444) = (libjpeg_turbo_rs::PixelFormat::Grayscale, libjpeg_turbo_rs::Subsampling::S444);
    libjpeg_turbo_rs::compress(&vec![9; side * side], side, side, gray, 80, s444).unwrap()
}

#[test]
fn tiff_tiles_and_strips_that_lie_are_contained() {
    let tiled = |side: u32, tile: u32, compression: u32, offsets: &[u32], data: &[u8]| {
        let counts = vec![data.len() as u32; offsets.len()];
        let tags: [(u16, &[u32]); 9] = [
            (256, &[side]),
            (257, &[side]),
            (258, &[8]),
            (259, &[compression]),
            (262, &[1]),
            (322, &[tile]),
            (323, &[tile]),
            (324, offsets),
            (325, &counts),
        ];
        tiff_of(&tags, 0, data)
    };
    assert_eq!(refused("a tile for 16 million", &tiled(4000, 1, 1, &[8], &[])), ErrorKind::TooLarge);
    assert_eq!(refused("tiles of no size", &tiled(16, 0, 1, &[8], &[])), ErrorKind::Decode);
    assert_eq!(refused("a tile of 4 billion", &tiled(16, u32::MAX, 1, &[8], &[])), ErrorKind::TooLarge);
    assert_eq!(refused("beyond the file", &tiled(16, 16, 1, &[u32::MAX], &[])), ErrorKind::Decode);
    assert_eq!(refused("beyond the end", &tiled(32, 16, 1, &[8, 8, 8, 900_000], &[])), ErrorKind::Decode);
    // All tiles from the same place: a film, if there are not too many.
    let packed = zlib(256);
    let shared = |side: u32| {
        let count = (side / 16).pow(2) as usize;
        let head = tiled(side, 16, 8, &vec![0; count], &packed).len() - packed.len();
        tiled(side, 16, 8, &vec![head as u32; count], &packed)
    };
    assert_eq!(contained("122,500 tiles", &shared(5600)).unwrap(), [5600, 5600]);
    // The same where what they share is long and unpacks to almost nothing.
    let end_of_tile = [0x81, 0x40, 0x81, 0x40];
    for (name, compression, data) in [
        ("runs of no bytes", 32_773, [&[0x80; 1 << 20][..], &end_of_tile].concat()),
        ("stored blocks of no bytes", 8, [&b"\x78\x01"[..], &[0, 0, 0, 0xff, 0xff].repeat(1 << 18)].concat()),
        ("Zstandard blocks of no bytes", 50_000, [&zstd_of_zeros(0)[..], &[0; 3 << 18]].concat()),
        ("whole tiles, and what follows them", 1, vec![7; 1 << 20]),
        (
            "a JPEG with a comment",
            7,
            [&b"\xff\xd8\xff\xfe\xff\xff"[..], &[0; 65_533], &jpeg_of(16)[2..]].concat(),
        ),
    ] {
        let count = (5600_usize / 16).pow(2);
        let head = tiled(5600, 16, compression, &vec![0; count], &data).len() - data.len();
        let file = tiled(5600, 16, compression, &vec![head as u32; count], &data);
        match contained(name, &file) {
            Ok(size) => assert_eq!((compression, size), (1, [5600, 5600]), "{name}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Decode, "{name}"),
        }
    }
    assert_eq!(refused("250,000 tiles", &shared(8000)), ErrorKind::TooLarge);
    assert_eq!(refused("tiles of a pixel", &tiled(4000, 1, 1, &vec![8; 1 << 20], &[])), ErrorKind::TooLarge);
    // JPEG in tiles, each of which is much larger than a tile.
    let jpeg = libjpeg_turbo_rs::compress(
        &vec![9; 65_000 * 16],
        65_000,
        16,
        libjpeg_turbo_rs::PixelFormat::Grayscale,
        80,
        libjpeg_turbo_rs::Subsampling::S444,
    )
    .unwrap();
    let head = tiled(4000, 16, 7, &vec![0; 250 * 250], &jpeg).len() - jpeg.len();
    let wide = tiled(4000, 16, 7, &vec![head as u32; 250 * 250], &jpeg);
    assert_eq!(refused("tiles that are too large", &wide), ErrorKind::Decode);
}

/// Blocks without bytes take their time too.
#[test]
fn deflate_of_a_million_empty_blocks_is_refused() {
    // Fixed codes, the end: ten bits, four of which fill five bytes.
    let empty = [0x02, 0x08, 0x20, 0x80, 0x00].repeat(2 << 20);
    let strip = [b"\x78\x01", &empty[..]].concat();
    assert_eq!(refused("a TIFF of empty blocks", &page(8000, 8, 1, 8, &strip)), ErrorKind::Decode);
    let meta = File { syntax: dicom::DEFLATED, elements: Vec::new() }.meta();
    assert_eq!(refused("a DICOM film of empty blocks", &[&meta[..], &empty].concat()), ErrorKind::Decode);
    // Codes of their own for each block: 4 MB of them, in a PNG.
    let own = [0x04, 0xc1, 0x81, 0x08, 0, 0, 0, 0, 0xa0, 0xfd, 0xa9, 0xff].repeat(350_000);
    let stream = [(b"IDAT", [b"\x78\x01", &own[..]].concat())];
    assert_eq!(refused("a PNG of empty blocks", &png(2000, 2000, 8, 0, 0, &stream)), ErrorKind::Decode);
}

#[test]
fn zstandard_of_a_million_tiny_blocks_is_refused() {
    let blocks = |count: usize| {
        // Two bytes that are the same, in four.
        let mut frame = zstd_of_zeros(0);
        frame.extend([2 << 3 | 1 << 1, 0, 0, 7].repeat(count));
        let last = frame.len() - 4;
        frame[last] |= 1;
        frame
    };
    let side = |side: u32, count: usize| page(side, 8, 1, 50_000, &blocks(count));
    assert_eq!(contained("125,000 blocks", &side(500, 125_000)).unwrap(), [500, 500]);
    assert_eq!(refused("320,000 blocks", &side(800, 320_000)), ErrorKind::Decode);
}

/// Lengths that the file does not say are those to the next strip: the strips of a film do not lie over each other.
#[test]
fn tiff_without_lengths_of_strips_is_a_film() {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut file)
        .unwrap()
        .with_compression(tiff::encoder::Compression::Deflate(tiff::encoder::DeflateLevel::Fast));
    let noise: Vec<u16> =
        (0..12_000_000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 20 & 0xfff) as u16).collect();
    encoder.write_image::<tiff::encoder::colortype::Gray16>(4000, 3000, &noise).unwrap();
    let mut file = file.into_inner();
    // The tag becomes a private one.
    let counts = [279_u16.to_le_bytes(), 4_u16.to_le_bytes()].concat();
    let at = file.windows(4).rposition(|bytes| bytes == counts).expect("the tag is there");
    file[at..at + 2].copy_from_slice(&60_000_u16.to_le_bytes());
    assert_eq!(contained("without lengths", &file).unwrap(), [4000, 3000]);
}

#[test]
fn jpeg_that_promises_too_much_is_contained() {
    let (_, baseline) = files().swap_remove(5);
    let (_, progressive) = files().swap_remove(6);
    for (name, file) in [("baseline", &baseline), ("progressive", &progressive)] {
        for (columns, rows) in [(65_500, 65_500), (65_535, 65_535)] {
            assert_eq!(refused(name, &with_size(file, columns, rows)), ErrorKind::TooLarge, "{name}");
        }
        let _ = contained(&format!("{name} of 8000 square"), &with_size(file, 8000, 8000));
        assert!(refused(name, &with_size(file, 61, 0)) == ErrorKind::Decode, "no DNL segment");
        let with_dnl = |rows: u16| {
            let mut file = with_size(file, 61, 0);
            file.truncate(file.len() - 2);
            [&file[..], &[0xff, 0xdc, 0, 4], &rows.to_be_bytes(), &[0xff, 0xd9]].concat()
        };
        let _ = contained("DNL", &with_dnl(47));
        let _ = contained("DNL of 65,535", &with_dnl(65_535));
    }
    // The last scan of a large progressive file, thousands of times.
    let scans = |count: usize| {
        let scan = progressive.windows(2).rposition(|two| two == [0xff, 0xda]).unwrap();
        let end = progressive.len() - 2;
        let mut bomb = with_size(&progressive, 8000, 8000)[..end].to_vec();
        bomb.extend(progressive[scan..end].repeat(count));
        bomb.extend([0xff, 0xd9]);
        bomb
    };
    let _ = contained("50 scans", &scans(50));
    assert_eq!(refused("5000 scans", &scans(5000)), ErrorKind::TooLarge);
}

#[test]
fn large_pictures_of_small_streams_are_contained() {
    // JPEG-LS: a run to the end of each line is one bit, and all bits are set.
    let jpeg_ls = |columns: u16, rows: u16, precision: u8| {
        let mut stream = vec![0xff, 0xd8, 0xff, 0xf7, 0, 11, precision];
        stream.extend([rows.to_be_bytes(), columns.to_be_bytes()].concat());
        stream.extend([1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0]);
        stream.extend([0xff, 0x7f].repeat(20_000));
        stream.extend([0xff, 0xd9]);
        stream
    };
    for precision in [8, 12, 16] {
        let film = jpeg_ls(8000, 8000, precision);
        assert_eq!(contained("JPEG-LS of 40 kB", &film).unwrap(), [8000, 8000], "{precision} bit");
    }
    assert_eq!(refused("JPEG-LS of 65,535 square", &jpeg_ls(65_535, 65_535, 8)), ErrorKind::TooLarge);
    // Lossless JPEG with one bit per sample.
    let lossless = |precision: u8, components: u8| {
        let mut stream = vec![0xff, 0xd8, 0xff, 0xc4, 0, 20, 0, 1];
        stream.extend([0; 16]);
        stream.extend([0xff, 0xc3, 0, 8 + 3 * components, precision]);
        stream.extend([8000_u16.to_be_bytes(), 8000_u16.to_be_bytes()].concat());
        stream.push(components);
        (1..=components).for_each(|id| stream.extend([id, 0x11, 0]));
        stream.extend([0xff, 0xda, 0, 6 + 2 * components, components]);
        (1..=components).for_each(|id| stream.extend([id, 0]));
        stream.extend([1, 0, 0]);
        stream.resize(stream.len() + 8_000_000 * usize::from(components), 0);
        stream.extend([0xff, 0xd9]);
        stream
    };
    assert_eq!(contained("lossless JPEG", &lossless(12, 1)).unwrap(), [8000, 8000]);
    assert_eq!(refused("lossless JPEG in colour", &lossless(8, 3)), ErrorKind::TooLarge);
    let mut cut = lossless(16, 1);
    cut.truncate(1000);
    assert_eq!(refused("lossless JPEG, cut", &cut), ErrorKind::Decode);
    // A JPEG 2000 stream without coded data is grey, whatever its size. It is legal: encoders write flat pictures like
    // this.
    for (side, is_high_throughput) in [3000, 5600].into_iter().flat_map(|side| [(side, false), (side, true)])
    {
        let name = format!("flat JPEG 2000 of {side} square");
        let flat = flat_jpeg2000(side, is_high_throughput);
        assert!(flat.len() < 150);
        assert_eq!(contained(&name, &flat).unwrap(), [side as usize; 2], "{name}");
        assert!(
            matches!(decode(&flat).unwrap().samples, Samples::U8(grey) if grey.iter().all(|&v| v == 128))
        );
    }
    for name in ["jpeg2000_16.j2k", "htj2k_16.j2k", "jpeg2000_8.j2k", "htj2k_8.j2k"] {
        let stream = std::fs::read(format!("tests/goldens/codec/{name}")).unwrap();
        for side in [2000, 5600] {
            let mut stream = with_size(&stream, side, side);
            stream.resize(80_000, 0);
            let _ = contained(&format!("{name} of {side} square"), &stream);
            // The tile-part goes on to the end of the stream.
            let at = stream.windows(2).position(|two| two == [0xff, 0x90]).unwrap();
            stream[at + 6..at + 10].fill(0);
            let _ = contained(&format!("{name} of {side} square, to its end"), &stream);
        }
    }
    // Bitmaps: run lengths that end at once, and sizes that are negative.
    let (_, bmp) = files().swap_remove(2);
    for (width, height) in
        [(60_000_i32, 60_000_i32), (8000, 8000), (-61, 47), (61, i32::MIN), (i32::MAX, i32::MAX)]
    {
        let mut bmp = bmp.clone();
        bmp[18..22].copy_from_slice(&width.to_le_bytes());
        bmp[22..26].copy_from_slice(&height.to_le_bytes());
        for compression in [0, 1, 2, 3] {
            bmp[30] = compression;
            let _ = contained(&format!("BMP of {width} × {height}, {compression}"), &bmp);
        }
    }
    // WebP: a frame header of 16,383 square.
    let (_, webp) = files().swap_remove(4);
    let at = webp.windows(4).position(|four| four == b"VP8L").unwrap() + 9;
    let mut large = webp.clone();
    large[at..at + 4].copy_from_slice(&(16_382_u32 | 16_382 << 14).to_le_bytes());
    assert_eq!(refused("WebP", &large), ErrorKind::TooLarge);
    let size = (8000_u32 - 1) | (8000 - 1) << 14;
    large[at..at + 4].copy_from_slice(&size.to_le_bytes());
    assert_eq!(refused("WebP of 8000 square", &large), ErrorKind::Decode);
}

/// Long codes of large errors, one after the other, which no encoder writes.
#[test]
fn jpeg_ls_of_large_errors_is_contained() {
    let mut state = 7_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    for k in 0..3000 {
        let (precision, near) = ([16, 12, 8][k % 3], if k % 2 == 0 { 0 } else { 100 });
        let mut stream = vec![0xff, 0xd8, 0xff, 0xf7, 0, 11, precision, 0, 64, 0, 64, 1, 1, 0x11, 0];
        // Counts are halved as late as may be.
        stream.extend([0xff, 0xf8, 0, 13, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255]);
        stream.extend([0xff, 0xda, 0, 8, 1, 1, 0, near, 0, 0]);
        // One bit in forty is set.
        stream.extend((0..2000).map(|_| if random() % 5 == 0 { 1 << (random() % 8) } else { 0 }));
        let _ = contained("few bits", &stream);
    }
}

/// A film of a pixel, of a line, of a column, in every format.
#[test]
fn pictures_without_an_inside_are_refused() {
    for (width, height) in [(1, 1), (20_000, 1), (1, 20_000), (15, 16)] {
        let gray = DynamicImage::ImageLuma8(GrayImage::new(width, height));
        let mut files = Vec::new();
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP] {
            let mut bytes = Cursor::new(Vec::new());
            // WebP has no more than 16,384 pixels a side.
            if gray.to_rgb8().write_to(&mut bytes, format).is_ok() {
                files.push((format!("{format:?}"), bytes.into_inner()));
            }
        }
        assert!(files.len() >= 2);
        let (wide, high) = (width as usize, height as usize);
        let encoder = libjpeg_turbo_rs::Encoder::new(
            gray.as_bytes(),
            wide,
            high,
            libjpeg_turbo_rs::PixelFormat::Grayscale,
        );
        files.push(("Jpeg".into(), encoder.encode().unwrap()));
        let mut tiff = Cursor::new(Vec::new());
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut tiff).unwrap();
        encoder.write_image::<tiff::encoder::colortype::Gray8>(width, height, gray.as_bytes()).unwrap();
        files.push(("Tiff".into(), tiff.into_inner()));
        files.push(("Dicom".into(), File::film(wide, high, gray.as_bytes()).bytes()));
        for name in ["jpeg2000_8.j2k", "htj2k_8.j2k", "jpegls_8.jls", "lossless_8.jpg", "extended_12.jpg"] {
            let stream = std::fs::read(format!("tests/goldens/codec/{name}")).unwrap();
            files.push((name.into(), with_size(&stream, width as u16, height as u16)));
        }
        for (name, bytes) in files {
            let kind = refused(&format!("{name} of {width} × {height}"), &bytes);
            assert_eq!(kind, ErrorKind::TooSmall, "{name} of {width} × {height}");
        }
    }
}

/// 20,000 × 10,000 pixels, all present.
#[test]
fn a_jpeg_of_200_megapixels_is_refused() {
    let (width, height) = (20_000, 10_000);
    let jpeg = libjpeg_turbo_rs::compress(
        &vec![90; width * height],
        width,
        height,
        libjpeg_turbo_rs::PixelFormat::Grayscale,
        80,
        libjpeg_turbo_rs::Subsampling::S444,
    )
    .unwrap();
    assert!(jpeg.len() > 1_000_000);
    assert_eq!(refused("200 megapixels", &jpeg), ErrorKind::TooLarge);
    let mut file = film();
    file.size(20_000, 10_000).encapsulated("1.2.840.10008.1.2.4.50", &fragments(&[], &[&jpeg]));
    assert_eq!(refused("200 megapixels in DICOM", &file.bytes()), ErrorKind::TooLarge);
    // The data set says less than the stream.
    file.size(61, 47);
    assert_eq!(refused("200 megapixels of 61 × 47", &file.bytes()), ErrorKind::TooLarge);
}

/// Only the first picture is read, however many there are; frames with false sizes are contained.
#[test]
fn an_animated_webp_is_its_first_picture() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(15);
    let pixels: Vec<u8> = phantom().iter().cycle().take(64 * 64).flat_map(|&v| [v, v, v]).collect();
    let image = DynamicImage::ImageRgb8(RgbImage::from_raw(64, 64, pixels).unwrap());
    let mut webp = Cursor::new(Vec::new());
    image.write_to(&mut webp, ImageFormat::WebP).unwrap();
    let webp = webp.into_inner();
    for frames in [2, 2000] {
        let animated = containers::animated(64, &webp, frames);
        let film = decode(&animated).unwrap();
        assert!(film.provenance.has_more_frames);
        // The library lays the picture over an empty canvas, which may cost one level.
        let (Samples::F64(laid), Samples::U8(still)) = (film.samples, decode(&webp).unwrap().samples) else {
            panic!("a picture on a canvas, and one alone");
        };
        assert_eq!(laid.len(), still.len());
        for (laid, still) in laid.into_iter().zip(still) {
            assert!((laid * 255.0 - f64::from(still)).abs() < 1.01, "{laid} for {still}");
        }
        assert_eq!(contained("animated", &animated).unwrap(), [64, 64]);
    }
    let animated = containers::animated(64, &webp, 2);
    for length in (0..animated.len()).step_by(7) {
        let _ = contained("an animation that is cut", &animated[..length]);
    }
    // The canvas, and the place and size of the first frame.
    for at in (24..30).chain(52..68) {
        for value in [0, 1, 0x7f, 0xff] {
            let mut lying = animated.clone();
            lying[at] = value;
            let _ = contained("an animation that lies", &lying);
        }
    }
    let mut huge = animated.clone();
    huge[24..30].copy_from_slice(&[0x5f, 0xea, 0, 0x5f, 0xea, 0]);
    assert_eq!(refused("a canvas of 60,000 square", &huge), ErrorKind::TooLarge);
    huge[24..30].fill(0xff);
    assert_eq!(refused("a canvas of 16 million square, which no file may have", &huge), ErrorKind::Decode);
    let mut noise = animated;
    for _ in 0..300 {
        let at = random.random_range(12..noise.len());
        noise[at] = random.random();
        let _ = contained("an animation of noise", &noise);
    }
}

/// Every file of the goldens, and films in every encoding.
#[test]
fn every_sample_cut_at_every_tenth_is_contained() {
    let mut samples: Vec<(String, Vec<u8>)> =
        files().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    samples.extend(films().into_iter().map(|(name, file)| (format!("DICOM, {name}"), file.bytes())));
    for (name, syntax, stream) in streams() {
        let mut file = film();
        file.encapsulated(syntax, &fragments(&[], &[&stream]));
        samples.push((format!("{name} in DICOM"), file.bytes()));
    }
    for folder in ["tests/goldens", "tests/goldens/codec", "tests/goldens/rasters"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| path.is_file()) {
            samples.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    }
    assert!(samples.len() > 150);
    for (name, bytes) in samples {
        for tenth in 0..10 {
            let cut = &bytes[..bytes.len() * tenth / 10];
            let outcome = contained(&format!("{name}, {tenth} tenths"), cut);
            assert!(tenth > 1 || outcome.is_err(), "{name}: a tenth of a file is no film");
        }
    }
}

/// The first bytes of every format, followed by random bytes.
#[test]
fn noise_behind_every_magic_is_contained() {
    let mut starts: Vec<Vec<u8>> = files().into_iter().map(|(_, bytes)| bytes).collect();
    starts.extend(streams().into_iter().map(|(_, _, stream)| stream));
    starts.extend(films().into_iter().map(|(_, file)| file.bytes()));
    starts.push(film().data_set().0);
    starts.push(page(64, 8, 1, 8, &zlib(4096)));
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(15);
    let mut refused = 0;
    let rounds = if cfg!(debug_assertions) { 40 } else { 400 };
    for start in &starts {
        for round in 0..rounds {
            let head = [4, 8, 16, 32, 64, 136, 200, 400][round % 8].min(start.len());
            let mut bytes = start[..head].to_vec();
            bytes.resize(head + random.random_range(0..8000), 0);
            random.fill(&mut bytes[head..]);
            refused += usize::from(contained("noise behind a magic", &bytes).is_err());
        }
    }
    assert!(refused * 10 > starts.len() * rounds * 9, "{refused} of {}", starts.len() * rounds);
}

/// 12 bit, band by band and component by component: coefficients of all blocks are held at once.
#[test]
fn deep_jpeg_in_several_scans_is_contained() {
    for name in ["progressive_12.jpg", "spectral_12.jpg", "extended_12.jpg"] {
        let stream = std::fs::read(format!("tests/goldens/codec/{name}")).unwrap();
        for (columns, rows) in [(8000, 8000), (20_000, 3000), (5000, 5000)] {
            let _ = contained(&format!("{name} of {columns} × {rows}"), &with_size(&stream, columns, rows));
        }
    }
}
