//! Pictures that the gate must refuse: films spoilt in realistic ways, and pictures that are not films.

use covid_classifier::gate::PictureKind;
use covid_classifier::plane::{Affine, Plane};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// `film` spoilt in the way of `kind`.
pub fn spoil(film: &Plane<u8>, kind: PictureKind, rng: &mut ChaCha8Rng) -> Plane<u8> {
    let (width, height) = (film.width, film.height);
    let made = |width: usize, height: usize, pixel: &dyn Fn(usize, usize) -> u8| {
        let pixels = (0..width * height).map(|k| pixel(k % width, k / width)).collect();
        Plane { width, height, pixels }
    };
    let at = |x: usize, y: usize| film.pixels[y * width + x];
    match kind {
        PictureKind::Frontal => film.clone(),
        // Upside down means turned by 180° or flipped; both happen.
        PictureKind::UpsideDown => match rng.random_bool(0.5) {
            true => made(width, height, &|x, y| at(x, height - 1 - y)),
            false => made(width, height, &|x, y| at(width - 1 - x, height - 1 - y)),
        },
        PictureKind::Sideways => match rng.random_bool(0.5) {
            true => made(height, width, &|x, y| at(y, height - 1 - x)),
            false => made(height, width, &|x, y| at(width - 1 - y, x)),
        },
        PictureKind::Inverted => made(width, height, &|x, y| 255 - at(x, y)),
        PictureKind::Cropped => {
            let share = rng.random_range(0.3..0.55_f64);
            let (across, down) = ((width as f64 * share) as usize, (height as f64 * share) as usize);
            let corner = |whole: usize, part: usize, far: bool, rng: &mut ChaCha8Rng| {
                let slack = (whole - part) / 6;
                let offset = rng.random_range(0..=slack);
                if far { whole - part - offset } else { offset }
            };
            let (right, low) = (rng.random_bool(0.5), rng.random_bool(0.5));
            let left = corner(width, across, right, rng);
            let top = corner(height, down, low, rng);
            made(across, down, &|x, y| at(left + x, top + y))
        }
        PictureKind::Squeezed => {
            let factor = rng.random_range(0.3..0.55_f32);
            let across = rng.random_bool(0.8);
            let (narrow, low) = match across {
                true => ((width as f32 * factor) as usize, height),
                false => (width, (height as f32 * factor) as usize),
            };
            let squeezed = resized(film, narrow, low);
            if rng.random_bool(0.5) {
                return squeezed;
            }
            // On a dark canvas of the original size.
            let (left, top) = ((width - narrow) / 2, (height - low) / 2);
            let dark = rng.random_range(0..20);
            made(width, height, &|x, y| match (x.checked_sub(left), y.checked_sub(top)) {
                (Some(x), Some(y)) if x < narrow && y < low => squeezed.pixels[y * narrow + x],
                _ => dark,
            })
        }
        PictureKind::NotAChestFilm => drawn(width.max(height), rng),
    }
}

/// The plane at another size.
fn resized(film: &Plane<u8>, width: usize, height: usize) -> Plane<u8> {
    let (dx, dy) = (film.width as f32 / width as f32, film.height as f32 / height as f32);
    let pixels = (0..width * height).map(|k| {
        let (x, y) = ((k % width) as f32 + 0.5, (k / width) as f32 + 0.5);
        let mean = [-0.25, 0.25]
            .map(|u| [-0.25, 0.25].map(|v| film.at((x + u) * dx, (y + v) * dy)).iter().sum::<f32>());
        ((mean[0] + mean[1]) / 4.0).round() as u8
    });
    Plane { width, height, pixels: pixels.collect() }
}

/// A random part of a photograph.
pub fn part_of(photograph: &Plane<u8>, rng: &mut ChaCha8Rng) -> Plane<u8> {
    let share = rng.random_range(0.35..1.0_f32);
    let aspect = rng.random_range(-0.3..0.3_f32).exp();
    let (width, height) = (photograph.width as f32, photograph.height as f32);
    let side = width.min(height) * share;
    let (across, down) = ((side * aspect).min(width), (side / aspect).min(height));
    let (left, top) = (rng.random_range(0.0..=width - across), rng.random_range(0.0..=height - down));
    let columns = (256.0 * across / across.min(down)) as usize;
    let rows = (256.0 * down / across.min(down)) as usize;
    let affine =
        Affine { xx: across / columns as f32, xy: 0.0, x0: left, yx: 0.0, yy: down / rows as f32, y0: top };
    let invert = rng.random_bool(0.15);
    let pixels = (0..columns * rows).map(|k| {
        let (x, y) = affine.apply((k % columns) as f32 + 0.5, (k / columns) as f32 + 0.5);
        let value = photograph.at(x, y).round() as u8;
        if invert { 255 - value } else { value }
    });
    Plane { width: columns, height: rows, pixels: pixels.collect() }
}

/// A picture that is not a chest film: a document, a gradient, noise, stripes, shapes, a section as in computed
/// tomography, or tubes like bones.
pub fn drawn(side: usize, rng: &mut ChaCha8Rng) -> Plane<u8> {
    let width = (side as f32 * rng.random_range(0.7..1.3_f32)) as usize;
    let height = (side as f32 * rng.random_range(0.7..1.3_f32)) as usize;
    let (w, h) = (width as f32, height as f32);
    let mut canvas = vec![0.0_f32; width * height];
    match rng.random_range(0..8) {
        0 => document(&mut canvas, width, height, rng),
        1 => {
            let (a, b, c) = (
                rng.random_range(-1.0..1.0_f32),
                rng.random_range(-1.0..1.0_f32),
                rng.random_range(-1.5..1.5_f32),
            );
            fill(&mut canvas, width, |x, y| {
                0.5 + a * (x / w - 0.5)
                    + b * (y / h - 0.5)
                    + c * ((x / w - 0.5).powi(2) + (y / h - 0.5).powi(2))
            });
        }
        2 => {
            // Noise of a random grain.
            let grain = 2.0_f32.powf(rng.random_range(0.0..6.0));
            let (columns, rows) = ((w / grain) as usize + 2, (h / grain) as usize + 2);
            let pixels = (0..columns * rows)
                .map(|_| 0.5 + 0.25 * <StandardNormal as Distribution<f32>>::sample(&StandardNormal, rng));
            let noise = Plane { width: columns, height: rows, pixels: pixels.collect() };
            fill(&mut canvas, width, |x, y| noise.at(x / grain, y / grain));
        }
        3 => {
            let (pitch, angle) = (rng.random_range(4.0..60.0_f32), rng.random_range(0.0..3.0_f32));
            let checks = rng.random_bool(0.5);
            fill(&mut canvas, width, |x, y| {
                let u = (x * angle.cos() + y * angle.sin()) / pitch;
                let v = (y * angle.cos() - x * angle.sin()) / pitch;
                let wave = (6.3 * u).sin();
                if checks {
                    if ((u.floor() + v.floor()) as i32) % 2 == 0 { 0.9 } else { 0.1 }
                } else {
                    0.5 + 0.4 * wave
                }
            });
        }
        4 | 5 => {
            let background = rng.random_range(0.0..1.0);
            canvas.fill(background);
            for _ in 0..rng.random_range(1..14) {
                let value = rng.random_range(0.0..1.0);
                let (x, y) = (rng.random_range(0.0..w), rng.random_range(0.0..h));
                let (a, b) = (rng.random_range(0.03..0.4) * w, rng.random_range(0.03..0.4) * h);
                let round = rng.random_bool(0.6);
                ellipse(&mut canvas, width, (x, y, a, b, rng.random_range(0.0..3.0)), round, value);
            }
        }
        6 => section(&mut canvas, width, height, rng),
        _ => {
            // Long bright tubes with dark marrow on a dark ground: limbs.
            canvas.fill(rng.random_range(0.0..0.2));
            for _ in 0..rng.random_range(1..7) {
                let angle = rng.random_range(1.0..2.2_f32);
                let (x, y) = (rng.random_range(0.2..0.8) * w, rng.random_range(0.2..0.8) * h);
                let (a, b) = (rng.random_range(0.2..0.8) * h, rng.random_range(0.03..0.1) * w);
                let value = rng.random_range(0.5..0.9);
                ellipse(&mut canvas, width, (x, y, a, 2.5 * b, angle), true, 0.45 * value);
                ellipse(&mut canvas, width, (x, y, a, b, angle), true, value);
                ellipse(&mut canvas, width, (x, y, 0.9 * a, 0.6 * b, angle), true, 0.75 * value);
            }
        }
    }
    let noise = rng.random_range(0.0..0.06_f32);
    let pixels = canvas.into_iter().map(|value| {
        let grain: f32 = StandardNormal.sample(rng);
        ((value + noise * grain).clamp(0.0, 1.0) * 255.0) as u8
    });
    let plane = Plane { width, height, pixels: pixels.collect() };
    match rng.random_bool(0.5) {
        // Out of focus.
        true => {
            let small = resized(&plane, width / 3, height / 3);
            resized(&small, width, height)
        }
        false => plane,
    }
}

fn fill(canvas: &mut [f32], width: usize, value: impl Fn(f32, f32) -> f32) {
    canvas.iter_mut().enumerate().for_each(|(k, slot)| *slot = value((k % width) as f32, (k / width) as f32));
}

/// Centre, half axes and rotation.
type Oval = (f32, f32, f32, f32, f32);

fn ellipse(canvas: &mut [f32], width: usize, (x0, y0, a, b, angle): Oval, round: bool, value: f32) {
    let (sin, cos) = angle.sin_cos();
    for (k, slot) in canvas.iter_mut().enumerate() {
        let (x, y) = ((k % width) as f32 - x0, (k / width) as f32 - y0);
        let (u, v) = ((x * cos + y * sin) / a, (y * cos - x * sin) / b);
        let inside = if round { u * u + v * v < 1.0 } else { u.abs() < 1.0 && v.abs() < 1.0 };
        if inside {
            *slot = value;
        }
    }
}

/// Lines of strokes that look like print, sometimes in two columns, sometimes light on dark.
fn document(canvas: &mut [f32], width: usize, height: usize, rng: &mut ChaCha8Rng) {
    let (paper, ink) = if rng.random_bool(0.8) { (0.95, 0.1) } else { (0.08, 0.85) };
    canvas.fill(paper);
    let pitch = rng.random_range(6..18);
    let margin = width / 10;
    let columns = rng.random_range(1..=2);
    for top in (margin..height.saturating_sub(margin)).step_by(pitch) {
        for column in 0..columns {
            let left = margin + column * (width - 2 * margin) / columns;
            let end = left + (width - 2 * margin) / columns - width / 30;
            let end = if rng.random_bool(0.2) { left + (end - left) / 2 } else { end };
            let mut x = left;
            while x < end {
                let stroke = rng.random_range(1..=pitch / 3);
                let tall = rng.random_range(pitch / 4..=pitch * 2 / 3);
                for y in top..(top + tall).min(height) {
                    let line = &mut canvas[y * width..(y + 1) * width];
                    line[x.min(width - 1)..(x + stroke).min(width)].fill(ink);
                }
                x += stroke + if rng.random_bool(0.15) { pitch / 2 } else { rng.random_range(1..=2) };
            }
        }
    }
}

/// A bright oval ring, grey inside, with dark ovals and a bright spot: a section through a trunk or a head.
fn section(canvas: &mut [f32], width: usize, height: usize, rng: &mut ChaCha8Rng) {
    let (w, h) = (width as f32, height as f32);
    let (x, y) = (w * rng.random_range(0.45..0.55), h * rng.random_range(0.45..0.55));
    let (a, b) = (w * rng.random_range(0.3..0.48), h * rng.random_range(0.25..0.45));
    let rim = rng.random_range(0.5..0.9);
    let inside = rng.random_range(0.3..0.6);
    ellipse(canvas, width, (x, y, a, b, 0.0), true, rim);
    ellipse(canvas, width, (x, y, 0.93 * a, 0.92 * b, 0.0), true, inside);
    if rng.random_bool(0.7) {
        let dark = rng.random_range(0.0..0.25);
        for sign in [-1.0, 1.0] {
            let size = (a * rng.random_range(0.25..0.38), b * rng.random_range(0.4..0.65));
            ellipse(
                canvas,
                width,
                (x + sign * 0.48 * a, y + b * rng.random_range(-0.1..0.1), size.0, size.1, 0.0),
                true,
                dark,
            );
        }
    }
    ellipse(canvas, width, (x, y + 0.65 * b, 0.12 * a, 0.15 * b, 0.0), true, 0.95);
    for _ in 0..rng.random_range(0..8) {
        let spot = (
            x + a * rng.random_range(-0.6..0.6),
            y + b * rng.random_range(-0.6..0.6),
            a * rng.random_range(0.02..0.15),
            b * rng.random_range(0.02..0.15),
            0.0,
        );
        ellipse(canvas, width, spot, true, rng.random_range(0.2..1.0));
    }
}

/// A random generator for one film and purpose, independent of all others.
pub fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film() -> Plane<u8> {
        Plane { width: 60, height: 40, pixels: (0..2400).map(|k| (k % 60 + 3 * (k / 60)) as u8).collect() }
    }

    fn corner_values(plane: &Plane<u8>) -> [u8; 4] {
        let (w, h) = (plane.width, plane.height);
        [0, w - 1, (h - 1) * w, h * w - 1].map(|k| plane.pixels[k])
    }

    #[test]
    fn a_film_is_spoilt_as_the_kind_says() {
        let film = film();
        let [a, b, c, d] = corner_values(&film);
        for seed in 0..20 {
            let spoilt = |kind| spoil(&film, kind, &mut generator(seed, 0));
            assert_eq!(spoilt(PictureKind::Frontal), film);
            let down = corner_values(&spoilt(PictureKind::UpsideDown));
            assert!(down == [c, d, a, b] || down == [d, c, b, a], "{down:?}");
            let side = spoilt(PictureKind::Sideways);
            assert_eq!((side.width, side.height), (40, 60));
            let corners = corner_values(&side);
            assert!(corners == [c, a, d, b] || corners == [b, d, a, c], "{corners:?}");
            let inverted = spoilt(PictureKind::Inverted);
            assert!(inverted.pixels.iter().zip(&film.pixels).all(|(a, b)| a + b == 255));
            let part = spoilt(PictureKind::Cropped);
            assert!((17..34).contains(&part.width) && (11..23).contains(&part.height), "{part:?}");
            // Squeezed in one direction, the film fills at most half of the picture.
            let squeezed = spoilt(PictureKind::Squeezed);
            let longest_run = squeezed.width * squeezed.height;
            assert!(longest_run < 1400 || corner_values(&squeezed)[0] == corner_values(&squeezed)[3]);
        }
    }

    #[test]
    fn pictures_that_are_not_films_are_of_many_kinds() {
        let pictures: Vec<Plane<u8>> = (0..60).map(|k| drawn(64, &mut generator(5, k))).collect();
        for picture in &pictures {
            assert!((44..=83).contains(&picture.width) && (44..=83).contains(&picture.height));
            assert_eq!(picture.pixels.len(), picture.width * picture.height);
        }
        let mut means: Vec<u32> = pictures
            .iter()
            .map(|picture| {
                picture.pixels.iter().map(|&p| u32::from(p)).sum::<u32>() / picture.pixels.len() as u32
            })
            .collect();
        means.sort_unstable();
        assert!(means[5] < 90 && means[54] > 150, "{means:?}");
        assert_eq!(drawn(64, &mut generator(5, 7)), pictures[7], "a number is a picture");
    }

    #[test]
    fn a_part_of_a_photograph_lies_in_it() {
        let photograph = film();
        for k in 0..30 {
            let part = part_of(&photograph, &mut generator(2, k));
            assert_eq!(part.width.min(part.height), 256);
            assert!(part.width.max(part.height) <= 480, "{} × {}", part.width, part.height);
        }
    }

    #[test]
    fn generators_of_two_streams_differ() {
        let draw = |seed, stream| generator(seed, stream).random::<u64>();
        assert_eq!(draw(1, 2), draw(1, 2));
        assert!(draw(1, 2) != draw(1, 3) && draw(1, 2) != draw(2, 2));
    }
}
