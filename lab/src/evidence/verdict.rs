//! What the verdict and both readers are worth: per source and split, with intervals, calibration,
//! risk and coverage.

use std::path::Path;

use covid_classifier::statistics::{Estimate, Prediction};
use covid_classifier::validation::{
    CalibrationEvidence, Judged, Reader, RiskCoverage, Set, by_source, calibration, logits, risk_coverage,
    set, share,
};
use covid_classifier::{Error, ErrorKind, Label, Model, Result};
use serde::{Deserialize, Serialize};

use crate::dataset::{Film, own_films};
use crate::engine::{Classifiers, parallel};
use crate::tools::{Progress, read};
use crate::train::calibration::{COVERAGE, Scored, cross_fitted};
use crate::train::gate::CHILDREN;

/// How the child warning fares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildWarning {
    /// Of children's films in `val`, the share that is warned about.
    pub children: Option<Estimate>,
    /// Of adults' films in `val`, the share that is warned about.
    pub adults: Option<Estimate>,
}

/// What is known of the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictEvidence {
    /// Per source and split.
    pub sets: Vec<Set>,
    /// On `val` (fitted on other patients) and on `external` (as shipped).
    pub calibration: Vec<CalibrationEvidence>,
    /// What the prediction sets are meant to hold, as a share of films.
    pub intended_coverage: f64,
    /// The share they hold on `val`, fitted on other patients.
    pub coverage_on_val: Option<Estimate>,
    /// On `val` and on `external`.
    pub risk_coverage: Vec<RiskCoverage>,
    /// The child warning.
    pub child_warning: ChildWarning,
}

/// Reads films through the whole pipeline. Films of none of the three classes are
/// left out, and so is one that cannot be read, which is named.
///
/// # Errors
/// [`ErrorKind::Io`] for a file that is not there.
pub fn judge(classifiers: &Classifiers, films: &[&Film], say: Progress<'_>) -> Result<Vec<Judged>> {
    let calibration = &classifiers.model().calibration;
    let labelled: Vec<(&Film, Label)> =
        films.iter().filter_map(|film| Some((*film, film.label()?))).collect();
    let one = |&(film, label): &(&Film, Label)| -> Result<Judged> {
        let bytes = read(&film.path)?;
        let path = film.path.display().to_string();
        let report = classifiers.lend(|classifier| classifier.classify(&path, &bytes).report)?;
        let (source, group) = (film.source.clone(), film.patient_group.clone());
        Ok(Judged::new(label, source, group, report, calibration))
    };
    let mut judged = Vec::new();
    for result in parallel(&labelled, one) {
        let film = result?;
        match &film.report.error {
            Some(error) => say(&format!("{}: {}", film.report.path, error.message)),
            None => judged.push(film),
        }
    }
    Ok(judged)
}

/// What a calibration is fitted on.
fn scored(film: &Judged) -> Option<Scored> {
    let readers = film.report.readers?;
    Some(Scored {
        convnet: logits(readers.convnet),
        texture: logits(readers.texture),
        label: film.label,
        source: film.source.clone(),
        group: film.group.clone(),
    })
}

/// Everything about the verdict, from judged films.
///
/// # Errors
/// [`ErrorKind::Dataset`] for too few films.
pub fn verdict(val: &[Judged], external: &[Judged], with_texture: bool) -> Result<VerdictEvidence> {
    let undefined = || Error::new(ErrorKind::Dataset, "too few films to measure anything on");
    let title = |source: &str| match source {
        "radiography" => "COVID-19 Radiography Database, adults (val)".to_owned(),
        "kermany" => "Kermany et al., children of 1 to 5 (val)".to_owned(),
        "nih" => "NIH ChestX-ray14, adults (val)".to_owned(),
        "cohen" => "Cohen et al. (val)".to_owned(),
        other => format!("{other} (val)"),
    };
    let mut sets = by_source(val, "val_", &title);
    let all: Vec<&Judged> = external.iter().collect();
    sets.push(set("external", "Cohen et al., other patients (external)", &all));
    let normals: Vec<&Judged> =
        val.iter().filter(|film| film.label == Label::Normal && film.source != "kermany").collect();
    sets.push(set("val_adult_normals", "Normal films of adults: NIH and radiography (val)", &normals));

    let scored: Vec<Scored> = val.iter().filter_map(scored).collect();
    let crossed = cross_fitted(&scored, with_texture);
    let predictions: Vec<Prediction> = scored
        .iter()
        .zip(&crossed)
        .map(|(film, (probabilities, _))| Prediction {
            label: film.label,
            probabilities: *probabilities,
            group: film.group.clone(),
        })
        .collect();
    let covered: Vec<(bool, Prediction)> = scored
        .iter()
        .zip(&crossed)
        .zip(&predictions)
        .map(|((film, (_, set)), prediction)| (set.contains(&film.label), prediction.clone()))
        .collect();
    let outside: Vec<Prediction> =
        external.iter().filter_map(|film| film.prediction(Reader::Verdict)).collect();
    let warned = |children: bool| {
        let chosen = val.iter().filter(|film| (film.source == CHILDREN) == children);
        let marks = chosen.filter_map(|film| {
            let child = film.report.gate.as_ref()?.child > 0.5;
            Some((child, film.prediction(Reader::Verdict)?))
        });
        share(&marks.collect::<Vec<_>>())
    };
    Ok(VerdictEvidence {
        sets,
        calibration: vec![
            calibration("val, fitted on other patients of it", &predictions).ok_or_else(undefined)?,
            calibration("external, as shipped", &outside).ok_or_else(undefined)?,
        ],
        intended_coverage: COVERAGE,
        coverage_on_val: share(&covered),
        risk_coverage: vec![
            risk_coverage("val", &val.iter().collect::<Vec<_>>()).ok_or_else(undefined)?,
            risk_coverage("external", &all).ok_or_else(undefined)?,
        ],
        child_warning: ChildWarning { children: warned(true), adults: warned(false) },
    })
}

/// What the model in a folder makes of anybody's own films.
///
/// # Errors
/// As [`own_films`]; [`ErrorKind::Model`] for a damaged model.
pub fn on_own_films(table: &Path, folder: &Path, say: Progress<'_>) -> Result<Vec<Set>> {
    let films = own_films(table)?;
    say(&format!("reading {} films", films.len()));
    let classifiers = Classifiers::new(Model::read_folder(folder)?);
    let judged = judge(&classifiers, &films.iter().collect::<Vec<_>>(), say)?;
    let mut sets = by_source(&judged, "", &|source| source.to_owned());
    if sets.len() > 1 {
        sets.push(set("all", "all films", &judged.iter().collect::<Vec<_>>()));
    }
    Ok(sets)
}
