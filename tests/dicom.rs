//! A film exported as PNG and the same film as DICOM get the same answer, however the DICOM was written.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use covid_classifier::phantom::Phantom;
use covid_classifier::warnings::WarningKind;
use covid_classifier::{Classifier, Model};

const SIDE: usize = 700;

/// How a film is wrapped.
#[derive(Clone, Copy, Debug)]
struct Wrapping {
    /// Bits of a sample that count.
    bits: u16,
    /// MONOCHROME1: the least value is white.
    is_inverted: bool,
    /// A window that is the full scale.
    has_window: bool,
    /// Stored values start here, and the rescale intercept undoes it.
    offset: u16,
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

/// The film as a Part 10 file, explicit little endian.
fn dicom(film: &[u8], of: Wrapping) -> Vec<u8> {
    let most = ((1_u32 << of.bits) - 1) as u16;
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
    element(&mut out, (0x0028, 0x0103), b"US", &word(0));
    if of.has_window {
        let full = u32::from(most) + 1;
        element(&mut out, (0x0028, 0x1050), b"DS", (full / 2).to_string().as_bytes());
        element(&mut out, (0x0028, 0x1051), b"DS", full.to_string().as_bytes());
    }
    if of.offset > 0 {
        element(&mut out, (0x0028, 0x1052), b"DS", format!("-{}", of.offset).as_bytes());
        element(&mut out, (0x0028, 0x1053), b"DS", b"1");
    }
    let stored = |&value: &u8| {
        let value = (f64::from(value) / 255.0 * f64::from(most)).round() as u16;
        (if of.is_inverted { most - value } else { value }) + of.offset
    };
    let pixels: Vec<u8> = if of.bits == 8 {
        film.iter().map(|value| stored(value) as u8).collect()
    } else {
        film.iter().flat_map(|value| stored(value).to_le_bytes()).collect()
    };
    element(&mut out, (0x7fe0, 0x0010), if of.bits == 8 { b"OB" } else { b"OW" }, &pixels);
    out
}

/// What the readers and the verdict say, as numbers; and the warnings.
fn answer(classifier: &mut Classifier, bytes: &[u8]) -> (Vec<f64>, Vec<WarningKind>) {
    let report = classifier.classify("film", bytes).report;
    assert!(report.error.is_none(), "{:?}", report.error);
    let readers = serde_json::to_value(report.readers.unwrap()).unwrap();
    let of = |reader: &str| -> Vec<f64> {
        readers[reader].as_object().unwrap().values().map(|share| share.as_f64().unwrap()).collect()
    };
    let kinds = report.warnings.unwrap().into_iter().map(|warning| warning.kind).collect();
    ([of("texture"), of("convnet")].concat(), kinds)
}

#[test]
fn a_png_and_its_dicom_get_the_same_answer() {
    let film = Phantom { width: SIDE, height: SIDE, seed: 18 }.draw_u8();
    let image = image::GrayImage::from_raw(SIDE as u32, SIDE as u32, film.clone()).unwrap();
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let model = Model::read_folder(format!("{}/models", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut classifier = Classifier::new(model).unwrap();
    let (expected, warnings) = answer(&mut classifier, &png.into_inner());
    for (bits, is_inverted, has_window, offset) in [
        (8, false, false, 0),
        (8, true, true, 0),
        (12, false, false, 0),
        (12, false, true, 0),
        (12, true, true, 0),
        (15, false, true, 1024),
        (16, false, false, 0),
        (16, true, true, 0),
    ] {
        let wrapping = Wrapping { bits, is_inverted, has_window, offset };
        // Of 15 bit, what the offset adds takes the sixteenth.
        let mut bytes = dicom(&film, wrapping);
        if offset > 0 {
            let at = bytes.windows(4).position(|tag| tag == [0x28, 0, 0x01, 0x01]).unwrap();
            bytes[at + 8] = 16;
            bytes[at + 18] = 15;
        }
        let (given, said) = answer(&mut classifier, &bytes);
        for (given, expected) in given.iter().zip(&expected) {
            // In 12 and 15 bit, the values of 8 bit are rounded, and the texture of a phantom shows it.
            let most = if matches!(bits, 12 | 15) { 2e-3 } else { 1e-6 };
            assert!((given - expected).abs() < most, "{wrapping:?}: {given} for {expected}");
        }
        assert_eq!(said, warnings, "{wrapping:?}");
    }
}
