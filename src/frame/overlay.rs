//! Is colour laid over a film, as a heat map or false colour?
//!
//! The film's tint is fitted; a colour map changes faster than any tint. Letters, arrows and scale bars are thin, and a heat
//! map is not: blocks count that are foreign to the tint nearly throughout. The outer tenth of every side does not: viewers
//! have their bars there. What surrounds a film may be of every colour, as a desktop or the room in which a screen was
//! photographed: where lungs were found, colour must lie over them too.

use super::tint::{self, Tint};
use super::{Area, Frame, pale};
use crate::radiograph::{Colors, Radiograph};

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
/// … and, where lungs were found, more than this share of those around them: a map may lie beside them for the most part,
/// and what surrounds a film does not reach them.
const LARGEST_SHARE_OF_LUNGS: f64 = 0.02;
/// The same of pale maps: more than this share, in the film and around its lungs.
const LARGEST_PALE_SHARE: f64 = 0.06;
/// What lies around the lungs, a share of their crop on every side, is looked at too.
const AROUND: f64 = 0.1;

/// The share of the blocks of a part of a picture that are foreign nearly throughout.
fn foreign_share(colors: &Colors, part: Frame) -> f64 {
    let side = BLOCKS * SAMPLES;
    let samples = tint::sampled(colors, part, side);
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

/// Whether colour is laid over the film in an area of a picture; `lungs` is the crop of its lungs, in shares of the
/// picture, if any were found. Of a photograph faint colours are not looked at: those of a screen's stripes are as faint.
pub fn is_color_laid_over(
    picture: &Radiograph,
    area: Area,
    lungs: Option<Frame>,
    is_photograph: bool,
) -> bool {
    let Some(colors) = &picture.colors else { return false };
    let Frame { left, top, width, height } = area.frame(picture).unwrap_or(Frame::WHOLE);
    let inner = Frame {
        left: left + MARGIN * width,
        top: top + MARGIN * height,
        width: (1.0 - 2.0 * MARGIN) * width,
        height: (1.0 - 2.0 * MARGIN) * height,
    };
    let is_strong = foreign_share(colors, inner) > LARGEST_SHARE
        && lungs.is_none_or(|lungs| foreign_share(colors, around(lungs)) > LARGEST_SHARE_OF_LUNGS);
    is_strong
        || (!is_photograph
            && pale_share(colors, inner) > LARGEST_PALE_SHARE
            && lungs.is_none_or(|lungs| pale_share(colors, around(lungs)) > LARGEST_PALE_SHARE))
}

/// The share of the blocks of a part of a picture whose colour is faint, and not the tint's.
fn pale_share(colors: &Colors, part: Frame) -> f64 {
    let side = BLOCKS * SAMPLES;
    pale::share(&tint::sampled(colors, part, side), side, SAMPLES)
}

/// A rectangle and what lies around it, as far as the picture reaches.
fn around(part: Frame) -> Frame {
    let wider = |start: f64, length: f64| {
        let (start, end) = (start - AROUND * length, start + (1.0 + AROUND) * length);
        let (start, end) = (start.clamp(0.0, 1.0), end.clamp(0.0, 1.0));
        (start, (end - start).max(0.0))
    };
    let ((left, width), (top, height)) = (wider(part.left, part.width), wider(part.top, part.height));
    Frame { left, top, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::Phantom;
    use crate::radiograph::Samples;

    const WIDTH: usize = 260;
    const HEIGHT: usize = 220;

    /// A phantom, each pixel coloured by `color`: its place in shares of the film, and its grey 0…1.
    fn film(color: impl Fn(f64, f64, f64) -> [f64; 3]) -> Radiograph {
        let grey = Phantom { width: WIDTH, height: HEIGHT, seed: 4 }.draw();
        let pixel = |k: usize| {
            let (u, v) = ((k % WIDTH) as f64 / WIDTH as f64, (k / WIDTH) as f64 / HEIGHT as f64);
            color(u, v, grey[k]).map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8)
        };
        let pixels: Vec<[u8; 3]> = (0..WIDTH * HEIGHT).map(pixel).collect();
        let mut film = Radiograph::drawn(WIDTH, HEIGHT, Samples::F64(grey.clone()));
        film.colors = Some(Box::new(Colors { width: WIDTH, height: HEIGHT, pixels }));
        film
    }

    fn is_laid_over(film: &Radiograph) -> bool {
        is_color_laid_over(film, Area::whole(film), None, false)
    }

    fn share_of(film: &Radiograph) -> f64 {
        let inner =
            Frame { left: MARGIN, top: MARGIN, width: 1.0 - 2.0 * MARGIN, height: 1.0 - 2.0 * MARGIN };
        foreign_share(film.colors.as_ref().unwrap(), inner)
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
                assert!(is_laid_over(&laid), "{name} at {share}: {}", share_of(&laid));
            }
            let warm_only = film(|u, v, grey| blend(grey, map(heat(u, v)), 0.6 * heat(u, v)));
            assert!(is_laid_over(&warm_only), "{name} where it is warm: {}", share_of(&warm_only));
            let quarter = film(|u, v, grey| match u < 0.5 && v > 0.5 {
                true => blend(grey, map(heat(2.0 * u, 2.0 * v - 1.0)), 0.4),
                false => [grey; 3],
            });
            assert!(is_laid_over(&quarter), "a quarter of {name}: {}", share_of(&quarter));
            let false_color = film(|_, _, grey| map(grey));
            assert!(is_laid_over(&false_color), "film in {name}: {}", share_of(&false_color));
        }
        // From blue to yellow: linear in the luminance as a tint is, and steeper than any.
        let blue_to_yellow = film(|_, _, grey| [0.99 * grey, 0.13 + 0.78 * grey, 0.3 - 0.09 * grey]);
        assert!(is_laid_over(&blue_to_yellow), "{}", share_of(&blue_to_yellow));
        let faint = film(|u, v, grey| blend(grey, jet(heat(u, v)), 0.2));
        assert!(is_laid_over(&faint), "{}", share_of(&faint));
        let masks = film(|u, v, grey| {
            let lung = [0.3, 0.7].iter().any(|x| ((u - x) / 0.15).powi(2) + ((v - 0.5) / 0.3).powi(2) < 1.0);
            blend(grey, [0.0, 1.0, 0.0], if lung { 0.3 } else { 0.0 })
        });
        assert!(is_laid_over(&masks), "{}", share_of(&masks));
    }

    /// Of one hue, white where nothing is.
    #[test]
    fn pale_maps_of_one_hue_are_seen() {
        // Greens, Blues, Oranges and Purples of ColorBrewer, of 8 bit.
        const MAPS: [[[u8; 3]; 5]; 4] = [
            [[247, 252, 245], [199, 233, 192], [116, 196, 118], [35, 139, 69], [0, 68, 27]],
            [[247, 251, 255], [198, 219, 239], [107, 174, 214], [33, 113, 181], [8, 48, 107]],
            [[255, 245, 235], [253, 208, 162], [253, 141, 60], [217, 72, 1], [127, 39, 4]],
            [[252, 251, 253], [218, 218, 235], [158, 154, 200], [106, 81, 163], [63, 0, 125]],
        ];
        for stops in MAPS {
            let map = |t: f64| -> [f64; 3] {
                let (k, share) = ((4.0 * t).min(3.999) as usize, (4.0 * t).min(3.999).fract());
                let of = |k: usize, c: usize| f64::from(stops[k][c]) / 255.0;
                std::array::from_fn(|c| of(k, c) + share * (of(k + 1, c) - of(k, c)))
            };
            for share in [0.4, 0.5] {
                let laid = film(|u, v, grey| blend(grey, map(heat(u, v)), share));
                let seen = pale_share(laid.colors.as_ref().unwrap(), Frame::WHOLE);
                assert!(is_laid_over(&laid), "{stops:?} at {share}: {seen}");
                // In a photograph it may be the stripes of the screen.
                let is_strong = share_of(&laid) > LARGEST_SHARE;
                assert_eq!(is_color_laid_over(&laid, Area::whole(&laid), None, true), is_strong);
            }
        }
    }

    /// One colour for each grey, and light that is uneven or comes in bands.
    #[test]
    fn tints_of_any_curve_and_coloured_light_are_not_pale_maps() {
        let kinds: [(&str, Painter); 6] = [
            ("bone", |_, _, grey| {
                let blue = if grey < 0.375 { 1.19 * grey } else { 0.45 + 0.88 * (grey - 0.375) };
                [0.875 * grey + 0.125 * (grey - 0.75).max(0.0) * 4.0, 0.95 * grey, blue]
            }),
            ("pink", |_, _, grey| {
                let hot = |start: f64| (grey * 8.0 / 3.0 - start).clamp(0.0, 1.0);
                [0.0, 1.0, 2.0].map(|start| ((2.0 * grey + hot(start)) / 3.0).sqrt())
            }),
            ("copper", |_, _, grey| [(1.25 * grey).min(1.0), 0.78 * grey, 0.5 * grey]),
            ("two lamps", |u, v, grey| [(1.1 - 0.2 * u * u) * grey, grey, (0.9 + 0.2 * v) * grey]),
            ("bands", |_, v, grey| {
                let band = 0.05 * (12.6 * v).sin();
                [(1.0 + band) * grey, grey, (1.0 - band) * grey]
            }),
            ("stain", |u, v, grey| {
                let stain = (-(((u - 0.8) / 0.08).powi(2) + ((v - 0.8) / 0.1).powi(2))).exp();
                [grey, grey - 0.03 * stain, grey - 0.15 * stain]
            }),
        ];
        for (name, tint) in kinds {
            let tinted = film(tint);
            let share = pale_share(tinted.colors.as_ref().unwrap(), Frame::WHOLE);
            assert!(share <= LARGEST_PALE_SHARE, "{name}: {share}");
        }
    }

    /// A slide in a colour gradient, and a heat map on a white page.
    #[test]
    fn colour_is_judged_in_the_film() {
        let inside = |u: f64, v: f64| (0.3..0.7).contains(&u) && (0.25..0.75).contains(&v);
        let area = Area { left: 78, top: 55, width: 104, height: 110 };
        let slide = film(|u, v, grey| match inside(u, v) {
            true => [grey; 3],
            false => [0.1, 0.2 + 0.3 * u, 0.4 + 0.5 * v],
        });
        assert!(is_laid_over(&slide));
        assert!(!is_color_laid_over(&slide, area, None, false));
        // Nobody found the film, but its lungs.
        let lungs = Frame { left: 0.36, top: 0.32, width: 0.28, height: 0.32 };
        assert!(!is_color_laid_over(&slide, Area::whole(&slide), Some(lungs), false));
        let page = film(|u, v, grey| match inside(u, v) {
            true => blend(grey, jet(heat((u - 0.3) / 0.4, (v - 0.25) / 0.5)), 0.5),
            false => [1.0; 3],
        });
        assert!(is_color_laid_over(&page, area, None, false));
        assert!(is_color_laid_over(&page, Area::whole(&page), Some(lungs), false));
    }

    /// Lungs are in the crop of them: what lies over all of it is no tint.
    #[test]
    fn masks_of_the_lungs_are_seen_in_the_crop_of_them() {
        let masks = film(|u, v, grey| {
            let lung = [0.3, 0.7].iter().any(|x| ((u - x) / 0.15).powi(2) + ((v - 0.5) / 0.3).powi(2) < 1.0);
            blend(grey, [0.0, 1.0, 0.0], if lung { 0.3 } else { 0.0 })
        });
        let crop = Frame { left: 0.1, top: 0.16, width: 0.8, height: 0.68 };
        assert!(is_color_laid_over(&masks, Area::whole(&masks), Some(crop), false));
    }

    /// A screen that was photographed with the light of another lamp.
    #[test]
    fn a_cast_is_a_tint() {
        for cast in [[0.55, 0.9, 1.2], [1.2, 0.9, 0.55], [0.6, 1.1, 0.7], [0.7, 0.8, 1.3]] {
            let screen = film(|_, _, grey| cast.map(|gain| gain * (0.03 + 0.8 * grey)));
            assert!(!is_laid_over(&screen), "{cast:?}: {}", share_of(&screen));
        }
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
            assert!(!is_laid_over(&tinted), "{name}: {}", share_of(&tinted));
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
            assert!(!is_laid_over(&film), "{color:?}: {}", share_of(&film));
        }
        let bars = film(|_, v, grey| if (0.09..0.91).contains(&v) { [grey; 3] } else { [0.1, 0.35, 0.8] });
        assert!(!is_laid_over(&bars), "{}", share_of(&bars));
    }

    #[test]
    fn noise_of_colour_is_not() {
        let state = std::cell::Cell::new(1_u32);
        let noise = || {
            state.set(state.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            0.1 * (f64::from(state.get() >> 8) / f64::from(1 << 24) - 0.5)
        };
        let noisy = film(|_, _, grey| [grey + noise(), grey + noise(), grey + noise()]);
        assert!(!is_laid_over(&noisy), "{}", share_of(&noisy));
    }

    #[test]
    fn grey_has_no_colour() {
        let mut grey = film(|_, _, grey| [grey; 3]);
        assert!(!is_laid_over(&grey));
        grey.colors = None;
        assert!(!is_laid_over(&grey));
        let red = Colors { width: 16, height: 16, pixels: vec![[200, 30, 30]; 256] };
        let mut plain = Radiograph::drawn(16, 16, Samples::U8(vec![90; 256]));
        plain.colors = Some(Box::new(red));
        assert!(!is_laid_over(&plain));
    }
}
