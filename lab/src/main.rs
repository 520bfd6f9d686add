//! The laboratory's command line: arguments and printing only.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use covid_classifier::model::Part;
use covid_classifier::network::{Network, Weights};
use covid_classifier::{LABELS, Label};
use covid_lab::crops::{Prepared, View, prepare};
use covid_lab::dataset::{Split, films};
use covid_lab::engine::Engine;
use covid_lab::evidence::verdict::on_own_films;
use covid_lab::evidence::{Places, measure};
use covid_lab::paper::SEEDS;
use covid_lab::train::convnet::{self, Files};
use covid_lab::train::recipe::Recipe;
use covid_lab::train::{experiments, left_out, lungs};
use covid_lab::{ship, write};

/// Training allocates and frees large buffers thousands of times per second, which the system's allocator returns to
/// the kernel each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The answers of networks to films of sources that they were trained without.
const LEFT_OUT: &str = "lab/models/left-out.csv";

/// Anything that ends the program.
type Failure = Box<dyn std::error::Error>;

/// One of the three classes, or none.
#[derive(Clone, Copy)]
struct Class(Option<Label>);

fn class(text: &str) -> Result<Class, String> {
    if text == "none" {
        return Ok(Class(None));
    }
    let found = LABELS.into_iter().find(|label| label.name() == text);
    found.map(|label| Class(Some(label))).ok_or_else(|| "covid19, normal, pneumonia or none".to_owned())
}

#[derive(Parser)]
#[command(version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a part of the model.
    Train {
        #[command(subcommand)]
        part: Train,
    },
    /// Measure the shipped model and the recipe behind it; write metrics.json, evidence.json, the tables of
    /// MODEL_CARD.md and the rows of README.md.
    Evaluate(Evaluate),
}

#[derive(Subcommand)]
enum Train {
    /// The texture reader: train ten seeds on the authors' split and keep the one with the best validation loss.
    Texture(TrainTexture),
    /// The lung segmenter, on the masks in lung_masks/.
    Lungs(TrainLungs),
    /// The convnet reader, on the lung crops; continue from its checkpoint if there is one.
    Convnet(Box<TrainConvnet>),
    /// The gate, which refuses pictures and recognises children's films.
    Gate(TrainGate),
    /// The verdict: calibrate the convnet reader on films of left-out sources.
    Verdict(TrainVerdict),
}

#[derive(Args)]
struct TrainGate {
    /// The folder with manifest.csv and images/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with the segmenter and the convnet reader, where the gate is written.
    #[arg(long, value_name = "DIR", default_value = "models")]
    model: PathBuf,
    /// Pictures that are not chest films; tests/reference/photographs.sh collects some.
    #[arg(long, value_name = "DIR", default_value = "target/photographs")]
    photographs: PathBuf,
}

#[derive(Args)]
struct TrainVerdict {
    /// The answers of networks to films of sources that they were trained without.
    #[arg(long, value_name = "FILE", default_value = LEFT_OUT)]
    left_out: PathBuf,
    /// The folder with the model; its manifest is rewritten.
    #[arg(long, value_name = "DIR", default_value = "models")]
    model: PathBuf,
}

#[derive(Args)]
struct TrainConvnet {
    /// The folder with manifest.csv and images/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with the model whose segmenter finds the lungs.
    #[arg(long, value_name = "DIR", default_value = "models")]
    model: PathBuf,
    /// Use these weights of the segmenter instead.
    #[arg(long, value_name = "FILE")]
    lungs: Option<PathBuf>,
    /// The folder for checkpoint, log and weights, written as NAME.*.
    #[arg(long, value_name = "DIR", default_value = "target/training")]
    out: PathBuf,
    /// The name of the run.
    #[arg(long, default_value = "convnet")]
    name: String,
    /// What the network sees: only the lungs, everything in their box, or the whole film.
    #[arg(long, value_parser = ["lungs", "box", "film"], default_value = "lungs")]
    view: String,
    /// Rows and columns of its input. Several, separated by commas, are trained one by one as NAME-SIDE.
    #[arg(long, value_delimiter = ',', default_value = "128", value_parser = clap::value_parser!(u16).range(64..=256))]
    side: Vec<u16>,
    /// The number of batches of 32 films.
    #[arg(long, default_value_t = Recipe::default().steps)]
    steps: usize,
    /// How many times the learning rate rises and falls. A finished run continues if its cycles are as long.
    #[arg(long, default_value_t = Recipe::default().cycles)]
    cycles: usize,
    /// The share of the loss that is within the source.
    #[arg(long, default_value_t = Recipe::default().within_source)]
    within_source: f64,
    /// The strength of the source adversary; 0 for none.
    #[arg(long, default_value_t = Recipe::default().adversary)]
    adversary: f64,
    /// Leave out the films of a source; can be given several times.
    #[arg(long, value_name = "SOURCE")]
    without: Vec<String>,
    /// Train once without each group of sources, as NAME-without-siim and so on; or only without the groups that
    /// contain these sources, separated by commas.
    #[arg(long, value_name = "SOURCES", num_args = 0..=1, value_delimiter = ',', conflicts_with_all = ["without", "ship"])]
    folds: Option<Vec<String>>,
    /// The class that a panel's *indeterminate appearance* trains; with none, such films only count as not normal.
    #[arg(long, value_parser = class, default_value = "covid19")]
    indeterminate: Class,
    /// The class that *atypical appearance* trains, in the same way.
    #[arg(long, value_parser = class, default_value = "pneumonia")]
    atypical: Class,
    /// The weight of films without a class, which only count as not normal; 0 leaves them out.
    #[arg(long, default_value_t = Recipe::default().beyond)]
    beyond: f64,
    /// The share of films whose contrast is enhanced.
    #[arg(long, default_value_t = Recipe::default().enhanced)]
    enhanced: f64,
    /// The share of enhanced films in the last cycle, where CLAHE also has finer tiles.
    #[arg(long)]
    enhanced_last: Option<f64>,
    /// The share of films with marks and devices drawn on them.
    #[arg(long, default_value_t = Recipe::default().marked)]
    marked: f64,
    /// Within a class, a source of n films is drawn with a frequency proportional to n to this power.
    #[arg(long, default_value_t = Recipe::default().source_power)]
    source_power: f64,
    /// The share of steps, at the beginning of every cycle, whose crops have three quarters of the side.
    #[arg(long, default_value_t = Recipe::default().small_first)]
    small_first: f64,
    /// The seed of initialisation, order and augmentation.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop after this many minutes; the same command continues.
    #[arg(long, value_name = "MINUTES")]
    limit: Option<f64>,
    /// When done, put the weights into the model in this folder.
    #[arg(long, value_name = "DIR")]
    ship: Option<PathBuf>,
    /// When done, add a row to this table of experiments.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// When done, write the network's answers to the left-out sources into this table, on which the verdict is
    /// calibrated.
    #[arg(long, value_name = "FILE")]
    left_out: Option<PathBuf>,
}

#[derive(Args)]
struct TrainLungs {
    /// The folder with the manifests, images/ and the lung masks.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with the model, where the weights are written.
    #[arg(long, value_name = "DIR", default_value = "models")]
    out: PathBuf,
    /// Write the weights into this file instead, and leave the model as it is.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Leave out the masks of a source; can be given several times.
    #[arg(long, value_name = "SOURCE")]
    without: Vec<String>,
    /// The number of batches of 16 films.
    #[arg(long, default_value_t = 2500)]
    steps: usize,
}

#[derive(Args)]
struct TrainTexture {
    /// The folder with paper/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder where the model is written.
    #[arg(long, value_name = "DIR", default_value = "models")]
    out: PathBuf,
    /// The number of seeds, counted from 1.
    #[arg(long, default_value_t = SEEDS)]
    seeds: u64,
}

#[derive(Args)]
struct Evaluate {
    /// The folder with paper/, manifest.csv and images/.
    #[arg(long, value_name = "DIR", env = "COVID_CLASSIFIER_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// The folder with the model; metrics.json and evidence.json, the part of it that the page shows, are
    /// written there.
    #[arg(long, value_name = "DIR", default_value = "models")]
    model: PathBuf,
    /// The README whose results are rewritten between their markers.
    #[arg(long, value_name = "FILE", default_value = "README.md")]
    readme: PathBuf,
    /// Pictures that are not chest films; tests/reference/photographs.sh collects some.
    #[arg(long, value_name = "DIR", default_value = "target/photographs")]
    photographs: PathBuf,
    /// The answers of networks to films of sources that they were trained without (`train convnet --without SOURCE
    /// --left-out FILE`).
    #[arg(long, value_name = "FILE", default_value = LEFT_OUT)]
    left_out: PathBuf,
    /// Measure your own films instead: a CSV with the columns path (or file), label (covid19, normal, pneumonia) and
    /// optionally source and patient (or patient_group). Prints the figures and rewrites no document.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// The file for the figures as JSON (default: metrics.json of the model; for your own films, none).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Train { part: Train::Texture(args) } => train_texture(&args),
        Command::Train { part: Train::Lungs(args) } => train_lungs(&args),
        Command::Train { part: Train::Convnet(args) } => train_convnet(&args),
        Command::Train { part: Train::Gate(args) } => train_gate(&args),
        Command::Train { part: Train::Verdict(args) } => train_verdict(&args),
        Command::Evaluate(args) => evaluate(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("covid-lab: {}", covid_classifier::detailed(&*error));
            ExitCode::FAILURE
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn train_texture(args: &TrainTexture) -> Result<(), Failure> {
    ship::texture(&args.data, &args.out, args.seeds, &mut tell)?;
    Ok(())
}

/// Prints a line of progress. A closed pipe does not stop the training.
fn tell(line: &str) {
    let out = &mut std::io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn train_lungs(args: &TrainLungs) -> Result<(), Failure> {
    let network = Network::lungs();
    let masks = lungs::masks(&args.data, &args.without)?;
    let trained = lungs::train(&masks, args.steps, &mut tell)?;
    let bytes = trained.to_bytes(&network)?;
    // Measures the rounded weights, which are the ones that ship.
    let rounded = Engine::new(network.clone(), Weights::from_bytes(&network, &bytes)?)?;
    for dice in lungs::by_source(&masks.held_out, &lungs::dice(&rounded, &masks.held_out)?) {
        let lungs::SourceDice { source, masks, dice, smallest_dice } = dice;
        tell(&format!("{source}: Dice {dice:.4} over {masks} held-out films, smallest {smallest_dice:.4}"));
    }
    if let Some(path) = &args.weights {
        std::fs::write(path, bytes)?;
        tell(&format!("wrote {}", path.display()));
        return Ok(());
    }
    let path = ship::weights(&args.out, Part::Lungs, &bytes)?;
    tell(&format!("wrote {}", path.display()));
    Ok(())
}

fn train_convnet(args: &TrainConvnet) -> Result<(), Failure> {
    let recipe = Recipe {
        name: args.name.clone(),
        view: match args.view.as_str() {
            "film" => View::Film,
            "box" => View::Box,
            _ => View::Lungs,
        },
        side: args.side.first().map_or(Recipe::default().side, |side| usize::from(*side)),
        steps: args.steps,
        cycles: args.cycles,
        within_source: args.within_source,
        adversary: args.adversary,
        without: args.without.clone(),
        seed: args.seed,
        indeterminate: args.indeterminate.0,
        atypical: args.atypical.0,
        beyond: args.beyond,
        enhanced: args.enhanced,
        enhanced_last: args.enhanced_last,
        marked: args.marked,
        source_power: args.source_power,
        small_first: args.small_first,
    };
    let folds = match &args.folds {
        Some(sources) => recipe.folds_of(sources)?,
        None => vec![recipe],
    };
    if args.ship.is_some() && args.side.len() > 1 {
        return Err("one model ships: --ship takes one --side".into());
    }
    let bytes = match &args.lungs {
        Some(path) => read(path)?,
        None => ship::part(&args.model, Part::Lungs)?,
    };
    let segmenter = Engine::new(Network::lungs(), Weights::from_bytes(&Network::lungs(), &bytes)?)?;
    tell("decoding films and finding lungs");
    let films = films(&args.data)?.into_iter().filter(|film| matches!(film.split, Split::Train | Split::Val));
    let films = prepare(films.collect(), &segmenter)?;
    let sides: Vec<usize> = args.side.iter().map(|side| usize::from(*side)).collect();
    for recipe in folds.iter().flat_map(|recipe| recipe.sides(&sides)) {
        if args.folds.is_some() || sides.len() > 1 {
            tell(&format!("{}: {} px, without {}", recipe.name, recipe.side, recipe.without.join(", ")));
        }
        train_recipe(args, &films, &recipe)?;
    }
    Ok(())
}

fn train_recipe(args: &TrainConvnet, films: &[Prepared], recipe: &Recipe) -> Result<(), Failure> {
    let files = Files::new(&args.out, &recipe.name);
    let limit = args.limit.map(|minutes| 60.0 * minutes);
    let Some(run) = convnet::train(films, recipe, &files, limit, &mut tell)? else { return Ok(()) };
    let weights = files.weights();
    tell(&format!("weights in {}", weights.display()));
    if let Some(path) = &args.left_out {
        let network = Network::convnet(recipe.side);
        let reader = Engine::new(network.clone(), Weights::from_bytes(&network, &read(&weights)?)?)?;
        let rows = left_out::read_left_out(films, recipe, &reader)?;
        tell(&format!("{} films of sources left out: {}", rows.len(), path.display()));
        left_out::record(path, rows)?;
    }
    if let Some(path) = &args.record {
        experiments::record(path, &run)?;
        tell(&format!("recorded in {}", path.display()));
    }
    if let Some(folder) = &args.ship {
        ship::convnet(folder, films, &run, &read(&weights)?)?;
        tell(&format!("shipped into {}", folder.display()));
    }
    Ok(())
}

fn train_gate(args: &TrainGate) -> Result<(), Failure> {
    ship::gate(&args.data, &args.model, &args.photographs, &mut tell)?;
    Ok(())
}

fn train_verdict(args: &TrainVerdict) -> Result<(), Failure> {
    ship::verdict(&args.left_out, &args.model, &mut tell)?;
    Ok(())
}

fn evaluate(args: &Evaluate) -> Result<(), Failure> {
    if let Some(table) = &args.manifest {
        let sets = on_own_films(table, &args.model, &mut tell)?;
        println!("{}", write::own_tables(&sets));
        if let Some(path) = &args.out {
            std::fs::write(path, serde_json::to_string_pretty(&sets)? + "\n")?;
            println!("wrote {}", path.display());
        }
        return Ok(());
    }
    let places = Places {
        data: &args.data,
        model: &args.model,
        photographs: &args.photographs,
        left_out: &args.left_out,
    };
    let measured = measure(&places, &mut tell)?;
    let path = args.out.clone().unwrap_or_else(|| args.model.join("metrics.json"));
    let figures = serde_json::to_string_pretty(&measured)? + "\n";
    std::fs::write(&path, &figures)?;
    println!("wrote {}", path.display());
    let path = args.model.join("evidence.json");
    std::fs::write(&path, write::for_page(&figures)?)?;
    println!("wrote {}", path.display());
    let folder = args.model.join("plots");
    std::fs::create_dir_all(&folder)?;
    for (name, svg) in write::plots(&measured) {
        std::fs::write(folder.join(name), svg)?;
    }
    let (summary, tables) = (write::summary(&measured), write::tables(&measured));
    for (document, results) in [(&args.readme, &summary), (&args.model.join("MODEL_CARD.md"), &tables)] {
        let text = String::from_utf8(read(document)?)?;
        std::fs::write(document, write::with_results(&text, results)?)?;
        println!("wrote the results in {}", document.display());
    }
    println!("\n{tables}");
    Ok(())
}
