//! The page as one HTML file that opens from a disk: styles, modules, program and model lie in it.
//!
//! A page that comes from `file://` may load no module and fetch no file. Modules therefore lie in it as text, of which
//! `single.js` makes blobs, and all else that the page fetches as inert elements, which `www/files.js` opens.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use crate::modules::{self, Module, PAGE};
use crate::precache;
use crate::size::{grouped, parse_limit};

/// Text of the committed limit (see the file for what it bounds).
pub(crate) const COMMITTED_LIMIT: &str = include_str!("../single-size-limit.txt");

const LOADER: &str = include_str!("single.js");

/// What wasm-bindgen wrote, which the worker alone imports.
const PROGRAM: &str = "covid_classifier.js";

/// Writes the site as one file and fails if it has more bytes than `limit` (the text of a limit file) allows; it is written
/// then too, to be looked at.
pub(crate) fn build(site: &Path, out: &Path, limit: &str) -> Result<()> {
    let limit = parse_limit(limit)?;
    let html = assemble(site)?;
    fs::write(out, &html).with_context(|| format!("cannot write {}", out.display()))?;
    let size = html.len() as u64;
    println!("{}: {} bytes, limit {}", out.display(), grouped(size), grouped(limit));
    ensure!(
        size <= limit,
        "the page as one file has {} bytes, {} more than the limit in xtask/single-size-limit.txt",
        grouped(size),
        grouped(size - limit)
    );
    Ok(())
}

fn assemble(site: &Path) -> Result<String> {
    let index = site.join("index.html");
    let index = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    let modules = modules::in_order(site, PAGE)?;
    let mut page = Page { site, styles: Vec::new(), used: BTreeSet::from(["index.html".to_owned()]) };
    let html = page.inline(&index)?;
    page.used.extend(modules.iter().map(|module| module.path.clone()));

    let mut enclosed = String::new();
    for path in precache::page_files(site)? {
        if page.used.contains(&path) || path.ends_with(".html") {
            continue;
        }
        let bytes = match path.as_str() {
            modules::WORKER => worker(site)?.into_bytes(),
            // Who starts a worker asks for its text: it lies in the worker's.
            PROGRAM => Vec::new(),
            _ => fs::read(site.join(&path))?,
        };
        enclosed += &element(&path, &bytes)?;
    }
    for module in &modules {
        enclosed += &module_element(module)?;
    }
    let script = format!("\n{LOADER}");
    enclosed += &format!("<script>{script}</script>\n");
    let html = page.with_policy(&html, &script)?;
    let (before, after) = html.rsplit_once("</body>").context("index.html has no </body>")?;
    Ok(format!("{before}{enclosed}</body>{after}"))
}

/// What the page names, put in its place.
struct Page<'a> {
    site: &'a Path,
    /// As they stand in the page.
    styles: Vec<String>,
    /// Files that need not be enclosed any more.
    used: BTreeSet<String>,
}

impl Page<'_> {
    /// The page without an address of another file.
    fn inline(&mut self, html: &str) -> Result<String> {
        let mut out = String::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let end = at + tag_length(&rest[at..]).context("index.html ends within a tag")?;
            out += &rest[..at];
            let tag = &rest[at..end];
            rest = &rest[end..];
            match self.replacement(tag)? {
                Some(text) => out += &text,
                // Nothing is left of it, neither its end nor its line.
                None => rest = rest.strip_prefix("</script>").unwrap_or(rest).trim_start_matches('\n'),
            }
        }
        Ok(out + rest)
    }

    /// What stands in the place of a tag; `None` where it goes.
    fn replacement(&mut self, tag: &str) -> Result<Option<String>> {
        let text = if tag.starts_with("<link ") {
            let href = attribute(tag, "href").context("a <link> without href")?;
            match attribute(tag, "rel") {
                Some("stylesheet") => self.style(href, attribute(tag, "media"))?,
                Some("icon") => tag.replace(href, &self.data(href)?),
                Some("manifest") => {
                    self.leave_out_application(href)?;
                    return Ok(None);
                }
                Some("apple-touch-icon" | "modulepreload" | "preload") => return Ok(None),
                other => bail!("what becomes of <link rel={other:?}> in a single file is not known"),
            }
        } else if tag.starts_with("<script") {
            ensure!(attribute(tag, "src") == Some(PAGE), "{tag}: the only script of index.html is {PAGE}");
            return Ok(None);
        } else if let Some(source) = attribute(tag, "src") {
            tag.replace(source, &self.data(source)?)
        } else {
            tag.to_owned()
        };
        Ok(Some(text))
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>> {
        self.used.insert(path.to_owned());
        fs::read(self.site.join(path))
            .with_context(|| format!("index.html names {path}, which cannot be read"))
    }

    fn style(&mut self, path: &str, media: Option<&str>) -> Result<String> {
        let text = String::from_utf8(self.read(path)?)?;
        ensure!(!text.contains("url(") && !text.contains("@import"), "{path} names another file");
        ensure!(!text.to_ascii_lowercase().contains("</style"), "{path} cannot stand in HTML as it is");
        let media = media.map(|media| format!(" media=\"{media}\"")).unwrap_or_default();
        let text = format!("\n{text}");
        let element = format!("<style{media}>{text}</style>");
        self.styles.push(text);
        Ok(element)
    }

    fn data(&mut self, path: &str) -> Result<String> {
        ensure!(!path.starts_with("data:"), "{path} is inlined already");
        let bytes = self.read(path)?;
        Ok(format!("data:{};base64,{}", media_type(path), BASE64_STANDARD.encode(bytes)))
    }

    /// What the browser needs to install a site, and its icons.
    fn leave_out_application(&mut self, path: &str) -> Result<()> {
        let manifest: serde_json::Value = serde_json::from_slice(&self.read(path)?)?;
        let icons = manifest["icons"].as_array().into_iter().flatten();
        self.used.extend(icons.filter_map(|icon| icon["src"].as_str()).map(str::to_owned));
        Ok(())
    }

    /// The page with a policy that allows what lies in it, by its hash, and reaches nothing.
    fn with_policy(&self, html: &str, script: &str) -> Result<String> {
        const BEGIN: &str = "http-equiv=\"Content-Security-Policy\" content=\"";
        let (before, rest) = html.split_once(BEGIN).context("index.html has no Content-Security-Policy")?;
        let (policy, after) = rest.split_once('"').context("index.html ends within its policy")?;
        let styles: Vec<_> = self.styles.iter().map(|style| hash(style)).collect();
        let mut directives = Vec::new();
        for directive in policy.split("; ") {
            let (name, values) = directive.split_once(' ').unwrap_or((directive, ""));
            let own = match name {
                "script-src" => format!("{} blob:", hash(script)),
                "style-src" => styles.join(" "),
                "img-src" => "data:".to_owned(),
                "connect-src" | "worker-src" | "manifest-src" => String::new(),
                _ if values.contains("'self'") => {
                    bail!("what becomes of {directive} in a single file is not known")
                }
                _ => values.to_owned(),
            };
            let values = match name {
                "script-src" | "style-src" | "img-src" | "connect-src" | "worker-src" | "manifest-src" => {
                    let kept = values.split(' ').filter(|value| *value != "'self'");
                    std::iter::once(own.as_str())
                        .chain(kept)
                        .filter(|value| !value.is_empty())
                        .collect::<Vec<_>>()
                        .join(" ")
                }
                _ => own,
            };
            // What has no sources left falls back to default-src, which has none.
            if !values.is_empty() || !directive.contains(' ') {
                directives.push(format!("{name} {values}").trim_end().to_owned());
            }
        }
        Ok(format!("{before}{BEGIN}{}\"{after}", directives.join("; ")))
    }
}

/// Length of the tag or comment that the text begins with; a `>` between double quotes does not end it.
fn tag_length(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|at| at + 3);
    }
    let mut quoted = false;
    text.bytes()
        .position(|byte| {
            quoted ^= byte == b'"';
            byte == b'>' && !quoted
        })
        .map(|at| at + 1)
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// As it stands in a Content-Security-Policy.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("txt") => "text/plain",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// An element that `www/files.js` opens: text as it is, for people to read, and all else compressed.
fn element(path: &str, bytes: &[u8]) -> Result<String> {
    let kind = media_type(path);
    let is_text = ["text/", "application/json"].iter().any(|text| kind.starts_with(text));
    let (encoding, text) = if is_text {
        ("", String::from_utf8(bytes.to_vec()).with_context(|| format!("{path} is no text"))?)
    } else {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes)?;
        (" data-encoding=\"gzip base64\"", BASE64_STANDARD.encode(encoder.finish()?))
    };
    ensure_inert(path, &text)?;
    Ok(format!(
        "<script type=\"text/plain\" id=\"file:{path}\" data-type=\"{kind}\"{encoding}>{text}</script>\n"
    ))
}

/// A module for `single.js`: its imports are named by their paths in the site.
fn module_element(module: &Module) -> Result<String> {
    let Module { path, source, imports } = module;
    ensure_inert(path, source)?;
    ensure!(!source.contains("'module:"), "{path} says 'module:, which single.js takes for an import");
    let mut text = String::new();
    let mut done = 0;
    for (range, imported) in imports {
        write!(text, "{}module:{imported}", &source[done..range.start])?;
        done = range.end;
    }
    text += &source[done..];
    Ok(format!("<script type=\"text/plain\" data-module=\"{path}\">\n{text}</script>\n"))
}

/// The worker with the program within it, as a classic script: Chromium starts no module from a blob of a page that comes from
/// a disk.
fn worker(site: &Path) -> Result<String> {
    let modules = modules::in_order(site, modules::WORKER)?;
    let [program, worker] = modules.as_slice() else {
        bail!("the worker imports one module, the program, and no other")
    };
    let [(range, _)] = worker.imports.as_slice() else { bail!("the worker imports the program once") };
    let line = worker.source[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = worker.source[range.end..].find('\n').map_or(worker.source.len(), |at| range.end + at + 1);
    let import = &worker.source[line..end];
    let names = import.strip_prefix("import init, { ").and_then(|rest| rest.split_once(" } from "));
    let (names, _) = names.with_context(|| format!("the worker's import has another form: {import}"))?;
    Ok(format!(
        "'use strict';\n{}const {{ default: init, {names} }} = (() => {{\n{}}})();\n{}",
        &worker.source[..line],
        as_function_body(program)?,
        &worker.source[end..]
    ))
}

/// A module's text as that of a function, which returns what the module exports.
fn as_function_body(module: &Module) -> Result<String> {
    ensure!(module.imports.is_empty(), "{} imports something", module.path);
    let mut body = String::new();
    let mut exports = Vec::new();
    for line in module.source.lines() {
        let Some(declaration) = line.strip_prefix("export ") else {
            writeln!(body, "{line}")?;
            continue;
        };
        if let Some(list) = declaration.strip_prefix("{ ").and_then(|list| list.strip_suffix(" };")) {
            exports.extend(list.split(", ").map(|name| match name.split_once(" as ") {
                Some((inner, outer)) => format!("{outer}: {inner}"),
                None => name.to_owned(),
            }));
            continue;
        }
        let mut words = declaration.split([' ', '(']);
        let is_named = matches!(words.next(), Some("class" | "function"));
        let name = words.next().filter(|_| is_named);
        let name = name.with_context(|| format!("{} has an export of another form: {line}", module.path))?;
        exports.push(name.to_owned());
        writeln!(body, "{declaration}")?;
    }
    writeln!(body, "return {{ {} }};", exports.join(", "))?;
    Ok(body)
}

/// Neither the end of a `<script>` nor, with `<!--`, what hides it.
fn ensure_inert(path: &str, text: &str) -> Result<()> {
    let lower = text.to_ascii_lowercase();
    for sign in ["<!--", "</script"] {
        ensure!(!lower.contains(sign), "{path} holds {sign}, which cannot stand in HTML as it is");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    const INDEX: &str = r#"<!doctype html>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; upgrade">
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="manifest" href="site.webmanifest">
<link rel="stylesheet" href="a.css" media="print">
<script type="module" src="main.js"></script>
<body title="a > b"><img src="icon.svg" alt="">
</body>
"#;

    fn site(changes: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("index.html", INDEX),
            ("icon.svg", "<svg/>"),
            ("icon.png", "picture"),
            ("site.webmanifest", r#"{"icons": [{"src": "icon.png"}]}"#),
            ("a.css", "p { margin: 0 }"),
            ("main.js", "import { a } from './a.js';\na('./a.js');\n"),
            ("a.js", "export const a = alert;\n"),
            ("worker.js", "// Works.\nimport init, { Reader } from './covid_classifier.js';\ninit();\n"),
            (
                "covid_classifier.js",
                "export class Reader {\n}\nfunction start() {}\nexport { other, start as default };\n",
            ),
            ("covid_classifier_bg.wasm", "\0asm"),
            ("data.json", "{}"),
            ("service-worker.js", ""),
        ];
        for (name, text) in files.iter().chain(changes) {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn element_of<'a>(html: &'a str, begin: &str) -> &'a str {
        let (_, rest) = html.split_once(begin).unwrap_or_else(|| panic!("no {begin} in {html}"));
        rest.split_once('>').unwrap().1.split_once("</").unwrap().0
    }

    #[test]
    fn page_names_no_other_file() {
        let html = assemble(site(&[]).path()).unwrap();
        for gone in [
            "href=\"a.css\"",
            "src=\"main.js\"",
            "src=\"icon.svg\"",
            "manifest",
            "icon.png",
            "service-worker",
            "'self'",
        ] {
            assert!(!html.contains(gone), "{gone} in {html}");
        }
        assert!(
            html.contains(
                "<link rel=\"icon\" href=\"data:image/svg+xml;base64,PHN2Zy8+\" type=\"image/svg+xml\">"
            ),
            "{html}"
        );
        assert!(html.contains("<img src=\"data:image/svg+xml;base64,PHN2Zy8+\" alt=\"\">"), "{html}");
        assert!(html.contains("<style media=\"print\">\np { margin: 0 }</style>"), "{html}");
    }

    #[test]
    fn policy_allows_what_lies_in_the_page_and_no_connection() {
        let html = assemble(site(&[]).path()).unwrap();
        let (_, policy) = html.split_once("content=\"").unwrap();
        let (policy, _) = policy.split_once('"').unwrap();
        let (_, script) = html.rsplit_once("<script>").unwrap();
        let (script, _) = script.split_once("</script>").unwrap();
        let expected = format!(
            "default-src 'none'; script-src {} blob: 'wasm-unsafe-eval'; style-src {}; img-src data: blob:; worker-src blob:; \
             base-uri 'none'; upgrade",
            hash(script),
            hash("\np { margin: 0 }"),
        );
        assert_eq!(policy, expected);
    }

    #[test]
    fn modules_lie_in_the_order_of_their_imports_and_name_each_other() {
        let html = assemble(site(&[]).path()).unwrap();
        assert_eq!(
            element_of(&html, "data-module=\"main.js\""),
            "\nimport { a } from 'module:a.js';\na('./a.js');\n"
        );
        assert!(html.find("data-module=\"a.js\"") < html.find("data-module=\"main.js\""));
    }

    #[test]
    fn files_lie_in_the_page_as_text_or_compressed() {
        let html = assemble(site(&[]).path()).unwrap();
        assert_eq!(element_of(&html, "id=\"file:data.json\" data-type=\"application/json\""), "{}");
        let wasm = element_of(
            &html,
            "id=\"file:covid_classifier_bg.wasm\" data-type=\"application/wasm\" data-encoding=\"gzip base64\"",
        );
        let mut unpacked = String::new();
        let packed = BASE64_STANDARD.decode(wasm).unwrap();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, "\0asm");
    }

    #[test]
    fn worker_is_a_script_with_the_program_in_it() {
        let html = assemble(site(&[]).path()).unwrap();
        assert_eq!(
            element_of(&html, "id=\"file:worker.js\""),
            "'use strict';\n// Works.\nconst { default: init, Reader } = (() => {\nclass Reader {\n}\nfunction start() {}\n\
             return { Reader, other, default: start };\n})();\ninit();\n"
        );
        assert_eq!(element_of(&html, "id=\"file:covid_classifier.js\""), "");
    }

    #[test]
    fn what_cannot_be_inlined_is_an_error() {
        for (name, text, said) in [
            ("a.css", "p { background: url(icon.svg) }", "another file"),
            ("a.js", "export const a = '</script>';\n", "cannot stand in HTML"),
            ("data.json", "\"<!--\"", "cannot stand in HTML"),
            ("a.js", "export const a = 'module:b';\n", "takes for an import"),
            ("index.html", "<script>alert()</script>", "the only script"),
            ("index.html", "<link rel=\"preconnect\" href=\"x\">", "not known"),
            ("index.html", "<img src=\"none.png\">", "cannot be read"),
            ("covid_classifier.js", "export const a = 1;\n", "another form"),
            ("worker.js", "import { Reader } from './covid_classifier.js';\n", "another form"),
            ("worker.js", "postMessage(1);\n", "one module"),
        ] {
            let error = assemble(site(&[(name, text)]).path()).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{name}: {error:#}");
        }
        let policy = INDEX.replace("base-uri 'none'", "font-src 'self'");
        let error = assemble(site(&[("index.html", &policy)]).path()).unwrap_err().to_string();
        assert!(error.contains("font-src"), "{error}");
    }

    #[test]
    fn page_above_the_limit_is_written_and_fails() {
        let site = site(&[]);
        let out = site.path().join("page.html");
        let message = build(site.path(), &out, "100").unwrap_err().to_string();
        assert!(message.contains("single-size-limit.txt"), "{message}");
        assert!(out.is_file());
        build(site.path(), &out, "100_000").unwrap();
        assert!(parse_limit(COMMITTED_LIMIT).unwrap() <= 4_000_000);
    }
}
