//! What the service worker keeps for use without a network: the page's files, by their SHA-256.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use crate::modules;

/// The service worker itself; the browser keeps it.
pub(crate) const SERVICE_WORKER: &str = "service-worker.js";

/// Where in the service worker's text the list goes.
const PLACE: &str = "{ version: '', files: {} }";

/// Pages that are not this one.
const EXAMPLES: &str = "examples/";

/// Writes the list into the service worker of the site. A change of any file, the service worker's own text included,
/// changes it, so that browsers notice.
pub(crate) fn write_list(site: &Path) -> Result<()> {
    let path = site.join(SERVICE_WORKER);
    let worker = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(worker.matches(PLACE).count() == 1, "{SERVICE_WORKER} must hold {PLACE:?}, once");
    let mut files = BTreeMap::new();
    for path in page_files(site)? {
        let bytes = fs::read(site.join(&path))?;
        files.insert(path, hex(&Sha256::digest(bytes)));
    }
    let files = serde_json::to_string_pretty(&files)?;
    let version = hex(&Sha256::digest(format!("{files}\n{worker}")));
    let list = format!("{{ version: \"{version}\", files: {files} }}");
    fs::write(&path, worker.replace(PLACE, &list))?;
    Ok(())
}

/// Paths of all files that the page or the browser may ask for, less the service worker; modules that only other pages import
/// are not among them.
pub(crate) fn page_files(site: &Path) -> Result<BTreeSet<String>> {
    let mut scripts = BTreeSet::new();
    for root in [modules::PAGE, modules::WORKER] {
        scripts.extend(modules::in_order(site, root)?.into_iter().map(|module| module.path));
    }
    let mut files = BTreeSet::new();
    for entry in WalkDir::new(site) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(site)?;
            let path = path
                .to_str()
                .with_context(|| format!("{} is not Unicode", path.display()))?
                .replace('\\', "/");
            let is_ours =
                if path.ends_with(".js") { scripts.contains(&path) } else { !path.starts_with(EXAMPLES) };
            if is_ours {
                files.insert(path);
            }
        }
    }
    Ok(files)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKER: &str = "const SITE = { version: '', files: {} };\n";

    fn site() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("index.html", "<!doctype html>"),
            ("main.js", "import './a.js';\n"),
            ("a.js", ""),
            ("worker.js", ""),
            ("for-other-pages.js", ""),
            ("examples/embed.html", ""),
            ("style.css", "p {}"),
            (SERVICE_WORKER, WORKER),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn written(site: &Path) -> String {
        write_list(site).unwrap();
        fs::read_to_string(site.join(SERVICE_WORKER)).unwrap()
    }

    #[test]
    fn list_has_the_hash_of_every_file_of_the_page_and_no_other() {
        let site = site();
        let worker = written(site.path());
        let (_, list) = worker.split_once("files: ").unwrap();
        let list: BTreeMap<String, String> =
            serde_json::from_str(list.trim_end().strip_suffix(" };").unwrap()).unwrap();
        let names: Vec<_> = list.keys().map(String::as_str).collect();
        assert_eq!(names, ["a.js", "index.html", "main.js", "style.css", "worker.js"]);
        // printf '' | sha256sum
        assert_eq!(list["a.js"], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn any_change_makes_another_version_and_no_change_the_same() {
        let version = |change: Option<(&str, &str)>| {
            let site = site();
            if let Some((name, text)) = change {
                fs::write(site.path().join(name), text).unwrap();
            }
            let text = written(site.path());
            text.split('"').nth(1).unwrap().to_owned()
        };
        let first = version(None);
        assert_eq!(first.len(), 64);
        assert_eq!(version(None), first);
        let changes =
            [("style.css", "p { }"), ("new.txt", ""), (SERVICE_WORKER, &format!("{WORKER}// newer\n"))];
        for (name, text) in changes {
            assert_ne!(version(Some((name, text))), first, "{name}");
        }
    }

    #[test]
    fn worker_without_a_place_for_the_list_is_refused() {
        let site = site();
        fs::write(site.path().join(SERVICE_WORKER), "").unwrap();
        let message = write_list(site.path()).unwrap_err().to_string();
        assert!(message.contains("must hold"), "{message}");
    }
}
