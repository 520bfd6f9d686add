//! The paper's reader on films from other places.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use covid_classifier::pipeline::Input;
use covid_classifier::statistics::{Estimate, Prediction, area, proportion};
use covid_classifier::texture::TextureWeights;
use covid_classifier::{LABELS, Label, Result};
use serde::{Deserialize, Serialize};

use crate::dataset::{Film, PaperFilm, Split, films};
use crate::paper::{PaperSet, features_of, prediction};
use crate::tools::Progress;
use crate::train::texture::Example;

/// One number about the shipped model on films from another place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Stable name.
    pub id: String,
    /// The collection.
    pub source: String,
    /// Who is on the films.
    pub population: String,
    /// The measure in words.
    pub measure: String,
    /// The kind of number.
    pub scale: Scale,
    /// The number.
    pub estimate: Estimate,
}

/// The kind of number that a [`Measure`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A share of the films.
    Share,
    /// An area under the ROC curve.
    Auc,
}

/// The films of patients who have no film in the paper. For the large collections, the validation films are enough.
fn unseen<'a>(paper: &[PaperFilm], all: &'a [Film]) -> Vec<&'a Film> {
    let stem = |name: &str| Path::new(name).with_extension("").to_string_lossy().to_lowercase();
    let known: BTreeSet<String> = paper.iter().map(|film| stem(&film.name)).collect();
    let seen: BTreeSet<&str> = all
        .iter()
        .filter(|film| known.contains(&stem(&film.original_name)))
        .map(|film| film.patient_group.as_str())
        .collect();
    let large = |film: &Film| matches!(film.source.as_str(), "radiography" | "kermany");
    all.iter()
        .filter(|film| !seen.contains(film.patient_group.as_str()))
        .filter(|film| !large(film) || film.split == Split::Val)
        .collect()
}

/// Measures the shipped model on the films of other collections.
///
/// # Errors
/// [`ErrorKind::Dataset`](covid_classifier::ErrorKind::Dataset) where the films are not there.
pub fn elsewhere(
    data: &Path,
    paper: &PaperSet,
    weights: &TextureWeights,
    say: Progress<'_>,
) -> Result<Vec<Measure>> {
    let all = films(data)?;
    let chosen = unseen(&paper.films, &all);
    say(&format!("reading {} films of other collections", chosen.len()));
    let paths: Vec<PathBuf> = chosen.iter().map(|film| film.path.clone()).collect();
    let features = features_of(&paths, Input::Film, say)?;
    let predictions: Vec<(&str, Prediction)> = chosen
        .iter()
        .zip(features)
        .filter_map(|(film, features)| {
            let example = Example { features, label: film.label()? };
            Some((film.source.as_str(), prediction(weights, &example, &film.patient_group)))
        })
        .collect();

    let mut measures = Vec::new();
    let places = [
        ("nih", "NIH ChestX-ray14, copies of 256 px", "adults"),
        ("radiography", "COVID-19 Radiography Database (validation films), copies of 256 px", "adults"),
        ("cohen", "Cohen et al., patients the paper does not have, copies of 256 px", "mostly adults"),
        ("kermany", "Kermany et al. (validation films), copies of 256 px", "children of 1 to 5 years"),
    ];
    for (source, title, population) in places {
        let of = |labels: &[Label]| -> Vec<Prediction> {
            let here = predictions.iter().filter(|(s, o)| *s == source && labels.contains(&o.label));
            here.map(|(_, prediction)| prediction.clone()).collect()
        };
        let mut push = |id: String, measure: String, scale: Scale, estimate: Option<Estimate>| {
            let (source, population) = (title.to_owned(), population.to_owned());
            measures.extend(estimate.map(|estimate| Measure {
                id,
                source,
                population,
                measure,
                scale,
                estimate,
            }));
        };
        for label in LABELS {
            let films = of(&[label]);
            if films.len() < 10 {
                continue;
            }
            for answer in LABELS {
                let id = format!("{source}_{}_called_{}", label.name(), answer.name());
                let measure = format!("share of {} films called {}", label.name(), answer.name());
                push(id, measure, Scale::Share, proportion(&films, |o| o.answer() == answer));
            }
        }
        for (positive, negative) in [
            (Label::Covid19, Label::Pneumonia),
            (Label::Covid19, Label::Normal),
            (Label::Pneumonia, Label::Normal),
        ] {
            let films = of(&[positive, negative]);
            let count = |label| films.iter().filter(|o| o.label == label).count();
            if count(positive) < 10 || count(negative) < 10 {
                continue;
            }
            let id = format!("{source}_{}_against_{}_auc", positive.name(), negative.name());
            let measure =
                format!("AUC, {} against {}, by the probability of {0}", positive.name(), negative.name());
            let score = |o: &Prediction| (o.probabilities[positive.index()], o.label == positive);
            push(id, measure, Scale::Auc, area(&films, score));
        }
    }
    Ok(measures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_of_the_paper_are_left_out() {
        let of_paper = |name: &str| PaperFilm {
            label: Label::Covid19,
            split: Split::Train,
            patient: String::new(),
            preprocessed: PathBuf::new(),
            original: None,
            name: name.to_owned(),
            published: Vec::new(),
        };
        let film = |source: &str, group: &str, name: &str, split| Film {
            path: PathBuf::new(),
            source: source.to_owned(),
            finding: Label::Covid19.into(),
            details: String::new(),
            patient_group: group.to_owned(),
            split,
            original_name: name.to_owned(),
            lung_mask: None,
            also_in: None,
        };
        let all = [
            film("cohen", "a", "IM-1.PNG", Split::Train),
            film("cohen", "a", "im-2.jpg", Split::External),
            film("cohen", "b", "im-3.jpg", Split::External),
            film("kermany", "c", "x.jpg", Split::Train),
            film("kermany", "d", "y.jpg", Split::Val),
        ];
        let groups: Vec<&str> =
            unseen(&[of_paper("im-1.jpeg")], &all).iter().map(|film| &film.patient_group[..]).collect();
        assert_eq!(groups, ["b", "d"]);
    }
}
