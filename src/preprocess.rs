//! The paper's preprocessing: any film to the 512 × 512 8-bit image that the texture reader reads.
//!
//! Grey → anti-aliased resize to 512 × 512 → min-max → adaptive histogram equalisation → 8 bit,
//! each with scikit-image's meaning (0.26): `rgb2gray`, `resize(order=1, mode="reflect",
//! anti_aliasing=True)`, `equalize_adapthist` at its defaults, `img_as_ubyte`. The goldens in
//! `tests/goldens` were made by those functions.

mod clahe;
mod resize;

use crate::radiograph::{Picture, Provenance, Radiograph, Samples};

/// Width and height of what the texture reader reads, in pixels.
pub const SIDE: usize = 512;

/// A 512 × 512 8-bit grey image, row-major: what the 252 features are computed from.
#[derive(Clone, PartialEq, Eq)]
pub struct EqualizedImage {
    pixels: Vec<u8>,
}

impl EqualizedImage {
    /// Takes 512 × 512 grey values, row-major; `None` for any other number of them.
    pub fn from_pixels(pixels: Vec<u8>) -> Option<Self> {
        (pixels.len() == SIDE * SIDE).then_some(Self { pixels })
    }

    /// The 512 × 512 grey values, row-major.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The same as a picture to show.
    pub fn into_picture(self) -> Picture {
        Picture { width: SIDE, height: SIDE, pixels: self.pixels }
    }
}

impl std::fmt::Debug for EqualizedImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EqualizedImage({SIDE} × {SIDE})")
    }
}

/// Preprocesses a film as the paper does. A flat film becomes all zeros.
pub fn preprocess(film: &Radiograph) -> EqualizedImage {
    let mut plane = resize::resize(film, SIDE, SIDE);
    min_max(&mut plane);
    EqualizedImage { pixels: clahe::equalize_adapthist(&plane) }
}

/// The film shrunk to a shorter side of `side` pixels (never enlarged).
pub(crate) fn shrink(film: &Radiograph, side: usize) -> Radiograph {
    let factor = (film.width.min(film.height) as f64 / side as f64).max(1.0);
    let of = |length: usize| (length as f64 / factor).round() as usize;
    let (width, height) = (of(film.width), of(film.height));
    let samples = Samples::F64(resize::resize(film, width, height));
    let provenance = Provenance { width_px: width as u32, height_px: height as u32, ..film.provenance };
    Radiograph { width, height, samples, provenance }
}

/// Scales to 0…1 in place; a flat plane becomes all zeros.
fn min_max(plane: &mut [f64]) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &value in plane.iter() {
        low = if value < low { value } else { low };
        high = if value > high { value } else { high };
    }
    if low < high {
        let range = high - low;
        plane.iter_mut().for_each(|value| *value = (*value - low) / range);
    } else {
        plane.fill(0.0);
    }
}
