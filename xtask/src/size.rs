//! What a visitor's browser has to fetch, and the limit on it.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use walkdir::WalkDir;

/// Text of the committed limit (see the file for what it bounds).
pub(crate) const COMMITTED_LIMIT: &str = include_str!("../size-limit.txt");

/// The number in a limit file: its one line that is no comment, `_` allowed between digits.
pub(crate) fn parse_limit(text: &str) -> Result<u64> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (line, rest) = (lines.next(), lines.next());
    ensure!(rest.is_none(), "the size limit file holds more than one number");
    let line = line.context("the size limit file holds no number")?;
    line.replace('_', "")
        .parse()
        .with_context(|| format!("the size limit file says {line:?}, which is no number of bytes"))
}

/// Sizes of one file as it lies on disk and as a host that compresses sends it.
struct FileSize {
    path: String,
    raw: u64,
    brotli: u64,
}

/// Sizes of every file below a folder, largest transfer first.
pub(crate) struct SizeTable {
    files: Vec<FileSize>,
}

impl SizeTable {
    /// Compresses every file below `folder` as a static host would ahead of time (quality 11).
    pub(crate) fn measure(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for entry in WalkDir::new(folder) {
            let entry = entry?;
            if !entry.file_type().is_file() {
                continue;
            }
            let bytes =
                fs::read(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
            files.push(FileSize {
                path: entry.path().strip_prefix(folder)?.display().to_string(),
                raw: bytes.len() as u64,
                brotli: brotli_bytes(&bytes)?,
            });
        }
        files.sort_by(|a, b| b.brotli.cmp(&a.brotli).then_with(|| a.path.cmp(&b.path)));
        Ok(Self { files })
    }

    /// Bytes on disk of all files.
    fn raw(&self) -> u64 {
        self.files.iter().map(|file| file.raw).sum()
    }

    /// Bytes after brotli of all files.
    fn brotli(&self) -> u64 {
        self.files.iter().map(|file| file.brotli).sum()
    }

    /// Fails if the files together are larger than `limit` after brotli.
    pub(crate) fn check(&self, limit: u64) -> Result<()> {
        let total = self.brotli();
        ensure!(
            total <= limit,
            "a browser must fetch {} bytes (brotli), {} more than the limit of {} in xtask/size-limit.txt",
            grouped(total),
            grouped(total - limit),
            grouped(limit)
        );
        Ok(())
    }
}

impl fmt::Display for SizeTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const TOTAL: &str = "total";
        let width = self.files.iter().map(|file| file.path.len()).max();
        let width = width.unwrap_or(0).max(TOTAL.len());
        writeln!(f, "{:width$}  {:>11}  {:>11}", "file", "raw bytes", "brotli")?;
        for file in &self.files {
            let (raw, brotli) = (grouped(file.raw), grouped(file.brotli));
            writeln!(f, "{:width$}  {raw:>11}  {brotli:>11}", file.path)?;
        }
        let (raw, brotli) = (grouped(self.raw()), grouped(self.brotli()));
        write!(f, "{TOTAL:width$}  {raw:>11}  {brotli:>11}")
    }
}

fn brotli_bytes(bytes: &[u8]) -> Result<u64> {
    const BUFFER: usize = 64 * 1024;
    const QUALITY: u32 = 11;
    const LOG2_WINDOW: u32 = 22;
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), BUFFER, QUALITY, LOG2_WINDOW);
    encoder.write_all(bytes)?;
    Ok(encoder.into_inner().len() as u64)
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_limit_is_at_most_two_and_a_half_megabytes() {
        assert!(parse_limit(COMMITTED_LIMIT).unwrap() <= 2_500_000);
    }

    #[test]
    fn limit_file_is_one_number_among_comments() {
        assert_eq!(parse_limit("# why\n\n 12_345 \n").unwrap(), 12_345);
        for bad in ["", "# only words", "1\n2", "1.0 MB", "-5"] {
            assert!(parse_limit(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn table_counts_files_in_folders_and_what_brotli_saves() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("models")).unwrap();
        fs::write(folder.path().join("a.txt"), "a".repeat(10_000)).unwrap();
        // Bytes of a linear congruential generator: nothing for brotli to find.
        let noise: Vec<u8> = (0..1_000)
            .scan(1_u32, |state, _| {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some((*state >> 24) as u8)
            })
            .collect();
        fs::write(folder.path().join("models/noise"), &noise).unwrap();

        let table = SizeTable::measure(folder.path()).unwrap();

        assert_eq!(table.raw(), 11_000);
        assert_eq!(table.files[0].path, Path::new("models/noise").display().to_string());
        assert!((1_000..1_020).contains(&table.files[0].brotli));
        assert!(table.files[1].brotli < 50, "{}", table.files[1].brotli);
        let text = table.to_string();
        assert!(text.lines().last().unwrap().contains("11,000"), "{text}");
    }

    #[test]
    fn gate_opens_at_the_limit_and_closes_one_byte_below() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "some text, not long").unwrap();
        let table = SizeTable::measure(folder.path()).unwrap();
        table.check(table.brotli()).unwrap();
        let message = table.check(table.brotli() - 1).unwrap_err().to_string();
        assert!(message.contains("1 more than the limit"), "{message}");
    }
}
