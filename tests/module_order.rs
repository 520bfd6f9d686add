//! The order of the modules: each imports only modules before it, so there are no cycles, and a stage does not know the
//! stages after it. The product and the laboratory each have an order.
//!
//! Tests inside a module may use anything; the rule applies to code that ships.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// From the bottom to the top. What runs the networks (`compute`) stands above the stages: they are pure.
const PRODUCT: [&str; 28] = [
    // The base of everything.
    "error",
    "label",
    "plane",
    "radiograph",
    "phantom",
    "statistics",
    "tensors",
    // A film: its place in a picture, which decides whether colour is the film's; decoded; prepared.
    "frame",
    "decode",
    "preprocess",
    "contrast",
    // The stages. `network` defines the layers and their back-ends.
    "network",
    "texture",
    "explain",
    "lungs",
    "convnet",
    "reason",
    "gate",
    "verdict",
    "warnings",
    "show",
    // The engine, the model, and the report.
    "compute",
    "model",
    "report",
    "validation",
    // The sequence of stages, and its wrappers.
    "pipeline",
    "web",
    "lib",
];

/// The laboratory's order.
const LABORATORY: [&str; 14] = [
    // Used by everything.
    "tools", "draw", "marks", "enhance", "engine", "dataset",
    "crops", // From films to weights, and what those are worth.
    "train", "paper", "evidence", // Where it goes.
    "write", "ship", "lib", "main",
];

/// The part of a file that ships: unit tests are at its end.
fn shipped(code: &str) -> &str {
    code.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

/// The modules that the code of one file imports from its crate. In a file that stands `depth` folders deep, that
/// many `super` and one more are the crate.
fn imports(code: &str, depth: usize) -> BTreeSet<String> {
    let code = shipped(code);
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let code =
        words.join(" ").replace(" ::", "::").replace(":: ", "::").replace("{ ", "{").replace(", ", ",");
    let code = code.replace(&"super::".repeat(depth + 1), "crate::");
    let mut found = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        // The names of the group, each with everything below it.
        let (mut depth, mut start) = (0, 0);
        for (k, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    found.insert(name(&group[start..k]));
                    start = k + 1;
                    if c == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    found.remove("");
    found
}

fn name(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The imports of a crate that break its order, and the number of all imports.
fn check(src: &Path, order: &[&str]) -> (Vec<String>, usize) {
    let mut files = Vec::new();
    rust_files(src, &mut files);
    let place = |module: &str| order.iter().position(|other| *other == module);
    let (mut wrong, mut seen, mut arrows) = (Vec::new(), BTreeSet::new(), 0);
    for path in files {
        let inside = path.strip_prefix(src).unwrap();
        // Programs are wrappers of the library, and are crates of their own.
        if inside.starts_with("bin") {
            continue;
        }
        let module = Path::new(inside.components().next().unwrap().as_os_str()).file_stem().unwrap();
        let module = module.to_str().unwrap().to_owned();
        let Some(own) = place(&module) else {
            wrong.push(format!("{module} has no place in the order"));
            continue;
        };
        let depth = inside.components().count() - 1;
        for imported in imports(&std::fs::read_to_string(&path).unwrap(), depth) {
            arrows += 1;
            match place(&imported) {
                Some(other) if other < own || imported == module => {}
                Some(_) => {
                    wrong.push(format!("{} imports {imported}, which comes after it", inside.display()))
                }
                None => wrong.push(format!("{} imports {imported}, which is not a module", inside.display())),
            }
        }
        seen.insert(module);
    }
    let missing = order.iter().filter(|module| !seen.contains(**module));
    wrong.extend(missing.map(|module| format!("{module} is in the order and not in the crate")));
    (wrong, arrows)
}

#[test]
fn a_module_imports_only_what_stands_before_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, order) in [("src", &PRODUCT[..]), ("lab/src", &LABORATORY[..])] {
        let (wrong, arrows) = check(&root.join(folder), order);
        assert!(wrong.is_empty(), "{folder}:\n{}", wrong.join("\n"));
        assert!(arrows > 50, "only {arrows} imports were found in {folder}");
    }
}

/// The order fails when two modules are exchanged.
#[test]
fn an_arrow_that_points_back_is_seen() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut order = PRODUCT;
    let [report, lungs] =
        ["report", "lungs"].map(|name| order.iter().position(|other| *other == name).unwrap());
    order.swap(report, lungs);
    let (wrong, _) = check(&src, &order);
    assert!(wrong.iter().any(|line| line.contains("imports lungs, which comes after it")), "{wrong:?}");
}

#[test]
fn imports_are_found_however_they_are_written() {
    let found = |code: &str| imports(code, 0).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(found("use crate::lungs::{self, LungFields};"), "lungs");
    assert_eq!(found("use crate::{\n    error::{Error, Result},\n    plane::Plane,\n};\n"), "error plane");
    assert_eq!(found("fn f() -> crate::report::Report { crate :: verdict::judge() }"), "report verdict");
    assert_eq!(found("pub(crate) use crate::label as l;"), "label");
    assert_eq!(found("/// See [`crate::pipeline`].\nfn f() {} // crate::web"), "");
    assert_eq!(found("use crate::plane;\n\n#[cfg(test)]\nmod tests {\n    use crate::pipeline;\n}"), "plane");
    assert_eq!(found("use super::report::Report;"), "report", "of a module beside lib.rs");
    let deeper = |code: &str| imports(code, 1).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(deeper("use super::Plan;\nuse super::super::report::Report;"), "report");
}

/// Only the pipeline runs networks, by way of `compute`: a stage names no engine.
#[test]
fn stages_run_no_network() {
    const ENGINES: [&str; 5] =
        ["CandleNetwork", "SimdNetwork", "WebgpuNetwork", "WebgpuDevice", "NetworkName"];
    const MAY: [&str; 4] = ["network", "compute", "pipeline", "web"];
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut found = 0;
    for path in files {
        let inside = path.strip_prefix(&src).unwrap();
        let module = Path::new(inside.components().next().unwrap().as_os_str()).file_stem().unwrap();
        let code = std::fs::read_to_string(&path).unwrap();
        let named = ENGINES.iter().filter(|engine| shipped(&code).contains(**engine)).count();
        found += named;
        let may = MAY.iter().any(|name| module == *name) || inside.starts_with("bin");
        assert!(may || named == 0, "{} runs networks", inside.display());
    }
    assert!(found > 10);
}
