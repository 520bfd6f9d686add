//! Decodes films for those who compare decoders: `cargo run --example decoded -- OUT FILE...`
//!
//! For the film at place k of the list it writes `OUT/k.samples` (grey, 0…1) and, of a DICOM film in grey,
//! `OUT/k.modality` (modality values), both as little-endian f64, row-major; and it prints a line of JSON.

use std::path::Path;

use covid_classifier::decode::decode;
use covid_classifier::radiograph::{ModalityValues, Samples};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("a folder to write to is missing")?;
    for (k, file) in arguments.enumerate() {
        let film = match decode(&std::fs::read(&file)?) {
            Ok(film) => film,
            Err(error) => {
                let (kind, message) = (error.kind().code(), error.to_string());
                println!("{}", serde_json::json!({ "file": file, "error": kind, "message": message }));
                continue;
            }
        };
        let write = |end: &str, values: Vec<f64>| {
            let bytes: Vec<u8> = values.into_iter().flat_map(f64::to_le_bytes).collect();
            std::fs::write(Path::new(&out).join(format!("{k}.{end}")), bytes)
        };
        let scale = film.samples.full_scale();
        write(
            "samples",
            match &film.samples {
                Samples::U8(samples) => samples.iter().map(|&sample| f64::from(sample) / scale).collect(),
                Samples::U16(samples) => samples.iter().map(|&sample| f64::from(sample) / scale).collect(),
                Samples::F64(samples) => samples.clone(),
            },
        )?;
        if let Some(modality) = &film.modality {
            write(
                "modality",
                match &modality.values {
                    ModalityValues::I16(values) => values.iter().map(|&value| value.into()).collect(),
                    ModalityValues::U16(values) => values.iter().map(|&value| value.into()).collect(),
                    ModalityValues::F32(values) => values.iter().map(|&value| value.into()).collect(),
                },
            )?;
        }
        let hints = format!("{:?}", film.provenance.hints);
        let size = [film.width, film.height];
        let line = serde_json::json!({
            "file": file, "size": size, "film": film.provenance, "hints": hints, "in_modality": film.modality.is_some(),
        });
        println!("{line}");
    }
    Ok(())
}
