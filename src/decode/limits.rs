//! What a file may ask for: every bound of this module's readers, in one place. Each is checked before anything is
//! allocated or walked by what a file claims, so that no file takes more than 512 MiB beside itself or keeps a reader
//! busy for long: two seconds. All are far beyond real films. `docs/limits.md` has them as tables, with those of the
//! page.

/// The most pixels a film may have: 64 million, several times the largest chest detector.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The longest side a film may have, as DICOM and JPEG count them. A strip that is longer would take more memory and time
/// to scale than any film.
pub const MAX_SIDE_PX: u32 = 65_535;

/// The shortest side a film may have. Below this there is nothing to read.
pub const MIN_SIDE_PX: u32 = 16;

/// The most bytes that a file may have: the largest film of 64 bit, 512 MiB.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// The most bytes that a file of a model may have, as on the page.
pub const MAX_MODEL_FILE_BYTES: u64 = 200_000_000;

/// The most bytes that the pixels of a picture may take as a codec gives them: 64 million of them with four channels of
/// 8 bit, or half as many of 16 bit. Turning the picture upright takes them twice.
pub(super) const MAX_PICTURE_BYTES: u64 = 4 * MAX_PIXELS;

/// The most samples of 16 bit that a codec of ours may give, of all channels.
pub(super) const MAX_SAMPLES: u64 = MAX_PIXELS;

/// Blocks of Deflate in a DICOM or TIFF file or a part of an archive: each takes a microsecond to begin, however little is in
/// it. Encoders write one for 10 kB or more; those for little memory, one for 127 bytes.
pub const MAX_DEFLATE_BLOCKS: usize = 1 << 20;

/// Up to so many pixels greys that do not fit 16 bit are kept as f64; those of larger films are rounded to 16 bit. A DICOM
/// film whose samples have 32 or 64 bits may not have more.
pub(super) const MAX_PRECISE_PIXELS: usize = 16_000_000;

pub(super) mod dicom {
    use super::MAX_PIXELS;

    /// What a deflated data set may grow to: the largest film of 16 bit, and its header.
    pub(in super::super) const MAX_INFLATED_BYTES: usize = 2 * MAX_PIXELS as usize + (16 << 20);
    /// Sequences within sequences, and the items between them, that are followed. Real files have a handful.
    pub(in super::super) const MAX_LEVELS: usize = 128;
    /// Elements of an item that are looked at, and the bytes of a text.
    pub(in super::super) const MAX_ITEM_ELEMENTS: usize = 4096;
    pub(in super::super) const MAX_TEXT_BYTES: usize = 1 << 16;
    /// Of the elements of a file that are listed for whoever asks: how many, the letters of a text, the numbers.
    pub(in super::super) const MAX_LISTED: usize = 400;
    pub(in super::super) const MAX_LISTED_LETTERS: usize = 200;
    pub(in super::super) const MAX_LISTED_NUMBERS: usize = 8;
    /// Fragments of encapsulated pixels: one for each frame or line, and many more.
    pub(in super::super) const MAX_FRAGMENTS: usize = 1 << 20;
}

pub mod archive {
    //! ZIP archives, which the program lists and unpacks.

    /// Files of an archive.
    pub const MAX_ENTRIES: usize = 20_000;
    /// Bytes of one of them when it is unpacked, as on the page: more takes longer to unpack than a film may.
    pub const MAX_UNPACKED_BYTES: u64 = 200_000_000;
    /// Bytes of the list of them: so many with long names.
    pub const MAX_LIST_BYTES: u64 = 64 << 20;
}

pub(super) mod jpeg {
    /// What libjpeg-turbo may allocate, as it estimates it itself.
    pub(in super::super) const MAX_DECODER_BYTES: u64 = 450_000_000;
    /// Scans of a file, each of which visits all blocks. Encoders write about ten.
    pub(in super::super) const MAX_SCANS: usize = 64;
}

pub(super) mod png {
    /// Texts of a file, each of which takes 200 bytes however short it is. Writers add a handful.
    pub(in super::super) const MAX_TEXTS: usize = 4096;
}

pub(super) mod jpeg2000 {
    /// More samples than this would take more than half a gigabyte, for both crates compute in f32. Twice those of
    /// the largest chest detectors. How many bytes they are coded in says nothing: a smooth picture has few, and a few bytes
    /// can ask for every bit plane of every code-block. So does noise of 16 bit, which takes as long: a quarter of a
    /// microsecond for each sample.
    pub(in super::super) const MAX_SAMPLES: usize = 32_000_000;
    /// More tiles, or code-blocks times quality layers, than a film has.
    pub(in super::super) const MAX_TILES: usize = 1 << 14;
    pub(in super::super) const MAX_BLOCKS: usize = 1 << 22;
    /// Steps of quantisation in all headers of HTJ2K. A header may name 97 for each component; films have a few hundred in all.
    pub(in super::super) const MAX_STEPS: usize = 1 << 20;
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
    /// Strips and tiles may share bytes, as empty tiles do. Together they may have so many bytes more than the file.
    pub(in super::super) const MAX_SHARED_BYTES: u64 = 16 << 20;
    /// Bytes of the tables of JPEG, counted for each strip and tile, which begins with them.
    pub(in super::super) const MAX_TABLE_BYTES: u64 = 128 << 20;
    /// Blocks of Zstandard in all strips and tiles: each may have tables of its own, which take microseconds to build. Of
    /// what an encoder writes, all but the last of a strip have 128 kB.
    pub(in super::super) const MAX_ZSTD_BLOCKS: usize = 1 << 18;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With separators of thousands, as tables have them.
    fn grouped(number: u64) -> String {
        let digits = number.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
        groups.join(",")
    }

    #[test]
    fn the_tables_have_these_numbers() {
        let table = include_str!("../../docs/limits.md");
        let bytes = " bytes";
        for (name, number, unit) in [
            ("MAX_PIXELS", MAX_PIXELS, ""),
            ("MAX_SIDE_PX", MAX_SIDE_PX.into(), " px"),
            ("MIN_SIDE_PX", MIN_SIDE_PX.into(), " px"),
            ("MAX_PICTURE_BYTES", MAX_PICTURE_BYTES, bytes),
            ("MAX_SAMPLES", MAX_SAMPLES, ""),
            ("MAX_PRECISE_PIXELS", MAX_PRECISE_PIXELS as u64, ""),
            ("MAX_FILE_BYTES", MAX_FILE_BYTES, bytes),
            ("MAX_MODEL_FILE_BYTES", MAX_MODEL_FILE_BYTES, bytes),
            ("MAX_DEFLATE_BLOCKS", MAX_DEFLATE_BLOCKS as u64, ""),
            ("archive::MAX_ENTRIES", archive::MAX_ENTRIES as u64, ""),
            ("archive::MAX_UNPACKED_BYTES", archive::MAX_UNPACKED_BYTES, bytes),
            ("archive::MAX_LIST_BYTES", archive::MAX_LIST_BYTES, bytes),
            ("dicom::MAX_INFLATED_BYTES", dicom::MAX_INFLATED_BYTES as u64, bytes),
            ("dicom::MAX_LEVELS", dicom::MAX_LEVELS as u64, ""),
            ("dicom::MAX_ITEM_ELEMENTS", dicom::MAX_ITEM_ELEMENTS as u64, ""),
            ("dicom::MAX_TEXT_BYTES", dicom::MAX_TEXT_BYTES as u64, bytes),
            ("dicom::MAX_LISTED", dicom::MAX_LISTED as u64, ""),
            ("dicom::MAX_LISTED_LETTERS", dicom::MAX_LISTED_LETTERS as u64, ""),
            ("dicom::MAX_LISTED_NUMBERS", dicom::MAX_LISTED_NUMBERS as u64, ""),
            ("dicom::MAX_FRAGMENTS", dicom::MAX_FRAGMENTS as u64, ""),
            ("jpeg::MAX_DECODER_BYTES", jpeg::MAX_DECODER_BYTES, bytes),
            ("jpeg::MAX_SCANS", jpeg::MAX_SCANS as u64, ""),
            ("png::MAX_TEXTS", png::MAX_TEXTS as u64, ""),
            ("jpeg2000::MAX_STEPS", jpeg2000::MAX_STEPS as u64, ""),
            ("jpeg2000::MAX_SAMPLES", jpeg2000::MAX_SAMPLES as u64, ""),
            ("jpeg2000::MAX_TILES", jpeg2000::MAX_TILES as u64, ""),
            ("jpeg2000::MAX_BLOCKS", jpeg2000::MAX_BLOCKS as u64, ""),
            ("tiff::MAX_DIRECTORIES", tiff::MAX_DIRECTORIES as u64, ""),
            ("tiff::MAX_ENTRIES", tiff::MAX_ENTRIES, ""),
            ("tiff::MAX_NUMBERS", tiff::MAX_NUMBERS as u64, ""),
            ("tiff::MAX_CHUNKS", tiff::MAX_CHUNKS as u64, ""),
            ("tiff::MAX_UNPACKED_BYTES", tiff::MAX_UNPACKED_BYTES, bytes),
            ("tiff::MAX_CHUNK_BYTES", tiff::MAX_CHUNK_BYTES, bytes),
            ("tiff::MAX_SHARED_BYTES", tiff::MAX_SHARED_BYTES, bytes),
            ("tiff::MAX_TABLE_BYTES", tiff::MAX_TABLE_BYTES, bytes),
            ("tiff::MAX_ZSTD_BLOCKS", tiff::MAX_ZSTD_BLOCKS as u64, ""),
        ] {
            let row = format!(" | {}{unit} | `{name}` |", grouped(number));
            assert!(table.contains(&row), "docs/limits.md has no row that ends{row}");
        }
    }
}
