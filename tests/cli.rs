//! Tests the command line as a caller sees it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_covid-classifier")).args(arguments).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A fresh folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn phantom(folder: &Path, name: &str, arguments: &[&str]) -> String {
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
        for key in ["probabilities", "verdict", "readers", "warnings", "abnormal", "finding"] {
            assert!(report[key].is_null(), "{key}");
        }
    }
    for report in [&reports[0], &reports[3]] {
        assert!(report["error"].is_null());
        assert!(report["readers"]["texture"]["covid19"].is_f64());
        assert!(report["readers"]["convnet"]["covid19"].is_f64());
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
    for word in ["covid19", "verdict", "paper's reader", "lungs", "not a medical device", "MODEL_CARD"] {
        assert!(text.contains(word), "no {word:?} in {text}");
    }
}

/// A phantom that the gate accepts.
#[test]
fn people_read_first_whether_a_film_is_normal() {
    let folder = folder("finding");
    let film = folder.join("film.png").display().to_string();
    assert!(run(&["phantom", "--seed", "18", "--out", &film]).status.success());
    let report = &lines(&run(&["classify", "--json", &film]))[0];
    let text = String::from_utf8_lossy(&run(&["classify", &film]).stdout).into_owned();
    let (finding, abnormal) = (report["finding"].as_str().unwrap(), report["abnormal"].as_f64().unwrap());
    let line =
        format!("finding: {finding} (calibrated probability that the film is not normal: {abnormal:.4})");
    assert_eq!(text.lines().nth(1).unwrap().trim(), line);
    assert!(text.lines().nth(2).unwrap().trim().starts_with("verdict: "));
}

#[test]
fn a_heatmap_is_drawn_for_every_film_that_is_read() {
    let folder = folder("heatmap");
    let film = phantom(&folder, "film.png", &[]);
    let bad = folder.join("bad.png").display().to_string();
    std::fs::write(&bad, "this is text").unwrap();
    let out = folder.join("maps");
    let _ = std::fs::remove_dir_all(&out);
    assert_eq!(
        run(&["classify", "--heatmap", &out.display().to_string(), &film, &bad]).status.code(),
        Some(1)
    );
    let maps = files(&out);
    assert_eq!(maps.len(), 1);
    assert!(maps[0].ends_with("heatmap/film.png.heatmap.png"), "{maps:?}");
    let map = image::open(&maps[0]).unwrap().into_rgb8();
    assert_eq!(map.dimensions(), (640, 600));
    assert!(map.pixels().any(|pixel| pixel[0] != pixel[2]), "nothing is coloured");
}

/// All files in a folder and its subfolders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

#[test]
fn a_folder_is_read_and_no_map_takes_the_place_of_another() {
    let folder = folder("ward");
    let _ = std::fs::remove_dir_all(&folder);
    for inner in ["a", "b", ".hidden"] {
        std::fs::create_dir_all(folder.join(inner)).unwrap();
    }
    let films = ["a/film 10.png", "a/film 2.png", "b/film 2.png"];
    let first = phantom(&folder, "a/film 2.png", &[]);
    for film in ["a/film 10.png", "b/film 2.png", ".hidden/film.png", "a/.film.png"] {
        std::fs::copy(&first, folder.join(film)).unwrap();
    }
    // Names do not decide: this file is a letter, and that one a picture.
    std::fs::write(folder.join("b/letter.png"), "Dear colleague").unwrap();
    std::fs::write(folder.join("b/letter.txt"), "Dear colleague").unwrap();
    std::fs::write(folder.join("b/Thumbs.db"), "pictures").unwrap();
    std::fs::write(folder.join("b/picture.txt"), "GIF89a").unwrap();
    std::fs::write(folder.join("b/empty.png"), "").unwrap();

    let maps = folder.join("maps");
    let (named, drawn) = (folder.display().to_string(), maps.display().to_string());
    let output = run(&["classify", "--json", "--heatmap", &drawn, &named]);
    assert_eq!(output.status.code(), Some(1));
    let reports = lines(&output);
    let of = |report: &Value| {
        let path = Path::new(report["path"].as_str().unwrap()).strip_prefix(&folder).unwrap().to_owned();
        (path.display().to_string().replace('\\', "/"), report["error"]["kind"].as_str().map(str::to_owned))
    };
    let kind = |kind: &str| Some(kind.to_owned());
    let expected = [
        (films[1].to_owned(), None),
        (films[0].to_owned(), None),
        ("b/empty.png".to_owned(), kind("empty")),
        (films[2].to_owned(), None),
        ("b/letter.png".to_owned(), kind("unsupported_format")),
        ("b/picture.txt".to_owned(), kind("unsupported_format")),
    ];
    assert_eq!(reports.iter().map(of).collect::<Vec<_>>(), expected);
    assert_eq!(reports[5]["error"]["format"], "gif");
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 file that is not an image was left out"));
    let found = files(&maps);
    assert_eq!(found.len(), 3);
    for film in films {
        let ending = format!("ward/{film}.heatmap.png");
        assert!(found.iter().any(|map| map.ends_with(&ending)), "{ending} in {found:?}");
    }
    // The maps are in the folder, but are not read with it.
    assert_eq!(lines(&run(&["classify", "--json", "--heatmap", &drawn, &named])).len(), 6);
    // A named file is read, whatever it is.
    let letter = folder.join("b/letter.png").display().to_string();
    assert_eq!(lines(&run(&["features", "--json", &letter]))[0]["error"]["kind"], "unsupported_format");
}

#[test]
fn a_network_is_written_with_its_weights() {
    let folder = folder("network");
    let out = folder.display().to_string();
    for (name, side, features) in [("lungs", 128, 8), ("convnet", 128, 22)] {
        let output = run(&["network", name, "--out", &out]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let json = std::fs::read(folder.join(format!("{name}.json"))).unwrap();
        let network: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!((&network["side"], &network["features"]), (&side.into(), &features.into()));
        let layers = network["layers"].as_array().unwrap();
        let of = |layer: &Value, key: &str| layer[key].as_u64().unwrap();
        let convs = layers.iter().filter(|layer| layer["kind"] == "conv");
        let parameters =
            convs.map(|conv| of(conv, "outputs") * (of(conv, "inputs") * of(conv, "kernel").pow(2) + 1));
        let values = std::fs::read(folder.join(format!("{name}.bin"))).unwrap();
        assert_eq!(values.len() as u64, 4 * parameters.sum::<u64>());
        let values = values.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
        assert!(values.clone().all(f32::is_finite) && values.clone().any(|value| value != 0.0));
    }
    assert!(!run(&["network", "heart", "--out", &out]).status.success());
}

#[test]
fn a_film_is_read_turned_mirrored_and_inverted() {
    let folder = folder("read-as");
    let film = folder.join("film.png").display().to_string();
    assert!(
        run(&["phantom", "--seed", "18", "--width", "640", "--height", "600", "--out", &film])
            .status
            .success()
    );
    let stored = image::open(&film).unwrap();
    let turned = folder.join("turned.png").display().to_string();
    let mut other = stored.fliph().rotate90();
    other.invert();
    other.save(&turned).unwrap();
    let plain = &lines(&run(&["classify", "--json", &film]))[0];
    assert!(plain["read_as"].is_null());
    let report = &lines(&run(&["classify", "--json", "--turn", "270", "--mirror", "--invert", &turned]))[0];
    let read_as = serde_json::json!({"quarter_turns": 3, "mirrored": true, "inverted": true});
    assert_eq!(report["read_as"], read_as);
    for key in ["probabilities", "readers", "gate", "lungs", "film"] {
        assert_eq!(report[key], plain[key], "{key}");
    }
    // People are told the flags.
    let down = folder.join("down.png").display().to_string();
    stored.rotate180().save(&down).unwrap();
    let text = String::from_utf8_lossy(&run(&["classify", &down]).stdout).into_owned();
    assert!(text.contains("Read it turned by 180°.\n    try: --turn 180\n"), "{text}");
    let text = String::from_utf8_lossy(&run(&["classify", "--turn", "180", &down]).stdout).into_owned();
    assert!(text.contains("  read with --turn 180\n") && !text.contains("refused"), "{text}");
    assert!(!run(&["classify", "--turn", "45", &film]).status.success());
}

/// A ZIP archive of stored files.
fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let at = (out.len() as u32).to_le_bytes();
        let size = (content.len() as u32).to_le_bytes();
        let checksum = crc32fast::hash(content).to_le_bytes();
        let name_length = (name.len() as u16).to_le_bytes();
        let common =
            [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &checksum, &size, &size, &name_length, &[0; 2]].concat();
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), content].concat());
        directory.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 10], &at, name.as_bytes()].concat());
    }
    let (at, size) = ((out.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    let count = (files.len() as u16).to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &at, &[0; 2]].concat();
    [out, directory, end].concat()
}

/// A DICOMDIR, as far as its file meta information.
fn dicomdir() -> Vec<u8> {
    let mut bytes = [vec![0; 128], b"DICM\x02\0\x02\0UI\x14\0".to_vec()].concat();
    bytes.extend(b"1.2.840.10008.1.3.10");
    bytes.extend(b"\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0");
    bytes.extend(b"\x08\0\x05\0CS\x0a\0ISO_IR 100");
    bytes
}

#[test]
fn a_cd_and_a_zip_of_films_are_read_as_folders_are() {
    let folder = folder("cd");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("IMAGES")).unwrap();
    let film = std::fs::read(phantom(&folder, "film.png", &[])).unwrap();
    std::fs::rename(folder.join("film.png"), folder.join("IMAGES/IM0001")).unwrap();
    std::fs::write(folder.join("DICOMDIR"), dicomdir()).unwrap();
    let films = [
        ("ward/b.png", film.clone()),
        ("ward/a", film.clone()),
        ("ward/a", film.clone()),
        ("DICOMDIR", dicomdir()),
        ("readme.txt", b"Dear colleague".to_vec()),
        ("__MACOSX/ward/._a.png", film.clone()),
        ("../../out.png", film.clone()),
    ];
    std::fs::write(folder.join("films.zip"), zip(&films)).unwrap();
    std::fs::write(folder.join("cut.zip"), &zip(&films)[..1000]).unwrap();

    let maps = folder.join("maps");
    let (named, drawn) = (folder.display().to_string(), maps.display().to_string());
    let output = run(&["classify", "--json", "--heatmap", &drawn, &named]);
    let reports = lines(&output);
    let of = |report: &Value| {
        let path = Path::new(report["path"].as_str().unwrap()).strip_prefix(&folder).unwrap().to_owned();
        (path.display().to_string().replace('\\', "/"), report["error"]["kind"].as_str().map(str::to_owned))
    };
    let expected = [
        ("cut.zip", Some("decode")),
        ("films.zip/out.png", None),
        ("films.zip/ward/a", None),
        ("films.zip/ward/a", None),
        ("films.zip/ward/b.png", None),
        ("IMAGES/IM0001", None),
    ];
    let expected = expected.map(|(path, kind)| (path.to_owned(), kind.map(str::to_owned)));
    assert_eq!(reports.iter().map(of).collect::<Vec<_>>(), expected);
    assert!(reports[0]["error"]["message"].as_str().unwrap().contains("unpack it"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("3 files that are not images were left out"), "{said}");
    let found = files(&maps);
    assert_eq!(found.len(), 5, "{found:?}");
    for ending in
        ["films.zip/ward/a.heatmap.png", "films.zip/ward/a.2.heatmap.png", "films.zip/out.png.heatmap.png"]
    {
        assert!(found.iter().any(|map| map.ends_with(format!("cd/{ending}"))), "{ending} in {found:?}");
    }
    // An archive may be named itself.
    let archive = folder.join("films.zip").display().to_string();
    assert_eq!(lines(&run(&["features", "--json", &archive])).len(), 4);
}

/// The program's output for a list on its standard input.
fn run_on(list: &[u8], arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_covid-classifier"))
        .args([&["classify", "--json", "--files-from", "-"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(list).unwrap();
    child.wait_with_output().unwrap()
}

fn paths(reports: &[Value]) -> Vec<&str> {
    reports.iter().map(|report| report["path"].as_str().unwrap()).collect()
}

/// Copies of one small film under many names.
fn copies(folder: &Path, count: usize) -> Vec<String> {
    let first = std::fs::read(phantom(folder, "first.png", &[])).unwrap();
    let films = folder.join("films");
    let _ = std::fs::remove_dir_all(&films);
    std::fs::create_dir_all(&films).unwrap();
    let path = |number: usize| films.join(format!("film {number}.png"));
    (0..count).for_each(|number| std::fs::write(path(number), &first).unwrap());
    (0..count).map(|number| path(number).display().to_string()).collect()
}

#[test]
fn a_list_is_answered_line_by_line_in_its_order() {
    let folder = folder("list");
    let films = copies(&folder, 12);
    let missing = folder.join("missing.png").display().to_string();
    let bad = folder.join("bad.png").display().to_string();
    std::fs::write(&bad, "this is text").unwrap();
    // A path named twice gets two answers; empty lines and Windows line ends do not matter; a line that is not a path
    // gets one answer.
    let mut named: Vec<&str> = films.iter().map(String::as_str).collect();
    named.extend([&missing, &bad, &films[3]].map(String::as_str));
    let unusable = "x".repeat(100_000);
    let list = format!("\u{feff}{}\r\n\r\n{unusable}\n{}", named.join("\r\n"), films[0]);
    for jobs in ["1", "3"] {
        let output = run_on(list.as_bytes(), &["--jobs", jobs]);
        let reports = lines(&output);
        let mut expected = named.clone();
        expected.extend([&unusable[..200], &films[0]]);
        assert_eq!(paths(&reports), expected, "{jobs} jobs");
        let kinds: Vec<&str> = reports.iter().filter_map(|report| report["error"]["kind"].as_str()).collect();
        assert_eq!(kinds, ["io", "unsupported_format", "dataset"]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("films read: 14; not read: 3; done before: 0"), "{said}");
    }
    // As they are done, and from a file that is separated by NUL.
    let file = folder.join("list").display().to_string();
    std::fs::write(&file, films.join("\0") + "\0").unwrap();
    let output = run(&["classify", "--json", "--files-from", &file, "-0", "--unordered", "--jobs", "3"]);
    assert_eq!(output.status.code(), Some(0));
    let reports = lines(&output);
    let mut found = paths(&reports);
    found.sort_unstable();
    let mut expected: Vec<&str> = films.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
    // The same list read as lines is one path that does not exist.
    let output = run(&["classify", "--json", "--files-from", &file]);
    let reports = lines(&output);
    assert_eq!(reports.len(), 1);
    assert!(reports[0]["error"]["message"].as_str().unwrap().contains("--null"), "{reports:?}");
    // Folders in the list are walked as if they were arguments.
    let inner = folder.join("films").display().to_string();
    assert_eq!(lines(&run_on(inner.as_bytes(), &[])).len(), 12);
}

#[test]
fn exit_codes_say_what_a_scheduler_needs() {
    let folder = folder("codes");
    let film = phantom(&folder, "film.png", &[]);
    let code = |arguments: &[&str]| run(&[&["classify"], arguments].concat()).status.code();
    assert_eq!(code(&[&film]), Some(0));
    assert_eq!(run_on(b"", &[]).status.code(), Some(0), "a part of a list may be empty");
    assert_eq!(code(&["missing.png"]), Some(1));
    let empty = folder.join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    // A model that is none, and one whose manifest is a device without an end.
    let bare = folder.join("bare");
    std::fs::create_dir_all(&bare).unwrap();
    std::fs::write(bare.join("manifest.json"), "{}").unwrap();
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut models = vec![bare];
    #[cfg(unix)]
    {
        let endless = folder.join("endless");
        std::fs::create_dir_all(&endless).unwrap();
        let manifest = endless.join("manifest.json");
        // Of an earlier run.
        std::fs::remove_file(&manifest).ok();
        std::os::unix::fs::symlink("/dev/zero", manifest).unwrap();
        models.push(endless);
    }
    for model in models {
        let output = run(&["classify", "--model", &model.display().to_string(), &film]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("in --model, or leave it out"), "{said}");
    }
    let (empty, folder) = (empty.display().to_string(), folder.display().to_string());
    let unusable: [&[&str]; 12] = [
        &[],
        &[&empty],
        &["--files-from", "missing.txt"],
        &["--files-from", &folder],
        &["--files-from", "-", &film],
        &["--null", &film],
        &["--jobs", "0", &film],
        &["--jobs", "4000000000", &film],
        &["--model", "missing", &film],
        &["--heatmap", &film, &film],
        &["--resume", &film, &film],
        &["--resume", &folder, &film],
    ];
    for unusable in unusable {
        let output = run(&[&["classify"], unusable].concat());
        assert_eq!(output.status.code(), Some(2), "{unusable:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{unusable:?}");
    }
    let help = String::from_utf8_lossy(&run(&["classify", "--help"]).stdout).into_owned();
    for word in ["Exit codes", "--files-from", "--resume", "141"] {
        assert!(help.contains(word), "{word}");
    }
}

/// The answer that did not fit is not lost: another run gives it.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_with_what_to_do() {
    let folder = folder("full");
    let film = phantom(&folder, "film.png", &[]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let program = env!("CARGO_BIN_EXE_covid-classifier");
    let output = Command::new(program).args(["classify", "--json", &film]).stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        said.contains("the reports cannot be written: ") && said.contains("again with --resume"),
        "{said}"
    );
}

#[test]
fn a_phantom_that_no_film_could_be_is_not_drawn() {
    let folder = folder("phantoms");
    let (png, jpeg) =
        (folder.join("a.png").display().to_string(), folder.join("a.jpg").display().to_string());
    for (path, arguments, word) in [
        (&png, ["--width", "1000000"], "65535"),
        (&png, ["--width", "65535"], "64000000 pixels"),
        (&png, ["--height", "0"], "65535"),
        (&png, ["--bits", "12"], "8, 16"),
        (&jpeg, ["--bits", "16"], "8 bits"),
    ] {
        let output = run(&[&["phantom", "--out", path], &arguments[..]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(word), "{arguments:?}: {said}");
    }
    assert!(std::fs::read_dir(&folder).unwrap().next().is_none());
}

/// A caller that hands films over one at a time gets answers before it closes the list.
#[test]
fn a_film_is_answered_before_the_next_is_named() {
    let folder = folder("stream");
    let films = copies(&folder, 3);
    let mut child = Command::new(env!("CARGO_BIN_EXE_covid-classifier"))
        .args(["classify", "--json", "--files-from", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut list, mut answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for film in &films {
        writeln!(list, "{film}").unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["path"], film.as_str());
    }
    drop(list);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_batch_without_a_word() {
    let folder = folder("pipe");
    let films = copies(&folder, 2);
    let mut child = Command::new(env!("CARGO_BIN_EXE_covid-classifier"))
        .args(["classify", "--json", "--files-from", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut list = child.stdin.take().unwrap();
    writeln!(list, "{}\n{}", films[0], films[1]).unwrap();
    // The list stays open: it ends all the same.
    let begin = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "it waits for the list");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(141));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    drop(list);
}

#[test]
fn a_batch_that_was_killed_goes_on_where_it_was() {
    let folder = folder("resume");
    let mut films = copies(&folder, 60);
    // Two of them are answered with an error.
    films.push(folder.join("missing.png").display().to_string());
    films.insert(0, folder.join("films").join("none.png").display().to_string());
    let list = folder.join("list.txt").display().to_string();
    std::fs::write(&list, films.join("\n")).unwrap();
    for order in [&[][..], &["--unordered"]] {
        let out = folder.join("out.jsonl");
        let _ = std::fs::remove_file(&out);
        let arguments =
            [&["classify", "--files-from", &list, "--resume", out.to_str().unwrap(), "--jobs", "2"], order]
                .concat();
        let count =
            || std::fs::read(&out).map_or(0, |bytes| bytes.iter().filter(|&&byte| byte == b'\n').count());
        let mut child = Command::new(env!("CARGO_BIN_EXE_covid-classifier"))
            .args(&arguments)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        while count() < 8 && begin.elapsed() < Duration::from_secs(600) {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let whole = count();
        assert!((8..films.len()).contains(&whole), "{whole} films were done when it was killed");
        // As if it had been killed while it wrote.
        let written = std::fs::read(&out).unwrap();
        let torn = &written[..written.len() - 40];
        std::fs::write(&out, torn).unwrap();

        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(&format!("done before: {}\n", whole - 1)), "{said}");
        let found = std::fs::read(&out).unwrap();
        assert!(
            found.starts_with(&torn[..torn.iter().rposition(|&byte| byte == b'\n').unwrap()]),
            "what was whole stays"
        );
        let text = String::from_utf8(found.clone()).unwrap();
        let reports: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut found_paths = paths(&reports);
        let mut expected: Vec<&str> = films.iter().map(String::as_str).collect();
        if order.is_empty() {
            assert_eq!(found_paths, expected, "in the order of the list");
        }
        found_paths.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found_paths, expected, "every film once");

        // Running again does nothing and ends as before.
        assert_eq!(run(&arguments).status.code(), Some(1));
        assert_eq!(std::fs::read(&out).unwrap(), found);
        // Reports of another kind are not mixed in.
        let turned = run(&[&arguments[..], &["--turn", "90"]].concat());
        assert_eq!(turned.status.code(), Some(2));
        assert_eq!(std::fs::read(&out).unwrap(), found);
    }
}

/// Opening a pipe without a writer would block for ever; a pipe that a shell names (`<(...)`) holds a film.
#[test]
#[cfg(unix)]
fn a_pipe_is_read_where_it_is_named_and_is_an_error_in_a_list() {
    let folder = folder("pipes");
    let film = phantom(&folder, "film.png", &[]);
    let pipe = folder.join("pipe.png");
    let _ = std::fs::remove_file(&pipe);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.display().to_string();
    let output = run_on(format!("{pipe}\n{film}\n").as_bytes(), &[]);
    let reports = lines(&output);
    assert_eq!(paths(&reports), [&pipe, &film]);
    assert_eq!(reports[0]["error"]["kind"], "io");
    assert!(reports[0]["error"]["message"].as_str().unwrap().contains("pipe"));
    assert_eq!(reports[1]["error"], Value::Null);

    let bytes = std::fs::read(&film).unwrap();
    let into = pipe.clone();
    let writer = std::thread::spawn(move || std::fs::write(into, bytes));
    let reports = lines(&run(&["classify", "--json", &pipe]));
    writer.join().unwrap().unwrap();
    assert_eq!(reports[0]["error"], Value::Null);
}

#[test]
#[cfg(unix)]
fn a_name_does_not_command_the_terminal() {
    let folder = folder("controls");
    let path = folder.join("a\u{1b}[31m\n.png");
    std::fs::write(&path, b"no film").unwrap();
    let path = path.display().to_string();
    for command in ["classify", "features"] {
        let output = run(&[command, &path]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.lines().next().unwrap().ends_with("a\u{fffd}[31m\u{fffd}.png"), "{command}: {text:?}");
    }
    std::fs::remove_file(&path).unwrap();
    let output = run(&["classify", "--files-from", &path]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("a\u{fffd}[31m\u{fffd}.png") && !errors.contains('\u{1b}'), "{errors:?}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Two names that look alike are two films, also for --resume.
#[test]
#[cfg(target_os = "linux")]
fn names_that_are_not_utf_8_stay_apart() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = folder("bytes");
    let film = std::fs::read(phantom(&folder, "film.png", &[])).unwrap();
    let mut list = Vec::new();
    for byte in [0xE4, 0xF6] {
        let name = [&b"film "[..], &[byte], b".png"].concat();
        let path = folder.join(std::ffi::OsStr::from_bytes(&name));
        std::fs::write(&path, &film).unwrap();
        list.extend([path.as_os_str().as_bytes(), b"\0"].concat());
    }
    let reports = lines(&run_on(&list, &["--null"]));
    assert!(reports.iter().all(|report| report["error"].is_null()), "{reports:?}");
    assert!(paths(&reports)[0].ends_with("film \\xE4.png"), "{reports:?}");
    assert_ne!(reports[0]["path"], reports[1]["path"]);
    // Such names trouble other tools that walk the folder, so they are removed.
    std::fs::remove_dir_all(&folder).unwrap();
}
