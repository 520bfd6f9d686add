//! Tests the shipped model and the documents about it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use covid_classifier::explain::explain;
use covid_classifier::gate::Gate;
use covid_classifier::model::{MANIFEST, Manifest, ModelFile, PARTS, Part, sha256};
use covid_classifier::network::{Network, Weights};
use covid_classifier::phantom::Phantom;
use covid_classifier::preprocess::{SIDE, preprocess};
use covid_classifier::radiograph::{Radiograph, Samples};
use covid_classifier::reason::ReasonKind;
use covid_classifier::texture::TextureWeights;
use covid_classifier::verdict::{Finding, Verdict};
use covid_classifier::warnings::WarningKind;
use covid_classifier::{Classifier, Error, ErrorKind, Model, PerLabel, ReadAs, convnet};

fn model(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/models/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn manifest() -> Manifest {
    Manifest::from_json(&model(MANIFEST)).unwrap()
}

/// The shipped model, with one file or the manifest replaced.
fn with(name: &str, replacement: Option<&[u8]>) -> Result<Model, Error> {
    let read = |file: &str| match file == name {
        true => replacement.map(<[u8]>::to_vec),
        false => Some(model(file)),
    };
    let files: Vec<(String, Vec<u8>)> = manifest()
        .files
        .into_iter()
        .filter_map(|file| Some((file.path.clone(), read(&file.path)?)))
        .collect();
    let files: Vec<ModelFile<'_>> = files.iter().map(|(name, bytes)| ModelFile::new(name, bytes)).collect();
    Model::from_files(&read(MANIFEST).unwrap_or_default(), &files)
}

fn classifier() -> Classifier {
    Classifier::new(with("", None).unwrap()).unwrap()
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
    let manifest = manifest();
    assert_eq!(manifest.files.len(), PARTS.len());
    for part in PARTS {
        let file = manifest.file(part).unwrap();
        let bytes = model(&file.path);
        assert_eq!((sha256(&bytes), bytes.len()), (file.sha256.clone(), file.bytes));
        let written = match part {
            Part::Texture => TextureWeights::from_bytes(&bytes).unwrap().to_bytes().unwrap(),
            Part::Gate => Gate::from_bytes(&bytes).unwrap().to_bytes().unwrap(),
            // Rounded weights decode to other numbers; they must fit the network.
            Part::Lungs => {
                Weights::from_bytes(&Network::lungs(), &bytes).unwrap();
                continue;
            }
            Part::Convnet => {
                Weights::from_bytes(&Network::convnet(convnet::SIDE), &bytes).unwrap();
                continue;
            }
        };
        assert!(written == bytes, "{} is not written as it was read", file.path);
    }
}

/// Only the manifest names the weights of a part: under another file name they are found, too.
#[test]
fn a_model_may_call_its_files_what_it_likes() {
    let json = String::from_utf8(model(MANIFEST)).unwrap();
    let json = json.replace("gate.safetensors", "gate.of-our-hospital.safetensors");
    let manifest = Manifest::from_json(json.as_bytes()).unwrap();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("renamed-model");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(MANIFEST), &json).unwrap();
    for file in &manifest.files {
        std::fs::write(folder.join(&file.path), model(&file.path.replace(".of-our-hospital", ""))).unwrap();
    }
    assert_eq!(Model::read_folder(&folder).unwrap().gate, with("", None).unwrap().gate);
    // New weights replace the old ones under the same name.
    let mut changed = manifest.clone();
    assert_eq!(changed.set_file(Part::Gate, b"new"), "gate.of-our-hospital.safetensors");
    assert_eq!(changed.files.len(), manifest.files.len());
    assert_eq!(changed.file(Part::Gate).unwrap().sha256, sha256(b"new"));
    std::fs::remove_file(folder.join("gate.of-our-hospital.safetensors")).unwrap();
    let error = Model::read_folder(&folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("gate.of-our-hospital.safetensors"), "{error}");
}

#[test]
fn damaged_models_are_refused() {
    let kind = |name: &str, bytes: Option<&[u8]>| with(name, bytes).err().map(|error| error.kind());
    for file in manifest().files {
        let mut damaged = model(&file.path);
        *damaged.last_mut().unwrap() ^= 1;
        assert_eq!(kind(&file.path, Some(&damaged)), Some(ErrorKind::Model));
        assert_eq!(kind(&file.path, Some(b"")), Some(ErrorKind::Model));
        assert_eq!(kind(&file.path, None), Some(ErrorKind::Model));
    }
    assert_eq!(kind(MANIFEST, Some(b"{}")), Some(ErrorKind::Model));
    let json = String::from_utf8(model(MANIFEST)).unwrap();
    let long_version = format!("\"version\": \"{}", "v".repeat(100));
    for (from, to) in [
        ("texture_image_sum", "texture_sum"),
        ("gate.safetensors", "door.safetensors"),
        ("\"self_test\"", "\"untested\""),
        ("\"calibration\"", "\"uncalibrated\""),
        ("\"schema\": 2", "\"schema\": 1"),
        ("\"schema\": 2", "\"schema\": 3"),
        ("\"covid19\",\n    \"normal\"", "\"normal\",\n    \"covid19\""),
        ("gate.safetensors", "../gate.safetensors"),
        ("\"version\": \"", "\"version\": \"\\u202e"),
        ("\"version\": \"", "\"version\": \"1\\n"),
        ("\"version\": \"", &long_version),
        ("\"coverage\": ", "\"coverage\": 7"),
        ("\"convnet_scale\": ", "\"convnet_scale\": -"),
    ] {
        let changed = json.replacen(from, to, 1);
        assert_ne!(changed, json, "{from}");
        assert_eq!(kind(MANIFEST, Some(changed.as_bytes())), Some(ErrorKind::Model), "{from}");
    }
}

#[test]
fn a_byte_order_mark_before_the_manifest_is_left_out() {
    let marked = ["\u{feff}".as_bytes(), &model(MANIFEST)].concat();
    assert!(with(MANIFEST, Some(&marked)).is_ok());
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
    assert_eq!((gate.accepted, gate.accepted), (report.abnormal.is_some(), report.finding.is_some()));
    if let (Some(abnormal), Some(probabilities)) = (report.abnormal, report.probabilities) {
        assert!((abnormal + probabilities.normal - 1.0).abs() < 1e-12);
    }
    assert_eq!(gate.accepted, gate.reasons.is_empty());
    let lungs = report.lungs.unwrap();
    assert!((lungs.left + lungs.right - lungs.area).abs() < 1e-12);
    assert_eq!(report.model.as_ref().unwrap().sha256, sha256(&model("manifest.json")));
    assert_eq!(report.path, "a.png");
    let elapsed = report.elapsed_ms.unwrap();
    let stages = [
        elapsed.decode,
        elapsed.frame,
        elapsed.preprocess,
        elapsed.features,
        elapsed.classify,
        elapsed.lungs,
        elapsed.convnet,
    ];
    assert!(
        stages.iter().all(|stage| *stage > 0.0) && stages.iter().sum::<f64>() <= elapsed.total + 1e-6,
        "{elapsed:?}"
    );
    let decoded = covid_classifier::decode::decode(&film).unwrap();
    assert_eq!(classifier.classify_film("b", decoded).report.path, "b");
    let sight = first.sight.unwrap();
    assert_eq!((sight.film.width, sight.equalized.pixels().len()), (700, 512 * 512));

    // A bad file between two films changes neither result.
    let bad = classifier.classify("b.png", b"not a film").report;
    assert_eq!(bad.error.unwrap().kind, ErrorKind::UnsupportedFormat);
    assert_eq!((bad.probabilities, bad.verdict, bad.warnings), (None, None, None));
    let again = classifier.classify("a.png", &film).report;
    assert_eq!(again.probabilities, report.probabilities);
    assert_eq!(again.readers, report.readers);
    assert_eq!(again.explanation, report.explanation);
}

/// Even a model that is always sure of COVID-19 does not name it on an enhanced film.
#[test]
fn covid19_is_not_named_on_an_enhanced_film() {
    let mut model = with("", None).unwrap();
    (model.gate.least_frontal, model.gate.largest_distance) = ([0.0; 2], [1e9; 2]);
    model.calibration.least_probability = [0.0, 2.0, 2.0].into();
    let mut classifier = Classifier::new(model).unwrap();
    let phantom = Phantom { width: 1024, height: 1024, seed: 18 }.draw_u8();
    let plain = Radiograph::drawn(1024, 1024, Samples::U8(phantom));
    let enhanced = (0..3).fold(plain.clone(), |film, _| {
        Radiograph::drawn(SIDE, SIDE, Samples::U8(preprocess(&film).pixels().to_vec()))
    });
    let mut read = |film| {
        let report = classifier.classify_film("film", film).report;
        let warned = report.warnings.unwrap().iter().any(|warning| warning.kind == WarningKind::Enhanced);
        let kinds: Vec<ReasonKind> = report.abstentions.unwrap().iter().map(|reason| reason.kind).collect();
        (report.verdict, report.finding, warned, kinds)
    };
    assert_eq!(read(plain), (Some(Verdict::Covid19), Some(Finding::NotNormal), false, vec![]));
    let uncertain = (Some(Verdict::Uncertain), Some(Finding::CannotSay));
    assert_eq!(read(enhanced), (uncertain.0, uncertain.1, true, vec![ReasonKind::Enhanced]));
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
        "backend",
        "adapter",
        "abnormal",
        "finding",
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
    let weights = with("", None).unwrap().texture;
    let mut extractor = covid_classifier::texture::FeatureExtractor::new();
    for seed in 0..4 {
        let film = covid_classifier::decode::decode(&png(seed, 600 + 37 * seed as usize, 560)).unwrap();
        let features = extractor.features(&covid_classifier::preprocess::preprocess(&film));
        let explanation = explain(&weights.reduction, &weights.perceptron, &features);
        let of = |values: PerLabel| <[f64; 3]>::from(values);
        let logits = weights.logits(&features);
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
    use covid_classifier::warnings::WarningKind::{AspectRatio, Flat, MoreFrames, Upscaled};
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

/// Pictures that are not chest films are not judged.
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
        assert_eq!((report.abnormal, report.finding), (None, None), "{name}");
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

/// On a film with known lungs, the lungs are found where they are drawn, the patient's right one (on the left of the
/// film) is the larger, and the outline runs around them.
#[test]
fn drawn_lungs_are_found_where_they_are() {
    // Centre and radii in shares of the film.
    const RIGHT: [f64; 4] = [0.30, 0.50, 0.15, 0.33];
    const LEFT: [f64; 4] = [0.71, 0.47, 0.11, 0.27];
    let distance = |[cx, cy, rx, ry]: [f64; 4], x: f64, y: f64| ((x - cx) / rx).hypot((y - cy) / ry);
    let (width, height) = (900_u32, 760_u32);
    let film = image::GrayImage::from_fn(width, height, |x, y| {
        let (x, y) = ((f64::from(x) + 0.5) / f64::from(width), (f64::from(y) + 0.5) / f64::from(height));
        let body = distance([0.5, 0.62, 0.48, 0.72], x, y) < 1.0;
        // Soft edges, a spine between the lungs, ribs over them.
        let lung = [RIGHT, LEFT].map(|lung| ((1.05 - distance(lung, x, y)) / 0.1).clamp(0.0, 1.0));
        let spine = (-((x - 0.5) / 0.05).powi(2)).exp();
        let rib = ((y * 11.0 + 3.0 * (x - 0.5).powi(2)).fract() - 0.5).abs() < 0.15;
        let value = if body { 165.0 + 30.0 * spine } else { 12.0 };
        let dark = lung[0].max(lung[1]);
        image::Luma([(value - 115.0 * dark + if rib { 22.0 * dark } else { 0.0 }) as u8])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    film.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let reading = classifier().classify("drawn.png", bytes.get_ref());
    let areas = reading.report.lungs.unwrap();
    for (found, [.., rx, ry]) in [(areas.right, RIGHT), (areas.left, LEFT)] {
        let drawn = std::f64::consts::PI * rx * ry;
        assert!((found / drawn - 1.0).abs() < 0.3, "{found} of {drawn}");
    }
    assert!(areas.right > 1.3 * areas.left, "{areas:?}");
    let sight = reading.sight.unwrap();
    let outline = sight.outline();
    assert!(outline.len() > 100);
    for [x, y, ..] in outline {
        let (x, y) = (f64::from(x), f64::from(y));
        let nearest = distance(RIGHT, x, y).min(distance(LEFT, x, y));
        assert!((0.5..1.45).contains(&nearest), "({x}, {y}) is {nearest} radii from the middle of a lung");
    }
    // The crop shows the box around both lungs with a margin.
    let crop = sight.activation.crop();
    let near = |a: f64, b: f64| (a - b).abs() < 0.08;
    assert!(near(crop.left, 0.15 - 0.05) && near(crop.left + crop.width, 0.82 + 0.05), "{crop:?}");
    assert!(near(crop.top, 0.17 - 0.05) && near(crop.top + crop.height, 0.83 + 0.05), "{crop:?}");
}

/// Looking at a film a second time gives the same pictures.
#[test]
fn a_second_look_sees_the_same() {
    let mut classifier = classifier();
    for (seed, width, height) in [(18, 1024, 1024), (5, 400, 620)] {
        let film = png(seed, width, height);
        let first = *classifier.classify("a.png", &film).sight.unwrap();
        let second = pollster::block_on(classifier.look(&film, ReadAs::STORED)).unwrap();
        assert_eq!((&first.film, &first.equalized), (&second.film, &second.equalized));
        assert_eq!(
            (&first.lungs, &first.crop, &first.activation),
            (&second.lungs, &second.crop, &second.activation)
        );
        assert_eq!(first.into_film(), second.into_film());
    }
    let error = pollster::block_on(classifier.look(b"not a film", ReadAs::STORED)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedFormat);
}

/// A judged film is refused with a heat map over it, but not with coloured letters in its corner.
#[test]
fn a_film_with_colour_laid_over_it_is_refused() {
    let mut classifier = classifier();
    let (width, height) = (600, 600);
    let film = Phantom { width, height, seed: 18 }.draw();
    let mut verdict_of = |color: &dyn Fn(f64, f64, f64) -> [f64; 3]| {
        let pixels = film.iter().enumerate().flat_map(|(k, &grey)| {
            let (x, y) = ((k % width) as f64 / width as f64, (k / width) as f64 / height as f64);
            color(x, y, grey).map(|value| (255.0 * value.clamp(0.0, 1.0)).round() as u8)
        });
        let image = image::RgbImage::from_raw(width as u32, height as u32, pixels.collect()).unwrap();
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let report = classifier.classify("colour.png", bytes.get_ref()).report;
        let gate = report.gate.unwrap();
        let overlay = gate.reasons.iter().any(|reason| reason.message.starts_with("Colour is laid over"));
        (report.verdict.unwrap(), gate.accepted, overlay, report.probabilities.is_some())
    };
    let (plain, accepted, overlay, _) = verdict_of(&|_, _, grey| [grey, grey, 0.999 * grey]);
    assert!(accepted && !overlay && plain != Verdict::Refused);
    let letters = |x: f64, y: f64| x < 0.2 && y < 0.08 && (50.0 * x).fract() < 0.5;
    let (written, ..) = verdict_of(&|x, y, grey| if letters(x, y) { [1.0, 0.9, 0.2] } else { [grey; 3] });
    assert_ne!(written, Verdict::Refused);
    let heat = |x: f64, y: f64| (-((x - 0.3) / 0.2).powi(2) - ((y - 0.6) / 0.25).powi(2)).exp();
    let jet = |t: f64| [3.0, 2.0, 1.0].map(|peak| (1.5 - (4.0 * t - peak).abs()).clamp(0.0, 1.0));
    let laid = verdict_of(&|x, y, grey| jet(heat(x, y)).map(|value| 0.6 * grey + 0.4 * value));
    assert_eq!(laid, (Verdict::Refused, false, true, false));
}
