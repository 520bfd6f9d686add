//! The directories of a TIFF or BigTIFF: tags and their numbers. Nothing that a file says is trusted: every place is
//! looked up in the bytes that are there.

use std::collections::HashSet;

use super::damaged;
use crate::decode::limits::tiff::{MAX_DIRECTORIES, MAX_ENTRIES, MAX_NUMBERS};
use crate::error::Result;

/// The tags that are read, as TIFF 6.0 numbers them.
pub(super) mod tag {
    pub(in super::super) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(in super::super) const IMAGE_WIDTH: u16 = 256;
    pub(in super::super) const IMAGE_LENGTH: u16 = 257;
    pub(in super::super) const BITS_PER_SAMPLE: u16 = 258;
    pub(in super::super) const COMPRESSION: u16 = 259;
    pub(in super::super) const PHOTOMETRIC: u16 = 262;
    pub(in super::super) const FILL_ORDER: u16 = 266;
    pub(in super::super) const STRIP_OFFSETS: u16 = 273;
    pub(in super::super) const ORIENTATION: u16 = 274;
    pub(in super::super) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(in super::super) const ROWS_PER_STRIP: u16 = 278;
    pub(in super::super) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(in super::super) const PLANAR_CONFIGURATION: u16 = 284;
    pub(in super::super) const PREDICTOR: u16 = 317;
    pub(in super::super) const COLOR_MAP: u16 = 320;
    pub(in super::super) const TILE_WIDTH: u16 = 322;
    pub(in super::super) const TILE_LENGTH: u16 = 323;
    pub(in super::super) const TILE_OFFSETS: u16 = 324;
    pub(in super::super) const TILE_BYTE_COUNTS: u16 = 325;
    pub(in super::super) const SUB_IFDS: u16 = 330;
    pub(in super::super) const EXTRA_SAMPLES: u16 = 338;
    pub(in super::super) const SAMPLE_FORMAT: u16 = 339;
    pub(in super::super) const JPEG_TABLES: u16 = 347;
    pub(in super::super) const YCBCR_SUBSAMPLING: u16 = 530;
}

/// The bytes and how to read numbers in them.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) is_big_endian: bool,
    /// BigTIFF: places and counts have 8 bytes.
    is_big: bool,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let is_big_endian = bytes.starts_with(b"MM");
        let file = Self { bytes, is_big_endian, is_big: false };
        Some(Self { is_big: file.number(2, 2)? == 43, ..file })
    }

    /// The unsigned number of `size` bytes at a place.
    fn number(&self, place: u64, size: usize) -> Option<u64> {
        let bytes = self.slice(place, size as u64)?;
        let add = |sum: u64, &byte: &u8| sum << 8 | u64::from(byte);
        Some(if self.is_big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    pub(super) fn slice(&self, place: u64, length: u64) -> Option<&'a [u8]> {
        let end = place.checked_add(length)?;
        self.bytes.get(usize::try_from(place).ok()?..usize::try_from(end).ok()?)
    }

    /// The bytes from a place, at most `length`.
    pub(super) fn at_most(&self, place: u64, length: u64) -> &'a [u8] {
        let rest = usize::try_from(place).ok().and_then(|place| self.bytes.get(place..)).unwrap_or_default();
        &rest[..usize::try_from(length).unwrap_or(usize::MAX).min(rest.len())]
    }

    /// One directory, and where the next one is.
    fn directory(self, place: u64, is_inner: bool) -> Option<(Directory<'a>, u64)> {
        let word = if self.is_big { 8 } else { 4 };
        let count_size = if self.is_big { 8 } else { 2 };
        let count = self.number(place, count_size)?;
        let entry_size = 4 + 2 * word as u64;
        let entries_at = place.checked_add(count_size as u64)?;
        // All of them are there, or the directory is not one.
        self.slice(entries_at, count.checked_mul(entry_size)?)?;
        let mut entries = Vec::new();
        for k in 0..count.min(MAX_ENTRIES) {
            let at = entries_at + k * entry_size;
            let (tag, kind) = (self.number(at, 2)? as u16, self.number(at + 2, 2)?);
            let size: u64 = match kind {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                5 | 10 | 12 | 16 | 17 | 18 => 8,
                _ => continue,
            };
            let count = self.number(at + 4, word)?;
            let Some(length) = count.checked_mul(size) else { continue };
            let value_at = at + 4 + word as u64;
            let value_at = if length <= word as u64 { value_at } else { self.number(value_at, word)? };
            let Some(value) = self.slice(value_at, length) else { continue };
            entries.push(Entry {
                tag,
                size: size as usize,
                is_number: matches!(kind, 1 | 3 | 4 | 7 | 13 | 16 | 18),
                value,
            });
        }
        let next = self.number(entries_at + count * entry_size, word).unwrap_or(0);
        Some((Directory { file: self, entries, is_inner }, next))
    }
}

/// A tag with its values, which may be of any type.
struct Entry<'a> {
    tag: u16,
    /// Of a value, in bytes.
    size: usize,
    /// Whether the values are unsigned numbers.
    is_number: bool,
    value: &'a [u8],
}

/// What is said of a page.
pub(super) struct Directory<'a> {
    pub(super) file: File<'a>,
    entries: Vec<Entry<'a>>,
    /// Whether it hangs on another page (`SubIFDs`): another size of it, mostly.
    pub(super) is_inner: bool,
}

impl<'a> Directory<'a> {
    fn entry(&self, tag: u16) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// The unsigned numbers of a tag; `None` where it is missing or has none.
    pub(super) fn numbers(&self, tag: u16) -> Option<Vec<u64>> {
        self.at_most(tag, MAX_NUMBERS)
    }

    /// The first of them, at most so many.
    fn at_most(&self, tag: u16, most: usize) -> Option<Vec<u64>> {
        let entry = self.entry(tag).filter(|entry| entry.is_number && !entry.value.is_empty())?;
        let file = File { bytes: entry.value, ..self.file };
        let count = (entry.value.len() / entry.size).min(most);
        (0..count).map(|k| file.number((k * entry.size) as u64, entry.size)).collect()
    }

    /// The first of them.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        let entry = self.entry(tag).filter(|entry| entry.is_number)?;
        File { bytes: entry.value, ..self.file }.number(0, entry.size)
    }

    /// The bytes of a tag.
    pub(super) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        self.entry(tag).map(|entry| entry.value)
    }
}

/// All directories that can be reached: the pages, each followed by those that hang on it. A chain that leads out of
/// the file ends there.
pub(super) fn read_all(bytes: &[u8]) -> Result<Vec<Directory<'_>>> {
    let first = || {
        let file = File::open(bytes)?;
        Some((file, if file.is_big { file.number(8, 8)? } else { file.number(4, 4)? }))
    };
    let (file, first) = first().ok_or_else(|| damaged("its head is missing"))?;
    let mut directories = Vec::new();
    let mut seen = HashSet::new();
    // What is still to be read, the next at the end.
    let mut places = vec![(first, false)];
    while let Some((place, is_inner)) = places.pop() {
        if place == 0 || directories.len() == MAX_DIRECTORIES || !seen.insert(place) {
            continue;
        }
        let Some((directory, next)) = file.directory(place, is_inner) else { continue };
        places.push((next, is_inner));
        let inner = directory.at_most(tag::SUB_IFDS, MAX_DIRECTORIES).unwrap_or_default();
        places.extend(inner.into_iter().rev().map(|place| (place, true)));
        directories.push(directory);
    }
    if directories.is_empty() {
        return Err(damaged("it has no directory of pages"));
    }
    Ok(directories)
}
