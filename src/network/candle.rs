//! A network run by candle: the oracle of every other back-end, and the last that is tried.

use candle_core::{Device, Tensor};

use super::{Layer, Network, Output, Weights, check, check_plane};
use crate::error::{Error, ErrorKind, Result};

/// A network with its weights, ready to run.
pub struct CandleNetwork {
    network: Network,
    convs: Vec<(Tensor, Tensor)>,
}

fn failed(error: candle_core::Error) -> Error {
    Error::with_source(ErrorKind::Internal, "the network failed", error)
}

impl CandleNetwork {
    /// # Errors
    /// [`ErrorKind::Model`] where the weights do not fit the network.
    pub fn new(network: Network, weights: &Weights) -> Result<Self> {
        check(&network, weights)?;
        let misfit =
            |error| Error::with_source(ErrorKind::Model, "the weights do not fit the network", error);
        let mut convs = Vec::new();
        for (conv, weights) in network.convs().zip(&weights.convs) {
            let kernel = Tensor::from_slice(&weights.weights, &conv.shape()[..], &Device::Cpu);
            let bias = Tensor::from_slice(&weights.bias, (1, conv.outputs, 1, 1), &Device::Cpu);
            convs.push((kernel.map_err(misfit)?, bias.map_err(misfit)?));
        }
        Ok(Self { network, convs })
    }

    /// Runs the network on one plane of `side` × `side`.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for a plane of another size.
    pub fn run(&self, plane: &[f32], output: &mut Output) -> Result<()> {
        check_plane(&self.network, plane)?;
        *output = self.try_run(plane).map_err(failed)?;
        Ok(())
    }

    fn try_run(&self, plane: &[f32]) -> candle_core::Result<Output> {
        let side = self.network.side;
        let mut values = vec![Tensor::from_slice(plane, (1, 1, side, side), &Device::Cpu)?];
        let mut convs = self.convs.iter();
        for layer in &self.network.layers {
            let value = match layer {
                Layer::Conv(conv) => {
                    let Some((kernel, bias)) = convs.next() else {
                        candle_core::bail!("a convolution without weights")
                    };
                    let input = &values[conv.input];
                    let output =
                        input.conv2d(kernel, conv.kernel / 2, conv.stride, 1, 1)?.broadcast_add(bias)?;
                    if conv.relu { output.relu()? } else { output }
                }
                Layer::AddRelu { inputs: [a, b] } => (&values[*a] + &values[*b])?.relu()?,
                Layer::Upsample { input } => {
                    let (_, _, height, width) = values[*input].dims4()?;
                    values[*input].upsample_nearest2d(2 * height, 2 * width)?
                }
            };
            values.push(value);
        }
        let flat = |value: &Tensor| value.flatten_all()?.to_vec1::<f32>();
        let features = flat(&values[self.network.features].mean((2, 3))?)?;
        let maps = values.last().map(flat).transpose()?.unwrap_or_default();
        Ok(Output { maps, features })
    }
}
