//! All evidence in one file, and the texts that quote it.

use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::audit::{Audit, Change, audit};
use super::evidence::{Pool, Reader, Scores, Set, VerdictEvidence, judge, scores, verdict};
use super::metrics::{Estimate, Outcome};
use super::{plots, texture};
use crate::convnet;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Gate;
use crate::model_file::{GATE_FILE, Manifest, ModelId, TEXTURE_FILE, sha256};
use crate::network::{Network, Weights};
use crate::report::{LABELS, PerLabel};
use crate::texture::softmax;
use crate::training::convnet::{Outcome as Run, View, parallel, plain, prepare};
use crate::training::dataset::{Film, Split, films};
use crate::training::gate::{Trial, try_out};
use crate::training::operations::run;
use crate::training::{experiments, lungs, ship};

/// The weights of the same recipe trained without the films of Cohen et al.; never shipped.
pub const STRICTER_FILE: &str = "without-cohen.safetensors";

/// `models/metrics.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The paper's reader.
    #[serde(flatten)]
    pub texture: texture::Metrics,
    /// The segmenter.
    pub lungs: LungsEvidence,
    /// The verdict and both readers.
    pub verdict: VerdictEvidence,
    /// What the gate refuses.
    pub gate: Vec<Trial>,
    /// The shortcut audit.
    pub audit: Audit,
    /// The convnet's recipe without any film of Cohen et al., on all of them.
    pub without_cohen: Option<Stricter>,
    /// What other ways to train gave.
    pub experiments: Vec<Run>,
}

/// The segmenter on masks that it was not trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LungsEvidence {
    /// Masks, of other patients than those of training.
    pub masks: usize,
    /// Mean Dice coefficient.
    pub dice: f64,
    /// The smallest.
    pub smallest_dice: f64,
    /// Weights and biases.
    pub parameters: usize,
}

/// The same recipe without a source, on all films of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stricter {
    /// Films of each class.
    pub films: PerLabel<usize>,
    /// The convnet reader alone.
    pub scores: Scores,
}

fn file(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|error| Error::with_source(ErrorKind::Io, format!("{}", path.display()), error))
}

/// Measures everything about the model in `folder`.
///
/// # Errors
/// [`ErrorKind::Dataset`] for missing films, [`ErrorKind::Model`] for a damaged model.
pub fn measure(
    data: &Path,
    folder: &Path,
    photographs: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<Evidence> {
    let json = file(&folder.join("manifest.json"))?;
    let manifest = Manifest::from_json(&json)?;
    let id = ModelId { version: manifest.version.clone(), sha256: sha256(&json) };
    let pool = Pool::new(folder)?;
    let all = films(data)?;

    say("the lung segmenter on the masks held out");
    let (segmenter, reader) = ship::networks(folder)?;
    let dice = lungs::dice(&Network::lungs(), &segmenter, &lungs::masks(data)?.1);
    let lungs = LungsEvidence {
        masks: dice.len(),
        dice: dice.iter().sum::<f64>() / dice.len() as f64,
        smallest_dice: dice.iter().copied().fold(1.0, f64::min),
        parameters: Network::lungs().parameter_count(),
    };

    let of = |split: Split| all.iter().filter(|film| film.split == split).collect::<Vec<&Film>>();
    say("the whole pipeline on val and external");
    let val = judge(&pool, &of(Split::Val), say)?;
    let external = judge(&pool, &of(Split::External), say)?;
    let texture_scale = manifest.calibration.as_ref().map_or(0.0, |calibration| calibration.texture_scale);
    let verdict = verdict(&val, &external, texture_scale != 0.0)?;

    say("the gate on val, external and what it must refuse");
    let shown =
        all.iter().filter(|film| matches!(film.split, Split::Val | Split::External)).cloned().collect();
    let prepared = prepare(shown, &segmenter)?;
    let pictures = ship::photographs_or_none(photographs)?;
    let gate = Gate::from_bytes(&file(&folder.join(GATE_FILE))?)?;
    let gate = try_out(&gate, &prepared, &pictures, &segmenter, &reader, convnet::SIDE);
    drop(prepared);

    let audit = audit(&all, folder, &pool, say)?;
    let stricter = folder.join(STRICTER_FILE);
    let without_cohen = if stricter.is_file() {
        Some(without_cohen(&all, &segmenter, &file(&stricter)?, say)?)
    } else {
        None
    };
    let experiments = experiments::read(&folder.join("experiments.json"))?.runs;
    say("the paper's reader");
    let texture = texture::evaluate(data, &manifest, id, &file(&folder.join(TEXTURE_FILE))?, say)?;
    Ok(Evidence { texture, lungs, verdict, gate, audit, without_cohen, experiments })
}

fn without_cohen(
    all: &[Film],
    segmenter: &Weights,
    weights: &[u8],
    say: &mut dyn FnMut(&str),
) -> Result<Stricter> {
    say("the same recipe without Cohen et al., on all films of it");
    let network = Network::convnet(convnet::SIDE);
    let weights = Weights::from_bytes(&network, weights)?;
    let films = prepare(all.iter().filter(|film| film.source == "cohen").cloned().collect(), segmenter)?;
    let outcomes = parallel(&films, |film| {
        let crop = plain(film, View::Lungs, convnet::SIDE);
        let probabilities = softmax(crop.logits(&run(&network, &weights, &crop.values).maps));
        Outcome { label: film.about.label, probabilities, group: film.about.patient_group.clone() }
    });
    let count = |label| outcomes.iter().filter(|outcome| outcome.label == label).count();
    Ok(Stricter { films: LABELS.map(count).into(), scores: scores(Reader::Convnet, &outcomes) })
}

/// The plots of the model card: (file name, SVG).
pub fn plots(evidence: &Evidence) -> [(&'static str, String); 2] {
    [
        ("calibration.svg", plots::calibration(&evidence.verdict.calibration)),
        ("risk-coverage.svg", plots::risk_coverage(&evidence.verdict.risk_coverage)),
    ]
}

/// The results that matter most as Markdown, for the README.
pub fn summary(evidence: &Evidence) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_summary(&mut text, evidence);
    text + "\n### The paper's reader\n\n" + &texture::summary(&evidence.texture)
}

/// All results as Markdown, for the model card.
pub fn tables(evidence: &Evidence) -> String {
    let mut text = String::new();
    let _ = write_tables(&mut text, evidence);
    text + "\n### The paper's reader\n\n" + &texture::tables(&evidence.texture)
}

/// Sets of anybody's own films as Markdown.
pub fn own_tables(sets: &[Set]) -> String {
    let mut text = String::new();
    let _ = sets.iter().try_for_each(|set| write_set(&mut text, set));
    text
}

fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

fn share(estimate: Option<&Estimate>) -> String {
    estimate.map_or("—".to_owned(), |e| {
        format!("{} ({} to {})", percent(e.value), percent(e.low), percent(e.high))
    })
}

fn area(estimate: Option<&Estimate>) -> String {
    estimate.map_or("—".to_owned(), |e| format!("{:.3} ({:.3} to {:.3})", e.value, e.low, e.high))
}

fn name(reader: Reader) -> &'static str {
    match reader {
        Reader::Verdict => "the verdict",
        Reader::Convnet => "convnet reader",
        Reader::Texture => "paper's reader",
    }
}

fn find<'a>(evidence: &'a Evidence, id: &str) -> Option<&'a Set> {
    evidence.verdict.sets.iter().find(|set| set.id == id)
}

fn of(set: &Set, reader: Reader) -> Option<&Scores> {
    set.scores.iter().find(|scores| scores.reader == reader)
}

/// The share of trials refused: all whose name begins so.
fn refused(trials: &[Trial], prefix: &str) -> (usize, usize) {
    let chosen = trials.iter().filter(|trial| trial.name.starts_with(prefix));
    chosen.fold((0, 0), |(refused, n), trial| (refused + trial.refused, n + trial.n))
}

/// The goals that were set before anything was measured: set, what, reader's figure, goal.
const GOALS: [(&str, &str, &str, &str); 5] = [
    ("val_radiography", "covid19 against normal", "AUC, COVID-19 against normal", "≥ 0.95"),
    ("val_kermany", "normal against pneumonia", "AUC, normal against pneumonia", "≥ 0.95"),
    ("val_nih", "normal against pneumonia", "AUC, normal against pneumonia", "≥ 0.75"),
    ("val_cohen", "covid19 against pneumonia", "AUC, COVID-19 against pneumonia", "—"),
    ("external", "covid19 against pneumonia", "AUC, COVID-19 against pneumonia", "≥ 0.80"),
];

fn write_summary(text: &mut String, evidence: &Evidence) -> std::fmt::Result {
    let hash = evidence.texture.model.sha256.get(..12).unwrap_or_default();
    writeln!(
        text,
        "Model {} ({hash}…). In brackets the 95 % interval: bootstrap over patients, 2,000 resamples; Wilson's where \
         all films agree. Nothing was fitted to, or chosen by, the films called *external*.\n",
        evidence.texture.model.version
    )?;
    writeln!(
        text,
        "| films | what | n | the verdict | goal | paper's reader |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for (id, pair, what, goal) in GOALS {
        let Some(set) = find(evidence, id) else { continue };
        let of = |reader| of(set, reader).and_then(|scores| scores.auc_of_pairs.get(pair));
        let n = of(Reader::Verdict).map_or(0, |estimate| estimate.n);
        writeln!(
            text,
            "| {} | {what} | {n} | **{}** | {goal} | {} |",
            set.title,
            area(of(Reader::Verdict)),
            area(of(Reader::Texture))
        )?;
    }
    if let Some(set) = find(evidence, "val_adult_normals") {
        let of = |reader| of(set, reader).and_then(|scores| scores.sensitivity.normal.as_ref());
        let n = set.films.normal;
        writeln!(
            text,
            "| {} | called normal | {n} | **{}** | ≥ 85 % | {} |",
            set.title,
            share(of(Reader::Verdict)),
            share(of(Reader::Texture))
        )?;
    }
    if let Some(risk) = evidence.verdict.risk_coverage.iter().find(|risk| risk.title == "external") {
        let n = risk.accuracy_of_surest_half.n;
        writeln!(
            text,
            "| Cohen et al., other patients (external) | accuracy among the half it is surest of | {n} | **{}** | ≥ 85 % | — |",
            share(Some(&risk.accuracy_of_surest_half))
        )?;
        writeln!(
            text,
            "| the same | accuracy over all that were not refused | {} | **{}** | — | — |",
            risk.films,
            share(Some(&risk.accuracy))
        )?;
    }
    if let Some(stricter) = &evidence.without_cohen {
        let estimate = stricter.scores.auc_of_pairs.get("covid19 against pneumonia");
        writeln!(
            text,
            "| all of Cohen et al., the same recipe trained without any film of it | AUC, COVID-19 against pneumonia | {} | \
             **{}** (convnet reader) | — | — |",
            estimate.map_or(0, |estimate| estimate.n),
            area(estimate)
        )?;
    }
    let (bad, spoilt) = refused(&evidence.gate, "spoilt");
    let (good, whole) = refused(&evidence.gate, "films of");
    writeln!(
        text,
        "\nThe gate refuses {good} of {whole} films of *val* and *external*, and {bad} of {spoilt} of the same films spoilt \
         (upside down, sideways, inverted, cut, squeezed). Lungs: Dice {:.3} on {} masks of other patients. An AUC of 0.5 is \
         a coin; *nih* has labels mined from reports; some films of Cohen et al. trained the paper's reader.",
        evidence.lungs.dice, evidence.lungs.masks
    )
}

fn write_set(text: &mut String, set: &Set) -> std::fmt::Result {
    let [c, n, p] = <[usize; 3]>::from(set.films);
    writeln!(
        text,
        "**{}**: {c} COVID-19, {n} normal, {p} pneumonia; {} patients.\n",
        set.title, set.patients
    )?;
    writeln!(
        text,
        "| | accuracy | AUC of pairs | sensitivity | specificity |\n| --- | --- | --- | --- | --- |"
    )?;
    for scores in &set.scores {
        let pairs =
            scores.auc_of_pairs.iter().map(|(pair, estimate)| format!("{pair} {}", area(Some(estimate))));
        let rates = |rates: &PerLabel<Option<Estimate>>| {
            let rates =
                [(&rates.covid19, "covid19"), (&rates.normal, "normal"), (&rates.pneumonia, "pneumonia")];
            let given = rates
                .into_iter()
                .filter_map(|(rate, name)| Some(format!("{name} {}", share(Some(rate.as_ref()?)))));
            given.collect::<Vec<_>>().join("; ")
        };
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            name(scores.reader),
            share(scores.accuracy.as_ref()),
            pairs.collect::<Vec<_>>().join("; "),
            rates(&scores.sensitivity),
            rates(&scores.specificity)
        )?;
    }
    writeln!(
        text,
        "\n| verdicts | covid19 | normal | pneumonia | uncertain | refused |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for label in LABELS {
        let row = set.verdicts[label.index()];
        if row.iter().sum::<usize>() > 0 {
            let cells: Vec<String> = row.iter().map(usize::to_string).collect();
            writeln!(text, "| is {} | {} |", label.name(), cells.join(" | "))?;
        }
    }
    writeln!(
        text,
        "\nWhere a class is named it is right in {}; the prediction set holds the class in {}.\n",
        share(set.accuracy_where_judged.as_ref()),
        share(set.coverage.as_ref())
    )
}

fn write_tables(text: &mut String, evidence: &Evidence) -> std::fmt::Result {
    write_summary(text, evidence)?;
    writeln!(text, "\n### Every source\n")?;
    for set in &evidence.verdict.sets {
        write_set(text, set)?;
    }
    let verdict = &evidence.verdict;
    writeln!(
        text,
        "### Calibration, abstention\n\n![Calibration](plots/calibration.svg) ![Risk and coverage](plots/risk-coverage.svg)\n"
    )?;
    for set in &verdict.calibration {
        writeln!(
            text,
            "- Expected calibration error, {}: {:.3} ({:.3} to {:.3}), {} films.",
            set.title, set.error.value, set.error.low, set.error.high, set.films
        )?;
    }
    writeln!(
        text,
        "- Prediction sets are meant to hold the class of {} of the films of each class; on *val*, fitted on other patients, \
         they hold {}.",
        percent(verdict.intended_coverage),
        share(verdict.coverage_on_val.as_ref())
    )?;
    for risk in &verdict.risk_coverage {
        writeln!(
            text,
            "- {}: right in {} of all {} films that were not refused, in {} of the half it is surest of.",
            risk.title,
            share(Some(&risk.accuracy)),
            risk.films,
            share(Some(&risk.accuracy_of_surest_half))
        )?;
    }
    writeln!(
        text,
        "- The child warning is given for {} of the children's films of *val*, and for {} of the adults'.\n",
        share(verdict.child_warning.children.as_ref()),
        share(verdict.child_warning.adults.as_ref())
    )?;

    writeln!(text, "### The gate\n\n| shown | n | refused |\n| --- | --- | --- |")?;
    for trial in &evidence.gate {
        writeln!(
            text,
            "| {} | {} | {} ({}) |",
            trial.name,
            trial.n,
            trial.refused,
            percent(trial.refused as f64 / trial.n as f64)
        )?;
    }

    let audit = &evidence.audit;
    writeln!(text, "\n### Shortcut audit\n\n{}.\n", audit.films)?;
    writeln!(
        text,
        "| change | reader | balanced accuracy (chance 33.3 %) | another class than without | another verdict | refused |\n\
         | --- | --- | --- | --- | --- | --- |"
    )?;
    for effect in &audit.effects {
        let change = match effect.change {
            Change::None => "none",
            Change::LungsBlack => "lungs black",
            Change::OnlyBorder => "only the border",
            Change::Letters => "letters pasted in",
            Change::Resampled => "to 299 × 299 and back",
            Change::Jpeg40 => "JPEG 40",
            Change::Mirrored => "mirrored",
        };
        writeln!(
            text,
            "| {change} | {} | {} | {} | {} | {} |",
            name(effect.reader),
            percent(effect.balanced_accuracy),
            share(effect.changed.as_ref()),
            share(effect.verdicts_changed.as_ref()),
            share(effect.refused.as_ref())
        )?;
    }
    writeln!(
        text,
        "\nWith the crop of the unchanged film and the lungs in it black, the convnet reader's balanced accuracy is {}.\n",
        percent(audit.outline_only)
    )?;
    writeln!(
        text,
        "| the source told from the features of | among films of | sources | balanced accuracy | chance |\n| --- | --- | --- | --- | --- |"
    )?;
    for leak in &audit.source_leaks {
        let sources: Vec<String> = leak.sources.iter().map(|(source, n)| format!("{source} {n}")).collect();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            name(leak.reader),
            leak.label.name(),
            sources.join(", "),
            percent(leak.balanced_accuracy),
            percent(leak.chance)
        )?;
    }
    if let Some(stricter) = &evidence.without_cohen {
        writeln!(
            text,
            "\n### Trained without Cohen et al., on all of it\n\nThe convnet reader alone:\n\n| what | value |\n| --- | --- |"
        )?;
        for (pair, estimate) in &stricter.scores.auc_of_pairs {
            writeln!(text, "| AUC, {pair}, n = {} | {} |", estimate.n, area(Some(estimate)))?;
        }
    }
    if !evidence.experiments.is_empty() {
        writeln!(
            text,
            "\n### What other ways to train gave\n\nAUC of the last epoch whose worst source of *val* is within 0.02 of the best. *Left out* are the films of \
             Cohen et al. that are not *external*; none of them trained or chose anything in these short runs.\n\n\
             | run | sees | px | batches | within the source | adversary | worst source | AUC |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for run in &evidence.experiments {
            let recipe = &run.recipe;
            let list: Vec<String> =
                run.best.validation.iter().map(|(key, value)| format!("{key} {value:.3}")).collect();
            let view = match recipe.view {
                View::Lungs => "lungs",
                View::Box => "their box",
                View::Film => "whole film",
            };
            writeln!(
                text,
                "| {} | {view} | {} | {} | {} | {} | {:.3} | {} |",
                recipe.name,
                recipe.side,
                recipe.steps,
                recipe.within_source,
                recipe.adversary,
                run.best.worst,
                list.join("; ")
            )?;
        }
    }
    Ok(())
}
