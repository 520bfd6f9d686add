//! The documents that quote what was measured.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use covid_classifier::model::sha256;
use covid_lab::evidence::Evidence;
use covid_lab::write::{plots, summary, tables, with_results};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn model(name: &str) -> Vec<u8> {
    std::fs::read(root().join("models").join(name)).unwrap()
}

#[test]
fn documents_quote_the_measured_results() {
    let metrics: Evidence = serde_json::from_slice(&model("metrics.json")).unwrap();
    assert_eq!(
        metrics.texture.model.sha256,
        sha256(&model("manifest.json")),
        "metrics.json is of another model: run ./build.sh evaluate"
    );
    for (document, results) in [("README.md", summary(&metrics)), ("models/MODEL_CARD.md", tables(&metrics))]
    {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        let expected = with_results(&text, &results).unwrap();
        assert!(text == expected, "{document} does not quote metrics.json: run ./build.sh evaluate");
    }
    for (name, svg) in plots(&metrics) {
        assert!(
            model(&format!("plots/{name}")) == svg.as_bytes(),
            "{name} is another plot: run ./build.sh evaluate"
        );
    }
}
