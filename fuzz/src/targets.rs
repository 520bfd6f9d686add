//! The fuzz targets and their seeds. `reader` is the library as the surrounding crate names it: the libFuzzer targets
//! beside this file build only the readers, and `tests/fuzz.rs` runs the same targets on any toolchain.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use super::containers::with_checksums;
use super::dicom::{self, File, fragments, item, rle, sequence};
use super::reader::decode::{decode, dicom_tags, is_picture, sniff};
use super::reader::radiograph::{Format, Radiograph, Samples};
use super::reader::{ErrorKind, frame};

/// A target: its name, its run on an input, and its seeds, made from the folder of the goldens.
pub type Target = (&'static str, fn(&[u8]), fn(&Path) -> Vec<Vec<u8>>);

/// All targets that read films. [`model`](super::model), [`tables`](super::tables) and `archive` read other things.
pub const ALL: [Target; 11] = [
    ("sniffer", sniffer, |_| magics()),
    ("dicom", dicom, dicoms),
    ("tiff", tiff, |goldens| read(&goldens.join("rasters"), &["tif"])),
    ("png", png, |goldens| read(&goldens.join("rasters"), &["png"])),
    ("jpeg", jpeg, |goldens| {
        read(&goldens.join("codec"), &["extended_12.jpg"])
            .into_iter()
            .chain(read(goldens, &["jpg"]))
            .collect()
    }),
    ("lossless_jpeg", lossless_jpeg, |goldens| read(&goldens.join("codec"), &["jpg"])),
    ("jpeg_ls", jpeg_ls, |goldens| read(&goldens.join("codec"), &["jls"])),
    ("run_length", run_length, run_lengths),
    ("jpeg2000", jpeg2000, |goldens| read(&goldens.join("codec"), &["j2k", "jp2"])),
    ("any", any, |goldens| {
        let mut all = read(&goldens.join("rasters"), &["bmp", "webp", "no_end.png"]);
        all.extend(dicoms(goldens).into_iter().take(2));
        all
    }),
    ("frame", frame, frames),
];

/// Reads the files of a folder with these endings, except the expected greys.
fn read(folder: &Path, ends: &[&str]) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let is_wanted = |path: &Path| {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        ends.iter().any(|end| name.ends_with(end)) && !name.ends_with(".gray16.png")
    };
    paths.iter().filter(|path| is_wanted(path)).filter_map(|path| std::fs::read(path).ok()).collect()
}

/// Decodes any input: the answer is a complete film or an error.
fn any(data: &[u8]) {
    let _ = is_picture(data);
    if let Ok(film) = decode(data) {
        assert_eq!(film.samples.len(), film.width * film.height);
        if let Samples::F64(samples) = &film.samples {
            assert!(samples.iter().all(|sample| sample.is_finite()));
        }
        if let Some(transparent) = &film.transparent {
            assert_eq!(transparent.len(), film.samples.len());
        }
        if let Some(modality) = &film.modality {
            assert_eq!(modality.values.len(), film.samples.len());
        }
    }
}

fn dicom(data: &[u8]) {
    let is_whole = data.get(128..132) == Some(b"DICM");
    any(data);
    // An input without a preamble gets one, because fuzzing preambles finds little.
    if !is_whole {
        any(&[&[0; 128], &b"DICM"[..], data].concat());
    }
}

fn tiff(data: &[u8]) {
    if data.starts_with(b"II") || data.starts_with(b"MM") {
        any(data);
    } else {
        any(&[b"II*\0", data].concat());
    }
}

/// Repairs the checksums of chunks, because otherwise no code behind them would be reached.
fn png(data: &[u8]) {
    any(data);
    any(&with_checksums(data.to_vec()));
}

/// Runs the decisions by the first bytes, and reads a header without its picture.
fn sniffer(data: &[u8]) {
    let (format, tags) = (sniff(data), dicom_tags(data));
    assert!(tags.is_err() || format.as_ref().is_ok_and(|&format| format == Format::Dicom));
    if let Err(error) = format {
        let kind = error.kind();
        assert!(
            kind == ErrorKind::Empty || kind == ErrorKind::UnsupportedFormat || kind == ErrorKind::TooLarge
        );
    }
    let _ = is_picture(data);
}

/// Adds the start of a JPEG, and the process that this target fuzzes to the frame header.
fn of_process(data: &[u8], processes: &[u8]) {
    if data.len() < 4 {
        return;
    }
    let mut stream = data.to_vec();
    stream[..3].copy_from_slice(b"\xff\xd8\xff");
    let is_frame =
        |two: &[u8]| two[0] == 0xff && matches!(two[1], 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xf7);
    if let Some(at) = stream.windows(2).position(is_frame)
        && !processes.contains(&stream[at + 1])
    {
        stream[at + 1] = processes[0];
    }
    any(&stream);
}

fn jpeg(data: &[u8]) {
    of_process(data, &[0xc0, 0xc1, 0xc2, 0xc9, 0xca]);
}

fn lossless_jpeg(data: &[u8]) {
    of_process(data, &[0xc3]);
}

fn jpeg_ls(data: &[u8]) {
    of_process(data, &[0xf7]);
}

/// Fuzzes JPEG 2000 and, with its marker, HTJ2K.
fn jpeg2000(data: &[u8]) {
    if data.starts_with(b"\xff\x4f") || data.starts_with(b"\0\0\0\x0c") {
        any(data);
    } else {
        any(&[b"\xff\x4f\xff\x51", data].concat());
    }
}

/// Takes size, depth and colours of the film from four bytes, then the frame.
fn run_length(data: &[u8]) {
    let Some((&[width, height, bits, samples], frame)) = data.split_first_chunk() else { return };
    let mut file = File::film(16, 16, &[]);
    file.size(16 + u16::from(width), 16 + u16::from(height));
    let bits = if bits & 1 == 0 { 8 } else { 16 };
    file.word((0x0028, 0x0100), bits).word((0x0028, 0x0101), bits).word((0x0028, 0x0102), bits - 1);
    if samples & 1 == 1 {
        file.word((0x0028, 0x0002), 3).set((0x0028, 0x0004), b"CS", b"RGB ");
    }
    any(&file.encapsulated(dicom::RLE, &fragments(&[], &[frame])).bytes());
}

/// Takes width and height from two bytes each, then rows of samples, repeated as needed.
fn frame(data: &[u8]) {
    let Some((&[width, wide, height, high], samples)) = data.split_first_chunk() else { return };
    let side = |low: u8, high: u8| 16 + usize::from(u16::from_le_bytes([low, high & 3]));
    let (width, height) = (side(width, wide), side(height, high));
    if samples.is_empty() || width * height > 1 << 18 {
        return;
    }
    let samples: Vec<u8> = samples.iter().copied().cycle().take(width * height).collect();
    let mut film = Radiograph::drawn(width, height, Samples::U8(samples));
    if high & 4 != 0 {
        film.transparent =
            Some((0..width * height).map(|k| k % width < 5 || k / width > height / 2).collect());
    }
    let layout = frame::find(&film);
    let areas = layout.certain.iter().chain(&layout.possible).chain(&layout.several);
    for &area in areas {
        assert!(area.width > 0 && area.left + area.width <= width, "{area:?}");
        assert!(area.height > 0 && area.top + area.height <= height, "{area:?}");
        let cropped = frame::cropped(&film, area);
        assert_eq!(cropped.samples.len(), area.width * area.height);
    }
    for area in frame::divisions(&film).concat() {
        assert!(area.left + area.width <= width && area.top + area.height <= height, "{area:?}");
    }
}

/// Small films in every encoding, and with every table.
fn dicoms(goldens: &Path) -> Vec<Vec<u8>> {
    let pixels: Vec<u8> = (0..20 * 18).map(|k| (k % 20 * 12 + k / 20) as u8).collect();
    let film = || File::film(20, 18, &pixels);
    let mut all = vec![film().bytes(), film().data_set().0];
    let mut add = |change: &dyn Fn(&mut File)| {
        let mut file = film();
        change(&mut file);
        all.push(file.bytes());
    };
    add(&|file| file.syntax = dicom::IMPLICIT);
    add(&|file| {
        file.encapsulated(dicom::RLE, &fragments(&[0; 8], &[&dicom::rle_frame(&pixels), &[0x80; 8]]));
        file.set((0x0028, 0x0008), b"IS", b"2 ");
    });
    add(&|file| {
        let table = [
            dicom::element((0x0028, 0x3002), b"US", &[4, 0, 2, 0, 8, 0]),
            dicom::element((0x0028, 0x3006), b"OW", &[1, 0, 9, 0, 90, 0, 200, 0]),
        ]
        .concat();
        file.set((0x0028, 0x3000), b"SQ", &sequence(&table)).set((0x0028, 0x3010), b"SQ", &sequence(&table));
    });
    add(&|file| {
        file.set((0x0028, 0x0004), b"CS", b"PALETTE COLOR ");
        for channel in 0..3 {
            file.words((0x0028, 0x1101 + channel), &[4, 2, 8]).set(
                (0x0028, 0x1201 + channel),
                b"OW",
                &[1, 0, 9, 0, 90, 0, 200, 0],
            );
        }
    });
    add(&|file| {
        file.set((0x0020, 0x0020), b"CS", b"P\\F ").set((0x0028, 0x0034), b"IS", b"3\\2 ");
        file.words((0x0028, 0x0120), &[3]).words((0x0028, 0x0121), &[9]);
        file.set((0x0028, 0x1052), b"DS", b"-10 ")
            .set((0x0028, 0x1053), b"DS", b"1.5 ")
            .word((0x0028, 0x0103), 1);
        let items = [
            item(0xe000, u32::MAX, &dicom::element((0x0008, 0x1150), b"UI", b"1.2 ")),
            item(0xe00d, 0, &[]),
            item(0xe0dd, 0, &[]),
        ];
        file.set_with_length((0x0008, 0x1140), b"SQ", Some(u32::MAX), &items.concat());
    });
    add(&|file| {
        file.size(20, 6).word((0x0028, 0x0002), 3).word((0x0028, 0x0006), 1).set(
            (0x0028, 0x0004),
            b"CS",
            b"YBR_FULL",
        );
        file.size(20, 18).set(dicom::PIXELS, b"OB", &pixels.repeat(3));
    });
    for (name, syntax) in [
        ("jpegls_8.jls", dicom::JPEG_LS),
        ("lossless_8.jpg", "1.2.840.10008.1.2.4.70"),
        ("jpeg2000_8.j2k", "1.2.840.10008.1.2.4.90"),
    ] {
        if let Ok(stream) = std::fs::read(goldens.join("codec").join(name)) {
            let mut file = film();
            all.push(file.encapsulated(syntax, &fragments(&[], &[&stream])).bytes());
        }
    }
    let mut file = film();
    file.syntax = dicom::DEFLATED;
    let packed = miniz_oxide::deflate::compress_to_vec(&file.data_set().0, 6);
    all.push([file.meta(), packed].concat());
    all
}

fn run_lengths(_: &Path) -> Vec<Vec<u8>> {
    let segment = [0x81, 7].repeat(3);
    vec![
        [&[0, 0, 0, 0][..], &rle(&[1, 64], &segment)].concat(),
        [&[4, 2, 1, 0][..], &rle(&[2, 64, 66], &segment)].concat(),
        [&[4, 2, 0, 1][..], &rle(&[3, 64, 66, 64], &segment)].concat(),
        [&[4, 2, 1, 1][..], &rle(&[6, 64, 66, 64, 66, 64, 66], &[1, 2, 3, 0x80, 0xf0, 9].repeat(9))].concat(),
    ]
}

/// Blocks on an even ground, on a varying ground, and in a frame.
fn frames(_: &Path) -> Vec<Vec<u8>> {
    let picture = |value: &dyn Fn(usize, usize) -> u8| {
        let samples: Vec<u8> = (0..48 * 64).map(|k| value(k % 64, k / 64)).collect();
        [&[48, 0, 32, 0][..], &samples].concat()
    };
    let grain = |x: usize, y: usize| (60 + (x * 37 + y * 91) % 97) as u8;
    vec![
        picture(&grain),
        picture(&|x, y| if (9..50).contains(&x) && (6..40).contains(&y) { grain(x, y) } else { 255 }),
        picture(&|x, y| if x % 32 > 4 && x % 32 < 28 && y > 5 { grain(x, y) } else { 0 }),
        picture(&|x, y| if x.min(y).min(63 - x) == 3 { 240 } else { grain(x, y) / 2 }),
        vec![200, 3, 40, 4, 0, 0, 255, 255, 255, 90],
    ]
}

/// The first bytes of every known kind of file.
fn magics() -> Vec<Vec<u8>> {
    let magics: [&[u8]; 16] = [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"\xff\xd8\xff\xf7\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0",
        b"RIFF\x24\0\0\0WEBPVP8L",
        b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x10\0\0\0\x10\0\0\0",
        b"II*\0\x08\0\0\0",
        b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10",
        b"\xff\x4f\xff\x51\0\x29",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"GIF89a\x10\0\x10\0",
        b"\0\0\0\x1cftypavif\0\0\0\0mif1miaf",
        b"\0\0\0\x18ftypmif1\0\0\0\0heic",
        b"\xff\x0a\xfa\x1f",
        b"PK\x03\x04\x14\0",
        b"<?xml version='1.0'?><svg>",
        b"%PDF-1.7",
    ];
    let mut all = magics.map(<[u8]>::to_vec).to_vec();
    let film = File::film(16, 16, &[7; 256]);
    // Complete, without its preamble, and without its meta information.
    all.extend([film.bytes(), film.bytes()[128..].to_vec(), film.data_set().0]);
    all
}
