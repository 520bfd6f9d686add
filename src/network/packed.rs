//! A network run by our own kernels: portable Rust that the compiler turns into SIMD, in
//! WebAssembly and natively.
//!
//! A convolution copies its input into rows with a margin of zeros, so that the inner loop has no
//! edges; for stride 2 the even and the odd columns are laid apart, so that neighbours stay
//! neighbours. Then a block of [`OUTPUTS`] channels by [`COLUMNS`] columns is summed in registers
//! over all input channels and taps. Weights lie in the order in which they are used.

use multiversion::multiversion;

use super::plan::{Residual, Step, plan};
use super::{Conv, Network, Output, Weights, check, check_plane};
use crate::error::Result;

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

/// A network with its weights, ready to run. After the first run it allocates nothing.
pub struct Packed {
    network: Network,
    steps: Vec<Step>,
    shapes: Vec<(usize, usize)>,
    convs: Vec<PackedConv>,
    /// The values of a run and the padded input; kept for the next run.
    values: Vec<Vec<f32>>,
    padded: Vec<f32>,
}

impl Packed {
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the weights do not fit the network.
    pub fn new(network: Network, weights: &Weights) -> Result<Self> {
        check(&network, weights)?;
        let mut convs = Vec::new();
        for (conv, weights) in network.convs().zip(&weights.convs) {
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
        let (steps, shapes) = (plan(&network), network.shapes());
        let mut values = vec![Vec::new(); shapes.len()];
        for value in steps.iter().map(Step::output).chain([0]) {
            let (channels, side) = shapes[value];
            values[value] = vec![0.0; channels * side * side];
        }
        Ok(Self { network, steps, shapes, convs, values, padded: Vec::new() })
    }

    /// Runs the network on one plane of `side` × `side`.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal) for a plane of another size.
    pub fn run(&mut self, plane: &[f32], output: &mut Output) -> Result<()> {
        check_plane(&self.network, plane)?;
        self.values[0].copy_from_slice(plane);
        for step in &self.steps {
            // The step's output is taken out while the others are read.
            let mut made = std::mem::take(&mut self.values[step.output()]);
            match step {
                Step::Conv { conv, number, residual, relu, .. } => {
                    let rows = Rows::new(conv, self.shapes[conv.input].1);
                    rows.pad(&self.values[conv.input], conv.inputs, &mut self.padded);
                    let Some(packed) = self.convs.get(*number) else { continue };
                    let end = End {
                        bias: &packed.bias,
                        floor: if *relu { 0.0 } else { f32::NEG_INFINITY },
                        residual: residual.map(|Residual { value, half }| (&self.values[value][..], half)),
                    };
                    convolve(&self.padded, &rows, conv.inputs, &packed.weights, &end, &mut made);
                }
                Step::AddRelu { inputs: [a, b], .. } => {
                    let pairs = self.values[*a].iter().zip(&self.values[*b]);
                    made.iter_mut().zip(pairs).for_each(|(sum, (a, b))| *sum = (a + b).max(0.0));
                }
                Step::Upsample { input, .. } => {
                    enlarge(&self.values[*input], self.shapes[*input].1, &mut made)
                }
            }
            self.values[step.output()] = made;
        }
        let side = self.shapes[self.network.features].1;
        let planes = self.values[self.network.features].chunks_exact(side * side);
        output.features.clear();
        output.features.extend(planes.map(|plane| plane.iter().sum::<f32>() / plane.len() as f32));
        output.maps.clear();
        output.maps.extend_from_slice(&self.values[self.shapes.len() - 1]);
        Ok(())
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

/// What is done with a sum.
struct End<'a> {
    bias: &'a [f32],
    /// 0 for ReLU, else minus infinity.
    floor: f32,
    /// What is added, in the output's size or, where `true`, in half of it.
    residual: Option<(&'a [f32], bool)>,
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
fn convolve(
    padded: &[f32],
    rows: &Rows,
    inputs: usize,
    weights: &[[f32; OUTPUTS]],
    end: &End<'_>,
    output: &mut [f32],
) {
    let side = rows.outputs;
    let taps = rows.kernel * rows.kernel;
    let mut offsets = [0; 9];
    for (k, offset) in offsets[..taps].iter_mut().enumerate() {
        *offset = rows.tap(k / rows.kernel, k % rows.kernel);
    }
    let offsets = &offsets[..taps];
    let blocks = weights.chunks_exact(inputs * taps).zip(output.chunks_mut(OUTPUTS * side * side));
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
                for ((lane, plane), mut sums) in output.chunks_exact_mut(side * side).enumerate().zip(sums) {
                    let channel = block * OUTPUTS + lane;
                    match end.residual {
                        Some((values, false)) => {
                            let line = &values[(channel * side + y) * side + x..][..columns];
                            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += value);
                        }
                        Some((values, true)) => {
                            let half = side / 2;
                            let line = &values[(channel * half + y / 2) * half..][..half];
                            for (column, sum) in sums[..columns].iter_mut().enumerate() {
                                *sum += line[(x + column) / 2];
                            }
                        }
                        None => (),
                    }
                    let line = &mut plane[y * side + x..][..columns];
                    let bias = end.bias[channel];
                    line.iter_mut().zip(sums).for_each(|(slot, sum)| *slot = (sum + bias).max(end.floor));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::ConvWeights;

    // What it computes is compared with candle in tests/parity.
    #[test]
    fn what_does_not_fit_is_an_error() {
        let network = Network::convnet(32);
        let convs = network.convs().map(|conv| ConvWeights {
            weights: vec![0.0; conv.weight_count()],
            bias: vec![0.0; conv.outputs],
        });
        let mut weights = Weights { convs: convs.collect() };
        let mut packed = Packed::new(network.clone(), &weights).unwrap();
        assert!(packed.run(&[0.0; 5], &mut Output::default()).is_err());
        weights.convs[0].weights.pop();
        assert!(Packed::new(network.clone(), &weights).is_err());
        weights.convs.pop();
        assert!(Packed::new(network, &weights).is_err());
    }
}
