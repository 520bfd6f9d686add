//! Runs the fuzz targets on any toolchain: on their seeds, on earlier finds, and on seeded mutations of both.
//!
//! `FUZZ_INPUTS=N` runs N mutations per target (200), `FUZZ_SEED=S` uses another seed, `FUZZ_TARGET=NAME` runs one
//! target. The tables of films are in `lab/tests/tables.rs`. A failing run leaves its input in `target/fuzz-failed`;
//! with `FUZZ_KEEP=1`, one that never ends leaves it in `target/fuzz-last`. libFuzzer goes deeper: `./build.sh fuzz`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/containers.rs"]
mod containers;
#[path = "support/dicom.rs"]
mod dicom;
#[path = "../fuzz/src/model.rs"]
mod model;
#[path = "support/mutate.rs"]
mod mutate;
#[path = "../fuzz/src/targets.rs"]
mod targets;

mod reader {
    pub(crate) use covid_classifier::{ErrorKind, decode, frame, model, radiograph};
}

use std::cell::Cell;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use self::mutate::mutate;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Processor time (or wall time) that an input may take: far more than any should.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Processor time of this thread; on systems other than Linux, wall time.
fn clock(begin: Instant) -> Duration {
    let own = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = own.as_deref().and_then(|times| times.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}

#[test]
fn no_input_panics() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let inputs = number("FUZZ_INPUTS").unwrap_or(200);
    let only = std::env::var("FUZZ_TARGET").ok();
    for (index, (name, run, seeds)) in targets::ALL.into_iter().chain([model::TARGET]).enumerate() {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let mut seeds = seeds(&root.join("tests/goldens"));
        assert!(!seeds.is_empty(), "{name} has nothing to begin with");
        if let Ok(found) = std::fs::read_dir(root.join("fuzz/found").join(name)) {
            let mut paths: Vec<_> = found.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            seeds.extend(paths.iter().map(|path| std::fs::read(path).unwrap()));
        }
        let slowest = Cell::new(Duration::ZERO);
        let check = |what: &str, input: &[u8]| {
            // Keeps the input of a run that never ends, too.
            if std::env::var_os("FUZZ_KEEP").is_some() {
                std::fs::write(root.join("target/fuzz-last"), input).unwrap();
            }
            let now = Instant::now();
            let begin = clock(now);
            let is_contained = catch_unwind(|| run(input)).is_ok();
            let time = clock(now).saturating_sub(begin);
            slowest.set(slowest.get().max(time));
            if !is_contained || time > MOST_TIME {
                let path = root.join("target/fuzz-failed");
                std::fs::write(&path, input).unwrap();
                panic!("{name} fails on {what}, which is in {}", path.display());
            }
        };
        for (k, seed) in seeds.iter().enumerate() {
            check(&format!("seed {k}"), seed);
        }
        let mut random = ChaCha8Rng::seed_from_u64(number("FUZZ_SEED").unwrap_or(13) ^ index as u64);
        for k in 0..inputs {
            let [seed, other] = [0, 1].map(|_| &seeds[random.random_range(0..seeds.len())]);
            check(&format!("mutation {k}"), &mutate(&mut random, seed, other));
        }
        println!(
            "{name}: {} inputs, the slowest {:.2} s",
            seeds.len() as u64 + inputs,
            slowest.get().as_secs_f64()
        );
    }
}
