//! What the verdict and both readers are worth: per source and split, with intervals, calibration,
//! risk and coverage.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::metrics::{Estimate, Outcome, accuracy, auc, bootstrap, class_auc, confusion, proportion};
use crate::error::{Error, ErrorKind, Result};
use crate::pipeline::{Classifier, Reading};
use crate::radiograph::Radiograph;
use crate::report::{LABELS, Label, PerLabel, Report, Verdict};
use crate::training::calibration::{COVERAGE, Scored, cross_fitted};
use crate::training::convnet::parallel;
use crate::training::dataset::Film;

/// A figure on fewer films than this is not given.
const LEAST: usize = 5;

/// As many classifiers as threads ask for at the same time.
pub(crate) struct Pool {
    idle: Mutex<Vec<Classifier>>,
    manifest: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
}

impl Pool {
    /// Of the model in a folder.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path)
                .map_err(|error| Error::with_source(ErrorKind::Io, format!("{}", path.display()), error))
        };
        let files = crate::model_file::FILES.map(|name| read(name).map(|bytes| (name.to_owned(), bytes)));
        let files = files.into_iter().collect::<Result<Vec<_>>>()?;
        let pool = Self { idle: Mutex::default(), manifest: read("manifest.json")?, files };
        let first = pool.make()?;
        pool.put_back(first);
        Ok(pool)
    }

    fn make(&self) -> Result<Classifier> {
        let files: Vec<(&str, &[u8])> =
            self.files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        Classifier::new(&self.manifest, &files)
    }

    fn put_back(&self, classifier: Classifier) {
        self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(classifier);
    }

    /// Lends a classifier.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Classifier) -> T) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
        let mut classifier = match idle {
            Some(classifier) => classifier,
            None => self.make()?,
        };
        let result = work(&mut classifier);
        self.put_back(classifier);
        Ok(result)
    }

    /// Reads a decoded film.
    pub(crate) fn read(&self, film: Radiograph) -> Result<Reading> {
        self.with(|classifier| classifier.classify_film("", film))
    }
}

/// One film and all that was said of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What it is.
    pub label: Label,
    /// The collection.
    pub source: String,
    /// The patient.
    pub group: String,
    /// What was said.
    pub report: Report,
    /// Calibrated probabilities, of refused films too.
    pub probabilities: [f64; 3],
}

/// Logits up to a constant.
pub(crate) fn logits(probabilities: PerLabel) -> [f64; 3] {
    <[f64; 3]>::from(probabilities).map(|p| p.max(1e-300).ln())
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// Both together, calibrated.
    Verdict,
    /// The convnet reader alone.
    Convnet,
    /// The paper's reader alone.
    Texture,
}

/// All of them.
pub const READERS: [Reader; 3] = [Reader::Verdict, Reader::Convnet, Reader::Texture];

impl Judged {
    fn outcome(&self, reader: Reader) -> Option<Outcome> {
        let readers = self.report.readers?;
        let probabilities = match reader {
            Reader::Verdict => self.probabilities,
            Reader::Convnet => readers.convnet.into(),
            Reader::Texture => readers.texture.into(),
        };
        Some(Outcome { label: self.label, probabilities, group: self.group.clone() })
    }

    /// What a calibration is fitted on.
    pub(crate) fn scored(&self) -> Option<Scored> {
        let readers = self.report.readers?;
        Some(Scored {
            convnet: logits(readers.convnet),
            texture: logits(readers.texture),
            label: self.label,
            source: self.source.clone(),
            group: self.group.clone(),
        })
    }
}

/// Reads films through the whole pipeline. A film that cannot be read is left out and named.
pub(crate) fn judge(pool: &Pool, films: &[&Film], say: &mut dyn FnMut(&str)) -> Result<Vec<Judged>> {
    let one = |film: &&Film| -> Result<Judged> {
        let bytes = std::fs::read(&film.path)?;
        let (report, probabilities) = pool.with(|classifier| {
            let report = classifier.classify(&film.path.display().to_string(), &bytes).report;
            let calibration = classifier.calibration();
            let readers = report.readers;
            let both = readers
                .map(|readers| calibration.probabilities(logits(readers.convnet), logits(readers.texture)));
            (report, both.unwrap_or([f64::NAN; 3]))
        })?;
        let (label, source, group) = (film.label, film.source.clone(), film.patient_group.clone());
        Ok(Judged { label, source, group, report, probabilities })
    };
    let mut judged = Vec::new();
    for result in parallel(films, one) {
        let film = result?;
        match &film.report.error {
            Some(error) => say(&format!("{}: {}", film.report.path, error.message)),
            None => judged.push(film),
        }
    }
    Ok(judged)
}

/// One reader on one set of films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Who.
    pub reader: Reader,
    /// Share whose most probable class is right.
    pub accuracy: Option<Estimate>,
    /// `matrix[true][most probable]`: covid19, normal, pneumonia.
    pub confusion: [[usize; 3]; 3],
    /// Of the films of a class, the share called so.
    pub sensitivity: PerLabel<Option<Estimate>>,
    /// Of the films of other classes, the share not called so.
    pub specificity: PerLabel<Option<Estimate>>,
    /// One class against the others.
    pub auc: PerLabel<Option<Estimate>>,
    /// Two classes, by the ratio of their probabilities: `covid19 against pneumonia`.
    pub auc_of_pairs: BTreeMap<String, Estimate>,
}

/// One set of films.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Set {
    /// A name to refer to it.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Films of each class.
    pub films: PerLabel<usize>,
    /// Patients.
    pub patients: usize,
    /// The readers.
    pub scores: Vec<Scores>,
    /// `verdicts[true]`: how many were called covid19, normal, pneumonia, uncertain, refused.
    pub verdicts: [[usize; 5]; 3],
    /// Of the films with a verdict of a class, the share that is right.
    pub accuracy_where_judged: Option<Estimate>,
    /// Share of films whose prediction set holds their class; refused films left out.
    pub coverage: Option<Estimate>,
}

fn optional(estimate: Option<Estimate>, films: usize) -> Option<Estimate> {
    estimate.filter(|_| films >= LEAST)
}

/// A reader's figures.
pub fn scores(reader: Reader, outcomes: &[Outcome]) -> Scores {
    let of = |label: Label, own: bool| -> Vec<Outcome> {
        outcomes.iter().filter(|outcome| (outcome.label == label) == own).cloned().collect()
    };
    let rate = |label: Label, own: bool| {
        let films = of(label, own);
        optional(proportion(&films, |outcome| (outcome.answer() == label) == own), films.len())
    };
    let area = |label: Label| {
        let least = of(label, true).len().min(of(label, false).len());
        if least < LEAST { None } else { bootstrap(outcomes, |sample| class_auc(sample, label)) }
    };
    let mut auc_of_pairs = BTreeMap::new();
    for (k, a) in LABELS.into_iter().enumerate() {
        for b in LABELS.into_iter().skip(k + 1) {
            let pair: Vec<Outcome> =
                outcomes.iter().filter(|o| o.label == a || o.label == b).cloned().collect();
            let count = |label| pair.iter().filter(|outcome| outcome.label == label).count();
            if count(a) < LEAST || count(b) < LEAST {
                continue;
            }
            let score = |o: &Outcome| {
                let ln = |label: Label| o.probabilities[label.index()].max(1e-300).ln();
                (ln(a) - ln(b), o.label == a)
            };
            let area = bootstrap(&pair, |sample| auc(&sample.iter().map(score).collect::<Vec<_>>()));
            if let Some(area) = area {
                auc_of_pairs.insert(format!("{} against {}", a.name(), b.name()), area);
            }
        }
    }
    Scores {
        reader,
        accuracy: optional(proportion(outcomes, |o| o.answer() == o.label), outcomes.len()),
        confusion: confusion(outcomes),
        sensitivity: LABELS.map(|label| rate(label, true)).into(),
        specificity: LABELS.map(|label| rate(label, false)).into(),
        auc: LABELS.map(area).into(),
        auc_of_pairs,
    }
}

/// All figures of a set.
pub fn set(id: &str, title: &str, films: &[&Judged]) -> Set {
    let outcomes = |reader: Reader| films.iter().filter_map(|film| film.outcome(reader)).collect::<Vec<_>>();
    let mut verdicts = [[0; 5]; 3];
    for film in films {
        if let Some(verdict) = film.report.verdict {
            verdicts[film.label.index()][verdict as usize] += 1;
        }
    }
    let judged: Vec<(bool, Outcome)> = films
        .iter()
        .filter_map(|film| {
            let verdict = film.report.verdict?;
            let judged = !matches!(verdict, Verdict::Uncertain | Verdict::Refused);
            Some((verdict == film.label.into(), film.outcome(Reader::Verdict)?)).filter(|_| judged)
        })
        .collect();
    let covered: Vec<(bool, Outcome)> = films
        .iter()
        .filter_map(|film| {
            Some((film.report.prediction_set.as_ref()?.contains(&film.label), film.outcome(Reader::Verdict)?))
        })
        .collect();
    Set {
        id: id.to_owned(),
        title: title.to_owned(),
        films: LABELS.map(|label| films.iter().filter(|film| film.label == label).count()).into(),
        patients: films.iter().map(|film| &film.group).collect::<std::collections::BTreeSet<_>>().len(),
        scores: READERS.map(|reader| scores(reader, &outcomes(reader))).to_vec(),
        verdicts,
        accuracy_where_judged: share(&judged),
        coverage: share(&covered),
    }
}

/// The share of `true`, with its interval over patients.
pub(crate) fn share(films: &[(bool, Outcome)]) -> Option<Estimate> {
    // A hit is an outcome whose answer is its label: what is resampled is kept whole.
    let marked = |(hit, outcome): &(bool, Outcome)| Outcome {
        label: Label::Normal,
        probabilities: if *hit { [0.0, 1.0, 0.0] } else { [1.0, 0.0, 0.0] },
        group: outcome.group.clone(),
    };
    let outcomes: Vec<Outcome> = films.iter().map(marked).collect();
    optional(proportion(&outcomes, |outcome| outcome.answer() == outcome.label), outcomes.len())
}

/// One bar of a calibration diagram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Films whose largest probability falls here.
    pub films: usize,
    /// Their mean largest probability.
    pub confidence: f64,
    /// The share of them that is right.
    pub accuracy: f64,
}

/// How far probabilities are to be believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationEvidence {
    /// Which films.
    pub title: String,
    /// How many.
    pub films: usize,
    /// Mean distance between confidence and accuracy over ten bins, weighted by their films
    /// (expected calibration error).
    pub error: Estimate,
    /// The bins that hold films.
    pub bins: Vec<Bin>,
}

fn bins(outcomes: &[Outcome]) -> Vec<Bin> {
    let mut sums = [(0_usize, 0.0, 0.0); 10];
    for outcome in outcomes {
        let confidence = outcome.probabilities.iter().copied().fold(0.0, f64::max);
        let sum = &mut sums[((confidence * 10.0) as usize).min(9)];
        *sum =
            (sum.0 + 1, sum.1 + confidence, sum.2 + f64::from(u8::from(outcome.answer() == outcome.label)));
    }
    let filled = sums.into_iter().filter(|sum| sum.0 > 0);
    filled
        .map(|(films, c, a)| Bin { films, confidence: c / films as f64, accuracy: a / films as f64 })
        .collect()
}

/// Expected calibration error over ten bins of equal width.
pub fn calibration_error(outcomes: &[Outcome]) -> f64 {
    let weighted =
        bins(outcomes).into_iter().map(|bin| bin.films as f64 * (bin.confidence - bin.accuracy).abs());
    weighted.sum::<f64>() / outcomes.len().max(1) as f64
}

fn calibration(title: &str, outcomes: &[Outcome]) -> Option<CalibrationEvidence> {
    let error = bootstrap(outcomes, |sample| Some(calibration_error(sample)))?;
    Some(CalibrationEvidence { title: title.to_owned(), films: outcomes.len(), error, bins: bins(outcomes) })
}

/// Error among the films that the verdict is surest of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskCoverage {
    /// Which films.
    pub title: String,
    /// How many were not refused.
    pub films: usize,
    /// Accuracy over all of them.
    pub accuracy: Estimate,
    /// Accuracy among the half with the largest probability.
    pub accuracy_of_surest_half: Estimate,
    /// (share of films kept, share of them that is wrong), surest first.
    pub curve: Vec<(f64, f64)>,
}

fn risk_coverage(title: &str, films: &[&Judged]) -> Option<RiskCoverage> {
    let accepted = films.iter().filter(|film| film.report.probabilities.is_some());
    let mut outcomes: Vec<Outcome> = accepted.filter_map(|film| film.outcome(Reader::Verdict)).collect();
    let confidence = |outcome: &Outcome| outcome.probabilities.iter().copied().fold(0.0, f64::max);
    outcomes.sort_by(|a, b| confidence(b).total_cmp(&confidence(a)));
    let n = outcomes.len();
    let right = |sample: &[Outcome]| proportion(sample, |outcome| outcome.answer() == outcome.label);
    let curve = (1..=20).map(|k| n * k / 20).filter(|&kept| kept > 0);
    let curve = curve.map(|kept| (kept as f64 / n as f64, 1.0 - accuracy(&outcomes[..kept]))).collect();
    Some(RiskCoverage {
        title: title.to_owned(),
        films: n,
        accuracy: right(&outcomes)?,
        accuracy_of_surest_half: right(&outcomes[..n.div_ceil(2)])?,
        curve,
    })
}

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

/// The sets that a table of films falls into: by source.
pub(crate) fn by_source(films: &[Judged], prefix: &str, titles: &dyn Fn(&str) -> String) -> Vec<Set> {
    let mut sources: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    films.iter().for_each(|film| sources.entry(&film.source).or_default().push(film));
    sources
        .into_iter()
        .map(|(source, films)| set(&format!("{prefix}{source}"), &titles(source), &films))
        .collect()
}

/// Everything about the verdict, from judged films.
pub(crate) fn verdict(val: &[Judged], external: &[Judged], with_texture: bool) -> Result<VerdictEvidence> {
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

    let scored: Vec<Scored> = val.iter().filter_map(Judged::scored).collect();
    let crossed = cross_fitted(&scored, with_texture);
    let outcomes: Vec<Outcome> = scored
        .iter()
        .zip(&crossed)
        .map(|(film, (probabilities, _))| Outcome {
            label: film.label,
            probabilities: *probabilities,
            group: film.group.clone(),
        })
        .collect();
    let covered: Vec<(bool, Outcome)> = scored
        .iter()
        .zip(&crossed)
        .zip(&outcomes)
        .map(|((film, (_, set)), outcome)| (set.contains(&film.label), outcome.clone()))
        .collect();
    let outside: Vec<Outcome> = external.iter().filter_map(|film| film.outcome(Reader::Verdict)).collect();
    let warned = |children: bool| {
        let chosen = val.iter().filter(|film| (film.source == crate::training::gate::CHILDREN) == children);
        let marks = chosen.filter_map(|film| {
            let child = film.report.gate.as_ref()?.child > 0.5;
            Some((child, film.outcome(Reader::Verdict)?))
        });
        share(&marks.collect::<Vec<_>>())
    };
    Ok(VerdictEvidence {
        sets,
        calibration: vec![
            calibration("val, fitted on other patients of it", &outcomes).ok_or_else(undefined)?,
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

/// Anybody's own films: a table with the columns `path`, `label` and, if they like, `source` and
/// `patient_group`. Paths are relative to the table.
///
/// # Errors
/// [`ErrorKind::Dataset`] for a table of another form.
pub fn own_films(table: &Path) -> Result<Vec<Film>> {
    #[derive(Deserialize)]
    struct Row {
        path: PathBuf,
        label: String,
        #[serde(default)]
        source: Option<String>,
        #[serde(default)]
        patient_group: Option<String>,
    }
    let folder = table.parent().unwrap_or(Path::new("."));
    let rows: Vec<Row> = crate::training::dataset::rows(table)?;
    let film = |(k, row): (usize, Row)| {
        Ok(Film {
            path: folder.join(row.path),
            source: row.source.filter(|source| !source.is_empty()).unwrap_or_else(|| "films".to_owned()),
            label: crate::training::dataset::label(&row.label)?,
            // A film of an unnamed patient is of a patient of its own.
            patient_group: row
                .patient_group
                .filter(|group| !group.is_empty())
                .unwrap_or_else(|| format!("film {k}")),
            split: crate::training::dataset::Split::External,
            original_name: String::new(),
        })
    };
    rows.into_iter().enumerate().map(film).collect()
}

/// What the model in a folder makes of anybody's own films.
///
/// # Errors
/// As [`own_films`]; [`ErrorKind::Model`] for a damaged model.
pub fn on_own_films(table: &Path, folder: &Path, say: &mut dyn FnMut(&str)) -> Result<Vec<Set>> {
    let films = own_films(table)?;
    say(&format!("reading {} films", films.len()));
    let judged = judge(&Pool::new(folder)?, &films.iter().collect::<Vec<_>>(), say)?;
    let mut sets = by_source(&judged, "", &|source| source.to_owned());
    if sets.len() > 1 {
        sets.push(set("all", "all films", &judged.iter().collect::<Vec<_>>()));
    }
    Ok(sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(label: Label, p: f64, k: usize) -> Outcome {
        let mut probabilities = [(1.0 - p) / 2.0; 3];
        probabilities[0] = p;
        Outcome { label, probabilities, group: format!("p{k}") }
    }

    #[test]
    fn calibration_error_is_the_gap() {
        // Half of those said to be COVID-19 with 0.8 are.
        let films: Vec<Outcome> = (0..100)
            .map(|k| outcome(if k % 2 == 0 { Label::Covid19 } else { Label::Normal }, 0.8, k))
            .collect();
        assert!((calibration_error(&films) - 0.3).abs() < 1e-12);
        let right: Vec<Outcome> = (0..100)
            .map(|k| outcome(if k % 5 != 0 { Label::Covid19 } else { Label::Normal }, 0.8, k))
            .collect();
        assert!(calibration_error(&right) < 1e-12);
    }

    #[test]
    fn figures_on_few_films_are_not_given() {
        let films: Vec<Outcome> =
            (0..8).map(|k| outcome(if k < 6 { Label::Covid19 } else { Label::Normal }, 0.9, k)).collect();
        let scores = scores(Reader::Verdict, &films);
        assert!(scores.sensitivity.covid19.is_some_and(|s| s.value == 1.0 && s.n == 6 && s.low < 0.8));
        assert_eq!(scores.sensitivity.normal, None);
        assert!(scores.auc_of_pairs.is_empty());
    }
}
