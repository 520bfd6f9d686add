//! A film on a picture that holds more reads as the film alone does, with the shipped model.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use covid_classifier::phantom::Phantom;
use covid_classifier::radiograph::Samples;
use covid_classifier::reason::ReasonKind;
use covid_classifier::{Classifier, Model, Radiograph};

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

        // What is shown lies on the picture.
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
