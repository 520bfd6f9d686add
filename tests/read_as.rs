//! A film that is turned, mirrored or inverted reads like the upright one when it is read accordingly.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Cursor;

use covid_classifier::phantom::Phantom;
use covid_classifier::reason::{ReasonKind, RemedyKind};
use covid_classifier::{Classifier, Model, ReadAs, Report};
use image::{DynamicImage, GrayImage, ImageFormat};

fn classifier() -> Classifier {
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    Classifier::new(Model::read_folder(models).unwrap()).unwrap()
}

/// The phantom that the gate accepts.
fn film() -> DynamicImage {
    let pixels = Phantom { width: 640, height: 600, seed: 18 }.draw_u8();
    GrayImage::from_raw(640, 600, pixels).unwrap().into()
}

fn png(film: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    film.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn inverted(film: &DynamicImage) -> DynamicImage {
    let mut film = film.clone();
    film.invert();
    film
}

/// The report without the fields that differ between readings.
fn said(report: Report) -> Report {
    Report { elapsed_ms: None, read_as: None, ..report }
}

#[test]
fn an_altered_file_reads_as_the_film_does() {
    let (mut classifier, film) = (classifier(), film());
    let plain = classifier.classify("film", &png(&film));
    assert_eq!(plain.report.read_as, None);
    let mirrored = ReadAs { mirrored: true, ..ReadAs::STORED };
    let both = ReadAs { quarter_turns: 1, mirrored: true, inverted: true };
    for (file, read_as) in [
        (film.rotate270(), ReadAs::turned(1)),
        (film.rotate180(), ReadAs::turned(2)),
        (film.rotate90(), ReadAs::turned(3)),
        (film.fliph(), mirrored),
        (inverted(&film), ReadAs::inverted()),
        (inverted(&film.fliph().rotate270()), both),
    ] {
        let bytes = png(&file);
        let read = classifier.classify_as("film", &bytes, read_as);
        assert_eq!(read.report.read_as, Some(read_as));
        assert_eq!(said(read.report), said(plain.report.clone()), "{read_as:?}");
        // The viewer, the outline and the map too.
        let (read, plain) = (read.sight.unwrap(), plain.sight.as_ref().unwrap());
        let looked = pollster::block_on(classifier.look(&bytes, read_as)).unwrap();
        for sight in [*read, looked] {
            assert_eq!(sight.film.samples, plain.film.samples);
            assert_eq!(sight.outline(), plain.outline());
            let label = covid_classifier::Label::Normal;
            assert_eq!(sight.overlay(label), plain.overlay(label));
        }
    }
    // Four quarter turns are none.
    let round = ReadAs { quarter_turns: 4, ..ReadAs::STORED };
    assert_eq!(classifier.classify_as("film", &png(&film), round).report.read_as, None);
}

#[test]
fn a_refusal_says_how_to_read_the_film() {
    let (mut classifier, film) = (classifier(), film());
    for (file, kind, way) in [
        (film.rotate180(), ReasonKind::UpsideDown, ReadAs::turned(2)),
        (film.rotate90(), ReasonKind::Sideways, ReadAs::turned(3)),
        (film.rotate270(), ReasonKind::Sideways, ReadAs::turned(1)),
        (inverted(&film), ReasonKind::Inverted, ReadAs::inverted()),
    ] {
        let bytes = png(&file);
        let ways = |report: &Report| -> Vec<ReadAs> {
            let reason = report.gate.as_ref().unwrap().reasons.iter().find(|reason| reason.kind == kind);
            let reason = reason.unwrap_or_else(|| panic!("{kind:?} is not in {:?}", report.gate));
            assert!(reason.remedies.iter().all(|remedy| remedy.kind == RemedyKind::ReadAs));
            reason.remedies.iter().map(|remedy| remedy.read_as.unwrap()).collect()
        };
        let refused = classifier.classify("film", &bytes).report;
        assert_eq!(ways(&refused), [way], "{kind:?}: that way and no other is accepted");
        assert!(classifier.classify_as("film", &bytes, way).report.gate.unwrap().accepted);
    }
    // A film that is both turned and inverted is unlike any that the gate has seen.
    for (file, turns) in [(film.rotate90(), 3), (film.rotate180(), 2), (film.rotate270(), 1)] {
        let bytes = png(&inverted(&file));
        let way = ReadAs { inverted: true, ..ReadAs::turned(turns) };
        let gate = classifier.classify("film", &bytes).report.gate.unwrap();
        let ways: Vec<_> = gate.reasons.iter().flat_map(|reason| &reason.remedies).collect();
        assert_eq!((gate.accepted, ways[0].read_as), (false, Some(way)), "{gate:?}");
        assert!(classifier.classify_as("film", &bytes, way).report.gate.unwrap().accepted);
    }
    // For a film that is already read the wrong way, the right way is proposed.
    let turned = classifier.classify_as("film", &png(&film.rotate90()), ReadAs::turned(1)).report;
    let reason = &turned.gate.unwrap().reasons[0];
    assert_eq!((reason.kind, reason.remedies[0].read_as), (ReasonKind::UpsideDown, Some(ReadAs::turned(3))));
}
