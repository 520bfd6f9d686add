//! Reads the films and their labels from a folder: `manifest.csv` and `manifest-2.csv` with `images/`, `relabel.csv`,
//! the lung masks, and `paper/` with the seed paper's 420 films. The README of the data describes its layout.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use covid_classifier::texture::FEATURES;
use covid_classifier::{Error, ErrorKind, Label, Result};
use serde::{Deserialize, Serialize};

/// The source whose films a panel read; `relabel.csv` lists films of other sources that are the same.
pub const PANEL: &str = "siim";

/// A film's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// The film trains.
    Train,
    /// Films of other patients of the same sources: they are measured, and they set the gate's limits.
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
    /// The film before preprocessing, if it is there.
    pub original: Option<PathBuf>,
    /// The file name, which other collections may use too.
    pub name: String,
    /// The authors' published features.
    pub published: Vec<f64>,
}

/// A collection's label for a film: one of the three classes, or something that only an auxiliary target and the
/// evidence use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// COVID-19, or *typical appearance* where a panel read the film.
    #[serde(alias = "covid")]
    Covid19,
    /// No finding, or *negative for pneumonia* where a panel read the film.
    Normal,
    /// Pneumonia of another cause.
    Pneumonia,
    /// *Indeterminate appearance* of COVID-19, by a panel.
    Indeterminate,
    /// *Atypical appearance* for COVID-19, by a panel.
    Atypical,
    /// Tuberculosis.
    #[serde(alias = "tb")]
    Tuberculosis,
    /// An infiltration and nothing more specific, mined from a report.
    Infiltration,
    /// Another finding, mined from a report.
    Other,
}

impl Finding {
    /// The class, if it is one of the three.
    pub fn label(self) -> Option<Label> {
        match self {
            Self::Covid19 => Some(Label::Covid19),
            Self::Normal => Some(Label::Normal),
            Self::Pneumonia => Some(Label::Pneumonia),
            _ => None,
        }
    }

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Covid19 => "covid19",
            Self::Normal => "normal",
            Self::Pneumonia => "pneumonia",
            Self::Indeterminate => "indeterminate",
            Self::Atypical => "atypical",
            Self::Tuberculosis => "tuberculosis",
            Self::Infiltration => "infiltration",
            Self::Other => "other",
        }
    }
}

impl From<Label> for Finding {
    fn from(label: Label) -> Self {
        match label {
            Label::Covid19 => Self::Covid19,
            Label::Normal => Self::Normal,
            Label::Pneumonia => Self::Pneumonia,
        }
    }
}

/// One film of the other collections.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// The image file.
    pub path: PathBuf,
    /// The collection.
    pub source: String,
    /// The collection's label.
    pub finding: Finding,
    /// The collection's own words if they say more than the finding: `Effusion|Infiltration`.
    pub details: String,
    /// The patient; near-duplicates count as one.
    pub patient_group: String,
    /// Its role.
    pub split: Split,
    /// The file name in the collection.
    pub original_name: String,
    /// Lung fields that a person drew, if there are any: a binary picture of the film's size.
    pub lung_mask: Option<PathBuf>,
    /// The other source that is known to have the same picture.
    pub also_in: Option<String>,
}

impl Film {
    /// The class, where it is one of the three.
    pub fn label(&self) -> Option<Label> {
        self.finding.label()
    }
}

fn label(text: &str) -> Result<Label> {
    match text {
        "covid" | "covid19" => Ok(Label::Covid19),
        "normal" => Ok(Label::Normal),
        "pneumonia" => Ok(Label::Pneumonia),
        _ => Err(Error::new(ErrorKind::Dataset, format!("unknown label {text:?}"))),
    }
}

fn rows<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
    rows_of(path, &bytes)
}

fn rows_of<T: serde::de::DeserializeOwned>(path: &Path, table: &[u8]) -> Result<Vec<T>> {
    let rows = csv::Reader::from_reader(table).into_deserialize();
    rows.collect::<std::result::Result<_, _>>().map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::with_source(ErrorKind::Dataset, format!("cannot read {}", path.display()), error)
}

/// The seed paper's 420 films, in the authors' row order.
///
/// # Errors
/// [`ErrorKind::Dataset`] where `paper/features.csv` is missing or has another form.
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
            published: (0..FEATURES).map(feature).collect::<Result<_>>()?,
            name: row.name,
        })
    };
    described.into_iter().zip(tables).map(film).collect()
}

/// The films of the other collections: those of `manifest.csv`, and of `manifest-2.csv` if it is there.
///
/// `relabel.csv` lists films that are also in the study of [`PANEL`], with the panel's reading. Films that the panel
/// read as negative for pneumonia are left out of training and validation: a collection calls them COVID-19, and they
/// would teach that clear lungs mean COVID-19.
///
/// # Errors
/// [`ErrorKind::Dataset`] where `manifest.csv` is missing or a table has another form.
pub fn films(data: &Path) -> Result<Vec<Film>> {
    let mut films = manifest(data, "manifest.csv")?;
    if data.join("manifest-2.csv").is_file() {
        films.extend(manifest(data, "manifest-2.csv")?);
    }
    let panel = read_by_panel(data)?;
    films.retain(|film| film.split == Split::External || !panel.get(&film.path).copied().unwrap_or_default());
    for film in &mut films {
        film.also_in = panel.get(&film.path).map(|_| PANEL.to_owned());
    }
    Ok(films)
}

fn manifest(data: &Path, name: &str) -> Result<Vec<Film>> {
    let path = data.join(name);
    manifest_of(data, &path, &std::fs::read(&path).map_err(|error| unreadable(&path, error))?)
}

/// The films of a manifest that has been read from `path`.
///
/// # Errors
/// [`ErrorKind::Dataset`] where it has another form.
pub fn manifest_of(data: &Path, path: &Path, table: &[u8]) -> Result<Vec<Film>> {
    #[derive(Deserialize)]
    struct Row {
        path: String,
        source: String,
        label: Finding,
        #[serde(default)]
        finding: String,
        patient_group: String,
        split: Split,
        original_name: String,
        #[serde(default)]
        lung_mask: String,
    }
    let film = |row: Row| {
        let path = data.join(&row.path);
        let lung_mask = match row.lung_mask.as_str() {
            // Masks of the first batch are named like their films.
            "" => path.with_extension("png").file_name().map(|name| data.join("lung_masks").join(name)),
            drawn => Some(data.join(drawn)),
        };
        let has_mask = !row.lung_mask.is_empty() || row.source == "cohen";
        Film {
            path,
            source: row.source,
            finding: row.label,
            details: row.finding,
            patient_group: row.patient_group,
            split: row.split,
            original_name: row.original_name,
            lung_mask: lung_mask.filter(|path| has_mask && path.is_file()),
            also_in: None,
        }
    };
    Ok(rows_of(path, table)?.into_iter().map(film).collect())
}

/// The films of `relabel.csv`, and whether the panel read them as negative for pneumonia.
fn read_by_panel(data: &Path) -> Result<HashMap<PathBuf, bool>> {
    #[derive(Deserialize)]
    struct Row {
        path: String,
        panel_reading: String,
    }
    let table = data.join("relabel.csv");
    if !table.is_file() {
        return Ok(HashMap::new());
    }
    let row = |row: Row| (data.join(row.path), row.panel_reading == "negative");
    Ok(rows::<Row>(&table)?.into_iter().map(row).collect())
}

/// The user's own films: a table with the columns `path` (or `file`), `label` and optionally `source` and
/// `patient_group` (or `patient`), under these or other usual names. Paths are relative to the table. Cells are
/// separated by `,` or, in many countries, by `;`, and the table may begin with a byte order mark. The case of heads
/// and labels does not matter.
///
/// # Errors
/// [`ErrorKind::Io`] where the table cannot be read; [`ErrorKind::Dataset`] for one of another form, with the
/// line and what is wrong in it.
pub fn own_films(table: &Path) -> Result<Vec<Film>> {
    own_films_of(table, &crate::tools::read(table)?)
}

/// The same for a table whose bytes have been read from `table`.
///
/// # Errors
/// [`ErrorKind::Dataset`] as [`own_films`].
pub fn own_films_of(table: &Path, bytes: &[u8]) -> Result<Vec<Film>> {
    let folder = table.parent().unwrap_or(Path::new("."));
    let name = table.display();
    let wrong = |message: String| Error::new(ErrorKind::Dataset, format!("{name}{message}"));
    let text = own_text(bytes);
    let (mut reader, heads) = own_table(&text).ok_or_else(|| {
        wrong(
            ": the first line must name the columns path (or file) and label, separated by commas, semicolons or tabs"
                .into(),
        )
    })?;
    // A line that names the separator comes before the heads.
    let first_line = u64::from(text.starts_with(SEPARATED_BY));
    let mut films = Vec::new();
    for (k, row) in reader.records().enumerate() {
        let row = row.map_err(|error| wrong(format!(": {error}")))?;
        // Spreadsheets write empty rows, and cells beyond the last column.
        let is_filled = |k: &usize| !row[*k].trim().is_empty();
        let filled = (0..row.len()).rfind(is_filled).map_or(0, |last| last + 1);
        if filled == 0 {
            continue;
        }
        let line = first_line + row.position().map_or(0, csv::Position::line);
        if filled > heads.len() {
            let (is, named) = (filled, heads.len());
            let message = format!(
                ", line {line}: it has {is} cells, and the first line names {named} columns; a cell with a separator in it \
                 must stand in quotation marks"
            );
            return Err(wrong(message));
        }
        let cell =
            |wanted: &str| column(&heads, wanted).and_then(|k| row.get(k)).map(str::trim).unwrap_or_default();
        let path = cell("path");
        if path.is_empty() {
            return Err(wrong(format!(", line {line}: there is no path")));
        }
        let label = own_label(cell("label")).ok_or_else(|| {
            let value = cell("label");
            wrong(format!(", line {line}: the label is {value:?}; it must be covid19, normal or pneumonia"))
        })?;
        let or = |value: &str, otherwise: String| if value.is_empty() { otherwise } else { value.to_owned() };
        films.push(Film {
            path: own_path(folder, path),
            source: or(cell("source"), "films".to_owned()),
            finding: label.into(),
            details: String::new(),
            // A film without a patient counts as a patient.
            patient_group: or(cell("patient_group"), format!("film {k}")),
            split: Split::External,
            original_name: String::new(),
            lung_mask: None,
            also_in: None,
        });
    }
    if films.is_empty() {
        return Err(wrong(": no film is named below the first line".into()));
    }
    Ok(films)
}

/// Excel begins a first line that names the separator like this.
const SEPARATED_BY: &str = "sep=";

/// The text of a table. Spreadsheets write UTF-8, UTF-16 with its mark, or an old Windows encoding, whose Western
/// European letters are those of Latin-1.
fn own_text(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, text @ ..] | text => match std::str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            Err(_) => text.iter().map(|&byte| char::from(byte)).collect(),
        },
    }
}

/// The table after its heads, with the separator under which the heads name the needed columns.
fn own_table(text: &str) -> Option<(csv::Reader<&[u8]>, Vec<String>)> {
    let table = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with(SEPARATED_BY) => rest,
        _ => text,
    };
    b",;\t".iter().find_map(|&separator| {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(table.as_bytes());
        let heads: Vec<String> = reader.headers().ok()?.iter().map(plain_head).collect();
        (column(&heads, "path").is_some() && column(&heads, "label").is_some()).then_some((reader, heads))
    })
}

/// Names that a table of labels may give its columns, in the languages of the page: in lower case, without spaces,
/// hyphens and underscores. Where a table has several of one kind, the one listed first here counts.
/// www/exchange/label-table.js has the same names; tests/tools/label-tables.test.mjs compares them.
const COLUMNS: [(&str, &[&str]); 4] = [
    (
        "path",
        &[
            "path",
            "file",
            "filename",
            "filepath",
            "image",
            "imagepath",
            "imagename",
            "datei",
            "dateiname",
            "dateipfad",
            "pfad",
            "bild",
            "archivo",
            "nombredearchivo",
            "fichero",
            "ruta",
            "imagen",
        ],
    ),
    (
        "label",
        &[
            "label",
            "labels",
            "class",
            "diagnosis",
            "klasse",
            "befund",
            "diagnose",
            "etikett",
            "etiqueta",
            "clase",
            "diagnóstico",
            "diagnostico",
        ],
    ),
    (
        "patient_group",
        &[
            "patientgroup",
            "patient",
            "patientid",
            "patients",
            "subject",
            "subjectid",
            "patientin",
            "patientennummer",
            "paciente",
            "idpaciente",
            "pacienteid",
        ],
    ),
    ("source", &["source"]),
];

fn plain_head(head: &str) -> String {
    head.trim().to_lowercase().replace([' ', '_', '-'], "")
}

/// The position of a column, by any of its names.
fn column(heads: &[String], wanted: &str) -> Option<usize> {
    let (_, names) = COLUMNS.iter().find(|(name, _)| *name == wanted)?;
    names.iter().find_map(|name| heads.iter().position(|head| head == name))
}

/// Reads a label as people write it, such as `COVID-19`.
fn own_label(text: &str) -> Option<Label> {
    label(&text.to_lowercase().replace(['-', '_', ' '], "")).ok()
}

/// The film's path. A table from Windows may separate folders by `\`.
fn own_path(folder: &Path, path: &str) -> PathBuf {
    let written = folder.join(path);
    let other = folder.join(path.replace('\\', "/"));
    if !written.exists() && other.exists() { other } else { written }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn the_manifest_is_read_row_by_row() {
        let head = "path,source,label,patient_group,view,split,original_name\n";
        let data = folder(&[(
            "manifest.csv",
            &format!(
                "{head}images/a.jpg,nih,normal,p1,PA,train,A.png\nimages/b.jpg,cohen,covid,p2,AP,external,b\n"
            ),
        )]);
        let films = films(data.path()).unwrap();
        assert_eq!(films.len(), 2);
        let film = &films[1];
        assert_eq!(
            (film.label(), film.split, &film.source[..]),
            (Some(Label::Covid19), Split::External, "cohen")
        );
        assert_eq!((&film.patient_group[..], &film.original_name[..]), ("p2", "b"));
        assert_eq!(film.path, data.path().join("images/b.jpg"));
        for (row, said) in
            [("a,nih,healthy,p,PA,train,a", "healthy"), ("a,nih,normal,p,PA,monday,a", "manifest.csv")]
        {
            let data = folder(&[("manifest.csv", &format!("{head}{row}\n"))]);
            let error = super::films(data.path()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Dataset);
            let error = covid_classifier::detailed(&error);
            assert!(error.contains(said), "{error}");
        }
        assert_eq!(super::films(Path::new("/nowhere")).unwrap_err().kind(), ErrorKind::Dataset);
    }

    #[test]
    fn the_second_batch_has_more_findings_and_masks() {
        let first = "path,source,label,patient_group,split,original_name\n";
        let second = "path,source,label,finding,patient_group,split,lung_mask,original_name\n";
        let data = folder(&[
            ("manifest.csv", &format!("{first}images/c/a.jpg,cohen,covid,p1,external,a\n")),
            (
                "manifest-2.csv",
                &format!(
                    "{second}images/s/b.jpg,shenzhen,tb,,p2,train,lung_masks-2/b.png,b\n\
                     images/n/c.jpg,nih2,other,Effusion|Nodule,p3,val,,c\n"
                ),
            ),
            ("lung_masks/a.png", ""),
            ("lung_masks/c.png", ""),
            ("lung_masks-2/b.png", ""),
        ]);
        let films = films(data.path()).unwrap();
        let findings: Vec<Finding> = films.iter().map(|film| film.finding).collect();
        assert_eq!(findings, [Finding::Covid19, Finding::Tuberculosis, Finding::Other]);
        let labels: Vec<Option<Label>> = films.iter().map(Film::label).collect();
        assert_eq!(labels, [Some(Label::Covid19), None, None]);
        assert_eq!(films[2].details, "Effusion|Nodule");
        let masks: Vec<Option<PathBuf>> = films.into_iter().map(|film| film.lung_mask).collect();
        let there = |path| Some(data.path().join(path));
        assert_eq!(masks, [there("lung_masks/a.png"), there("lung_masks-2/b.png"), None]);
    }

    /// They leave training and validation, but stay in the splits that are only reported.
    #[test]
    fn films_that_a_panel_read_as_negative_are_left_out() {
        let head = "path,source,label,patient_group,split,original_name\n";
        let row = |name: &str, split: &str| format!("images/{name}.jpg,radiography,covid,{name},{split},n\n");
        let manifest = ["a train", "b val", "c external", "d train", "e train"]
            .map(|film| film.split_once(' ').unwrap());
        let manifest: String =
            manifest.into_iter().fold(head.to_owned(), |text, (name, split)| text + &row(name, split));
        let relabel = "path,label,panel_reading,hash_distance\nimages/a.jpg,covid,negative,2\n\
                       images/b.jpg,covid,negative,2\nimages/c.jpg,covid,negative,1\nimages/d.jpg,covid,typical,0\n";
        let data = folder(&[("manifest.csv", &manifest), ("relabel.csv", relabel)]);
        let also = |film: Film| (film.patient_group, film.also_in);
        let films: Vec<_> = films(data.path()).unwrap().into_iter().map(also).collect();
        let panel = Some(PANEL.to_owned());
        assert_eq!(films, [("c".to_owned(), panel.clone()), ("d".to_owned(), panel), ("e".to_owned(), None)]);
    }

    #[test]
    fn the_papers_films_come_with_their_features() {
        let names: Vec<String> = (0..FEATURES).map(|k| format!("f{k:03}")).collect();
        let values: Vec<String> = (0..FEATURES).map(|k| format!("{k}.5")).collect();
        let head = format!("row,label,name,split,patient,has_original,{}", names.join(","));
        let table = format!(
            "{head}\n0,pneumonia,x.jpeg,test,person19,1,{0}\n1,covid,y.png,train,c2,0,{0}\n",
            values.join(",")
        );
        let data = folder(&[("paper/features.csv", &table)]);
        let films = paper(data.path()).unwrap();
        assert_eq!(
            (films[0].label, films[0].split, films[1].split),
            (Label::Pneumonia, Split::Test, Split::Train)
        );
        assert_eq!(films[0].preprocessed, data.path().join("paper/preprocessed/pneumonia/x.jpeg"));
        assert_eq!(films[0].original, Some(data.path().join("paper/original/pneumonia/x.jpg")));
        assert_eq!(films[1].original, None);
        assert_eq!((films[1].published[0], films[1].published[251]), (0.5, 251.5));
        let data = folder(&[("paper/features.csv", &table.replace(",251.5\n", ",none\n"))]);
        assert!(paper(data.path()).unwrap_err().to_string().contains("no number f251"));
    }

    #[test]
    fn own_films_need_a_path_and_a_label() {
        let data = folder(&[("films.csv", "path,label\na.png,normal\nsub/b.png,covid19\n")]);
        let films = own_films(&data.path().join("films.csv")).unwrap();
        assert_eq!(films[1].path, data.path().join("sub/b.png"));
        assert_eq!((&films[0].source[..], films[1].label()), ("films", Some(Label::Covid19)));
        assert_ne!(
            films[0].patient_group, films[1].patient_group,
            "a patient without a name is one of their own"
        );
        let data = folder(&[(
            "films.csv",
            "path,label,source,patient_group\na.png,normal,ward,p1\nb.png,normal,,p1\n",
        )]);
        let films = own_films(&data.path().join("films.csv")).unwrap();
        assert_eq!((&films[0].source[..], &films[1].source[..]), ("ward", "films"));
        assert_eq!(films[0].patient_group, films[1].patient_group);
        let data = folder(&[("films.csv", "file,label,patient\na.png,normal,p1\nb.png,normal,p1\n")]);
        let films = own_films(&data.path().join("films.csv")).unwrap();
        assert_eq!(
            (&films[0].patient_group[..], films[1].path.file_name().unwrap()),
            ("p1", "b.png".as_ref())
        );
    }

    /// Spreadsheets in many countries write tables like this.
    #[test]
    fn own_films_may_be_separated_by_semicolons() {
        let table =
            "\u{feff}Label; Path ;SOURCE\r\nCOVID-19;a.png;ward, 3rd floor\r\nPneumonia;sub\\b.png;\r\n";
        let data = folder(&[("films.csv", table), ("sub/b.png", "")]);
        let films = own_films(&data.path().join("films.csv")).unwrap();
        let labels: Vec<_> = films.iter().map(Film::label).collect();
        assert_eq!(labels, [Some(Label::Covid19), Some(Label::Pneumonia)]);
        assert_eq!((&films[0].source[..], &films[1].source[..]), ("ward, 3rd floor", "films"));
        assert_eq!(films[0].path, data.path().join("a.png"));
        assert!(films[1].path.is_file());
        let tabs = folder(&[("films.txt", "path\tlabel\na.png\tnormal\n")]);
        assert_eq!(own_films(&tabs.path().join("films.txt")).unwrap().len(), 1);
    }

    /// The page reads them in the same way (tests/tools/label-tables.test.mjs).
    #[test]
    fn own_films_may_be_in_a_table_with_other_heads() {
        #[derive(serde::Deserialize)]
        struct Row {
            path: String,
            label: String,
            patient: String,
        }
        #[derive(serde::Deserialize)]
        struct Case {
            table: String,
            rows: Option<Vec<Row>>,
        }
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/goldens/label-tables.json")).unwrap();
        for Case { table, rows } in cases {
            let data = folder(&[("films.csv", &table)]);
            let Ok(films) = own_films(&data.path().join("films.csv")) else {
                assert!(rows.is_none(), "{table}");
                continue;
            };
            let is: Vec<_> = films
                .iter()
                .map(|film| {
                    let patient = Some(&*film.patient_group).filter(|patient| !patient.starts_with("film "));
                    (film.path.clone(), film.label().map(Label::name), patient.unwrap_or_default())
                })
                .collect();
            let rows = rows.unwrap();
            let wanted: Vec<_> = rows
                .iter()
                .map(|row| (data.path().join(&row.path), Some(&*row.label), &*row.patient))
                .collect();
            assert_eq!(is, wanted, "{table}");
        }
    }

    /// The page reads the same tables: `www/exchange/label-table.js`.
    #[test]
    fn own_films_may_be_in_a_table_as_spreadsheets_write_it() {
        let read = |bytes: &[u8]| -> Vec<String> {
            let films = own_films_of(Path::new("films.csv"), bytes).unwrap();
            films.iter().map(|film| film.path.to_str().unwrap().to_owned()).collect()
        };
        let table = "sep=;\r\npath;label;;\r\nMüller.png;normal;;\r\n;;;\r\nb.png;normal\r\n;;;\r\n";
        let expected = ["Müller.png", "b.png"];
        assert_eq!(read(table.as_bytes()), expected);
        let latin1: Vec<u8> = table.chars().map(|letter| letter as u8).collect();
        assert_eq!(read(&latin1), expected);
        for (mark, unit) in
            [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)]
        {
            let units: Vec<u8> = table.encode_utf16().flat_map(unit).collect();
            assert_eq!(read(&[&mark[..], &units].concat()), expected);
        }
    }

    #[test]
    fn what_is_wrong_in_a_table_of_own_films_is_named_with_its_line() {
        for (table, said) in [
            (
                "path,label\na.png,normal\nb.png,healthy\n",
                vec!["line 3", "\"healthy\"", "covid19, normal or pneumonia"],
            ),
            ("path;label\na.png;\n", vec!["line 2", "\"\""]),
            ("path,label\n,normal\n", vec!["line 2", "no path"]),
            ("file,view\na.png,normal\n", vec!["the columns path (or file) and label"]),
            ("", vec!["the columns path (or file) and label"]),
            ("path,label\na,b.png,normal\n", vec!["line 2", "3 cells", "2 columns", "quotation marks"]),
            ("path,label\na.png\n", vec!["line 2", "\"\""]),
            ("sep=;\npath;label\na.png;flu\n", vec!["line 3", "\"flu\""]),
            ("path,label\n\n,\n", vec!["no film is named"]),
        ] {
            let data = folder(&[("films.csv", table)]);
            let error = own_films(&data.path().join("films.csv")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Dataset);
            let message = error.to_string();
            assert!(
                message.contains("films.csv") && said.iter().all(|said| message.contains(said)),
                "{message}"
            );
        }
        assert_eq!(own_films(Path::new("/nowhere.csv")).unwrap_err().kind(), ErrorKind::Io);
    }
}
