//! Safetensors files: the only place that reads and writes them. A number that is not finite is an error.

use std::collections::HashMap;

use safetensors::{SafeTensorError, SafeTensors, tensor::TensorView};

use crate::error::{Error, ErrorKind, Result};

pub use safetensors::Dtype;

/// A file that has been opened; its tensors are read by name and shape.
pub struct Tensors<'a>(SafeTensors<'a>);

fn damaged(error: SafeTensorError) -> Error {
    Error::with_source(ErrorKind::Model, "the weight file is damaged", error)
}

impl<'a> Tensors<'a> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where it is not safetensors.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        SafeTensors::deserialize(bytes).map(Self).map_err(damaged)
    }

    /// The bytes of a tensor, row-major, little endian.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] with the tensor's name where it is missing, or of another type or shape.
    pub fn bytes(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8]> {
        let view = self.0.tensor(name).map_err(|error| {
            Error::with_source(ErrorKind::Model, format!("the weight file has no tensor {name}"), error)
        })?;
        if view.dtype() != dtype || view.shape() != shape {
            let message =
                format!("tensor {name} is {:?} {:?}, not {dtype:?} {shape:?}", view.dtype(), view.shape());
            return Err(Error::new(ErrorKind::Model, message));
        }
        Ok(view.data())
    }

    /// A tensor of single precision.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), and where a number is not finite.
    pub fn f32s(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let data = self.bytes(name, Dtype::F32, shape)?;
        let values: Vec<f32> = data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        finite(name, values.iter().all(|value| value.is_finite()), values)
    }

    /// A tensor of double precision.
    ///
    /// # Errors
    /// As [`f32s`](Self::f32s).
    pub fn f64s(&self, name: &str, shape: &[usize]) -> Result<Vec<f64>> {
        let data = self.bytes(name, Dtype::F64, shape)?;
        let values: Vec<f64> = data.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
        finite(name, values.iter().all(|value| value.is_finite()), values)
    }
}

/// The lines of text that a file carries beside its tensors, by their keys.
///
/// # Errors
/// [`ErrorKind::Model`] where it is not safetensors.
pub fn notes(bytes: &[u8]) -> Result<HashMap<String, String>> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    Ok(header.metadata().clone().unwrap_or_default())
}

fn finite<T>(name: &str, are_finite: bool, values: Vec<T>) -> Result<Vec<T>> {
    match are_finite {
        true => Ok(values),
        false => Err(Error::new(ErrorKind::Model, format!("a value of {name} is not a finite number"))),
    }
}

/// A file that is being put together. Without notes, the same tensors always give the same bytes.
#[derive(Default)]
pub struct TensorFile {
    tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
    notes: HashMap<String, String>,
}

impl TensorFile {
    /// A file without tensors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes, row-major, little endian.
    pub fn bytes(&mut self, name: impl Into<String>, dtype: Dtype, shape: &[usize], data: Vec<u8>) {
        self.tensors.push((name.into(), dtype, shape.to_vec(), data));
    }

    /// Adds a tensor of single precision.
    pub fn f32s(&mut self, name: impl Into<String>, shape: &[usize], values: &[f32]) {
        self.bytes(name, Dtype::F32, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect());
    }

    /// Adds a tensor of double precision.
    pub fn f64s(&mut self, name: impl Into<String>, shape: &[usize], values: &[f64]) {
        self.bytes(name, Dtype::F64, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect());
    }

    /// Adds a line of text, to be read by [`notes`].
    pub fn note(&mut self, key: impl Into<String>, text: impl Into<String>) {
        self.notes.insert(key.into(), text.into());
    }

    /// The bytes of a safetensors file with all of it.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where a tensor has not as many numbers as its shape says.
    pub fn finish(self) -> Result<Vec<u8>> {
        let failed = |error| Error::with_source(ErrorKind::Model, "the weights do not fit", error);
        let views = self.tensors.iter().map(|(name, dtype, shape, data)| {
            TensorView::new(*dtype, shape.clone(), data).map(|view| (name, view))
        });
        let views = views.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
        let notes = Some(self.notes).filter(|notes| !notes.is_empty());
        safetensors::serialize(views, notes).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(change: impl FnOnce(&mut TensorFile)) -> Vec<u8> {
        let mut file = TensorFile::new();
        file.f32s("a", &[2, 1], &[1.5, -2.0]);
        file.f64s("b", &[1], &[0.1]);
        file.bytes("c", Dtype::U8, &[3], vec![1, 2, 3]);
        change(&mut file);
        file.finish().unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = file(|file| file.note("step", "7"));
        let tensors = Tensors::open(&bytes).unwrap();
        assert_eq!(tensors.f32s("a", &[2, 1]).unwrap(), [1.5, -2.0]);
        assert_eq!(tensors.f64s("b", &[1]).unwrap(), [0.1]);
        assert_eq!(tensors.bytes("c", Dtype::U8, &[3]).unwrap(), [1, 2, 3]);
        assert_eq!(notes(&bytes).unwrap(), HashMap::from([("step".to_owned(), "7".to_owned())]));
        assert!(notes(&file(|_| ())).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_there_or_not_finite_is_named() {
        let bytes = file(|file| {
            file.f32s("hot", &[1], &[f32::INFINITY]);
            file.f64s("none", &[1], &[f64::NAN]);
        });
        let tensors = Tensors::open(&bytes).unwrap();
        let message = |result: Result<usize>| {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Model);
            error.to_string()
        };
        let f32s =
            |name: &str, shape: &[usize]| message(tensors.f32s(name, shape).map(|values| values.len()));
        let f64s =
            |name: &str, shape: &[usize]| message(tensors.f64s(name, shape).map(|values| values.len()));
        assert_eq!(f32s("z", &[1]), "the weight file has no tensor z");
        assert_eq!(f32s("a", &[1, 2]), "tensor a is F32 [2, 1], not F32 [1, 2]");
        assert_eq!(f64s("a", &[2, 1]), "tensor a is F32 [2, 1], not F64 [2, 1]");
        assert_eq!(f32s("hot", &[1]), "a value of hot is not a finite number");
        assert_eq!(f64s("none", &[1]), "a value of none is not a finite number");
        assert!(message(Tensors::open(b"no tensors").map(|_| 0)).starts_with("the weight file is damaged"));
    }

    #[test]
    fn a_tensor_of_another_length_is_not_written() {
        let mut file = TensorFile::new();
        file.f32s("a", &[3], &[1.0]);
        assert_eq!(file.finish().unwrap_err().kind(), ErrorKind::Model);
    }
}
