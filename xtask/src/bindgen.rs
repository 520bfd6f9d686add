//! The wasm-bindgen step, by the library behind `wasm-bindgen-cli`: nothing to install, and the
//! version is the one in Cargo.lock.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Stem of the generated files: `wasm.js`, `wasm_bg.wasm`.
const NAME: &str = "wasm";

/// Does what `wasm-bindgen --target web --no-typescript --omit-default-module-path
/// --remove-name-section --remove-producers-section --out-name wasm` does.
///
/// Without a default module path the page says where the module lies:
/// `init({ module_or_path })`.
pub(crate) fn generate(wasm: &Path, out: &Path) -> Result<()> {
    anyhow::ensure!(
        wasm.is_file(),
        "{} is not there; build it with: cargo build --release --lib \
         --target wasm32-unknown-unknown --no-default-features",
        wasm.display()
    );
    remove_generated(out).with_context(|| format!("cannot clear {}", out.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(NAME)
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.web(true)?;
    bindgen.generate(out).with_context(|| format!("wasm-bindgen failed on {}", wasm.display()))
}

/// Removes `out` if it holds an earlier run's output, so that no snippet of a past build stays.
/// Any other folder is left as it is.
fn remove_generated(out: &Path) -> Result<()> {
    if out.join(format!("{NAME}_bg.wasm")).is_file() {
        fs::remove_dir_all(out)?;
    }
    Ok(())
}
