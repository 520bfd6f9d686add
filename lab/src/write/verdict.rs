//! Writes the results of the verdict, the gate, the audit and the experiments as Markdown.

use std::collections::BTreeSet;
use std::fmt::Write;

use covid_classifier::statistics::Estimate;
use covid_classifier::validation::{Reader, Set, Validation};
use covid_classifier::{LABELS, PerLabel};

use super::goals::{write_front, write_goals};
use super::hospitals::write_hospitals;
use super::numbers::{area, or_dash, percent, share};
use super::texture;
use crate::crops::View;
use crate::evidence::Evidence;
use crate::evidence::audit::{Audit, Change, Effect, TakenForEnhanced, Verdicts};
use crate::evidence::gate::Trial;
use crate::train::experiments::Explored;

/// The results for the README as Markdown: the most important first, and for several hospitals the worst.
pub fn summary(evidence: &Evidence) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_front(&mut text, evidence)
        .and_then(|()| writeln!(text))
        .and_then(|()| texture::write_front(&mut text, &evidence.texture));
    text
}

/// All results as Markdown, for the model card.
pub fn tables(evidence: &Evidence) -> String {
    let mut text = String::new();
    let _ = write_tables(&mut text, evidence);
    text + "\n### The paper's reader\n\n" + &texture::tables(&evidence.texture)
}

/// Figures on the user's own films as Markdown.
pub fn own_tables(sets: &[Validation]) -> String {
    let mut text = String::new();
    let _ = sets.iter().try_for_each(|validation| {
        write_set(&mut text, &validation.set)?;
        if let Some(calibration) = &validation.calibration {
            let films = calibration.films;
            writeln!(
                text,
                "Expected calibration error {} on {films} accepted films.\n",
                share(&calibration.error)
            )?;
        }
        Ok::<(), std::fmt::Error>(())
    });
    text
}

fn name(reader: Reader) -> &'static str {
    match reader {
        Reader::Verdict => "the verdict",
        Reader::Convnet => "convnet reader",
        Reader::Texture => "paper's reader",
    }
}

/// The refused and all pictures of the trials whose name begins with `prefix`.
fn refused(trials: &[Trial], prefix: &str) -> (usize, usize) {
    let chosen = trials.iter().filter(|trial| trial.name.starts_with(prefix));
    chosen.fold((0, 0), |(refused, n), trial| (refused + trial.refused, n + trial.n))
}

fn write_head(text: &mut String, evidence: &Evidence) -> std::fmt::Result {
    let hash = evidence.texture.model.sha256.get(..12).unwrap_or_default();
    writeln!(
        text,
        "Model {} ({hash}…). In brackets the 95 % interval: bootstrap over patients, 2,000 resamples; Wilson's where \
         all films agree or two classes are perfectly separated. Nothing was fitted to, or chosen by, the films called *external*.\n",
        evidence.texture.model.version
    )?;
    write_goals(text, evidence)?;
    let (bad, spoilt) = refused(&evidence.gate, "spoilt");
    let (good, whole) = refused(&evidence.gate, "films of");
    writeln!(
        text,
        "\nThe gate refuses {good} of {whole} films of *val* and *external*, and {bad} of {spoilt} of the same films spoilt \
         (upside down, sideways, inverted, cut, squeezed). Lungs: Dice {:.3} on {} masks of other patients. An AUC of 0.5 is \
         a coin; *nih* has labels mined from reports; some films of Cohen et al. trained the paper's reader.",
        evidence.lungs.dice, evidence.lungs.masks
    )
}

fn write_set(text: &mut String, set: &Set) -> std::fmt::Result {
    let [c, n, p] = <[usize; 3]>::from(set.films);
    writeln!(
        text,
        "**{}**: {c} COVID-19, {n} normal, {p} pneumonia; {} patients.\n",
        set.title, set.patients
    )?;
    writeln!(
        text,
        "| | accuracy | AUC of pairs | sensitivity | specificity |\n| --- | --- | --- | --- | --- |"
    )?;
    for scores in &set.scores {
        let pairs = scores.auc_of_pairs.iter().map(|(pair, estimate)| format!("{pair} {}", area(estimate)));
        let rates = |rates: &PerLabel<Option<Estimate>>| {
            let rates =
                [(&rates.covid19, "covid19"), (&rates.normal, "normal"), (&rates.pneumonia, "pneumonia")];
            let given = rates
                .into_iter()
                .filter_map(|(rate, name)| Some(format!("{name} {}", share(rate.as_ref()?))));
            given.collect::<Vec<_>>().join("; ")
        };
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            name(scores.reader),
            or_dash(scores.accuracy.as_ref(), share),
            pairs.collect::<Vec<_>>().join("; "),
            rates(&scores.sensitivity),
            rates(&scores.specificity)
        )?;
    }
    writeln!(
        text,
        "\n| verdicts | covid19 | normal | pneumonia | uncertain | refused |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for label in LABELS {
        let row = set.verdicts[label.index()];
        if row.iter().sum::<usize>() > 0 {
            let cells: Vec<String> = row.iter().map(usize::to_string).collect();
            writeln!(text, "| is {} | {} |", label.name(), cells.join(" | "))?;
        }
    }
    writeln!(
        text,
        "\nWhere a class is named it is right in {}; the prediction set holds the class in {}.\n",
        or_dash(set.accuracy_where_judged.as_ref(), share),
        or_dash(set.coverage.as_ref(), share)
    )
}

/// Writes which changes of a table miss their goal.
fn write_missed<'a>(
    text: &mut String,
    changes: impl Iterator<Item = &'a (&'a Effect, &'a Verdicts)>,
    is_missed: impl Fn(&Verdicts) -> bool,
) -> std::fmt::Result {
    let missed: Vec<&str> =
        changes.filter(|(_, verdicts)| is_missed(verdicts)).map(|(effect, _)| effect.change.name()).collect();
    match missed.is_empty() {
        true => writeln!(text, "\nThe goal is met by each of them."),
        false => writeln!(text, "\nThe goal is **not met** by: {}.", missed.join("; ")),
    }
}

/// Writes which films are taken for enhanced, and which errors not naming COVID-19 on them avoids.
fn write_enhanced(text: &mut String, audit: &Audit) -> std::fmt::Result {
    let measured: Vec<&Effect> = audit
        .effects
        .iter()
        .filter(|effect| {
            effect.enhanced.is_some() && !effect.change.cuts_lungs() && !effect.change.is_colored()
        })
        .filter(|effect| effect.change == Change::None || effect.change.is_usual())
        .collect();
    if measured.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "\nOn films whose contrast seems to have been enhanced locally COVID-19 is not named.\n\n\
         | done to the film | taken for enhanced | normal films that become COVID-19 | the same, were it named on all films |\n\
         | --- | --- | --- | --- |"
    )?;
    for effect in measured {
        let of = |figure: fn(&Verdicts) -> Option<&Estimate>| {
            or_dash(effect.verdicts.as_ref().and_then(figure), share)
        };
        writeln!(
            text,
            "| {} | {} | {} | {} |",
            effect.change.name(),
            or_dash(effect.enhanced.as_ref(), share),
            of(|verdicts| verdicts.normal_became_covid19.as_ref()),
            of(|verdicts| verdicts.normal_became_covid19_without_asking.as_ref())
        )?;
    }
    let sources = audit.taken_for_enhanced.iter();
    let sources: Vec<String> = sources
        .map(|TakenForEnhanced { source, share: of }| format!("{source} {}, n = {}", share(of), of.n))
        .collect();
    writeln!(text, "\nOf the films as they are, by source: {}.", sources.join("; "))
}

/// Writes the effects of usual changes on the verdict.
fn write_usual(text: &mut String, audit: &Audit) -> std::fmt::Result {
    let of_verdict = audit.effects.iter().filter_map(|effect| Some((effect, effect.verdicts.as_ref()?)));
    let usual: Vec<(&Effect, &Verdicts)> =
        of_verdict.filter(|(effect, _)| effect.change.is_usual()).collect();
    if usual.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "What people do to films and what lies on patients should leave the verdict as it is. The goal is that of the films \
         refused neither before nor after at most 5 % change from one class to another, and that at most 2 % of the normal \
         films become COVID-19.\n\n\
         | done to the film | films | another class (goal: ≤ 5 %) | normal films that become COVID-19 (goal: ≤ 2 %) | \
         *not normal* instead of *normal* or the reverse | no class any more | a class instead of none | refused |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    let leaves_lungs = |change: Change| !change.cuts_lungs() && !change.is_colored();
    for (effect, verdicts) in usual.iter().filter(|(effect, _)| leaves_lungs(effect.change)) {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            effect.change.name(),
            effect.films,
            or_dash(verdicts.class_changed.as_ref(), share),
            or_dash(verdicts.normal_became_covid19.as_ref(), share),
            or_dash(verdicts.finding_changed.as_ref(), share),
            or_dash(verdicts.became_uncertain.as_ref(), share),
            or_dash(verdicts.became_named.as_ref(), share),
            or_dash(effect.refused.as_ref(), share)
        )?;
    }
    let above =
        |estimate: &Option<Estimate>, most: f64| estimate.is_some_and(|estimate| estimate.value > most);
    write_missed(text, usual.iter().filter(|(effect, _)| leaves_lungs(effect.change)), |verdicts| {
        above(&verdicts.class_changed, 0.05) || above(&verdicts.normal_became_covid19, 0.02)
    })?;
    write_enhanced(text, audit)?;
    writeln!(
        text,
        "\nA film on which a part of the lungs is missing should be refused, or no class be named. The goal is that a wrong \
         class is named for no more films than when they are whole.\n\n\
         | the film | films | a wrong class is named | the same when whole (goal: no more) | refused |\n\
         | --- | --- | --- | --- | --- |"
    )?;
    for (effect, verdicts) in usual.iter().filter(|(effect, _)| effect.change.cuts_lungs()) {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            effect.change.name(),
            effect.films,
            or_dash(verdicts.named_wrong.as_ref(), share),
            or_dash(verdicts.named_wrong_without.as_ref(), share),
            or_dash(effect.refused.as_ref(), share)
        )?;
    }
    write_missed(text, usual.iter().filter(|(effect, _)| effect.change.cuts_lungs()), |verdicts| {
        verdicts.named_wrong_without.is_some_and(|whole| above(&verdicts.named_wrong, whole.value))
    })?;
    let colored: Vec<&Effect> =
        usual.iter().map(|(effect, _)| *effect).filter(|effect| effect.change.is_colored()).collect();
    if !colored.is_empty() {
        writeln!(
            text,
            "\nA film over which colour is laid should be refused.\n\n| done to the film | films | refused |\n\
             | --- | --- | --- |"
        )?;
    }
    for effect in colored {
        let refused = or_dash(effect.refused.as_ref(), share);
        writeln!(text, "| {} | {} | {refused} |", effect.change.name(), effect.films)?;
    }
    writeln!(text)
}

fn write_tables(text: &mut String, evidence: &Evidence) -> std::fmt::Result {
    write_head(text, evidence)?;
    write_hospitals(text, evidence)?;
    writeln!(text, "\n### Every source\n")?;
    for set in &evidence.verdict.sets {
        write_set(text, set)?;
    }
    let verdict = &evidence.verdict;
    writeln!(
        text,
        "### Calibration, abstention\n\n![Calibration](plots/calibration.svg) ![Risk and coverage](plots/risk-coverage.svg)\n"
    )?;
    for set in &verdict.calibration {
        writeln!(
            text,
            "- Expected calibration error, {}: {:.3} ({:.3} to {:.3}), {} films.",
            set.title, set.error.value, set.error.low, set.error.high, set.films
        )?;
    }
    writeln!(
        text,
        "- Prediction sets are meant to hold the class of {} of the films of each class at least; on the sources left out, \
         each with a calibration of the others, they hold {} of all films.",
        percent(verdict.intended_coverage),
        or_dash(verdict.coverage_left_out.as_ref(), share)
    )?;
    for risk in &verdict.risk_coverage {
        writeln!(
            text,
            "- {}: right in {} of all {} films that were not refused, in {} of the half it is surest of.",
            risk.title,
            share(&risk.accuracy),
            risk.films,
            share(&risk.accuracy_of_surest_half)
        )?;
    }
    writeln!(
        text,
        "- The child warning is given for {} of the children's films of *val*, and for {} of the adults'.\n",
        or_dash(verdict.child_warning.children.as_ref(), share),
        or_dash(verdict.child_warning.adults.as_ref(), share)
    )?;

    writeln!(text, "### The gate\n\n| shown | n | refused |\n| --- | --- | --- |")?;
    for trial in &evidence.gate {
        writeln!(
            text,
            "| {} | {} | {} ({}) |",
            trial.name,
            trial.n,
            trial.refused,
            percent(trial.refused as f64 / trial.n as f64)
        )?;
    }

    let audit = &evidence.audit;
    writeln!(text, "\n### Shortcut audit\n\n{}.\n", audit.films)?;
    writeln!(
        text,
        "| change | reader | balanced accuracy (chance 33.3 %) | another class than without | another verdict | refused |\n\
         | --- | --- | --- | --- | --- | --- |"
    )?;
    for effect in audit.effects.iter().filter(|effect| !effect.change.is_usual()) {
        let change = effect.change.name();
        writeln!(
            text,
            "| {change} | {} | {} | {} | {} | {} |",
            name(effect.reader),
            percent(effect.balanced_accuracy),
            or_dash(effect.changed.as_ref(), share),
            or_dash(effect.verdicts_changed.as_ref(), share),
            or_dash(effect.refused.as_ref(), share)
        )?;
    }
    writeln!(
        text,
        "\nWith the crop of the unchanged film and the lungs in it black, the convnet reader's balanced accuracy is {}.\n",
        percent(audit.outline_only)
    )?;
    write_usual(text, audit)?;
    writeln!(
        text,
        "| the source told from the features of | among films of | sources | balanced accuracy | chance |\n| --- | --- | --- | --- | --- |"
    )?;
    for leak in &audit.source_leaks {
        let sources: Vec<String> = leak.sources.iter().map(|(source, n)| format!("{source} {n}")).collect();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            name(leak.reader),
            leak.label.name(),
            sources.join(", "),
            percent(leak.balanced_accuracy),
            percent(leak.chance)
        )?;
    }
    if !evidence.experiments.is_empty() {
        writeln!(
            text,
            "\n### What other ways to train gave\n\nA recipe is judged by the mean AUC on the sources that were left out. None of their \
             films trained the run.\n\n\
             | run | sees | px | batches | left out | mean AUC there | each |\n| --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for run in &evidence.experiments {
            let recipe = &run.recipe;
            let list: Vec<String> =
                run.last.left_out.iter().map(|(key, value)| format!("{key} {value:.3}")).collect();
            let view = match recipe.view {
                View::Lungs => "lungs",
                View::Box => "their box",
                View::Film => "whole film",
            };
            writeln!(
                text,
                "| {} | {view} | {} | {} | {} | {} | {} |",
                recipe.name,
                recipe.side,
                recipe.steps,
                recipe.without.join(", "),
                run.last.mean_left_out().map_or_else(|| "—".to_owned(), |mean| format!("{mean:.3}")),
                list.join("; ")
            )?;
        }
    }
    write_explored(text, &evidence.explored)
}

fn write_explored(text: &mut String, explored: &Explored) -> std::fmt::Result {
    if explored.runs.is_empty() {
        return Ok(());
    }
    let keys: BTreeSet<&String> = explored.runs.iter().flat_map(|run| run.left_out.keys()).collect();
    let keys: Vec<&String> = keys.into_iter().collect();
    let head: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
    writeln!(
        text,
        "\n### What was explored in short runs\n\n{}\n\n| what | mean | {} |\n| --- | --- |{}",
        explored.method,
        head.join(" | "),
        " --- |".repeat(keys.len())
    )?;
    for run in &explored.runs {
        let cell = |key: &&String| {
            run.left_out.get(*key).map_or_else(|| "—".to_owned(), |area| format!("{area:.3}"))
        };
        let cells: Vec<String> = keys.iter().map(cell).collect();
        writeln!(text, "| {} | {:.3} | {} |", run.what, run.mean(), cells.join(" | "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    fn audit(changes: &[Change]) -> Audit {
        let estimate = |value: f64| Some(Estimate { n: 40, value, low: 0.0, high: 0.5 });
        let verdicts = Verdicts {
            changed: estimate(0.2),
            class_changed: estimate(0.04),
            finding_changed: estimate(0.07),
            became_uncertain: estimate(0.1),
            became_named: estimate(0.06),
            normal_became_covid19: None,
            normal_became_covid19_without_asking: estimate(0.06),
            named_wrong: estimate(0.3),
            named_wrong_without: estimate(0.25),
        };
        let effect = |change: &Change| Effect {
            change: *change,
            reader: Reader::Verdict,
            films: 40,
            balanced_accuracy: 0.5,
            changed: None,
            verdicts_changed: None,
            refused: estimate(0.01),
            enhanced: estimate(0.8),
            verdicts: Some(verdicts.clone()),
        };
        let effects = changes.iter().map(effect).collect();
        let here = TakenForEnhanced { source: "here".into(), share: estimate(0.01).unwrap() };
        Audit {
            films: String::new(),
            effects,
            taken_for_enhanced: vec![here],
            outline_only: 0.4,
            source_leaks: Vec::new(),
        }
    }

    #[test]
    fn what_people_do_has_its_goals_beside_it() {
        let written = |changes: &[Change]| {
            let mut text = String::new();
            write_usual(&mut text, &audit(changes)).map(|()| text).unwrap()
        };
        let text = written(&[Change::Mirrored, Change::Clahe2, Change::BasesCut15]);
        let rows: Vec<&str> =
            text.lines().filter(|line| line.contains(" %") && line.contains("40")).collect();
        assert_eq!(
            rows,
            [
                "| CLAHE, clip 2 | 40 | 4.0 % (0.0 % to 50.0 %) | — | 7.0 % (0.0 % to 50.0 %) | 10.0 % (0.0 % to 50.0 %) | \
                 6.0 % (0.0 % to 50.0 %) | 1.0 % (0.0 % to 50.0 %) |",
                "Of the films as they are, by source: here 1.0 % (0.0 % to 50.0 %), n = 40.",
                "| bases cut off, 15 % | 40 | 30.0 % (0.0 % to 50.0 %) | 25.0 % (0.0 % to 50.0 %) | \
                 1.0 % (0.0 % to 50.0 %) |",
            ]
        );
        assert!(text.contains("≤ 5 %") && text.contains("≤ 2 %"));
        let ends: Vec<&str> =
            text.lines().filter(|line| line.starts_with("The goal is ") && line.len() < 60).collect();
        assert_eq!(
            ends,
            ["The goal is met by each of them.", "The goal is **not met** by: bases cut off, 15 %."]
        );
        let colored = written(&[Change::HeatMap]);
        assert!(colored.contains("| heat map laid over it | 40 | 1.0 % (0.0 % to 50.0 %) |"), "{colored}");
        assert!(!text.contains("colour is laid"));
        let enhanced = "| CLAHE, clip 2 | 80.0 % (0.0 % to 50.0 %) | — | 6.0 % (0.0 % to 50.0 %) |";
        assert!(text.contains(enhanced) && !colored.contains("taken for enhanced"), "{text}");
        assert_eq!(written(&[Change::Mirrored]), "");
    }
}
