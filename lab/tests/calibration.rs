//! Fitting the stored logits gives the shipped calibration.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use covid_classifier::LABELS;
use covid_classifier::model::{MANIFEST, Manifest};
use covid_lab::train::calibration::fit;
use covid_lab::train::left_out;

#[test]
fn the_shipped_calibration_is_fitted_on_the_stored_logits() {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = left_out::read(&lab.join("models/left-out.csv")).unwrap();
    let fitted = fit(&rows.iter().collect::<Vec<_>>()).unwrap().calibration;
    let manifest = std::fs::read(lab.join("../models").join(MANIFEST)).unwrap();
    let shipped = Manifest::from_json(&manifest).unwrap().calibration.unwrap();
    let numbers = |calibration: &covid_classifier::verdict::Calibration| {
        let of_class = LABELS.map(|label| [calibration.bias[label], calibration.least_probability[label]]);
        [[calibration.convnet_scale, calibration.texture_scale], of_class[0], of_class[1], of_class[2]]
    };
    for (shipped, fitted) in numbers(&shipped).iter().flatten().zip(numbers(&fitted).iter().flatten()) {
        assert!((shipped - fitted).abs() < 1e-4, "{shipped}, fitted {fitted}: run ./build.sh train verdict");
    }
}
