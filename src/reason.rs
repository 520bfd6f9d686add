//! Why a film is not judged, or why no class is named.

use serde::{Deserialize, Serialize};

use crate::radiograph::ReadAs;

/// Why a film is refused, or why its verdict is `uncertain`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Reason {
    /// What to branch on.
    pub kind: ReasonKind,
    /// What was seen; of a refusal also what to do.
    pub message: String,
    /// What to do about a refusal, the most promising first. Empty where a verdict is uncertain.
    #[serde(default)]
    pub remedies: Vec<Remedy>,
}

/// What to do about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Remedy {
    /// What to branch on.
    pub kind: RemedyKind,
    /// With `read_as`: how the file is to be read, whatever was altered before. `None` otherwise.
    pub read_as: Option<ReadAs>,
}

/// The kinds of [`Remedy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RemedyKind {
    /// Read the same file turned, mirrored or inverted.
    ReadAs,
    /// Crop the picture to one film.
    Crop,
    /// Export the film anew: all of it, plain, in its own proportions.
    Export,
    /// Take another film: a frontal view of the chest.
    OtherFilm,
}

/// The kinds of [`Reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasonKind {
    /// Refused: no lungs were found.
    NoLungs,
    /// Refused: the film seems to be turned by half a turn.
    UpsideDown,
    /// Refused: the film seems to be turned by a quarter.
    Sideways,
    /// Refused: the film seems to be bright where films are dark.
    Inverted,
    /// Refused: the film seems to be a part of one.
    Cropped,
    /// Refused: the film does not have the proportions of a frontal view.
    Squeezed,
    /// Refused: the picture does not look like a chest film.
    NotAChestFilm,
    /// Refused: the convnet reader's features are far from those of all training films.
    UnlikeTrainingFilms,
    /// Refused: colour is laid over the film, as a heat map or false colour.
    ColorOverlay,
    /// Refused: several films lie beside each other.
    SeveralFilms,
    /// Refused: the picture holds more than a film, and no film that can be read was found in it.
    CropToFilm,
    /// Uncertain: no class is probable enough.
    EmptySet,
    /// Uncertain: several classes are probable.
    SeveralClasses,
    /// Uncertain: the two readers contradict each other strongly.
    ReadersContradict,
    /// Uncertain: the film is near the gate's limit.
    DoubtfulFilm,
    /// Uncertain: COVID-19 alone would be named, but the contrast of the film seems to have been enhanced locally.
    Enhanced,
}

impl Reason {
    /// A reason for which nothing can be done.
    pub(crate) fn new(kind: ReasonKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), remedies: Vec::new() }
    }

    /// A reason to refuse a film that is read as `read_as` says: what was seen, and what to do about it.
    pub(crate) fn refusal(kind: ReasonKind, read_as: ReadAs) -> Self {
        use ReasonKind::*;
        let inverted = ReadAs::inverted();
        match kind {
            UpsideDown => Self::altered(kind, &[read_as.then(ReadAs::turned(2))]),
            Sideways => Self::altered(kind, &[1, 3].map(|turns| read_as.then(ReadAs::turned(turns)))),
            Inverted => Self::altered(kind, &[read_as.then(inverted)]),
            _ => {
                let (advice, remedies) = kind.advice();
                let remedies = remedies.iter().map(|&kind| Remedy { kind, read_as: None }).collect();
                Self { kind, message: format!("{} {advice}", kind.seen()), remedies }
            }
        }
    }

    /// A reason that goes away where the file is read in one of these ways.
    pub(crate) fn altered(kind: ReasonKind, ways: &[ReadAs]) -> Self {
        let words: Vec<String> = ways.iter().map(|way| words(*way)).collect();
        let message = format!("{} Read it {}.", kind.seen(), words.join(", or "));
        let remedy = |way: &ReadAs| Remedy { kind: RemedyKind::ReadAs, read_as: Some(way.normalized()) };
        Self { kind, message, remedies: ways.iter().map(remedy).collect() }
    }
}

/// For example "turned by 90° clockwise and inverted".
fn words(read_as: ReadAs) -> String {
    let ReadAs { quarter_turns, mirrored, inverted } = read_as.normalized();
    let turned = match quarter_turns {
        0 => None,
        2 => Some("turned by 180°"),
        1 => Some("turned by 90° clockwise"),
        _ => Some("turned by 270° clockwise"),
    };
    let parts = [turned, mirrored.then_some("mirrored"), inverted.then_some("inverted")];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "as it is stored".into() } else { parts.join(" and ") }
}

impl ReasonKind {
    /// What was seen of a film that is refused; empty for what makes a verdict uncertain.
    fn seen(self) -> &'static str {
        match self {
            Self::NoLungs => "No lungs were found in this picture.",
            Self::UpsideDown => "This film seems to be upside down.",
            Self::Sideways => "This film seems to lie on its side.",
            Self::Inverted => "This film seems to be inverted: bright where films are dark.",
            Self::Cropped => "This seems to be a part of a chest film.",
            Self::Squeezed => {
                "This picture does not have the proportions of a frontal view; a lateral view is not judged."
            }
            Self::NotAChestFilm => "This does not look like a frontal chest radiograph.",
            Self::UnlikeTrainingFilms => {
                "What the convnet reader sees here is unlike all films that it was trained on."
            }
            Self::ColorOverlay => "Colour is laid over this film, as a heat map or false colour.",
            Self::SeveralFilms => "Several films lie on this picture.",
            Self::CropToFilm => "This picture holds more than a film, or none.",
            Self::EmptySet
            | Self::SeveralClasses
            | Self::ReadersContradict
            | Self::DoubtfulFilm
            | Self::Enhanced => "",
        }
    }

    /// What to do about a refusal that no way of reading the same file mends.
    fn advice(self) -> (&'static str, &'static [RemedyKind]) {
        use RemedyKind::{Crop, Export, OtherFilm};
        match self {
            Self::NoLungs | Self::NotAChestFilm => {
                ("Drop a frontal chest film, or crop the picture to the film on it.", &[OtherFilm, Crop])
            }
            Self::Cropped => ("Drop the whole film, with both lungs on it.", &[Export]),
            Self::Squeezed => ("Drop the frontal film, in its own proportions.", &[OtherFilm, Export]),
            Self::UnlikeTrainingFilms => {
                ("Export the film anew, plain and unfiltered, as DICOM or 16-bit PNG.", &[Export])
            }
            Self::ColorOverlay => ("Drop the plain film.", &[Export]),
            Self::SeveralFilms => ("Drop each one by itself.", &[Crop]),
            Self::CropToFilm => ("Crop it to the film.", &[Crop]),
            _ => ("", &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSALS: [ReasonKind; 11] = [
        ReasonKind::NoLungs,
        ReasonKind::UpsideDown,
        ReasonKind::Sideways,
        ReasonKind::Inverted,
        ReasonKind::Cropped,
        ReasonKind::Squeezed,
        ReasonKind::NotAChestFilm,
        ReasonKind::UnlikeTrainingFilms,
        ReasonKind::ColorOverlay,
        ReasonKind::SeveralFilms,
        ReasonKind::CropToFilm,
    ];

    /// The last sentence is what to do: it begins with a verb.
    #[test]
    fn every_refusal_says_what_was_seen_and_what_to_do() {
        for kind in REFUSALS {
            let reason = Reason::refusal(kind, ReadAs::STORED);
            assert!(!reason.remedies.is_empty(), "{kind:?}");
            let (seen, advice) = reason.message.trim_end_matches('.').rsplit_once(". ").unwrap();
            assert!(seen.len() > 20, "{reason:?}");
            let verb = advice.split(' ').next().unwrap();
            assert!(["Read", "Drop", "Crop", "Export"].contains(&verb), "{reason:?}");
            for remedy in &reason.remedies {
                assert_eq!(remedy.kind == RemedyKind::ReadAs, remedy.read_as.is_some());
            }
        }
    }

    #[test]
    fn a_remedy_is_for_the_file_however_it_is_read_now() {
        let ways = |kind, read_as| -> Vec<ReadAs> {
            Reason::refusal(kind, read_as).remedies.iter().filter_map(|remedy| remedy.read_as).collect()
        };
        assert_eq!(ways(ReasonKind::Sideways, ReadAs::STORED), [1, 3].map(ReadAs::turned));
        assert_eq!(ways(ReasonKind::UpsideDown, ReadAs::turned(1)), [ReadAs::turned(3)]);
        // Who inverted a film that needed it not is told to leave it.
        let reason = Reason::refusal(ReasonKind::Inverted, ReadAs::inverted());
        assert_eq!(reason.remedies[0].read_as, Some(ReadAs::STORED));
        assert!(reason.message.ends_with("Read it as it is stored."), "{}", reason.message);
        let both = ReadAs { quarter_turns: 3, mirrored: false, inverted: true };
        let message = Reason::altered(ReasonKind::Sideways, &[both, ReadAs::turned(1)]).message;
        let end = "Read it turned by 270° clockwise and inverted, or turned by 90° clockwise.";
        assert!(message.ends_with(end), "{message}");
    }

    /// Reasons of earlier versions have no remedies.
    #[test]
    fn earlier_reasons_are_read() {
        let json = r#"{"kind": "empty_set", "message": "No class."}"#;
        assert_eq!(
            serde_json::from_str::<Reason>(json).unwrap(),
            Reason::new(ReasonKind::EmptySet, "No class.")
        );
    }
}
