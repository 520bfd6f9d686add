//! Writes damaged files: `mutated FOLDER COUNT [SEED]` makes COUNT of them in FOLDER for the test of the page.
//! `tests/mutated.rs` makes the same files for the program.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod containers;
mod dicom;
mod mutate;
mod mutated;

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, count, seed @ ..] = &arguments[..] else { panic!("usage: mutated FOLDER COUNT [SEED]") };
    let count: u64 = count.parse().expect("COUNT is a number");
    let seed = seed.first().map_or(mutated::SEED, |seed| seed.parse().expect("SEED is a number"));
    let bases = mutated::bases(Path::new(env!("CARGO_MANIFEST_DIR")));
    std::fs::create_dir_all(folder).expect("FOLDER can be made");
    for number in 0..count {
        let file = mutated::file(&bases, seed, number);
        std::fs::write(Path::new(folder).join(&file.name), &file.bytes).expect("FOLDER can be written");
    }
}
