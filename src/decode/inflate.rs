//! Deflate (RFC 1951), and what zlib puts around it (RFC 1950), within a bound on bytes and one on blocks. A block takes a
//! microsecond to begin and may be empty in ten bits: the bytes that come out do not bound the time.

use std::io::{self, Read};

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags as flags};

/// What stands around the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// Nothing, as in DICOM and ZIP.
    Bare,
    /// The head and checksum of zlib, as in TIFF. The checksum is not looked at.
    Zlib,
}

/// Why there are no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The last block has ended.
    Whole,
    /// There are as many as were asked for.
    Full,
    /// The input ends too early or is not Deflate.
    Damaged,
    /// It has more blocks than it may have.
    TooManyBlocks,
}

/// Unpacks at most `most` bytes, and allocates `first` of them at once. Each block is taken from `blocks`, of which there
/// may be no more. What came before damage is returned too.
///
/// # Errors
///
/// Those of reading the input.
pub fn inflate(
    mut input: impl Read,
    wrapping: Wrapping,
    first: usize,
    most: usize,
    blocks: &mut usize,
) -> io::Result<(Vec<u8>, End)> {
    const PART_BYTES: u64 = 1 << 16;
    let always = flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF
        | flags::TINFL_FLAG_STOP_ON_BLOCK_BOUNDARY
        | flags::TINFL_FLAG_IGNORE_ADLER32
        | if wrapping == Wrapping::Zlib { flags::TINFL_FLAG_PARSE_ZLIB_HEADER } else { 0 };
    let mut state = Box::<DecompressorOxide>::default();
    let mut output = vec![0; first.min(most)];
    let mut written = 0;
    let mut part = Vec::new();
    let mut at = 0;
    let mut is_last = false;
    let end = loop {
        if at == part.len() && !is_last {
            part.clear();
            at = 0;
            is_last = input.by_ref().take(PART_BYTES).read_to_end(&mut part)? < PART_BYTES as usize;
        }
        let flags = always | if is_last { 0 } else { flags::TINFL_FLAG_HAS_MORE_INPUT };
        let (status, read, wrote) = decompress(&mut state, &part[at..], &mut output, written, flags);
        at += read;
        written += wrote;
        match status {
            TINFLStatus::Done => break End::Whole,
            TINFLStatus::NeedsMoreInput if !is_last => {}
            TINFLStatus::BlockBoundary if *blocks > 0 => *blocks -= 1,
            TINFLStatus::BlockBoundary => break End::TooManyBlocks,
            TINFLStatus::HasMoreOutput if output.len() < most => {
                output.resize((2 * output.len()).max(1 << 12).min(most), 0);
            }
            TINFLStatus::HasMoreOutput => break End::Full,
            _ => break End::Damaged,
        }
    };
    output.truncate(written);
    Ok((output, end))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::phantom::Phantom;

    fn film() -> Vec<u8> {
        Phantom { width: 700, height: 600, seed: 4 }.draw_u8()
    }

    fn deflated(bytes: &[u8], wrapping: Wrapping) -> Vec<u8> {
        match wrapping {
            Wrapping::Bare => miniz_oxide::deflate::compress_to_vec(bytes, 6),
            Wrapping::Zlib => miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6),
        }
    }

    /// Bits, the first of a byte lowest.
    fn packed(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|bit| matches!(bit, b'0' | b'1')).collect();
        bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | (bit & 1))).collect()
    }

    /// Empty blocks: of fixed codes, stored, and of codes of their own.
    fn empty_blocks() -> [Vec<u8>; 3] {
        // Not the last, fixed codes, the end; four of them fill five bytes.
        let fixed = packed(&"0 10 0000000".repeat(4));
        let stored = vec![0, 0, 0, 0xff, 0xff];
        // Literal 0 and the end have codes of one bit, and so have two distances: 1, 0 × 255, 1, 1, 1; then the end.
        let lengths = "000 000 100 010 000 000 000 000 000 000 000 000 000 000 000 000 000 010";
        let own = format!("0 01 00000 10000 0111 {lengths} 11 0 1111111 0 0101011 11 11 11 1");
        [fixed, stored, packed(&own.repeat(8))]
    }

    #[test]
    fn what_was_packed_comes_out() {
        let film = film();
        for wrapping in [Wrapping::Bare, Wrapping::Zlib] {
            let data = deflated(&film, wrapping);
            for first in [0, 1, 5000, film.len(), 10 * film.len()] {
                let result = inflate(&data[..], wrapping, first, 10 * film.len(), &mut 1000).unwrap();
                assert!(result == (film.clone(), End::Whole), "{first}");
            }
            let exact = inflate(&data[..], wrapping, film.len(), film.len(), &mut 1000).unwrap();
            assert!(exact.0 == film);
            let (less, end) = inflate(&data[..], wrapping, 0, 9999, &mut 1000).unwrap();
            assert!(less == film[..9999] && end == End::Full);
            let (cut, end) = inflate(&data[..data.len() / 2], wrapping, 0, film.len(), &mut 1000).unwrap();
            assert!(cut == film[..cut.len()] && cut.len() > film.len() / 4 && end == End::Damaged);
        }
        let nothing = inflate(&[][..], Wrapping::Bare, 0, 99, &mut 1000).unwrap();
        assert_eq!(nothing, (Vec::new(), End::Damaged));
        assert_eq!(inflate(&b"no"[..], Wrapping::Zlib, 0, 99, &mut 1000).unwrap().1, End::Damaged);
    }

    #[test]
    fn blocks_are_counted_whatever_they_hold() {
        let film = film();
        for block in empty_blocks() {
            let mut blocks = 1_000_000;
            let mut data = block.repeat(20_000);
            data.extend(deflated(&film, Wrapping::Bare));
            let whole = inflate(&data[..], Wrapping::Bare, 0, film.len(), &mut blocks).unwrap();
            assert!(whole.0 == film);
            let used = 1_000_000 - blocks;
            assert!(used >= 20_000, "{used}");
            let (bytes, end) = inflate(&data[..], Wrapping::Bare, 0, film.len(), &mut 19_999).unwrap();
            assert_eq!((bytes.len(), end), (0, End::TooManyBlocks));
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        let begin = deflated(&film(), Wrapping::Bare);
        let broken = begin[..1000].chain(Broken);
        assert!(inflate(broken, Wrapping::Bare, 0, 1 << 20, &mut 1000).is_err());
    }

    /// Encoders write a block for some thousand bytes at least, those for little memory for 127.
    #[test]
    fn encoders_need_far_fewer_blocks_than_there_may_be() {
        let film = film();
        for level in [1, 6, 9] {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
            encoder.write_all(&film).unwrap();
            let mut blocks = 1_000_000;
            let data = encoder.finish().unwrap();
            assert!(inflate(&data[..], Wrapping::Bare, 0, film.len(), &mut blocks).unwrap().0 == film);
            assert!((1_000_000 - blocks) * 1000 < film.len());
        }
    }
}
