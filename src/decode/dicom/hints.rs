//! What the header says against an upright frontal chest film of an adult. Yes or no, never its words.

use super::data_set::{DataSet, attribute};
use super::element::Tag;
use super::geometry::{Orientation, PixelShape};
use super::kind;
use crate::radiograph::Hints;

/// Younger than so many years is a child.
const ADULT: u32 = 16;

/// The hints of a header.
pub(super) fn hints(data_set: &DataSet<'_>, orientation: Orientation, shape: PixelShape) -> Hints {
    // An arm has a side, a chest has none; both sides are as good as none.
    let is_one_side = |tag| matches!(data_set.text(tag), "L" | "R");
    // Digital X-ray objects need not have View Position and Body Part Examined, and have codes instead.
    let coded = |sequence| data_set.get(sequence).map(DataSet::of_item);
    let view = coded(attribute::VIEW_CODE_SEQUENCE);
    let is_frontal_code = view.is_none_or(|view| {
        let [scheme, value, meaning] =
            [attribute::CODE_SCHEME, attribute::CODE_VALUE, attribute::CODE_MEANING]
                .map(|tag| view.text(tag));
        kind::is_frontal_code(scheme, value, meaning)
    });
    // What View Position says counts for more than free text.
    let view_position = data_set.text(attribute::VIEW_POSITION);
    let is_described_as_lateral = view_position.is_empty()
        && [attribute::SERIES_DESCRIPTION, attribute::BODY_PART_EXAMINED]
            .iter()
            .any(|&tag| kind::names_lateral(&data_set.free_text(tag)));
    let region = coded(attribute::ANATOMIC_REGION_SEQUENCE);
    let is_chest_region = region.is_none_or(|region| kind::is_chest(region.text(attribute::CODE_MEANING)));
    Hints {
        modality: kind::other_modality(data_set.text(attribute::MODALITY)),
        is_not_frontal: !kind::is_frontal(view_position)
            || is_described_as_lateral
            || !is_frontal_code
            || orientation == Orientation::NotFrontal,
        is_not_chest: !kind::is_chest(data_set.text(attribute::BODY_PART_EXAMINED)) || !is_chest_region,
        is_one_side: is_one_side(attribute::LATERALITY) || is_one_side(attribute::IMAGE_LATERALITY),
        is_child: age_in_years(data_set).is_some_and(|age| age < ADULT),
        was_turned: matches!(orientation, Orientation::Turned(_)),
        has_odd_pixels: shape.is_implausible,
    }
}

/// The patient's age in whole years: as stated, for example `042Y` or `007M` (PS3.5 table 6.2-1, AS), else between the
/// date of birth and the day on which the film was taken: of the dates that a file has, the one that is closest to it.
fn age_in_years(data_set: &DataSet<'_>) -> Option<u32> {
    let age = data_set.text(attribute::PATIENT_AGE);
    let stated = age.split_at_checked(age.len().saturating_sub(1)).and_then(|(number, unit)| {
        let number: u32 = number.trim().parse().ok()?;
        Some(match unit {
            "Y" => number,
            "M" => number / 12,
            "W" => number / 52,
            "D" => number / 365,
            _ => return None,
        })
    });
    stated.or_else(|| {
        // As numbers, dates of eight digits tell whole years apart.
        const TAKEN: [Tag; 5] = [
            attribute::ACQUISITION_DATE,
            attribute::STUDY_DATE,
            attribute::SERIES_DATE,
            attribute::CONTENT_DATE,
            attribute::ACQUISITION_DATE_TIME,
        ];
        // Before DICOM 3.0 dates had points (PS3.5 6.2, DA); after a date may come the time.
        let date = |tag| {
            let digits: String = data_set.text(tag).chars().filter(|&letter| letter != '.').take(8).collect();
            digits.parse().ok().filter(|date| (18_000_101..=30_000_101_u32).contains(date))
        };
        let birth = date(attribute::PATIENT_BIRTH_DATE)?;
        TAKEN.into_iter().find_map(|tag| date(tag)?.checked_sub(birth)).map(|apart| apart / 10_000)
    })
}
