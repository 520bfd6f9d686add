//! The 64-128-16-3 network: dense layers, sigmoid between them, softmax after the last.

use crate::label::LABELS;

/// One dense layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// outputs × inputs, row-major.
    pub weights: Vec<f32>,
    /// One per output.
    pub bias: Vec<f32>,
}

impl Dense {
    fn inputs(&self) -> usize {
        self.weights.len() / self.bias.len().max(1)
    }

    fn forward(&self, input: &[f64]) -> Vec<f64> {
        let rows = self.weights.chunks_exact(self.inputs());
        let dot = |row: &[f32]| row.iter().zip(input).map(|(&w, x)| f64::from(w) * x).sum::<f64>();
        rows.zip(&self.bias).map(|(row, &bias)| dot(row) + f64::from(bias)).collect()
    }

    /// The gradient of the input from the gradient of the output.
    fn backward(&self, gradient: &[f64]) -> Vec<f64> {
        let mut result = vec![0.0; self.inputs()];
        for (row, weight) in self.weights.chunks_exact(self.inputs()).zip(gradient) {
            for (slot, &w) in result.iter_mut().zip(row) {
                *slot += weight * f64::from(w);
            }
        }
        result
    }
}

/// The network of the texture reader: 64 inputs, hidden layers of 128 and 16, 3 logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron {
    /// 64 → 128, 128 → 16 and 16 → 3.
    pub layers: [Dense; 3],
}

impl Perceptron {
    /// Neurons per layer, inputs first.
    pub const WIDTHS: [usize; 4] = [super::COMPONENTS, 128, 16, LABELS.len()];

    /// The logits of 64 components, in the order of [`LABELS`].
    pub fn logits(&self, components: &[f64]) -> [f64; 3] {
        self.activations(components).1
    }

    /// The hidden activations and the logits.
    fn activations(&self, components: &[f64]) -> ([Vec<f64>; 2], [f64; 3]) {
        let [first, second, last] = &self.layers;
        let sigmoid = |mut values: Vec<f64>| {
            values.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
            values
        };
        let one = sigmoid(first.forward(components));
        let two = sigmoid(second.forward(&one));
        let logits = last.forward(&two);
        ([one, two], [logits[0], logits[1], logits[2]])
    }

    /// The gradient of each logit with respect to the 64 inputs.
    pub fn gradients(&self, components: &[f64]) -> [Vec<f64>; 3] {
        let [first, second, last] = &self.layers;
        let ([one, two], _) = self.activations(components);
        let through_sigmoid = |mut gradient: Vec<f64>, activations: &[f64]| {
            gradient.iter_mut().zip(activations).for_each(|(g, a)| *g *= a * (1.0 - a));
            gradient
        };
        [0, 1, 2].map(|label| {
            let mut output = [0.0; 3];
            output[label] = 1.0;
            let gradient = through_sigmoid(last.backward(&output), &two);
            let gradient = through_sigmoid(second.backward(&gradient), &one);
            first.backward(&gradient)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Perceptron {
        let mut state = 7_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let mut layer = |inputs: usize, outputs: usize| Dense {
            weights: (0..inputs * outputs).map(|_| noise()).collect(),
            bias: (0..outputs).map(|_| noise()).collect(),
        };
        let [a, b, c, d] = Perceptron::WIDTHS;
        Perceptron { layers: [layer(a, b), layer(b, c), layer(c, d)] }
    }

    #[test]
    fn gradients_are_finite_differences() {
        let network = network();
        let input: Vec<f64> = (0..64).map(|k| (f64::from(k) * 0.7).sin()).collect();
        let gradients = network.gradients(&input);
        for k in [0, 5, 63] {
            let step = |h: f64| {
                let mut moved = input.clone();
                moved[k] += h;
                network.logits(&moved)
            };
            let (up, down) = (step(1e-5), step(-1e-5));
            for label in 0..3 {
                let slope = (up[label] - down[label]) / 2e-5;
                assert!((slope - gradients[label][k]).abs() < 1e-8);
            }
        }
    }
}
