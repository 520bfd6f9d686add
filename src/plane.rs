//! Planes of numbers and how they are sampled; nothing about chests.

/// A row-major plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane<T = f32> {
    /// The number of columns.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
    /// `width × height` values, row-major.
    pub pixels: Vec<T>,
}

/// Takes positions in an output to positions in an input: `x' = xx·x + xy·y + x0`, `y'` alike. A
/// pixel's centre is at half-integers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Affine {
    pub xx: f32,
    pub xy: f32,
    pub x0: f32,
    pub yx: f32,
    pub yy: f32,
    pub y0: f32,
}

impl Affine {
    /// The rectangle with a corner at (`left`, `top`), stretched over a square of `side` pixels.
    pub fn of_rectangle(left: f32, top: f32, width: f32, height: f32, side: usize) -> Self {
        let side = side as f32;
        Self { xx: width / side, xy: 0.0, x0: left, yx: 0.0, yy: height / side, y0: top }
    }

    /// Where a position goes.
    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        (self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0)
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let (x0, y0) = next.apply(self.x0, self.y0);
        Self {
            xx: next.xx * self.xx + next.xy * self.yx,
            xy: next.xx * self.xy + next.xy * self.yy,
            x0,
            yx: next.yx * self.xx + next.yy * self.yx,
            yy: next.yx * self.xy + next.yy * self.yy,
            y0,
        }
    }
}

impl<T: Copy + Into<f32>> Plane<T> {
    /// Linear interpolation; beyond the edge, the edge pixel.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let x = (x - 0.5).clamp(0.0, self.width as f32 - 1.0);
        let y = (y - 0.5).clamp(0.0, self.height as f32 - 1.0);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let of = |x: usize, y: usize| -> f32 { self.pixels[y * self.width + x].into() };
        let upper = of(left, top) + fx * (of(right, top) - of(left, top));
        let lower = of(left, bottom) + fx * (of(right, bottom) - of(left, bottom));
        upper + fy * (lower - upper)
    }

    /// A square of `side` pixels of what `affine` points at, each the mean of as many samples as it
    /// covers pixels (at most 4 × 4); positions beyond the plane count as `outside`.
    pub fn warp(&self, affine: &Affine, side: usize, outside: f32) -> Vec<f32> {
        let taps = |a: f32, b: f32| (a.hypot(b).round() as usize).clamp(1, 4);
        let taps = (taps(affine.xx, affine.yx), taps(affine.xy, affine.yy));
        let mut output = vec![0.0; side * side];
        for (y, row) in output.chunks_exact_mut(side).enumerate() {
            self.warp_row(affine, y, taps, outside, row);
        }
        output
    }

    /// A function of its own: a browser compiles it well once it has been called a few times.
    #[inline(never)]
    fn warp_row(
        &self,
        affine: &Affine,
        y: usize,
        (across, down): (usize, usize),
        outside: f32,
        row: &mut [f32],
    ) {
        let share = 1.0 / (across * down) as f32;
        let (width, height) = (self.width as f32, self.height as f32);
        for (x, output) in row.iter_mut().enumerate() {
            let mut sum = 0.0;
            for v in 0..down {
                for u in 0..across {
                    let dx = (u as f32 + 0.5) / across as f32;
                    let dy = (v as f32 + 0.5) / down as f32;
                    let (px, py) = affine.apply(x as f32 + dx, y as f32 + dy);
                    let inside = px >= 0.0 && py >= 0.0 && px < width && py < height;
                    sum += if inside { self.at(px, py) } else { outside };
                }
            }
            *output = sum * share;
        }
    }
}

/// The largest value within `radius` columns and rows of each pixel of a square.
pub fn dilate(values: &[f32], side: usize, radius: usize) -> Vec<f32> {
    let along = |input: &[f32], stride: usize, across: usize| {
        let mut output = vec![0.0; input.len()];
        for start in (0..side).map(|line| line * across) {
            dilate_line(&input[start..], side, stride, radius, &mut output[start..]);
        }
        output
    };
    along(&along(values, 1, side), side, 1)
}

/// The same along one line, whose values are `stride` apart.
#[inline(never)]
fn dilate_line(input: &[f32], side: usize, stride: usize, radius: usize, output: &mut [f32]) {
    for k in 0..side {
        let (low, high) = (k.saturating_sub(radius), (k + radius).min(side - 1));
        let window = (low..=high).map(|k| input[k * stride]);
        // Not f32::max, which WebAssembly has to call for every number.
        let larger = |a: f32, b: f32| if b > a { b } else { a };
        output[k * stride] = window.fold(f32::NEG_INFINITY, larger);
    }
}

/// Standardised values are cut off here.
const LIMIT: f32 = 4.0;

/// Mean 0 and deviation 1 over the finite values that count, cut off at ±4; others become 0.
pub fn standardize(values: &mut [f32], counts: impl Fn(usize) -> bool) {
    let (mut number, mut sum, mut squares) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (k, value) in values.iter().enumerate() {
        if value.is_finite() && counts(k) {
            let value = f64::from(*value);
            (number, sum, squares) = (number + 1.0, sum + value, squares + value * value);
        }
    }
    let mean = sum / f64::max(number, 1.0);
    let deviation = (squares / f64::max(number, 1.0) - mean * mean).max(0.0).sqrt().max(1e-3);
    for value in values {
        let standard = (*value - mean as f32) / deviation as f32;
        *value = if standard.is_finite() { standard.clamp(-LIMIT, LIMIT) } else { 0.0 };
    }
}

/// Grey levels that ranks are told apart by.
const BINS: usize = 1024;

/// Every value by its rank among the finite values that count: −√3 for the lowest, √3 for the highest, so that mean and
/// deviation are 0 and 1; others become 0 where they are not finite. No curve of contrast changes it, and a bright object
/// shifts it by no more than the share of the values that it hides.
pub fn rank(values: &mut [f32], counts: impl Fn(usize) -> bool) {
    let counted = || values.iter().enumerate().filter(|(k, value)| value.is_finite() && counts(*k));
    let (low, high) = counted().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), (_, &value)| {
        (low.min(value), high.max(value))
    });
    let scale = BINS as f32 / (high - low).max(1e-6);
    let place = |value: f32| ((value - low) * scale).clamp(0.0, BINS as f32 - 0.5);
    let mut below = [0.0_f32; BINS + 1];
    counted().for_each(|(_, &value)| below[place(value) as usize + 1] += 1.0);
    let total = counted().count().max(1) as f32;
    for k in 0..BINS {
        below[k + 1] += below[k];
    }
    // Between the ranks of a bin's edges, linearly.
    let shares = below.map(|count| count / total);
    for value in values {
        let at = place(*value);
        let bin = at as usize;
        let share = shares[bin] + (at - bin as f32) * (shares[bin + 1] - shares[bin]);
        *value = if value.is_finite() { (share - 0.5) * 12.0_f32.sqrt() } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The obvious way: how many values are smaller, and half of those that are equal.
    #[test]
    fn a_rank_is_the_share_of_what_is_smaller() {
        let values: Vec<f32> = (0..400).map(|k| ((k * 37 % 101) as f32).powi(2) / 40.0).collect();
        let counts = |k: usize| !k.is_multiple_of(3);
        let mut ranked = values.clone();
        rank(&mut ranked, counts);
        let counted: Vec<f32> = (0..400).filter(|&k| counts(k)).map(|k| values[k]).collect();
        for (value, ranked) in values.iter().zip(&ranked) {
            let smaller = counted.iter().filter(|other| *other < value).count() as f32;
            let equal = counted.iter().filter(|other| *other == value).count() as f32;
            let (low, high) = (smaller / counted.len() as f32, (smaller + equal) / counted.len() as f32);
            let share = ranked / 12.0_f32.sqrt() + 0.5;
            // Within its bin, and values of one bin are as good as equal.
            assert!(share > low - 0.02 && share < high + 0.02, "{value}: {share} of {low} to {high}");
        }
    }

    #[test]
    fn contrast_changes_no_rank_and_a_bright_object_hardly_any() {
        let values: Vec<f32> = (0..1000).map(|k| 20.0 + (k * 7919 % 1000) as f32 / 5.0).collect();
        let ranked = |change: &dyn Fn(usize, f32) -> f32| {
            let mut changed: Vec<f32> =
                values.iter().enumerate().map(|(k, &value)| change(k, value)).collect();
            rank(&mut changed, |_| true);
            changed
        };
        let furthest = |a: &[f32], b: &[f32], of: std::ops::Range<usize>| {
            of.map(|k| (a[k] - b[k]).abs()).fold(0.0, f32::max)
        };
        let plain = ranked(&|_, value| value);
        let gamma = ranked(&|_, value| (value / 255.0).powi(2) * 255.0);
        assert!(furthest(&plain, &gamma, 0..1000) < 0.02);
        let object = ranked(&|k, value| if k < 50 { 255.0 } else { value });
        assert!(furthest(&plain, &object, 50..1000) < 0.05 * 12.0_f32.sqrt() + 0.01);
        let (mean, squares) = plain.iter().fold((0.0, 0.0), |(m, s), v| (m + v / 1000.0, s + v * v / 1000.0));
        assert!(mean.abs() < 0.01 && (squares - 1.0).abs() < 0.02, "{mean} {squares}");
    }

    #[test]
    fn what_has_no_rank_is_zero() {
        let mut values = [3.0, f32::NAN, 1.0, 2.0];
        rank(&mut values, |_| true);
        assert!(values[1] == 0.0 && values[2] < values[3] && values[3] < values[0], "{values:?}");
        for mut flat in [[5.0; 4], [f32::NAN; 4]] {
            rank(&mut flat, |_| true);
            assert!(flat.iter().all(|value| value.is_finite() && value.abs() <= 3.0_f32.sqrt()), "{flat:?}");
        }
    }

    #[test]
    fn a_warp_onto_itself_changes_nothing() {
        let pixels: Vec<f32> = (0..36).map(|k| (k * k % 17) as f32).collect();
        let plane = Plane { width: 6, height: 6, pixels: pixels.clone() };
        assert_eq!(plane.warp(&Affine::of_rectangle(0.0, 0.0, 6.0, 6.0, 6), 6, -1.0), pixels);
    }

    #[test]
    fn shrinking_takes_means() {
        let plane = Plane { width: 4, height: 4, pixels: (0..16).map(|k| k as f32).collect() };
        let half = plane.warp(&Affine::of_rectangle(0.0, 0.0, 4.0, 4.0, 2), 2, -1.0);
        assert_eq!(half, [2.5, 4.5, 10.5, 12.5]);
        let beyond = plane.warp(&Affine::of_rectangle(4.0, 0.0, 4.0, 4.0, 2), 2, -1.0);
        assert_eq!(beyond, [-1.0; 4]);
    }

    #[test]
    fn affines_compose() {
        let a = Affine { xx: 2.0, xy: 0.5, x0: 1.0, yx: -0.25, yy: 3.0, y0: -2.0 };
        let b = Affine { xx: 0.5, xy: -1.0, x0: 4.0, yx: 1.5, yy: 1.0, y0: 7.0 };
        let (x, y) = a.apply(3.0, 5.0);
        assert_eq!(a.then(&b).apply(3.0, 5.0), b.apply(x, y));
    }

    #[test]
    fn positions_between_pixels_are_interpolated() {
        let plane = Plane { width: 2, height: 2, pixels: vec![0.0, 1.0, 10.0, 11.0] };
        assert_eq!(plane.at(0.5, 0.5), 0.0);
        assert_eq!(plane.at(1.0, 0.5), 0.5, "across is x");
        assert_eq!(plane.at(0.5, 1.0), 5.0, "down is y");
        assert_eq!(plane.at(-3.0, 9.0), 10.0, "beyond the edge, the edge");
    }

    #[test]
    fn what_counts_is_standardised_and_the_rest_with_it() {
        let mut values = [1.0, 3.0, 100.0, f32::NAN, -1e6];
        standardize(&mut values, |k| k < 2);
        assert_eq!(values, [-1.0, 1.0, 4.0, 0.0, -4.0]);
    }

    proptest::proptest! {
        #[test]
        fn dilation_is_the_largest_near_by(side in 1_usize..14, radius in 0_usize..5, seed in 0_u32..1000) {
            let mut state = seed;
            let values: Vec<f32> = (0..side * side).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32
            }).collect();
            for (k, value) in dilate(&values, side, radius).into_iter().enumerate() {
                let (x, y) = (k % side, k / side);
                let near = (0..side * side)
                    .filter(|n| (n % side).abs_diff(x) <= radius && (n / side).abs_diff(y) <= radius);
                proptest::prop_assert_eq!(value, near.map(|n| values[n]).fold(0.0, f32::max));
            }
        }
    }

    #[test]
    fn dilation_reaches_its_radius() {
        let mut values = vec![0.0; 81];
        values[4 * 9 + 4] = 1.0;
        let dilated = dilate(&values, 9, 2);
        assert_eq!(dilated.iter().sum::<f32>(), 25.0);
        assert_eq!(dilated[2 * 9 + 2], 1.0);
    }
}
