//! What a file may ask for: every bound of this module's readers, in one place. Each is checked before anything is
//! allocated or walked by what a file claims, so that no file takes more than 512 MiB or keeps a reader busy for long.
//! All are far beyond real films.

/// The most pixels a film may have: 64 million, several times the largest chest detector.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The shortest side a film may have. Below this there is nothing to read.
pub const MIN_SIDE_PX: u32 = 16;

/// The most bytes that the pixels of a picture may take as a codec gives them: 64 million of them with four channels of
/// 8 bit, or half as many of 16 bit. Turning the picture upright takes them twice.
pub(super) const MAX_PICTURE_BYTES: u64 = 4 * MAX_PIXELS;

/// The most samples of 16 bit that a codec of ours may give, of all channels.
pub(super) const MAX_SAMPLES: u64 = MAX_PIXELS;

/// Up to so many pixels greys that do not fit 16 bit are kept as f64; those of larger films are rounded to 16 bit.
pub(super) const MAX_PRECISE_PIXELS: usize = 25_000_000;

pub(super) mod dicom {
    use super::MAX_PIXELS;

    /// What a deflated data set may grow to: the largest film of 16 bit, and its header.
    pub(in super::super) const MAX_INFLATED_BYTES: usize = 2 * MAX_PIXELS as usize + (16 << 20);
    /// Sequences within sequences, and the items between them, that are followed. Real files have a handful.
    pub(in super::super) const MAX_LEVELS: usize = 128;
    /// Elements of an item that are looked at, and the bytes of a text.
    pub(in super::super) const MAX_ITEM_ELEMENTS: usize = 4096;
    pub(in super::super) const MAX_TEXT_BYTES: usize = 1 << 16;
    /// Fragments of encapsulated pixels: one for each frame or line, and many more.
    pub(in super::super) const MAX_FRAGMENTS: usize = 1 << 20;
}

pub(super) mod jpeg {
    /// What libjpeg-turbo may allocate, as it estimates it itself.
    pub(in super::super) const MAX_DECODER_BYTES: u64 = 450_000_000;
    /// Scans of a file, each of which visits all blocks. Encoders write about ten.
    pub(in super::super) const MAX_SCANS: usize = 64;
}

pub(super) mod jpeg2000 {
    /// No film has so many pixels for each byte: a small file that asks for a large picture is damaged …
    pub(in super::super) const MAX_PIXELS_PER_BYTE: usize = 500;
    /// … where the picture has more pixels than this.
    pub(in super::super) const SMALL_PICTURE: usize = 1 << 22;
    /// More samples than this would take more than half a gigabyte, for both crates compute in f32. Twice those of
    /// the largest chest detectors.
    pub(in super::super) const MAX_SAMPLES: usize = 36_000_000;
    /// More tiles, or code-blocks times quality layers, than a film has.
    pub(in super::super) const MAX_TILES: usize = 1 << 14;
    pub(in super::super) const MAX_BLOCKS: usize = 1 << 22;
}

pub(super) mod tiff {
    use super::MAX_PIXELS;

    /// More pages than any film has; what follows is not looked at.
    pub(in super::super) const MAX_DIRECTORIES: usize = 1024;
    /// The same of tags in a directory, and of numbers in a tag.
    pub(in super::super) const MAX_ENTRIES: u64 = 4096;
    pub(in super::super) const MAX_NUMBERS: usize = 1 << 20;
    /// Strips and tiles of all channels, each of which takes its time to begin: a strip for each row of the highest
    /// film, or tiles of 16 × 16 pixels of one of 33 million.
    pub(in super::super) const MAX_CHUNKS: usize = 1 << 17;
    /// Bytes of all strips and tiles that are unpacked, padding included; and of one of them.
    pub(in super::super) const MAX_UNPACKED_BYTES: u64 = 6 * MAX_PIXELS;
    pub(in super::super) const MAX_CHUNK_BYTES: u64 = 3 * MAX_PIXELS;
}
