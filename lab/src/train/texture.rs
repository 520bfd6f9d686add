//! Fits and trains the texture reader: first the scaler and the principal components on the training films, then the
//! network with candle.
//!
//! It follows the authors' recipe: Adam at 0.001, batches of 2, at most 100 epochs, dropout 0.2 after each hidden
//! layer. Training stops once the validation loss has not fallen by 0.005 for 5 epochs; the weights of the best epoch
//! are kept. The authors' network ends in three sigmoids, whose outputs Keras divides by their sum inside the loss;
//! this one ends in a softmax.

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW};
use covid_classifier::texture::{COMPONENTS, Dense, FEATURES, Perceptron, Reduction, TextureWeights};
use covid_classifier::{Error, ErrorKind, Label, Result};
use nalgebra::DMatrix;
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::tools::failed;

const LEARNING_RATE: f64 = 1e-3;
const BATCH: usize = 2;
const MAX_EPOCHS: usize = 100;
const DROPOUT: f32 = 0.2;
const PATIENCE: usize = 5;
const MIN_DELTA: f64 = 0.005;

/// The features and label of one film.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The 252 features.
    pub features: Vec<f64>,
    /// The class.
    pub label: Label,
}

/// A trained texture reader and its provenance.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The weights of the best epoch.
    pub weights: TextureWeights,
    /// The seed of initialisation, order and dropout.
    pub seed: u64,
    /// The best epoch, counted from 1.
    pub epoch: usize,
    /// The validation loss of the best epoch (mean cross-entropy, nats).
    pub validation_loss: f64,
}

/// One epoch, for progress on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// Mean cross-entropy over the epoch's batches, with dropout.
    pub training_loss: f64,
    /// Mean cross-entropy on the validation films.
    pub validation_loss: f64,
}

/// Fits min-max scaling and the 64 leading principal components on the training films only.
///
/// # Errors
/// [`ErrorKind::Dataset`] for fewer films than components.
pub fn fit_reduction(train: &[&Example]) -> Result<Reduction> {
    if train.len() <= COMPONENTS {
        let message = format!("{} training films are too few for {COMPONENTS} components", train.len());
        return Err(Error::new(ErrorKind::Dataset, message));
    }
    let column = |k: usize| train.iter().map(move |example| example.features[k]);
    let mut reduction = Reduction {
        minimum: (0..FEATURES).map(|k| column(k).fold(f64::INFINITY, f64::min)).collect(),
        maximum: (0..FEATURES).map(|k| column(k).fold(f64::NEG_INFINITY, f64::max)).collect(),
        mean: vec![0.0; FEATURES],
        components: Vec::with_capacity(COMPONENTS * FEATURES),
    };
    let scaled: Vec<Vec<f64>> = train.iter().map(|example| reduction.centered(&example.features)).collect();
    for (k, mean) in reduction.mean.iter_mut().enumerate() {
        *mean = scaled.iter().map(|row| row[k]).sum::<f64>() / scaled.len() as f64;
    }
    let centered = DMatrix::from_fn(scaled.len(), FEATURES, |i, k| scaled[i][k] - reduction.mean[k]);
    let covariance = centered.transpose() * &centered / scaled.len() as f64;
    let eigen = covariance.symmetric_eigen();
    let mut order: Vec<usize> = (0..FEATURES).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    for &k in &order[..COMPONENTS] {
        let vector = eigen.eigenvectors.column(k);
        // An eigenvector's sign is arbitrary: make its largest entry positive.
        let largest = vector.iter().copied().fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
        reduction.components.extend(vector.iter().map(|value| (value * largest.signum()) as f32));
    }
    Ok(reduction)
}

/// Fits the reduction and trains the network.
///
/// # Errors
/// [`ErrorKind::Dataset`] for too few films.
pub fn train(
    train: &[&Example],
    validation: &[&Example],
    seed: u64,
    mut progress: impl FnMut(Epoch),
) -> Result<Trained> {
    if validation.is_empty() {
        return Err(Error::new(ErrorKind::Dataset, "no validation films"));
    }
    let reduction = fit_reduction(train)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut network = Network::new(&mut rng).map_err(failed)?;
    let inputs = |examples: &[&Example]| -> Vec<Vec<f32>> {
        let project = |example: &&Example| {
            let components = reduction.project(&reduction.centered(&example.features));
            components.into_iter().map(|value| value as f32).collect()
        };
        examples.iter().map(project).collect()
    };
    let labels = |examples: &[&Example]| -> Vec<u32> {
        examples.iter().map(|example| example.label.index() as u32).collect()
    };
    let (train_x, train_y) = (inputs(train), labels(train));
    let (validation_x, validation_y) = (inputs(validation), labels(validation));
    let all: Vec<usize> = (0..validation.len()).collect();

    let mut order: Vec<usize> = (0..train.len()).collect();
    let mut best = (f64::INFINITY, 0, network.perceptron().map_err(failed)?);
    let mut patience = Patience::default();
    for epoch in 1..=MAX_EPOCHS {
        order.shuffle(&mut rng);
        let mut training_loss = 0.0;
        for batch in order.chunks(BATCH) {
            let loss = network.step(&train_x, &train_y, batch, &mut rng).map_err(failed)?;
            training_loss += loss * batch.len() as f64 / order.len() as f64;
        }
        let validation_loss = network.loss(&validation_x, &validation_y, &all).map_err(failed)?;
        progress(Epoch { epoch, training_loss, validation_loss });
        if validation_loss < best.0 {
            best = (validation_loss, epoch, network.perceptron().map_err(failed)?);
        }
        if patience.is_over(validation_loss) {
            break;
        }
    }
    let (validation_loss, epoch, perceptron) = best;
    Ok(Trained { weights: TextureWeights { reduction, perceptron }, seed, epoch, validation_loss })
}

/// Keras' `EarlyStopping(patience=5, min_delta=0.005)`.
struct Patience {
    reference: f64,
    waited: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self { reference: f64::INFINITY, waited: 0 }
    }
}

impl Patience {
    /// Whether, for [`PATIENCE`] epochs, the loss has not fallen [`MIN_DELTA`] below the last one that did.
    fn is_over(&mut self, loss: f64) -> bool {
        if loss < self.reference - MIN_DELTA {
            (self.reference, self.waited) = (loss, 0);
        } else {
            self.waited += 1;
        }
        self.waited >= PATIENCE
    }
}

/// The network in candle. Initial weights and dropout come from a seeded generator of ours, because candle's CPU
/// generator cannot be seeded.
struct Network {
    layers: Vec<(Var, Var)>,
    optimizer: AdamW,
}

impl Network {
    /// Keras' defaults: Glorot-uniform weights, zero bias.
    fn new(rng: &mut ChaCha8Rng) -> candle_core::Result<Self> {
        let mut layers = Vec::new();
        for widths in Perceptron::WIDTHS.windows(2) {
            let (inputs, outputs) = (widths[0], widths[1]);
            let limit = (6.0 / (inputs + outputs) as f32).sqrt();
            let weights: Vec<f32> = (0..inputs * outputs).map(|_| rng.random_range(-limit..limit)).collect();
            let weight = Var::from_vec(weights, (outputs, inputs), &Device::Cpu)?;
            layers.push((weight, Var::zeros(outputs, candle_core::DType::F32, &Device::Cpu)?));
        }
        let variables = layers.iter().flat_map(|(weight, bias)| [weight.clone(), bias.clone()]).collect();
        let parameters =
            ParamsAdamW { lr: LEARNING_RATE, weight_decay: 0.0, eps: 1e-7, ..Default::default() };
        let optimizer = AdamW::new(variables, parameters)?;
        Ok(Self { layers, optimizer })
    }

    /// (N, 64) → (N, 3) logits; `masks` are the dropout masks after the hidden layers.
    fn logits(&self, input: &Tensor, masks: Option<&[Tensor]>) -> candle_core::Result<Tensor> {
        let mut values = input.clone();
        for (k, (weight, bias)) in self.layers.iter().enumerate() {
            values =
                Linear::new(weight.as_tensor().clone(), Some(bias.as_tensor().clone())).forward(&values)?;
            if k + 1 < self.layers.len() {
                values = candle_nn::ops::sigmoid(&values)?;
                if let Some(masks) = masks {
                    values = (values * &masks[k])?;
                }
            }
        }
        Ok(values)
    }

    fn batch(x: &[Vec<f32>], y: &[u32], rows: &[usize]) -> candle_core::Result<(Tensor, Tensor)> {
        let values: Vec<f32> = rows.iter().flat_map(|&row| x[row].iter().copied()).collect();
        let labels: Vec<u32> = rows.iter().map(|&row| y[row]).collect();
        let x = Tensor::from_vec(values, (rows.len(), COMPONENTS), &Device::Cpu)?;
        Ok((x, Tensor::from_vec(labels, rows.len(), &Device::Cpu)?))
    }

    fn step(
        &mut self,
        x: &[Vec<f32>],
        y: &[u32],
        rows: &[usize],
        rng: &mut ChaCha8Rng,
    ) -> candle_core::Result<f64> {
        let (x, y) = Self::batch(x, y, rows)?;
        let mut masks = Vec::new();
        for &width in &Perceptron::WIDTHS[1..3] {
            let keep = |_| if rng.random::<f32>() < DROPOUT { 0.0 } else { 1.0 / (1.0 - DROPOUT) };
            let mask: Vec<f32> = (0..rows.len() * width).map(keep).collect();
            masks.push(Tensor::from_vec(mask, (rows.len(), width), &Device::Cpu)?);
        }
        let loss = candle_nn::loss::cross_entropy(&self.logits(&x, Some(&masks))?, &y)?;
        self.optimizer.backward_step(&loss)?;
        Ok(f64::from(loss.to_scalar::<f32>()?))
    }

    fn loss(&self, x: &[Vec<f32>], y: &[u32], rows: &[usize]) -> candle_core::Result<f64> {
        let (x, y) = Self::batch(x, y, rows)?;
        let loss = candle_nn::loss::cross_entropy(&self.logits(&x, None)?, &y)?;
        Ok(f64::from(loss.to_scalar::<f32>()?))
    }

    fn perceptron(&self) -> candle_core::Result<Perceptron> {
        let dense = |k: usize| {
            let (weight, bias) = &self.layers[k];
            Ok::<_, candle_core::Error>(Dense {
                weights: weight.flatten_all()?.to_vec1()?,
                bias: bias.to_vec1()?,
            })
        };
        Ok(Perceptron { layers: [dense(0)?, dense(1)?, dense(2)?] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use covid_classifier::{LABELS, softmax};

    /// Three clouds in a few features.
    fn examples(count: usize, seed: u64) -> Vec<Example> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut example = |k: usize| {
            let label = LABELS[k % 3];
            let shift = |feature: usize| if feature % 3 == label.index() { 1.0 } else { 0.0 };
            let features = (0..FEATURES).map(|f| rng.random_range(0.0..1.0) + shift(f)).collect();
            Example { features, label }
        };
        (0..count).map(&mut example).collect()
    }

    #[test]
    fn training_ends_after_five_epochs_without_progress() {
        let epochs = |losses: &[f64]| {
            let mut patience = Patience::default();
            losses.iter().position(|&loss| patience.is_over(loss)).map(|k| k + 1)
        };
        assert_eq!(epochs(&[1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]), Some(7));
        // A fall of less than 0.005 does not count, however often it happens …
        assert_eq!(epochs(&[1.0, 0.999, 0.998, 0.997, 0.996, 0.9955]), Some(6));
        // … and a larger one, measured from the last that counted, restarts the patience.
        assert_eq!(epochs(&[1.0, 0.999, 0.998, 0.997, 0.994, 0.994, 0.994, 0.994, 0.994]), None);
    }

    #[test]
    fn learns_repeats_and_equals_inference() {
        let (train_films, validation) = (examples(90, 1), examples(30, 2));
        let (train_films, validation): (Vec<_>, Vec<_>) =
            (train_films.iter().collect(), validation.iter().collect());
        let run = |seed| train(&train_films, &validation, seed, |_| ()).unwrap();
        let trained = run(3);
        assert!(trained.validation_loss < 0.3, "{}", trained.validation_loss);
        assert_eq!(trained.weights, run(3).weights);
        assert_ne!(trained.weights, run(4).weights);

        // The network of the product, in plain Rust, is the one candle trained.
        let TextureWeights { reduction, perceptron } = &trained.weights;
        let mut loss = 0.0;
        for example in &validation {
            let logits = perceptron.logits(&reduction.project(&reduction.centered(&example.features)));
            loss -= softmax(logits)[example.label.index()].ln();
        }
        assert!((loss / validation.len() as f64 - trained.validation_loss).abs() < 1e-6);
    }

    #[test]
    fn components_are_orthonormal_and_ordered() {
        let films = examples(100, 5);
        let films: Vec<_> = films.iter().collect();
        let reduction = fit_reduction(&films).unwrap();
        let rows: Vec<&[f32]> = reduction.components.chunks_exact(FEATURES).collect();
        for i in 0..COMPONENTS {
            for j in 0..=i {
                let dot: f64 = rows[i].iter().zip(rows[j]).map(|(a, b)| f64::from(a * b)).sum();
                assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-5);
            }
        }
        let projected: Vec<Vec<f64>> =
            films.iter().map(|film| reduction.project(&reduction.centered(&film.features))).collect();
        let variance = |k: usize| projected.iter().map(|p| p[k] * p[k]).sum::<f64>();
        assert!((1..COMPONENTS).all(|k| variance(k) <= variance(k - 1) * (1.0 + 1e-9)));
    }
}
