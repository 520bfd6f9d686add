//! The class activation map as a picture to lay over the film.
//!
//! Orange speaks for the class, blue against it; the stronger, the less transparent. Where the
//! reader did not look there is nothing. The two colours (Okabe and Ito's vermilion and blue) are
//! told apart by the colour-blind too.

use super::Picture;
use crate::convnet::Activation;
use crate::label::Label;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lungs::{self, LungFields};

    /// Over a square film that is lung everywhere: what speaks for COVID-19 is in the left half, what speaks for
    /// normal, half as strong, in the right half.
    fn activation() -> Activation {
        let fields = LungFields::new(vec![1.0; lungs::SIDE * lungs::SIDE], 256, 256);
        let mut maps = vec![0.0; 3 * 64];
        for k in 0..64 {
            maps[if k % 8 < 4 { k } else { 64 + k }] = if k % 8 < 4 { 6.0 } else { 3.0 };
        }
        Activation::new(&maps, &[1.0 / 64.0; 64], &fields)
    }

    #[test]
    fn orange_speaks_for_and_blue_against() {
        let (covid, normal) =
            (overlay(&activation(), Label::Covid19, 16, 8), overlay(&activation(), Label::Normal, 16, 8));
        let pixel =
            |map: &[u8], x: usize, y: usize| -> [u8; 4] { map[4 * (16 * y + x)..][..4].try_into().unwrap() };
        let opacity = |share: f32| (255.0 * 0.7 * share + 0.5) as u8;
        // 6 less the mean of 2 is the strongest, 4; then -2, and on the other half -1 and 2.
        assert_eq!(pixel(&covid, 4, 4), [235, 110, 20, opacity(1.0)]);
        assert_eq!(pixel(&covid, 12, 4), [0, 114, 178, opacity(0.25)]);
        assert_eq!(pixel(&normal, 4, 4), [0, 114, 178, opacity(0.5)]);
        assert_eq!(pixel(&normal, 12, 4), [235, 110, 20, opacity(0.5)]);
        assert_eq!((covid.len(), normal.len()), (4 * 128, 4 * 128));
    }

    #[test]
    fn nothing_lies_over_what_was_not_looked_at() {
        let side = lungs::SIDE;
        let middle = |k: usize| (48..80).contains(&(k % side)) && (48..80).contains(&(k / side));
        let map = (0..side * side).map(|k| if middle(k) { 1.0 } else { 0.0 }).collect();
        let fields = LungFields::new(map, 256, 256);
        let activation = Activation::new(&[1.0, 0.0, 0.0], &[1.0], &fields);
        let map = overlay(&activation, Label::Covid19, 64, 64);
        let alpha = |x: usize, y: usize| map[4 * (64 * y + x) + 3];
        assert_eq!((alpha(5, 32), alpha(32, 5), alpha(60, 60)), (0, 0, 0));
        assert!(alpha(32, 32) > 170);
    }

    #[test]
    fn the_outline_is_drawn_where_it_is() {
        let film = Picture { width: 10, height: 20, pixels: vec![100; 200] };
        let nothing = Activation::new(
            &[0.0; 3],
            &[1.0],
            &LungFields::new(vec![1.0; lungs::SIDE * lungs::SIDE], 256, 256),
        );
        let rgb = composed(&film, &nothing, Label::Covid19, &[[0.25, 0.1, 0.25, 0.5]]);
        let pixel = |x: usize, y: usize| -> [u8; 3] { rgb[3 * (10 * y + x)..][..3].try_into().unwrap() };
        for y in 0..20 {
            let expected = if (2..=10).contains(&y) { OUTLINE } else { [100; 3] };
            assert_eq!(pixel(2, y), expected, "row {y}");
        }
        assert_eq!(pixel(3, 5), [100; 3]);
        // Where something speaks for the class, the film is tinted by its share.
        let rgb = composed(&film, &activation(), Label::Covid19, &[]);
        let mixed = |to: f32, alpha: u8| (100.0 + f32::from(alpha) / 255.0 * (to - 100.0)).round() as u8;
        let alpha = (255.0 * 0.7 + 0.5) as u8;
        assert_eq!(rgb[..3], [mixed(235.0, alpha), mixed(110.0, alpha), mixed(20.0, alpha)]);
    }
}
