//! Build tool of covid-classifier. `build.sh` calls it; `cargo xtask --help` lists what it can do.
//!
//! It is a program of its own so that what only the build needs (the wasm-bindgen generator, a
//! static file server, a brotli encoder) stays out of the classifier's dependencies.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod bindgen;
mod dist;
mod modules;
mod precache;
mod serve;
mod single;
mod size;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "xtask",
    about = "Build tool of covid-classifier (paths are relative to the current directory)"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the JavaScript module and the .wasm that `wasm-bindgen --target web` would
    Bindgen {
        /// What `cargo build --target wasm32-unknown-unknown` made
        #[arg(long)]
        wasm: PathBuf,
        /// Folder to write into; what an earlier run left there goes
        #[arg(long)]
        out: PathBuf,
    },
    /// Put the static site together, print what a browser must fetch, fail above the size limit
    Dist {
        /// The page's own files, less what only people and the type checker read
        #[arg(long, default_value = "www")]
        www: PathBuf,
        /// Folder with the model files
        #[arg(long, default_value = "models")]
        models: PathBuf,
        /// Folder that `xtask bindgen` wrote
        #[arg(long, default_value = "target/site")]
        bindgen: PathBuf,
        /// Pages that use the classifier's modules
        #[arg(long, default_value = "examples")]
        examples: PathBuf,
        /// The folder to replace
        #[arg(long, default_value = "dist")]
        out: PathBuf,
    },
    /// Write a site as one HTML file that opens from a disk; fail above the size limit
    Single {
        /// What `xtask dist` put together
        #[arg(long, default_value = "dist")]
        site: PathBuf,
        /// The file to write
        #[arg(long, default_value = "dist/covid-classifier.html")]
        out: PathBuf,
    },
    /// Serve a folder on 127.0.0.1 until Ctrl-C
    Serve {
        /// Folder to serve
        #[arg(long, default_value = "dist")]
        dir: PathBuf,
        /// Port to listen on; 0 takes a free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Bindgen { wasm, out } => bindgen::generate(&wasm, &out),
        Command::Dist { www, models, bindgen, examples, out } => {
            let sources = dist::Sources { www, models, bindgen, examples };
            dist::build(&sources, &out, size::COMMITTED_LIMIT)
        }
        Command::Single { site, out } => single::build(&site, &out, single::COMMITTED_LIMIT),
        Command::Serve { dir, port } => serve::run(&dir, port),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
