//! Puts the static site together.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use walkdir::{DirEntry, WalkDir};

use crate::bindgen;
use crate::precache;
use crate::size::{SizeTable, grouped, parse_limit};

/// What the page fetches of the models folder, beside the weight files that the manifest names.
const MANIFEST: &str = "manifest.json";
const METRICS: &str = "metrics.json";

/// Where the parts of the site come from.
pub(crate) struct Sources {
    /// The page's own files.
    pub(crate) www: PathBuf,
    /// Weights and what is known about them.
    pub(crate) models: PathBuf,
    /// Output of the wasm-bindgen step.
    pub(crate) bindgen: PathBuf,
    /// Pages that use the classifier's modules.
    pub(crate) examples: PathBuf,
}

/// Replaces `out` by a freshly assembled site, prints its size table and fails if it is larger than
/// `limit` (the text of a limit file) allows.
///
/// The site is assembled beside `out` and swapped in whole: a failure on the way leaves the old one,
/// and a success leaves no file of it. A site above the limit is swapped in too, to be looked at.
pub(crate) fn build(sources: &Sources, out: &Path, limit: &str) -> Result<()> {
    let limit = parse_limit(limit)?;
    let out = std::path::absolute(out)?;
    ensure_replaceable(&out)?;
    let parent = out.parent().context("the site cannot be the root folder")?;
    fs::create_dir_all(parent)?;
    let work = tempfile::Builder::new()
        .prefix(".dist-")
        .tempdir_in(parent)
        .with_context(|| format!("cannot write in {}", parent.display()))?;
    let fresh = work.path().join("fresh");
    assemble(sources, &fresh)?;
    let table = SizeTable::measure(&fresh)?;
    if out.exists() {
        fs::rename(&out, work.path().join("stale"))?;
    }
    fs::rename(&fresh, &out)?;

    println!("{table}");
    println!("limit: {} bytes after brotli", grouped(limit));
    table.check(limit)
}

/// A mistyped `--out` must not cost anybody a folder: only a site, or nothing, is replaced.
fn ensure_replaceable(out: &Path) -> Result<()> {
    let replaceable = !out.exists()
        || out.join(bindgen::wasm_file()).is_file()
        || (out.is_dir() && fs::read_dir(out)?.next().is_none());
    ensure!(
        replaceable,
        "{} holds something else than a site; move it away or name another folder",
        out.display()
    );
    Ok(())
}

fn assemble(sources: &Sources, fresh: &Path) -> Result<()> {
    let index = sources.www.join("index.html");
    ensure!(index.is_file(), "{} is not there", index.display());
    copy_tree(&sources.www, fresh)?;

    let wasm = sources.bindgen.join(bindgen::wasm_file());
    ensure!(wasm.is_file(), "{} is not there; `xtask bindgen` makes it", wasm.display());
    copy_tree(&sources.bindgen, fresh)?;
    copy_tree(&sources.examples, &fresh.join("examples"))?;

    for name in model_files(&sources.models)? {
        copy_file(&there(sources.models.join(&name))?, &fresh.join("models").join(&name))?;
    }
    precache::write_list(fresh)
}

fn there(source: PathBuf) -> Result<PathBuf> {
    ensure!(
        source.is_file(),
        "{} is not there; `./build.sh train` and `./build.sh evaluate` make it",
        source.display()
    );
    Ok(source)
}

/// The files of the models folder that the page fetches.
fn model_files(models: &Path) -> Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        files: Vec<File>,
    }
    #[derive(serde::Deserialize)]
    struct File {
        path: String,
    }
    let manifest = there(models.join(MANIFEST))?;
    let named: Manifest = serde_json::from_slice(&fs::read(&manifest)?)
        .with_context(|| format!("{} is damaged", manifest.display()))?;
    let weights = named.files.into_iter().map(|file| file.path);
    Ok([MANIFEST.to_owned(), METRICS.to_owned()].into_iter().chain(weights).collect())
}

/// Copies all that is below `from` into `to`, less what is no part of a site.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    let tree = WalkDir::new(from).follow_links(true).into_iter();
    for entry in tree.filter_entry(|entry| entry.depth() == 0 || is_published(entry)) {
        let entry = entry?;
        if entry.file_type().is_file() {
            copy_file(entry.path(), &to.join(entry.path().strip_prefix(from)?))?;
        }
    }
    Ok(())
}

/// Hidden files stay here, and so does what only people or the type checker read.
fn is_published(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    !name.starts_with('.') && !name.ends_with(".d.ts") && !name.ends_with(".md") && name != "tsconfig.json"
}

/// Copies one file to a place that must still be free.
fn copy_file(from: &Path, to: &Path) -> Result<()> {
    ensure!(!to.exists(), "two sources want to be {}", to.display());
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the sources of a small site, and the site's place.
    struct Scene {
        root: tempfile::TempDir,
        sources: Sources,
        out: PathBuf,
    }

    impl Scene {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let at = |name: &str| root.path().join(name);
            let scene = Self {
                sources: Sources {
                    www: at("www"),
                    models: at("models"),
                    bindgen: at("bindgen"),
                    examples: at("examples"),
                },
                out: at("dist"),
                root,
            };
            scene.write("www/index.html", "<!doctype html>");
            scene.write("www/main.js", "import './parts/viewer.js';\n");
            scene.write("www/parts/viewer.js", "export {}");
            scene.write("www/service-worker.js", "const SITE = { version: '', files: {} };");
            scene.write("www/worker.js", "import './covid_classifier.js';\n");
            scene.write("www/.editor-backup", "not for visitors");
            scene.write("www/tsconfig.json", "{}");
            scene.write("www/types.d.ts", "export {}");
            scene.write("examples/embed.html", "<!doctype html>");
            scene.write("examples/README.md", "not for visitors");
            scene.write("bindgen/covid_classifier.js", "export default 1");
            scene.write("bindgen/covid_classifier_bg.wasm", "\0asm");
            scene.write(
                "models/manifest.json",
                r#"{"files":[{"path":"a.safetensors"},{"path":"b.safetensors"}]}"#,
            );
            for name in ["a.safetensors", "b.safetensors", METRICS] {
                scene.write(&format!("models/{name}"), name);
            }
            scene.write("models/c.safetensors", "not named by the manifest");
            scene.write("models/MODEL_CARD.md", "not fetched by the page");
            scene
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn build(&self, limit: &str) -> Result<()> {
            build(&self.sources, &self.out, limit)
        }

        /// Paths of all files of the site, sorted.
        fn site(&self) -> Vec<String> {
            let mut paths: Vec<String> = WalkDir::new(&self.out)
                .into_iter()
                .map(Result::unwrap)
                .filter(|entry| entry.file_type().is_file())
                .map(|entry| entry.path().strip_prefix(&self.out).unwrap().display().to_string())
                .collect();
            paths.sort();
            paths
        }
    }

    const SITE: [&str; 12] = [
        "covid_classifier.js",
        "covid_classifier_bg.wasm",
        "examples/embed.html",
        "index.html",
        "main.js",
        "models/a.safetensors",
        "models/b.safetensors",
        "models/manifest.json",
        "models/metrics.json",
        "parts/viewer.js",
        "service-worker.js",
        "worker.js",
    ];

    #[test]
    fn site_holds_page_module_models_and_examples_only() {
        let scene = Scene::new();
        scene.build("1_000_000").unwrap();
        assert_eq!(scene.site(), SITE);
    }

    #[test]
    fn stale_files_vanish_and_nothing_is_left_beside_the_site() {
        let scene = Scene::new();
        scene.build("1_000_000").unwrap();
        scene.write("dist/old.js", "from a past build");
        scene.write("www/index.html", "<!doctype html><title>new");
        scene.build("1_000_000").unwrap();
        assert_eq!(scene.site(), SITE);
        let index = fs::read_to_string(scene.out.join("index.html")).unwrap();
        assert!(index.ends_with("new"));
        let mut beside: Vec<_> = fs::read_dir(scene.root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        beside.sort();
        assert_eq!(beside, ["bindgen", "dist", "examples", "models", "www"]);
    }

    #[test]
    fn build_above_the_limit_fails() {
        let scene = Scene::new();
        let message = scene.build("20").unwrap_err().to_string();
        assert!(message.contains("limit of 20"), "{message}");
    }

    #[test]
    fn missing_part_is_named_and_leaves_the_old_site() {
        for (path, said) in [
            ("www/index.html", "index.html is not there"),
            ("bindgen/covid_classifier_bg.wasm", "xtask bindgen"),
            ("models/b.safetensors", "./build.sh train"),
            ("models/manifest.json", "./build.sh train"),
        ] {
            let scene = Scene::new();
            scene.build("1_000_000").unwrap();
            fs::remove_file(scene.root.path().join(path)).unwrap();
            let message = scene.build("1_000_000").unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
            assert_eq!(scene.site(), SITE);
        }
    }

    #[test]
    fn page_file_in_the_place_of_a_generated_one_is_refused() {
        let scene = Scene::new();
        scene.write("www/covid_classifier.js", "mine");
        let message = scene.build("1_000_000").unwrap_err().to_string();
        assert!(message.contains("two sources"), "{message}");
    }

    #[test]
    fn folder_that_is_no_site_is_not_replaced() {
        let scene = Scene::new();
        scene.write("dist/thesis.txt", "years of work");
        let message = scene.build("1_000_000").unwrap_err().to_string();
        assert!(message.contains("something else"), "{message}");
        assert_eq!(scene.site(), ["thesis.txt"]);
    }
}
