//! Containers of pictures: the chunks of PNG and of animated WebP, GIF, and ZIP archives.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::io::Write as _;

/// A PNG with the checksums of its chunks corrected.
pub fn with_checksums(mut png: Vec<u8>) -> Vec<u8> {
    let mut at = 8;
    while let Some(head) = png.get(at..at + 4) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(end) = at.checked_add(length).and_then(|end| end.checked_add(8)) else { break };
        let Some(checked) = png.get(at + 4..end) else { break };
        let checksum = crc32fast::hash(checked).to_be_bytes();
        let Some(place) = png.get_mut(end..end + 4) else { break };
        place.copy_from_slice(&checksum);
        at = end + 4;
    }
    png
}

/// A WebP picture, repeated as an animation (RIFF chunks VP8X, ANIM and ANMF).
pub fn animated(side: u32, webp: &[u8], frames: usize) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], body: &[u8]| {
        let padding = &[0][..body.len() % 2];
        [&kind[..], &(body.len() as u32).to_le_bytes(), body, padding].concat()
    };
    let size = [&(side - 1).to_le_bytes()[..3], &(side - 1).to_le_bytes()[..3]].concat();
    let mut body = [&b"WEBP"[..], &chunk(b"VP8X", &[&[0x12, 0, 0, 0], &size[..]].concat())].concat();
    body.extend(chunk(b"ANIM", &[0; 6]));
    // Place, size, duration and flags; then the picture's own chunk.
    let frame = [&[0; 6][..], &size, &[100, 0, 0, 0], &webp[12..]].concat();
    for _ in 0..frames {
        body.extend(chunk(b"ANMF", &frame));
    }
    chunk(b"RIFF", &body)
}

/// A GIF with 128 greys and codes of at most 8 bits: the table is cleared before its codes grow.
pub fn gif(side: u16, pixels: &[u8]) -> Vec<u8> {
    let size = [side.to_le_bytes(), side.to_le_bytes()].concat();
    let mut file = [&b"GIF89a"[..], &size, &[0xf6, 0, 0]].concat();
    file.extend((0..128_u8).flat_map(|k| [2 * k; 3]));
    file.extend([&[0x2c, 0, 0, 0, 0], &size[..], &[0, 7]].concat());
    let runs = pixels.chunks(120).flat_map(|run| [128].into_iter().chain(run.iter().map(|pixel| pixel >> 1)));
    let codes: Vec<u8> = runs.chain([129]).collect();
    for block in codes.chunks(255) {
        file.push(block.len() as u8);
        file.extend(block);
    }
    file.extend([0, 0x3b]);
    file
}

/// A ZIP archive of deflated or stored files.
pub fn archive(files: &[(&str, &[u8])], is_deflated: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let at = (out.len() as u32).to_le_bytes();
        let mut packed = content.to_vec();
        if is_deflated {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(content).unwrap();
            packed = encoder.finish().unwrap();
        }
        let mut common = [20, 0, if is_deflated { 8 } else { 0 }, 0, 0].map(u16::to_le_bytes).concat();
        let sizes = [crc32fast::hash(content), packed.len() as u32, content.len() as u32];
        common.extend(sizes.map(u32::to_le_bytes).concat());
        common.extend([name.len() as u16, 0].map(u16::to_le_bytes).concat());
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat());
        directory.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10], &at, name.as_bytes()].concat());
    }
    let (at, size) = ((out.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let count = (files.len() as u16).to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &at, &[0; 2]].concat();
    [out, directory, end].concat()
}
