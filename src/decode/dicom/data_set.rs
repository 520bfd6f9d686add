//! The elements of a file that matter here, and what their values say (PS3.5 section 6.2). No text that they hold
//! leaves this module but for code strings, which the others look up in tables.

use std::borrow::Cow;

use super::element::{Coding, EXPLICIT, Element, Elements, Header, Tag, Trouble, is_vr};
use super::element::{EXPLICIT_BIG_ENDIAN, IMPLICIT};
use crate::decode::limits::dicom::{MAX_ITEM_ELEMENTS, MAX_TEXT_BYTES};

/// The attributes that are read, by the names of PS3.6.
pub(super) mod attribute {
    use super::Tag;

    pub(in super::super) const MEDIA_STORAGE_SOP_CLASS_UID: Tag = Tag(0x0002, 0x0002);
    pub(in super::super) const TRANSFER_SYNTAX_UID: Tag = Tag(0x0002, 0x0010);
    pub(in super::super) const DIRECTORY_RECORD_SEQUENCE: Tag = Tag(0x0004, 0x1220);
    pub(in super::super) const SOP_CLASS_UID: Tag = Tag(0x0008, 0x0016);
    pub(in super::super) const CODE_VALUE: Tag = Tag(0x0008, 0x0100);
    pub(in super::super) const CODE_SCHEME: Tag = Tag(0x0008, 0x0102);
    pub(in super::super) const CODE_MEANING: Tag = Tag(0x0008, 0x0104);
    pub(in super::super) const ANATOMIC_REGION_SEQUENCE: Tag = Tag(0x0008, 0x2218);
    pub(in super::super) const VIEW_CODE_SEQUENCE: Tag = Tag(0x0054, 0x0220);
    pub(in super::super) const STUDY_DATE: Tag = Tag(0x0008, 0x0020);
    pub(in super::super) const SERIES_DATE: Tag = Tag(0x0008, 0x0021);
    pub(in super::super) const ACQUISITION_DATE: Tag = Tag(0x0008, 0x0022);
    pub(in super::super) const ACQUISITION_DATE_TIME: Tag = Tag(0x0008, 0x002a);
    pub(in super::super) const CONTENT_DATE: Tag = Tag(0x0008, 0x0023);
    pub(in super::super) const MODALITY: Tag = Tag(0x0008, 0x0060);
    pub(in super::super) const SERIES_DESCRIPTION: Tag = Tag(0x0008, 0x103e);
    pub(in super::super) const PATIENT_BIRTH_DATE: Tag = Tag(0x0010, 0x0030);
    pub(in super::super) const PATIENT_AGE: Tag = Tag(0x0010, 0x1010);
    pub(in super::super) const BODY_PART_EXAMINED: Tag = Tag(0x0018, 0x0015);
    pub(in super::super) const IMAGER_PIXEL_SPACING: Tag = Tag(0x0018, 0x1164);
    pub(in super::super) const VIEW_POSITION: Tag = Tag(0x0018, 0x5101);
    pub(in super::super) const PATIENT_ORIENTATION: Tag = Tag(0x0020, 0x0020);
    pub(in super::super) const LATERALITY: Tag = Tag(0x0020, 0x0060);
    pub(in super::super) const IMAGE_LATERALITY: Tag = Tag(0x0020, 0x0062);
    pub(in super::super) const SAMPLES_PER_PIXEL: Tag = Tag(0x0028, 0x0002);
    pub(in super::super) const PHOTOMETRIC_INTERPRETATION: Tag = Tag(0x0028, 0x0004);
    pub(in super::super) const PLANAR_CONFIGURATION: Tag = Tag(0x0028, 0x0006);
    pub(in super::super) const NUMBER_OF_FRAMES: Tag = Tag(0x0028, 0x0008);
    pub(in super::super) const ROWS: Tag = Tag(0x0028, 0x0010);
    pub(in super::super) const COLUMNS: Tag = Tag(0x0028, 0x0011);
    pub(in super::super) const PIXEL_SPACING: Tag = Tag(0x0028, 0x0030);
    pub(in super::super) const PIXEL_ASPECT_RATIO: Tag = Tag(0x0028, 0x0034);
    pub(in super::super) const BITS_ALLOCATED: Tag = Tag(0x0028, 0x0100);
    pub(in super::super) const BITS_STORED: Tag = Tag(0x0028, 0x0101);
    pub(in super::super) const HIGH_BIT: Tag = Tag(0x0028, 0x0102);
    pub(in super::super) const PIXEL_REPRESENTATION: Tag = Tag(0x0028, 0x0103);
    pub(in super::super) const PIXEL_PADDING_VALUE: Tag = Tag(0x0028, 0x0120);
    pub(in super::super) const PIXEL_PADDING_RANGE_LIMIT: Tag = Tag(0x0028, 0x0121);
    pub(in super::super) const FLOAT_PADDING_VALUE: Tag = Tag(0x0028, 0x0122);
    pub(in super::super) const DOUBLE_FLOAT_PADDING_VALUE: Tag = Tag(0x0028, 0x0123);
    pub(in super::super) const FLOAT_PADDING_RANGE_LIMIT: Tag = Tag(0x0028, 0x0124);
    pub(in super::super) const DOUBLE_FLOAT_PADDING_RANGE_LIMIT: Tag = Tag(0x0028, 0x0125);
    pub(in super::super) const WINDOW_CENTER: Tag = Tag(0x0028, 0x1050);
    pub(in super::super) const WINDOW_WIDTH: Tag = Tag(0x0028, 0x1051);
    pub(in super::super) const RESCALE_INTERCEPT: Tag = Tag(0x0028, 0x1052);
    pub(in super::super) const RESCALE_SLOPE: Tag = Tag(0x0028, 0x1053);
    pub(in super::super) const WINDOW_EXPLANATION: Tag = Tag(0x0028, 0x1055);
    pub(in super::super) const VOI_LUT_FUNCTION: Tag = Tag(0x0028, 0x1056);
    /// Red, green and blue.
    pub(in super::super) const PALETTE_DESCRIPTORS: [Tag; 3] =
        [Tag(0x0028, 0x1101), Tag(0x0028, 0x1102), Tag(0x0028, 0x1103)];
    pub(in super::super) const PALETTE_DATA: [Tag; 3] =
        [Tag(0x0028, 0x1201), Tag(0x0028, 0x1202), Tag(0x0028, 0x1203)];
    pub(in super::super) const MODALITY_LUT_SEQUENCE: Tag = Tag(0x0028, 0x3000);
    pub(in super::super) const LUT_DESCRIPTOR: Tag = Tag(0x0028, 0x3002);
    pub(in super::super) const LUT_DATA: Tag = Tag(0x0028, 0x3006);
    pub(in super::super) const VOI_LUT_SEQUENCE: Tag = Tag(0x0028, 0x3010);
    pub(in super::super) const PIXEL_MEASURES_SEQUENCE: Tag = Tag(0x0028, 0x9110);
    pub(in super::super) const FRAME_VOI_LUT_SEQUENCE: Tag = Tag(0x0028, 0x9132);
    pub(in super::super) const PIXEL_VALUE_TRANSFORMATION_SEQUENCE: Tag = Tag(0x0028, 0x9145);
    pub(in super::super) const PRESENTATION_LUT_SHAPE: Tag = Tag(0x2050, 0x0020);
    pub(in super::super) const SHARED_FUNCTIONAL_GROUPS_SEQUENCE: Tag = Tag(0x5200, 0x9229);
    pub(in super::super) const PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE: Tag = Tag(0x5200, 0x9230);
    pub(in super::super) const EXTENDED_OFFSET_TABLE: Tag = Tag(0x7fe0, 0x0001);
    pub(in super::super) const FLOAT_PIXEL_DATA: Tag = Tag(0x7fe0, 0x0008);
    pub(in super::super) const DOUBLE_FLOAT_PIXEL_DATA: Tag = Tag(0x7fe0, 0x0009);
    pub(in super::super) const PIXEL_DATA: Tag = Tag(0x7fe0, 0x0010);
}

/// The groups that hold an attribute that is read.
const GROUPS: [u16; 11] =
    [0x0002, 0x0004, 0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0054, 0x2050, 0x5200, 0x7fe0];

/// The functional groups that matter for the grey of a frame and its shape, and what they hold (PS3.3 C.7.6.16.2.1,
/// C.7.6.16.2.9, C.7.6.16.2.10).
const FUNCTIONAL_GROUPS: [(Tag, &[Tag]); 3] = [
    (attribute::PIXEL_MEASURES_SEQUENCE, &[attribute::PIXEL_SPACING]),
    (
        attribute::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
        &[attribute::MODALITY_LUT_SEQUENCE, attribute::RESCALE_INTERCEPT, attribute::RESCALE_SLOPE],
    ),
    (
        attribute::FRAME_VOI_LUT_SEQUENCE,
        &[
            attribute::VOI_LUT_SEQUENCE,
            attribute::WINDOW_CENTER,
            attribute::WINDOW_WIDTH,
            attribute::WINDOW_EXPLANATION,
            attribute::VOI_LUT_FUNCTION,
        ],
    ),
];

/// What the file meta information says, and where the data set begins (PS3.10 section 7).
pub(super) struct Meta<'a> {
    /// Where it begins: after the preamble, if there is one, and the four letters that follow.
    pub(super) begins_at: usize,
    pub(super) sop_class: Option<&'a str>,
    pub(super) transfer_syntax: Option<&'a str>,
    pub(super) data_set_at: usize,
}

impl<'a> Meta<'a> {
    /// Reads it; `None` where the file is not DICOM. Files may lack the preamble, the letters after it, or all of this.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Result<Self, Trouble>> {
        const LETTERS: &[u8] = b"DICM";
        let has_letters = |at: usize| bytes.get(at..at + LETTERS.len()) == Some(LETTERS);
        let at = match [128, 0].into_iter().find(|&at| has_letters(at)) {
            Some(at) => at + LETTERS.len(),
            None if begins_with_meta(bytes) || guess(bytes).is_some() => 0,
            None => return None,
        };
        let mut meta = Self { begins_at: at, sop_class: None, transfer_syntax: None, data_set_at: at };
        let mut elements = Elements::new(bytes, EXPLICIT);
        elements.at = at;
        // Always explicit and little endian.
        while Header::read(bytes, elements.at, EXPLICIT).is_some_and(|header| header.tag.0 == 2) {
            match elements.next() {
                Ok(Some(element)) => match element.tag {
                    attribute::MEDIA_STORAGE_SOP_CLASS_UID => meta.sop_class = text(element.value),
                    attribute::TRANSFER_SYNTAX_UID => meta.transfer_syntax = text(element.value),
                    _ => {}
                },
                Ok(None) => break,
                Err(trouble) => return Some(Err(trouble)),
            }
        }
        meta.data_set_at = elements.at;
        Some(Ok(meta))
    }
}

/// Whether the first element is one of the file meta information.
fn begins_with_meta(bytes: &[u8]) -> bool {
    let is_meta = |header: &Header| header.tag.0 == 2 && header.tag.1 <= 0x0102 && is_vr(header.vr);
    let vr = bytes.get(4..6).map(|vr| [vr[0], vr[1]]);
    let header = Header::read(bytes, 0, EXPLICIT).filter(is_meta).filter(|_| vr.is_some_and(is_vr));
    header.is_some_and(|header| bytes.len() - header.value_at.min(bytes.len()) > header.length as usize)
}

/// How the elements are written that `bytes` begin with; `None` where they are none. They must ascend from a low
/// group, and have representations that there are and lengths that fit.
pub(super) fn guess(bytes: &[u8]) -> Option<Coding> {
    [EXPLICIT, EXPLICIT_BIG_ENDIAN, IMPLICIT].into_iter().find(|&coding| is_plausible(bytes, coding))
}

fn is_plausible(bytes: &[u8], coding: Coding) -> bool {
    let mut at = 0;
    let mut last = None;
    for _ in 0..3 {
        let Some(header) = Header::read(bytes, at, coding) else { return false };
        let vr = bytes.get(at + 4..at + 6).map(|vr| [vr[0], vr[1]]);
        let ascends = match last {
            None => matches!(header.tag.0, 4 | 8),
            Some(last) => header.tag > last && header.tag.0 < 0x60,
        };
        if !ascends || (coding.is_explicit && !vr.is_some_and(is_vr)) {
            return false;
        }
        // A sequence of undefined length, as the third or second element: what came before is enough.
        if header.length == u32::MAX {
            return last.is_some();
        }
        match header.value_at.checked_add(header.length as usize) {
            Some(end) if end <= bytes.len() => at = end,
            _ => return false,
        }
        last = Some(header.tag);
    }
    true
}

/// Text without what fills it up; `None` where it is not ASCII, or longer than any text that is read.
fn text(value: &[u8]) -> Option<&str> {
    let value = Some(value).filter(|value| value.len() <= MAX_TEXT_BYTES)?;
    let text = std::str::from_utf8(value).ok().filter(|text| text.is_ascii())?;
    Some(text.trim_matches([' ', '\0']))
}

/// The elements of the first level, up to the pixels.
pub(super) struct DataSet<'a> {
    elements: Vec<Element<'a>>,
    coding: Coding,
}

impl<'a> DataSet<'a> {
    /// Reads them, written as `coding` says, or as the first of them shows.
    pub(super) fn read(bytes: &'a [u8], coding: Coding) -> Result<Self, Trouble> {
        let coding = match guess(bytes) {
            Some(guessed) if guessed.is_big_endian == coding.is_big_endian => guessed,
            _ => coding,
        };
        let mut all = Elements::new(bytes, coding);
        let mut elements: Vec<Element<'a>> = Vec::new();
        while let Some(element) = all.next()? {
            let is_pixels = element.tag == attribute::PIXEL_DATA;
            let ascends = elements.last().is_none_or(|last| last.tag < element.tag);
            if ascends && GROUPS.contains(&element.tag.0) {
                elements.push(element);
            }
            if is_pixels {
                break;
            }
        }
        let mut data_set = Self { elements, coding };
        data_set.take_functional_groups();
        Ok(data_set)
    }

    /// Puts what the functional groups of an enhanced object say of its first frame, which is the one that is read, in
    /// the place of what the data set says: first what all frames share, then what is of this one alone.
    fn take_functional_groups(&mut self) {
        for groups in
            [attribute::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, attribute::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE]
        {
            let Some(groups) = self.get(groups).map(Self::of_item) else { continue };
            for (group, tags) in FUNCTIONAL_GROUPS {
                let Some(group) = groups.get(group).map(Self::of_item) else { continue };
                let is_of_group = |element: &Element<'_>| tags.contains(&element.tag);
                if tags.iter().any(|&tag| group.get(tag).is_some()) {
                    self.elements.retain(|element| !is_of_group(element));
                    self.elements.extend(group.elements.into_iter().filter(is_of_group));
                }
            }
        }
    }

    /// Those of an item.
    pub(super) fn of_item(sequence: Element<'a>) -> Self {
        let mut all = super::element::first_item(sequence);
        let mut elements = Vec::new();
        while let Ok(Some(element)) = all.next() {
            elements.push(element);
            if elements.len() == MAX_ITEM_ELEMENTS {
                break;
            }
        }
        Self { elements, coding: sequence.coding }
    }

    /// An element, if it has a value.
    pub(super) fn get(&self, tag: Tag) -> Option<Element<'a>> {
        self.elements.iter().find(|element| element.tag == tag && !element.value.is_empty()).copied()
    }

    /// An element, with a value or without.
    pub(super) fn element(&self, tag: Tag) -> Option<Element<'a>> {
        self.elements.iter().find(|element| element.tag == tag).copied()
    }

    /// Whether an element is there, with a value or without.
    pub(super) fn has(&self, tag: Tag) -> bool {
        self.element(tag).is_some()
    }

    /// True where there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// How numbers are written.
    pub(super) fn coding(&self) -> Coding {
        self.coding
    }

    /// Text in ASCII, without what fills it up; empty where there is none.
    pub(super) fn text(&self, tag: Tag) -> &'a str {
        self.get(tag).and_then(|element| text(element.value)).unwrap_or("")
    }

    /// A text in any character set, for its words of plain letters; others may be wrong.
    pub(super) fn free_text(&self, tag: Tag) -> Cow<'a, str> {
        let value = self.get(tag).map(|element| element.value).filter(|value| value.len() <= MAX_TEXT_BYTES);
        String::from_utf8_lossy(value.unwrap_or_default())
    }

    /// The values of a text.
    pub(super) fn texts(&self, tag: Tag) -> impl Iterator<Item = &'a str> {
        self.text(tag).split('\\').map(|text| text.trim_matches([' ', '\0']))
    }

    /// Decimal strings (DS, IS) that are finite numbers.
    pub(super) fn decimals(&self, tag: Tag) -> Vec<f64> {
        let number = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        self.texts(tag).map_while(number).collect()
    }

    /// 16-bit words (US, SS, OW), at most so many.
    pub(super) fn words(&self, tag: Tag, most: usize) -> Vec<u16> {
        let value = self.get(tag).map_or(&[][..], |element| element.value);
        value.chunks_exact(2).take(most).map(|word| self.coding.u16([word[0], word[1]])).collect()
    }

    /// The first number of floating point: of 64 bit (FD), or of 32 (FL).
    pub(super) fn float(&self, tag: Tag, is_double: bool) -> Option<f64> {
        let value = self.get(tag)?.value;
        self.coding.floats(value, is_double).next()
    }

    /// The first 16-bit word.
    pub(super) fn word(&self, tag: Tag) -> Option<u16> {
        let value = self.get(tag)?.value;
        value.first_chunk().map(|&word| self.coding.u16(word))
    }
}
