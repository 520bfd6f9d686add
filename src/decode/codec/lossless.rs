//! Lossless JPEG with Huffman codes: ITU-T T.81 annex H (process 14; DICOM's "process 14" and "first-order
//! prediction", PS3.5 A.4.2), 2 to 16 bits per sample.

use super::jpeg::{FrameHeader, Segment, marker, next_segment};
use super::{Coded, damaged, unsupported};
use crate::error::Result;

/// Entropy-coded bits: zeros that are stuffed after 0xFF are left out, and after the last bit there are zeros.
struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to take.
    at: usize,
    /// The next bits, the first of them on top.
    bits: u64,
    /// How many there are in `bits`…
    count: u32,
    /// … and how many of these come after the last.
    beyond: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, bits: 0, count: 0, beyond: 0 }
    }

    /// Takes bytes while there is room; stops before a marker.
    fn fill(&mut self) {
        while self.count <= 56 {
            let byte = match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xff), Some(0x00)) => {
                    self.at += 2;
                    0xff
                }
                (Some(&byte), _) if byte != 0xff => {
                    self.at += 1;
                    byte
                }
                _ => {
                    self.beyond += 8;
                    0
                }
            };
            self.bits |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The next 16 bits, which stay.
    fn peek(&mut self) -> usize {
        if self.count < 32 {
            self.fill();
        }
        (self.bits >> 48) as usize
    }

    /// Takes `count` bits, at most 16, that [`peek`](Self::peek) or this has made sure of.
    fn take(&mut self, count: u32) -> u32 {
        let value = ((self.bits >> 32) as u32).checked_shr(32 - count).unwrap_or(0);
        self.bits <<= count;
        self.count -= count;
        value
    }

    /// Whether more bits were taken than there are.
    fn is_beyond(&self) -> bool {
        self.count < self.beyond
    }

    /// Whether what was to be decoded ends here: but for the bits that fill up the last byte, and a byte of fill that
    /// some encoders write, a marker comes next or the bytes end.
    fn is_at_end(&self) -> bool {
        const FILL: usize = 1;
        let taken = (self.count.saturating_sub(self.beyond) / 8) as usize;
        let is_marker = |at: usize| match self.bytes.get(at..) {
            Some([0xff, next, ..]) => *next != 0,
            Some([_, _, ..]) => false,
            _ => true,
        };
        taken <= FILL && (0..=FILL - taken).any(|skipped| is_marker(self.at + skipped))
    }

    /// Goes on after the next restart marker; `None` where there is none, or something before it.
    fn restart(&mut self) -> Option<()> {
        if !self.is_at_end() {
            return None;
        }
        loop {
            match (self.bytes.get(self.at)?, self.bytes.get(self.at + 1)?) {
                (0xff, 0xd0..=0xd7) => break,
                (0xff, 0x00 | 0xff) => self.at += 1,
                (0xff, _) => return None,
                _ => self.at += 1,
            }
        }
        *self = Self::new(self.bytes, self.at + 2);
        Some(())
    }
}

/// A Huffman code: length and symbol by the next 16 bits. Length 0: no such code.
struct Codes(Vec<(u8, u8)>);

impl Codes {
    /// From a table specification (T.81 B.2.4.2): how many codes of each length, then their symbols.
    fn new(table: &[u8]) -> Option<Self> {
        let (counts, symbols) = table.split_at_checked(16)?;
        let mut codes = vec![(0, 0); 1 << 16];
        let (mut next, mut symbols) = (0_usize, symbols.iter());
        for (length, &count) in (1_u8..).zip(counts) {
            for _ in 0..count {
                let end = next + (1 << (16 - length));
                codes.get_mut(next..end)?.fill((length, *symbols.next()?));
                next = end;
            }
        }
        Some(Self(codes))
    }

    /// The next difference (H.1.2.2).
    fn difference(&self, bits: &mut Bits<'_>) -> Option<i32> {
        let &(length, size) = self.0.get(bits.peek())?;
        if length == 0 || size > 16 {
            return None;
        }
        bits.take(u32::from(length));
        let size = u32::from(size);
        if size == 0 || size == 16 {
            return Some(if size == 0 { 0 } else { 1 << 15 });
        }
        let value = bits.take(size) as i32;
        Some(if value < 1 << (size - 1) { value - (1 << size) + 1 } else { value })
    }
}

/// Decodes all scans of a frame.
pub(super) fn decode(bytes: &[u8]) -> Result<Coded> {
    let broken = || damaged("lossless JPEG");
    let frame = FrameHeader::read(bytes)?;
    if frame.components.iter().any(|component| component.sampling != frame.components[0].sampling) {
        return Err(unsupported("a lossless JPEG whose channels differ in size"));
    }
    if !(2..=16).contains(&frame.precision) {
        return Err(broken());
    }
    let mut coded = Coded::new(frame.width, frame.height, frame.components.len(), frame.precision)?;
    let mut tables: [&[u8]; 4] = [&[]; 4];
    let mut restart_interval = 0;
    let mut missing: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    let mut at = 0;
    while !missing.is_empty() {
        let Segment { marker, body, end } = next_segment(bytes, at).ok_or_else(broken)?;
        at = end;
        match marker {
            marker::DHT => define_tables(body, &mut tables).ok_or_else(broken)?,
            marker::DRI => {
                let &[high, low] = body else { return Err(broken()) };
                restart_interval = usize::from(u16::from_be_bytes([high, low]));
            }
            marker::SOS => {
                let scan = Scan::read(body, &frame, &tables, &mut missing).ok_or_else(broken)?;
                if restart_interval % frame.width != 0 {
                    return Err(unsupported("a lossless JPEG that restarts within a line"));
                }
                at = scan
                    .decode(Bits::new(bytes, end), restart_interval / frame.width, &mut coded)
                    .ok_or_else(broken)?;
            }
            marker::EOI => return Err(broken()),
            _ => {}
        }
    }
    Ok(coded)
}

/// Notes the tables of a DHT segment; they are made into codes by the scan that uses them.
fn define_tables<'a>(mut body: &'a [u8], tables: &mut [&'a [u8]; 4]) -> Option<()> {
    while let Some((&class_and_id, rest)) = body.split_first() {
        let symbols: usize = rest.get(..16)?.iter().map(|&count| usize::from(count)).sum();
        let (table, after) = rest.split_at_checked(16 + symbols)?;
        if class_and_id < 0x10 {
            *tables.get_mut(usize::from(class_and_id))? = table;
        }
        body = after;
    }
    Some(())
}

/// One scan: some of the components, or all.
struct Scan {
    /// For each component of the scan: which of the frame it is, and its codes.
    components: Vec<(usize, Codes)>,
    /// Which predictor, 1…7 (table H.1).
    predictor: u8,
    /// How many of the lowest bits were left out.
    point_transform: u32,
    /// Bits of a sample.
    precision: u32,
}

impl Scan {
    /// From a scan header (B.2.3); what it decodes is no longer `missing`.
    fn read(body: &[u8], frame: &FrameHeader, tables: &[&[u8]; 4], missing: &mut Vec<u8>) -> Option<Self> {
        let (&count, rest) = body.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[predictor, _, approximation] = rest else { return None };
        let mut components = Vec::new();
        for selector in selectors.chunks_exact(2) {
            let position = missing.iter().position(|&id| id == selector[0])?;
            missing.remove(position);
            let index = frame.components.iter().position(|component| component.id == selector[0])?;
            components.push((index, Codes::new(tables.get(usize::from(selector[1] >> 4))?)?));
        }
        let point_transform = u32::from(approximation & 15);
        let is_valid =
            !components.is_empty() && (1..=7).contains(&predictor) && point_transform < frame.precision;
        is_valid.then_some(Self { components, predictor, point_transform, precision: frame.precision })
    }

    /// Decodes the scan, with a restart every so many lines (0: none); gives where the file goes on.
    fn decode(&self, mut bits: Bits<'_>, restart_lines: usize, coded: &mut Coded) -> Option<usize> {
        let (stride, step) = (coded.width * coded.components, coded.components);
        let bits_stored = self.precision - self.point_transform;
        let middle = 1 << (bits_stored - 1);
        // Some encoders extend the sign of signed samples over all 16 bits.
        let is_sample = |sample: u16| {
            u32::from(sample) < 1 << bits_stored || u32::from(sample) >= (1 << 16) - (1 << (bits_stored - 1))
        };
        for y in 0..coded.height {
            let restarts = restart_lines > 0 && y > 0 && y % restart_lines == 0;
            if restarts {
                bits.restart()?;
            }
            let is_first_line = y == 0 || restarts;
            let (above, line) = coded.samples.split_at_mut(y * stride);
            let above = above.get(above.len().saturating_sub(stride)..)?;
            let line = line.get_mut(..stride)?;
            for x in 0..coded.width {
                for (index, codes) in &self.components {
                    let here = x * step + index;
                    let difference = codes.difference(&mut bits)?;
                    let left = || i32::from(line[here - step]);
                    let prediction = match (x, is_first_line) {
                        (0, true) => middle,
                        (_, true) => left(),
                        (0, false) => i32::from(above[here]),
                        _ => {
                            let (a, b, c) = (left(), i32::from(above[here]), i32::from(above[here - step]));
                            match self.predictor {
                                1 => a,
                                2 => b,
                                3 => c,
                                4 => a + b - c,
                                5 => a + ((b - c) >> 1),
                                6 => b + ((a - c) >> 1),
                                _ => (a + b) >> 1,
                            }
                        }
                    };
                    // Modulo 65,536, as H.1.2.1 has it.
                    let sample = (prediction + difference) as u16;
                    if !is_sample(sample) {
                        return None;
                    }
                    line[here] = sample;
                }
            }
            if bits.is_beyond() {
                return None;
            }
        }
        if !bits.is_at_end() {
            return None;
        }
        if self.point_transform > 0 {
            for pixel in coded.samples.chunks_exact_mut(step) {
                for (index, _) in &self.components {
                    pixel[*index] <<= self.point_transform;
                }
            }
        }
        Some(bits.at)
    }
}
