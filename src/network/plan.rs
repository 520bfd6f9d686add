//! What the fast back-ends run: the layers of a [`Network`], with additions and enlargements folded
//! into the convolutions before them where nothing else reads the value between.

use super::{Conv, Layer, Network};

/// One step; values are numbered as in [`Network`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A convolution, plus bias, plus `residual`, then ReLU where `relu`.
    Conv {
        conv: Conv,
        /// Which convolution of the network this is: the place of its weights.
        number: usize,
        residual: Option<Residual>,
        relu: bool,
        output: usize,
    },
    /// [`Layer::AddRelu`].
    AddRelu { inputs: [usize; 2], output: usize },
    /// [`Layer::Upsample`].
    Upsample { input: usize, output: usize },
}

/// A value that is added before the ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Residual {
    pub(crate) value: usize,
    /// It has half the rows and columns; every pixel counts twice in both directions.
    pub(crate) half: bool,
}

impl Step {
    /// The value that the step makes.
    pub(crate) fn output(&self) -> usize {
        match self {
            Self::Conv { output, .. } | Self::AddRelu { output, .. } | Self::Upsample { output, .. } => {
                *output
            }
        }
    }
}

/// The steps of a network in the order they run.
pub(crate) fn plan(network: &Network) -> Vec<Step> {
    // How often each value is read, by layers and as what a run gives.
    let mut reads = vec![0; network.layers.len() + 1];
    for layer in &network.layers {
        match layer {
            Layer::Conv(conv) => reads[conv.input] += 1,
            Layer::AddRelu { inputs } => inputs.iter().for_each(|&input| reads[input] += 1),
            Layer::Upsample { input } => reads[*input] += 1,
        }
    }
    reads[network.features] += 1;
    reads[network.layers.len()] += 1;

    let mut convs = 0;
    let mut steps: Vec<Option<Step>> = Vec::new();
    for (k, layer) in network.layers.iter().enumerate() {
        let output = k + 1;
        let step = match layer {
            Layer::Conv(conv) => {
                let number = convs;
                convs += 1;
                Step::Conv { conv: conv.clone(), number, residual: None, relu: conv.relu, output }
            }
            Layer::Upsample { input } => Step::Upsample { input: *input, output },
            Layer::AddRelu { inputs: [a, b] } => folded(&mut steps, &reads, output, *a, *b)
                .or_else(|| folded(&mut steps, &reads, output, *b, *a))
                .unwrap_or(Step::AddRelu { inputs: [*a, *b], output }),
        };
        steps.push(Some(step));
    }
    steps.into_iter().flatten().collect()
}

/// The step that made `value`, if only one step reads it; it is taken out.
fn take(steps: &mut [Option<Step>], reads: &[usize], value: usize) -> Option<Step> {
    if value == 0 || reads[value] != 1 { None } else { steps[value - 1].take() }
}

/// ReLU of `a + b` as the convolution that makes `a`, if there is one.
fn folded(steps: &mut [Option<Step>], reads: &[usize], output: usize, a: usize, b: usize) -> Option<Step> {
    match take(steps, reads, a) {
        Some(Step::Conv { conv, number, residual: None, relu: false, .. }) => {
            let residual = match take(steps, reads, b) {
                Some(Step::Upsample { input, .. }) => Residual { value: input, half: true },
                other => {
                    put_back(steps, b, other);
                    Residual { value: b, half: false }
                }
            };
            Some(Step::Conv { conv, number, residual: Some(residual), relu: true, output })
        }
        other => {
            put_back(steps, a, other);
            None
        }
    }
}

fn put_back(steps: &mut [Option<Step>], value: usize, step: Option<Step>) {
    if step.is_some() {
        steps[value - 1] = step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_networks_are_convolutions_only() {
        for network in [Network::lungs(), Network::convnet(128)] {
            let steps = plan(&network);
            assert_eq!(steps.len(), network.convs().count());
            assert!(steps.iter().all(|step| matches!(step, Step::Conv { .. })));
            assert_eq!(steps.last().map(Step::output), Some(network.layers.len()));
        }
    }

    #[test]
    fn a_step_reads_only_what_was_made_before() {
        for network in [Network::lungs(), Network::convnet(128)] {
            let mut made = vec![0];
            for step in plan(&network) {
                if let Step::Conv { conv, residual, .. } = &step {
                    assert!(made.contains(&conv.input));
                    assert!(residual.is_none_or(|residual| made.contains(&residual.value)));
                }
                made.push(step.output());
            }
            assert!(made.contains(&network.features));
        }
    }

    #[test]
    fn a_value_that_is_read_twice_stays() {
        let mut network = Network::convnet(32);
        // The second convolution of the first block is now what features are taken of.
        let second = network
            .layers
            .iter()
            .position(|layer| matches!(layer, Layer::Conv(conv) if conv.name == "block0.1"));
        network.features = second.unwrap() + 1;
        let steps = plan(&network);
        assert!(steps.iter().any(|step| step.output() == network.features));
    }
}
