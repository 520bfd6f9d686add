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
    /// The film as decoded.
    pub film: Radiograph,
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
