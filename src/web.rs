//! The WebAssembly boundary: wraps, converts, maps errors; no algorithm.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::compute::Net;
use crate::convnet::Activation;
use crate::error::Error;
use crate::heatmap::overlay;
use crate::model_file::FILES;
use crate::phantom::{Phantom, SAMPLES};
use crate::pipeline;
use crate::preprocess::EqualizedImage;
use crate::radiograph::{Picture, Radiograph, Samples};
use crate::report::LABELS;
use crate::window::Windows;

/// The longer side of the film in a list.
const THUMBNAIL_SIDE_PX: usize = 96;
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

    /// Reads one file. Never rejects for a bad file: then the report's `error` says what was wrong,
    /// and there are no pictures. One call at a time.
    pub async fn classify(&mut self, path: String, bytes: Vec<u8>) -> Reading {
        Reading(self.0.classify_async(&path, &bytes).await)
    }

    /// A synthetic film (BMP), of [`SAMPLES`]; `undefined` where there are not so many.
    pub fn sample(index: usize) -> Option<Vec<u8>> {
        SAMPLES.get(index).map(Phantom::to_bmp)
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

/// One film read.
#[wasm_bindgen]
pub struct Reading(pipeline::Reading);

#[wasm_bindgen]
impl Reading {
    /// The report.
    pub fn report(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.report)
    }

    /// The film as a small grey picture; `null` where there is none.
    pub fn thumbnail(&self) -> Result<JsValue, JsValue> {
        gray(self.0.film.as_ref().map(|film| film.picture(THUMBNAIL_SIDE_PX)))
    }

    /// What to show beside the report: `{ film, equalized, crop, activation, outline }`; `null` where
    /// there is none. `film` has the samples as stored, in 8 or 16 bit (colour: its grey in 16), and
    /// windows to look at them through; `equalized` and `crop` are grey pictures of what the readers
    /// saw; `activation` has an RGBA picture a label, to lay over the film; `outline` holds the
    /// lungs' outline as segments x0, y0, x1, y1 in shares of the film's sides.
    pub fn pictures(self) -> Result<JsValue, JsValue> {
        let pipeline::Reading { film: Some(mut film), equalized, lungs, crop, activation, .. } = self.0
        else {
            return Ok(JsValue::NULL);
        };
        if let Samples::F64(samples) = &film.samples {
            film.samples =
                Samples::U16(samples.iter().map(|sample| (sample * 65535.0 + 0.5) as u16).collect());
        }
        let result = js_sys::Object::new();
        let size = (film.width, film.height);
        let maps = activation.map(|activation| activation_maps(&activation, size)).transpose()?;
        set(&result, "activation", &maps.unwrap_or(JsValue::NULL))?;
        let outline = lungs.as_ref().map(|lungs| lungs.outline().into_flattened());
        let outline = outline.map(|outline| js_sys::Float32Array::from(&outline[..]).into());
        set(&result, "outline", &outline.unwrap_or(JsValue::NULL))?;
        set(&result, "equalized", &gray(equalized.map(EqualizedImage::into_picture))?)?;
        set(&result, "crop", &gray(crop)?)?;
        set(&result, "film", &film_picture(&film, &Windows::of(&film, lungs.as_ref()))?)?;
        Ok(result.into())
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

/// `{ width, height, samples, windows }`.
fn film_picture(film: &Radiograph, windows: &Windows) -> Result<JsValue, JsValue> {
    let samples: JsValue = match &film.samples {
        Samples::U8(samples) => js_sys::Uint8Array::from(&samples[..]).into(),
        Samples::U16(samples) => js_sys::Uint16Array::from(&samples[..]).into(),
        Samples::F64(samples) => js_sys::Float64Array::from(&samples[..]).into(),
    };
    let result = js_sys::Object::new();
    set(&result, "width", &(film.width as u32).into())?;
    set(&result, "height", &(film.height as u32).into())?;
    set(&result, "samples", &samples)?;
    set(&result, "windows", &to_js(windows)?)?;
    Ok(result.into())
}

/// `{ width, height, gray }` with one byte a pixel.
fn gray(picture: Option<Picture>) -> Result<JsValue, JsValue> {
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
