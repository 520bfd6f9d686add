//! The shaders' twins, run one thread after another: what a GPU should compute, without one.

use super::plan::{Step, plan};
use super::shaders::{
    THREADS, Tile, add_relu, convolve, enlarge, mean, pack_bias, pack_weights, spread, unpack,
};
use super::{Network, Output, Weights, check};
use crate::error::Result;

/// A network with its weights, run by the twins. Slow.
pub struct Twin {
    network: Network,
    shapes: Vec<(usize, usize)>,
    steps: Vec<Step>,
    /// Weights and bias of each convolution.
    convs: Vec<[Vec<[f32; 4]>; 2]>,
    enough_threads: usize,
}

impl Twin {
    /// `enough_threads` picks the tiles, as for [`WebgpuDevice`](super::WebgpuDevice).
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the weights do not fit the network.
    pub fn new(network: Network, weights: &Weights, enough_threads: usize) -> Result<Self> {
        check(&network, weights)?;
        let pairs = network.convs().zip(&weights.convs);
        let convs = pairs.map(|(conv, weights)| [pack_weights(conv, weights), pack_bias(&weights.bias)]);
        Ok(Self {
            shapes: network.shapes(),
            steps: plan(&network),
            convs: convs.collect(),
            enough_threads,
            network,
        })
    }

    /// Runs the network on one plane.
    pub fn run(&self, plane: &[f32], output: &mut Output) {
        let size = |value: usize| {
            let (channels, side) = self.shapes[value];
            channels.div_ceil(4) * side * side
        };
        let mut values: Vec<Vec<[f32; 4]>> =
            (0..self.shapes.len()).map(|k| vec![[0.0; 4]; size(k)]).collect();
        (0..size(0)).for_each(|id| spread::main(id, plane, &mut values[0]));
        for step in &self.steps {
            let mut made = vec![[0.0; 4]; size(step.output())];
            let (channels, side) = self.shapes[step.output()];
            match step {
                Step::Conv { conv, number, residual, relu, .. } => {
                    let tile = Tile::choose(channels, side, self.enough_threads);
                    let constants = convolve::Constants {
                        KERNEL: conv.kernel,
                        STRIDE: conv.stride,
                        COLUMNS: tile.columns,
                        FOURS: tile.fours,
                    };
                    let shape = convolve::Shape {
                        inputs: conv.inputs.div_ceil(4),
                        input_side: self.shapes[conv.input].1,
                        outputs: conv.outputs.div_ceil(4),
                        side,
                        relu: usize::from(*relu),
                        residual: residual.map_or(0, |residual| 1 + usize::from(residual.half)),
                    };
                    let [weights, bias] = &self.convs[*number];
                    let other = residual.map_or(&values[0], |residual| &values[residual.value]);
                    // As many as a GPU would start: the last workgroup reaches beyond the end.
                    for id in 0..tile.threads(channels, side).unwrap_or(0).next_multiple_of(THREADS as usize)
                    {
                        convolve::main(
                            id,
                            constants,
                            shape,
                            &values[conv.input],
                            weights,
                            bias,
                            other,
                            &mut made,
                        );
                    }
                }
                Step::AddRelu { inputs: [a, b], .. } => {
                    (0..made.len()).for_each(|id| add_relu::main(id, &values[*a], &values[*b], &mut made));
                }
                Step::Upsample { input, .. } => {
                    (0..made.len()).for_each(|id| enlarge::main(id, side, &values[*input], &mut made));
                }
            }
            values[step.output()] = made;
        }
        let (channels, side) = self.shapes[self.network.features];
        let mut features = vec![[0.0; 4]; channels.div_ceil(4)];
        for id in 0..features.len() {
            mean::main(id, side * side, &values[self.network.features], &mut features);
        }
        unpack(&features, channels, 1, &mut output.features);
        let (channels, side) = self.shapes[self.shapes.len() - 1];
        unpack(&values[values.len() - 1], channels, side * side, &mut output.maps);
    }
}
