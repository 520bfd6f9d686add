//! The wavelet block: PyWavelets' `dwt2(plane, "sym4")` in its default symmetric mode.

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

/// One level of the transform: approximation, horizontal, vertical and diagonal detail, each
/// `height × width`, row-major. Horizontal detail is high-pass down the columns (PyWavelets' "da").
pub(super) struct Subbands {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) ca: Vec<f64>,
    pub(super) ch: Vec<f64>,
    pub(super) cv: Vec<f64>,
    pub(super) cd: Vec<f64>,
}

/// Down the columns first, then along the rows, as PyWavelets does. Every output is summed in
/// PyWavelets' order: in flat regions the high-pass sums are rounding noise, which the statistics
/// (over exactly non-zero values) see.
pub(super) fn dwt2(plane: &[f64], height: usize, width: usize) -> Subbands {
    let out_height = output_length(height);
    let out_width = output_length(width);
    let (low, high) = down_columns(plane, height, width);
    let (ca, cv) = along_rows(&low, width);
    let (ch, cd) = along_rows(&high, width);
    Subbands { width: out_width, height: out_height, ca, ch, cv, cd }
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

fn down_columns(plane: &[f64], height: usize, width: usize) -> (Vec<f64>, Vec<f64>) {
    let rows = output_length(height);
    let mut low = vec![0.0; rows * width];
    let mut high = vec![0.0; rows * width];
    for o in 0..rows {
        let low = &mut low[o * width..(o + 1) * width];
        let high = &mut high[o * width..(o + 1) * width];
        for (tap, row) in meetings(o, height) {
            let source = &plane[row * width..(row + 1) * width];
            let (l, h) = (LOW_PASS[tap], HIGH_PASS[tap]);
            for ((low, high), &sample) in low.iter_mut().zip(high.iter_mut()).zip(source) {
                *low += l * sample;
                *high += h * sample;
            }
        }
    }
    (low, high)
}

fn along_rows(plane: &[f64], width: usize) -> (Vec<f64>, Vec<f64>) {
    let columns = output_length(width);
    let rows = plane.len() / width;
    let mut low = Vec::with_capacity(rows * columns);
    let mut high = Vec::with_capacity(rows * columns);
    let edges: Vec<_> = (0..columns).map(|o| meetings(o, width)).collect();
    let inner = TAPS / 2..(width - 1) / 2;
    for row in plane.chunks_exact(width) {
        for (o, meetings) in edges.iter().enumerate() {
            let (mut l, mut h) = (0.0, 0.0);
            if inner.contains(&o) {
                let window = &row[2 * o + 2 - TAPS..2 * o + 2];
                for (tap, &sample) in window.iter().rev().enumerate() {
                    l += LOW_PASS[tap] * sample;
                    h += HIGH_PASS[tap] * sample;
                }
            } else {
                for &(tap, column) in meetings {
                    l += LOW_PASS[tap] * row[column];
                    h += HIGH_PASS[tap] * row[column];
                }
            }
            low.push(l);
            high.push(h);
        }
    }
    (low, high)
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
            for (low, high) in [along_rows(&signal, n), down_columns(&signal, n, 1)] {
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
        let bands = dwt2(&plane, 32, 32);
        let energy = |band: &[f64]| band.iter().map(|v| v * v).sum::<f64>();
        assert!(energy(&bands.ch) > 1e3 * energy(&bands.cv));
        assert!(energy(&bands.ch) > 1e3 * energy(&bands.cd));
    }
}
