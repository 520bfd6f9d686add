//! Connected parts of the segmenter's map.

use super::SIDE;

/// A connected part of the lung fields, in pixels of the (128, 128) map.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Part {
    /// The number of pixels in it.
    pub area: usize,
    pub left: usize,
    pub right: usize,
    pub top: usize,
    pub bottom: usize,
    pub center_x: f32,
    pub center_y: f32,
}

/// Four-connected parts of what exceeds ½: a label per pixel (0: none) and each label's extent.
pub(super) fn connected_parts(values: &[f32]) -> (Vec<u32>, Vec<(u32, Part)>) {
    let mut labels = vec![0_u32; values.len()];
    let mut parts = Vec::new();
    let mut stack = Vec::new();
    for start in 0..values.len() {
        if labels[start] != 0 || values[start] <= 0.5 {
            continue;
        }
        let label = parts.len() as u32 + 1;
        let mut part =
            Part { area: 0, left: SIDE, right: 0, top: SIDE, bottom: 0, center_x: 0.0, center_y: 0.0 };
        labels[start] = label;
        stack.push(start);
        while let Some(pixel) = stack.pop() {
            let (x, y) = (pixel % SIDE, pixel / SIDE);
            part.area += 1;
            (part.left, part.right) = (part.left.min(x), part.right.max(x));
            (part.top, part.bottom) = (part.top.min(y), part.bottom.max(y));
            (part.center_x, part.center_y) = (part.center_x + x as f32, part.center_y + y as f32);
            let mut visit = |near: usize| {
                if labels[near] == 0 && values[near] > 0.5 {
                    labels[near] = label;
                    stack.push(near);
                }
            };
            if x > 0 {
                visit(pixel - 1);
            }
            if x + 1 < SIDE {
                visit(pixel + 1);
            }
            if y > 0 {
                visit(pixel - SIDE);
            }
            if y + 1 < SIDE {
                visit(pixel + SIDE);
            }
        }
        part.center_x = part.center_x / part.area as f32 + 0.5;
        part.center_y = part.center_y / part.area as f32 + 0.5;
        parts.push((label, part));
    }
    (labels, parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Labels by the obvious way: the least number among neighbours spreads until nothing changes.
    fn naive_parts(values: &[f32]) -> Vec<usize> {
        let mut labels: Vec<usize> =
            values.iter().enumerate().map(|(k, &v)| if v > 0.5 { k + 1 } else { 0 }).collect();
        loop {
            let before = labels.clone();
            for k in 0..labels.len() {
                let (x, y) = (k % SIDE, k / SIDE);
                let near = [
                    (x > 0).then(|| k - 1),
                    (x + 1 < SIDE).then(|| k + 1),
                    (y > 0).then(|| k - SIDE),
                    (y + 1 < SIDE).then(|| k + SIDE),
                ];
                let least =
                    near.into_iter().flatten().map(|near| labels[near]).filter(|&label| label > 0).min();
                if labels[k] > 0 {
                    labels[k] = labels[k].min(least.unwrap_or(labels[k]));
                }
            }
            if labels == before {
                return labels;
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn connected_parts_are_the_obvious_ones(seed in 0_u32..1000, share in 0.3_f32..0.7) {
            let mut state = seed;
            let values: Vec<f32> = (0..SIDE * SIDE).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if ((state >> 8) as f32 / (1 << 24) as f32) < share { 0.8 } else { 0.5 }
            }).collect();
            let (labels, parts) = connected_parts(&values);
            let naive = naive_parts(&values);
            let mut number_of = std::collections::HashMap::new();
            for (&ours, &theirs) in labels.iter().zip(&naive) {
                prop_assert_eq!(ours == 0, theirs == 0);
                prop_assert_eq!(*number_of.entry(theirs).or_insert(ours), ours);
            }
            let distinct: std::collections::HashSet<u32> = number_of.values().copied().collect();
            prop_assert_eq!(distinct.len(), number_of.len());
            for (label, part) in parts {
                let of: Vec<usize> = (0..labels.len()).filter(|&k| labels[k] == label).collect();
                prop_assert_eq!(part.area, of.len());
                prop_assert_eq!(Some(part.left), of.iter().map(|k| k % SIDE).min());
                prop_assert_eq!(Some(part.right), of.iter().map(|k| k % SIDE).max());
                prop_assert_eq!(Some(part.top), of.iter().map(|k| k / SIDE).min());
                prop_assert_eq!(Some(part.bottom), of.iter().map(|k| k / SIDE).max());
            }
        }
    }
}
