//! A list of films, as `find` and other programs write it: one path per line, or paths that end in NUL.

use std::io::{BufRead, Read as _};
use std::path::PathBuf;

use covid_classifier::{Error, ErrorKind};

/// No system has longer paths. What is longer is no list of films.
const MOST_BYTES: usize = 1 << 16;
/// So much of a line that names no film is shown.
const SHOWN_BYTES: usize = 200;

/// What stands between two paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    /// Lines, of Windows too: a carriage return before the line feed, or a byte order mark before the first path, is no
    /// part of a path. Empty lines are left out.
    Line,
    /// NUL, which no path has.
    Nul,
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Self::Line => b'\n',
            Self::Nul => 0,
        }
    }
}

/// One entry of a list.
#[derive(Debug)]
pub(crate) enum Named {
    Path(PathBuf),
    /// What cannot be a path: how it begins, and why not.
    Unusable(String, Error),
}

/// The entries of a list, in its order. However long a line is, little of it is kept.
pub(crate) struct List<R> {
    source: R,
    separator: Separator,
    number: u64,
    bytes: Vec<u8>,
}

impl<R: BufRead> List<R> {
    pub(crate) fn new(source: R, separator: Separator) -> Self {
        Self { source, separator, number: 0, bytes: Vec::new() }
    }

    /// The next entry that is not empty; `None` at the end.
    fn entry(&mut self) -> std::io::Result<Option<Named>> {
        let end = self.separator.byte();
        loop {
            self.bytes.clear();
            let most = MOST_BYTES as u64 + 1;
            if self.source.by_ref().take(most).read_until(end, &mut self.bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let ended = self.bytes.last() == Some(&end);
            if !ended && self.bytes.len() > MOST_BYTES {
                self.source.skip_until(end)?;
                return Ok(Some(
                    self.unusable(&format!(
                        "is longer than any path: name the films one per {}",
                        self.unit()
                    )),
                ));
            }
            let mut bytes = &self.bytes[..self.bytes.len() - usize::from(ended)];
            if self.number == 1 && (bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF")) {
                return Ok(Some(self.unusable("is UTF-16: save the list as UTF-8")));
            }
            if self.separator == Separator::Line {
                bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
                if self.number == 1 {
                    bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
                }
            }
            if bytes.is_empty() {
                continue;
            }
            if bytes.contains(&0) {
                return Ok(Some(self.unusable(
                    "has a NUL, which no path has: for a list that is separated by NUL, add --null",
                )));
            }
            return Ok(Some(match path(bytes) {
                Some(path) => Named::Path(path),
                None => self.unusable("is not UTF-8: save the list as UTF-8"),
            }));
        }
    }

    fn unit(&self) -> &'static str {
        match self.separator {
            Separator::Line => "line",
            Separator::Nul => "NUL",
        }
    }

    fn unusable(&self, why: &str) -> Named {
        let first = self.bytes.split(|&byte| byte == 0 || byte == b'\n').next().unwrap_or_default();
        let shown = String::from_utf8_lossy(&first[..first.len().min(SHOWN_BYTES)]).into_owned();
        let message = format!("entry {} of the list {why}", self.number);
        Named::Unusable(shown, Error::new(ErrorKind::Dataset, message))
    }
}

impl<R: BufRead> Iterator for List<R> {
    type Item = std::io::Result<Named>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entry().transpose()
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entries(list: &[u8], separator: Separator) -> Vec<String> {
        List::new(list, separator)
            .map(|entry| match entry.unwrap() {
                Named::Path(path) => path.display().to_string(),
                Named::Unusable(shown, error) => format!("{}: {shown}: {error}", error.kind()),
            })
            .collect()
    }

    #[test]
    fn lines_of_any_system_are_paths() {
        assert_eq!(
            entries(b"\xEF\xBB\xBFa.png\r\n\r\n b .png\nlast", Separator::Line),
            ["a.png", " b .png", "last"]
        );
        assert_eq!(entries(b"", Separator::Line), [""; 0]);
        assert_eq!(entries(b"a\nb.png\0\0c\r\0", Separator::Nul), ["a\nb.png", "c\r"]);
    }

    #[test]
    fn what_is_no_path_is_an_entry_that_says_so_and_the_next_is_read() {
        let long = [&vec![b'x'; 3 * MOST_BYTES][..], b"\na.png\n"].concat();
        let found = entries(&long, Separator::Line);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("dataset: xxx") && found[0].ends_with("one per line"), "{}", found[0]);
        assert!(found[0].len() < 300);
        assert_eq!(found[1], "a.png");
        // Exactly as long as is allowed.
        let most = [&vec![b'x'; MOST_BYTES][..], b"\na.png"].concat();
        assert_eq!(entries(&most, Separator::Line)[0].len(), MOST_BYTES);

        let found = entries(b"good.png\na.png\0b.png\0\nc.png\n", Separator::Line);
        assert_eq!(found.len(), 3);
        assert!(found[1].starts_with("dataset: a.png: entry 2 of the list has a NUL"), "{}", found[1]);
        let found = entries(b"\xFF\xFEa\0.\0p\0n\0g\0\n\0", Separator::Line);
        assert!(found[0].contains("UTF-16"), "{found:?}");
    }
}
