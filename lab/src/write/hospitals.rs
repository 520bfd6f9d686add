//! Writes the verdict's figures at hospitals as Markdown: one row per hospital, the worst first.

use std::fmt::{Result, Write};

use covid_classifier::statistics::Estimate;

use super::goals::{COVERED, ERROR_EXTERNAL, ERROR_LEFT_OUT};
use super::numbers::{area_and_n, number, or_dash, percent, share, share_and_n};
use crate::dataset::Finding;
use crate::evidence::Evidence;
use crate::evidence::hospitals::{Hospital, Kept, Said};
use crate::train::convnet::PAIRS;

/// Findings for which the verdict has no answer or no separate one.
const BEYOND: [(Finding, &str); 5] = [
    (Finding::Tuberculosis, "tuberculosis"),
    (Finding::Infiltration, "infiltration and nothing clearer"),
    (Finding::Other, "another finding"),
    (Finding::Indeterminate, "indeterminate for COVID-19"),
    (Finding::Atypical, "atypical for COVID-19"),
];

/// Writes the sections of the model card.
pub(super) fn write_hospitals(text: &mut String, evidence: &Evidence) -> Result {
    let verdict = &evidence.verdict;
    if verdict.hospitals.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\n### At a hospital that it has never seen\n\n\
         Every row is a source, taken for a hospital. *Left out* means that a network was trained without the source, and its \
         probabilities were calibrated on the other sources. The gate was not asked there. *External* means the shipped model. \
         Nothing was fitted to external films, or chosen by them; by the films of sources left out recipes were compared. The worst hospital comes first: the one where COVID-19 is named \
         for the largest share of normal films. *Something is said* of a film that is called normal or not normal; it is right \
         where that is so, and the class too if one is named.\n"
    )?;
    let unseen: Vec<&Hospital> = verdict.hospitals.iter().chain(&verdict.all_unseen).collect();
    write_rows(text, &unseen)?;
    writeln!(text, "\nFindings told from each other, as areas under the ROC curve:\n")?;
    write_areas(text, &verdict.hospitals)?;
    write_beyond(text, &verdict.hospitals)?;
    write_promises(text, evidence)?;
    if !verdict.val_hospitals.is_empty() {
        writeln!(
            text,
            "\n### At a hospital that it knows\n\n\
             The same of films of *val*. Other patients of these sources trained the networks.\n"
        )?;
        write_rows(text, &verdict.val_hospitals.iter().collect::<Vec<_>>())?;
        writeln!(text)?;
        write_areas(text, &verdict.val_hospitals)?;
    }
    write_lungs(text, evidence)
}

/// A hospital's title, with how its films were kept from the networks.
pub(super) fn place(hospital: &Hospital) -> String {
    match hospital.kept {
        Kept::LeftOut => format!("{} (left out)", hospital.title),
        // The titles of the others say it.
        Kept::External | Kept::Unseen | Kept::Val => hospital.title.clone(),
    }
}

fn films(hospital: &Hospital, finding: Finding) -> usize {
    hospital.findings.get(finding.name()).map_or(0, Said::films)
}

fn write_rows(text: &mut String, hospitals: &[&Hospital]) -> Result {
    writeln!(
        text,
        "| hospital | patients | films of COVID-19, normal, of pneumonia | normal films for which COVID-19 is named | \
         normal films called normal, where something is said | something is said | right where something is said | \
         films of disease called not normal | normal films not called not normal |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for hospital in hospitals {
        let classes = [Finding::Covid19, Finding::Normal, Finding::Pneumonia];
        let counts = classes.map(|finding| films(hospital, finding).to_string()).join(", ");
        let figures = [
            hospital.normals_named_covid19,
            hospital.normals_called_normal,
            hospital.named,
            hospital.right,
            hospital.sensitivity,
            hospital.specificity,
        ];
        let cells = figures.map(|figure| or_dash(figure.as_ref(), share_and_n)).join(" | ");
        writeln!(text, "| {} | {} | {counts} | {cells} |", place(hospital), hospital.patients)?;
    }
    Ok(())
}

fn write_areas(text: &mut String, hospitals: &[Hospital]) -> Result {
    let pairs = PAIRS.map(|pair| pair.name);
    writeln!(text, "| hospital | {} |\n| --- {}|", pairs.join(" | "), "| --- ".repeat(pairs.len()))?;
    for hospital in hospitals.iter().filter(|hospital| !hospital.auc.is_empty()) {
        let cells = pairs.map(|pair| or_dash(hospital.auc.get(pair), area_and_n)).join(" | ");
        writeln!(text, "| {} | {cells} |", place(hospital))?;
    }
    Ok(())
}

fn write_beyond(text: &mut String, hospitals: &[Hospital]) -> Result {
    writeln!(
        text,
        "\n### What it does not know\n\n\
         The verdict has three classes. Tuberculosis, effusion, heart failure and nodules are not among them, and the only \
         right answer that it has for them is *not normal*. This is what is said of such films at hospitals that it has not seen. \
         *Indeterminate* and *atypical* are words of a panel that read films for signs of COVID-19.\n\n\
         | films of | hospital | films | normal | COVID-19 | other pneumonia | not normal, no class | cannot say | refused |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for (finding, name) in BEYOND {
        for hospital in hospitals {
            let Some(said) = hospital.findings.get(finding.name()) else { continue };
            writeln!(text, "| {name} | {} | {} |", place(hospital), counts(hospital, finding, said))?;
        }
    }
    Ok(())
}

/// The number of films, then that of each answer, with the share and its interval if there are enough films.
fn counts(hospital: &Hospital, finding: Finding, said: &Said) -> String {
    let shares = hospital.beyond.get(finding.name());
    let of = |count: usize, estimate: Option<&Estimate>| match estimate {
        Some(estimate) => format!("{count}: {}", share(estimate)),
        None => count.to_string(),
    };
    let counts = [
        of(said.normal, shares.map(|shares| &shares.normal)),
        of(said.covid19, shares.map(|shares| &shares.covid19)),
        of(said.pneumonia, shares.map(|shares| &shares.pneumonia)),
        of(said.not_normal, shares.map(|shares| &shares.not_normal)),
        said.cannot_say.to_string(),
        said.refused.to_string(),
    ];
    format!("{} | {}", said.films(), counts.join(" | "))
}

fn write_promises(text: &mut String, evidence: &Evidence) -> Result {
    let hospitals = &evidence.verdict.hospitals;
    writeln!(
        text,
        "\n### What its probabilities and sets promise there\n\n\
         The probabilities are calibrated on films of sources that the networks which read them had not seen. *Calibration error* \
         is how far the largest probability is from how often it is right. *The set holds the class* is the share of films, less \
         those refused, whose class is in the prediction set.\n\n\
         | hospital | calibration error | the set holds the class |\n| --- | --- | --- |"
    )?;
    for hospital in hospitals {
        let error = or_dash(hospital.calibration_error.as_ref(), area_and_n);
        let coverage = or_dash(hospital.coverage.as_ref(), share_and_n);
        writeln!(text, "| {} | {error} | {coverage} |", place(hospital))?;
    }
    writeln!(text)?;
    if let Some(mean) = &evidence.verdict.calibration_error_left_out {
        let verdict = if mean.value <= ERROR_LEFT_OUT { "met" } else { "not met" };
        writeln!(
            text,
            "The mean of the calibration errors of the sources left out is {}. The goal of at most {ERROR_LEFT_OUT} is {verdict}.",
            area_and_n(mean)
        )?;
    }
    let external = |hospital: &&Hospital| hospital.kept == Kept::External;
    let errors = hospitals
        .iter()
        .filter(external)
        .filter_map(|hospital| Some((hospital, hospital.calibration_error?)));
    let large: Vec<String> = errors
        .filter(|(_, error)| error.value > ERROR_EXTERNAL)
        .map(|(hospital, error)| format!("{}: {}", place(hospital), number(error.value)))
        .collect();
    write_missed(
        text,
        &format!("a calibration error of at most {ERROR_EXTERNAL} on every external source"),
        &large,
    )?;
    let few: Vec<String> = hospitals
        .iter()
        .filter_map(|hospital| Some((hospital, hospital.coverage?)))
        .filter(|(_, coverage)| coverage.value < COVERED)
        .map(|(hospital, coverage)| format!("{}: {}", place(hospital), percent(coverage.value)))
        .collect();
    let goal = format!(
        "a set that holds the class of at least {:.0} % of the films at every hospital",
        100.0 * COVERED
    );
    write_missed(text, &goal, &few)
}

/// Writes a sentence that says where a goal is missed.
fn write_missed(text: &mut String, goal: &str, missed: &[String]) -> Result {
    if missed.is_empty() {
        writeln!(text, "The goal of {goal} is met.")
    } else {
        writeln!(text, "The goal of {goal} is not met. It is missed by: {}.", missed.join("; "))
    }
}

fn write_lungs(text: &mut String, evidence: &Evidence) -> Result {
    if evidence.lungs.sources.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\n### The lungs\n\nThe Dice coefficient of the lungs found and of masks that did not train the segmenter:\n\n\
         | source | masks | mean Dice | smallest |\n| --- | --- | --- | --- |"
    )?;
    for source in &evidence.lungs.sources {
        let (name, masks) = (&source.source, source.masks);
        writeln!(text, "| {name} | {masks} | {} | {} |", number(source.dice), number(source.smallest_dice))?;
    }
    Ok(())
}
