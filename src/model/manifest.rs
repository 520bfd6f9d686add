//! `models/manifest.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::compute::SelfTest;
use crate::error::{Error, ErrorKind, Result};
use crate::label::{LABELS, Label, PerLabel};
use crate::texture::feature_names;
use crate::verdict::Calibration;

/// The manifest's layout that this program reads.
pub const SCHEMA: u32 = 2;

/// The most letters of a model's version: it stands on every result.
const MAX_VERSION: usize = 100;

/// A part of the model that has a weight file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The paper's reader: scaling, kernel PCA and the 64-128-16-3 network.
    Texture,
    /// The network that finds the lung fields.
    Lungs,
    /// The residual network on the lung crop.
    Convnet,
    /// What says whether a film may be judged, and whether it is a child's.
    Gate,
}

/// All of them.
pub const PARTS: [Part; 4] = [Part::Texture, Part::Lungs, Part::Convnet, Part::Gate];

impl Part {
    /// Its name: `texture`, `lungs`, `convnet` or `gate`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Texture => "texture",
            Self::Lungs => "lungs",
            Self::Convnet => "convnet",
            Self::Gate => "gate",
        }
    }

    /// The part that a file of this name holds.
    pub(super) fn of(path: &str) -> Option<Self> {
        let is_of = |part: &Part| path.strip_prefix(part.name()).is_some_and(|rest| rest.starts_with('.'));
        PARTS.into_iter().find(is_of)
    }
}

/// `models/manifest.json`: which files make the model, what they must hash to, and what it was
/// trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The model's version.
    pub version: String,
    /// The order of the outputs.
    pub labels: [Label; 3],
    /// The order of the inputs.
    pub feature_names: Vec<String>,
    /// The weight files: the only list of them. What a file is for, its name without the ending says ([`Part`]).
    pub files: Vec<WeightFile>,
    /// What the texture reader was trained on.
    pub training: Training,
    /// What the other networks were trained on.
    pub networks: Option<NetworksTraining>,
    /// From logits to the verdict.
    pub calibration: Option<Calibration>,
    /// What the networks say of the known film.
    #[serde(default)]
    pub self_test: Option<SelfTest>,
}

/// Training provenance of the convnet reader, the segmenter and the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworksTraining {
    /// The convnet reader's training films by source and class.
    pub films: BTreeMap<String, PerLabel<usize>>,
    /// The films that chose the epoch, calibrated the verdict and set the gate's limits.
    pub validation_films: BTreeMap<String, PerLabel<usize>>,
    /// The recipe, as its command's options.
    pub recipe: serde_json::Value,
    /// The epoch whose weights are shipped.
    pub epoch: usize,
    /// The program that trained it.
    pub program: String,
}

/// One weight file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightFile {
    /// The path of the file, relative to the folder of the manifest.
    pub path: String,
    /// The SHA-256 of the whole file, in hexadecimal.
    pub sha256: String,
    /// The length of the file.
    pub bytes: usize,
}

/// Training provenance of the texture reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Training {
    /// Where the films come from.
    pub source: String,
    /// Which films trained it, as a rule that can be repeated.
    pub films_rule: String,
    /// SHA-256 over the sorted SHA-256s of the image files that trained it.
    pub films_sha256: String,
    /// How many films trained it.
    pub films: PerLabel<usize>,
    /// How many films stopped the training and chose the seed; none of them trained it.
    pub validation_films: PerLabel<usize>,
    /// Who is on the films.
    pub population: PerLabel<String>,
    /// The seed of the shipped weights.
    pub seed: u64,
    /// The epoch whose weights are shipped.
    pub epoch: usize,
    /// Cross-entropy on the validation films at that epoch.
    pub validation_loss: f64,
    /// Of the validation films, 95 % have at most this many features outside the range of the
    /// training films: more are warned about.
    pub features_outside_limit: usize,
    /// The program that trained it.
    pub program: String,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it is not JSON of this layout, its version cannot be shown, its calibration is none, or it
    /// names other features or labels than this program's.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let manifest: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::with_source(ErrorKind::Model, "the model manifest is damaged", error))?;
        if manifest.schema != SCHEMA {
            let message = format!("the model manifest has layout {}, not {SCHEMA}", manifest.schema);
            return Err(Error::new(ErrorKind::Model, message));
        }
        if manifest.files.iter().any(|file| file.path.contains(['/', '\\'])) {
            let message = "the model manifest names a file of another folder";
            return Err(Error::new(ErrorKind::Model, message));
        }
        if !can_be_shown(&manifest.version) {
            let message =
                format!("the model manifest has a version that is not 1 to {MAX_VERSION} visible characters");
            return Err(Error::new(ErrorKind::Model, message));
        }
        if manifest.calibration.as_ref().is_some_and(|calibration| !calibration.is_sound()) {
            let message = "the model manifest has a calibration out of range";
            return Err(Error::new(ErrorKind::Model, message));
        }
        if manifest.labels != LABELS || manifest.feature_names != feature_names() {
            let message = "the model was made for other features or labels than this program's";
            return Err(Error::new(ErrorKind::Model, message));
        }
        Ok(manifest)
    }

    /// As a file.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where a number has no JSON.
    pub fn to_json(&self) -> Result<String> {
        let json = serde_json::to_string_pretty(self);
        let failed = |error| Error::with_source(ErrorKind::Internal, "cannot write the manifest", error);
        json.map(|json| json + "\n").map_err(failed)
    }

    /// The weight file of a part of the model.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the manifest names none.
    pub fn file(&self, part: Part) -> Result<&WeightFile> {
        let found = self.files.iter().find(|file| Part::of(&file.path) == Some(part));
        found.ok_or_else(|| {
            Error::new(ErrorKind::Model, format!("the model manifest names no file for {}", part.name()))
        })
    }

    /// Puts a part's weights in the place of those that it had, and says under which name they are to be written.
    pub fn set_file(&mut self, part: Part, bytes: &[u8]) -> String {
        let before = self.files.iter().position(|file| Part::of(&file.path) == Some(part));
        let path = before
            .map_or_else(|| format!("{}.safetensors", part.name()), |place| self.files[place].path.clone());
        let file = WeightFile { path: path.clone(), sha256: sha256(bytes), bytes: bytes.len() };
        match before {
            Some(place) => self.files[place] = file,
            None => self.files.push(file),
        }
        path
    }
}

/// Some editors put it before UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Whether a version can be shown in a line: nothing in it is invisible or turns the direction of the text.
fn can_be_shown(version: &str) -> bool {
    let is_invisible = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    };
    !version.trim().is_empty() && version.chars().count() <= MAX_VERSION && !version.contains(is_invisible)
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Two digits per byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
