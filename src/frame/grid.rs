//! A picture in cells: the least and the largest value of each.
//!
//! On the first film a browser has compiled nothing well yet. It compiles a function well once it has been called often, and
//! only for later calls. So what takes time is done by the row, in functions of their own.

use crate::radiograph::{Radiograph, Samples};

/// The longer side of a picture has at most so many cells.
const CELLS: usize = 384;
/// Cells of fewer pixels on a side than this also look at their neighbours: one pixel alone is always uniform.
const LEAST_CELL_PX: usize = 3;

/// A rectangle of a grid or of a picture; `right` and `bottom` lie outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) right: usize,
    pub(super) bottom: usize,
}

impl Span {
    pub(super) fn width(&self) -> usize {
        self.right - self.left
    }

    pub(super) fn height(&self) -> usize {
        self.bottom - self.top
    }

    pub(super) fn area(&self) -> usize {
        self.width() * self.height()
    }

    /// Whether both have cells in common.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// A stored value.
pub(super) trait Value: Copy + PartialOrd + Into<f64> {
    fn single(self) -> f32;
}

impl Value for u8 {
    fn single(self) -> f32 {
        self.into()
    }
}

impl Value for u16 {
    fn single(self) -> f32 {
        self.into()
    }
}

impl Value for f64 {
    fn single(self) -> f32 {
        self as f32
    }
}

/// The cells of a picture, row-major. The values are 0…255 of the picture's own range.
pub(super) struct Grid {
    /// Pixels on a side of a cell; the last of a row or column may have fewer.
    pub(super) cell: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) low: Vec<f32>,
    pub(super) high: Vec<f32>,
    /// From stored values to the grid's: first this is taken away…
    pub(super) offset: f64,
    /// … then this is multiplied with.
    pub(super) gain: f64,
}

impl Grid {
    pub(super) fn of(film: &Radiograph) -> Self {
        let cell = film.width.max(film.height).div_ceil(CELLS);
        let size = (film.width, film.height);
        let (low, high) = match &film.samples {
            Samples::U8(samples) => extremes(samples, size, cell),
            Samples::U16(samples) => extremes(samples, size, cell),
            Samples::F64(samples) => extremes(samples, size, cell),
        };
        let (columns, rows) = (film.width.div_ceil(cell), film.height.div_ceil(cell));
        let least = low.chunks(columns).map(least_of).fold(f64::INFINITY, f64::min);
        let most = high.chunks(columns).map(most_of).fold(f64::NEG_INFINITY, f64::max);
        let gain = if most > least { 255.0 / (most - least) } else { 0.0 };
        let scaled = |values: &[f64]| {
            let mut scaled = Vec::with_capacity(values.len());
            values.chunks(columns).for_each(|row| scale(row, least, gain, &mut scaled));
            scaled
        };
        let (low, high) = (scaled(&low), scaled(&high));
        let grid = Self { cell, columns, rows, low, high, offset: least, gain };
        if cell < LEAST_CELL_PX { grid.with_neighbours() } else { grid }
    }

    /// All cells.
    pub(super) fn whole(&self) -> Span {
        Span { left: 0, top: 0, right: self.columns, bottom: self.rows }
    }

    /// Each cell with the eight around it.
    fn with_neighbours(self) -> Self {
        let around = |values: &[f32], better: fn(f32, f32) -> f32| {
            let mut output = Vec::with_capacity(values.len());
            for y in 0..self.rows {
                for x in 0..self.columns {
                    let mut best = values[y * self.columns + x];
                    for row in y.saturating_sub(1)..(y + 2).min(self.rows) {
                        for column in x.saturating_sub(1)..(x + 2).min(self.columns) {
                            best = better(best, values[row * self.columns + column]);
                        }
                    }
                    output.push(best);
                }
            }
            output
        };
        let low = around(&self.low, |a, b| if b < a { b } else { a });
        let high = around(&self.high, |a, b| if b > a { b } else { a });
        Self { low, high, ..self }
    }
}

/// The least and the largest value of every cell.
fn extremes<T: Value>(samples: &[T], (width, height): (usize, usize), cell: usize) -> (Vec<f64>, Vec<f64>) {
    let count = width.div_ceil(cell) * height.div_ceil(cell);
    let (mut lows, mut highs) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let (mut low, mut high, mut spare) = (Vec::new(), Vec::new(), Vec::new());
    for rows in samples.chunks(cell * width) {
        // Column by column over the rows of a cell, which the compiler does many at a time.
        low.clear();
        low.extend_from_slice(&rows[..width]);
        high.clone_from(&low);
        for row in rows.chunks_exact(width).skip(1) {
            widen(&mut low, &mut high, row);
        }
        along(&mut low, &mut spare, cell, lesser);
        along(&mut high, &mut spare, cell, greater);
        first_of_cells(&low, cell, &mut lows);
        first_of_cells(&high, cell, &mut highs);
    }
    (lows, highs)
}

fn lesser<T: Value>(a: T, b: T) -> T {
    if b < a { b } else { a }
}

fn greater<T: Value>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

/// Takes another row into the least and the largest value of every column.
#[inline(never)]
fn widen<T: Value>(low: &mut [T], high: &mut [T], row: &[T]) {
    low.iter_mut().zip(row).for_each(|(low, &value)| *low = lesser(*low, value));
    high.iter_mut().zip(row).for_each(|(high, &value)| *high = greater(*high, value));
}

#[inline(never)]
fn first_of_cells<T: Value>(line: &[T], cell: usize, output: &mut Vec<f64>) {
    output.extend(line.iter().step_by(cell).map(|&value| value.into()));
}

#[inline(never)]
fn least_of(row: &[f64]) -> f64 {
    row.iter().copied().fold(f64::INFINITY, f64::min)
}

#[inline(never)]
fn most_of(row: &[f64]) -> f64 {
    row.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

#[inline(never)]
fn scale(row: &[f64], least: f64, gain: f64, scaled: &mut Vec<f32>) {
    scaled.extend(row.iter().map(|value| ((value - least) * gain) as f32));
}

/// Puts at every place the `better` of it and those after it, as many as a cell has: of twice as many each time.
#[inline(never)]
fn along<T: Value>(line: &mut Vec<T>, spare: &mut Vec<T>, cell: usize, better: impl Fn(T, T) -> T) {
    if let Some(&last) = line.last() {
        line.resize(line.len().next_multiple_of(cell), last);
    }
    let mut have = 1;
    while have < cell {
        let step = have.min(cell - have);
        spare.clear();
        spare.extend(line.iter().zip(&line[step..]).map(|(&a, &b)| better(a, b)));
        spare.extend_from_slice(&line[line.len() - step..]);
        std::mem::swap(line, spare);
        have += step;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// As one would look for them.
        #[test]
        fn cells_have_their_least_and_largest_value(
            width in 1_usize..40,
            height in 1_usize..30,
            cell in 1_usize..12,
            samples in prop::collection::vec(any::<u8>(), 1200),
        ) {
            let (lows, highs) = extremes(&samples[..width * height], (width, height), cell);
            let (columns, rows) = (width.div_ceil(cell), height.div_ceil(cell));
            prop_assert_eq!((lows.len(), highs.len()), (columns * rows, columns * rows));
            for k in 0..columns * rows {
                let (left, top) = (k % columns * cell, k / columns * cell);
                let rows = top..(top + cell).min(height);
                let values = rows.flat_map(|y| &samples[y * width + left..y * width + (left + cell).min(width)]);
                prop_assert_eq!(lows[k], f64::from(*values.clone().min().unwrap()));
                prop_assert_eq!(highs[k], f64::from(*values.max().unwrap()));
            }
        }
    }
}
