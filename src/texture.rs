//! The texture reader: the paper's COVID-Classifier.
//!
//! 252 features of the equalised 512 × 512 image (18 planes, 14 first-order statistics each) →
//! min-max by the training films → linear kernel PCA to 64 → a 64-128-16-3 network. The features
//! reproduce the authors' published pool; `tests/real_films.rs` compares all 420 films.

mod cooccurrence;
mod first_order;
mod fourier;
mod gray_level_difference;
mod perceptron;
mod reduction;
mod wavelet;
mod weights;

pub use first_order::STATISTICS;
pub use perceptron::{Dense, Perceptron};
pub use reduction::Reduction;
pub use weights::TextureWeights;

use crate::preprocess::{EqualizedImage, SIDE};

/// The number of features.
pub const FEATURES: usize = PLANES.len() * STATISTICS.len();

/// The number of components kept by the reduction.
pub const COMPONENTS: usize = 64;

/// The five blocks of features in their order, and how many features each has.
pub const BLOCKS: [(&str, usize); 5] =
    [("texture", 14), ("fourier", 14), ("wavelet", 112), ("gray_level_difference", 56), ("cooccurrence", 56)];

/// The 18 planes that the statistics are taken of, `<block>_<input>`, in the paper's order.
const PLANES: [&str; 18] = [
    "texture_image",
    "fourier_magnitude",
    "wavelet_ca1",
    "wavelet_ch1",
    "wavelet_cv1",
    "wavelet_cd1",
    "wavelet_ca2",
    "wavelet_ch2",
    "wavelet_cv2",
    "wavelet_cd2",
    "gray_level_difference_right",
    "gray_level_difference_up_right",
    "gray_level_difference_down",
    "gray_level_difference_up_left",
    "cooccurrence_0deg",
    "cooccurrence_45deg",
    "cooccurrence_90deg",
    "cooccurrence_135deg",
];

/// The names of the features, `<block>_<input>_<statistic>`, in order.
pub fn feature_names() -> Vec<String> {
    let of_plane = |plane: &&str| STATISTICS.map(|statistic| format!("{plane}_{statistic}"));
    PLANES.iter().flat_map(of_plane).collect()
}

/// How the co-occurrence matrices are scaled before their statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CooccurrenceScaling {
    /// All four matrices are min-max scaled: what the product computes.
    #[default]
    All,
    /// The last matrix, 135°, is left as pair counts: what the authors' published table holds.
    Published,
}

/// Computes the 252 features; keeps the Fourier plan and the buffers between films.
#[derive(Default)]
pub struct FeatureExtractor {
    scaling: CooccurrenceScaling,
    unit: Vec<f64>,
    fourier: fourier::Fourier,
    wavelet: wavelet::Wavelet,
    scratch: first_order::Scratch,
}

impl FeatureExtractor {
    /// An extractor with the product's scaling.
    pub fn new() -> Self {
        Self::default()
    }

    /// An extractor with a chosen scaling of the co-occurrence matrices.
    pub fn with_scaling(scaling: CooccurrenceScaling) -> Self {
        Self { scaling, ..Self::default() }
    }

    /// The 252 features of a 512 × 512 8-bit image, in the paper's order.
    ///
    /// Every statistic is over the *non-zero* values of its plane and finite for every image: a
    /// plane without a non-zero value gives fourteen zeros (so does all but the co-occurrence
    /// block of a constant image), and where all non-zero values are equal, skewness and
    /// kurtosis are 0.
    pub fn features(&mut self, image: &EqualizedImage) -> Vec<f64> {
        let pixels = image.pixels();
        let levels = unit_levels(pixels);
        self.unit.clear();
        pixels.chunks(SIDE).for_each(|row| add_levels(row, &levels, &mut self.unit));
        let mut features = Vec::with_capacity(FEATURES);

        features.extend(first_order::of_histogram(&histogram(pixels), &levels));

        features.extend(self.scratch.statistics(self.fourier.magnitude(&self.unit)));

        for subbands in self.wavelet.levels(&self.unit, SIDE, SIDE) {
            for plane in [&subbands.ca, &subbands.ch, &subbands.cv, &subbands.cd] {
                features.extend(self.scratch.statistics(plane));
            }
        }

        for cumulated in gray_level_difference::cumulated(pixels, &levels) {
            features.extend(self.scratch.statistics(&cumulated));
        }

        for (k, matrix) in cooccurrence::matrices(pixels).iter().enumerate() {
            let published = self.scaling == CooccurrenceScaling::Published && k == 3;
            features.extend(if published {
                self.scratch.published_statistics_of_counts(matrix)
            } else {
                self.scratch.statistics_of_counts(matrix)
            });
        }
        features
    }
}

/// What each grey level is after min-max scaling of the image to 0…1; all zero for a flat one.
fn unit_levels(pixels: &[u8]) -> [f64; 256] {
    let low = pixels.iter().copied().min().unwrap_or(0);
    let high = pixels.iter().copied().max().unwrap_or(0);
    let mut levels = [0.0; 256];
    if low < high {
        for level in low..=high {
            levels[usize::from(level)] = f64::from(level - low) / f64::from(high - low);
        }
    }
    levels
}

fn histogram(pixels: &[u8]) -> [u64; 256] {
    let mut counts = [0; 256];
    pixels.chunks(SIDE).for_each(|row| count(row, &mut counts));
    counts
}

// Functions of their own: a browser compiles them well once they have been called a few times.

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn add_levels(row: &[u8], levels: &[f64; 256], unit: &mut Vec<f64>) {
    unit.extend(row.iter().map(|&pixel| levels[usize::from(pixel)]));
}

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn count(row: &[u8], counts: &mut [u64; 256]) {
    for &pixel in row {
        counts[usize::from(pixel)] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_frozen() {
        let names = feature_names();
        assert_eq!(names.len(), 252);
        assert_eq!(BLOCKS.iter().map(|(_, count)| count).sum::<usize>(), 252);
        let mut start = 0;
        for (block, count) in BLOCKS {
            assert!(names[start..start + count].iter().all(|name| name.starts_with(block)));
            start += count;
        }
        let frozen = [
            (0, "texture_image_sum"),
            (14, "fourier_magnitude_sum"),
            (31, "wavelet_ca1_skewness"),
            (139, "wavelet_cd2_uniformity"),
            (140, "gray_level_difference_right_sum"),
            (195, "gray_level_difference_up_left_uniformity"),
            (196, "cooccurrence_0deg_sum"),
            (251, "cooccurrence_135deg_uniformity"),
        ];
        for (index, name) in frozen {
            assert_eq!(names[index], name);
        }
        use sha2::{Digest, Sha256};
        let digest = format!("{:x?}", &Sha256::digest(names.join("\n"))[..4]);
        assert_eq!(digest, "[40, df, d, c4]", "a feature was renamed or moved");
    }

    #[test]
    fn degenerate_images_give_finite_features() {
        let images = [
            vec![0; SIDE * SIDE],
            vec![255; SIDE * SIDE],
            (0..SIDE * SIDE).map(|k| if k % SIDE < 200 { 0 } else { 255 }).collect(),
            (0..SIDE * SIDE).map(|k| if k == 77 { 1 } else { 0 }).collect(),
        ];
        for pixels in images {
            let image = EqualizedImage::from_pixels(pixels).expect("512 × 512");
            let features = FeatureExtractor::new().features(&image);
            assert_eq!(features.len(), FEATURES);
            assert!(features.iter().all(|feature| feature.is_finite()));
        }
    }

    #[test]
    fn constant_image_is_zero_but_for_cooccurrence() {
        let image = EqualizedImage::from_pixels(vec![128; SIDE * SIDE]).expect("512 × 512");
        let features = FeatureExtractor::new().features(&image);
        assert!(features[..196].iter().all(|&feature| feature == 0.0));
        // One cell of each matrix holds every pair: 1 after scaling.
        for matrix in features[196..].chunks(14) {
            assert_eq!(matrix, [1., 1., 0., 0., 0., 1., 0., 1., 0., 1., 1., 0., 1., 1.]);
        }
    }
}
