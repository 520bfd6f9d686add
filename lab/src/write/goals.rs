//! The goals for hospitals that the verdict never saw, and whether they are met.

use std::fmt::Write;

use covid_classifier::Label::{self, Covid19, Normal, Pneumonia};
use covid_classifier::statistics::{Estimate, wilson};
use covid_classifier::validation::Reader;

use super::hospitals::place;
use super::numbers::{area, number, share};
use crate::evidence::Evidence;
use crate::evidence::gate::Trial;
use crate::evidence::hospitals::{Hospital, Kept, LEAST};
use crate::evidence::verdict::title;
use crate::train::gate::CHILDREN;

/// The share of films whose class the prediction set is meant to hold, at each hospital.
pub(super) const COVERED: f64 = 0.9;
/// The most that the mean calibration error of the sources left out may be.
pub(super) const ERROR_LEFT_OUT: f64 = 0.05;
/// The most that the calibration error of an external source may be.
pub(super) const ERROR_EXTERNAL: f64 = 0.08;

/// The bound that a figure should keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }

    /// How far a value is beyond the bound; negative on the right side.
    fn beyond(self, value: f64) -> f64 {
        match self {
            Self::AtLeast(bound) => bound - value,
            Self::AtMost(bound) => value - bound,
        }
    }
}

/// The kind of a figure, which decides how it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    Share,
    Area,
    /// A calibration error.
    Error,
    /// A mean Dice coefficient, which has no interval.
    Dice,
}

impl Scale {
    fn write(self, estimate: &Estimate) -> String {
        match self {
            Self::Share => share(estimate),
            Self::Area | Self::Error => area(estimate),
            Self::Dice => number(estimate.value),
        }
    }

    fn bound(self, bound: Bound) -> String {
        let (sign, value) = match bound {
            Bound::AtLeast(value) => ("≥", value),
            Bound::AtMost(value) => ("≤", value),
        };
        if self == Self::Share { format!("{sign} {:.0} %", 100.0 * value) } else { format!("{sign} {value}") }
    }
}

/// Places, each with its figure.
type Figures = Vec<(String, Estimate)>;

/// One goal, with the figures that should all meet it.
struct Goal {
    what: &'static str,
    bound: Bound,
    scale: Scale,
    /// The figures and where they were measured.
    figures: Figures,
    /// The number of films of the rarer kind if they are too few to decide whether the goal is met.
    too_few: Option<usize>,
}

impl Goal {
    /// The figure furthest beyond the bound, or else nearest to it.
    fn worst(&self) -> Option<&(String, Estimate)> {
        let beyond = |figure: &(String, Estimate)| self.bound.beyond(figure.1.value);
        self.figures.iter().max_by(|a, b| beyond(a).total_cmp(&beyond(b)))
    }

    fn verdict(&self) -> String {
        let missed: Vec<&str> = self
            .figures
            .iter()
            .filter(|figure| !self.bound.holds(figure.1.value))
            .map(|figure| figure.0.as_str())
            .collect();
        if let Some(films) = self.too_few {
            return format!("cannot be said: {films} films of one kind");
        }
        match (self.figures.len(), missed.len()) {
            (0, _) => "not measured".to_owned(),
            (_, 0) => "met".to_owned(),
            (1, _) => "**not met**".to_owned(),
            (all, few) => format!("**not met** at {few} of {all}: {}", missed.join("; ")),
        }
    }
}

/// The hospitals with normal films of adults.
fn of_adults(evidence: &Evidence) -> impl Iterator<Item = &Hospital> {
    evidence.verdict.hospitals.iter().filter(|hospital| hospital.id != CHILDREN)
}

fn each<'a>(
    hospitals: impl Iterator<Item = &'a Hospital>,
    figure: impl Fn(&Hospital) -> Option<Estimate>,
) -> Figures {
    hospitals.filter_map(|hospital| Some((place(hospital), figure(hospital)?))).collect()
}

fn one(title: &str, figure: Option<Estimate>) -> Figures {
    figure.map(|figure| (title.to_owned(), figure)).into_iter().collect()
}

/// The area under the ROC curve of a pair of findings, at one hospital.
fn pair(hospitals: &[Hospital], id: &str, pair: &str) -> Figures {
    each(hospitals.iter().filter(|hospital| hospital.id == id), |hospital| hospital.auc.get(pair).copied())
}

/// The same for a set of films of the three classes.
fn set(evidence: &Evidence, id: &str, [first, second]: [Label; 2]) -> (Figures, Option<usize>) {
    let Some(set) = evidence.verdict.sets.iter().find(|set| set.id == id) else { return (Vec::new(), None) };
    let pair = format!("{} against {}", first.name(), second.name());
    let scores = set.scores.iter().find(|scores| scores.reader == Reader::Verdict);
    let figures = one(&set.title, scores.and_then(|scores| scores.auc_of_pairs.get(&pair)).copied());
    let rarer = set.films[first].min(set.films[second]);
    (figures, (rarer < LEAST).then_some(rarer))
}

/// The share of normal films of adults that the gate refuses, at each source that is only reported.
fn refused_normals(evidence: &Evidence) -> Figures {
    let of_normals = |trial: &&Trial| {
        trial.n >= LEAST && trial.name.starts_with("films of external: ") && trial.name.ends_with(" normal")
    };
    let figure = |trial: &Trial| {
        let value = trial.refused as f64 / trial.n as f64;
        let (low, high) = wilson(value, trial.n);
        let source = trial.name.trim_start_matches("films of external: ").trim_end_matches(" normal");
        (format!("{} (external)", title(source)), Estimate { n: trial.n, value, low, high })
    };
    evidence.gate.iter().filter(of_normals).map(figure).collect()
}

/// Goals for the answers at hospitals that the networks never saw.
fn goals_of_verdicts(evidence: &Evidence) -> [Goal; 4] {
    let all = evidence.verdict.all_unseen.as_ref();
    let together = |figure: fn(&Hospital) -> Option<Estimate>| {
        one("all unseen hospitals with normal adults", all.and_then(figure))
    };
    [
        Goal {
            what: "Normal films for which COVID-19 is named, at each hospital",
            bound: Bound::AtMost(0.05),
            scale: Scale::Share,
            figures: each(of_adults(evidence), |hospital| hospital.normals_named_covid19),
            too_few: None,
        },
        Goal {
            what: "Normal films called normal, where something is said, at each hospital",
            bound: Bound::AtLeast(0.9),
            scale: Scale::Share,
            figures: each(of_adults(evidence), |hospital| hospital.normals_called_normal),
            too_few: None,
        },
        Goal {
            what: "Right where something is said, all together",
            bound: Bound::AtLeast(0.92),
            scale: Scale::Share,
            figures: together(|hospital| hospital.right),
            too_few: None,
        },
        Goal {
            what: "Films of which something is said, all together",
            bound: Bound::AtLeast(0.65),
            scale: Scale::Share,
            figures: together(|hospital| hospital.named),
            too_few: None,
        },
    ]
}

/// Goals for telling the findings apart.
fn goals_of_areas(evidence: &Evidence) -> Vec<Goal> {
    let verdict = &evidence.verdict;
    let judged = |what, bound, (figures, too_few)| Goal {
        what,
        bound: Bound::AtLeast(bound),
        scale: Scale::Area,
        figures,
        too_few,
    };
    let goal = |what, bound, figures| judged(what, bound, (figures, None));
    let unseen = |of: &str| pair(&verdict.hospitals, "siim", of);
    let val = |of: &str| pair(&verdict.val_hospitals, "val_siim", of);
    let (typical, diseased) = ("covid19 against normal", "not normal against normal");
    vec![
        goal("AUC, COVID-19 against negative", 0.85, unseen(typical)),
        goal("AUC, not normal against normal", 0.88, unseen(diseased)),
        goal("AUC, COVID-19 against negative", 0.9, val(typical)),
        goal("AUC, not normal against normal", 0.9, val(diseased)),
        goal("AUC, typical against atypical appearance", 0.75, val("covid19 against atypical")),
        judged("AUC, COVID-19 against pneumonia", 0.75, set(evidence, "external", [Covid19, Pneumonia])),
        judged("AUC, COVID-19 against normal", 0.9, set(evidence, "external", [Covid19, Normal])),
        judged("AUC, COVID-19 against normal", 0.944, set(evidence, "val_radiography", [Covid19, Normal])),
        judged("AUC, normal against pneumonia", 0.966, set(evidence, "val_kermany", [Normal, Pneumonia])),
        judged("AUC, normal against pneumonia", 0.795, set(evidence, "val_nih", [Normal, Pneumonia])),
    ]
}

/// Goals for lungs, calibration and coverage.
fn goals_of_promises(evidence: &Evidence) -> Vec<Goal> {
    let verdict = &evidence.verdict;
    let dice = evidence.lungs.sources.iter().map(|source| {
        let dice = source.dice;
        (source.source.clone(), Estimate { n: source.masks, value: dice, low: dice, high: dice })
    });
    let external = verdict.hospitals.iter().filter(|hospital| hospital.kept == Kept::External);
    vec![
        Goal {
            what: "Normal films of adults that the gate refuses, at each external source",
            bound: Bound::AtMost(0.02),
            scale: Scale::Share,
            figures: refused_normals(evidence),
            too_few: None,
        },
        Goal {
            what: "Dice of the lungs, masks held out, at each source",
            bound: Bound::AtLeast(0.94),
            scale: Scale::Dice,
            figures: dice.collect(),
            too_few: None,
        },
        Goal {
            what: "Expected calibration error, mean of the sources left out",
            bound: Bound::AtMost(ERROR_LEFT_OUT),
            scale: Scale::Error,
            figures: one("sources left out", verdict.calibration_error_left_out),
            too_few: None,
        },
        Goal {
            what: "Expected calibration error, at each external source",
            bound: Bound::AtMost(ERROR_EXTERNAL),
            scale: Scale::Error,
            figures: each(external, |hospital| hospital.calibration_error),
            too_few: None,
        },
        Goal {
            what: "The prediction set holds the class, at each hospital",
            bound: Bound::AtLeast(COVERED),
            scale: Scale::Share,
            figures: each(verdict.hospitals.iter(), |hospital| hospital.coverage),
            too_few: None,
        },
    ]
}

/// Writes a row for each goal, with the worst figure where there are several places.
pub(super) fn write_goals(text: &mut String, evidence: &Evidence) -> std::fmt::Result {
    writeln!(
        text,
        "*Left out*: read by a network that was trained without the source, and calibrated on the others. *External*: read as \
         shipped. *Val*: other patients of a source that it learned from. Of a goal for each place the worst is given.\n\n\
         | what | goal | measured | n | where | met? |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    let goals = goals_of_verdicts(evidence).into_iter();
    for goal in goals.chain(goals_of_areas(evidence)).chain(goals_of_promises(evidence)) {
        let (place, measured, n) = match goal.worst() {
            Some((place, worst)) => {
                (place.as_str(), format!("**{}**", goal.scale.write(worst)), worst.n.to_string())
            }
            None => ("—", "—".to_owned(), "—".to_owned()),
        };
        let bound = goal.scale.bound(goal.bound);
        writeln!(text, "| {} | {bound} | {measured} | {n} | {place} | {} |", goal.what, goal.verdict())?;
    }
    Ok(())
}

/// Writes the three rows of the README: the worst hospital for films of healthy people, then all together.
pub(super) fn write_front(text: &mut String, evidence: &Evidence) -> std::fmt::Result {
    writeln!(
        text,
        "| what | measured (95 % interval) | n | where | goal |\n| --- | --- | --- | --- | --- |"
    )?;
    let [named_covid19, called_normal, right, ..] = goals_of_verdicts(evidence);
    for goal in [called_normal, named_covid19, right] {
        let Some((place, worst)) = goal.worst() else { continue };
        let all = goal.figures.len();
        let missed = goal.figures.iter().filter(|figure| !goal.bound.holds(figure.1.value)).count();
        let met = match (all, missed) {
            (_, 0) => "met".to_owned(),
            (1, _) => "**not met**".to_owned(),
            _ => format!("**not met** at {missed} of {all}"),
        };
        let place = if all > 1 { format!("the worst of {all}: {place}") } else { place.clone() };
        let (bound, measured) = (goal.scale.bound(goal.bound), goal.scale.write(worst));
        writeln!(text, "| {} | **{measured}** | {} | {place} | {bound}: {met} |", goal.what, worst.n)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(bound: Bound, values: &[(&'static str, f64)]) -> Goal {
        let figure = |&(place, value): &(&'static str, f64)| {
            (place.to_owned(), Estimate { n: 40, value, low: value - 0.01, high: value + 0.01 })
        };
        let figures = values.iter().map(figure).collect();
        Goal { what: "w", bound, scale: Scale::Share, figures, too_few: None }
    }

    #[test]
    fn a_goal_for_each_is_met_where_the_worst_meets_it() {
        let most = goal(Bound::AtMost(0.05), &[("a", 0.01), ("b", 0.05), ("c", 0.03)]);
        assert_eq!((most.worst().unwrap().0.as_str(), most.verdict()), ("b", "met".to_owned()));
        let most = goal(Bound::AtMost(0.05), &[("a", 0.06), ("b", 0.02), ("c", 0.08)]);
        assert_eq!(
            (most.worst().unwrap().0.as_str(), most.verdict()),
            ("c", "**not met** at 2 of 3: a; c".to_owned())
        );
        let least = goal(Bound::AtLeast(0.9), &[("a", 0.95), ("b", 0.89)]);
        assert_eq!(
            (least.worst().unwrap().0.as_str(), least.verdict()),
            ("b", "**not met** at 1 of 2: b".to_owned())
        );
        assert_eq!(goal(Bound::AtLeast(0.9), &[("a", 0.8)]).verdict(), "**not met**");
        assert_eq!(goal(Bound::AtLeast(0.9), &[]).verdict(), "not measured");
        let few = Goal { too_few: Some(5), ..goal(Bound::AtLeast(0.9), &[("a", 0.95)]) };
        assert_eq!(few.verdict(), "cannot be said: 5 films of one kind");
    }

    #[test]
    fn bounds_are_written_as_their_figures_are() {
        assert_eq!(Scale::Share.bound(Bound::AtMost(0.05)), "≤ 5 %");
        assert_eq!(Scale::Area.bound(Bound::AtLeast(0.944)), "≥ 0.944");
        let estimate = Estimate { n: 3, value: 0.95, low: 0.95, high: 0.95 };
        assert_eq!(Scale::Dice.write(&estimate), "0.950");
    }
}
