//! Which back-end runs the networks, and why.
//!
//! Tried in order: WebGPU on an adapter that is not software, our own SIMD kernels, candle. A back-end
//! must give the known answer for a known film before it reads another, and WebGPU must be faster
//! than the SIMD kernels. One that fails later is left, and the next one runs the same input again:
//! nothing is lost. Every attempt is kept, to be shown.

mod attempt;
mod backend;
mod self_test;

pub use attempt::{Attempt, AttemptOutcome, Choice, SetbackKind};
pub use backend::{BACKENDS, Backend};
pub use self_test::{Known, SelfTest};

use std::str::FromStr;
use std::sync::Arc;

use web_time::{Duration, Instant};

use self::attempt::{Setback, no_backend};
use self::self_test::known_film;
use crate::error::Result;
use crate::network::{
    CandleNetwork, Network, Output, Shaders, SimdNetwork, TroubleKind, WebgpuDevice, WebgpuNetwork, Weights,
    check_plane,
};

/// How far the known film's answer may be from the known answer, as a share of the largest value.
const TOLERANCE: f32 = 1e-3;

/// The fewest threads that a convolution should have: what is tried to find the fastest tiles. A
/// software adapter likes much work in each of few threads, a large one many threads.
const ENOUGH_THREADS: [usize; 3] = [0, 2_048, 16_384];

/// The networks by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkName {
    /// The lung segmenter.
    Lungs,
    /// The convnet reader.
    Convnet,
}

impl FromStr for NetworkName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "lungs" => Ok(Self::Lungs),
            "convnet" => Ok(Self::Convnet),
            _ => Err(format!("no network is called {name:?}; there are lungs and convnet")),
        }
    }
}

/// Both networks on the back-end that was chosen.
pub struct Compute {
    source: Source,
    running: Running,
    attempts: Vec<Attempt>,
    output: Output,
}

/// What every back-end is made from.
struct Source {
    networks: [(Network, Weights); 2],
    known: SelfTest,
}

/// What holds the networks.
enum Running {
    Webgpu { device: Arc<WebgpuDevice>, networks: Box<[WebgpuNetwork; 2]> },
    Simd(Box<[SimdNetwork; 2]>),
    Candle(Box<[CandleNetwork; 2]>),
}

impl Running {
    fn backend(&self) -> Backend {
        match self {
            Self::Webgpu { .. } => Backend::Webgpu,
            Self::Simd(_) => Backend::Simd,
            Self::Candle(_) => Backend::Candle,
        }
    }

    async fn run(&mut self, net: NetworkName, plane: &[f32], output: &mut Output) -> Result<(), Setback> {
        let k = net as usize;
        match self {
            Self::Webgpu { device, networks } => Ok(device.run(&networks[k], plane, output).await?),
            Self::Simd(networks) => Ok(networks[k].run(plane, output)?),
            Self::Candle(networks) => Ok(networks[k].run(plane, output)?),
        }
    }
}

impl Source {
    /// A back-end that has passed the self-test.
    async fn attempt(
        &self,
        backend: Backend,
        forced: bool,
        shaders: &Shaders,
    ) -> Result<Running, (AttemptOutcome, Setback)> {
        let failed = |setback: Setback| (setback.kind.outcome(), setback);
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
    async fn self_test(&self, running: &mut Running) -> Result<(), Setback> {
        let mut output = Output::default();
        let mut film = Vec::new();
        for (net, known) in
            [(NetworkName::Lungs, &self.known.lungs), (NetworkName::Convnet, &self.known.convnet)]
        {
            let network = &self.networks[net as usize].0;
            if film.len() != network.side * network.side {
                film = known_film(network.side);
            }
            running.run(net, &film, &mut output).await?;
            let difference = Known::of(network, &output).difference(known);
            if difference > TOLERANCE {
                let message = format!("its answer to the known film is off by {:.1} %", 100.0 * difference);
                return Err(Setback::new(SetbackKind::SelfTest, message));
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
    ) -> Result<Duration, Setback> {
        let planes = [NetworkName::Lungs, NetworkName::Convnet]
            .map(|net| (net, known_film(self.networks[net as usize].0.side)));
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
    async fn fastest_gpu(&self, forced: bool, shaders: &Shaders) -> Result<Running, Setback> {
        let gpu = Arc::new(WebgpuDevice::open(forced, shaders.clone()).await?);
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
            let mut running = Running::Webgpu { device: Arc::clone(&gpu), networks };
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
        let none = || Setback::new(SetbackKind::Device(TroubleKind::NoDevice), "no tiles were tried");
        let (time, running) = best.ok_or_else(none)?;
        match limit {
            Some(limit) if time > limit => {
                let ms = |time: Duration| time.as_secs_f64() * 1e3;
                let message = format!(
                    "it works, but takes {:.1} ms for what the processor does in {:.1} ms",
                    ms(time),
                    ms(limit)
                );
                Err(Setback::new(SetbackKind::Slower, message))
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
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the weights do not fit, or where no back-end gives the known
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
                let setback = Setback::new(SetbackKind::UnknownName, reason);
                attempts.push(Attempt::set_back(None, AttemptOutcome::Failed, setback));
                None
            }
        });
        let source = Source { networks: [lungs, convnet], known };
        // What comes before the wanted one was not wanted; what comes after is there to fall to.
        let rest = BACKENDS.into_iter().filter(|&backend| match wanted {
            Some(wanted) => backend != wanted && backend != Backend::Webgpu,
            None => true,
        });
        for backend in wanted.into_iter().chain(rest) {
            match source.attempt(backend, wanted == Some(backend), &shaders).await {
                Ok(running) => {
                    attempts.push(Attempt::chosen(backend));
                    return Ok(Self { source, running, attempts, output: Output::default() });
                }
                Err((outcome, setback)) => attempts.push(Attempt::set_back(Some(backend), outcome, setback)),
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
            Running::Webgpu { device, .. } => Some(device.adapter().name.clone()),
            _ => None,
        }
    }

    /// Runs a network on one plane. A back-end that fails is left for the next, which runs the same
    /// plane.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal) for a plane of another size; [`ErrorKind::Model`](crate::ErrorKind::Model) where no back-end is
    /// left.
    pub async fn run(&mut self, net: NetworkName, plane: &[f32]) -> Result<&Output> {
        check_plane(&self.source.networks[net as usize].0, plane)?;
        while let Err(setback) = self.running.run(net, plane, &mut self.output).await {
            self.leave(setback).await?;
        }
        Ok(&self.output)
    }

    /// The next back-end after one that failed.
    async fn leave(&mut self, setback: Setback) -> Result<()> {
        let lost = self.running.backend();
        self.attempts.push(Attempt::set_back(Some(lost), AttemptOutcome::Lost, setback));
        let next = BACKENDS.into_iter().skip_while(|&backend| backend != lost).skip(1);
        for backend in next {
            match self.source.attempt(backend, true, &Shaders::default()).await {
                Ok(running) => {
                    self.running = running;
                    self.attempts.push(Attempt::chosen(backend));
                    return Ok(());
                }
                Err((outcome, setback)) => {
                    self.attempts.push(Attempt::set_back(Some(backend), outcome, setback))
                }
            }
        }
        Err(no_backend(&self.attempts))
    }
}

fn simd([lungs, convnet]: &[(Network, Weights); 2]) -> Result<Running> {
    let [lungs, convnet] =
        [lungs, convnet].map(|(network, weights)| SimdNetwork::new(network.clone(), weights));
    Ok(Running::Simd(Box::new([lungs?, convnet?])))
}

fn candle([lungs, convnet]: &[(Network, Weights); 2]) -> Result<Running> {
    let [lungs, convnet] =
        [lungs, convnet].map(|(network, weights)| CandleNetwork::new(network.clone(), weights));
    Ok(Running::Candle(Box::new([lungs?, convnet?])))
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::error::ErrorKind;

    type Both = ((Network, Weights), (Network, Weights));

    fn networks() -> Both {
        let read = |network: Network, bytes: &[u8]| {
            let weights = Weights::from_bytes(&network, bytes).unwrap();
            (network, weights)
        };
        (
            read(Network::lungs(), include_bytes!("../models/lungs.safetensors")),
            read(Network::convnet(crate::convnet::SIDE), include_bytes!("../models/convnet.safetensors")),
        )
    }

    fn known((lungs, convnet): &Both) -> SelfTest {
        SelfTest::new((&lungs.0, &lungs.1), (&convnet.0, &convnet.1)).unwrap()
    }

    fn start(known: SelfTest, wanted: Option<&str>) -> Result<Compute> {
        let (lungs, convnet) = networks();
        block_on(Compute::start(lungs, convnet, known, wanted))
    }

    fn events(compute: &Compute) -> Vec<(Option<Backend>, AttemptOutcome, Option<SetbackKind>)> {
        let attempts = compute.choice().attempts.into_iter();
        attempts.map(|attempt| (attempt.backend, attempt.outcome, attempt.kind)).collect()
    }

    #[test]
    fn what_is_wanted_runs() {
        let known = known(&networks());
        for backend in [Backend::Simd, Backend::Candle] {
            let compute = start(known.clone(), Some(backend.name())).unwrap();
            assert_eq!(compute.backend(), backend);
            assert_eq!(events(&compute), [(Some(backend), AttemptOutcome::Chosen, None)]);
        }
    }

    #[test]
    fn a_name_that_none_has_is_said_and_the_best_runs() {
        let compute = start(known(&networks()), Some("abacus")).unwrap();
        let (backend, outcome, kind) = events(&compute)[0];
        assert_eq!((backend, outcome, kind), (None, AttemptOutcome::Failed, Some(SetbackKind::UnknownName)));
        assert_eq!(events(&compute).last().unwrap().1, AttemptOutcome::Chosen);
    }

    /// Whatever number of whichever network is off by more than the tolerance.
    #[test]
    fn a_wrong_answer_to_the_known_film_is_not_accepted() {
        let right = known(&networks());
        for k in 0..4 {
            for (off, accepted) in [(0.9, true), (1.1, false)] {
                let mut known = right.clone();
                let values = match k {
                    0 => &mut known.lungs.maps,
                    1 => &mut known.lungs.features,
                    2 => &mut known.convnet.maps,
                    _ => &mut known.convnet.features,
                };
                let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
                // The smallest, so that the largest stays.
                let smallest = values.iter_mut().min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
                *smallest += off * TOLERANCE * largest;
                let started = start(known, Some("simd"));
                assert_eq!(started.is_ok(), accepted, "part {k}, {off} of the tolerance");
                if let Err(error) = started {
                    assert_eq!(error.kind(), ErrorKind::Model);
                    assert!(error.to_string().contains("known film"), "{error}");
                }
            }
        }
    }

    /// A device that is lost between two runs: the same plane gives the same answer, by the next
    /// back-end, and the loss is kept. Without an adapter there is nothing to lose; then this shows
    /// that the attempt is kept.
    #[test]
    fn a_lost_device_loses_nothing() {
        let known = known(&networks());
        let mut compute = start(known, Some("webgpu")).unwrap();
        let plane = known_film(128);
        let before = block_on(compute.run(NetworkName::Convnet, &plane)).unwrap().clone();
        if let Running::Webgpu { device, .. } = &compute.running {
            device.destroy();
            let after = block_on(compute.run(NetworkName::Convnet, &plane)).unwrap().clone();
            let furthest = before.maps.iter().zip(&after.maps).map(|(a, b)| (a - b).abs());
            assert!(furthest.fold(0.0, f32::max) < 1e-3);
            let outcomes = events(&compute).into_iter().map(|(backend, outcome, _)| (backend, outcome));
            let (webgpu, simd) = (Some(Backend::Webgpu), Some(Backend::Simd));
            let expected = [
                (webgpu, AttemptOutcome::Chosen),
                (webgpu, AttemptOutcome::Lost),
                (simd, AttemptOutcome::Chosen),
            ];
            assert_eq!(outcomes.collect::<Vec<_>>(), expected);
        } else {
            assert_eq!(events(&compute)[0].2, Some(SetbackKind::Device(TroubleKind::NoAdapter)));
        }
        assert_eq!(compute.backend(), Backend::Simd);
    }

    #[test]
    fn kernels_that_fail_are_left_for_candle() {
        let mut compute = start(known(&networks()), Some("simd")).unwrap();
        let plane = known_film(128);
        let before = block_on(compute.run(NetworkName::Lungs, &plane)).unwrap().clone();
        // Kernels of another network refuse the plane.
        let network = Network::convnet(32);
        let convs = network.convs().map(|conv| crate::network::ConvWeights {
            weights: vec![0.0; conv.weight_count()],
            bias: vec![0.0; conv.outputs],
        });
        let weights = Weights { convs: convs.collect() };
        let broken = || SimdNetwork::new(network.clone(), &weights).unwrap();
        compute.running = Running::Simd(Box::new([broken(), broken()]));
        let after = block_on(compute.run(NetworkName::Lungs, &plane)).unwrap().clone();
        let furthest = before.maps.iter().zip(&after.maps).map(|(a, b)| (a - b).abs());
        assert!(furthest.fold(0.0, f32::max) < 1e-3);
        assert_eq!(compute.backend(), Backend::Candle);
        // A plane of another size is the caller's error, not the back-end's.
        assert!(block_on(compute.run(NetworkName::Lungs, &[0.0; 3])).is_err());
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
        assert!(
            matches!(kind, Some(SetbackKind::SelfTest | SetbackKind::Device(TroubleKind::NoAdapter))),
            "{kind:?}"
        );
    }
}
