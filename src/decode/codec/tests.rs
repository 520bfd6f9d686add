//! Every codec against what independent tools made (`tests/reference/make_codec_goldens.py`), and against damage.

use proptest::prelude::*;

use super::*;
use crate::radiograph::{Format, Samples};

macro_rules! golden {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../tests/goldens/codec/", $name)).as_slice())
    };
}

const SIZE: (usize, usize) = (61, 47);

type Golden = (&'static str, &'static [u8]);

/// What has to come out bit by bit, and what it is then.
const LOSSLESS: [(Golden, Golden, u32); 21] = [
    (golden!("lossless_8.jpg"), golden!("picture_8.u16"), 8),
    (golden!("lossless_12.jpg"), golden!("picture_12.u16"), 12),
    (golden!("lossless_16.jpg"), golden!("picture_16.u16"), 16),
    (golden!("lossless_predictor_2.jpg"), golden!("picture_16.u16"), 16),
    (golden!("lossless_predictor_3.jpg"), golden!("picture_16.u16"), 16),
    (golden!("lossless_predictor_4.jpg"), golden!("picture_16.u16"), 16),
    (golden!("lossless_predictor_5.jpg"), golden!("picture_16.u16"), 16),
    (golden!("lossless_predictor_6.jpg"), golden!("picture_16.u16"), 16),
    (golden!("lossless_predictor_7.jpg"), golden!("picture_16.u16"), 16),
    (golden!("jpegls_8.jls"), golden!("picture_8.u16"), 8),
    (golden!("jpegls_12.jls"), golden!("picture_12.u16"), 12),
    (golden!("jpegls_16.jls"), golden!("picture_16.u16"), 16),
    (golden!("near_8.jls"), golden!("near_8.jls.u16"), 8),
    (golden!("near_16.jls"), golden!("near_16.jls.u16"), 16),
    (golden!("jpeg2000_8.j2k"), golden!("picture_8.u16"), 8),
    (golden!("jpeg2000_8.jp2"), golden!("picture_8.u16"), 8),
    (golden!("jpeg2000_12.j2k"), golden!("picture_12.u16"), 12),
    (golden!("jpeg2000_16.j2k"), golden!("picture_16.u16"), 16),
    (golden!("htj2k_8.j2k"), golden!("picture_8.u16"), 8),
    // As imagecodecs writes them, the depth is that of the type.
    (golden!("htj2k_12.j2k"), golden!("picture_12.u16"), 16),
    (golden!("htj2k_16.j2k"), golden!("picture_16.u16"), 16),
];

/// What may differ by so many levels, as decoders may round: one, but two of 65,536.
const LOSSY: [(Golden, Golden, u16); 6] = [
    (golden!("extended_12.jpg"), golden!("extended_12.jpg.u16"), 1),
    (golden!("spectral_12.jpg"), golden!("spectral_12.jpg.u16"), 1),
    (golden!("progressive_12.jpg"), golden!("progressive_12.jpg.u16"), 1),
    (golden!("lossy_8.j2k"), golden!("lossy_8.j2k.u16"), 1),
    (golden!("lossy_16.j2k"), golden!("lossy_16.j2k.u16"), 2),
    (golden!("lossy_htj2k_8.j2k"), golden!("lossy_htj2k_8.j2k.u16"), 1),
];

const COLOR: [Golden; 3] =
    [golden!("jpegls_color_plane.jls"), golden!("jpegls_color_line.jls"), golden!("jpegls_color_pixel.jls")];

fn values((_, bytes): Golden) -> Vec<u16> {
    bytes.chunks_exact(2).map(|word| u16::from_le_bytes([word[0], word[1]])).collect()
}

fn decoded(bytes: &[u8]) -> Result<Coded> {
    if jpeg2000::is_jpeg2000(bytes) { jpeg2000::decode(bytes) } else { jpeg::decode(bytes, false) }
}

#[test]
fn what_is_lossless_is_exact() {
    for ((name, bytes), expected, bits) in LOSSLESS {
        let coded = decoded(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((coded.width, coded.height, coded.components), (SIZE.0, SIZE.1, 1), "{name}");
        assert_eq!(coded.bits, bits, "{name}");
        assert!(coded.samples == values(expected), "{name}");
    }
    for (name, bytes) in COLOR {
        let coded = decoded(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(coded.components, 3);
        assert!(coded.samples == values(golden!("color.u16")), "{name}");
    }
}

#[test]
fn what_is_lossy_is_within_rounding() {
    for ((name, bytes), expected, most) in LOSSY {
        let coded = decoded(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = values(expected);
        assert_eq!(coded.samples.len(), expected.len());
        let furthest = coded.samples.iter().zip(&expected).map(|(ours, theirs)| ours.abs_diff(*theirs)).max();
        assert!(furthest <= Some(most), "{name}: {furthest:?}");
    }
}

/// Huffman codes find their way back after an error, and what is decoded has more or fewer samples, or impossible ones.
#[test]
fn damage_in_a_lossless_scan_is_seen() {
    let (_, whole) = golden!("lossless_12.jpg");
    let scan = whole.windows(2).position(|two| two == [0xff, 0xda]).unwrap() + 14;
    let is_seen = |places: &mut dyn Iterator<Item = usize>, flip: u8| {
        let mut damaged = whole.to_vec();
        places.for_each(|at| damaged[at] ^= flip);
        let error = decoded(&damaged).err();
        assert!(error.as_ref().is_none_or(|error| error.kind() == ErrorKind::Decode));
        error.is_some()
    };
    let end = whole.len() - 2;
    // Of one byte: most bits are of a difference, and a difference may be any.
    let places: Vec<usize> = (scan..end).step_by(7).collect();
    let seen = places.iter().filter(|&&at| is_seen(&mut std::iter::once(at), 0x10)).count();
    assert!(seen * 10 > places.len() * 2, "{seen} of {}", places.len());
    // Of many bytes.
    let seen = (0..40).filter(|k| is_seen(&mut (scan + k..end).step_by(60), 0x81)).count();
    assert!(seen > 38, "{seen} of 40");
    // More than the picture has.
    let mut longer = whole.to_vec();
    longer.splice(end..end, [0x12; 3]);
    assert!(decoded(&longer).is_err());
    // What fills up the data is no damage.
    let mut filled = whole.to_vec();
    filled.splice(end..end, [0]);
    assert!(decoded(&filled).is_ok());
}

#[test]
fn they_are_films_of_their_own() {
    let of = |(_, bytes): Golden| {
        let film = crate::decode::decode(bytes).unwrap();
        (film.provenance.format, film.samples)
    };
    let eight = Samples::U8(values(golden!("picture_8.u16")).iter().map(|&value| value as u8).collect());
    let sixteen = Samples::U16(values(golden!("picture_16.u16")));
    let twelve = values(golden!("picture_12.u16")).iter().map(|&value| f64::from(value) / 4095.0).collect();
    assert!(of(golden!("lossless_8.jpg")) == (Format::Jpeg, eight.clone()));
    assert!(of(golden!("lossless_12.jpg")) == (Format::Jpeg, Samples::F64(twelve)));
    assert!(of(golden!("jpegls_8.jls")) == (Format::JpegLs, eight.clone()));
    assert!(of(golden!("jpegls_16.jls")) == (Format::JpegLs, sixteen.clone()));
    assert!(of(golden!("jpeg2000_8.jp2")) == (Format::Jpeg2000, eight));
    assert!(of(golden!("htj2k_16.j2k")) == (Format::Jpeg2000, sixteen));
    assert_eq!(of(golden!("extended_12.jpg")).0, Format::Jpeg);
}

/// A file whose height is not in its frame header but in a DNL segment after the scan.
fn with_dnl(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let frame = bytes.windows(2).position(|two| matches!(two, [0xff, 0xc0..=0xc3])).unwrap();
    let height = [bytes[frame + 5], bytes[frame + 6]];
    bytes[frame + 5..frame + 7].fill(0);
    let end = bytes.len() - 2;
    assert_eq!(bytes[end..], [0xff, 0xd9]);
    let segment = [0xff, 0xdc, 0, 4, height[0], height[1]];
    bytes.splice(end..end, segment);
    bytes
}

#[test]
fn the_height_may_come_after_the_scan() {
    let (_, lossless) = golden!("lossless_16.jpg");
    assert!(decoded(&with_dnl(lossless)).unwrap().samples == values(golden!("picture_16.u16")));
    let film = crate::phantom::Phantom { width: 64, height: 48, seed: 3 }.draw_u8();
    let gray = libjpeg_turbo_rs::PixelFormat::Grayscale;
    let plain =
        libjpeg_turbo_rs::compress(&film, 64, 48, gray, 90, libjpeg_turbo_rs::Subsampling::S444).unwrap();
    let read = |bytes: &[u8]| crate::decode::decode(bytes).unwrap();
    assert!(read(&with_dnl(&plain)) == read(&plain));
    let without = &with_dnl(&plain)[..100];
    assert_eq!(crate::decode::decode(without).unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn three_channels_without_a_word_are_what_the_file_around_says() {
    let rgb: Vec<u8> = (0..32 * 32).flat_map(|k| [200, (k % 32) as u8, 40]).collect();
    let bytes = libjpeg_turbo_rs::compress(
        &rgb,
        32,
        32,
        libjpeg_turbo_rs::PixelFormat::Rgb,
        95,
        libjpeg_turbo_rs::Subsampling::S444,
    );
    let bytes = bytes.unwrap();
    // Without its JFIF segment.
    assert_eq!(bytes[2..4], [0xff, 0xe0]);
    let length = usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
    let bare = [&bytes[..2], &bytes[4 + length..]].concat();
    let converted = jpeg::decode(&bare, false).unwrap();
    let stored = jpeg::decode(&bare, true).unwrap();
    assert!(converted.samples[0].abs_diff(200) < 4, "red");
    // What was stored is the luminance of (200, 0, 40).
    assert!(stored.samples[0].abs_diff(64) < 4, "{}", stored.samples[0]);
}

#[test]
fn what_promises_too_much_is_refused() {
    for ((name, bytes), _, _) in LOSSLESS {
        let mut bytes = bytes.to_vec();
        if jpeg2000::is_jpeg2000(&bytes) {
            let at = bytes.windows(2).position(|two| two == [0xff, 0x51]).unwrap();
            bytes[at + 6..at + 14].fill(0x7f);
        } else {
            let at = bytes.windows(2).position(|two| matches!(two, [0xff, 0xc3 | 0xf7])).unwrap();
            bytes[at + 5..at + 9].fill(0xff);
        }
        assert_eq!(decoded(&bytes).map(|_| ()).unwrap_err().kind(), ErrorKind::TooLarge, "{name}");
    }
}

/// T.81 allows a scan for each component without any progression: here the same one three times, as red, green and blue.
#[test]
fn components_of_12_bit_in_scans_of_their_own_are_named() {
    let (_, gray) = golden!("extended_12.jpg");
    let frame = gray.windows(2).position(|two| two == [0xff, 0xc1]).unwrap();
    let scan = gray.windows(2).position(|two| two == [0xff, 0xda]).unwrap();
    let component = [gray[frame + 10], gray[frame + 11], gray[frame + 12]];
    let mut file = b"\xff\xd8\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0".to_vec();
    file.extend(&gray[2..frame]);
    file.extend([0xff, 0xc1, 0, 17]);
    file.extend(&gray[frame + 4..frame + 9]);
    file.push(3);
    (1..=3).for_each(|id| file.extend([id, component[1], component[2]]));
    file.extend(&gray[frame + 13..scan]);
    for id in 1..=3 {
        let mut one = gray[scan..gray.len() - 2].to_vec();
        one[5] = id;
        file.extend(one);
    }
    file.extend([0xff, 0xd9]);
    let error = decoded(&file).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedFormat, "{error}");
    assert!(
        error.to_string().contains("a scan for each colour is not read: export the film as PNG"),
        "{error}"
    );
}

/// Sixty-five scans more: each would visit all blocks.
#[test]
fn scans_of_12_bit_are_bounded() {
    let (_, bytes) = golden!("progressive_12.jpg");
    let at = bytes.windows(2).rposition(|two| two == [0xff, 0xda]).unwrap();
    let end = bytes.len() - 2;
    let many = [&bytes[..end], &bytes[at..end].repeat(65), &bytes[end..]].concat();
    assert_eq!(decoded(&many).map(|_| ()).unwrap_err().kind(), ErrorKind::TooLarge);
}

/// Kinds that are not read have a name.
#[test]
fn kinds_of_jpeg_have_names() {
    let (_, bytes) = golden!("extended_12.jpg");
    let frame = bytes.windows(2).position(|two| two == [0xff, 0xc1]).unwrap();
    for (process, precision, name) in
        [(0xc5, 12, "hierarchical"), (0xcb, 12, "arithmetic"), (0xc1, 10, "10 bits"), (0xc2, 16, "16 bits")]
    {
        let mut bytes = bytes.to_vec();
        (bytes[frame + 1], bytes[frame + 4]) = (process, precision);
        let error = decoded(&bytes).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat);
        assert!(error.to_string().contains(name) && error.to_string().contains("export"), "{error}");
    }
}

/// 5000 × 5000 pixels, and 8000 × 8000, of a few thousand bytes.
#[test]
fn a_small_file_of_a_large_picture_is_refused() {
    let (_, bytes) = golden!("jpeg2000_16.j2k");
    let mut bytes = bytes.to_vec();
    for (side, kind) in [([0, 0, 0x13, 0x88], ErrorKind::Decode), ([0, 0, 0x1f, 0x40], ErrorKind::TooLarge)] {
        bytes[8..16].copy_from_slice(&[side, side].concat());
        bytes[24..32].copy_from_slice(&[side, side].concat());
        assert_eq!(decoded(&bytes).map(|_| ()).unwrap_err().kind(), kind);
    }
    // Tiles of one pixel, and blocks of four by four with many layers.
    let (_, bytes) = golden!("jpeg2000_16.j2k");
    let mut tiles = bytes.to_vec();
    tiles[8..16].copy_from_slice(&[0, 0, 4, 0, 0, 0, 4, 0]);
    tiles[24..32].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1]);
    assert_eq!(decoded(&tiles).map(|_| ()).unwrap_err().kind(), ErrorKind::TooLarge);
    let mut blocks = bytes.to_vec();
    blocks[8..16].copy_from_slice(&[0, 0, 7, 0, 0, 0, 7, 0]);
    blocks[24..32].copy_from_slice(&[0, 0, 7, 0, 0, 0, 7, 0]);
    let style = blocks.windows(2).position(|two| two == [0xff, 0x52]).unwrap();
    blocks[style + 6..style + 8].copy_from_slice(&[0, 32]);
    blocks[style + 10..style + 12].fill(0);
    assert_eq!(decoded(&blocks).map(|_| ()).unwrap_err().kind(), ErrorKind::TooLarge);
}

/// A second SOD where the next tile-part should begin: a walk from one to the next would never end.
#[test]
fn tile_parts_that_lead_back_are_passed() {
    for (_, bytes) in [golden!("jpeg2000_8.j2k"), golden!("lossy_htj2k_8.j2k")] {
        let mut bytes = bytes.to_vec();
        let tile = bytes.windows(2).position(|two| two == [0xff, 0x90]).unwrap();
        let size = u32::from_be_bytes([bytes[tile + 6], bytes[tile + 7], bytes[tile + 8], bytes[tile + 9]]);
        let end = tile + size as usize;
        bytes.splice(end..end, [0xff, 0x93]);
        let _ = decoded(&bytes);
    }
}

/// All of the goldens that are files.
fn files() -> Vec<Golden> {
    let lossless = LOSSLESS.into_iter().map(|(file, _, _)| file);
    lossless.chain(LOSSY.into_iter().map(|(file, _, _)| file)).chain(COLOR).collect()
}

#[test]
fn what_is_cut_short_is_an_error() {
    for (name, bytes) in files() {
        for length in (0..bytes.len() * 9 / 10).step_by(7) {
            let error = decoded(&bytes[..length]).map(|_| ()).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Decode, "{name} at {length}: {error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn damage_is_contained(
        file in 0..files().len(),
        flips in proptest::collection::vec((0.0_f64..1.0, 1_u8..=255), 1..10),
        early in any::<bool>(),
    ) {
        let mut bytes = files()[file].1.to_vec();
        // Half of them in the headers.
        let length = if early { bytes.len().min(120) } else { bytes.len() };
        for (place, flip) in flips {
            bytes[(place * length as f64) as usize] ^= flip;
        }
        if let Ok(coded) = decoded(&bytes) {
            prop_assert_eq!(coded.samples.len(), coded.width * coded.height * coded.components);
        }
    }

    #[test]
    fn noise_after_a_header_is_contained(
        file in 0..files().len(),
        kept in 20_usize..200,
        noise in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let bytes = [&files()[file].1[..kept], &noise].concat();
        let _ = decoded(&bytes);
    }
}
