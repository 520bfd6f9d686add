//! The table of what each way to train gave: `models/experiments.json`.

use std::path::Path;

use covid_classifier::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::recipe::Run;

/// All runs that were recorded, in the order of their names.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Experiments {
    /// One per recipe.
    pub runs: Vec<Run>,
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
pub fn record(path: &Path, done: &Run) -> Result<()> {
    let mut table = read(path)?;
    table.runs.retain(|run| run.recipe.name != done.recipe.name);
    table.runs.push(done.clone());
    table.runs.sort_by(|a, b| a.recipe.name.cmp(&b.recipe.name));
    let failed = |error| Error::with_source(ErrorKind::Internal, "cannot write the table", error);
    let json = serde_json::to_string_pretty(&table).map_err(failed)?;
    Ok(std::fs::write(path, json + "\n")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::recipe::{Epoch, Recipe};

    #[test]
    fn a_run_of_the_same_name_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("experiments.json");
        assert!(read(&path).unwrap().runs.is_empty());
        let run = |name: &str, loss| Run {
            recipe: Recipe { name: name.into(), ..Recipe::default() },
            last: Epoch {
                epoch: 1,
                step: 2,
                loss,
                validation: Default::default(),
                left_out: Default::default(),
                seconds: 1.0,
            },
        };
        for run in [run("b", 0.1), run("a", 0.2), run("b", 0.3)] {
            record(&path, &run).unwrap();
        }
        let runs = read(&path).unwrap().runs;
        let names: Vec<(&str, f64)> = runs.iter().map(|run| (&run.recipe.name[..], run.last.loss)).collect();
        assert_eq!(names, [("a", 0.2), ("b", 0.3)]);
        std::fs::write(&path, "{").unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), ErrorKind::Dataset);
    }
}
