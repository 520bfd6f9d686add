//! Is colour laid over a film, as a heat map or false colour?
//!
//! A film has one tint: none, the brown of an old print, the blue of a screen. The tint is fitted as a chroma that is
//! linear in the luminance; one that changes faster than any tint is false colour. Saturated pixels away from the tint
//! are foreign. Letters, arrows and scale bars are thin, and a heat map is not: blocks count that are foreign nearly
//! throughout. The outer tenth of every side does not: viewers have their bars there.

use image::imageops::FilterType;
use image::{DynamicImage, GenericImageView};

use crate::frame::Frame;

/// Blocks along each side of the grid.
const BLOCKS: usize = 32;
/// Samples along each side of a block.
const SAMPLES: usize = 6;
/// What lies further than this share from an edge is looked at.
const MARGIN: f64 = 0.1;
/// A block counts when this share of its samples is foreign.
const FOREIGN_BLOCK: f64 = 0.75;
/// Colour is laid over a film when more than this share of the blocks counts. On ten real films, letters, lines, tints and
/// noise of many kinds gave up to 0.01, and letters on a small JPEG of quality 30 up to 0.077; heat maps and false
/// colours gave 0.085 and more, but for the faintest (viridis of which 80 % is the film: 0.043 to 0.111).
const LARGEST_SHARE: f64 = 0.08;
/// The chroma of a tint changes with the luminance by no more than this.
const STEEPEST_TINT: f64 = 0.4;
/// Repetitions of the fit, and from which distance on a sample counts little in it.
const FITS: usize = 12;
const NEAR: f64 = 12.0;

/// A pixel: its luminance, and how far its blue and its red lie above it, all on the scale 0…255.
#[derive(Clone, Copy)]
struct Sample {
    luminance: f64,
    chroma: [f64; 2],
}

impl Sample {
    fn new([red, green, blue, alpha]: [u8; 4]) -> Self {
        let alpha = f64::from(alpha) / 255.0;
        // Transparent pixels are blended onto white, as for the grey plane.
        let [red, green, blue] = [red, green, blue].map(|value| 255.0 + alpha * (f64::from(value) - 255.0));
        let luminance = 0.299 * red + 0.587 * green + 0.114 * blue;
        Self { luminance, chroma: [blue - luminance, red - luminance] }
    }

    /// Black and white are of a frame or a page as often as of the film, and say nothing of its tint.
    fn has_tint(&self) -> bool {
        (5.0..250.0).contains(&self.luminance)
    }

    /// What a chroma must exceed not to be noise or uneven light, which grows with the luminance.
    fn noticeable(&self) -> f64 {
        10.0 + self.luminance / 16.0
    }

    fn is_foreign(&self, tint: &Tint) -> bool {
        let [blue, red] = self.chroma;
        blue.hypot(red) > self.noticeable() && tint.distance(self) > self.noticeable()
    }
}

/// For blue and red: the chroma that grey 0 has, and by how much it grows with the luminance.
#[derive(Clone, Copy, Default)]
struct Tint([(f64, f64); 2]);

impl Tint {
    fn distance(&self, sample: &Sample) -> f64 {
        let [blue, red] = [0, 1].map(|k| {
            let (start, slope) = self.0[k];
            sample.chroma[k] - start - slope * sample.luminance
        });
        blue.hypot(red)
    }

    /// The tint of most samples: fitted again and again, each time with little weight for what is far from it.
    fn of(samples: &[Sample]) -> Self {
        let mut tint = Self::default();
        let samples: Vec<Sample> = samples.iter().copied().filter(Sample::has_tint).collect();
        if samples.is_empty() {
            return tint;
        }
        let mut weights = vec![1.0; samples.len()];
        for _ in 0..FITS {
            tint = Self::weighted(&samples, &weights);
            for (weight, sample) in weights.iter_mut().zip(&samples) {
                *weight = 1.0 / (1.0 + (tint.distance(sample) / NEAR).powi(2));
            }
        }
        tint
    }

    fn weighted(samples: &[Sample], weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mean = |of: &dyn Fn(&Sample) -> f64| {
            samples.iter().zip(weights).map(|(sample, weight)| weight * of(sample)).sum::<f64>() / total
        };
        let middle = mean(&|sample| sample.luminance);
        // One more than the variance: a film of one grey has no slope.
        let variance = mean(&|sample| (sample.luminance - middle).powi(2)) + 1.0;
        Self([0, 1].map(|k| {
            let level = mean(&|sample| sample.chroma[k]);
            let covariance = mean(&|sample| (sample.luminance - middle) * (sample.chroma[k] - level));
            let slope = (covariance / variance).clamp(-STEEPEST_TINT, STEEPEST_TINT);
            (level - slope * middle, slope)
        }))
    }
}

/// The share of the blocks that are foreign nearly throughout.
fn foreign_share(pixels: &DynamicImage) -> f64 {
    let side = BLOCKS * SAMPLES;
    let place = |k: usize, length: u32| {
        let share = MARGIN + (1.0 - 2.0 * MARGIN) * (k as f64 + 0.5) / side as f64;
        (share * f64::from(length)) as u32
    };
    let (width, height) = (pixels.width(), pixels.height());
    let at = |k: usize| pixels.get_pixel(place(k % side, width), place(k / side, height)).0;
    let samples: Vec<Sample> = (0..side * side).map(|k| Sample::new(at(k))).collect();
    let tint = Tint::of(&samples);
    let mut foreign = [0; BLOCKS * BLOCKS];
    for (k, sample) in samples.iter().enumerate() {
        let block = k / side / SAMPLES * BLOCKS + k % side / SAMPLES;
        foreign[block] += usize::from(sample.is_foreign(&tint));
    }
    let enough = FOREIGN_BLOCK * (SAMPLES * SAMPLES) as f64;
    let blocks = foreign.iter().filter(|count| **count as f64 >= enough).count();
    blocks as f64 / foreign.len() as f64
}

/// Whether colour is laid over the film.
pub(super) fn is_laid_over(pixels: &DynamicImage) -> bool {
    pixels.color().has_color() && foreign_share(pixels) > LARGEST_SHARE
}

/// The longer side of what is kept of the colours, in pixels.
const KEPT: u32 = 1024;

/// Some of the pixels of a picture over which colour seems to be laid, in place.
pub(super) fn kept(pixels: &DynamicImage) -> DynamicImage {
    let side = pixels.width().max(pixels.height()).min(KEPT);
    pixels.resize(side, side, FilterType::Nearest)
}

/// Whether colour is laid over the film that is a part of a picture: a slide, a desktop may be of every colour.
pub(super) fn is_laid_over_film(kept: &DynamicImage, film: Frame) -> bool {
    let pixels = |share: f64, length: u32| (share * f64::from(length)).round() as u32;
    let (width, height) = (kept.width(), kept.height());
    let part = kept.crop_imm(
        pixels(film.left, width),
        pixels(film.top, height),
        pixels(film.width, width).max(1),
        pixels(film.height, height).max(1),
    );
    is_laid_over(&part)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;
    use crate::phantom::Phantom;

    const WIDTH: u32 = 260;
    const HEIGHT: u32 = 220;

    /// A phantom, each pixel coloured by `color`: its place in shares of the film, and its grey 0…1.
    fn film(color: impl Fn(f64, f64, f64) -> [f64; 3]) -> DynamicImage {
        let grey = Phantom { width: WIDTH as usize, height: HEIGHT as usize, seed: 4 }.draw();
        DynamicImage::ImageRgb8(RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let (u, v) = (f64::from(x) / f64::from(WIDTH), f64::from(y) / f64::from(HEIGHT));
            let color = color(u, v, grey[(y * WIDTH + x) as usize]);
            Rgb(color.map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8))
        }))
    }

    /// A colour map.
    type Map = fn(f64) -> [f64; 3];
    /// From a place and a grey to a colour.
    type Painter = fn(f64, f64, f64) -> [f64; 3];

    fn jet(t: f64) -> [f64; 3] {
        [3.0, 2.0, 1.0].map(|peak| (1.5 - (4.0 * t - peak).abs()).clamp(0.0, 1.0))
    }

    fn hot(t: f64) -> [f64; 3] {
        [0.0, 1.0, 2.0].map(|start| (t * 8.0 / 3.0 - start).clamp(0.0, 1.0))
    }

    fn viridis(t: f64) -> [f64; 3] {
        const STOPS: [[f64; 3]; 5] = [
            [0.27, 0.0, 0.33],
            [0.23, 0.32, 0.55],
            [0.13, 0.57, 0.55],
            [0.37, 0.79, 0.38],
            [0.99, 0.91, 0.14],
        ];
        let place = (4.0 * t).clamp(0.0, 3.999);
        let (k, share) = (place as usize, place.fract());
        std::array::from_fn(|c| STOPS[k][c] + share * (STOPS[k + 1][c] - STOPS[k][c]))
    }

    fn rainbow(t: f64) -> [f64; 3] {
        [0.0, 4.0, 2.0].map(|shift| (((6.0 * 0.85 * t + shift) % 6.0 - 3.0).abs() - 1.0).clamp(0.0, 1.0))
    }

    /// Warm in the lower left of the film.
    fn heat(u: f64, v: f64) -> f64 {
        (-(((u - 0.35) / 0.2).powi(2) + ((v - 0.6) / 0.25).powi(2))).exp()
    }

    fn blend(grey: f64, color: [f64; 3], share: f64) -> [f64; 3] {
        color.map(|value| grey + share * (value - grey))
    }

    const MAPS: [(&str, Map); 4] = [("jet", jet), ("hot", hot), ("viridis", viridis), ("rainbow", rainbow)];

    #[test]
    fn heat_maps_and_false_colours_are_seen() {
        for (name, map) in MAPS {
            for share in [0.3, 0.5] {
                let laid = film(|u, v, grey| blend(grey, map(heat(u, v)), share));
                assert!(is_laid_over(&laid), "{name} at {share}: {}", foreign_share(&laid));
            }
            let warm_only = film(|u, v, grey| blend(grey, map(heat(u, v)), 0.6 * heat(u, v)));
            assert!(is_laid_over(&warm_only), "{name} where it is warm: {}", foreign_share(&warm_only));
            let quarter = film(|u, v, grey| match u < 0.5 && v > 0.5 {
                true => blend(grey, map(heat(2.0 * u, 2.0 * v - 1.0)), 0.4),
                false => [grey; 3],
            });
            assert!(is_laid_over(&quarter), "a quarter of {name}: {}", foreign_share(&quarter));
            let false_color = film(|_, _, grey| map(grey));
            assert!(is_laid_over(&false_color), "film in {name}: {}", foreign_share(&false_color));
        }
        // From blue to yellow: linear in the luminance as a tint is, and steeper than any.
        let blue_to_yellow = film(|_, _, grey| [0.99 * grey, 0.13 + 0.78 * grey, 0.3 - 0.09 * grey]);
        assert!(is_laid_over(&blue_to_yellow), "{}", foreign_share(&blue_to_yellow));
        let faint = film(|u, v, grey| blend(grey, jet(heat(u, v)), 0.2));
        assert!(is_laid_over(&faint), "{}", foreign_share(&faint));
        let masks = film(|u, v, grey| {
            let lung = [0.3, 0.7].iter().any(|x| ((u - x) / 0.15).powi(2) + ((v - 0.5) / 0.3).powi(2) < 1.0);
            blend(grey, [0.0, 1.0, 0.0], if lung { 0.3 } else { 0.0 })
        });
        assert!(is_laid_over(&masks), "{}", foreign_share(&masks));
    }

    /// A slide in a colour gradient, and a heat map on a white page.
    #[test]
    fn colour_is_judged_in_the_film() {
        let inside = |u: f64, v: f64| (0.3..0.7).contains(&u) && (0.25..0.75).contains(&v);
        let frame = Frame { left: 0.3, top: 0.25, width: 0.4, height: 0.5 };
        let slide = film(|u, v, grey| match inside(u, v) {
            true => [grey; 3],
            false => [0.1, 0.2 + 0.3 * u, 0.4 + 0.5 * v],
        });
        assert!(is_laid_over(&slide));
        assert!(!is_laid_over_film(&kept(&slide), frame));
        let page = film(|u, v, grey| match inside(u, v) {
            true => blend(grey, jet(heat((u - 0.3) / 0.4, (v - 0.25) / 0.5)), 0.5),
            false => [1.0; 3],
        });
        assert!(is_laid_over_film(&kept(&page), frame));
    }

    #[test]
    fn tints_and_uneven_light_are_not() {
        let tints: [(&str, Painter); 6] = [
            ("sepia", |_, _, grey| [grey, 0.86 * grey, 0.66 * grey]),
            ("brown print", |_, _, grey| [0.16 + 0.84 * grey, 0.08 + 0.86 * grey, 0.78 * grey]),
            ("blue screen", |_, _, grey| [0.8 * grey, 0.93 * grey, 1.1 * grey]),
            ("blue base", |_, _, grey| [0.02 + 0.82 * grey, 0.08 + 0.84 * grey, 0.24 + 0.76 * grey]),
            ("warm left, cold right", |u, _, grey| [(1.08 - 0.18 * u) * grey, grey, (0.88 + 0.2 * u) * grey]),
            ("sepia on a white sheet", |u, v, grey| {
                match (0.15..0.85).contains(&u) && (0.15..0.85).contains(&v) {
                    true => [grey, 0.86 * grey, 0.66 * grey],
                    false => [1.0; 3],
                }
            }),
        ];
        for (name, tint) in tints {
            let tinted = film(tint);
            assert!(!is_laid_over(&tinted), "{name}: {}", foreign_share(&tinted));
        }
    }

    #[test]
    fn letters_lines_and_bars_are_not() {
        let written = |color: [f64; 3]| {
            film(move |u, v, grey| {
                let arrow = (u + v - 0.9).abs() < 0.008 && (0.25..0.45).contains(&u);
                let circle = ((u - 0.65).hypot(v - 0.5) - 0.1).abs() < 0.006;
                // Lines of strokes, as letters are.
                let text = u < 0.45 && v < 0.3 && (v * 25.0).fract() < 0.6 && (u * 60.0).fract() < 0.4;
                if arrow || circle || text { color } else { [grey; 3] }
            })
        };
        for color in [[1.0, 0.94, 0.3], [1.0, 0.0, 0.0], [0.3, 1.0, 0.3], [0.0, 0.8, 1.0]] {
            let film = written(color);
            assert!(!is_laid_over(&film), "{color:?}: {}", foreign_share(&film));
        }
        let bars = film(|_, v, grey| if (0.09..0.91).contains(&v) { [grey; 3] } else { [0.1, 0.35, 0.8] });
        assert!(!is_laid_over(&bars), "{}", foreign_share(&bars));
    }

    #[test]
    fn noise_of_colour_is_not() {
        let state = std::cell::Cell::new(1_u32);
        let noise = || {
            state.set(state.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            0.1 * (f64::from(state.get() >> 8) / f64::from(1 << 24) - 0.5)
        };
        let noisy = film(|_, _, grey| [grey + noise(), grey + noise(), grey + noise()]);
        assert!(!is_laid_over(&noisy), "{}", foreign_share(&noisy));
    }

    #[test]
    fn grey_and_what_is_transparent_have_no_colour() {
        assert!(!is_laid_over(&DynamicImage::ImageLuma8(film(|_, _, grey| [grey; 3]).to_luma8())));
        let mut clear = film(|u, v, _| jet(heat(u, v))).to_rgba8();
        clear.pixels_mut().for_each(|pixel| pixel.0[3] = 0);
        assert!(!is_laid_over(&DynamicImage::ImageRgba8(clear)), "blended onto white it is white");
        let deep = DynamicImage::ImageRgb16(film(|_, _, grey| jet(grey)).to_rgb16());
        assert!(is_laid_over(&deep), "16 bit");
        assert!(!is_laid_over(&DynamicImage::ImageRgb8(RgbImage::from_pixel(16, 16, Rgb([200, 30, 30])))));
    }
}
