//! The loss of the convnet reader: over all classes, and *within* the source.

use candle_core::{Device, Tensor};
use covid_classifier::Label;

use super::network::Trainee;
use super::operations::GradientReversal;
use super::pools::BEYOND;
use super::recipe::Recipe;

/// The share of the target that is spread over the other classes.
const SMOOTHING: f64 = 0.05;

/// The targets of a shard's films.
pub(super) struct Targets {
    /// The class, or [`BEYOND`] for a film that is only known to be not normal.
    pub(super) labels: Vec<usize>,
    /// The classes that each film's source has.
    pub(super) allowed: Vec<[bool; 3]>,
    /// The source, as a number.
    pub(super) sources: Vec<usize>,
}

fn log_softmax_loss(logits: &Tensor, target: Vec<f32>, columns: usize) -> candle_core::Result<Tensor> {
    let rows = target.len() / columns;
    let target = Tensor::from_vec(target, (rows, columns), &Device::Cpu)?;
    let log = candle_nn::ops::log_softmax(logits, 1)?;
    (log * target)?.sum_all()?.neg()? / rows as f64
}

/// The weighted cross-entropy of *not normal*, for films of which nothing else is known.
fn not_normal_loss(logits: &Tensor, weights: Vec<f32>) -> candle_core::Result<Tensor> {
    let rows = weights.len();
    let log = candle_nn::ops::log_softmax(logits, 1)?;
    let normal = log.narrow(1, Label::Normal.index(), 1)?.flatten_all()?;
    let others = [Label::Covid19, Label::Pneumonia].map(|label| log.narrow(1, label.index(), 1));
    let [covid19, pneumonia] = others;
    let not_normal = Tensor::cat(&[covid19?, pneumonia?], 1)?.log_sum_exp(1)?;
    let entropy = ((not_normal * (1.0 - SMOOTHING))? + (normal * SMOOTHING)?)?;
    let weights = Tensor::from_vec(weights, rows, &Device::Cpu)?;
    (entropy * weights)?.sum_all()?.neg()? / rows as f64
}

impl Targets {
    fn smoothed(&self, k: usize, among: [bool; 3]) -> [f32; 3] {
        let others = among.iter().filter(|&&allowed| allowed).count() - 1;
        std::array::from_fn(|class| match (class == self.labels[k], among[class]) {
            (true, _) if others == 0 => 1.0,
            (true, _) => 1.0 - SMOOTHING as f32,
            (false, true) => SMOOTHING as f32 / others as f32,
            (false, false) => 0.0,
        })
    }

    /// The loss of (N, 3) logits. The source adversary uses the features, (N, C, H, W).
    pub(super) fn loss(
        &self,
        trainee: &Trainee,
        recipe: &Recipe,
        logits: &Tensor,
        features: &Tensor,
        strength: f64,
    ) -> candle_core::Result<Tensor> {
        let rows = self.labels.len();
        let known = |k: usize| self.labels[k] != BEYOND;
        let target = |k: usize, among: [bool; 3]| if known(k) { self.smoothed(k, among) } else { [0.0; 3] };
        let all = (0..rows).flat_map(|k| target(k, [true; 3])).collect();
        let everywhere = log_softmax_loss(logits, all, 3)?;
        let barred =
            self.allowed.iter().flatten().map(|&allowed| if allowed { 0.0 } else { -1e4_f32 }).collect();
        let barred = Tensor::from_vec(barred, (rows, 3), &Device::Cpu)?;
        let within = (0..rows).flat_map(|k| target(k, self.allowed[k])).collect();
        let within = log_softmax_loss(&(logits + barred)?, within, 3)?;
        let mut loss = ((everywhere * (1.0 - recipe.within_source))? + (within * recipe.within_source)?)?;
        if (0..rows).any(|k| !known(k)) {
            let weights = (0..rows).map(|k| if known(k) { 0.0 } else { recipe.beyond as f32 }).collect();
            loss = (loss + not_normal_loss(logits, weights)?)?;
        }
        if recipe.adversary > 0.0 {
            // One source classifier per class, so that features of the class are not unlearned.
            let weight = trainee.variable("source.weight")?;
            let bias = trainee.variable("source.bias")?;
            let reversed = features.mean((2, 3))?.apply_op1(GradientReversal(recipe.adversary * strength))?;
            let guesses = reversed.matmul(&weight.t()?)?.broadcast_add(bias)?;
            let count = weight.dims()[0] / 3;
            let rows_of = guesses.reshape((rows * 3, count))?;
            // Films without a class do not count for it.
            let own: Vec<u32> =
                self.labels.iter().enumerate().map(|(k, &label)| (3 * k + label % BEYOND) as u32).collect();
            let guesses = rows_of.index_select(&Tensor::from_vec(own, rows, &Device::Cpu)?, 0)?;
            let mut target = vec![0.0; rows * count];
            for (k, &source) in self.sources.iter().enumerate().filter(|(k, _)| known(*k)) {
                target[k * count + source] = 1.0;
            }
            loss = (loss + log_softmax_loss(&guesses, target, count)?)?;
        }
        Ok(loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_spread_over_the_classes_of_its_source() {
        let targets =
            Targets { labels: vec![0, 2], allowed: vec![[true, true, false]; 2], sources: vec![0, 0] };
        let near = |a: [f32; 3], b: [f32; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near(targets.smoothed(0, [true; 3]), [0.95, 0.025, 0.025]));
        assert!(near(targets.smoothed(0, [true, true, false]), [0.95, 0.05, 0.0]));
        // A source's only class cannot be missed.
        assert!(near(targets.smoothed(1, [false, false, true]), [0.0, 0.0, 1.0]));
    }

    /// Within a source of one class the loss is 0; over all classes it is not.
    #[test]
    fn the_recipe_says_how_much_is_within_the_source() {
        use covid_classifier::network::Network;
        use rand::SeedableRng;

        use super::super::network::Schedule;

        let schedule = Schedule { cycle: 1, learning_rate: 1e-3, weight_decay: 0.0, average_over: 1.0 };
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let trainee = Trainee::new(Network::convnet(16), &[], schedule, &mut rng).unwrap();
        let targets = Targets { labels: vec![0], allowed: vec![[true, false, false]], sources: vec![0] };
        let logits = Tensor::from_vec(vec![0.0_f32, 0.0, 0.0], (1, 3), &Device::Cpu).unwrap();
        let features = Tensor::zeros((1, 4, 1, 1), candle_core::DType::F32, &Device::Cpu).unwrap();
        let loss = |within_source| {
            let recipe = Recipe { within_source, ..Recipe::default() };
            let loss = targets.loss(&trainee, &recipe, &logits, &features, 1.0).unwrap();
            f64::from(loss.to_scalar::<f32>().unwrap())
        };
        let everywhere = 3.0_f64.ln();
        assert!(loss(1.0).abs() < 1e-5 && (loss(0.0) - everywhere).abs() < 1e-5);
        assert!((loss(0.7) - 0.3 * everywhere).abs() < 1e-5);
    }

    /// *Not normal* trains all three logits, but does not favour a class.
    #[test]
    fn of_a_film_beyond_the_classes_only_normal_is_asked() {
        let loss = |logits: [f32; 3], weight: f32| {
            let logits = Tensor::from_vec(logits.to_vec(), (1, 3), &Device::Cpu).unwrap();
            not_normal_loss(&logits, vec![weight]).unwrap().to_scalar::<f32>().unwrap()
        };
        let normal = [0.0, 5.0, 0.0];
        assert!(loss(normal, 1.0) > 3.0);
        assert!(loss([5.0, 0.0, 0.0], 1.0) < 0.35 && loss([0.0, 0.0, 5.0], 1.0) < 0.35);
        assert!((loss([1.0, 2.0, 3.0], 1.0) - loss([3.0, 2.0, 1.0], 1.0)).abs() < 1e-6);
        assert!((loss(normal, 0.5) - 0.5 * loss(normal, 1.0)).abs() < 1e-6);
        // p = e / (2 e + 1) and so on, by hand.
        let p = 1.0_f32 / (1.0 + 2.0 * 1.0_f32.exp());
        let expected = -(0.95 * (1.0 - p).ln() + 0.05 * p.ln());
        assert!((loss([1.0, 0.0, 1.0], 1.0) - expected).abs() < 1e-5);
    }

    #[test]
    fn the_loss_is_the_cross_entropy() {
        let logits = Tensor::from_vec(vec![1.0_f32, 0.0, -1.0], (1, 3), &Device::Cpu).unwrap();
        let loss = log_softmax_loss(&logits, vec![0.5, 0.5, 0.0], 3).unwrap().to_scalar::<f32>().unwrap();
        let sum = 1.0_f32.exp() + 1.0 + (-1.0_f32).exp();
        assert!((loss - (sum.ln() - 0.5)).abs() < 1e-6, "{loss}");
    }
}
