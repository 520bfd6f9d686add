//! Tests whether a reader looks at the lungs or at something else that tells the collections apart, and whether the
//! verdict withstands what people do to films.

mod change;

pub use change::Change;

use std::collections::BTreeMap;

use covid_classifier::decode::decode;
use covid_classifier::preprocess::preprocess;
use covid_classifier::radiograph::Radiograph;
use covid_classifier::reason::ReasonKind;
use covid_classifier::statistics::{Estimate, Prediction};
use covid_classifier::texture::FeatureExtractor;
use covid_classifier::validation::{READERS, Reader, logits, share};
use covid_classifier::verdict::{Finding, Verdict};
use covid_classifier::warnings::WarningKind;
use covid_classifier::{LABELS, Label, Model, Result, convnet, most_probable, softmax};
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use crate::crops::{Prepared, View, plain, prepare};
use crate::dataset::{Film, Split};
use crate::engine::{Classifiers, Engine, parallel};
use crate::tools::{Progress, read};
use crate::train::negatives::generator;
use change::{CHANGES, changed, without_lungs};

/// The most films of `val` that the audit reads per source and class.
const FILMS: usize = 80;
/// The films that it reads with each usual change, spread evenly over splits, sources and classes.
const FILMS_AS_USUAL: usize = 300;
/// The first seed of the random parts of a change.
const SEED: u64 = 31;

/// The effect of a change on a reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The change.
    pub change: Change,
    /// The reader.
    pub reader: Reader,
    /// Films.
    pub films: usize,
    /// Mean over the three classes of the share answered rightly by the most probable class, with refused films
    /// included; ⅓ is chance.
    pub balanced_accuracy: f64,
    /// Share of films whose most probable class differs from that without the change.
    pub changed: Option<Estimate>,
    /// Share of films whose verdict differs from that without the change; for the verdict only.
    pub verdicts_changed: Option<Estimate>,
    /// Share of films that the gate refuses; for the verdict only.
    pub refused: Option<Estimate>,
    /// Share of films that are taken for enhanced, for which COVID-19 is not named; for the verdict only.
    #[serde(default)]
    pub enhanced: Option<Estimate>,
    /// The changes of verdicts; for the verdict only.
    pub verdicts: Option<Verdicts>,
}

/// The effect of a change on verdicts. Where nothing else is said, these are shares of the films that are refused
/// neither with the change nor without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdicts {
    /// The verdict differs.
    pub changed: Option<Estimate>,
    /// One class is named without the change, and another one with it.
    pub class_changed: Option<Estimate>,
    /// The verdict changes between *normal* and *not normal*, in either direction.
    #[serde(default)]
    pub finding_changed: Option<Estimate>,
    /// A class is named without the change but not with it.
    pub became_uncertain: Option<Estimate>,
    /// A class is named with the change but not without it.
    pub became_named: Option<Estimate>,
    /// Share of all normal films that are called COVID-19 with the change and not without.
    pub normal_became_covid19: Option<Estimate>,
    /// The same share if COVID-19 were named on enhanced films too.
    #[serde(default)]
    pub normal_became_covid19_without_asking: Option<Estimate>,
    /// Share of all films for which a wrong class is named.
    pub named_wrong: Option<Estimate>,
    /// The same share for the same films without the change.
    pub named_wrong_without: Option<Estimate>,
}

/// How well a film's source can be told from a reader's features, within one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceLeak {
    /// The reader whose features are used.
    pub reader: Reader,
    /// The class.
    pub label: Label,
    /// The sources, with the number of films of each.
    pub sources: BTreeMap<String, usize>,
    /// Mean over the sources of the share that a linear classifier, fitted on other patients, tells rightly.
    pub balanced_accuracy: f64,
    /// One over the number of sources.
    pub chance: f64,
}

/// The share of a source's unchanged films that are taken for enhanced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TakenForEnhanced {
    /// The source.
    pub source: String,
    /// Their share.
    pub share: Estimate,
}

/// The whole audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// Which films.
    pub films: String,
    /// Changes and their effects.
    pub effects: Vec<Effect>,
    /// The shares of unchanged films that are taken for enhanced, by source.
    #[serde(default)]
    pub taken_for_enhanced: Vec<TakenForEnhanced>,
    /// Balanced accuracy of the convnet reader on crops with the lungs black: what their outline and rim give away.
    pub outline_only: f64,
    /// How well sources can be told apart.
    pub source_leaks: Vec<SourceLeak>,
}

/// The most probable class of every reader, and the verdict.
struct Answers {
    labels: [Label; 3],
    finding: Finding,
    verdict: Verdict,
    /// Whether the film seems enhanced.
    is_enhanced: bool,
    /// Whether COVID-19 would be named if the film did not seem enhanced.
    is_withheld: bool,
}

impl Answers {
    fn refused() -> Self {
        Self {
            labels: [Label::Normal; 3],
            finding: Finding::CannotSay,
            verdict: Verdict::Refused,
            is_enhanced: false,
            is_withheld: false,
        }
    }

    /// Whether COVID-19 is named, or would be if enhancement were ignored.
    fn is_covid19_without_asking(&self) -> bool {
        self.verdict == Verdict::Covid19 || self.is_withheld
    }
}

fn balanced(pairs: &[(Label, Label)]) -> f64 {
    let recall = |label: Label| {
        let of: Vec<_> = pairs.iter().filter(|(truth, _)| *truth == label).collect();
        of.iter().filter(|(truth, answer)| truth == answer).count() as f64 / of.len().max(1) as f64
    };
    LABELS.map(recall).iter().sum::<f64>() / 3.0
}

/// A film with its answers without and with a change.
#[derive(Clone, Copy)]
struct Pair<'a> {
    film: &'a Film,
    label: Label,
    without: &'a Answers,
    with: &'a Answers,
}

impl Pair<'_> {
    /// The verdicts without and with the change, unless either refuses the film.
    fn judged(&self) -> Option<[Verdict; 2]> {
        let verdicts = [self.without.verdict, self.with.verdict];
        (!verdicts.contains(&Verdict::Refused)).then_some(verdicts)
    }

    fn is_wrong(&self, answers: &Answers) -> bool {
        is_named(answers.verdict) && answers.verdict != Verdict::from(self.label)
    }
}

fn is_named(verdict: Verdict) -> bool {
    !matches!(verdict, Verdict::Uncertain | Verdict::Refused)
}

/// The share of the pairs for which `hit` holds, with an interval over patients. Pairs for which it gives `None` do not
/// count.
fn rate(pairs: &[Pair<'_>], hit: impl Fn(&Pair<'_>) -> Option<bool>) -> Option<Estimate> {
    let marked = |pair: &Pair<'_>| {
        let (label, group) = (pair.label, pair.film.patient_group.clone());
        Some((hit(pair)?, Prediction { label, probabilities: [1.0, 0.0, 0.0], group: group.into() }))
    };
    share(&pairs.iter().filter_map(marked).collect::<Vec<_>>())
}

fn verdicts(pairs: &[Pair<'_>]) -> Verdicts {
    let judged = |hit: fn(Verdict, Verdict) -> bool| {
        rate(pairs, |pair| pair.judged().map(|[without, with]| hit(without, with)))
    };
    let normal_became_covid19 = |pair: &Pair<'_>| {
        let became = pair.without.verdict != Verdict::Covid19 && pair.with.verdict == Verdict::Covid19;
        (pair.label == Label::Normal).then_some(became)
    };
    let without_asking = |pair: &Pair<'_>| {
        let became = !pair.without.is_covid19_without_asking() && pair.with.is_covid19_without_asking();
        (pair.label == Label::Normal).then_some(became)
    };
    let finding_changed = |pair: &Pair<'_>| {
        let findings = [pair.without.finding, pair.with.finding];
        let is_said = !findings.contains(&Finding::CannotSay);
        pair.judged().map(|_| is_said && findings[0] != findings[1])
    };
    Verdicts {
        finding_changed: rate(pairs, finding_changed),
        changed: judged(|without, with| without != with),
        class_changed: judged(|without, with| is_named(without) && is_named(with) && without != with),
        became_uncertain: judged(|without, with| is_named(without) && !is_named(with)),
        became_named: judged(|without, with| !is_named(without) && is_named(with)),
        normal_became_covid19: rate(pairs, normal_became_covid19),
        normal_became_covid19_without_asking: rate(pairs, without_asking),
        named_wrong: rate(pairs, |pair| Some(pair.is_wrong(pair.with))),
        named_wrong_without: rate(pairs, |pair| Some(pair.is_wrong(pair.without))),
    }
}

/// The effect of `change` on every reader.
fn effects(change: Change, pairs: &[Pair<'_>]) -> Vec<Effect> {
    let effect = |(r, reader): (usize, Reader)| {
        let answered: Vec<(Label, Label)> =
            pairs.iter().map(|pair| (pair.label, pair.with.labels[r])).collect();
        let (compared, of_verdict) = (change != Change::None, reader == Reader::Verdict);
        let mark = |of: bool, hit: &dyn Fn(&Pair<'_>) -> bool| {
            of.then(|| rate(pairs, |pair| Some(hit(pair)))).flatten()
        };
        Effect {
            change,
            reader,
            films: pairs.len(),
            balanced_accuracy: balanced(&answered),
            changed: mark(compared, &|pair| pair.with.labels[r] != pair.without.labels[r]),
            verdicts_changed: mark(compared && of_verdict, &|pair| pair.with.verdict != pair.without.verdict),
            refused: mark(of_verdict, &|pair| pair.with.verdict == Verdict::Refused),
            enhanced: mark(of_verdict, &|pair| pair.with.is_enhanced),
            verdicts: (compared && of_verdict).then(|| verdicts(pairs)),
        }
    };
    READERS.into_iter().enumerate().map(effect).collect()
}

/// All answers to a film.
fn answer(film: Radiograph, classifiers: &Classifiers) -> Result<Answers> {
    let report = classifiers.lend(|classifier| classifier.classify_film("", film).report)?;
    let (Some(readers), Some(verdict)) = (report.readers, report.verdict) else {
        return Ok(Answers::refused());
    };
    let finding = report.finding.unwrap_or(Finding::CannotSay);
    let calibration = &classifiers.model().calibration;
    let both = calibration.probabilities(logits(readers.convnet), logits(readers.texture));
    let labels = [both.into(), readers.convnet, readers.texture].map(most_probable);
    let is_enhanced = report.warnings.iter().flatten().any(|warning| warning.kind == WarningKind::Enhanced);
    let is_withheld = report.abstentions.iter().flatten().any(|reason| reason.kind == ReasonKind::Enhanced);
    Ok(Answers { labels, finding, verdict, is_enhanced, is_withheld })
}

/// For each of `keys`, whether it has occurred at most `most` times so far.
fn at_most<K: Ord>(keys: impl Iterator<Item = K>, most: usize) -> Vec<bool> {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    let mut count = |key: K| {
        let count = counts.entry(key).or_default();
        *count += 1;
        *count <= most
    };
    keys.map(&mut count).collect()
}

/// For each of `keys`, whether it is among the `most` that are read. They are spread evenly over the keys, as far as
/// there are enough.
fn spread<K: Ord + Clone>(keys: &[K], most: usize) -> Vec<bool> {
    let of_each = |number: usize| at_most(keys.iter().cloned(), number);
    let fits = |number: &usize| of_each(*number).into_iter().filter(|few| *few).count() <= most;
    of_each((1..=most).take_while(fits).last().unwrap_or(0))
}

/// The films that the audit reads: `external`, and at most 80 of each source and class of `val`.
fn chosen(films: &[Film]) -> Vec<Film> {
    let labelled = |film: &&Film| film.label().is_some();
    let of = |split: Split| films.iter().filter(labelled).filter(move |film| film.split == split);
    let few = at_most(of(Split::Val).map(|film| (&film.source, film.finding)), FILMS);
    let val = of(Split::Val).zip(few).filter_map(|(film, few)| few.then_some(film));
    val.chain(of(Split::External)).cloned().collect()
}

/// For every source, the share of its films that are taken for enhanced.
fn taken_for_enhanced(films: &[Prepared], answers: &[Answers]) -> Vec<TakenForEnhanced> {
    let mut sources: BTreeMap<&str, Vec<Pair<'_>>> = BTreeMap::new();
    for (film, answer) in films.iter().zip(answers) {
        let Some(label) = film.about.label() else { continue };
        let pair = Pair { film: &film.about, label, without: answer, with: answer };
        sources.entry(&film.about.source).or_default().push(pair);
    }
    let share = |(source, pairs): (&str, Vec<Pair<'_>>)| {
        let share = rate(&pairs, |pair| Some(pair.with.is_enhanced))?;
        Some(TakenForEnhanced { source: source.to_owned(), share })
    };
    sources.into_iter().filter_map(share).collect()
}

/// The effects of every change, and the unchanged films that are taken for enhanced.
fn try_changes(
    films: &[Prepared],
    classifiers: &Classifiers,
    say: Progress<'_>,
) -> Result<(Vec<Effect>, Vec<TakenForEnhanced>)> {
    let kinds: Vec<_> = films
        .iter()
        .map(|film| (film.about.split == Split::External, &film.about.source, film.about.finding))
        .collect();
    let few = spread(&kinds, FILMS_AS_USUAL);
    let numbered: Vec<(usize, &Prepared)> = films.iter().enumerate().collect();
    let answers = |change: Change, films: &[(usize, &Prepared)]| -> Result<Vec<Answers>> {
        let one = |(k, film): &(usize, &Prepared)| {
            let mut rng = generator(SEED + change as u64, *k as u64);
            answer(changed(&film.film, film.fields(), change, &mut rng)?, classifiers)
        };
        parallel(films, one).into_iter().collect()
    };
    let without = answers(Change::None, &numbered)?;
    let mut all = Vec::new();
    for change in CHANGES {
        let films: Vec<(usize, &Prepared)> =
            numbered.iter().copied().filter(|(k, _)| few[*k] || !change.is_usual()).collect();
        say(&format!("shortcut audit: {}, {} films", change.name(), films.len()));
        let with = answers(change, &films)?;
        let pairs: Vec<Pair<'_>> = films
            .iter()
            .zip(&with)
            .filter_map(|((k, film), with)| {
                let label = film.about.label()?;
                Some(Pair { film: &film.about, label, without: &without[*k], with })
            })
            .collect();
        all.extend(effects(change, &pairs));
    }
    Ok((all, taken_for_enhanced(films, &without)))
}

/// Runs the audit on `val` (at most 80 films per source and class) and `external`. Usual changes are tried on fewer
/// films.
///
/// # Errors
/// Of the first film that cannot be read.
pub fn audit(films: &[Film], classifiers: &Classifiers, say: Progress<'_>) -> Result<Audit> {
    let model = classifiers.model();
    let (segmenter, reader) = Engine::of_model(model)?;
    let prepared = prepare(chosen(films), &segmenter)?;
    let (effects, taken_for_enhanced) = try_changes(&prepared, classifiers, say)?;

    let blind = parallel(&prepared, |film| {
        let black = without_lungs(&film.film, film.fields());
        let crop = convnet::crop(&black, film.fields(), reader.side());
        let maps = reader.read(&crop)?.maps;
        Ok(most_probable(softmax(crop.logits(&maps)).into()))
    });
    let blind = blind.into_iter().collect::<Result<Vec<Label>>>()?;
    let labels = prepared.iter().filter_map(|film| film.about.label());
    let blind: Vec<(Label, Label)> = labels.zip(blind).collect();
    let source_leaks = source_leaks(&prepared, model, &reader)?;
    Ok(Audit {
        films: format!(
            "{} films: external, and at most {FILMS} of each source and class of val; with what people do to films, at most \
             {FILMS_AS_USUAL} of them, of each source and class as many",
            prepared.len()
        ),
        effects,
        taken_for_enhanced,
        outline_only: balanced(&blind),
        source_leaks,
    })
}

fn source_leaks(films: &[Prepared], model: &Model, reader: &Engine) -> Result<Vec<SourceLeak>> {
    let both = parallel(films, |film| -> Result<[Vec<f64>; 2]> {
        let features = reader.read(&plain(film, View::Lungs, reader.side()))?.features;
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
        // Every source has the same weight.
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
    use crate::crops::tests::phantom;
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

    fn said(verdict: Verdict) -> Answers {
        let finding = match verdict {
            Verdict::Normal => Finding::Normal,
            Verdict::Covid19 | Verdict::Pneumonia => Finding::NotNormal,
            _ => Finding::CannotSay,
        };
        Answers { labels: [Label::Normal; 3], finding, verdict, is_enhanced: false, is_withheld: false }
    }

    /// The effect on films of these classes, each of another patient, with these verdicts without and with a change.
    fn effect_of(films: &[(Label, Verdict, Verdict)]) -> Verdicts {
        let about: Vec<Film> = (0..)
            .zip(films)
            .map(|(seed, (label, ..))| phantom("here", *label, Split::Val, seed).about)
            .collect();
        let answers: Vec<[Answers; 2]> = films.iter().map(|(_, a, b)| [said(*a), said(*b)]).collect();
        let pairs: Vec<Pair<'_>> = about
            .iter()
            .zip(&answers)
            .map(|(film, [without, with])| Pair { film, label: film.label().unwrap(), without, with })
            .collect();
        verdicts(&pairs)
    }

    #[test]
    fn what_became_of_verdicts_is_counted() {
        use Verdict::{Covid19, Normal, Pneumonia, Refused, Uncertain};
        let effect = effect_of(&[
            (Label::Normal, Normal, Covid19),
            (Label::Normal, Uncertain, Covid19),
            (Label::Normal, Normal, Uncertain),
            (Label::Normal, Covid19, Covid19),
            (Label::Normal, Refused, Covid19),
            (Label::Covid19, Covid19, Refused),
            (Label::Pneumonia, Pneumonia, Pneumonia),
            (Label::Pneumonia, Covid19, Pneumonia),
        ]);
        let of = |estimate: Option<Estimate>| {
            estimate.map(|estimate| (estimate.n, (estimate.value * 120.0).round()))
        };
        assert_eq!(of(effect.changed), Some((6, 80.0)), "4 of 6");
        assert_eq!(of(effect.class_changed), Some((6, 40.0)), "2 of 6");
        assert_eq!(of(effect.finding_changed), Some((6, 20.0)), "one normal film is called not normal");
        assert_eq!(of(effect.became_uncertain), Some((6, 20.0)));
        assert_eq!(of(effect.became_named), Some((6, 20.0)));
        assert_eq!(of(effect.normal_became_covid19), Some((5, 72.0)), "3 of 5 normal films");
        assert_eq!(of(effect.named_wrong), Some((8, 60.0)), "4 of 8");
        assert_eq!(of(effect.named_wrong_without), Some((8, 30.0)), "2 of 8");
    }

    #[test]
    fn what_is_withheld_of_enhanced_films_is_counted() {
        // Fewer films than five have no share: each answer stands for several.
        let films: Vec<Prepared> =
            (0..8).map(|seed| phantom("here", Label::Normal, Split::Val, seed)).collect();
        let withheld = || Answers { is_enhanced: true, is_withheld: true, ..said(Verdict::Uncertain) };
        let [plain, named, kept] = [said(Verdict::Normal), said(Verdict::Covid19), withheld()];
        let effect = |answers: &[(&Answers, &Answers)]| {
            let mut pairs = Vec::new();
            for (film, &(without, with)) in films.iter().zip(answers.iter().cycle()) {
                pairs.push(Pair { film: &film.about, label: Label::Normal, without, with });
            }
            verdicts(&pairs)
        };
        let of = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.value);
        // A film that was withheld before has not become COVID-19 anew where nobody asks.
        let became = effect(&[(&plain, &named), (&plain, &kept), (&kept, &named), (&named, &kept)]);
        assert_eq!(of(became.normal_became_covid19), Some(0.5));
        assert_eq!(of(became.normal_became_covid19_without_asking), Some(0.5));
        let only = effect(&[(&plain, &kept), (&plain, &kept)]);
        assert_eq!(of(only.normal_became_covid19), Some(0.0));
        assert_eq!(of(only.normal_became_covid19_without_asking), Some(1.0));
        let taken = taken_for_enhanced(
            &films,
            &(0..8).map(|k| if k % 4 == 3 { said(Verdict::Normal) } else { withheld() }).collect::<Vec<_>>(),
        );
        assert_eq!((&taken[0].source[..], taken[0].share.value), ("here", 0.75));
    }

    #[test]
    fn where_nothing_counts_there_is_no_share() {
        let effect = effect_of(&[(Label::Covid19, Verdict::Refused, Verdict::Refused)]);
        assert_eq!((effect.changed, effect.class_changed, effect.normal_became_covid19), (None, None, None));
    }

    #[test]
    fn val_is_limited_and_external_is_not() {
        let films: Vec<Film> = (0..300)
            .map(|k| {
                let split = [Split::Train, Split::Val, Split::External][k as usize % 3];
                phantom(if k % 2 == 0 { "here" } else { "there" }, Label::Normal, split, 1).about
            })
            .collect();
        let chosen = chosen(&films);
        assert_eq!(chosen.iter().filter(|film| film.split == Split::External).count(), 100);
        assert_eq!(chosen.len(), 200, "50 of each source");
        assert_eq!(at_most("abcaab".chars(), 2), [true, true, true, true, false, true]);
        let spread = |most| spread(&['a', 'a', 'b', 'a', 'c', 'c'], most);
        assert_eq!(spread(5), [true, true, true, false, true, true]);
        assert_eq!(spread(4), [true, false, true, false, true, false], "of each as many");
        assert_eq!((spread(6), spread(2)), (vec![true; 6], vec![false; 6]));
    }
}
