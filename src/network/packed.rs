//! A network run by our own kernels: portable Rust that the compiler turns into SIMD, in
//! WebAssembly and natively.
//!
//! A convolution copies its input into rows with a margin of zeros, so that the inner loop has no
//! edges; for stride 2 the even and the odd columns are laid apart, so that neighbours stay
//! neighbours. Then a block of [`OUTPUTS`] channels by [`COLUMNS`] columns is summed in registers
//! over all input channels and taps. Weights lie in the order in which they are used.

use multiversion::multiversion;

use super::{Conv, Layer, Network, Output, Weights};
use crate::error::{Error, ErrorKind, Result};

/// Output channels summed at the same time.
const OUTPUTS: usize = 4;
/// Columns summed at the same time.
const COLUMNS: usize = 8;

/// One convolution's weights in the order of use: for each block of output channels, for each
/// input channel, for each tap, one weight an output channel.
struct PackedConv {
    weights: Vec<[f32; OUTPUTS]>,
    bias: Vec<f32>,
}

/// A network with its weights, ready to run.
pub struct Packed {
    network: Network,
    shapes: Vec<(usize, usize)>,
    convs: Vec<PackedConv>,
    /// The values of a run and the padded input; kept for the next run.
    values: Vec<Vec<f32>>,
    padded: Vec<f32>,
}

impl Packed {
    /// # Errors
    /// [`ErrorKind::Model`] where the weights do not fit the network.
    pub fn new(network: Network, weights: &Weights) -> Result<Self> {
        let misfit = || Error::new(ErrorKind::Model, "the weights do not fit the network");
        if weights.convs.len() != network.convs().count() {
            return Err(misfit());
        }
        let mut convs = Vec::new();
        for (conv, weights) in network.convs().zip(&weights.convs) {
            if weights.weights.len() != conv.weight_count() || weights.bias.len() != conv.outputs {
                return Err(misfit());
            }
            let taps = conv.kernel * conv.kernel;
            let mut packed = Vec::with_capacity(weights.weights.len().div_ceil(OUTPUTS));
            for block in (0..conv.outputs).step_by(OUTPUTS) {
                for k in 0..conv.inputs * taps {
                    let of = |output: usize| match output < conv.outputs {
                        true => weights.weights[output * conv.inputs * taps + k],
                        false => 0.0,
                    };
                    packed.push(std::array::from_fn(|lane| of(block + lane)));
                }
            }
            convs.push(PackedConv { weights: packed, bias: weights.bias.clone() });
        }
        let shapes = network.shapes();
        let values = shapes.iter().map(|&(channels, side)| vec![0.0; channels * side * side]).collect();
        Ok(Self { network, shapes, convs, values, padded: Vec::new() })
    }

    /// Runs the network on one plane of `side` × `side`.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for a plane of another size.
    pub fn run(&mut self, plane: &[f32]) -> Result<Output> {
        if plane.len() != self.values[0].len() {
            let message = format!("the network reads {} values, not {}", self.values[0].len(), plane.len());
            return Err(Error::new(ErrorKind::Internal, message));
        }
        self.values[0].copy_from_slice(plane);
        let mut convs = self.convs.iter();
        for (k, layer) in self.network.layers.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(k + 1);
            let output = &mut after[0];
            match layer {
                Layer::Conv(conv) => {
                    let Some(packed) = convs.next() else { break };
                    let rows = Rows::new(conv, self.shapes[conv.input].1);
                    rows.pad(&before[conv.input], conv.inputs, &mut self.padded);
                    convolve(&self.padded, &rows, conv, &packed.weights, &packed.bias, output);
                }
                Layer::AddRelu { inputs: [a, b] } => {
                    let pairs = before[*a].iter().zip(&before[*b]);
                    output.iter_mut().zip(pairs).for_each(|(sum, (a, b))| *sum = (a + b).max(0.0));
                }
                Layer::Upsample { input } => enlarge(&before[*input], self.shapes[*input].1, output),
            }
        }
        let side = self.shapes[self.network.features].1;
        let features = self.values[self.network.features].chunks_exact(side * side);
        let features = features.map(|plane| plane.iter().sum::<f32>() / plane.len() as f32).collect();
        Ok(Output { maps: self.values.last().cloned().unwrap_or_default(), features })
    }
}

fn enlarge(values: &[f32], side: usize, output: &mut [f32]) {
    for (line, lines) in values.chunks_exact(side).zip(output.chunks_exact_mut(4 * side)) {
        let (upper, lower) = lines.split_at_mut(2 * side);
        for (pair, &value) in upper.as_chunks_mut::<2>().0.iter_mut().zip(line) {
            *pair = [value; 2];
        }
        lower.copy_from_slice(upper);
    }
}

/// How a convolution's input lies in memory.
struct Rows {
    kernel: usize,
    stride: usize,
    /// Rows and columns of the input, and of the output.
    side: usize,
    outputs: usize,
    /// From a padded row to the next.
    row: usize,
    /// From a channel to the next.
    plane: usize,
}

impl Rows {
    fn new(conv: &Conv, side: usize) -> Self {
        let outputs = conv.output_side(side);
        // A block may read beyond the last column; whole blocks, and two columns for the taps.
        let half = outputs.next_multiple_of(COLUMNS) + 2;
        let row = half * conv.stride;
        Self { kernel: conv.kernel, stride: conv.stride, side, outputs, row, plane: row * (side + 2) }
    }

    /// Where the input of a tap of the first output column lies, relative to the padded row of its
    /// output.
    fn tap(&self, dy: usize, dx: usize) -> usize {
        // A kernel of 1 looks at the middle of the margin of a kernel of 3.
        let (dy, dx) = if self.kernel == 1 { (1, 1) } else { (dy, dx) };
        match self.stride {
            1 => dy * self.row + dx,
            _ => dy * self.row + dx % 2 * (self.row / 2) + dx / 2,
        }
    }

    fn pad(&self, values: &[f32], channels: usize, padded: &mut Vec<f32>) {
        padded.clear();
        padded.resize(channels * self.plane, 0.0);
        let planes = values.chunks_exact(self.side * self.side).zip(padded.chunks_exact_mut(self.plane));
        for (plane, padded) in planes {
            for (line, padded) in plane.chunks_exact(self.side).zip(padded.chunks_exact_mut(self.row).skip(1))
            {
                if self.stride == 1 {
                    padded[1..=self.side].copy_from_slice(line);
                } else {
                    // Column x of the input is column x + 1 of the padded row.
                    let (even, odd) = padded.split_at_mut(self.row / 2);
                    odd.iter_mut().zip(line.iter().step_by(2)).for_each(|(slot, value)| *slot = *value);
                    even[1..]
                        .iter_mut()
                        .zip(line.iter().skip(1).step_by(2))
                        .for_each(|(slot, value)| *slot = *value);
                }
            }
        }
    }
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
fn convolve(
    padded: &[f32],
    rows: &Rows,
    conv: &Conv,
    weights: &[[f32; OUTPUTS]],
    bias: &[f32],
    output: &mut [f32],
) {
    let side = rows.outputs;
    let taps = conv.kernel * conv.kernel;
    let mut offsets = [0; 9];
    for (k, offset) in offsets[..taps].iter_mut().enumerate() {
        *offset = rows.tap(k / conv.kernel, k % conv.kernel);
    }
    let offsets = &offsets[..taps];
    let floor = if conv.relu { 0.0 } else { f32::NEG_INFINITY };
    let blocks = weights.chunks_exact(conv.inputs * taps).zip(output.chunks_mut(OUTPUTS * side * side));
    for (block, (weights, output)) in blocks.enumerate() {
        for y in 0..side {
            for x in (0..side).step_by(COLUMNS) {
                let mut sums = [[0.0_f32; COLUMNS]; OUTPUTS];
                let start = y * rows.stride * rows.row + x;
                let planes = padded.chunks_exact(rows.plane).zip(weights.chunks_exact(taps));
                for (plane, weights) in planes {
                    let window = &plane[start..];
                    for (&offset, weights) in offsets.iter().zip(weights) {
                        let Some(values) = window[offset..].first_chunk::<COLUMNS>() else { continue };
                        for lane in 0..OUTPUTS {
                            for column in 0..COLUMNS {
                                sums[lane][column] += weights[lane] * values[column];
                            }
                        }
                    }
                }
                let columns = COLUMNS.min(side - x);
                let planes = output.chunks_exact_mut(side * side).zip(&bias[block * OUTPUTS..]);
                for ((plane, bias), sums) in planes.zip(sums) {
                    let line = &mut plane[y * side + x..][..columns];
                    line.iter_mut().zip(sums).for_each(|(slot, sum)| *slot = (sum + bias).max(floor));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{ConvWeights, Executor};

    /// Random numbers without a library: what is compared is two ways to the same sums.
    fn random(count: usize, scale: f32, state: &mut u32) -> Vec<f32> {
        (0..count)
            .map(|_| {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                scale * (*state as f32 / 2.0_f32.powi(31) - 1.0)
            })
            .collect()
    }

    fn weights(network: &Network, state: &mut u32) -> Weights {
        let convs = network.convs().map(|conv| ConvWeights {
            weights: random(
                conv.weight_count(),
                (6.0 / (conv.inputs * conv.kernel * conv.kernel) as f32).sqrt(),
                state,
            ),
            bias: random(conv.outputs, 0.1, state),
        });
        Weights { convs: convs.collect() }
    }

    fn furthest(a: &Output, b: &Output) -> f32 {
        assert_eq!((a.maps.len(), a.features.len()), (b.maps.len(), b.features.len()));
        let pairs = a.maps.iter().zip(&b.maps).chain(a.features.iter().zip(&b.features));
        let largest = b.maps.iter().fold(1e-3_f32, |largest, value| largest.max(value.abs()));
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
    }

    #[test]
    fn it_agrees_with_candle_at_every_size() {
        let state = &mut 7;
        for network in [Network::lungs(), Network::convnet(128), Network::convnet(80), Network::convnet(37)] {
            let mut weights = weights(&network, state);
            let mut packed = Packed::new(network.clone(), &weights).unwrap();
            let executor = Executor::new(network.clone(), &weights).unwrap();
            for _ in 0..2 {
                let plane = random(network.side * network.side, 2.0, state);
                let difference = furthest(&packed.run(&plane).unwrap(), &executor.run(&plane).unwrap());
                assert!(difference < 1e-4, "side {}: {difference}", network.side);
            }
            // One weight off is seen.
            weights.convs[3].weights[5] += 0.5;
            let executor = Executor::new(network.clone(), &weights).unwrap();
            let plane = random(network.side * network.side, 2.0, state);
            assert!(furthest(&packed.run(&plane).unwrap(), &executor.run(&plane).unwrap()) > 1e-3);
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let network = Network::convnet(32);
        let mut weights = weights(&network, &mut 1);
        assert!(Packed::new(network.clone(), &weights).unwrap().run(&[0.0; 5]).is_err());
        weights.convs[0].weights.pop();
        assert!(Packed::new(network.clone(), &weights).is_err());
        weights.convs.pop();
        assert!(Packed::new(network, &weights).is_err());
    }
}
