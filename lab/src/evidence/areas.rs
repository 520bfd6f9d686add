//! Areas under the ROC curve, for all classes or none.

use covid_classifier::statistics::{Estimate, Prediction, class_area};
use covid_classifier::{Error, ErrorKind, Label, PerLabel, Result};

/// The error where there are too few films.
pub(super) fn undefined() -> Error {
    Error::new(ErrorKind::Dataset, "too few films of a class to measure on")
}

/// One class against the others.
pub(super) fn aucs(predictions: &[Prediction]) -> Result<PerLabel<Estimate>> {
    let of = |label| class_area(predictions, label).ok_or_else(undefined);
    Ok(PerLabel {
        covid19: of(Label::Covid19)?,
        normal: of(Label::Normal)?,
        pneumonia: of(Label::Pneumonia)?,
    })
}
