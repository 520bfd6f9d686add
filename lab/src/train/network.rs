//! A network in training: batch norm, gradients from candle, AdamW, a moving average of the weights, and checkpoints.
//!
//! Every batch is cut into [`SHARDS`] parts that run on as many threads. Their gradients are added in a fixed order, so
//! a run gives the same result on any number of cores. Batch norm sees one shard at a time.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Result as CandleResult, Tensor, Var};
use covid_classifier::network::{Conv, ConvWeights, Layer, Network, Weights};
use covid_classifier::tensors::{TensorFile, Tensors, notes};
use covid_classifier::{Error, ErrorKind, Result};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::operations::{AddRelu, BatchNorm, Convolution, EPSILON, Statistics, Upsample};
use crate::engine::parallel;
use crate::tools::failed;

/// Parts of a batch that run at the same time.
pub(crate) const SHARDS: usize = 2;
/// The share that a step's batch statistics have in the running ones.
const MOMENTUM: f32 = 0.03;

/// How the weights are learned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    /// Number of steps in which the learning rate rises and falls once.
    pub(crate) cycle: usize,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    /// The moving average looks back over about this many steps.
    pub(crate) average_over: f64,
}

impl Schedule {
    /// The learning rate: in every cycle a linear warm-up over the first twentieth, then half a cosine down to a
    /// hundredth (Loshchilov and Hutter 2017).
    fn rate(&self, step: usize) -> f64 {
        let done = (step % self.cycle.max(1)) as f64 / self.cycle.max(1) as f64;
        let warm = (done / 0.05).min(1.0);
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
        self.learning_rate * warm * (0.01 + 0.99 * cosine)
    }
}

/// A learned tensor with its optimiser state and its moving average.
struct Parameter {
    name: String,
    variable: Var,
    decays: bool,
    first: Vec<f32>,
    second: Vec<f32>,
    average: Vec<f32>,
}

/// Numbers per channel of a normed convolution that are kept but not learned.
#[derive(Clone, Default)]
struct Running {
    mean: Vec<f32>,
    variance: Vec<f32>,
    average_mean: Vec<f32>,
    average_variance: Vec<f32>,
}

/// Statistics of the normed convolutions of one pass, in order.
pub(crate) type Pass = Vec<Arc<OnceLock<Statistics>>>;

/// A network that learns.
pub(crate) struct Trainee {
    pub(crate) network: Network,
    parameters: Vec<Parameter>,
    running: Vec<Running>,
    schedule: Schedule,
    pub(crate) step: usize,
}

/// The values of one training pass.
pub(crate) struct Forward {
    /// (N, channels, side, side).
    pub(crate) maps: Tensor,
    /// The value that the network names as its features.
    pub(crate) features: Tensor,
    pub(crate) pass: Pass,
}

fn file_failed(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with_source(ErrorKind::Io, format!("{}", path.display()), error)
}

impl Trainee {
    /// Starts with He-normal weights; the last norm of every residual block starts at 0, so that blocks start as their
    /// shortcuts. `extra` are learned matrices beside the network, (name, rows, columns), each with a bias.
    pub(crate) fn new(
        network: Network,
        extra: &[(&str, usize, usize)],
        schedule: Schedule,
        rng: &mut ChaCha8Rng,
    ) -> CandleResult<Self> {
        let mut parameters = Vec::new();
        let mut add = |name: String, values: Vec<f32>, shape: &[usize], decays: bool| {
            let average = values.clone();
            let zeros = vec![0.0; values.len()];
            let variable = Var::from_vec(values, shape, &Device::Cpu)?;
            parameters.push(Parameter {
                name,
                variable,
                decays,
                first: zeros.clone(),
                second: zeros,
                average,
            });
            CandleResult::Ok(())
        };
        let mut random = |count: usize, fan_in: usize| -> Vec<f32> {
            // The deviation is positive and finite.
            let normal = Normal::new(0.0, (2.0 / fan_in as f32).sqrt());
            normal.map_or_else(
                |_| vec![0.0; count],
                |normal| normal.sample_iter(&mut *rng).take(count).collect(),
            )
        };
        let mut running = Vec::new();
        let ends_a_block = |conv: &Conv| conv.name.starts_with("block") && conv.name.ends_with(".1");
        for conv in network.convs() {
            let (name, outputs) = (&conv.name, conv.outputs);
            let fan_in = conv.inputs * conv.kernel * conv.kernel;
            let weights = match conv.norm {
                true => random(conv.weight_count(), fan_in),
                false => random(conv.weight_count(), 4 * fan_in),
            };
            add(format!("{name}.weight"), weights, &conv.shape(), true)?;
            if conv.norm {
                let scale = if ends_a_block(conv) { 0.0 } else { 1.0 };
                add(format!("{name}.scale"), vec![scale; outputs], &[outputs], false)?;
                let (mean, variance) = (vec![0.0; outputs], vec![1.0; outputs]);
                let (average_mean, average_variance) = (mean.clone(), variance.clone());
                running.push(Running { mean, variance, average_mean, average_variance });
            } else {
                running.push(Running::default());
            }
            add(format!("{name}.bias"), vec![0.0; outputs], &[outputs], false)?;
        }
        for &(name, rows, columns) in extra {
            add(format!("{name}.weight"), random(rows * columns, 2 * columns), &[rows, columns], true)?;
            add(format!("{name}.bias"), vec![0.0; rows], &[rows], false)?;
        }
        Ok(Self { network, parameters, running, schedule, step: 0 })
    }

    pub(crate) fn variable(&self, name: &str) -> CandleResult<&Tensor> {
        let found = self.parameters.iter().find(|parameter| parameter.name == name);
        match found {
            Some(parameter) => Ok(parameter.variable.as_tensor()),
            None => candle_core::bail!("no parameter {name}"),
        }
    }

    /// Runs (N, 1, side, side) to maps, with batch norm over the batch; `drop` acts on the input of the last layer.
    pub(crate) fn forward(
        &self,
        input: Tensor,
        drop: impl Fn(&Tensor) -> CandleResult<Tensor>,
    ) -> CandleResult<Forward> {
        let mut values = vec![input];
        let mut pass = Pass::new();
        let last = self.network.layers.len() - 1;
        for (k, layer) in self.network.layers.iter().enumerate() {
            let value = match layer {
                Layer::Conv(conv) => {
                    let mut input = values[conv.input].clone();
                    if k == last {
                        input = drop(&input)?;
                    }
                    let weights = self.variable(&format!("{}.weight", conv.name))?;
                    let bias = self.variable(&format!("{}.bias", conv.name))?;
                    let operation = Convolution {
                        kernel: conv.kernel,
                        stride: conv.stride,
                        input_gradient: conv.input != 0,
                    };
                    let output = input.apply_op2(weights, operation)?;
                    let statistics = Arc::<OnceLock<Statistics>>::default();
                    pass.push(statistics.clone());
                    if conv.norm {
                        let scale = self.variable(&format!("{}.scale", conv.name))?;
                        output.apply_op3(scale, bias, BatchNorm { relu: conv.relu, statistics })?
                    } else {
                        output.broadcast_add(&bias.reshape((1, conv.outputs, 1, 1))?)?
                    }
                }
                Layer::AddRelu { inputs: [a, b] } => values[*a].apply_op2(&values[*b], AddRelu)?,
                Layer::Upsample { input } => values[*input].apply_op1(Upsample)?,
            };
            values.push(value);
        }
        let features = values[self.network.features].clone();
        let maps = values.swap_remove(last + 1);
        Ok(Forward { maps, features, pass })
    }

    /// Makes one step. `loss` is called once per shard, on its own thread, and gives the shard's loss and the
    /// statistics of its pass. Returns the mean loss.
    pub(crate) fn learn(
        &mut self,
        loss: impl Fn(&Self, usize) -> CandleResult<(Tensor, Pass)> + Sync,
    ) -> Result<f64> {
        let work = |shard: usize| -> CandleResult<(f64, GradStore, Pass)> {
            let (loss, pass) = loss(self, shard)?;
            let value = f64::from(loss.to_dtype(DType::F32)?.to_scalar::<f32>()?);
            Ok((value, loss.backward()?, pass))
        };
        // Each shard on a thread of its own.
        let shards = parallel(&std::array::from_fn::<usize, SHARDS, _>(|shard| shard), |&shard| work(shard));
        let shards = shards.into_iter().collect::<CandleResult<Vec<_>>>().map_err(failed)?;
        let mean = shards.iter().map(|(value, ..)| value).sum::<f64>() / SHARDS as f64;
        if !mean.is_finite() {
            return Err(Error::new(ErrorKind::Internal, format!("the loss is {mean} at step {}", self.step)));
        }
        self.update(&shards.iter().map(|(_, gradients, _)| gradients).collect::<Vec<_>>()).map_err(failed)?;
        for (_, _, pass) in &shards {
            self.remember(pass);
        }
        Ok(mean)
    }

    fn update(&mut self, shards: &[&GradStore]) -> CandleResult<()> {
        const BETA: (f64, f64) = (0.9, 0.999);
        let rate = self.schedule.rate(self.step);
        self.step += 1;
        let corrections = (1.0 - BETA.0.powi(self.step as i32), 1.0 - BETA.1.powi(self.step as i32));
        // The average is shorter at first, so that it forgets the beginning.
        let keep =
            (1.0 - 1.0 / self.schedule.average_over).min(self.step as f64 / (self.step as f64 + 10.0)) as f32;
        for parameter in &mut self.parameters {
            let mut gradient: Vec<f32> = vec![0.0; parameter.first.len()];
            for shard in shards {
                let Some(part) = shard.get(&parameter.variable) else { continue };
                let part = part.flatten_all()?.to_vec1::<f32>()?;
                gradient.iter_mut().zip(part).for_each(|(sum, value)| *sum += value / SHARDS as f32);
            }
            let mut values = parameter.variable.flatten_all()?.to_vec1::<f32>()?;
            let decay = if parameter.decays { (1.0 - rate * self.schedule.weight_decay) as f32 } else { 1.0 };
            let (step, unbias) = ((rate / corrections.0) as f32, (1.0 / corrections.1) as f32);
            let moments = parameter.first.iter_mut().zip(&mut parameter.second);
            for (((value, average), gradient), (first, second)) in
                values.iter_mut().zip(&mut parameter.average).zip(gradient).zip(moments)
            {
                *first = BETA.0 as f32 * *first + (1.0 - BETA.0 as f32) * gradient;
                *second = BETA.1 as f32 * *second + (1.0 - BETA.1 as f32) * gradient * gradient;
                *value = *value * decay - step * *first / ((*second * unbias).sqrt() + 1e-8);
                *average = keep * *average + (1.0 - keep) * *value;
            }
            parameter.variable.set(&Tensor::from_vec(values, parameter.variable.shape(), &Device::Cpu)?)?;
        }
        for running in &mut self.running {
            let means = running.average_mean.iter_mut().zip(&running.mean);
            means.for_each(|(average, value)| *average = keep * *average + (1.0 - keep) * value);
            let variances = running.average_variance.iter_mut().zip(&running.variance);
            variances.for_each(|(average, value)| *average = keep * *average + (1.0 - keep) * value);
        }
        Ok(())
    }

    fn remember(&mut self, pass: &Pass) {
        for (running, statistics) in self.running.iter_mut().zip(pass) {
            let Some(statistics) = statistics.get() else { continue };
            let slots = running.mean.iter_mut().zip(&mut running.variance);
            for ((mean, variance), &(batch_mean, batch_variance)) in slots.zip(statistics) {
                *mean += MOMENTUM * (batch_mean - *mean);
                *variance += MOMENTUM * (batch_variance - *variance);
            }
        }
    }

    /// The moving average of the weights, with the norms folded in.
    pub(crate) fn averaged(&self) -> Weights {
        let values: HashMap<&str, &[f32]> = self
            .parameters
            .iter()
            .map(|parameter| (parameter.name.as_str(), &parameter.average[..]))
            .collect();
        let of = |name: String| values.get(name.as_str()).copied().unwrap_or_default();
        let fold = |(conv, running): (&Conv, &Running)| {
            let (mut weights, mut bias) =
                (of(format!("{}.weight", conv.name)).to_vec(), of(format!("{}.bias", conv.name)).to_vec());
            if conv.norm {
                let scales = of(format!("{}.scale", conv.name));
                let rows = weights.chunks_exact_mut(conv.weight_count() / conv.outputs);
                for (k, row) in rows.enumerate() {
                    let scale = scales[k] / (running.average_variance[k] + EPSILON).sqrt();
                    row.iter_mut().for_each(|weight| *weight *= scale);
                    bias[k] -= running.average_mean[k] * scale;
                }
            }
            ConvWeights { weights, bias }
        };
        Weights { convs: self.network.convs().zip(&self.running).map(fold).collect() }
    }

    /// Saves everything that is needed to continue: weights, moments, averages and statistics. The file is written
    /// beside the old one and then renamed, so that an interruption cannot damage it.
    pub(crate) fn save(&self, path: &Path, note: &str) -> Result<()> {
        let mut file = TensorFile::new();
        file.note("step", self.step.to_string());
        file.note("note", note);
        let mut add = |name: String, values: &[f32]| file.f32s(name, &[values.len()], values);
        for parameter in &self.parameters {
            let values: Vec<f32> =
                parameter.variable.flatten_all().and_then(|values| values.to_vec1()).map_err(failed)?;
            let name = &parameter.name;
            add(format!("value.{name}"), &values);
            add(format!("first.{name}"), &parameter.first);
            add(format!("second.{name}"), &parameter.second);
            add(format!("average.{name}"), &parameter.average);
        }
        for (k, running) in self.running.iter().enumerate() {
            add(format!("mean.{k}"), &running.mean);
            add(format!("variance.{k}"), &running.variance);
            add(format!("average_mean.{k}"), &running.average_mean);
            add(format!("average_variance.{k}"), &running.average_variance);
        }
        let data = file.finish()?;
        let part = path.with_extension("part");
        std::fs::write(&part, data)
            .and_then(|()| std::fs::rename(&part, path))
            .map_err(|error| file_failed(path, error))
    }

    /// Loads a checkpoint and returns its note.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it is from another network.
    pub(crate) fn resume(&mut self, path: &Path) -> Result<String> {
        let misfit = || {
            Error::new(ErrorKind::Model, format!("{} is the checkpoint of another network", path.display()))
        };
        let data = std::fs::read(path).map_err(|error| file_failed(path, error))?;
        let (tensors, notes) = (Tensors::open(&data)?, notes(&data)?);
        let read = |name: String, length: usize| tensors.f32s(&name, &[length]).map_err(|_| misfit());
        for parameter in &mut self.parameters {
            let (name, length) = (&parameter.name, parameter.first.len());
            let values = read(format!("value.{name}"), length)?;
            let value = Tensor::from_vec(values, parameter.variable.shape(), &Device::Cpu).map_err(failed)?;
            parameter.variable.set(&value).map_err(failed)?;
            parameter.first = read(format!("first.{name}"), length)?;
            parameter.second = read(format!("second.{name}"), length)?;
            parameter.average = read(format!("average.{name}"), length)?;
        }
        for (k, running) in self.running.iter_mut().enumerate() {
            let length = running.mean.len();
            running.mean = read(format!("mean.{k}"), length)?;
            running.variance = read(format!("variance.{k}"), length)?;
            running.average_mean = read(format!("average_mean.{k}"), length)?;
            running.average_variance = read(format!("average_variance.{k}"), length)?;
        }
        self.step = notes.get("step").and_then(|step| step.parse().ok()).ok_or_else(misfit)?;
        Ok(notes.get("note").cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use rand::{Rng, SeedableRng};

    const SIDE: usize = 16;
    const SIZE: usize = 4;

    fn trainee(steps: usize) -> Trainee {
        let schedule = Schedule { cycle: steps, learning_rate: 3e-3, weight_decay: 0.01, average_over: 10.0 };
        Trainee::new(Network::convnet(SIDE), &[], schedule, &mut ChaCha8Rng::seed_from_u64(1)).unwrap()
    }

    /// Bright, dark and striped squares are the three classes.
    fn step(trainee: &mut Trainee) -> f64 {
        let step = trainee.step;
        let work = |trainee: &Trainee, shard: usize| {
            let mut rng = ChaCha8Rng::seed_from_u64((2 * step + shard) as u64);
            let labels: Vec<u32> = (0..SIZE).map(|_| rng.random_range(0..3)).collect();
            let mut values = Vec::new();
            for &label in &labels {
                for k in 0..SIDE * SIDE {
                    let mean = [1.0, -1.0, if k % 2 == 0 { 1.0 } else { -1.0 }][label as usize];
                    values.push(mean + rng.random_range(-0.5..0.5_f32));
                }
            }
            let input = Tensor::from_vec(values, (SIZE, 1, SIDE, SIDE), &Device::Cpu)?;
            let forward = trainee.forward(input, |features| Ok(features.clone()))?;
            let logits = forward.maps.mean((2, 3))?;
            let loss =
                candle_nn::loss::cross_entropy(&logits, &Tensor::from_vec(labels, SIZE, &Device::Cpu)?)?;
            Ok((loss, forward.pass))
        };
        trainee.learn(work).unwrap()
    }

    #[test]
    fn the_rate_rises_and_falls_once_in_a_cycle() {
        let schedule = Schedule { cycle: 100, learning_rate: 2.0, weight_decay: 0.0, average_over: 1.0 };
        let rates: Vec<f64> = (0..300).map(|step| schedule.rate(step)).collect();
        assert_eq!(rates[0], 0.0);
        assert!(rates[..5].is_sorted() && rates[5..100].iter().rev().is_sorted());
        assert!(rates[5] > 1.98 && rates[99] < 0.03, "{} {}", rates[5], rates[99]);
        assert_eq!((&rates[100..200], &rates[200..]), (&rates[..100], &rates[..100]));
    }

    #[test]
    fn it_learns_what_can_be_learned() {
        let mut trainee = trainee(60);
        let losses: Vec<f64> = (0..60).map(|_| step(&mut trainee)).collect();
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        assert!(mean(&losses[50..]) < 0.3 * mean(&losses[..5]), "{losses:?}");
    }

    #[test]
    fn an_interrupted_run_ends_like_one_that_was_not() {
        let mut whole = trainee(6);
        (0..6).for_each(|_| _ = step(&mut whole));
        let folder = std::env::temp_dir().join(format!("covid-classifier-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("run.checkpoint");
        let mut first = trainee(6);
        (0..3).for_each(|_| _ = step(&mut first));
        first.save(&path, "half way").unwrap();
        let mut second = trainee(6);
        assert_eq!(second.resume(&path).unwrap(), "half way");
        (0..3).for_each(|_| _ = step(&mut second));
        assert_eq!(second.averaged(), whole.averaged());

        // A damaged checkpoint is an error, not a fresh start.
        std::fs::write(&path, b"not a checkpoint").unwrap();
        assert!(trainee(6).resume(&path).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn folding_changes_no_answer() {
        let mut trainee = trainee(8);
        (0..8).for_each(|_| _ = step(&mut trainee));
        let weights = trainee.averaged();
        assert_eq!(weights.convs.len(), trainee.network.convs().count());
        assert!(weights.convs.iter().all(|conv| conv.weights.iter().all(|weight| weight.is_finite())));
        // Rounding to 10 bits changes the answer little.
        let rounded =
            Weights::from_bytes(&trainee.network, &weights.to_bytes(&trainee.network).unwrap()).unwrap();
        let plane: Vec<f32> = (0..SIDE * SIDE).map(|k| ((k * 37 % 64) as f32 - 32.0) / 16.0).collect();
        let run = |weights: &Weights| {
            Engine::new(trainee.network.clone(), weights.clone()).unwrap().run(&plane).unwrap().maps
        };
        let (a, b) = (run(&weights), run(&rounded));
        let largest = a.iter().fold(0.1_f32, |largest, value| largest.max(value.abs()));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 0.05 * largest), "{a:?} {b:?}");
    }
}
