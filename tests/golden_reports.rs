//! Compares, number by number, the results of the shipped model on two phantoms and a coloured one: the report, the
//! maps behind it and every picture shown beside it.
//!
//! This file also writes the goldens: `UPDATE_GOLDENS=1 cargo test --test golden_reports`, which is right only after an
//! answer was changed on purpose. Differences up to [`TOLERANCE`] pass, because processors sum in different orders; the
//! test prints how many numbers differ at all.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Cursor;
use std::path::PathBuf;

use covid_classifier::phantom::Phantom;
use covid_classifier::radiograph::Samples;
use covid_classifier::show::{FilmPicture, Picture, overlay};
use covid_classifier::verdict::Verdict;
use covid_classifier::{Classifier, LABELS, Model, Reading};
use serde_json::{Map, Value, json};

/// The largest difference of a number from its golden, as a share of the golden.
const TOLERANCE: f64 = 1e-3;

/// Smaller absolute differences always pass: the sums behind a number have single precision.
const FLOOR: f64 = 2e-5;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn classifier() -> Classifier {
    Classifier::new(Model::read_folder(root().join("models")).unwrap()).unwrap()
}

fn png(image: &image::DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The films: one that is judged, a 16-bit one of another size that is not, and one with colour. (No phantom is similar
/// enough to a film for a class to be named; verdict.rs tests when one is.)
fn films() -> [(&'static str, Vec<u8>); 3] {
    let tall = Phantom { width: 620, height: 760, seed: 4 };
    let tall = image::ImageBuffer::<image::Luma<u16>, _>::from_raw(620, 760, tall.draw_u16()).unwrap();
    let wide = Phantom { width: 900, height: 480, seed: 18 }.draw_u8();
    let tinted = wide.into_iter().flat_map(|gray| [gray, gray, gray / 2 + 60]).collect();
    let tinted = image::RgbImage::from_raw(900, 480, tinted).unwrap();
    [
        ("square_8_bit", Phantom { width: 1024, height: 1024, seed: 18 }.to_bmp()),
        ("tall_16_bit", png(&tall.into())),
        ("wide_colour", png(&tinted.into())),
    ]
}

/// Values at a grid of places, row by row.
fn grid<T>(columns: usize, rows: usize, at: impl Fn(usize, usize) -> T) -> Vec<T> {
    (0..columns * rows).map(|k| at(k % columns, k / columns)).collect()
}

/// The pixels at a grid of places in a picture with this many values per pixel.
fn sampled(pixels: &[u8], (width, height): (usize, usize), values: usize) -> Value {
    let place = |x: usize, y: usize| ((2 * y + 1) * height / 32 * width + (2 * x + 1) * width / 32) * values;
    json!(grid(16, 16, |x, y| pixels[place(x, y)..place(x, y) + values].to_vec()))
}

/// The report without the fields that depend on the machine or the day.
fn report(reading: &Reading) -> Value {
    let mut report = serde_json::to_value(&reading.report).unwrap();
    for key in ["path", "elapsed_ms", "model"] {
        assert!(report.as_object_mut().unwrap().remove(key).is_some(), "no {key}");
    }
    report
}

fn seen(reading: &Reading) -> Value {
    let sight = reading.sight.as_ref().unwrap();
    let activation = &sight.activation;
    let outline = sight.outline();
    let picture: Picture = sight.thumbnail();
    let FilmPicture { width, height, samples, windows, .. } = sight.as_ref().clone().into_film();
    let shown: Vec<f64> = grid(16, 16, |x, y| {
        let k = (2 * y + 1) * height / 32 * width + (2 * x + 1) * width / 32;
        match &samples {
            Samples::U8(samples) => samples[k].into(),
            Samples::U16(samples) => samples[k].into(),
            Samples::F64(samples) => samples[k],
        }
    });
    let size = (picture.width, picture.height);
    let crop = sight.crop_picture();
    let composed = sight.composed(reading.report.activation.unwrap().label);
    let strongest = activation.strongest();
    let mut maps = Map::new();
    let mut overlays = Map::new();
    for label in LABELS {
        let at = |x: usize, y: usize| {
            let (x, y) = ((x as f64 + 0.5) / 16.0, (y as f64 + 0.5) / 16.0);
            activation.at(label, x, y).map(|value| value / strongest)
        };
        maps.insert(label.name().into(), json!(grid(16, 16, at)));
        let pixels = overlay(activation, label, size.0, size.1);
        overlays.insert(label.name().into(), sampled(&pixels, size, 4));
    }
    json!({
        "strongest": strongest,
        "maps": maps,
        "overlays": overlays,
        "composed": { "size": [composed.0, composed.1], "pixels": sampled(&composed.2, (composed.0, composed.1), 3) },
        "list_picture": { "size": [size.0, size.1], "pixels": sampled(&picture.pixels, size, 1) },
        "film": { "size": [width, height], "samples": shown, "windows": windows },
        "crop": sampled(&crop.pixels, (crop.width, crop.height), 1),
        "equalized": sampled(sight.equalized.pixels(), (512, 512), 1),
        "outline": { "segments": outline.len(), "some": outline.iter().step_by(20).collect::<Vec<_>>() },
    })
}

/// The places where `ours` does not match `golden`; also counts the numbers that differ at all.
fn differences(path: &str, ours: &Value, golden: &Value, found: &mut Vec<String>, inexact: &mut usize) {
    match (ours, golden) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let of = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or(json!("(not there)"));
                differences(&format!("{path}.{key}"), &of(a), &of(b), found, inexact);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (k, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{k}]"), a, b, found, inexact);
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            // A grey level may be rounded the other way.
            let are_levels = path.contains(".seen.") && a.is_u64() && b.is_u64();
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            *inexact += usize::from(a != b);
            let allowed = if are_levels { 1.0 } else { (TOLERANCE * b.abs()).max(FLOOR) };
            if (a - b).abs() > allowed {
                found.push(format!("{path} is {a}, not {b}"));
            }
        }
        _ if ours == golden => {}
        _ => found.push(format!("{path} is {ours}, not {golden}")),
    }
}

#[test]
fn readings_are_the_golden_ones() {
    let mut classifier = classifier();
    let (mut verdicts, mut found) = (Vec::new(), Vec::new());
    for (name, film) in films() {
        let reading = classifier.classify(name, &film);
        assert_eq!(reading.report.error, None, "{name}");
        verdicts.extend(reading.report.verdict);
        let ours = json!({ "report": report(&reading), "seen": seen(&reading) });
        // The numbers as a reader of JSON sees them.
        let ours: Value = serde_json::from_str(&ours.to_string()).unwrap();
        let path = root().join("tests/goldens/reports").join(format!("{name}.json"));
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, serde_json::to_string(&ours).unwrap() + "\n").unwrap();
        }
        let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let golden: Value = serde_json::from_slice(&golden).unwrap();
        let mut inexact = 0;
        differences(name, &ours, &golden, &mut found, &mut inexact);
        println!("{name}: {inexact} numbers are not equal to the bit");
    }
    assert!(found.is_empty(), "{} differences: {}", found.len(), found[..found.len().min(20)].join("\n"));
    // Goldens of refused films only would test little.
    assert!(verdicts.iter().any(|verdict| *verdict != Verdict::Refused));
}

#[test]
fn a_difference_would_be_seen() {
    let golden = json!({ "seen": { "a": [0.5, 0.0, 200], "b": null } });
    for other in [
        json!({ "seen": { "a": [0.5006, 0.0, 200], "b": null } }),
        json!({ "seen": { "a": [0.5, 0.00003, 200], "b": null } }),
        json!({ "seen": { "a": [0.5, 0.0, 202], "b": null } }),
        json!({ "seen": { "a": [0.5, 0.0], "b": null } }),
        json!({ "seen": { "a": [0.5, 0.0, 200], "b": 1 } }),
        json!({ "seen": { "a": [0.5, 0.0, 200] } }),
        json!({ "seen": { "a": [0.5, 0.0, 200], "b": null, "c": 1 } }),
    ] {
        let (mut found, mut inexact) = (Vec::new(), 0);
        differences("film", &other, &golden, &mut found, &mut inexact);
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
