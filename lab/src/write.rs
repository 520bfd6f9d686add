//! Writes the evidence into documents: three rows for the README, everything for the model card with its plots, and the
//! part that the page shows.

mod goals;
mod hospitals;
mod numbers;
mod page;
mod plots;
mod texture;
mod verdict;

pub use page::for_page;
pub use verdict::{own_tables, summary, tables};

use covid_classifier::{Error, ErrorKind, Result};

use crate::evidence::Evidence;

/// The plots of the model card: (file name, SVG).
pub fn plots(evidence: &Evidence) -> [(&'static str, String); 2] {
    [
        ("calibration.svg", plots::calibration(&evidence.verdict.calibration)),
        ("risk-coverage.svg", plots::risk_coverage(&evidence.verdict.risk_coverage)),
    ]
}

const BEGIN: &str = "<!-- results: written by `./build.sh evaluate` -->";
const END: &str = "<!-- end of results -->";

/// Replaces the text between a document's result markers.
///
/// # Errors
/// [`ErrorKind::Dataset`] where the document has no markers.
pub fn with_results(document: &str, tables: &str) -> Result<String> {
    let missing = || Error::new(ErrorKind::Dataset, "the document has no place for the results");
    let (head, rest) = document.split_once(BEGIN).ok_or_else(missing)?;
    let (_, tail) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{head}{BEGIN}\n{tables}{END}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_go_between_their_markers() {
        let document = format!("# Title\n\n{BEGIN}\nold\nold\n{END}\n\nAfter.\n");
        let expected = format!("# Title\n\n{BEGIN}\nnew\n{END}\n\nAfter.\n");
        assert_eq!(with_results(&document, "new\n").unwrap(), expected);
        assert_eq!(with_results(&expected, "new\n").unwrap(), expected);
        for document in ["no markers", BEGIN, &format!("{END}{BEGIN}")] {
            assert_eq!(with_results(document, "new").unwrap_err().kind(), ErrorKind::Dataset, "{document}");
        }
    }
}
