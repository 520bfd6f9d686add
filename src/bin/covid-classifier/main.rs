//! The command line: arguments and printing only.

mod batch;
mod films;
mod list;
mod resume;
mod zip;

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, Parser, Subcommand};
use covid_classifier::compute::{Backend, NetworkName};
use covid_classifier::decode::{MAX_PIXELS, MAX_SIDE_PX};
use covid_classifier::network::Network;
use covid_classifier::phantom::Phantom;
use covid_classifier::pipeline::{Input, film_features};
use covid_classifier::reason::Reason;
use covid_classifier::texture::{CooccurrenceScaling, FeatureExtractor, feature_names};
use covid_classifier::{Classifier, Error, Model, PerLabel, ReadAs, Reading, Report, convnet};
use serde_json::json;

use crate::batch::Order;
use crate::films::{Film, Films, place_of};
use crate::list::{List, Named, Separator};
use crate::resume::{Done, Resumed};

/// Every film asks for and returns large buffers; the system's allocator gives them back to the kernel each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anything that ends the program; a bad film does not.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What `classify` ends with, beside 0 and 2. A film was not read; the batch is whole.
const NOT_ALL_READ: u8 = 1;
/// Nothing was read: what was named cannot be used. clap ends so too.
const NOTHING_READ: u8 = 2;
/// The batch is not whole.
const CUT_SHORT: u8 = 3;
/// As a shell reports a program that SIGPIPE ended.
const PIPE_CLOSED: u8 = 128 + 13;

const EXIT_CODES: &str = "\
Exit codes:
    0  every film was read
    1  every film has its answer, and at least one of them is why it could not be read
    2  nothing was read: arguments, model, list or FILE of --resume cannot be used as they are
    3  stopped before the end: what was written is whole, --resume goes on
  141  nobody read the output any more";

#[derive(Parser)]
#[command(version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read films: probabilities, verdict, warnings and what moved the answer.
    #[command(after_help = EXIT_CODES)]
    Classify(Classify),
    /// Print the 252 features of films.
    Features(Features),
    /// Draw a synthetic chest film (for tests and screenshots; no film of a person).
    Phantom(DrawPhantom),
    /// Time the stages on one film.
    Bench(Bench),
    /// Write a network for other programs: its layers and its weights.
    Network(ExportNetwork),
}

#[derive(Args)]
struct Classify {
    /// Print one line of JSON per file.
    #[arg(long)]
    json: bool,
    /// A folder with manifest.json and the weight files, instead of the built-in model.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Draw each film with the lungs' outline and what speaks for (orange) and against (blue) the
    /// convnet reader's answer into this folder, as PATH.heatmap.png in folders like the films' own.
    #[arg(long, value_name = "DIR")]
    heatmap: Option<PathBuf>,
    /// Turn the films clockwise by this many degrees before they are read.
    #[arg(long, value_name = "DEGREES", value_parser = ["90", "180", "270"])]
    turn: Option<String>,
    /// Read the films with left and right exchanged, after the turn.
    #[arg(long)]
    mirror: bool,
    /// Read the films with black and white exchanged.
    #[arg(long)]
    invert: bool,
    #[command(flatten)]
    engine: Engine,
    /// Read the films that FILE names, one path per line; - is the standard input. Memory does not grow
    /// with the list.
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    files_from: Option<PathBuf>,
    /// Expect paths in --files-from that end in NUL, as `find -print0` writes them.
    #[arg(short = '0', long, requires = "files_from", conflicts_with = "files")]
    null: bool,
    /// Add a line of JSON per film to FILE, and leave out films that have one there. A torn last line is
    /// cut off and that film read again. Nothing goes to the standard output.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Print each answer as soon as its film is read, not in the order of the films.
    #[arg(long)]
    unordered: bool,
    /// How many films to read at once, at most 1024. By default as many as there are cores, or 1 with a
    /// graphics processor.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Image files (DICOM, PNG, JPEG, JPEG 2000, WebP, BMP, TIFF), folders and ZIP archives:
    /// all images in them, except hidden files.
    #[arg(required_unless_present = "files_from", value_name = "FILE|FOLDER|ZIP")]
    files: Vec<PathBuf>,
}

impl Classify {
    fn read_as(&self) -> ReadAs {
        let quarter_turns = match self.turn.as_deref() {
            Some("90") => 1,
            Some("180") => 2,
            Some("270") => 3,
            _ => 0,
        };
        ReadAs { quarter_turns, mirrored: self.mirror, inverted: self.invert }
    }

    fn order(&self) -> Order {
        let on_cores = matches!(self.engine.backend.as_str(), "simd" | "candle");
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let preset = || if on_cores { cores() } else { 1 };
        Order { jobs: self.jobs.map_or_else(preset, usize::from), in_order: !self.unordered }
    }
}

#[derive(Args)]
struct Engine {
    /// What runs the networks: simd, candle, webgpu (Vulkan or Metal; software adapters too), or
    /// auto: webgpu on a graphics processor where that is faster, else simd.
    #[arg(long, value_name = "NAME", default_value = "simd")]
    backend: String,
}

#[derive(Args)]
struct Features {
    /// Print one line of JSON per file.
    #[arg(long)]
    json: bool,
    /// The files are 512 × 512 8-bit grey images that have been preprocessed already.
    #[arg(long)]
    preprocessed: bool,
    /// Leave the last co-occurrence matrix unscaled, as in the authors' published table.
    #[arg(long)]
    published: bool,
    /// Image files, folders and ZIP archives:
    /// all images in them, except hidden files.
    #[arg(required = true, value_name = "FILE|FOLDER|ZIP")]
    files: Vec<PathBuf>,
}

#[derive(Args)]
struct DrawPhantom {
    /// The seed, which varies anatomy, exposure, opacities and noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The width in pixels.
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SIDE_PX)))]
    width: u32,
    /// The height in pixels.
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SIDE_PX)))]
    height: u32,
    /// Bits per pixel; 16 only as PNG.
    #[arg(long, default_value = "8", value_parser = ["8", "16"])]
    bits: String,
    /// The file to write, .png or .jpg.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
struct Bench {
    /// How many times each stage is timed.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    #[command(flatten)]
    engine: Engine,
    /// The film to time the stages on.
    file: PathBuf,
}

#[derive(Args)]
struct ExportNetwork {
    /// The network to write.
    #[arg(value_parser = ["lungs", "convnet"])]
    name: String,
    /// NAME.json (side, layers in the order they run, the value whose channel means are the
    /// features) and NAME.bin (weights and bias of each convolution in that order, f32, little
    /// endian) are written there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let code = if matches!(command, Command::Classify(_)) { CUT_SHORT } else { 1 };
    let result = match command {
        Command::Classify(args) => classify(args),
        Command::Features(args) => features(&args),
        Command::Phantom(args) => phantom(&args),
        Command::Bench(args) => bench(&args),
        Command::Network(args) => export_network(&args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // Whoever reads our output has seen enough of it.
            if is_closed_pipe(&error) {
                return ExitCode::from(PIPE_CLOSED);
            }
            complain(&error);
            ExitCode::from(code)
        }
    }
}

fn is_closed_pipe(error: &Failure) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn complain(error: &Failure) {
    eprintln!("covid-classifier: {}", shown(&covid_classifier::detailed(&**error)));
}

/// People are told how many files were left out.
fn tell_left_out(left_out: usize) {
    match left_out {
        0 => {}
        1 => eprintln!("covid-classifier: 1 file that is not an image was left out"),
        _ => eprintln!("covid-classifier: {left_out} files that are not images were left out"),
    }
}

/// The films that were named, less what lies in folders and is no picture.
fn find(arguments: &[PathBuf], except: Option<&Path>) -> Vec<Film> {
    let Films { films, left_out } = Films::of(arguments, except);
    tell_left_out(left_out);
    if films.is_empty() {
        tell_none_found();
    }
    films
}

fn tell_none_found() {
    eprintln!(
        "covid-classifier: nothing that was named holds a film: name films, folders or ZIP archives with films in them"
    );
}

/// The model in the folder, or the one this program was built with, started on the back-end that is
/// wanted and no other.
fn load(folder: Option<&Path>, engine: &Engine) -> Result<Classifier, Failure> {
    let model = match folder {
        None => Model::shipped()?,
        Some(folder) => Model::read_folder(folder).map_err(|error| match error.kind() {
            covid_classifier::ErrorKind::Model => {
                format!("{error}: name the folder of a finished model in --model, or leave it out")
            }
            _ => error.to_string(),
        })?,
    };
    let wanted = match engine.backend.as_str() {
        "auto" => None,
        name => Some(Backend::from_str(name)?),
    };
    let classifier = pollster::block_on(Classifier::start(model, wanted.map(Backend::name)))?;
    let choice = classifier.compute();
    if wanted.is_some_and(|wanted| wanted != choice.backend) {
        let reason = choice.attempts.into_iter().find_map(|attempt| attempt.reason);
        return Err(reason.unwrap_or_default().into());
    }
    Ok(classifier)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("{}: {}", path.display(), Error::from(error)).into())
}

fn exit(failed: bool) -> Result<ExitCode, Failure> {
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A film to be read.
struct Task {
    film: Film,
    /// As the report calls it.
    name: String,
    /// Where its map goes.
    map: Option<PathBuf>,
}

/// What the thread that hands films out has seen of a list.
#[derive(Default)]
struct Seen {
    entries: AtomicUsize,
    left_out: AtomicUsize,
}

/// What became of films.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    read: u64,
    not_read: u64,
}

impl Counts {
    fn add(&mut self, is_read: bool) {
        *(if is_read { &mut self.read } else { &mut self.not_read }) += 1;
    }

    fn all(self) -> u64 {
        self.read + self.not_read
    }
}

fn classify(args: Classify) -> Result<ExitCode, Failure> {
    // What cannot be used is said before anything is read.
    match begin(&args) {
        Ok(begun) => read_films(args, begun),
        Err(error) => {
            complain(&error);
            Ok(ExitCode::from(NOTHING_READ))
        }
    }
}

/// What is there before the first film is read.
struct Begun {
    classifier: Classifier,
    list: Option<Box<dyn BufRead + Send>>,
    resumed: Option<Resumed>,
}

fn begin(args: &Classify) -> Result<Begun, Failure> {
    let classifier = load(args.model.as_deref(), &args.engine)?;
    if let Some(folder) = &args.heatmap {
        let unusable = |error| {
            let path = folder.display();
            format!(
                "{path}: {}: name a folder for the maps in --heatmap that can be made",
                Error::from(error)
            )
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
    }
    let list = args.files_from.as_deref().map(open_list).transpose()?;
    let resume = |path| Resumed::open(path, classifier.model_id(), args.read_as());
    let resumed = args.resume.as_deref().map(resume).transpose()?;
    Ok(Begun { classifier, list, resumed })
}

fn open_list(path: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let of_system = |error| format!("{}: {}", path.display(), Error::from(error));
    let file = File::open(path).map_err(of_system)?;
    if file.metadata().map_err(of_system)?.is_dir() {
        return Err(format!(
            "{}: this is a folder, not a list of films: name it without --files-from",
            path.display()
        )
        .into());
    }
    Ok(Box::new(BufReader::new(file)))
}

fn read_films(args: Classify, begun: Begun) -> Result<ExitCode, Failure> {
    let Begun { classifier, list, resumed } = begun;
    let (is_list, is_resumed) = (list.is_some(), resumed.is_some());
    let words = !args.json && !is_resumed;
    let (mut out, done): (Box<dyn Write>, _) = match resumed {
        Some(resumed) => {
            let (file, done) = resumed.into_parts();
            (Box::new(file), done)
        }
        None => (Box::new(std::io::stdout().lock()), Done::default()),
    };
    let before = done.counts;
    let mut counts = before;
    let seen = Arc::new(Seen::default());
    let films: Box<dyn Iterator<Item = Result<Film, Failure>> + Send> = match list {
        Some(list) => {
            let separator = if args.null { Separator::Nul } else { Separator::Line };
            Box::new(listed(List::new(list, separator), args.heatmap.clone(), Arc::clone(&seen)))
        }
        None => Box::new(find(&args.files, args.heatmap.as_deref()).into_iter().map(Ok)),
    };
    let tasks = tasks(films, args.heatmap.clone(), done);
    let (order, read_as) = (args.order(), args.read_as());
    let first = Mutex::new(Some(classifier));
    let start = move || {
        let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let started = first.map_or_else(|| load(args.model.as_deref(), &args.engine), Ok);
        started.map(|mut classifier| move |task: Task| read_film(&mut classifier, &task, read_as))
    };
    let result = batch::run(tasks, order, start, |report| {
        if words {
            print_report(&mut out, &report).map_err(not_written)?;
        } else {
            // In one piece: whoever is killed leaves whole lines.
            out.write_all((serde_json::to_string(&report)? + "\n").as_bytes()).map_err(not_written)?;
        }
        counts.add(report.error.is_none());
        Ok(())
    });
    if result.as_ref().is_err_and(is_closed_pipe) {
        return Ok(ExitCode::from(PIPE_CLOSED));
    }
    tell_left_out(seen.left_out.load(Ordering::Relaxed));
    if is_list || is_resumed {
        tell(before, counts);
    }
    result?;
    if words && counts.all() > 0 {
        writeln!(
            out,
            "The verdict is calibrated on films of a few public collections; on films of other hospitals it is right less \
             often than its probabilities say (models/MODEL_CARD.md). The paper's reader alone tends to answer covid19 for \
             every adult. A research tool, not a medical device."
        )?;
    }
    let code = match counts {
        // A part of a list may be empty.
        _ if is_list && seen.entries.load(Ordering::Relaxed) == 0 => 0,
        Counts { read: 0, not_read: 0 } => NOTHING_READ,
        Counts { not_read: 0, .. } => 0,
        _ => NOT_ALL_READ,
    };
    if is_list && code == NOTHING_READ {
        tell_none_found();
    }
    Ok(ExitCode::from(code))
}

/// A closed pipe stays what it is: somebody has seen enough.
fn not_written(error: std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return error.into();
    }
    format!(
        "the reports cannot be written: {}: make room, then run it again with --resume",
        Error::from(error)
    )
    .into()
}

fn tell(before: Counts, counts: Counts) {
    let (read, not_read) = (counts.read - before.read, counts.not_read - before.not_read);
    eprintln!("covid-classifier: films read: {read}; not read: {not_read}; done before: {}", before.all());
}

/// What a list names, folder by folder and archive by archive.
fn listed(
    list: List<impl BufRead>,
    except: Option<PathBuf>,
    seen: Arc<Seen>,
) -> impl Iterator<Item = Result<Film, Failure>> {
    list.flat_map(move |entry| {
        seen.entries.fetch_add(1, Ordering::Relaxed);
        match entry {
            Ok(Named::Path(path)) => {
                let Films { films, left_out } = Films::of_list(path, except.as_deref());
                seen.left_out.fetch_add(left_out, Ordering::Relaxed);
                films.into_iter().map(Ok).collect()
            }
            Ok(Named::Unusable(begin, error)) => {
                vec![Ok(Film::Unread(begin.into(), error.kind(), error.to_string()))]
            }
            Err(error) => vec![Err(format!("the list broke off: {}", Error::from(error)).into())],
        }
    })
}

/// Films that are not done, each with the place of its map. Films of one path, as archives may have them, have numbered maps.
fn tasks(
    films: impl Iterator<Item = Result<Film, Failure>> + Send + 'static,
    maps: Option<PathBuf>,
    mut done: Done,
) -> impl Iterator<Item = Result<Task, Failure>> + Send + 'static {
    let mut taken = HashSet::new();
    let mut task = move |film: Film| -> Result<Task, Failure> {
        let mut map = None;
        if let Some(folder) = &maps {
            let mut place = place_of(folder, &film.path(), ".heatmap.png")?;
            let mut number = 1;
            while !taken.insert(place.clone()) {
                number += 1;
                place = place_of(folder, &film.path(), &format!(".{number}.heatmap.png"))?;
            }
            map = Some(place);
        }
        Ok(Task { name: film.name(), film, map })
    };
    films
        .map(move |film| film.and_then(&mut task))
        .filter(move |task| !task.as_ref().is_ok_and(|task| done.take(&task.name)))
}

fn read_film(classifier: &mut Classifier, task: &Task, read_as: ReadAs) -> Result<Report, Failure> {
    let bytes = match task.film.read() {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Report::failed(&task.name, &error)),
    };
    let reading = classifier.classify_as(&task.name, &bytes, read_as);
    if let Some(place) = &task.map {
        draw_heatmap(place, &reading)?;
    }
    Ok(reading.report)
}

/// A film that was not read has no map.
fn draw_heatmap(place: &Path, reading: &Reading) -> Result<(), Failure> {
    let (Some(sight), Some(summary)) = (&reading.sight, reading.report.activation) else { return Ok(()) };
    let (width, height, pixels) = sight.composed(summary.label);
    let image = image::RgbImage::from_raw(width as u32, height as u32, pixels);
    let not_drawn = |error: Failure| format!("{}: the map cannot be written: {error}", place.display());
    std::fs::create_dir_all(place.parent().unwrap_or(Path::new("")))
        .map_err(|error| not_drawn(error.into()))?;
    image.ok_or("the map has no pixels")?.save(place).map_err(|error| not_drawn(error.into()))?;
    Ok(())
}

/// Text that names a file, for a person to read: a terminal obeys control characters.
fn shown(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

fn print_report(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    writeln!(out, "{}", shown(&report.path))?;
    if let Some(error) = &report.error {
        return writeln!(out, "  not read ({}): {}\n", error.kind, error.message);
    }
    let of = |values: PerLabel| <[f64; 3]>::from(values);
    if let (Some(finding), Some(abnormal)) = (report.finding, report.abnormal) {
        let name = finding.name();
        writeln!(
            out,
            "  finding: {name} (calibrated probability that the film is not normal: {abnormal:.4})"
        )?;
    }
    if let Some(verdict) = report.verdict {
        writeln!(out, "  verdict: {}", verdict.name())?;
    }
    let gate = report.gate.iter().flat_map(|gate| &gate.reasons);
    for reason in gate.chain(report.abstentions.iter().flatten()) {
        writeln!(out, "  because: {}", reason.message)?;
        for flags in ways(reason) {
            writeln!(out, "    try: {flags}")?;
        }
    }
    if let Some(read_as) = report.read_as {
        writeln!(out, "  read with {}", flags(read_as))?;
    }
    if let Some(readers) = &report.readers {
        writeln!(out, "  {:<26} {:>9} {:>9} {:>9}", "", "covid19", "normal", "pneumonia")?;
        let mut row = |name: &str, values: PerLabel| {
            let [c, n, p] = of(values);
            writeln!(out, "  {name:<26} {c:>9.4} {n:>9.4} {p:>9.4}")
        };
        if let Some(probabilities) = report.probabilities {
            row("calibrated probability", probabilities)?;
        }
        row("convnet reader (softmax)", readers.convnet)?;
        row("paper's reader (softmax)", readers.texture)?;
    }
    if let Some(set) = &report.prediction_set {
        let names: Vec<&str> = set.iter().map(|label| label.name()).collect();
        writeln!(
            out,
            "  prediction set: {}",
            if names.is_empty() { "empty".into() } else { names.join(", ") }
        )?;
    }
    if let (Some(lungs), Some(activation)) = (report.lungs, report.activation) {
        write!(out, "  lungs: {:.0} % of the film", 100.0 * lungs.area)?;
        match activation.inside_lungs {
            Some(share) => writeln!(
                out,
                "; of what speaks for {} to the convnet reader, {:.0} % lies inside them",
                activation.label.name(),
                100.0 * share
            )?,
            None => writeln!(out)?,
        }
    }
    for warning in report.warnings.iter().flatten() {
        writeln!(out, "  warning: {}", warning.message)?;
    }
    if let Some(explanation) = &report.explanation {
        writeln!(out, "  what moved the paper's     {:>9} {:>9} {:>9}", "covid19", "normal", "pneumonia")?;
        for block in &explanation.blocks {
            let [c, n, p] = of(block.contribution);
            writeln!(out, "  {:<26} {c:>+9.3} {n:>+9.3} {p:>+9.3}", block.block)?;
        }
    }
    if let Some(elapsed) = report.elapsed_ms {
        writeln!(out, "  {:.1} ms", elapsed.total)?;
    }
    writeln!(out)
}

/// The flags that may help against a refusal.
fn ways(reason: &Reason) -> impl Iterator<Item = String> {
    reason.remedies.iter().filter_map(|remedy| remedy.read_as).map(flags)
}

/// The flags of `classify` that read a film so.
fn flags(read_as: ReadAs) -> String {
    let turn = match read_as.quarter_turns {
        1 => Some("--turn 90"),
        2 => Some("--turn 180"),
        3 => Some("--turn 270"),
        _ => None,
    };
    let flags = [turn, read_as.mirrored.then_some("--mirror"), read_as.inverted.then_some("--invert")];
    let flags: Vec<&str> = flags.into_iter().flatten().collect();
    if flags.is_empty() { "none of --turn, --mirror and --invert".into() } else { flags.join(" ") }
}

fn features(args: &Features) -> Result<ExitCode, Failure> {
    let input = if args.preprocessed { Input::Preprocessed } else { Input::Film };
    let scaling = if args.published { CooccurrenceScaling::Published } else { CooccurrenceScaling::All };
    let mut extractor = FeatureExtractor::with_scaling(scaling);
    let names = feature_names();
    let mut out = std::io::stdout().lock();
    let mut failed = false;
    for film in &find(&args.files, None) {
        let path = film.name();
        let result = film.read().and_then(|bytes| film_features(&mut extractor, &bytes, input));
        failed |= result.is_err();
        match (args.json, result) {
            (true, Ok(features)) => {
                writeln!(out, "{}", json!({"path": path, "features": features, "error": null}))?
            }
            (true, Err(error)) => {
                let error = covid_classifier::Failure::from(&error);
                writeln!(out, "{}", json!({"path": path, "features": null, "error": error}))?;
            }
            (false, Ok(features)) => {
                writeln!(out, "{}", shown(&path))?;
                for (name, value) in names.iter().zip(features) {
                    writeln!(out, "  {name:<52} {value}")?;
                }
            }
            (false, Err(error)) => writeln!(out, "{}\n  not read ({}): {error}", shown(&path), error.kind())?,
        }
    }
    exit(failed)
}

fn phantom(args: &DrawPhantom) -> Result<ExitCode, Failure> {
    use image::{ImageBuffer, Luma};
    let (width, height) = (args.width as usize, args.height as usize);
    if u64::from(args.width) * u64::from(args.height) > MAX_PIXELS {
        return Err(
            format!("no film has more than {MAX_PIXELS} pixels: make --width or --height smaller").into()
        );
    }
    let film = Phantom { width, height, seed: args.seed };
    let jpeg = args.out.extension().is_some_and(|ext| ext == "jpg" || ext == "jpeg");
    let deep = args.bits == "16";
    if jpeg && deep {
        return Err("a JPEG has 8 bits here: name a .png in --out, or leave --bits out".into());
    }
    let failed = || "the film has no pixels";
    if jpeg {
        use libjpeg_turbo_rs::{PixelFormat, Subsampling};
        let pixels = film.draw_u8();
        let bytes = libjpeg_turbo_rs::compress(
            &pixels,
            width,
            height,
            PixelFormat::Grayscale,
            90,
            Subsampling::S444,
        )?;
        std::fs::write(&args.out, bytes)?;
    } else if deep {
        let image = ImageBuffer::<Luma<u16>, _>::from_raw(args.width, args.height, film.draw_u16());
        image.ok_or_else(failed)?.save(&args.out)?;
    } else {
        let image = ImageBuffer::<Luma<u8>, _>::from_raw(args.width, args.height, film.draw_u8());
        image.ok_or_else(failed)?.save(&args.out)?;
    }
    exit(false)
}

fn bench(args: &Bench) -> Result<ExitCode, Failure> {
    let bytes = read(&args.file)?;
    let mut classifier = load(None, &args.engine)?;
    let mut elapsed = Vec::new();
    for _ in 0..args.rounds.max(1) {
        let report = classifier.classify("bench", &bytes).report;
        if let Some(error) = report.error {
            return Err(error.message.into());
        }
        elapsed.extend(report.elapsed_ms);
    }
    let median = |stage: fn(&covid_classifier::report::Elapsed) -> f64| {
        let mut values: Vec<f64> = elapsed.iter().map(stage).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let result = json!({
        "decode": median(|e| e.decode),
        "frame": median(|e| e.frame),
        "preprocess": median(|e| e.preprocess),
        "features": median(|e| e.features),
        "classify": median(|e| e.classify),
        "total": median(|e| e.total),
        "lungs": median(|e| e.lungs),
        "convnet": median(|e| e.convnet),
        "texture": median(|e| e.preprocess + e.features + e.classify),
    });
    println!("{result}");
    exit(false)
}

fn export_network(args: &ExportNetwork) -> Result<ExitCode, Failure> {
    let model = Model::shipped()?;
    let (network, weights) = match args.name.parse()? {
        NetworkName::Lungs => (Network::lungs(), model.lungs),
        NetworkName::Convnet => (Network::convnet(convnet::SIDE), model.convnet),
    };
    let values = weights.convs.iter().flat_map(|conv| conv.weights.iter().chain(&conv.bias));
    let values: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    std::fs::create_dir_all(&args.out)?;
    let file = |extension| args.out.join(&args.name).with_extension(extension);
    std::fs::write(file("json"), serde_json::to_string_pretty(&network)? + "\n")?;
    std::fs::write(file("bin"), values)?;
    exit(false)
}
