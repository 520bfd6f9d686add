//! What the graphics processor needs of the browser. wgpu panics at an error that it does not know (a
//! `GPUInternalError` is one), so errors are asked for here.

use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{Adapter, Trouble, TroubleKind, note};

fn property(object: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(object, &key.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

fn word(object: &JsValue, key: &str) -> Option<String> {
    property(object, key)?.as_string().filter(|word| !word.is_empty())
}

/// `object.name(arguments)`; `None` where it throws or there is no such function.
fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function = property(object, name)?.dyn_into::<Function>().ok()?;
    function.apply(object, &arguments.iter().collect::<Array>()).ok()
}

fn js_device(device: &wgpu::Device) -> JsValue {
    device.as_webgpu().map_or(JsValue::UNDEFINED, |device| AsRef::<JsValue>::as_ref(device).clone())
}

/// Whether `navigator.gpu` is there: wgpu takes that for granted.
pub(super) fn is_offered() -> bool {
    let gpu = property(&js_sys::global(), "navigator").and_then(|navigator| property(&navigator, "gpu"));
    gpu.is_some_and(|gpu| gpu.is_object())
}

/// What the browser says of the adapter: often no more than vendor and architecture.
pub(super) fn describe(device: &wgpu::Device, info: &wgpu::AdapterInfo) -> Adapter {
    let about = property(&js_device(device), "adapterInfo").unwrap_or(JsValue::UNDEFINED);
    let words: Vec<String> =
        ["vendor", "architecture", "device"].into_iter().filter_map(|key| word(&about, key)).collect();
    let software = words.iter().any(|word| ["swiftshader", "llvmpipe", "warp"].contains(&word.as_str()));
    let name = match (info.name.is_empty(), words.is_empty()) {
        (false, _) => info.name.clone(),
        (true, false) => words.join(" "),
        (true, true) => "unnamed".to_owned(),
    };
    Adapter { name, software: software || info.device_type == wgpu::DeviceType::Cpu }
}

fn trouble(error: &JsValue) -> Trouble {
    let constructor = property(error, "constructor").and_then(|constructor| word(&constructor, "name"));
    match constructor.as_deref() {
        Some("GPUOutOfMemoryError") => Trouble::out_of_memory(),
        _ => Trouble::refused(&word(error, "message").unwrap_or_default()),
    }
}

/// Notes errors that no scope catches.
pub(super) fn listen(device: &wgpu::Device, place: &Arc<Mutex<Option<Trouble>>>) {
    let place = Arc::clone(place);
    let heard = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        // It is said on the page, and need not be on the console.
        call(&event, "preventDefault", &[]);
        note(&place, trouble(&property(&event, "error").unwrap_or(JsValue::UNDEFINED)));
    });
    // One a device, and as long-lived as the page's use of it.
    call(&js_device(device), "addEventListener", &["uncapturederror".into(), heard.into_js_value()]);
}

/// Catches errors of the calls between `open` and `close`.
pub(super) struct Scopes(JsValue);

const FILTERS: [&str; 3] = ["internal", "out-of-memory", "validation"];

impl Scopes {
    pub(super) fn open(device: &wgpu::Device) -> Self {
        let device = js_device(device);
        for filter in FILTERS {
            call(&device, "pushErrorScope", &[filter.into()]);
        }
        Self(device)
    }

    /// The first error there was.
    pub(super) async fn close(self) -> Option<Trouble> {
        // All are taken off before any is waited for.
        let scopes = FILTERS.map(|_| call(&self.0, "popErrorScope", &[]));
        let mut first = None;
        for scope in scopes {
            let found = match scope.and_then(|scope| scope.dyn_into::<Promise>().ok()) {
                Some(promise) => JsFuture::from(promise).await,
                None => Err(JsValue::UNDEFINED),
            };
            first = first.or(match found {
                Ok(error) => error.is_object().then(|| trouble(&error)),
                Err(_) => Some(Trouble::new(TroubleKind::Lost, "the graphics processor was lost")),
            });
        }
        first
    }
}

/// What the future gives, unless it takes longer.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let global = js_sys::global();
    let mut timer_id = None;
    let promise = Promise::new(&mut |resolve, _| {
        // Without a timer there is no limit.
        timer_id = call(&global, "setTimeout", &[resolve.into(), (limit.as_millis() as u32).into()]);
    });
    let mut timer = std::pin::pin!(JsFuture::from(promise));
    let mut future = std::pin::pin!(future);
    let value = std::future::poll_fn(move |context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        timer.as_mut().poll(context).map(|_| None)
    })
    .await;
    if let Some(id) = timer_id {
        call(&global, "clearTimeout", &[id]);
    }
    value
}
