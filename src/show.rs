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
pub use window::{Window, Windows};

use crate::convnet::{Activation, Crop};
use crate::frame::Frame;
use crate::label::Label;
use crate::lungs::LungFields;
use crate::preprocess::EqualizedImage;
use crate::radiograph::{Radiograph, Samples};

/// The longer side of the film's picture in a list.
const THUMBNAIL_SIDE_PX: usize = 96;
/// The longer side of a class activation map that is laid over the film; who shows it enlarges it.
const MAP_SIDE_PX: usize = 160;
/// The longer side of a film with map and outline drawn into it.
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
    /// The lung fields.
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
    /// `width × height` values as stored, in 8 or 16 bit, row-major.
    pub samples: Samples,
    /// Windows to begin with, in stored values.
    pub windows: Windows,
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

    /// The film itself, to be looked at through windows. What came from colour is rounded to 16 bit.
    pub fn into_film(mut self) -> FilmPicture {
        if let Samples::F64(samples) = &self.film.samples {
            let rounded = samples.iter().map(|sample| (sample * 65535.0 + 0.5) as u16).collect();
            self.film.samples = Samples::U16(rounded);
        }
        let windows = Windows::of(&self.film, Some(&self.lungs));
        let Radiograph { width, height, samples, .. } = self.film;
        FilmPicture { width, height, samples, windows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preprocess::SIDE;

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
