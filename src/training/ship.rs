//! Puts trained parts into the model's folder and keeps its manifest true.

use std::collections::BTreeMap;
use std::path::Path;

use crate::compute::SelfTest;
use crate::convnet;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Gate;
use crate::model_file::{
    CONVNET_FILE, GATE_FILE, LUNGS_FILE, Manifest, Networks, TEXTURE_FILE, TextureWeights,
};
use crate::network::{Network, Weights};
use crate::pipeline::{Input, film_features};
use crate::report::{LABELS, PerLabel};
use crate::texture::FeatureExtractor;
use crate::training::calibration::{Scored, fit};
use crate::training::convnet::{Outcome, Prepared, View, parallel, plain, prepare};
use crate::training::dataset::{Split, films};
use crate::training::gate::{Photographs, photographs, train, try_out};
use crate::training::operations::run;

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|error| Error::with_source(ErrorKind::Io, format!("{}", path.display()), error))
}

/// Rewrites the manifest in `folder`.
fn update(folder: &Path, change: impl FnOnce(&mut Manifest)) -> Result<()> {
    let path = folder.join("manifest.json");
    let mut manifest = Manifest::from_json(&read(&path)?)?;
    change(&mut manifest);
    Ok(std::fs::write(path, manifest.to_json()?)?)
}

/// Puts a weight file into the model.
///
/// # Errors
/// [`ErrorKind::Io`] where the folder cannot be written, [`ErrorKind::Model`] for a damaged
/// manifest.
pub fn file(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    std::fs::write(folder.join(name), bytes)?;
    update(folder, |manifest| manifest.set_file(name, bytes))
}

fn counts<'a>(films: impl Iterator<Item = &'a Prepared>) -> BTreeMap<String, PerLabel<usize>> {
    let mut table: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    films.for_each(|film| table.entry(film.about.source.clone()).or_default()[film.about.label.index()] += 1);
    table.into_iter().map(|(source, counts)| (source, counts.into())).collect()
}

/// Puts the convnet reader into the model.
///
/// # Errors
/// As [`file()`]; [`ErrorKind::Model`] for a recipe whose weights this program does not run.
pub fn convnet(folder: &Path, films: &[Prepared], outcome: &Outcome, weights: &[u8]) -> Result<()> {
    let recipe = &outcome.recipe;
    if recipe.side != convnet::SIDE || recipe.view != View::Lungs {
        return Err(Error::new(ErrorKind::Model, "only a reader of 128 × 128 lung crops can be shipped"));
    }
    let kept = || films.iter().filter(|film| recipe.without.as_ref() != Some(&film.about.source));
    let json = |error| Error::with_source(ErrorKind::Internal, "cannot write the recipe", error);
    let networks = Networks {
        films: counts(kept().filter(|film| film.about.split == Split::Train)),
        validation_films: counts(kept().filter(|film| film.about.split == Split::Val)),
        recipe: serde_json::to_value(recipe).map_err(json)?,
        epoch: outcome.best.epoch,
        program: concat!("covid-classifier ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    file(folder, CONVNET_FILE, weights)?;
    update(folder, |manifest| manifest.networks = Some(networks))
}

/// The segmenter and the reader of a model.
pub(crate) fn networks(folder: &Path) -> Result<(Weights, Weights)> {
    let segmenter = Weights::from_bytes(&Network::lungs(), &read(&folder.join(LUNGS_FILE))?)?;
    let reader = Weights::from_bytes(&Network::convnet(convnet::SIDE), &read(&folder.join(CONVNET_FILE))?)?;
    Ok((segmenter, reader))
}

/// Trains the gate and puts it into the model.
///
/// # Errors
/// [`ErrorKind::Dataset`] for missing films or photographs, [`ErrorKind::Io`], [`ErrorKind::Model`].
pub fn gate(data: &Path, folder: &Path, pictures: &Path, progress: &mut dyn FnMut(&str)) -> Result<()> {
    let (segmenter, reader) = networks(folder)?;
    let photographs = match pictures.is_dir() {
        true => photographs(pictures)?,
        false => {
            let message =
                format!("{} is not there: tests/reference/photographs.sh fills it", pictures.display());
            return Err(Error::new(ErrorKind::Dataset, message));
        }
    };
    let (train_count, held_out) = photographs.counts();
    progress(&format!("{train_count} photographs to train on, {held_out} held out"));
    progress("decoding films and finding lungs");
    let films = prepare(films(data)?, &segmenter)?;
    let gate = train(&films, &photographs, &segmenter, &reader, convnet::SIDE, progress)?;
    let bytes = gate.to_bytes()?;
    let gate = Gate::from_bytes(&bytes)?;
    let shown: Vec<Prepared> = films.into_iter().filter(|film| film.about.split == Split::Val).collect();
    for trial in try_out(&gate, &shown, &photographs, &segmenter, &reader, convnet::SIDE) {
        let share = 100.0 * trial.refused as f64 / trial.n as f64;
        progress(&format!(
            "{:<44} {:>4} of {:>4} refused ({share:.1} %)",
            trial.name, trial.refused, trial.n
        ));
    }
    file(folder, GATE_FILE, &bytes)
}

/// The photographs, if they have been collected.
///
/// # Errors
/// [`ErrorKind::Io`].
pub fn photographs_or_none(pictures: &Path) -> Result<Photographs> {
    if pictures.is_dir() { photographs(pictures) } else { Ok(Photographs::default()) }
}

/// Both readers' logits of the validation films.
pub(crate) fn scored(data: &Path, folder: &Path, split: Split) -> Result<Vec<Scored>> {
    let (segmenter, reader) = networks(folder)?;
    let texture = TextureWeights::from_bytes(&read(&folder.join(TEXTURE_FILE))?)?;
    let chosen: Vec<_> = films(data)?.into_iter().filter(|film| film.split == split).collect();
    let network = Network::convnet(convnet::SIDE);
    let one = |film: &Prepared| {
        let crop = plain(film, View::Lungs, convnet::SIDE);
        let output = run(&network, &reader, &crop.values);
        let features = film_features(&mut FeatureExtractor::new(), &read(&film.about.path)?, Input::Film)?;
        let components = texture.reduction.project(&texture.reduction.centered(&features));
        Ok(Scored {
            convnet: crop.logits(&output.maps),
            texture: texture.perceptron.logits(&components),
            label: film.about.label,
            source: film.about.source.clone(),
            group: film.about.patient_group.clone(),
        })
    };
    parallel(&prepare(chosen, &segmenter)?, one).into_iter().collect()
}

/// Calibrates the verdict and writes it into the manifest.
///
/// # Errors
/// [`ErrorKind::Dataset`] for missing films, [`ErrorKind::Io`], [`ErrorKind::Model`].
pub fn verdict(data: &Path, folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<()> {
    progress("both readers on the validation films");
    let scored = scored(data, folder, Split::Val)?;
    let fit = fit(&scored)?;
    let calibration = &fit.calibration;
    progress(&format!(
        "cross-validated loss {:.4} nats with the convnet reader alone, {:.4} with the texture reader: it {}",
        fit.loss_alone,
        fit.loss_with_texture,
        if fit.texture_counts { "counts" } else { "does not count" }
    ));
    let least: [f64; 3] = calibration.least_probability.into();
    let thresholds: Vec<String> =
        LABELS.iter().zip(least).map(|(label, p)| format!("{} {p:.3}", label.name())).collect();
    progress(&format!(
        "convnet × {:.3}, texture × {:.3}; a class is in the set from {}",
        calibration.convnet_scale,
        calibration.texture_scale,
        thresholds.join(", ")
    ));
    update(folder, |manifest| manifest.calibration = Some(fit.calibration.clone()))?;
    self_test(folder)
}

/// Writes what the networks say of the known film into the manifest.
///
/// # Errors
/// [`ErrorKind::Io`], [`ErrorKind::Model`].
pub fn self_test(folder: &Path) -> Result<()> {
    let (segmenter, reader) = networks(folder)?;
    let (lungs, convnet) = (Network::lungs(), Network::convnet(convnet::SIDE));
    let known = SelfTest::new((&lungs, &segmenter), (&convnet, &reader))?;
    update(folder, |manifest| manifest.self_test = Some(known))
}
