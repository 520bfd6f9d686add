//! The convolutional networks: one definition of layers for the lung segmenter and the convnet
//! reader, from which training and every back-end are made.
//!
//! The back-ends go by the names that options and reports use: `webgpu`, `simd` and `candle`.
//!
//! A [`Network`] is a list of layers in the order they run. Value 0 is the input plane, value
//! `k + 1` the output of layer `k`; activations are (N, C, H, W), row-major. Convolutions are 3 × 3
//! or 1 × 1, padded so that stride 1 keeps the size and stride 2 halves it (rounded up).

mod candle;
mod plan;
mod shaders;
mod simd;
#[cfg(any(test, feature = "parity"))]
mod twin;
mod webgpu;
mod weights;

pub use candle::CandleNetwork;
pub use shaders::Shaders;
pub use simd::SimdNetwork;
#[cfg(any(test, feature = "parity"))]
pub use twin::Twin;
pub use webgpu::{Adapter, Trouble, TroubleKind, WebgpuDevice, WebgpuNetwork};
pub use weights::{ConvWeights, Weights};

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// One step of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Layer {
    /// Convolution, then bias (in training: batch norm), then ReLU where `relu`.
    Conv(Conv),
    /// ReLU of the sum of two values of one shape.
    AddRelu {
        /// The values to add.
        inputs: [usize; 2],
    },
    /// Every pixel twice in both directions.
    Upsample {
        /// The value to enlarge.
        input: usize,
    },
}

/// A convolution with zeros around its input, a bias and, where it says so, ReLU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conv {
    /// Its name in weight files.
    pub name: String,
    /// The value it reads.
    pub input: usize,
    /// Channels of its input.
    pub inputs: usize,
    /// Channels of its output.
    pub outputs: usize,
    /// 3 or 1.
    pub kernel: usize,
    /// 1 or 2.
    pub stride: usize,
    /// Batch norm in training, folded into weights and bias afterwards.
    #[serde(skip)]
    pub norm: bool,
    /// ReLU at the end.
    pub relu: bool,
}

impl Conv {
    /// Weights, without the bias.
    pub fn weight_count(&self) -> usize {
        self.outputs * self.inputs * self.kernel * self.kernel
    }

    /// The shape of the weights: (outputs, inputs, kernel, kernel).
    pub fn shape(&self) -> [usize; 4] {
        [self.outputs, self.inputs, self.kernel, self.kernel]
    }

    /// Rows or columns of the output for those of the input.
    pub fn output_side(&self, side: usize) -> usize {
        side.div_ceil(self.stride)
    }
}

/// What a run gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// The output, (channels, side, side).
    pub maps: Vec<f32>,
    /// The channel means of the value that the network names.
    pub features: Vec<f32>,
}

/// A network from one plane to one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// The layers in the order they run.
    pub layers: Vec<Layer>,
    /// Rows and columns of the square input plane.
    pub side: usize,
    /// The value whose channel means a run gives beside its output.
    pub features: usize,
}

impl Network {
    /// The lung segmenter: a (1, 128, 128) letterboxed film to (1, 64, 64) logits of *lung*. An
    /// encoder of four stages; on the way back each stage is enlarged and added to a 1 × 1
    /// projection of its equal on the way down, as in feature pyramids (Lin et al. 2017).
    pub fn lungs() -> Self {
        let widths = [16, 32, 64, 64];
        let mut build = Builder::new(128);
        let mut stages = Vec::new();
        let mut value = 0;
        for (k, &width) in widths.iter().enumerate() {
            value = build.conv(&format!("down{k}.0"), value, width, 3, 2);
            value = build.conv(&format!("down{k}.1"), value, width, 3, 1);
            stages.push(value);
        }
        for k in (0..widths.len() - 1).rev() {
            let narrowed = build.plain(&format!("up{k}.project"), value, widths[k], 1, 1);
            let enlarged = build.push(Layer::Upsample { input: narrowed }, widths[k]);
            let lateral = build.plain(&format!("up{k}.lateral"), stages[k], widths[k], 1, 1);
            value = build.push(Layer::AddRelu { inputs: [enlarged, lateral] }, widths[k]);
            value = build.conv(&format!("up{k}.conv"), value, widths[k], 3, 1);
        }
        build.head(value, 1, stages[3])
    }

    /// The convnet reader: a (1, `side`, `side`) lung crop to (3, `side`/16, `side`/16) class maps,
    /// whose means are the logits: the class activation map is exact. Residual blocks as in He et
    /// al. 2016.
    pub fn convnet(side: usize) -> Self {
        let mut build = Builder::new(side);
        let mut value = build.conv("stem", 0, 16, 3, 2);
        for (k, (width, stride)) in
            [(32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1)].into_iter().enumerate()
        {
            value = build.residual(&format!("block{k}"), value, width, stride);
        }
        build.head(value, 3, value)
    }

    /// The convolutions in the order they run.
    pub fn convs(&self) -> impl Iterator<Item = &Conv> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Conv(conv) => Some(conv),
            Layer::AddRelu { .. } | Layer::Upsample { .. } => None,
        })
    }

    /// Weights and biases after folding.
    pub fn parameter_count(&self) -> usize {
        self.convs().map(|conv| conv.weight_count() + conv.outputs).sum()
    }

    /// Channels and side of every value; the last is the output's.
    pub fn shapes(&self) -> Vec<(usize, usize)> {
        let mut shapes = vec![(1, self.side)];
        for layer in &self.layers {
            shapes.push(match layer {
                Layer::Conv(conv) => (conv.outputs, conv.output_side(shapes[conv.input].1)),
                Layer::AddRelu { inputs } => shapes[inputs[0]],
                Layer::Upsample { input } => (shapes[*input].0, 2 * shapes[*input].1),
            });
        }
        shapes
    }

    /// Multiplications and additions for one input.
    pub fn multiply_adds(&self) -> usize {
        let shapes = self.shapes();
        let side = |conv: &Conv| conv.output_side(shapes[conv.input].1);
        self.convs().map(|conv| conv.weight_count() * side(conv) * side(conv)).sum()
    }
}

/// That there are weights for every convolution, as many as it has.
fn check(network: &Network, weights: &Weights) -> Result<()> {
    let fit = |(conv, weights): (&Conv, &ConvWeights)| {
        weights.weights.len() == conv.weight_count() && weights.bias.len() == conv.outputs
    };
    let same = weights.convs.len() == network.convs().count();
    match same && network.convs().zip(&weights.convs).all(fit) {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Model, "the weights do not fit the network")),
    }
}

/// That a plane has the size that the network reads.
pub(crate) fn check_plane(network: &Network, plane: &[f32]) -> Result<()> {
    let expected = network.side * network.side;
    if plane.len() == expected {
        return Ok(());
    }
    let message = format!("the network reads {expected} values, not {}", plane.len());
    Err(Error::new(ErrorKind::Internal, message))
}

/// Puts layers in sequence and keeps count of channels.
struct Builder {
    layers: Vec<Layer>,
    channels: Vec<usize>,
    side: usize,
}

impl Builder {
    fn new(side: usize) -> Self {
        Self { layers: Vec::new(), channels: vec![1], side }
    }

    fn push(&mut self, layer: Layer, channels: usize) -> usize {
        self.layers.push(layer);
        self.channels.push(channels);
        self.layers.len()
    }

    fn any(
        &mut self,
        name: &str,
        input: usize,
        outputs: usize,
        (kernel, stride): (usize, usize),
        (norm, relu): (bool, bool),
    ) -> usize {
        let inputs = self.channels[input];
        let conv = Conv { name: name.to_owned(), input, inputs, outputs, kernel, stride, norm, relu };
        self.push(Layer::Conv(conv), outputs)
    }

    /// Convolution, norm, ReLU.
    fn conv(&mut self, name: &str, input: usize, outputs: usize, kernel: usize, stride: usize) -> usize {
        self.any(name, input, outputs, (kernel, stride), (true, true))
    }

    /// Convolution and norm.
    fn plain(&mut self, name: &str, input: usize, outputs: usize, kernel: usize, stride: usize) -> usize {
        self.any(name, input, outputs, (kernel, stride), (true, false))
    }

    fn residual(&mut self, name: &str, input: usize, outputs: usize, stride: usize) -> usize {
        let first = self.conv(&format!("{name}.0"), input, outputs, 3, stride);
        let second = self.plain(&format!("{name}.1"), first, outputs, 3, 1);
        let shortcut = match self.channels[input] == outputs && stride == 1 {
            true => input,
            false => self.plain(&format!("{name}.shortcut"), input, outputs, 1, stride),
        };
        self.push(Layer::AddRelu { inputs: [second, shortcut] }, outputs)
    }

    /// A last 1 × 1 convolution, without norm.
    fn head(mut self, input: usize, outputs: usize, features: usize) -> Network {
        self.any("head", input, outputs, (1, 1), (false, false));
        Network { layers: self.layers, side: self.side, features }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_within_their_budgets() {
        let lungs = Network::lungs();
        assert!(lungs.parameter_count() <= 300_000, "{}", lungs.parameter_count());
        assert!(lungs.multiply_adds() <= 90_000_000, "{}", lungs.multiply_adds());
        assert_eq!(lungs.shapes().last(), Some(&(1, 64)));
        for side in [128, 160] {
            let convnet = Network::convnet(side);
            assert!(convnet.parameter_count() <= 2_000_000, "{}", convnet.parameter_count());
            assert!(convnet.multiply_adds() <= 160_000_000, "{}", convnet.multiply_adds());
            assert_eq!(convnet.shapes().last(), Some(&(3, side / 16)));
        }
    }

    #[test]
    fn names_are_unique() {
        for network in [Network::lungs(), Network::convnet(128)] {
            let mut names: Vec<&str> = network.convs().map(|conv| conv.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), network.convs().count());
        }
    }
}
