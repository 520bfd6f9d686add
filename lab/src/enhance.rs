//! Contrast changes that other programs make to a whole film.

use covid_classifier::plane::{Affine, Plane};
use covid_classifier::preprocess::{SIDE, preprocess};
use covid_classifier::radiograph::{Radiograph, Samples};

/// A change of contrast. All of them work on 8 bits, like the programs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Enhancement {
    /// OpenCV's `createCLAHE`: contrast-limited adaptive histogram equalisation.
    Clahe {
        /// The clip limit, as a multiple of the mean count of a bin.
        clip: f32,
        /// Tiles along each side.
        tiles: usize,
    },
    /// scikit-image's `equalize_adapthist` with its defaults, which the paper uses to prepare films.
    SkimageClahe,
    /// OpenCV's `equalizeHist`: equalisation of the whole histogram.
    Equalize,
    /// Raises values, on the scale 0…1, to this power: above 1 darkens.
    Gamma(f32),
    /// Makes the pixels up to the first share black, and those from the second on white.
    Window(f32, f32),
    /// Unsharp mask.
    Sharpen {
        /// The blur's deviation, as a share of the shorter side.
        radius: f32,
        /// The factor with which the difference to the blurred film is added.
        amount: f32,
    },
    /// A sigmoid of this steepness about the middle grey.
    Curve(f32),
}

impl Enhancement {
    /// The film with its contrast changed.
    pub fn apply(self, film: &Plane<u8>) -> Plane<u8> {
        if film.pixels.is_empty() {
            return film.clone();
        }
        match self {
            Self::Clahe { clip, tiles } => clahe(film, clip, tiles),
            Self::SkimageClahe => skimage_clahe(film),
            Self::Equalize => mapped(film, &equalizing(film)),
            Self::Gamma(gamma) => mapped(film, &curve(|value| value.powf(gamma))),
            Self::Window(low, high) => {
                let (low, high) = (quantile(film, low), quantile(film, high));
                let (low, high) =
                    (f32::from(low) / 255.0, f32::from(high.max(low.saturating_add(1))) / 255.0);
                mapped(film, &curve(|value| (value - low) / (high - low)))
            }
            Self::Sharpen { radius, amount } => sharpened(film, radius, amount),
            Self::Curve(steep) => {
                let sigmoid = |value: f32| 1.0 / (1.0 + (-steep * (value - 0.5)).exp());
                let (low, high) = (sigmoid(0.0), sigmoid(1.0));
                mapped(film, &curve(|value| (sigmoid(value) - low) / (high - low)))
            }
        }
    }

    /// The same for a square of values 0…1, through 8 bits. Values outside are clipped.
    pub fn apply_to_square(self, square: &[f32], side: usize) -> Vec<f32> {
        let pixels = square.iter().map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8).collect();
        let changed = self.apply(&Plane { width: side, height: side, pixels });
        changed.pixels.into_iter().map(|pixel| f32::from(pixel) / 255.0).collect()
    }
}

/// A new value for every grey level.
type Table = [u8; 256];

fn mapped(film: &Plane<u8>, table: &Table) -> Plane<u8> {
    let pixels = film.pixels.iter().map(|&pixel| table[usize::from(pixel)]).collect();
    Plane { pixels, ..*film }
}

/// The table of a curve from 0…1 to 0…1.
fn curve(of: impl Fn(f32) -> f32) -> Table {
    std::array::from_fn(|level| (of(level as f32 / 255.0) * 255.0).round().clamp(0.0, 255.0) as u8)
}

fn histogram(pixels: impl Iterator<Item = u8>) -> [usize; 256] {
    let mut counts = [0; 256];
    pixels.for_each(|pixel| counts[usize::from(pixel)] += 1);
    counts
}

/// The first grey level up to which more than `share` of the pixels lie.
fn quantile(film: &Plane<u8>, share: f32) -> u8 {
    let wanted = f64::from(share) * film.pixels.len() as f64;
    let mut sum = 0;
    let below = histogram(film.pixels.iter().copied()).into_iter().take_while(|count| {
        sum += count;
        sum as f64 <= wanted
    });
    below.count().min(255) as u8
}

/// The table that `equalizeHist` takes.
fn equalizing(film: &Plane<u8>) -> Table {
    let counts = histogram(film.pixels.iter().copied());
    let first = counts.iter().position(|count| *count > 0).unwrap_or(0);
    let others = film.pixels.len() - counts[first];
    if others == 0 {
        return std::array::from_fn(|level| level as u8);
    }
    let scale = 255.0 / others as f32;
    let mut sum = 0;
    std::array::from_fn(|level| {
        sum += if level > first { counts[level] } else { 0 };
        (sum as f32 * scale).round_ties_even() as u8
    })
}

/// The position `k` in a line of `length`, reflected about the centres of the outer pixels.
fn reflected(k: usize, length: usize) -> usize {
    let period = (2 * (length - 1)).max(1);
    let k = k % period;
    k.min(period - k).min(length - 1)
}

fn clahe(film: &Plane<u8>, clip: f32, tiles: usize) -> Plane<u8> {
    let (width, height) = (film.width, film.height);
    let tiles = tiles.max(1);
    // If either side does not divide, OpenCV pads both; a side that does divide gets a pixel more per tile.
    let pad = |length: usize| tiles - length % tiles;
    let whole = width % tiles == 0 && height % tiles == 0;
    let (across, down) = match whole {
        true => (width / tiles, height / tiles),
        false => ((width + pad(width)) / tiles, (height + pad(height)) / tiles),
    };
    let columns: Vec<usize> = (0..across * tiles).map(|x| reflected(x, width)).collect();
    let tables: Vec<Table> = (0..tiles * tiles)
        .map(|tile| {
            let (left, top) = (tile % tiles * across, tile / tiles * down);
            let rows = (top..top + down).map(|y| &film.pixels[reflected(y, height) * width..][..width]);
            let counts = histogram(rows.flat_map(|row| columns[left..left + across].iter().map(|&x| row[x])));
            clipped(counts, clip, across * down)
        })
        .collect();
    // The two nearest tiles and how far it is from the first to the second.
    let nearest = |k: usize, size: usize| {
        let place = k as f32 * (1.0 / size as f32) - 0.5;
        let first = place.floor();
        let tile = |place: f32| (place.max(0.0) as usize).min(tiles - 1);
        (tile(first), tile(first + 1.0), place - first)
    };
    let along: Vec<(usize, usize, f32)> = (0..width).map(|x| nearest(x, across)).collect();
    let mut pixels = Vec::with_capacity(film.pixels.len());
    for y in 0..height {
        let (above, below, fy) = nearest(y, down);
        for (&(left, right, fx), &pixel) in along.iter().zip(&film.pixels[y * width..]) {
            let at = |row: usize, column: usize| f32::from(tables[row * tiles + column][usize::from(pixel)]);
            let upper = at(above, left) * (1.0 - fx) + at(above, right) * fx;
            let lower = at(below, left) * (1.0 - fx) + at(below, right) * fx;
            pixels.push((upper * (1.0 - fy) + lower * fy).round_ties_even() as u8);
        }
    }
    Plane { width, height, pixels }
}

/// The table of one tile: the histogram is clipped, the excess is spread over all levels, and the counts are summed up.
fn clipped(mut counts: [usize; 256], clip: f32, pixels: usize) -> Table {
    let limit = ((clip * pixels as f32 / 256.0) as usize).max(1);
    let excess: usize = counts.iter().map(|count| count.saturating_sub(limit)).sum();
    counts.iter_mut().for_each(|count| *count = (*count).min(limit) + excess / 256);
    let rest = excess % 256;
    let step = (256 / rest.max(1)).max(1);
    counts.iter_mut().step_by(step).take(rest).for_each(|count| *count += 1);
    let scale = 255.0 / pixels as f32;
    let mut sum = 0;
    counts.map(|count| {
        sum += count;
        (sum as f32 * scale).round_ties_even() as u8
    })
}

/// The paper's preprocessing, resized to the film's size.
fn skimage_clahe(film: &Plane<u8>) -> Plane<u8> {
    let (width, height) = (film.width, film.height);
    let equal = preprocess(&Radiograph::drawn(width, height, Samples::U8(film.pixels.clone())));
    let square = Plane { width: SIDE, height: SIDE, pixels: equal.pixels().to_vec() };
    resized(&square, width, height)
}

/// The plane at another size, by linear interpolation.
pub fn resized(plane: &Plane<u8>, width: usize, height: usize) -> Plane<u8> {
    let (xx, yy) = (plane.width as f32 / width as f32, plane.height as f32 / height as f32);
    let affine = Affine { xx, xy: 0.0, x0: 0.0, yx: 0.0, yy, y0: 0.0 };
    let pixels = (0..width * height).map(|k| {
        let (x, y) = affine.apply((k % width) as f32 + 0.5, (k / width) as f32 + 0.5);
        plane.at(x, y).round() as u8
    });
    Plane { width, height, pixels: pixels.collect() }
}

fn sharpened(film: &Plane<u8>, radius: f32, amount: f32) -> Plane<u8> {
    let sigma = radius * film.width.min(film.height) as f32;
    let values: Vec<f32> = film.pixels.iter().map(|&pixel| f32::from(pixel)).collect();
    let soft = blurred(&values, film.width, sigma);
    let sharp = values.iter().zip(soft).map(|(value, soft)| value + amount * (value - soft));
    Plane { pixels: sharp.map(|value| value.round().clamp(0.0, 255.0) as u8).collect(), ..*film }
}

/// A Gaussian of deviation `sigma` pixels, the edge repeated.
fn blurred(values: &[f32], width: usize, sigma: f32) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil() as usize;
    let weight = |k: usize| (-0.5 * ((k as f32 - radius as f32) / sigma.max(1e-3)).powi(2)).exp();
    let kernel: Vec<f32> = (0..=2 * radius).map(weight).collect();
    let sum: f32 = kernel.iter().sum();
    let height = values.len() / width;
    let mut down = vec![0.0; values.len()];
    for y in 0..height {
        let target = &mut down[y * width..(y + 1) * width];
        for (k, weight) in kernel.iter().enumerate() {
            let source = &values[(y + k).saturating_sub(radius).min(height - 1) * width..][..width];
            target.iter_mut().zip(source).for_each(|(slot, value)| *slot += weight / sum * value);
        }
    }
    let mut across = vec![0.0; values.len()];
    let mut padded = vec![0.0; width + 2 * radius];
    for (source, target) in down.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        for (x, slot) in padded.iter_mut().enumerate() {
            *slot = source[x.saturating_sub(radius).min(width - 1)];
        }
        for (k, weight) in kernel.iter().enumerate() {
            let source = &padded[k..];
            target.iter_mut().zip(source).for_each(|(slot, value)| *slot += weight / sum * value);
        }
    }
    across
}

#[cfg(test)]
mod tests {
    use covid_classifier::phantom::Phantom;

    use super::*;

    /// The film from which the goldens were made.
    fn film(width: usize, height: usize) -> Plane<u8> {
        let pixel = |k: usize| {
            let (x, y) = (k % width, k / width);
            let slope = (x * x / 9 + y * 11 + x * y / 5) / 7 % 150;
            (slope + if x > 90 { 20 } else { 0 } + if y > 70 { 30 } else { 0 }) as u8
        };
        Plane { width, height, pixels: (0..width * height).map(pixel).collect() }
    }

    fn phantom() -> Plane<u8> {
        let (width, height) = (160, 128);
        Plane { width, height, pixels: Phantom { width, height, seed: 5 }.draw_u8() }
    }

    fn mean(film: &Plane<u8>) -> f64 {
        film.pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / film.pixels.len() as f64
    }

    fn deviation(film: &Plane<u8>) -> f64 {
        let mean = mean(film);
        let squares = film.pixels.iter().map(|&pixel| (f64::from(pixel) - mean).powi(2));
        (squares.sum::<f64>() / film.pixels.len() as f64).sqrt()
    }

    /// Results of OpenCV 4: pixels at equal steps, and the sum of all.
    #[test]
    fn clahe_and_equalisation_are_opencvs() {
        let clahe = |clip, tiles| Enhancement::Clahe { clip, tiles };
        let goldens: [(usize, usize, Enhancement, &[u8], u64); 8] = [
            (203, 158, clahe(1.0, 8), &[2, 75, 14, 53, 158, 138, 233, 129, 165, 97, 76, 151, 103], 3_822_909),
            (203, 158, clahe(2.0, 8), &[3, 93, 19, 57, 184, 136, 236, 142, 178, 93, 72, 168, 103], 4_040_335),
            (203, 158, clahe(4.0, 4), &[1, 110, 13, 54, 169, 138, 242, 156, 184, 91, 66, 154, 90], 4_120_663),
            (
                160,
                128,
                clahe(1.0, 8),
                &[2, 128, 126, 194, 97, 63, 41, 129, 218, 108, 86, 126, 148],
                2_495_727,
            ),
            (
                160,
                128,
                clahe(2.0, 8),
                &[2, 128, 159, 208, 119, 84, 25, 104, 218, 82, 57, 113, 117],
                2_546_477,
            ),
            // One side divides, the other does not.
            (120, 90, clahe(2.0, 8), &[3, 137, 46, 162, 78, 63, 109, 144, 140, 169, 219, 68], 1_342_445),
            (
                203,
                158,
                Enhancement::Equalize,
                &[0, 39, 3, 36, 168, 144, 248, 144, 189, 113, 105, 194, 132],
                4_107_279,
            ),
            (
                120,
                90,
                Enhancement::Equalize,
                &[0, 123, 25, 206, 65, 32, 106, 120, 148, 203, 232, 81],
                1_379_981,
            ),
        ];
        for (width, height, enhancement, some, sum) in goldens {
            let changed = enhancement.apply(&film(width, height)).pixels;
            let ours: Vec<u8> = changed.iter().copied().step_by(width * height / 12).collect();
            assert_eq!(ours, some, "{enhancement:?} of {width} × {height}");
            assert_eq!(changed.iter().map(|&pixel| u64::from(pixel)).sum::<u64>(), sum);
        }
    }

    #[test]
    fn scikit_images_clahe_is_the_products() {
        let (width, height) = (SIDE, SIDE);
        let pixels = Phantom { width, height, seed: 2 }.draw_u8();
        let expected = preprocess(&Radiograph::drawn(width, height, Samples::U8(pixels.clone())));
        let film = Plane { width, height, pixels };
        assert_eq!(Enhancement::SkimageClahe.apply(&film).pixels, expected.pixels());
        let small = Enhancement::SkimageClahe.apply(&phantom());
        assert_eq!((small.width, small.height), (160, 128));
        assert!(deviation(&small) > deviation(&phantom()));
    }

    #[test]
    fn curves_darken_brighten_and_harden() {
        let film = phantom();
        let level = |enhancement: Enhancement, level: u8| {
            enhancement.apply(&Plane { width: 1, height: 1, pixels: vec![level] }).pixels[0]
        };
        assert_eq!([0.5, 1.0, 2.0].map(|gamma| level(Enhancement::Gamma(gamma), 64)), [128, 64, 16]);
        assert_eq!([0, 64, 128, 255].map(|grey| level(Enhancement::Curve(6.0), grey)), [0, 38, 128, 255]);
        let hard = Enhancement::Window(0.1, 0.9).apply(&film);
        let share = |value: u8| {
            hard.pixels.iter().filter(|pixel| **pixel == value).count() as f64 / hard.pixels.len() as f64
        };
        assert!(
            (0.08..0.14).contains(&share(0)) && (0.08..0.14).contains(&share(255)),
            "{} {}",
            share(0),
            share(255)
        );
        assert!(deviation(&hard) > 1.1 * deviation(&film));
    }

    #[test]
    fn an_unsharp_mask_keeps_what_is_flat_and_steepens_edges() {
        let step = Plane {
            width: 60,
            height: 20,
            pixels: (0..1200).map(|k| if k % 60 < 30 { 80 } else { 120 }).collect(),
        };
        let sharp = Enhancement::Sharpen { radius: 0.1, amount: 1.0 }.apply(&step);
        let row = &sharp.pixels[600..660];
        assert_eq!((row[0], row[59]), (80, 120));
        assert!((60..=66).contains(&row[29]) && (134..=140).contains(&row[30]), "{row:?}");
        assert_eq!(Enhancement::Sharpen { radius: 0.1, amount: 0.0 }.apply(&step), step);
    }

    #[test]
    fn a_square_is_changed_as_a_film_is() {
        let side = 64;
        let square: Vec<f32> = (0..side * side).map(|k| (k % 97) as f32 / 80.0 - 0.1).collect();
        for enhancement in ALL {
            let changed = enhancement.apply_to_square(&square, side);
            assert_eq!(changed.len(), square.len());
            assert!(changed.iter().all(|value| (0.0..=1.0).contains(value)));
            assert_ne!(changed, square, "{enhancement:?}");
        }
    }

    const ALL: [Enhancement; 7] = [
        Enhancement::Clahe { clip: 2.0, tiles: 8 },
        Enhancement::SkimageClahe,
        Enhancement::Equalize,
        Enhancement::Gamma(2.0),
        Enhancement::Window(0.1, 0.9),
        Enhancement::Sharpen { radius: 0.01, amount: 1.0 },
        Enhancement::Curve(5.0),
    ];

    #[test]
    fn any_size_can_be_enhanced() {
        for (width, height) in [(0, 0), (1, 1), (3, 2), (9, 70), (17, 5)] {
            for enhancement in ALL {
                let changed = enhancement.apply(&film(width, height));
                assert_eq!(
                    (changed.width, changed.height, changed.pixels.len()),
                    (width, height, width * height)
                );
            }
            let flat = Plane { width, height, pixels: vec![90; width * height] };
            assert_eq!(Enhancement::Equalize.apply(&flat), flat);
        }
    }
}
