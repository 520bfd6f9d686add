//! The file of reports that a batch goes on with: what it holds is not done again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use covid_classifier::ReadAs;
use covid_classifier::model::ModelId;
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use crate::Counts;

/// How every report begins.
const BEGIN: &[u8] = br#"{"path":""#;
/// No report is longer.
const MOST_BYTES: u64 = 1 << 24;

/// What a line says of how it came about.
#[derive(Deserialize)]
struct Line {
    path: String,
    /// Every report has this key.
    #[serde(deserialize_with = "Option::deserialize")]
    error: Option<IgnoredAny>,
    model: Option<ModelId>,
    read_as: Option<ReadAs>,
}

/// Reports that are added to a file.
pub(crate) struct Resumed {
    file: File,
    done: Done,
}

/// How many reports of each film there are. Paths are kept as hashes: a million of them take tens of megabytes.
#[derive(Default)]
pub(crate) struct Done {
    of: HashMap<[u8; 16], u32>,
    /// What became of all of them.
    pub(crate) counts: Counts,
}

impl Done {
    fn add(&mut self, path: &str, is_read: bool) {
        *self.of.entry(key(path)).or_default() += 1;
        self.counts.add(is_read);
    }

    /// Whether a film of this path is done. Of two films of one path, each counts once.
    pub(crate) fn take(&mut self, path: &str) -> bool {
        let Some(left) = self.of.get_mut(&key(path)) else { return false };
        *left -= 1;
        if *left == 0 {
            self.of.remove(&key(path));
        }
        true
    }
}

fn key(path: &str) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(path).into();
    *hash.first_chunk().unwrap_or(&[0; 16])
}

impl Resumed {
    /// Opens or makes the file, and cuts off its last line where that is torn. Nothing else of it changes.
    ///
    /// # Errors
    /// Where it holds something else than reports, or reports by another model or of films read in another way; where
    /// another process writes it.
    pub(crate) fn open(path: &Path, model: &ModelId, read_as: ReadAs) -> Result<Self, String> {
        let shown = path.display();
        let of_system = |error: std::io::Error| format!("{shown}: {}", covid_classifier::Error::from(error));
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(format!("{shown}: this is not a file: name a file, or one that is to be made"));
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = file.map_err(of_system)?;
        // Where locks cannot be had, as on some network file systems, it goes without.
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(format!(
                "{shown}: another covid-classifier writes to this file: wait for it, or name another file"
            ));
        }
        let read = read(&file, model, read_as).map_err(|why| match why {
            Why::System(error) => of_system(error),
            Why::Content(why) => format!("{shown}: {why}"),
        })?;
        file.set_len(read.bytes).map_err(of_system)?;
        file.seek(SeekFrom::End(0)).map_err(of_system)?;
        if read.lacks_line_feed {
            file.write_all(b"\n").map_err(of_system)?;
        }
        Ok(Self { file, done: read.done })
    }

    /// Where reports go, and what is done.
    pub(crate) fn into_parts(self) -> (impl Write, Done) {
        (WholeLines { file: self.file }, self.done)
    }
}

/// A file to which each piece is written whole or, where the disk is full, not at all.
struct WholeLines<F> {
    file: F,
}

impl<F: Write + Cut> Write for WholeLines<F> {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        let begin = self.file.end()?;
        let written = self.file.write_all(piece);
        if written.is_err() {
            // What cannot be cut off either is torn, which the next start sees.
            self.file.cut(begin).ok();
        }
        written.map(|()| piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// What can be cut off at a place that was its end before.
trait Cut {
    fn end(&mut self) -> std::io::Result<u64>;
    fn cut(&mut self, end: u64) -> std::io::Result<()>;
}

impl Cut for File {
    fn end(&mut self) -> std::io::Result<u64> {
        self.seek(SeekFrom::End(0))
    }

    fn cut(&mut self, end: u64) -> std::io::Result<()> {
        self.set_len(end)
    }
}

enum Why {
    System(std::io::Error),
    Content(String),
}

impl From<std::io::Error> for Why {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}

/// What is whole in a file of reports.
#[derive(Default)]
struct Whole {
    done: Done,
    /// The bytes of all reports. What follows is torn.
    bytes: u64,
    /// The last of them has all but its line feed.
    lacks_line_feed: bool,
}

fn read(file: &File, model: &ModelId, read_as: ReadAs) -> Result<Whole, Why> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut whole = Whole::default();
    let (mut bytes, mut number) = (Vec::new(), 0);
    loop {
        bytes.clear();
        let count = reader.by_ref().take(MOST_BYTES).read_until(b'\n', &mut bytes)?;
        if count == 0 {
            return Ok(whole);
        }
        number += 1;
        whole.lacks_line_feed = bytes.last() != Some(&b'\n');
        let Ok(line) = serde_json::from_slice::<Line>(&bytes) else {
            if whole.lacks_line_feed && is_torn(&bytes) {
                whole.lacks_line_feed = false;
                return Ok(whole);
            }
            return Err(Why::Content(format!(
                "line {number} is not a report of `classify --json`: name a file that holds nothing else"
            )));
        };
        if let Some(other) = line.model.as_ref().filter(|other| *other != model) {
            return Err(Why::Content(format!(
                "line {number} was read with model {} ({:.12}…), this is model {} ({:.12}…): name another file, or that \
                 model by --model",
                other.version, other.sha256, model.version, model.sha256
            )));
        }
        if line.error.is_none() && line.read_as.unwrap_or(ReadAs::STORED) != read_as {
            return Err(Why::Content(format!(
                "line {number} was read with other flags of --turn, --mirror and --invert: name another file, or the same \
                 flags"
            )));
        }
        whole.done.add(&line.path, line.error.is_none());
        whole.bytes += count as u64;
    }
}

/// Whether a report begins so. A file system may leave zeros where the power failed.
fn is_torn(bytes: &[u8]) -> bool {
    let zeros = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
    let text = &bytes[..bytes.len() - zeros];
    (text.starts_with(BEGIN) || BEGIN.starts_with(text)) && !text.contains(&0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn model() -> ModelId {
        ModelId { version: "1".into(), sha256: "ab".repeat(32) }
    }

    fn file(name: &str, content: &[u8]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("covid-classifier-resume-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        std::fs::write(&file, content).unwrap();
        file
    }

    fn open(file: &Path) -> Result<Resumed, String> {
        Resumed::open(file, &model(), ReadAs::STORED)
    }

    const TWO: &[u8] = b"{\"path\":\"a\",\"error\":null}\n{\"path\":\"a\",\"error\":{\"kind\":\"io\"}}\n";

    #[test]
    fn a_torn_last_line_is_cut_off_wherever_it_is_torn() {
        let third = b"{\"path\":\"b\",\"error\":null}";
        for torn in
            (0..third.len()).map(|at| third[..at].to_vec()).chain([vec![0; 9], b"{\"path\":\"b\0\0".to_vec()])
        {
            let file = file("torn", &[TWO, &torn].concat());
            let (mut out, mut done) = open(&file).unwrap().into_parts();
            assert_eq!(done.counts, Counts { read: 1, not_read: 1 });
            assert!(done.take("a") && done.take("a") && !done.take("a") && !done.take("b"), "{torn:?}");
            out.write_all(b"next\n").unwrap();
            assert_eq!(std::fs::read(&file).unwrap(), [TWO, b"next\n"].concat());
        }
    }

    #[test]
    fn a_last_line_that_lacks_only_its_line_feed_counts() {
        let file = file("line-feed", TWO.trim_ascii_end());
        let (mut out, done) = open(&file).unwrap().into_parts();
        assert_eq!(done.counts, Counts { read: 1, not_read: 1 });
        out.write_all(b"next\n").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), [TWO, b"next\n"].concat());
    }

    /// A pipe would be waited for, and nobody would keep what is written to a device.
    #[test]
    fn what_is_not_a_file_is_refused() {
        let mut others = vec![std::env::temp_dir()];
        if cfg!(unix) {
            others.push("/dev/null".into());
        }
        for other in others {
            assert!(open(&other).err().unwrap().contains("not a file"), "{}", other.display());
        }
    }

    #[test]
    fn a_file_of_something_else_is_not_touched() {
        for content in [
            &b"Dear colleague"[..],
            b"Dear colleague\n",
            b"%PDF\0\0",
            b"\0\0DICM\0",
            b"{}\n",
            b"{\"path\":\"a\"}\n",
            b"{\"path\":\"a\"\n{\"path\":\"b\"}\n",
        ] {
            let file = file("other", content);
            let why = open(&file).err().unwrap();
            assert!(why.contains("is not a report"), "{why}");
            assert_eq!(std::fs::read(&file).unwrap(), content);
        }
    }

    #[test]
    fn reports_of_another_kind_are_not_mixed_in() {
        let other = file(
            "model",
            br#"{"path":"a","error":null,"model":{"version":"0","sha256":"cdcdcdcdcdcdcdcd"}}
"#,
        );
        assert!(open(&other).err().unwrap().contains("was read with model 0 (cdcdcdcdcdcd…)"));
        let turned = file(
            "turned",
            br#"{"path":"a","error":null,"read_as":{"quarter_turns":2,"mirrored":false,"inverted":false}}
"#,
        );
        assert!(open(&turned).err().unwrap().contains("other flags"));
    }

    /// A disk with room for so many bytes.
    struct Disk {
        bytes: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
            let fits = piece.len().min(self.room - self.bytes.len());
            self.bytes.extend_from_slice(&piece[..fits]);
            if fits == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(fits) }
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Cut for Disk {
        fn end(&mut self) -> std::io::Result<u64> {
            Ok(self.bytes.len() as u64)
        }

        fn cut(&mut self, end: u64) -> std::io::Result<()> {
            self.bytes.truncate(end as usize);
            Ok(())
        }
    }

    #[test]
    fn on_a_full_disk_the_lines_before_stay_whole() {
        let mut out = WholeLines { file: Disk { bytes: TWO.to_vec(), room: TWO.len() + 10 } };
        out.write_all(b"short\n").unwrap();
        let error = out.write_all(b"too long\n").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        assert_eq!(out.file.bytes, [TWO, b"short\n"].concat());
    }

    #[test]
    fn two_processes_do_not_write_one_file() {
        let file = file("locked", b"");
        let first = open(&file).unwrap();
        assert!(open(&file).err().unwrap().contains("another covid-classifier"));
        drop(first);
        open(&file).unwrap();
    }
}
