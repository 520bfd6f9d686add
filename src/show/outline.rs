//! The lungs' outline.

use crate::lungs::{LungFields, SIDE};

/// The lungs' outline as segments (x0, y0, x1, y1) in shares of the picture's width and height:
/// marching squares at ½.
pub fn outline(fields: &LungFields) -> Vec<[f32; 4]> {
    let at = |x: usize, y: usize| fields.map.pixels[y * SIDE + x];
    let to_picture = fields.to_picture();
    let (width, height) = fields.picture_size();
    let place = |(x, y): (f32, f32)| {
        let (x, y) = to_picture.apply(x, y);
        (x / width, y / height)
    };
    let mut segments = Vec::new();
    for y in 0..SIDE - 1 {
        for x in 0..SIDE - 1 {
            // Corners in a circle; an edge is crossed where its ends are on different sides.
            let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
            let mut crossings = Vec::new();
            for k in 0..4 {
                let (a, b) = (corners[k], corners[(k + 1) % 4]);
                let (va, vb) = (at(a.0, a.1), at(b.0, b.1));
                if (va > 0.5) != (vb > 0.5) {
                    let t = (0.5 - va) / (vb - va);
                    let mix = |a: usize, b: usize| a as f32 + t * (b as f32 - a as f32) + 0.5;
                    crossings.push(place((mix(a.0, b.0), mix(a.1, b.1))));
                }
            }
            for pair in crossings.as_chunks::<2>().0 {
                segments.push([pair[0].0, pair[0].1, pair[1].0, pair[1].1]);
            }
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outline of a film that is a part of a picture.
    #[test]
    fn the_outline_lies_on_the_whole_picture() {
        let fields = LungFields::of_rectangles(&[(50, 40, 12, 30)], 200, 100);
        let alone = outline(&fields);
        let placed = outline(&fields.placed((0.5, 0.2, 0.3, 0.6)));
        assert_eq!(alone.len(), placed.len());
        for (a, b) in alone.iter().flatten().zip(placed.iter().flatten()).enumerate().map(|(k, (a, b))| {
            let (start, share) = if k % 2 == 0 { (0.5, 0.3) } else { (0.2, 0.6) };
            (start + share * a, *b)
        }) {
            assert!((a - b).abs() < 1e-5, "{b}, not {a}");
        }
    }

    /// Segments lie on the lungs' edge, in shares of the film and not of the square; x is x.
    #[test]
    fn the_outline_runs_around_the_lungs() {
        for (width, height) in [(256, 256), (128, 256), (256, 128)] {
            let lungs = [(50, 40, 12, 30), (70, 44, 10, 20)];
            let fields = LungFields::of_rectangles(&lungs, width, height);
            let outline = outline(&fields);
            // The square around the film, in shares of the film.
            let side = width.max(height) as f32;
            let place = |v: f32, length: usize| (v / SIDE as f32 - 0.5) * side / length as f32 + 0.5;
            for &[x0, y0, x1, y1] in &outline {
                for (x, y) in [(x0, y0), (x1, y1)] {
                    let near = lungs.iter().any(|&(left, top, across, down)| {
                        let (left, right) = (place(left as f32, width), place((left + across) as f32, width));
                        let (top, bottom) = (place(top as f32, height), place((top + down) as f32, height));
                        let slack = 1e-3;
                        let on = |v: f32, edges: [f32; 2]| edges.iter().any(|edge| (v - edge).abs() < slack);
                        let within = |v: f32, low: f32, high: f32| v > low - slack && v < high + slack;
                        (on(x, [left, right]) && within(y, top, bottom))
                            || (on(y, [top, bottom]) && within(x, left, right))
                    });
                    assert!(near, "({x}, {y}) is on no edge");
                }
            }
            let length: f32 = outline
                .iter()
                .map(|[x0, y0, x1, y1]| {
                    ((x1 - x0) * width as f32).hypot((y1 - y0) * height as f32) / side * SIDE as f32
                })
                .sum();
            // The corners are cut.
            let around: usize = lungs.iter().map(|lung| 2 * (lung.2 + lung.3)).sum();
            assert!((length - around as f32).abs() < 8.0, "{length}, not {around}");
        }
    }
}
