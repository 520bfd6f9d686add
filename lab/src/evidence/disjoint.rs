//! The paper's recipe, five-fold, no patient on two sides.

use std::collections::BTreeSet;

use covid_classifier::statistics::{Estimate, Prediction, accuracy, confusion, proportion};
use covid_classifier::{Label, PerLabel, Result};
use serde::{Deserialize, Serialize};

use super::areas::{aucs, undefined};
use crate::paper::{FOLDS, PaperSet, patient_folds};
use crate::tools::Progress;
use crate::train::texture::{Example, train};

/// The recipe, five-fold, no patient on two sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PatientDisjoint {
    pub folds: usize,
    pub films: usize,
    pub patients: usize,
    pub accuracy: Estimate,
    pub confusion: [[usize; 3]; 3],
    pub sensitivity: PerLabel<Estimate>,
    pub auc: PerLabel<Estimate>,
}

/// Trains and tests every fold.
///
/// # Errors
/// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) for too few films.
pub fn patient_disjoint(paper: &PaperSet, say: Progress<'_>) -> Result<PatientDisjoint> {
    let fold_of = patient_folds(&paper.films);
    let mut predictions = Vec::new();
    for fold in 0..FOLDS {
        // The next fold stops the training; the other three train.
        let validation_fold = (fold + 1) % FOLDS;
        let of = |wanted: &dyn Fn(usize) -> bool| -> Vec<&Example> {
            paper
                .examples
                .iter()
                .zip(&fold_of)
                .filter(|(_, f)| wanted(**f))
                .map(|(example, _)| example)
                .collect()
        };
        let training = of(&|f| f != fold && f != validation_fold);
        let validation = of(&|f| f == validation_fold);
        let trained = train(&training, &validation, 1, |_| ())?;
        let tested = paper.predictions(&trained.weights, |k| fold_of[k] == fold);
        say(&format!(
            "patient-disjoint fold {} of {FOLDS}: {} trained, {} tested, accuracy {:.4}",
            fold + 1,
            training.len(),
            tested.len(),
            accuracy(&tested)
        ));
        predictions.extend(tested);
    }
    let sensitivity = |label| {
        let films: Vec<Prediction> = predictions.iter().filter(|o| o.label == label).cloned().collect();
        proportion(&films, |o| o.answer() == o.label).ok_or_else(undefined)
    };
    Ok(PatientDisjoint {
        folds: FOLDS,
        films: predictions.len(),
        patients: predictions.iter().map(|o| &o.group).collect::<BTreeSet<_>>().len(),
        accuracy: proportion(&predictions, |o| o.answer() == o.label).ok_or_else(undefined)?,
        confusion: confusion(&predictions),
        sensitivity: PerLabel {
            covid19: sensitivity(Label::Covid19)?,
            normal: sensitivity(Label::Normal)?,
            pneumonia: sensitivity(Label::Pneumonia)?,
        },
        auc: aucs(&predictions)?,
    })
}
