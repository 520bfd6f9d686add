//! The paper's recipe in five folds, with every patient in one fold only.

use std::collections::BTreeSet;

use covid_classifier::statistics::{Estimate, Prediction, accuracy, confusion, proportion};
use covid_classifier::{Label, PerLabel, Result};
use serde::{Deserialize, Serialize};

use super::areas::{aucs, undefined};
use crate::dataset::Split;
use crate::paper::{FOLDS, PaperSet, patient_folds};
use crate::tools::Progress;
use crate::train::texture::{Example, train};

/// The recipe in five folds, with every patient in one fold only.
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

/// The role of a fold's films when `tested` is tested: the next fold stops the training, the other three train.
fn role(fold: usize, tested: usize) -> Split {
    match fold {
        _ if fold == tested => Split::Test,
        _ if fold == (tested + 1) % FOLDS => Split::Val,
        _ => Split::Train,
    }
}

/// Trains and tests every fold.
///
/// # Errors
/// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) for too few films.
pub fn patient_disjoint(paper: &PaperSet, say: Progress<'_>) -> Result<PatientDisjoint> {
    let fold_of = patient_folds(&paper.films);
    let mut predictions = Vec::new();
    for fold in 0..FOLDS {
        let of = |wanted: &dyn Fn(usize) -> bool| -> Vec<&Example> {
            paper
                .examples
                .iter()
                .zip(&fold_of)
                .filter(|(_, f)| wanted(**f))
                .map(|(example, _)| example)
                .collect()
        };
        let training = of(&|f| role(f, fold) == Split::Train);
        let validation = of(&|f| role(f, fold) == Split::Val);
        let trained = train(&training, &validation, 1, |_| ())?;
        let tested = paper.predictions(&trained.weights, |k| role(fold_of[k], fold) == Split::Test);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fold_is_tested_once_and_never_trains_then() {
        for tested in 0..FOLDS {
            let roles: Vec<Split> = (0..FOLDS).map(|fold| role(fold, tested)).collect();
            let count = |split| roles.iter().filter(|role| **role == split).count();
            assert_eq!((count(Split::Test), count(Split::Val), count(Split::Train)), (1, 1, FOLDS - 2));
            assert_eq!(roles[tested], Split::Test);
        }
        assert_eq!(role(0, FOLDS - 1), Split::Val, "the folds are a circle");
    }
}
