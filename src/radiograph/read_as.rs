//! A film read otherwise than it lies in its file: turned, mirrored, inverted.

use serde::{Deserialize, Serialize};

use super::{ModalityValues, Radiograph, Samples};

/// How a film is read: as it lies in its file (the default), or altered by who reads it. First it is turned, then
/// mirrored, as Image Rotation and Image Horizontal Flip of DICOM are applied (PS3.3 C.10.6). It is applied to the
/// decoded film, so that readers, viewer, outline and map all have the film upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct ReadAs {
    /// Quarter turns clockwise, 0…3; four of them are none.
    pub quarter_turns: u8,
    /// Left and right exchanged.
    pub mirrored: bool,
    /// Black and white exchanged.
    pub inverted: bool,
}

/// What turns a film upright: first rows and columns are exchanged, then left and right, then top and bottom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) exchange: bool,
    pub(crate) left_right: bool,
    pub(crate) top_bottom: bool,
}

impl ReadAs {
    /// As it lies in its file.
    pub const STORED: Self = Self { quarter_turns: 0, mirrored: false, inverted: false };

    /// Turned by so many quarters, clockwise.
    pub fn turned(quarter_turns: u8) -> Self {
        Self { quarter_turns: quarter_turns % 4, ..Self::STORED }
    }

    /// With black and white exchanged.
    pub fn inverted() -> Self {
        Self { inverted: true, ..Self::STORED }
    }

    /// Whether anything is altered.
    pub fn is_altered(self) -> bool {
        self.normalized() != Self::STORED
    }

    /// The same with 0 to 3 quarter turns.
    pub fn normalized(self) -> Self {
        Self { quarter_turns: self.quarter_turns % 4, ..self }
    }

    /// This, and then the other, as one.
    pub fn then(self, other: Self) -> Self {
        let (first, second) = (self.quarter_turns % 4, other.quarter_turns % 4);
        // What turns a mirror image clockwise turns the film the other way.
        let second = if self.mirrored { 4 - second } else { second };
        Self {
            quarter_turns: (first + second) % 4,
            mirrored: self.mirrored != other.mirrored,
            inverted: self.inverted != other.inverted,
        }
    }

    /// Alters a film. Its provenance has the size that it has then.
    pub fn apply(self, film: &mut Radiograph) {
        let Self { quarter_turns, mirrored, inverted } = self.normalized();
        let turn = Turn {
            exchange: quarter_turns % 2 == 1,
            left_right: matches!(quarter_turns, 1 | 2) != mirrored,
            top_bottom: matches!(quarter_turns, 2 | 3),
        };
        if turn != Turn::default() {
            turn.film(film);
            film.provenance.width_px = film.width as u32;
            film.provenance.height_px = film.height as u32;
        }
        if inverted {
            match &mut film.samples {
                Samples::U8(samples) => samples.iter_mut().for_each(|sample| *sample = u8::MAX - *sample),
                Samples::U16(samples) => samples.iter_mut().for_each(|sample| *sample = u16::MAX - *sample),
                Samples::F64(samples) => samples.iter_mut().for_each(|sample| *sample = 1.0 - *sample),
            }
            if let Some(modality) = &mut film.modality {
                modality.is_inverted = !modality.is_inverted;
            }
        }
    }
}

impl Turn {
    /// Turns a plane of rows of `width`.
    fn apply<T: Copy>(self, plane: &[T], width: usize) -> Vec<T> {
        let height = plane.len() / width;
        let (wide, high) = if self.exchange { (height, width) } else { (width, height) };
        let mut turned = Vec::with_capacity(plane.len());
        for y in 0..high {
            let y = if self.top_bottom { high - 1 - y } else { y };
            for x in 0..wide {
                let x = if self.left_right { wide - 1 - x } else { x };
                let (column, row) = if self.exchange { (y, x) } else { (x, y) };
                turned.push(plane[row * width + column]);
            }
        }
        turned
    }

    /// Turns a film, what is transparent of it, its colours and its modality values.
    pub(crate) fn film(self, film: &mut Radiograph) {
        let width = film.width;
        film.samples = match &film.samples {
            Samples::U8(plane) => Samples::U8(self.apply(plane, width)),
            Samples::U16(plane) => Samples::U16(self.apply(plane, width)),
            Samples::F64(plane) => Samples::F64(self.apply(plane, width)),
        };
        film.transparent = film.transparent.as_ref().map(|plane| self.apply(plane, width));
        if let Some(colors) = &mut film.colors {
            colors.pixels = self.apply(&colors.pixels, colors.width);
            if self.exchange {
                std::mem::swap(&mut colors.width, &mut colors.height);
            }
        }
        if let Some(modality) = &mut film.modality {
            modality.values = match &modality.values {
                ModalityValues::I16(plane) => ModalityValues::I16(self.apply(plane, width)),
                ModalityValues::U16(plane) => ModalityValues::U16(self.apply(plane, width)),
                ModalityValues::F32(plane) => ModalityValues::F32(self.apply(plane, width)),
            };
        }
        if self.exchange {
            std::mem::swap(&mut film.width, &mut film.height);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radiograph::{Colors, ModalityPlane};

    /// 1 2 3
    /// 4 5 6
    fn film() -> Radiograph {
        let mut film = Radiograph::drawn(3, 2, Samples::U8(vec![1, 2, 3, 4, 5, 6]));
        film.transparent = Some(vec![true, false, false, false, false, false]);
        let pixels = (1..=6).map(|value| [value, 0, 0]).collect();
        film.colors = Some(Box::new(Colors { width: 3, height: 2, pixels }));
        let values = ModalityValues::I16(vec![1, 2, 3, 4, 5, 6]);
        film.modality = Some(Box::new(ModalityPlane {
            values,
            windows: Vec::new(),
            is_inverted: false,
            has_voi_lut: false,
        }));
        film
    }

    fn read(as_: ReadAs) -> Radiograph {
        let mut film = film();
        as_.apply(&mut film);
        film
    }

    fn all() -> Vec<ReadAs> {
        let of = |k: u8| ReadAs { quarter_turns: k % 4, mirrored: k & 4 != 0, inverted: k & 8 != 0 };
        (0..16).map(of).collect()
    }

    #[test]
    fn a_film_is_turned_clockwise_then_mirrored() {
        for (quarter_turns, mirrored, width, expected) in [
            (0, false, 3, [1, 2, 3, 4, 5, 6]),
            (1, false, 2, [4, 1, 5, 2, 6, 3]),
            (2, false, 3, [6, 5, 4, 3, 2, 1]),
            (3, false, 2, [3, 6, 2, 5, 1, 4]),
            (0, true, 3, [3, 2, 1, 6, 5, 4]),
            (1, true, 2, [1, 4, 2, 5, 3, 6]),
            (5, true, 2, [1, 4, 2, 5, 3, 6]),
        ] {
            let film = read(ReadAs { quarter_turns, mirrored, inverted: false });
            assert_eq!(film.samples, Samples::U8(expected.to_vec()), "{quarter_turns} {mirrored}");
            assert_eq!((film.width, film.height), (width, 6 / width));
            assert_eq!(
                (film.provenance.width_px, film.provenance.height_px),
                (width as u32, 6 / width as u32)
            );
            let modality = film.modality.unwrap();
            assert!(modality.values == ModalityValues::I16(expected.map(i16::from).to_vec()));
            let outside = expected.map(|value| value == 1);
            assert_eq!(film.transparent.unwrap(), outside, "what is transparent turns with it");
            let colors = film.colors.unwrap();
            assert_eq!((colors.width, colors.height), (film.width, film.height));
            assert_eq!(colors.pixels, expected.map(|value| [value, 0, 0]), "and so do the colours");
        }
    }

    #[test]
    fn inverted_is_about_the_full_scale() {
        let film = read(ReadAs::inverted());
        assert_eq!(film.samples, Samples::U8(vec![254, 253, 252, 251, 250, 249]));
        let modality = film.modality.unwrap();
        assert!(modality.is_inverted && modality.values == ModalityValues::I16(vec![1, 2, 3, 4, 5, 6]));
        let mut deep = Radiograph::drawn(2, 1, Samples::U16(vec![0, 4095]));
        ReadAs::inverted().apply(&mut deep);
        assert_eq!(deep.samples, Samples::U16(vec![65535, 61440]));
        let mut float = Radiograph::drawn(2, 1, Samples::F64(vec![0.0, 0.25]));
        ReadAs::inverted().apply(&mut float);
        assert_eq!(float.samples, Samples::F64(vec![1.0, 0.75]));
    }

    #[test]
    fn two_after_each_other_are_one() {
        for first in all() {
            for second in all() {
                let mut twice = read(first);
                second.apply(&mut twice);
                assert_eq!(twice, read(first.then(second)), "{first:?}, {second:?}");
            }
        }
    }

    #[test]
    fn what_is_left_out_is_not_altered() {
        let read: ReadAs = serde_json::from_str(r#"{"quarter_turns": 2}"#).unwrap();
        assert_eq!(read, ReadAs::turned(2));
        assert!(!ReadAs { quarter_turns: 4, ..ReadAs::STORED }.is_altered() && read.is_altered());
        assert!(serde_json::from_str::<ReadAs>(r#"{"quarter_turns": -1}"#).is_err());
    }
}
