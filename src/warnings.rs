//! What makes a film unlike those that the readers know.

use serde::{Deserialize, Serialize};

use crate::label::Label;
use crate::preprocess::SIDE;
use crate::radiograph::{Color, Format, Hints, Radiograph, Scaled};
use crate::texture::FEATURES;

/// A film further from square than this (longer side over shorter) is warned about.
const MAX_ASPECT_RATIO: f64 = 1.6;

/// A film that is more likely than this a child's is warned about.
const CHILD: f64 = 0.5;

/// Something about a film that makes its reading less trustworthy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Warning {
    /// What to branch on.
    pub kind: WarningKind,
    /// For people.
    pub message: String,
}

/// The kinds of [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningKind {
    /// A side is shorter than 512 px: the features read resolution.
    Upscaled,
    /// The film is far from square: squeezing it to 512 × 512 distorts the texture.
    AspectRatio,
    /// The file has colour: perhaps not a plain radiograph.
    Color,
    /// All pixels are equal.
    Flat,
    /// Many features lie outside the range of the training films.
    OutsideTrainingRange,
    /// The file has several frames or pages; the first was read, of a TIFF the largest page.
    MoreFrames,
    /// The file's values have no fixed black and white, or its window shows none of them; those that occur were spread
    /// from black to white.
    Scaled,
    /// The film seems to be a child's; the evidence is from adults.
    Child,
    /// The readers name different classes.
    ReadersDisagree,
    /// The file's header says that it is no plain X-ray.
    Modality,
    /// The file's header says that it is no frontal view.
    View,
    /// The file's header says that it shows another part of the body.
    BodyPart,
    /// The file's header says that it shows one side of the body.
    Laterality,
    /// The film was turned or mirrored, as the file's header says.
    Turned,
    /// The file's header gives its pixels a shape that no detector has; they were taken for square.
    PixelShape,
    /// The contrast of the film seems to have been enhanced locally, as CLAHE does.
    Enhanced,
    /// The picture is a photograph of a film: of a screen, a light box or a print; or a scan in colour.
    Photograph,
    /// The heart seems to lie on the patient's right: left and right may be exchanged.
    Mirrored,
    /// The browser decoded the file: what it gives has 8 bit, and its own idea of colour.
    DecodedElsewhere,
}

/// What warnings are given for.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The film as it was read: without what surrounds it.
    pub film: &'a Radiograph,
    /// Whether the picture is a photograph of a film, or a scan in colour.
    pub is_photograph: bool,
    /// Whether the contrast seems to have been enhanced locally.
    pub is_enhanced: bool,
    /// Whether the heart seems to lie on the patient's right.
    pub is_mirrored: bool,
    /// How likely it is a child's, 0…1.
    pub child: f64,
    /// What the texture reader alone would say.
    pub texture: Label,
    /// What the convnet reader alone would say.
    pub convnet: Label,
    /// How many of the features lie outside the range of the training films…
    pub features_outside: usize,
    /// … and how many may.
    pub features_outside_limit: usize,
}

/// The warnings for one film, in the order in which they are shown: first that it may be no single frontal chest film.
pub fn warnings(of: Circumstances<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |kind, message: String| warnings.push(Warning { kind, message });
    let Circumstances { film, is_photograph, is_enhanced, is_mirrored, child, .. } = of;
    let Circumstances { texture, convnet, features_outside, features_outside_limit, .. } = of;
    let (width, height) = (film.width, film.height);
    let (low, high) = film.samples.range();
    if low == high {
        warn(WarningKind::Flat, "All pixels of this film are equal; there is nothing to read.".into());
    }
    let Hints { modality, is_not_frontal, is_not_chest, is_one_side, is_child, was_turned, has_odd_pixels } =
        film.provenance.hints;
    if let Some(modality) = modality {
        let message =
            format!("The file says that this is {modality}; the readers know plain chest X-rays only.");
        warn(WarningKind::Modality, message);
    }
    if is_not_frontal {
        let message = "The file says that this is not a frontal view; the readers know frontal films only.";
        warn(WarningKind::View, message.into());
    }
    if is_not_chest {
        let message = "The file says that this does not show the chest.";
        warn(WarningKind::BodyPart, message.into());
    }
    if is_one_side {
        let message = "The file says that this shows one side of the body; a chest film shows both.";
        warn(WarningKind::Laterality, message.into());
    }
    if was_turned {
        let message = "This film was turned or mirrored, as the file says. If it said wrong, left and right are exchanged.";
        warn(WarningKind::Turned, message.into());
    }
    if has_odd_pixels {
        let message = "The file says that its pixels have a shape that no detector's have; they were taken for square. If the \
                       film looks stretched, export it as PNG from a viewer.";
        warn(WarningKind::PixelShape, message.into());
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
    if is_photograph {
        let message = "This seems to be a photograph of a screen, a light box or a print, or a scan in colour. Perspective, \
                       glare and screen pattern are not undone and may change the answer: export the film itself.";
        warn(WarningKind::Photograph, message.into());
    }
    if is_enhanced {
        let message = "The contrast of this film seems to have been enhanced locally (CLAHE, for example). That makes lungs \
                       look more diseased to the convnet reader, so that COVID-19 alone is not named: export the film \
                       without it.";
        warn(WarningKind::Enhanced, message.into());
    }
    if film.provenance.format.is_foreign() {
        let name = film.provenance.format.name();
        let message = format!(
            "The browser decoded this file ({name}), and may have changed its greys. A DICOM, PNG or TIFF file of this film \
             is read without that."
        );
        warn(WarningKind::DecodedElsewhere, message);
    }
    if film.provenance.has_more_frames {
        let message = match film.provenance.format {
            Format::Dicom => "This file has several frames; only the first was read.",
            Format::Tiff => "This file has several pages; only the largest was read.",
            _ => "This file is animated; only its first picture was read.",
        };
        warn(WarningKind::MoreFrames, message.into());
    }
    if let Some(scaled) = film.provenance.scaled {
        let message = match scaled {
            Scaled::OutsideWindows => {
                "The window in this file would show nothing of its values; the least value that occurs was taken for black, \
                 the greatest for white."
            }
            Scaled::NoLevels => {
                "The values in this file (floating point, signed or 32 bit) have no fixed black and white; the least that \
                 occurs was taken for black, the greatest for white."
            }
        };
        warn(WarningKind::Scaled, message.into());
    }
    if is_mirrored {
        let message = "The heart seems to lie on the patient's right: left and right of this film may be exchanged. Compare \
                       with the film's side marker.";
        warn(WarningKind::Mirrored, message.into());
    }
    if child > CHILD || is_child {
        let message =
            "This seems to be a child's film. What is known of the verdict's worth comes from adults.";
        warn(WarningKind::Child, message.into());
    }
    if texture != convnet {
        let message = format!(
            "The readers disagree: the paper's reader says {}, the convnet reader {}.",
            texture.noun(),
            convnet.noun()
        );
        warn(WarningKind::ReadersDisagree, message);
    }
    if features_outside > features_outside_limit {
        let message = format!(
            "{features_outside} of the {FEATURES} features lie outside the range of the training films: this \
                 film is unlike those that the texture reader knows."
        );
        warn(WarningKind::OutsideTrainingRange, message);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radiograph::Samples;

    fn film(width: usize, height: usize) -> Radiograph {
        let samples = (0..width * height).map(|k| (k % 251) as u8).collect();
        Radiograph::drawn(width, height, Samples::U8(samples))
    }

    /// A film like those of the training.
    fn usual(film: &Radiograph) -> Circumstances<'_> {
        Circumstances {
            film,
            is_photograph: false,
            is_enhanced: false,
            is_mirrored: false,
            child: 0.5,
            texture: Label::Normal,
            convnet: Label::Normal,
            features_outside: 30,
            features_outside_limit: 30,
        }
    }

    /// The warnings for such a film, changed in one way.
    fn kinds(film: &Radiograph, change: impl FnOnce(&mut Circumstances<'_>)) -> Vec<WarningKind> {
        let mut of = usual(film);
        change(&mut of);
        let warnings = warnings(of);
        assert!(warnings.iter().all(|warning| warning.message.len() > 20));
        warnings.into_iter().map(|warning| warning.kind).collect()
    }

    #[test]
    fn each_warning_has_its_reason_and_no_other() {
        let usual = film(512, 800);
        assert_eq!(kinds(&usual, |_| ()), []);
        assert_eq!(kinds(&usual, |of| of.child = 0.51), [WarningKind::Child]);
        assert_eq!(kinds(&usual, |of| of.is_photograph = true), [WarningKind::Photograph]);
        assert_eq!(kinds(&usual, |of| of.is_enhanced = true), [WarningKind::Enhanced]);
        assert_eq!(kinds(&usual, |of| of.is_mirrored = true), [WarningKind::Mirrored]);
        assert_eq!(kinds(&usual, |of| of.texture = Label::Covid19), [WarningKind::ReadersDisagree]);
        assert_eq!(kinds(&usual, |of| of.convnet = Label::Pneumonia), [WarningKind::ReadersDisagree]);
        assert_eq!(kinds(&usual, |of| of.features_outside = 31), [WarningKind::OutsideTrainingRange]);
    }

    #[test]
    fn size_and_proportions_have_limits() {
        let of = |width, height| kinds(&film(width, height), |_| ());
        assert_eq!((of(512, 819), of(819, 512)), (vec![], vec![]));
        assert_eq!(of(512, 821), [WarningKind::AspectRatio]);
        assert_eq!(of(821, 512), [WarningKind::AspectRatio]);
        assert_eq!(of(511, 800), [WarningKind::Upscaled]);
        assert_eq!(of(800, 511), [WarningKind::Upscaled]);
    }

    #[test]
    fn what_the_file_was_counts() {
        for (color, expected) in [
            (Color::Gray8, vec![]),
            (Color::Gray16, vec![]),
            (Color::Color8, vec![WarningKind::Color]),
            (Color::Color16, vec![WarningKind::Color]),
        ] {
            let mut film = film(600, 600);
            film.provenance.color = color;
            assert_eq!(kinds(&film, |_| ()), expected);
        }
        for (format, expected) in [
            (Format::Dicom, vec![]),
            (Format::Gif, vec![WarningKind::DecodedElsewhere]),
            (Format::Heic, vec![WarningKind::DecodedElsewhere]),
        ] {
            let mut film = film(600, 600);
            film.provenance.format = format;
            assert_eq!(kinds(&film, |_| ()), expected);
        }
        for (format, word) in [(Format::Dicom, "frames"), (Format::Tiff, "pages"), (Format::Png, "animated")]
        {
            let mut of_several = film(600, 600);
            of_several.provenance.has_more_frames = true;
            of_several.provenance.format = format;
            assert_eq!(kinds(&of_several, |_| ()), [WarningKind::MoreFrames]);
            let [warning] = &warnings(usual(&of_several))[..] else { panic!("{format:?}") };
            assert!(warning.message.contains(word), "{}", warning.message);
        }
        let said = |hints: Hints| {
            let mut film = film(600, 600);
            film.provenance.hints = hints;
            kinds(&film, |_| ())
        };
        let none = Hints::default();
        assert_eq!(said(none), []);
        assert_eq!(said(Hints { modality: Some("a CT"), ..none }), [WarningKind::Modality]);
        assert_eq!(said(Hints { is_not_frontal: true, ..none }), [WarningKind::View]);
        assert_eq!(said(Hints { is_not_chest: true, ..none }), [WarningKind::BodyPart]);
        assert_eq!(said(Hints { is_one_side: true, ..none }), [WarningKind::Laterality]);
        assert_eq!(said(Hints { was_turned: true, ..none }), [WarningKind::Turned]);
        assert_eq!(said(Hints { has_odd_pixels: true, ..none }), [WarningKind::PixelShape]);
        assert_eq!(said(Hints { is_child: true, ..none }), [WarningKind::Child]);
        let mut scaled = film(600, 600);
        scaled.provenance.scaled = Some(Scaled::NoLevels);
        assert_eq!(kinds(&scaled, |_| ()), [WarningKind::Scaled]);
        let spread = &warnings(usual(&scaled))[0].message;
        scaled.provenance.scaled = Some(Scaled::OutsideWindows);
        let outside = &warnings(usual(&scaled))[0].message;
        assert!(spread.contains("floating point") && outside.contains("window"), "{spread} {outside}");
        let flat = Radiograph::drawn(600, 600, Samples::U8(vec![7; 360_000]));
        assert_eq!(kinds(&flat, |_| ()), [WarningKind::Flat]);
    }
}
