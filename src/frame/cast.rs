//! Has a film the cast of a camera?
//!
//! A plain radiograph has no colour. A camera sees a screen, a light box or a print in the colour of the light, and balances
//! it imperfectly: blue and red are a little more or less than they should be, each by one factor everywhere. A scanner of
//! colour does the same to a film. Sepia is stronger, false colour is no one factor, and letters, arrows and windows of
//! other programs leave the film between them grey.

use super::tint::{self, Sample};
use super::{Area, Frame};
use crate::radiograph::Radiograph;

/// Blocks along each side of the film.
const BLOCKS: usize = 32;
/// Samples along each side of a block.
const SAMPLES: usize = 6;
/// Blocks darker or brighter than this say nothing.
const GREYS: std::ops::Range<f64> = 10.0..250.0;
/// At least this share of the blocks says something.
const ENOUGH: f64 = 0.05;
/// Repetitions of the fit, and from which distance on a block counts little in it.
const FITS: usize = 8;
const NEAR: f64 = 4.0;
/// A block is of the cast that is so near to it, and nearer than this share of its luminance.
const DISTANCE: f64 = 1.5;
const SHARE_OF_LIGHT: f64 = 0.02;
/// A cast is where this share of the blocks is of it.
const OF_CAST: f64 = 0.8;
/// The chroma of a cast, in shares of the luminance: less is rounding, more is sepia.
const STRENGTH: std::ops::Range<f64> = 0.012..0.25;

/// Whether the film in an area of a picture has the cast of a camera.
pub fn has_cast(picture: &Radiograph, area: Area) -> bool {
    let Some(colors) = &picture.colors else { return false };
    let film = area.frame(picture).unwrap_or(Frame::WHOLE);
    let side = BLOCKS * SAMPLES;
    let samples = tint::sampled(colors, film, side);
    let blocks: Vec<Sample> = (0..BLOCKS * BLOCKS)
        .map(|block| {
            let start = block / BLOCKS * SAMPLES * side + block % BLOCKS * SAMPLES;
            let of_block = (0..SAMPLES * SAMPLES).map(|k| samples[start + k / SAMPLES * side + k % SAMPLES]);
            Sample::mean(of_block)
        })
        .filter(|block| GREYS.contains(&block.luminance))
        .collect();
    if (blocks.len() as f64) < ENOUGH * (BLOCKS * BLOCKS) as f64 {
        return false;
    }
    let mut cast = [0.0; 2];
    for _ in 0..FITS {
        let weight = |block: &Sample| 1.0 / (1.0 + (distance(block, cast) / NEAR).powi(2));
        let sum =
            |of: &dyn Fn(&Sample) -> f64| blocks.iter().map(|block| weight(block) * of(block)).sum::<f64>();
        let light = sum(&|block| block.luminance * block.luminance);
        cast = [0, 1].map(|k| sum(&|block| block.luminance * block.chroma[k]) / light);
    }
    let is_of_cast = |block: &&Sample| distance(block, cast) < DISTANCE + SHARE_OF_LIGHT * block.luminance;
    let share = blocks.iter().filter(is_of_cast).count() as f64 / blocks.len() as f64;
    STRENGTH.contains(&cast[0].hypot(cast[1])) && share >= OF_CAST
}

/// How far the chroma of a block is from that of a cast.
fn distance(block: &Sample, cast: [f64; 2]) -> f64 {
    let [blue, red] = [0, 1].map(|k| block.chroma[k] - cast[k] * block.luminance);
    blue.hypot(red)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::Phantom;
    use crate::radiograph::{Colors, Samples};

    const WIDTH: usize = 300;
    const HEIGHT: usize = 240;

    /// Whether a phantom has a cast, each pixel coloured by `color`: its place and its grey 0…255.
    fn is_cast(color: impl Fn(usize, usize, f64) -> [f64; 3]) -> bool {
        let grey = Phantom { width: WIDTH, height: HEIGHT, seed: 6 }.draw();
        let pixel = |k: usize| {
            color(k % WIDTH, k / WIDTH, 255.0 * grey[k]).map(|value| value.round().clamp(0.0, 255.0) as u8)
        };
        let pixels: Vec<[u8; 3]> = (0..WIDTH * HEIGHT).map(pixel).collect();
        let mut film = Radiograph::drawn(WIDTH, HEIGHT, Samples::F64(grey.clone()));
        film.colors = Some(Box::new(Colors { width: WIDTH, height: HEIGHT, pixels }));
        has_cast(&film, Area::whole(&film))
    }

    /// What a camera's sensor adds, another for each pixel and colour.
    fn noise(x: usize, y: usize, color: usize) -> f64 {
        let mixed = (x * 7919 + y * 104_729 + color * 1_299_709).wrapping_mul(2_654_435_761) >> 7;
        (mixed % 17) as f64 - 8.0
    }

    #[test]
    fn a_camera_leaves_a_cast() {
        for cast in [[1.02, 0.98, 0.9], [0.96, 1.0, 0.97], [0.92, 0.98, 1.08], [1.1, 1.0, 0.85]] {
            assert!(is_cast(|_, _, grey| cast.map(|factor| factor * grey)), "{cast:?}");
            // Its noise, and a lamp that the screen reflects.
            let seen = |x: usize, y: usize, grey: f64| {
                let lamp = 60.0 * (-((x as f64 - 90.0).powi(2) + (y as f64 - 60.0).powi(2)) / 900.0).exp();
                [0, 1, 2].map(|k| cast[k] * (0.8 * grey + 12.0 + lamp) + noise(x, y, k))
            };
            assert!(is_cast(seen), "{cast:?}");
        }
    }

    #[test]
    fn what_is_grey_or_of_other_colours_has_none() {
        assert!(!is_cast(|_, _, grey| [grey; 3]), "grey");
        assert!(!is_cast(|x, y, grey| [0, 1, 2].map(|k| grey + noise(x, y, k))), "noise in colour");
        assert!(!is_cast(|_, _, grey| [1.07, 0.87, 0.66].map(|factor| factor * grey)), "sepia");
        let arrow =
            |x: usize, y: usize, grey: f64| if x.abs_diff(y) < 9 { [255.0, 255.0, 0.0] } else { [grey; 3] };
        assert!(!is_cast(arrow), "an arrow");
        let panels = |x: usize, _: usize, grey: f64| {
            if x < 100 { [0.95, 1.0, 1.05].map(|factor| factor * 120.0) } else { [grey; 3] }
        };
        assert!(!is_cast(panels), "a panel beside the film");
        let map = |_: usize, _: usize, grey: f64| [255.0 - grey, grey / 2.0, grey];
        assert!(!is_cast(map), "false colour");
    }

    #[test]
    fn what_has_no_colours_has_no_cast() {
        let film = Radiograph::drawn(20, 20, Samples::U8(vec![90; 400]));
        assert!(!has_cast(&film, Area::whole(&film)));
    }
}
