//! Puts trained parts into the model's folder and updates its manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use covid_classifier::compute::SelfTest;
use covid_classifier::gate::Gate;
use covid_classifier::model::{MANIFEST, Manifest, NetworksTraining, Part, SCHEMA};
use covid_classifier::network::{Network, Weights};
use covid_classifier::texture::feature_names;
use covid_classifier::{Error, ErrorKind, LABELS, PerLabel, Result, convnet as reader};

use crate::crops::{Prepared, View, prepare};
use crate::dataset::{Split, films};
use crate::engine::Engine;
use crate::evidence::gate::try_out;
use crate::paper::PaperSet;
use crate::tools::{PROGRAM, Progress, read};
use crate::train::calibration::fit;
use crate::train::gate::train;
use crate::train::left_out;
use crate::train::photographs::photographs;
use crate::train::recipe::Run;
use crate::train::texture::Trained;

/// Rewrites the manifest in `folder`.
fn update(folder: &Path, change: impl FnOnce(&mut Manifest)) -> Result<()> {
    let path = folder.join(MANIFEST);
    let mut manifest = Manifest::from_json(&read(&path)?)?;
    change(&mut manifest);
    Ok(std::fs::write(path, manifest.to_json()?)?)
}

/// Puts a part's weights into the model and returns their path.
///
/// # Errors
/// [`ErrorKind::Io`] where the folder cannot be written, [`ErrorKind::Model`] for a damaged
/// manifest.
pub fn weights(folder: &Path, part: Part, bytes: &[u8]) -> Result<PathBuf> {
    let mut manifest = Manifest::from_json(&read(&folder.join(MANIFEST))?)?;
    let path = folder.join(manifest.set_file(part, bytes));
    std::fs::write(&path, bytes)?;
    std::fs::write(folder.join(MANIFEST), manifest.to_json()?)?;
    Ok(path)
}

/// The weights of a part of the model, which need not be complete.
///
/// # Errors
/// [`ErrorKind::Io`], [`ErrorKind::Model`].
pub fn part(folder: &Path, part: Part) -> Result<Vec<u8>> {
    let manifest = Manifest::from_json(&read(&folder.join(MANIFEST))?)?;
    read(&folder.join(&manifest.file(part)?.path))
}

/// Trains the texture reader on the authors' split with `seeds` seeds, and writes the one with the best *validation*
/// loss and its manifest into `out`.
///
/// # Errors
/// [`ErrorKind::Dataset`] where the films are not there; [`ErrorKind::Io`] where the model cannot
/// be written.
pub fn texture(data: &Path, out: &Path, seeds: u64, say: Progress<'_>) -> Result<Manifest> {
    let paper = PaperSet::load(data, say)?;
    let all = paper.train_seeds(seeds, say)?.into_iter().map(|(trained, _)| trained);
    let best = best(all).ok_or_else(|| Error::new(ErrorKind::Dataset, "no seed to train with"))?;
    let weights = best.weights.to_bytes()?;
    // Keeps the other networks' part of an existing manifest.
    let before = std::fs::read(out.join(MANIFEST)).ok();
    let before = before.and_then(|bytes| Manifest::from_json(&bytes).ok());
    let mut manifest = Manifest {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        labels: LABELS,
        feature_names: feature_names(),
        files: before.iter().flat_map(|manifest| manifest.files.clone()).collect(),
        training: paper.provenance(&best)?,
        networks: before.as_ref().and_then(|manifest| manifest.networks.clone()),
        calibration: before.as_ref().and_then(|manifest| manifest.calibration.clone()),
        self_test: before.and_then(|manifest| manifest.self_test),
    };
    let path = manifest.set_file(Part::Texture, &weights);
    std::fs::create_dir_all(out)?;
    std::fs::write(out.join(path), &weights)?;
    std::fs::write(out.join(MANIFEST), manifest.to_json()?)?;
    say(&format!(
        "wrote {}: seed {} (validation loss {:.4} at epoch {})",
        out.display(),
        best.seed,
        best.validation_loss,
        best.epoch
    ));
    Ok(manifest)
}

/// The seed with the least *validation* loss.
fn best(all: impl Iterator<Item = Trained>) -> Option<Trained> {
    all.min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss))
}

fn counts<'a>(films: impl Iterator<Item = &'a Prepared>) -> BTreeMap<String, PerLabel<usize>> {
    let mut table: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for film in films {
        let Some(label) = film.about.label() else { continue };
        table.entry(film.about.source.clone()).or_default()[label.index()] += 1;
    }
    table.into_iter().map(|(source, counts)| (source, counts.into())).collect()
}

/// Puts the convnet reader into the model, with its provenance.
///
/// # Errors
/// As [`weights`]; [`ErrorKind::Model`] for a recipe whose weights this program does not run.
pub fn convnet(folder: &Path, films: &[Prepared], run: &Run, bytes: &[u8]) -> Result<()> {
    let recipe = &run.recipe;
    if recipe.side != reader::SIDE || recipe.view != View::Lungs {
        return Err(Error::new(ErrorKind::Model, "only a reader of 128 × 128 lung crops can be shipped"));
    }
    let kept = || films.iter().filter(|film| !recipe.without.contains(&film.about.source));
    let json = |error| Error::with_source(ErrorKind::Internal, "cannot write the recipe", error);
    let networks = NetworksTraining {
        films: counts(kept().filter(|film| film.about.split == Split::Train)),
        validation_films: counts(kept().filter(|film| film.about.split == Split::Val)),
        recipe: serde_json::to_value(recipe).map_err(json)?,
        epoch: run.last.epoch,
        program: PROGRAM.to_owned(),
    };
    weights(folder, Part::Convnet, bytes)?;
    update(folder, |manifest| manifest.networks = Some(networks))
}

/// The segmenter of a model, and its convnet reader.
fn networks(folder: &Path) -> Result<(Weights, Weights)> {
    let segmenter = Weights::from_bytes(&Network::lungs(), &part(folder, Part::Lungs)?)?;
    let reader = Weights::from_bytes(&Network::convnet(reader::SIDE), &part(folder, Part::Convnet)?)?;
    Ok((segmenter, reader))
}

/// Both networks on the engine that ships.
fn engines(folder: &Path) -> Result<(Engine, Engine)> {
    let (segmenter, weights) = networks(folder)?;
    Ok((Engine::new(Network::lungs(), segmenter)?, Engine::new(Network::convnet(reader::SIDE), weights)?))
}

/// Trains the gate and puts it into the model.
///
/// # Errors
/// [`ErrorKind::Dataset`] for missing films or photographs, [`ErrorKind::Io`], [`ErrorKind::Model`].
pub fn gate(data: &Path, folder: &Path, pictures: &Path, progress: Progress<'_>) -> Result<()> {
    let (segmenter, reader) = engines(folder)?;
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
    let gate = train(&films, &photographs, &segmenter, &reader, progress)?;
    let bytes = gate.to_bytes()?;
    let gate = Gate::from_bytes(&bytes)?;
    let shown: Vec<Prepared> = films.into_iter().filter(|film| film.about.split == Split::Val).collect();
    for trial in try_out(&gate, &shown, &photographs, &segmenter, &reader)? {
        let share = 100.0 * trial.refused as f64 / trial.n as f64;
        progress(&format!(
            "{:<44} {:>4} of {:>4} refused ({share:.1} %)",
            trial.name, trial.refused, trial.n
        ));
    }
    weights(folder, Part::Gate, &bytes).map(|_| ())
}

/// Calibrates the verdict on the table of left-out sources and writes the calibration into the manifest.
///
/// # Errors
/// [`ErrorKind::Dataset`] for a missing table, [`ErrorKind::Io`], [`ErrorKind::Model`].
pub fn verdict(table: &Path, folder: &Path, progress: Progress<'_>) -> Result<()> {
    let rows = left_out::read(table)?;
    let fit = fit(&rows.iter().collect::<Vec<_>>())?;
    let calibration = &fit.calibration;
    let least: [f64; 3] = calibration.least_probability.into();
    let thresholds: Vec<String> =
        LABELS.iter().zip(least).map(|(label, p)| format!("{} {p:.3}", label.name())).collect();
    progress(&format!(
        "{} films of sources left out; loss {:.4} nats; convnet × {:.3}; a class is in the set from {}",
        rows.len(),
        fit.loss,
        calibration.convnet_scale,
        thresholds.join(", ")
    ));
    update(folder, |manifest| manifest.calibration = Some(fit.calibration.clone()))?;
    self_test(folder)
}

/// Writes the networks' answers to the known film into the manifest.
///
/// # Errors
/// [`ErrorKind::Io`], [`ErrorKind::Model`].
pub fn self_test(folder: &Path) -> Result<()> {
    let (segmenter, weights) = networks(folder)?;
    let (lungs, convnet) = (Network::lungs(), Network::convnet(reader::SIDE));
    let known = SelfTest::new((&lungs, &segmenter), (&convnet, &weights))?;
    update(folder, |manifest| manifest.self_test = Some(known))
}

#[cfg(test)]
mod tests {
    use covid_classifier::model::sha256;

    use super::*;
    use crate::crops::tests::phantom;
    use crate::train::recipe::{Epoch, Recipe};

    /// A copy of the shipped model.
    fn copy() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let models = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../models"));
        let manifest = Manifest::from_json(&read(&models.join(MANIFEST)).unwrap()).unwrap();
        for name in manifest.files.iter().map(|file| &file.path[..]).chain([MANIFEST]) {
            std::fs::copy(models.join(name), folder.path().join(name)).unwrap();
        }
        folder
    }

    fn manifest(folder: &Path) -> Manifest {
        Manifest::from_json(&read(&folder.join(MANIFEST)).unwrap()).unwrap()
    }

    #[test]
    fn the_seed_with_the_least_loss_is_shipped() {
        use covid_classifier::texture::TextureWeights;

        let folder = copy();
        let weights = TextureWeights::from_bytes(&part(folder.path(), Part::Texture).unwrap()).unwrap();
        let trained =
            |seed, validation_loss| Trained { weights: weights.clone(), seed, epoch: 1, validation_loss };
        let all = [trained(1, 0.5), trained(2, 0.2), trained(3, 0.4)];
        assert_eq!(best(all.into_iter()).unwrap().seed, 2);
    }

    #[test]
    fn shipped_weights_are_those_that_the_manifest_names() {
        let folder = copy();
        let path = weights(folder.path(), Part::Gate, b"weights").unwrap();
        assert_eq!(read(&path).unwrap(), b"weights");
        assert_eq!(manifest(folder.path()).file(Part::Gate).unwrap().sha256, sha256(b"weights"));
        assert_eq!(part(folder.path(), Part::Gate).unwrap(), b"weights");
    }

    #[test]
    fn a_shipped_reader_comes_with_the_films_that_trained_it() {
        let folder = copy();
        let films: Vec<Prepared> = [
            ("one", LABELS[0], Split::Train),
            ("one", LABELS[2], Split::Train),
            ("two", LABELS[0], Split::Train),
            ("two", LABELS[1], Split::Val),
            ("two", LABELS[1], Split::External),
        ]
        .into_iter()
        .zip(0..)
        .map(|((source, label, split), seed)| phantom(source, label, split, seed))
        .collect();
        let last = Epoch {
            epoch: 4,
            step: 9,
            loss: 0.1,
            validation: BTreeMap::new(),
            left_out: BTreeMap::new(),
            seconds: 1.0,
        };
        let mut run = Run { recipe: Recipe { without: vec!["two".into()], ..Recipe::default() }, last };
        convnet(folder.path(), &films, &run, b"reader").unwrap();
        let networks = manifest(folder.path()).networks.unwrap();
        assert_eq!(networks.epoch, 4);
        assert_eq!(networks.films, BTreeMap::from([("one".to_owned(), [1, 0, 1].into())]));
        run.recipe.without.clear();
        convnet(folder.path(), &films, &run, b"reader").unwrap();
        let networks = manifest(folder.path()).networks.unwrap();
        assert_eq!(networks.films["two"], [1, 0, 0].into());
        assert_eq!(networks.validation_films, BTreeMap::from([("two".to_owned(), [0, 1, 0].into())]));
        run.recipe.side = 160;
        assert_eq!(convnet(folder.path(), &films, &run, b"reader").unwrap_err().kind(), ErrorKind::Model);
    }

    /// Writing the known answers again gives the shipped ones, up to the order in which another processor sums.
    #[test]
    fn the_self_test_of_the_shipped_weights_is_the_shipped_one() {
        let folder = copy();
        let before = manifest(folder.path());
        self_test(folder.path()).unwrap();
        let after = manifest(folder.path());
        assert_eq!(after.files, before.files);
        let (before, after) = (before.self_test.unwrap(), after.self_test.unwrap());
        for (a, b) in [(before.lungs, after.lungs), (before.convnet, after.convnet)] {
            assert!(a.maps.len() == b.maps.len() && a.features.len() == b.features.len());
            let pairs = a.maps.iter().zip(&b.maps).chain(a.features.iter().zip(&b.features));
            let furthest = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(furthest < 1e-4, "{furthest}");
        }
    }
}
