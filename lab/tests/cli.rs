//! Tests the command line as a caller sees it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use covid_classifier::phantom::Phantom;
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_covid-lab")).args(arguments).output().unwrap()
}

/// A fresh folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn phantom(path: &Path, seed: u64) {
    let film = Phantom { width: 640, height: 600, seed }.draw_u8();
    image::GrayImage::from_raw(640, 600, film).unwrap().save(path).unwrap();
}

/// The table of own films is read; an unknown class is named in the error.
#[test]
fn own_films_are_evaluated_from_a_table() {
    let folder = folder("own-films");
    let mut table = "path,label,patient_group\n".to_owned();
    for k in 1..=6 {
        phantom(&folder.join(format!("{k}.png")), k);
        table += &format!("{k}.png,{},p{k}\n", if k % 2 == 0 { "normal" } else { "covid19" });
    }
    let path = folder.join("films.csv");
    std::fs::write(&path, &table).unwrap();
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/../models");
    let out = folder.join("figures.json").display().to_string();
    let csv = path.display().to_string();
    let output = run(&["evaluate", "--manifest", &csv, "--model", models, "--out", &out]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sets: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(sets[0]["films"], serde_json::json!({"covid19": 3, "normal": 3, "pneumonia": 0}));
    let verdicts = sets[0]["verdicts"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    assert_eq!(verdicts.map(|count| count.as_u64().unwrap()).sum::<u64>(), 6);

    // A missing film is named; the others are read.
    std::fs::remove_file(folder.join("2.png")).unwrap();
    let output = run(&["evaluate", "--manifest", &csv, "--model", models, "--out", &out]);
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && String::from_utf8_lossy(&said).contains("2.png"));
    let sets: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(sets[0]["films"], serde_json::json!({"covid19": 3, "normal": 2, "pneumonia": 0}));

    std::fs::write(&path, table.replace(",normal,", ",healthy,")).unwrap();
    let output = run(&["evaluate", "--manifest", &csv, "--model", models]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 3: the label is \"healthy\""));
}

/// Missing files are named, and nothing is written.
#[test]
fn without_films_nothing_is_trained() {
    let folder = folder("nothing");
    let data = folder.display().to_string();
    let table = folder.join("left-out.csv").display().to_string();
    for (part, option, place) in [
        ("texture", "--data", &data),
        ("lungs", "--data", &data),
        ("convnet", "--data", &data),
        ("gate", "--data", &data),
        ("verdict", "--left-out", &table),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_covid-lab"))
            .args(["train", part, option, place])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .output()
            .unwrap();
        assert!(!output.status.success(), "{part}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.starts_with("covid-lab: cannot read")
                || said.contains("photographs.sh")
                || said.contains("left-out.csv"),
            "{part}: {said}"
        );
    }
}
