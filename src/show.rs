//! All that is looked at: the film and windows to look at it through, its small picture for lists, what the two
//! readers saw, the class activation map, the outline of the lungs. For showing, never for reading; the page and
//! the program show the same.

mod heatmap;
mod outline;
mod picture;
mod window;

pub use heatmap::{composed, overlay};
pub use outline::outline;
pub use picture::Picture;
pub use window::{ProposedWindow, Window, Windows};

use crate::convnet::{Activation, Crop};
use crate::frame::Frame;
use crate::label::Label;
use crate::lungs::LungFields;
use crate::preprocess::EqualizedImage;
use crate::radiograph::{ModalityPlane, ModalityValues, Radiograph, Samples};

/// The longer side of the film's picture in a list.
const THUMBNAIL_SIDE_PX: usize = 96;
/// The longer side of a class activation map that is laid over the film; who shows it enlarges it.
const MAP_SIDE_PX: usize = 160;
/// The longer side of a film with map and outline drawn into it.
/// Longer side of a film that is shown before it is read.
const PREVIEW_SIDE_PX: usize = 1024;
const COMPOSED_SIDE_PX: usize = 1024;

/// What there is to see of one film, from which every picture is made.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The picture as decoded.
    pub film: Radiograph,
    /// Where on it the film lies that was read; `None` where it is all of it.
    pub frame: Option<Frame>,
    /// What the texture reader saw.
    pub equalized: EqualizedImage,
    /// The two lung fields, placed on the picture.
    pub lungs: LungFields,
    /// What the convnet reader saw.
    pub crop: Crop,
    /// What it found where.
    pub activation: Activation,
}

/// An RGBA picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlay {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Four bytes per pixel, row-major.
    pub pixels: Vec<u8>,
}

/// A film to be looked at through windows.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmPicture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width × height` samples in 8 or 16 bit, row-major. As stored; of a DICOM film they stand for its modality values.
    pub samples: Samples,
    /// The value that a sample of 0 stands for…
    pub offset: f64,
    /// … and by how much the value grows with the sample.
    pub step: f64,
    /// Windows to begin with, in values.
    pub windows: Windows,
    /// The windows that the file proposes, in values; the first is the one through which the film was read.
    pub proposed: Vec<ProposedWindow>,
    /// Whether the least value is white.
    pub is_inverted: bool,
}

/// The film before it is read: longer side at most 1024 px.
pub fn preview(film: &Radiograph) -> Picture {
    Picture::of_film(film, PREVIEW_SIDE_PX)
}

impl Sight {
    /// The film in a list: longer side 96 px.
    pub fn thumbnail(&self) -> Picture {
        Picture::of_film(&self.film, THUMBNAIL_SIDE_PX)
    }

    /// What the texture reader saw.
    pub fn equalized_picture(&self) -> Picture {
        Picture::of_equalized(&self.equalized)
    }

    /// What the convnet reader saw.
    pub fn crop_picture(&self) -> Picture {
        Picture::of_crop(&self.crop.values)
    }

    /// The lungs' outline, as [`outline`] gives it.
    pub fn outline(&self) -> Vec<[f32; 4]> {
        outline(&self.lungs)
    }

    /// What speaks for and against a class, to be laid over the whole film: longer side 160 px.
    pub fn overlay(&self, label: Label) -> Overlay {
        let (width, height) = (self.film.width, self.film.height);
        let scale = MAP_SIDE_PX as f64 / width.max(height) as f64;
        let of = |length: usize| ((length as f64 * scale).round() as usize).max(1);
        let (width, height) = (of(width), of(height));
        Overlay { width, height, pixels: overlay(&self.activation, label, width, height) }
    }

    /// The film with the map of a class and the outline drawn into it, as (width, height, RGB); longer side at
    /// most 1,024 px.
    pub fn composed(&self, label: Label) -> (usize, usize, Vec<u8>) {
        let film = Picture::of_film(&self.film, COMPOSED_SIDE_PX);
        let pixels = composed(&film, &self.activation, label, &self.outline());
        (film.width, film.height, pixels)
    }

    /// The film itself, to be looked at through windows: of DICOM the modality values, of others the samples as stored. What
    /// came from colour is rounded to 16 bit, and so are modality values that are no whole numbers.
    pub fn into_film(mut self) -> FilmPicture {
        if let Some(plane) = self.film.modality.take().filter(|plane| !plane.has_voi_lut) {
            return self.into_modality_picture(*plane);
        }
        if let Samples::F64(samples) = &self.film.samples {
            let rounded = samples.iter().map(|sample| (sample * 65535.0 + 0.5) as u16).collect();
            self.film.samples = Samples::U16(rounded);
        }
        let windows = Windows::of(&self.film, Some(&self.lungs));
        let Radiograph { width, height, samples, .. } = self.film;
        FilmPicture {
            width,
            height,
            samples,
            offset: 0.0,
            step: 1.0,
            windows,
            proposed: Vec::new(),
            is_inverted: false,
        }
    }

    fn into_modality_picture(mut self, plane: ModalityPlane) -> FilmPicture {
        let (samples, offset, step) = stored_for_show(plane.values);
        self.film.samples = samples;
        let windows = Windows::of(&self.film, Some(&self.lungs)).of_values(offset, step);
        let proposed = plane.windows.into_iter().map(ProposedWindow::from).collect();
        let Radiograph { width, height, samples, .. } = self.film;
        FilmPicture {
            width,
            height,
            samples,
            offset,
            step,
            windows,
            proposed,
            is_inverted: plane.is_inverted,
        }
    }
}

/// Values as samples of 8 or 16 bit, with the value of sample 0 and the step from one sample to the next. Whole numbers
/// stay what they are.
fn stored_for_show(values: ModalityValues) -> (Samples, f64, f64) {
    match values {
        ModalityValues::U16(values) if values.iter().all(|&value| value <= 255) => {
            (Samples::U8(values.iter().map(|&value| value as u8).collect()), 0.0, 1.0)
        }
        ModalityValues::U16(values) => (Samples::U16(values), 0.0, 1.0),
        ModalityValues::I16(values) => {
            let least = values.iter().copied().min().unwrap_or(0);
            let above = |value: i16| (i32::from(value) - i32::from(least)) as u16;
            (Samples::U16(values.into_iter().map(above).collect()), f64::from(least), 1.0)
        }
        ModalityValues::F32(values) => {
            let low = values.iter().copied().fold(f32::INFINITY, f32::min);
            let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let (low, high) = if low <= high { (f64::from(low), f64::from(high)) } else { (0.0, 0.0) };
            let step = if low < high { (high - low) / 65535.0 } else { 1.0 };
            let sample = |value: f32| ((f64::from(value) - low) / step + 0.5) as u16;
            (Samples::U16(values.into_iter().map(sample).collect()), low, step)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preprocess::SIDE;
    use crate::radiograph::{VoiFunction, VoiWindow};

    /// A film with two lungs; COVID-19 is spoken for everywhere.
    fn sight(width: usize, height: usize, samples: Samples) -> Sight {
        let lungs = LungFields::of_rectangles(&[(24, 40, 24, 48), (80, 40, 24, 48)], width, height);
        Sight {
            film: Radiograph::drawn(width, height, samples),
            frame: None,
            equalized: EqualizedImage::from_pixels((0..SIDE * SIDE).map(|k| (k % 256) as u8).collect())
                .unwrap(),
            crop: Crop { values: vec![1.0; 128 * 128], weights: vec![1.0] },
            activation: Activation::new(&[3.0, 0.0, 0.0], &[1.0], &lungs),
            lungs,
        }
    }

    #[test]
    fn pictures_have_their_sizes() {
        let sight = sight(1200, 600, Samples::U8((0..720_000).map(|k| (k % 251) as u8).collect()));
        let thumbnail = sight.thumbnail();
        assert_eq!((thumbnail.width, thumbnail.height, thumbnail.pixels.len()), (96, 48, 96 * 48));
        let overlay = sight.overlay(Label::Covid19);
        assert_eq!((overlay.width, overlay.height, overlay.pixels.len()), (160, 80, 4 * 160 * 80));
        let (width, height, pixels) = sight.composed(Label::Covid19);
        assert_eq!((width, height, pixels.len()), (1024, 512, 3 * 1024 * 512));
        let equalized = sight.equalized_picture();
        assert_eq!((equalized.width, equalized.height, equalized.pixels[255]), (512, 512, 255));
        assert_eq!(sight.crop_picture().pixels, vec![160; 128 * 128]);
        assert_eq!(sight.outline(), outline(&sight.lungs));
    }

    #[test]
    fn each_class_has_its_own_overlay() {
        let sight = sight(200, 160, Samples::U8((0..32_000).map(|k| (k % 251) as u8).collect()));
        let middle = |label| {
            let overlay = sight.overlay(label);
            overlay.pixels[4 * (overlay.height / 2 * overlay.width + overlay.width / 2)..][..4].to_vec()
        };
        assert_eq!(middle(Label::Covid19), [235, 110, 20, 179]);
        assert_eq!(middle(Label::Normal), [0, 114, 178, 89]);
    }

    /// A film of 64 × 32 with these modality values, a window of the file's and a VOI LUT or not.
    fn measured(values: ModalityValues, has_voi_lut: bool) -> FilmPicture {
        let mut sight = sight(64, 32, Samples::U8(vec![7; 2048]));
        let window = VoiWindow {
            center: 40.0,
            width: 400.0,
            explanation: Some("Doe^Jane".into()),
            function: VoiFunction::Sigmoid,
        };
        let windows = vec![VoiWindow { explanation: Some("SOFT TISSUE 2".into()), ..window.clone() }, window];
        let plane = ModalityPlane { values, windows, is_inverted: true, has_voi_lut };
        sight.film.modality = Some(Box::new(plane));
        sight.into_film()
    }

    #[test]
    fn a_dicom_film_is_shown_by_what_it_measured() {
        let film = measured(ModalityValues::U16((0..2048).map(|k| 2 * k).collect()), false);
        assert_eq!((film.offset, film.step, film.is_inverted), (0.0, 1.0, true));
        assert_eq!(film.windows.full, Window::of_range(0.0, 4094.0));
        assert!(matches!(&film.samples, Samples::U16(samples) if samples[100] == 200));
        let names: Vec<Option<&str>> = film.proposed.iter().map(|window| window.name.as_deref()).collect();
        assert_eq!(names, [Some("SOFT TISSUE 2"), None], "no free text");
        assert_eq!((film.proposed[0].center, film.proposed[0].width), (40.0, 400.0));
        assert_eq!(film.proposed[0].function, VoiFunction::Sigmoid);

        let film = measured(ModalityValues::I16((0..2048).map(|k| k - 1000).collect()), false);
        assert_eq!((film.offset, film.step), (-1000.0, 1.0));
        assert_eq!(film.windows.full, Window::of_range(-1000.0, 1047.0));
        assert!(matches!(&film.samples, Samples::U16(samples) if samples[..2] == [0, 1]));

        let film = measured(ModalityValues::F32((0..2048).map(|k| k as f32 * 0.5 - 3.0).collect()), false);
        let Samples::U16(samples) = &film.samples else { panic!("16 bit") };
        assert_eq!((film.offset, samples[0], samples[2047]), (-3.0, 0, 65535));
        assert!((film.offset + film.step * f64::from(samples[10]) - 2.0).abs() <= film.step);
        let Window { center, width } = film.windows.full;
        let expected = Window::of_range(-3.0, 1020.5);
        assert!((center - expected.center).abs() < 1e-6 && (width - expected.width).abs() < 1e-6);

        let flat = measured(ModalityValues::F32(vec![0.5; 2048]), false);
        assert_eq!((flat.offset, flat.step), (0.5, 1.0));
        let small = measured(ModalityValues::U16(vec![255; 2048]), false);
        assert_eq!(small.samples, Samples::U8(vec![255; 2048]));
    }

    /// What a table made of the values, no window can.
    #[test]
    fn a_dicom_film_with_a_table_is_shown_as_it_was_read() {
        let film = measured(ModalityValues::U16(vec![4000; 2048]), true);
        assert_eq!((film.samples, film.is_inverted), (Samples::U8(vec![7; 2048]), false));
        assert!(film.proposed.is_empty());
    }

    #[test]
    fn a_film_is_shown_as_stored_and_colour_in_16_bit() {
        let mut values = vec![0.0; 64 * 32];
        (values[1], values[2]) = (0.5, 1.0);
        let film = sight(64, 32, Samples::F64(values)).into_film();
        let Samples::U16(samples) = &film.samples else { panic!("16 bit") };
        assert_eq!(samples[..4], [0, 32768, 65535, 0]);
        assert_eq!((film.width, film.height), (64, 32));
        assert_eq!(film.windows.full, Window::of_range(0.0, 65535.0), "in what is stored");
        let stored = Samples::U16((0..2048).map(|k| k * 3).collect());
        assert_eq!(sight(64, 32, stored.clone()).into_film().samples, stored);
    }
}
