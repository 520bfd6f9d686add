//! The part of the evidence that the page shows: `models/evidence.json`.

use std::collections::BTreeMap;

use covid_classifier::PerLabel;
use covid_classifier::model::ModelId;
use covid_classifier::statistics::Estimate;
use covid_classifier::validation::{self, Reader};
use serde::Serialize;

use crate::evidence::Evidence;
use crate::evidence::elsewhere::Measure;
use crate::evidence::hospitals::{self, Kept, Shares};

/// Sets of films whose figures the page shows, beside those of the hospitals.
const SETS: [&str; 2] = ["external", "val_adult_normals"];
const READERS: [Reader; 2] = [Reader::Verdict, Reader::Texture];
const PAIR: &str = "covid19 against pneumonia";
const RISK: &str = "external";
/// Findings outside the classes for which the page says how the verdict answers.
const BEYOND: [&str; 2] = ["tuberculosis", "other"];

/// `models/evidence.json`: the part of `metrics.json` that the page shows, under the same names; the page's
/// `Metrics` (`www/report/types.d.ts`) declares it.
#[derive(Debug, Serialize)]
struct PageEvidence<'a> {
    schema: u32,
    model: &'a ModelId,
    authors_split: AuthorsSplit<'a>,
    patient_disjoint: PatientDisjoint<'a>,
    elsewhere: &'a [Measure],
    verdict: Verdict<'a>,
}

#[derive(Debug, Serialize)]
struct AuthorsSplit<'a> {
    films: usize,
    shipped: Shipped<'a>,
}

#[derive(Debug, Serialize)]
struct Shipped<'a> {
    accuracy: &'a Estimate,
}

#[derive(Debug, Serialize)]
struct PatientDisjoint<'a> {
    folds: usize,
    accuracy: &'a Estimate,
}

#[derive(Debug, Serialize)]
struct Verdict<'a> {
    sets: Vec<Set<'a>>,
    hospitals: Vec<Hospital<'a>>,
    all_unseen: Option<Unseen<'a>>,
    risk_coverage: Vec<Risk<'a>>,
}

#[derive(Debug, Serialize)]
struct Set<'a> {
    id: &'a str,
    title: &'a str,
    films: &'a PerLabel<usize>,
    scores: Vec<Scores<'a>>,
}

#[derive(Debug, Serialize)]
struct Scores<'a> {
    reader: Reader,
    accuracy: &'a Option<Estimate>,
    sensitivity: &'a PerLabel<Option<Estimate>>,
    specificity: &'a PerLabel<Option<Estimate>>,
    auc_of_pairs: BTreeMap<&'a str, &'a Estimate>,
}

#[derive(Debug, Serialize)]
struct Hospital<'a> {
    id: &'a str,
    title: &'a str,
    kept: Kept,
    patients: usize,
    beyond: BTreeMap<&'a str, &'a Shares>,
    normals_named_covid19: &'a Option<Estimate>,
    named: &'a Option<Estimate>,
    right: &'a Option<Estimate>,
}

#[derive(Debug, Serialize)]
struct Unseen<'a> {
    named: &'a Option<Estimate>,
    right: &'a Option<Estimate>,
}

#[derive(Debug, Serialize)]
struct Risk<'a> {
    title: &'a str,
    films: usize,
    accuracy: &'a Estimate,
    accuracy_of_surest_half: &'a Estimate,
}

/// The text of `models/evidence.json`, made from that of `models/metrics.json`. It starts from the file because numbers
/// read from it may differ from the measured ones in the last digit.
///
/// # Errors
/// For a text that is not [`Evidence`].
pub fn for_page(metrics: &str) -> serde_json::Result<String> {
    let evidence: Evidence = serde_json::from_str(metrics)?;
    Ok(serde_json::to_string_pretty(&shown(&evidence))? + "\n")
}

fn shown(evidence: &Evidence) -> PageEvidence<'_> {
    let Evidence { texture, verdict, .. } = evidence;
    PageEvidence {
        schema: texture.schema,
        model: &texture.model,
        authors_split: AuthorsSplit {
            films: texture.authors_split.films,
            shipped: Shipped { accuracy: &texture.authors_split.shipped.accuracy },
        },
        patient_disjoint: PatientDisjoint {
            folds: texture.patient_disjoint.folds,
            accuracy: &texture.patient_disjoint.accuracy,
        },
        elsewhere: &texture.elsewhere,
        verdict: Verdict {
            sets: verdict.sets.iter().filter(|set| SETS.contains(&set.id.as_str())).map(set).collect(),
            hospitals: verdict.hospitals.iter().map(hospital).collect(),
            all_unseen: verdict
                .all_unseen
                .as_ref()
                .map(|all| Unseen { named: &all.named, right: &all.right }),
            risk_coverage: verdict
                .risk_coverage
                .iter()
                .filter(|risk| risk.title == RISK)
                .map(|risk| Risk {
                    title: &risk.title,
                    films: risk.films,
                    accuracy: &risk.accuracy,
                    accuracy_of_surest_half: &risk.accuracy_of_surest_half,
                })
                .collect(),
        },
    }
}

fn set(set: &validation::Set) -> Set<'_> {
    Set {
        id: &set.id,
        title: &set.title,
        films: &set.films,
        scores: set.scores.iter().filter(|scores| READERS.contains(&scores.reader)).map(scores).collect(),
    }
}

fn scores(scores: &validation::Scores) -> Scores<'_> {
    let pairs = scores.auc_of_pairs.iter().filter(|(pair, _)| *pair == PAIR);
    Scores {
        reader: scores.reader,
        accuracy: &scores.accuracy,
        sensitivity: &scores.sensitivity,
        specificity: &scores.specificity,
        auc_of_pairs: pairs.map(|(pair, area)| (pair.as_str(), area)).collect(),
    }
}

fn hospital(hospital: &hospitals::Hospital) -> Hospital<'_> {
    let beyond = hospital.beyond.iter().filter(|(finding, _)| BEYOND.contains(&finding.as_str()));
    Hospital {
        id: &hospital.id,
        title: &hospital.title,
        kept: hospital.kept,
        patients: hospital.patients,
        beyond: beyond.map(|(finding, shares)| (finding.as_str(), shares)).collect(),
        normals_named_covid19: &hospital.normals_named_covid19,
        named: &hospital.named,
        right: &hospital.right,
    }
}
