//! The only place where the stages are put in sequence.

use web_time::Instant;

use crate::decode::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::explain::explain;
use crate::model_file::{Manifest, TEXTURE_FILE, TextureWeights};
use crate::preprocess::{EqualizedImage, SIDE, preprocess};
use crate::radiograph::{Color, Radiograph, Samples};
use crate::report::{Elapsed, PerLabel, Readers, Report, Warning, WarningKind};
use crate::texture::{FEATURES, FeatureExtractor, softmax};
use crate::verdict::verdict;

/// A film further from square than this (longer side over shorter) is warned about.
const MAX_ASPECT_RATIO: f64 = 1.6;

/// The whole classifier: model, plans and buffers.
pub struct Classifier {
    manifest: Manifest,
    weights: TextureWeights,
    extractor: FeatureExtractor,
}

/// What one film gave: the report, and the images to show beside it.
#[derive(Debug)]
pub struct Reading {
    /// The report; on an error, it says which.
    pub report: Report,
    /// The film as decoded.
    pub film: Option<Radiograph>,
    /// What the texture reader saw.
    pub equalized: Option<EqualizedImage>,
}

impl Classifier {
    /// A classifier from the manifest and the texture reader's weights.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where they are damaged or do not belong
    /// together.
    pub fn new(manifest: &[u8], texture: &[u8]) -> Result<Self> {
        let manifest = Manifest::from_json(manifest)?;
        manifest.check(TEXTURE_FILE, texture)?;
        let weights = TextureWeights::from_bytes(texture)?;
        Ok(Self { manifest, weights, extractor: FeatureExtractor::new() })
    }

    /// The manifest the classifier was made from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads one file. A bad file gives a reading whose report has an error; nothing else of the
    /// classifier is touched, and the next file is read as if nothing had been.
    pub fn classify(&mut self, path: &str, bytes: &[u8]) -> Reading {
        contained(|| self.try_classify(path, bytes)).unwrap_or_else(|error| Reading {
            report: Report::failed(path, &error),
            film: None,
            equalized: None,
        })
    }

    fn try_classify(&mut self, path: &str, bytes: &[u8]) -> Result<Reading> {
        let mut clock = Clock::start();
        let film = decode(bytes)?;
        let decode = clock.lap();
        let equalized = preprocess(&film);
        let preprocess = clock.lap();
        let features = self.extractor.features(&equalized);
        let features_ms = clock.lap();
        let explanation = explain(&self.weights.reduction, &self.weights.perceptron, &features);
        let probabilities = PerLabel::from(softmax(explanation.logits.into()));
        let classify = clock.lap();
        let elapsed = Elapsed { decode, preprocess, features: features_ms, classify, total: clock.total() };
        let report = Report {
            path: path.to_owned(),
            probabilities: Some(probabilities),
            verdict: Some(verdict(probabilities)),
            readers: Some(Readers { texture: probabilities }),
            warnings: Some(self.warnings(&film, &features)),
            error: None,
            film: Some(film.provenance),
            explanation: Some(explanation),
            model: Some(self.manifest.model_id()),
            elapsed_ms: Some(elapsed),
        };
        Ok(Reading { report, film: Some(film), equalized: Some(equalized) })
    }

    fn warnings(&self, film: &Radiograph, features: &[f64]) -> Vec<Warning> {
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

    #[test]
    fn a_panic_is_an_error_of_its_film() {
        let error = contained(|| -> Result<()> { panic!("a decoder's defect") }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(contained(|| Ok(7)).unwrap(), 7);
    }
}
