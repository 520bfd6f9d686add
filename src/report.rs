//! What leaves the pipeline: one serialisable struct, the same on the page, in the program's JSON and
//! in the tests. Keys are frozen: later versions add, none rename.
//!
//! What a stage reports is declared beside the stage; here it is put together.

use serde::{Deserialize, Serialize};

use crate::compute::Backend;
use crate::convnet::ActivationSummary;
use crate::error::{Error, Failure};
use crate::explain::Explanation;
use crate::frame::Frame;
use crate::gate::GateReport;
use crate::label::{Label, PerLabel};
use crate::lungs::LungAreas;
use crate::model::ModelId;
use crate::radiograph::{Provenance, ReadAs};
use crate::reason::Reason;
use crate::verdict::{Finding, Verdict};
use crate::warnings::Warning;

/// The report on one film. On an error, all but `path` and `error` is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Report {
    /// The path or name the caller gave.
    pub path: String,
    /// Probabilities, calibrated on films of sources that the networks had not seen; `None` where the film is
    /// refused.
    pub probabilities: Option<PerLabel>,
    /// What is said of the film.
    pub verdict: Option<Verdict>,
    /// Each reader's own answer, of refused films too.
    pub readers: Option<Readers>,
    /// What makes this film unlike those that the readers know.
    pub warnings: Option<Vec<Warning>>,
    /// Why there is no reading.
    pub error: Option<Failure>,
    /// The film as decoded.
    pub film: Option<Provenance>,
    /// What moved the logits.
    pub explanation: Option<Explanation>,
    /// Which model answered.
    pub model: Option<ModelId>,
    /// How long each stage took.
    pub elapsed_ms: Option<Elapsed>,
    /// The classes that cannot be excluded, most probable first; `None` where the film is refused.
    pub prediction_set: Option<Vec<Label>>,
    /// Why the verdict is `uncertain`; empty where it is not.
    pub abstentions: Option<Vec<Reason>>,
    /// Whether the film may be judged.
    pub gate: Option<GateReport>,
    /// The lung fields.
    pub lungs: Option<LungAreas>,
    /// Where the convnet reader found what speaks for its answer.
    pub activation: Option<ActivationSummary>,
    /// What ran the networks.
    pub backend: Option<Backend>,
    /// The graphics adapter that ran them, if one did.
    pub adapter: Option<String>,
    /// The calibrated probability that the film is not normal; `None` where the film is refused.
    pub abnormal: Option<f64>,
    /// Whether the film is normal, which is said first; `None` where the film is refused.
    pub finding: Option<Finding>,
    /// Where on the picture the film lies that was read; `None` where it is all of the picture. What is said of lungs and
    /// of the size is of the film, what is shown lies on the picture.
    pub frame: Option<Frame>,
    /// How the film was read if not as it is stored: all that is said and shown is of the altered film. `None` where
    /// nothing was altered.
    pub read_as: Option<ReadAs>,
}

impl Report {
    /// The report on a film that could not be read.
    pub fn failed(path: impl Into<String>, error: &Error) -> Self {
        Self {
            path: path.into(),
            probabilities: None,
            verdict: None,
            readers: None,
            warnings: None,
            error: Some(error.into()),
            film: None,
            explanation: None,
            model: None,
            elapsed_ms: None,
            prediction_set: None,
            abstentions: None,
            gate: None,
            lungs: None,
            activation: None,
            backend: None,
            adapter: None,
            abnormal: None,
            finding: None,
            frame: None,
            read_as: None,
        }
    }
}

/// The softmax of each reader's logits. Not calibrated: not a chance of disease.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Readers {
    /// The paper's COVID-Classifier.
    pub texture: PerLabel,
    /// The convnet reader, on the lung crop.
    pub convnet: PerLabel,
}

/// How long each stage took, in milliseconds: of `frame`, `lungs` and `convnet` over all that was tried. `frame` was a
/// part of `preprocess` in reports of earlier versions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[allow(missing_docs)]
pub struct Elapsed {
    pub decode: f64,
    #[serde(default)]
    pub frame: f64,
    pub preprocess: f64,
    pub features: f64,
    pub classify: f64,
    pub lungs: f64,
    pub convnet: f64,
    pub total: f64,
}

#[cfg(test)]
mod tests {
    use ts_rs::{Config, TS};

    use crate::compute::{Attempt, AttemptOutcome, Choice, SetbackKind};
    use crate::convnet::{ActivationSummary, Rectangle};
    use crate::decode::DicomTag;
    use crate::error::{ErrorKind, Failure, ForeignFormat};
    use crate::explain::{BlockContribution, Explanation, FeatureContribution};
    use crate::model::{ModelId, Training};
    use crate::network::TroubleKind;
    use crate::radiograph::{Color, Format, Provenance, VoiFunction};
    use crate::reason::{Reason, ReasonKind, Remedy, RemedyKind};
    use crate::show::{ProposedWindow, Window, Windows};
    use crate::warnings::{Warning, WarningKind};

    use super::*;

    const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/www/report/report.d.ts");

    fn declaration<T: TS + 'static>() -> String {
        // JSON has one kind of number.
        let config = Config::new().with_large_int("number");
        let docs = T::docs().unwrap_or_default();
        let text = format!("{docs}export {}\n", T::decl(&config));
        // What the comments say in the words of rustdoc.
        text.replace("`None`", "`null`").replace("[`", "`").replace("`]", "`")
    }

    /// Keys that were added since a report was written are `None` where it is read again.
    #[test]
    fn reports_of_earlier_versions_are_read() {
        let report = Report::failed("film.png", &Error::new(ErrorKind::Empty, ""));
        let mut value = serde_json::to_value(&report).unwrap();
        for key in ["abnormal", "finding", "frame", "read_as"] {
            assert!(value.as_object_mut().unwrap().remove(key).is_some(), "no {key}");
        }
        assert_eq!(serde_json::from_value::<Report>(value).unwrap(), report);
    }

    /// `www/report/report.d.ts` declares what Rust gives: `UPDATE_GOLDENS=1 cargo test -p covid-classifier --lib shapes` writes it again.
    #[test]
    fn shapes_in_typescript_are_those_of_rust() {
        let declarations = [
            declaration::<Label>(),
            declaration::<PerLabel>(),
            declaration::<Report>(),
            declaration::<Readers>(),
            declaration::<Verdict>(),
            declaration::<Finding>(),
            declaration::<Reason>(),
            declaration::<ReasonKind>(),
            declaration::<Remedy>(),
            declaration::<RemedyKind>(),
            declaration::<ReadAs>(),
            declaration::<Warning>(),
            declaration::<WarningKind>(),
            declaration::<Failure>(),
            declaration::<ErrorKind>(),
            declaration::<ForeignFormat>(),
            declaration::<Provenance>(),
            declaration::<Format>(),
            declaration::<Color>(),
            declaration::<Explanation>(),
            declaration::<BlockContribution>(),
            declaration::<FeatureContribution>(),
            declaration::<ModelId>(),
            declaration::<Training>(),
            declaration::<Elapsed>(),
            declaration::<GateReport>(),
            declaration::<Frame>(),
            declaration::<LungAreas>(),
            declaration::<ActivationSummary>(),
            declaration::<Rectangle>(),
            declaration::<Backend>(),
            declaration::<Choice>(),
            declaration::<Attempt>(),
            declaration::<AttemptOutcome>(),
            declaration::<SetbackKind>(),
            declaration::<TroubleKind>(),
            declaration::<Windows>(),
            declaration::<Window>(),
            declaration::<ProposedWindow>(),
            declaration::<VoiFunction>(),
            declaration::<DicomTag>(),
        ];
        let head = "// The shapes of what Rust reports, written by a test of src/report.rs from the Rust types. Not to be edited.\n";
        let text = format!("{head}\n{}", declarations.join("\n"));
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(PATH, &text).unwrap();
        }
        let checked_in = std::fs::read_to_string(PATH).unwrap_or_default();
        assert!(
            checked_in == text,
            "www/report/report.d.ts is stale; write it again with UPDATE_GOLDENS=1 cargo test -p covid-classifier --lib shapes"
        );
        // Whatever a report holds is declared: no declaration names a type that is not there.
        let declared: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("export type ")).collect();
        assert_eq!(declared.len(), declarations.len());
    }
}
