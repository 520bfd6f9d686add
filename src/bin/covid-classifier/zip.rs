//! The films in a ZIP archive, one at a time: stored or deflated entries (APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16).
//!
//! What an archive says of sizes is a claim: nothing is allocated for it, and no entry inflates beyond what a film can
//! have. The crate `zip` would not do: of several files of one name, which some programs write, it gives only the last.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use covid_classifier::decode::inflate::{End, Wrapping, inflate};
use covid_classifier::decode::limits::MAX_DEFLATE_BLOCKS;
use covid_classifier::decode::limits::archive::{MAX_ENTRIES, MAX_LIST_BYTES, MAX_UNPACKED_BYTES};

/// The first bytes of an archive that is not empty.
pub(crate) const MAGIC: &[u8] = b"PK\x03\x04";

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path inside the archive, without what would lead out of it.
    pub(crate) path: PathBuf,
    header_at: u64,
    compressed: u64,
    /// Of what it unpacks to.
    checksum: u64,
    method: u16,
    is_encrypted: bool,
}

/// What is wrong with an archive or with one of its files, with what to do.
pub(crate) type Result<T> = std::result::Result<T, String>;

fn damaged() -> String {
    "the ZIP archive is damaged or cut short: copy it again, or unpack it and name the folder".into()
}

fn of_system(error: std::io::Error) -> String {
    covid_classifier::Error::from(error).to_string()
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?).into())
}

/// The files of an archive, in its order; folders are left out, and so is everything in an Office document.
pub(crate) fn entries(archive: &mut (impl Read + Seek)) -> Result<Vec<Entry>> {
    const END: &[u8] = b"PK\x05\x06";
    const END_BYTES: usize = 22;
    let length = archive.seek(SeekFrom::End(0)).map_err(of_system)?;
    // A comment may follow the end.
    let tail_at = length.saturating_sub(END_BYTES as u64 + u64::from(u16::MAX));
    let tail = read_at(archive, tail_at, length - tail_at)?;
    let end = tail.windows(END.len()).rposition(|bytes| bytes == END).ok_or_else(damaged)?;
    let end = &tail[end..];
    if end.len() < END_BYTES {
        return Err(damaged());
    }
    let [Some(count), Some(size), Some(at)] = [word(end, 10).map(u64::from), long(end, 12), long(end, 16)]
    else {
        return Err(damaged());
    };
    if count == u64::from(u16::MAX) || at == u64::from(u32::MAX) || size == u64::from(u32::MAX) {
        return Err(
            "ZIP archives beyond 4 GB or 65,534 files are not read: unpack it and name the folder".into()
        );
    }
    if count as usize > MAX_ENTRIES || size > MAX_LIST_BYTES {
        return Err(format!(
            "the ZIP archive has more than {MAX_ENTRIES} files: unpack it and name its folders"
        ));
    }
    let directory = read_at(archive, at, size)?;
    let mut entries = Vec::new();
    let mut place = 0;
    for _ in 0..count {
        let (entry, next) = entry(&directory, place).ok_or_else(damaged)?;
        place = next;
        entries.extend(entry);
    }
    // Files that lie over each other make much of little.
    let compressed = entries.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.compressed));
    if compressed > length {
        return Err(damaged());
    }
    let is_office =
        |entry: &Entry| entry.path == Path::new("[Content_Types].xml") || entry.path == Path::new("mimetype");
    if entries.iter().any(is_office) { Ok(Vec::new()) } else { Ok(entries) }
}

/// The entry at a place of the directory, unless it is a folder, and the place of the next.
fn entry(directory: &[u8], at: usize) -> Option<(Option<Entry>, usize)> {
    const BYTES: usize = 46;
    let header = directory.get(at..at + BYTES)?;
    if !header.starts_with(b"PK\x01\x02") {
        return None;
    }
    let [flags, method, name_bytes, extra, comment] =
        [8, 10, 28, 30, 32].map(|at| word(header, at).unwrap_or(0));
    let name_at = at + BYTES;
    let name = String::from_utf8_lossy(directory.get(name_at..name_at + usize::from(name_bytes))?);
    let next = name_at + usize::from(name_bytes) + usize::from(extra) + usize::from(comment);
    let extra = directory.get(name_at + usize::from(name_bytes)..)?.get(..usize::from(extra))?;
    let compressed = match long(header, 20)? {
        BEYOND => compressed_of_zip64(extra, long(header, 24)? == BEYOND)?,
        compressed => compressed,
    };
    // Some programs write the other slash.
    let name = name.replace('\\', "/");
    let parts = Path::new(&name).components().filter(|part| matches!(part, Component::Normal(_)));
    let entry = Entry {
        path: parts.collect(),
        header_at: long(header, 42)?,
        compressed,
        checksum: long(header, 16)?,
        method,
        is_encrypted: flags & 1 == 1,
    };
    let is_file = !name.ends_with('/') && entry.path.components().next().is_some();
    Some((is_file.then_some(entry), next))
}

/// What stands for a size in place of one that is given elsewhere.
const BEYOND: u64 = u32::MAX as u64;

/// The compressed size in a ZIP64 entry's extra field (4.5.3), after the other size, if that is given there too.
fn compressed_of_zip64(mut extra: &[u8], is_after_the_other: bool) -> Option<u64> {
    loop {
        let (kind, length) = (word(extra, 0)?, usize::from(word(extra, 2)?));
        let field = extra.get(4..4 + length)?;
        if kind == 1 {
            let at = if is_after_the_other { 8 } else { 0 };
            return Some(u64::from_le_bytes(*field.get(at..)?.first_chunk()?));
        }
        extra = &extra[4 + length..];
    }
}

/// At most `most` bytes of an entry's file.
pub(crate) fn head(archive: &mut (impl Read + Seek), entry: &Entry, most: u64) -> Result<Vec<u8>> {
    if entry.is_encrypted {
        return Err("this file in the ZIP archive is encrypted: unpack it and name the folder".into());
    }
    let header = read_at(archive, entry.header_at, 30)?;
    let (true, Some(name), Some(extra)) = (header.starts_with(MAGIC), word(&header, 26), word(&header, 28))
    else {
        return Err(damaged());
    };
    let data_at = entry.header_at + 30 + u64::from(name) + u64::from(extra);
    archive.seek(SeekFrom::Start(data_at)).map_err(of_system)?;
    let stored = archive.take(entry.compressed);
    match entry.method {
        0 => {
            let mut bytes = Vec::new();
            stored.take(most).read_to_end(&mut bytes).map_err(|_| damaged())?;
            Ok(bytes)
        }
        8 => {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let mut blocks = MAX_DEFLATE_BLOCKS;
            match inflate(stored, Wrapping::Bare, 1 << 16, most, &mut blocks) {
                Ok((bytes, End::Whole | End::Full)) => Ok(bytes),
                _ => Err(damaged()),
            }
        }
        _ => Err(
            "this file in the ZIP archive is packed in a way that is not read: unpack it and name the folder"
                .into(),
        ),
    }
}

/// An entry's file.
pub(crate) fn read(archive: &mut File, entry: &Entry) -> Result<Vec<u8>> {
    let bytes = head(archive, entry, MAX_UNPACKED_BYTES + 1)?;
    if bytes.len() as u64 > MAX_UNPACKED_BYTES {
        return Err(format!(
            "this file in the ZIP archive has more than {} MB: unpack it and name the folder",
            MAX_UNPACKED_BYTES / 1_000_000
        ));
    }
    if u64::from(crc32fast::hash(&bytes)) != entry.checksum {
        return Err(damaged());
    }
    Ok(bytes)
}

fn read_at(archive: &mut (impl Read + Seek), at: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = archive.seek(SeekFrom::Start(at)).and_then(|_| archive.take(length).read_to_end(&mut bytes));
    match read {
        Ok(count) if count as u64 == length => Ok(bytes),
        _ => Err(damaged()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{Cursor, Write as _};

    use super::*;

    /// An archive of deflated files.
    pub(crate) fn archive(files: &[(&str, &[u8])], flags: u16) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(content).unwrap();
            let packed = packed.finish().unwrap();
            let at = out.len() as u32;
            let mut common = Vec::new();
            [20, flags, 8, 0, 0].iter().for_each(|word: &u16| common.extend(word.to_le_bytes()));
            [crc32fast::hash(content), packed.len() as u32, content.len() as u32]
                .iter()
                .for_each(|long| common.extend(long.to_le_bytes()));
            common.extend((name.len() as u16).to_le_bytes());
            common.extend([0; 2]);
            out.extend([MAGIC, &common[..], name.as_bytes(), &packed[..]].concat());
            directory.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10]].concat());
            directory.extend(at.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let at = out.len() as u32;
        out.extend(&directory);
        let count = (files.len() as u16).to_le_bytes();
        out.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count].concat());
        out.extend([(directory.len() as u32).to_le_bytes(), at.to_le_bytes()].concat());
        out.extend([0; 2]);
        out
    }

    #[test]
    fn files_are_listed_and_read() {
        let film = vec![7; 100_000];
        let bytes = archive(&[("a/film.png", &film), ("a/", b""), ("../../b\\film", b"film")], 0);
        let mut file = Cursor::new(bytes);
        let entries = entries(&mut file).unwrap();
        let paths: Vec<_> = entries.iter().map(|entry| entry.path.display().to_string()).collect();
        assert_eq!(paths, ["a/film.png", "b/film"], "nothing leads out");
        assert_eq!(head(&mut file, &entries[0], MAX_UNPACKED_BYTES).unwrap(), film);
        assert_eq!(head(&mut file, &entries[0], 10).unwrap(), [7; 10]);
        assert_eq!(head(&mut file, &entries[1], 10).unwrap(), b"film");
    }

    #[test]
    fn what_is_not_read_is_said() {
        let mut locked = Cursor::new(archive(&[("film", b"film")], 1));
        let entry = entries(&mut locked).unwrap().remove(0);
        assert!(head(&mut locked, &entry, 9).unwrap_err().contains("encrypted"));
        let letter = archive(&[("[Content_Types].xml", b""), ("word/media/image1.png", b"")], 0);
        assert_eq!(entries(&mut Cursor::new(letter)).unwrap(), []);
        let many: Vec<(&str, &[u8])> = vec![("a", b""); MAX_ENTRIES + 1];
        assert!(entries(&mut Cursor::new(archive(&many, 0))).unwrap_err().contains("more than"));
    }

    #[test]
    fn files_that_lie_over_each_other_are_an_error() {
        const END: usize = 22;
        let noise: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let once = archive(&[("film", &noise)], 0);
        assert_eq!(entries(&mut Cursor::new(&once)).unwrap().len(), 1);
        let at = once.len() - END - (46 + "film".len());
        let directory = once[at..once.len() - END].repeat(10);
        let counts = [b"PK\x05\x06\0\0\0\0".as_slice(), &[10, 0, 10, 0]].concat();
        let place = [directory.len() as u32, at as u32].map(u32::to_le_bytes).concat();
        let ten = [&once[..at], &directory, &counts, &place, &[0; 2]].concat();
        assert!(entries(&mut Cursor::new(&ten)).unwrap_err().contains("damaged"));
    }

    /// Sizes in the extra fields of ZIP64 count too.
    #[test]
    fn sizes_of_zip64_are_looked_at() {
        let with_extra = |compressed: u64, both: bool| {
            let bytes = archive(&[("film", &[7; 1000])], 0);
            let (at, end) = (bytes.len() - 22 - (46 + 4), bytes.len() - 22);
            let mut header = bytes[at..end].to_vec();
            header[20..24].fill(0xff);
            let mut field = Vec::new();
            if both {
                header[24..28].fill(0xff);
                field.extend(1000_u64.to_le_bytes());
            }
            field.extend(compressed.to_le_bytes());
            // Another field first.
            let extra = [&[9, 0, 2, 0, 5, 5, 1, 0, field.len() as u8, 0][..], &field].concat();
            header[30] = extra.len() as u8;
            let directory = [header, extra].concat();
            let mut tail = bytes[end..].to_vec();
            tail[12..16].copy_from_slice(&(directory.len() as u32).to_le_bytes());
            ([&bytes[..at], &directory, &tail].concat(), bytes.len())
        };
        for both in [false, true] {
            let (bytes, _) = with_extra(20, both);
            assert_eq!(entries(&mut Cursor::new(bytes)).unwrap()[0].compressed, 20);
            let (bytes, length) = with_extra(500, both);
            assert!(bytes.len() < 500 && length < 500);
            assert!(entries(&mut Cursor::new(bytes)).unwrap_err().contains("damaged"));
        }
        let (mut bytes, length) = with_extra(20, false);
        // No such field.
        bytes[length - 22 + 6] = 2;
        assert!(entries(&mut Cursor::new(bytes)).is_err());
    }

    /// As the page does: one bit of pixels is enough.
    #[test]
    fn a_file_that_is_not_what_was_packed_is_an_error() {
        let path = std::env::temp_dir().join(format!("covid-classifier-checksum-{}.zip", std::process::id()));
        let mut bytes = archive(&[("film", &[7; 1000])], 0);
        let place = bytes.len() - 22 - (46 + 4) + 16;
        for is_whole in [true, false] {
            bytes[place] ^= u8::from(!is_whole);
            std::fs::write(&path, &bytes).unwrap();
            let mut file = File::open(&path).unwrap();
            let entry = entries(&mut file).unwrap().remove(0);
            assert_eq!(read(&mut file, &entry).is_ok(), is_whole);
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_damaged_archive_is_an_error() {
        let whole = archive(&[("a/film.png", &[7; 1000]), ("b", b"film")], 0);
        for cut in 0..whole.len() {
            assert!(entries(&mut Cursor::new(&whole[..cut])).is_err(), "cut at {cut}");
        }
        // Any byte may be wrong: there is an answer, and it is short.
        for place in 0..whole.len() {
            for value in [0, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[place] = value;
                let mut file = Cursor::new(bytes);
                for entry in entries(&mut file).unwrap_or_default() {
                    assert!(head(&mut file, &entry, 5000).map_or(0, |bytes| bytes.len()) <= 5000);
                }
            }
        }
    }
}
