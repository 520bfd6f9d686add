//! A film as PNG and the same film as DICOM get the same answer, whatever the encoding of the DICOM file.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use covid_classifier::phantom::Phantom;
use covid_classifier::warnings::WarningKind;
use covid_classifier::{Classifier, Model};

const SIDE: usize = 700;

/// How a film is encoded.
#[derive(Clone, Copy, Debug)]
struct Wrapping {
    /// Significant bits of a sample.
    bits: u16,
    /// MONOCHROME1: the least value is white.
    is_inverted: bool,
    /// Two's complement with 0 in the middle.
    is_signed: bool,
    /// Center and width, in modality values.
    window: Option<(f64, f64)>,
    /// Rescale slope and intercept.
    rescale: Option<(f64, f64)>,
}

const PLAIN: Wrapping =
    Wrapping { bits: 16, is_inverted: false, is_signed: false, window: None, rescale: None };

impl Wrapping {
    fn most(self) -> f64 {
        f64::from((1_u32 << self.bits) - 1)
    }

    /// The modality value of a stored value, which is counted from the least that can be stored.
    fn modality(self, stored: u16) -> f64 {
        let (slope, intercept) = self.rescale.unwrap_or((1.0, 0.0));
        let least = if self.is_signed { f64::from(1_u32 << (self.bits - 1)) } else { 0.0 };
        slope * (f64::from(stored) - least) + intercept
    }
}

fn element(out: &mut Vec<u8>, (group, number): (u16, u16), vr: &[u8; 2], value: &[u8]) {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(b' ');
    }
    out.extend([group.to_le_bytes(), number.to_le_bytes()].concat());
    out.extend(vr);
    if matches!(vr, b"OB" | b"OW") {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_le_bytes());
    } else {
        out.extend((value.len() as u16).to_le_bytes());
    }
    out.extend(value);
}

/// Stored values, counted from the least that can be stored, as a Part 10 file, explicit little endian.
fn dicom(stored: &[u16], of: Wrapping) -> Vec<u8> {
    let mut out = [vec![0; 128], b"DICM".to_vec()].concat();
    element(&mut out, (0x0002, 0x0010), b"UI", b"1.2.840.10008.1.2.1\0");
    element(&mut out, (0x0008, 0x0060), b"CS", b"DX");
    element(&mut out, (0x0018, 0x0015), b"CS", b"CHEST");
    element(&mut out, (0x0018, 0x5101), b"CS", b"PA");
    element(&mut out, (0x0020, 0x0020), b"CS", b"L\\F");
    let word = |word: usize| (word as u16).to_le_bytes();
    element(&mut out, (0x0028, 0x0002), b"US", &word(1));
    let photometric: &[u8] = if of.is_inverted { b"MONOCHROME1" } else { b"MONOCHROME2" };
    element(&mut out, (0x0028, 0x0004), b"CS", photometric);
    element(&mut out, (0x0028, 0x0010), b"US", &word(SIDE));
    element(&mut out, (0x0028, 0x0011), b"US", &word(SIDE));
    element(&mut out, (0x0028, 0x0100), b"US", &word(if of.bits == 8 { 8 } else { 16 }));
    element(&mut out, (0x0028, 0x0101), b"US", &word(of.bits.into()));
    element(&mut out, (0x0028, 0x0102), b"US", &word(usize::from(of.bits) - 1));
    element(&mut out, (0x0028, 0x0103), b"US", &word(of.is_signed.into()));
    if let Some((center, width)) = of.window {
        element(&mut out, (0x0028, 0x1050), b"DS", center.to_string().as_bytes());
        element(&mut out, (0x0028, 0x1051), b"DS", width.to_string().as_bytes());
    }
    if let Some((slope, intercept)) = of.rescale {
        element(&mut out, (0x0028, 0x1052), b"DS", intercept.to_string().as_bytes());
        element(&mut out, (0x0028, 0x1053), b"DS", slope.to_string().as_bytes());
    }
    let least = if of.is_signed { 1_u16 << (of.bits - 1) } else { 0 };
    let written = |&value: &u16| {
        // The bits above the stored ones repeat the sign.
        let value = value.wrapping_sub(least);
        if of.is_signed || of.bits == 16 { value } else { value & ((1 << of.bits) - 1) }
    };
    let pixels: Vec<u8> = if of.bits == 8 {
        stored.iter().map(|value| written(value) as u8).collect()
    } else {
        stored.iter().flat_map(|value| written(value).to_le_bytes()).collect()
    };
    element(&mut out, (0x7fe0, 0x0010), if of.bits == 8 { b"OB" } else { b"OW" }, &pixels);
    out
}

fn png<P: image::PixelWithColorType<Subpixel = T>, T: image::Primitive>(values: Vec<T>) -> Vec<u8>
where
    [T]: image::EncodableLayout,
{
    let side = SIDE as u32;
    let image = image::ImageBuffer::<P, _>::from_raw(side, side, values).unwrap();
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn png16(grays: impl Iterator<Item = f64>) -> Vec<u8> {
    png::<image::Luma<u16>, _>(grays.map(|gray| (gray.clamp(0.0, 1.0) * 65535.0).round() as u16).collect())
}

fn png8(grays: impl Iterator<Item = f64>) -> Vec<u8> {
    png::<image::Luma<u8>, _>(grays.map(|gray| (gray.clamp(0.0, 1.0) * 255.0).round() as u8).collect())
}

/// A window as pydicom's `apply_voi_lut` applies it (PS3.3 C.11.2.1.2.1).
fn seen(value: f64, (center, width): (f64, f64)) -> f64 {
    ((value - (center - 0.5)) / (width - 1.0) + 0.5).clamp(0.0, 1.0)
}

/// The answer to a film in numbers, and the warnings.
#[derive(Clone, Debug)]
struct Answer {
    readers: Vec<f64>,
    probabilities: Vec<f64>,
    warnings: Vec<WarningKind>,
}

fn classifier() -> Classifier {
    Classifier::new(Model::read_folder(format!("{}/models", env!("CARGO_MANIFEST_DIR"))).unwrap()).unwrap()
}

fn answer(classifier: &mut Classifier, bytes: &[u8]) -> Answer {
    let report = classifier.classify("film", bytes).report;
    assert!(report.error.is_none(), "{:?}", report.error);
    let readers = report.readers.unwrap();
    let readers = [<[f64; 3]>::from(readers.texture), readers.convnet.into()].concat();
    let probabilities = report.probabilities.unwrap_or_else(|| panic!("refused: {:?}", report.gate));
    let warnings = report.warnings.unwrap().into_iter().map(|warning| warning.kind).collect();
    Answer { readers, probabilities: <[f64; 3]>::from(probabilities).to_vec(), warnings }
}

/// The film in this many bits, using this share of the scale.
fn film(bits: u16, share: f64) -> Vec<u16> {
    let most = f64::from((1_u32 << bits) - 1);
    let values = Phantom { width: SIDE, height: SIDE, seed: 18 }.draw();
    let scaled = |value: &f64| ((1.0 - share) / 2.0 + share * value.clamp(0.0, 1.0)) * most;
    values.iter().map(|value| scaled(value).round() as u16).collect()
}

/// The largest difference between readers' shares, and between calibrated probabilities.
fn apart(a: &Answer, b: &Answer) -> (f64, f64) {
    let most = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    (most(&a.readers, &b.readers), most(&a.probabilities, &b.probabilities))
}

/// Exports of a DICOM film to 16 bits, value by value. Values that 16 bits cannot hold in proportion, such as those of
/// 10 or 14 bits, are rounded: the paper's reader sees the last bit, and only the verdict stays the same.
#[test]
fn a_png_and_its_dicom_get_the_same_answer() {
    let mut classifier = classifier();
    let linear = |of: Wrapping, stored: &[u16]| {
        let gray = move |value: &u16| f64::from(*value) / of.most();
        png16(stored.iter().map(|value| if of.is_inverted { 1.0 - gray(value) } else { gray(value) }))
    };
    let shifted = |of: Wrapping, stored: &[u16]| {
        png::<image::Luma<u16>, _>(stored.iter().map(|value| value << (16 - of.bits)).collect())
    };
    for bits in [8, 10, 12, 14, 15, 16] {
        // The film uses all of the scale, three quarters, or a quarter, as with many detectors.
        for share in [1.0, 0.75, 0.25] {
            let stored = film(bits, share);
            let of = Wrapping { bits, ..PLAIN };
            let read = answer(&mut classifier, &dicom(&stored, of));
            let others = [linear(of, &stored), shifted(of, &stored)].map(|png| answer(&mut classifier, &png));
            for (other, is_exact) in
                others.into_iter().zip([65535_u32.is_multiple_of(of.most() as u32), true])
            {
                let (readers, probabilities) = apart(&read, &other);
                println!("{bits} bit, {share}: {readers:.1e} {probabilities:.1e}");
                assert!(
                    (!is_exact || readers < 1e-3) && probabilities < 1e-3,
                    "{bits} bit, {share}: {read:?} {other:?}"
                );
                assert_eq!(read.warnings, other.warnings);
            }
            let inverted = Wrapping { is_inverted: true, ..of };
            let opposite: Vec<u16> = stored.iter().map(|value| of.most() as u16 - value).collect();
            let read = answer(&mut classifier, &dicom(&opposite, inverted));
            let other = answer(&mut classifier, &linear(inverted, &opposite));
            let (readers, probabilities) = apart(&read, &other);
            println!("{bits} bit, {share}, MONOCHROME1: {readers:.1e} {probabilities:.1e}");
            let is_exact = 65535_u32.is_multiple_of(of.most() as u32);
            assert!(
                (!is_exact || readers < 1e-3) && probabilities < 1e-3,
                "{bits} bit, {share}, MONOCHROME1"
            );
        }
    }
}

/// The same values in other encodings: signed, rescaled, with a window of the whole scale.
#[test]
fn a_film_is_the_same_however_it_is_written() {
    let mut classifier = classifier();
    for bits in [8_u16, 12, 16] {
        let stored = film(bits, 1.0);
        let plain = answer(&mut classifier, &dicom(&stored, Wrapping { bits, ..PLAIN }));
        let opposite: Vec<u16> =
            stored.iter().map(|value| Wrapping { bits, ..PLAIN }.most() as u16 - value).collect();
        let full = f64::from(1_u32 << bits);
        for (is_inverted, is_signed, window, rescale) in [
            (true, false, None, None),
            (false, false, Some((full / 2.0, full)), None),
            (true, false, Some((full / 2.0, full)), None),
            (false, true, None, None),
            (false, true, Some((0.0, full)), None),
            (true, true, None, None),
            (false, false, None, Some((1.0, -1024.0))),
            (false, false, Some((full / 2.0 - 1024.0, full)), Some((1.0, -1024.0))),
            (false, true, None, Some((0.25, 7.5))),
            (true, true, Some((0.0, full)), Some((1.0, 0.0))),
        ] {
            let of = Wrapping { bits, is_inverted, is_signed, window, rescale };
            let read = answer(&mut classifier, &dicom(if is_inverted { &opposite } else { &stored }, of));
            let (readers, probabilities) = apart(&read, &plain);
            println!("{of:?}: {readers:.1e} {probabilities:.1e}");
            assert!(readers < 1e-3 && probabilities < 1e-3, "{of:?}: {read:?} for {plain:?}");
            assert_eq!(read.warnings, plain.warnings, "{of:?}");
        }
    }
}

/// The output of pydicom's `apply_voi_lut` in 16 bits. In 8 bits it loses information: on this film, which has less
/// noise than any detector, the calibrated probabilities then differ by up to 3.2e-3.
#[test]
fn a_film_is_seen_through_its_window() {
    let mut classifier = classifier();
    for (bits, is_signed, rescale, window) in [
        (12, false, None, (2000.0, 3000.0)),
        (12, false, None, (1800.0, 2500.0)),
        (12, true, Some((1.0, 0.0)), (0.0, 3200.0)),
        (14, false, Some((2.0, -500.0)), (15000.0, 26000.0)),
        (16, false, None, (32000.0, 50000.0)),
    ] {
        for is_inverted in [false, true] {
            let of = Wrapping { bits, is_inverted, is_signed, window: Some(window), rescale };
            let mut stored = film(bits, 1.0);
            if is_inverted {
                stored.iter_mut().for_each(|value| *value = of.most() as u16 - *value);
            }
            let grays: Vec<f64> = stored
                .iter()
                .map(|&value| seen(of.modality(value), window))
                .map(|gray| if is_inverted { 1.0 - gray } else { gray })
                .collect();
            let read = answer(&mut classifier, &dicom(&stored, of));
            let deep = apart(&read, &answer(&mut classifier, &png16(grays.iter().copied())));
            let shallow = apart(&read, &answer(&mut classifier, &png8(grays.iter().copied())));
            println!("{of:?}: {deep:?}, in 8 bit {shallow:?}");
            assert!(deep.0 < 1e-3 && deep.1 < 1e-3, "{of:?}: {deep:?}");
            assert!(shallow.1 < 5e-3, "{of:?}: {shallow:?}");
        }
    }
}

/// An 8-bit film that is stored in more bits.
#[test]
fn a_picture_in_more_bits_stays_what_it_was() {
    let mut classifier = classifier();
    let film = film(8, 1.0);
    let expected = answer(&mut classifier, &png8(film.iter().map(|value| f64::from(*value) / 255.0)));
    for bits in [12_u16, 16] {
        let of = Wrapping { bits, ..PLAIN };
        let shifted: Vec<u16> = film.iter().map(|value| value << (bits - 8)).collect();
        let spread: Vec<u16> =
            film.iter().map(|value| (f64::from(*value) / 255.0 * of.most()).round() as u16).collect();
        for (name, stored) in [("shifted", shifted), ("spread", spread)] {
            let (readers, probabilities) = apart(&answer(&mut classifier, &dicom(&stored, of)), &expected);
            println!("{bits} bit, {name}: {readers:.1e} {probabilities:.1e}");
            assert!(probabilities < 1e-3, "{bits} bit, {name}: {probabilities}");
            // For values that are not rounded, both readers give the same answer.
            let is_exact = name == "shifted" || bits == 16;
            assert!(!is_exact || readers < 1e-3, "{bits} bit, {name}: {readers}");
        }
    }
}
