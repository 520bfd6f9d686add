//! Writes the results of the paper's reader as Markdown.

use std::fmt::Write;

use covid_classifier::LABELS;
use covid_classifier::statistics::Estimate;

use super::numbers::{area, percent, share};
use crate::evidence::authors::{Spread, TableRow};
use crate::evidence::elsewhere::{Measure, Scale};
use crate::evidence::texture::Metrics;

/// All results as Markdown, for the model card.
pub(super) fn tables(metrics: &Metrics) -> String {
    let mut text = String::new();
    let _ = write_tables(&mut text, metrics);
    text
}

/// The figures on films from other places that the README quotes.
const QUOTED: [&str; 2] = ["nih_normal_called_covid19", "radiography_covid19_against_normal_auc"];

/// Writes the README's sentences about the paper's reader, one per figure.
pub(super) fn write_front(text: &mut String, metrics: &Metrics) -> std::fmt::Result {
    let quoted = |id: &str| metrics.elsewhere.iter().find(|measure| measure.id == id);
    let [Some(called), Some(told_apart)] = QUOTED.map(quoted) else { return Ok(()) };
    writeln!(
        text,
        "The paper's reader calls {} of {} normal films of adults COVID-19: {}. Its AUC for COVID-19 against normal is {}, \
         where 0.5 is a coin, on {} films of adults: {}.",
        value(called),
        called.estimate.n,
        called.source,
        value(told_apart),
        told_apart.estimate.n,
        told_apart.source
    )
}

fn write_head(text: &mut String, metrics: &Metrics) -> std::fmt::Result {
    let hash = metrics.model.sha256.get(..12).unwrap_or_default();
    writeln!(
        text,
        "Model {} ({hash}…). In brackets the 95 % interval: bootstrap over patients, 2,000 resamples; Wilson's where \
         all films agree or two classes are perfectly separated.\n",
        metrics.model.version
    )
}

/// Formats a measure's number: an area as a decimal, a share in per cent.
fn value(measure: &Measure) -> String {
    match measure.scale {
        Scale::Share => share(&measure.estimate),
        Scale::Auc => area(&measure.estimate),
    }
}

fn write_tables(text: &mut String, metrics: &Metrics) -> std::fmt::Result {
    let authors = &metrics.authors_split;
    let over = &authors.accuracy_over_seeds;
    write_head(text, metrics)?;
    writeln!(text, "**The authors' protocol** (their {} test films, split by image):\n", authors.films)?;
    writeln!(text, "| | accuracy |\n| --- | --- |")?;
    writeln!(text, "| the paper | {} |", percent(authors.paper_accuracy))?;
    writeln!(
        text,
        "| this program, {} seeds: mean (standard deviation; range) | {} ({}; {} to {}) |",
        authors.seeds,
        percent(over.mean),
        percent(over.standard_deviation),
        percent(over.minimum),
        percent(over.maximum)
    )?;
    writeln!(text, "| the shipped seed ({}) | {} |", authors.shipped.seed, share(&authors.shipped.accuracy))?;
    writeln!(
        text,
        "| the shipped seed, from the originals of {} of these films | {} |",
        authors.shipped_from_originals.accuracy.n,
        share(&authors.shipped_from_originals.accuracy)
    )?;
    writeln!(
        text,
        "| the shipped seed, from the same originals shrunk to 256 px | {} |\n",
        share(&authors.shipped_from_256_px.accuracy)
    )?;
    writeln!(
        text,
        "{} of the {} test films are of patients who also have a training film.\n",
        authors.films_of_training_patients, authors.films
    )?;
    writeln!(
        text,
        "| mean over {} seeds | precision | sensitivity | F-score | support | AUC |",
        authors.seeds
    )?;
    writeln!(text, "| --- | --- | --- | --- | --- | --- |")?;
    for (label, row) in LABELS.iter().zip(<[TableRow; 3]>::from(authors.table_over_seeds)) {
        let cell = |spread: Spread| format!("{:.3} ± {:.3}", spread.mean, spread.standard_deviation);
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            label.name(),
            cell(row.precision),
            cell(row.sensitivity),
            cell(row.f_score),
            row.support,
            cell(row.auc)
        )?;
    }
    writeln!(text, "\nConfusion of the shipped seed:\n")?;
    write_confusion(text, &authors.shipped.confusion)?;

    let disjoint = &metrics.patient_disjoint;
    writeln!(
        text,
        "\n**The same recipe, {}-fold, no patient on two sides** ({} films of {} patients): accuracy {}.\n",
        disjoint.folds,
        disjoint.films,
        disjoint.patients,
        share(&disjoint.accuracy)
    )?;
    writeln!(text, "| | n | sensitivity | AUC, one against the rest |\n| --- | --- | --- | --- |")?;
    let sensitivity: [Estimate; 3] = disjoint.sensitivity.into();
    let auc: [Estimate; 3] = disjoint.auc.into();
    for ((label, sensitivity), auc) in LABELS.iter().zip(&sensitivity).zip(&auc) {
        writeln!(text, "| {} | {} | {} | {} |", label.name(), sensitivity.n, share(sensitivity), area(auc))?;
    }

    writeln!(
        text,
        "\n**The shipped model on films of other places** (none of them, nor their patients, in its training):\n"
    )?;
    writeln!(text, "| films | who | measure | n | value |\n| --- | --- | --- | --- | --- |")?;
    for measure in &metrics.elsewhere {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            measure.source,
            measure.population,
            measure.measure,
            measure.estimate.n,
            value(measure)
        )?;
    }

    let features = &metrics.features;
    writeln!(
        text,
        "\n**What single features can do** on the 420 films (mean over a block of the larger of AUC and 1 − AUC):\n"
    )?;
    writeln!(text, "| block | covid19 | normal | pneumonia |\n| --- | --- | --- | --- |")?;
    for block in &features.average_auc {
        writeln!(
            text,
            "| {} | {:.3} | {:.3} | {:.3} |",
            block.block, block.auc.covid19, block.auc.normal, block.auc.pneumonia
        )?;
    }
    let best = &features.best;
    writeln!(
        text,
        "| best feature | {} `{}` | {} `{}` | {} `{}` |",
        format_args!("{:.3}", best.covid19.auc),
        best.covid19.name,
        format_args!("{:.3}", best.normal.auc),
        best.normal.name,
        format_args!("{:.3}", best.pneumonia.auc),
        best.pneumonia.name
    )?;
    writeln!(text, "\nAbsolute correlation of pairs of features, share of all 252 × 252 pairs:\n")?;
    writeln!(
        text,
        "| 0 to ⅛ | to ¼ | to ⅜ | to ½ | to ⅝ | to ¾ | to ⅞ | to 1 |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    let shares: Vec<String> = features.correlation_shares.iter().map(|&share| percent(share)).collect();
    writeln!(text, "| {} |", shares.join(" | "))
}

fn write_confusion(text: &mut String, matrix: &[[usize; 3]; 3]) -> std::fmt::Result {
    writeln!(text, "| | called covid19 | called normal | called pneumonia |\n| --- | --- | --- | --- |")?;
    for (label, row) in LABELS.iter().zip(matrix) {
        writeln!(text, "| is {} | {} | {} | {} |", label.name(), row[0], row[1], row[2])?;
    }
    Ok(())
}
