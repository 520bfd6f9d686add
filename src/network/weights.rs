//! Weights of a network after folding, and their file.

use super::Network;
use crate::error::Result;
use crate::tensors::{Dtype, TensorFile, Tensors};

/// Weights and bias of one convolution, batch norm folded in.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvWeights {
    /// (outputs, inputs, kernel, kernel), row-major.
    pub weights: Vec<f32>,
    /// One per output.
    pub bias: Vec<f32>,
}

/// The folded weights of a network, one entry per convolution in the order they run.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The weights and biases of each convolution.
    pub convs: Vec<ConvWeights>,
}

impl Weights {
    /// Reads what [`Weights::to_bytes`] writes: safetensors with, for each convolution NAME,
    /// `NAME.weight` (int8) and `NAME.fine` (uint8, two bits for each of four weights, the first
    /// lowest), `NAME.scale` (f32, one per output; weight = scale × (4 × int8 + two bits)) and
    /// `NAME.bias` (f32).
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) with the tensor's name where one is missing, of another
    /// shape, or not finite.
    pub fn from_bytes(network: &Network, bytes: &[u8]) -> Result<Self> {
        let tensors = Tensors::open(bytes)?;
        let conv = |conv: &super::Conv| {
            let shape = conv.shape();
            let quantized = tensors.bytes(&format!("{}.weight", conv.name), Dtype::I8, &shape)?;
            let fine = [conv.weight_count().div_ceil(4)];
            let fine = tensors.bytes(&format!("{}.fine", conv.name), Dtype::U8, &fine)?;
            let scale = tensors.f32s(&format!("{}.scale", conv.name), &[conv.outputs])?;
            let bias = tensors.f32s(&format!("{}.bias", conv.name), &[conv.outputs])?;
            let row = conv.weight_count() / conv.outputs;
            let mut weights = Vec::with_capacity(conv.weight_count());
            for (output, (bytes, scale)) in quantized.chunks_exact(row).zip(scale).enumerate() {
                unpack_row(bytes, fine, output * row, scale, &mut weights);
            }
            Ok(ConvWeights { weights, bias })
        };
        Ok(Self { convs: network.convs().map(conv).collect::<Result<_>>()? })
    }

    /// Rounds every output channel's weights to 10 bits and writes safetensors; the same weights
    /// always give the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the weights do not fit the network.
    pub fn to_bytes(&self, network: &Network) -> Result<Vec<u8>> {
        let mut file = TensorFile::new();
        for (conv, weights) in network.convs().zip(&self.convs) {
            let (mut steps, mut scales) = (Vec::new(), Vec::new());
            for row in weights.weights.chunks(conv.weight_count() / conv.outputs) {
                let scale = best_scale(row);
                scales.push(scale);
                steps.extend(row.iter().map(|&weight| quantize(weight, scale)));
            }
            let coarse = steps.iter().map(|&steps| (steps >> 2) as u8).collect();
            let pack = |steps: &[i16]| {
                steps.iter().enumerate().fold(0, |byte, (k, &steps)| byte | ((steps & 3) as u8) << (2 * k))
            };
            let fine: Vec<u8> = steps.chunks(4).map(pack).collect();
            file.bytes(format!("{}.weight", conv.name), Dtype::I8, &conv.shape(), coarse);
            file.bytes(format!("{}.fine", conv.name), Dtype::U8, &[fine.len()], fine);
            file.f32s(format!("{}.scale", conv.name), &[conv.outputs], &scales);
            file.f32s(format!("{}.bias", conv.name), &[conv.outputs], &weights.bias);
        }
        file.finish()
    }
}

/// The weights of an output channel, the first of which is the `first` of all. A call each, and never a part of the caller:
/// WebAssembly's fast code for a function comes with a later call.
#[inline(never)]
fn unpack_row(bytes: &[u8], fine: &[u8], first: usize, scale: f32, weights: &mut Vec<f32>) {
    weights.extend(bytes.iter().zip(first..).map(|(&byte, k)| {
        let steps = 4 * i16::from(byte as i8) + i16::from(fine[k / 4] >> (2 * (k % 4)) & 3);
        f32::from(steps) * scale
    }));
}

/// The largest number of steps: 10 bits.
const LARGEST: f32 = 511.0;

fn quantize(weight: f32, scale: f32) -> i16 {
    (weight / scale).round().clamp(-LARGEST, LARGEST) as i16
}

/// The step that loses least in the squared sense: clipping the largest weights may pay.
fn best_scale(row: &[f32]) -> f32 {
    let largest = row.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    let loss = |scale: f32| -> f32 {
        row.iter().map(|&weight| (f32::from(quantize(weight, scale)) * scale - weight).powi(2)).sum()
    };
    let candidates = (70..=100).map(|percent| largest * percent as f32 / (100.0 * LARGEST));
    candidates.min_by(|&a, &b| loss(a).total_cmp(&loss(b))).unwrap_or(largest / LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn random(network: &Network) -> Weights {
        let mut state = 5_u32;
        let mut number = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let convs = network.convs().map(|conv| ConvWeights {
            // Every channel with a size of its own.
            weights: (0..conv.weight_count())
                .map(|k| number() * (1 + k / (conv.weight_count() / conv.outputs)) as f32 / 16.0)
                .collect(),
            bias: (0..conv.outputs).map(|_| number()).collect(),
        });
        Weights { convs: convs.collect() }
    }

    /// Ten bits: no weight is further from what was written than half a step of its channel, unless it is one of
    /// the few large ones that were cut off, and what is read is written again as it was.
    #[test]
    fn ten_bits_come_back() {
        for network in [Network::lungs(), Network::convnet(32)] {
            let exact = random(&network);
            let bytes = exact.to_bytes(&network).unwrap();
            let read = Weights::from_bytes(&network, &bytes).unwrap();
            for ((conv, exact), read) in network.convs().zip(&exact.convs).zip(&read.convs) {
                assert_eq!(exact.bias, read.bias);
                let row = conv.weight_count() / conv.outputs;
                for (exact, read) in exact.weights.chunks(row).zip(read.weights.chunks(row)) {
                    let largest = exact.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
                    let cut = read.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
                    let error = exact.iter().zip(read).map(|(a, b)| (a.clamp(-cut, cut) - b).abs());
                    assert!(error.fold(0.0, f32::max) <= 0.51 * largest / 511.0, "{}", conv.name);
                    assert!(cut >= 0.69 * largest, "{}", conv.name);
                }
            }
            let again = Weights::from_bytes(&network, &read.to_bytes(&network).unwrap()).unwrap();
            for (a, b) in again.convs.iter().zip(&read.convs) {
                assert!(
                    a.weights.iter().zip(&b.weights).all(|(a, b)| (a - b).abs() <= 1e-5 * b.abs().max(0.1))
                );
            }
        }
    }

    /// The steps as they lie in the file: eight bits, and two more in their own tensor.
    #[test]
    fn steps_are_what_the_file_says() {
        let network = Network { layers: Vec::new(), side: 1, features: 0 };
        let conv = super::super::Conv {
            name: "a".into(),
            input: 0,
            inputs: 1,
            outputs: 1,
            kernel: 1,
            stride: 1,
            norm: false,
            relu: false,
        };
        let network = Network { layers: vec![super::super::Layer::Conv(conv)], ..network };
        let file = |weight: i8, fine: u8| {
            let mut file = TensorFile::new();
            file.bytes("a.weight", Dtype::I8, &[1, 1, 1, 1], vec![weight as u8]);
            file.bytes("a.fine", Dtype::U8, &[1], vec![fine]);
            file.f32s("a.scale", &[1], &[0.5]);
            file.f32s("a.bias", &[1], &[2.0]);
            Weights::from_bytes(&network, &file.finish().unwrap()).unwrap().convs[0].clone()
        };
        assert_eq!(file(3, 2), ConvWeights { weights: vec![0.5 * 14.0], bias: vec![2.0] });
        assert_eq!(file(-3, 1).weights, [0.5 * -11.0]);
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let network = Network::convnet(32);
        let mut weights = random(&network);
        weights.convs[2].bias[1] = f32::NAN;
        let error = Weights::from_bytes(&network, &weights.to_bytes(&network).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        assert!(error.to_string().contains("not a finite number"), "{error}");
    }
}
