//! The table of networks' answers to films of sources that they never saw; the verdict is calibrated on it.

use std::collections::HashMap;
use std::path::Path;

use covid_classifier::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::convnet::{evaluate, unseen};
use super::recipe::Recipe;
use crate::crops::Prepared;
use crate::dataset::Finding;
use crate::engine::Engine;

/// One film, read by a network that was trained without its source. The table does not say which film it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The collection that the film is from.
    pub source: String,
    /// The collection's label.
    pub finding: Finding,
    /// The patient, as a number within the source.
    pub patient: usize,
    /// The logit of COVID-19.
    pub covid19: f64,
    /// The logit of normal.
    pub normal: f64,
    /// The logit of pneumonia.
    pub pneumonia: f64,
}

impl LeftOut {
    /// The logits of COVID-19, normal and pneumonia.
    pub fn logits(&self) -> [f64; 3] {
        [self.covid19, self.normal, self.pneumonia]
    }

    /// The patient, unique among all sources.
    pub fn group(&self) -> String {
        format!("{} {}", self.source, self.patient)
    }
}

/// Reads the films of left-out sources that the network of `recipe` has [never seen](Recipe::unseen).
///
/// # Errors
/// As [`evaluate`].
pub fn read_left_out(films: &[Prepared], recipe: &Recipe, reader: &Engine) -> Result<Vec<LeftOut>> {
    let films = unseen(films, recipe);
    let read = evaluate(&films, recipe.view, reader)?;
    let mut patients: HashMap<(&str, &str), usize> = HashMap::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let rows = films.iter().zip(read).map(|(film, (source, finding, logits))| {
        let patient = *patients.entry((source, &film.about.patient_group)).or_insert_with(|| {
            let count = counts.entry(source).or_default();
            *count += 1;
            *count
        });
        // Four decimals of a logit are enough.
        let [covid19, normal, pneumonia] = logits.map(|logit| (logit * 1e4).round() / 1e4);
        LeftOut { source: source.to_owned(), finding, patient, covid19, normal, pneumonia }
    });
    Ok(rows.collect())
}

fn failed(path: &Path, error: csv::Error) -> Error {
    Error::with_source(ErrorKind::Dataset, format!("{}", path.display()), error)
}

/// Reads the table.
///
/// # Errors
/// [`ErrorKind::Dataset`] where it is missing or of another form.
pub fn read(path: &Path) -> Result<Vec<LeftOut>> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| failed(path, error))?;
    reader.deserialize().collect::<std::result::Result<_, _>>().map_err(|error| failed(path, error))
}

/// Writes `rows` into the table, where they replace all rows of their sources.
///
/// # Errors
/// As [`read`], except that an absent table counts as empty; [`ErrorKind::Dataset`] where it cannot be written.
pub fn record(path: &Path, rows: Vec<LeftOut>) -> Result<()> {
    let mut table = if path.is_file() { read(path)? } else { Vec::new() };
    table.retain(|row| !rows.iter().any(|new| new.source == row.source));
    table.extend(rows);
    table.sort_by(|a, b| a.source.cmp(&b.source));
    let mut writer = csv::Writer::from_path(path).map_err(|error| failed(path, error))?;
    for row in &table {
        writer.serialize(row).map_err(|error| failed(path, error))?;
    }
    writer.flush().map_err(|error| failed(path, error.into()))
}

#[cfg(test)]
mod tests {
    use covid_classifier::Label;
    use covid_classifier::network::{ConvWeights, Network, Weights};

    use super::*;
    use crate::crops::tests::phantom;
    use crate::dataset::Split;

    #[test]
    fn a_source_that_is_read_again_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("left-out.csv");
        let row = |source: &str, covid19| LeftOut {
            source: source.into(),
            finding: Finding::Atypical,
            patient: 1,
            covid19,
            normal: -0.25,
            pneumonia: 1.5,
        };
        record(&path, vec![row("b", 1.0), row("b", 2.0)]).unwrap();
        record(&path, vec![row("a", 3.0)]).unwrap();
        assert_eq!(read(&path).unwrap(), [row("a", 3.0), row("b", 1.0), row("b", 2.0)]);
        record(&path, vec![row("b", 4.0)]).unwrap();
        assert_eq!(read(&path).unwrap(), [row("a", 3.0), row("b", 4.0)]);
        assert_eq!(row("a", 3.0).logits(), [3.0, -0.25, 1.5]);
        std::fs::write(&path, "source,finding\na,flu\n").unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::Dataset);
    }

    #[test]
    fn only_films_of_the_sources_left_out_are_read_and_patients_are_numbers() {
        let mut films = vec![
            phantom("seen", Label::Normal, Split::Train, 1),
            phantom("unseen", Label::Normal, Split::Val, 2),
            phantom("unseen", Label::Covid19, Split::Train, 3),
            phantom("unseen", Label::Covid19, Split::External, 4),
            phantom("unseen", Label::Covid19, Split::Train, 5),
        ];
        films[4].about.patient_group = films[1].about.patient_group.clone();
        let recipe = Recipe { side: 16, without: vec!["unseen".into()], ..Recipe::default() };
        let network = Network::convnet(16);
        let convs = network.convs().map(|conv| ConvWeights {
            weights: vec![0.0; conv.weight_count()],
            bias: vec![0.5; conv.outputs],
        });
        let reader = Engine::new(network.clone(), Weights { convs: convs.collect() }).unwrap();
        let rows = read_left_out(&films, &recipe, &reader).unwrap();
        let patients: Vec<usize> = rows.iter().map(|row| row.patient).collect();
        assert_eq!(patients, [1, 2, 1]);
        assert!(rows.iter().all(|row| row.source == "unseen" && row.logits() == [0.5; 3]));
        assert_eq!((rows[0].finding, rows[1].finding), (Finding::Normal, Finding::Covid19));
        assert_ne!(rows[0].group(), rows[1].group());
    }
}
