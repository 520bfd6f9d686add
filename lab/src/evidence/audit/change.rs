//! Changes to a film that show what a reader looks at and what it withstands.

use covid_classifier::decode::decode;
use covid_classifier::lungs::{self, LungFields};
use covid_classifier::plane::{Plane, dilate};
use covid_classifier::preprocess::{SIDE, preprocess};
use covid_classifier::radiograph::{Radiograph, Samples};
use covid_classifier::{Error, ErrorKind, Result};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::draw::{Area, Canvas};
use crate::enhance::{Enhancement, resized};
use crate::marks::Mark;
use crate::train::augment::through_jpeg;

/// A change of the film that should change the answer either much or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// No change: the others are compared with it.
    None,
    /// The lungs and a narrow rim around them made black.
    LungsBlack,
    /// Everything set to the film's mean, except the outer tenth at every side.
    OnlyBorder,
    /// Bright letters at a random place of each side, as technicians leave them.
    Letters,
    /// To 299 × 299 pixels and back.
    Resampled,
    /// JPEG at quality 40.
    Jpeg40,
    /// Left and right exchanged.
    Mirrored,
    /// OpenCV's CLAHE, clip limit 1, 8 × 8 tiles.
    Clahe1,
    /// The same, clip limit 2.
    Clahe2,
    /// The same, clip limit 4.
    Clahe4,
    /// scikit-image's CLAHE at its defaults.
    SkimageClahe,
    /// The same, and the film left at the paper's 512 × 512 pixels.
    PaperEqualized,
    /// The whole histogram equalised.
    Equalized,
    /// Brighter: the root of every value.
    Gamma05,
    /// Darker: the square of every value.
    Gamma2,
    /// The darkest and the brightest tenth of the pixels black and white.
    HardWindow,
    /// The darkest and the brightest quarter of the pixels black and white.
    HarderWindow,
    /// Contrast by a sigmoid curve.
    Curve,
    /// A mild unsharp mask.
    Sharpened,
    /// A strong and wide unsharp mask.
    SharpenedStrongly,
    /// White arrows on the lungs.
    ArrowsWhite,
    /// Black arrows on the lungs.
    ArrowsBlack,
    /// Circles and boxes on the lungs.
    Circles,
    /// Letters and words on the lungs.
    LettersOnLungs,
    /// A ruler.
    Ruler,
    /// A pacemaker with its leads.
    Pacemaker,
    /// Cables, or the wires of a closed sternum.
    Wires,
    /// A tube or catheter.
    Tube,
    /// Electrodes.
    Electrodes,
    /// The film begins 15 % of the lungs' height below their top.
    ApicesCut15,
    /// The same, 25 %.
    ApicesCut25,
    /// The film ends 15 % of the lungs' height above their bottom.
    BasesCut15,
    /// The same, 25 %.
    BasesCut25,
    /// OpenCV's CLAHE, clip limit 3, 16 × 16 tiles.
    ClaheFine,
    /// A heat map of half of the film's brightness over a part of it.
    HeatMap,
    /// Grey levels shown as colours from blue to red.
    FalseColor,
}

/// All changes. [`Change::None`] comes first.
pub(super) const CHANGES: [Change; 36] = [
    Change::None,
    Change::LungsBlack,
    Change::OnlyBorder,
    Change::Letters,
    Change::Resampled,
    Change::Jpeg40,
    Change::Mirrored,
    Change::Clahe1,
    Change::Clahe2,
    Change::Clahe4,
    Change::ClaheFine,
    Change::SkimageClahe,
    Change::PaperEqualized,
    Change::Equalized,
    Change::Gamma05,
    Change::Gamma2,
    Change::HardWindow,
    Change::HarderWindow,
    Change::Curve,
    Change::Sharpened,
    Change::SharpenedStrongly,
    Change::ArrowsWhite,
    Change::ArrowsBlack,
    Change::Circles,
    Change::LettersOnLungs,
    Change::Ruler,
    Change::Pacemaker,
    Change::Wires,
    Change::Tube,
    Change::Electrodes,
    Change::ApicesCut15,
    Change::ApicesCut25,
    Change::BasesCut15,
    Change::BasesCut25,
    Change::HeatMap,
    Change::FalseColor,
];

/// An end of the lungs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Apices,
    Bases,
}

/// The way in which a change is made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Enhanced(Enhancement),
    Marked(Mark),
    /// Cut off at one end, by this share of the lungs' height.
    Cut(End, f32),
    /// Colour laid over it.
    Colored,
    Special,
}

impl Change {
    /// Whether it is something that people do to films or that is on patients: the verdict should withstand it.
    pub fn is_usual(self) -> bool {
        !matches!(self.way(), Way::Special) || self == Self::PaperEqualized
    }

    /// Whether a part of the lungs is missing: the film should be refused, or no class should be named.
    pub fn cuts_lungs(self) -> bool {
        matches!(self.way(), Way::Cut(..))
    }

    /// Whether colour is laid over the film, which should be refused.
    pub fn is_colored(self) -> bool {
        self.way() == Way::Colored
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::LungsBlack => "lungs black",
            Self::OnlyBorder => "only the border",
            Self::Letters => "letters pasted in",
            Self::Resampled => "to 299 × 299 and back",
            Self::Jpeg40 => "JPEG 40",
            Self::Mirrored => "mirrored",
            Self::Clahe1 => "CLAHE, clip 1",
            Self::Clahe2 => "CLAHE, clip 2",
            Self::Clahe4 => "CLAHE, clip 4",
            Self::SkimageClahe => "CLAHE of scikit-image",
            Self::PaperEqualized => "the paper's equalised picture",
            Self::Equalized => "histogram equalised",
            Self::Gamma05 => "gamma 0.5",
            Self::Gamma2 => "gamma 2",
            Self::HardWindow => "window over 10 % to 90 %",
            Self::HarderWindow => "window over 25 % to 75 %",
            Self::Curve => "sigmoid curve",
            Self::Sharpened => "unsharp mask, mild",
            Self::SharpenedStrongly => "unsharp mask, strong",
            Self::ArrowsWhite => "white arrows",
            Self::ArrowsBlack => "black arrows",
            Self::Circles => "circles",
            Self::LettersOnLungs => "letters on the lungs",
            Self::Ruler => "ruler",
            Self::Pacemaker => "pacemaker",
            Self::Wires => "wires",
            Self::Tube => "tube",
            Self::Electrodes => "electrodes",
            Self::ApicesCut15 => "apices cut off, 15 %",
            Self::ApicesCut25 => "apices cut off, 25 %",
            Self::BasesCut15 => "bases cut off, 15 %",
            Self::BasesCut25 => "bases cut off, 25 %",
            Self::ClaheFine => "CLAHE, clip 3, 16 × 16 tiles",
            Self::HeatMap => "heat map laid over it",
            Self::FalseColor => "false colour",
        }
    }

    fn way(self) -> Way {
        match self {
            Self::Clahe1 => Way::Enhanced(Enhancement::Clahe { clip: 1.0, tiles: 8 }),
            Self::Clahe2 => Way::Enhanced(Enhancement::Clahe { clip: 2.0, tiles: 8 }),
            Self::Clahe4 => Way::Enhanced(Enhancement::Clahe { clip: 4.0, tiles: 8 }),
            Self::ClaheFine => Way::Enhanced(Enhancement::Clahe { clip: 3.0, tiles: 16 }),
            Self::SkimageClahe => Way::Enhanced(Enhancement::SkimageClahe),
            Self::Equalized => Way::Enhanced(Enhancement::Equalize),
            Self::Gamma05 => Way::Enhanced(Enhancement::Gamma(0.5)),
            Self::Gamma2 => Way::Enhanced(Enhancement::Gamma(2.0)),
            Self::HardWindow => Way::Enhanced(Enhancement::Window(0.1, 0.9)),
            Self::HarderWindow => Way::Enhanced(Enhancement::Window(0.25, 0.75)),
            Self::Curve => Way::Enhanced(Enhancement::Curve(6.0)),
            Self::Sharpened => Way::Enhanced(Enhancement::Sharpen { radius: 0.005, amount: 1.0 }),
            Self::SharpenedStrongly => Way::Enhanced(Enhancement::Sharpen { radius: 0.02, amount: 2.0 }),
            Self::ArrowsWhite => Way::Marked(Mark::ArrowWhite),
            Self::ArrowsBlack => Way::Marked(Mark::ArrowBlack),
            Self::Circles => Way::Marked(Mark::Circle),
            Self::LettersOnLungs => Way::Marked(Mark::Letters),
            Self::Ruler => Way::Marked(Mark::Ruler),
            Self::Pacemaker => Way::Marked(Mark::Pacemaker),
            Self::Wires => Way::Marked(Mark::Wires),
            Self::Tube => Way::Marked(Mark::Tube),
            Self::Electrodes => Way::Marked(Mark::Electrodes),
            Self::ApicesCut15 => Way::Cut(End::Apices, 0.15),
            Self::ApicesCut25 => Way::Cut(End::Apices, 0.25),
            Self::BasesCut15 => Way::Cut(End::Bases, 0.15),
            Self::BasesCut25 => Way::Cut(End::Bases, 0.25),
            Self::HeatMap | Self::FalseColor => Way::Colored,
            Self::None
            | Self::LungsBlack
            | Self::OnlyBorder
            | Self::Letters
            | Self::Resampled
            | Self::Jpeg40
            | Self::Mirrored
            | Self::PaperEqualized => Way::Special,
        }
    }
}

/// The film with its lungs black, with three pixels of the lung map around them.
pub(super) fn without_lungs(film: &Plane<u8>, fields: &LungFields) -> Plane<u8> {
    let lung: Vec<f32> = fields.map.pixels.iter().map(|&p| if p > 0.5 { 1.0 } else { 0.0 }).collect();
    let around = Plane { width: lungs::SIDE, height: lungs::SIDE, pixels: dilate(&lung, lungs::SIDE, 3) };
    let place = fields.to_film();
    let pixels = film.pixels.iter().enumerate().map(|(k, &pixel)| {
        let (x, y) = ((k % film.width) as f32 + 0.5, (k / film.width) as f32 + 0.5);
        if around.at((x - place.x0) / place.xx, (y - place.y0) / place.yy) > 0.5 { 0 } else { pixel }
    });
    Plane { width: film.width, height: film.height, pixels: pixels.collect() }
}

/// Five bright block letters, each about an eleventh of the film's width, in two corners and over the upper half of the
/// film.
fn with_letters(film: &Plane<u8>) -> Plane<u8> {
    // L and R on a grid of 4 × 5.
    const LETTERS: [[u8; 5]; 2] =
        [[0b1000, 0b1000, 0b1000, 0b1000, 0b1111], [0b1110, 0b1001, 0b1110, 0b1010, 0b1001]];
    let mut changed = film.clone();
    let dot = (film.width / 48).max(1);
    let places = [(0.04, 0.05, 0), (0.85, 0.05, 1), (0.3, 0.22, 0), (0.62, 0.3, 1), (0.04, 0.85, 1)];
    for (left, top, letter) in places {
        let (x0, y0) = ((left * film.width as f64) as usize, (top * film.height as f64) as usize);
        for (row, bits) in LETTERS[letter].iter().enumerate() {
            for column in (0..4).filter(|column| bits >> (3 - column) & 1 == 1) {
                for y in y0 + row * dot..(y0 + (row + 1) * dot).min(film.height) {
                    let line = &mut changed.pixels[y * film.width..(y + 1) * film.width];
                    let end = (x0 + (column + 1) * dot).min(film.width);
                    line[(x0 + column * dot).min(end)..end].fill(245);
                }
            }
        }
    }
    changed
}

/// The rectangle around the lungs on the film; the whole film where none were found.
fn lungs_box(film: &Plane<u8>, fields: &LungFields) -> Area {
    let Some((left, top, width, height)) = fields.bounds() else {
        return Area { left: 0.0, top: 0.0, width: film.width as f32, height: film.height as f32 };
    };
    let place = fields.to_film();
    let (left, top) = place.apply(left, top);
    Area { left, top, width: width * place.xx, height: height * place.yy }
}

/// The rectangle with a tenth of its sides added all around, as far as the film goes.
fn widened(area: Area, film: &Plane<u8>) -> Area {
    let (left, right) = ((area.at(-0.1, 0.0).0).max(0.0), area.at(1.1, 0.0).0.min(film.width as f32));
    let (top, bottom) = ((area.at(0.0, -0.1).1).max(0.0), area.at(0.0, 1.1).1.min(film.height as f32));
    Area { left, top, width: right - left, height: bottom - top }
}

fn marked(film: &Plane<u8>, fields: &LungFields, mark: Mark, rng: &mut ChaCha8Rng) -> Plane<u8> {
    let lungs = lungs_box(film, fields);
    let area = match mark {
        Mark::ArrowWhite | Mark::ArrowBlack | Mark::Circle | Mark::Letters => lungs,
        Mark::Ruler | Mark::Pacemaker | Mark::Wires | Mark::Tube | Mark::Electrodes => widened(lungs, film),
    };
    let mut values: Vec<f32> = film.pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    mark.draw(&mut Canvas::new(&mut values, film.width), area, rng);
    let pixels = values.into_iter().map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8).collect();
    Plane { pixels, ..*film }
}

/// The film without the upper or lower `share` of the lungs' box and everything beyond it.
fn cut(film: &Plane<u8>, fields: &LungFields, end: End, share: f32) -> Plane<u8> {
    let lungs = lungs_box(film, fields);
    let row = |share: f32| (lungs.at(0.0, share).1.round().max(0.0) as usize).min(film.height);
    let rows = match end {
        End::Apices => row(share)..film.height,
        End::Bases => 0..row(1.0 - share),
    };
    let pixels = film.pixels[rows.start * film.width..rows.end * film.width].to_vec();
    Plane { width: film.width, height: rows.len(), pixels }
}

/// The changed film as it would be decoded; `rng` draws the random parts of the change.
///
/// # Errors
/// Where a coloured picture cannot be written and read again.
pub(super) fn changed(
    film: &Plane<u8>,
    fields: &LungFields,
    change: Change,
    rng: &mut ChaCha8Rng,
) -> Result<Radiograph> {
    let plane = match change.way() {
        Way::Enhanced(enhancement) => enhancement.apply(film),
        Way::Marked(mark) => marked(film, fields, mark, rng),
        Way::Cut(end, share) => cut(film, fields, end, share),
        Way::Special => special(film, fields, change),
        Way::Colored => return colored(film, change),
    };
    Ok(Radiograph::drawn(plane.width, plane.height, Samples::U8(plane.pixels)))
}

/// The film with colour, written as a PNG and decoded.
fn colored(film: &Plane<u8>, change: Change) -> Result<Radiograph> {
    let (width, height) = (film.width, film.height);
    let mut picture = image::RgbImage::new(width as u32, height as u32);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let gray = f64::from(film.pixels[y as usize * width + x as usize]) / 255.0;
        // A blob over the lower part of the patient's right lung, where a heat map might put one.
        let across = (f64::from(x) / width as f64 - 0.3) / 0.2;
        let down = (f64::from(y) / height as f64 - 0.6) / 0.25;
        let blob = (-across * across - down * down).exp();
        let (value, share) = if change == Change::HeatMap { (blob, 0.5) } else { (gray, 1.0) };
        let mixed = blue_to_red(value).map(|color| ((1.0 - share) * gray + share * color) * 255.0);
        pixel.0 = mixed.map(|value| value.round() as u8);
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .map_err(|error| Error::with_source(ErrorKind::Internal, "cannot write a PNG", error))?;
    decode(&bytes.into_inner())
}

/// The colours of a rainbow from blue (0) over green to red (1): red, green, blue.
fn blue_to_red(value: f64) -> [f64; 3] {
    [3.0, 2.0, 1.0].map(|peak| (1.5 - (4.0 * value - peak).abs()).clamp(0.0, 1.0))
}

fn special(film: &Plane<u8>, fields: &LungFields, change: Change) -> Plane<u8> {
    let (width, height) = (film.width, film.height);
    let made = |pixel: &dyn Fn(usize, usize) -> u8| {
        let pixels = (0..width * height).map(|k| pixel(k % width, k / width)).collect();
        Plane { width, height, pixels }
    };
    match change {
        Change::LungsBlack => without_lungs(film, fields),
        Change::OnlyBorder => {
            let mean = (film.pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>()
                / film.pixels.len() as f64) as u8;
            let (dx, dy) = (width / 10, height / 10);
            let inside = |x: usize, y: usize| (dx..width - dx).contains(&x) && (dy..height - dy).contains(&y);
            made(&|x, y| if inside(x, y) { mean } else { film.pixels[y * width + x] })
        }
        Change::Letters => with_letters(film),
        Change::Resampled => resized(&resized(film, 299, 299), width, height),
        Change::Jpeg40 => {
            // The coder of the augmentation takes squares: pad by repeating the edge.
            let side = width.max(height);
            let square = (0..side * side).map(|k| {
                let (x, y) = ((k % side).min(width - 1), (k / side).min(height - 1));
                f32::from(film.pixels[y * width + x]) / 255.0
            });
            let square: Vec<f32> = square.collect();
            let coded = through_jpeg(&square, side, 40).unwrap_or(square);
            made(&|x, y| (coded[y * side + x] * 255.0).round() as u8)
        }
        Change::Mirrored => made(&|x, y| film.pixels[y * width + width - 1 - x]),
        Change::PaperEqualized => {
            let equal = preprocess(&Radiograph::drawn(width, height, Samples::U8(film.pixels.clone())));
            Plane { width: SIDE, height: SIDE, pixels: equal.pixels().to_vec() }
        }
        _ => film.clone(),
    }
}

#[cfg(test)]
mod tests {
    use covid_classifier::Label;

    use super::*;
    use covid_classifier::frame;

    use crate::crops::{as_8_bit, tests::phantom};
    use crate::dataset::Split;
    use crate::train::negatives::generator;

    fn film() -> (Plane<u8>, LungFields) {
        let pixels: Vec<u8> = (0..60 * 40).map(|k| (k % 251) as u8).collect();
        let side = lungs::SIDE;
        let mut map = vec![0.0; side * side];
        for y in 50..80 {
            map[y * side + 30..y * side + 60].fill(0.9);
        }
        (Plane { width: 60, height: 40, pixels }, LungFields::new(map, 60, 40))
    }

    fn with(change: Change) -> Plane<u8> {
        let (film, fields) = film();
        as_8_bit(changed(&film, &fields, change, &mut generator(1, 0)).unwrap())
    }

    #[test]
    fn changes_do_what_they_say() {
        let film = film().0;
        assert_eq!(with(Change::None), film);
        let black = with(Change::LungsBlack);
        assert!(black.pixels.iter().filter(|&&pixel| pixel == 0).count() > 150);
        assert_eq!(black.pixels[0..60], film.pixels[0..60]);
        let mirrored = with(Change::Mirrored);
        assert_eq!((mirrored.pixels[0], mirrored.pixels[59]), (film.pixels[59], film.pixels[0]));
        let border = with(Change::OnlyBorder);
        assert_eq!(border.pixels[..60], film.pixels[..60]);
        assert_eq!(border.pixels[20 * 60 + 30], border.pixels[15 * 60 + 20]);
        let equalized = with(Change::PaperEqualized);
        assert_eq!((equalized.width, equalized.height), (SIDE, SIDE));
    }

    /// Every change except `None` changes the film, each by a different amount or in a different place.
    #[test]
    fn no_two_changes_are_the_same() {
        let phantom = phantom("here", Label::Normal, Split::Val, 3);
        let of = |change| {
            as_8_bit(changed(&phantom.film, phantom.fields(), change, &mut generator(1, 0)).unwrap())
        };
        let all: Vec<Plane<u8>> = CHANGES.into_iter().map(of).collect();
        for (k, a) in all.iter().enumerate() {
            assert!(!all[..k].contains(a), "{:?}", CHANGES[k]);
            let cut = CHANGES[k].cuts_lungs() || CHANGES[k] == Change::PaperEqualized;
            assert!(cut || (a.width, a.height) == (160, 128), "{:?}", CHANGES[k]);
        }
        let names: std::collections::BTreeSet<&str> = CHANGES.into_iter().map(Change::name).collect();
        assert_eq!(names.len(), CHANGES.len());
        assert_eq!(CHANGES[0], Change::None);
    }

    #[test]
    fn colour_is_laid_over_the_film() {
        let phantom = phantom("here", Label::Normal, Split::Val, 3);
        for change in CHANGES {
            let film = changed(&phantom.film, phantom.fields(), change, &mut generator(1, 0)).unwrap();
            let whole = frame::Area::whole(&film);
            assert_eq!(
                frame::is_color_laid_over(&film, whole, None, false),
                change.is_colored(),
                "{change:?}"
            );
        }
        assert_eq!([0.0, 0.5, 1.0].map(blue_to_red), [[0.0, 0.0, 0.5], [0.5, 1.0, 0.5], [0.5, 0.0, 0.0]]);
    }

    #[test]
    fn a_part_of_the_lungs_is_cut_off() {
        // The lungs reach from row 13 to row 27: (50 − 64 + 42.7) × 60 ÷ 128 and 14 rows more.
        let (film, fields) = film();
        let lungs = lungs_box(&film, &fields);
        assert!((lungs.top - 13.4).abs() < 0.1 && (lungs.height - 14.1).abs() < 0.1, "{lungs:?}");
        let (apices, bases) = (with(Change::ApicesCut25), with(Change::BasesCut25));
        assert_eq!((apices.height, bases.height), (40 - 17, 24));
        assert_eq!(apices.pixels, film.pixels[17 * 60..]);
        assert_eq!(bases.pixels, film.pixels[..24 * 60]);
        assert!(
            with(Change::ApicesCut15).height > apices.height
                && with(Change::BasesCut15).height > bases.height
        );
    }

    #[test]
    fn marks_lie_where_the_lungs_are() {
        let (film, fields) = film();
        let area = widened(lungs_box(&film, &fields), &film);
        for change in CHANGES.into_iter().filter(|change| matches!(change.way(), Way::Marked(_))) {
            for seed in 0..20 {
                let marked = as_8_bit(changed(&film, &fields, change, &mut generator(seed, 0)).unwrap());
                let places = (0..film.pixels.len()).filter(|&k| marked.pixels[k] != film.pixels[k]);
                for (x, y) in places.map(|k| ((k % 60) as f32 + 0.5, (k / 60) as f32 + 0.5)) {
                    let (near_x, near_y) = area.clamp((x, y));
                    assert!((x - near_x).abs().max((y - near_y).abs()) < 2.0, "{change:?} at {x}, {y}");
                }
            }
        }
    }
}
