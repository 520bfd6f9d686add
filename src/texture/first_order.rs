//! The fourteen first-order statistics, over the non-zero values of a plane.

/// Their names, in the paper's order. Deviations are population deviations; skewness and
/// (excess) kurtosis are biased, as SciPy's defaults; entropy (bits) and uniformity are over the
/// *distinct* values.
pub const STATISTICS: [&str; 14] = [
    "sum",
    "mean",
    "standard_deviation",
    "skewness",
    "kurtosis",
    "energy",
    "entropy",
    "maximum",
    "mean_absolute_deviation",
    "median",
    "minimum",
    "range",
    "root_mean_squared",
    "uniformity",
];

use multiversion::multiversion;

type Statistics = [f64; STATISTICS.len()];

/// Values that are done at a time, so that the functions which do it are called often: a browser compiles a function well only
/// then, and only for later calls.
const AT_A_TIME: usize = if cfg!(target_arch = "wasm32") { 4096 } else { usize::MAX };

/// Buffers kept between planes.
#[derive(Default)]
pub(super) struct Scratch {
    values: Vec<f64>,
    near: Vec<f64>,
    occurrences: Occurrences,
    counts: Vec<u32>,
}

impl Scratch {
    /// The statistics of the non-zero values of a plane.
    pub(super) fn statistics(&mut self, plane: &[f64]) -> Statistics {
        let zeros: usize = plane.chunks(AT_A_TIME).map(zeros).sum();
        let values = match zeros {
            0 => plane,
            _ => take(plane, &mut self.values, |value| value != 0.0),
        };
        if values.is_empty() {
            return [0.0; STATISTICS.len()];
        }
        let n = values.len();
        let Sums { sum, energy, minimum, maximum } = sums(values);
        let mean = if minimum == maximum { minimum } else { sum / n as f64 };
        let frequencies = self.occurrences.frequencies(values);
        let median = median(values, &mut self.near);
        let range = Range { minimum, median, maximum };
        assemble(n as f64, sum, energy, mean, deviations(values, mean), &frequencies, &range)
    }

    /// The statistics of the non-zero entries of a matrix of counts, min-max scaled to 0…1 first
    /// (so that an entry is zero where it is the smallest).
    pub(super) fn statistics_of_counts(&mut self, matrix: &[u32]) -> Statistics {
        let low = matrix.iter().copied().min().unwrap_or(0);
        let high = matrix.iter().copied().max().unwrap_or(0);
        let range = f64::from(high - low);
        of_runs(self.sorted_above(matrix, low, |&count| f64::from(count - low) / range))
    }

    /// The same as the authors' published table has it for 135°: not scaled, and the squares in
    /// `energy` and `root_mean_squared` in 32 bit, where NumPy wrapped around without a word
    /// (one film of the 420 has a count above 65,535).
    pub(super) fn published_statistics_of_counts(&mut self, matrix: &[u32]) -> Statistics {
        let mut statistics = of_runs(self.sorted_above(matrix, 0, |&count| f64::from(count)));
        let present = matrix.iter().filter(|&&count| count > 0);
        let energy: f64 = present.clone().map(|&count| f64::from(count.wrapping_mul(count))).sum();
        statistics[5] = energy;
        statistics[12] = (energy / (present.count() as f64).max(1.0)).sqrt();
        statistics
    }

    fn sorted_above<F: Fn(&u32) -> f64>(&mut self, matrix: &[u32], low: u32, value: F) -> Runs<'_, u32, F> {
        // Most are small: how often each of those occurs is counted, and only the others are sorted.
        let mut few = [0_usize; FEW];
        self.counts.clear();
        for &count in matrix.iter().filter(|&&count| count > low) {
            match few.get_mut(count as usize) {
                Some(few) => *few += 1,
                None => self.counts.push(count),
            }
        }
        self.counts.sort_unstable();
        let large = self.counts.len();
        for (count, &times) in few.iter().enumerate() {
            self.counts.extend(std::iter::repeat_n(count as u32, times));
        }
        self.counts.rotate_left(large);
        Runs::new(&self.counts, value)
    }
}

/// Counts below are small.
const FEW: usize = 256;

/// The statistics of a plane that takes few values, from how often it takes each.
pub(super) fn of_histogram(counts: &[u64; 256], levels: &[f64; 256]) -> Statistics {
    let present = counts.iter().zip(levels).filter(|&(&count, &level)| count > 0 && level != 0.0);
    of_runs(present.map(|(&count, &level)| (level, count as f64)))
}

/// The distinct values of a sorted slice, ascending, each with its number of occurrences.
#[derive(Clone)]
struct Runs<'a, T, F> {
    rest: &'a [T],
    value: F,
}

impl<'a, T: PartialEq, F: Fn(&T) -> f64> Runs<'a, T, F> {
    fn new(sorted: &'a [T], value: F) -> Self {
        Self { rest: sorted, value }
    }
}

impl<T: PartialEq, F: Fn(&T) -> f64> Iterator for Runs<'_, T, F> {
    type Item = (f64, f64);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.rest.first()?;
        let length = self.rest.iter().take_while(|&other| other == first).count();
        let value = (self.value)(first);
        self.rest = &self.rest[length..];
        Some((value, length as f64))
    }
}

/// The statistics of distinct, ascending values and how often each occurs. Zeros for none.
fn of_runs(runs: impl Iterator<Item = (f64, f64)> + Clone) -> Statistics {
    let (mut n, mut sum, mut energy) = (0.0, 0.0, 0.0);
    let (mut minimum, mut maximum) = (f64::NAN, f64::NAN);
    for (value, count) in runs.clone() {
        if n == 0.0 {
            minimum = value;
        }
        maximum = value;
        n += count;
        sum += value * count;
        energy += value * value * count;
    }
    if n == 0.0 {
        return [0.0; STATISTICS.len()];
    }
    let mean = if minimum == maximum { minimum } else { sum / n };
    let mut moments = [0.0; 4];
    let mut frequencies = Frequencies::new(n);
    // The two middle values (the same one where n is odd).
    let (mut seen, mut below, mut above) = (0.0, None, None);
    for (value, count) in runs {
        let deviation = value - mean;
        let square = deviation * deviation;
        moments[0] += deviation.abs() * count;
        moments[1] += square * count;
        moments[2] += square * deviation * count;
        moments[3] += square * square * count;
        frequencies.add(count, 1.0);
        seen += count;
        if below.is_none() && seen > ((n - 1.0) / 2.0).floor() {
            below = Some(value);
        }
        if above.is_none() && seen > (n / 2.0).floor() {
            above = Some(value);
        }
    }
    let median = (below.unwrap_or(maximum) + above.unwrap_or(maximum)) / 2.0;
    assemble(n, sum, energy, mean, moments, &frequencies, &Range { minimum, median, maximum })
}

/// Entropy (bits) and uniformity of the distinct values.
struct Frequencies {
    n: f64,
    entropy: f64,
    uniformity: f64,
    /// A count and its two terms: neighbouring counts are often the same, and logarithms are slow.
    last: (f64, f64, f64),
}

impl Frequencies {
    fn new(n: f64) -> Self {
        Self { n, entropy: 0.0, uniformity: 0.0, last: (0.0, 0.0, 0.0) }
    }

    /// `values` distinct values that occur `count` times each.
    fn add(&mut self, count: f64, values: f64) {
        if count != self.last.0 {
            let share = count / self.n;
            self.last = (count, -share * share.log2(), share * share);
        }
        self.entropy += self.last.1 * values;
        self.uniformity += self.last.2 * values;
    }
}

struct Range {
    minimum: f64,
    median: f64,
    maximum: f64,
}

/// `moments`: the sums of |d|, d², d³ and d⁴ of the deviations d from the mean.
fn assemble(
    n: f64,
    sum: f64,
    energy: f64,
    mean: f64,
    moments: [f64; 4],
    frequencies: &Frequencies,
    range: &Range,
) -> Statistics {
    let [absolute, variance, third, fourth] = moments.map(|moment| moment / n);
    let (skewness, kurtosis) = if variance > 0.0 {
        (third / variance.powf(1.5), fourth / (variance * variance) - 3.0)
    } else {
        (0.0, 0.0)
    };
    [
        sum,
        mean,
        variance.sqrt(),
        skewness,
        kurtosis,
        energy,
        frequencies.entropy,
        range.maximum,
        absolute,
        range.median,
        range.minimum,
        range.maximum - range.minimum,
        (energy / n).sqrt(),
        frequencies.uniformity,
    ]
}

/// Partial sums kept side by side, so that they fill a register and need not wait for each other.
const LANES: usize = 8;

#[cfg_attr(target_arch = "wasm32", inline(never))]
fn zeros(values: &[f64]) -> usize {
    values.iter().filter(|&&value| value == 0.0).count()
}

/// Sum and sum of squares, the smallest value and the largest.
struct Sums {
    sum: f64,
    energy: f64,
    minimum: f64,
    maximum: f64,
}

fn sums(values: &[f64]) -> Sums {
    let mut lanes = [[0.0; LANES], [0.0; LANES], [f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]];
    values.chunks(AT_A_TIME).for_each(|values| add_sums(&mut lanes, values));
    let [sum, energy, minimum, maximum] = lanes;
    Sums {
        sum: sum.iter().sum(),
        energy: energy.iter().sum(),
        minimum: minimum.into_iter().fold(f64::INFINITY, f64::min),
        maximum: maximum.into_iter().fold(f64::NEG_INFINITY, f64::max),
    }
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn add_sums(lanes: &mut [[f64; LANES]; 4], values: &[f64]) {
    let [mut sum, mut energy, mut minimum, mut maximum] = *lanes;
    let mut add = |k: usize, value: f64| {
        sum[k] += value;
        energy[k] += value * value;
        minimum[k] = if value < minimum[k] { value } else { minimum[k] };
        maximum[k] = if value > maximum[k] { value } else { maximum[k] };
    };
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (k, &value) in block.iter().enumerate() {
            add(k, value);
        }
    }
    for (k, &value) in rest.iter().enumerate() {
        add(k, value);
    }
    *lanes = [sum, energy, minimum, maximum];
}

/// The sums of |d|, d², d³ and d⁴ of the deviations d from the mean.
fn deviations(values: &[f64], mean: f64) -> [f64; 4] {
    let mut lanes = [[0.0; LANES]; 4];
    values.chunks(AT_A_TIME).for_each(|values| add_deviations(&mut lanes, values, mean));
    lanes.map(|lanes| lanes.iter().sum())
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn add_deviations(lanes: &mut [[f64; LANES]; 4], values: &[f64], mean: f64) {
    let mut sums = *lanes;
    let mut add = |k: usize, value: f64| {
        let deviation = value - mean;
        let square = deviation * deviation;
        sums[0][k] += deviation.abs();
        sums[1][k] += square;
        sums[2][k] += square * deviation;
        sums[3][k] += square * square;
    };
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (k, &value) in block.iter().enumerate() {
            add(k, value);
        }
    }
    for (k, &value) in rest.iter().enumerate() {
        add(k, value);
    }
    *lanes = sums;
}

/// Values of a sample, from which follows where in the plane the middle is looked for.
const SAMPLE: usize = 1024;

/// The middle of a plane lies within so many places of the middle of a sample, as good as ever: four deviations.
const NEAR: usize = 64;

/// The places of a sample of `n` values, which follow no pattern of rows and columns.
fn sampled(n: usize) -> impl Iterator<Item = usize> {
    let spread = |k: u32| u64::from(k.wrapping_mul(0x9e37_79b9));
    (0..SAMPLE as u32).map(move |k| ((spread(k) * n as u64) >> 32) as usize)
}

/// The middle value, or the mean of the two in the middle.
///
/// A sample says between which values the middle is; of the plane, only what lies there is sorted out.
fn median(values: &[f64], buffer: &mut Vec<f64>) -> f64 {
    let n = values.len();
    let (lower, upper) = ((n - 1) / 2, n / 2);
    if n > 8 * SAMPLE {
        let mut sample: Vec<f64> = sampled(n).map(|place| values[place]).collect();
        let (_, &mut low, above) = sample.select_nth_unstable_by(SAMPLE / 2 - NEAR, f64::total_cmp);
        let (_, &mut high, _) = above.select_nth_unstable_by(2 * NEAR - 1, f64::total_cmp);
        let (below, near) = between(values, low, high, buffer);
        if below <= lower && upper < below + near.len() {
            return middle(near, lower - below, upper - below);
        }
    }
    middle(take(values, buffer, |_| true), lower, upper)
}

/// The mean of the values that are at two neighbouring places, or at one, once they are sorted.
fn middle(values: &mut [f64], lower: usize, upper: usize) -> f64 {
    let (below, &mut value, _) = values.select_nth_unstable_by(upper, f64::total_cmp);
    let other = if lower < upper { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { value };
    (other + value) / 2.0
}

/// The values that are wanted, in the buffer that was there. No branch to guess: each is written over the place of the next,
/// unless it stays.
#[inline(always)]
fn take<'a>(values: &[f64], buffer: &'a mut Vec<f64>, mut wanted: impl FnMut(f64) -> bool) -> &'a mut [f64] {
    if buffer.len() < values.len() {
        buffer.resize(values.len(), 0.0);
    }
    let mut kept = 0;
    for values in values.chunks(AT_A_TIME) {
        kept += take_some(values, &mut buffer[kept..], &mut wanted);
    }
    &mut buffer[..kept]
}

/// Takes into at least as much room as there are values; how many were wanted.
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn take_some(values: &[f64], room: &mut [f64], wanted: &mut impl FnMut(f64) -> bool) -> usize {
    let mut kept = 0;
    for &value in values {
        room[kept] = value;
        kept += usize::from(wanted(value));
    }
    kept
}

/// The values from `low` to `high`, and how many there are below.
#[inline(never)]
fn between<'a>(values: &[f64], low: f64, high: f64, buffer: &'a mut Vec<f64>) -> (usize, &'a mut [f64]) {
    let mut below = 0;
    let taken = take(values, buffer, |value| {
        below += usize::from(value < low);
        value >= low && value <= high
    });
    (below, taken)
}

/// How often each value occurs, counted without sorting.
///
/// Few values come again, in most planes. Where a value's bits point, a bit is set; whoever finds it set may be there for the
/// second time. All that point where one of those points are counted in a table of places, each value at the first free one.
#[derive(Default)]
struct Occurrences {
    /// A bit for each place.
    seen: Vec<u64>,
    /// Values that may come again.
    taken: Vec<f64>,
    /// The bits of a value; zero where there is none.
    values: Vec<u64>,
    /// How often it has come again.
    again: Vec<u32>,
    /// The places of values that came again.
    repeated: Vec<u32>,
}

/// 2⁶⁴ over the golden ratio spreads what is alike; the upper bits point to a place.
fn spread(bits: u64) -> u64 {
    (bits ^ bits >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Clears a table of at least so many bits, a power of two; how far [`spread`] bits are shifted to point into it.
fn bit_table(bits: usize, table: &mut Vec<u64>) -> u32 {
    let bits = bits.next_power_of_two().max(64);
    table.clear();
    table.resize(bits / 64, 0);
    64 - bits.trailing_zeros()
}

/// The values that find their bit set; the bits of all are set.
#[inline(never)]
fn take_second<'a>(values: &[f64], seen: &mut [u64], shift: u32, buffer: &'a mut Vec<f64>) -> &'a mut [f64] {
    take(values, buffer, |value| {
        let place = (spread(value.to_bits()) >> shift) as usize;
        let word = &mut seen[place / 64];
        let is_set = *word >> (place % 64) & 1 == 1;
        *word |= 1 << (place % 64);
        is_set
    })
}

/// The values whose bits are set.
#[inline(never)]
fn take_set<'a>(values: &[f64], set: &[u64], shift: u32, buffer: &'a mut Vec<f64>) -> &'a mut [f64] {
    take(values, buffer, |value| {
        let place = (spread(value.to_bits()) >> shift) as usize;
        set[place / 64] >> (place % 64) & 1 == 1
    })
}

impl Occurrences {
    /// Of values that are not zero.
    fn frequencies(&mut self, values: &[f64]) -> Frequencies {
        let mut buffer = std::mem::take(&mut self.taken);
        let shift = bit_table(16 * values.len(), &mut self.seen);
        let second = take_second(values, &mut self.seen, shift, &mut buffer);
        let distinct = if second.len() < values.len() / 4 {
            let shift = bit_table(64 * second.len(), &mut self.seen);
            for value in second {
                let place = (spread(value.to_bits()) >> shift) as usize;
                self.seen[place / 64] |= 1 << (place % 64);
            }
            let several = take_set(values, &self.seen, shift, &mut buffer);
            values.len() - several.len() + self.count(several)
        } else {
            self.count(values)
        };
        self.taken = buffer;
        let mut frequencies = Frequencies::new(values.len() as f64);
        frequencies.add(1.0, (distinct - self.repeated.len()) as f64);
        // Many values come twice or thrice, few more often.
        let mut few = [0_u32; 64];
        for &place in &self.repeated {
            let again = std::mem::take(&mut self.again[place as usize]);
            match few.get_mut(again as usize) {
                Some(few) => *few += 1,
                None => frequencies.add(f64::from(again + 1), 1.0),
            }
        }
        for (again, &values) in few.iter().enumerate().filter(|(_, values)| **values > 0) {
            frequencies.add((again + 1) as f64, f64::from(values));
        }
        frequencies
    }

    /// Counts values that are not zero; how many there are that differ.
    fn count(&mut self, values: &[f64]) -> usize {
        // A third of the places stays free at least.
        let places = (values.len() + values.len() / 2 + 1).next_power_of_two();
        self.values.clear();
        self.values.resize(places, 0);
        if self.again.len() < places {
            self.again.resize(places, 0);
        }
        self.repeated.clear();
        let (table, again) = (&mut self.values[..places], &mut self.again[..places]);
        values.chunks(AT_A_TIME).map(|values| count_some(values, table, again, &mut self.repeated)).sum()
    }
}

/// Counts some values; how many there are that were not in the table.
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn count_some(values: &[f64], table: &mut [u64], again: &mut [u32], repeated: &mut Vec<u32>) -> usize {
    let places = table.len();
    let shift = 64 - places.trailing_zeros();
    let again = &mut again[..places];
    let mut distinct = 0;
    for value in values {
        let bits = value.to_bits();
        let mut place = (spread(bits) >> shift) as usize;
        loop {
            let found = table[place];
            if found == 0 {
                table[place] = bits;
                distinct += 1;
                break;
            }
            if found == bits {
                if again[place] == 0 {
                    repeated.push(place as u32);
                }
                again[place] += 1;
                break;
            }
            place = (place + 1) % places;
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definitions, one by one.
    fn naive(plane: &[f64]) -> Statistics {
        let mut x: Vec<f64> = plane.iter().copied().filter(|&value| value != 0.0).collect();
        x.sort_by(f64::total_cmp);
        if x.is_empty() {
            return [0.0; 14];
        }
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let moment = |k: i32| x.iter().map(|v| (v - mean).powi(k)).sum::<f64>() / n;
        let mut groups: Vec<f64> = Vec::new();
        for (i, v) in x.iter().enumerate() {
            if i > 0 && x[i - 1] == *v {
                *groups.last_mut().expect("a group") += 1.0;
            } else {
                groups.push(1.0);
            }
        }
        let share = |f: fn(f64) -> f64| groups.iter().map(|c| f(c / n)).sum::<f64>();
        let flat = x[0] == x[x.len() - 1];
        let energy: f64 = x.iter().map(|v| v * v).sum();
        [
            x.iter().sum(),
            mean,
            moment(2).sqrt(),
            if flat { 0.0 } else { moment(3) / moment(2).powf(1.5) },
            if flat { 0.0 } else { moment(4) / moment(2).powi(2) - 3.0 },
            energy,
            share(|p| -p * p.log2()),
            x[x.len() - 1],
            x.iter().map(|v| (v - mean).abs()).sum::<f64>() / n,
            (x[(x.len() - 1) / 2] + x[x.len() / 2]) / 2.0,
            x[0],
            x[x.len() - 1] - x[0],
            (energy / n).sqrt(),
            share(|p| p * p),
        ]
    }

    fn assert_close(fast: Statistics, slow: Statistics) {
        for ((a, b), name) in fast.iter().zip(slow).zip(STATISTICS) {
            assert!((a - b).abs() <= 1e-9 * (1.0 + b.abs()), "{name}: {a} {b}");
        }
    }

    proptest! {
        #[test]
        fn equals_the_definitions(plane in proptest::collection::vec(
            prop_oneof![Just(0.0), Just(1.5), -2.0_f64..2.0], 0..300))
        {
            assert_close(Scratch::default().statistics(&plane), naive(&plane));
        }

        #[test]
        fn counts_equal_the_definitions(matrix in proptest::collection::vec(
            prop_oneof![0_u32..9, FEW as u32 - 3..FEW as u32 + 4], 1..200))
        {
            let mut scratch = Scratch::default();
            let plain: Vec<f64> = matrix.iter().map(|&count| f64::from(count)).collect();
            assert_close(scratch.published_statistics_of_counts(&matrix), naive(&plain));
            let low = plain.iter().copied().fold(f64::MAX, f64::min);
            let high = plain.iter().copied().fold(f64::MIN, f64::max);
            let unit = |v: &f64| if low < high { (v - low) / (high - low) } else { 0.0 };
            let unit: Vec<f64> = plain.iter().map(unit).collect();
            assert_close(scratch.statistics_of_counts(&matrix), naive(&unit));
        }

        /// Many alike, of whatever size; more of them than fit into one look.
        #[test]
        fn equals_the_definitions_of_many(
            noise in proptest::collection::vec((0_u64..5000, 0_i32..3), 9000..9100), repeats in 1_usize..200)
        {
            let value = |&(n, scale): &(u64, i32)| f64::from_bits(1.0_f64.to_bits() + n) * 1e-3_f64.powi(scale);
            let mut plane: Vec<f64> = noise.iter().map(value).collect();
            plane.extend(vec![-0.25; repeats]);
            let mut scratch = Scratch::default();
            assert_close(scratch.statistics(&plane), naive(&plane));
            // Nothing of one plane is left for the next.
            assert_close(scratch.statistics(&plane[..77]), naive(&plane[..77]));
            assert_close(scratch.statistics(&plane), naive(&plane));
        }
    }

    /// A sample that says nothing of the rest.
    #[test]
    fn a_sample_may_mislead() {
        let mut plane: Vec<f64> = (0..10 * SAMPLE).map(|k| 1.0 + k as f64).collect();
        sampled(plane.len()).for_each(|place| plane[place] = -5.0);
        assert_close(Scratch::default().statistics(&plane), naive(&plane));
        sampled(plane.len()).for_each(|place| plane[place] = 1e6);
        assert_close(Scratch::default().statistics(&plane), naive(&plane));
    }

    #[test]
    fn published_squares_wrap_as_in_numpy() {
        let statistics = Scratch::default().published_statistics_of_counts(&[0, 3, 70_000]);
        assert_eq!(statistics[5], 9.0 + f64::from(70_000_u32.wrapping_mul(70_000)));
        assert_eq!(statistics[12], (statistics[5] / 2.0).sqrt());
    }

    #[test]
    fn histogram_equals_the_plane() {
        let plane = [0.0, 0.25, 0.25, 0.5, 1.0, 1.0, 1.0, 0.0];
        let mut counts = [0; 256];
        let mut levels = [0.0; 256];
        for (slot, (level, count)) in [(0.0, 2), (0.25, 2), (0.5, 1), (1.0, 3)].into_iter().enumerate() {
            (levels[slot], counts[slot]) = (level, count);
        }
        assert_close(of_histogram(&counts, &levels), naive(&plane));
    }
}
