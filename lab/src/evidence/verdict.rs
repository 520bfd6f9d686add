//! Measures the verdict and both readers per source and split: with intervals, calibration, risk and coverage.

use std::collections::BTreeMap;
use std::path::Path;

use covid_classifier::statistics::{Estimate, Prediction};
use covid_classifier::validation::{
    CalibrationEvidence, Judged, Reader, RiskCoverage, Set, Validation, by_source, calibration, logits,
    risk_coverage, set, share, validate,
};
use covid_classifier::verdict::Calibration;
use covid_classifier::{Error, ErrorKind, Label, Model, Report, Result};
use serde::{Deserialize, Serialize};

use super::hospitals::{
    Answer, Hospital, Kept, Sources, all_unseen, answers, hospital, mean_calibration_error, worst_first,
};
use crate::dataset::{Film, own_films};
use crate::engine::{Classifiers, parallel};
use crate::tools::{Progress, read};
use crate::train::calibration::COVERAGE;
use crate::train::gate::CHILDREN;
use crate::train::left_out::LeftOut;

/// How often the child warning is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildWarning {
    /// The share of children's films in `val` that get the warning.
    pub children: Option<Estimate>,
    /// The share of adults' films in `val` that get the warning.
    pub adults: Option<Estimate>,
}

/// All evidence about the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictEvidence {
    /// Per source and split.
    pub sets: Vec<Set>,
    /// Every source as a hospital that the networks never saw, the worst first.
    #[serde(default)]
    pub hospitals: Vec<Hospital>,
    /// The ones with normal films of adults, taken together.
    #[serde(default)]
    pub all_unseen: Option<Hospital>,
    /// The sources of `val`, whose other patients trained the networks, the worst first.
    #[serde(default)]
    pub val_hospitals: Vec<Hospital>,
    /// Calibration on the left-out sources (each with a calibration from the others) and on `external` (as shipped).
    pub calibration: Vec<CalibrationEvidence>,
    /// The mean of the expected calibration errors of the left-out sources.
    #[serde(default)]
    pub calibration_error_left_out: Option<Estimate>,
    /// The share of films whose class the prediction sets are meant to hold.
    pub intended_coverage: f64,
    /// The share that they hold on the left-out sources, each with a calibration from the others.
    #[serde(default)]
    pub coverage_left_out: Option<Estimate>,
    /// Risk and coverage on `val` and on `external`.
    pub risk_coverage: Vec<RiskCoverage>,
    /// The child warning.
    pub child_warning: ChildWarning,
}

/// Reads films through the whole pipeline. Films that cannot be read are left out and named.
///
/// # Errors
/// [`ErrorKind::Io`] for a file that is not there.
pub fn read_films<'a>(
    classifiers: &Classifiers,
    films: &[&'a Film],
    say: Progress<'_>,
) -> Result<Vec<(&'a Film, Report)>> {
    let one = |film: &&'a Film| -> Result<(&'a Film, Report)> {
        let bytes = read(&film.path)?;
        let path = film.path.display().to_string();
        Ok((*film, classifiers.lend(|classifier| classifier.classify(&path, &bytes).report)?))
    };
    let mut reports = Vec::new();
    for result in parallel(films, one) {
        let (film, report) = result?;
        match &report.error {
            Some(error) => say(&format!("{}: {}", report.path, error.message)),
            None => reports.push((film, report)),
        }
    }
    Ok(reports)
}

/// The reports on films of the three classes.
pub fn judged(reports: &[(&Film, Report)], calibration: &Calibration) -> Vec<Judged> {
    let one = |(film, report): &(&Film, Report)| {
        let (source, group) = (film.source.clone(), film.patient_group.as_str().into());
        Some(Judged::new(film.label()?, source, group, report.into(), calibration))
    };
    reports.iter().filter_map(one).collect()
}

/// The shipped model's answer to a film.
fn answer((film, report): &(&Film, Report), calibration: &Calibration) -> Option<Answer> {
    let readers = report.readers?;
    Some(Answer {
        finding: film.finding,
        group: film.patient_group.clone(),
        probabilities: calibration.probabilities(logits(readers.convnet), logits(readers.texture)),
        prediction_set: report.prediction_set.clone().unwrap_or_default(),
        said: report.finding,
        verdict: report.verdict?,
    })
}

/// The name of a source for people.
pub fn title(source: &str) -> &str {
    match source {
        "radiography" => "COVID-19 Radiography Database, adults",
        "kermany" => "Kermany et al., Guangzhou, children of 1 to 5",
        "nih" => "NIH ChestX-ray14, USA, adults",
        "nih2" => "NIH ChestX-ray14, USA, other patients, adults",
        "cohen" => "Cohen et al., from publications",
        "siim" => "SIIM-FISABIO-RSNA, Spain and USA, read by a panel",
        "shenzhen" => "Shenzhen No. 3 Hospital, China",
        "montgomery" => "Montgomery County, USA",
        "peru" => "a hospital in Peru",
        "quex" => "part of COVID-QU-Ex, weak labels",
        "cxnet" => "COVID-CXNet, from publications",
        other => other,
    }
}

/// The shipped model's answers to the films of every source.
fn by_hospital(reports: &[(&Film, Report)], calibration: &Calibration) -> Sources {
    let mut sources = Sources::new();
    for report in reports {
        sources.entry(report.0.source.clone()).or_default().extend(answer(report, calibration));
    }
    sources
}

/// A row for each source.
fn rows(sources: &Sources, kept: Kept) -> Vec<Hospital> {
    let of = |(source, answers): (&String, &Vec<Answer>)| {
        let (prefix, remark) = match kept {
            Kept::LeftOut | Kept::Unseen => ("", ""),
            Kept::External => ("external_", " (external)"),
            Kept::Val => ("val_", " (val)"),
        };
        let (id, title) = (format!("{prefix}{source}"), format!("{}{remark}", title(source)));
        hospital(&id, &title, kept, &answers.iter().collect::<Vec<_>>())
    };
    let mut rows: Vec<Hospital> = sources.iter().map(of).collect();
    worst_first(&mut rows);
    rows
}

/// Every source as a hospital that the networks never saw, the worst first.
fn hospitals(left_out: &Sources, external: &Sources) -> Vec<Hospital> {
    let mut all = rows(left_out, Kept::LeftOut);
    all.extend(rows(external, Kept::External));
    worst_first(&mut all);
    all
}

/// Measures the verdict from reports on `val` and `external` and from the left-out sources.
///
/// # Errors
/// [`ErrorKind::Dataset`] for too few films.
pub fn verdict(
    val: &[(&Film, Report)],
    external: &[(&Film, Report)],
    left_out: &[LeftOut],
    shipped: &Calibration,
) -> Result<VerdictEvidence> {
    let undefined = || Error::new(ErrorKind::Dataset, "too few films to measure anything on");
    let answers = answers(left_out)?;
    let elsewhere = by_hospital(external, shipped);
    let hospitals = hospitals(&answers, &elsewhere);
    let val_hospitals = rows(&by_hospital(val, shipped), Kept::Val);
    let reports = val;
    let (val, external) = (judged(val, shipped), judged(external, shipped));
    let mut sets = by_source(&val, "val_", &|source| format!("{} (val)", title(source)));
    let cohen: Vec<&Judged> = external.iter().filter(|film| film.source == "cohen").collect();
    sets.push(set("external", "Cohen et al., other patients (external)", &cohen));
    let others: Vec<Judged> = external.iter().filter(|film| film.source != "cohen").cloned().collect();
    sets.extend(by_source(&others, "external_", &|source| format!("{} (external)", title(source))));
    let of_adults = |film: &&Judged| matches!(film.source.as_str(), "nih" | "radiography");
    let normals: Vec<&Judged> =
        val.iter().filter(|film| film.label == Label::Normal).filter(of_adults).collect();
    sets.push(set("val_adult_normals", "Normal films of adults: NIH and radiography (val)", &normals));

    let known: Vec<(bool, Prediction)> = answers
        .values()
        .flatten()
        .filter_map(|answer| {
            let prediction = answer.prediction()?;
            Some((answer.prediction_set.contains(&prediction.label), prediction))
        })
        .collect();
    let unseen: Vec<Prediction> = known.iter().map(|(_, prediction)| prediction.clone()).collect();
    let outside: Vec<Prediction> =
        external.iter().filter_map(|film| film.prediction(Reader::Verdict)).collect();
    let warned = |children: bool| {
        let chosen = reports.iter().filter(|(film, _)| (film.source == CHILDREN) == children);
        let marks = chosen.filter_map(|film| {
            let child = film.1.gate.as_ref()?.child > 0.5;
            Some((child, judged(std::slice::from_ref(film), shipped).pop()?.prediction(Reader::Verdict)?))
        });
        share(&marks.collect::<Vec<_>>())
    };
    Ok(VerdictEvidence {
        sets,
        hospitals,
        all_unseen: Some(all_unseen(&answers, &elsewhere)),
        val_hospitals,
        calibration: vec![
            calibration("sources left out, each with a calibration of the others", &unseen)
                .ok_or_else(undefined)?,
            calibration("external, as shipped", &outside).ok_or_else(undefined)?,
        ],
        calibration_error_left_out: mean_calibration_error(&answers),
        intended_coverage: COVERAGE,
        coverage_left_out: share(&known),
        risk_coverage: vec![
            risk_coverage("val", &val.iter().collect::<Vec<_>>()).ok_or_else(undefined)?,
            risk_coverage("external", &external.iter().collect::<Vec<_>>()).ok_or_else(undefined)?,
        ],
        child_warning: ChildWarning { children: warned(true), adults: warned(false) },
    })
}

/// Measures the model in a folder on the user's own films. Films whose files cannot be opened are left out and named.
///
/// # Errors
/// As [`own_films`], and where none of the films is there; [`ErrorKind::Model`] for a damaged model.
pub fn on_own_films(table: &Path, folder: &Path, say: Progress<'_>) -> Result<Vec<Validation>> {
    let mut films = own_films(table)?;
    let named = films.len();
    films.retain(|film| match std::fs::File::open(&film.path) {
        Ok(_) => true,
        Err(error) => {
            say(&format!("left out: {}: {error}", film.path.display()));
            false
        }
    });
    if films.is_empty() && named > 0 {
        let message = format!("none of the {named} films in {} is there", table.display());
        return Err(Error::new(ErrorKind::Dataset, message));
    }
    say(&format!("reading {} films", films.len()));
    let classifiers = Classifiers::new(Model::read_folder(folder)?);
    let reports = read_films(&classifiers, &films.iter().collect::<Vec<_>>(), say)?;
    let judged = judged(&reports, &classifiers.model().calibration);
    let mut sources: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    judged.iter().for_each(|film| sources.entry(&film.source).or_default().push(film));
    let mut sets: Vec<Validation> =
        sources.iter().map(|(source, films)| validate(source, source, films)).collect();
    if sets.len() > 1 {
        sets.push(validate("all", "all films", &judged.iter().collect::<Vec<_>>()));
    }
    Ok(sets)
}
