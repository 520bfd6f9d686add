//! The table of what each way to train gave: `models/experiments.json`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::training::convnet::Outcome;

/// All runs that were recorded, in the order of their names.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Experiments {
    /// One a run.
    pub runs: Vec<Outcome>,
}

/// Reads the table; an absent file is an empty table.
///
/// # Errors
/// [`ErrorKind::Dataset`] for a file of another form.
pub fn read(path: &Path) -> Result<Experiments> {
    let Ok(bytes) = std::fs::read(path) else { return Ok(Experiments::default()) };
    let failed = |error| Error::with_source(ErrorKind::Dataset, format!("{}", path.display()), error);
    serde_json::from_slice(&bytes).map_err(failed)
}

/// Adds a run, or replaces the one of its name.
///
/// # Errors
/// As [`read`]; [`ErrorKind::Io`] where it cannot be written.
pub fn record(path: &Path, outcome: &Outcome) -> Result<()> {
    let mut table = read(path)?;
    table.runs.retain(|run| run.recipe.name != outcome.recipe.name);
    table.runs.push(outcome.clone());
    table.runs.sort_by(|a, b| a.recipe.name.cmp(&b.recipe.name));
    let failed = |error| Error::with_source(ErrorKind::Internal, "cannot write the table", error);
    let json = serde_json::to_string_pretty(&table).map_err(failed)?;
    Ok(std::fs::write(path, json + "\n")?)
}
