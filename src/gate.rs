//! Is this a frontal chest radiograph that may be judged? And is it of a child?
//!
//! Two questions decide. A small classifier over what the segmenter saw (its deepest features and
//! where it found lungs) tells frontal chest films from films that lie upside down or sideways, are
//! inverted, cut, or squeezed, and from pictures that are not chest films. And the convnet reader's
//! own features must lie near those of the training films: their Mahalanobis distance to the
//! nearest class (Lee et al. 2018, "A simple unified framework for detecting out-of-distribution
//! samples") is limited.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::label::softmax;
use crate::lungs::{SIDE, Segmented};
use crate::radiograph::ReadAs;
use crate::reason::{Reason, ReasonKind};
use crate::tensors::{TensorFile, Tensors};

/// What a picture can be, for the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// An upright, whole, frontal chest film.
    Frontal,
    /// Turned by half a turn.
    UpsideDown,
    /// Turned by a quarter.
    Sideways,
    /// Bright where it should be dark.
    Inverted,
    /// A part of a film.
    Cropped,
    /// With other proportions than a frontal film, as a lateral view has.
    Squeezed,
    /// No chest film.
    NotAChestFilm,
}

/// In the order of the classifier's outputs.
pub const KINDS: [PictureKind; 7] = [
    PictureKind::Frontal,
    PictureKind::UpsideDown,
    PictureKind::Sideways,
    PictureKind::Inverted,
    PictureKind::Cropped,
    PictureKind::Squeezed,
    PictureKind::NotAChestFilm,
];

/// The gate's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct GateReport {
    /// Whether the film is judged.
    pub accepted: bool,
    /// Accepted, but near the limit.
    pub doubtful: bool,
    /// Why not accepted; empty where it is.
    pub reasons: Vec<Reason>,
    /// How likely a frontal chest film, 0…1, by the classifier.
    pub frontal: f64,
    /// The Mahalanobis distance over its limit: above 1 is refused.
    pub distance: f64,
    /// How likely a child's, 0…1.
    pub child: f64,
}

impl GateReport {
    /// Refuses a film over which colour is laid. What else the gate says of it may follow from that.
    pub fn refuse_color_overlay(&mut self) {
        self.refuse_only(ReasonKind::ColorOverlay);
    }

    /// Refuses a picture on which films lie beside each other. What the gate says of them together is no reason then.
    pub fn refuse_several_films(&mut self) {
        self.refuse_only(ReasonKind::SeveralFilms);
    }

    /// Says of a refused picture that holds more than a film that it is to be cropped. What the gate says of all that it
    /// holds is no reason then.
    pub fn advise_crop(&mut self) {
        self.refuse_only(ReasonKind::CropToFilm);
    }

    /// One reason alone: who is told of two does not know which to mend.
    fn refuse_only(&mut self, kind: ReasonKind) {
        self.reasons = vec![Reason::refusal(kind, ReadAs::STORED)];
        (self.accepted, self.doubtful) = (false, false);
    }

    /// Whether several films are why it is refused.
    pub fn is_of_several_films(&self) -> bool {
        self.reasons.iter().any(|reason| reason.kind == ReasonKind::SeveralFilms)
    }

    /// In which ways a refused film may be one to accept, step by step, each with whether the gate suggests it: where it
    /// seems to lie wrong or to be inverted, with that altered, and with two things; then, for what is altered twice is
    /// often like nothing that the gate has seen, with any one thing altered, and with any two. Empty for other films.
    pub fn ways_to_read(&self) -> [(Vec<ReadAs>, bool); 4] {
        if self.accepted || self.is_of_several_films() {
            return Default::default();
        }
        let inverted = ReadAs::inverted();
        let turned = |turns: &[u8]| turns.iter().map(|&turns| ReadAs::turned(turns)).collect::<Vec<_>>();
        let both = |ways: &[ReadAs]| ways.iter().map(|way| way.then(inverted)).collect::<Vec<_>>();
        let of = |kind: ReasonKind| match kind {
            ReasonKind::UpsideDown => Some((turned(&[2]), both(&turned(&[2])))),
            ReasonKind::Sideways => Some((turned(&[1, 3]), both(&turned(&[1, 3])))),
            ReasonKind::Inverted => Some((vec![inverted], both(&turned(&[1, 2, 3])))),
            _ => None,
        };
        let (one, two) = self.reasons.iter().find_map(|reason| of(reason.kind)).unwrap_or_default();
        let others = |ways: Vec<ReadAs>| {
            ways.into_iter().filter(|way| !one.contains(way) && !two.contains(way)).collect::<Vec<_>>()
        };
        let other_one = others([turned(&[1, 2, 3]), vec![inverted]].concat());
        let other_two = others(both(&turned(&[1, 2, 3])));
        [(one, true), (two, true), (other_one, false), (other_two, false)]
    }

    /// Says how the file of a refused film is to be read: `ways` to alter what is read as `read_as` now or, of one that
    /// seems to lie wrong or to be inverted, all that may help where there are none. Where there are ways, the film is
    /// accepted in them, and there is no other reason than what they mend.
    pub fn advise_reading(&mut self, ways: &[ReadAs], read_as: ReadAs) {
        use ReasonKind::{Inverted, Sideways, UpsideDown};
        let lies_wrong = |reason: &&mut Reason| matches!(reason.kind, UpsideDown | Sideways | Inverted);
        let suggested = self.reasons.iter_mut().find(lies_wrong);
        let Some(first) = ways.first() else {
            if let Some(reason) = suggested {
                *reason = Reason::refusal(reason.kind, read_as);
            }
            return;
        };
        let mends = |kind| match kind {
            UpsideDown => first.quarter_turns == 2,
            Sideways => first.quarter_turns % 2 == 1,
            _ => first.inverted,
        };
        let kind = suggested.map(|reason| reason.kind).filter(|&kind| mends(kind));
        let kind = kind.or_else(|| [Inverted, UpsideDown].into_iter().find(|&kind| mends(kind)));
        let ways: Vec<ReadAs> = ways.iter().map(|&way| read_as.then(way)).collect();
        self.reasons = vec![Reason::altered(kind.unwrap_or(Sideways), &ways)];
    }

    /// Whether there are doubts that this is a chest film at all, or a whole one: then nothing is known of whose it is.
    pub fn is_no_film(&self) -> bool {
        const NO_FILM: [ReasonKind; 5] = [
            ReasonKind::NoLungs,
            ReasonKind::NotAChestFilm,
            ReasonKind::UnlikeTrainingFilms,
            ReasonKind::SeveralFilms,
            ReasonKind::CropToFilm,
        ];
        self.reasons.iter().any(|reason| NO_FILM.contains(&reason.kind))
    }
}

/// Rows and columns of the grid on which the lung map is summed up.
const GRID: usize = 8;
/// Channels of the segmenter's deepest value.
const CHANNELS: usize = 64;
/// What describes the lung fields as a whole.
const SHAPE: usize = 13;
/// Numbers that the classifier sees.
pub const INPUTS: usize = CHANNELS + GRID * GRID + SHAPE;
/// Units of the hidden layer.
pub const HIDDEN: usize = 32;
/// Channels of the reader's features.
pub const FEATURES: usize = 128;
/// Directions in which the distance is measured.
pub const DIRECTIONS: usize = 128;

/// What the classifier sees of a film.
pub fn inputs(segmented: &Segmented) -> Vec<f32> {
    let fields = &segmented.fields;
    let mut values = segmented.features.clone();
    let cell = SIDE / GRID;
    for row in 0..GRID {
        for column in 0..GRID {
            let lines =
                (0..cell).map(|y| &fields.map.pixels[(row * cell + y) * SIDE + column * cell..][..cell]);
            values.push(lines.flatten().sum::<f32>() / (cell * cell) as f32);
        }
    }
    let (width, height) = fields.film_size();
    let side = SIDE as f32;
    let part = |k: usize| {
        fields.parts.get(k).map_or([0.0; 5], |part| {
            let area = part.area as f32 / (side * side);
            let (across, down) =
                ((part.right + 1 - part.left) as f32 / side, (part.bottom + 1 - part.top) as f32 / side);
            [area, part.center_x / side, part.center_y / side, down / across, area / (across * down)]
        })
    };
    // By place, not by size: which lung is larger says nothing.
    let (mut a, mut b) = (part(0), part(1));
    if b[1] < a[1] && b[0] > 0.0 {
        std::mem::swap(&mut a, &mut b);
    }
    values.extend(a);
    values.extend(b);
    values.push(fields.kept);
    values.push((width as f32 / height as f32).ln());
    let unsure = fields.map.pixels.iter().filter(|value| (0.1..0.9).contains(*value)).count();
    let sure = fields.map.pixels.iter().filter(|value| **value >= 0.9).count();
    values.push(unsure as f32 / (unsure + sure).max(1) as f32);
    values
}

/// A layer that multiplies and adds, in single precision.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// (outputs, inputs), row-major.
    pub weights: Vec<f32>,
    /// One per output.
    pub bias: Vec<f32>,
}

impl Linear {
    fn run(&self, inputs: &[f32]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(inputs.len());
        rows.zip(&self.bias)
            .map(|(row, bias)| bias + row.iter().zip(inputs).map(|(w, x)| w * x).sum::<f32>())
            .collect()
    }
}

/// The gate's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The mean of every input.
    pub mean: Vec<f32>,
    /// The deviation of every input.
    pub deviation: Vec<f32>,
    /// From the standardised inputs to the hidden layer.
    pub hidden: Linear,
    /// From the hidden layer to [`KINDS`].
    pub kinds: Linear,
    /// From the standardised inputs to the logit of a child's film.
    pub child: Linear,
    /// Means of the reader's features per class, (3, 128).
    pub centers: Vec<f32>,
    /// Whitening directions, (128, 128).
    pub directions: Vec<f32>,
    /// Below the first, a probability of a frontal film is refused; below the second, doubted.
    pub least_frontal: [f32; 2],
    /// Above the first, a distance is refused; above the second, doubted.
    pub largest_distance: [f32; 2],
}

/// The tensors of the gate's file and their shapes.
const TENSORS: [(&str, &[usize]); 12] = [
    ("mean", &[INPUTS]),
    ("deviation", &[INPUTS]),
    ("hidden.weight", &[HIDDEN, INPUTS]),
    ("hidden.bias", &[HIDDEN]),
    ("kinds.weight", &[KINDS.len(), HIDDEN]),
    ("kinds.bias", &[KINDS.len()]),
    ("child.weight", &[1, INPUTS]),
    ("child.bias", &[1]),
    ("centers", &[3, FEATURES]),
    ("directions", &[DIRECTIONS, FEATURES]),
    ("least_frontal", &[2]),
    ("largest_distance", &[2]),
];

impl Gate {
    /// Reads what [`Gate::to_bytes`] writes.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) for a damaged file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let tensors = Tensors::open(bytes)?;
        let mut values = Vec::new();
        for (name, shape) in TENSORS {
            values.push(tensors.f32s(name, shape)?);
        }
        let mut next = values.into_iter();
        let mut take = || next.next().unwrap_or_default();
        let (mean, deviation) = (take(), take());
        let hidden = Linear { weights: take(), bias: take() };
        let kinds = Linear { weights: take(), bias: take() };
        let child = Linear { weights: take(), bias: take() };
        let (centers, directions) = (take(), take());
        let mut pair = || <[f32; 2]>::try_from(take()).unwrap_or_default();
        let (least_frontal, largest_distance) = (pair(), pair());
        Ok(Self {
            mean,
            deviation,
            hidden,
            kinds,
            child,
            centers,
            directions,
            least_frontal,
            largest_distance,
        })
    }

    /// Writes safetensors; the same weights always give the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where a shape is not as it should be.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let values: [&[f32]; TENSORS.len()] = [
            &self.mean,
            &self.deviation,
            &self.hidden.weights,
            &self.hidden.bias,
            &self.kinds.weights,
            &self.kinds.bias,
            &self.child.weights,
            &self.child.bias,
            &self.centers,
            &self.directions,
            &self.least_frontal,
            &self.largest_distance,
        ];
        let mut file = TensorFile::new();
        TENSORS.iter().zip(values).for_each(|((name, shape), values)| file.f32s(*name, shape, values));
        file.finish()
    }

    fn standardized(&self, inputs: &[f32]) -> Vec<f32> {
        let scale = self.mean.iter().zip(&self.deviation);
        inputs
            .iter()
            .zip(scale)
            .map(|(value, (mean, deviation))| ((value - mean) / deviation).clamp(-6.0, 6.0))
            .collect()
    }

    /// The probabilities of [`KINDS`], and of a child.
    pub fn classify(&self, inputs: &[f32]) -> ([f64; KINDS.len()], f64) {
        let inputs = self.standardized(inputs);
        let hidden: Vec<f32> = self.hidden.run(&inputs).into_iter().map(|value| value.max(0.0)).collect();
        let logits = self.kinds.run(&hidden);
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        // Less the largest while still in single precision: the limits were set on what that gives.
        let kinds = softmax(std::array::from_fn(|k| f64::from(logits[k] - largest)));
        let child = self.child.run(&inputs)[0];
        (kinds, 1.0 / (1.0 + f64::from(-child).exp()))
    }

    /// The Mahalanobis distance of the reader's features to the nearest class.
    pub fn distance(&self, features: &[f32]) -> f64 {
        let distance = |center: &[f32]| -> f32 {
            let rows = self.directions.chunks_exact(FEATURES);
            let along = rows.map(|row| {
                let offset = features.iter().zip(center).map(|(feature, center)| feature - center);
                row.iter().zip(offset).map(|(weight, offset)| weight * offset).sum::<f32>()
            });
            along.map(|value| value * value).sum::<f32>().sqrt()
        };
        f64::from(self.centers.chunks_exact(FEATURES).map(distance).fold(f32::INFINITY, f32::min))
    }

    /// Judges one film from its lungs and the reader's features.
    pub fn judge(&self, segmented: &Segmented, features: &[f32]) -> GateReport {
        let (kinds, child) = self.classify(&inputs(segmented));
        let distance = self.distance(features) / f64::from(self.largest_distance[0]);
        let mut reasons = Vec::new();
        let mut refuse = |kind: ReasonKind| reasons.push(Reason::refusal(kind, ReadAs::STORED));
        if segmented.fields.is_empty() {
            refuse(ReasonKind::NoLungs);
        }
        if kinds[0] < f64::from(self.least_frontal[0]) {
            let other =
                (1..KINDS.len()).max_by(|&a, &b| kinds[a].total_cmp(&kinds[b])).unwrap_or(KINDS.len() - 1);
            refuse(KINDS[other].reason());
        }
        if distance > 1.0 {
            refuse(ReasonKind::UnlikeTrainingFilms);
        }
        let doubtful = kinds[0] < f64::from(self.least_frontal[1])
            || distance > f64::from(self.largest_distance[1] / self.largest_distance[0]);
        let accepted = reasons.is_empty();
        GateReport { accepted, doubtful: accepted && doubtful, reasons, frontal: kinds[0], distance, child }
    }
}

impl PictureKind {
    /// Why a film of this kind is refused.
    fn reason(self) -> ReasonKind {
        match self {
            Self::UpsideDown => ReasonKind::UpsideDown,
            Self::Sideways => ReasonKind::Sideways,
            Self::Inverted => ReasonKind::Inverted,
            Self::Cropped => ReasonKind::Cropped,
            Self::Squeezed => ReasonKind::Squeezed,
            Self::Frontal | Self::NotAChestFilm => ReasonKind::NotAChestFilm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lungs::LungFields;

    const SMALL_ON_THE_LEFT: [(usize, usize, usize, usize); 2] = [(16, 32, 16, 32), (80, 32, 32, 64)];

    #[test]
    fn lungs_are_described_by_place_and_not_by_size() {
        let channels: Vec<f32> = (0..CHANNELS).map(|k| k as f32).collect();
        let of = |lungs: &[(usize, usize, usize, usize)]| {
            let fields = LungFields::of_rectangles(lungs, 300, 200);
            inputs(&Segmented { fields, features: channels.clone() })
        };
        let described = of(&SMALL_ON_THE_LEFT);
        assert_eq!(described.len(), INPUTS);
        assert_eq!(described[..CHANNELS], channels);
        // The grid's cells are 16 × 16: the second of the third row is all lung.
        let grid = &described[CHANNELS..CHANNELS + GRID * GRID];
        assert!((grid[2 * GRID + 1] - 1.0).abs() < 1e-5 && grid[2 * GRID + 2] == 0.0, "{grid:?}");
        assert!((grid[5 * GRID + 6] - 1.0).abs() < 1e-5);
        // Area, centre, proportions, and how much of the box is filled.
        let shape = &described[CHANNELS + GRID * GRID..];
        let whole = (SIDE * SIDE) as f32;
        assert_eq!(shape[..5], [512.0 / whole, 24.0 / 128.0, 48.0 / 128.0, 2.0, 1.0]);
        assert_eq!(shape[5..10], [2048.0 / whole, 96.0 / 128.0, 64.0 / 128.0, 2.0, 1.0]);
        assert_eq!(shape[10..12], [1.0, 1.5_f32.ln()]);
        assert_eq!(shape[12], 0.0, "all is sure");
        // A second lung that is not there stays the second.
        let one = of(&SMALL_ON_THE_LEFT[1..]);
        assert_eq!(one[CHANNELS + GRID * GRID + 1], 96.0 / 128.0);
        assert_eq!(one[CHANNELS + GRID * GRID + 5..][..5], [0.0; 5]);
    }

    /// A gate that answers these logits, whatever it sees, and measures the first feature's distance.
    fn gate(kinds: [f32; KINDS.len()], child: f32) -> Gate {
        let mut directions = vec![0.0; DIRECTIONS * FEATURES];
        directions[0] = 1.0;
        let mut centers = vec![100.0; 3 * FEATURES];
        centers[FEATURES] = 0.0;
        Gate {
            mean: vec![0.0; INPUTS],
            deviation: vec![1.0; INPUTS],
            hidden: Linear { weights: vec![0.0; HIDDEN * INPUTS], bias: vec![0.0; HIDDEN] },
            kinds: Linear { weights: vec![0.0; KINDS.len() * HIDDEN], bias: kinds.to_vec() },
            child: Linear { weights: vec![0.0; INPUTS], bias: vec![child] },
            centers,
            directions,
            least_frontal: [0.2, 0.5],
            largest_distance: [10.0, 8.0],
        }
    }

    fn judged(gate: &Gate, lungs: &[(usize, usize, usize, usize)], feature: f32) -> GateReport {
        let segmented =
            Segmented { fields: LungFields::of_rectangles(lungs, 200, 200), features: vec![0.0; CHANNELS] };
        let mut features = vec![0.0; FEATURES];
        features[0] = feature;
        gate.judge(&segmented, &features)
    }

    /// As they stand in JSON.
    fn kinds(report: &GateReport) -> Vec<String> {
        let name = |reason: &Reason| serde_json::to_value(reason.kind).unwrap().as_str().unwrap().to_owned();
        report.reasons.iter().map(name).collect()
    }

    #[test]
    fn each_limit_refuses_or_doubts() {
        // A logit of x against six of 0 is a probability of e^x / (e^x + 6).
        let logit = |p: f32| (6.0 * p / (1.0 - p)).ln();
        // The next likely is the first of the others, by a hair.
        let with = |p: f32| gate([logit(p), 1e-7, 0.0, 0.0, 0.0, 0.0, 0.0], -2.0);
        let lungs = &SMALL_ON_THE_LEFT;
        let good = judged(&with(0.6), lungs, 7.9);
        assert!(good.accepted && !good.doubtful && good.reasons.is_empty(), "{good:?}");
        assert!((good.frontal - 0.6).abs() < 1e-6 && (good.distance - 0.79).abs() < 1e-6, "{good:?}");
        assert!((good.child - 1.0 / (1.0 + 2.0_f64.exp())).abs() < 1e-6);
        for doubtful in [judged(&with(0.4), lungs, 0.0), judged(&with(0.6), lungs, -8.1)] {
            assert!(doubtful.accepted && doubtful.doubtful, "{doubtful:?}");
        }
        let far = judged(&with(0.6), lungs, 10.1);
        assert!(!far.accepted && !far.doubtful);
        assert_eq!(kinds(&far), ["unlike_training_films"]);
        assert_eq!(kinds(&judged(&with(0.6), &[], 0.0)), ["no_lungs"]);
        let both = judged(&with(0.1), &[], 10.1);
        assert_eq!(kinds(&both), ["no_lungs", "upside_down", "unlike_training_films"]);
    }

    #[test]
    fn what_a_film_is_instead_is_named() {
        let names = ["upside_down", "sideways", "inverted", "cropped", "squeezed", "not_a_chest_film"];
        for (k, name) in names.into_iter().enumerate() {
            let mut logits = [0.0; KINDS.len()];
            logits[k + 1] = 5.0;
            let report = judged(&gate(logits, 0.0), &SMALL_ON_THE_LEFT, 0.0);
            assert_eq!(kinds(&report), [name]);
            assert!(!report.reasons[0].message.is_empty());
        }
    }

    #[test]
    fn a_film_with_colour_over_it_is_refused_whatever_else_is_known() {
        let fits = [6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let mut report = judged(&gate(fits, 0.0), &SMALL_ON_THE_LEFT, 0.0);
        assert!(report.accepted);
        report.refuse_color_overlay();
        assert!(!report.accepted && !report.doubtful);
        assert_eq!(kinds(&report), ["color_overlay"]);
        let mut report = judged(&gate([0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.0), &SMALL_ON_THE_LEFT, 0.0);
        report.refuse_color_overlay();
        assert_eq!(kinds(&report), ["color_overlay"], "the rest may follow from it");
    }

    #[test]
    fn several_films_and_cropping_are_one_reason() {
        let turned = gate([0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.0);
        let mut report = judged(&turned, &SMALL_ON_THE_LEFT, 0.0);
        assert!(!report.is_no_film(), "a film that lies wrong is one");
        report.advise_crop();
        assert_eq!(kinds(&report), ["crop_to_film"]);
        assert!(report.is_no_film() && !report.accepted);
        assert!(!report.is_of_several_films());
        report.refuse_several_films();
        assert!(report.is_of_several_films());
        assert_eq!(kinds(&report), ["several_films"], "what is said of them together is no reason");
        let mut report = judged(&gate([6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.0), &SMALL_ON_THE_LEFT, 0.0);
        assert!(report.accepted && !report.is_no_film());
        report.refuse_several_films();
        assert!(!report.accepted);
        assert!(judged(&turned, &[], 0.0).is_no_film());
    }

    #[test]
    fn a_film_that_lies_wrong_may_be_read_otherwise() {
        let judge = |kind: usize| {
            let mut logits = [0.0; KINDS.len()];
            logits[kind] = 6.0;
            judged(&gate(logits, 0.0), &SMALL_ON_THE_LEFT, 0.0)
        };
        let turned = |turns: &[u8]| -> Vec<ReadAs> { turns.iter().map(|&k| ReadAs::turned(k)).collect() };
        let inverted = |ways: Vec<ReadAs>| -> Vec<ReadAs> {
            ways.into_iter().map(|way| ReadAs { inverted: !way.inverted, ..way }).collect()
        };
        let ways = |kind: usize| judge(kind).ways_to_read().map(|(ways, _)| ways);
        let all = [turned(&[1, 2, 3]), inverted(turned(&[0]))].concat();
        let both = inverted(turned(&[1, 2, 3]));
        assert_eq!(ways(0), [vec![], vec![], vec![], vec![]], "what is accepted is read as it is");
        let others = [turned(&[1, 3]), inverted(turned(&[0]))].concat();
        assert_eq!(ways(1), [turned(&[2]), inverted(turned(&[2])), others, inverted(turned(&[1, 3]))]);
        let others = [turned(&[2]), inverted(turned(&[0]))].concat();
        assert_eq!(ways(2), [turned(&[1, 3]), inverted(turned(&[1, 3])), others, inverted(turned(&[2]))]);
        assert_eq!(ways(3), [inverted(turned(&[0])), both.clone(), turned(&[1, 2, 3]), vec![]]);
        for kind in [4, 5, 6] {
            assert_eq!(
                ways(kind),
                [vec![], vec![], all.clone(), both.clone()],
                "what is not known to lie so"
            );
        }

        let advised = |kind: usize, ways: &[ReadAs], read_as: ReadAs| -> Vec<ReadAs> {
            let mut report = judge(kind);
            report.advise_reading(ways, read_as);
            report.reasons[0].remedies.iter().filter_map(|remedy| remedy.read_as).collect()
        };
        assert_eq!(advised(2, &[], ReadAs::STORED), turned(&[1, 3]));
        assert_eq!(advised(2, &turned(&[3]), ReadAs::STORED), turned(&[3]));
        assert_eq!(advised(2, &turned(&[3]), ReadAs::turned(2)), turned(&[1]));
        assert_eq!(advised(3, &[], ReadAs::inverted()), [ReadAs::STORED]);
        assert_eq!(advised(4, &[], ReadAs::STORED), []);
        // What was tried without a suggestion says itself what was wrong.
        for (kind, ways, said) in [
            (4, turned(&[1]), ReasonKind::Sideways),
            (6, turned(&[2]), ReasonKind::UpsideDown),
            (6, inverted(turned(&[3])), ReasonKind::Inverted),
            (2, inverted(turned(&[3])), ReasonKind::Sideways),
            (2, inverted(turned(&[2])), ReasonKind::Inverted),
            (3, turned(&[2]), ReasonKind::UpsideDown),
        ] {
            assert_eq!(advised(kind, &ways, ReadAs::STORED), ways);
            let mut report = judge(kind);
            report.advise_reading(&ways, ReadAs::STORED);
            assert_eq!((report.reasons.len(), report.reasons[0].kind), (1, said));
        }
    }

    /// The inputs reach the answers by way of the hidden layer, standardised and cut off.
    #[test]
    fn the_classifier_is_a_network_of_one_hidden_layer() {
        let mut gate = gate([0.0; KINDS.len()], 0.0);
        (gate.mean[3], gate.deviation[3]) = (1.0, 2.0);
        gate.hidden.weights[5 * INPUTS + 3] = 0.5;
        gate.hidden.bias[5] = 0.25;
        gate.kinds.weights[2 * HIDDEN + 5] = 1.0;
        gate.child.weights[3] = -1.0;
        let answer = |value: f32| {
            let mut inputs = vec![0.0; INPUTS];
            inputs[3] = value;
            gate.classify(&inputs)
        };
        let expected = |hidden: f64| hidden.exp() / (hidden.exp() + 6.0);
        for (value, standard) in [(4.0_f32, 1.5_f64), (99.0, 6.0), (-99.0, -6.0)] {
            let (kinds, child) = answer(value);
            let hidden = (0.5 * standard + 0.25).max(0.0);
            assert!((kinds[2] - expected(hidden)).abs() < 1e-6, "{value}: {kinds:?}");
            assert!((child - 1.0 / (1.0 + standard.exp())).abs() < 1e-6, "{value}: {child}");
            assert!((kinds.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_distance_is_to_the_nearest_class() {
        let gate = gate([0.0; KINDS.len()], 0.0);
        let distance = |feature: f32| {
            let mut features = vec![0.0; FEATURES];
            features[0] = feature;
            gate.distance(&features)
        };
        // Centres lie at 100, 0 and 100.
        assert_eq!([distance(0.0), distance(-3.0), distance(98.0)], [0.0, 3.0, 2.0]);
    }
}
