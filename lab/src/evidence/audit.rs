//! Does a reader look at lungs, or at something else that tells the collections apart?

use std::collections::BTreeMap;

use covid_classifier::decode::decode;
use covid_classifier::lungs::{LungFields, SIDE};
use covid_classifier::plane::{Affine, Plane, dilate};
use covid_classifier::preprocess::preprocess;
use covid_classifier::radiograph::{Radiograph, Samples};
use covid_classifier::statistics::{Estimate, Prediction};
use covid_classifier::texture::FeatureExtractor;
use covid_classifier::validation::{READERS, Reader, logits, share};
use covid_classifier::verdict::Verdict;
use covid_classifier::{LABELS, Label, Model, Result, convnet, most_probable, softmax};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use crate::crops::{Prepared, View, plain, prepare};
use crate::dataset::{Film, Split};
use crate::engine::{Classifiers, Engine, parallel};
use crate::tools::{Progress, read};
use crate::train::augment::through_jpeg;

/// Films of `val` of one source and class that the audit reads.
const FILMS: usize = 80;

/// A change of the film that should change the answer much, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// None: what the others are compared with.
    None,
    /// The lungs and a little around them black.
    LungsBlack,
    /// All but the outer tenth of every side at the film's mean.
    OnlyBorder,
    /// Bright letters at a random place of each side, as technicians leave them.
    Letters,
    /// To 299 × 299 pixels and back.
    Resampled,
    /// JPEG at quality 40.
    Jpeg40,
    /// Left and right exchanged.
    Mirrored,
}

const CHANGES: [Change; 7] = [
    Change::None,
    Change::LungsBlack,
    Change::OnlyBorder,
    Change::Letters,
    Change::Resampled,
    Change::Jpeg40,
    Change::Mirrored,
];

/// What a change did to a reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The change.
    pub change: Change,
    /// Who answered.
    pub reader: Reader,
    /// Films.
    pub films: usize,
    /// Mean over the three classes of the share called rightly (by the most probable class, of
    /// refused films too); ⅓ is chance.
    pub balanced_accuracy: f64,
    /// Share of films whose most probable class is another than without the change.
    pub changed: Option<Estimate>,
    /// Share of films whose verdict is another than without the change; of the verdict alone.
    pub verdicts_changed: Option<Estimate>,
    /// Share of films that the gate refuses; of the verdict alone.
    pub refused: Option<Estimate>,
}

/// How well the source can be told from what a reader has made of a film, within one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceLeak {
    /// Whose features.
    pub reader: Reader,
    /// The class.
    pub label: Label,
    /// The sources and how many films of each.
    pub sources: BTreeMap<String, usize>,
    /// Mean over the sources of the share told rightly, by a linear classifier on other patients.
    pub balanced_accuracy: f64,
    /// One over the number of sources.
    pub chance: f64,
}

/// The whole audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// Which films.
    pub films: String,
    /// Changes and what they did.
    pub effects: Vec<Effect>,
    /// Answers of the convnet reader to the crop of the unchanged film with the lungs black: what
    /// their outline and rim give away.
    pub outline_only: f64,
    /// How well sources can be told.
    pub source_leaks: Vec<SourceLeak>,
}

/// The film with its lungs black: the map's lungs and three of its pixels around them.
fn without_lungs(film: &Plane<u8>, fields: &LungFields) -> Plane<u8> {
    let lungs: Vec<f32> = fields.map.pixels.iter().map(|&p| if p > 0.5 { 1.0 } else { 0.0 }).collect();
    let around = Plane { width: SIDE, height: SIDE, pixels: dilate(&lungs, SIDE, 3) };
    let place = fields.to_film();
    let pixels = film.pixels.iter().enumerate().map(|(k, &pixel)| {
        let (x, y) = ((k % film.width) as f32 + 0.5, (k / film.width) as f32 + 0.5);
        if around.at((x - place.x0) / place.xx, (y - place.y0) / place.yy) > 0.5 { 0 } else { pixel }
    });
    Plane { width: film.width, height: film.height, pixels: pixels.collect() }
}

fn resampled(film: &Plane<u8>, width: usize, height: usize) -> Plane<u8> {
    let (xx, yy) = (film.width as f32 / width as f32, film.height as f32 / height as f32);
    let affine = Affine { xx, xy: 0.0, x0: 0.0, yx: 0.0, yy, y0: 0.0 };
    let pixels = (0..width * height).map(|k| {
        let (x, y) = affine.apply((k % width) as f32 + 0.5, (k / width) as f32 + 0.5);
        film.at(x, y).round() as u8
    });
    Plane { width, height, pixels: pixels.collect() }
}

/// Five bright block letters of about an eleventh of the film's width, in two corners and over the
/// upper half of the film.
fn with_letters(film: &Plane<u8>) -> Plane<u8> {
    // L and R on a grid of 4 × 5.
    const LETTERS: [[u8; 5]; 2] =
        [[0b1000, 0b1000, 0b1000, 0b1000, 0b1111], [0b1110, 0b1001, 0b1110, 0b1010, 0b1001]];
    let mut changed = film.clone();
    let dot = (film.width / 48).max(1);
    let places = [(0.04, 0.05, 0), (0.85, 0.05, 1), (0.3, 0.22, 0), (0.62, 0.3, 1), (0.04, 0.85, 1)];
    for (left, top, letter) in places {
        let (x0, y0) = ((left * film.width as f64) as usize, (top * film.height as f64) as usize);
        for (row, bits) in LETTERS[letter].iter().enumerate() {
            for column in (0..4).filter(|column| bits >> (3 - column) & 1 == 1) {
                for y in y0 + row * dot..(y0 + (row + 1) * dot).min(film.height) {
                    let line = &mut changed.pixels[y * film.width..(y + 1) * film.width];
                    let end = (x0 + (column + 1) * dot).min(film.width);
                    line[(x0 + column * dot).min(end)..end].fill(245);
                }
            }
        }
    }
    changed
}

fn changed(film: &Plane<u8>, fields: &LungFields, change: Change) -> Plane<u8> {
    let (width, height) = (film.width, film.height);
    let made = |pixel: &dyn Fn(usize, usize) -> u8| {
        let pixels = (0..width * height).map(|k| pixel(k % width, k / width)).collect();
        Plane { width, height, pixels }
    };
    match change {
        Change::None => film.clone(),
        Change::LungsBlack => without_lungs(film, fields),
        Change::OnlyBorder => {
            let mean = (film.pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>()
                / film.pixels.len() as f64) as u8;
            let (dx, dy) = (width / 10, height / 10);
            let inside = |x: usize, y: usize| (dx..width - dx).contains(&x) && (dy..height - dy).contains(&y);
            made(&|x, y| if inside(x, y) { mean } else { film.pixels[y * width + x] })
        }
        Change::Letters => with_letters(film),
        Change::Resampled => resampled(&resampled(film, 299, 299), width, height),
        Change::Jpeg40 => {
            // The coder of the augmentation takes squares: pad by repeating the edge.
            let side = width.max(height);
            let square = (0..side * side).map(|k| {
                let (x, y) = ((k % side).min(width - 1), (k / side).min(height - 1));
                f32::from(film.pixels[y * width + x]) / 255.0
            });
            let square: Vec<f32> = square.collect();
            let coded = through_jpeg(&square, side, 40).unwrap_or(square);
            made(&|x, y| (coded[y * side + x] * 255.0).round() as u8)
        }
        Change::Mirrored => made(&|x, y| film.pixels[y * width + width - 1 - x]),
    }
}

/// The most probable class of every reader, and the verdict.
struct Answers {
    labels: [Label; 3],
    verdict: Verdict,
}

fn balanced(pairs: &[(Label, Label)]) -> f64 {
    let recall = |label: Label| {
        let of: Vec<_> = pairs.iter().filter(|(truth, _)| *truth == label).collect();
        of.iter().filter(|(truth, answer)| truth == answer).count() as f64 / of.len().max(1) as f64
    };
    LABELS.map(recall).iter().sum::<f64>() / 3.0
}

/// Runs the audit on `val` (at most 80 films of a source and class) and `external`.
///
/// # Errors
/// Of the first film that cannot be read.
pub fn audit(films: &[Film], classifiers: &Classifiers, say: Progress<'_>) -> Result<Audit> {
    let model = classifiers.model();
    let (segmenter, reader) = Engine::of_model(model)?;
    let mut counts: BTreeMap<(String, Label), usize> = BTreeMap::new();
    let labelled = films.iter().filter_map(|film| Some((film.clone(), film.label()?)));
    let (chosen, labels): (Vec<Film>, Vec<Label>) = labelled
        .filter(|(film, label)| match film.split {
            Split::External => true,
            Split::Val => {
                let count = counts.entry((film.source.clone(), *label)).or_default();
                *count += 1;
                *count <= FILMS
            }
            Split::Train | Split::Test => false,
        })
        .unzip();
    let prepared = prepare(chosen, &segmenter)?;
    say(&format!("shortcut audit: {} films, {} changes", prepared.len(), CHANGES.len() - 1));

    let mut answers: Vec<Vec<Answers>> = Vec::new();
    for change in CHANGES {
        let one = |film: &Prepared| -> Result<Answers> {
            let Plane { width, height, pixels } = changed(&film.film, film.fields(), change);
            let film = Radiograph::drawn(width, height, Samples::U8(pixels));
            let report = classifiers.lend(|classifier| classifier.classify_film("", film).report)?;
            let both = report.readers.map(|readers| {
                model.calibration.probabilities(logits(readers.convnet), logits(readers.texture))
            });
            let (Some(readers), Some(both), Some(verdict)) = (report.readers, both, report.verdict) else {
                return Ok(Answers { labels: [Label::Normal; 3], verdict: Verdict::Refused });
            };
            let labels = [both.into(), readers.convnet, readers.texture].map(most_probable);
            Ok(Answers { labels, verdict })
        };
        answers.push(parallel(&prepared, one).into_iter().collect::<Result<_>>()?);
    }
    let prediction = |k: usize| Prediction {
        label: labels[k],
        probabilities: [1.0, 0.0, 0.0],
        group: prepared[k].about.patient_group.clone(),
    };
    let mark = |hit: &dyn Fn(usize) -> bool| {
        let marks: Vec<(bool, Prediction)> = (0..prepared.len()).map(|k| (hit(k), prediction(k))).collect();
        share(&marks)
    };
    let mut effects = Vec::new();
    for (c, change) in CHANGES.into_iter().enumerate() {
        for (r, reader) in READERS.into_iter().enumerate() {
            let pairs: Vec<(Label, Label)> =
                labels.iter().zip(&answers[c]).map(|(&label, answer)| (label, answer.labels[r])).collect();
            let compared = change != Change::None;
            let of_verdict = |share: Option<Estimate>| if reader == Reader::Verdict { share } else { None };
            effects.push(Effect {
                change,
                reader,
                films: prepared.len(),
                balanced_accuracy: balanced(&pairs),
                changed: compared
                    .then(|| mark(&|k| answers[c][k].labels[r] != answers[0][k].labels[r]))
                    .flatten(),
                verdicts_changed: of_verdict(
                    compared.then(|| mark(&|k| answers[c][k].verdict != answers[0][k].verdict)).flatten(),
                ),
                refused: of_verdict(mark(&|k| answers[c][k].verdict == Verdict::Refused)),
            });
        }
    }

    let blind = parallel(&prepared, |film| {
        let black = without_lungs(&film.film, film.fields());
        let crop = convnet::crop(&black, film.fields(), reader.side());
        let maps = reader.run(&crop.values)?.maps;
        Ok(most_probable(softmax(crop.logits(&maps)).into()))
    });
    let blind = blind.into_iter().collect::<Result<Vec<Label>>>()?;
    let blind: Vec<(Label, Label)> = labels.iter().copied().zip(blind).collect();
    let source_leaks = source_leaks(&prepared, model, &reader)?;
    Ok(Audit {
        films: format!(
            "{} films: external, and at most {FILMS} of each source and class of val",
            prepared.len()
        ),
        effects,
        outline_only: balanced(&blind),
        source_leaks,
    })
}

fn source_leaks(films: &[Prepared], model: &Model, reader: &Engine) -> Result<Vec<SourceLeak>> {
    let both = parallel(films, |film| -> Result<[Vec<f64>; 2]> {
        let features = reader.run(&plain(film, View::Lungs, reader.side()).values)?.features;
        let equalized = preprocess(&decode(&read(&film.about.path)?)?);
        let components = model.texture.components(&FeatureExtractor::new().features(&equalized));
        Ok([features.into_iter().map(f64::from).collect(), components])
    });
    let both = both.into_iter().collect::<Result<Vec<_>>>()?;
    let mut leaks = Vec::new();
    for (r, reader) in [Reader::Convnet, Reader::Texture].into_iter().enumerate() {
        for label in LABELS {
            let mut sources: BTreeMap<String, usize> = BTreeMap::new();
            let of_class = || films.iter().enumerate().filter(|(_, film)| film.about.label() == Some(label));
            of_class().for_each(|(_, film)| *sources.entry(film.about.source.clone()).or_default() += 1);
            sources.retain(|_, count| *count >= 15);
            if sources.len() < 2 {
                continue;
            }
            let names: Vec<&String> = sources.keys().collect();
            let rows: Vec<(&[f64], usize, &str)> = of_class()
                .filter_map(|(k, film)| {
                    let source = names.iter().position(|name| **name == film.about.source)?;
                    Some((&both[k][r][..], source, film.about.patient_group.as_str()))
                })
                .collect();
            leaks.push(SourceLeak {
                reader,
                label,
                balanced_accuracy: told(&rows, names.len()),
                chance: 1.0 / names.len() as f64,
                sources: sources.clone(),
            });
        }
    }
    Ok(leaks)
}

/// The balanced accuracy of a ridge classifier over five folds of patients.
fn told(rows: &[(&[f64], usize, &str)], classes: usize) -> f64 {
    const FOLDS: u32 = 5;
    const RIDGE: f64 = 1.0;
    let fold = |group: &str| {
        group.bytes().fold(17_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte)) % FOLDS
    };
    let width = rows.first().map_or(0, |row| row.0.len());
    let mut hits = vec![(0.0, 0.0); classes];
    for k in 0..FOLDS {
        let train: Vec<_> = rows.iter().filter(|row| fold(row.2) != k).collect();
        let mean: Vec<f64> =
            (0..width).map(|i| train.iter().map(|row| row.0[i]).sum::<f64>() / train.len() as f64).collect();
        let deviation = |i: usize| {
            (train.iter().map(|row| (row.0[i] - mean[i]).powi(2)).sum::<f64>() / train.len() as f64).sqrt()
        };
        let deviation: Vec<f64> = (0..width).map(|i| deviation(i).max(1e-9)).collect();
        let value = |row: &[f64], i: usize| if i == width { 1.0 } else { (row[i] - mean[i]) / deviation[i] };
        let count = |class: usize| train.iter().filter(|row| row.1 == class).count().max(1) as f64;
        let counts: Vec<f64> = (0..classes).map(count).collect();
        // Every source weighs the same.
        let weight =
            |row: &(&[f64], usize, &str)| (train.len() as f64 / classes as f64 / counts[row.1]).sqrt();
        let x = DMatrix::from_fn(train.len(), width + 1, |r, i| weight(train[r]) * value(train[r].0, i));
        let y = DMatrix::from_fn(train.len(), classes, |r, c| {
            weight(train[r]) * if train[r].1 == c { 1.0 } else { 0.0 }
        });
        let mut gram = x.transpose() * &x;
        (0..width).for_each(|i| gram[(i, i)] += RIDGE * train.len() as f64 / 50.0);
        let Some(solved) = gram.cholesky().map(|factor| factor.solve(&(x.transpose() * y))) else {
            return f64::NAN;
        };
        for row in rows.iter().filter(|row| fold(row.2) == k) {
            let score = |class: usize| (0..=width).map(|i| value(row.0, i) * solved[(i, class)]).sum::<f64>();
            let best = (0..classes).max_by(|&a, &b| score(a).total_cmp(&score(b)));
            hits[row.1].1 += 1.0;
            hits[row.1].0 += if best == Some(row.1) { 1.0 } else { 0.0 };
        }
    }
    hits.iter().map(|(hit, all)| hit / f64::max(*all, 1.0)).sum::<f64>() / classes as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn a_source_that_shows_is_told_and_one_that_does_not_is_not() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut rows = |shift: f64| -> Vec<(Vec<f64>, usize, String)> {
            (0..300)
                .map(|k| {
                    let source = usize::from(k % 3 == 0);
                    let mut row: Vec<f64> = (0..6).map(|_| rng.random_range(-1.0..1.0)).collect();
                    row[2] += shift * source as f64;
                    (row, source, format!("p{k}"))
                })
                .collect()
        };
        let told = |rows: &[(Vec<f64>, usize, String)]| {
            told(&rows.iter().map(|row| (&row.0[..], row.1, row.2.as_str())).collect::<Vec<_>>(), 2)
        };
        assert!(told(&rows(3.0)) > 0.95);
        assert!((told(&rows(0.0)) - 0.5).abs() < 0.1);
    }

    #[test]
    fn changes_do_what_they_say() {
        let pixels: Vec<u8> = (0..60 * 40).map(|k| (k % 251) as u8).collect();
        let film = Plane { width: 60, height: 40, pixels };
        let mut map = vec![0.0; SIDE * SIDE];
        for y in 50..80 {
            map[y * SIDE + 30..y * SIDE + 60].fill(0.9);
        }
        let fields = LungFields::new(map, 60, 40);
        assert_eq!(changed(&film, &fields, Change::None), film);
        let black = changed(&film, &fields, Change::LungsBlack);
        assert!(black.pixels.iter().filter(|&&pixel| pixel == 0).count() > 150);
        assert_eq!(black.pixels[0..60], film.pixels[0..60]);
        let mirrored = changed(&film, &fields, Change::Mirrored);
        assert_eq!(changed(&mirrored, &fields, Change::Mirrored), film);
        let border = changed(&film, &fields, Change::OnlyBorder);
        assert_eq!(border.pixels[..60], film.pixels[..60]);
        assert_eq!(border.pixels[20 * 60 + 30], border.pixels[15 * 60 + 20]);
        for change in [Change::Letters, Change::Resampled, Change::Jpeg40] {
            let other = changed(&film, &fields, change);
            assert_eq!((other.width, other.height), (60, 40));
            assert_ne!(other, film);
        }
    }
}
