//! Formats numbers for the documents.

use covid_classifier::statistics::Estimate;

/// A share in per cent.
pub(super) fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

/// A share with its interval.
pub(super) fn share(estimate: &Estimate) -> String {
    format!("{} ({} to {})", percent(estimate.value), percent(estimate.low), percent(estimate.high))
}

/// An area under the ROC curve with its interval.
pub(super) fn area(estimate: &Estimate) -> String {
    format!("{:.3} ({:.3} to {:.3})", estimate.value, estimate.low, estimate.high)
}

/// A number between 0 and 1 that is not a share.
pub(super) fn number(value: f64) -> String {
    format!("{value:.3}")
}

/// A share with its interval and its films.
pub(super) fn share_and_n(estimate: &Estimate) -> String {
    format!("{}, n = {}", share(estimate), estimate.n)
}

/// An area, or another such number, with its interval and its films.
pub(super) fn area_and_n(estimate: &Estimate) -> String {
    format!("{}, n = {}", area(estimate), estimate.n)
}

/// Formats a number with `write`, or gives a dash for `None`.
pub(super) fn or_dash(estimate: Option<&Estimate>, write: fn(&Estimate) -> String) -> String {
    estimate.map_or_else(|| "—".to_owned(), write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_interval() {
        let estimate = Estimate { n: 9, value: 0.8125, low: 0.0, high: 1.0 };
        assert_eq!(share(&estimate), "81.2 % (0.0 % to 100.0 %)");
        assert_eq!(area(&estimate), "0.812 (0.000 to 1.000)");
        assert_eq!(share_and_n(&estimate), "81.2 % (0.0 % to 100.0 %), n = 9");
        assert_eq!(
            (area_and_n(&estimate), number(0.9504)),
            ("0.812 (0.000 to 1.000), n = 9".into(), "0.950".into())
        );
        assert_eq!((or_dash(None, share), or_dash(Some(&estimate), area)), ("—".to_owned(), area(&estimate)));
    }
}
