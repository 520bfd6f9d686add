//! The only place where the stages are put in sequence.

use web_time::Instant;

use crate::compute::{Choice, Compute, Net};
use crate::convnet::{self, Activation};
use crate::decode::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::explain::explain;
use crate::gate::{Gate, GateReport};
use crate::lungs::{self, LungFields, thumbnail};
use crate::model_file::{
    CONVNET_FILE, GATE_FILE, LUNGS_FILE, Manifest, TEXTURE_FILE, TextureWeights, digest, sha256,
};
use crate::network::{Network, Output, Weights};
use crate::preprocess::{EqualizedImage, SIDE, preprocess};
use crate::radiograph::{Color, Picture, Radiograph, Samples};
use crate::report::{ActivationSummary, Elapsed, ModelId, PerLabel, Readers, Report, Warning, WarningKind};
use crate::texture::{FEATURES, FeatureExtractor, softmax};
use crate::verdict::{Calibration, most_probable};

/// A film further from square than this (longer side over shorter) is warned about.
const MAX_ASPECT_RATIO: f64 = 1.6;

/// A film that is more likely than this a child's is warned about.
const CHILD: f64 = 0.5;

/// The whole classifier: model, plans and buffers.
pub struct Classifier {
    manifest: Manifest,
    id: ModelId,
    calibration: Calibration,
    weights: TextureWeights,
    extractor: FeatureExtractor,
    compute: Compute,
    gate: Gate,
}

/// What one film gave: the report, and what to show beside it.
#[derive(Debug)]
pub struct Reading {
    /// The report; on an error, it says which.
    pub report: Report,
    /// The film as decoded.
    pub film: Option<Radiograph>,
    /// What the texture reader saw.
    pub equalized: Option<EqualizedImage>,
    /// The lung fields.
    pub lungs: Option<LungFields>,
    /// What the convnet reader saw.
    pub crop: Option<Picture>,
    /// What it found where.
    pub activation: Option<Activation>,
}

impl Reading {
    fn failed(path: &str, error: &Error) -> Self {
        Self {
            report: Report::failed(path, error),
            film: None,
            equalized: None,
            lungs: None,
            crop: None,
            activation: None,
        }
    }
}

impl Classifier {
    /// A classifier from the manifest and the weight files that it names, as (name, bytes). The
    /// networks run on the back-end that is `wanted`, if it can, else on the best there is (see
    /// [`compute`](crate::compute)).
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where a file is missing or damaged, they do not belong together, or no
    /// back-end gives the model's known answer.
    pub async fn create(manifest: &[u8], files: &[(&str, &[u8])], wanted: Option<&str>) -> Result<Self> {
        let id = sha256(manifest);
        let manifest = Manifest::from_json(manifest)?;
        let file = async |name: &str| {
            let found = files.iter().find(|(other, _)| *other == name);
            let (_, bytes) = found
                .ok_or_else(|| Error::new(ErrorKind::Model, format!("the model file {name} is missing")))?;
            manifest.check_digest(name, &digest(bytes).await)?;
            Ok::<&[u8], Error>(bytes)
        };
        let unfinished = || Error::new(ErrorKind::Model, "the model has not been calibrated");
        let calibration = manifest.calibration.clone().ok_or_else(unfinished)?;
        let known = manifest.self_test.clone().ok_or_else(unfinished)?;
        let (segmenter, reader) = (Network::lungs(), Network::convnet(convnet::SIDE));
        let segmenter_weights = Weights::from_bytes(&segmenter, file(LUNGS_FILE).await?)?;
        let reader_weights = Weights::from_bytes(&reader, file(CONVNET_FILE).await?)?;
        let weights = TextureWeights::from_bytes(file(TEXTURE_FILE).await?)?;
        let gate = Gate::from_bytes(file(GATE_FILE).await?)?;
        let networks = ((segmenter, segmenter_weights), (reader, reader_weights));
        Ok(Self {
            calibration,
            weights,
            extractor: FeatureExtractor::new(),
            compute: Compute::start(networks.0, networks.1, known, wanted).await?,
            gate,
            id: ModelId { version: manifest.version.clone(), sha256: id },
            manifest,
        })
    }

    /// [`create`](Self::create), on this thread and on the processor.
    ///
    /// # Errors
    /// As there.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn new(manifest: &[u8], files: &[(&str, &[u8])]) -> Result<Self> {
        pollster::block_on(Self::create(manifest, files, Some("simd")))
    }

    /// Which back-end runs the networks, and why.
    pub fn compute(&self) -> Choice {
        self.compute.choice()
    }

    /// One network on one plane, for those who compare or measure it.
    ///
    /// # Errors
    /// As [`Compute::run`].
    pub async fn run_network(&mut self, net: Net, plane: &[f32]) -> Result<&Output> {
        self.compute.run(net, plane).await
    }

    /// The manifest the classifier was made from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// From logits to the verdict.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Version and hash of the model.
    pub fn model_id(&self) -> &ModelId {
        &self.id
    }

    /// Reads one file. A bad file gives a reading whose report has an error; nothing else of the
    /// classifier is touched, and the next file is read as if nothing had been.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn classify(&mut self, path: &str, bytes: &[u8]) -> Reading {
        contained(|| pollster::block_on(self.decode_and_read(path, bytes)))
            .unwrap_or_else(|error| Reading::failed(path, &error))
    }

    /// As `classify`, for those who wait for the graphics processor in a browser.
    pub async fn classify_async(&mut self, path: &str, bytes: &[u8]) -> Reading {
        self.decode_and_read(path, bytes).await.unwrap_or_else(|error| Reading::failed(path, &error))
    }

    /// Reads a film that has been decoded already.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn classify_film(&mut self, path: &str, film: Radiograph) -> Reading {
        contained(|| pollster::block_on(self.read(path, film, 0.0, Clock::start())))
            .unwrap_or_else(|error| Reading::failed(path, &error))
    }

    async fn decode_and_read(&mut self, path: &str, bytes: &[u8]) -> Result<Reading> {
        let mut clock = Clock::start();
        let film = decode(bytes)?;
        let decode = clock.lap();
        self.read(path, film, decode, clock).await
    }

    async fn read(&mut self, path: &str, film: Radiograph, decode: f64, mut clock: Clock) -> Result<Reading> {
        let equalized = preprocess(&film);
        let preprocess = clock.lap();
        let features = self.extractor.features(&equalized);
        let features_ms = clock.lap();
        let explanation = explain(&self.weights.reduction, &self.weights.perceptron, &features);
        let texture: [f64; 3] = explanation.logits.into();
        let classify = clock.lap();
        let thumbnail = thumbnail(&film);
        let segmented = lungs::segment(&mut self.compute, &thumbnail).await?;
        let lungs = clock.lap();
        let convnet = convnet::read(&mut self.compute, &thumbnail, &segmented.fields).await?;
        let convnet_ms = clock.lap();
        let gate = self.gate.judge(&segmented, &convnet.features);
        let judgement = self.calibration.judge(convnet.logits, texture, &gate);
        let readers = Readers {
            texture: PerLabel::from(softmax(texture)),
            convnet: PerLabel::from(softmax(convnet.logits)),
        };
        let label = most_probable(readers.convnet);
        let activation = ActivationSummary {
            label,
            inside_lungs: convnet.activation.inside_lungs(label),
            crop: convnet.activation.crop(),
        };
        let elapsed = Elapsed {
            decode,
            preprocess,
            features: features_ms,
            classify,
            lungs,
            convnet: convnet_ms,
            total: clock.total(),
        };
        let accepted = gate.accepted;
        let report = Report {
            path: path.to_owned(),
            probabilities: accepted.then_some(judgement.probabilities),
            verdict: Some(judgement.verdict),
            readers: Some(readers),
            warnings: Some(self.warnings(&film, &features, &gate, readers)),
            error: None,
            film: Some(film.provenance),
            explanation: Some(explanation),
            model: Some(self.id.clone()),
            elapsed_ms: Some(elapsed),
            prediction_set: accepted.then_some(judgement.prediction_set),
            abstentions: Some(if accepted { judgement.abstentions } else { Vec::new() }),
            lungs: Some(segmented.fields.areas()),
            gate: Some(gate),
            activation: Some(activation),
            backend: Some(self.compute.backend()),
            adapter: self.compute.adapter(),
        };
        Ok(Reading {
            report,
            film: Some(film),
            equalized: Some(equalized),
            lungs: Some(segmented.fields),
            crop: Some(convnet::crop_picture(&convnet.crop)),
            activation: Some(convnet.activation),
        })
    }

    fn warnings(
        &self,
        film: &Radiograph,
        features: &[f64],
        gate: &GateReport,
        readers: Readers,
    ) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |kind, message: String| warnings.push(Warning { kind, message });
        let (width, height) = (film.width, film.height);
        let (low, high) = film.samples.range();
        if low == high {
            warn(WarningKind::Flat, "All pixels of this film are equal; there is nothing to read.".into());
        }
        if width.min(height) < SIDE {
            let message = format!(
                "This film has {width} × {height} pixels and was enlarged to {SIDE} × {SIDE}. The texture \
                 reader reads resolution: its answer on enlarged films is not to be relied on."
            );
            warn(WarningKind::Upscaled, message);
        }
        let ratio = width.max(height) as f64 / width.min(height) as f64;
        if ratio > MAX_ASPECT_RATIO {
            let message = format!(
                "This film is {ratio:.1} times as long as wide; squeezed to a square, its texture is distorted."
            );
            warn(WarningKind::AspectRatio, message);
        }
        if matches!(film.provenance.color, Color::Color8 | Color::Color16) {
            let message = "This file has colour or transparency; a plain radiograph has neither.";
            warn(WarningKind::Color, message.into());
        }
        if film.provenance.has_more_frames {
            let message = "This file is animated or has several pages; only the first picture was read.";
            warn(WarningKind::MoreFrames, message.into());
        }
        if gate.child > CHILD {
            let message =
                "This seems to be a child's film. What is known of the verdict's worth comes from adults.";
            warn(WarningKind::Child, message.into());
        }
        let (texture, convnet) = (most_probable(readers.texture), most_probable(readers.convnet));
        if texture != convnet {
            let message = format!(
                "The readers disagree: the paper's reader says {}, the convnet reader {}.",
                texture.noun(),
                convnet.noun()
            );
            warn(WarningKind::ReadersDisagree, message);
        }
        let outside = self.weights.reduction.outside(features);
        if outside > self.manifest.training.features_outside_limit {
            let message = format!(
                "{outside} of the {FEATURES} features lie outside the range of the training films: this \
                 film is unlike those that the texture reader knows."
            );
            warn(WarningKind::OutsideTrainingRange, message);
        }
        warnings
    }
}

/// Lap times in milliseconds.
struct Clock {
    start: Instant,
    lap: Instant,
}

impl Clock {
    fn start() -> Self {
        let now = Instant::now();
        Self { start: now, lap: now }
    }

    fn lap(&mut self) -> f64 {
        let now = Instant::now();
        let lap = std::mem::replace(&mut self.lap, now);
        (now - lap).as_secs_f64() * 1e3
    }

    fn total(&self) -> f64 {
        (self.lap - self.start).as_secs_f64() * 1e3
    }
}

/// What a file given to [`film_features`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A film: preprocessed first.
    Film,
    /// A 512 × 512 8-bit grey image, already preprocessed.
    Preprocessed,
}

/// The 252 features of one file, without a model.
///
/// # Errors
/// As [`decode`]; [`ErrorKind::UnsupportedFormat`] for an [`Input::Preprocessed`] that is not
/// 512 × 512 8-bit grey.
pub fn film_features(extractor: &mut FeatureExtractor, bytes: &[u8], input: Input) -> Result<Vec<f64>> {
    contained(|| {
        let film = decode(bytes)?;
        let image = match input {
            Input::Film => preprocess(&film),
            Input::Preprocessed => already_preprocessed(film)?,
        };
        Ok(extractor.features(&image))
    })
}

fn already_preprocessed(film: Radiograph) -> Result<EqualizedImage> {
    let (width, height) = (film.width, film.height);
    let pixels = match film.samples {
        Samples::U8(pixels) if width == SIDE && height == SIDE => pixels,
        _ => Vec::new(),
    };
    EqualizedImage::from_pixels(pixels).ok_or_else(|| {
        let message =
            format!("a preprocessed image is {SIDE} × {SIDE}, 8-bit grey; this is not ({width} × {height})");
        Error::new(ErrorKind::UnsupportedFormat, message)
    })
}

/// Turns a panic of one film (a defect here, or in a decoder) into an error, where panics unwind.
/// In WebAssembly they do not; there the page starts a new worker.
fn contained<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let message = "this file made the program fail; the others are not affected";
        Err(Error::new(ErrorKind::Internal, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radiograph::{Format, Provenance};

    fn classifier() -> Classifier {
        let read =
            |name: &str| std::fs::read(format!("{}/models/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let names = [CONVNET_FILE, GATE_FILE, LUNGS_FILE, TEXTURE_FILE];
        let files = names.map(|name| (name, read(name)));
        Classifier::new(&read("manifest.json"), &files.each_ref().map(|(name, bytes)| (*name, &bytes[..])))
            .unwrap()
    }

    /// A film like those of the training, and what may be unusual about it.
    struct Case {
        film: Radiograph,
        /// Features that lie outside the range of the training films.
        outside: usize,
        gate: GateReport,
        readers: Readers,
    }

    fn film(width: usize, height: usize, flat: bool) -> Radiograph {
        let provenance = Provenance {
            format: Format::Png,
            width_px: width as u32,
            height_px: height as u32,
            color: Color::Gray8,
            has_more_frames: false,
        };
        let samples = (0..width * height).map(|k| if flat { 7 } else { (k % 251) as u8 }).collect();
        Radiograph { width, height, samples: Samples::U8(samples), provenance }
    }

    fn usual() -> Case {
        let gate = GateReport {
            accepted: true,
            doubtful: false,
            reasons: Vec::new(),
            frontal: 1.0,
            distance: 0.5,
            child: 0.5,
        };
        let [texture, convnet] = [[0.5, 0.3, 0.2], [0.4, 0.3, 0.3]].map(PerLabel::from);
        Case { film: film(512, 800, false), outside: 0, gate, readers: Readers { texture, convnet } }
    }

    /// One change a warning, on either side of its limit.
    #[test]
    fn each_warning_has_its_reason_and_no_other() {
        let classifier = classifier();
        let limit = classifier.manifest.training.features_outside_limit;
        let kinds = |change: &dyn Fn(&mut Case)| -> Vec<WarningKind> {
            let mut case = usual();
            change(&mut case);
            let reduction = &classifier.weights.reduction;
            let features: Vec<f64> =
                (0..FEATURES)
                    .map(|k| {
                        if k < case.outside { reduction.maximum[k] + 1.0 } else { reduction.training_mean(k) }
                    })
                    .collect();
            let warnings = classifier.warnings(&case.film, &features, &case.gate, case.readers);
            assert!(warnings.iter().all(|warning| warning.message.len() > 20));
            warnings.into_iter().map(|warning| warning.kind).collect()
        };
        assert_eq!(kinds(&|_| ()), []);
        assert_eq!(kinds(&|case| case.film = film(512, 819, false)), []);
        assert_eq!(kinds(&|case| case.film = film(512, 821, false)), [WarningKind::AspectRatio]);
        assert_eq!(kinds(&|case| case.film = film(821, 512, false)), [WarningKind::AspectRatio]);
        assert_eq!(kinds(&|case| case.film = film(511, 800, false)), [WarningKind::Upscaled]);
        assert_eq!(kinds(&|case| case.film = film(800, 511, false)), [WarningKind::Upscaled]);
        assert_eq!(kinds(&|case| case.film = film(600, 600, true)), [WarningKind::Flat]);
        for (color, warned) in
            [(Color::Gray8, false), (Color::Gray16, false), (Color::Color8, true), (Color::Color16, true)]
        {
            let expected = if warned { vec![WarningKind::Color] } else { Vec::new() };
            assert_eq!(kinds(&|case| case.film.provenance.color = color), expected);
        }
        assert_eq!(kinds(&|case| case.film.provenance.has_more_frames = true), [WarningKind::MoreFrames]);
        assert_eq!(kinds(&|case| case.gate.child = 0.51), [WarningKind::Child]);
        assert_eq!(
            kinds(&|case| case.readers.texture = [0.3, 0.5, 0.2].into()),
            [WarningKind::ReadersDisagree]
        );
        assert_eq!(kinds(&|case| case.outside = limit), []);
        assert_eq!(kinds(&|case| case.outside = limit + 1), [WarningKind::OutsideTrainingRange]);
    }

    #[test]
    fn a_panic_is_an_error_of_its_film() {
        let error = contained(|| -> Result<()> { panic!("a decoder's defect") }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(contained(|| Ok(7)).unwrap(), 7);
    }
}
