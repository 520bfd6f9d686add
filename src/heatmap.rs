//! The class activation map as a picture to lay over the film.
//!
//! Orange speaks for the class, blue against it; the stronger, the less transparent. Where the
//! reader did not look there is nothing. The two colours (Okabe and Ito's vermilion and blue) are
//! told apart by the colour-blind too.

use crate::convnet::Activation;
use crate::radiograph::Picture;
use crate::report::Label;

const FOR: [f32; 3] = [235.0, 110.0, 20.0];
const AGAINST: [f32; 3] = [0.0, 114.0, 178.0];
const OUTLINE: [u8; 3] = [86, 232, 233];
/// The opacity of the strongest place.
const OPACITY: f32 = 0.7;

/// RGBA of `width × height` over the whole film. The scale is the strongest place of any class of
/// this film.
pub fn overlay(activation: &Activation, label: Label, width: usize, height: usize) -> Vec<u8> {
    let strongest = activation.strongest();
    let mut pixels = Vec::with_capacity(4 * width * height);
    for k in 0..width * height {
        let x = ((k % width) as f64 + 0.5) / width as f64;
        let y = ((k / width) as f64 + 0.5) / height as f64;
        let value = activation.at(label, x, y).unwrap_or(0.0) / strongest;
        let color = if value > 0.0 { FOR } else { AGAINST };
        let alpha = 255.0 * OPACITY * value.abs().min(1.0);
        pixels.extend(color.map(|channel| channel as u8));
        pixels.push((alpha + 0.5) as u8);
    }
    pixels
}

/// RGB of the film with the map and the lungs' outline over it.
pub fn composed(film: &Picture, activation: &Activation, label: Label, outline: &[[f32; 4]]) -> Vec<u8> {
    let (width, height) = (film.width, film.height);
    let map = overlay(activation, label, width, height);
    let mut rgb: Vec<u8> = film
        .pixels
        .iter()
        .zip(map.as_chunks::<4>().0)
        .flat_map(|(&gray, &[r, g, b, alpha])| {
            let share = f32::from(alpha) / 255.0;
            [r, g, b].map(|channel| {
                (f32::from(gray) + share * (f32::from(channel) - f32::from(gray))).round() as u8
            })
        })
        .collect();
    for &[x0, y0, x1, y1] in outline {
        let (dx, dy) = ((x1 - x0) * width as f32, (y1 - y0) * height as f32);
        let steps = dx.abs().max(dy.abs()).ceil().max(1.0) as usize;
        for step in 0..=steps {
            let t = step as f32 / steps as f32;
            let x = ((x0 + t * (x1 - x0)) * width as f32).max(0.0) as usize;
            let y = ((y0 + t * (y1 - y0)) * height as f32).max(0.0) as usize;
            if x < width && y < height {
                rgb[3 * (y * width + x)..][..3].copy_from_slice(&OUTLINE);
            }
        }
    }
    rgb
}
