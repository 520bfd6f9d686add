//! The model: a manifest and the weight files that it names, checked by SHA-256 and read.

mod manifest;
#[cfg(feature = "shipped-model")]
mod shipped;

#[cfg(target_arch = "wasm32")]
pub(crate) use manifest::hexadecimal;
pub use manifest::{Manifest, NetworksTraining, PARTS, Part, SCHEMA, Training, WeightFile, sha256};

use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::compute::SelfTest;
use crate::convnet;
use crate::decode::limits::MAX_MODEL_FILE_BYTES;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Gate;
use crate::network::{Network, Weights};
use crate::texture::TextureWeights;
use crate::verdict::Calibration;

/// The manifest's name in a folder.
pub const MANIFEST: &str = "manifest.json";

/// Which model answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelId {
    /// The version in the manifest.
    pub version: String,
    /// SHA-256 of the manifest, which names every weight file's, in hexadecimal.
    pub sha256: String,
}

/// A model, whole and ready: every weight file is the one that the manifest names and fits this program.
#[derive(Clone, Debug)]
pub struct Model {
    /// Where it comes from, and what it was trained on.
    pub manifest: Manifest,
    /// Its version and hash.
    pub id: ModelId,
    /// The paper's reader: from 252 features to three logits.
    pub texture: TextureWeights,
    /// The lung segmenter, [`Network::lungs`].
    pub lungs: Weights,
    /// The convnet reader, [`Network::convnet`] of [`convnet::SIDE`].
    pub convnet: Weights,
    /// Says whether a film may be judged, and whether it is a child's.
    pub gate: Gate,
    /// From the readers' logits to probabilities, prediction set and verdict.
    pub calibration: Calibration,
    /// What the networks say of the known film.
    pub self_test: SelfTest,
}

/// A weight file on its way into a [`Model`].
#[derive(Clone, Debug)]
pub struct ModelFile<'a> {
    name: &'a str,
    bytes: &'a [u8],
    sha256: String,
}

impl<'a> ModelFile<'a> {
    /// A file by its name beside the manifest.
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self::hashed(name, bytes, sha256(bytes))
    }

    /// The same, where somebody has hashed it already.
    pub(crate) fn hashed(name: &'a str, bytes: &'a [u8], sha256: String) -> Self {
        Self { name, bytes, sha256 }
    }
}

/// A pipe would be waited for, and a device may have no end.
fn read_bounded(path: &Path) -> Result<Vec<u8>> {
    let metadata = path.metadata()?;
    if !metadata.is_file() || metadata.len() > MAX_MODEL_FILE_BYTES {
        return Err(Error::new(ErrorKind::Model, "this is not a file of a model"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_MODEL_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Model {
    /// The model in a folder: `manifest.json` and the files that it names.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] where a file cannot be read; otherwise as [`from_files`](Self::from_files).
    pub fn read_folder(folder: impl AsRef<Path>) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.as_ref().join(name);
            read_bounded(&path).map_err(|error| error.about(&path.display().to_string()))
        };
        let json = read(MANIFEST)?;
        let manifest = Manifest::from_json(&json)?;
        let named = manifest.files.iter().map(|file| read(&file.path).map(|bytes| (&file.path[..], bytes)));
        let named = named.collect::<Result<Vec<_>>>()?;
        let files: Vec<ModelFile<'_>> =
            named.iter().map(|(name, bytes)| ModelFile::new(name, bytes)).collect();
        Self::from_files(&json, &files)
    }

    /// The model of a manifest and the files that it names. Files that it does not name are left alone.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where a file is missing, damaged or of another model, or the model was not finished.
    pub fn from_files(manifest: &[u8], files: &[ModelFile<'_>]) -> Result<Self> {
        let id = sha256(manifest);
        let manifest = Manifest::from_json(manifest)?;
        let bytes = |part: Part| {
            let named = manifest.file(part)?;
            let found = files.iter().find(|file| file.name == named.path).ok_or_else(|| {
                Error::new(ErrorKind::Model, format!("the model file {} is missing", named.path))
            })?;
            if found.sha256 != named.sha256 {
                let message =
                    format!("{} is damaged: it is not the file that the manifest names", named.path);
                return Err(Error::new(ErrorKind::Model, message));
            }
            Ok(found.bytes)
        };
        let unfinished = || Error::new(ErrorKind::Model, "the model has not been calibrated");
        Ok(Self {
            id: ModelId { version: manifest.version.clone(), sha256: id },
            texture: TextureWeights::from_bytes(bytes(Part::Texture)?)?,
            lungs: Weights::from_bytes(&Network::lungs(), bytes(Part::Lungs)?)?,
            convnet: Weights::from_bytes(&Network::convnet(convnet::SIDE), bytes(Part::Convnet)?)?,
            gate: Gate::from_bytes(bytes(Part::Gate)?)?,
            calibration: manifest.calibration.clone().ok_or_else(unfinished)?,
            self_test: manifest.self_test.clone().ok_or_else(unfinished)?,
            manifest,
        })
    }
}
