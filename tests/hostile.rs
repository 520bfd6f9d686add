//! Damaged files: an error or a film, never a panic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Cursor;

use covid_classifier::decode::decode;
use covid_classifier::{ErrorKind, decode::sniff};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use proptest::prelude::*;

/// A small picture in every format that is read.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let film = covid_classifier::phantom::Phantom { width: 61, height: 47, seed: 5 }.draw_u8();
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
        let film = decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((film.width, film.height, film.samples.len()), (61, 47, 61 * 47), "{name}");
    }
}

#[test]
fn every_truncation_is_contained() {
    for (name, bytes) in files() {
        for length in 0..bytes.len() {
            if let Ok(film) = decode(&bytes[..length]) {
                assert_eq!(film.samples.len(), film.width * film.height, "{name} cut at {length}");
            }
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
        let mut bytes = files().swap_remove(file).1;
        for (place, flip) in flips {
            let index = (place * bytes.len() as f64) as usize;
            bytes[index] ^= flip;
        }
        if let Ok(film) = decode(&bytes) {
            prop_assert_eq!(film.samples.len(), film.width * film.height);
        }
    }

    #[test]
    fn noise_is_no_film(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = decode(&bytes);
        prop_assert!(bytes.is_empty() == matches!(sniff(&bytes), Err(error) if error.kind() == ErrorKind::Empty));
    }
}

#[test]
fn a_header_that_promises_too_much_is_refused() {
    // A PNG header of 60,000 × 60,000 pixels with nothing behind it.
    let (_, mut bytes) = files().swap_remove(0);
    bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let crc = {
        // PNG's CRC of the IHDR chunk.
        let mut crc = u32::MAX;
        for &byte in &bytes[12..29] {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            }
        }
        !crc
    };
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(decode(&bytes).unwrap_err().kind(), ErrorKind::TooLarge);
}
