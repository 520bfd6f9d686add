//! Ways to train the convnet reader, and the results of each.

use std::collections::{BTreeMap, HashSet};

use covid_classifier::convnet::CELL;
use covid_classifier::{Error, ErrorKind, Label, Result};
use serde::{Deserialize, Serialize};

use crate::crops::View;
use crate::dataset::{Film, Finding, Split};

/// Sources that are left out together, because they share a hospital or an origin.
pub const FOLDS: [&[&str]; 5] =
    [&["siim"], &["radiography", "nih", "nih2"], &["cohen", "cxnet"], &["kermany"], &["shenzhen", "quex"]];

/// The sources that are left out together with `source`: those of its fold, or only itself.
pub fn left_out_with(source: &str) -> Vec<&str> {
    let fold = FOLDS.into_iter().find(|fold| fold.contains(&source));
    fold.map_or_else(|| vec![source], <[&str]>::to_vec)
}

/// The most tiles that CLAHE has per side of a crop…
pub const TILES: usize = 9;
/// … and in the last cycle of a recipe that sets how many films are enhanced there.
const FINER_TILES: usize = 16;

/// One way to train; the default ships.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Its name in the table of experiments.
    pub name: String,
    /// The part of a film that the network sees.
    pub view: View,
    /// Rows and columns of the input.
    pub side: usize,
    /// Number of batches of 32 films.
    pub steps: usize,
    /// How many times the learning rate rises and falls. A finished run can continue for more cycles.
    #[serde(default = "one")]
    pub cycles: usize,
    /// The share of the loss that is within the source; the rest is over all classes.
    pub within_source: f64,
    /// The strength of the source classifier's reversed gradient; 0 for no adversary.
    pub adversary: f64,
    /// Sources that are left out.
    pub without: Vec<String>,
    /// The seed of initialisation, order and augmentation.
    pub seed: u64,
    /// The class that a panel's *indeterminate appearance* trains; with `None` only that the film is not normal.
    pub indeterminate: Option<Label>,
    /// The same for *atypical appearance*.
    pub atypical: Option<Label>,
    /// The weight of films without a class, which only count as not normal; 0 leaves them out.
    pub beyond: f64,
    /// The share of films whose contrast is enhanced.
    pub enhanced: f64,
    /// The same in the last cycle, where CLAHE also has finer tiles; with `None` as in the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enhanced_last: Option<f64>,
    /// The share of films with marks and devices drawn on them.
    pub marked: f64,
    /// Within a class, a source of n films is drawn with a frequency proportional to n to this power: with 0 a dozen
    /// films would be drawn as often as thousands, with 1 hardly ever.
    pub source_power: f64,
    /// The share of steps, at the beginning of every cycle, whose crops have three quarters of the side: they cost
    /// half.
    #[serde(default)]
    pub small_first: f64,
}

fn one() -> usize {
    1
}

impl Recipe {
    /// Steps in which the learning rate rises and falls once.
    pub fn cycle(&self) -> usize {
        self.steps.div_ceil(self.cycles.max(1)).max(1)
    }

    /// Whether the first `step` steps of `other` are the same as those of this recipe.
    pub fn goes_on_from(&self, other: &Self, step: usize) -> bool {
        let lengthened = Self {
            steps: self.steps,
            cycles: self.cycles,
            enhanced_last: self.enhanced_last,
            ..other.clone()
        };
        let same = lengthened == *self
            && (0..step)
                .step_by(self.cycle())
                .all(|done| self.enhancement_at(done) == other.enhancement_at(done));
        same && self.cycle() == other.cycle() && self.steps >= other.steps && step <= self.steps
    }

    /// The share of films whose contrast is enhanced at a step, and the most tiles that CLAHE has per side.
    pub fn enhancement_at(&self, step: usize) -> (f64, usize) {
        match self.enhanced_last {
            Some(share) if step / self.cycle() + 1 >= self.cycles => (share, FINER_TILES),
            _ => (self.enhanced, TILES),
        }
    }

    /// Rows and columns of the input at a step.
    pub fn side_at(&self, step: usize) -> usize {
        let cycle = self.cycle();
        match ((step % cycle) as f64) < self.small_first * cycle as f64 {
            true => (self.side * 3 / 4).next_multiple_of(CELL),
            false => self.side,
        }
    }

    /// The same recipe without each of [`FOLDS`].
    pub fn folds(&self) -> Vec<Self> {
        let one = |fold: &&[&str]| Self {
            name: format!("{}-without-{}", self.name, fold[0]),
            without: fold.iter().map(|source| (*source).to_owned()).collect(),
            ..self.clone()
        };
        FOLDS.iter().map(one).collect()
    }

    /// The recipes of [`folds`](Self::folds) that leave out one of `sources`; all of them if `sources` is empty.
    ///
    /// # Errors
    /// [`ErrorKind::Dataset`] for a source that no fold leaves out.
    pub fn folds_of(&self, sources: &[String]) -> Result<Vec<Self>> {
        if let Some(other) =
            sources.iter().find(|source| !FOLDS.iter().any(|fold| fold.contains(&&source[..])))
        {
            let known = FOLDS.concat().join(", ");
            return Err(Error::new(
                ErrorKind::Dataset,
                format!("no fold leaves out {other}; there are {known}"),
            ));
        }
        let asked =
            |recipe: &Self| sources.is_empty() || recipe.without.iter().any(|it| sources.contains(it));
        Ok(self.folds().into_iter().filter(asked).collect())
    }

    /// The same recipe for each of `sides`. It keeps its name for a single side; several are named `NAME-SIDE`.
    pub fn sides(&self, sides: &[usize]) -> Vec<Self> {
        let name = |side: usize| match sides {
            [_] => self.name.clone(),
            _ => format!("{}-{side}", self.name),
        };
        sides.iter().map(|&side| Self { name: name(side), side, ..self.clone() }).collect()
    }

    /// Whether a film trains or validates: neither its source nor another one with the same picture is left out.
    pub fn keeps(&self, film: &Film) -> bool {
        let left_out = |source: &String| self.without.contains(source);
        !left_out(&film.source) && !film.also_in.as_ref().is_some_and(left_out)
    }

    /// Marks the films that the network has never seen: their source is left out, they are not `external`, and neither
    /// the same picture nor another film of the patient is used in training.
    pub fn unseen(&self, films: &[&Film]) -> Vec<bool> {
        let trains = |film: &&&Film| film.split == Split::Train && self.keeps(film);
        let trained: HashSet<&str> =
            films.iter().filter(trains).map(|film| &film.patient_group[..]).collect();
        let unseen = |film: &&Film| {
            self.without.contains(&film.source)
                && film.also_in.as_ref().is_none_or(|source| self.without.contains(source))
                && film.split != Split::External
                && !trained.contains(&film.patient_group[..])
        };
        films.iter().map(unseen).collect()
    }

    /// The class that a film trains; `None` for one that is only known to be not normal.
    pub fn class(&self, finding: Finding) -> Option<Label> {
        match finding {
            Finding::Indeterminate => self.indeterminate,
            Finding::Atypical => self.atypical,
            other => other.label(),
        }
    }
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: "convnet".into(),
            view: View::Lungs,
            side: 128,
            steps: 18000,
            cycles: 2,
            within_source: 0.0,
            adversary: 0.0,
            without: Vec::new(),
            seed: 1,
            indeterminate: Some(Label::Covid19),
            atypical: Some(Label::Pneumonia),
            beyond: 0.5,
            enhanced: 0.25,
            enhanced_last: None,
            marked: 0.3,
            source_power: 0.25,
            small_first: 0.6,
        }
    }
}

/// One validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// Number of steps so far.
    pub step: usize,
    /// Mean training loss since the last validation.
    pub loss: f64,
    /// AUCs of the rounded average weights within every source of `val`, for every pair of its findings.
    pub validation: BTreeMap<String, f64>,
    /// The same for all films of the left-out sources; only at the end.
    #[serde(default)]
    pub left_out: BTreeMap<String, f64>,
    /// Seconds since the start.
    pub seconds: f64,
}

impl Epoch {
    /// The mean AUC on left-out sources, by which recipes are compared.
    pub fn mean_left_out(&self) -> Option<f64> {
        let count = self.left_out.len();
        (count > 0).then(|| self.left_out.values().sum::<f64>() / count as f64)
    }
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The recipe of the run.
    pub recipe: Recipe,
    /// The last epoch, whose weights are kept: `val` chooses nothing.
    #[serde(alias = "best")]
    pub last: Epoch,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crops::tests::phantom;

    #[test]
    fn a_recipe_says_what_a_panels_reading_trains() {
        let recipe = Recipe { atypical: None, ..Recipe::default() };
        let class = |finding| recipe.class(finding);
        assert_eq!(class(Finding::Indeterminate), Some(Label::Covid19));
        assert_eq!((class(Finding::Atypical), class(Finding::Tuberculosis)), (None, None));
        assert_eq!(class(Finding::Pneumonia), Some(Label::Pneumonia));
    }

    #[test]
    fn every_source_is_left_out_once() {
        let folds = Recipe::default().folds();
        let mut sources: Vec<&String> = folds.iter().flat_map(|recipe| &recipe.without).collect();
        sources.sort();
        let all = ["cohen", "cxnet", "kermany", "nih", "nih2", "quex", "radiography", "shenzhen", "siim"];
        assert_eq!(sources, all);
        assert_eq!(left_out_with("nih2"), ["radiography", "nih", "nih2"]);
        assert_eq!(left_out_with("elsewhere"), ["elsewhere"]);
        assert_eq!(folds[1].name, "convnet-without-radiography");
    }

    #[test]
    fn some_folds_and_several_sides_can_be_asked_for() {
        let recipe = Recipe::default();
        let names = |sources: &[&str]| -> Vec<String> {
            let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
            recipe.folds_of(&sources).unwrap().into_iter().map(|fold| fold.name).collect()
        };
        assert_eq!(names(&["nih2", "siim"]), ["convnet-without-siim", "convnet-without-radiography"]);
        assert_eq!(names(&[]).len(), FOLDS.len());
        let error = recipe.folds_of(&["peru".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("peru") && error.to_string().contains("siim"), "{error}");
        let sides = |sides: &[usize]| -> Vec<(String, usize)> {
            recipe.sides(sides).into_iter().map(|recipe| (recipe.name, recipe.side)).collect()
        };
        assert_eq!(sides(&[160]), [("convnet".to_owned(), 160)]);
        let named = |side: usize| (format!("convnet-{side}"), side);
        assert_eq!(sides(&[128, 192]), [named(128), named(192)]);
    }

    #[test]
    fn a_film_left_out_shares_no_patient_and_no_picture_with_those_that_train() {
        let film = |source: &str, patient: &str, split, also_in: Option<&str>| Film {
            patient_group: patient.into(),
            also_in: also_in.map(str::to_owned),
            ..phantom(source, Label::Normal, split, 1).about
        };
        let films = [
            film("siim", "alone", Split::Train, None),
            film("siim", "alone in val", Split::Val, None),
            film("siim", "in both", Split::Train, None),
            film("siim", "of val elsewhere", Split::Train, None),
            film("siim", "reported", Split::External, None),
            film("nih", "in both", Split::Train, None),
            film("nih", "of val elsewhere", Split::Val, None),
            film("radiography", "same picture", Split::Train, Some("siim")),
        ];
        let films: Vec<&Film> = films.iter().collect();
        let without = |sources: &[&str]| Recipe {
            without: sources.iter().map(|source| (*source).to_owned()).collect(),
            ..Recipe::default()
        };
        let siim = without(&["siim"]);
        assert_eq!(siim.unseen(&films), [true, true, false, true, false, false, false, false]);
        let kept = |recipe: &Recipe| films.iter().map(|film| recipe.keeps(film)).collect::<Vec<_>>();
        assert_eq!(
            kept(&siim),
            [false, false, false, false, false, true, true, false],
            "nor does the same picture train"
        );
        assert_eq!(without(&["radiography"]).unseen(&films), [false; 8], "its picture trains as siim's");
        let both = without(&["siim", "radiography"]);
        assert_eq!(both.unseen(&films), [true, true, false, true, false, false, false, true]);
    }

    #[test]
    fn a_recipe_goes_on_for_more_cycles_of_the_same_length() {
        let once = Recipe { steps: 3000, cycles: 1, ..Recipe::default() };
        let twice = Recipe { steps: 6000, cycles: 2, ..once.clone() };
        assert!(twice.goes_on_from(&once, 3000) && twice.goes_on_from(&twice, 4000));
        assert!(!once.goes_on_from(&twice, 4000), "it has gone further");
        assert!(!twice.goes_on_from(&Recipe { steps: 6000, ..once.clone() }, 3000), "its cycle is longer");
        assert!(!once.goes_on_from(&twice, 3000), "it would have gone further");
        assert!(!twice.goes_on_from(&Recipe { seed: 2, ..once.clone() }, 3000), "it is another recipe");
        let finer = Recipe { enhanced_last: Some(0.5), ..twice.clone() };
        assert!(finer.goes_on_from(&once, 3000), "only the cycle that follows is enhanced more");
        let thrice = Recipe { steps: 9000, cycles: 3, ..finer.clone() };
        assert!(!thrice.goes_on_from(&finer, 6000), "its second cycle is not enhanced more");
        let of = |recipe: &Recipe| [0, 2999, 3000, 5999].map(|step| recipe.enhancement_at(step));
        assert_eq!(of(&finer), [(0.25, 9), (0.25, 9), (0.5, 16), (0.5, 16)]);
        assert_eq!(of(&twice), [(0.25, 9); 4]);
    }

    #[test]
    fn crops_grow_on_the_way() {
        let recipe = Recipe { side: 128, steps: 10, cycles: 1, small_first: 0.6, ..Recipe::default() };
        let sides: Vec<usize> = (0..10).map(|step| recipe.side_at(step)).collect();
        assert_eq!(sides, [96, 96, 96, 96, 96, 96, 128, 128, 128, 128]);
        let twice = Recipe { steps: 20, cycles: 2, ..recipe.clone() };
        assert_eq!([0, 9, 10, 16].map(|step| twice.side_at(step)), [96, 128, 96, 128]);
        assert_eq!(Recipe { small_first: 0.0, ..recipe }.side_at(0), 128);
    }

    #[test]
    fn recipes_are_compared_by_sources_left_out() {
        let left_out = BTreeMap::from([("a".to_owned(), 0.7), ("b".to_owned(), 0.9)]);
        let validation = BTreeMap::from([("c".to_owned(), 0.1)]);
        let epoch = Epoch { epoch: 1, step: 1, loss: 0.0, validation, left_out, seconds: 0.0 };
        assert!((epoch.mean_left_out().unwrap() - 0.8).abs() < 1e-12);
        assert_eq!(Epoch { left_out: BTreeMap::new(), ..epoch }.mean_left_out(), None);
    }
}
