//! Windows to look at a film through: which stored value becomes which grey (DICOM PS3.3, C.11.2.1.2).
//! For showing, never for reading.

use serde::Serialize;

use crate::lungs::LungFields;
use crate::radiograph::{Radiograph, Samples, VoiFunction, VoiWindow};

/// The share of the values that [`Windows::auto`] cuts off at either end.
const CUT: f64 = 0.005;
/// The same of [`Windows::lungs`].
const CUT_IN_LUNGS: f64 = 0.01;
/// As many values at most are looked at.
const ENOUGH: usize = 1 << 18;

/// A linear window, in stored values. Values up to `center - 0.5 - (width - 1) / 2` are black, those
/// above `center - 0.5 + (width - 1) / 2` white.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Window {
    /// The middle.
    pub center: f64,
    /// At least 1.
    pub width: f64,
}

impl Window {
    /// The window in which `low` is black, `high` is white, and all between is shown.
    pub fn of_range(low: f64, high: f64) -> Self {
        Self { center: (low + high + 1.0) / 2.0, width: high - low + 1.0 }
    }
}

/// A window that a DICOM file proposes, in modality values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProposedWindow {
    /// What its maker calls it. `None` where it has no name, or one with words other than those that makers use: free text may
    /// name a person.
    pub name: Option<String>,
    /// Window Center.
    pub center: f64,
    /// Window Width.
    pub width: f64,
    /// How the two are to be read.
    pub function: VoiFunction,
}

impl From<VoiWindow> for ProposedWindow {
    fn from(VoiWindow { center, width, explanation, function }: VoiWindow) -> Self {
        Self { name: explanation.filter(|name| is_harmless(name)), center, width, function }
    }
}

/// Whether a window's name consists of words that makers use, and numbers.
fn is_harmless(name: &str) -> bool {
    const LONGEST: usize = 32;
    const WORDS: [&str; 66] = [
        "abdomen",
        "algo",
        "algorithm",
        "ap",
        "auto",
        "bone",
        "bones",
        "brain",
        "bright",
        "center",
        "chest",
        "contrast",
        "dark",
        "default",
        "defined",
        "detail",
        "edge",
        "enhanced",
        "exact",
        "film",
        "frontal",
        "full",
        "hard",
        "harder",
        "heart",
        "high",
        "lat",
        "lateral",
        "linear",
        "low",
        "lower",
        "lung",
        "lungs",
        "lut",
        "max",
        "maximum",
        "mediastinum",
        "medium",
        "min",
        "minimum",
        "minmax",
        "narrow",
        "normal",
        "optimal",
        "original",
        "pa",
        "preset",
        "processed",
        "range",
        "sigmoid",
        "skin",
        "soft",
        "softer",
        "spine",
        "standard",
        "thorax",
        "tissue",
        "user",
        "view",
        "voi",
        "wide",
        "width",
        "win",
        "window",
        "wl",
        "ww",
    ];
    let mut words =
        name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let is_known = |word: &str| {
        let letters = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        // Long numbers may be somebody's.
        word.len() - letters.len() <= 2
            && (letters.is_empty() || WORDS.contains(&letters.to_ascii_lowercase().as_str()))
    };
    name.is_ascii()
        && name.len() <= LONGEST
        && words.all(is_known)
        && name.chars().any(|letter| letter.is_ascii_alphabetic())
}

/// What to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Windows {
    /// All values of the film.
    pub full: Window,
    /// The middle 99 % of them: a burnt-in letter does not darken the chest.
    pub auto: Window,
    /// The middle 98 % of those inside the lungs; `None` where none were found.
    pub lungs: Option<Window>,
}

impl Windows {
    /// Of a film and the lungs that were found in it.
    pub fn of(film: &Radiograph, lungs: Option<&LungFields>) -> Self {
        let (low, high) = film.samples.range();
        let stride = film.samples.len().div_ceil(ENOUGH).max(1);
        let auto = middle((0..film.samples.len()).step_by(stride).map(|k| at(film, k)).collect(), CUT);
        let inside = lungs.iter().flat_map(|lungs| lungs.places()).filter_map(|(x, y)| {
            let (column, row) = (x * film.width as f64, y * film.height as f64);
            let inside =
                column >= 0.0 && row >= 0.0 && column < film.width as f64 && row < film.height as f64;
            inside.then(|| at(film, row as usize * film.width + column as usize))
        });
        let full = Window::of_range(low, high);
        Self { full, auto: auto.unwrap_or(full), lungs: middle(inside.collect(), CUT_IN_LUNGS) }
    }
}

impl Windows {
    /// The same windows where a sample stands for `offset + step × sample`.
    pub(super) fn of_values(self, offset: f64, step: f64) -> Self {
        let value = |sample: f64| offset + step * sample;
        let of = |Window { center, width }: Window| {
            let low = center - width / 2.0;
            Window::of_range(value(low), value(low + width - 1.0))
        };
        Self { full: of(self.full), auto: of(self.auto), lungs: self.lungs.map(of) }
    }
}

fn at(film: &Radiograph, k: usize) -> f64 {
    match &film.samples {
        Samples::U8(samples) => samples[k].into(),
        Samples::U16(samples) => samples[k].into(),
        Samples::F64(samples) => samples[k],
    }
}

/// The window of the values without the share `cut` at either end; `None` where there are none.
fn middle(mut values: Vec<f64>, cut: f64) -> Option<Window> {
    let last = values.len().checked_sub(1)?;
    values.sort_unstable_by(f64::total_cmp);
    let skipped = (cut * values.len() as f64) as usize;
    Some(Window::of_range(values[skipped], values[last - skipped]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(width: usize, samples: Samples) -> Radiograph {
        let height = samples.len() / width;
        Radiograph::drawn(width, height, samples)
    }

    /// The grey 0…1 that the standard gives a value.
    fn shown(window: Window, value: f64) -> f64 {
        let Window { center, width } = window;
        ((value - (center - 0.5)) / (width - 1.0) + 0.5).clamp(0.0, 1.0)
    }

    #[test]
    fn a_range_goes_from_black_to_white() {
        let window = Window::of_range(10.0, 20.0);
        assert_eq!([10.0, 15.0, 20.0].map(|value| shown(window, value)), [0.0, 0.5, 1.0]);
        // The standard's own window for 12 bits: center 2048, width 4096.
        assert_eq!(Window::of_range(0.0, 4095.0), Window { center: 2048.0, width: 4096.0 });
    }

    #[test]
    fn a_few_extreme_values_do_not_widen_the_automatic_window() {
        let mut values: Vec<u16> = (0..1000).map(|k| 1000 + k % 100).collect();
        values[0] = 0;
        values[1] = 65535;
        let windows = Windows::of(&film(50, Samples::U16(values)), None);
        assert_eq!(windows.full, Window::of_range(0.0, 65535.0));
        assert_eq!(windows.auto, Window::of_range(1000.0, 1099.0));
        assert_eq!(windows.lungs, None);
    }

    #[test]
    fn names_of_windows_have_no_free_text() {
        for name in ["NORMAL", "WINDOW1", "Soft Tissue 2", "USER_DEFINED", "lungs"] {
            assert!(is_harmless(name), "{name}");
        }
        for name in [
            "",
            "12",
            "Doe^Jane",
            "NORMAL Doe",
            "normal 19500101",
            "LUNG\u{e4}",
            "soft soft soft soft soft soft soft",
        ] {
            assert!(!is_harmless(name), "{name}");
        }
    }

    #[test]
    fn a_flat_film_has_a_window() {
        let windows = Windows::of(&film(2, Samples::U8(vec![7; 4])), None);
        assert_eq!(windows.full, Window { center: 7.5, width: 1.0 });
        assert_eq!(windows.auto, windows.full);
    }

    #[test]
    fn the_lungs_window_holds_what_lies_inside_them() {
        // Lungs in the left half, values of 100 there and 200 beside.
        let side = 128;
        let left = |k: usize| k % side < side / 2;
        let fields =
            LungFields::new((0..side * side).map(|k| if left(k) { 1.0 } else { 0.0 }).collect(), side, side);
        let values = (0..side * side).map(|k| if left(k) { 100 } else { 200 }).collect();
        let windows = Windows::of(&film(side, Samples::U8(values)), Some(&fields));
        assert_eq!(windows.lungs, Some(Window::of_range(100.0, 100.0)));
    }
}
