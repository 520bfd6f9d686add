//! Photographs and other pictures that are not chest films.

use std::path::Path;

use covid_classifier::Result;
use covid_classifier::plane::Plane;
use rand::Rng;

use super::negatives::{drawn, generator, part_of};
use crate::crops::load;
use crate::engine::parallel;

/// Photographs and other pictures that are not chest films.
#[derive(Debug, Default)]
pub struct Photographs {
    /// Pictures that train.
    pub train: Vec<Plane<u8>>,
    /// Pictures that only test the gate.
    pub held_out: Vec<Plane<u8>>,
}

impl Photographs {
    /// The number of pictures that train, and of those held out.
    pub fn counts(&self) -> (usize, usize) {
        (self.train.len(), self.held_out.len())
    }
}

/// Decodes the pictures of a folder. About every third is held out, by its name.
///
/// # Errors
/// [`ErrorKind::Io`](covid_classifier::ErrorKind::Io) for a folder that cannot be read.
pub fn photographs(folder: &Path) -> Result<Photographs> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    let planes = parallel(&paths, |path| load(path).ok());
    let mut photographs = Photographs::default();
    for (path, plane) in paths.iter().zip(planes) {
        let Some(plane) = plane else { continue };
        let side = if is_held_out(path) { &mut photographs.held_out } else { &mut photographs.train };
        side.push(plane);
    }
    Ok(photographs)
}

/// Holds out about every third picture, by its name alone. All sections of one head stay on one side.
fn is_held_out(path: &Path) -> bool {
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let whole = if name.starts_with("section-") { name.split('-').nth(1).unwrap_or_default() } else { &name };
    let hash = whole.bytes().fold(5381_u32, |hash, byte| hash.wrapping_mul(33) ^ u32::from(byte));
    hash % 3 == 2
}

/// The photographs of a folder; none if it does not exist.
///
/// # Errors
/// As [`photographs`].
pub fn photographs_or_none(folder: &Path) -> Result<Photographs> {
    if folder.is_dir() { photographs(folder) } else { Ok(Photographs::default()) }
}

/// Pictures that are not chest films: `count` drawn ones and, if there are photographs, as many parts of them.
pub fn other_pictures(count: usize, photographs: &[Plane<u8>], seed: u64) -> Vec<Plane<u8>> {
    let numbers: Vec<u64> = (0..count as u64).collect();
    let mut pictures = parallel(&numbers, |&k| drawn(256, &mut generator(seed, 2 * k)));
    if !photographs.is_empty() {
        pictures.extend(parallel(&numbers, |&k| {
            let mut rng = generator(seed, 2 * k + 1);
            part_of(&photographs[rng.random_range(0..photographs.len())], &mut rng)
        }));
    }
    pictures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_is_held_out_and_a_head_is_on_one_side() {
        let held_out = (0..600).filter(|k| is_held_out(Path::new(&format!("photo-{k}.jpg")))).count();
        assert!((150..250).contains(&held_out), "{held_out} of 600");
        for head in ["colin", "mni", "ch2"] {
            let of = |section| is_held_out(Path::new(&format!("x/section-{head}-{section}.png")));
            assert!((0..40).all(|section| of(section) == of(0)), "{head}");
        }
    }

    #[test]
    fn what_is_not_a_picture_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        for k in 0..6 {
            let path = folder.path().join(format!("{k}.png"));
            image::GrayImage::from_pixel(20, 20, image::Luma([k])).save(path).unwrap();
        }
        std::fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
        let found = photographs(folder.path()).unwrap();
        assert_eq!(found.counts().0 + found.counts().1, 6);
        // Every picture is named after its grey.
        for (side, expected) in [(&found.train, false), (&found.held_out, true)] {
            for picture in side {
                assert_eq!(is_held_out(Path::new(&format!("{}.png", picture.pixels[0]))), expected);
            }
        }
        assert_eq!(photographs_or_none(&folder.path().join("none")).unwrap().counts(), (0, 0));
    }

    #[test]
    fn other_pictures_are_drawn_and_cut_out() {
        let photograph = Plane { width: 300, height: 300, pixels: vec![77; 90_000] };
        let both = other_pictures(3, std::slice::from_ref(&photograph), 1);
        assert_eq!((both.len(), other_pictures(3, &[], 1).len()), (6, 3));
        assert!(both[3..].iter().all(|part| part.pixels.iter().all(|&pixel| pixel == 77 || pixel == 178)));
    }
}
