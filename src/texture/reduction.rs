//! Min-max scaling and linear kernel PCA, both fitted on training films alone.

use super::FEATURES;

/// Features to components. Linear kernel PCA is PCA: the projection of the centred, scaled
/// features on the leading eigenvectors of their covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduction {
    /// The smallest value of each feature among the training films.
    pub minimum: Vec<f64>,
    /// The largest value of each feature among them.
    pub maximum: Vec<f64>,
    /// The mean of each scaled feature.
    pub mean: Vec<f64>,
    /// 64 × 252, row-major: the unit eigenvectors, leading first.
    pub components: Vec<f32>,
}

impl Reduction {
    /// Scales features to 0…1 of the training range and subtracts the training mean. Not clipped:
    /// a film unlike the training films lies outside. A feature that was constant in training
    /// counts nothing.
    pub fn centered(&self, features: &[f64]) -> Vec<f64> {
        let scaled = |k: usize| {
            let range = self.maximum[k] - self.minimum[k];
            if range > 0.0 { (features[k] - self.minimum[k]) / range - self.mean[k] } else { 0.0 }
        };
        (0..FEATURES).map(scaled).collect()
    }

    /// Projects centred features on the 64 components.
    pub fn project(&self, centered: &[f64]) -> Vec<f64> {
        let dot = |component: &[f32]| component.iter().zip(centered).map(|(&c, x)| f64::from(c) * x).sum();
        self.components.chunks_exact(FEATURES).map(dot).collect()
    }

    /// A gradient over components back to one over centred features.
    pub fn back_project(&self, gradient: &[f64]) -> Vec<f64> {
        let mut result = vec![0.0; FEATURES];
        for (component, weight) in self.components.chunks_exact(FEATURES).zip(gradient) {
            for (slot, &c) in result.iter_mut().zip(component) {
                *slot += weight * f64::from(c);
            }
        }
        result
    }

    /// The training mean of a feature in its own unit.
    pub fn training_mean(&self, feature: usize) -> f64 {
        let range = self.maximum[feature] - self.minimum[feature];
        self.minimum[feature] + self.mean[feature] * range
    }

    /// How many features lie outside the range of the training films.
    pub fn outside(&self, features: &[f64]) -> usize {
        let outside = |k: &usize| features[*k] < self.minimum[*k] || features[*k] > self.maximum[*k];
        (0..FEATURES).filter(outside).count()
    }
}
