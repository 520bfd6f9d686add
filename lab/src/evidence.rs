//! Evidence: how well the readers do, on which films, and with what uncertainty.

mod areas;
pub mod audit;
pub mod authors;
pub mod disjoint;
pub mod elsewhere;
pub mod features;
pub mod gate;
pub mod hospitals;
pub mod texture;
pub mod verdict;

use std::path::Path;

use covid_classifier::network::Network;
use covid_classifier::{Model, Result};
use serde::{Deserialize, Serialize};

use self::audit::{Audit, audit};
use self::gate::{Trial, try_out};
use self::texture::Metrics;
use self::verdict::{VerdictEvidence, read_films, verdict};
use crate::crops::prepare;
use crate::dataset::{Film, Split, films};
use crate::engine::{Classifiers, Engine};
use crate::tools::Progress;
use crate::train::experiments::{Experiments, Explored};
use crate::train::photographs::photographs_or_none;
use crate::train::recipe::Run;
use crate::train::{experiments, left_out, lungs};

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
    /// The gate's decisions, per kind of picture.
    pub gate: Vec<Trial>,
    /// The shortcut audit.
    pub audit: Audit,
    /// Results of other ways to train.
    pub experiments: Vec<Run>,
    /// Earlier short runs of another program.
    #[serde(default)]
    pub explored: Explored,
}

/// The segmenter on masks that it was not trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LungsEvidence {
    /// Number of masks, all of patients who do not train.
    pub masks: usize,
    /// Mean Dice coefficient.
    pub dice: f64,
    /// The smallest Dice coefficient.
    pub smallest_dice: f64,
    /// The same for each source.
    #[serde(default)]
    pub sources: Vec<lungs::SourceDice>,
    /// Weights and biases.
    pub parameters: usize,
}

/// The folders and files that the measurement reads.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The folder with the films.
    pub data: &'a Path,
    /// The folder with the model.
    pub model: &'a Path,
    /// Pictures that are not chest films; the folder may be missing.
    pub photographs: &'a Path,
    /// The answers of networks to films of sources that they were trained without.
    pub left_out: &'a Path,
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
        sources: lungs::by_source(&held_out, &dice),
        parameters: Network::lungs().parameter_count(),
    };

    let of = |split: Split| all.iter().filter(|film| film.split == split).collect::<Vec<&Film>>();
    let pictures = photographs_or_none(places.photographs)?;
    if pictures.counts() == (0, 0) {
        say(&format!(
            "no photographs in {}: the gate's table has no row for them; tests/reference/photographs.sh collects some",
            places.photographs.display()
        ));
    }
    say("the whole pipeline on val and external");
    let val = read_films(&classifiers, &of(Split::Val), say)?;
    let external = read_films(&classifiers, &of(Split::External), say)?;
    let left_out = left_out::read(places.left_out)?;
    let verdict = verdict(&val, &external, &left_out, &classifiers.model().calibration)?;
    drop((val, external));

    say("the gate on val, external and what it must refuse");
    let shown =
        all.iter().filter(|film| matches!(film.split, Split::Val | Split::External)).cloned().collect();
    let prepared = prepare(shown, &segmenter)?;
    let gate = try_out(&classifiers.model().gate, &prepared, &pictures, &segmenter, &reader)?;
    drop(prepared);

    let audit = audit(&all, &classifiers, say)?;
    let Experiments { runs: experiments, explored } =
        experiments::read(&places.model.join("experiments.json"))?;
    say("the paper's reader");
    let weights = &classifiers.model().texture;
    let texture = texture::evaluate(data, manifest, id.clone(), weights, say)?;
    Ok(Evidence { texture, lungs, verdict, gate, audit, experiments, explored })
}
