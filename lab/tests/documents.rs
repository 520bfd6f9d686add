//! Tests the documents that quote the evidence.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use covid_classifier::model::sha256;
use covid_lab::evidence::Evidence;
use covid_lab::write::{for_page, plots, summary, tables, with_results};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn model(name: &str) -> Vec<u8> {
    std::fs::read(root().join("models").join(name)).unwrap()
}

/// `UPDATE_GOLDENS=1 cargo test --test documents` rewrites them after a change of wording.
#[test]
fn documents_quote_the_measured_results() {
    let metrics: Evidence = serde_json::from_slice(&model("metrics.json"))
        .expect("metrics.json is of another layout: run ./build.sh evaluate");
    assert_eq!(
        metrics.texture.model.sha256,
        sha256(&model("manifest.json")),
        "metrics.json is of another model: run ./build.sh evaluate"
    );
    for (document, results) in [("README.md", summary(&metrics)), ("models/MODEL_CARD.md", tables(&metrics))]
    {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        let expected = with_results(&text, &results).unwrap();
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::write(root().join(document), &expected).unwrap();
            continue;
        }
        assert!(text == expected, "{document} does not quote metrics.json: run ./build.sh evaluate");
    }
    let shown = for_page(std::str::from_utf8(&model("metrics.json")).unwrap()).unwrap();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(root().join("models/evidence.json"), &shown).unwrap();
    }
    assert!(
        model("evidence.json") == shown.as_bytes(),
        "evidence.json is not the part of metrics.json that the page shows: run ./build.sh evaluate"
    );
    for (name, svg) in plots(&metrics) {
        assert!(
            model(&format!("plots/{name}")) == svg.as_bytes(),
            "{name} is another plot: run ./build.sh evaluate"
        );
    }
}

/// The shipped metrics with made-up hospitals. At the first, COVID-19 is named for too many normal films.
fn with_hospitals() -> Evidence {
    let mut metrics: Value = serde_json::from_slice(&model("metrics.json")).unwrap();
    let estimate =
        |n: usize, value: f64| json!({ "n": n, "value": value, "low": 0.5 * value, "high": value });
    let hospital = |id: &str, title: &str, kept: &str, named_covid19: f64, coverage: f64| {
        let said = json!({
            "normal": 5, "covid19": 4, "pneumonia": 6, "not_normal": 20, "cannot_say": 10, "refused": 0
        });
        json!({
            "id": id, "title": title, "kept": kept, "patients": 90,
            "findings": { "tuberculosis": said, "normal": said },
            "beyond": { "tuberculosis": {
                "normal": estimate(45, 0.1111), "covid19": estimate(45, 0.0889),
                "pneumonia": estimate(45, 0.1333), "not_normal": estimate(45, 0.4444),
            } },
            "normals_named_covid19": estimate(45, named_covid19), "normals_called_normal": estimate(35, 0.95),
            "sensitivity": null, "specificity": estimate(45, 0.8), "named": estimate(90, 0.7),
            "right": estimate(63, 0.93), "coverage": estimate(90, coverage),
            "calibration_error": estimate(90, 0.07),
            "auc": { "not normal against normal": estimate(90, 0.86) },
        })
    };
    let verdict = &mut metrics["verdict"];
    verdict["hospitals"] = json!([
        hospital("siim", "Panel", "left_out", 0.08, 0.95),
        hospital("external_montgomery", "Montgomery (external)", "external", 0.02, 0.85),
        hospital("kermany", "Children", "left_out", 0.01, 0.95),
    ]);
    verdict["all_unseen"] = hospital("all_unseen", "all", "unseen", 0.05, 0.9);
    verdict["val_hospitals"] = json!([hospital("val_siim", "Panel (val)", "val", 0.01, 0.95)]);
    verdict["calibration_error_left_out"] = estimate(180, 0.06);
    metrics["lungs"]["sources"] = json!([
        { "source": "cohen", "masks": 50, "dice": 0.95, "smallest_dice": 0.87 },
        { "source": "peru", "masks": 12, "dice": 0.93, "smallest_dice": 0.8 },
    ]);
    metrics["experiments"] = json!([]);
    serde_json::from_value(metrics).unwrap()
}

/// The only line of a text that begins with `start`.
fn line<'a>(text: &'a str, start: &str) -> &'a str {
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(start)).collect();
    assert_eq!(lines.len(), 1, "{start}: {text}");
    lines[0]
}

#[test]
fn the_readme_shows_the_worst_hospital_first_and_the_paper_s_reader_last() {
    let text = summary(&with_hospitals());
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(
        rows[2..5],
        [
            "| Normal films called normal, where something is said, at each hospital | **95.0 % (47.5 % to 95.0 %)** | 35 | \
             the worst of 2: Montgomery (external) | ≥ 90 %: met |",
            "| Normal films for which COVID-19 is named, at each hospital | **8.0 % (4.0 % to 8.0 %)** | 45 | \
             the worst of 2: Panel (left out) | ≤ 5 %: **not met** at 1 of 2 |",
            "| Right where something is said, all together | **93.0 % (46.5 % to 93.0 %)** | 63 | \
             all unseen hospitals with normal adults | ≥ 92 %: met |",
        ]
    );
    assert_eq!(rows.len(), 7, "three rows and a paragraph: {text}");
    assert!(
        rows[6]
            .starts_with("The paper's reader calls 99.7 % (98.9 % to 100.0 %) of 356 normal films of adults"),
        "{text}"
    );
}

#[test]
fn the_model_card_says_which_goals_are_met_and_where_they_are_not() {
    let text = tables(&with_hospitals());
    for row in [
        "| Normal films for which COVID-19 is named, at each hospital | ≤ 5 % | **8.0 % (4.0 % to 8.0 %)** | 45 | Panel (left out) | \
         **not met** at 1 of 2: Panel (left out) |",
        "| Normal films called normal, where something is said, at each hospital | ≥ 90 % | **95.0 % (47.5 % to 95.0 %)** | 35 | ",
        "| Right where something is said, all together | ≥ 92 % | **93.0 % (46.5 % to 93.0 %)** | 63 | \
         all unseen hospitals with normal adults | met |",
        "| Dice of the lungs, masks held out, at each source | ≥ 0.94 | **0.930** | 12 | peru | **not met** at 1 of 2: peru |",
        "| Expected calibration error, mean of the sources left out | ≤ 0.05 | **0.060 (0.030 to 0.060)** | 180 | \
         sources left out | **not met** |",
        "| Expected calibration error, at each external source | ≤ 0.08 | **0.070 (0.035 to 0.070)** | 90 | \
         Montgomery (external) | met |",
        "| AUC, typical against atypical appearance | ≥ 0.75 | — | — | — | not measured |",
        "| AUC, not normal against normal | ≥ 0.88 | **0.860 (0.430 to 0.860)** | 90 | Panel (left out) | **not met** |",
        "| AUC, not normal against normal | ≥ 0.9 | **0.860 (0.430 to 0.860)** | 90 | Panel (val) | **not met** |",
    ] {
        line(&text, row);
    }
}

#[test]
fn the_model_card_has_every_hospital_and_what_is_said_of_other_films() {
    let text = tables(&with_hospitals());
    let section = |title: &str| {
        let (_, rest) = text.split_once(&format!("\n### {title}\n")).unwrap();
        rest.split_once("\n### ").unwrap().0.to_owned()
    };
    let unseen = section("At a hospital that it has never seen");
    let order = [
        "| Panel (left out) | 90 ",
        "| Montgomery (external) | 90 ",
        "| Children (left out) | 90 ",
        "| all | 90 ",
    ];
    let places: Vec<usize> = order.iter().map(|row| unseen.find(row).expect(row)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(unseen.contains("| 0, 45, 0 | 8.0 % (4.0 % to 8.0 %), n = 45 |"), "{unseen}");
    let beyond = section("What it does not know");
    line(
        &beyond,
        "| tuberculosis | Montgomery (external) | 45 | 5: 11.1 % (5.6 % to 11.1 %) | 4: 8.9 % (4.4 % to 8.9 %) | 6: 13.3 % (6.7 % to 13.3 %) | 20: 44.4 % (22.2 % to 44.4 %) | 10 | 0 |",
    );
    let promises = section("What its probabilities and sets promise there");
    for sentence in [
        "The mean of the calibration errors of the sources left out is 0.060 (0.030 to 0.060), n = 180. The goal of at most 0.05 is not met.",
        "The goal of a calibration error of at most 0.08 on every external source is met.",
        "The goal of a set that holds the class of at least 90 % of the films at every hospital is not met. It is missed by: \
         Montgomery (external): 85.0 %.",
    ] {
        assert!(promises.contains(sentence), "{promises}");
    }
    line(&section("At a hospital that it knows"), "| Panel (val) | 90 | 0, 45, 0 | 1.0 %");
    line(&section("The lungs"), "| peru | 12 | 0.930 | 0.800 |");
}
