//! The WebAssembly boundary: wraps, converts, maps errors; no algorithm.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::pipeline;
use crate::radiograph::Picture;

/// The longer side of the film that is shown.
const SHOWN_SIDE_PX: usize = 1024;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The classifier, for JavaScript.
#[wasm_bindgen]
pub struct Classifier(pipeline::Classifier);

#[wasm_bindgen]
impl Classifier {
    /// From the bytes of `models/manifest.json` and `models/texture.safetensors`. Throws an
    /// `Error` with a `code`.
    #[wasm_bindgen(constructor)]
    pub fn new(manifest: &[u8], texture: &[u8]) -> Result<Classifier, JsValue> {
        pipeline::Classifier::new(manifest, texture).map(Self).map_err(to_js_error)
    }

    /// Reads one file: `{ report, film, equalized }`. Never throws for a bad file: then
    /// `report.error` says what was wrong, and both pictures are `null`.
    pub fn classify(&mut self, path: &str, bytes: &[u8]) -> Result<JsValue, JsValue> {
        let reading = self.0.classify(path, bytes);
        let result = js_sys::Object::new();
        set(&result, "report", &to_js(&reading.report)?)?;
        let film = reading.film.map(|film| film.picture(SHOWN_SIDE_PX));
        set(&result, "film", &picture(film)?)?;
        let equalized = reading.equalized.map(|image| image.into_picture());
        set(&result, "equalized", &picture(equalized)?)?;
        Ok(result.into())
    }

    /// Version, hash, labels and training provenance.
    pub fn model(&self) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Model<'a> {
            #[serde(flatten)]
            id: crate::report::ModelId,
            labels: [crate::report::Label; 3],
            training: &'a crate::model_file::Training,
        }
        let manifest = self.0.manifest();
        to_js(&Model { id: manifest.model_id(), labels: manifest.labels, training: &manifest.training })
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

/// `{ width, height, pixels }` with RGBA pixels, as `ImageData` takes them.
fn picture(picture: Option<Picture>) -> Result<JsValue, JsValue> {
    let Some(picture) = picture else { return Ok(JsValue::NULL) };
    let rgba: Vec<u8> = picture.pixels.iter().flat_map(|&gray| [gray, gray, gray, 255]).collect();
    let result = js_sys::Object::new();
    set(&result, "width", &(picture.width as u32).into())?;
    set(&result, "height", &(picture.height as u32).into())?;
    set(&result, "pixels", &js_sys::Uint8ClampedArray::from(&rgba[..]))?;
    Ok(result.into())
}
