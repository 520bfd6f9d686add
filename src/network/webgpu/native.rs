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

/// A device that fails in between leaves its scopes open. wgpu panics unless the last one opened goes first.
impl Drop for Scopes {
    fn drop(&mut self) {
        while self.0.pop().is_some() {}
    }
}

/// What the future gives. Natively the calls have limits of their own.
pub(super) async fn within<T>(_: Duration, future: impl Future<Output = T>) -> Option<T> {
    Some(future.await)
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;

    /// A device that computes nothing, and is there on every machine.
    fn device() -> wgpu::Device {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::NOOP;
        descriptor.backend_options.noop.enable = true;
        let instance = wgpu::Instance::new(descriptor);
        let adapter = block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())).unwrap();
        block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).unwrap().0
    }

    #[test]
    fn scopes_that_are_open_may_be_dropped() {
        let device = device();
        drop(Scopes::open(&device));
        // The device is as it was.
        assert_eq!(block_on(Scopes::open(&device).close()), None);
    }

    #[test]
    fn an_error_between_open_and_close_is_caught() {
        let device = device();
        let scopes = Scopes::open(&device);
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::MAP_WRITE;
        let _ = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 16,
            usage,
            mapped_at_creation: false,
        });
        let trouble = block_on(scopes.close()).unwrap();
        assert!(trouble.message.starts_with("the graphics processor refused"), "{trouble}");
    }
}
