//! Compares with the results of scikit-image, NumPy, SciPy and PyWavelets on synthetic images, which
//! `tests/reference/make_goldens.py` writes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;

use covid_classifier::decode::decode;
use covid_classifier::pipeline::{Input, film_features};
use covid_classifier::preprocess::preprocess;
use covid_classifier::radiograph::Samples;
use covid_classifier::texture::{FeatureExtractor, feature_names};

const PNGS: [&str; 14] = [
    "gray8_odd",
    "gray8_shrunk",
    "gray8_enlarged",
    "gray8_one_axis_shrunk",
    "gray8_same_size",
    "gray16",
    "rgb8",
    "rgba8",
    "gray_alpha8",
    "narrow_range",
    "flat",
    "two_valued",
    "saturated",
    "palette",
];

fn golden(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn samples_u8(name: &str) -> Vec<u8> {
    match decode(&golden(name)).unwrap().samples {
        Samples::U8(samples) => samples,
        _ => panic!("{name} is not 8-bit grey"),
    }
}

/// Mean and largest absolute difference in grey levels.
fn difference(a: &[u8], b: &[u8]) -> (f64, u8) {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    let mean = differences.clone().map(f64::from).sum::<f64>() / a.len() as f64;
    (mean, differences.max().unwrap())
}

#[test]
fn preprocessing_is_scikit_images() {
    for name in PNGS {
        let film = decode(&golden(&format!("{name}.png"))).unwrap();
        let expected = samples_u8(&format!("{name}.preprocessed.png"));
        let (mean, largest) = difference(preprocess(&film).pixels(), &expected);
        println!("{name}: mean {mean:.6}, largest {largest}");
        assert!(mean <= 0.1 && largest <= 1, "{name}: mean {mean}, largest {largest}");
    }
}

#[test]
fn a_wrong_pixel_would_be_seen() {
    let mut pixels = samples_u8("gray8_odd.preprocessed.png");
    let film = decode(&golden("gray8_odd.png")).unwrap();
    pixels[1234] = pixels[1234].wrapping_add(2);
    assert_eq!(difference(preprocess(&film).pixels(), &pixels).1, 2);
}

#[test]
fn features_are_the_references() {
    let mut extractor = FeatureExtractor::new();
    let names = feature_names();
    for name in PNGS.into_iter().filter(|name| !["palette", "flat", "two_valued"].contains(name)) {
        let expected: Vec<f64> = serde_json::from_slice(&golden(&format!("{name}.features.json"))).unwrap();
        let image = golden(&format!("{name}.preprocessed.png"));
        let features = film_features(&mut extractor, &image, Input::Preprocessed).unwrap();
        for ((feature, expected), of) in features.iter().zip(&expected).zip(&names) {
            let error = (feature - expected).abs() / expected.abs().max(1.0);
            assert!(error < 1e-9, "{name} {of}: {feature}, not {expected}");
        }
    }
}

/// In flat and two-valued images, the Fourier magnitudes and some wavelet details are rounding noise, which differs
/// between libraries; everything else is the same.
#[test]
fn degenerate_features_are_the_references_where_defined() {
    let mut extractor = FeatureExtractor::new();
    for name in ["flat", "two_valued"] {
        let expected: Vec<f64> = serde_json::from_slice(&golden(&format!("{name}.features.json"))).unwrap();
        let image = golden(&format!("{name}.preprocessed.png"));
        let features = film_features(&mut extractor, &image, Input::Preprocessed).unwrap();
        assert!(features.iter().all(|feature| feature.is_finite()));
        for k in (0..14).chain(140..252) {
            let error = (features[k] - expected[k]).abs() / expected[k].abs().max(1.0);
            assert!(error < 1e-9, "{name} {k}: {}, not {}", features[k], expected[k]);
        }
    }
}

#[test]
fn jpeg_is_libjpeg_turbos() {
    let names =
        ["gray_baseline", "gray_progressive_turned", "color_420", "color_422_progressive", "color_444"];
    for name in names {
        let film = decode(&golden(&format!("{name}.jpg"))).unwrap();
        let expected = decode(&golden(&format!("{name}.gray16.png"))).unwrap();
        assert_eq!((film.width, film.height), (expected.width, expected.height), "{name}");
        let Samples::U16(expected) = expected.samples else { panic!("{name}") };
        let gray: Vec<f64> = match film.samples {
            Samples::U8(samples) => samples.into_iter().map(|v| f64::from(v) / 255.0).collect(),
            Samples::F64(samples) => samples,
            Samples::U16(_) => panic!("{name}"),
        };
        for (gray, expected) in gray.into_iter().zip(expected) {
            assert!((gray * 65535.0 - f64::from(expected)).abs() < 0.501, "{name}");
        }
    }
}

/// Files that `tests/reference/make_rasters.py` writes with tifffile, imagecodecs and Pillow, which also give the
/// expected greys.
#[test]
fn files_of_other_tools_are_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/rasters");
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.filter(|name| !name.ends_with(".gray16.png")).collect();
    assert!(names.len() > 50, "{names:?}");
    let gray = |samples: Samples| -> Vec<f64> {
        match samples {
            Samples::U8(samples) => samples.into_iter().map(|v| f64::from(v) * 257.0).collect(),
            Samples::U16(samples) => samples.into_iter().map(f64::from).collect(),
            Samples::F64(samples) => samples.into_iter().map(|v| v * 65535.0).collect(),
        }
    };
    let mut wrong = Vec::new();
    for name in &names {
        let film = match decode(&golden(&format!("rasters/{name}"))) {
            Ok(film) => film,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let expected = decode(&golden(&format!("rasters/{name}.gray16.png"))).unwrap();
        assert_eq!((film.width, film.height), (expected.width, expected.height), "{name}");
        assert_eq!(
            film.transparent.is_some(),
            name.contains("surround") || name.contains("alpha") || name == "rgba.tif"
        );
        let several = ["thumbnail_first.tif"].contains(&name.as_str());
        assert_eq!(film.provenance.has_more_frames, several, "{name}");
        let scaled = ["int", "float16.tif", "float32.tif", "float64.tif"];
        let scaled = scaled.iter().any(|kind| name.contains(kind)) && name != "float16_unit.tif";
        assert_eq!(film.provenance.scaled.is_some(), scaled, "{name}");
        // Both sides are rounded to 16 bits. Values of few bits are spread to 8 bits, rounded to the nearest level.
        let differences =
            gray(film.samples).into_iter().zip(gray(expected.samples)).map(|(a, b)| (a - b).abs());
        let largest = differences.fold(0.0, f64::max);
        if largest > 1.001 {
            wrong.push(format!("{name}: off by {largest} of 65,535"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
