//! Films written element by element.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::element::{Coding, EXPLICIT, EXPLICIT_BIG_ENDIAN, IMPLICIT, Tag};
use super::*;
use crate::decode::{decode, sniff};
use crate::phantom::Phantom;
use crate::radiograph::{Hints, ModalityValues, Samples, Scaled, VoiFunction};

const WIDTH: usize = 40;
const HEIGHT: usize = 32;

const EXPLICIT_UID: &str = "1.2.840.10008.1.2.1";
const RLE_UID: &str = "1.2.840.10008.1.2.5";
const JPEG_LS_UID: &str = "1.2.840.10008.1.2.4.80";

#[derive(Clone)]
enum Value {
    /// Of a stated length.
    Plain(Vec<u8>),
    /// Of undefined length: the offset table and fragments.
    Fragments(Vec<Vec<u8>>),
    /// Of undefined length: items and delimiters as they are.
    Items(Vec<u8>),
}

/// A file in the making.
#[derive(Clone)]
struct File {
    coding: Coding,
    syntax: Option<&'static str>,
    has_preamble: bool,
    elements: BTreeMap<Tag, ([u8; 2], Value)>,
}

fn u16_bytes(coding: Coding, word: u16) -> [u8; 2] {
    if coding.is_big_endian { word.to_be_bytes() } else { word.to_le_bytes() }
}

fn u32_bytes(coding: Coding, word: u32) -> [u8; 4] {
    if coding.is_big_endian { word.to_be_bytes() } else { word.to_le_bytes() }
}

fn write_element(out: &mut Vec<u8>, coding: Coding, tag: Tag, vr: [u8; 2], value: &Value) {
    out.extend(u16_bytes(coding, tag.0));
    out.extend(u16_bytes(coding, tag.1));
    let length = match value {
        Value::Plain(bytes) => bytes.len() as u32,
        _ => u32::MAX,
    };
    let is_long = matches!(&vr, b"OB" | b"OD" | b"OF" | b"OW" | b"SQ" | b"UN" | b"UT");
    if !coding.is_explicit {
        out.extend(u32_bytes(coding, length));
    } else if is_long {
        out.extend(vr);
        out.extend([0, 0]);
        out.extend(u32_bytes(coding, length));
    } else {
        out.extend(vr);
        out.extend(u16_bytes(coding, length as u16));
    }
    match value {
        Value::Plain(bytes) => out.extend(bytes),
        Value::Items(bytes) => {
            out.extend(bytes);
            out.extend(item(coding, 0xe0dd, 0));
        }
        Value::Fragments(fragments) => {
            for fragment in fragments {
                out.extend(item(coding, 0xe000, fragment.len() as u32));
                out.extend(fragment);
            }
            out.extend(item(coding, 0xe0dd, 0));
        }
    }
}

fn item(coding: Coding, element: u16, length: u32) -> Vec<u8> {
    let tag = [u16_bytes(coding, 0xfffe), u16_bytes(coding, element)].concat();
    [&tag[..], &u32_bytes(coding, length)].concat()
}

impl File {
    /// A chest film of 16 bit, of which so many are stored.
    fn new(coding: Coding, bits_stored: u16, stored: &[u16]) -> Self {
        let syntax = match coding {
            IMPLICIT => "1.2.840.10008.1.2",
            EXPLICIT => EXPLICIT_UID,
            _ => "1.2.840.10008.1.2.2",
        };
        let mut file = Self { coding, syntax: Some(syntax), has_preamble: true, elements: BTreeMap::new() };
        file.text(attribute::SOP_CLASS_UID, b"UI", "1.2.840.10008.5.1.4.1.1.1.1");
        file.text(attribute::MODALITY, b"CS", "DX");
        file.text(attribute::BODY_PART_EXAMINED, b"CS", "CHEST");
        file.text(attribute::VIEW_POSITION, b"CS", "PA");
        file.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", "MONOCHROME2");
        file.word(attribute::SAMPLES_PER_PIXEL, 1);
        file.word(attribute::ROWS, HEIGHT as u16);
        file.word(attribute::COLUMNS, WIDTH as u16);
        file.word(attribute::BITS_ALLOCATED, 16);
        file.word(attribute::BITS_STORED, bits_stored);
        file.word(attribute::HIGH_BIT, bits_stored - 1);
        file.word(attribute::PIXEL_REPRESENTATION, 0);
        let pixels = stored.iter().flat_map(|&word| u16_bytes(coding, word)).collect();
        file.set(attribute::PIXEL_DATA, b"OW", Value::Plain(pixels));
        file
    }

    /// A film of 8 bit.
    fn of_bytes(stored: &[u8]) -> Self {
        let mut file = Self::new(EXPLICIT, 8, &[]);
        file.word(attribute::BITS_ALLOCATED, 8);
        file.set(attribute::PIXEL_DATA, b"OB", Value::Plain(stored.to_vec()));
        file
    }

    fn set(&mut self, tag: Tag, vr: &[u8; 2], value: Value) -> &mut Self {
        self.elements.insert(tag, (*vr, value));
        self
    }

    fn text(&mut self, tag: Tag, vr: &[u8; 2], text: &str) -> &mut Self {
        let mut value = text.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == b"UI" { 0 } else { b' ' });
        }
        self.set(tag, vr, Value::Plain(value))
    }

    fn word(&mut self, tag: Tag, word: u16) -> &mut Self {
        self.words(tag, b"US", &[word])
    }

    fn words(&mut self, tag: Tag, vr: &[u8; 2], words: &[u16]) -> &mut Self {
        let bytes = words.iter().flat_map(|&word| u16_bytes(self.coding, word)).collect();
        self.set(tag, vr, Value::Plain(bytes))
    }

    /// A sequence of one item.
    fn sequence(&mut self, tag: Tag, has_lengths: bool, inner: &File) -> &mut Self {
        let coding = self.coding;
        let body = inner.data_set();
        let length = if has_lengths { body.len() as u32 } else { u32::MAX };
        let mut items = item(coding, 0xe000, length);
        items.extend(body);
        if !has_lengths {
            items.extend(item(coding, 0xe00d, 0));
        }
        self.set(tag, b"SQ", if has_lengths { Value::Plain(items) } else { Value::Items(items) })
    }

    fn empty(coding: Coding) -> Self {
        Self { coding, syntax: None, has_preamble: false, elements: BTreeMap::new() }
    }

    fn encapsulated(&mut self, syntax: &'static str, fragments: &[&[u8]]) -> &mut Self {
        self.syntax = Some(syntax);
        let fragments = fragments.iter().map(|fragment| {
            let mut fragment = fragment.to_vec();
            fragment.resize(fragment.len().next_multiple_of(2), 0);
            fragment
        });
        let fragments = std::iter::once(Vec::new()).chain(fragments).collect();
        self.set(attribute::PIXEL_DATA, b"OB", Value::Fragments(fragments))
    }

    fn data_set(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (&tag, (vr, value)) in &self.elements {
            write_element(&mut out, self.coding, tag, *vr, value);
        }
        out
    }

    fn meta(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.has_preamble {
            out.resize(128, 0);
            out.extend(b"DICM");
        }
        if let Some(syntax) = self.syntax {
            let mut meta = Self::empty(EXPLICIT);
            meta.text(attribute::TRANSFER_SYNTAX_UID, b"UI", syntax);
            out.extend(meta.data_set());
        }
        out
    }

    fn bytes(&self) -> Vec<u8> {
        [self.meta(), self.data_set()].concat()
    }

    fn film(&self) -> Radiograph {
        decode(&self.bytes()).unwrap()
    }

    fn error(&self) -> Error {
        decode(&self.bytes()).map(|_| ()).unwrap_err()
    }
}

/// The phantom from 0 to 1, with both.
fn drawn() -> Vec<f64> {
    let film = Phantom { width: WIDTH, height: HEIGHT, seed: 3 }.draw();
    let (low, high) = film.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
    film.into_iter().map(|value| (value - low) / (high - low)).collect()
}

fn stored(most: f64) -> Vec<u16> {
    drawn().into_iter().map(|value| (value * most).round() as u16).collect()
}

fn eight() -> Vec<u8> {
    stored(255.0).into_iter().map(|value| value as u8).collect()
}

/// Half a level of 16 bit, to which what is seen through a window is rounded.
const ROUNDING: f64 = 0.5 / 65535.0 + 1e-9;

fn grays(film: &Radiograph) -> Vec<f64> {
    match &film.samples {
        Samples::U8(samples) => samples.iter().map(|&sample| f64::from(sample) / 255.0).collect(),
        Samples::U16(samples) => samples.iter().map(|&sample| f64::from(sample) / 65535.0).collect(),
        Samples::F64(samples) => samples.clone(),
    }
}

fn assert_close(ours: &[f64], expected: impl IntoIterator<Item = f64>) {
    for (index, (ours, expected)) in ours.iter().zip(expected).enumerate() {
        assert!((ours - expected).abs() < ROUNDING, "at {index}: {ours} for {expected}");
    }
}

#[test]
fn eight_bit_without_a_window_is_what_a_png_has() {
    let expected = Samples::U8(eight());
    assert!(File::of_bytes(&eight()).film().samples == expected);
    // A range that is not full stays so, as in the PNG.
    let narrow: Vec<u8> = eight().iter().map(|value| 60 + value / 3).collect();
    assert!(File::of_bytes(&narrow).film().samples == Samples::U8(narrow));
    // Windows that are the full scale, as makers write it.
    for (center, width) in [("128", "256"), ("127.5", "256"), ("128.0", "256 ")] {
        let mut file = File::of_bytes(&eight());
        file.text(attribute::WINDOW_CENTER, b"DS", center).text(attribute::WINDOW_WIDTH, b"DS", width);
        let grays = grays(&file.film());
        let furthest =
            grays.iter().zip(eight()).map(|(ours, theirs)| (ours * 255.0 - f64::from(theirs)).abs());
        assert!(furthest.fold(0.0, f64::max) < 0.51);
        assert_eq!(center != "127.5", file.film().samples == expected);
    }
    // Inverted, and in words of 16 bit.
    let mut inverted = File::of_bytes(&eight().iter().map(|value| 255 - value).collect::<Vec<_>>());
    inverted.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", "MONOCHROME1");
    assert!(inverted.film().samples == expected);
    assert!(File::new(EXPLICIT, 8, &stored(255.0)).film().samples == expected);
    assert!(File::new(EXPLICIT, 16, &stored(65535.0)).film().samples == Samples::U16(stored(65535.0)));
}

#[test]
fn every_coding_is_read() {
    let expected = File::new(EXPLICIT, 12, &stored(4095.0)).film();
    assert_eq!((expected.width, expected.height), (WIDTH, HEIGHT));
    assert_close(&grays(&expected), stored(4095.0).iter().map(|&value| f64::from(value) / 4095.0));
    for coding in [IMPLICIT, EXPLICIT, EXPLICIT_BIG_ENDIAN] {
        let mut file = File::new(coding, 12, &stored(4095.0));
        assert!(file.film() == expected, "{coding:?}");
        // Cut off up to the letters after it, then with them.
        assert_eq!(sniff(&file.bytes()[128..]).unwrap(), Format::Dicom);
        assert!(decode(&file.bytes()[128..]).unwrap() == expected, "{coding:?} from DICM on");
        assert_eq!(tags(&file.bytes()[128..]).unwrap().len(), tags(&file.bytes()).unwrap().len());
        file.has_preamble = false;
        assert!(file.film() == expected, "{coding:?} without preamble");
        file.syntax = None;
        assert_eq!(sniff(&file.bytes()).unwrap(), Format::Dicom);
        assert!(file.film() == expected, "{coding:?} without meta information");
        file.has_preamble = true;
        assert!(file.film() == expected, "{coding:?} without a transfer syntax");
    }
    // What the meta information says of representations may be wrong.
    let mut wrong = File::new(IMPLICIT, 12, &stored(4095.0));
    wrong.syntax = Some(EXPLICIT_UID);
    assert!(wrong.film() == expected);
    // The preamble may be the head of a TIFF.
    let mut bytes = File::new(EXPLICIT, 12, &stored(4095.0)).bytes();
    bytes[..4].copy_from_slice(b"II*\0");
    assert!(decode(&bytes).unwrap() == expected);
    let mut deflated = File::new(EXPLICIT, 12, &stored(4095.0));
    deflated.syntax = Some("1.2.840.10008.1.2.1.99");
    let packed = miniz_oxide::deflate::compress_to_vec(&deflated.data_set(), 6);
    assert!(decode(&[deflated.meta(), packed].concat()).unwrap() == expected);
}

/// Bytes of 8 bit in big-endian words come in pairs the other way round.
#[test]
fn bytes_in_big_endian_words() {
    let mut file = File::new(EXPLICIT_BIG_ENDIAN, 8, &[]);
    file.word(attribute::BITS_ALLOCATED, 8);
    let swapped = eight().chunks_exact(2).flat_map(|two| [two[1], two[0]]).collect();
    file.set(attribute::PIXEL_DATA, b"OW", Value::Plain(swapped));
    assert!(file.film().samples == Samples::U8(eight()));
    file.set(attribute::PIXEL_DATA, b"OB", Value::Plain(eight()));
    assert!(file.film().samples == Samples::U8(eight()));
}

#[test]
fn sequences_before_the_pixels_are_passed() {
    let expected = File::new(EXPLICIT, 12, &stored(4095.0)).film();
    for coding in [IMPLICIT, EXPLICIT, EXPLICIT_BIG_ENDIAN] {
        for has_lengths in [false, true] {
            let mut innermost = File::empty(coding);
            // Rows that are not the film's, and an icon that is compressed.
            innermost.word(attribute::ROWS, 7).text(Tag(8, 0x0104), b"LO", "Chest");
            let mut inner = innermost.clone();
            inner.sequence(Tag(0x0008, 0x1140), has_lengths, &innermost);
            if !coding.is_big_endian {
                let icon = Value::Fragments(vec![vec![], vec![0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]]);
                inner.set(attribute::PIXEL_DATA, b"OB", icon);
            }
            let mut file = File::new(coding, 12, &stored(4095.0));
            file.sequence(Tag(0x0008, 0x2218), has_lengths, &inner);
            file.sequence(Tag(0x0009, 0x1010), has_lengths, &inner);
            assert!(file.film() == expected, "{coding:?} {has_lengths}");
        }
    }
    // Of unknown representation, a sequence is implicit.
    let mut inner = File::empty(IMPLICIT);
    inner.word(attribute::ROWS, 7);
    let items = [item(IMPLICIT, 0xe000, u32::MAX), inner.data_set(), item(IMPLICIT, 0xe00d, 0)].concat();
    let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
    file.set(Tag(0x0009, 0x1010), b"UN", Value::Items(items));
    assert!(file.film() == expected);
}

#[test]
fn the_windows_are_those_of_the_standard() {
    let values = stored(4095.0);
    let of = |function: &str, center: f64, width: f64| {
        let mut file = File::new(EXPLICIT, 12, &values);
        file.text(attribute::WINDOW_CENTER, b"DS", &format!("{center}\\40"));
        file.text(attribute::WINDOW_WIDTH, b"DS", &format!("{width}\\400"));
        file.text(attribute::WINDOW_EXPLANATION, b"LO", "NORMAL\\HARDER");
        file.text(attribute::VOI_LUT_FUNCTION, b"CS", function);
        file.film()
    };
    let film = of("", 2048.0, 1000.0);
    // PS3.3 C.11.2.1.2.1.
    let linear = |x: f64, c: f64, w: f64| {
        if x <= c - 0.5 - (w - 1.0) / 2.0 {
            0.0
        } else if x > c - 0.5 + (w - 1.0) / 2.0 {
            1.0
        } else {
            (x - (c - 0.5)) / (w - 1.0) + 0.5
        }
    };
    assert_close(&grays(&film), values.iter().map(|&x| linear(x.into(), 2048.0, 1000.0)));
    let windows = &film.modality.as_ref().unwrap().windows;
    assert_eq!(windows.len(), 2);
    assert_eq!(
        (windows[1].center, windows[1].width, windows[1].function),
        (40.0, 400.0, VoiFunction::Linear)
    );
    assert_eq!(windows[1].explanation.as_deref(), Some("HARDER"));
    assert!(film.modality.as_ref().unwrap().values == ModalityValues::U16(values.clone()));
    let exact = of("LINEAR_EXACT", 2048.0, 1000.0);
    let expected = |x: f64| ((x - 2048.0) / 1000.0 + 0.5).clamp(0.0, 1.0);
    assert_close(&grays(&exact), values.iter().map(|&x| expected(x.into())));
    let sigmoid = of("SIGMOID", 2048.0, 1000.0);
    let expected = |x: f64| 1.0 / (1.0 + (-4.0 * (x - 2048.0) / 1000.0).exp());
    assert_close(&grays(&sigmoid), values.iter().map(|&x| expected(x.into())));
    // The narrowest window there is: black or white.
    let threshold = of("LINEAR", 2000.0, 1.0);
    assert_close(&grays(&threshold), values.iter().map(|&x| if f64::from(x) <= 1999.5 { 0.0 } else { 1.0 }));
    // One that the standard does not allow is none.
    assert_close(
        &grays(&of("LINEAR", 2000.0, 0.0)),
        values.iter().map(|&x| {
            // The second is the first that counts.
            linear(x.into(), 40.0, 400.0)
        }),
    );
}

/// PS3.3 C.7.6.16.2.9 and .10: of all frames, of each, and of both.
#[test]
fn the_window_and_the_values_of_an_enhanced_film_are_those_of_its_first_frame() {
    for coding in [EXPLICIT, IMPLICIT, EXPLICIT_BIG_ENDIAN] {
        let window = |center: &str, width: &str| {
            let mut item = File::empty(coding);
            item.text(attribute::WINDOW_CENTER, b"DS", center).text(attribute::WINDOW_WIDTH, b"DS", width);
            item.text(attribute::VOI_LUT_FUNCTION, b"CS", "LINEAR_EXACT");
            item
        };
        let mut rescale = File::empty(coding);
        rescale.text(attribute::RESCALE_SLOPE, b"DS", "2").text(attribute::RESCALE_INTERCEPT, b"DS", "-1000");
        let mut plain = File::new(coding, 12, &stored(4095.0));
        plain.text(attribute::RESCALE_SLOPE, b"DS", "2").text(attribute::RESCALE_INTERCEPT, b"DS", "-1000");
        plain.text(attribute::WINDOW_CENTER, b"DS", "2000").text(attribute::WINDOW_WIDTH, b"DS", "3000");
        plain.text(attribute::VOI_LUT_FUNCTION, b"CS", "LINEAR_EXACT");
        let expected = plain.film();
        use attribute::{
            FRAME_VOI_LUT_SEQUENCE, PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            PIXEL_VALUE_TRANSFORMATION_SEQUENCE, SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
        };
        for has_lengths in [true, false] {
            let mut both = File::empty(coding);
            both.sequence(FRAME_VOI_LUT_SEQUENCE, has_lengths, &window("2000", "3000"));
            both.sequence(PIXEL_VALUE_TRANSFORMATION_SEQUENCE, has_lengths, &rescale);
            for groups in [SHARED_FUNCTIONAL_GROUPS_SEQUENCE, PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE] {
                let mut file = File::new(coding, 12, &stored(4095.0));
                file.sequence(groups, has_lengths, &both);
                assert!(file.film() == expected, "{coding:?} {groups:?}");
            }
            // What is of one frame comes before what is of all, and that before what is of the file.
            let (mut all, mut one) = (File::empty(coding), File::empty(coding));
            all.sequence(FRAME_VOI_LUT_SEQUENCE, has_lengths, &window("9", "99"));
            all.sequence(PIXEL_VALUE_TRANSFORMATION_SEQUENCE, has_lengths, &rescale);
            one.sequence(FRAME_VOI_LUT_SEQUENCE, has_lengths, &window("2000", "3000"));
            let mut file = File::new(coding, 12, &stored(4095.0));
            file.text(attribute::WINDOW_CENTER, b"DS", "7").text(attribute::WINDOW_WIDTH, b"DS", "77");
            file.sequence(SHARED_FUNCTIONAL_GROUPS_SEQUENCE, has_lengths, &all);
            file.sequence(PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, has_lengths, &one);
            assert!(file.film() == expected, "{coding:?}");
            // Groups that say nothing take nothing away.
            let mut file = plain.clone();
            file.sequence(SHARED_FUNCTIONAL_GROUPS_SEQUENCE, has_lengths, &File::empty(coding));
            let mut empty = File::empty(coding);
            empty.sequence(FRAME_VOI_LUT_SEQUENCE, has_lengths, &File::empty(coding));
            file.sequence(PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, has_lengths, &empty);
            assert!(file.film() == expected, "{coding:?}");
        }
    }
}

/// It would make the film all black, all white or all one grey, which is said to be flat, and is not.
#[test]
fn a_window_that_shows_nothing_is_none() {
    let mut plain = File::new(EXPLICIT, 12, &stored(4095.0)).film();
    plain.provenance.scaled = Some(Scaled::OutsideWindows);
    for (center, width) in [("90000", "10"), ("-500", "100"), ("2048", "9e6")] {
        for function in ["LINEAR", "LINEAR_EXACT"] {
            let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
            file.text(attribute::WINDOW_CENTER, b"DS", center).text(attribute::WINDOW_WIDTH, b"DS", width);
            file.text(attribute::VOI_LUT_FUNCTION, b"CS", function);
            assert!(file.film() == plain, "{center} {function}");
            // The next one is the file's too.
            file.text(attribute::WINDOW_CENTER, b"DS", &format!("{center}\\2000"));
            file.text(attribute::WINDOW_WIDTH, b"DS", &format!("{width}\\800"));
            let film = file.film();
            assert!(film.provenance.scaled.is_none());
            let windows = &film.modality.as_ref().unwrap().windows;
            assert_eq!((windows.len(), windows[0].center), (1, 2000.0));
        }
    }
    // A film of one value is flat in every window.
    let mut flat = File::new(EXPLICIT, 12, &vec![7; WIDTH * HEIGHT]);
    flat.text(attribute::WINDOW_CENTER, b"DS", "90000").text(attribute::WINDOW_WIDTH, b"DS", "10");
    assert!(flat.film().provenance.scaled.is_none());
}

#[test]
fn stored_values_become_modality_values() {
    // Signed values of 12 bit, and bits of an overlay above them.
    let signed: Vec<i16> = stored(4095.0).iter().map(|&value| value as i16 - 2048).collect();
    let words: Vec<u16> = signed.iter().map(|&value| (value as u16 & 0x0fff) | 0x8000).collect();
    let mut file = File::new(EXPLICIT, 12, &words);
    file.word(attribute::PIXEL_REPRESENTATION, 1);
    file.text(attribute::RESCALE_SLOPE, b"DS", "2").text(attribute::RESCALE_INTERCEPT, b"DS", "-1024");
    let film = file.film();
    let expected: Vec<i16> = signed.iter().map(|&value| 2 * value - 1024).collect();
    assert!(film.modality.as_ref().unwrap().values == ModalityValues::I16(expected));
    assert_close(&grays(&film), signed.iter().map(|&value| (f64::from(value) + 2048.0) / 4095.0));
    // Samples that lie above unused bits.
    let shifted: Vec<u16> = stored(4095.0).iter().map(|value| (value << 4) | 0x000a).collect();
    let mut high = File::new(EXPLICIT, 12, &shifted);
    high.word(attribute::HIGH_BIT, 15);
    assert!(high.film() == File::new(EXPLICIT, 12, &stored(4095.0)).film());
    // A fraction.
    let mut fraction = File::new(EXPLICIT, 12, &stored(4095.0));
    fraction.text(attribute::RESCALE_SLOPE, b"DS", "0.25");
    let film = fraction.film();
    let expected = stored(4095.0).iter().map(|&value| f32::from(value) / 4.0).collect();
    assert!(film.modality.as_ref().unwrap().values == ModalityValues::F32(expected));
}

/// Bits Stored is required, and missing in some files: High Bit tells it then.
#[test]
fn high_bit_stands_in_for_bits_stored() {
    let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
    let film = file.film();
    file.elements.remove(&attribute::BITS_STORED);
    assert!(file.film().samples == film.samples);
}

/// A film of floating point, of 32 bit or of 64.
fn float_file(coding: Coding, is_double: bool, values: &[f64]) -> File {
    let mut file = File::new(coding, 16, &[]);
    for tag in [attribute::PIXEL_DATA, attribute::BITS_STORED, attribute::HIGH_BIT] {
        file.elements.remove(&tag);
    }
    file.elements.remove(&attribute::PIXEL_REPRESENTATION);
    let bytes = |value: f64| match (is_double, coding.is_big_endian) {
        (true, true) => value.to_be_bytes().to_vec(),
        (true, false) => value.to_le_bytes().to_vec(),
        (false, true) => (value as f32).to_be_bytes().to_vec(),
        (false, false) => (value as f32).to_le_bytes().to_vec(),
    };
    let pixels = Value::Plain(values.iter().flat_map(|&value| bytes(value)).collect());
    if is_double {
        file.word(attribute::BITS_ALLOCATED, 64).set(attribute::DOUBLE_FLOAT_PIXEL_DATA, b"OD", pixels);
    } else {
        file.word(attribute::BITS_ALLOCATED, 32).set(attribute::FLOAT_PIXEL_DATA, b"OF", pixels);
    }
    file
}

/// C.7.6.24: scaled by what occurs, or seen through a window, of the values after rescaling.
#[test]
fn samples_of_floating_point_are_read() {
    let values: Vec<f64> = drawn().iter().map(|value| value * 3000.0 - 1024.5).collect();
    for (coding, is_double) in [EXPLICIT, EXPLICIT_BIG_ENDIAN, IMPLICIT]
        .into_iter()
        .flat_map(|coding| [(coding, false), (coding, true)])
    {
        let file = float_file(coding, is_double, &values);
        let film = file.film();
        assert_eq!((film.width, film.height, film.provenance.color), (WIDTH, HEIGHT, Color::Gray16));
        assert_eq!(film.provenance.scaled, Some(Scaled::NoLevels));
        assert_close(&grays(&film), drawn());
        let modality = film.modality.unwrap();
        assert!(modality.values == ModalityValues::F32(values.iter().map(|&value| value as f32).collect()));
        let mut windowed = file.clone();
        windowed.text(attribute::WINDOW_CENTER, b"DS", "1000").text(attribute::WINDOW_WIDTH, b"DS", "500");
        windowed.text(attribute::RESCALE_SLOPE, b"DS", "2").text(attribute::RESCALE_INTERCEPT, b"DS", "7");
        let film = windowed.film();
        assert_eq!(film.provenance.scaled, None);
        let through = |&value: &f64| ((2.0 * value + 7.0 - 999.5) / 499.0 + 0.5).clamp(0.0, 1.0);
        assert_close(&grays(&film), values.iter().map(through));
        windowed.text(attribute::WINDOW_CENTER, b"DS", "90000");
        assert_eq!(windowed.film().provenance.scaled, Some(Scaled::OutsideWindows));
        let mut inverted = file.clone();
        inverted.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", "MONOCHROME1");
        assert_close(&grays(&inverted.film()), drawn().iter().map(|value| 1.0 - value));
        // What is stated of integers has no meaning here.
        let mut stated = file.clone();
        stated.word(attribute::BITS_STORED, 99).word(attribute::HIGH_BIT, 3);
        assert!(stated.film() == file.film());
    }
}

#[test]
fn what_is_no_number_or_padding_is_no_part_of_the_picture() {
    let plain: Vec<f64> = drawn().iter().map(|value| value * 3000.0 + 5.0).collect();
    for is_double in [false, true] {
        let mut values = plain.clone();
        values[..2 * WIDTH].fill(f64::NAN);
        values[2 * WIDTH..3 * WIDTH].fill(-2000.0);
        values[3 * WIDTH..4 * WIDTH].fill(-1999.5);
        values[4 * WIDTH] = f64::INFINITY;
        values[4 * WIDTH + 1] = f64::NEG_INFINITY;
        let rest = 4 * WIDTH + 2..;
        let seen = &plain[rest.clone()];
        let (low, high) = seen.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| (low.min(v), high.max(v)));
        for photometric in ["MONOCHROME2", "MONOCHROME1"] {
            let is_inverted = photometric == "MONOCHROME1";
            let mut file = float_file(EXPLICIT, is_double, &values);
            file.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", photometric);
            let number = |value: f64| match is_double {
                true => Value::Plain(value.to_le_bytes().to_vec()),
                false => Value::Plain((value as f32).to_le_bytes().to_vec()),
            };
            if is_double {
                file.set(attribute::DOUBLE_FLOAT_PADDING_VALUE, b"FD", number(-2000.0));
                file.set(attribute::DOUBLE_FLOAT_PADDING_RANGE_LIMIT, b"FD", number(-1999.5));
            } else {
                file.set(attribute::FLOAT_PADDING_VALUE, b"FL", number(-1999.5));
                file.set(attribute::FLOAT_PADDING_RANGE_LIMIT, b"FL", number(-2000.0));
            }
            let film = file.film();
            let grays = grays(&film);
            assert!(grays[..4 * WIDTH].iter().all(|&gray| gray == 0.0), "{photometric}");
            let ends = if is_inverted { [0.0, 1.0] } else { [1.0, 0.0] };
            assert_eq!(grays[4 * WIDTH..4 * WIDTH + 2], ends);
            let gray = |&value: &f64| {
                let gray = (value - low) / (high - low);
                if is_inverted { 1.0 - gray } else { gray }
            };
            assert_close(&grays[rest.clone()], seen.iter().map(gray));
            // The viewer gets numbers, the dark end where there is no picture.
            let ModalityValues::F32(shown) = film.modality.unwrap().values else { panic!("not F32") };
            let dark = (if is_inverted { high } else { low }) as f32;
            assert!(shown[..4 * WIDTH].iter().all(|&value| value == dark));
            assert_eq!(shown[4 * WIDTH..4 * WIDTH + 2], [high as f32, low as f32]);
        }
        // Nothing at all, and only what has no end.
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let film = float_file(EXPLICIT, is_double, &vec![value; WIDTH * HEIGHT]).film();
            assert!(self::grays(&film).iter().all(|&gray| gray == 0.0));
            assert!(film.modality.unwrap().values == ModalityValues::F32(vec![0.0; WIDTH * HEIGHT]));
        }
    }
    // Larger than a number of 32 bit can be.
    let huge = float_file(EXPLICIT, true, &drawn().iter().map(|v| v * 1e300).collect::<Vec<_>>()).film();
    assert_close(&grays(&huge), drawn());
    let ModalityValues::F32(shown) = huge.modality.unwrap().values else { panic!("not F32") };
    assert!(shown.iter().all(|value| value.is_finite()));
    let far = drawn().iter().map(|v| if *v < 0.5 { -f64::MAX } else { f64::MAX }).collect::<Vec<_>>();
    assert!(grays(&float_file(EXPLICIT, true, &far).film()).iter().all(|gray| gray.is_finite()));
}

#[test]
fn samples_of_floating_point_that_are_not_read_are_named() {
    let file = float_file(EXPLICIT, false, &drawn());
    let said = |file: &File, kind: ErrorKind| {
        let error = file.error();
        assert_eq!(error.kind(), kind);
        error.to_string()
    };
    let mut color = file.clone();
    color.word(attribute::SAMPLES_PER_PIXEL, 3).text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", "RGB");
    assert!(said(&color, ErrorKind::UnsupportedFormat).contains("colours have samples of floating point"));
    let mut packed = file.clone();
    packed.syntax = Some(RLE_UID);
    let message = said(&packed, ErrorKind::UnsupportedFormat);
    assert!(message.contains("floating point are compressed; export it as PNG"), "{message}");
    let mut cut = file.clone();
    cut.set(attribute::FLOAT_PIXEL_DATA, b"OF", Value::Plain(vec![0; 4 * WIDTH * HEIGHT - 4]));
    assert!(said(&cut, ErrorKind::Decode).contains("cut short"));
    let mut empty = file.clone();
    empty.set(attribute::FLOAT_PIXEL_DATA, b"OF", Value::Plain(Vec::new()));
    said(&empty, ErrorKind::Decode);
    let mut large = file;
    large.word(attribute::ROWS, 8000).word(attribute::COLUMNS, 8000);
    assert!(said(&large, ErrorKind::TooLarge).contains("export it as 16-bit PNG"));
}

/// Of 32 bits, with a sign and without, as they are and as run lengths.
#[test]
fn samples_of_32_bits_are_read() {
    const MOST: f64 = 4_000_000_000.0;
    let plain: Vec<u32> = drawn().iter().map(|value| (value * MOST).round() as u32).collect();
    let grays_of = |low: f64| plain.iter().map(move |&value| (f64::from(value) - low) / (MOST - low));
    for coding in [IMPLICIT, EXPLICIT, EXPLICIT_BIG_ENDIAN] {
        for is_signed in [false, true] {
            let stored = |value: &u32| if is_signed { value.wrapping_sub(1 << 31) } else { *value };
            let mut file = File::new(coding, 32, &[]);
            file.word(attribute::BITS_ALLOCATED, 32).word(attribute::PIXEL_REPRESENTATION, is_signed.into());
            let pixels = plain.iter().flat_map(|value| u32_bytes(coding, stored(value))).collect();
            file.set(attribute::PIXEL_DATA, b"OW", Value::Plain(pixels));
            let film = file.film();
            // What occurs is most of what can be stored.
            assert_close(&grays(&film), plain.iter().map(|&value| f64::from(value) / f64::from(u32::MAX)));
            assert_eq!((film.width, film.height, film.provenance.color), (WIDTH, HEIGHT, Color::Gray16));
            let offset = if is_signed { -f64::from(1_u32 << 31) } else { 0.0 };
            let values = plain.iter().map(|&value| (f64::from(value) + offset) as f32).collect();
            assert!(film.modality.as_ref().unwrap().values == ModalityValues::F32(values));
            // Through a window that cuts off a quarter below, and inverted.
            let (low, middle) = (MOST / 4.0, MOST * 5.0 / 8.0 + offset);
            file.text(attribute::VOI_LUT_FUNCTION, b"CS", "LINEAR_EXACT");
            file.text(attribute::WINDOW_CENTER, b"DS", &middle.to_string());
            file.text(attribute::WINDOW_WIDTH, b"DS", &(MOST * 0.75).to_string());
            assert_close(&grays(&file.film()), grays_of(low).map(|gray| gray.clamp(0.0, 1.0)));
            file.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", "MONOCHROME1");
            assert_close(&grays(&file.film()), grays_of(low).map(|gray| 1.0 - gray.clamp(0.0, 1.0)));
            if coding != EXPLICIT {
                continue;
            }
            let planes: Vec<Vec<u8>> =
                (0..4).map(|k| plain.iter().map(|value| stored(value).to_be_bytes()[k]).collect()).collect();
            let mut packed = file.clone();
            packed.encapsulated(RLE_UID, &[&run_lengths(&planes)]);
            assert!(packed.film() == file.film());
            let mut jpeg = file.clone();
            let error = jpeg.encapsulated(JPEG_LS_UID, &[b"\xff\xd8"]).error();
            assert!(error.to_string().contains("32 bits"), "{error}");
            assert_eq!(error.kind(), ErrorKind::UnsupportedFormat);
        }
    }
    // Cut short, and with fewer bits than there is room for.
    let mut few = File::new(EXPLICIT, 20, &[]);
    few.word(attribute::BITS_ALLOCATED, 32);
    let pixels: Vec<u8> =
        drawn().iter().flat_map(|value| ((value * 1_048_575.0).round() as u32).to_le_bytes()).collect();
    few.set(attribute::PIXEL_DATA, b"OW", Value::Plain(pixels[1..].to_vec()));
    assert_eq!(few.error().kind(), ErrorKind::Decode);
    few.set(attribute::PIXEL_DATA, b"OW", Value::Plain(pixels));
    assert_close(&grays(&few.film()), drawn());
}

#[test]
fn tables_come_before_windows() {
    let values = stored(15.0);
    for has_lengths in [false, true] {
        let mut lut = File::empty(EXPLICIT);
        // From 2 on, 12 entries of 12 bit.
        lut.words(attribute::LUT_DESCRIPTOR, b"US", &[12, 2, 12]);
        let entries: Vec<u16> = (0..12).map(|k| k * k * 33).collect();
        lut.words(attribute::LUT_DATA, b"OW", &entries);
        let entry = |value: u16| entries[usize::from(value.clamp(2, 13) - 2)];
        let mut file = File::new(EXPLICIT, 4, &values);
        file.sequence(attribute::MODALITY_LUT_SEQUENCE, has_lengths, &lut);
        let film = file.film();
        let expected: Vec<u16> = values.iter().map(|&value| entry(value)).collect();
        assert!(film.modality.as_ref().unwrap().values == ModalityValues::U16(expected));
        let mut file = File::new(EXPLICIT, 4, &values);
        file.text(attribute::WINDOW_CENTER, b"DS", "3").text(attribute::WINDOW_WIDTH, b"DS", "2");
        file.sequence(attribute::VOI_LUT_SEQUENCE, has_lengths, &lut);
        assert_close(&grays(&file.film()), values.iter().map(|&value| f64::from(entry(value)) / 4095.0));
    }
}

#[test]
fn without_a_window_the_range_that_occurs_is_shown() {
    for (low, range, expected) in [
        // Less than three quarters of what 12 bit can hold is spread…
        (100, 3000, (0.0, 1.0)),
        (4000, 95, (0.0, 1.0)),
        // … and more is not.
        (100, 3100, (100.0 / 4095.0, 3200.0 / 4095.0)),
        (0, 4095, (0.0, 1.0)),
    ] {
        let values: Vec<u16> = stored(f64::from(range)).iter().map(|value| value + low).collect();
        let shown = grays(&File::new(EXPLICIT, 12, &values).film());
        let (darkest, brightest) = shown.iter().fold((1.0_f64, 0.0_f64), |(l, h), &v| (l.min(v), h.max(v)));
        assert!(
            (darkest - expected.0).abs() < ROUNDING && (brightest - expected.1).abs() < ROUNDING,
            "{low} {range}"
        );
    }
    let flat = File::new(EXPLICIT, 12, &[7; WIDTH * HEIGHT]).film();
    assert!(grays(&flat).iter().all(|&gray| gray == 0.0));
}

#[test]
fn inversion_is_said_once_or_twice() {
    let upright = grays(&File::new(EXPLICIT, 12, &stored(4095.0)).film());
    for (photometric, shape, inverts) in [
        ("MONOCHROME1", "INVERSE", true),
        ("MONOCHROME1", "", true),
        ("MONOCHROME2", "INVERSE", true),
        ("MONOCHROME2", "IDENTITY", false),
    ] {
        let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
        file.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", photometric);
        file.text(attribute::PRESENTATION_LUT_SHAPE, b"CS", shape);
        let expected = upright.iter().map(|gray| if inverts { 1.0 - gray } else { *gray });
        assert_close(&grays(&file.film()), expected);
        assert_eq!(file.film().modality.unwrap().is_inverted, inverts);
    }
}

#[test]
fn padding_is_not_measured() {
    let mut values: Vec<u16> = stored(1000.0).iter().map(|value| value + 500).collect();
    values[..WIDTH].fill(4095);
    values[WIDTH..2 * WIDTH].fill(4090);
    let mut file = File::new(EXPLICIT, 12, &values);
    file.word(attribute::PIXEL_PADDING_VALUE, 4095).word(attribute::PIXEL_PADDING_RANGE_LIMIT, 4090);
    let grays = grays(&file.film());
    assert!(grays[..2 * WIDTH].iter().all(|&gray| gray == 0.0));
    let (low, high) = values[2 * WIDTH..].iter().fold((u16::MAX, 0), |(l, h), &v| (l.min(v), h.max(v)));
    let expected = values[2 * WIDTH..].iter().map(|value| f64::from(value - low) / f64::from(high - low));
    assert_close(&grays[2 * WIDTH..], expected);
}

#[test]
fn films_are_turned_upright() {
    let upright = File::new(EXPLICIT, 12, &stored(4095.0)).film();
    let old = grays(&upright);
    for (orientation, from) in [
        ("R\\F", (|x, y| (WIDTH - 1 - x, y)) as fn(usize, usize) -> (usize, usize)),
        ("L\\H", |x, y| (x, HEIGHT - 1 - y)),
        ("R\\H", |x, y| (WIDTH - 1 - x, HEIGHT - 1 - y)),
        // Rows run to the feet, columns to the left: what lies right is below.
        ("F\\L", |x, y| (y, x)),
        ("H\\L", |x, y| (WIDTH - 1 - y, x)),
        ("F\\R", |x, y| (y, HEIGHT - 1 - x)),
    ] {
        let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
        file.text(attribute::PATIENT_ORIENTATION, b"CS", orientation);
        let film = file.film();
        assert!(film.provenance.hints.was_turned, "{orientation}");
        let (width, height) = (film.width, film.height);
        assert_eq!(width == HEIGHT, orientation.starts_with(['F', 'H']));
        assert_eq!(film.provenance.width_px as usize, width);
        let new = grays(&film);
        for (index, &gray) in new.iter().enumerate() {
            let (x, y) = from(index % width, index / width);
            assert_eq!(gray, old[y * WIDTH + x], "{orientation}");
        }
        assert_eq!(film.modality.unwrap().values.len(), width * height);
    }
    for orientation in ["L\\F", "L\\FP", ""] {
        let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
        file.text(attribute::PATIENT_ORIENTATION, b"CS", orientation);
        assert!(file.film() == upright);
    }
}

#[test]
fn pixels_become_square() {
    let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
    file.text(attribute::PIXEL_ASPECT_RATIO, b"IS", "2\\1");
    let film = file.film();
    assert_eq!((film.width, film.height, film.samples.len()), (WIDTH, 2 * HEIGHT, 2 * WIDTH * HEIGHT));
    assert_eq!(film.modality.as_ref().unwrap().values.len(), film.samples.len());
    let old = stored(4095.0);
    let expected = |y: usize| (f64::from(old[y * WIDTH + 5])) / 4095.0;
    // A quarter of the way from the first row to the second.
    let at = grays(&film)[WIDTH + 5];
    assert!((at - (0.75 * expected(0) + 0.25 * expected(1))).abs() < ROUNDING);
    let mut wide = File::new(EXPLICIT, 12, &stored(4095.0));
    wide.text(attribute::IMAGER_PIXEL_SPACING, b"DS", "0.1\\0.2");
    assert_eq!((wide.film().width, wide.film().height), (2 * WIDTH, HEIGHT));
    for (ratio, is_odd) in
        [("1\\1", false), ("0\\1", false), ("x", false), ("1\\1000", true), ("1000000\\1", true)]
    {
        let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
        file.text(attribute::PIXEL_ASPECT_RATIO, b"IS", ratio);
        let film = file.film();
        assert_eq!((film.height, film.provenance.hints.has_odd_pixels), (HEIGHT, is_odd), "{ratio}");
        // What another attribute says is still heard.
        file.text(attribute::PIXEL_SPACING, b"DS", "0.2\\0.1");
        assert_eq!(file.film().height, if ratio == "1\\1" { HEIGHT } else { 2 * HEIGHT }, "{ratio}");
    }
    let mut four = File::new(EXPLICIT, 12, &stored(4095.0));
    four.text(attribute::PIXEL_ASPECT_RATIO, b"IS", "4\\1");
    assert_eq!((four.film().height, four.film().provenance.hints.has_odd_pixels), (4 * HEIGHT, false));
}

fn run_lengths(planes: &[Vec<u8>]) -> Vec<u8> {
    let mut words = vec![planes.len() as u32];
    let mut body = Vec::new();
    for plane in planes {
        words.push(64 + body.len() as u32);
        for literal in plane.chunks(128) {
            body.push(literal.len() as u8 - 1);
            body.extend(literal);
        }
    }
    words.resize(16, 0);
    words.into_iter().flat_map(u32::to_le_bytes).chain(body).collect()
}

fn rle_frame(values: &[u16]) -> Vec<u8> {
    let [high, low] = [1, 0].map(|k| values.iter().map(|value| value.to_le_bytes()[k]).collect());
    run_lengths(&[high, low])
}

#[test]
fn run_lengths_in_one_fragment_or_several() {
    let expected = File::new(EXPLICIT, 12, &stored(4095.0)).film();
    let frame = rle_frame(&stored(4095.0));
    let mut file = File::new(EXPLICIT, 12, &[]);
    assert!(file.encapsulated(RLE_UID, &[&frame]).film() == expected);
    let (start, end) = frame.split_at(100);
    assert!(file.encapsulated(RLE_UID, &[start, end]).film() == expected);
    // Uncompressed, in fragments all the same.
    let pixels: Vec<u8> = stored(4095.0).iter().flat_map(|value| value.to_le_bytes()).collect();
    assert!(file.encapsulated("1.2.840.10008.1.2.1.98", &[&pixels]).film() == expected);
}

#[test]
fn of_several_frames_the_first_is_read() {
    let mut expected = File::new(EXPLICIT, 12, &stored(4095.0)).film();
    expected.provenance.has_more_frames = true;
    let first = rle_frame(&stored(4095.0));
    let second = rle_frame(&vec![9; WIDTH * HEIGHT]);
    let (start, end) = first.split_at(100);
    let mut file = File::new(EXPLICIT, 12, &[]);
    file.text(attribute::NUMBER_OF_FRAMES, b"IS", "2");
    assert!(file.encapsulated(RLE_UID, &[&first, &second]).film() == expected, "one fragment each");
    // Three fragments: a table says where the second frame begins.
    let begins = (16 + start.len() + end.len()) as u32;
    let table = [0_u32.to_le_bytes(), begins.to_le_bytes()].concat();
    file.encapsulated(RLE_UID, &[start, end, &second]);
    let Some((_, Value::Fragments(fragments))) = file.elements.get_mut(&attribute::PIXEL_DATA) else {
        unreachable!()
    };
    fragments[0] = table;
    assert!(file.film() == expected, "basic offset table");
    let mut extended = file.clone();
    extended.encapsulated(RLE_UID, &[start, end, &second]);
    let table = [0_u64.to_le_bytes(), u64::from(begins).to_le_bytes()].concat();
    extended.set(attribute::EXTENDED_OFFSET_TABLE, b"OW", Value::Plain(table));
    assert!(extended.film() == expected, "extended offset table");
    // Without either, the marker at the end of a picture.
    let picture = include_bytes!("../../../tests/goldens/codec/jpegls_16.jls");
    let mut marked = File::new(EXPLICIT, 16, &[]);
    marked.text(attribute::NUMBER_OF_FRAMES, b"IS", "2");
    let (start, end) = picture.split_at(1000);
    let film = marked.encapsulated(JPEG_LS_UID, &[start, end, picture]).film();
    assert_eq!((film.width, film.height), (61, 47));
    // Uncompressed frames follow each other.
    let mut native = File::new(EXPLICIT, 12, &[stored(4095.0), vec![9; WIDTH * HEIGHT]].concat());
    native.text(attribute::NUMBER_OF_FRAMES, b"IS", "2");
    assert!(native.film() == expected);
    // Of frames for which there is no room nothing is said.
    let mut lying = File::new(EXPLICIT, 12, &stored(4095.0));
    lying.text(attribute::NUMBER_OF_FRAMES, b"IS", "1000000000");
    assert!(!lying.film().provenance.has_more_frames);
    lying.encapsulated(RLE_UID, &[&first]);
    assert!(!lying.film().provenance.has_more_frames);
}

#[test]
fn pictures_of_the_jpeg_family_are_what_the_codec_gives() {
    macro_rules! golden {
        ($name:literal) => {
            include_bytes!(concat!("../../../tests/goldens/codec/", $name)).as_slice()
        };
    }
    let sixteen: Vec<u16> =
        golden!("picture_16.u16").chunks_exact(2).map(|w| u16::from_le_bytes([w[0], w[1]])).collect();
    let twelve: Vec<u16> =
        golden!("picture_12.u16").chunks_exact(2).map(|w| u16::from_le_bytes([w[0], w[1]])).collect();
    let of = |bits, syntax, picture: &[u8]| {
        let film = File::new(EXPLICIT, bits, &[]).encapsulated(syntax, &[picture]).film();
        film.modality.unwrap().values
    };
    for (syntax, picture) in [
        ("1.2.840.10008.1.2.4.57", golden!("lossless_predictor_6.jpg")),
        ("1.2.840.10008.1.2.4.70", golden!("lossless_16.jpg")),
        ("1.2.840.10008.1.2.4.80", golden!("jpegls_16.jls")),
        ("1.2.840.10008.1.2.4.90", golden!("jpeg2000_16.j2k")),
        ("1.2.840.10008.1.2.4.201", golden!("htj2k_16.j2k")),
    ] {
        assert!(of(16, syntax, picture) == ModalityValues::U16(sixteen.clone()), "{syntax}");
    }
    for (syntax, picture) in [
        ("1.2.840.10008.1.2.4.70", golden!("lossless_12.jpg")),
        ("1.2.840.10008.1.2.4.80", golden!("jpegls_12.jls")),
        ("1.2.840.10008.1.2.4.90", golden!("jpeg2000_12.j2k")),
        ("1.2.840.10008.1.2.4.202", golden!("htj2k_12.j2k")),
    ] {
        assert!(of(12, syntax, picture) == ModalityValues::U16(twelve.clone()), "{syntax}");
        // Signed samples are coded as if they were not.
        let mut file = File::new(EXPLICIT, 12, &[]);
        file.word(attribute::PIXEL_REPRESENTATION, 1);
        let values = file.encapsulated(syntax, &[picture]).film().modality.unwrap().values;
        let signed = twelve.iter().map(|&value| ((value << 4) as i16) >> 4).collect();
        assert!(values == ModalityValues::I16(signed), "{syntax}");
    }
    // White that a lossy codec has made whiter than white is white, not black.
    let near: Vec<u16> = golden!("near_8.jls.u16")
        .chunks_exact(2)
        .map(|w| u16::from_le_bytes([w[0], w[1]]).min(127))
        .collect();
    let mut file = File::of_bytes(&[]);
    file.word(attribute::BITS_STORED, 7).word(attribute::HIGH_BIT, 6);
    let film = file.encapsulated("1.2.840.10008.1.2.4.81", &[golden!("near_8.jls")]).film();
    assert!(film.modality.unwrap().values == ModalityValues::U16(near));
    // The same of signed samples, in a codestream of 16 bit: columns of −2048 and 2047 by sixteen, with noise.
    let mut file = File::new(EXPLICIT, 12, &[]);
    file.word(attribute::PIXEL_REPRESENTATION, 1);
    let file = file.encapsulated("1.2.840.10008.1.2.4.91", &[golden!("signed_lossy.j2k")]);
    let Some(ModalityValues::I16(values)) = file.film().modality.map(|modality| modality.values) else {
        panic!("not signed")
    };
    for (k, value) in values.into_iter().enumerate() {
        let column = if k % 64 / 16 % 2 == 0 { -2048..=-1850 } else { 1850..=2047 };
        assert!(column.contains(&value), "{value} at {k}");
    }
    // A baseline JPEG in DICOM is what it is as a file.
    let gray = libjpeg_turbo_rs::PixelFormat::Grayscale;
    let picture =
        libjpeg_turbo_rs::compress(&eight(), WIDTH, HEIGHT, gray, 90, libjpeg_turbo_rs::Subsampling::S444);
    let picture = picture.unwrap();
    let mut file = File::of_bytes(&[]);
    assert!(
        file.encapsulated("1.2.840.10008.1.2.4.50", &[&picture]).film().samples
            == decode(&picture).unwrap().samples
    );
}

#[test]
fn colour_is_read_as_the_same_grey_with_a_warning() {
    let colors = |count: usize| -> Vec<u8> {
        eight().iter().flat_map(|&value| [value, value / 2, 255 - value]).take(count).collect()
    };
    let rgb = colors(usize::MAX);
    let expected: Vec<f64> = rgb
        .chunks_exact(3)
        .map(|p| (0.2125 * f64::from(p[0]) + 0.7154 * f64::from(p[1]) + 0.0721 * f64::from(p[2])) / 255.0)
        .collect();
    let colored = |photometric: &str, stored: &[u8]| {
        let mut file = File::of_bytes(stored);
        file.word(attribute::SAMPLES_PER_PIXEL, 3);
        file.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", photometric);
        file
    };
    let film = colored("RGB", &rgb).film();
    assert_close(&grays(&film), expected.clone());
    assert_eq!(film.provenance.color, Color::Color8);
    assert!(film.modality.is_none());
    let planes: Vec<u8> = (0..3).flat_map(|k| rgb.iter().skip(k).step_by(3).copied()).collect();
    let mut planar = colored("RGB", &planes);
    planar.word(attribute::PLANAR_CONFIGURATION, 1);
    assert!(planar.film() == film);
    // Grey in three channels keeps its values.
    let tripled: Vec<u8> = eight().iter().flat_map(|&value| [value; 3]).collect();
    let film = colored("RGB", &tripled).film();
    assert!(film.samples == Samples::U8(eight()));
    assert_eq!(film.provenance.color, Color::Color8);
    let neutral: Vec<u8> = eight().iter().flat_map(|&value| [value, 128, 128]).collect();
    assert!(colored("YBR_FULL", &neutral).film().samples == Samples::U8(eight()));
    let halved: Vec<u8> = eight().chunks_exact(2).flat_map(|two| [two[0], two[1], 128, 128]).collect();
    assert!(colored("YBR_FULL_422", &halved).film().samples == Samples::U8(eight()));
    let red: Vec<u8> = eight().iter().flat_map(|_| [76, 85, 255]).collect();
    let film = colored("YBR_FULL", &red).film();
    assert!((grays(&film)[0] - 0.2125).abs() < 0.01, "pure red");
    // A palette that is a reversed grey scale, of 16 bit.
    let mut palette = File::of_bytes(&eight());
    palette.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", "PALETTE COLOR");
    let entries: Vec<u16> = (0..256).map(|k| (255 - k) * 257).collect();
    for channel in 0..3 {
        palette.words(attribute::PALETTE_DESCRIPTORS[channel], b"US", &[256, 0, 16]);
        palette.words(attribute::PALETTE_DATA[channel], b"OW", &entries);
    }
    let film = palette.film();
    assert_close(&grays(&film), eight().iter().map(|&value| 1.0 - f64::from(value) / 255.0));
    assert_eq!(film.provenance.color, Color::Color16);
}

#[test]
fn the_header_gives_hints() {
    let hints = |texts: &[(Tag, &[u8; 2], &str)]| {
        let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
        for (tag, vr, text) in texts {
            file.text(*tag, vr, text);
        }
        file.film().provenance.hints
    };
    let none = Hints::default();
    assert_eq!(hints(&[]), none);
    for modality in ["CR", "DX", "DR", "RG", ""] {
        assert_eq!(hints(&[(attribute::MODALITY, b"CS", modality)]), none);
    }
    let ct = hints(&[(attribute::MODALITY, b"CS", "CT")]);
    assert_eq!(ct, Hints { modality: Some("a CT"), ..none });
    for view in ["LL", "RL", "LLD", "RAO"] {
        let of_view = hints(&[(attribute::VIEW_POSITION, b"CS", view)]);
        assert_eq!(of_view, Hints { is_not_frontal: true, ..none });
    }
    assert_eq!(hints(&[(attribute::VIEW_POSITION, b"CS", "AP")]), none);
    let lateral = hints(&[(attribute::PATIENT_ORIENTATION, b"CS", "A\\F")]);
    assert_eq!(lateral, Hints { is_not_frontal: true, ..none });
    for tag in [attribute::SERIES_DESCRIPTION, attribute::BODY_PART_EXAMINED] {
        let described =
            |view: &str| hints(&[(tag, b"LO", "CHEST LATERAL"), (attribute::VIEW_POSITION, b"CS", view)]);
        assert_eq!(described(""), Hints { is_not_frontal: true, ..none });
        assert_eq!(described("PA"), none, "a series of both views");
    }
    let hand = hints(&[(attribute::BODY_PART_EXAMINED, b"CS", "HAND")]);
    assert_eq!(hand, Hints { is_not_chest: true, ..none });
    let left = hints(&[(attribute::IMAGE_LATERALITY, b"CS", "L")]);
    assert_eq!(left, Hints { is_one_side: true, ..none });
    assert_eq!(hints(&[(attribute::IMAGE_LATERALITY, b"CS", "U")]), none);
    for (age, is_child) in [
        ("015Y", true),
        ("016Y", false),
        ("007M", true),
        ("200M", false),
        ("003D", true),
        ("", false),
        ("xxY", false),
    ] {
        let of_age = hints(&[(attribute::PATIENT_AGE, b"AS", age)]);
        assert_eq!(of_age, Hints { is_child, ..none }, "{age}");
    }
    for (birth, is_child) in
        [("20100601", true), ("2010.06.01", true), ("20060531", false), ("20060602", true), ("", false)]
    {
        let of_dates = hints(&[
            (attribute::PATIENT_BIRTH_DATE, b"DA", birth),
            (attribute::STUDY_DATE, b"DA", "20220601"),
        ]);
        assert_eq!(of_dates, Hints { is_child, ..none }, "{birth}");
    }
    // Without a date of the study, others tell; those that are before the birth are wrong.
    for tag in [attribute::ACQUISITION_DATE, attribute::SERIES_DATE, attribute::CONTENT_DATE] {
        for (birth, is_child) in [("20100601", true), ("20060531", false)] {
            let of_dates = hints(&[
                (attribute::PATIENT_BIRTH_DATE, b"DA", birth),
                (attribute::STUDY_DATE, b"DA", "19000101"),
                (tag, b"DA", "20220601"),
            ]);
            assert_eq!(of_dates, Hints { is_child, ..none }, "{tag:?}, {birth}");
        }
    }
    let of_time = hints(&[
        (attribute::PATIENT_BIRTH_DATE, b"DA", "20100601"),
        (attribute::ACQUISITION_DATE_TIME, b"DT", "20220601101500.25+0100"),
    ]);
    assert_eq!(of_time, Hints { is_child: true, ..none });
}

/// Digital X-ray objects have codes where others have words.
#[test]
fn codes_give_hints() {
    let hints = |sequence: Tag, scheme: &str, value: &str, meaning: &str| {
        let mut code = File::empty(EXPLICIT);
        code.text(attribute::CODE_VALUE, b"SH", value).text(attribute::CODE_SCHEME, b"SH", scheme).text(
            attribute::CODE_MEANING,
            b"LO",
            meaning,
        );
        let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
        file.sequence(sequence, false, &code).film().provenance.hints
    };
    let (view, region) = (attribute::VIEW_CODE_SEQUENCE, attribute::ANATOMIC_REGION_SEQUENCE);
    let none = Hints::default();
    assert_eq!(hints(view, "SCT", "399348003", "antero-posterior"), none);
    assert_eq!(hints(view, "SCT", "399198007", "right lateral"), Hints { is_not_frontal: true, ..none });
    assert_eq!(hints(region, "SRT", "T-D3000", "Chest"), none);
    assert_eq!(hints(region, "SRT", "T-D8700", "Hand"), Hints { is_not_chest: true, ..none });
}

#[test]
fn what_is_no_film_is_named() {
    let mut directory = File::empty(EXPLICIT);
    (directory.has_preamble, directory.syntax) = (true, Some(EXPLICIT_UID));
    directory.set(attribute::DIRECTORY_RECORD_SEQUENCE, b"SQ", Value::Items(Vec::new()));
    assert_eq!(directory.error().kind(), ErrorKind::UnsupportedFormat);
    assert!(directory.error().to_string().contains("open the files beside it"));
    for (class, words) in [
        ("1.2.840.10008.5.1.4.1.1.88.33", "structured report"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "PDF"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "presentation state"),
    ] {
        let mut file = File::new(EXPLICIT, 12, &[]);
        file.elements.remove(&attribute::PIXEL_DATA);
        let error = file.text(attribute::SOP_CLASS_UID, b"UI", class).error();
        assert_eq!(error.kind(), ErrorKind::UnsupportedFormat);
        assert!(error.to_string().contains(words), "{error}");
    }
    // What has rows was a film.
    let mut file = File::new(EXPLICIT, 12, &[]);
    file.elements.remove(&attribute::PIXEL_DATA);
    assert_eq!(file.error().kind(), ErrorKind::Decode);
    file.elements.remove(&attribute::ROWS);
    assert!(file.error().to_string().contains("without a picture"));
    for (syntax, words) in [
        ("1.2.840.10008.1.2.4.100", "MPEG-2"),
        ("1.2.840.10008.1.2.4.103", "H.264"),
        ("1.2.840.10008.1.2.4.95", "JPIP"),
        ("1.2.3.4", "maker"),
    ] {
        let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
        file.syntax = Some(syntax);
        assert_eq!(file.error().kind(), ErrorKind::UnsupportedFormat);
        assert!(file.error().to_string().contains(words));
    }
}

/// Nested sequences, closed or not, of undefined or stated length.
#[test]
fn deep_nesting_is_refused() {
    for coding in [IMPLICIT, EXPLICIT] {
        for is_closed in [false, true] {
            let mut nested = Vec::new();
            for _ in 0..10_000 {
                nested.extend(item(coding, 0xe000, u32::MAX));
                write_element(&mut nested, coding, Tag(0x0009, 0x1010), *b"SQ", &Value::Items(Vec::new()));
                // Without its delimiter.
                nested.truncate(nested.len() - 8);
            }
            if is_closed {
                for _ in 0..10_000 {
                    nested.extend(item(coding, 0xe0dd, 0));
                    nested.extend(item(coding, 0xe00d, 0));
                }
            }
            let mut file = File::new(coding, 12, &stored(4095.0));
            file.set(Tag(0x0009, 0x1010), b"SQ", Value::Items(nested));
            assert_eq!(file.error().kind(), ErrorKind::Decode);
            assert!(file.error().to_string().contains("nested"), "{}", file.error());
        }
    }
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        let mut outer = item(EXPLICIT, 0xe000, nested.len() as u32 + 12);
        let mut header = Vec::new();
        write_element(&mut header, EXPLICIT, Tag(0x0009, 0x1010), *b"SQ", &Value::Plain(Vec::new()));
        header[8..12].copy_from_slice(&(nested.len() as u32).to_le_bytes());
        outer.extend(header);
        outer.append(&mut nested);
        nested = outer;
    }
    let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
    file.set(Tag(0x0009, 0x1010), b"SQ", Value::Plain(nested));
    assert!(file.error().to_string().contains("nested"), "{}", file.error());
}

#[test]
fn sizes_that_lie_are_refused() {
    let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
    file.word(attribute::ROWS, 65_000).word(attribute::COLUMNS, 65_000);
    assert_eq!(file.error().kind(), ErrorKind::TooLarge);
    file.word(attribute::ROWS, 8000).word(attribute::COLUMNS, 8000);
    assert_eq!(file.error().kind(), ErrorKind::Decode, "the pixels are missing");
    file.encapsulated(RLE_UID, &[&rle_frame(&stored(4095.0))]);
    assert_eq!(file.error().kind(), ErrorKind::Decode);
    let mut bits = File::new(EXPLICIT, 12, &stored(4095.0));
    bits.word(attribute::BITS_STORED, 17);
    assert_eq!(bits.error().kind(), ErrorKind::Decode);
    bits.word(attribute::BITS_STORED, 12).word(attribute::HIGH_BIT, 3);
    assert_eq!(bits.error().kind(), ErrorKind::Decode);
    bits.word(attribute::BITS_STORED, 0);
    assert!(bits.error().to_string().contains("0 bits"), "{}", bits.error());
    let mut grey = File::new(EXPLICIT, 12, &stored(4095.0));
    let expected = grey.film();
    for kind in ["GREY", "monochrome2"] {
        grey.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", kind);
        assert!(grey.film() == expected, "{kind}");
    }
    grey.text(attribute::PHOTOMETRIC_INTERPRETATION, b"CS", "MONOCHROME7");
    assert!(grey.error().to_string().contains("Photometric Interpretation"), "{}", grey.error());
    // Lengths of all that is there, one after the other.
    let whole = File::new(EXPLICIT, 12, &stored(4095.0)).bytes();
    for at in 132..whole.len().min(600) {
        let mut lying = whole.clone();
        lying[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
        let _ = decode(&lying);
    }
}

#[test]
fn a_deflated_bomb_is_refused() {
    // More zeros than any film has bytes.
    let mut file = File::new(EXPLICIT, 12, &[]);
    file.syntax = Some("1.2.840.10008.1.2.1.99");
    let zeros = vec![0; 160 << 20];
    let packed = miniz_oxide::deflate::compress_to_vec(&zeros, 1);
    drop(zeros);
    assert!(packed.len() < 4 << 20);
    let begin = Instant::now();
    let error = decode(&[file.meta(), packed].concat()).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}

/// Many small elements, in linear time.
#[test]
fn many_elements_are_passed_quickly() {
    let mut many = Vec::new();
    for k in 0..1_000_000_u32 {
        many.extend([0x09, 0, (k & 0xff) as u8, (k >> 8) as u8, b'C', b'S', 0, 0]);
    }
    let file = File::new(EXPLICIT, 12, &stored(4095.0));
    let begin = Instant::now();
    let _ = decode(&[file.meta(), many.clone(), file.data_set()].concat());
    let mut nested = File::new(EXPLICIT, 12, &stored(4095.0));
    let items = [item(EXPLICIT, 0xe000, u32::MAX), many, item(EXPLICIT, 0xe00d, 0)].concat();
    nested.set(Tag(0x0009, 0x1010), b"SQ", Value::Items(items));
    assert!(nested.film() == file.film());
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

/// A file with every kind of text, each holding the marker.
fn marked(marker: &str) -> File {
    let mut file = File::new(EXPLICIT, 12, &stored(4095.0));
    for (tag, vr) in [
        (Tag(0x0008, 0x0018), b"UI"),
        (attribute::STUDY_DATE, b"DA"),
        (Tag(0x0008, 0x0050), b"SH"),
        (attribute::MODALITY, b"CS"),
        (Tag(0x0008, 0x0080), b"LO"),
        (Tag(0x0008, 0x0090), b"PN"),
        (Tag(0x0008, 0x1030), b"LO"),
        (Tag(0x0010, 0x0010), b"PN"),
        (Tag(0x0010, 0x0020), b"LO"),
        (attribute::PATIENT_BIRTH_DATE, b"DA"),
        (attribute::PATIENT_AGE, b"AS"),
        (Tag(0x0010, 0x4000), b"LT"),
        (attribute::BODY_PART_EXAMINED, b"CS"),
        (attribute::VIEW_POSITION, b"CS"),
        (attribute::PATIENT_ORIENTATION, b"CS"),
        (attribute::LATERALITY, b"CS"),
        (Tag(0x0020, 0x000d), b"UI"),
        (Tag(0x0020, 0x4000), b"LT"),
        (attribute::WINDOW_EXPLANATION, b"LO"),
        (attribute::VOI_LUT_FUNCTION, b"CS"),
    ] {
        file.text(tag, vr, marker);
    }
    file.text(attribute::WINDOW_CENTER, b"DS", "2000").text(attribute::WINDOW_WIDTH, b"DS", "900");
    file
}

#[test]
fn nothing_of_a_person_gets_out() {
    const MARKER: &str = "ZQXJ7";
    let film = marked(MARKER).film();
    assert_eq!(film.modality.as_ref().unwrap().windows[0].explanation.as_deref(), Some(MARKER));
    assert!(!format!("{film:?}").contains(MARKER));
    assert!(!serde_json::to_string(&film.provenance).unwrap().contains(MARKER));
    let mut errors = Vec::new();
    let bytes = marked(MARKER).bytes();
    for length in 0..bytes.len() {
        errors.extend(decode(&bytes[..length]).err());
    }
    for tag in [attribute::PHOTOMETRIC_INTERPRETATION, attribute::SOP_CLASS_UID] {
        let mut file = marked(MARKER);
        file.text(tag, b"CS", MARKER).elements.remove(&attribute::PIXEL_DATA);
        errors.push(file.error());
        let mut file = marked(MARKER);
        errors.extend(decode(&file.text(tag, b"CS", MARKER).bytes()).err());
    }
    let mut syntax = marked(MARKER);
    syntax.syntax = Some(MARKER);
    errors.push(syntax.error());
    assert!(errors.len() > 100);
    for error in errors {
        assert!(!format!("{error} {error:?}").contains(MARKER), "{error:?}");
    }
}

#[test]
fn every_truncation_is_an_error() {
    let mut file = marked("x");
    file.sequence(Tag(0x0008, 0x1140), false, &File::new(EXPLICIT, 12, &[]));
    let mut rle = file.clone();
    rle.encapsulated(RLE_UID, &[&rle_frame(&stored(4095.0))]);
    let mut implicit = File::new(IMPLICIT, 12, &stored(4095.0));
    implicit.sequence(Tag(0x0008, 0x1140), true, &File::new(IMPLICIT, 12, &[]));
    for bytes in [file.bytes(), implicit.bytes()] {
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "at {length} of {}", bytes.len());
        }
    }
    // The last delimiter may be missing.
    let bytes = rle.bytes();
    for length in 0..bytes.len() - 8 {
        assert!(decode(&bytes[..length]).is_err(), "at {length} of {}", bytes.len());
    }
    assert!(decode(&bytes[..bytes.len() - 8]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn damage_is_contained(
        coding in 0_usize..3,
        is_encapsulated in any::<bool>(),
        flips in proptest::collection::vec((0.0_f64..1.0, any::<u8>()), 1..10),
    ) {
        let coding = [IMPLICIT, EXPLICIT, EXPLICIT_BIG_ENDIAN][coding];
        let mut file = File::new(coding, 12, &stored(4095.0));
        file.sequence(Tag(0x0008, 0x1140), false, &File::new(coding, 12, &[]));
        file.text(attribute::WINDOW_CENTER, b"DS", "2000\\1").text(attribute::WINDOW_WIDTH, b"DS", "900\\3");
        file.text(attribute::PATIENT_ORIENTATION, b"CS", "F\\L").text(attribute::PIXEL_ASPECT_RATIO, b"IS", "3\\2");
        if is_encapsulated && coding == EXPLICIT {
            file.encapsulated(RLE_UID, &[&rle_frame(&stored(4095.0))]);
        }
        let mut bytes = file.bytes();
        let length = bytes.len().min(900);
        for (place, value) in flips {
            bytes[(place * length as f64) as usize] = value;
        }
        if let Ok(film) = decode(&bytes) {
            prop_assert_eq!(film.samples.len(), film.width * film.height);
            if let Some(modality) = film.modality {
                prop_assert_eq!(modality.values.len(), film.width * film.height);
            }
        }
    }

    #[test]
    fn noise_in_a_data_set_is_contained(noise in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..300) {
        let mut bytes = File::new(EXPLICIT, 12, &stored(4095.0)).bytes();
        let at = (132 + at).min(bytes.len());
        bytes.splice(at..at, noise);
        let _ = decode(&bytes);
    }
}
