//! Evidence: how well the readers do, on which films, with what uncertainty.

mod areas;
pub mod audit;
pub mod authors;
pub mod disjoint;
pub mod elsewhere;
pub mod features;
pub mod gate;
pub mod texture;
pub mod verdict;

use std::path::Path;

use covid_classifier::network::{Network, Weights};
use covid_classifier::statistics::Prediction;
use covid_classifier::validation::{Reader, Scores, scores};
use covid_classifier::{LABELS, Model, PerLabel, Result, convnet, softmax};
use serde::{Deserialize, Serialize};

use self::audit::{Audit, audit};
use self::gate::{Trial, try_out};
use self::texture::Metrics;
use self::verdict::{VerdictEvidence, judge, verdict};
use crate::crops::{View, plain, prepare};
use crate::dataset::{Film, Split, films};
use crate::engine::{Classifiers, Engine, parallel};
use crate::tools::{Progress, read};
use crate::train::photographs::photographs_or_none;
use crate::train::recipe::Run;
use crate::train::{experiments, lungs};

/// `models/metrics.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The paper's reader.
    #[serde(flatten)]
    pub texture: Metrics,
    /// The segmenter.
    pub lungs: LungsEvidence,
    /// The verdict and both readers.
    pub verdict: VerdictEvidence,
    /// What the gate refuses.
    pub gate: Vec<Trial>,
    /// The shortcut audit.
    pub audit: Audit,
    /// The convnet's recipe without any film of Cohen et al., on all of them.
    pub without_cohen: Option<Stricter>,
    /// What other ways to train gave.
    pub experiments: Vec<Run>,
}

/// The segmenter on masks that it was not trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LungsEvidence {
    /// Masks, of other patients than those of training.
    pub masks: usize,
    /// Mean Dice coefficient.
    pub dice: f64,
    /// The smallest.
    pub smallest_dice: f64,
    /// The same for each source.
    #[serde(default)]
    pub sources: Vec<lungs::SourceDice>,
    /// Weights and biases.
    pub parameters: usize,
}

/// The same recipe without a source, on all films of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stricter {
    /// Films of each class.
    pub films: PerLabel<usize>,
    /// The convnet reader alone.
    pub scores: Scores,
}

/// Where everything is that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The folder with the films.
    pub data: &'a Path,
    /// The folder with the model.
    pub model: &'a Path,
    /// Pictures that are not chest films; the folder may be missing.
    pub photographs: &'a Path,
    /// The weights of the same recipe trained without the films of Cohen et al.; never shipped, and may be missing.
    pub without_cohen: &'a Path,
}

/// Measures everything about the model in `folder`.
///
/// # Errors
/// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) for missing films, [`ErrorKind::Model`](covid_classifier::ErrorKind::Model) for a damaged model.
pub fn measure(places: &Places<'_>, say: Progress<'_>) -> Result<Evidence> {
    let classifiers = Classifiers::new(Model::read_folder(places.model)?);
    let Model { manifest, id, .. } = classifiers.model();
    let data = places.data;
    let all = films(data)?;

    say("the lung segmenter on the masks held out");
    let (segmenter, reader) = Engine::of_model(classifiers.model())?;
    let held_out = lungs::masks(data, &[])?.held_out;
    let dice = lungs::dice(&segmenter, &held_out)?;
    let lungs = LungsEvidence {
        masks: dice.len(),
        dice: dice.iter().sum::<f64>() / dice.len() as f64,
        smallest_dice: dice.iter().copied().fold(1.0, f64::min),
        sources: lungs::by_source(&segmenter, &held_out)?,
        parameters: Network::lungs().parameter_count(),
    };

    let of = |split: Split| all.iter().filter(|film| film.split == split).collect::<Vec<&Film>>();
    say("the whole pipeline on val and external");
    let val = judge(&classifiers, &of(Split::Val), say)?;
    let external = judge(&classifiers, &of(Split::External), say)?;
    let texture_scale = manifest.calibration.as_ref().map_or(0.0, |calibration| calibration.texture_scale);
    let verdict = verdict(&val, &external, texture_scale != 0.0)?;

    say("the gate on val, external and what it must refuse");
    let shown =
        all.iter().filter(|film| matches!(film.split, Split::Val | Split::External)).cloned().collect();
    let prepared = prepare(shown, &segmenter)?;
    let pictures = photographs_or_none(places.photographs)?;
    let gate = try_out(&classifiers.model().gate, &prepared, &pictures, &segmenter, &reader)?;
    drop(prepared);

    let audit = audit(&all, &classifiers, say)?;
    let without_cohen = match places.without_cohen.is_file() {
        true => Some(without_cohen(&all, &segmenter, &read(places.without_cohen)?, say)?),
        false => None,
    };
    let experiments = experiments::read(&places.model.join("experiments.json"))?.runs;
    say("the paper's reader");
    let weights = &classifiers.model().texture;
    let texture = texture::evaluate(data, manifest, id.clone(), weights, say)?;
    Ok(Evidence { texture, lungs, verdict, gate, audit, without_cohen, experiments })
}

fn without_cohen(all: &[Film], segmenter: &Engine, weights: &[u8], say: Progress<'_>) -> Result<Stricter> {
    say("the same recipe without Cohen et al., on all films of it");
    let network = Network::convnet(convnet::SIDE);
    let reader = Engine::new(network.clone(), Weights::from_bytes(&network, weights)?)?;
    let films = prepare(all.iter().filter(|film| film.source == "cohen").cloned().collect(), segmenter)?;
    let predictions = parallel(&films, |film| {
        let crop = plain(film, View::Lungs, reader.side());
        let probabilities = softmax(crop.logits(&reader.run(&crop.values)?.maps));
        let group = film.about.patient_group.clone();
        Ok(film.about.label().map(|label| Prediction { label, probabilities, group }))
    });
    let predictions = predictions.into_iter().collect::<Result<Vec<_>>>()?;
    let predictions: Vec<Prediction> = predictions.into_iter().flatten().collect();
    let count = |label| predictions.iter().filter(|prediction| prediction.label == label).count();
    Ok(Stricter { films: LABELS.map(count).into(), scores: scores(Reader::Convnet, &predictions) })
}
