//! What was tried to run the networks, and what came of it.

use serde::{Deserialize, Serialize};

use super::Backend;
use crate::error::{Error, ErrorKind};
use crate::network::{Trouble, TroubleKind};

/// What was tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Attempt {
    /// The back-end; `None` for a name that none has.
    pub backend: Option<Backend>,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// What to branch on, where it was not chosen.
    pub kind: Option<SetbackKind>,
    /// For people, where it was not chosen.
    pub reason: Option<String>,
}

/// What came of an [`Attempt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
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
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Compute"))]
pub struct Choice {
    /// What runs the networks.
    pub backend: Backend,
    /// The graphics adapter, where one is used.
    pub adapter: Option<String>,
    /// In the order of events.
    pub attempts: Vec<Attempt>,
}

/// Why a back-end was not chosen, or was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setback {
    pub(super) kind: SetbackKind,
    pub(super) message: String,
}

/// What to branch on where a back-end was not chosen, or was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SetbackKind {
    /// The known film's answer is not the known answer.
    SelfTest,
    /// Another back-end is faster here.
    Slower,
    /// There is no back-end of this name.
    UnknownName,
    /// What went wrong with a device, or with what it was given.
    #[serde(untagged)]
    Device(TroubleKind),
}

impl Setback {
    pub(super) fn new(kind: SetbackKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl SetbackKind {
    /// Whether the back-end could run, but another is the better choice; otherwise it cannot run here.
    pub(super) fn outcome(self) -> AttemptOutcome {
        match self {
            Self::Device(TroubleKind::SoftwareAdapter) | Self::Slower => AttemptOutcome::PassedOver,
            _ => AttemptOutcome::Failed,
        }
    }
}

impl From<Trouble> for Setback {
    fn from(trouble: Trouble) -> Self {
        Self::new(SetbackKind::Device(trouble.kind), trouble.message)
    }
}

impl From<Error> for Setback {
    fn from(error: Error) -> Self {
        Trouble::from(error).into()
    }
}

impl Attempt {
    pub(super) fn chosen(backend: Backend) -> Self {
        Self { backend: Some(backend), outcome: AttemptOutcome::Chosen, kind: None, reason: None }
    }

    pub(super) fn set_back(backend: Option<Backend>, outcome: AttemptOutcome, setback: Setback) -> Self {
        Self { backend, outcome, kind: Some(setback.kind), reason: Some(setback.message) }
    }
}

/// The error where none of the attempts left a back-end.
pub(super) fn no_backend(attempts: &[Attempt]) -> Error {
    let reasons: Vec<&str> = attempts.iter().filter_map(|attempt| attempt.reason.as_deref()).collect();
    Error::new(ErrorKind::Model, format!("no back-end runs the networks: {}", reasons.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_is_passed_over() {
        let passed_over = [SetbackKind::Slower, SetbackKind::Device(TroubleKind::SoftwareAdapter)];
        assert_eq!(passed_over.map(SetbackKind::outcome), [AttemptOutcome::PassedOver; 2]);
        let failed = [SetbackKind::SelfTest, SetbackKind::Device(TroubleKind::NoAdapter)];
        assert_eq!(failed.map(SetbackKind::outcome), [AttemptOutcome::Failed; 2]);
    }

    /// In JSON a kind is one word, whoever has it.
    #[test]
    fn a_kind_is_a_word() {
        for (kind, word) in [
            (SetbackKind::SelfTest, "self_test"),
            (SetbackKind::UnknownName, "unknown_name"),
            (SetbackKind::Device(TroubleKind::SoftwareAdapter), "software_adapter"),
            (SetbackKind::Device(TroubleKind::OutOfMemory), "out_of_memory"),
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
            assert_eq!(serde_json::from_value::<SetbackKind>(word.into()).unwrap(), kind);
        }
    }
}
