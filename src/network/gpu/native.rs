//! What the graphics processor needs of the system, natively.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Adapter, Trouble, note};

pub(super) fn is_offered() -> bool {
    true
}

pub(super) fn describe(_: &wgpu::Device, info: &wgpu::AdapterInfo) -> Adapter {
    Adapter {
        name: format!("{}, {}", info.name, info.backend),
        software: info.device_type == wgpu::DeviceType::Cpu,
    }
}

/// Notes errors that no scope catches.
pub(super) fn listen(device: &wgpu::Device, place: &Arc<Mutex<Option<Trouble>>>) {
    let place = Arc::clone(place);
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        note(&place, trouble(error));
    }));
}

fn trouble(error: wgpu::Error) -> Trouble {
    match error {
        wgpu::Error::OutOfMemory { .. } => Trouble::out_of_memory(),
        wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
            Trouble::refused(&description)
        }
    }
}

/// Catches errors of the calls between `open` and `close`.
pub(super) struct Scopes(Vec<wgpu::ErrorScopeGuard>);

impl Scopes {
    pub(super) fn open(device: &wgpu::Device) -> Self {
        let filters =
            [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Validation];
        Self(filters.map(|filter| device.push_error_scope(filter)).into())
    }

    /// The first error there was.
    pub(super) async fn close(mut self) -> Option<Trouble> {
        let mut first = None;
        while let Some(scope) = self.0.pop() {
            let trouble = scope.pop().await.map(trouble);
            first = first.or(trouble);
        }
        first
    }
}

/// What the future gives. Natively the calls have limits of their own.
pub(super) async fn within<T>(_: Duration, future: impl Future<Output = T>) -> Option<T> {
    Some(future.await)
}
