//! Model files: `models/manifest.json` and the safetensors it names, checked by SHA-256.

use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::compute::SelfTest;
use crate::error::{Error, ErrorKind, Result};
pub use crate::report::ModelId;
use crate::report::{LABELS, Label, PerLabel};
use crate::texture::{COMPONENTS, Dense, FEATURES, Perceptron, Reduction, feature_names};
use crate::verdict::Calibration;

/// The manifest's layout that this program reads.
pub const SCHEMA: u32 = 2;

/// The file name of the texture reader's weights.
pub const TEXTURE_FILE: &str = "texture.safetensors";
/// The file name of the lung segmenter's weights.
pub const LUNGS_FILE: &str = "lungs.safetensors";
/// The file name of the convnet reader's weights.
pub const CONVNET_FILE: &str = "convnet.safetensors";
/// The file name of the gate's weights.
pub const GATE_FILE: &str = "gate.safetensors";
/// All of them.
pub const FILES: [&str; 4] = [TEXTURE_FILE, LUNGS_FILE, CONVNET_FILE, GATE_FILE];

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
    /// The weight files.
    pub files: Vec<WeightFile>,
    /// What the texture reader was trained on.
    pub training: Training,
    /// What the other networks were trained on.
    pub networks: Option<Networks>,
    /// From logits to the verdict.
    pub calibration: Option<Calibration>,
    /// What the networks say of the known film.
    #[serde(default)]
    pub self_test: Option<SelfTest>,
}

/// Training provenance of the convnet reader, the segmenter and the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Networks {
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
    /// Beside the manifest.
    pub path: String,
    /// Of the whole file, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: usize,
}

/// Training provenance of the texture reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// [`ErrorKind::Model`] where it is not JSON of this layout, or names other features or
    /// labels than this program's.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        let manifest: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::with_source(ErrorKind::Model, "the model manifest is damaged", error))?;
        if manifest.schema != SCHEMA {
            let message = format!("the model manifest has layout {}, not {SCHEMA}", manifest.schema);
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

    /// Checks a weight file against the manifest.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the manifest does not name it or it hashes to something else.
    pub fn check(&self, path: &str, bytes: &[u8]) -> Result<&WeightFile> {
        self.check_digest(path, &sha256(bytes))
    }

    /// As [`check`](Self::check), of a file that has the SHA-256 `digest`.
    pub(crate) fn check_digest(&self, path: &str, digest: &str) -> Result<&WeightFile> {
        let file = self.files.iter().find(|file| file.path == path).ok_or_else(|| {
            Error::new(ErrorKind::Model, format!("the model manifest does not name {path}"))
        })?;
        if digest != file.sha256 {
            let message = format!("{path} is damaged: it is not the file that the manifest names");
            return Err(Error::new(ErrorKind::Model, message));
        }
        Ok(file)
    }

    /// Puts a weight file in the place of the one of its name.
    pub fn set_file(&mut self, path: &str, bytes: &[u8]) {
        let file = WeightFile { path: path.to_owned(), sha256: sha256(bytes), bytes: bytes.len() };
        match self.files.iter_mut().find(|other| other.path == path) {
            Some(other) => *other = file,
            None => self.files.push(file),
        }
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// [`sha256`], by the browser where it does that: it is at once what our own code becomes after some
/// megabytes.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn digest(bytes: &[u8]) -> String {
    let by_browser = async {
        use wasm_bindgen::{JsCast as _, JsValue};
        let property = |object: &JsValue, key: &str| js_sys::Reflect::get(object, &key.into()).ok();
        // Not there on a page that came over plain HTTP from another machine.
        let subtle = property(&property(&js_sys::global(), "crypto")?, "subtle")?;
        let digest = property(&subtle, "digest")?.dyn_into::<js_sys::Function>().ok()?;
        let promise = digest.call2(&subtle, &"SHA-256".into(), &js_sys::Uint8Array::from(bytes)).ok()?;
        let promise = promise.dyn_into::<js_sys::Promise>().ok()?;
        let hash = wasm_bindgen_futures::JsFuture::from(promise).await.ok()?;
        Some(hexadecimal(&js_sys::Uint8Array::new(&hash).to_vec()))
    };
    by_browser.await.unwrap_or_else(|| sha256(bytes))
}

/// [`sha256`].
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn digest(bytes: &[u8]) -> String {
    sha256(bytes)
}

/// The texture reader's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct TextureWeights {
    /// Features to components.
    pub reduction: Reduction,
    /// Components to logits.
    pub perceptron: Perceptron,
}

/// The tensor names of the dense layers.
const LAYERS: [&str; 3] = ["hidden1", "hidden2", "output"];

impl TextureWeights {
    /// Reads safetensors.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] with the tensor's name and both shapes where one does not fit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(|error| Error::with_source(ErrorKind::Model, "the weight file is damaged", error))?;
        let reduction = Reduction {
            minimum: f64s(&tensors, "scaler.minimum", &[FEATURES])?,
            maximum: f64s(&tensors, "scaler.maximum", &[FEATURES])?,
            mean: f64s(&tensors, "reduction.mean", &[FEATURES])?,
            components: f32s(&tensors, "reduction.components", &[COMPONENTS, FEATURES])?,
        };
        let layer = |k: usize| {
            let (inputs, outputs) = (Perceptron::WIDTHS[k], Perceptron::WIDTHS[k + 1]);
            let name = LAYERS[k];
            let weights = f32s(&tensors, &format!("{name}.weight"), &[outputs, inputs])?;
            let bias = f32s(&tensors, &format!("{name}.bias"), &[outputs])?;
            Ok::<_, Error>(Dense { weights, bias })
        };
        let perceptron = Perceptron { layers: [layer(0)?, layer(1)?, layer(2)?] };
        if !reduction.is_valid() || !perceptron.is_valid() {
            return Err(Error::new(ErrorKind::Model, "a weight is not a finite number"));
        }
        Ok(Self { reduction, perceptron })
    }

    /// Writes safetensors; the same weights always give the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the weights do not have the shapes they should.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let f64s = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let f32s = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let reduction = &self.reduction;
        let mut tensors = vec![
            ("scaler.minimum".to_owned(), Dtype::F64, vec![FEATURES], f64s(&reduction.minimum)),
            ("scaler.maximum".to_owned(), Dtype::F64, vec![FEATURES], f64s(&reduction.maximum)),
            ("reduction.mean".to_owned(), Dtype::F64, vec![FEATURES], f64s(&reduction.mean)),
            (
                "reduction.components".to_owned(),
                Dtype::F32,
                vec![COMPONENTS, FEATURES],
                f32s(&reduction.components),
            ),
        ];
        for ((layer, name), widths) in
            self.perceptron.layers.iter().zip(LAYERS).zip(Perceptron::WIDTHS.windows(2))
        {
            let shape = vec![widths[1], widths[0]];
            tensors.push((format!("{name}.weight"), Dtype::F32, shape, f32s(&layer.weights)));
            tensors.push((format!("{name}.bias"), Dtype::F32, vec![widths[1]], f32s(&layer.bias)));
        }
        let failed = |error| Error::with_source(ErrorKind::Model, "the weights do not fit", error);
        let views = tensors.iter().map(|(name, dtype, shape, data)| {
            let view = safetensors::tensor::TensorView::new(*dtype, shape.clone(), data);
            view.map(|view| (name.clone(), view))
        });
        let views = views.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
        safetensors::serialize(views, None).map_err(failed)
    }
}

fn tensor<'a>(tensors: &SafeTensors<'a>, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8]> {
    let view = tensors
        .tensor(name)
        .map_err(|error| Error::with_source(ErrorKind::Model, format!("no tensor {name}"), error))?;
    if view.dtype() != dtype || view.shape() != shape {
        let message =
            format!("tensor {name} is {:?} {:?}, not {dtype:?} {shape:?}", view.dtype(), view.shape());
        return Err(Error::new(ErrorKind::Model, message));
    }
    Ok(view.data())
}

fn f32s(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
    let data = tensor(tensors, name, Dtype::F32, shape)?;
    Ok(data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

fn f64s(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f64>> {
    let data = tensor(tensors, name, Dtype::F64, shape)?;
    Ok(data.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
}
