//! With the shipped model, a film in a larger picture reads like the film alone.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use covid_classifier::phantom::Phantom;
use covid_classifier::radiograph::Samples;
use covid_classifier::reason::{ReasonKind, RemedyKind};
use covid_classifier::warnings::WarningKind;
use covid_classifier::{Classifier, Model, Radiograph, Report};
use image::{DynamicImage, Rgb, RgbImage};

const SIDE: usize = 640;

fn classifier() -> Classifier {
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    Classifier::new(Model::read_folder(models).unwrap()).unwrap()
}

/// The phantom that the gate accepts.
fn phantom() -> Vec<u8> {
    Phantom { width: SIDE, height: SIDE, seed: 18 }.draw_u8()
}

/// Films on a ground of one level, each at its place.
fn sheet(width: usize, height: usize, level: u8, places: &[(usize, usize)]) -> Radiograph {
    let film = phantom();
    let mut samples = vec![level; width * height];
    for &(left, top) in places {
        for (y, row) in film.chunks_exact(SIDE).enumerate() {
            samples[(top + y) * width + left..][..SIDE].copy_from_slice(row);
        }
    }
    Radiograph::drawn(width, height, Samples::U8(samples))
}

#[test]
fn a_framed_film_reads_as_the_film_alone() {
    let mut classifier = classifier();
    let alone = classifier.classify_film("film", sheet(SIDE, SIDE, 0, &[(0, 0)]));
    assert_eq!(alone.report.frame, None);
    for level in [255, 190] {
        let framed = classifier.classify_film("film", sheet(1000, 900, level, &[(150, 200)]));
        let (a, b) = (&alone.report, &framed.report);
        assert_eq!(
            (a.verdict, a.probabilities, a.readers),
            (b.verdict, b.probabilities, b.readers),
            "{level}"
        );
        assert_eq!((&a.gate, a.lungs, &a.warnings), (&b.gate, b.lungs, &b.warnings), "{level}");
        let frame = b.frame.expect("a frame");
        let expected = [0.15, 200.0 / 900.0, 0.64, 640.0 / 900.0];
        let found = [frame.left, frame.top, frame.width, frame.height];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
        let film = b.film.unwrap();
        assert_eq!((film.width_px, film.height_px), (1000, 900), "the picture's size");

        // The shown pictures are placed on the whole picture.
        let (a, b) = (alone.sight.as_ref().unwrap(), framed.sight.as_ref().unwrap());
        assert_eq!((b.film.width, b.frame), (1000, Some(frame)));
        let (a, b) = (a.outline(), b.outline());
        assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(&b) {
            for k in 0..4 {
                let (start, share) = (expected[k % 2], expected[2 + k % 2]);
                assert!((start + share * f64::from(a[k]) - f64::from(b[k])).abs() < 1e-4);
            }
        }
    }
}

#[test]
fn two_films_are_refused_as_two() {
    let mut classifier = classifier();
    let two = sheet(2 * SIDE + 20, SIDE, 255, &[(0, 0), (SIDE + 20, 0)]);
    let gate = classifier.classify_film("films", two).report.gate.unwrap();
    let kinds: Vec<ReasonKind> = gate.reasons.iter().map(|reason| reason.kind).collect();
    assert_eq!((gate.accepted, &kinds[..]), (false, &[ReasonKind::SeveralFilms][..]));
}

#[test]
fn a_page_without_a_film_is_not_a_childs() {
    let report = classifier().classify_film("page", sheet(900, 700, 255, &[])).report;
    let warnings = report.warnings.unwrap();
    assert!(!warnings.iter().any(|warning| format!("{:?}", warning.kind) == "Child"), "{warnings:?}");
    assert!(!report.gate.unwrap().accepted);
}

fn reasons(report: &Report) -> Vec<ReasonKind> {
    report.gate.as_ref().unwrap().reasons.iter().map(|reason| reason.kind).collect()
}

/// A picture in colour, as a PNG.
fn png(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [f64; 3]) -> Vec<u8> {
    let image = RgbImage::from_fn(width as u32, height as u32, |x, y| {
        Rgb(pixel(x as usize, y as usize).map(|value| value.round().clamp(0.0, 255.0) as u8))
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A picture of many colours and greys.
fn wallpaper(x: usize, y: usize) -> [f64; 3] {
    let (u, v) = (x as f64, y as f64);
    let bright = 120.0 + 50.0 * (u / 90.0).sin() * (v / 70.0).cos() + 10.0 * (u / 4.0 + v / 3.0).sin();
    [0.0, 2.1, 4.2].map(|shift| bright + 90.0 * (shift + u / 160.0 + (v / 130.0).sin()).sin())
}

#[test]
fn a_film_on_a_coloured_desk_is_read_and_colour_over_it_is_refused() {
    let film = phantom();
    let mut classifier = classifier();
    let is_film = |x: usize, y: usize| (180..180 + SIDE).contains(&x) && (120..120 + SIDE).contains(&y);
    let grey = |x: usize, y: usize| f64::from(film[(y - 120) * SIDE + x - 180]);
    let desk = png(1000, 900, |x, y| if is_film(x, y) { [grey(x, y); 3] } else { wallpaper(x, y) });
    let report = classifier.classify("desk.png", &desk).report;
    assert_eq!(reasons(&report), []);
    let frame = report.frame.expect("a frame");
    let found = [frame.left * 1000.0, frame.top * 900.0, frame.width * 1000.0, frame.height * 900.0];
    assert!(found.iter().zip([180.0, 120.0, 640.0, 640.0]).all(|(a, b)| (a - b).abs() <= 4.0), "{found:?}");

    // From blue to red in the lower left of the film; a page, a desk or nothing around it.
    let heat = |x: usize, y: usize| {
        let (u, v) = ((x - 180) as f64 / SIDE as f64, (y - 120) as f64 / SIDE as f64);
        let heat = (-((u - 0.3) / 0.2).powi(2) - ((v - 0.6) / 0.25).powi(2)).exp();
        let map = [3.0, 2.0, 1.0].map(|peak| 255.0 * (1.5 - (4.0 * heat - peak).abs()).clamp(0.0, 1.0));
        map.map(|value| 0.6 * grey(x, y) + 0.4 * value)
    };
    let surrounds: [fn(usize, usize) -> [f64; 3]; 3] =
        [wallpaper, |_, _| [255.0; 3], |_, _| [20.0, 40.0, 90.0]];
    for surround in surrounds {
        let map = png(1000, 900, |x, y| if is_film(x, y) { heat(x, y) } else { surround(x, y) });
        assert_eq!(reasons(&classifier.classify("map.png", &map).report), [ReasonKind::ColorOverlay]);
    }
    let alone = png(SIDE, SIDE, |x, y| heat(x + 180, y + 120));
    assert_eq!(reasons(&classifier.classify("map.png", &alone).report), [ReasonKind::ColorOverlay]);
}

#[test]
fn films_below_each_other_are_several_whatever_their_sizes() {
    let mut classifier = classifier();
    for level in [255, 0, 128] {
        let two = sheet(SIDE, 2 * SIDE + 16, level, &[(0, 0), (0, SIDE + 16)]);
        assert_eq!(
            reasons(&classifier.classify_film("two", two).report),
            [ReasonKind::SeveralFilms],
            "{level}"
        );
    }
    // The smaller one would not be read by itself.
    let side = SIDE * 11 / 20;
    let small = Phantom { width: side, height: side, seed: 5 }.draw_u8();
    for below in [true, false] {
        let (width, height) = if below { (SIDE, SIDE + side + 20) } else { (SIDE + side + 20, SIDE) };
        let (left, top) = if below { ((SIDE - side) / 2, SIDE + 20) } else { (SIDE + 20, (SIDE - side) / 2) };
        let mut pair = sheet(width, height, 255, &[(0, 0)]);
        let Samples::U8(samples) = &mut pair.samples else { panic!("8 bit") };
        for (y, row) in small.chunks_exact(side).enumerate() {
            samples[(top + y) * width + left..][..side].copy_from_slice(row);
        }
        assert_eq!(
            reasons(&classifier.classify_film("pair", pair).report),
            [ReasonKind::SeveralFilms],
            "{below}"
        );
    }
}

/// Also on a page, where cropping would not help.
#[test]
fn a_film_that_lies_on_its_side_has_one_reason() {
    let film = phantom();
    let mut page = sheet(900, 900, 255, &[]);
    let Samples::U8(samples) = &mut page.samples else { panic!("8 bit") };
    for k in 0..SIDE * SIDE {
        let (x, y) = (k % SIDE, k / SIDE);
        samples[(130 + y) * 900 + 130 + x] = film[x * SIDE + SIDE - 1 - y];
    }
    let report = classifier().classify_film("page", page).report;
    assert_eq!(reasons(&report), [ReasonKind::Sideways]);
    let remedies = &report.gate.unwrap().reasons[0].remedies;
    assert!(remedies.iter().all(|remedy| remedy.kind == RemedyKind::ReadAs), "{remedies:?}");
}

/// Tilted in a bright surround: only the tilt shows that it is a photograph.
#[test]
fn a_film_on_a_light_box_is_a_photograph() {
    let film = phantom();
    let corners = [(92.0, 84.0), (712.0, 108.0), (728.0, 716.0), (78.0, 702.0)];
    let [a, b, c, d]: [(f64, f64); 4] = corners;
    let samples = (0..800 * 800).map(|k| {
        let (x, y) = ((k % 800) as f64, (k / 800) as f64);
        let (mut u, mut v) = (0.5, 0.5);
        for _ in 0..12 {
            let mix = |p: f64, q: f64, r: f64, s: f64| {
                (p * (1.0 - u) + q * u) * (1.0 - v) + (s * (1.0 - u) + r * u) * v
            };
            let (ex, ey) = (x - mix(a.0, b.0, c.0, d.0), y - mix(a.1, b.1, c.1, d.1));
            u += ex / (b.0 - a.0);
            v += ey / (d.1 - a.1);
        }
        let is_film = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v);
        let vignette = 8.0 * (((x - 400.0) / 400.0).powi(2) + ((y - 400.0) / 400.0).powi(2)) / 2.0;
        match is_film {
            true => film[(v * SIDE as f64) as usize * SIDE + (u * SIDE as f64) as usize] / 10 * 9,
            false => (238.0 - vignette) as u8,
        }
    });
    let photograph = Radiograph::drawn(800, 800, Samples::U8(samples.collect()));
    let report = classifier().classify_film("photograph", photograph).report;
    let warnings = report.warnings.unwrap();
    assert!(warnings.iter().any(|warning| warning.kind == WarningKind::Photograph), "{warnings:?}");
}

/// Near the screen nothing but the film is seen, and the camera's balance of colours is all that shows it.
#[test]
fn a_film_with_the_cast_of_a_camera_is_a_photograph() {
    let film = phantom();
    let mut classifier = classifier();
    let mut is_photograph = |cast: [f64; 3]| {
        let pixel = |x: u32, y: u32| {
            let grey = f64::from(film[y as usize * SIDE + x as usize]);
            Rgb(cast.map(|factor| (factor * grey).round().min(255.0) as u8))
        };
        let picture = DynamicImage::from(RgbImage::from_fn(SIDE as u32, SIDE as u32, pixel));
        let mut file = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
        let report = classifier.classify("film.png", file.get_ref()).report;
        let warnings = report.warnings.expect("it is read");
        warnings.iter().any(|warning| warning.kind == WarningKind::Photograph)
    };
    assert!(is_photograph([0.92, 0.98, 1.08]));
    assert!(is_photograph([1.0, 1.0, 0.97]));
    assert!(!is_photograph([1.0; 3]), "colour in name only");
    assert!(!is_photograph([1.07, 0.87, 0.66]), "sepia");
}
