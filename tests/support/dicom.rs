//! Writes DICOM files element by element, in explicit little endian unless stated otherwise.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::type_complexity)]

pub type Tag = (u16, u16);

pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub const RLE: &str = "1.2.840.10008.1.2.5";
pub const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
pub const PIXELS: Tag = (0x7fe0, 0x0010);

#[derive(Clone)]
pub struct File {
    pub syntax: &'static str,
    /// Tag, representation, a false length if there is one, and value.
    pub elements: Vec<(Tag, [u8; 2], Option<u32>, Vec<u8>)>,
}

impl File {
    /// An 8-bit film.
    pub fn film(width: usize, height: usize, pixels: &[u8]) -> Self {
        let mut file = Self { syntax: EXPLICIT, elements: Vec::new() };
        file.set((0x0008, 0x0060), b"CS", b"DX");
        file.set((0x0008, 0x1140), b"SQ", &sequence(&element((0x0008, 0x1150), b"UI", b"1.2.3\0")));
        file.set((0x0018, 0x5101), b"CS", b"PA");
        file.word((0x0028, 0x0002), 1);
        file.set((0x0028, 0x0004), b"CS", b"MONOCHROME2 ");
        file.word((0x0028, 0x0010), height as u16);
        file.word((0x0028, 0x0011), width as u16);
        file.word((0x0028, 0x0100), 8);
        file.word((0x0028, 0x0101), 8);
        file.word((0x0028, 0x0102), 7);
        file.word((0x0028, 0x0103), 0);
        file.set((0x0028, 0x1050), b"DS", b"128 ");
        file.set((0x0028, 0x1051), b"DS", b"256 ");
        let padding = [0].repeat(pixels.len() % 2);
        file.set(PIXELS, b"OB", &[pixels, &padding].concat());
        file
    }

    pub fn set(&mut self, tag: Tag, vr: &[u8; 2], value: &[u8]) -> &mut Self {
        self.set_with_length(tag, vr, None, value)
    }

    pub fn set_with_length(
        &mut self,
        tag: Tag,
        vr: &[u8; 2],
        length: Option<u32>,
        value: &[u8],
    ) -> &mut Self {
        self.elements.retain(|element| element.0 != tag);
        let at = self.elements.partition_point(|element| element.0 < tag);
        self.elements.insert(at, (tag, *vr, length, value.to_vec()));
        self
    }

    pub fn word(&mut self, tag: Tag, word: u16) -> &mut Self {
        self.set(tag, b"US", &word.to_le_bytes())
    }

    pub fn words(&mut self, tag: Tag, words: &[u16]) -> &mut Self {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.set(tag, b"US", &bytes)
    }

    pub fn size(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.word((0x0028, 0x0010), rows).word((0x0028, 0x0011), columns)
    }

    /// Pixels of undefined length, as they are.
    pub fn encapsulated(&mut self, syntax: &'static str, items: &[u8]) -> &mut Self {
        self.syntax = syntax;
        self.set_with_length(PIXELS, b"OB", Some(u32::MAX), items)
    }

    pub fn meta(&self) -> Vec<u8> {
        let mut uid = self.syntax.as_bytes().to_vec();
        uid.resize(uid.len().next_multiple_of(2), 0);
        [&[0; 128], &b"DICM"[..], &element((0x0002, 0x0010), b"UI", &uid)].concat()
    }

    /// The data set, and the offset of each element.
    pub fn data_set(&self) -> (Vec<u8>, Vec<usize>) {
        let mut out = Vec::new();
        let mut begins = Vec::new();
        for (tag, vr, length, value) in &self.elements {
            begins.push(out.len());
            let length = length.unwrap_or(value.len() as u32);
            if self.syntax == IMPLICIT {
                out.extend([tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat());
                out.extend(length.to_le_bytes());
            } else {
                out.extend(head(*tag, vr, length));
            }
            out.extend(value);
        }
        (out, begins)
    }

    pub fn bytes(&self) -> Vec<u8> {
        [self.meta(), self.data_set().0].concat()
    }
}

fn head(tag: Tag, vr: &[u8; 2], length: u32) -> Vec<u8> {
    let mut out = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    out.extend(vr);
    if matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN") {
        out.extend([0, 0]);
        out.extend(length.to_le_bytes());
    } else {
        out.extend((length as u16).to_le_bytes());
    }
    out
}

pub fn element(tag: Tag, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    [head(tag, vr, value.len() as u32), value.to_vec()].concat()
}

pub fn item(element: u16, length: u32, value: &[u8]) -> Vec<u8> {
    [&0xfffe_u16.to_le_bytes()[..], &element.to_le_bytes(), &length.to_le_bytes(), value].concat()
}

/// One item, of stated length.
pub fn sequence(value: &[u8]) -> Vec<u8> {
    item(0xe000, value.len() as u32, value)
}

/// An offset table, fragments and the delimiter.
pub fn fragments(table: &[u8], all: &[&[u8]]) -> Vec<u8> {
    let mut out = sequence(table);
    for fragment in all {
        let mut fragment = fragment.to_vec();
        fragment.resize(fragment.len().next_multiple_of(2), 0);
        out.extend(sequence(&fragment));
    }
    out.extend(item(0xe0dd, 0, &[]));
    out
}

/// A frame of run lengths from its header words and what follows.
pub fn rle(words: &[u32], segments: &[u8]) -> Vec<u8> {
    let mut words = words.to_vec();
    words.resize(16, 0);
    let mut out: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    out.extend(segments);
    out
}

/// 8-bit pixels as literal runs.
pub fn rle_frame(pixels: &[u8]) -> Vec<u8> {
    let segments: Vec<u8> =
        pixels.chunks(128).flat_map(|run| [&[run.len() as u8 - 1], run].concat()).collect();
    rle(&[1, 64], &segments)
}
