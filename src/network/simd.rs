//! A network run by our own kernels: portable Rust that the compiler turns into SIMD, in
//! WebAssembly and natively.
//!
//! A 3 × 3 convolution of stride 1 on a side of whole eights goes by [Winograd's way](winograd), every other one
//! [directly](direct); both end in one [matrix product](product). Weights are laid out once, in the order in which they
//! are used.
//!
//! ReLU is written as a comparison: WebAssembly's `f32.max` asks what NaN would do, Rust's asks
//! another thing, and what bridges the two is a call for every number.

mod direct;
mod four;
mod product;
mod winograd;

use self::direct::Direct;
use self::four::Four;
use self::winograd::Winograd;
use super::plan::{Residual, Step, plan};
use super::{Conv, Network, Output, Weights, check, check_plane};
use crate::error::Result;

/// Output channels summed at the same time.
const OUTPUTS: usize = 4;
/// Columns summed at the same time.
const COLUMNS: usize = 8;

/// A convolution with its weights.
enum Convolution {
    Direct(Direct),
    SmallTiles(Winograd<2>),
    LargeTiles(Winograd<4>),
}

impl Convolution {
    fn new(conv: &Conv, side: usize, weights: &[f32]) -> Self {
        if Winograd::<4>::fits(conv, side) {
            Self::LargeTiles(Winograd::new(conv, side, weights))
        } else if Winograd::<2>::fits(conv, side) {
            Self::SmallTiles(Winograd::new(conv, side, weights))
        } else {
            Self::Direct(Direct::new(conv, side, weights))
        }
    }

    fn run(&self, input: &[f32], end: &End<'_>, scratch: &mut Scratch, output: &mut [f32]) {
        match self {
            Self::Direct(direct) => direct.run(input, end, scratch, output),
            Self::SmallTiles(winograd) => winograd.run(input, end, scratch, output),
            Self::LargeTiles(winograd) => winograd.run(input, end, scratch, output),
        }
    }
}

/// Room for what a convolution makes on its way; the next one writes over it.
#[derive(Default)]
struct Scratch {
    /// The input with a margin of zeros.
    padded: Vec<f32>,
    /// What is multiplied with the weights, and the products.
    tiles: Vec<f32>,
    products: Vec<f32>,
}

/// What is done with a sum.
struct End<'a> {
    bias: &'a [f32],
    relu: bool,
    /// What is added: a value of the output's size or, where `true`, of half its rows and columns.
    residual: Option<(&'a [f32], bool)>,
}

impl End<'_> {
    /// `value`, or the least that is let through.
    #[inline(always)]
    fn clip(floor: f32, value: f32) -> f32 {
        if value > floor { value } else { floor }
    }

    /// What [`clip`](Self::clip) lets through.
    fn floor(&self) -> f32 {
        if self.relu { 0.0 } else { f32::NEG_INFINITY }
    }

    /// A row of a channel.
    fn finish_line(&self, line: &mut [f32], sums: &[f32], (channel, y): (usize, usize)) {
        let (floor, bias, side) = (self.floor(), self.bias[channel], line.len());
        let sums = &sums[..side];
        match self.residual {
            None => line.iter_mut().zip(sums).for_each(|(slot, sum)| *slot = Self::clip(floor, sum + bias)),
            Some((values, false)) => {
                let residual = &values[(channel * side + y) * side..][..side];
                line.iter_mut()
                    .zip(sums)
                    .zip(residual)
                    .for_each(|((slot, sum), value)| *slot = Self::clip(floor, sum + bias + value));
            }
            Some((values, true)) => {
                let half = side / 2;
                let residual = &values[(channel * half + y / 2) * half..][..half];
                let (fours, pair) = line.as_chunks_mut::<4>();
                let (sums, sums_of_pair) = sums.as_chunks::<4>();
                let (residual, residual_of_pair) = residual.as_chunks::<2>();
                for ((slot, sum), &[a, b]) in fours.iter_mut().zip(sums).zip(residual) {
                    let sum = Four::load(sum).plus(Four::splat(bias)).plus(Four::load(&[a, a, b, b]));
                    Four::splat(floor).at_least(sum).store(slot);
                }
                for (slot, sum) in pair.iter_mut().zip(sums_of_pair) {
                    *slot = Self::clip(floor, sum + bias + residual_of_pair[0]);
                }
            }
        }
    }

    /// Some fours of columns of a row of a channel of `side` × `side`, from an even column `x`.
    #[inline(always)]
    fn finish_fours<const FOURS: usize>(
        &self,
        sums: [Four; FOURS],
        (channel, y, x): (usize, usize, usize),
        side: usize,
        slots: &mut [[f32; 4]],
    ) {
        let (floor, bias) = (Four::splat(self.floor()), Four::splat(self.bias[channel]));
        let mut sums = sums.map(|sum| sum.plus(bias));
        match self.residual {
            Some((values, false)) => {
                let residual = values[(channel * side + y) * side + x..].as_chunks::<4>().0;
                for (sum, residual) in sums.iter_mut().zip(residual) {
                    *sum = sum.plus(Four::load(residual));
                }
            }
            Some((values, true)) => {
                let half = side / 2;
                let residual = values[(channel * half + y / 2) * half + x / 2..].as_chunks::<2>().0;
                for (sum, &[a, b]) in sums.iter_mut().zip(residual) {
                    *sum = sum.plus(Four::load(&[a, a, b, b]));
                }
            }
            None => (),
        }
        for (slot, sum) in slots.iter_mut().zip(sums) {
            floor.at_least(sum).store(slot);
        }
    }
}

/// A network with its weights, ready to run. After the first run it allocates nothing.
pub struct SimdNetwork {
    network: Network,
    steps: Vec<Step>,
    shapes: Vec<(usize, usize)>,
    /// Each with its bias.
    convs: Vec<(Convolution, Vec<f32>)>,
    /// The values of a run; kept for the next.
    values: Vec<Vec<f32>>,
    scratch: Scratch,
}

impl SimdNetwork {
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the weights do not fit the network.
    pub fn new(network: Network, weights: &Weights) -> Result<Self> {
        check(&network, weights)?;
        let (steps, shapes) = (plan(&network), network.shapes());
        let convs = network.convs().zip(&weights.convs).map(|(conv, weights)| {
            let side = shapes[conv.input].1;
            (Convolution::new(conv, side, &weights.weights), weights.bias.clone())
        });
        let convs = convs.collect();
        let mut values = vec![Vec::new(); shapes.len()];
        for value in steps.iter().map(Step::output).chain([0]) {
            let (channels, side) = shapes[value];
            values[value] = vec![0.0; channels * side * side];
        }
        Ok(Self { network, steps, shapes, convs, values, scratch: Scratch::default() })
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
            // It is gone where the last run did not come to its end.
            let (channels, side) = self.shapes[step.output()];
            made.resize(channels * side * side, 0.0);
            match step {
                Step::Conv { conv, number, residual, relu, .. } => {
                    let (convolution, bias) = &self.convs[*number];
                    let residual = residual.map(|Residual { value, half }| (&self.values[value][..], half));
                    let end = End { bias, relu: *relu, residual };
                    convolution.run(&self.values[conv.input], &end, &mut self.scratch, &mut made);
                }
                Step::AddRelu { inputs: [a, b], .. } => {
                    let pairs = self.values[*a].iter().zip(&self.values[*b]);
                    made.iter_mut().zip(pairs).for_each(|(sum, (a, b))| *sum = End::clip(0.0, a + b));
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

/// Makes room for `length` numbers; what is in them is left.
fn room<T: Copy + Default>(buffer: &mut Vec<T>, length: usize) -> &mut [T] {
    if buffer.len() < length {
        buffer.resize(length, T::default());
    }
    &mut buffer[..length]
}

/// The same for numbers in groups of `N`.
fn room_for<const N: usize>(buffer: &mut Vec<f32>, groups: usize) -> &mut [[f32; N]] {
    room(buffer, N * groups).as_chunks_mut().0
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
        let mut packed = SimdNetwork::new(network.clone(), &weights).unwrap();
        assert!(packed.run(&[0.0; 5], &mut Output::default()).is_err());
        weights.convs[0].weights.pop();
        assert!(SimdNetwork::new(network.clone(), &weights).is_err());
        weights.convs.pop();
        assert!(SimdNetwork::new(network, &weights).is_err());
    }
}
