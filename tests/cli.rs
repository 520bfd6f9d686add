//! The command line, as a caller sees it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_covid-classifier")).args(arguments).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn phantom(folder: &std::path::Path, name: &str, arguments: &[&str]) -> String {
    let path = folder.join(name).display().to_string();
    let output =
        run(&[&["phantom", "--width", "640", "--height", "600", "--out", &path], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    path
}

#[test]
fn a_bad_file_is_a_line_and_stops_nothing() {
    let folder = folder("bad-file");
    let (png, jpeg) = (phantom(&folder, "a.png", &[]), phantom(&folder, "b.jpg", &["--seed", "2"]));
    let bad = folder.join("bad.png").display().to_string();
    std::fs::write(&bad, "this is text").unwrap();
    let missing = folder.join("missing.png").display().to_string();

    let output = run(&["classify", "--json", &png, &bad, &missing, &jpeg]);
    assert_eq!(output.status.code(), Some(1));
    let reports = lines(&output);
    let paths: Vec<&str> = reports.iter().map(|report| report["path"].as_str().unwrap()).collect();
    assert_eq!(paths, [&png, &bad, &missing, &jpeg]);
    for (report, kind) in [(&reports[1], "unsupported_format"), (&reports[2], "io")] {
        assert_eq!(report["error"]["kind"], kind);
        assert!(report["error"]["message"].as_str().unwrap().len() > 10);
        for key in ["probabilities", "verdict", "readers", "warnings"] {
            assert!(report[key].is_null(), "{key}");
        }
    }
    for report in [&reports[0], &reports[3]] {
        assert!(report["error"].is_null());
        assert!(report["probabilities"]["covid19"].is_f64());
        assert!(report["warnings"].is_array());
    }
    assert_eq!(run(&["classify", "--json", &png, &jpeg]).status.code(), Some(0));
}

#[test]
fn features_of_a_film_and_of_its_preprocessed_image() {
    let folder = folder("features");
    let film = phantom(&folder, "film.png", &["--bits", "16"]);
    let output = run(&["features", "--json", &film]);
    assert!(output.status.success());
    let line = &lines(&output)[0];
    assert_eq!(line["features"].as_array().unwrap().len(), 252);
    assert!(line["error"].is_null());

    let refused = run(&["features", "--json", "--preprocessed", &film]);
    assert_eq!(refused.status.code(), Some(1));
    let line = &lines(&refused)[0];
    assert!(line["features"].is_null());
    assert_eq!(line["error"]["kind"], "unsupported_format");
}

#[test]
fn people_get_words() {
    let folder = folder("words");
    let film = phantom(&folder, "film.png", &[]);
    let output = run(&["classify", &film]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for word in ["covid19", "verdict", "not a medical device", "children"] {
        assert!(text.contains(word), "no {word:?} in {text}");
    }
}
