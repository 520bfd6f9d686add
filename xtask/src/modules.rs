//! Which of the site's JavaScript modules belong to the page, found by following imports.
//!
//! The modules are the project's own, one import a statement with its specifier in single quotes at the end of a line, as
//! a formatter leaves them. Nothing else is understood.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// What the page loads, and what its workers are made of.
pub(crate) const PAGE: &str = "main.js";
pub(crate) const WORKER: &str = "worker.js";

/// A module with those that it imports.
pub(crate) struct Module {
    /// Path in the site.
    pub(crate) path: String,
    pub(crate) source: String,
    /// Where in the source which module is named; the range is what stands between the quotes.
    pub(crate) imports: Vec<(Range<usize>, String)>,
}

/// The module `root` of the site and all that it imports, directly or not, each after those that it imports itself.
pub(crate) fn in_order(site: &Path, root: &str) -> Result<Vec<Module>> {
    let mut found = Vec::new();
    visit(site, root, &mut Vec::new(), &mut BTreeSet::new(), &mut found)?;
    Ok(found)
}

fn visit(
    site: &Path,
    path: &str,
    above: &mut Vec<String>,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<Module>,
) -> Result<()> {
    if above.iter().any(|module| module == path) {
        bail!("modules import each other in a circle: {} -> {path}", above.join(" -> "));
    }
    if !seen.insert(path.to_owned()) {
        return Ok(());
    }
    let importer = above.last().map_or("the page", String::as_str);
    let source = fs::read_to_string(site.join(path))
        .with_context(|| format!("{path}, which {importer} imports, cannot be read"))?;
    let imports = imports(path, &source)?;
    above.push(path.to_owned());
    for (_, imported) in &imports {
        visit(site, imported, above, seen, found)?;
    }
    above.pop();
    found.push(Module { path: path.to_owned(), source, imports });
    Ok(())
}

fn imports(path: &str, source: &str) -> Result<Vec<(Range<usize>, String)>> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut imports = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        if let Some(range) = specifier(line) {
            let name = &line[range.clone()];
            let below = name.strip_prefix("./").filter(|name| !name.contains("../"));
            let below = below
                .with_context(|| format!("{path} imports {name}, which does not lie beside or below it"))?;
            let imported = if folder.is_empty() { below.to_owned() } else { format!("{folder}/{below}") };
            imports.push((start + range.start..start + range.end, imported));
        } else {
            ensure!(!is_other_import(line), "{path} has an import that cannot be followed: {}", line.trim());
        }
        start += line.len();
    }
    Ok(imports)
}

/// What stands between the quotes of an import, where the line ends a statement that is one.
fn specifier(line: &str) -> Option<Range<usize>> {
    let begins = ["import ", "export {", "export *", "} from "].iter().any(|word| line.starts_with(word));
    let text = line.trim_end().strip_suffix("';").filter(|_| begins)?;
    let (before, name) = text.rsplit_once('\'')?;
    let is_import = before == "import " || before.ends_with(" from ");
    is_import.then(|| before.len() + 1..before.len() + 1 + name.len())
}

/// An import of another form. In a comment it names a type.
fn is_other_import(line: &str) -> bool {
    let code = line.trim_start();
    let is_comment = ["*", "//", "/*"].iter().any(|sign| code.starts_with(sign)) || code.contains("/** @");
    !is_comment && (code.contains("import(") || line.starts_with("import ") && line.trim_end().ends_with(';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn paths(files: &[(&str, &str)]) -> Result<Vec<String>> {
        Ok(in_order(site(files).path(), PAGE)?.into_iter().map(|module| module.path).collect())
    }

    #[test]
    fn modules_come_after_those_they_import_and_once() {
        let files = [
            (
                "main.js",
                "// import { x } from './no.js';\nimport { a } from './a.js';\nimport './parts/b.js';\na();\n",
            ),
            (
                "a.js",
                "import {\n  c,\n  d,\n} from './c.js';\n/** @type {import('./types.js').T} */\nexport const a = c;\n",
            ),
            ("parts/b.js", "export { c } from './c.js';\n"),
            ("parts/c.js", "export const c = 1;\n"),
            (
                "c.js",
                "/**\n * @typedef {import('./types.js').T} T\n */\nconst x = /** @type {import('./t.js').T} */ (1);\n",
            ),
            ("unused.js", ""),
        ];
        assert_eq!(paths(&files).unwrap(), ["c.js", "a.js", "parts/c.js", "parts/b.js", "main.js"]);
    }

    #[test]
    fn places_of_specifiers_are_exact() {
        let files =
            [("main.js", "import { é } from './a.js'; \nimport './b.js';\n"), ("a.js", ""), ("b.js", "")];
        let modules = in_order(site(&files).path(), PAGE).unwrap();
        let main = modules.last().unwrap();
        let named: Vec<_> = main.imports.iter().map(|(range, _)| &main.source[range.clone()]).collect();
        assert_eq!(named, ["./a.js", "./b.js"]);
    }

    #[test]
    fn what_cannot_be_followed_is_an_error() {
        for (text, said) in [
            ("import { a } from './a.js';\n", "cannot be read"),
            ("import { a } from '../a.js';\n", "beside or below"),
            ("import { a } from 'three';\n", "beside or below"),
            ("const a = await import('./a.js');\n", "cannot be followed"),
            ("import { a } from \"./a.js\";\n", "cannot be followed"),
            ("import { main } from './main.js';\n", "in a circle: main.js -> main.js"),
        ] {
            let error = paths(&[("main.js", text)]).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{text}: {error:#}");
        }
    }
}
