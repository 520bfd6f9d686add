//! Build tool of covid-classifier. `build.sh` calls it; `cargo xtask --help` lists what it can do.
//!
//! It is a program of its own so that what only the build needs (the wasm-bindgen generator, a static file
//! server) stays out of the classifier's dependencies. What puts the site together is in `tools/`.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod bindgen;
mod serve;

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
