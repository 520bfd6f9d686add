//! The WebAssembly boundary: wraps, converts, maps errors; no algorithm.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::compute::Net;
use crate::convnet::Activation;
use crate::error::Error;
use crate::heatmap::overlay;
use crate::model_file::FILES;
use crate::pipeline;
use crate::radiograph::Picture;
use crate::report::LABELS;

/// The longer side of the film that is shown.
const SHOWN_SIDE_PX: usize = 1024;
/// The longer side of a class activation map; the canvas enlarges it.
const MAP_SIDE_PX: usize = 160;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The classifier, for JavaScript.
#[wasm_bindgen]
pub struct Classifier(pipeline::Classifier);

#[wasm_bindgen]
impl Classifier {
    /// From the bytes of `models/manifest.json` and an object of the weight files that it names:
    /// `{ 'texture.safetensors': Uint8Array, … }`. `backend` is tried first: `webgpu`, `simd` or
    /// `candle`. Rejects with an `Error` with a `code`.
    pub async fn create(
        manifest: Vec<u8>,
        files: js_sys::Object,
        backend: Option<String>,
    ) -> Result<Classifier, JsValue> {
        let mut owned = Vec::new();
        for name in FILES {
            let bytes = js_sys::Reflect::get(&files, &name.into())?;
            // One that is missing is named by the classifier.
            if let Ok(bytes) = bytes.dyn_into::<js_sys::Uint8Array>() {
                owned.push((name, bytes.to_vec()));
            }
        }
        let files: Vec<(&str, &[u8])> = owned.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
        let created = pipeline::Classifier::create(&manifest, &files, backend.as_deref()).await;
        created.map(Self).map_err(to_js_error)
    }

    /// Which back-end runs the networks, and why: `{ backend, adapter, attempts }`.
    pub fn compute(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.compute())
    }

    /// One network (`lungs` or `convnet`) on one plane: `{ maps, features }`. For those who compare
    /// or measure it.
    pub async fn run_network(&mut self, name: &str, plane: &[f32]) -> Result<JsValue, JsValue> {
        let net = match name {
            "lungs" => Net::Lungs,
            "convnet" => Net::Convnet,
            _ => return Err(js_sys::Error::new(&format!("there is no network {name}")).into()),
        };
        let output = self.0.run_network(net, plane).await.map_err(to_js_error)?;
        let result = js_sys::Object::new();
        set(&result, "maps", &js_sys::Float32Array::from(&output.maps[..]))?;
        set(&result, "features", &js_sys::Float32Array::from(&output.features[..]))?;
        Ok(result.into())
    }

    /// Reads one file: `{ report, film, equalized, activation, outline }`. `film` and `equalized` are
    /// grey pictures, `activation` has an RGBA
    /// picture a label, to lay over the film; `outline` holds the lungs' outline as segments
    /// x0, y0, x1, y1 in shares of the film's sides. Never rejects for a bad file: then
    /// `report.error` says what was wrong, and the others are `null`. One call at a time.
    pub async fn classify(&mut self, path: String, bytes: Vec<u8>) -> Result<JsValue, JsValue> {
        let reading = self.0.classify_async(&path, &bytes).await;
        let result = js_sys::Object::new();
        set(&result, "report", &to_js(&reading.report)?)?;
        let size = reading.film.as_ref().map(|film| (film.width, film.height));
        let film = reading.film.map(|film| film.picture(SHOWN_SIDE_PX));
        set(&result, "film", &picture(film)?)?;
        let equalized = reading.equalized.map(|image| image.into_picture());
        set(&result, "equalized", &picture(equalized)?)?;
        let outline = reading.lungs.map(|lungs| lungs.outline().into_flattened());
        let outline =
            outline.map_or(JsValue::NULL, |outline| js_sys::Float32Array::from(&outline[..]).into());
        set(&result, "outline", &outline)?;
        let maps = match (&reading.activation, size) {
            (Some(activation), Some(size)) => activation_maps(activation, size)?,
            _ => JsValue::NULL,
        };
        set(&result, "activation", &maps)?;
        Ok(result.into())
    }

    /// Version, hash, labels and training provenance.
    pub fn model(&self) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Model<'a> {
            #[serde(flatten)]
            id: &'a crate::report::ModelId,
            labels: [crate::report::Label; 3],
            training: &'a crate::model_file::Training,
        }
        let manifest = self.0.manifest();
        to_js(&Model { id: self.0.model_id(), labels: manifest.labels, training: &manifest.training })
    }
}

/// Plain objects and `null`s, as `JSON.parse` would give them.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

fn to_js_error(error: Error) -> JsValue {
    let js_error = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh, extensible object does not fail.
    let _ = js_sys::Reflect::set(&js_error, &"code".into(), &error.kind().code().into());
    js_error.into()
}

fn set(object: &js_sys::Object, key: &str, value: &JsValue) -> Result<(), JsValue> {
    js_sys::Reflect::set(object, &key.into(), value).map(|_| ())
}

/// A map a label, its longer side [`MAP_SIDE_PX`].
fn activation_maps(activation: &Activation, (width, height): (usize, usize)) -> Result<JsValue, JsValue> {
    let scale = MAP_SIDE_PX as f64 / width.max(height) as f64;
    let of = |length: usize| ((length as f64 * scale).round() as usize).max(1);
    let (width, height) = (of(width), of(height));
    let result = js_sys::Object::new();
    for label in LABELS {
        set(&result, label.name(), &rgba(width, height, &overlay(activation, label, width, height))?)?;
    }
    Ok(result.into())
}

/// `{ width, height, gray }` with one byte a pixel.
fn picture(picture: Option<Picture>) -> Result<JsValue, JsValue> {
    let Some(picture) = picture else { return Ok(JsValue::NULL) };
    let result = js_sys::Object::new();
    set(&result, "width", &(picture.width as u32).into())?;
    set(&result, "height", &(picture.height as u32).into())?;
    set(&result, "gray", &js_sys::Uint8Array::from(&picture.pixels[..]))?;
    Ok(result.into())
}

/// `{ width, height, pixels }` with RGBA pixels, as `ImageData` takes them.
fn rgba(width: usize, height: usize, pixels: &[u8]) -> Result<JsValue, JsValue> {
    let result = js_sys::Object::new();
    set(&result, "width", &(width as u32).into())?;
    set(&result, "height", &(height as u32).into())?;
    set(&result, "pixels", &js_sys::Uint8ClampedArray::from(pixels))?;
    Ok(result.into())
}
