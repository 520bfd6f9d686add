//! The back-ends by name.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What runs the networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// Compute shaders: WebGPU in the browser, Vulkan or Metal natively.
    Webgpu,
    /// Our own kernels on the processor.
    Simd,
    /// candle, on the processor.
    Candle,
}

/// All of them, in the order in which they are tried.
pub const BACKENDS: [Backend; 3] = [Backend::Webgpu, Backend::Simd, Backend::Candle];

impl Backend {
    /// The name in JSON and options: `webgpu`, `simd` or `candle`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webgpu => "webgpu",
            Self::Simd => "simd",
            Self::Candle => "candle",
        }
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "webgpu" | "wgpu" | "gpu" => Ok(Self::Webgpu),
            "simd" | "wasm" | "cpu" => Ok(Self::Simd),
            "candle" | "scalar" => Ok(Self::Candle),
            _ => Err(format!("there is no back-end {name:?}; there are webgpu, simd and candle")),
        }
    }
}
