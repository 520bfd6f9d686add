//! The table of results of every way to train: `models/experiments.json`.

use std::collections::BTreeMap;
use std::path::Path;

use covid_classifier::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::recipe::Run;

/// All recorded runs, sorted by name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Experiments {
    /// One per recipe.
    pub runs: Vec<Run>,
    /// Earlier trials, outside this program.
    #[serde(default)]
    pub explored: Explored,
}

/// Short runs of another program, made to find what is worth a long run. This program cannot repeat them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explored {
    /// What the runs have in common, and which sources were left out.
    pub method: String,
    /// One per way to train.
    pub runs: Vec<ExploredRun>,
}

/// One way to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExploredRun {
    /// How it differs.
    pub what: String,
    /// AUCs of the last weights within the left-out sources: `source: a against b`.
    pub left_out: BTreeMap<String, f64>,
}

impl ExploredRun {
    /// The mean of these AUCs.
    pub fn mean(&self) -> f64 {
        self.left_out.values().sum::<f64>() / self.left_out.len().max(1) as f64
    }
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

/// Adds a run, or replaces the one with its name.
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

    /// Recording a run does not change the earlier trials.
    #[test]
    fn what_was_explored_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("experiments.json");
        let left_out = BTreeMap::from([("a".to_owned(), 0.75), ("b".to_owned(), 0.25)]);
        let explored =
            Explored { method: "short".into(), runs: vec![ExploredRun { what: "larger".into(), left_out }] };
        assert_eq!(explored.runs[0].mean(), 0.5);
        let table = Experiments { runs: Vec::new(), explored: explored.clone() };
        std::fs::write(&path, serde_json::to_string(&table).unwrap()).unwrap();
        let last = Epoch {
            epoch: 1,
            step: 1,
            loss: 0.0,
            validation: BTreeMap::new(),
            left_out: BTreeMap::new(),
            seconds: 0.0,
        };
        record(&path, &Run { recipe: Recipe::default(), last }).unwrap();
        let table = read(&path).unwrap();
        assert_eq!((table.runs.len(), table.explored), (1, explored));
    }

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
