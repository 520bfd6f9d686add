//! The wavelet block: PyWavelets' `dwt2(plane, "sym4")` in its default symmetric mode.

use multiversion::multiversion;

/// sym4's decomposition low-pass filter, as PyWavelets has it.
const LOW_PASS: [f64; 8] = [
    -0.07576571478927333,
    -0.02963552764599851,
    0.49761866763201545,
    0.8037387518059161,
    0.29785779560527736,
    -0.09921954357684722,
    -0.012603967262037833,
    0.0322231006040427,
];

/// sym4's decomposition high-pass filter.
const HIGH_PASS: [f64; 8] = [
    -0.0322231006040427,
    -0.012603967262037833,
    0.09921954357684722,
    0.29785779560527736,
    -0.8037387518059161,
    0.49761866763201545,
    0.02963552764599851,
    -0.07576571478927333,
];

const TAPS: usize = LOW_PASS.len();

/// Two levels of the transform, and the buffers between columns and rows, kept between films.
#[derive(Default)]
pub(super) struct Wavelet {
    low: Vec<f64>,
    high: Vec<f64>,
    levels: [Subbands; 2],
}

impl Wavelet {
    /// Level 1 of the plane, and level 2 of its approximation.
    pub(super) fn levels(&mut self, plane: &[f64], height: usize, width: usize) -> &[Subbands; 2] {
        let [first, second] = &mut self.levels;
        first.transform(plane, height, width, &mut self.low, &mut self.high);
        second.transform(&first.ca, first.height, first.width, &mut self.low, &mut self.high);
        &self.levels
    }
}

/// One level of the transform: approximation, horizontal, vertical and diagonal detail, each
/// `height × width`, row-major. Horizontal detail is high-pass down the columns (PyWavelets' "da").
#[derive(Default)]
pub(super) struct Subbands {
    width: usize,
    height: usize,
    pub(super) ca: Vec<f64>,
    pub(super) ch: Vec<f64>,
    pub(super) cv: Vec<f64>,
    pub(super) cd: Vec<f64>,
}

impl Subbands {
    /// PyWavelets' `dwt2`: down the columns first, then along the rows. Every output is summed in
    /// PyWavelets' order: in flat regions the high-pass sums are rounding noise, which the
    /// statistics (over exactly non-zero values) see.
    fn transform(
        &mut self,
        plane: &[f64],
        height: usize,
        width: usize,
        low: &mut Vec<f64>,
        high: &mut Vec<f64>,
    ) {
        (self.height, self.width) = (output_length(height), output_length(width));
        down_columns(plane, height, width, low, high);
        along_rows(low, width, &mut self.ca, &mut self.cv);
        along_rows(high, width, &mut self.ch, &mut self.cd);
    }
}

/// Makes the buffer that was there so long; what is in it is written over.
fn fit(buffer: &mut Vec<f64>, length: usize) {
    buffer.resize(length, 0.0);
}

fn output_length(length: usize) -> usize {
    (length + TAPS - 1) / 2
}

/// For output `o` of a signal of `length` samples (at least as many as the filter has taps):
/// which tap meets which sample, in the order in which PyWavelets sums. Beyond the ends the
/// signal is mirrored half-sample: … 1 0 | 0 1 …
fn meetings(o: usize, length: usize) -> [(usize, usize); TAPS] {
    let i = 2 * o + 1;
    let mut order = [(0, 0); TAPS];
    let beyond = if i >= length { i - length + 1 } else { 0 };
    for (k, slot) in order.iter_mut().enumerate() {
        *slot = if k < beyond {
            // Past the end: from the last sample inwards, taps descending.
            (i - length - k, length - 1 - k)
        } else if k <= i {
            (k, i - k)
        } else {
            (k, k - i - 1)
        };
    }
    order
}

/// Outputs whose sums stay in registers while the taps are added.
const LANES: usize = 8;

/// Sums of the low-pass and the high-pass filter.
type Sums = ([f64; LANES], [f64; LANES]);

/// Adds one tap to the sums of neighbouring outputs.
#[inline(always)]
fn add_tap((low, high): &mut Sums, tap: usize, samples: &[f64; LANES]) {
    let (l, h) = (LOW_PASS[tap], HIGH_PASS[tap]);
    for lane in 0..LANES {
        low[lane] += l * samples[lane];
        high[lane] += h * samples[lane];
    }
}

fn down_columns(plane: &[f64], height: usize, width: usize, low: &mut Vec<f64>, high: &mut Vec<f64>) {
    let rows = output_length(height);
    fit(low, rows * width);
    fit(high, rows * width);
    for (o, (low, high)) in low.chunks_exact_mut(width).zip(high.chunks_exact_mut(width)).enumerate() {
        row_of_sums(meetings(o, height).map(|(tap, row)| (tap, &plane[row * width..][..width])), low, high);
    }
}

/// A row of both outputs from the rows that the taps meet. A function of its own, which a browser compiles well once it has
/// been called a few times.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn row_of_sums(sources: [(usize, &[f64]); TAPS], low: &mut [f64], high: &mut [f64]) {
    let (low_blocks, low_rest) = low.as_chunks_mut::<LANES>();
    let (high_blocks, high_rest) = high.as_chunks_mut::<LANES>();
    let blocks = sources.map(|(tap, source)| (tap, source.as_chunks::<LANES>().0));
    for (k, (low, high)) in low_blocks.iter_mut().zip(high_blocks).enumerate() {
        let mut sums = ([0.0; LANES], [0.0; LANES]);
        for (tap, blocks) in blocks {
            add_tap(&mut sums, tap, &blocks[k]);
        }
        (*low, *high) = sums;
    }
    low_rest.fill(0.0);
    high_rest.fill(0.0);
    for (tap, source) in sources {
        let rest = source.as_chunks::<LANES>().1;
        for ((low, high), &sample) in low_rest.iter_mut().zip(high_rest.iter_mut()).zip(rest) {
            *low += LOW_PASS[tap] * sample;
            *high += HIGH_PASS[tap] * sample;
        }
    }
}

fn along_rows(plane: &[f64], width: usize, low: &mut Vec<f64>, high: &mut Vec<f64>) {
    let columns = output_length(width);
    let rows = plane.len() / width;
    fit(low, rows * columns);
    fit(high, rows * columns);
    // Outputs whose taps all fall inside the row: sample 2 o + 1 − tap. Even and odd samples
    // apart, they are sums of shifted rows. What is left over of whole blocks is summed as the edges are.
    let first = TAPS / 2 - 1;
    let end = first + (width / 2).saturating_sub(first) / LANES * LANES;
    let edges: Vec<_> =
        (0..columns).filter(|o| !(first..end).contains(o)).map(|o| (o, meetings(o, width))).collect();
    let mut phases = [vec![0.0; width / 2 + 1], vec![0.0; width / 2 + 1]];
    for ((row, low), high) in
        plane.chunks_exact(width).zip(low.chunks_exact_mut(columns)).zip(high.chunks_exact_mut(columns))
    {
        along_row(row, first..end, &mut phases, low, high);
        for (o, meetings) in &edges {
            let mut sums = (0.0, 0.0);
            for &(tap, column) in meetings {
                sums.0 += LOW_PASS[tap] * row[column];
                sums.1 += HIGH_PASS[tap] * row[column];
            }
            (low[*o], high[*o]) = sums;
        }
    }
}

/// The outputs of a row, in whole blocks, whose taps all fall inside the row.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn along_row(
    row: &[f64],
    inner: std::ops::Range<usize>,
    phases: &mut [Vec<f64>; 2],
    low: &mut [f64],
    high: &mut [f64],
) {
    for (k, &[even, odd]) in row.as_chunks::<2>().0.iter().enumerate() {
        phases[0][k] = even;
        phases[1][k] = odd;
    }
    for o in inner.step_by(LANES) {
        let mut sums = ([0.0; LANES], [0.0; LANES]);
        for tap in 0..TAPS {
            // 2 o + 1 − tap is odd for even taps; both are at place o − ⌊tap / 2⌋ of their phase.
            if let Some(samples) = phases[(tap + 1) % 2][o - tap / 2..].first_chunk() {
                add_tap(&mut sums, tap, samples);
            }
        }
        low[o..][..LANES].copy_from_slice(&sums.0);
        high[o..][..LANES].copy_from_slice(&sums.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Extend, convolve, keep every second sample: the textbook.
    fn naive(signal: &[f64], filter: &[f64; TAPS]) -> Vec<f64> {
        let n = signal.len() as isize;
        let at = |i: isize| {
            let folded = i.rem_euclid(2 * n);
            signal[if folded < n { folded } else { 2 * n - 1 - folded } as usize]
        };
        (0..output_length(signal.len()) as isize)
            .map(|o| (0..TAPS as isize).map(|j| filter[j as usize] * at(2 * o + 1 - j)).sum())
            .collect()
    }

    proptest! {
        #[test]
        fn rows_and_columns_equal_the_textbook(signal in proptest::collection::vec(-1.0_f64..1.0, 8..60)) {
            let n = signal.len();
            let (mut rows, mut columns) = ((vec![], vec![]), (vec![], vec![]));
            along_rows(&signal, n, &mut rows.0, &mut rows.1);
            down_columns(&signal, n, 1, &mut columns.0, &mut columns.1);
            for (low, high) in [rows, columns] {
                for (fast, filter) in [(low, LOW_PASS), (high, HIGH_PASS)] {
                    let slow = naive(&signal, &filter);
                    prop_assert_eq!(fast.len(), slow.len());
                    for (a, b) in fast.iter().zip(slow) {
                        prop_assert!((a - b).abs() < 1e-12);
                    }
                }
            }
        }
    }

    #[test]
    fn a_step_down_the_rows_is_horizontal_detail() {
        let plane: Vec<f64> = (0..32 * 32).map(|k| if k / 32 < 15 { 0.0 } else { 1.0 }).collect();
        let mut wavelet = Wavelet::default();
        let [bands, _] = wavelet.levels(&plane, 32, 32);
        let energy = |band: &[f64]| band.iter().map(|v| v * v).sum::<f64>();
        assert!(energy(&bands.ch) > 1e3 * energy(&bands.cv));
        assert!(energy(&bands.ch) > 1e3 * energy(&bands.cd));
    }
}
