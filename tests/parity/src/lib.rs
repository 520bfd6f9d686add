//! One suite for all back-ends: candle is the oracle, and the others must agree with it.
//!
//! It runs single layers of every kind and of odd sizes, and both networks with the shipped weights, which must agree
//! within [`TOLERANCE`] of the largest value; whole films must agree within [`PROBABILITY_TOLERANCE`]. The same code
//! runs natively (tests/native.rs) and in the browser (tests/browser/parity.test.mjs).

use covid_classifier::compute::Backend;
use covid_classifier::network::{
    CandleNetwork, Conv, ConvWeights, Layer, Network, Output, Shaders, SimdNetwork, Twin, WebgpuDevice,
    Weights,
};
use covid_classifier::phantom::Phantom;
use covid_classifier::{Classifier, LABELS, Model, convnet};
use serde::Serialize;

#[cfg(target_arch = "wasm32")]
pub mod web;

/// The largest difference of a value from candle's, as a share of the largest value: both sum hundreds of
/// single-precision products in different orders.
pub const TOLERANCE: f32 = 2e-5;

/// The largest difference from candle's of a probability, and of a class activation map as a share of its strongest
/// place.
pub const PROBABILITY_TOLERANCE: f64 = 1e-3;

/// A network with weights, and what it tests.
#[derive(Clone)]
pub struct Case {
    name: String,
    network: Network,
    weights: Weights,
    plane: Vec<f32>,
}

/// The result of a back-end on a case.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The case.
    pub case: String,
    /// The largest difference from candle as a share of the largest value; `None` where it did not
    /// run.
    pub difference: Option<f64>,
    /// The reason why it did not run.
    pub trouble: Option<String>,
    /// Whether it is within tolerance.
    pub passed: bool,
}

/// A back-end that is compared with candle.
pub enum Contestant {
    /// Our own SIMD kernels.
    Simd,
    /// The shaders' twins in Rust, with tiles for this many threads.
    Twin(usize),
    /// The shaders, with tiles for this many threads.
    Webgpu(Box<WebgpuDevice>, usize),
}

impl Contestant {
    async fn run(&self, case: &Case, output: &mut Output) -> Result<(), String> {
        let (network, weights) = (&case.network, &case.weights);
        match self {
            Self::Simd => {
                let packed = SimdNetwork::new(network.clone(), weights);
                packed
                    .and_then(|mut packed| packed.run(&case.plane, output))
                    .map_err(|error| error.to_string())
            }
            Self::Twin(enough) => {
                let twin = Twin::new(network.clone(), weights, *enough).map_err(|error| error.to_string())?;
                twin.run(&case.plane, output);
                Ok(())
            }
            Self::Webgpu(device, enough) => {
                let loaded = device.network(network, weights, *enough).await;
                let loaded = loaded.map_err(|trouble| trouble.to_string())?;
                device.run(&loaded, &case.plane, output).await.map_err(|trouble| trouble.to_string())
            }
        }
    }
}

/// Numbers in −1…1, without a library: the suite compares two ways to the same sums.
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }

    fn many(&mut self, count: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|_| scale * self.next()).collect()
    }

    fn weights(&mut self, network: &Network) -> Weights {
        let convs = network.convs().map(|conv| ConvWeights {
            weights: self
                .many(conv.weight_count(), (3.0 / (conv.inputs * conv.kernel * conv.kernel) as f32).sqrt()),
            bias: self.many(conv.outputs, 0.5),
        });
        Weights { convs: convs.collect() }
    }
}

fn conv(
    name: &str,
    input: usize,
    (inputs, outputs): (usize, usize),
    (kernel, stride): (usize, usize),
) -> Conv {
    Conv { name: name.to_owned(), input, inputs, outputs, kernel, stride, norm: true, relu: false }
}

fn case(name: String, layers: Vec<Layer>, side: usize, features: usize) -> Case {
    let network = Network { layers, side, features };
    let mut numbers = Numbers(name.bytes().fold(7, |seed, byte| seed.wrapping_mul(31) + u32::from(byte)));
    let (weights, plane) = (numbers.weights(&network), numbers.many(side * side, 2.0));
    Case { name, network, weights, plane }
}

/// Single layers: every kind, sides that no tile divides, channels that are no multiple of four.
pub fn layers() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind @ (kernel, stride) in [(1, 1), (1, 2), (3, 1), (3, 2)] {
        for channels @ (inputs, outputs) in [(1, 3), (3, 5), (4, 8), (16, 12), (5, 64)] {
            for side in [1, 2, 5, 8, 13, 33] {
                for relu in [false, true] {
                    let name = format!(
                        "{kernel} × {kernel}, stride {stride}, {inputs} to {outputs} channels, side {side}, relu {relu}"
                    );
                    // The network reads one channel; the first layer makes as many as are wanted.
                    let before = Layer::Conv(conv("before", 0, (1, inputs), (1, 1)));
                    let tested = Layer::Conv(Conv { relu, ..conv("tested", 1, channels, kind) });
                    cases.push(case(name, vec![before, tested], side, 2));
                }
            }
        }
    }
    for channels in [3, 8] {
        for side in [1, 5, 8, 13] {
            let make = |name: &str, input, inputs, kernel| {
                Layer::Conv(conv(name, input, (inputs, channels), (kernel, 1)))
            };
            // The second convolution takes the first in; nothing else reads it.
            let layers =
                vec![make("a", 0, 1, 1), make("b", 1, channels, 3), Layer::AddRelu { inputs: [2, 1] }];
            cases.push(case(format!("residual, {channels} channels, side {side}"), layers.clone(), side, 3));
            // The features read it too, so it must exist.
            cases.push(case(format!("sum of two values, {channels} channels, side {side}"), layers, side, 2));
            let layers = vec![
                make("a", 0, 1, 3),
                Layer::Conv(conv("b", 1, (channels, channels), (3, 2))),
                Layer::Upsample { input: 2 },
                make("c", 1, channels, 1),
                Layer::AddRelu { inputs: [3, 4] },
            ];
            if side % 2 == 0 {
                let name = format!("residual of half the size, {channels} channels, side {side}");
                cases.push(case(name, layers.clone(), side, 5));
                cases.push(case(
                    format!("{channels} channels enlarged and added, side {side}"),
                    layers,
                    side,
                    3,
                ));
            }
            let layers = vec![make("a", 0, 1, 3), Layer::Upsample { input: 1 }];
            cases.push(case(format!("enlargement, {channels} channels, side {side}"), layers, side, 1));
        }
    }
    cases
}

/// Both networks whole: the shipped weights, and sides that are no multiple of 16.
///
/// # Errors
/// Where the shipped weights are damaged.
pub fn networks() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    let model = Model::shipped().map_err(|error| error.to_string())?;
    let (lungs, convnet) = (Network::lungs(), Network::convnet(convnet::SIDE));
    for (name, network, weights) in [("lungs", lungs, model.lungs), ("convnet", convnet, model.convnet)] {
        for seed in [1, 18] {
            let film = Phantom { width: network.side, height: network.side, seed }.draw();
            let plane = film.into_iter().map(|value| (4.0 * value - 2.0) as f32).collect();
            let name = format!("{name}, phantom {seed}");
            cases.push(Case { name, network: network.clone(), weights: weights.clone(), plane });
        }
    }
    for side in [37, 80] {
        let network = Network::convnet(side);
        cases.push(case(format!("convnet, side {side}"), network.layers, side, network.features));
    }
    Ok(cases)
}

/// The difference of two numbers; infinite for NaN.
fn distance(a: f64, b: f64) -> f64 {
    let distance = (a - b).abs();
    if distance.is_nan() { f64::INFINITY } else { distance }
}

/// The largest difference of two runs as a share of the largest value.
fn difference(ours: &Output, theirs: &Output) -> f64 {
    let of = |ours: &[f32], theirs: &[f32]| {
        if ours.len() != theirs.len() {
            return f64::INFINITY;
        }
        let largest = theirs.iter().fold(1e-3_f32, |largest, value| largest.max(value.abs()));
        let pairs = ours.iter().zip(theirs);
        let differences = pairs.map(|(a, b)| distance(f64::from(*a), f64::from(*b)));
        differences.fold(0.0, f64::max) / f64::from(largest)
    };
    of(&ours.maps, &theirs.maps).max(of(&ours.features, &theirs.features))
}

/// Compares a back-end with candle on every case.
pub async fn compare(contestant: &Contestant, cases: &[Case]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for case in cases {
        findings.push(compare_one(contestant, case, &case.weights).await);
    }
    findings
}

async fn compare_one(contestant: &Contestant, case: &Case, oracles_weights: &Weights) -> Finding {
    let (mut ours, mut theirs) = (Output::default(), Output::default());
    let oracle = CandleNetwork::new(case.network.clone(), oracles_weights);
    let ran = match oracle.and_then(|oracle| oracle.run(&case.plane, &mut theirs)) {
        Ok(()) => contestant.run(case, &mut ours).await,
        Err(error) => Err(format!("candle: {error}")),
    };
    let difference = ran.is_ok().then(|| difference(&ours, &theirs));
    Finding {
        case: case.name.clone(),
        difference,
        passed: difference.is_some_and(|difference| difference <= f64::from(TOLERANCE)),
        trouble: ran.err(),
    }
}

/// The first case that a back-end fails, for back-ends that should fail.
pub async fn first_failure(contestant: &Contestant, cases: &[Case]) -> Option<Finding> {
    for case in cases {
        let finding = compare_one(contestant, case, &case.weights).await;
        if !finding.passed {
            return Some(finding);
        }
    }
    None
}

/// The cases that a back-end still passes after one weight of the oracle is changed: none, if the suite can fail.
pub async fn blind_cases(contestant: &Contestant, cases: &[Case]) -> Vec<Finding> {
    let mut blind = Vec::new();
    for case in cases {
        let mut weights = case.weights.clone();
        // The last layer's last bias, which no later layer can hide.
        if let Some(bias) = weights.convs.last_mut().and_then(|conv| conv.bias.last_mut()) {
            *bias += 1.0;
        }
        let finding = compare_one(contestant, case, &weights).await;
        if finding.passed {
            blind.push(finding);
        }
    }
    blind
}

/// Compares whole films, from the file to the class activation map, with candle's.
///
/// # Errors
/// Where a back-end does not start; with `wanted`, where another one starts.
pub async fn compare_films(wanted: Backend) -> Result<Vec<Finding>, String> {
    let create = async |backend: Backend| {
        let model = Model::shipped().map_err(|error| error.to_string())?;
        let made = Classifier::start(model, Some(backend.name())).await;
        let made = made.map_err(|error| error.to_string())?;
        match made.compute().backend == backend {
            true => Ok(made),
            false => Err(format!("{} does not run here: {:?}", backend.name(), made.compute().attempts)),
        }
    };
    let (mut ours, mut theirs) = (create(wanted).await?, create(Backend::Candle).await?);
    let mut findings = Vec::new();
    for (seed, width, height) in [(18, 1024, 1024), (1, 700, 820), (5, 512, 300)] {
        let film = bmp(&Phantom { width, height, seed }.draw_u8(), width, height);
        let ours = ours.classify_async("film", &film, Default::default(), |_| ()).await;
        let theirs = theirs.classify_async("film", &film, Default::default(), |_| ()).await;
        let probabilities = |reading: &covid_classifier::Reading| {
            let readers = reading.report.readers?;
            Some((<[f64; 3]>::from(readers.convnet), reading.report.probabilities.map(<[f64; 3]>::from)))
        };
        let mut furthest = match (probabilities(&ours), probabilities(&theirs)) {
            (Some((a, c)), Some((b, d))) if c.is_some() == d.is_some() => {
                let pairs =
                    a.into_iter().zip(b).chain(c.unwrap_or_default().into_iter().zip(d.unwrap_or_default()));
                pairs.map(|(a, b)| distance(a, b)).fold(0.0, f64::max)
            }
            _ => f64::INFINITY,
        };
        match (&ours.sight, &theirs.sight) {
            (Some(ours), Some(theirs)) => {
                let (ours, theirs) = (&ours.activation, &theirs.activation);
                let strongest = f64::from(theirs.strongest());
                for label in LABELS {
                    for k in 0..400 {
                        let (x, y) = ((f64::from(k % 20) + 0.5) / 20.0, (f64::from(k / 20) + 0.5) / 20.0);
                        let (a, b) = (ours.at(label, x, y), theirs.at(label, x, y));
                        let difference = match (a, b) {
                            (Some(a), Some(b)) => distance(a.into(), b.into()),
                            (None, None) => 0.0,
                            _ => f64::INFINITY,
                        };
                        furthest = furthest.max(difference / strongest);
                    }
                }
            }
            _ => furthest = f64::INFINITY,
        }
        findings.push(Finding {
            case: format!(
                "film of {width} × {height}, phantom {seed}: probabilities and class activation maps"
            ),
            difference: Some(furthest),
            trouble: ours.report.error.map(|error| error.message),
            // A back-end that failed would have left the film to the next one.
            passed: furthest <= PROBABILITY_TOLERANCE
                && (ours.report.backend, theirs.report.backend) == (Some(wanted), Some(Backend::Candle)),
        });
    }
    Ok(findings)
}

/// An uncompressed grey film that needs no encoder: BMP, 8 bits, a grey palette.
fn bmp(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let row = width.next_multiple_of(4);
    let start = 54 + 1024;
    let mut file = Vec::with_capacity(start + row * height);
    file.extend(b"BM");
    file.extend(((start + row * height) as u32).to_le_bytes());
    file.extend([0; 4]);
    file.extend((start as u32).to_le_bytes());
    file.extend(40_u32.to_le_bytes());
    file.extend((width as u32).to_le_bytes());
    // A negative height: the first row is the uppermost.
    file.extend((-(height as i32)).to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(8_u16.to_le_bytes());
    file.extend([0; 16]);
    file.extend(256_u32.to_le_bytes());
    file.extend([0; 4]);
    (0..=255_u8).for_each(|gray| file.extend([gray, gray, gray, 0]));
    for line in pixels.chunks(width) {
        file.extend(line);
        file.resize(file.len() + row - width, 0);
    }
    file
}

/// Shaders with one thing wrong, by what is wrong.
pub fn wrong_shaders() -> Vec<(&'static str, Shaders)> {
    let right = Shaders::default();
    let wrong = |what, change: &dyn Fn(&mut Shaders)| {
        let mut shaders = right.clone();
        change(&mut shaders);
        assert_ne!(shaders, right, "{what}: the text to change is not there");
        (what, shaders)
    };
    vec![
        wrong("no bias", &|s| s.convolve = s.convolve.replace(" + bias[first + part]", "")),
        wrong("no ReLU", &|s| s.convolve = s.convolve.replace("shape.relu == 1", "shape.relu == 2")),
        wrong("always ReLU", &|s| s.convolve = s.convolve.replace("shape.relu == 1", "true")),
        wrong("taps in another order", &|s| {
            s.convolve =
                s.convolve.replace("* KERNEL + dy) * KERNEL", "* KERNEL + (KERNEL - 1 - dy)) * KERNEL")
        }),
        wrong("edge pixels repeated", &|s| {
            s.convolve = s.convolve.replace(
                "select(vec4(0.0), input[line + u32(max(column, 0))], inside)",
                "input[line + u32(clamp(column, 0, i32(shape.input_side) - 1))]",
            )
        }),
        wrong("last row forgotten", &|s| {
            s.convolve =
                s.convolve.replace("row >= i32(shape.input_side)", "row >= i32(shape.input_side) - 1")
        }),
        wrong("residual forgotten", &|s| {
            s.convolve = s.convolve.replace("shape.residual == 1", "shape.residual == 3")
        }),
        wrong("residual of half size misplaced", &|s| {
            s.convolve = s.convolve.replace("half + y / 2", "half + y / 4")
        }),
        wrong("last columns forgotten", &|s| {
            s.convolve = s.convolve.replace("x + k < shape.side", "x + COLUMNS - 1 < shape.side")
        }),
        wrong("one input channel forgotten", &|s| {
            s.convolve = s.convolve.replace("tap * values[", "tap * vec4(1.0, 1.0, 1.0, 0.0) * values[")
        }),
        wrong("sum without ReLU", &|s| {
            s.add_relu = s.add_relu.replace("max(a[place] + b[place], vec4(0.0))", "a[place] + b[place]")
        }),
        wrong("enlarged in one direction", &|s| s.enlarge = s.enlarge.replace("+ x / 2", "+ x % half")),
        wrong("mean of too few", &|s| s.mean = s.mean.replace("k < pixels", "k + 1 < pixels")),
        wrong("plane misplaced", &|s| s.spread = s.spread.replace("plane[place]", "plane[place / 2]")),
        wrong("no shader at all", &|s| s.convolve = s.convolve.replace("fn main", "fn")),
    ]
}
