//! Fuzzes ZIP archives of films, as the program lists and unpacks them.

use std::io::Cursor;
use std::path::Component;

use super::containers;
use super::targets::Target;
use super::zip;

pub const TARGET: Target = ("archive", run, |_| seeds());

/// Reads the list and the beginning of the first few files.
fn run(data: &[u8]) {
    const MOST: u64 = 1 << 16;
    let mut archive = Cursor::new(data);
    for entry in zip::entries(&mut archive).unwrap_or_default().iter().take(8) {
        assert!(entry.path.components().all(|part| matches!(part, Component::Normal(_))));
        if let Ok(head) = zip::head(&mut archive, entry, MOST) {
            assert!(head.len() as u64 <= MOST);
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let films: [(&str, &[u8]); 4] =
        [("ward/a.png", &[7; 300]), ("../b", b"film"), ("ward/", b""), ("letter.txt", b"Dear colleague")];
    [true, false].map(|is_deflated| containers::archive(&films, is_deflated)).to_vec()
}
