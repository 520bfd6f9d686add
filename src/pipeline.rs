//! The only place where the stages are put in sequence, and the only one that runs networks.

use web_time::Instant;

use crate::compute::{Choice, Compute, NetworkName};
use crate::contrast::seems_enhanced;
use crate::convnet::{self, Crop, Rectangle};
use crate::decode::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::explain::explain;
use crate::frame::{self, Area, Frame, Layout};
use crate::gate::{Gate, GateReport};
use crate::label::{PerLabel, most_probable, softmax};
use crate::lungs;
use crate::model::{Manifest, Model, ModelId};
use crate::network::{Network, Output};
use crate::preprocess::{EqualizedImage, SIDE, network_plane, preprocess};
use crate::radiograph::{Radiograph, ReadAs, Samples};
use crate::report::{Elapsed, Readers, Report};
use crate::show::Sight;
use crate::texture::{FeatureExtractor, TextureWeights};
use crate::verdict::Calibration;
use crate::warnings::{Circumstances, warnings};

/// So many areas of a picture are tried at most, of each kind.
const MOST_TRIED: usize = 3;
/// A film that is read as it is, with doubts, is cropped to what has this share of its area or less.
const DOUBTED: f64 = 0.6;
/// A picture that the gate did not suggest to read altered is one to read so where it is this likely a frontal film then. Of 40
/// real films turned by a quarter or a half and inverted all are; of 240 parts of films, stretched films and films that lie
/// askew, and of 182 other pictures, none is.
const CERTAINLY_FRONTAL: f64 = 0.99;

/// The whole classifier: model, plans and buffers.
pub struct Classifier {
    manifest: Manifest,
    id: ModelId,
    calibration: Calibration,
    texture: TextureWeights,
    extractor: FeatureExtractor,
    compute: Compute,
    gate: Gate,
}

/// What one film gave: the report, and what there is to see.
#[derive(Debug)]
pub struct Reading {
    /// The report; on an error, it says which.
    pub report: Report,
    /// What every picture is made from; `None` for a film that could not be read.
    pub sight: Option<Box<Sight>>,
}

impl Reading {
    fn failed(path: &str, error: &Error) -> Self {
        Self { report: Report::failed(path, error), sight: None }
    }
}

/// What was found in a picture.
struct Found {
    looked: Looked,
    /// As in [`Layout`].
    holds_more: bool,
    is_askew: bool,
}

/// What both networks and the gate make of a film.
struct Looked {
    area: Area,
    /// Whether its contrast seems to have been enhanced locally.
    is_enhanced: bool,
    gate: GateReport,
    segmented: lungs::Segmented,
    crop: Crop,
    convnet: convnet::ConvnetReading,
}

impl Classifier {
    /// A classifier on the processor: our own kernels, or candle where they do not give the known answer.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    #[cfg(not(target_arch = "wasm32"))]
    pub fn new(model: Model) -> Result<Self> {
        pollster::block_on(Self::start(model, Some("simd")))
    }

    /// A classifier whose networks run on the back-end that is `wanted` (`webgpu`, `simd` or `candle`), if it
    /// can, else on the best there is (see [`compute`](crate::compute)).
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where no back-end gives the model's known answer.
    pub async fn start(model: Model, wanted: Option<&str>) -> Result<Self> {
        let Model { manifest, id, texture, lungs, convnet, gate, calibration, self_test } = model;
        let lungs = (Network::lungs(), lungs);
        let convnet = (Network::convnet(convnet::SIDE), convnet);
        let compute = Compute::start(lungs, convnet, self_test, wanted).await?;
        Ok(Self { manifest, id, calibration, texture, extractor: FeatureExtractor::new(), compute, gate })
    }

    /// Which back-end runs the networks, and why.
    pub fn compute(&self) -> Choice {
        self.compute.choice()
    }

    /// One network on one plane, for those who compare or measure it.
    ///
    /// # Errors
    /// As [`Compute::run`].
    pub async fn run_network(&mut self, network: NetworkName, plane: &[f32]) -> Result<&Output> {
        self.compute.run(network, plane).await
    }

    /// The manifest of the model.
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

    /// Reads one file; `path` is what the report calls it. A bad file gives a reading whose report has an error;
    /// nothing else of the classifier is touched, and the next file is read as if nothing had been.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn classify(&mut self, path: &str, bytes: &[u8]) -> Reading {
        self.classify_as(path, bytes, ReadAs::STORED)
    }

    /// As `classify`, of a file that is read turned, mirrored or inverted.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn classify_as(&mut self, path: &str, bytes: &[u8], read_as: ReadAs) -> Reading {
        contained(|| pollster::block_on(self.decode_and_read(path, bytes, read_as, |_| ())))
            .unwrap_or_else(|error| Reading::failed(path, &error))
    }

    /// As `classify_as`, for those who wait for the graphics processor in a browser. `seen` is shown the film once it is
    /// decoded, as it is going to be read.
    pub async fn classify_async(
        &mut self,
        path: &str,
        bytes: &[u8],
        read_as: ReadAs,
        seen: impl FnOnce(&Radiograph),
    ) -> Reading {
        let reading = self.decode_and_read(path, bytes, read_as, seen).await;
        reading.unwrap_or_else(|error| Reading::failed(path, &error))
    }

    /// Reads a film that has been decoded already.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn classify_film(&mut self, path: &str, film: Radiograph) -> Reading {
        contained(|| pollster::block_on(self.read(path, film, ReadAs::STORED, 0.0, Clock::start())))
            .unwrap_or_else(|error| Reading::failed(path, &error))
    }

    /// Reads a film that somebody else decoded, if they could, altered as `read_as` says.
    pub async fn classify_decoded(
        &mut self,
        path: &str,
        film: Result<Radiograph>,
        read_as: ReadAs,
    ) -> Reading {
        let clock = Clock::start();
        let reading = match film {
            Ok(mut film) => {
                read_as.apply(&mut film);
                self.read(path, film, read_as, 0.0, clock).await
            }
            Err(error) => Err(error),
        };
        reading.unwrap_or_else(|error| Reading::failed(path, &error))
    }

    /// What there is to see of a film that has been read before, in the same way: no features, no verdict.
    ///
    /// # Errors
    /// As [`decode`], and as [`Compute::run`].
    pub async fn look(&mut self, bytes: &[u8], read_as: ReadAs) -> Result<Sight> {
        self.look_decoded(decode(bytes)?, read_as).await
    }

    /// As [`look`](Self::look), of a film that is decoded.
    ///
    /// # Errors
    /// As [`Compute::run`].
    pub async fn look_decoded(&mut self, mut film: Radiograph, read_as: ReadAs) -> Result<Sight> {
        read_as.apply(&mut film);
        let mut times = Times { clock: Clock::start(), frame: 0.0, lungs: 0.0, convnet: 0.0 };
        let Looked { area, segmented, crop, convnet, .. } = self.find_film(&film, &mut times).await?.looked;
        let equalized = preprocess(&frame::cropped(&film, area));
        let (frame, lungs) = (area.frame(&film), segmented.fields);
        Ok(Sight { film, frame, equalized, lungs, crop, activation: convnet.activation })
    }

    async fn decode_and_read(
        &mut self,
        path: &str,
        bytes: &[u8],
        read_as: ReadAs,
        seen: impl FnOnce(&Radiograph),
    ) -> Result<Reading> {
        let mut clock = Clock::start();
        let mut film = decode(bytes)?;
        read_as.apply(&mut film);
        let decode = clock.lap();
        seen(&film);
        self.read(path, film, read_as, decode, clock).await
    }

    /// Where the film is, and what both networks and the gate make of it. Frames that are only possible are tried where
    /// the picture as it is cannot be read, or where that is doubted.
    async fn find_film(&mut self, picture: &Radiograph, times: &mut Times) -> Result<Found> {
        times.clock.lap();
        let layout = frame::find(picture);
        times.frame += times.clock.lap();
        let (holds_more, is_askew) = (layout.holds_more, layout.is_askew);
        let looked = self.look_for_film(picture, layout, times).await?;
        Ok(Found { looked, holds_more, is_askew })
    }

    async fn look_for_film(
        &mut self,
        picture: &Radiograph,
        layout: Layout,
        times: &mut Times,
    ) -> Result<Looked> {
        let Layout { certain, possible, several, cut_off, holds_more, .. } = layout;
        let whole = Area::whole(picture);
        let mut looked = self.look_at(picture, certain.unwrap_or(whole), times).await?;
        if several.len() > 1 {
            let mut films = 0;
            for &area in several.iter().take(MOST_TRIED) {
                let part = self.look_at(picture, area, times).await?;
                // The lungs of one film lie beside each other too: where the picture can be read as it is, so must its
                // parts, but for those that it does not hold, and those below each other.
                let is_apart =
                    !looked.area.meets(area) || several.iter().any(|other| area.is_above_or_below(other));
                let is_film = match looked.gate.accepted {
                    true if is_apart => part.segmented.fields.parts.len() > 1,
                    true => part.gate.accepted,
                    false => !part.segmented.fields.is_empty(),
                };
                films += usize::from(is_film);
                if films > 1 {
                    looked.gate.refuse_several_films();
                    return Ok(looked);
                }
            }
        }
        if looked.gate.accepted {
            for area in cut_off.into_iter().take(MOST_TRIED) {
                if self.look_at(picture, area, times).await?.gate.accepted {
                    looked.gate.refuse_several_films();
                    return Ok(looked);
                }
            }
        }
        let is_accepted = looked.gate.accepted;
        let is_doubted = is_accepted && certain.is_none() && (looked.gate.doubtful || holds_more);
        for &area in possible.iter().take(MOST_TRIED) {
            // Films have dark margins of their own: what is accepted is cropped only where most of it is surround.
            let is_much = (area.width * area.height) as f64 <= DOUBTED * (whole.width * whole.height) as f64;
            if is_accepted && !(is_doubted && is_much) {
                continue;
            }
            let other = self.look_at(picture, area, times).await?;
            if other.gate.accepted && !(is_accepted && other.gate.doubtful) {
                return Ok(other);
            }
        }
        if looked.gate.accepted || looked.segmented.fields.is_empty() {
            return Ok(looked);
        }
        let film = frame::cropped(picture, looked.area);
        for parts in frame::divisions(&film) {
            let mut are_films = true;
            for &part in &parts {
                are_films = are_films && self.look_at(&film, part, times).await?.gate.accepted;
            }
            if are_films {
                looked.gate.refuse_several_films();
                return Ok(looked);
            }
        }
        Ok(looked)
    }

    /// The lungs, then the reader on the crop of them, then the gate, for an area of a picture.
    async fn look_at(&mut self, picture: &Radiograph, area: Area, times: &mut Times) -> Result<Looked> {
        times.clock.lap();
        let plane = network_plane(&frame::cropped(picture, area));
        let output = self.compute.run(NetworkName::Lungs, &lungs::input(&plane)).await?;
        let mut segmented = lungs::read(output, plane.width, plane.height);
        let is_enhanced = seems_enhanced(&plane);
        if let Some(Frame { left, top, width, height }) = area.frame(picture) {
            segmented.fields = segmented.fields.placed((left, top, width, height));
        }
        times.lungs += times.clock.lap();
        let crop = convnet::crop(&plane, &segmented.fields, convnet::SIDE);
        let output = self.compute.run(NetworkName::Convnet, &crop.values).await?.clone();
        let mirrored = self.compute.run(NetworkName::Convnet, &crop.mirrored()).await?;
        let output = convnet::both_ways(&output, mirrored);
        let convnet = convnet::read(&output, &crop, &segmented.fields);
        let gate = self.gate.judge(&segmented, &convnet.features);
        times.convnet += times.clock.lap();
        Ok(Looked { area, is_enhanced, gate, segmented, crop, convnet })
    }

    /// In which ways a refused picture is to be read, tried out: those in which the gate accepts it, and is
    /// certain where it did not suggest them; the most likely frontal film first. Empty where it accepts none.
    async fn ways_to_read(
        &mut self,
        picture: &Radiograph,
        gate: &GateReport,
        times: &mut Times,
    ) -> Result<Vec<ReadAs>> {
        for (ways, is_suggested) in gate.ways_to_read() {
            let mut accepted = Vec::new();
            for way in ways {
                let mut other = Radiograph { modality: None, ..picture.clone() };
                way.apply(&mut other);
                let area = frame::find(&other).certain.unwrap_or(Area::whole(&other));
                times.frame += times.clock.lap();
                let looked = self.look_at(&other, area, times).await?;
                if looked.gate.accepted && (is_suggested || looked.gate.frontal > CERTAINLY_FRONTAL) {
                    accepted.push((way, looked.gate.frontal));
                }
            }
            if !accepted.is_empty() {
                accepted.sort_by(|a, b| b.1.total_cmp(&a.1));
                return Ok(accepted.into_iter().map(|(way, _)| way).collect());
            }
        }
        Ok(Vec::new())
    }

    /// Reads a picture that was altered already; `read_as` says how.
    async fn read(
        &mut self,
        path: &str,
        picture: Radiograph,
        read_as: ReadAs,
        decode: f64,
        clock: Clock,
    ) -> Result<Reading> {
        let mut times = Times { clock, frame: 0.0, lungs: 0.0, convnet: 0.0 };
        let Found { mut looked, holds_more, is_askew } = self.find_film(&picture, &mut times).await?;
        if !looked.gate.accepted && !looked.gate.is_of_several_films() {
            let ways = self.ways_to_read(&picture, &looked.gate, &mut times).await?;
            looked.gate.advise_reading(&ways, read_as);
            if ways.is_empty() && holds_more {
                looked.gate.advise_crop();
            }
        }
        let Looked { area, is_enhanced, mut gate, segmented, crop, convnet } = looked;
        let film = frame::cropped(&picture, area);
        let frame = area.frame(&picture);
        // What was cut off may have been all that shows it.
        let is_photograph = frame::is_photograph(&film) || (is_askew && frame::is_photograph(&picture));
        times.frame += times.clock.lap();
        let equalized = preprocess(&film);
        let preprocess = times.clock.lap();
        let features = self.extractor.features(&equalized);
        let features_ms = times.clock.lap();
        let explanation = explain(&self.texture.reduction, &self.texture.perceptron, &features);
        let texture: [f64; 3] = explanation.logits.into();
        let classify = times.clock.lap();
        let lungs = (!segmented.fields.is_empty()).then(|| {
            let Rectangle { left, top, width, height } = convnet.activation.crop();
            Frame { left, top, width, height }
        });
        if !gate.is_of_several_films() && frame::is_color_laid_over(&picture, area, lungs, is_photograph) {
            gate.refuse_color_overlay();
        }
        let judgement = self.calibration.judge(convnet.logits, texture, &gate);
        let judgement = if is_enhanced { judgement.of_enhanced() } else { judgement };
        let readers = Readers {
            texture: PerLabel::from(softmax(texture)),
            convnet: PerLabel::from(softmax(convnet.logits)),
        };
        let label = most_probable(judgement.probabilities);
        let activation = convnet.activation.summary(label);
        let warnings = warnings(Circumstances {
            film: &film,
            is_photograph: is_photograph || frame::has_cast(&picture, area),
            // Nobody knows what contrast a picture should have that is not a chest film.
            is_enhanced: gate.accepted && is_enhanced,
            is_mirrored: gate.accepted && lungs::seem_mirrored(&segmented.fields),
            // A picture that is not a chest film, or lies wrong, does not tell whose it is.
            child: if gate.accepted { gate.child } else { 0.0 },
            texture: most_probable(readers.texture),
            convnet: label,
            features_outside: self.texture.reduction.outside(&features),
            features_outside_limit: self.manifest.training.features_outside_limit,
        });
        let elapsed = Elapsed {
            decode,
            frame: times.frame,
            preprocess,
            features: features_ms,
            classify,
            lungs: times.lungs,
            convnet: times.convnet,
            total: times.clock.total(),
        };
        let accepted = gate.accepted;
        let report = Report {
            path: path.to_owned(),
            probabilities: accepted.then_some(judgement.probabilities),
            verdict: Some(judgement.verdict),
            readers: Some(readers),
            warnings: Some(warnings),
            error: None,
            film: Some(picture.provenance),
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
            abnormal: accepted.then_some(judgement.abnormal),
            finding: accepted.then_some(judgement.finding),
            frame,
            read_as: read_as.is_altered().then(|| read_as.normalized()),
        };
        let lungs = segmented.fields;
        drop(film);
        let sight = Sight { film: picture, frame, equalized, lungs, crop, activation: convnet.activation };
        Ok(Reading { report, sight: Some(Box::new(sight)) })
    }
}

/// How long the search for the film and the networks took, over all that was looked at, in milliseconds.
struct Times {
    clock: Clock,
    frame: f64,
    lungs: f64,
    convnet: f64,
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
            Input::Film => {
                let area = frame::find(&film).certain.unwrap_or(Area::whole(&film));
                preprocess(&frame::cropped(&film, area))
            }
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
        let message = "this file made the program fail, the others are not affected: export the film as PNG and try that";
        Err(Error::new(ErrorKind::Internal, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_of_its_film() {
        let error = contained(|| -> Result<()> { panic!("a decoder's defect") }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(contained(|| Ok(7)).unwrap(), 7);
    }
}
