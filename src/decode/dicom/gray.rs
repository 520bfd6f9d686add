//! From stored values to grey, in the standard's order: modality LUT, VOI LUT, presentation (PS3.3 C.11.1, C.11.2,
//! C.7.6.3.1.2).

use super::data_set::{DataSet, attribute};
use super::element::Tag;
use super::pixels::{Layout, PhotometricInterpretation};
use crate::decode::limits::MAX_PRECISE_PIXELS;
use crate::radiograph::{ModalityPlane, ModalityValues, Samples, Scaled, VoiFunction, VoiWindow};

/// How many stored samples there can be: each one's grey is computed once.
const STORED: usize = 1 << 16;

/// A lookup table (C.11.1.1, C.11.2.1.1).
struct Lut {
    /// The value that the first entry is for.
    first: i32,
    entries: Vec<u16>,
    /// What stands for white: 2 to the number of bits, less 1.
    most: f64,
}

impl Lut {
    /// The first of a sequence of tables; `None` where there is none, or a damaged one.
    fn first_of(data_set: &DataSet<'_>, sequence: Tag, is_signed: bool) -> Option<Self> {
        let item = DataSet::of_item(data_set.get(sequence)?);
        Self::read(&item, attribute::LUT_DESCRIPTOR, attribute::LUT_DATA, is_signed)
    }

    /// By its descriptor (number of entries, first value, bits) and its data.
    fn read(data_set: &DataSet<'_>, descriptor: Tag, data: Tag, is_signed: bool) -> Option<Self> {
        let &[count, first, bits, ..] = data_set.words(descriptor, 3).as_slice() else { return None };
        let count = if count == 0 { STORED } else { usize::from(count) };
        let first = if is_signed { i32::from(first as i16) } else { i32::from(first) };
        let data_element = data_set.get(data)?;
        // Entries of 8 bit may be packed.
        let is_packed = bits <= 8 && data_element.value.len() < 2 * count;
        let entries: Vec<u16> = if is_packed {
            data_element.value.iter().take(count).map(|&byte| u16::from(byte)).collect()
        } else {
            data_set.words(data, count)
        };
        let bits = if (1..=16).contains(&bits) { u32::from(bits) } else { 16 };
        // Some files state fewer bits than their entries have.
        let occurring = entries.iter().max().map_or(0, |&most| 16 - most.leading_zeros());
        let most = f64::from((1_u32 << bits.max(occurring)) - 1);
        (!entries.is_empty()).then_some(Self { first, entries, most })
    }

    /// The entry for a value; the first or the last for one outside.
    fn at(&self, value: f64) -> u16 {
        let index = (value.round() - f64::from(self.first)).max(0.0) as usize;
        self.entries.get(index).or(self.entries.last()).copied().unwrap_or(0)
    }
}

/// What the modality LUT makes of stored values.
enum Modality {
    Lut(Lut),
    Rescale { slope: f64, intercept: f64 },
}

impl Modality {
    fn of(data_set: &DataSet<'_>, layout: Layout) -> Self {
        if let Some(lut) = Lut::first_of(data_set, attribute::MODALITY_LUT_SEQUENCE, layout.is_signed) {
            return Self::Lut(lut);
        }
        let first = |tag| data_set.decimals(tag).first().copied();
        let slope = first(attribute::RESCALE_SLOPE).filter(|&slope| slope != 0.0).unwrap_or(1.0);
        Self::Rescale { slope, intercept: first(attribute::RESCALE_INTERCEPT).unwrap_or(0.0) }
    }

    fn apply(&self, stored: f64) -> f64 {
        match self {
            Self::Lut(lut) => f64::from(lut.at(stored)),
            Self::Rescale { slope, intercept } => slope * stored + intercept,
        }
    }

    /// Of a stored integer: a finite number, however large the slope is. The viewer computes in single precision.
    fn apply_finite(&self, stored: i64) -> f64 {
        self.apply(stored as f64).clamp(f32::MIN.into(), f32::MAX.into())
    }

    /// Whether its output may be below 0, for the tables that follow.
    fn is_signed(&self, layout: Layout) -> bool {
        match self {
            Self::Lut(_) => false,
            Self::Rescale { intercept, .. } => layout.is_signed || *intercept < 0.0,
        }
    }
}

/// The windows that the file proposes (C.11.2.1.2), without those that the standard does not allow.
fn windows(data_set: &DataSet<'_>) -> Vec<VoiWindow> {
    let centers = data_set.decimals(attribute::WINDOW_CENTER);
    let widths = data_set.decimals(attribute::WINDOW_WIDTH);
    let function = match data_set.text(attribute::VOI_LUT_FUNCTION) {
        "LINEAR_EXACT" => VoiFunction::LinearExact,
        "SIGMOID" => VoiFunction::Sigmoid,
        _ => VoiFunction::Linear,
    };
    let mut explanations = data_set.texts(attribute::WINDOW_EXPLANATION);
    let window = |(center, width)| {
        let explanation = explanations.next().filter(|text| !text.is_empty()).map(str::to_owned);
        VoiWindow { center, width, explanation, function }
    };
    let is_valid = |window: &VoiWindow| match window.function {
        VoiFunction::Linear => window.width >= 1.0,
        _ => window.width > 0.0,
    };
    centers.into_iter().zip(widths).map(window).filter(is_valid).collect()
}

/// Those of the windows through which something is seen of a picture whose values go from `low` to `high`: one that lies
/// outside of all, or is so wide that they differ by less than a grey of 8 bit, makes it all one grey.
fn seeing(windows: Vec<VoiWindow>, (low, high): (f64, f64)) -> Vec<VoiWindow> {
    const LEAST: f64 = 1.0 / 255.0;
    let sees = |window: &VoiWindow| low >= high || (window.apply(high) - window.apply(low)).abs() >= LEAST;
    windows.into_iter().filter(sees).collect()
}

/// Modality values to 0…1.
enum Voi<'a> {
    Lut(Lut),
    Window(&'a VoiWindow),
    /// The values from black to white.
    Range(f64, f64),
}

impl<'a> Voi<'a> {
    /// The first that the file has: a table, a window, or else the range from black to white.
    fn of(
        data_set: &DataSet<'_>,
        windows: &'a [VoiWindow],
        is_signed: bool,
        range: impl FnOnce() -> (f64, f64),
    ) -> Self {
        match (Lut::first_of(data_set, attribute::VOI_LUT_SEQUENCE, is_signed), windows.first()) {
            (Some(lut), _) => Self::Lut(lut),
            (None, Some(window)) => Self::Window(window),
            (None, None) => {
                let (low, high) = range();
                Self::Range(low, high)
            }
        }
    }

    fn apply(&self, value: f64) -> f64 {
        match self {
            Self::Lut(lut) => f64::from(lut.at(value)) / lut.most,
            Self::Window(window) => window.apply(value),
            Self::Range(low, high) if low < high => (value - low) / (high - low),
            Self::Range(..) => 0.0,
        }
    }

    /// Whether it only moves and stretches these values: the equalised film does not see that.
    fn is_linear(&self, mut values: impl Iterator<Item = f64>) -> bool {
        const ROUNDING: f64 = 1e-9;
        match self {
            Self::Lut(_) => false,
            Self::Range(..) => true,
            Self::Window(window) => {
                let (center, width) = (window.center, window.width);
                let (middle, reach) = match window.function {
                    VoiFunction::Linear => (center - 0.5, (width - 1.0) / 2.0),
                    VoiFunction::LinearExact => (center, width / 2.0),
                    VoiFunction::Sigmoid => return false,
                };
                values.all(|value| (value - middle).abs() <= reach + ROUNDING)
            }
        }
    }
}

/// What grey is made of a film of one sample per pixel.
pub(super) struct Gray {
    pub(super) samples: Samples,
    pub(super) modality: ModalityPlane,
    /// Why the values that occur go from black to white, where there is more to say than that the file has no window.
    pub(super) scaled: Option<Scaled>,
}

/// The grey samples of a film of one sample per pixel, and its modality values.
pub(super) fn gray(data_set: &DataSet<'_>, layout: Layout, stored: &[u16]) -> Gray {
    let modality = Modality::of(data_set, layout);
    let mut occurs = vec![false; STORED];
    for &sample in stored {
        occurs[usize::from(sample)] = true;
    }
    let is_padding = padding(data_set, layout);
    let values: Vec<i64> = (0..=u16::MAX).map(|sample| layout.value(sample)).collect();
    let modality_values: Vec<f64> = values.iter().map(|&value| modality.apply_finite(value)).collect();
    let seen = (0..STORED).filter(|&sample| occurs[sample] && !is_padding(values[sample]));
    let occurring = seen.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), sample| {
        (low.min(modality_values[sample]), high.max(modality_values[sample]))
    });
    let whole_range = || shown_range(occurring, layout, &modality);
    let stated = windows(data_set);
    let has_windows = !stated.is_empty();
    let windows = seeing(stated, occurring);
    let voi = Voi::of(data_set, &windows, modality.is_signed(layout), whole_range);
    let is_inverted = is_inverted(data_set, layout);
    let gray = |sample: usize| {
        // Padding is no part of the picture: black, as what surrounds it.
        if !occurs[sample] || is_padding(values[sample]) {
            return 0.0;
        }
        let gray = voi.apply(modality_values[sample]).clamp(0.0, 1.0);
        if is_inverted { 1.0 - gray } else { gray }
    };
    let grays: Vec<f64> = (0..STORED).map(gray).collect();
    let is_picture = |sample: &usize| occurs[*sample] && !is_padding(values[*sample]);
    let is_linear = voi.is_linear((0..STORED).filter(is_picture).map(|sample| modality_values[sample]));
    let samples = narrowest(stored, &grays, is_linear);
    let has_voi_lut = matches!(voi, Voi::Lut(_));
    let mut shown_values = modality_values.clone();
    if let Some(black) = black_end(&modality_values, is_inverted, |k| occurs[k] && !is_padding(values[k])) {
        for (shown, &value) in shown_values.iter_mut().zip(&values) {
            if is_padding(value) {
                *shown = black;
            }
        }
    }
    let values = modality_plane(stored, &shown_values, &occurs);
    let is_outside_windows = has_windows && !has_voi_lut && windows.is_empty();
    let windows = if has_voi_lut { Vec::new() } else { windows };
    let modality = ModalityPlane { values, windows, is_inverted, has_voi_lut };
    Gray { samples, modality, scaled: is_outside_windows.then_some(Scaled::OutsideWindows) }
}

/// The same of samples that do not fit 16 bits.
pub(super) fn wide_gray(data_set: &DataSet<'_>, layout: Layout, stored: &[u32]) -> Gray {
    let modality = Modality::of(data_set, layout);
    let is_padding = padding(data_set, layout);
    let value = |&sample: &u32| {
        let value = layout.value(sample);
        (!is_padding(value)).then(|| modality.apply_finite(value))
    };
    let range = |occurring| shown_range(occurring, layout, &modality);
    precise(data_set, layout, modality.is_signed(layout), || stored.iter().map(value), range)
}

/// The same of numbers of floating point. What is not a number is no part of the picture, as padding (C.7.6.24) is not, and
/// what is infinite is the end of the scale. Such values have no black and white of their own: without a window and a VOI LUT,
/// what occurs is spread, which is said.
pub(super) fn float_gray(data_set: &DataSet<'_>, layout: Layout, frame: &[u8]) -> Gray {
    let modality = Modality::of(data_set, layout);
    let is_double = layout.bits_allocated == 64;
    let [value, limit] = if is_double {
        [attribute::DOUBLE_FLOAT_PADDING_VALUE, attribute::DOUBLE_FLOAT_PADDING_RANGE_LIMIT]
    } else {
        [attribute::FLOAT_PADDING_VALUE, attribute::FLOAT_PADDING_RANGE_LIMIT]
    };
    let padding = data_set.float(value, is_double).map(|one| {
        let other = data_set.float(limit, is_double).unwrap_or(one);
        one.min(other)..=one.max(other)
    });
    let value = |sample: f64| {
        let is_picture = !sample.is_nan() && !padding.as_ref().is_some_and(|range| range.contains(&sample));
        is_picture.then(|| modality.apply(sample)).filter(|value| !value.is_nan())
    };
    let all = || data_set.coding().floats(frame, is_double).map(value);
    let mut gray = precise(data_set, layout, true, all, |occurring| occurring);
    if gray.modality.windows.is_empty() && !gray.modality.has_voi_lut {
        gray.scaled = gray.scaled.or(Some(Scaled::NoLevels));
    }
    gray
}

/// Greys of modality values that are each computed for themselves; `None` for what is not a part of the picture.
fn precise<I: Iterator<Item = Option<f64>>>(
    data_set: &DataSet<'_>,
    layout: Layout,
    is_signed: bool,
    all: impl Fn() -> I,
    range: impl FnOnce((f64, f64)) -> (f64, f64),
) -> Gray {
    let picture = || all().flatten();
    let finite = picture().filter(|value| value.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let range = || range((low, high));
    let stated = windows(data_set);
    let has_windows = !stated.is_empty();
    let windows = seeing(stated, (low, high));
    let voi = Voi::of(data_set, &windows, is_signed, range);
    let is_inverted = is_inverted(data_set, layout);
    let gray = |value: Option<f64>| {
        // Values of floating point may lie too far apart for their distance to be a number.
        let gray = value.map(|value| voi.apply(value).clamp(0.0, 1.0)).filter(|gray| !gray.is_nan());
        gray.map_or(0.0, |gray| if is_inverted { 1.0 - gray } else { gray })
    };
    let samples = if voi.is_linear(picture()) {
        Samples::F64(all().map(gray).collect())
    } else {
        Samples::U16(all().map(|value| (gray(value) * 65535.0).round() as u16).collect())
    };
    // The viewer computes with them: finite numbers all.
    let (least, most) = if low <= high { (low, high) } else { (0.0, 0.0) };
    let black = if is_inverted { most } else { least };
    let shown = |value: Option<f64>| value.unwrap_or(black).clamp(least, most);
    let single = |value: f64| value.clamp(f32::MIN.into(), f32::MAX.into()) as f32;
    let values = all().map(|value| single(shown(value))).collect();
    let has_voi_lut = matches!(voi, Voi::Lut(_));
    let is_outside_windows = has_windows && !has_voi_lut && windows.is_empty();
    let windows = if has_voi_lut { Vec::new() } else { windows };
    let modality = ModalityPlane { values: ModalityValues::F32(values), windows, is_inverted, has_voi_lut };
    Gray { samples, modality, scaled: is_outside_windows.then_some(Scaled::OutsideWindows) }
}

/// Whether the least value is white.
fn is_inverted(data_set: &DataSet<'_>, layout: Layout) -> bool {
    layout.photometric_interpretation == PhotometricInterpretation::Monochrome1
        || data_set.text(attribute::PRESENTATION_LUT_SHAPE) == "INVERSE"
}

/// The value that is seen darkest of those that are picture; `None` where there are none.
fn black_end(values: &[f64], is_inverted: bool, is_picture: impl Fn(usize) -> bool) -> Option<f64> {
    let picture = values.iter().enumerate().filter(|(k, _)| is_picture(*k)).map(|(_, &value)| value);
    if is_inverted { picture.reduce(f64::max) } else { picture.reduce(f64::min) }
}

/// From black to white without a window: what occurs, unless that is most of what can be stored. Then, and for unsigned
/// 8 bit, it is that, so that a film has the greys of the picture it was made from or exported to.
fn shown_range(occurring: (f64, f64), layout: Layout, modality: &Modality) -> (f64, f64) {
    const MOST: f64 = 0.75;
    let Modality::Rescale { slope, intercept } = *modality else { return occurring };
    let count = 2_f64.powi(layout.bits_stored as i32);
    let least = if layout.is_signed { -count / 2.0 } else { 0.0 };
    let ends = [least, least + count - 1.0].map(|stored| slope * stored + intercept);
    let full = (ends[0].min(ends[1]), ends[0].max(ends[1]));
    let is_picture = layout.bits_stored <= 8 && !layout.is_signed && (slope, intercept) == (1.0, 0.0);
    let is_filled = occurring.1 - occurring.0 >= MOST * (full.1 - full.0);
    if is_picture || is_filled { full } else { occurring }
}

/// Which values are padding (C.7.5.1.1.2): one, or a range.
fn padding(data_set: &DataSet<'_>, layout: Layout) -> impl Fn(i64) -> bool + use<> {
    // Written as samples are, though not with the bits of overlays, and in 16 bits at most.
    let bits_stored = layout.bits_stored.min(16);
    let whole = Layout { bits_stored, high_bit: bits_stored - 1, ..layout };
    let value = |tag| data_set.word(tag).map(|word| whole.value(word));
    let range = value(attribute::PIXEL_PADDING_VALUE).map(|one| {
        let other = value(attribute::PIXEL_PADDING_RANGE_LIMIT).unwrap_or(one);
        one.min(other)..=one.max(other)
    });
    move |value| range.as_ref().is_some_and(|range| range.contains(&value))
}

/// Greys by stored sample as a plane, in the fewest bits that hold them without rounding. What a window cuts off or a VOI LUT
/// bends is rounded to 16 bit, as whoever exports it rounds it, so that the paper's reader, which sees the last bit, says
/// the same of both; and so are films with more pixels than any detector, for the memory that f64 would take.
fn narrowest(stored: &[u16], grays: &[f64], is_linear: bool) -> Samples {
    const ROUNDING: f64 = 1e-9;
    let fit =
        |full: f64| grays.iter().all(|gray| (gray * full - (gray * full).round()).abs() < ROUNDING * full);
    let of = |sample: &u16| grays[usize::from(*sample)];
    if fit(255.0) {
        return Samples::U8(stored.iter().map(|sample| (of(sample) * 255.0).round() as u8).collect());
    }
    if fit(65535.0) || !is_linear || stored.len() > MAX_PRECISE_PIXELS {
        return Samples::U16(stored.iter().map(|sample| (of(sample) * 65535.0).round() as u16).collect());
    }
    Samples::F64(stored.iter().map(of).collect())
}

/// The modality values as a plane, in the smallest type that holds them.
fn modality_plane(stored: &[u16], values: &[f64], occurs: &[bool]) -> ModalityValues {
    let fit = |low: f64, high: f64| {
        let of = |(&value, &occurs): (&f64, &bool)| {
            !occurs || (value.fract() == 0.0 && (low..=high).contains(&value))
        };
        values.iter().zip(occurs).all(of)
    };
    let value = |sample: &u16| values[usize::from(*sample)];
    if fit(0.0, f64::from(u16::MAX)) {
        ModalityValues::U16(stored.iter().map(|sample| value(sample) as u16).collect())
    } else if fit(f64::from(i16::MIN), f64::from(i16::MAX)) {
        ModalityValues::I16(stored.iter().map(|sample| value(sample) as i16).collect())
    } else {
        ModalityValues::F32(stored.iter().map(|sample| value(sample) as f32).collect())
    }
}

/// Writes the colours of a palette (C.7.9), red, green and blue for each stored sample, and returns how many bits they have;
/// `None` without a palette.
pub(super) fn palette(
    data_set: &DataSet<'_>,
    layout: Layout,
    stored: &[u16],
    colors: &mut [u16],
) -> Option<u32> {
    let [red, green, blue] = [0, 1, 2].map(|channel| {
        let descriptor = attribute::PALETTE_DESCRIPTORS[channel];
        Lut::read(data_set, descriptor, attribute::PALETTE_DATA[channel], layout.is_signed)
    });
    let luts = [red?, green?, blue?];
    for (color, &sample) in colors.as_chunks_mut::<3>().0.iter_mut().zip(stored) {
        let value = layout.value(sample) as f64;
        *color = luts.each_ref().map(|lut| lut.at(value));
    }
    Some(if luts.iter().all(|lut| lut.most <= 255.0) { 8 } else { 16 })
}
