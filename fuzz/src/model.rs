//! Fuzzes a user's own model: its manifest, and weight files whose hashes the manifest confirms.

#![allow(unreachable_pub, clippy::unwrap_used)]

use std::path::Path;
use std::sync::OnceLock;

use super::reader::model::{MANIFEST, Manifest, Model, ModelFile, PARTS};
use super::targets::Target;

pub const TARGET: Target = ("model", run, |_| seeds());

/// The shipped model.
struct Shipped {
    json: Vec<u8>,
    manifest: Manifest,
    /// The weights of the parts, in order.
    files: Vec<(String, Vec<u8>)>,
}

fn shipped() -> &'static Shipped {
    static SHIPPED: OnceLock<Shipped> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        // Both the crate around this file and a test of the repository use it.
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = [root.join("models"), root.join("../models")].into_iter().find(|folder| folder.is_dir());
        let read = |name: &str| std::fs::read(folder.as_ref().unwrap().join(name)).unwrap();
        let json = read(MANIFEST);
        let manifest = Manifest::from_json(&json).unwrap();
        let file = |part| manifest.file(part).unwrap().path.clone();
        let files = PARTS.map(file).map(|path| (path.clone(), read(&path))).to_vec();
        Shipped { json, manifest, files }
    })
}

/// The length of a weight file's header, which its first eight bytes state.
fn header_bytes(weights: &[u8]) -> usize {
    weights.first_chunk().map_or(0, |&bytes| u64::from_le_bytes(bytes) as usize)
}

/// The first byte decides what the others are: a manifest, or the header of a weight file, followed by the shipped
/// numbers or by numbers of the input.
fn run(data: &[u8]) {
    let Some((&what, data)) = data.split_first() else { return };
    let Shipped { json, manifest, files } = shipped();
    let mut files = files.clone();
    let mut json = json.clone();
    let part = usize::from(what) % 8;
    if part == 4 {
        json = data.to_vec();
    } else {
        let weights = &mut files[part % 4].1;
        let numbers = weights.split_off(8 + header_bytes(weights));
        *weights = if part < 4 {
            [&(data.len() as u64).to_le_bytes(), data, &numbers].concat()
        } else {
            data.to_vec()
        };
        let mut manifest = manifest.clone();
        manifest.set_file(PARTS[part % 4], weights);
        json = manifest.to_json().map_or(json, String::into_bytes);
    }
    let named: Vec<ModelFile<'_>> = files.iter().map(|(name, bytes)| ModelFile::new(name, bytes)).collect();
    if let Err(error) = Model::from_files(&json, &named) {
        assert!(error.kind().code() == "model", "{error}");
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let Shipped { json, files, .. } = shipped();
    let header = |(part, (_, weights)): (usize, &(String, Vec<u8>))| {
        [&[part as u8], &weights[8..8 + header_bytes(weights)]].concat()
    };
    let mut all: Vec<Vec<u8>> = files.iter().enumerate().map(header).collect();
    all.push([&[4], &json[..]].concat());
    all.push([&[5, 2, 0, 0, 0, 0, 0, 0, 0][..], b"{}"].concat());
    all
}
