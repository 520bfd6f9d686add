//! The shipped model, and the documents that speak of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use covid_classifier::convnet;
use covid_classifier::explain::explain;
use covid_classifier::gate::Gate;
use covid_classifier::model_file::{
    CONVNET_FILE, FILES, GATE_FILE, LUNGS_FILE, Manifest, TEXTURE_FILE, TextureWeights, sha256,
};
use covid_classifier::network::{Network, Weights};
use covid_classifier::phantom::Phantom;
use covid_classifier::report::{PerLabel, Verdict};
use covid_classifier::{Classifier, ErrorKind};

fn model(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/models/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A classifier of the shipped model, with one file or the manifest replaced.
fn with(name: &str, replacement: Option<&[u8]>) -> Result<Classifier, covid_classifier::Error> {
    let read = |file: &str| match file == name {
        true => replacement.map(<[u8]>::to_vec),
        false => Some(model(file)),
    };
    let files: Vec<(&str, Vec<u8>)> =
        FILES.into_iter().filter_map(|file| Some((file, read(file)?))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
    Classifier::new(&read("manifest.json").unwrap_or_default(), &files)
}

fn classifier() -> Classifier {
    with("", None).unwrap()
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
    let names: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert!(FILES.iter().all(|name| names.contains(name)) && names.len() == FILES.len(), "{names:?}");
    for file in &manifest.files {
        let bytes = model(&file.path);
        assert_eq!(manifest.check(&file.path, &bytes).unwrap().bytes, bytes.len());
        let written = match file.path.as_str() {
            TEXTURE_FILE => TextureWeights::from_bytes(&bytes).unwrap().to_bytes().unwrap(),
            GATE_FILE => Gate::from_bytes(&bytes).unwrap().to_bytes().unwrap(),
            // Rounded weights are read back as other numbers; what is read must fit the network.
            LUNGS_FILE => {
                Weights::from_bytes(&Network::lungs(), &bytes).unwrap();
                continue;
            }
            CONVNET_FILE => {
                Weights::from_bytes(&Network::convnet(convnet::SIDE), &bytes).unwrap();
                continue;
            }
            other => panic!("{other} is not known"),
        };
        assert_eq!(written, bytes, "weights are written as they are read");
    }
}

#[test]
fn damaged_models_are_refused() {
    let kind = |name: &str, bytes: Option<&[u8]>| with(name, bytes).err().map(|error| error.kind());
    for name in FILES {
        let mut damaged = model(name);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(kind(name, Some(&damaged)), Some(ErrorKind::Model));
        assert_eq!(kind(name, Some(b"")), Some(ErrorKind::Model));
        assert_eq!(kind(name, None), Some(ErrorKind::Model));
    }
    assert_eq!(kind("manifest.json", Some(b"{}")), Some(ErrorKind::Model));
    let manifest = String::from_utf8(model("manifest.json")).unwrap();
    let renamed = manifest.replacen("texture_image_sum", "texture_sum", 1);
    assert_eq!(kind("manifest.json", Some(renamed.as_bytes())), Some(ErrorKind::Model));
}

#[test]
fn a_reading_is_whole_and_repeatable() {
    let mut classifier = classifier();
    let film = png(3, 700, 650);
    let first = classifier.classify("a.png", &film);
    let report = &first.report;
    assert_eq!(report.error, None);
    let readers = report.readers.unwrap();
    for values in [readers.texture, readers.convnet] {
        let [c, n, p]: [f64; 3] = values.into();
        assert!((c + n + p - 1.0).abs() < 1e-12);
    }
    // A refused film has no probabilities and keeps its readers' scores; any other has both.
    let gate = report.gate.as_ref().unwrap();
    assert_eq!(gate.accepted, report.probabilities.is_some());
    assert_eq!(gate.accepted, report.prediction_set.is_some());
    assert_eq!(gate.accepted, report.verdict != Some(Verdict::Refused));
    assert_eq!(gate.accepted, gate.reasons.is_empty());
    let lungs = report.lungs.unwrap();
    assert!((lungs.left + lungs.right - lungs.area).abs() < 1e-12);
    assert_eq!(report.model.as_ref().unwrap().sha256, sha256(&model("manifest.json")));
    assert_eq!(first.film.unwrap().width, 700);
    assert_eq!(first.equalized.unwrap().pixels().len(), 512 * 512);

    // A bad file between two films changes nothing.
    let bad = classifier.classify("b.png", b"not a film").report;
    assert_eq!(bad.error.unwrap().kind, ErrorKind::UnsupportedFormat);
    assert_eq!((bad.probabilities, bad.verdict, bad.warnings), (None, None, None));
    let again = classifier.classify("a.png", &film).report;
    assert_eq!(again.probabilities, report.probabilities);
    assert_eq!(again.readers, report.readers);
    assert_eq!(again.explanation, report.explanation);
}

#[test]
fn json_keys_are_frozen() {
    let report = classifier().classify("a.png", &png(1, 520, 520)).report;
    let json = serde_json::to_string(&report).unwrap();
    let mut last = 0;
    for key in [
        "path",
        "probabilities",
        "verdict",
        "readers",
        "warnings",
        "error",
        "film",
        "explanation",
        "model",
        "elapsed_ms",
        "prediction_set",
        "abstentions",
        "gate",
        "lungs",
        "activation",
    ] {
        let place = json[last..].find(&format!("\"{key}\":"));
        last += place.unwrap_or_else(|| panic!("no {key}, or out of order"));
    }
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(value["gate"]["accepted"].is_boolean() && value["gate"]["reasons"].is_array());
    for key in ["area", "left", "right"] {
        assert!(value["lungs"][key].is_f64());
    }
    for verdict in
        [Verdict::Covid19, Verdict::Normal, Verdict::Pneumonia, Verdict::Uncertain, Verdict::Refused]
    {
        assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.name());
    }
    for label in ["covid19", "normal", "pneumonia"] {
        for reader in ["texture", "convnet"] {
            assert!(value["readers"][reader][label].is_f64());
        }
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
    use covid_classifier::report::WarningKind::{AspectRatio, Flat, MoreFrames, Upscaled};
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
    assert!(!kinds(&tiff_of(1)).contains(&MoreFrames));
    assert!(kinds(&tiff_of(2)).contains(&MoreFrames));
    let samples = |bytes: &[u8]| covid_classifier::decode::decode(bytes).unwrap().samples;
    assert_eq!(samples(&tiff_of(2)), samples(&tiff_of(1)), "of two pages the first");
    for format in [image::ImageFormat::Png, image::ImageFormat::WebP] {
        let mut still = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_fn(600, 600, |x, y| image::Rgb([(x * y % 251) as u8; 3]))
            .write_to(&mut still, format)
            .unwrap();
        assert!(!kinds(still.get_ref()).contains(&MoreFrames));
        assert!(kinds(&animated(still.get_ref(), format)).contains(&MoreFrames));
    }
}

/// An animation that has the picture as its first frame.
fn animated(still: &[u8], format: image::ImageFormat) -> Vec<u8> {
    if format == image::ImageFormat::Png {
        // After the signature and IHDR: acTL with two frames, to be played for ever.
        let mut control = Vec::from(*b"acTL\0\0\0\x02\0\0\0\0");
        control.extend(crc32fast::hash(&control).to_be_bytes());
        return [&still[..33], &8u32.to_be_bytes(), &control, &still[33..]].concat();
    }
    let chunk = |name: &[u8; 4], data: &[u8]| [name, &(data.len() as u32).to_le_bytes()[..], data].concat();
    let side = [87, 2, 0];
    let image = &still[12..];
    let frame = [&[0; 6][..], &side, &side, &[100, 0, 0, 0], image].concat();
    let extended = [&[0b10, 0, 0, 0][..], &side, &side].concat();
    let frames = [chunk(b"ANMF", &frame), chunk(b"ANMF", &frame)].concat();
    chunk(b"RIFF", &[b"WEBP".to_vec(), chunk(b"VP8X", &extended), chunk(b"ANIM", &[0; 6]), frames].concat())
}

fn tiff_of(pages: usize) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
    for page in 0..pages {
        let pixels: Vec<u8> = (0..600 * 600).map(|k| ((k + page) % 251) as u8).collect();
        encoder.write_image::<tiff::encoder::colortype::Gray8>(600, 600, &pixels).unwrap();
    }
    bytes.into_inner()
}

/// What is not a film of a chest is not judged, whatever it is.
#[test]
fn pictures_that_are_no_chest_films_are_refused() {
    let mut classifier = classifier();
    let mut refused = |name: &str, pixel: &dyn Fn(u32, u32) -> u8| {
        let image = image::GrayImage::from_fn(640, 600, |x, y| image::Luma([pixel(x, y)]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let report = classifier.classify(name, &bytes.into_inner()).report;
        assert_eq!(report.verdict, Some(Verdict::Refused), "{name}: {:?}", report.gate);
        assert_eq!((report.probabilities, report.prediction_set), (None, None), "{name}");
        assert!(report.readers.is_some() && !report.gate.unwrap().reasons.is_empty(), "{name}");
    };
    refused("grey", &|_, _| 90);
    refused("gradient", &|x, _| (x * 255 / 640) as u8);
    refused("stripes", &|x, _| if x / 20 % 2 == 0 { 220 } else { 30 });
    refused("checks", &|x, y| if (x / 40 + y / 40) % 2 == 0 { 220 } else { 30 });
    refused("noise", &|x, y| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).rotate_left(7)) as u8);
    refused("disc", &|x, y| {
        if (x as i32 - 320).pow(2) + (y as i32 - 300).pow(2) < 40_000 { 230 } else { 10 }
    });
}

#[cfg(feature = "train")]
#[test]
fn documents_quote_the_measured_results() {
    use covid_classifier::evaluation::documents::{Evidence, plots, summary, tables};
    use covid_classifier::evaluation::texture::with_results;
    let metrics: Evidence = serde_json::from_slice(&model("metrics.json")).unwrap();
    assert_eq!(
        metrics.texture.model.sha256,
        sha256(&model("manifest.json")),
        "metrics.json is of another model: run ./build.sh evaluate"
    );
    for (document, results) in [("README.md", summary(&metrics)), ("models/MODEL_CARD.md", tables(&metrics))]
    {
        let text = std::fs::read_to_string(format!("{}/{document}", env!("CARGO_MANIFEST_DIR"))).unwrap();
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
