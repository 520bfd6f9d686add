//! JPEG-LS: ITU-T T.87, lossless and near-lossless, 2 to 16 bits per sample, all three ways of interleaving. Names are
//! the standard's. Mapping tables and pictures of more than 65,535 pixels a side are not read.

use super::jpeg::{FrameHeader, Segment, marker, next_segment};
use super::{Coded, damaged, unsupported};
use crate::error::Result;

/// The order of run lengths (A.2.1).
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Entropy-coded bits: after 0xFF, a byte has seven (A.1).
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, the first of them on top.
    bits: u64,
    count: u32,
    after_ff: bool,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, bits: 0, count: 0, after_ff: false }
    }

    /// Takes bytes while there is room; stops before a marker.
    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            let width = if self.after_ff { 7 } else { 8 };
            let is_marker = match (self.after_ff, byte) {
                (true, _) => byte & 0x80 != 0,
                (false, 0xff) => self.bytes.get(self.at + 1).is_none_or(|next| next & 0x80 != 0),
                _ => false,
            };
            if is_marker {
                return;
            }
            self.bits |= u64::from(byte) << (64 - width - self.count);
            self.count += width;
            self.after_ff = byte == 0xff;
            self.at += 1;
        }
    }

    /// The next `count` bits, at most 32; `None` where the data end.
    fn take(&mut self, count: u32) -> Option<u32> {
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count)?;
        let value = ((self.bits >> 32) as u32).checked_shr(32 - count).unwrap_or(0);
        self.bits <<= count;
        Some(value)
    }

    /// How many zeros there are before the next one, which is taken too; `None` for more than `most`.
    fn zeros(&mut self, most: u32) -> Option<u32> {
        let mut zeros = 0;
        loop {
            if self.count < 32 {
                self.fill();
            }
            let here = self.bits.leading_zeros();
            if here < self.count {
                self.bits = self.bits.checked_shl(here + 1).unwrap_or(0);
                self.count -= here + 1;
                return (zeros + here <= most).then_some(zeros + here);
            }
            zeros += self.count;
            if self.count == 0 || zeros > most {
                return None;
            }
            (self.bits, self.count) = (0, 0);
        }
    }

    /// Goes on after the restart marker that has to come next.
    fn restart(&mut self) -> Option<()> {
        let at = (self.at..self.bytes.len()).find(|&at| self.bytes[at] == 0xff)?;
        matches!(self.bytes.get(at + 1)?, 0xd0..=0xd7).then_some(())?;
        *self = Self::new(self.bytes, at + 2);
        Some(())
    }
}

/// What a preset segment may change (C.2.4.1.1); 0 stands for the default.
#[derive(Clone, Copy, Default)]
struct Preset {
    maxval: i32,
    thresholds: [i32; 3],
    reset: i32,
}

/// The constants of a scan (A.2.1).
#[derive(Clone, Copy)]
struct Constants {
    near: i32,
    maxval: i32,
    thresholds: [i32; 3],
    reset: i32,
    range: i32,
    qbpp: u32,
    limit: u32,
}

/// −1 below 0, else 1.
fn sign(value: i32) -> i32 {
    if value < 0 { -1 } else { 1 }
}

/// The number of bits that `value` different values take.
fn bits_for(values: i32) -> u32 {
    (values.max(1) as u32).next_power_of_two().trailing_zeros()
}

impl Constants {
    /// `None` for values that the standard does not allow.
    fn new(precision: u32, near: i32, preset: Preset) -> Option<Self> {
        let most = (1 << precision) - 1;
        let maxval = if preset.maxval == 0 { most } else { preset.maxval };
        if !(1..=most).contains(&maxval) || near > (maxval / 2).min(255) {
            return None;
        }
        let defaults = default_thresholds(maxval, near);
        let mut least = near + 1;
        let mut thresholds = [0; 3];
        for (index, threshold) in thresholds.iter_mut().enumerate() {
            let wanted = preset.thresholds[index];
            *threshold = if wanted == 0 { defaults[index] } else { wanted };
            if !(least..=maxval).contains(threshold) {
                return None;
            }
            least = *threshold;
        }
        let reset = if preset.reset == 0 { 64 } else { preset.reset };
        if !(3..=maxval.max(255)).contains(&reset) {
            return None;
        }
        let range = (maxval + 2 * near) / (2 * near + 1) + 1;
        let bpp = bits_for(maxval + 1).max(2);
        let limit = 2 * (bpp + bpp.max(8));
        Some(Self { near, maxval, thresholds, reset, range, qbpp: bits_for(range), limit })
    }

    /// The region of a local gradient, −4…4 (A.3.3).
    fn quantize(&self, d: i32) -> i32 {
        let [t1, t2, t3] = self.thresholds;
        let size = d.abs();
        let region = match size {
            _ if size >= t3 => 4,
            _ if size >= t2 => 3,
            _ if size >= t1 => 2,
            _ if size > self.near => 1,
            _ => 0,
        };
        region * d.signum()
    }

    /// The sample for a prediction and its error (A.4.5), brought back into the range that occurs.
    fn reconstruct(&self, prediction: i32, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let mut value = prediction + error * step;
        if value < -self.near {
            value += self.range * step;
        } else if value > self.maxval + self.near {
            value -= self.range * step;
        }
        value.clamp(0, self.maxval)
    }

    /// A number in limited-length Golomb code (A.5.3).
    fn golomb(&self, bits: &mut Bits<'_>, k: u32, limit: u32) -> Option<i32> {
        let longest = limit.checked_sub(self.qbpp + 1)?;
        let high = bits.zeros(longest)?;
        let value = if high < longest { (high << k) | bits.take(k)? } else { bits.take(self.qbpp)? + 1 };
        // Errors are taken modulo the range (A.4.5): none maps to more, and what did would soon overflow.
        (value <= self.range as u32 + 1).then_some(value as i32)
    }
}

/// C.2.4.1.1.1.
fn default_thresholds(maxval: i32, near: i32) -> [i32; 3] {
    let clamp = |value: i32, least: i32| if value > maxval || value < least { least } else { value };
    let [t1, t2, t3] = if maxval >= 128 {
        let factor = (maxval.min(4095) + 128) / 256;
        [factor + 2 + 3 * near, 4 * factor + 3 + 5 * near, 17 * factor + 4 + 7 * near]
    } else {
        let factor = 256 / (maxval + 1);
        [(3 / factor + 3 * near).max(2), (7 / factor + 5 * near).max(3), (21 / factor + 7 * near).max(4)]
    };
    let t1 = clamp(t1, near + 1);
    let t2 = clamp(t2, t1);
    [t1, t2, clamp(t3, t2)]
}

/// What is known of a context.
#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

impl Context {
    /// The Golomb parameter for a sum of errors.
    fn k(&self, sum: i32) -> u32 {
        (0..24).find(|&k| i64::from(self.n) << k >= i64::from(sum)).unwrap_or(24)
    }
}

/// The variables of a scan: 365 contexts of the regular mode, a negative one being its opposite with the sign
/// reversed, and two of the run mode.
struct Variables {
    regular: Vec<Context>,
    run: [Context; 2],
}

impl Variables {
    fn new(constants: &Constants) -> Self {
        let start = Context { a: ((constants.range + 32) / 64).max(2), b: 0, c: 0, n: 1 };
        Self { regular: vec![start; 365], run: [start; 2] }
    }

    /// One sample in the regular mode (A.4, A.5, A.6); `q` is its context.
    fn regular(&mut self, of: &Constants, bits: &mut Bits<'_>, q: i32, median: i32) -> Option<i32> {
        let sign = sign(q);
        let context = self.regular.get_mut(q.unsigned_abs() as usize)?;
        let prediction = (median + sign * context.c).clamp(0, of.maxval);
        let k = context.k(context.a);
        let mapped = of.golomb(bits, k, of.limit)?;
        let mut error = if mapped & 1 == 0 { mapped >> 1 } else { -((mapped + 1) >> 1) };
        if of.near == 0 && k == 0 && 2 * context.b <= -context.n {
            error = -(error + 1);
        }
        // Many samples may pass before the sum is halved.
        context.a = context.a.saturating_add(error.abs());
        context.b += error * (2 * of.near + 1);
        if context.n == of.reset {
            context.a >>= 1;
            context.b = if context.b >= 0 { context.b >> 1 } else { -((1 - context.b) >> 1) };
            context.n >>= 1;
        }
        context.n += 1;
        if context.b <= -context.n {
            context.b = (context.b + context.n).max(1 - context.n);
            context.c = (context.c - 1).max(-128);
        } else if context.b > 0 {
            context.b = (context.b - context.n).min(0);
            context.c = (context.c + 1).min(127);
        }
        Some(of.reconstruct(prediction, sign * error))
    }

    /// The error of the sample that ends a run (A.7.2), before its sign is restored.
    fn interruption(
        &mut self,
        of: &Constants,
        bits: &mut Bits<'_>,
        kind: usize,
        index: usize,
    ) -> Option<i32> {
        let context = self.run.get_mut(kind)?;
        let ri_type = kind as i32;
        let sum = context.a.saturating_add(if kind == 1 { context.n >> 1 } else { 0 });
        let k = context.k(sum);
        let mapped = of.golomb(bits, k, of.limit - J.get(index)? - 1)?;
        let doubled = mapped + ri_type;
        let map = doubled & 1;
        let size = (doubled + map) >> 1;
        // `b` counts the negative errors.
        let error = if (k != 0 || 2 * context.b >= context.n) == (map == 1) { -size } else { size };
        if error < 0 {
            context.b += 1;
        }
        context.a = context.a.saturating_add((mapped + 1 - ri_type) >> 1);
        if context.n == of.reset {
            context.a >>= 1;
            context.b >>= 1;
            context.n >>= 1;
        }
        context.n += 1;
        Some(error)
    }
}

/// The length of a run (A.7.1) of which `room` samples are left in the line.
fn run_length(bits: &mut Bits<'_>, index: &mut usize, room: usize) -> Option<usize> {
    let mut length = 0;
    while bits.take(1)? == 1 {
        let whole = 1 << J.get(*index)?;
        let part = whole.min(room - length);
        length += part;
        if part == whole {
            *index = (*index + 1).min(31);
        }
        if length == room {
            return Some(length);
        }
    }
    length += bits.take(*J.get(*index)?)? as usize;
    (length < room).then_some(length)
}

/// The neighbours of a sample (A.3.1).
#[derive(Clone, Copy)]
struct Neighbours {
    a: i32,
    b: i32,
    c: i32,
    d: i32,
}

impl Neighbours {
    /// Of the sample at `x` of two lines that have one more sample on either side.
    fn of(line: &[i32], above: &[i32], x: usize) -> Self {
        Self { a: line[x], b: above[x + 1], c: above[x], d: above[x + 2] }
    }

    /// The context, 0 where a run begins. The sign is that of the first gradient that has one (A.3.4).
    fn context(self, of: &Constants) -> i32 {
        let [q1, q2, q3] = [self.d - self.b, self.b - self.c, self.c - self.a].map(|d| of.quantize(d));
        81 * q1 + 9 * q2 + q3
    }

    /// The edge-detecting prediction (A.4.1).
    fn median(self) -> i32 {
        let Self { a, b, c, .. } = self;
        if c >= a.max(b) {
            a.min(b)
        } else if c <= a.min(b) {
            a.max(b)
        } else {
            a + b - c
        }
    }
}

/// Decodes all scans of a frame.
pub(super) fn decode(bytes: &[u8]) -> Result<Coded> {
    let broken = || damaged("JPEG-LS");
    let frame = FrameHeader::read(bytes)?;
    if !(2..=16).contains(&frame.precision) {
        return Err(broken());
    }
    if frame.components.iter().any(|component| component.sampling != frame.components[0].sampling) {
        return Err(unsupported("a JPEG-LS picture whose channels differ in size"));
    }
    let mut coded = Coded::new(frame.width, frame.height, frame.components.len(), frame.precision)?;
    let mut missing: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    let mut preset = Preset::default();
    let mut restart_lines = 0;
    let mut at = 0;
    while !missing.is_empty() {
        let Segment { marker, body, end } = next_segment(bytes, at).ok_or_else(broken)?;
        at = end;
        match (marker, body) {
            (marker::LSE, [1, values @ ..]) => {
                let mut values = values.chunks_exact(2).map(|two| i32::from(two[0]) << 8 | i32::from(two[1]));
                let mut next = || values.next().ok_or_else(broken);
                preset = Preset { maxval: next()?, thresholds: [next()?, next()?, next()?], reset: next()? };
            }
            (marker::LSE, [2 | 3, ..]) => return Err(unsupported("a JPEG-LS picture with a mapping table")),
            (marker::APP8, [b'm', b'r', b'f', b'x', transform, ..]) if *transform > 0 => {
                return Err(unsupported("a JPEG-LS picture whose colours are transformed"));
            }
            (marker::DRI, interval) => {
                let number = |number, &byte| (number << 8) | usize::from(byte);
                restart_lines = interval.iter().take(4).fold(0, number);
            }
            (marker::SOS, header) => {
                let scan = Scan::read(header, &frame, preset, &mut missing).ok_or_else(broken)?;
                let mut bits = Bits::new(bytes, end);
                scan.decode(&mut bits, restart_lines, &mut coded).ok_or_else(broken)?;
                coded.is_lossy |= scan.constants.near > 0;
                at = bits.at;
            }
            (marker::EOI, _) => return Err(broken()),
            _ => {}
        }
    }
    Ok(coded)
}

/// One scan: some of the components, or all.
struct Scan {
    /// Which components of the frame.
    components: Vec<usize>,
    /// Whether the components of a pixel stand together, and not those of a line.
    is_by_pixel: bool,
    constants: Constants,
}

impl Scan {
    /// From a scan header (C.2.3); what it decodes is no longer `missing`.
    fn read(body: &[u8], frame: &FrameHeader, preset: Preset, missing: &mut Vec<u8>) -> Option<Self> {
        let (&count, rest) = body.split_first()?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[near, interleave, transform] = rest else { return None };
        let mut components = Vec::new();
        for selector in selectors.chunks_exact(2) {
            // A mapping table is not read.
            (selector[1] == 0).then_some(())?;
            let position = missing.iter().position(|&id| id == selector[0])?;
            missing.remove(position);
            components.push(frame.components.iter().position(|component| component.id == selector[0])?);
        }
        let is_valid = transform == 0 && interleave <= 2 && !components.is_empty();
        (is_valid && (interleave > 0 || components.len() == 1)).then_some(())?;
        let is_by_pixel = interleave == 2 && components.len() > 1;
        let constants = Constants::new(frame.precision, i32::from(near), preset)?;
        Some(Self { components, is_by_pixel, constants })
    }

    /// Decodes the scan, with a restart every so many lines (0: none).
    fn decode(&self, bits: &mut Bits<'_>, restart_lines: usize, coded: &mut Coded) -> Option<()> {
        let (width, step) = (coded.width, coded.components);
        let mut variables = Variables::new(&self.constants);
        // For each component the line above and this one, with a sample more on either side.
        let blank = || (vec![0; width + 2], vec![0; width + 2]);
        let mut lines: Vec<(Vec<i32>, Vec<i32>)> = self.components.iter().map(|_| blank()).collect();
        let mut run_indices = vec![0; self.components.len()];
        for (y, row) in coded.samples.chunks_exact_mut(width * step).enumerate() {
            if restart_lines > 0 && y > 0 && y % restart_lines == 0 {
                bits.restart()?;
                variables = Variables::new(&self.constants);
                lines.iter_mut().for_each(|lines| *lines = blank());
                run_indices.fill(0);
            }
            for (above, line) in &mut lines {
                std::mem::swap(above, line);
                // What stands left of and right of the lines (A.2.1).
                above[width + 1] = above[width];
                line[0] = above[1];
            }
            if self.is_by_pixel {
                self.pixels(bits, &mut variables, &mut lines, run_indices.first_mut()?)?;
            } else {
                for ((above, line), index) in lines.iter_mut().zip(&mut run_indices) {
                    self.line(bits, &mut variables, above, line, index)?;
                }
            }
            for ((_, line), &component) in lines.iter().zip(&self.components) {
                for (pixel, &value) in row.chunks_exact_mut(step).zip(&line[1..]) {
                    pixel[component] = value as u16;
                }
            }
        }
        Some(())
    }

    /// One line of one component.
    fn line(
        &self,
        bits: &mut Bits<'_>,
        variables: &mut Variables,
        above: &[i32],
        line: &mut [i32],
        run_index: &mut usize,
    ) -> Option<()> {
        let of = &self.constants;
        let width = line.len() - 2;
        let mut x = 0;
        while x < width {
            let near = Neighbours::of(line, above, x);
            let q = near.context(of);
            if q != 0 {
                line[x + 1] = variables.regular(of, bits, q, near.median())?;
                x += 1;
                continue;
            }
            let length = run_length(bits, run_index, width - x)?;
            line[x + 1..=x + length].fill(near.a);
            x += length;
            if x < width {
                let (a, b) = (near.a, above[x + 1]);
                let kind = usize::from((a - b).abs() <= of.near);
                let error = variables.interruption(of, bits, kind, *run_index)?;
                line[x + 1] = match kind {
                    1 => of.reconstruct(a, error),
                    _ => of.reconstruct(b, error * sign(b - a)),
                };
                *run_index = run_index.saturating_sub(1);
                x += 1;
            }
        }
        Some(())
    }

    /// One line of all components, pixel by pixel: a run is one of all of them.
    fn pixels(
        &self,
        bits: &mut Bits<'_>,
        variables: &mut Variables,
        lines: &mut [(Vec<i32>, Vec<i32>)],
        run_index: &mut usize,
    ) -> Option<()> {
        let of = &self.constants;
        let width = lines.first()?.0.len() - 2;
        let mut x = 0;
        while x < width {
            let is_run = lines.iter().all(|(above, line)| Neighbours::of(line, above, x).context(of) == 0);
            if !is_run {
                for (above, line) in lines.iter_mut() {
                    let near = Neighbours::of(line, above, x);
                    let q = near.context(of);
                    line[x + 1] = variables.regular(of, bits, q, near.median())?;
                }
                x += 1;
                continue;
            }
            let length = run_length(bits, run_index, width - x)?;
            for (_, line) in lines.iter_mut() {
                let value = line[x];
                line[x + 1..=x + length].fill(value);
            }
            x += length;
            if x < width {
                for (above, line) in lines.iter_mut() {
                    let (a, b) = (line[x], above[x + 1]);
                    let error = variables.interruption(of, bits, 0, *run_index)?;
                    line[x + 1] = of.reconstruct(b, error * sign(b - a));
                }
                *run_index = run_index.saturating_sub(1);
                x += 1;
            }
        }
        Some(())
    }
}
