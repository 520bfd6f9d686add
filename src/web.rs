//! The WebAssembly boundary: wraps, converts, maps errors; no algorithm.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::decode;
use crate::error::Error;
use crate::label::{LABELS, Label};
use crate::model::{Manifest, Model, ModelFile, ModelId, Training, hexadecimal, sha256};
use crate::phantom::{Phantom, SAMPLES};
use crate::pipeline;
use crate::radiograph::{Radiograph, ReadAs, Samples};
use crate::report::Report;
use crate::show::{FilmPicture, Overlay, Picture, Sight, preview};
use crate::validation::{Labelled, validate_labelled};

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
        let named = Manifest::from_json(&manifest).map_err(to_js_error)?.files;
        let mut owned = Vec::new();
        for file in &named {
            let bytes = js_sys::Reflect::get(&files, &file.path.as_str().into())?;
            // One that is missing is named by the model.
            if let Ok(bytes) = bytes.dyn_into::<js_sys::Uint8Array>() {
                let bytes = bytes.to_vec();
                let digest = digest(&bytes).await;
                owned.push((file.path.as_str(), bytes, digest));
            }
        }
        let files: Vec<ModelFile<'_>> = owned
            .iter()
            .map(|(name, bytes, sha256)| ModelFile::hashed(name, bytes, sha256.clone()))
            .collect();
        let model = Model::from_files(&manifest, &files).map_err(to_js_error)?;
        drop(files);
        drop(owned);
        let created = pipeline::Classifier::start(model, backend.as_deref()).await;
        created.map(Self).map_err(to_js_error)
    }

    /// Which back-end runs the networks, and why: `{ backend, adapter, attempts }`.
    pub fn compute(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.compute())
    }

    /// One network (`lungs` or `convnet`) on one plane: `{ maps, features }`. For those who compare
    /// or measure it.
    pub async fn run_network(&mut self, name: &str, plane: &[f32]) -> Result<JsValue, JsValue> {
        let network = name.parse().map_err(|message: String| js_sys::Error::new(&message))?;
        let output = self.0.run_network(network, plane).await.map_err(to_js_error)?;
        let result = js_sys::Object::new();
        set(&result, "maps", &js_sys::Float32Array::from(&output.maps[..]))?;
        set(&result, "features", &js_sys::Float32Array::from(&output.features[..]))?;
        Ok(result.into())
    }

    /// Reads one file, altered where `read_as` is an object: `{ quarter_turns, mirrored, inverted }`, each of which may
    /// be left out. Never rejects for a bad file: then the report's `error` says what was wrong, and there are no
    /// pictures. Rejects with a `TypeError` where `read_as` has other values. One call at a time. `seen` is called with a
    /// picture of the film once it is decoded, before it is read.
    pub async fn classify(
        &mut self,
        path: String,
        bytes: Vec<u8>,
        read_as: Option<js_sys::Object>,
        seen: Option<js_sys::Function>,
    ) -> Result<Reading, JsValue> {
        let read_as = self::read_as(read_as)?;
        let show = |film: &Radiograph| {
            let Some(seen) = seen else { return };
            // Whoever looks has to see to it that looking does not fail; the film is read all the same.
            let _ = gray(&preview(film)).and_then(|picture| seen.call1(&JsValue::NULL, &picture));
        };
        let pipeline::Reading { report, sight } = self.0.classify_async(&path, &bytes, read_as, show).await;
        Ok(Reading { report: Some(report), sight })
    }

    /// What there is to see of a film that has been read before in the same way: quicker than to read it again. There is
    /// no report. Rejects with an `Error` with a `code`; for `read_as` as `classify` does. One call at a time.
    pub async fn look(
        &mut self,
        bytes: Vec<u8>,
        read_as: Option<js_sys::Object>,
    ) -> Result<Reading, JsValue> {
        let read_as = self::read_as(read_as)?;
        let sight = self.0.look(&bytes, read_as).await.map_err(to_js_error)?;
        Ok(Reading { report: None, sight: Some(Box::new(sight)) })
    }

    /// Reads a film that the browser decoded: `rgba` has four bytes for each pixel, `format` is what the error of
    /// [`classify`](Self::classify) called the file. As that, never rejects for a bad film.
    pub async fn classify_pixels(
        &mut self,
        path: String,
        format: String,
        width: u32,
        height: u32,
        rgba: Vec<u8>,
        read_as: Option<js_sys::Object>,
    ) -> Result<Reading, JsValue> {
        let read_as = self::read_as(read_as)?;
        let film = format.parse().and_then(|format| decode::from_pixels(width, height, rgba, format));
        let pipeline::Reading { report, sight } = self.0.classify_decoded(&path, film, read_as).await;
        Ok(Reading { report: Some(report), sight })
    }

    /// As [`look`](Self::look), at a film that the browser decoded.
    pub async fn look_pixels(
        &mut self,
        format: String,
        width: u32,
        height: u32,
        rgba: Vec<u8>,
        read_as: Option<js_sys::Object>,
    ) -> Result<Reading, JsValue> {
        let read_as = self::read_as(read_as)?;
        let film = format.parse().and_then(|format| decode::from_pixels(width, height, rgba, format));
        let sight = self.0.look_decoded(film.map_err(to_js_error)?, read_as).await.map_err(to_js_error)?;
        Ok(Reading { report: None, sight: Some(Box::new(sight)) })
    }

    /// What the readers are worth on films whose classes are known. `films` is a list of `{ label, patient, report }`: `report`
    /// is what `classify` gave with this model; without `patient` a film is of a patient of its own. Gives what `covid-lab
    /// evaluate --manifest FILE --out FILE` writes. Rejects with a `TypeError` for anything else.
    pub fn validate(&self, title: &str, films: JsValue) -> Result<JsValue, JsValue> {
        let films: Result<Vec<Labelled>, _> = serde_wasm_bindgen::from_value(films);
        let films = films.map_err(|error| js_sys::TypeError::new(&format!("films: {error}")))?;
        to_js(&validate_labelled(title, films, self.0.calibration()))
    }

    /// What a DICOM file says, for whoever opens that: a list of `{ tag, name, value }`, which may name the patient. Rejects with
    /// an `Error` with a `code`.
    pub fn tags(bytes: &[u8]) -> Result<JsValue, JsValue> {
        to_js(&decode::dicom_tags(bytes).map_err(to_js_error)?)
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
            id: &'a ModelId,
            labels: [Label; 3],
            training: &'a Training,
        }
        let manifest = self.0.manifest();
        to_js(&Model { id: self.0.model_id(), labels: manifest.labels, training: &manifest.training })
    }
}

/// One film read or looked at.
#[wasm_bindgen]
pub struct Reading {
    report: Option<Report>,
    sight: Option<Box<Sight>>,
}

#[wasm_bindgen]
impl Reading {
    /// The report; `null` after a look.
    pub fn report(&self) -> Result<JsValue, JsValue> {
        to_js(&self.report)
    }

    /// The film as a small grey picture; `null` where there is none.
    pub fn thumbnail(&self) -> Result<JsValue, JsValue> {
        self.sight.as_ref().map_or(Ok(JsValue::NULL), |sight| gray(&sight.thumbnail()))
    }

    /// What to show beside the report: `{ film, frame, equalized, crop, activation, outline }`; `null`
    /// where there is none. `film` has the samples as stored, in 8 or 16 bit (colour: its grey in 16; DICOM: what
    /// stands for its modality values), and windows to look at them through; `frame` is where on it lies what was read, as
    /// in the report; `equalized` and `crop` are grey pictures of what the readers
    /// saw; `activation` has an RGBA picture for each label, to lay over the film; `outline` holds the
    /// lungs' outline as segments x0, y0, x1, y1 in shares of the film's sides.
    pub fn pictures(self) -> Result<JsValue, JsValue> {
        self.sight.map_or(Ok(JsValue::NULL), |sight| pictures(*sight))
    }
}

fn pictures(sight: Sight) -> Result<JsValue, JsValue> {
    let result = js_sys::Object::new();
    let activation = js_sys::Object::new();
    for label in LABELS {
        set(&activation, label.name(), &rgba(&sight.overlay(label))?)?;
    }
    set(&result, "activation", &activation)?;
    set(&result, "outline", &js_sys::Float32Array::from(&sight.outline().into_flattened()[..]))?;
    set(&result, "equalized", &gray(&sight.equalized_picture())?)?;
    set(&result, "crop", &gray(&sight.crop_picture())?)?;
    set(&result, "frame", &to_js(&sight.frame)?)?;
    set(&result, "film", &film(&sight.into_film())?)?;
    Ok(result.into())
}

/// How a film is read; as it is stored where that is left out.
fn read_as(object: Option<js_sys::Object>) -> Result<ReadAs, JsValue> {
    let Some(object) = object else { return Ok(ReadAs::STORED) };
    let read_as: Result<ReadAs, _> = serde_wasm_bindgen::from_value(object.into());
    let wrong = |error| {
        let message = format!(
            "how a film is read is {{ quarter_turns: 0 to 3, mirrored: a boolean, inverted: a boolean }}: {error}"
        );
        js_sys::TypeError::new(&message).into()
    };
    read_as.map_err(wrong)
}

/// SHA-256 in hexadecimal, by the browser where it does that: it is at once what our own code becomes after some
/// megabytes.
async fn digest(bytes: &[u8]) -> String {
    let by_browser = async {
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

/// Plain objects and `null`s, as `JSON.parse` would give them.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

fn to_js_error(error: Error) -> JsValue {
    let js_error = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh, extensible object does not fail.
    let _ = js_sys::Reflect::set(&js_error, &"code".into(), &error.kind().code().into());
    // What the browser may decode in our place.
    if let Some(format) = error.format() {
        let _ = js_sys::Reflect::set(&js_error, &"format".into(), &format.code().into());
    }
    js_error.into()
}

fn set(object: &js_sys::Object, key: &str, value: &JsValue) -> Result<(), JsValue> {
    js_sys::Reflect::set(object, &key.into(), value).map(|_| ())
}

/// `{ width, height, samples, offset, step, windows, proposed, is_inverted }`.
fn film(picture: &FilmPicture) -> Result<JsValue, JsValue> {
    let samples: JsValue = match &picture.samples {
        Samples::U8(samples) => js_sys::Uint8Array::from(&samples[..]).into(),
        Samples::U16(samples) => js_sys::Uint16Array::from(&samples[..]).into(),
        Samples::F64(samples) => js_sys::Float64Array::from(&samples[..]).into(),
    };
    let result = sized(picture.width, picture.height)?;
    set(&result, "samples", &samples)?;
    set(&result, "offset", &picture.offset.into())?;
    set(&result, "step", &picture.step.into())?;
    set(&result, "windows", &to_js(&picture.windows)?)?;
    set(&result, "proposed", &to_js(&picture.proposed)?)?;
    set(&result, "is_inverted", &picture.is_inverted.into())?;
    Ok(result.into())
}

/// `{ width, height, gray }` with one byte per pixel.
fn gray(picture: &Picture) -> Result<JsValue, JsValue> {
    let result = sized(picture.width, picture.height)?;
    set(&result, "gray", &js_sys::Uint8Array::from(&picture.pixels[..]))?;
    Ok(result.into())
}

/// `{ width, height, pixels }` with RGBA pixels, as `ImageData` takes them.
fn rgba(overlay: &Overlay) -> Result<JsValue, JsValue> {
    let result = sized(overlay.width, overlay.height)?;
    set(&result, "pixels", &js_sys::Uint8ClampedArray::from(&overlay.pixels[..]))?;
    Ok(result.into())
}

/// `{ width, height }`.
fn sized(width: usize, height: usize) -> Result<js_sys::Object, JsValue> {
    let result = js_sys::Object::new();
    set(&result, "width", &(width as u32).into())?;
    set(&result, "height", &(height as u32).into())?;
    Ok(result)
}
