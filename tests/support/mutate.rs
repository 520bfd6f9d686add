//! Damages bytes by a few seeded random changes, for the fuzz targets and for whole files.
#![allow(dead_code, missing_docs, unreachable_pub)]

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

/// Edge values for lengths, counts and sizes.
const EDGES: [u32; 10] = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, u32::MAX];

/// Makes one to six changes of bytes, words and ranges, or splices two inputs.
pub fn mutate(random: &mut ChaCha8Rng, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..random.random_range(1..=6) {
        if bytes.is_empty() {
            bytes.push(0);
        }
        // Headers are at the front.
        let most = if random.random_bool(0.5) { bytes.len().min(200) } else { bytes.len() };
        let at = random.random_range(0..most);
        match random.random_range(0..8) {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes[at] = random.random(),
            2 => bytes[at] = EDGES[random.random_range(0..EDGES.len())] as u8,
            3 | 4 => {
                let edge = EDGES[random.random_range(0..EDGES.len())];
                let size = [2, 4][random.random_range(0..2)];
                let value =
                    if random.random() { edge.to_le_bytes() } else { edge.rotate_left(16).to_be_bytes() };
                let end = (at + size).min(bytes.len());
                bytes[at..end].copy_from_slice(&value[..end - at]);
            }
            5 => bytes.truncate(at),
            6 => {
                let end = (at + random.random_range(1..64)).min(bytes.len());
                let range = bytes[at..end].to_vec();
                let to = random.random_range(0..=bytes.len());
                bytes.splice(to..to, range);
            }
            _ if other.is_empty() => {}
            _ => {
                let from = random.random_range(0..other.len());
                let end = (from + random.random_range(1..64)).min(other.len());
                let end_here = (at + end - from).min(bytes.len());
                bytes.splice(at..end_here, other[from..end].iter().copied());
            }
        }
    }
    bytes
}
