//! The compute shaders, and beside each its twin in Rust: the same loop over the same names, to read
//! side by side. The twins are run by [`Twin`](super::Twin), in tests.

#[cfg(any(test, feature = "parity"))]
pub(crate) mod add_relu;
#[cfg(any(test, feature = "parity"))]
pub(crate) mod convolve;
#[cfg(any(test, feature = "parity"))]
pub(crate) mod enlarge;
#[cfg(any(test, feature = "parity"))]
pub(crate) mod mean;
#[cfg(any(test, feature = "parity"))]
pub(crate) mod spread;

use super::Conv;
use super::ConvWeights;

/// Threads of a workgroup.
pub(crate) const THREADS: u32 = 64;

/// The text of every shader; tests replace one to see that a wrong kernel is found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Shaders {
    pub add_relu: String,
    pub convolve: String,
    pub enlarge: String,
    pub mean: String,
    pub spread: String,
}

impl Default for Shaders {
    fn default() -> Self {
        Self {
            add_relu: include_str!("shaders/add_relu.wgsl").to_owned(),
            convolve: include_str!("shaders/convolve.wgsl").to_owned(),
            enlarge: include_str!("shaders/enlarge.wgsl").to_owned(),
            mean: include_str!("shaders/mean.wgsl").to_owned(),
            spread: include_str!("shaders/spread.wgsl").to_owned(),
        }
    }
}

/// How much one thread of a convolution sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Tile {
    /// Neighbouring columns.
    pub(crate) columns: usize,
    /// Times four output channels.
    pub(crate) fours: usize,
}

/// From the most work per thread to the least.
pub(crate) const TILES: [Tile; 4] = [
    Tile { columns: 4, fours: 2 },
    Tile { columns: 4, fours: 1 },
    Tile { columns: 2, fours: 1 },
    Tile { columns: 1, fours: 1 },
];

impl Tile {
    /// Threads for an output of so many channels, rows and columns; `None` where the channels do
    /// not fit.
    pub(crate) fn threads(self, channels: usize, side: usize) -> Option<usize> {
        let fours = channels.div_ceil(4);
        fours.is_multiple_of(self.fours).then(|| fours / self.fours * side * side.div_ceil(self.columns))
    }

    /// The one with the most work per thread that still has `enough` threads; else the one with the
    /// most threads.
    pub(crate) fn choose(channels: usize, side: usize, enough: usize) -> Self {
        let fits = TILES.into_iter().filter(|tile| tile.threads(channels, side).is_some());
        let mut last = TILES[3];
        for tile in fits {
            last = tile;
            if tile.threads(channels, side) >= Some(enough) {
                break;
            }
        }
        last
    }
}

impl Shaders {
    /// The convolution for one kind of layer.
    pub(crate) fn convolve(&self, kernel: usize, stride: usize, tile: Tile) -> String {
        format!(
            "const KERNEL = {kernel}u;\nconst STRIDE = {stride}u;\nconst COLUMNS = {}u;\nconst FOURS = {}u;\n{}",
            tile.columns,
            tile.fours,
            plain(&self.convolve)
        )
    }
}

/// A shader as it is, with the number of threads that it is called with.
pub(crate) fn plain(text: &str) -> String {
    format!("const THREADS = {THREADS}u;\n\n{text}")
}

/// Weights as the convolution reads them: for each four outputs, for each four inputs, for each tap,
/// four columns (one per input) of four outputs; channels that are not there weigh nothing.
pub(crate) fn pack_weights(conv: &Conv, weights: &ConvWeights) -> Vec<[f32; 4]> {
    let taps = conv.kernel * conv.kernel;
    let mut packed = Vec::new();
    for first_output in (0..conv.outputs).step_by(4) {
        for first_input in (0..conv.inputs).step_by(4) {
            for tap in 0..taps {
                for input in first_input..first_input + 4 {
                    packed.push(std::array::from_fn(|lane| {
                        let output = first_output + lane;
                        match output < conv.outputs && input < conv.inputs {
                            true => weights.weights[(output * conv.inputs + input) * taps + tap],
                            false => 0.0,
                        }
                    }));
                }
            }
        }
    }
    packed
}

/// One number per channel, in fours.
pub(crate) fn pack_bias(bias: &[f32]) -> Vec<[f32; 4]> {
    bias.chunks(4).map(|four| std::array::from_fn(|lane| four.get(lane).copied().unwrap_or(0.0))).collect()
}

/// From fours of channels to (channels, pixels).
pub(crate) fn unpack(fours: &[[f32; 4]], channels: usize, pixels: usize, values: &mut Vec<f32>) {
    values.clear();
    for channel in 0..channels {
        let plane = &fours[channel / 4 * pixels..][..pixels];
        values.extend(plane.iter().map(|four| four[channel % 4]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validate(name: &str, text: &str) {
        let module = naga::front::wgsl::parse_str(text)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(text)));
        let flags = naga::valid::ValidationFlags::all();
        let mut validator = naga::valid::Validator::new(flags, naga::valid::Capabilities::empty());
        let valid = validator.validate(&module);
        valid.unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(text)));
    }

    #[test]
    fn every_shader_is_valid() {
        let shaders = Shaders::default();
        for (name, text) in [
            ("add_relu", &shaders.add_relu),
            ("enlarge", &shaders.enlarge),
            ("mean", &shaders.mean),
            ("spread", &shaders.spread),
        ] {
            validate(name, &plain(text));
        }
        for (kernel, stride) in [(1, 1), (1, 2), (3, 1), (3, 2)] {
            for tile in TILES {
                validate("convolve", &shaders.convolve(kernel, stride, tile));
            }
        }
    }

    #[test]
    fn a_tile_fits_its_layer() {
        for channels in [1, 3, 16, 32, 64, 128] {
            for side in [1, 7, 8, 64] {
                for enough in [0, 500, 1 << 30] {
                    let tile = Tile::choose(channels, side, enough);
                    assert!(tile.threads(channels, side).is_some(), "{channels} {side} {enough}");
                }
                assert_eq!(Tile::choose(channels, side, usize::MAX), TILES[3]);
            }
        }
        assert_eq!(Tile::choose(64, 64, 0), TILES[0]);
        assert_eq!(Tile::choose(3, 8, 0), TILES[1]);
    }
}
