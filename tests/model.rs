//! The shipped model, and the documents that speak of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use covid_classifier::explain::explain;
use covid_classifier::model_file::{Manifest, TEXTURE_FILE, TextureWeights};
use covid_classifier::phantom::Phantom;
use covid_classifier::report::PerLabel;
use covid_classifier::{Classifier, ErrorKind};

fn model(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/models/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn classifier() -> Classifier {
    Classifier::new(&model("manifest.json"), &model(TEXTURE_FILE)).unwrap()
}

fn png(seed: u64, width: usize, height: usize) -> Vec<u8> {
    let film = Phantom { width, height, seed }.draw_u8();
    let image = image::GrayImage::from_raw(width as u32, height as u32, film).unwrap();
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn every_shipped_weight_file_loads_and_is_the_manifests() {
    let manifest = Manifest::from_json(&model("manifest.json")).unwrap();
    assert!(!manifest.files.is_empty());
    for file in &manifest.files {
        let bytes = model(&file.path);
        assert_eq!(manifest.check(&file.path, &bytes).unwrap().bytes, bytes.len());
        let weights = TextureWeights::from_bytes(&bytes).unwrap();
        assert_eq!(weights.to_bytes().unwrap(), bytes, "weights are written as they are read");
    }
}

#[test]
fn damaged_models_are_refused() {
    let (manifest, texture) = (model("manifest.json"), model(TEXTURE_FILE));
    let kind = |manifest: &[u8], texture: &[u8]| Classifier::new(manifest, texture).err().map(|e| e.kind());
    assert_eq!(kind(&manifest, &texture), None);
    let mut damaged = texture.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(kind(&manifest, &damaged), Some(ErrorKind::Model));
    assert_eq!(kind(&manifest, b""), Some(ErrorKind::Model));
    assert_eq!(kind(b"{}", &texture), Some(ErrorKind::Model));
    let renamed = String::from_utf8(manifest).unwrap().replacen("texture_image_sum", "texture_sum", 1);
    assert_eq!(kind(renamed.as_bytes(), &texture), Some(ErrorKind::Model));
}

#[test]
fn a_reading_is_whole_and_repeatable() {
    let mut classifier = classifier();
    let film = png(3, 700, 650);
    let first = classifier.classify("a.png", &film);
    let report = &first.report;
    assert_eq!(report.error, None);
    let [c, n, p]: [f64; 3] = report.probabilities.unwrap().into();
    assert!((c + n + p - 1.0).abs() < 1e-12);
    assert_eq!(report.readers.unwrap().texture, report.probabilities.unwrap());
    assert_eq!(first.film.unwrap().width, 700);
    assert_eq!(first.equalized.unwrap().pixels().len(), 512 * 512);

    // A bad file between two films changes nothing.
    let bad = classifier.classify("b.png", b"not a film").report;
    assert_eq!(bad.error.unwrap().kind, ErrorKind::UnsupportedFormat);
    assert_eq!((bad.probabilities, bad.verdict, bad.warnings), (None, None, None));
    let again = classifier.classify("a.png", &film).report;
    assert_eq!(again.probabilities, report.probabilities);
    assert_eq!(again.explanation, report.explanation);
}

#[test]
fn json_keys_are_frozen() {
    let report = classifier().classify("a.png", &png(1, 520, 520)).report;
    let json = serde_json::to_string(&report).unwrap();
    let mut last = 0;
    for key in
        ["path", "probabilities", "verdict", "readers", "warnings", "error", "film", "explanation", "model"]
    {
        let place = json.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("no {key}"));
        assert!(place >= last, "{key} is out of order");
        last = place;
    }
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    for label in ["covid19", "normal", "pneumonia"] {
        assert!(value["probabilities"][label].is_f64() && value["readers"]["texture"][label].is_f64());
    }
}

#[test]
fn contributions_add_up_to_the_change_of_the_logits() {
    let weights = TextureWeights::from_bytes(&model(TEXTURE_FILE)).unwrap();
    let mut extractor = covid_classifier::texture::FeatureExtractor::new();
    for seed in 0..4 {
        let film = covid_classifier::decode::decode(&png(seed, 600 + 37 * seed as usize, 560)).unwrap();
        let features = extractor.features(&covid_classifier::preprocess::preprocess(&film));
        let explanation = explain(&weights.reduction, &weights.perceptron, &features);
        let of = |values: PerLabel| <[f64; 3]>::from(values);
        let logits =
            weights.perceptron.logits(&weights.reduction.project(&weights.reduction.centered(&features)));
        assert_eq!(of(explanation.logits), logits);
        assert_eq!(explanation.blocks.len(), 5);
        assert_eq!(explanation.features.len(), 10);
        for (label, &logit) in logits.iter().enumerate() {
            let change = logit - of(explanation.baseline_logits)[label];
            let blocks: f64 = explanation.blocks.iter().map(|b| of(b.contribution)[label]).sum();
            let listed: f64 = explanation.features.iter().map(|f| of(f.contribution)[label]).sum();
            let features = listed + of(explanation.other_features)[label];
            assert!(change.abs() > 1e-3, "a film that moves nothing tests nothing");
            assert!((blocks - change).abs() < 1e-6, "blocks {blocks}, change {change}");
            assert!((features - change).abs() < 1e-6, "features {features}, change {change}");
        }
    }
}

#[test]
fn warnings_name_what_is_unusual() {
    use covid_classifier::report::WarningKind::{AspectRatio, Flat, Upscaled};
    let mut classifier = classifier();
    let mut kinds = |bytes: &[u8]| -> Vec<_> {
        let report = classifier.classify("film", bytes).report;
        report.warnings.unwrap().into_iter().map(|warning| warning.kind).collect()
    };
    assert!(kinds(&png(1, 300, 700)).contains(&Upscaled));
    assert!(kinds(&png(1, 600, 1200)).contains(&AspectRatio));
    let plain = kinds(&png(1, 800, 760));
    assert!(!plain.contains(&Upscaled) && !plain.contains(&AspectRatio) && !plain.contains(&Flat));
    let flat = image::GrayImage::from_pixel(600, 600, image::Luma([9]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    flat.write_to(&mut bytes, image::ImageFormat::Bmp).unwrap();
    assert!(kinds(&bytes.into_inner()).contains(&Flat));
}

#[cfg(feature = "train")]
#[test]
fn documents_quote_the_measured_results() {
    use covid_classifier::evaluation::texture::{Metrics, summary, tables, with_results};
    let metrics: Metrics = serde_json::from_slice(&model("metrics.json")).unwrap();
    let manifest = Manifest::from_json(&model("manifest.json")).unwrap();
    assert_eq!(
        metrics.model,
        manifest.model_id(),
        "metrics.json is of another model: run ./build.sh evaluate"
    );
    for (document, results) in [("README.md", summary(&metrics)), ("models/MODEL_CARD.md", tables(&metrics))]
    {
        let text = std::fs::read_to_string(format!("{}/{document}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let expected = with_results(&text, &results).unwrap();
        assert!(text == expected, "{document} does not quote metrics.json: run ./build.sh evaluate");
    }
}
