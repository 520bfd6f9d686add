//! Which back-end runs the networks, and why.
//!
//! Tried in order: WebGPU on an adapter that is no software, our own SIMD kernels, candle. A back-end
//! must give the known answer for a known film before it reads another, and WebGPU must be faster
//! than the SIMD kernels. One that fails later is left, and the next one runs the same input again:
//! nothing is lost. Every attempt is kept, to be shown.

use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use web_time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::network::{
    Executor, Gpu, GpuNetwork, Network, Output, Packed, Shaders, Trouble, TroubleKind, Weights, check_plane,
};
use crate::phantom::Phantom;
use crate::plane::standardize;

/// How far the known film's answer may be from the known answer, as a share of the largest value.
const TOLERANCE: f32 = 1e-3;

/// The fewest threads that a convolution should have: what is tried to find the fastest tiles. A
/// software adapter likes much work in each of few threads, a large one many threads.
const ENOUGH_THREADS: [usize; 3] = [0, 2_048, 16_384];

/// What runs the networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// Compute shaders: WebGPU in the browser, Vulkan or Metal natively.
    Webgpu,
    /// Our own kernels on the processor.
    Simd,
    /// candle, on the processor.
    Candle,
}

/// All of them, in the order in which they are tried.
pub const BACKENDS: [Backend; 3] = [Backend::Webgpu, Backend::Simd, Backend::Candle];

impl Backend {
    /// The name in JSON and options: `webgpu`, `simd` or `candle`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webgpu => "webgpu",
            Self::Simd => "simd",
            Self::Candle => "candle",
        }
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "webgpu" | "wgpu" | "gpu" => Ok(Self::Webgpu),
            "simd" | "wasm" | "cpu" => Ok(Self::Simd),
            "candle" | "scalar" => Ok(Self::Candle),
            _ => Err(format!("there is no back-end {name:?}; there are webgpu, simd and candle")),
        }
    }
}

/// What was tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The back-end; `None` for a name that none has.
    pub backend: Option<Backend>,
    /// What came of it.
    pub outcome: Outcome,
    /// What to branch on, where it was not chosen.
    pub kind: Option<TroubleKind>,
    /// For people, where it was not chosen.
    pub reason: Option<String>,
}

/// What came of an [`Attempt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It runs the networks, or ran them until it was lost.
    Chosen,
    /// It could, but another is the better choice.
    PassedOver,
    /// It cannot run here.
    Failed,
    /// It ran, and failed while it read a film.
    Lost,
}

/// Which back-end runs, and what was tried before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What runs the networks.
    pub backend: Backend,
    /// The graphics adapter, where one is used.
    pub adapter: Option<String>,
    /// In the order of events.
    pub attempts: Vec<Attempt>,
}

/// The networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// The lung segmenter.
    Lungs,
    /// The convnet reader.
    Convnet,
}

/// The known answers of both networks to the known film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// The segmenter's.
    pub lungs: Known,
    /// The convnet reader's.
    pub convnet: Known,
}

/// A network's known answer, in as few numbers as show that every channel is as it should be, and
/// every part of a map where it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Of every map of the output, row-major, the means of its blocks: 8 × 8 of them at most.
    pub maps: Vec<f32>,
    /// The channel means that a run gives.
    pub features: Vec<f32>,
}

impl Known {
    fn of(network: &Network, output: &Output) -> Self {
        let (_, side) = network.shapes().last().copied().unwrap_or((1, 1));
        let block = side.div_ceil(8);
        let mut maps = Vec::new();
        for map in output.maps.chunks_exact(side * side) {
            for (y, x) in (0..side * side).map(|k| (k / side, k % side)) {
                if y % block == 0 && x % block == 0 {
                    let rows = map.chunks_exact(side).skip(y).take(block);
                    let values = rows.flat_map(|row| &row[x..side.min(x + block)]);
                    maps.push(values.clone().sum::<f32>() / values.count() as f32);
                }
            }
        }
        Self { maps, features: output.features.clone() }
    }

    /// The largest difference as a share of the largest value; infinite for another network's.
    fn difference(&self, other: &Self) -> f32 {
        let of = |ours: &[f32], theirs: &[f32]| {
            if ours.len() != theirs.len() {
                return f32::INFINITY;
            }
            let largest = theirs.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
            let furthest = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
            // What is no number is as far as can be.
            furthest.fold(0.0, |furthest, d| {
                if d <= furthest {
                    furthest
                } else if d.is_nan() {
                    f32::INFINITY
                } else {
                    d
                }
            }) / largest
        };
        of(&self.maps, &other.maps).max(of(&self.features, &other.features))
    }
}

/// The known film: a phantom of `side` × `side`, with mean 0 and deviation 1.
fn known_film(side: usize) -> Vec<f32> {
    let film = Phantom { width: side, height: side, seed: 1 }.draw();
    let mut film: Vec<f32> = film.into_iter().map(|value| value as f32).collect();
    standardize(&mut film, |_| true);
    film
}

impl SelfTest {
    /// What candle says of the known film.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the weights do not fit.
    pub fn new(lungs: (&Network, &Weights), convnet: (&Network, &Weights)) -> Result<Self> {
        let known = |(network, weights): (&Network, &Weights)| {
            let mut output = Output::default();
            Executor::new(network.clone(), weights)?.run(&known_film(network.side), &mut output)?;
            Ok::<_, Error>(Known::of(network, &output))
        };
        Ok(Self { lungs: known(lungs)?, convnet: known(convnet)? })
    }
}

/// Both networks on the back-end that was chosen.
pub struct Compute {
    model: Model,
    running: Running,
    attempts: Vec<Attempt>,
    output: Output,
}

/// What every back-end is made from.
struct Model {
    networks: [(Network, Weights); 2],
    known: SelfTest,
}

/// What holds the networks.
enum Running {
    Webgpu { gpu: Arc<Gpu>, networks: Box<[GpuNetwork; 2]> },
    Simd(Box<[Packed; 2]>),
    Candle(Box<[Executor; 2]>),
}

impl Running {
    fn backend(&self) -> Backend {
        match self {
            Self::Webgpu { .. } => Backend::Webgpu,
            Self::Simd(_) => Backend::Simd,
            Self::Candle(_) => Backend::Candle,
        }
    }

    async fn run(&mut self, net: Net, plane: &[f32], output: &mut Output) -> Result<(), Trouble> {
        let k = net as usize;
        match self {
            Self::Webgpu { gpu, networks } => gpu.run(&networks[k], plane, output).await,
            Self::Simd(networks) => Ok(networks[k].run(plane, output)?),
            Self::Candle(networks) => Ok(networks[k].run(plane, output)?),
        }
    }
}

impl Model {
    /// A back-end that has passed the self-test.
    async fn attempt(
        &self,
        backend: Backend,
        forced: bool,
        shaders: &Shaders,
    ) -> Result<Running, (Outcome, Trouble)> {
        let failed = |trouble: Trouble| match trouble.kind {
            TroubleKind::SoftwareAdapter | TroubleKind::Slower => (Outcome::PassedOver, trouble),
            _ => (Outcome::Failed, trouble),
        };
        let ready = |running: Result<Running>| running.map_err(|error| failed(error.into()));
        let mut running = match backend {
            Backend::Webgpu => self.fastest_gpu(forced, shaders).await.map_err(failed)?,
            Backend::Simd => ready(simd(&self.networks))?,
            Backend::Candle => ready(candle(&self.networks))?,
        };
        self.self_test(&mut running).await.map_err(failed)?;
        Ok(running)
    }

    /// The known film through both networks.
    async fn self_test(&self, running: &mut Running) -> Result<(), Trouble> {
        let mut output = Output::default();
        let mut film = Vec::new();
        for (net, known) in [(Net::Lungs, &self.known.lungs), (Net::Convnet, &self.known.convnet)] {
            let network = &self.networks[net as usize].0;
            if film.len() != network.side * network.side {
                film = known_film(network.side);
            }
            running.run(net, &film, &mut output).await?;
            let difference = Known::of(network, &output).difference(known);
            if difference > TOLERANCE {
                let message = format!("its answer to the known film is off by {:.1} %", 100.0 * difference);
                return Err(Trouble::new(TroubleKind::SelfTest, message));
            }
        }
        Ok(())
    }

    /// How long both networks take: the best of so many rounds; of fewer, where it is nowhere near
    /// `limit`.
    async fn time(
        &self,
        running: &mut Running,
        rounds: usize,
        limit: Option<Duration>,
    ) -> Result<Duration, Trouble> {
        let planes =
            [Net::Lungs, Net::Convnet].map(|net| (net, known_film(self.networks[net as usize].0.side)));
        let mut output = Output::default();
        let mut best = Duration::MAX;
        for round in 0..rounds {
            let start = Instant::now();
            for (net, plane) in &planes {
                running.run(*net, plane, &mut output).await?;
            }
            best = best.min(start.elapsed());
            // The first round may have made what the others only use.
            if round > 0 && limit.is_some_and(|limit| best > 3 * limit) {
                break;
            }
        }
        Ok(best)
    }

    /// The graphics processor with the tiles that are fastest on it. It must be none that is software,
    /// and faster than our own kernels, unless it is `forced`.
    #[allow(clippy::arc_with_non_send_sync)] // Natively it is both.
    async fn fastest_gpu(&self, forced: bool, shaders: &Shaders) -> Result<Running, Trouble> {
        let gpu = Arc::new(Gpu::open(forced, shaders.clone()).await?);
        let limit = match forced {
            true => None,
            // More rounds: the browser's fast code for the kernels comes only after some calls.
            false => Some(self.time(&mut simd(&self.networks)?, 10, None).await?),
        };
        let mut best: Option<(Duration, Running)> = None;
        for enough in ENOUGH_THREADS {
            let [lungs, convnet] = &self.networks;
            let networks = Box::new([
                gpu.network(&lungs.0, &lungs.1, enough).await?,
                gpu.network(&convnet.0, &convnet.1, enough).await?,
            ]);
            let mut running = Running::Webgpu { gpu: Arc::clone(&gpu), networks };
            if gpu.adapter().software {
                return Ok(running);
            }
            let time = self.time(&mut running, 3, limit).await?;
            if best.as_ref().is_none_or(|(best, _)| time < *best) {
                best = Some((time, running));
            }
            // Tiles do not make so much of a difference.
            if limit.is_some_and(|limit| time > 10 * limit) {
                break;
            }
        }
        let none = || Trouble::new(TroubleKind::NoDevice, "no tiles were tried");
        let (time, running) = best.ok_or_else(none)?;
        match limit {
            Some(limit) if time > limit => {
                let ms = |time: Duration| time.as_secs_f64() * 1e3;
                let message = format!(
                    "it works, but takes {:.1} ms for what the processor does in {:.1} ms",
                    ms(time),
                    ms(limit)
                );
                Err(Trouble::new(TroubleKind::Slower, message))
            }
            _ => Ok(running),
        }
    }
}

impl Compute {
    /// Both networks on the first back-end that can run them, as the module says. One that is
    /// `wanted` is tried first: then WebGPU may be software, and need not be the faster.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the weights do not fit, or where no back-end gives the known
    /// answer.
    pub async fn start(
        lungs: (Network, Weights),
        convnet: (Network, Weights),
        known: SelfTest,
        wanted: Option<&str>,
    ) -> Result<Self> {
        Self::with_shaders(lungs, convnet, known, wanted, Shaders::default()).await
    }

    async fn with_shaders(
        lungs: (Network, Weights),
        convnet: (Network, Weights),
        known: SelfTest,
        wanted: Option<&str>,
        shaders: Shaders,
    ) -> Result<Self> {
        let mut attempts = Vec::new();
        let wanted = wanted.filter(|name| !name.is_empty() && *name != "auto").map(Backend::from_str);
        let wanted = wanted.and_then(|parsed| match parsed {
            Ok(backend) => Some(backend),
            Err(reason) => {
                let trouble = Trouble::new(TroubleKind::UnknownName, reason);
                attempts.push(attempt(None, Outcome::Failed, trouble));
                None
            }
        });
        let model = Model { networks: [lungs, convnet], known };
        // What comes before the wanted one was not wanted; what comes after is there to fall to.
        let rest = BACKENDS.into_iter().filter(|&backend| match wanted {
            Some(wanted) => backend != wanted && backend != Backend::Webgpu,
            None => true,
        });
        for backend in wanted.into_iter().chain(rest) {
            match model.attempt(backend, wanted == Some(backend), &shaders).await {
                Ok(running) => {
                    attempts.push(chosen(backend));
                    return Ok(Self { model, running, attempts, output: Output::default() });
                }
                Err((outcome, trouble)) => attempts.push(attempt(Some(backend), outcome, trouble)),
            }
        }
        Err(no_backend(&attempts))
    }

    /// What runs, and what was tried.
    pub fn choice(&self) -> Choice {
        Choice { backend: self.backend(), adapter: self.adapter(), attempts: self.attempts.clone() }
    }

    /// What runs the networks now.
    pub fn backend(&self) -> Backend {
        self.running.backend()
    }

    /// The graphics adapter, where one is used.
    pub fn adapter(&self) -> Option<String> {
        match &self.running {
            Running::Webgpu { gpu, .. } => Some(gpu.adapter().name.clone()),
            _ => None,
        }
    }

    /// Runs a network on one plane. A back-end that fails is left for the next, which runs the same
    /// plane.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] for a plane of another size; [`ErrorKind::Model`] where no back-end is
    /// left.
    pub async fn run(&mut self, net: Net, plane: &[f32]) -> Result<&Output> {
        check_plane(&self.model.networks[net as usize].0, plane)?;
        while let Err(trouble) = self.running.run(net, plane, &mut self.output).await {
            self.leave(trouble).await?;
        }
        Ok(&self.output)
    }

    /// The next back-end after one that failed.
    async fn leave(&mut self, trouble: Trouble) -> Result<()> {
        let lost = self.running.backend();
        self.attempts.push(attempt(Some(lost), Outcome::Lost, trouble));
        let next = BACKENDS.into_iter().skip_while(|&backend| backend != lost).skip(1);
        for backend in next {
            match self.model.attempt(backend, true, &Shaders::default()).await {
                Ok(running) => {
                    self.running = running;
                    self.attempts.push(chosen(backend));
                    return Ok(());
                }
                Err((outcome, trouble)) => self.attempts.push(attempt(Some(backend), outcome, trouble)),
            }
        }
        Err(no_backend(&self.attempts))
    }
}

fn attempt(backend: Option<Backend>, outcome: Outcome, trouble: Trouble) -> Attempt {
    Attempt { backend, outcome, kind: Some(trouble.kind), reason: Some(trouble.message) }
}

fn chosen(backend: Backend) -> Attempt {
    Attempt { backend: Some(backend), outcome: Outcome::Chosen, kind: None, reason: None }
}

fn no_backend(attempts: &[Attempt]) -> Error {
    let reasons: Vec<&str> = attempts.iter().filter_map(|attempt| attempt.reason.as_deref()).collect();
    Error::new(ErrorKind::Model, format!("no back-end runs the networks: {}", reasons.join("; ")))
}

fn simd([lungs, convnet]: &[(Network, Weights); 2]) -> Result<Running> {
    let [lungs, convnet] = [lungs, convnet].map(|(network, weights)| Packed::new(network.clone(), weights));
    Ok(Running::Simd(Box::new([lungs?, convnet?])))
}

fn candle([lungs, convnet]: &[(Network, Weights); 2]) -> Result<Running> {
    let [lungs, convnet] = [lungs, convnet].map(|(network, weights)| Executor::new(network.clone(), weights));
    Ok(Running::Candle(Box::new([lungs?, convnet?])))
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;

    type Networks = ((Network, Weights), (Network, Weights));

    fn networks() -> Networks {
        let read = |network: Network, bytes: &[u8]| {
            let weights = Weights::from_bytes(&network, bytes).unwrap();
            (network, weights)
        };
        (
            read(Network::lungs(), include_bytes!("../models/lungs.safetensors")),
            read(Network::convnet(crate::convnet::SIDE), include_bytes!("../models/convnet.safetensors")),
        )
    }

    fn known((lungs, convnet): &Networks) -> SelfTest {
        SelfTest::new((&lungs.0, &lungs.1), (&convnet.0, &convnet.1)).unwrap()
    }

    fn start(known: SelfTest, wanted: Option<&str>) -> Result<Compute> {
        let (lungs, convnet) = networks();
        block_on(Compute::start(lungs, convnet, known, wanted))
    }

    fn events(compute: &Compute) -> Vec<(Option<Backend>, Outcome, Option<TroubleKind>)> {
        let attempts = compute.choice().attempts.into_iter();
        attempts.map(|attempt| (attempt.backend, attempt.outcome, attempt.kind)).collect()
    }

    #[test]
    fn what_is_wanted_runs() {
        let known = known(&networks());
        for backend in [Backend::Simd, Backend::Candle] {
            let compute = start(known.clone(), Some(backend.name())).unwrap();
            assert_eq!(compute.backend(), backend);
            assert_eq!(events(&compute), [(Some(backend), Outcome::Chosen, None)]);
        }
    }

    #[test]
    fn a_name_that_none_has_is_said_and_the_best_runs() {
        let compute = start(known(&networks()), Some("abacus")).unwrap();
        let (backend, outcome, kind) = events(&compute)[0];
        assert_eq!((backend, outcome, kind), (None, Outcome::Failed, Some(TroubleKind::UnknownName)));
        assert_eq!(events(&compute).last().unwrap().1, Outcome::Chosen);
    }

    #[test]
    fn a_wrong_answer_to_the_known_film_is_no_back_end() {
        let mut known = known(&networks());
        known.convnet.maps[1] += 0.1;
        let error = start(known, Some("simd")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Model);
        assert!(error.to_string().contains("known film"), "{error}");
    }

    #[test]
    fn a_difference_is_seen_whatever_its_kind() {
        let known = Known { maps: vec![1.0, -2.0], features: vec![0.5] };
        assert_eq!(known.difference(&known), 0.0);
        for (maps, features) in
            [(vec![1.0, f32::NAN], vec![0.5]), (vec![1.0], vec![0.5]), (vec![1.0, -2.0], vec![f32::INFINITY])]
        {
            assert_eq!(Known { maps, features }.difference(&known), f32::INFINITY);
        }
        let off = Known { maps: vec![1.0, -2.1], features: vec![0.5] };
        assert!((off.difference(&known) - 0.05).abs() < 1e-6);
    }

    /// A device that is lost between two runs: the same plane gives the same answer, by the next
    /// back-end, and the loss is kept. Without an adapter there is nothing to lose; then this shows
    /// that the attempt is kept.
    #[test]
    fn a_lost_device_loses_nothing() {
        let known = known(&networks());
        let mut compute = start(known, Some("webgpu")).unwrap();
        let plane = known_film(128);
        let before = block_on(compute.run(Net::Convnet, &plane)).unwrap().clone();
        if let Running::Webgpu { gpu, .. } = &compute.running {
            gpu.destroy();
            let after = block_on(compute.run(Net::Convnet, &plane)).unwrap().clone();
            let furthest = before.maps.iter().zip(&after.maps).map(|(a, b)| (a - b).abs());
            assert!(furthest.fold(0.0, f32::max) < 1e-3);
            let outcomes = events(&compute).into_iter().map(|(backend, outcome, _)| (backend, outcome));
            let (webgpu, simd) = (Some(Backend::Webgpu), Some(Backend::Simd));
            let expected = [(webgpu, Outcome::Chosen), (webgpu, Outcome::Lost), (simd, Outcome::Chosen)];
            assert_eq!(outcomes.collect::<Vec<_>>(), expected);
        } else {
            assert_eq!(events(&compute)[0].2, Some(TroubleKind::NoAdapter));
        }
        assert_eq!(compute.backend(), Backend::Simd);
    }

    #[test]
    fn kernels_that_fail_are_left_for_candle() {
        let mut compute = start(known(&networks()), Some("simd")).unwrap();
        let plane = known_film(128);
        let before = block_on(compute.run(Net::Lungs, &plane)).unwrap().clone();
        // Kernels of another network refuse the plane.
        let network = Network::convnet(32);
        let convs = network.convs().map(|conv| crate::network::ConvWeights {
            weights: vec![0.0; conv.weight_count()],
            bias: vec![0.0; conv.outputs],
        });
        let weights = Weights { convs: convs.collect() };
        let broken = || Packed::new(network.clone(), &weights).unwrap();
        compute.running = Running::Simd(Box::new([broken(), broken()]));
        let after = block_on(compute.run(Net::Lungs, &plane)).unwrap().clone();
        let furthest = before.maps.iter().zip(&after.maps).map(|(a, b)| (a - b).abs());
        assert!(furthest.fold(0.0, f32::max) < 1e-3);
        assert_eq!(compute.backend(), Backend::Candle);
        // A plane of another size is the caller's error, not the back-end's.
        assert!(block_on(compute.run(Net::Lungs, &[0.0; 3])).is_err());
        assert_eq!(compute.backend(), Backend::Candle);
    }

    #[test]
    fn a_shader_that_computes_something_else_is_left() {
        let (lungs, convnet) = networks();
        let known = known(&networks());
        let mut shaders = Shaders::default();
        shaders.convolve = shaders.convolve.replace("shape.relu == 1", "true");
        let start = Compute::with_shaders(lungs, convnet, known, Some("webgpu"), shaders);
        let compute = block_on(start).unwrap();
        assert_eq!(compute.backend(), Backend::Simd);
        let kind = events(&compute)[0].2;
        assert!(matches!(kind, Some(TroubleKind::SelfTest | TroubleKind::NoAdapter)), "{kind:?}");
    }
}
