//! A network run by compute shaders: WebGPU in the browser, Vulkan or Metal natively.
//!
//! Everything is made once: pipelines, bind groups, buffers. A run writes one plane, submits every
//! layer at once and reads one buffer back. The lung crop is made on the processor: the graphics
//! processor would need the film and the lung fields for it, which is more to copy than the crop.
//!
//! What goes wrong is a [`Trouble`], no panic, and a device that was in trouble is not used again. In
//! the browser nothing is waited for without a limit; natively a run is not.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;

#[cfg(target_arch = "wasm32")]
use browser::{Scopes, describe, is_offered, listen, within};
#[cfg(not(target_arch = "wasm32"))]
use native::{Scopes, describe, is_offered, listen, within};

use super::plan::{Step, plan};
use super::shaders::{Shaders, THREADS, Tile, pack_bias, pack_weights, plain, unpack};
use super::{Network, Output, Weights, check, check_plane};
use crate::error::Error;

/// What takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why a device does not run a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What to branch on.
    pub kind: TroubleKind,
    /// For people.
    pub message: String,
}

/// The kinds of [`Trouble`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TroubleKind {
    /// There is no WebGPU here, or it offers no adapter.
    NoAdapter,
    /// The adapter is a program that runs on the processor.
    SoftwareAdapter,
    /// The adapter gave no device.
    NoDevice,
    /// A shader or a pipeline was not accepted, or another call was not valid.
    Shader,
    /// There is not enough memory.
    OutOfMemory,
    /// No answer in time.
    TimedOut,
    /// The device was lost.
    Lost,
    /// The weights or the input do not fit.
    Input,
}

impl Trouble {
    fn new(kind: TroubleKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    fn out_of_memory() -> Self {
        Self::new(TroubleKind::OutOfMemory, "the graphics processor has not enough memory")
    }

    fn refused(why: &str) -> Self {
        Self::new(TroubleKind::Shader, format!("the graphics processor refused: {}", first_line(why)))
    }

    fn silent() -> Self {
        Self::new(TroubleKind::TimedOut, "the graphics processor does not answer")
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::new(TroubleKind::Input, error.to_string())
    }
}

fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given")
}

/// What a device runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// As far as it says who it is.
    pub name: String,
    /// It is a program that runs on the processor.
    pub software: bool,
}

/// A device, its shaders, and what has gone wrong with it.
pub struct WebgpuDevice {
    device: wgpu::Device,
    queue: wgpu::Queue,
    adapter: Adapter,
    shaders: Shaders,
    pipelines: Mutex<HashMap<String, wgpu::ComputePipeline>>,
    trouble: Arc<Mutex<Option<Trouble>>>,
}

impl WebgpuDevice {
    /// The most powerful adapter's device. With `software` false, a software adapter is refused.
    ///
    /// # Errors
    /// [`Trouble`], with the reason.
    pub async fn open(software: bool, shaders: Shaders) -> Result<Self, Trouble> {
        within(PATIENCE, Self::try_open(software, shaders)).await.ok_or_else(Trouble::silent)?
    }

    async fn try_open(software: bool, shaders: Shaders) -> Result<Self, Trouble> {
        if !is_offered() {
            return Err(Trouble::new(TroubleKind::NoAdapter, "this browser has no WebGPU here"));
        }
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let none = |_| Trouble::new(TroubleKind::NoAdapter, "there is no graphics adapter for WebGPU");
        let adapter = instance.request_adapter(&options).await.map_err(none)?;
        let info = adapter.get_info();
        // The limits that every WebGPU has, and no more.
        let descriptor = wgpu::DeviceDescriptor::default();
        let refused = |error| {
            Trouble::new(TroubleKind::NoDevice, format!("the graphics adapter gave no device: {error}"))
        };
        let (device, queue) = adapter.request_device(&descriptor).await.map_err(refused)?;
        let adapter = describe(&device, &info);
        if adapter.software && !software {
            device.destroy();
            let message = format!("the adapter ({}) is software that runs on the processor", adapter.name);
            return Err(Trouble::new(TroubleKind::SoftwareAdapter, message));
        }
        let trouble = Arc::new(Mutex::new(None));
        let place = Arc::clone(&trouble);
        device.set_device_lost_callback(move |_, message| {
            let message = format!("the graphics processor was lost: {}", first_line(&message));
            note(&place, Trouble::new(TroubleKind::Lost, message));
        });
        listen(&device, &trouble);
        Ok(Self { device, queue, adapter, shaders, pipelines: Mutex::default(), trouble })
    }

    /// What it runs on.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// Gives the device back: what runs on it ends in [`TroubleKind::Lost`].
    pub fn destroy(&self) {
        self.device.destroy();
    }

    /// Makes all that a network needs. Convolutions give a thread as much work as leaves
    /// `enough_threads` of them.
    ///
    /// # Errors
    /// [`Trouble`], with the reason.
    pub async fn network(
        &self,
        network: &Network,
        weights: &Weights,
        enough_threads: usize,
    ) -> Result<WebgpuNetwork, Trouble> {
        check(network, weights)?;
        let scopes = Scopes::open(&self.device);
        let made = self.make(network, weights, enough_threads);
        if let Some(trouble) = within(PATIENCE, scopes.close()).await.ok_or_else(Trouble::silent)? {
            return Err(trouble);
        }
        self.check()?;
        Ok(made)
    }

    fn check(&self) -> Result<(), Trouble> {
        match &*self.trouble.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(trouble) => Err(trouble.clone()),
            None => Ok(()),
        }
    }

    fn make(&self, network: &Network, weights: &Weights, enough_threads: usize) -> WebgpuNetwork {
        let shapes = network.shapes();
        let fours = |value: usize| {
            let (channels, side) = shapes[value];
            channels.div_ceil(4) * side * side
        };
        let steps = plan(network);
        let values: Vec<_> = (0..shapes.len()).map(|value| self.storage(fours(value))).collect();
        let convs: Vec<[wgpu::Buffer; 2]> = network
            .convs()
            .zip(&weights.convs)
            .map(|(conv, weights)| {
                let usage = wgpu::BufferUsages::STORAGE;
                [
                    self.filled(&pack_weights(conv, weights), usage),
                    self.filled(&pack_bias(&weights.bias), usage),
                ]
            })
            .collect();
        let plane = self.buffer(
            (network.side * network.side * 4) as u64,
            wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
        );
        let features = self.storage(shapes[network.features].0.div_ceil(4));

        let value = |k: usize| &values[k];
        let mut calls = Vec::new();
        calls.push(self.call(plain(&self.shaders.spread), fours(0), &[&plane, value(0)]));
        for step in &steps {
            let output = step.output();
            let (channels, side) = shapes[output];
            calls.push(match step {
                Step::Conv { conv, number, residual, relu, .. } => {
                    let tile = Tile::choose(channels, side, enough_threads);
                    let residual_kind = residual.map_or(0, |residual| 1 + u32::from(residual.half));
                    let input_side = shapes[conv.input].1;
                    let shape = self.uniform(&[
                        conv.inputs.div_ceil(4) as u32,
                        input_side as u32,
                        conv.outputs.div_ceil(4) as u32,
                        side as u32,
                        u32::from(*relu),
                        residual_kind,
                    ]);
                    let [weights, bias] = &convs[*number];
                    let residual = residual.map_or(bias, |residual| value(residual.value));
                    self.call(
                        self.shaders.convolve(conv.kernel, conv.stride, tile),
                        tile.threads(channels, side).unwrap_or(0),
                        &[&shape, value(conv.input), weights, bias, residual, value(output)],
                    )
                }
                Step::AddRelu { inputs: [a, b], .. } => self.call(
                    plain(&self.shaders.add_relu),
                    fours(output),
                    &[value(*a), value(*b), value(output)],
                ),
                Step::Upsample { input, .. } => {
                    let buffers = [&self.uniform(&[side as u32]), value(*input), value(output)];
                    self.call(plain(&self.shaders.enlarge), fours(output), &buffers)
                }
            });
        }
        let (channels, side) = shapes[network.features];
        let pixels = self.uniform(&[(side * side) as u32]);
        let buffers = [&pixels, value(network.features), &features];
        calls.push(self.call(plain(&self.shaders.mean), channels.div_ceil(4), &buffers));

        let maps = value(shapes.len() - 1).clone();
        let read_back = self.buffer(
            maps.size() + features.size(),
            wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        );
        WebgpuNetwork {
            network: network.clone(),
            channels: (shapes[shapes.len() - 1].0, shapes[network.features].0),
            plane,
            calls,
            maps,
            features,
            read_back,
        }
    }

    fn buffer(&self, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let descriptor = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
        self.device.create_buffer(&descriptor)
    }

    fn storage(&self, fours: usize) -> wgpu::Buffer {
        self.buffer(16 * fours as u64, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC)
    }

    fn filled<T: bytemuck::NoUninit>(&self, values: &[T], usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let bytes = bytemuck::cast_slice(values);
        let buffer = self.buffer(bytes.len() as u64, usage | wgpu::BufferUsages::COPY_DST);
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }

    fn uniform(&self, numbers: &[u32]) -> wgpu::Buffer {
        // A uniform structure's size is a multiple of 16 bytes.
        let mut numbers = numbers.to_vec();
        numbers.resize(numbers.len().next_multiple_of(4), 0);
        self.filled(&numbers, wgpu::BufferUsages::UNIFORM)
    }

    fn call(&self, source: String, threads: usize, buffers: &[&wgpu::Buffer]) -> Call {
        let pipeline = self.pipeline(source);
        let entries: Vec<_> = buffers
            .iter()
            .enumerate()
            .map(|(k, buffer)| wgpu::BindGroupEntry {
                binding: k as u32,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let bind_group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Call { pipeline, bind_group, groups: (threads as u32).div_ceil(THREADS) }
    }

    fn pipeline(&self, source: String) -> wgpu::ComputePipeline {
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipeline) = pipelines.get(&source) {
            return pipeline.clone();
        }
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: None,
            source: wgpu::ShaderSource::Wgsl(source.as_str().into()),
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        pipelines.insert(source, pipeline.clone());
        pipeline
    }

    /// Runs a network on one plane of `side` × `side`.
    ///
    /// # Errors
    /// [`Trouble`], and the same for every later run: the device is of no more use.
    pub async fn run(
        &self,
        network: &WebgpuNetwork,
        plane: &[f32],
        output: &mut Output,
    ) -> Result<(), Trouble> {
        check_plane(&network.network, plane)?;
        self.check()?;
        let ran = self.submit_and_read(network, plane, output).await;
        if let Err(trouble) = &ran {
            note(&self.trouble, trouble.clone());
        }
        ran
    }

    async fn submit_and_read(
        &self,
        network: &WebgpuNetwork,
        plane: &[f32],
        output: &mut Output,
    ) -> Result<(), Trouble> {
        // A command that is refused leaves the last run's numbers to be read: it must be heard of first.
        let scopes = Scopes::open(&self.device);
        self.queue.write_buffer(&network.plane, 0, bytemuck::cast_slice(plane));
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for call in &network.calls {
                pass.set_pipeline(&call.pipeline);
                pass.set_bind_group(0, &call.bind_group, &[]);
                pass.dispatch_workgroups(call.groups, 1, 1);
            }
        }
        let (maps, features) = (network.maps.size(), network.features.size());
        encoder.copy_buffer_to_buffer(&network.maps, 0, &network.read_back, 0, maps);
        encoder.copy_buffer_to_buffer(&network.features, 0, &network.read_back, maps, features);
        self.queue.submit([encoder.finish()]);

        let (sender, receiver) = futures_channel::oneshot::channel();
        network.read_back.slice(..).map_async(wgpu::MapMode::Read, move |result| {
            // Nobody listens any longer where the wait was given up.
            let _ = sender.send(result);
        });
        #[cfg(not(target_arch = "wasm32"))]
        {
            let wait = wgpu::PollType::Wait { submission_index: None, timeout: Some(PATIENCE) };
            self.device.poll(wait).map_err(|_| Trouble::silent())?;
        }
        let answers = async { (scopes.close().await, receiver.await) };
        let (refused, mapped) = within(PATIENCE, answers).await.ok_or_else(Trouble::silent)?;
        if let Some(trouble) = refused {
            return Err(trouble);
        }
        self.check()?;
        if !matches!(mapped, Ok(Ok(()))) {
            return Err(Trouble::new(TroubleKind::Lost, "the graphics processor was lost"));
        }
        let lost = |_| Trouble::new(TroubleKind::Lost, "what the graphics processor wrote cannot be read");
        {
            let view = network.read_back.slice(..).get_mapped_range().map_err(lost)?;
            // The browser's bytes need not lie where numbers may.
            let numbers: Vec<[f32; 4]> = bytemuck::pod_collect_to_vec(&view[..]);
            let (maps, features) = numbers.split_at(maps as usize / 16);
            unpack(features, network.channels.1, 1, &mut output.features);
            unpack(maps, network.channels.0, maps.len() / network.channels.0.div_ceil(4), &mut output.maps);
        }
        network.read_back.unmap();
        Ok(())
    }
}

impl Drop for WebgpuDevice {
    fn drop(&mut self) {
        self.device.destroy();
    }
}

/// A network's weights and buffers on a device.
pub struct WebgpuNetwork {
    network: Network,
    /// Of the output, and of the features.
    channels: (usize, usize),
    plane: wgpu::Buffer,
    calls: Vec<Call>,
    maps: wgpu::Buffer,
    features: wgpu::Buffer,
    read_back: wgpu::Buffer,
}

/// One shader's call.
struct Call {
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    groups: u32,
}

fn note(place: &Mutex<Option<Trouble>>, trouble: Trouble) {
    place.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(trouble);
}
