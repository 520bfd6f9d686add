//! The lung fields of films, for `tests/reference/mirrored.py`: reads paths, a line each, and writes to OUT for each film
//! that is read 128 × 128 bytes (probability of lung, 255 for 1) and its path to OUT.txt:
//! `cargo run --example lung_maps -- OUT < paths.txt`

use std::io::{BufRead as _, Write as _};

use covid_classifier::compute::NetworkName;
use covid_classifier::decode::decode;
use covid_classifier::preprocess::network_plane;
use covid_classifier::{Classifier, Model, lungs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = std::env::args().nth(1).ok_or("a file to write to is missing")?;
    let mut classifier = Classifier::new(Model::read_folder("models")?)?;
    let mut maps = std::io::BufWriter::new(std::fs::File::create(&out)?);
    let mut paths = std::fs::File::create(out + ".txt")?;
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let Ok(film) = decode(&std::fs::read(&path)?) else { continue };
        let plane = network_plane(&film);
        let input = lungs::input(&plane);
        let output = pollster::block_on(classifier.run_network(NetworkName::Lungs, &input))?;
        let fields = lungs::read(output, plane.width, plane.height).fields;
        let bytes: Vec<u8> = fields.map.pixels.iter().map(|share| (share * 255.0).round() as u8).collect();
        maps.write_all(&bytes)?;
        writeln!(paths, "{path}")?;
    }
    Ok(())
}
