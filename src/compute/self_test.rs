//! The known film and the known answers to it, which a back-end must give before it reads another film.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::{CandleNetwork, Network, Output, Weights};
use crate::phantom::Phantom;
use crate::plane::standardize;

/// The known answers of both networks to the known film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// The segmenter's.
    pub lungs: Known,
    /// The convnet reader's.
    pub convnet: Known,
}

/// A network's known answer, in as few numbers as show that every channel is as it should be, and
/// every part of a map where it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Of every map of the output, row-major, the means of its blocks: 8 × 8 of them at most.
    pub maps: Vec<f32>,
    /// The channel means that a run gives.
    pub features: Vec<f32>,
}

impl Known {
    pub(super) fn of(network: &Network, output: &Output) -> Self {
        let (_, side) = network.shapes().last().copied().unwrap_or((1, 1));
        let block = side.div_ceil(8);
        let mut maps = Vec::new();
        for map in output.maps.chunks_exact(side * side) {
            for (y, x) in (0..side * side).map(|k| (k / side, k % side)) {
                if y % block == 0 && x % block == 0 {
                    let rows = map.chunks_exact(side).skip(y).take(block);
                    let values = rows.flat_map(|row| &row[x..side.min(x + block)]);
                    maps.push(values.clone().sum::<f32>() / values.count() as f32);
                }
            }
        }
        Self { maps, features: output.features.clone() }
    }

    /// The largest difference as a share of the largest value; infinite for another network's.
    pub(super) fn difference(&self, other: &Self) -> f32 {
        let of = |ours: &[f32], theirs: &[f32]| {
            if ours.len() != theirs.len() {
                return f32::INFINITY;
            }
            let largest = theirs.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
            let furthest = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
            // What is not a number is as far as can be.
            furthest.fold(0.0, |furthest, d| {
                if d <= furthest {
                    furthest
                } else if d.is_nan() {
                    f32::INFINITY
                } else {
                    d
                }
            }) / largest
        };
        of(&self.maps, &other.maps).max(of(&self.features, &other.features))
    }
}

/// The known film: a phantom of `side` × `side`, with mean 0 and deviation 1.
pub(super) fn known_film(side: usize) -> Vec<f32> {
    let film = Phantom { width: side, height: side, seed: 1 }.draw();
    let mut film: Vec<f32> = film.into_iter().map(|value| value as f32).collect();
    standardize(&mut film, |_| true);
    film
}

impl SelfTest {
    /// What candle says of the known film.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the weights do not fit.
    pub fn new(lungs: (&Network, &Weights), convnet: (&Network, &Weights)) -> Result<Self> {
        let known = |(network, weights): (&Network, &Weights)| {
            let mut output = Output::default();
            CandleNetwork::new(network.clone(), weights)?.run(&known_film(network.side), &mut output)?;
            Ok::<_, Error>(Known::of(network, &output))
        };
        Ok(Self { lungs: known(lungs)?, convnet: known(convnet)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_seen_whatever_its_kind() {
        let known = Known { maps: vec![1.0, -2.0], features: vec![0.5] };
        assert_eq!(known.difference(&known), 0.0);
        for (maps, features) in
            [(vec![1.0, f32::NAN], vec![0.5]), (vec![1.0], vec![0.5]), (vec![1.0, -2.0], vec![f32::INFINITY])]
        {
            assert_eq!(Known { maps, features }.difference(&known), f32::INFINITY);
        }
        let off = Known { maps: vec![1.0, -2.1], features: vec![0.5] };
        assert!((off.difference(&known) - 0.05).abs() < 1e-6);
    }
}
