//! Runs the fuzz target of the tables of films with seeded mutations, on any toolchain. `FUZZ_INPUTS=N` sets their
//! number (2000).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../tests/support/mutate.rs"]
mod mutate;
#[path = "../../fuzz/src/tables.rs"]
mod tables;

mod targets {
    pub(crate) type Target = (&'static str, fn(&[u8]), fn(&std::path::Path) -> Vec<Vec<u8>>);
}

mod reader {
    pub(crate) use covid_classifier::ErrorKind;
    pub(crate) use covid_lab::dataset as tables;
}

use std::path::Path;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

#[test]
fn every_table_is_read_or_named() {
    let inputs = std::env::var("FUZZ_INPUTS").map_or(2000, |inputs| inputs.parse().unwrap());
    let (_, run, seeds) = tables::TARGET;
    let seeds = seeds(Path::new(""));
    seeds.iter().for_each(|seed| run(seed));
    let mut random = ChaCha8Rng::seed_from_u64(15);
    for _ in 0..inputs {
        let [seed, other] = [0, 1].map(|_| &seeds[random.random_range(0..seeds.len())]);
        run(&mutate::mutate(&mut random, seed, other));
    }
}
