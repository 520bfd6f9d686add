//! Files as aborted transfers, failing disks and malicious people leave them. A seed and a number always give the same
//! file. They are made from phantoms that are encoded here and from the small files of `tests/goldens`.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use std::io::Cursor;
use std::path::Path;

use covid_classifier::phantom::Phantom;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use libjpeg_turbo_rs::{PixelFormat, Subsampling};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::containers::{animated, archive, gif, with_checksums};
use super::dicom::{self, File, fragments};
use super::mutate::mutate;

/// The default seed.
pub const SEED: u64 = 15;

/// An intact file, from which others are made.
pub struct Base {
    /// Its kind in a word.
    pub kind: &'static str,
    pub ending: &'static str,
    pub bytes: Vec<u8>,
}

/// A damaged file.
pub struct Mutated {
    /// Its number, what happened to it, and its ending.
    pub name: String,
    /// The kind of its base.
    pub kind: &'static str,
    pub bytes: Vec<u8>,
}

/// The random generator of one file.
fn random(seed: u64, number: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    random
}

/// A file by its number. All kinds are equally frequent.
pub fn file(bases: &[Base], seed: u64, number: u64) -> Mutated {
    let mut random = random(seed, number);
    let kinds: Vec<&str> = {
        let mut kinds: Vec<&str> = bases.iter().map(|base| base.kind).collect();
        kinds.dedup();
        kinds
    };
    let kind = kinds[number as usize % kinds.len()];
    let of_kind: Vec<&Base> = bases.iter().filter(|base| base.kind == kind).collect();
    let base = of_kind[random.random_range(0..of_kind.len())];
    let other = &bases[random.random_range(0..bases.len())];
    let (way, bytes) = changed(&mut random, base, other);
    Mutated { name: format!("{number:05}-{way}.{}", base.ending), kind: base.kind, bytes }
}

fn changed(random: &mut ChaCha8Rng, base: &Base, other: &Base) -> (&'static str, Vec<u8>) {
    let bytes = &base.bytes;
    let length = bytes.len();
    let range = |random: &mut ChaCha8Rng| {
        let from = random.random_range(0..length);
        from..(from + random.random_range(1..=length.div_ceil(4))).min(length)
    };
    match random.random_range(0..20) {
        0 | 1 => ("tenth", bytes[..length * random.random_range(0..10) / 10].to_vec()),
        2 => ("cut", bytes[..random.random_range(0..length)].to_vec()),
        3 => {
            let mut bytes = bytes.clone();
            let fill = [0, 0xff, random.random()][random.random_range(0..3)];
            bytes[range(random)].fill(fill);
            ("filled", bytes)
        }
        4 => {
            let mut bytes = bytes.clone();
            let changed = range(random);
            random.fill(&mut bytes[changed]);
            ("noise", bytes)
        }
        5 => {
            let mut bytes = bytes.clone();
            bytes.drain(range(random));
            ("gap", bytes)
        }
        6 => {
            // The content of another file behind the first bytes of this one.
            let head = [4, 12, 64, 256][random.random_range(0..4)].min(length);
            let from = head.min(other.bytes.len());
            ("head", [&bytes[..head], &other.bytes[from..]].concat())
        }
        7 => {
            let head = [2, 4, 8, 16, 132, 200][random.random_range(0..6)].min(length);
            let mut bytes = bytes[..head].to_vec();
            bytes.resize(head + random.random_range(0..4000), 0);
            random.fill(&mut bytes[head..]);
            ("magic", bytes)
        }
        8 => {
            let again = &bytes[range(random)];
            ("more", [bytes, again, &other.bytes].concat())
        }
        9 => ("whole", bytes.clone()),
        // A broken film in a whole archive.
        10 if base.kind != "zip" => {
            let film = mutate(random, bytes, &other.bytes);
            ("packed", archive(&[("film", &film), ("film.png", bytes)], random.random()))
        }
        _ => {
            let mutated = mutate(random, bytes, &other.bytes);
            // Wrong checksums would keep the decoder from what is behind them.
            let is_mended = base.kind == "png" && random.random();
            ("changed", if is_mended { with_checksums(mutated) } else { mutated })
        }
    }
}

const SIDE: usize = 96;

/// All of them, those of a kind side by side. `root` is the repository.
pub fn bases(root: &Path) -> Vec<Base> {
    let film = Phantom { width: SIDE, height: SIDE, seed: 37 }.draw_u8();
    let (side, golden) =
        (SIDE as u32, |name: &str| std::fs::read(root.join("tests/goldens").join(name)).unwrap());
    let gray = DynamicImage::ImageLuma8(GrayImage::from_raw(side, side, film.clone()).unwrap());
    let rgb: Vec<u8> = film.iter().flat_map(|&v| [v, v / 2, 255 - v]).collect();
    let rgb = DynamicImage::ImageRgb8(RgbImage::from_raw(side, side, rgb).unwrap());
    let encode = |image: &DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    let mut all = Vec::new();
    let mut add = |kind, ending, bytes| all.push(Base { kind, ending, bytes });
    let large = Phantom { width: 700, height: 640, seed: 37 }.draw_u8();
    let large = DynamicImage::ImageLuma8(GrayImage::from_raw(700, 640, large).unwrap());
    add("png", "png", encode(&large, ImageFormat::Png));
    for image in [gray.clone(), rgb.clone(), gray.to_rgba8().into(), gray.to_luma16().into()] {
        add("png", "png", encode(&image, ImageFormat::Png));
    }
    add("png", "png", golden("palette.png"));
    add("png", "png", golden("rasters/surround.png"));

    let jpeg = |image: &DynamicImage, format, is_progressive| {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let encoder = libjpeg_turbo_rs::Encoder::new(image.as_bytes(), width, height, format);
        encoder.subsampling(Subsampling::S420).progressive(is_progressive).encode().unwrap()
    };
    add("jpeg", "jpg", jpeg(&large, PixelFormat::Grayscale, false));
    add("jpeg", "jpg", jpeg(&gray, PixelFormat::Grayscale, true));
    add("jpeg", "jpg", jpeg(&rgb, PixelFormat::Rgb, false));
    add("jpeg", "jpg", jpeg(&rgb, PixelFormat::Rgb, true));
    for name in ["extended_12.jpg", "progressive_12.jpg", "lossless_8.jpg", "lossless_16.jpg"] {
        add("jpeg", "jpg", golden(&format!("codec/{name}")));
    }
    for name in ["jpegls_8.jls", "jpegls_16.jls", "near_8.jls", "jpegls_color_line.jls"] {
        add("jpeg-ls", "jls", golden(&format!("codec/{name}")));
    }
    for name in ["jpeg2000_8.jp2", "jpeg2000_16.j2k", "lossy_8.j2k", "htj2k_8.j2k", "lossy_htj2k_8.j2k"] {
        add("jpeg2000", "jp2", golden(&format!("codec/{name}")));
    }

    let webp = encode(&rgb, ImageFormat::WebP);
    add("webp", "webp", animated(side, &webp, 3));
    add("webp", "webp", webp);
    add("webp", "webp", encode(&gray.to_rgba8().into(), ImageFormat::WebP));
    add("webp", "webp", golden("rasters/surround.webp"));

    for name in [
        "gray8_lzw.tif",
        "gray8_deflate_tiled.tif",
        "gray8_packbits.tif",
        "gray8_zstd.tif",
        "gray12.tif",
        "gray16_bigtiff_little.tif",
        "float32_predicted_big.tif",
        "float64.tif",
        "int16.tif",
        "jpeg_ycbcr_tiles.tif",
        "palette_color.tif",
        "pyramid.tif",
        "rgb8_planes.tif",
        "white_is_zero.tif",
    ] {
        add("tiff", "tif", golden(&format!("rasters/{name}")));
    }
    for image in [&gray, &rgb] {
        add("bmp", "bmp", encode(image, ImageFormat::Bmp));
    }
    add("bmp", "bmp", golden("rasters/gray8.bmp"));
    // The program leaves it to the browser.
    add("gif", "gif", gif(SIDE as u16, &film));

    for bytes in dicoms(&film, &golden) {
        add("dicom", "dcm", bytes);
    }

    let (png, dicom) = (encode(&gray, ImageFormat::Png), File::film(SIDE, SIDE, &film).bytes());
    let films: [(&str, &[u8]); 4] =
        [("ward/a.png", &png), ("ward/IM0001", &dicom), ("letter.txt", b"Dear colleague"), ("ward/", b"")];
    add("zip", "zip", archive(&films, true));
    add("zip", "zip", archive(&films, false));
    all
}

/// Films in every encoding.
fn dicoms(film: &[u8], golden: &dyn Fn(&str) -> Vec<u8>) -> Vec<Vec<u8>> {
    let plain = || File::film(SIDE, SIDE, film);
    let mut files = vec![plain().bytes(), plain().data_set().0];
    let mut implicit = plain();
    implicit.syntax = dicom::IMPLICIT;
    files.push(implicit.bytes());
    let mut deflated = plain();
    deflated.syntax = dicom::DEFLATED;
    files.push([deflated.meta(), miniz_oxide::deflate::compress_to_vec(&deflated.data_set().0, 6)].concat());
    files.push(plain().encapsulated(dicom::RLE, &fragments(&[], &[&dicom::rle_frame(film)])).bytes());
    let mut deep = plain();
    let words: Vec<u8> = film.iter().flat_map(|&v| (u16::from(v) << 4).to_le_bytes()).collect();
    deep.word((0x0028, 0x0100), 16).word((0x0028, 0x0101), 12).word((0x0028, 0x0102), 11);
    deep.set((0x0028, 0x0004), b"CS", b"MONOCHROME1 ").set(dicom::PIXELS, b"OW", &words);
    files.push(deep.bytes());
    let mut floats = plain();
    floats.elements.retain(|element| element.0 != dicom::PIXELS);
    let values: Vec<u8> = film.iter().flat_map(|&v| (f32::from(v) * 9.5 - 1024.0).to_le_bytes()).collect();
    files.push(floats.set((0x7fe0, 0x0008), b"OF", &values).bytes());
    for (name, syntax) in [
        ("lossless_16.jpg", "1.2.840.10008.1.2.4.70"),
        ("extended_12.jpg", "1.2.840.10008.1.2.4.51"),
        ("jpegls_16.jls", dicom::JPEG_LS),
        ("jpeg2000_16.j2k", "1.2.840.10008.1.2.4.90"),
        ("htj2k_8.j2k", "1.2.840.10008.1.2.4.201"),
    ] {
        let stream = golden(&format!("codec/{name}"));
        let (mut file, size) = (plain(), if name.contains("_8") { 8 } else { 16 });
        file.size(61, 47).word((0x0028, 0x0100), size);
        file.word((0x0028, 0x0101), size).word((0x0028, 0x0102), size - 1);
        files.push(file.encapsulated(syntax, &fragments(&[], &[&stream])).bytes());
    }
    files
}
