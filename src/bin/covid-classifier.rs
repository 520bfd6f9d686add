//! The command line: arguments and printing only.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr as _;

use clap::{Args, Parser, Subcommand};
use covid_classifier::compute::Backend;
use covid_classifier::model_file::{CONVNET_FILE, FILES, GATE_FILE, LUNGS_FILE, TEXTURE_FILE};
use covid_classifier::network::{Network, Weights};
use covid_classifier::phantom::Phantom;
use covid_classifier::pipeline::{Input, film_features};
use covid_classifier::report::{PerLabel, Report};
use covid_classifier::texture::{CooccurrenceScaling, FeatureExtractor, feature_names};
use covid_classifier::{Classifier, Error, Reading, heatmap};
use serde_json::json;

/// Training asks for and returns large buffers thousands of times a second; the system's allocator
/// gives them back to the kernel each time.
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
    /// Train a reader.
    #[cfg(feature = "train")]
    Train {
        #[command(subcommand)]
        reader: Train,
    },
    /// Measure the shipped model and the recipe behind it; writes metrics.json and the tables of
    /// README.md and MODEL_CARD.md.
    #[cfg(feature = "train")]
    Evaluate(Evaluate),
    /// Draw a synthetic chest film (for tests and screenshots; no film of a person).
    Phantom(DrawPhantom),
    /// Time the stages on one film.
    Bench(Bench),
    /// Write a network for other programs: its layers and its weights.
    Network(ExportNetwork),
}

#[derive(Args)]
struct Classify {
    /// One JSON object a line and a file.
    #[arg(long)]
    json: bool,
    /// A folder with manifest.json and the weight files, instead of the built-in model.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Draw each film with the lungs' outline and what speaks for (orange) and against (blue) the
    /// convnet reader's answer into this folder, as NAME.heatmap.png.
    #[arg(long, value_name = "DIR")]
    heatmap: Option<PathBuf>,
    #[command(flatten)]
    engine: Engine,
    /// Image files: PNG, JPEG, WebP, BMP, TIFF.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
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
    /// One JSON object a line and a file.
    #[arg(long)]
    json: bool,
    /// The files are 512 × 512 8-bit grey images that have been preprocessed already.
    #[arg(long)]
    preprocessed: bool,
    /// Leave the last co-occurrence matrix unscaled, as in the authors' published table.
    #[arg(long)]
    published: bool,
    /// Image files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[cfg(feature = "train")]
#[derive(Subcommand)]
enum Train {
    /// The texture reader: ten seeds on the authors' split; the best validation loss is kept.
    Texture(TrainTexture),
    /// The lung segmenter, on the masks in lung_masks/.
    Lungs(TrainLungs),
    /// The convnet reader, on the lung crops; goes on from its checkpoint where there is one.
    Convnet(TrainConvnet),
    /// The gate: which pictures are refused, and which are children's.
    Gate(TrainGate),
    /// The verdict: calibrates both readers on the validation films.
    Verdict(TrainVerdict),
}

#[cfg(feature = "train")]
#[derive(Args)]
struct TrainGate {
    /// The folder with manifest.csv and images/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with the segmenter and the convnet reader; the gate is written there.
    #[arg(long, value_name = "DIR", default_value = "models")]
    model: PathBuf,
    /// Pictures that are no chest films; tests/reference/photographs.sh collects some.
    #[arg(long, value_name = "DIR", default_value = "target/photographs")]
    photographs: PathBuf,
}

#[cfg(feature = "train")]
#[derive(Args)]
struct TrainVerdict {
    /// The folder with manifest.csv and images/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with the model; its manifest is rewritten.
    #[arg(long, value_name = "DIR", default_value = "models")]
    model: PathBuf,
}

#[cfg(feature = "train")]
#[derive(Args)]
struct TrainConvnet {
    /// The folder with manifest.csv and images/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The segmenter's weights.
    #[arg(long, value_name = "FILE", default_value = "models/lungs.safetensors")]
    lungs: PathBuf,
    /// Where checkpoint, log and weights are written, as NAME.*.
    #[arg(long, value_name = "DIR", default_value = "target/training")]
    out: PathBuf,
    /// The name of the run.
    #[arg(long, default_value = "convnet")]
    name: String,
    /// What the network sees: the lungs, their box with all that is in it, or the whole film.
    #[arg(long, value_parser = ["lungs", "box", "film"], default_value = "lungs")]
    view: String,
    /// Rows and columns of its input.
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u16).range(64..=256))]
    side: u16,
    /// Batches of 32 films.
    #[arg(long, default_value_t = covid_classifier::training::convnet::Recipe::default().steps)]
    steps: usize,
    /// The share of the loss that is within the source.
    #[arg(long, default_value_t = covid_classifier::training::convnet::Recipe::default().within_source)]
    within_source: f64,
    /// The strength of the source adversary; 0 for none.
    #[arg(long, default_value_t = covid_classifier::training::convnet::Recipe::default().adversary)]
    adversary: f64,
    /// Leave out the films of a source.
    #[arg(long, value_name = "SOURCE")]
    without: Option<String>,
    /// Of initialisation, order and augmentation.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop after this many minutes; the same command goes on.
    #[arg(long, value_name = "MINUTES")]
    limit: Option<f64>,
    /// When done, put the weights into the model in this folder.
    #[arg(long, value_name = "DIR")]
    ship: Option<PathBuf>,
    /// When done, add a row to this table of experiments.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

#[cfg(feature = "train")]
#[derive(Args)]
struct TrainLungs {
    /// The folder with manifest.csv, images/ and lung_masks/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Where the weights are written.
    #[arg(long, value_name = "DIR", default_value = "models")]
    out: PathBuf,
    /// Batches of 16 films.
    #[arg(long, default_value_t = 2500)]
    steps: usize,
}

#[cfg(feature = "train")]
#[derive(Args)]
struct TrainTexture {
    /// The folder with paper/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Where the model is written.
    #[arg(long, value_name = "DIR", default_value = "models")]
    out: PathBuf,
    /// How many seeds, from 1.
    #[arg(long, default_value_t = covid_classifier::evaluation::texture::SEEDS)]
    seeds: u64,
}

#[cfg(feature = "train")]
#[derive(Args)]
struct Evaluate {
    /// The folder with paper/, manifest.csv and images/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with the model; metrics.json is written there.
    #[arg(long, value_name = "DIR", default_value = "models")]
    model: PathBuf,
    /// The README whose results are rewritten between their markers.
    #[arg(long, value_name = "FILE", default_value = "README.md")]
    readme: PathBuf,
    /// Pictures that are no chest films; tests/reference/photographs.sh collects some.
    #[arg(long, value_name = "DIR", default_value = "target/photographs")]
    photographs: PathBuf,
    /// Your own films instead: a CSV with the columns path, label (covid19, normal, pneumonia) and,
    /// if you like, source and patient_group. Prints the figures; no document is rewritten.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Where the figures are written as JSON (default: metrics.json of the model; nowhere for your
    /// own films).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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
        #[cfg(feature = "train")]
        Command::Train { reader: Train::Texture(args) } => train_texture(&args),
        #[cfg(feature = "train")]
        Command::Train { reader: Train::Lungs(args) } => train_lungs(&args),
        #[cfg(feature = "train")]
        Command::Train { reader: Train::Convnet(args) } => train_convnet(&args),
        #[cfg(feature = "train")]
        Command::Train { reader: Train::Gate(args) } => train_gate(&args),
        #[cfg(feature = "train")]
        Command::Train { reader: Train::Verdict(args) } => train_verdict(&args),
        #[cfg(feature = "train")]
        Command::Evaluate(args) => evaluate(&args),
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
            eprintln!("covid-classifier: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The weights of the networks that this program was built with.
const LUNGS: &[u8] = include_bytes!("../../models/lungs.safetensors");
const CONVNET: &[u8] = include_bytes!("../../models/convnet.safetensors");

/// The model in the folder, or the one this program was built with, started on the back-end that is
/// wanted and no other.
fn load(folder: Option<&Path>, engine: &Engine) -> Result<Classifier, Failure> {
    let classifier = match folder {
        None => {
            let files: [(&str, &[u8]); 4] = [
                (TEXTURE_FILE, include_bytes!("../../models/texture.safetensors")),
                (LUNGS_FILE, LUNGS),
                (CONVNET_FILE, CONVNET),
                (GATE_FILE, include_bytes!("../../models/gate.safetensors")),
            ];
            create(include_bytes!("../../models/manifest.json"), &files, engine)?
        }
        Some(folder) => {
            let files = FILES.map(|name| read(&folder.join(name)).map(|bytes| (name, bytes)));
            let files = files.into_iter().collect::<Result<Vec<_>, _>>()?;
            let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
            create(&read(&folder.join("manifest.json"))?, &files, engine)?
        }
    };
    Ok(classifier)
}

fn create(manifest: &[u8], files: &[(&str, &[u8])], engine: &Engine) -> Result<Classifier, Failure> {
    let wanted = match engine.backend.as_str() {
        "auto" => None,
        name => Some(Backend::from_str(name)?),
    };
    let create = Classifier::create(manifest, files, wanted.map(Backend::name));
    let classifier = pollster::block_on(create)?;
    let choice = classifier.compute();
    if wanted.is_some_and(|wanted| wanted != choice.backend) {
        let reason = choice.attempts.into_iter().find_map(|attempt| attempt.reason);
        return Err(reason.unwrap_or_default().into());
    }
    Ok(classifier)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn exit(failed: bool) -> Result<ExitCode, Failure> {
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn classify(args: &Classify) -> Result<ExitCode, Failure> {
    let mut classifier = load(args.model.as_deref(), &args.engine)?;
    let mut out = std::io::stdout().lock();
    let mut failed = false;
    for file in &args.files {
        let path = file.display().to_string();
        let report = match std::fs::read(file) {
            Ok(bytes) => {
                let reading = classifier.classify(&path, &bytes);
                if let Some(folder) = &args.heatmap {
                    draw_heatmap(folder, file, &reading)?;
                }
                reading.report
            }
            Err(error) => Report::failed(path, &Error::from(error)),
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

/// A film that was not read has no map.
fn draw_heatmap(folder: &Path, file: &Path, reading: &Reading) -> Result<(), Failure> {
    let (Some(film), Some(lungs), Some(activation)) = (&reading.film, &reading.lungs, &reading.activation)
    else {
        return Ok(());
    };
    let Some(summary) = reading.report.activation else { return Ok(()) };
    let picture = film.picture(1024);
    let pixels = heatmap::composed(&picture, activation, summary.label, &lungs.outline());
    let image = image::RgbImage::from_raw(picture.width as u32, picture.height as u32, pixels);
    std::fs::create_dir_all(folder)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".heatmap.png");
    image.ok_or("the film has no pixels")?.save(folder.join(name))?;
    Ok(())
}

fn print_report(out: &mut impl Write, report: &Report) -> std::io::Result<()> {
    writeln!(out, "{}", report.path)?;
    if let Some(error) = &report.error {
        return writeln!(out, "  not read ({}): {}\n", error.kind, error.message);
    }
    let of = |values: PerLabel| <[f64; 3]>::from(values);
    if let Some(verdict) = report.verdict {
        writeln!(out, "  verdict: {}", verdict.name())?;
    }
    let gate = report.gate.iter().flat_map(|gate| &gate.reasons);
    for reason in gate.chain(report.abstentions.iter().flatten()) {
        writeln!(out, "  because: {}", reason.message)?;
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

fn features(args: &Features) -> Result<ExitCode, Failure> {
    let input = if args.preprocessed { Input::Preprocessed } else { Input::Film };
    let scaling = if args.published { CooccurrenceScaling::Published } else { CooccurrenceScaling::All };
    let mut extractor = FeatureExtractor::with_scaling(scaling);
    let names = feature_names();
    let mut out = std::io::stdout().lock();
    let mut failed = false;
    for file in &args.files {
        let path = file.display().to_string();
        let result = std::fs::read(file).map_err(Error::from);
        let result = result.and_then(|bytes| film_features(&mut extractor, &bytes, input));
        failed |= result.is_err();
        match (args.json, result) {
            (true, Ok(features)) => {
                writeln!(out, "{}", json!({"path": path, "features": features, "error": null}))?
            }
            (true, Err(error)) => {
                let error = covid_classifier::report::Failure::from(&error);
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

#[cfg(feature = "train")]
fn train_texture(args: &TrainTexture) -> Result<ExitCode, Failure> {
    use covid_classifier::evaluation::texture;
    let out = &mut std::io::stdout();
    texture::train(&args.data, &args.out, args.seeds, &mut |line| {
        // Progress is for people: a closed pipe does not stop the training.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    })?;
    exit(false)
}

/// Progress is for people: a closed pipe does not stop the training.
#[cfg(feature = "train")]
fn tell(line: &str) {
    let out = &mut std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[cfg(feature = "train")]
fn train_lungs(args: &TrainLungs) -> Result<ExitCode, Failure> {
    use covid_classifier::training::lungs;
    let network = Network::lungs();
    let trained = lungs::train(&args.data, args.steps, &mut tell)?;
    let bytes = trained.to_bytes(&network)?;
    let held_out = lungs::masks(&args.data)?.1;
    // What is measured is what is shipped: the rounded weights.
    for (what, weights) in [("as trained", &trained), ("rounded", &Weights::from_bytes(&network, &bytes)?)] {
        let dice = lungs::dice(&network, weights, &held_out);
        let mean = dice.iter().sum::<f64>() / dice.len() as f64;
        let smallest = dice.iter().copied().fold(f64::INFINITY, f64::min);
        tell(&format!("{what}: Dice {mean:.4} over {} held-out films, smallest {smallest:.4}", dice.len()));
    }
    covid_classifier::training::ship::file(&args.out, LUNGS_FILE, &bytes)?;
    tell(&format!("wrote {}", args.out.join(LUNGS_FILE).display()));
    exit(false)
}

#[cfg(feature = "train")]
fn train_convnet(args: &TrainConvnet) -> Result<ExitCode, Failure> {
    use covid_classifier::training::convnet::{Files, Recipe, View, prepare, train};
    use covid_classifier::training::dataset::{Split, films};
    use covid_classifier::training::{experiments, ship};
    let recipe = Recipe {
        name: args.name.clone(),
        view: match args.view.as_str() {
            "film" => View::Film,
            "box" => View::Box,
            _ => View::Lungs,
        },
        side: usize::from(args.side),
        steps: args.steps,
        within_source: args.within_source,
        adversary: args.adversary,
        without: args.without.clone(),
        seed: args.seed,
    };
    let segmenter = Weights::from_bytes(&Network::lungs(), &read(&args.lungs)?)?;
    tell("decoding films and finding lungs");
    let films = films(&args.data)?.into_iter().filter(|film| matches!(film.split, Split::Train | Split::Val));
    let films = prepare(films.collect(), &segmenter)?;
    let files = Files::new(&args.out, &args.name);
    let limit = args.limit.map(|minutes| 60.0 * minutes);
    let Some(outcome) = train(&films, &recipe, &files, limit, &mut tell)? else { return exit(false) };
    let best = &outcome.best;
    let weights = files.weights();
    tell(&format!(
        "kept epoch {}: worst source {:.3}; weights in {}",
        best.epoch,
        best.worst,
        weights.display()
    ));
    if let Some(path) = &args.record {
        experiments::record(path, &outcome)?;
        tell(&format!("recorded in {}", path.display()));
    }
    if let Some(folder) = &args.ship {
        ship::convnet(folder, &films, &outcome, &read(&weights)?)?;
        tell(&format!("shipped into {}", folder.display()));
    }
    exit(false)
}

#[cfg(feature = "train")]
fn train_gate(args: &TrainGate) -> Result<ExitCode, Failure> {
    covid_classifier::training::ship::gate(&args.data, &args.model, &args.photographs, &mut tell)?;
    exit(false)
}

#[cfg(feature = "train")]
fn train_verdict(args: &TrainVerdict) -> Result<ExitCode, Failure> {
    covid_classifier::training::ship::verdict(&args.data, &args.model, &mut tell)?;
    exit(false)
}

#[cfg(feature = "train")]
fn evaluate(args: &Evaluate) -> Result<ExitCode, Failure> {
    use covid_classifier::evaluation::{documents, evidence, texture};
    if let Some(table) = &args.manifest {
        let sets = evidence::on_own_films(table, &args.model, &mut tell)?;
        println!("{}", documents::own_tables(&sets));
        if let Some(path) = &args.out {
            std::fs::write(path, serde_json::to_string_pretty(&sets)? + "\n")?;
            println!("wrote {}", path.display());
        }
        return exit(false);
    }
    let measured = documents::measure(&args.data, &args.model, &args.photographs, &mut tell)?;
    let path = args.out.clone().unwrap_or_else(|| args.model.join("metrics.json"));
    std::fs::write(&path, serde_json::to_string_pretty(&measured)? + "\n")?;
    println!("wrote {}", path.display());
    let folder = args.model.join("plots");
    std::fs::create_dir_all(&folder)?;
    for (name, svg) in documents::plots(&measured) {
        std::fs::write(folder.join(name), svg)?;
    }
    let (summary, tables) = (documents::summary(&measured), documents::tables(&measured));
    for (document, results) in [(&args.readme, &summary), (&args.model.join("MODEL_CARD.md"), &tables)] {
        let text = String::from_utf8(read(document)?)?;
        std::fs::write(document, texture::with_results(&text, results)?)?;
        println!("wrote the results in {}", document.display());
    }
    println!("\n{tables}");
    exit(false)
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
    let (network, bytes) = match args.name.as_str() {
        "lungs" => (Network::lungs(), LUNGS),
        _ => (Network::convnet(covid_classifier::convnet::SIDE), CONVNET),
    };
    let weights = Weights::from_bytes(&network, bytes)?;
    let values = weights.convs.iter().flat_map(|conv| conv.weights.iter().chain(&conv.bias));
    let values: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    std::fs::create_dir_all(&args.out)?;
    let file = |extension| args.out.join(&args.name).with_extension(extension);
    std::fs::write(file("json"), serde_json::to_string_pretty(&network)? + "\n")?;
    std::fs::write(file("bin"), values)?;
    exit(false)
}
