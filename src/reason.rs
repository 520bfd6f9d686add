//! Why a film is not judged, or why no class is named.

use serde::{Deserialize, Serialize};

/// Why a film is refused, or why its verdict is `uncertain`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Reason {
    /// What to branch on.
    pub kind: ReasonKind,
    /// A sentence.
    pub message: String,
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
}

impl Reason {
    pub(crate) fn new(kind: ReasonKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}
