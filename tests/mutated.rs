//! Runs the program on thousands of damaged files: each gets a line with a report or a typed error, none takes long or
//! much memory, and none ends the program.
//!
//! `MUTATED_FILES=N` makes N of them (300), `MUTATED_SEED=S` uses another seed. To see its summary:
//! `MUTATED_FILES=10000 cargo test --release --test mutated -- --nocapture`. A failing run keeps its files.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/containers.rs"]
mod containers;
#[path = "support/dicom.rs"]
mod dicom;
#[path = "support/mutate.rs"]
mod mutate;
#[path = "support/mutated.rs"]
mod mutated;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use covid_classifier::{ErrorKind, Report};

/// Processor time, where it is known, that a film may take: two seconds, and more without the optimiser.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });
/// Memory that the program may use: the decoders' 512 MiB, the model, and the reading of a large film.
const MOST_BYTES: u64 = 1 << 30;
/// Number of names that fit on a command line everywhere.
const AT_ONCE: usize = 1000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Processor time of a process's first thread; on systems other than Linux, wall time.
fn clock(process: u32, begin: Instant) -> Duration {
    let own = std::fs::read_to_string(format!("/proc/{process}/schedstat")).ok();
    let nanoseconds = own.as_deref().and_then(|times| times.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}

/// The most memory that a process has had, on Linux.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

#[derive(Default)]
struct Figures {
    /// Counts of films and errors by kind.
    outcomes: BTreeMap<String, usize>,
    slowest: (Duration, String),
    peak: u64,
}

impl Figures {
    /// One run of the program on the files of a folder.
    fn run(&mut self, folder: &Path, names: &[String], is_archive: &dyn Fn(&str) -> bool) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_covid-classifier"))
            .args(["classify", "--json"])
            .args(names)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        let mut complaints = child.stderr.take().unwrap();
        let complaints = std::thread::spawn(move || {
            let mut text = String::new();
            complaints.read_to_string(&mut text).map(|_| text)
        });
        let mut answered = std::collections::HashSet::new();
        // Before the first line the model is read and the archives are listed.
        let mut last = None;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let report: Report = serde_json::from_str(&line.unwrap()).unwrap();
            let now = clock(child.id(), begin);
            let time = last.map_or(Duration::ZERO, |last| now.saturating_sub(last));
            last = Some(now);
            self.peak = self.peak.max(peak(child.id()).unwrap_or(0));
            assert!(time < MOST_TIME, "{} takes {time:?}", report.path);
            if time > self.slowest.0 {
                self.slowest = (time, report.path.clone());
            }
            let outcome = match (&report.error, report.verdict) {
                (Some(error), None) => {
                    assert_ne!(error.kind, ErrorKind::Internal, "{}: {}", report.path, error.message);
                    assert!(error.message.len() > 20, "{}: {}", report.path, error.message);
                    error.kind.code().to_owned()
                }
                (None, Some(verdict)) => format!("a film: {}", verdict.name()),
                other => panic!("{}: {other:?}", report.path),
            };
            *self.outcomes.entry(outcome).or_default() += 1;
            let first = Path::new(&report.path).components().next().unwrap();
            answered.insert(first.as_os_str().to_string_lossy().into_owned());
        }
        let status = child.wait().unwrap();
        let complaints = complaints.join().unwrap().unwrap();
        assert!(matches!(status.code(), Some(0 | 1)), "the program ends with {status}: {complaints}");
        assert!(!complaints.contains("panicked"), "{complaints}");
        // An archive may have no films.
        for name in names {
            assert!(answered.contains(name) || is_archive(name), "{name} has no answer");
        }
    }
}

#[test]
fn every_mutated_file_is_answered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (count, seed) =
        (number("MUTATED_FILES").unwrap_or(300), number("MUTATED_SEED").unwrap_or(mutated::SEED));
    let bases = mutated::bases(root);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mutated");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut archives = std::collections::HashSet::new();
    let names: Vec<String> = (0..count)
        .map(|number| {
            let file = mutated::file(&bases, seed, number);
            std::fs::write(folder.join(&file.name), &file.bytes).unwrap();
            *kinds.entry(file.kind).or_default() += 1;
            if file.bytes.starts_with(b"PK\x03\x04") {
                archives.insert(file.name.clone());
            }
            file.name
        })
        .collect();
    let mut figures = Figures::default();
    for names in names.chunks(AT_ONCE) {
        figures.run(&folder, names, &|name| archives.contains(name));
    }
    assert!(figures.peak < MOST_BYTES, "the program takes {} MB", figures.peak / 1_000_000);
    let (time, slowest) = &figures.slowest;
    println!("{count} files of {kinds:?}: {:?}", figures.outcomes);
    println!("slowest {:.2} s ({slowest}), peak {} MB", time.as_secs_f64(), figures.peak / 1_000_000);
    // There must be both films and errors, or the files are not what they are meant to be.
    let films: usize =
        figures.outcomes.iter().filter(|(name, _)| name.starts_with("a film")).map(|(_, n)| n).sum();
    let lines: usize = figures.outcomes.values().sum();
    assert!(films * 20 > lines && films * 20 < 19 * lines, "{films} films of {lines}");
    std::fs::remove_dir_all(&folder).unwrap();
}
