//! Runs the product's engine on all cores.

use std::sync::{Mutex, OnceLock, PoisonError};

use covid_classifier::convnet::{Crop, both_ways};
use covid_classifier::network::{Network, Output, SimdNetwork, Weights};
use covid_classifier::{Classifier, Model, Result};
use rayon::prelude::*;

/// One thread per core, in a separate pool: candle's operations take the size of the global pool, and must not add
/// threads to these.
fn cores() -> Option<&'static rayon::ThreadPool> {
    static CORES: OnceLock<Option<rayon::ThreadPool>> = OnceLock::new();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    CORES.get_or_init(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()).as_ref()
}

/// Calls `work` on every item, on all cores; results in order.
pub fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Send + Sync) -> Vec<R> {
    match cores() {
        Some(cores) => cores.install(|| items.par_iter().map(&work).collect()),
        // The system gives no threads.
        None => items.iter().map(work).collect(),
    }
}

/// As many of something as threads ask for at the same time, each made once.
pub struct Stock<T> {
    idle: Mutex<Vec<T>>,
}

impl<T> Default for Stock<T> {
    fn default() -> Self {
        Self { idle: Mutex::default() }
    }
}

impl<T> Stock<T> {
    /// Lends one that is idle, or a new one.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn lend<R>(&self, make: impl FnOnce() -> Result<T>, work: impl FnOnce(&mut T) -> R) -> Result<R> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut lent = idle.map_or_else(make, Ok)?;
        let result = work(&mut lent);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lent);
        Ok(result)
    }
}

/// A network on the kernels that ship, for all threads.
pub struct Engine {
    network: Network,
    weights: Weights,
    stock: Stock<SimdNetwork>,
}

impl Engine {
    /// A network with its weights.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](covid_classifier::ErrorKind::Model) where the weights do not fit.
    pub fn new(network: Network, weights: Weights) -> Result<Self> {
        let engine = Self { network, weights, stock: Stock::default() };
        engine.stock.lend(|| engine.make(), |_| ())?;
        Ok(engine)
    }

    /// The segmenter and the convnet reader of a model.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_model(model: &Model) -> Result<(Self, Self)> {
        let reader = Network::convnet(covid_classifier::convnet::SIDE);
        Ok((Self::new(Network::lungs(), model.lungs.clone())?, Self::new(reader, model.convnet.clone())?))
    }

    fn make(&self) -> Result<SimdNetwork> {
        SimdNetwork::new(self.network.clone(), &self.weights)
    }

    /// Rows and columns of the input.
    pub fn side(&self) -> usize {
        self.network.side
    }

    /// Runs the network on one plane.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`](covid_classifier::ErrorKind::Internal) for a plane of another size.
    pub fn run(&self, plane: &[f32]) -> Result<Output> {
        let run = |network: &mut SimdNetwork| {
            let mut output = Output::default();
            network.run(plane, &mut output).map(|()| output)
        };
        self.stock.lend(|| self.make(), run)?
    }

    /// Looks at a crop and at its mirror image, as the product does.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn read(&self, crop: &Crop) -> Result<Output> {
        Ok(both_ways(&self.run(&crop.values)?, &self.run(&crop.mirrored())?))
    }
}

/// The whole pipeline, for all threads.
pub struct Classifiers {
    model: Model,
    stock: Stock<Classifier>,
}

impl Classifiers {
    /// Of one model.
    pub fn new(model: Model) -> Self {
        Self { model, stock: Stock::default() }
    }

    /// The model that the engine runs.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Lends a classifier.
    ///
    /// # Errors
    /// As [`Classifier::new`].
    pub fn lend<R>(&self, work: impl FnOnce(&mut Classifier) -> R) -> Result<R> {
        self.stock.lend(|| Classifier::new(self.model.clone()), work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(parallel(&items, |k| k * k), items.iter().map(|k| k * k).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_lent_comes_back() {
        let stock = Stock::default();
        let made = std::cell::Cell::new(0);
        let make = || {
            made.set(made.get() + 1);
            Ok(0)
        };
        for k in 1..=3 {
            let count = |lent: &mut i32| {
                *lent += 1;
                *lent
            };
            assert_eq!(stock.lend(make, count).unwrap(), k);
        }
        assert_eq!(made.get(), 1);
        stock.lend(make, |_| stock.lend(make, |_| ()).unwrap()).unwrap();
        assert_eq!(made.get(), 2, "two at the same time are two");
    }
}
