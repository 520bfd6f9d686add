//! The plots of the model card, as SVG.

use std::fmt::Write;

use covid_classifier::validation::{CalibrationEvidence, RiskCoverage};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 52.0;
const BOTTOM: f64 = 250.0;
const SIDE: f64 = 210.0;
/// Colours that the colour-blind tell apart (Okabe and Ito).
const COLORS: [&str; 2] = ["#0072b2", "#d55e00"];

/// A plot with axes from 0 to `(x, y)`.
struct Plot {
    svg: String,
    x: f64,
    y: f64,
}

impl Plot {
    fn new(title: &str, across: &str, up: &str, x: f64, y: f64) -> Self {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{title}\" font-family=\"sans-serif\" font-size=\"11\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"20\" font-size=\"13\" font-weight=\"bold\">{title}</text>\n"
        );
        let top = BOTTOM - SIDE;
        let _ = writeln!(svg, "<path d=\"M{LEFT} {top}V{BOTTOM}h{SIDE}\" fill=\"none\" stroke=\"#333\"/>");
        let middle = LEFT + SIDE / 2.0;
        let _ = writeln!(svg, "<text x=\"{middle}\" y=\"286\" text-anchor=\"middle\">{across}</text>");
        let half = BOTTOM - SIDE / 2.0;
        let _ = writeln!(
            svg,
            "<text x=\"14\" y=\"{half}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {half})\">{up}</text>"
        );
        let mut plot = Self { svg, x, y };
        for k in 0..=5 {
            let share = f64::from(k) / 5.0;
            let (px, _) = plot.place(share * x, 0.0);
            let (_, py) = plot.place(0.0, share * y);
            let (lx, ly) = (BOTTOM + 14.0, LEFT - 5.0);
            let _ = writeln!(
                plot.svg,
                "<text x=\"{px:.1}\" y=\"{lx}\" text-anchor=\"middle\">{:.0}</text>",
                100.0 * share * x
            );
            let _ = writeln!(
                plot.svg,
                "<text x=\"{ly}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>",
                py + 4.0,
                100.0 * share * y
            );
        }
        plot
    }

    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        (LEFT + SIDE * x / self.x, BOTTOM - SIDE * y / self.y)
    }

    fn line(&mut self, points: &[(f64, f64)], color: &str, dashed: bool) {
        let path = points.iter().enumerate().map(|(k, &(x, y))| {
            let (x, y) = self.place(x, y);
            format!("{}{x:.1} {y:.1}", if k == 0 { "M" } else { "L" })
        });
        let path: String = path.collect();
        let dash = if dashed { " stroke-dasharray=\"4 3\"" } else { "" };
        let _ = writeln!(
            self.svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.6\"{dash}/>"
        );
    }

    fn dot(&mut self, (x, y): (f64, f64), radius: f64, color: &str) {
        let (x, y) = self.place(x, y);
        let _ = writeln!(
            self.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{color}\" fill-opacity=\"0.75\"/>"
        );
    }

    fn legend(&mut self, k: usize, text: &str, color: &str) {
        let y = BOTTOM - SIDE + 14.0 + 15.0 * k as f64;
        let x = LEFT + 8.0;
        let _ = writeln!(self.svg, "<circle cx=\"{x}\" cy=\"{}\" r=\"4\" fill=\"{color}\"/>", y - 4.0);
        let _ = writeln!(self.svg, "<text x=\"{}\" y=\"{y}\">{text}</text>", x + 9.0);
    }

    fn finish(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// Confidence against accuracy; a dot's area grows with its films.
pub(super) fn calibration(evidence: &[CalibrationEvidence]) -> String {
    let mut plot = Plot::new("Calibration", "largest probability, %", "of these right, %", 1.0, 1.0);
    plot.line(&[(0.0, 0.0), (1.0, 1.0)], "#999", true);
    for (k, (set, color)) in evidence.iter().zip(COLORS).enumerate() {
        let points: Vec<(f64, f64)> = set.bins.iter().map(|bin| (bin.confidence, bin.accuracy)).collect();
        plot.line(&points, color, false);
        for bin in &set.bins {
            let radius = 2.0 + 9.0 * (bin.films as f64 / set.films.max(1) as f64).sqrt();
            plot.dot((bin.confidence, bin.accuracy), radius, color);
        }
        plot.legend(k, &format!("{} (n = {})", set.title, set.films), color);
    }
    plot.finish()
}

/// The share of wrong answers among the films of which the verdict is surest.
pub(super) fn risk_coverage(evidence: &[RiskCoverage]) -> String {
    let largest = evidence.iter().flat_map(|set| &set.curve).map(|point| point.1).fold(0.1, f64::max);
    let mut plot = Plot::new(
        "Risk and coverage",
        "films kept, surest first, %",
        "of these wrong, %",
        1.0,
        (largest * 6.5).ceil() / 5.0,
    );
    for (k, (set, color)) in evidence.iter().zip(COLORS).enumerate() {
        plot.line(&set.curve, color, false);
        plot.legend(k, &format!("{} (n = {})", set.title, set.films), color);
    }
    plot.finish()
}

#[cfg(test)]
mod tests {
    use covid_classifier::statistics::{Bin, Estimate};

    use super::*;

    const ESTIMATE: Estimate = Estimate { n: 40, value: 0.5, low: 0.4, high: 0.6 };

    #[test]
    fn a_bar_is_where_its_numbers_are() {
        let evidence = CalibrationEvidence {
            title: "val".into(),
            films: 40,
            error: ESTIMATE,
            bins: vec![Bin { films: 40, confidence: 0.8, accuracy: 0.5 }],
        };
        let svg = calibration(&[evidence]);
        let (x, y) = (LEFT + 0.8 * SIDE, BOTTOM - 0.5 * SIDE);
        assert!(
            svg.contains(&format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"11.0\" fill=\"{}\"", COLORS[0])),
            "{svg}"
        );
        assert!(svg.contains("val (n = 40)") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn the_axis_of_risk_reaches_beyond_the_largest() {
        let evidence = RiskCoverage {
            title: "external".into(),
            films: 40,
            accuracy: ESTIMATE,
            accuracy_of_surest_half: ESTIMATE,
            curve: vec![(0.5, 0.1), (1.0, 0.3)],
        };
        let svg = risk_coverage(&[evidence]);
        // 0.3 × 6.5 rounded up, over 5.
        let of = |x: f64, y: f64| (LEFT + SIDE * x, BOTTOM - SIDE * y / 0.4);
        let ((a, b), (c, d)) = (of(0.5, 0.1), of(1.0, 0.3));
        assert!(svg.contains(&format!("M{a:.1} {b:.1}L{c:.1} {d:.1}")), "{svg}");
    }
}
