//! The suite for tests/browser/parity.test.mjs, with findings as JSON.

use covid_classifier::compute::Backend;
use covid_classifier::network::{Shaders, WebgpuDevice};
use serde_json::json;
use wasm_bindgen::prelude::*;

use crate::{Contestant, compare, compare_films, first_failure, layers, networks, wrong_shaders};

#[wasm_bindgen(start)]
fn start_parity() {
    console_error_panic_hook::set_once();
}

fn error(message: impl ToString) -> JsValue {
    JsError::new(&message.to_string()).into()
}

/// The name of the adapter, or an error with the reason why there is none.
#[wasm_bindgen]
pub async fn adapter() -> Result<String, JsValue> {
    let gpu = WebgpuDevice::open(true, Shaders::default()).await.map_err(error)?;
    Ok(gpu.adapter().name.clone())
}

/// Layers and networks: JSON of findings. `name` is `simd` or `webgpu`; tiles for `enough` threads.
#[wasm_bindgen]
pub async fn suite(name: &str, enough: usize) -> Result<String, JsValue> {
    let contestant = match name {
        "simd" => Contestant::Simd,
        _ => Contestant::Webgpu(
            Box::new(WebgpuDevice::open(true, Shaders::default()).await.map_err(error)?),
            enough,
        ),
    };
    let mut findings = compare(&contestant, &layers()).await;
    findings.extend(compare(&contestant, &networks().map_err(error)?).await);
    Ok(json!(findings).to_string())
}

/// Whole films: JSON of findings.
#[wasm_bindgen]
pub async fn films(name: &str) -> Result<String, JsValue> {
    let backend: Backend = name.parse().map_err(|message: String| error(message))?;
    Ok(json!(compare_films(backend).await.map_err(error)?).to_string())
}

/// For every wrong shader, the finding that exposes it: JSON of (fault, finding or null).
#[wasm_bindgen]
pub async fn wrong() -> Result<String, JsValue> {
    let cases = layers();
    let mut found = Vec::new();
    for (what, shaders) in wrong_shaders() {
        let gpu = WebgpuDevice::open(true, shaders).await.map_err(error)?;
        found.push((what, first_failure(&Contestant::Webgpu(Box::new(gpu), 0), &cases).await));
    }
    Ok(json!(found).to_string())
}
