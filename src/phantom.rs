//! Synthetic chest films: an ellipse of a body, lungs, ribs, heart and diaphragm, drawn from a
//! seed. For tests, benchmarks, screenshots and visitors without a film; they look like one, and are none.

use image::ImageEncoder;

/// The samples that the page offers to visitors without a film: one that is judged, with doubts, and
/// one that the gate turns away.
pub const SAMPLES: [Phantom; 2] =
    [Phantom { width: 1024, height: 1024, seed: 18 }, Phantom { width: 1024, height: 1024, seed: 5 }];

/// A synthetic film of 8 or 16 bit; the same seed and size always give the same pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phantom {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Varies anatomy, exposure, opacities and noise.
    pub seed: u64,
}

/// SplitMix64: a stream of numbers from a seed, the same on every machine.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `low…high`.
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// 1 inside, 0 outside, smooth over `softness` of the radius.
fn ellipse(x: f64, y: f64, center: (f64, f64), radii: (f64, f64), softness: f64) -> f64 {
    let distance = (((x - center.0) / radii.0).powi(2) + ((y - center.1) / radii.1).powi(2)).sqrt();
    let t = ((1.0 - distance) / softness + 0.5).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

impl Phantom {
    /// Draws the film: `width × height` values in 0…1, row-major.
    pub fn draw(&self) -> Vec<f64> {
        let mut stream = Stream(self.seed);
        let shift = stream.uniform(-0.03, 0.03);
        let lung_height = stream.uniform(0.30, 0.36);
        let lung_width = stream.uniform(0.145, 0.175);
        let exposure = stream.uniform(0.85, 1.15);
        let noise = stream.uniform(0.010, 0.025);
        let rib_phase = stream.uniform(0.0, 1.0);
        let opacities: Vec<_> = (0..stream.next() % 5)
            .map(|k| {
                let side = if k % 2 == 0 { 0.30 } else { 0.70 };
                let center = (side + shift + stream.uniform(-0.07, 0.07), stream.uniform(0.35, 0.68));
                (center, stream.uniform(0.04, 0.09), stream.uniform(0.15, 0.35))
            })
            .collect();

        let mut film = Vec::with_capacity(self.width * self.height);
        for row in 0..self.height {
            let y = (row as f64 + 0.5) / self.height as f64;
            for column in 0..self.width {
                let x = (column as f64 + 0.5) / self.width as f64;
                let body = ellipse(x, y, (0.5 + shift, 0.62), (0.49, 0.72), 0.08);
                let lung = |side: f64, center: f64| {
                    let apex = center + 0.02 * side * (y - 0.5);
                    ellipse(x, y, (apex, 0.48), (lung_width, lung_height), 0.12)
                };
                let lungs = lung(1.0, 0.30 + shift).max(lung(-1.0, 0.70 + shift));
                let diaphragm = ellipse(x, y, (0.3 + shift, 0.92), (0.24, 0.17), 0.1).max(ellipse(
                    x,
                    y,
                    (0.7 + shift, 0.94),
                    (0.24, 0.17),
                    0.1,
                ));
                let heart = ellipse(x, y, (0.56 + shift, 0.66), (0.15, 0.16), 0.15);
                let spine = (-((x - 0.5 - shift) / 0.045).powi(2)).exp();
                let arc = y + 0.45 * (x - 0.5 - shift).powi(2) * 2.0;
                let rib = ((arc * 11.0 + rib_phase).fract() - 0.5).abs();
                let rib = ((0.17 - rib) / 0.05).clamp(0.0, 1.0) * lungs.max(0.35 * body);
                let clavicle = (-((y - 0.17 - 0.25 * (x - 0.5 - shift).abs()) / 0.014).powi(2)).exp() * body;
                let air = lungs * (1.0 - diaphragm) * (1.0 - 0.85 * heart);
                let mut value = 0.05 + 0.62 * body - 0.42 * air + 0.12 * spine * body;
                value += 0.10 * rib + 0.10 * clavicle + 0.08 * heart * body;
                for &(center, radius, strength) in &opacities {
                    let blob = ellipse(x, y, center, (radius, radius * 1.2), 0.9);
                    value += strength * blob * air;
                }
                let grain = stream.uniform(-1.0, 1.0) + stream.uniform(-1.0, 1.0);
                film.push((value * exposure + noise * grain).clamp(0.0, 1.0));
            }
        }
        film
    }

    /// The film in 8 bit.
    pub fn draw_u8(&self) -> Vec<u8> {
        self.draw().into_iter().map(|value| (value * 255.0).round() as u8).collect()
    }

    /// The film as a BMP file.
    pub fn to_bmp(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = image::codecs::bmp::BmpEncoder::new(&mut bytes);
        let size = (self.width as u32, self.height as u32);
        // Fails only where the buffer has another size, or the file would be larger than 4 GB.
        match encoder.write_image(&self.draw_u8(), size.0, size.1, image::ExtendedColorType::L8) {
            Ok(()) => bytes,
            Err(_) => Vec::new(),
        }
    }

    /// The film in 16 bit.
    pub fn draw_u16(&self) -> Vec<u16> {
        self.draw().into_iter().map(|value| (value * 65535.0).round() as u16).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bmp_holds_the_film() {
        let film = Phantom { width: 50, height: 33, seed: 7 };
        let read = crate::decode::decode(&film.to_bmp()).unwrap();
        assert_eq!((read.width, read.height), (50, 33));
        assert_eq!(read.samples, crate::radiograph::Samples::U8(film.draw_u8()));
    }

    #[test]
    fn a_seed_is_a_film() {
        let film = |seed| Phantom { width: 64, height: 80, seed }.draw_u8();
        assert_eq!(film(1).len(), 64 * 80);
        assert_eq!(film(1), film(1));
        assert_ne!(film(1), film(2));
    }
}
