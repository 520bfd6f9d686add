//! The weights of the texture reader, and their file.

use super::{COMPONENTS, Dense, FEATURES, Perceptron, Reduction};
use crate::error::{Error, Result};
use crate::tensors::{TensorFile, Tensors};

/// The texture reader's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct TextureWeights {
    /// Features to components.
    pub reduction: Reduction,
    /// Components to logits.
    pub perceptron: Perceptron,
}

/// The tensor names of the dense layers.
const LAYERS: [&str; 3] = ["hidden1", "hidden2", "output"];

impl TextureWeights {
    /// Reads safetensors.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) with the tensor's name where one is missing, of another
    /// shape, or not finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let tensors = Tensors::open(bytes)?;
        let reduction = Reduction {
            minimum: tensors.f64s("scaler.minimum", &[FEATURES])?,
            maximum: tensors.f64s("scaler.maximum", &[FEATURES])?,
            mean: tensors.f64s("reduction.mean", &[FEATURES])?,
            components: tensors.f32s("reduction.components", &[COMPONENTS, FEATURES])?,
        };
        let layer = |k: usize| {
            let (inputs, outputs) = (Perceptron::WIDTHS[k], Perceptron::WIDTHS[k + 1]);
            let name = LAYERS[k];
            let weights = tensors.f32s(&format!("{name}.weight"), &[outputs, inputs])?;
            let bias = tensors.f32s(&format!("{name}.bias"), &[outputs])?;
            Ok::<_, Error>(Dense { weights, bias })
        };
        Ok(Self { reduction, perceptron: Perceptron { layers: [layer(0)?, layer(1)?, layer(2)?] } })
    }

    /// Writes safetensors; the same weights always give the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the weights do not have the shapes they should.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let reduction = &self.reduction;
        let mut file = TensorFile::new();
        file.f64s("scaler.minimum", &[FEATURES], &reduction.minimum);
        file.f64s("scaler.maximum", &[FEATURES], &reduction.maximum);
        file.f64s("reduction.mean", &[FEATURES], &reduction.mean);
        file.f32s("reduction.components", &[COMPONENTS, FEATURES], &reduction.components);
        for ((layer, name), widths) in
            self.perceptron.layers.iter().zip(LAYERS).zip(Perceptron::WIDTHS.windows(2))
        {
            file.f32s(format!("{name}.weight"), &[widths[1], widths[0]], &layer.weights);
            file.f32s(format!("{name}.bias"), &[widths[1]], &layer.bias);
        }
        file.finish()
    }

    /// The three logits of one film's 252 features.
    pub fn logits(&self, features: &[f64]) -> [f64; 3] {
        self.perceptron.logits(&self.components(features))
    }

    /// The 64 components of one film's 252 features.
    pub fn components(&self, features: &[f64]) -> Vec<f64> {
        self.reduction.project(&self.reduction.centered(features))
    }
}
