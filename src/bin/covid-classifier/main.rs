//! The command line: arguments and printing only.

mod films;
mod zip;

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr as _;

use clap::{Args, Parser, Subcommand};
use covid_classifier::compute::{Backend, NetworkName};
use covid_classifier::network::Network;
use covid_classifier::phantom::Phantom;
use covid_classifier::pipeline::{Input, film_features};
use covid_classifier::reason::Reason;
use covid_classifier::texture::{CooccurrenceScaling, FeatureExtractor, feature_names};
use covid_classifier::{Classifier, Error, Model, PerLabel, ReadAs, Reading, Report, convnet};
use serde_json::json;

use crate::films::{Film, Films, place_of};

/// Every film asks for and returns large buffers; the system's allocator gives them back to the kernel each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anything that ends the program; a bad film does not.
type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
#[command(version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Read films: probabilities, verdict, warnings and what moved the answer.
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
    /// One line per file: a JSON object.
    #[arg(long)]
    json: bool,
    /// A folder with manifest.json and the weight files, instead of the built-in model.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Draw each film with the lungs' outline and what speaks for (orange) and against (blue) the
    /// convnet reader's answer into this folder, as PATH.heatmap.png in folders like the films' own.
    #[arg(long, value_name = "DIR")]
    heatmap: Option<PathBuf>,
    /// Read the films turned by so many degrees, clockwise.
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
    /// Image files (DICOM, PNG, JPEG, JPEG 2000, WebP, BMP, TIFF), folders and ZIP archives:
    /// all images in them, less hidden files.
    #[arg(required = true, value_name = "FILE|FOLDER|ZIP")]
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
    /// One line per file: a JSON object.
    #[arg(long)]
    json: bool,
    /// The files are 512 × 512 8-bit grey images that have been preprocessed already.
    #[arg(long)]
    preprocessed: bool,
    /// Leave the last co-occurrence matrix unscaled, as in the authors' published table.
    #[arg(long)]
    published: bool,
    /// Image files, folders and ZIP archives:
    /// all images in them, less hidden files.
    #[arg(required = true, value_name = "FILE|FOLDER|ZIP")]
    files: Vec<PathBuf>,
}

#[derive(Args)]
struct DrawPhantom {
    /// Varies anatomy, exposure, opacities and noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Pixels.
    #[arg(long, default_value_t = 1024)]
    width: usize,
    /// Pixels.
    #[arg(long, default_value_t = 1024)]
    height: usize,
    /// 8 or 16 bit (PNG only).
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(8..=16))]
    bits: u8,
    /// A .png or .jpg file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
struct Bench {
    /// How many times.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    #[command(flatten)]
    engine: Engine,
    /// The film.
    file: PathBuf,
}

#[derive(Args)]
struct ExportNetwork {
    /// Which.
    #[arg(value_parser = ["lungs", "convnet"])]
    name: String,
    /// NAME.json (side, layers in the order they run, the value whose channel means are the
    /// features) and NAME.bin (weights and bias of each convolution in that order, f32, little
    /// endian) are written there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Classify(args) => classify(&args),
        Command::Features(args) => features(&args),
        Command::Phantom(args) => phantom(&args),
        Command::Bench(args) => bench(&args),
        Command::Network(args) => export_network(&args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // Whoever reads our output has seen enough of it.
            let pipe = error.downcast_ref::<std::io::Error>();
            if pipe.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
                return ExitCode::SUCCESS;
            }
            eprintln!("covid-classifier: {}", covid_classifier::detailed(&*error));
            ExitCode::FAILURE
        }
    }
}

/// The films that were named, less what lies in folders and is no picture: people are told how much that is.
fn find(arguments: &[PathBuf], except: Option<&Path>) -> Vec<Film> {
    let Films { films, left_out } = Films::of(arguments, except);
    match left_out {
        0 => {}
        1 => eprintln!("covid-classifier: 1 file that is not an image was left out"),
        _ => eprintln!("covid-classifier: {left_out} files that are not images were left out"),
    }
    if films.is_empty() {
        eprintln!(
            "covid-classifier: nothing that was named holds a film: name films, folders or ZIP archives with films in them"
        );
    }
    films
}

/// The model in the folder, or the one this program was built with, started on the back-end that is
/// wanted and no other.
fn load(folder: Option<&Path>, engine: &Engine) -> Result<Classifier, Failure> {
    let model = folder.map_or_else(Model::shipped, Model::read_folder)?;
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

fn classify(args: &Classify) -> Result<ExitCode, Failure> {
    let mut classifier = load(args.model.as_deref(), &args.engine)?;
    let mut out = std::io::stdout().lock();
    let films = find(&args.files, args.heatmap.as_deref());
    let mut failed = films.is_empty();
    let mut drawn = HashSet::new();
    for film in &films {
        let path = film.path().display().to_string();
        let report = match film.read() {
            Ok(bytes) => {
                let reading = classifier.classify_as(&path, &bytes, args.read_as());
                if let Some(folder) = &args.heatmap {
                    draw_heatmap(folder, &film.path(), &reading, &mut drawn)?;
                }
                reading.report
            }
            Err(error) => Report::failed(path, &error),
        };
        failed |= report.error.is_some();
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
        } else {
            print_report(&mut out, &report)?;
        }
    }
    if !args.json {
        writeln!(
            out,
            "The verdict is calibrated on films of a few public collections; on films of other hospitals it is right less \
             often than its probabilities say (models/MODEL_CARD.md). The paper's reader alone tends to answer covid19 for \
             every adult. A research tool, not a medical device."
        )?;
    }
    exit(failed)
}

/// A film that was not read has no map. Films of one path, as archives may have them, are numbered.
fn draw_heatmap(
    folder: &Path,
    file: &Path,
    reading: &Reading,
    drawn: &mut HashSet<PathBuf>,
) -> Result<(), Failure> {
    let (Some(sight), Some(summary)) = (&reading.sight, reading.report.activation) else { return Ok(()) };
    let (width, height, pixels) = sight.composed(summary.label);
    let image = image::RgbImage::from_raw(width as u32, height as u32, pixels);
    let mut place = place_of(folder, file, ".heatmap.png")?;
    let mut number = 1;
    while !drawn.insert(place.clone()) {
        number += 1;
        place = place_of(folder, file, &format!(".{number}.heatmap.png"))?;
    }
    std::fs::create_dir_all(place.parent().unwrap_or(folder))?;
    image.ok_or("the map has no pixels")?.save(place)?;
    Ok(())
}

fn print_report(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    writeln!(out, "{}", report.path)?;
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
        let path = film.path().display().to_string();
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
                writeln!(out, "{path}")?;
                for (name, value) in names.iter().zip(features) {
                    writeln!(out, "  {name:<52} {value}")?;
                }
            }
            (false, Err(error)) => writeln!(out, "{path}\n  not read ({}): {error}", error.kind())?,
        }
    }
    exit(failed)
}

fn phantom(args: &DrawPhantom) -> Result<ExitCode, Failure> {
    use image::{ImageBuffer, Luma};
    let (width, height) = (args.width, args.height);
    let film = Phantom { width, height, seed: args.seed };
    let jpeg = args.out.extension().is_some_and(|ext| ext == "jpg" || ext == "jpeg");
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
    } else if args.bits == 16 {
        let image = ImageBuffer::<Luma<u16>, _>::from_raw(width as u32, height as u32, film.draw_u16());
        image.ok_or_else(failed)?.save(&args.out)?;
    } else {
        let image = ImageBuffer::<Luma<u8>, _>::from_raw(width as u32, height as u32, film.draw_u8());
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
