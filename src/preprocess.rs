//! The paper's preprocessing: any film to the 512 × 512 8-bit image that the texture reader reads.
//!
//! Grey → anti-aliased resize to 512 × 512 → min-max → adaptive histogram equalisation → 8 bit,
//! each with scikit-image's meaning (0.26): `rgb2gray`, `resize(order=1, mode="reflect",
//! anti_aliasing=True)`, `equalize_adapthist` at its defaults, `img_as_ubyte`. The goldens in
//! `tests/goldens` were made by those functions.

mod clahe;
mod resize;

use multiversion::multiversion;

use crate::plane::Plane;
use crate::radiograph::Radiograph;

/// Width and height of what the texture reader reads, in pixels.
pub const SIDE: usize = 512;

/// The networks look at a film of at most so many pixels on its shorter side.
const NETWORKS_SIDE: usize = 256;

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

/// The film at a shorter side of `side` pixels (never enlarged), anti-aliased; values in 0…1.
pub fn shrunk(film: &Radiograph, side: usize) -> Plane<f64> {
    let factor = (film.width.min(film.height) as f64 / side as f64).max(1.0);
    let of = |length: usize| (length as f64 / factor).round() as usize;
    let (width, height) = (of(film.width), of(film.height));
    Plane { width, height, pixels: resize::resize(film, width, height) }
}

/// The film as the networks see it: at most 256 pixels on its shorter side, values in 0…1.
pub fn network_plane(film: &Radiograph) -> Plane {
    let Plane { width, height, pixels } = shrunk(film, NETWORKS_SIDE);
    Plane { width, height, pixels: pixels.into_iter().map(|value| value as f32).collect() }
}

/// Scales to 0…1 in place; a flat plane becomes all zeros.
fn min_max(plane: &mut [f64]) {
    let (low, high) = extremes(plane);
    if low < high {
        let range = high - low;
        plane.chunks_mut(SIDE).for_each(|row| to_unit(row, low, range));
    } else {
        plane.fill(0.0);
    }
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn to_unit(row: &mut [f64], low: f64, range: f64) {
    row.iter_mut().for_each(|value| *value = (*value - low) / range);
}

/// The smallest and the largest value.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
fn extremes(plane: &[f64]) -> (f64, f64) {
    /// Compared side by side: none waits for the one before it.
    const LANES: usize = 16;
    let smaller = |a: f64, b: f64| if b < a { b } else { a };
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let (blocks, rest) = plane.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &value) in block.iter().enumerate() {
            (low[lane], high[lane]) = (smaller(low[lane], value), larger(high[lane], value));
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        (low[lane], high[lane]) = (smaller(low[lane], value), larger(high[lane], value));
    }
    (low.into_iter().fold(f64::INFINITY, smaller), high.into_iter().fold(f64::NEG_INFINITY, larger))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radiograph::Samples;

    #[test]
    fn the_networks_see_256_pixels_of_the_shorter_side() {
        let size = |width: usize, height: usize| {
            let film = Radiograph::drawn(width, height, Samples::U8(vec![51; width * height]));
            let plane = network_plane(&film);
            assert!(plane.pixels.iter().all(|value| (value - 0.2).abs() < 1e-6), "0…1");
            (plane.width, plane.height)
        };
        assert_eq!(size(1024, 512), (512, 256));
        assert_eq!(size(300, 700), (256, 597));
        assert_eq!(size(200, 240), (200, 240), "a film is never enlarged");
        let deep = network_plane(&Radiograph::drawn(2, 1, Samples::U16(vec![0, 65535])));
        assert_eq!(deep.pixels, [0.0, 1.0]);
    }
}
