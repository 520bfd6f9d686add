//! What a file says, in words: for whoever holds it and asks. The only place from which a header's text leaves; it may name
//! the patient, so nothing here is logged, and [`DicomTag`] has no `Debug`.

use std::borrow::Cow;

use serde::Serialize;

use super::data_set::{self, Meta, attribute};
use super::element::{Coding, EXPLICIT, Element, Elements, IMPLICIT, Tag, Vr};
use super::inflated;
use super::syntax::TransferSyntax;
use crate::decode::limits::dicom::{MAX_LISTED, MAX_LISTED_LETTERS, MAX_LISTED_NUMBERS};
use crate::error::{Error, ErrorKind, Result};

/// One element of a file, as text. It may name the patient.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DicomTag {
    /// For example `0010,0010`.
    pub tag: String,
    /// Its name in PS3.6, for those that films commonly have; empty for others.
    pub name: &'static str,
    /// Its value: at most 200 letters. Pixels and other bulk data are described, not given.
    pub value: String,
}

/// The elements of the first level, up to the pixels. A file that is cut short gives those that are there.
pub(in super::super) fn tags(bytes: &[u8]) -> Result<Vec<DicomTag>> {
    let Some(meta) = Meta::read(bytes) else {
        return Err(Error::new(
            ErrorKind::UnsupportedFormat,
            "this is not a DICOM file: it has no tags to list",
        ));
    };
    let meta = meta?;
    let mut listed = Vec::new();
    list(bytes.get(meta.begins_at..meta.data_set_at).unwrap_or(&[]), EXPLICIT, &mut listed);
    let rest = bytes.get(meta.data_set_at..).unwrap_or(&[]);
    let syntax = match meta.transfer_syntax {
        Some(uid) => TransferSyntax::of(uid),
        None => TransferSyntax::uncompressed(data_set::guess(rest).unwrap_or(IMPLICIT)),
    };
    let elements = if syntax.is_deflated { Cow::Owned(inflated(rest)?) } else { Cow::Borrowed(rest) };
    let coding = match data_set::guess(&elements) {
        Some(guessed) if guessed.is_big_endian == syntax.coding.is_big_endian => guessed,
        _ => syntax.coding,
    };
    list(&elements, coding, &mut listed);
    Ok(listed)
}

fn list(bytes: &[u8], coding: Coding, listed: &mut Vec<DicomTag>) {
    let mut elements = Elements::new(bytes, coding);
    while let Ok(Some(element)) = elements.next() {
        if listed.len() >= MAX_LISTED || element.tag >= attribute::PIXEL_DATA {
            return;
        }
        // Lengths of groups say nothing.
        if element.tag.1 != 0 {
            listed.push(described(element, coding));
        }
    }
}

fn described(element: Element<'_>, coding: Coding) -> DicomTag {
    let Tag(group, number) = element.tag;
    let known = KNOWN.iter().find(|(tag, ..)| *tag == element.tag);
    let name = known.map_or("", |(_, _, name)| *name);
    let vr = match (&element.vr, known) {
        (b"UN", Some(&(_, vr, _))) => *vr,
        _ => element.vr,
    };
    DicomTag { tag: format!("{group:04X},{number:04X}"), name, value: value(element.value, vr, coding) }
}

fn value(bytes: &[u8], vr: Vr, coding: Coding) -> String {
    let big = coding.is_big_endian;
    match &vr {
        b"SQ" => String::from("(sequence)"),
        b"US" => numbers(bytes, |word: [u8; 2]| coding.u16(word).to_string()),
        b"SS" => numbers(bytes, |word: [u8; 2]| (coding.u16(word) as i16).to_string()),
        b"UL" => numbers(bytes, |word: [u8; 4]| {
            if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }.to_string()
        }),
        b"SL" => numbers(bytes, |word: [u8; 4]| {
            if big { i32::from_be_bytes(word) } else { i32::from_le_bytes(word) }.to_string()
        }),
        b"FL" => numbers(bytes, |word: [u8; 4]| {
            if big { f32::from_be_bytes(word) } else { f32::from_le_bytes(word) }.to_string()
        }),
        b"FD" => numbers(bytes, |word: [u8; 8]| {
            if big { f64::from_be_bytes(word) } else { f64::from_le_bytes(word) }.to_string()
        }),
        b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"AT" | b"SV" | b"UV" => bulk(bytes),
        _ => text(bytes).unwrap_or_else(|| bulk(bytes)),
    }
}

fn numbers<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> String) -> String {
    let words = bytes.chunks_exact(N).filter_map(|word| word.try_into().ok());
    let mut all: Vec<String> = words.take(MAX_LISTED_NUMBERS).map(number).collect();
    if bytes.len() / N > MAX_LISTED_NUMBERS {
        all.push(String::from("…"));
    }
    all.join("; ")
}

fn bulk(bytes: &[u8]) -> String {
    format!("({} bytes)", bytes.len())
}

/// Text in UTF-8, else in Latin-1; `None` for what holds control characters.
fn text(bytes: &[u8]) -> Option<String> {
    // Of four bytes at most for a letter.
    let head = bytes.get(..4 * MAX_LISTED_LETTERS + 4).unwrap_or(bytes);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() => {
            String::from_utf8_lossy(&head[..error.valid_up_to()]).into_owned()
        }
        Err(_) => head.iter().map(|&byte| char::from(byte)).collect(),
    };
    let text = text.trim_matches([' ', '\0']);
    if text
        .chars()
        .any(|letter| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}'))
    {
        return None;
    }
    let mut letters = text.chars();
    let mut cut: String = letters.by_ref().take(MAX_LISTED_LETTERS).collect();
    if letters.next().is_some() {
        cut.push('…');
    }
    Some(cut)
}

/// Elements that films commonly have: representation, for files that do not state it, and name (PS3.6).
#[rustfmt::skip]
const KNOWN: &[(Tag, &Vr, &str)] = &[
    (Tag(0x0002, 0x0002), b"UI", "Media Storage SOP Class UID"),
    (Tag(0x0002, 0x0003), b"UI", "Media Storage SOP Instance UID"),
    (Tag(0x0002, 0x0010), b"UI", "Transfer Syntax UID"),
    (Tag(0x0002, 0x0012), b"UI", "Implementation Class UID"),
    (Tag(0x0002, 0x0013), b"SH", "Implementation Version Name"),
    (Tag(0x0002, 0x0016), b"AE", "Source Application Entity Title"),
    (Tag(0x0008, 0x0005), b"CS", "Specific Character Set"),
    (Tag(0x0008, 0x0008), b"CS", "Image Type"),
    (Tag(0x0008, 0x0016), b"UI", "SOP Class UID"),
    (Tag(0x0008, 0x0018), b"UI", "SOP Instance UID"),
    (Tag(0x0008, 0x0020), b"DA", "Study Date"),
    (Tag(0x0008, 0x0021), b"DA", "Series Date"),
    (Tag(0x0008, 0x0022), b"DA", "Acquisition Date"),
    (Tag(0x0008, 0x0023), b"DA", "Content Date"),
    (Tag(0x0008, 0x0030), b"TM", "Study Time"),
    (Tag(0x0008, 0x0031), b"TM", "Series Time"),
    (Tag(0x0008, 0x0032), b"TM", "Acquisition Time"),
    (Tag(0x0008, 0x0033), b"TM", "Content Time"),
    (Tag(0x0008, 0x0050), b"SH", "Accession Number"),
    (Tag(0x0008, 0x0060), b"CS", "Modality"),
    (Tag(0x0008, 0x0064), b"CS", "Conversion Type"),
    (Tag(0x0008, 0x0070), b"LO", "Manufacturer"),
    (Tag(0x0008, 0x0080), b"LO", "Institution Name"),
    (Tag(0x0008, 0x0081), b"ST", "Institution Address"),
    (Tag(0x0008, 0x0090), b"PN", "Referring Physician's Name"),
    (Tag(0x0008, 0x1010), b"SH", "Station Name"),
    (Tag(0x0008, 0x1030), b"LO", "Study Description"),
    (Tag(0x0008, 0x103e), b"LO", "Series Description"),
    (Tag(0x0008, 0x1040), b"LO", "Institutional Department Name"),
    (Tag(0x0008, 0x1048), b"PN", "Physician(s) of Record"),
    (Tag(0x0008, 0x1050), b"PN", "Performing Physician's Name"),
    (Tag(0x0008, 0x1060), b"PN", "Name of Physician(s) Reading Study"),
    (Tag(0x0008, 0x1070), b"PN", "Operators' Name"),
    (Tag(0x0008, 0x1090), b"LO", "Manufacturer's Model Name"),
    (Tag(0x0010, 0x0010), b"PN", "Patient's Name"),
    (Tag(0x0010, 0x0020), b"LO", "Patient ID"),
    (Tag(0x0010, 0x0030), b"DA", "Patient's Birth Date"),
    (Tag(0x0010, 0x0040), b"CS", "Patient's Sex"),
    (Tag(0x0010, 0x1000), b"LO", "Other Patient IDs"),
    (Tag(0x0010, 0x1010), b"AS", "Patient's Age"),
    (Tag(0x0010, 0x1020), b"DS", "Patient's Size"),
    (Tag(0x0010, 0x1030), b"DS", "Patient's Weight"),
    (Tag(0x0010, 0x1040), b"LO", "Patient's Address"),
    (Tag(0x0010, 0x21b0), b"LT", "Additional Patient History"),
    (Tag(0x0010, 0x4000), b"LT", "Patient Comments"),
    (Tag(0x0018, 0x0015), b"CS", "Body Part Examined"),
    (Tag(0x0018, 0x0060), b"DS", "KVP"),
    (Tag(0x0018, 0x1000), b"LO", "Device Serial Number"),
    (Tag(0x0018, 0x1020), b"LO", "Software Versions"),
    (Tag(0x0018, 0x1030), b"LO", "Protocol Name"),
    (Tag(0x0018, 0x1110), b"DS", "Distance Source to Detector"),
    (Tag(0x0018, 0x1150), b"IS", "Exposure Time"),
    (Tag(0x0018, 0x1151), b"IS", "X-Ray Tube Current"),
    (Tag(0x0018, 0x1152), b"IS", "Exposure"),
    (Tag(0x0018, 0x1164), b"DS", "Imager Pixel Spacing"),
    (Tag(0x0018, 0x1400), b"LO", "Acquisition Device Processing Description"),
    (Tag(0x0018, 0x1508), b"CS", "Positioner Type"),
    (Tag(0x0018, 0x5101), b"CS", "View Position"),
    (Tag(0x0018, 0x7004), b"CS", "Detector Type"),
    (Tag(0x0020, 0x000d), b"UI", "Study Instance UID"),
    (Tag(0x0020, 0x000e), b"UI", "Series Instance UID"),
    (Tag(0x0020, 0x0010), b"SH", "Study ID"),
    (Tag(0x0020, 0x0011), b"IS", "Series Number"),
    (Tag(0x0020, 0x0013), b"IS", "Instance Number"),
    (Tag(0x0020, 0x0020), b"CS", "Patient Orientation"),
    (Tag(0x0020, 0x0060), b"CS", "Laterality"),
    (Tag(0x0020, 0x0062), b"CS", "Image Laterality"),
    (Tag(0x0020, 0x4000), b"LT", "Image Comments"),
    (Tag(0x0028, 0x0002), b"US", "Samples per Pixel"),
    (Tag(0x0028, 0x0004), b"CS", "Photometric Interpretation"),
    (Tag(0x0028, 0x0008), b"IS", "Number of Frames"),
    (Tag(0x0028, 0x0010), b"US", "Rows"),
    (Tag(0x0028, 0x0011), b"US", "Columns"),
    (Tag(0x0028, 0x0030), b"DS", "Pixel Spacing"),
    (Tag(0x0028, 0x0034), b"IS", "Pixel Aspect Ratio"),
    (Tag(0x0028, 0x0100), b"US", "Bits Allocated"),
    (Tag(0x0028, 0x0101), b"US", "Bits Stored"),
    (Tag(0x0028, 0x0102), b"US", "High Bit"),
    (Tag(0x0028, 0x0103), b"US", "Pixel Representation"),
    (Tag(0x0028, 0x0120), b"US", "Pixel Padding Value"),
    (Tag(0x0028, 0x0301), b"CS", "Burned In Annotation"),
    (Tag(0x0028, 0x1050), b"DS", "Window Center"),
    (Tag(0x0028, 0x1051), b"DS", "Window Width"),
    (Tag(0x0028, 0x1052), b"DS", "Rescale Intercept"),
    (Tag(0x0028, 0x1053), b"DS", "Rescale Slope"),
    (Tag(0x0028, 0x1054), b"LO", "Rescale Type"),
    (Tag(0x0028, 0x1055), b"LO", "Window Center & Width Explanation"),
    (Tag(0x0028, 0x1056), b"CS", "VOI LUT Function"),
    (Tag(0x0028, 0x2110), b"CS", "Lossy Image Compression"),
    (Tag(0x0032, 0x1032), b"PN", "Requesting Physician"),
    (Tag(0x0032, 0x1033), b"LO", "Requesting Service"),
    (Tag(0x0032, 0x1060), b"LO", "Requested Procedure Description"),
    (Tag(0x0040, 0x0254), b"LO", "Performed Procedure Step Description"),
    (Tag(0x2050, 0x0020), b"CS", "Presentation LUT Shape"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: Tag, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
        let mut bytes = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
        bytes.extend_from_slice(vr);
        if matches!(vr, b"OB" | b"OW" | b"UN" | b"SQ") {
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
        } else {
            bytes.extend_from_slice(&(value.len() as u16).to_le_bytes());
        }
        bytes.extend_from_slice(value);
        bytes
    }

    fn file(elements: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend_from_slice(b"DICM");
        bytes.extend(element(Tag(2, 0x0010), b"UI", b"1.2.840.10008.1.2.1\0"));
        bytes.extend(elements.concat());
        bytes
    }

    #[test]
    fn elements_are_listed_by_name_and_value() {
        let bytes = file(&[
            element(Tag(8, 0x0060), b"CS", b"CR"),
            element(Tag(0x0010, 0x0010), b"PN", "Doé^Jane ".as_bytes()),
            element(Tag(0x0010, 0x0020), b"LO", b"M\xfcller"),
            element(Tag(0x0011, 0x0010), b"LO", &[b'x'; 300]),
            element(Tag(0x0028, 0x0010), b"US", &512_u16.to_le_bytes()),
            element(Tag(0x0028, 0x3006), b"OW", &[1, 0, 2, 0]),
            element(Tag(0x7fe0, 0x0010), b"OW", &[0; 8]),
        ]);
        let listed = tags(&bytes).unwrap_or_default();
        let all: Vec<(&str, &str, &str)> =
            listed.iter().map(|tag| (tag.tag.as_str(), tag.name, tag.value.as_str())).collect();
        let long = format!("{}…", "x".repeat(MAX_LISTED_LETTERS));
        let expected = [
            ("0002,0010", "Transfer Syntax UID", "1.2.840.10008.1.2.1"),
            ("0008,0060", "Modality", "CR"),
            ("0010,0010", "Patient's Name", "Doé^Jane"),
            ("0010,0020", "Patient ID", "Müller"),
            ("0011,0010", "", long.as_str()),
            ("0028,0010", "Rows", "512"),
            ("0028,3006", "", "(4 bytes)"),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn a_file_that_is_cut_short_says_what_is_there_and_a_long_one_is_cut() {
        let mut bytes =
            file(&[element(Tag(8, 0x0060), b"CS", b"CR"), element(Tag(0x0010, 0x0010), b"PN", b"Doe^Jane")]);
        bytes.truncate(bytes.len() - 3);
        assert_eq!(tags(&bytes).map(|listed| listed.len()).unwrap_or_default(), 2);
        let many: Vec<Vec<u8>> = (1..1000).map(|k| element(Tag(9, k), b"LO", b"x ")).collect();
        assert_eq!(tags(&file(&many)).map(|listed| listed.len()).unwrap_or_default(), MAX_LISTED);
        assert!(tags(b"hello, film").is_err());
    }

    #[test]
    fn known_elements_are_in_order() {
        assert!(KNOWN.is_sorted_by_key(|(tag, ..)| *tag));
    }
}
