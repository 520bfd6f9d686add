//! Data elements: PS3.5 section 7. Values are slices of the file, so that no length that a file claims is ever
//! allocated; sequences are walked without recursion, to a bounded depth.

use crate::decode::limits::dicom::{MAX_FRAGMENTS, MAX_LEVELS};
use crate::error::{Error, ErrorKind, Result};

/// A length that is not stated: what follows ends with a delimiter.
const UNDEFINED: u32 = u32::MAX;

/// Group and element number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tag(pub(super) u16, pub(super) u16);

const ITEM: Tag = Tag(0xfffe, 0xe000);
const ITEM_END: Tag = Tag(0xfffe, 0xe00d);
const SEQUENCE_END: Tag = Tag(0xfffe, 0xe0dd);

/// How elements are written (PS3.5 sections 7.1, 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    pub(super) is_explicit: bool,
    pub(super) is_big_endian: bool,
}

pub(super) const IMPLICIT: Coding = Coding { is_explicit: false, is_big_endian: false };
pub(super) const EXPLICIT: Coding = Coding { is_explicit: true, is_big_endian: false };
pub(super) const EXPLICIT_BIG_ENDIAN: Coding = Coding { is_explicit: true, is_big_endian: true };

impl Coding {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    /// Numbers of floating point (IEEE 754), of 64 bit or of 32.
    pub(super) fn floats(self, bytes: &[u8], is_double: bool) -> impl Iterator<Item = f64> {
        bytes.chunks_exact(if is_double { 8 } else { 4 }).map(move |number| match *number {
            [a, b, c, d] => f64::from(f32::from_bits(self.u32([a, b, c, d]))),
            [a, b, c, d, e, f, g, h] => {
                let [first, second] = [[a, b, c, d], [e, f, g, h]].map(|word| u64::from(self.u32(word)));
                let (high, low) = if self.is_big_endian { (first, second) } else { (second, first) };
                f64::from_bits(high << 32 | low)
            }
            _ => f64::NAN,
        })
    }
}

/// A value representation (PS3.5 section 6.2): its two letters; `UN` where the file does not say.
pub(super) type Vr = [u8; 2];

/// The value representations there are.
const VRS: [&Vr; 34] = [
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"OB", b"OD", b"OF",
    b"OL", b"OV", b"OW", b"PN", b"SH", b"SL", b"SQ", b"SS", b"ST", b"SV", b"TM", b"UC", b"UI", b"UL", b"UN",
    b"UR", b"US", b"UT", b"UV",
];

/// Those whose length has four bytes.
const LONG: [&Vr; 13] =
    [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];

/// Whether two bytes are a value representation.
pub(super) fn is_vr(bytes: [u8; 2]) -> bool {
    VRS.contains(&&bytes)
}

/// Tag, representation and length, and where the value begins.
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub(super) tag: Tag,
    pub(super) vr: Vr,
    pub(super) length: u32,
    pub(super) value_at: usize,
}

impl Header {
    /// Reads one; `None` where the bytes end before.
    pub(super) fn read(bytes: &[u8], at: usize, coding: Coding) -> Option<Self> {
        let &[a, b, c, d, e, f, g, h] = bytes.get(at..at.checked_add(8)?)? else { return None };
        let tag = Tag(coding.u16([a, b]), coding.u16([c, d]));
        let short = |vr| Self { tag, vr, length: coding.u32([e, f, g, h]), value_at: at + 8 };
        let vr = [e, f];
        // Delimiters have no representation; and some writers leave it out of an element or two.
        if tag.0 == ITEM.0 || !coding.is_explicit || !(e.is_ascii_uppercase() && f.is_ascii_uppercase()) {
            return Some(short(*b"UN"));
        }
        if !LONG.contains(&&vr) && is_vr(vr) {
            return Some(Self { tag, vr, length: u32::from(coding.u16([g, h])), value_at: at + 8 });
        }
        let &[i, j, k, l] = bytes.get(at + 8..at + 12)? else { return None };
        Some(Self { tag, vr, length: coding.u32([i, j, k, l]), value_at: at + 12 })
    }

    /// Where a value of a stated length ends; `None` beyond the end of the bytes.
    fn end(&self, bytes: &[u8]) -> Option<usize> {
        self.value_at.checked_add(self.length as usize).filter(|&end| end <= bytes.len())
    }

    /// Whether its value of undefined length is fragments, whose items are not data sets (PS3.5 A.4).
    fn is_fragments(&self) -> bool {
        self.tag == Tag(0x7fe0, 0x0010) || matches!(&self.vr, b"OB" | b"OW")
    }
}

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: Tag,
    pub(super) vr: Vr,
    /// Its value, without the delimiter that ends it.
    pub(super) value: &'a [u8],
    /// Whether the value is fragments.
    pub(super) is_encapsulated: bool,
    /// How the value is written, if it is a sequence.
    pub(super) coding: Coding,
}

/// Why elements cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The bytes end, or lengths contradict each other.
    CutShort,
    /// Sequences are nested deeper than any real file's.
    TooDeep,
    /// More fragments than any real file has.
    TooMany,
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        let message = match trouble {
            Trouble::CutShort => "the DICOM file is damaged or cut short: fetch it again",
            Trouble::TooDeep => {
                "the DICOM file is damaged, its sequences are nested too deeply: fetch it again"
            }
            Trouble::TooMany => {
                "the DICOM file is damaged, its picture is in too many fragments: fetch it again"
            }
        };
        Self::new(ErrorKind::Decode, message)
    }
}

/// The elements of a data set, one after the other.
pub(super) struct Elements<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    coding: Coding,
}

impl<'a> Elements<'a> {
    /// From the beginning of `bytes`.
    pub(super) fn new(bytes: &'a [u8], coding: Coding) -> Self {
        Self { bytes, at: 0, coding }
    }

    /// The next element; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Element<'a>>, Trouble> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        // Some writers fill up the last block with zeros.
        if rest.is_empty() || (rest.len() < 8 && rest.iter().all(|&byte| byte == 0)) {
            return Ok(None);
        }
        let header = Header::read(self.bytes, self.at, self.coding).ok_or(Trouble::CutShort)?;
        if header.tag == ITEM_END || header.tag == SEQUENCE_END {
            return Ok(None);
        }
        let coding = inner(self.coding, &header);
        let (end, next) = if header.length == UNDEFINED {
            let next = walk(self.bytes, &header, coding)?;
            (next.value_end, next.next)
        } else {
            let end = header.end(self.bytes).ok_or(Trouble::CutShort)?;
            // Such a sequence may be skipped whatever is in it, but for its depth. Nothing in it is followed beyond its end:
            // a thousand short ones would otherwise be walked to the end of the file a thousand times.
            if &header.vr == b"SQ" && walk(&self.bytes[..end], &header, coding) == Err(Trouble::TooDeep) {
                return Err(Trouble::TooDeep);
            }
            (end, end)
        };
        self.at = next;
        let value = self.bytes.get(header.value_at..end).ok_or(Trouble::CutShort)?;
        let is_encapsulated = header.length == UNDEFINED && header.is_fragments();
        Ok(Some(Element { tag: header.tag, vr: header.vr, value, is_encapsulated, coding }))
    }
}

/// How the items of a sequence are written: as what is around, but for unknown ones (PS3.5 6.2.2 note 2).
fn inner(coding: Coding, header: &Header) -> Coding {
    let is_unknown = coding.is_explicit && &header.vr == b"UN" && header.length == UNDEFINED;
    if is_unknown { IMPLICIT } else { coding }
}

/// Where a sequence's value ends, and where the next element begins.
#[derive(Debug, PartialEq, Eq)]
struct Extent {
    value_end: usize,
    next: usize,
}

/// A level of the walk.
#[derive(Clone, Copy)]
struct Level {
    /// Where it ends, if that is stated.
    end: Option<usize>,
    /// An item of elements; else a sequence of items.
    is_item: bool,
    /// A sequence of fragments.
    is_fragments: bool,
    coding: Coding,
}

/// Walks through a sequence, or fragments, to its end.
fn walk(bytes: &[u8], header: &Header, coding: Coding) -> Result<Extent, Trouble> {
    let stated = |header: &Header| match header.length {
        UNDEFINED => Ok(None),
        _ => header.end(bytes).map(Some).ok_or(Trouble::CutShort),
    };
    let sequence = |header: &Header, coding| {
        let is_fragments = header.length == UNDEFINED && header.is_fragments();
        Ok::<_, Trouble>(Level { end: stated(header)?, is_item: false, is_fragments, coding })
    };
    let mut levels = vec![sequence(header, coding)?];
    let mut at = header.value_at;
    while let Some(level) = levels.last().copied() {
        if levels.len() > MAX_LEVELS {
            return Err(Trouble::TooDeep);
        }
        if let Some(end) = level.end {
            if at > end {
                return Err(Trouble::CutShort);
            }
            if at == end {
                levels.pop();
                if levels.is_empty() {
                    return Ok(Extent { value_end: at, next: at });
                }
                continue;
            }
        }
        // A last delimiter that is missing harms nobody.
        if at == bytes.len() && levels.len() == 1 {
            return Ok(Extent { value_end: at, next: at });
        }
        let header = Header::read(bytes, at, level.coding).ok_or(Trouble::CutShort)?;
        match (level.is_item, header.tag) {
            (true, ITEM_END) | (false, SEQUENCE_END) => {
                levels.pop();
                if levels.is_empty() {
                    return Ok(Extent { value_end: at, next: header.value_at });
                }
                at = header.value_at;
            }
            (false, ITEM) if level.is_fragments => at = header.end(bytes).ok_or(Trouble::CutShort)?,
            (false, ITEM) => {
                levels.push(Level { end: stated(&header)?, is_item: true, ..level });
                at = header.value_at;
            }
            (false, _) => return Err(Trouble::CutShort),
            (true, _) if header.length == UNDEFINED || &header.vr == b"SQ" => {
                levels.push(sequence(&header, inner(level.coding, &header))?);
                at = header.value_at;
            }
            (true, _) => at = header.end(bytes).ok_or(Trouble::CutShort)?,
        }
    }
    Err(Trouble::CutShort)
}

/// The elements of a sequence's first item; none where it has no items.
pub(super) fn first_item(sequence: Element<'_>) -> Elements<'_> {
    let Element { value, coding, .. } = sequence;
    let item = Header::read(value, 0, coding).filter(|header| header.tag == ITEM).and_then(|header| {
        let end = if header.length == UNDEFINED { value.len() } else { header.end(value)? };
        value.get(header.value_at..end)
    });
    Elements::new(item.unwrap_or(&[]), coding)
}

/// The fragments of encapsulated pixel data, the first of which is the offset table (PS3.5 A.4).
pub(super) fn fragments(value: &[u8]) -> Result<Vec<&[u8]>, Trouble> {
    let mut fragments = Vec::new();
    let mut at = 0;
    while at < value.len() {
        if fragments.len() == MAX_FRAGMENTS {
            return Err(Trouble::TooMany);
        }
        let header = Header::read(value, at, IMPLICIT).ok_or(Trouble::CutShort)?;
        let end = header.end(value).filter(|_| header.tag == ITEM).ok_or(Trouble::CutShort)?;
        fragments.push(value.get(header.value_at..end).unwrap_or(&[]));
        at = end;
    }
    Ok(fragments)
}
