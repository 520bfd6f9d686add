//! Nothing from a DICOM header reaches the program's output: every text attribute, also in sequences and private
//! groups, holds a marker, which must not appear in any output.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use covid_classifier::phantom::Phantom;

const MARKER: &str = "QZMARKERZQ";
const SIDE: usize = 300;

/// The representations whose values are text (PS3.5 6.2), and those of bytes, which may hold text.
const SHORT: [&[u8; 2]; 17] = [
    b"AE", b"AS", b"CS", b"DA", b"DS", b"DT", b"IS", b"LO", b"LT", b"PN", b"SH", b"ST", b"TM", b"UI", b"US",
    b"SS", b"AT",
];
const LONG: [&[u8; 2]; 5] = [b"UC", b"UR", b"UT", b"OB", b"UN"];

type Tag = (u16, u16);

fn element(tag: Tag, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut out = [tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat();
    let length = value.len() + value.len() % 2;
    out.extend(vr);
    if LONG.contains(&vr) || matches!(vr, b"OW" | b"SQ") {
        out.extend([0, 0]);
        out.extend((length as u32).to_le_bytes());
    } else {
        out.extend((length as u16).to_le_bytes());
    }
    out.extend(value);
    out.resize(out.len() + value.len() % 2, b' ');
    out
}

/// One element of every representation, beginning at a tag.
fn of_every_kind((group, first): Tag) -> Vec<u8> {
    let kinds = SHORT.into_iter().chain(LONG).enumerate();
    kinds.flat_map(|(k, vr)| element((group, first + k as u16), vr, MARKER.as_bytes())).collect()
}

/// The elements of a film in ascending order, with the values of some of them replaced by the marker.
fn film(marked: &[Tag]) -> Vec<u8> {
    let text = |tag: Tag, vr: &[u8; 2]| element(tag, vr, MARKER.as_bytes());
    let needed = |tag: Tag, vr: &[u8; 2], value: &[u8]| {
        element(tag, vr, if marked.contains(&tag) { MARKER.as_bytes() } else { value })
    };
    let word = |value: usize| (value as u16).to_le_bytes();
    let item = |inner: Vec<u8>| {
        let mut out = vec![0xfe, 0xff, 0x00, 0xe0];
        out.extend((inner.len() as u32).to_le_bytes());
        [out, inner].concat()
    };
    let nested = element((0x0010, 0x1002), b"SQ", &item(of_every_kind((0x0010, 0x2000))));
    let pixels = Phantom { width: SIDE, height: SIDE, seed: 18 }.draw_u8();
    [
        vec![0; 128],
        b"DICM".to_vec(),
        text((0x0002, 0x0003), b"UI"),
        needed((0x0002, 0x0010), b"UI", b"1.2.840.10008.1.2.1\0"),
        text((0x0002, 0x0012), b"UI"),
        text((0x0002, 0x0013), b"SH"),
        text((0x0002, 0x0016), b"AE"),
        text((0x0008, 0x0005), b"CS"),
        text((0x0008, 0x0008), b"CS"),
        needed((0x0008, 0x0016), b"UI", b"1.2.840.10008.5.1.4.1.1.1.1\0"),
        text((0x0008, 0x0018), b"UI"),
        text((0x0008, 0x0020), b"DA"),
        text((0x0008, 0x0050), b"SH"),
        text((0x0008, 0x0060), b"CS"),
        text((0x0008, 0x0080), b"LO"),
        text((0x0008, 0x0090), b"PN"),
        text((0x0008, 0x1030), b"LO"),
        text((0x0008, 0x103e), b"LO"),
        element((0x0008, 0x1140), b"SQ", &item([of_every_kind((0x0008, 0x2000)), nested.clone()].concat())),
        of_every_kind((0x0009, 0x0010)),
        text((0x0010, 0x0010), b"PN"),
        text((0x0010, 0x0020), b"LO"),
        text((0x0010, 0x0030), b"DA"),
        text((0x0010, 0x0040), b"CS"),
        text((0x0010, 0x1010), b"AS"),
        nested,
        text((0x0010, 0x4000), b"LT"),
        text((0x0018, 0x0015), b"CS"),
        text((0x0018, 0x1000), b"LO"),
        text((0x0018, 0x1164), b"DS"),
        text((0x0018, 0x5101), b"CS"),
        text((0x0020, 0x000d), b"UI"),
        text((0x0020, 0x0013), b"IS"),
        text((0x0020, 0x0020), b"CS"),
        text((0x0020, 0x0060), b"CS"),
        text((0x0020, 0x4000), b"LT"),
        needed((0x0028, 0x0002), b"US", &word(1)),
        needed((0x0028, 0x0004), b"CS", b"MONOCHROME2"),
        needed((0x0028, 0x0008), b"IS", b"1"),
        needed((0x0028, 0x0010), b"US", &word(SIDE)),
        needed((0x0028, 0x0011), b"US", &word(SIDE)),
        text((0x0028, 0x0030), b"DS"),
        text((0x0028, 0x0034), b"IS"),
        needed((0x0028, 0x0100), b"US", &word(8)),
        needed((0x0028, 0x0101), b"US", &word(8)),
        needed((0x0028, 0x0102), b"US", &word(7)),
        needed((0x0028, 0x0103), b"US", &word(0)),
        needed((0x0028, 0x1050), b"DS", b"128\\100"),
        needed((0x0028, 0x1051), b"DS", b"256\\200"),
        text((0x0028, 0x1052), b"DS"),
        text((0x0028, 0x1053), b"DS"),
        text((0x0028, 0x1055), b"LO"),
        text((0x0028, 0x1056), b"CS"),
        element((0x0028, 0x3010), b"SQ", &item(of_every_kind((0x0028, 0x4000)))),
        of_every_kind((0x0029, 0x0010)),
        of_every_kind((0x0040, 0x0001)),
        text((0x2050, 0x0020), b"CS"),
        needed((0x7fe0, 0x0010), b"OB", &pixels),
    ]
    .concat()
}

fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_covid-classifier")).args(arguments).current_dir(folder).output().unwrap()
}

/// Whether the bytes contain the marker, with one or two bytes per letter, in upper or lower case.
fn tells(bytes: &[u8]) -> bool {
    let bytes: Vec<u8> = bytes.iter().filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    let marker = MARKER.to_ascii_lowercase();
    // A part of the marker would be enough.
    bytes.windows(6).any(|bytes| marker.as_bytes().windows(6).any(|part| part == bytes))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_output_has_what_the_header_says() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("header");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let whole = film(&[]);
    let count = whole.windows(MARKER.len()).filter(|bytes| *bytes == MARKER.as_bytes()).count();
    assert!(count > 150, "the film has {count} markers");
    let mut names = vec!["whole.dcm".to_owned()];
    std::fs::write(folder.join("whole.dcm"), &whole).unwrap();
    // Required attributes are made wrong one by one, which gives an error or a guess; neither may repeat the value.
    for (k, tag) in [
        (0x0002, 0x0010),
        (0x0008, 0x0016),
        (0x0028, 0x0002),
        (0x0028, 0x0004),
        (0x0028, 0x0008),
        (0x0028, 0x0010),
        (0x0028, 0x0011),
        (0x0028, 0x0100),
        (0x0028, 0x0101),
        (0x0028, 0x0102),
        (0x0028, 0x0103),
        (0x0028, 0x1050),
        (0x0028, 0x1051),
        (0x7fe0, 0x0010),
    ]
    .into_iter()
    .enumerate()
    {
        names.push(format!("wrong-{k}.dcm"));
        std::fs::write(folder.join(names.last().unwrap()), film(&[tag])).unwrap();
    }
    // Cut short in the header and in the picture, with and without what comes before it.
    let header = whole.len() - SIDE * SIDE;
    for k in 0..60 {
        let cut = if k < 50 { 100 + k * (header - 100) / 50 } else { header + (k - 50) * SIDE * SIDE / 10 };
        names.push(format!("cut-{k}.dcm"));
        std::fs::write(folder.join(names.last().unwrap()), &whole[if k % 5 == 4 { 132 } else { 0 }..cut])
            .unwrap();
    }
    let named: Vec<&str> = names.iter().map(String::as_str).collect();
    let with = |arguments: &[&str]| -> Output { run(&[arguments, &named].concat(), &folder) };

    let json = with(&["classify", "--json", "--heatmap", "maps"]);
    let reports: Vec<serde_json::Value> = String::from_utf8_lossy(&json.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(reports.len(), names.len());
    assert!(reports[0]["error"].is_null(), "{}", reports[0]["error"]);
    assert!(reports.iter().filter(|report| !report["error"].is_null()).count() > 40);
    let mut outputs = vec![json, with(&["classify"]), with(&["features", "--json"]), with(&["features"])];
    outputs.push(run(&["classify", "--json", "."], &folder));
    outputs.push(run(&["bench", "--rounds", "1", "cut-40.dcm"], &folder));
    for output in &outputs {
        for bytes in [&output.stdout, &output.stderr] {
            assert!(!tells(bytes), "{}", String::from_utf8_lossy(bytes));
        }
    }
    let maps = files(&folder.join("maps"));
    assert!(!maps.is_empty());
    for map in maps {
        assert!(!tells(map.display().to_string().as_bytes()), "{}", map.display());
        assert!(!tells(&std::fs::read(&map).unwrap()), "{}", map.display());
        // And in the pixels, row by row, that nothing was hidden by the packing.
        assert!(!tells(image::open(&map).unwrap().as_bytes()), "{}", map.display());
    }
    // The search works: it finds the path, which is repeated.
    let said = run(&["classify", MARKER], &folder);
    assert!(tells(&said.stdout));
}
