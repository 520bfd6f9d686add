//! The chunks of a PNG file. Some files end too early: transfers that broke off, writers that never closed the file. Where
//! all pixels are there, nothing that matters is missing.

use super::limits::png::MAX_TEXTS;
use crate::error::{Error, ErrorKind, Result};

const SIGNATURE: usize = 8;

/// Refuses a file of so many texts that their list would take more memory than the picture.
pub(super) fn check_texts(bytes: &[u8]) -> Result<()> {
    let mut texts = 0;
    let mut place = SIGNATURE;
    while let Some(&[a, b, c, d, ref kind @ ..]) = bytes.get(place..place.saturating_add(8)) {
        texts += usize::from([b"tEXt", b"zTXt", b"iTXt"].iter().any(|text| kind == *text));
        if texts > MAX_TEXTS {
            let message = "the PNG is damaged, it has too many texts: export the film again";
            return Err(Error::new(ErrorKind::Decode, message));
        }
        place = place.saturating_add(12).saturating_add(u32::from_be_bytes([a, b, c, d]) as usize);
    }
    Ok(())
}

/// The file with what there is of its last image data closed as a chunk, and an end; `None` where it has an end.
pub(super) fn mended(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut place = SIGNATURE;
    loop {
        let head = bytes.get(place..place + 8);
        let length =
            head.and_then(|head| head.first_chunk()).map(|length| u32::from_be_bytes(*length) as usize);
        let kind = head.map(|head| &head[4..]);
        if kind == Some(b"IEND") {
            return None;
        }
        // Length, kind and checksum of a chunk have 4 bytes each.
        let end = length.and_then(|length| place.checked_add(length)?.checked_add(12));
        match end.filter(|&end| end <= bytes.len()) {
            Some(end) => place = end,
            None => {
                let mut whole = bytes.get(..place)?.to_vec();
                if kind == Some(b"IDAT") {
                    let length = length?.min(bytes.len() - place - 8);
                    push_chunk(&mut whole, b"IDAT", &bytes[place + 8..][..length]);
                }
                push_chunk(&mut whole, b"IEND", &[]);
                return Some(whole);
            }
        }
    }
}

fn push_chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend_from_slice(kind);
    file.extend_from_slice(data);
    let checksum = crc32fast::hash(&file[start..]);
    file.extend_from_slice(&checksum.to_be_bytes());
}
