//! The films and their labels, read from a folder laid out as the project's data README says:
//! `manifest.csv` with `images/`, and `paper/` with the seed paper's 420 films.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::report::Label;

/// A film's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Trains.
    Train,
    /// Stops and chooses.
    Val,
    /// The paper's test films: reported only.
    Test,
    /// Films of other patients: reported only.
    External,
}

/// One of the seed paper's films.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperFilm {
    /// Its class.
    pub label: Label,
    /// The authors' split by image.
    pub split: Split,
    /// Patient, as read from the file names.
    pub patient: String,
    /// The authors' own 512 × 512 equalised image.
    pub preprocessed: PathBuf,
    /// The film before preprocessing, where it is there.
    pub original: Option<PathBuf>,
    /// The file name, which other collections may carry too.
    pub name: String,
    /// The authors' published features.
    pub published: Vec<f64>,
}

/// One film of the other collections.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// The image file.
    pub path: PathBuf,
    /// The collection.
    pub source: String,
    /// Its class.
    pub label: Label,
    /// Patient, near-duplicates joined.
    pub patient_group: String,
    /// Its role.
    pub split: Split,
    /// The file name in the collection.
    pub original_name: String,
}

pub(crate) fn label(text: &str) -> Result<Label> {
    match text {
        "covid" | "covid19" => Ok(Label::Covid19),
        "normal" => Ok(Label::Normal),
        "pneumonia" => Ok(Label::Pneumonia),
        _ => Err(Error::new(ErrorKind::Dataset, format!("unknown label {text:?}"))),
    }
}

pub(crate) fn rows<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let failed = |error: csv::Error| {
        Error::with_source(ErrorKind::Dataset, format!("cannot read {}", path.display()), error)
    };
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    reader.deserialize().collect::<std::result::Result<_, _>>().map_err(failed)
}

/// The seed paper's 420 films, in the authors' row order.
///
/// # Errors
/// [`ErrorKind::Dataset`] where `paper/features.csv` is missing or not of the expected form.
pub fn paper(data: &Path) -> Result<Vec<PaperFilm>> {
    #[derive(Deserialize)]
    struct Row {
        label: String,
        name: String,
        split: Split,
        patient: String,
        has_original: u8,
    }
    let path = data.join("paper/features.csv");
    let described: Vec<Row> = rows(&path)?;
    let tables: Vec<std::collections::HashMap<String, String>> = rows(&path)?;
    let film = |(row, table): (Row, std::collections::HashMap<String, String>)| {
        let preprocessed = data.join("paper/preprocessed").join(&row.label).join(&row.name);
        let original =
            data.join("paper/original").join(&row.label).join(Path::new(&row.name).with_extension("jpg"));
        let feature = |k: usize| {
            let value = table.get(&format!("f{k:03}")).and_then(|text| text.parse().ok());
            value.ok_or_else(|| Error::new(ErrorKind::Dataset, format!("{}: no number f{k:03}", row.name)))
        };
        Ok(PaperFilm {
            label: label(&row.label)?,
            split: row.split,
            patient: row.patient.clone(),
            preprocessed,
            original: (row.has_original != 0).then_some(original),
            published: (0..crate::texture::FEATURES).map(feature).collect::<Result<_>>()?,
            name: row.name,
        })
    };
    described.into_iter().zip(tables).map(film).collect()
}

/// The films of the other collections.
///
/// # Errors
/// [`ErrorKind::Dataset`] where `manifest.csv` is missing or not of the expected form.
pub fn films(data: &Path) -> Result<Vec<Film>> {
    #[derive(Deserialize)]
    struct Row {
        path: String,
        source: String,
        label: String,
        patient_group: String,
        split: Split,
        original_name: String,
    }
    let described: Vec<Row> = rows(&data.join("manifest.csv"))?;
    let film = |row: Row| {
        Ok(Film {
            path: data.join(&row.path),
            label: label(&row.label)?,
            source: row.source,
            patient_group: row.patient_group,
            split: row.split,
            original_name: row.original_name,
        })
    };
    described.into_iter().map(film).collect()
}
