//! Measures what the gate refuses.

use std::collections::BTreeMap;

use covid_classifier::gate::Gate;
use covid_classifier::plane::Plane;
use covid_classifier::{Result, convnet};
use rand::Rng;

use crate::crops::{Prepared, segment};
use crate::dataset::Split;
use crate::engine::{Engine, parallel};
use crate::train::gate::{SEED, SPOILT};
use crate::train::negatives::{generator, part_of, spoil};
use crate::train::photographs::{Photographs, other_pictures};

/// The gate's decisions on one kind of picture.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Trial {
    /// The kind of picture.
    pub name: String,
    /// Number of pictures.
    pub n: usize,
    /// Number of refused pictures.
    pub refused: usize,
}

/// Shows the gate films of `val` and `external`, spoilt copies of them, and other pictures that it was not trained on.
///
/// # Errors
/// As [`Engine::run`].
pub fn try_out(
    gate: &Gate,
    films: &[Prepared],
    photographs: &Photographs,
    segmenter: &Engine,
    reader: &Engine,
) -> Result<Vec<Trial>> {
    let photographs = &photographs.held_out;
    let refused = |plane: &Plane<u8>| -> Result<bool> {
        let segmented = segment(plane, segmenter)?;
        let crop = convnet::crop(plane, &segmented.fields, reader.side());
        Ok(!gate.judge(&segmented, &reader.read(&crop)?.features).accepted)
    };
    let mut table: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut count = |name: String, refused: bool| {
        let slot = table.entry(name).or_default();
        *slot = (slot.0 + 1, slot.1 + usize::from(refused));
    };
    let shown: Vec<(u64, &Prepared)> = (0..)
        .zip(films)
        .filter(|(_, film)| matches!(film.about.split, Split::Val | Split::External))
        .collect();
    let results = parallel(&shown, |(k, film)| -> Result<_> {
        let mut rng = generator(SEED + 10, *k);
        let kind = SPOILT[rng.random_range(0..SPOILT.len())];
        Ok((refused(&film.film)?, kind, refused(&spoil(&film.film, kind, &mut rng))?))
    });
    for ((_, film), result) in shown.iter().zip(results) {
        let (plain, kind, spoilt) = result?;
        let split = if film.about.split == Split::Val { "val" } else { "external" };
        count(format!("films of {split}: {} {}", film.about.source, film.about.finding.name()), plain);
        let kind = serde_json::to_value(kind)
            .ok()
            .and_then(|kind| kind.as_str().map(str::to_owned))
            .unwrap_or_default();
        count(format!("spoilt films of {split}: {kind}"), spoilt);
    }
    let pictures = other_pictures(400, &[], SEED + 11);
    for refused in parallel(&pictures, refused) {
        count("drawn pictures".into(), refused?);
    }
    let numbers: Vec<u64> = (0..if photographs.is_empty() { 0 } else { 400 }).collect();
    let parts = parallel(&numbers, |&k| {
        let mut rng = generator(SEED + 12, k);
        refused(&part_of(&photographs[rng.random_range(0..photographs.len())], &mut rng))
    });
    for refused in parts {
        count("parts of photographs".into(), refused?);
    }
    Ok(table.into_iter().map(|(name, (n, refused))| Trial { name, n, refused }).collect())
}
