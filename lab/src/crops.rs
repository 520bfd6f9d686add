//! Decodes films, finds their lungs, and makes the input of the convnet reader from them.

use std::path::Path;

use covid_classifier::convnet::{Crop, placement, reach};
use covid_classifier::decode::decode;
use covid_classifier::lungs::{self, LungFields, Segmented};
use covid_classifier::plane::{Affine, Plane};
use covid_classifier::radiograph::{Radiograph, Samples};
use covid_classifier::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::dataset::Film;
use crate::engine::{Engine, parallel};

/// The part of a film that the network sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The lungs' box, without everything outside the lungs.
    Lungs,
    /// The lungs' box, nothing removed.
    Box,
    /// The whole film.
    Film,
}

/// A decoded film with its lungs.
pub struct Prepared {
    /// The film, 8 bits per pixel.
    pub film: Plane<u8>,
    /// The segmenter's output.
    pub segmented: Segmented,
    /// Its source, finding, patient and so on.
    pub about: Film,
}

impl Prepared {
    /// Its lung fields.
    pub fn fields(&self) -> &LungFields {
        &self.segmented.fields
    }
}

/// Decodes a file to an 8-bit plane.
///
/// # Errors
/// As [`decode`], with the file's name.
pub fn load(path: &Path) -> Result<Plane<u8>> {
    let named = |error: Error| Error::with_source(error.kind(), path.display().to_string(), error);
    let bytes = std::fs::read(path).map_err(|error| named(Error::from(error)))?;
    Ok(as_8_bit(decode(&bytes).map_err(named)?))
}

/// A film's plane with its values rounded to 8 bits.
pub fn as_8_bit(film: Radiograph) -> Plane<u8> {
    let pixels = match film.samples {
        Samples::U8(pixels) => pixels,
        Samples::U16(pixels) => pixels.into_iter().map(|pixel| (pixel / 257) as u8).collect(),
        Samples::F64(pixels) => pixels.into_iter().map(|pixel| (pixel * 255.0).round() as u8).collect(),
    };
    Plane { width: film.width, height: film.height, pixels }
}

/// Runs the segmenter on a plane.
///
/// # Errors
/// As [`Engine::run`].
pub fn segment(film: &Plane<u8>, segmenter: &Engine) -> Result<Segmented> {
    let output = segmenter.run(&lungs::input(film))?;
    Ok(lungs::read(&output, film.width, film.height))
}

/// Decodes films and finds their lungs.
///
/// # Errors
/// Of the first film that cannot be read.
pub fn prepare(films: Vec<Film>, segmenter: &Engine) -> Result<Vec<Prepared>> {
    let one = |about: &Film| {
        let film = load(&about.path)?;
        let segmented = segment(&film, segmenter)?;
        Ok(Prepared { film, segmented, about: about.clone() })
    };
    parallel(&films, one).into_iter().collect()
}

/// Maps the square of the network's input to the lung map, without augmentation.
pub fn place(prepared: &Prepared, view: View, side: usize) -> Affine {
    match view {
        View::Lungs | View::Box => placement(prepared.fields(), side),
        View::Film => Affine::of_rectangle(0.0, 0.0, lungs::SIDE as f32, lungs::SIDE as f32, side),
    }
}

/// The film and the lungs sampled through `affine`, both (side, side). The network's input is made from them. Where the
/// view removes nothing, everything counts as lung.
pub fn warped(prepared: &Prepared, view: View, affine: &Affine, side: usize) -> (Vec<f32>, Vec<f32>) {
    let values = prepared.film.warp(&affine.then(&prepared.fields().to_film()), side, f32::NAN);
    let lungs = match view {
        View::Lungs => prepared.fields().map.warp(affine, side, 0.0),
        View::Box | View::Film => vec![1.0; side * side],
    };
    (values, lungs)
}

/// The network's input for one film, as at inference.
pub fn plain(prepared: &Prepared, view: View, side: usize) -> Crop {
    let (values, lungs) = warped(prepared, view, &place(prepared, view, side), side);
    Crop::new(values, &lungs, side, 0.5, reach(side))
}

#[cfg(test)]
pub(crate) mod tests {
    use covid_classifier::Label;
    use covid_classifier::convnet;
    use covid_classifier::phantom::Phantom;

    use super::*;
    use crate::dataset::Split;

    /// A phantom as a film of the collection, with the lungs where it draws them.
    pub(crate) fn phantom(source: &str, label: Label, split: Split, seed: u64) -> Prepared {
        let (width, height) = (160, 128);
        let film = Plane { width, height, pixels: Phantom { width, height, seed }.draw_u8() };
        let side = lungs::SIDE;
        let inside = |k: usize| {
            let (x, y) = (k % side, k / side);
            (30..90).contains(&y) && ((24..52).contains(&x) || (74..102).contains(&x))
        };
        let map = (0..side * side).map(|k| if inside(k) { 1.0 } else { 0.0 }).collect();
        let segmented = Segmented { fields: LungFields::new(map, width, height), features: vec![0.0; 64] };
        let about = Film {
            path: format!("{source}-{seed}.png").into(),
            source: source.to_owned(),
            finding: label.into(),
            details: String::new(),
            patient_group: format!("{source} {seed}"),
            split,
            original_name: String::new(),
            lung_mask: None,
            also_in: None,
        };
        Prepared { film, segmented, about }
    }

    /// The laboratory sees what the product sees.
    #[test]
    fn a_crop_of_the_lungs_is_the_products() {
        let film = phantom("here", Label::Normal, Split::Train, 3);
        let ours = plain(&film, View::Lungs, convnet::SIDE);
        assert_eq!(ours, convnet::crop(&film.film, film.fields(), convnet::SIDE));
        let boxed = plain(&film, View::Box, convnet::SIDE);
        let dark = |crop: &Crop| crop.values.iter().filter(|value| **value == 0.0).count();
        assert!(dark(&boxed) < dark(&ours), "the box removes nothing");
        assert!(boxed.weights.iter().all(|weight| (weight - 1.0 / 64.0).abs() < 1e-6));
        assert_ne!(plain(&film, View::Film, convnet::SIDE), boxed);
    }

    #[test]
    fn a_film_is_loaded_as_8_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep.png");
        let pixels = (0..32 * 16).map(|k| k * 128).collect();
        image::ImageBuffer::<image::Luma<u16>, Vec<u16>>::from_raw(32, 16, pixels)
            .unwrap()
            .save(&path)
            .unwrap();
        let film = load(&path).unwrap();
        assert_eq!((film.width, film.height, film.pixels[2], film.pixels[511]), (32, 16, 0, 254));
        let error = load(&folder.path().join("missing.png")).unwrap_err();
        assert!(error.to_string().contains("missing.png"), "{error}");
    }
}
