//! Writes the seeds of each target: `SEEDS=FOLDER seeds` makes FOLDER/TARGET/seed_K. It contains libFuzzer like the
//! targets, because code that is compiled for them cannot be linked without it.
#![no_main]

use std::path::Path;

libfuzzer_sys::fuzz_target!(
    init: write_and_exit(),
    |_data: &[u8]| {}
);

fn write_and_exit() {
    if let Err(error) = write() {
        eprintln!("seeds: {error}");
        std::process::exit(1);
    }
    std::process::exit(0);
}

fn write() -> std::io::Result<()> {
    let folder = std::env::var("SEEDS").unwrap_or_else(|_| "seeds".to_owned());
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens");
    for (name, _, seeds) in covid_classifier_fuzz::all() {
        let folder = Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder)?;
        for (k, seed) in seeds(&goldens).iter().enumerate() {
            std::fs::write(folder.join(format!("seed_{k}")), seed)?;
        }
    }
    Ok(())
}
