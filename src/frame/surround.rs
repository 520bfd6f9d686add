//! What of a region surrounds what it holds: uniform, or nearly, and connected with the region's edge.

use super::grid::{Grid, Span};

/// A cell is of the surround where all its values are within this of the surround's level (of 255).
pub(super) const TOLERANCE: f32 = 12.0;
/// A run whose cells' values are further apart than this, in the middle, is not uniform.
const LARGEST_NOISE: f32 = 12.0;
/// A line from one side of the region to the other is uniform where its values lie within this.
const UNIFORM_LINE: f32 = 10.0;
/// How fast the level follows a gradient from cell to cell.
const FOLLOW: f32 = 0.05;
/// The border of a pane has so many cells at most.
const BORDER: usize = 2;
/// A run along the edge at least this share of the side begins a surround.
const LEAST_RUN: f32 = 0.1;

/// The surround of a region.
pub(super) struct Surround {
    pub(super) region: Span,
    /// For each cell of the region the number of the ground it belongs to, row-major; 0 for none. A ground is connected,
    /// or nearly: a screen has one for each bar and panel.
    grounds: Vec<u16>,
    /// How many grounds there are.
    count: u16,
}

impl Surround {
    /// Grows from uniform runs along the region's edge, and from lines through all of it; of a part of a screen, also from
    /// those a little further in, since its panes have borders.
    #[inline(never)]
    pub(super) fn of(grid: &Grid, region: Span, is_screen: bool) -> Self {
        let (width, height) = (region.width(), region.height());
        let of_region = |values: &[f32]| -> Vec<f32> {
            let mut cells = Vec::with_capacity(width * height);
            let rows = values.chunks_exact(grid.columns).take(region.bottom).skip(region.top);
            rows.for_each(|row| cells.extend_from_slice(&row[region.left..region.right]));
            cells
        };
        let (low, high) = (of_region(&grid.low), of_region(&grid.high));
        let fits = |k: usize, level: f32, tolerance: f32| {
            (low[k] >= level - tolerance && high[k] <= level + tolerance)
                .then(|| level + FOLLOW * ((low[k] + high[k]) / 2.0 - level))
        };
        let middle = |k: usize| (low[k] + high[k]) / 2.0;
        let range = |k: usize| high[k] - low[k];
        let mut grounds = vec![0; width * height];
        let mut count = 0_u16;
        let mut stack: Vec<(usize, f32)> = Vec::new();
        let mut grow = |run: &[(usize, f32)], tolerance: f32| {
            stack.extend(run.iter().filter(|(k, _)| grounds[*k] == 0));
            if stack.is_empty() {
                return;
            }
            // What is left over between grounds belongs to the last of them.
            count = count.saturating_add(1);
            stack.iter().for_each(|&(k, _)| grounds[k] = count);
            let size = (width, height);
            while !stack.is_empty() {
                spread(&mut stack, &mut grounds, count, size, |k, level| fits(k, level, tolerance));
            }
        };
        let mut begin = |run: &mut Vec<(usize, f32)>, least: usize| {
            if run.len() >= least {
                let mut ranges: Vec<f32> = run.iter().map(|&(k, _)| range(k)).collect();
                let place = ranges.len() * 3 / 4;
                let noise = *ranges.select_nth_unstable_by(place, f32::total_cmp).1;
                if noise <= LARGEST_NOISE {
                    grow(run, (3.0 + 1.25 * noise).min(TOLERANCE));
                }
            }
            run.clear();
        };
        let border = if is_screen { BORDER.min((width.min(height) - 1) / 2) } else { 0 };
        let edges = (0..=border).flat_map(|k| {
            let (across, down) = (width - 2 * k, height - 2 * k);
            [
                (k * width + k, 1, across),
                ((height - 1 - k) * width + k, 1, across),
                (k * width + k, width, down),
                (k * width + width - 1 - k, width, down),
            ]
        });
        for (start, step, length) in edges {
            let least = ((LEAST_RUN * length as f32) as usize).max(3);
            let mut run: Vec<(usize, f32)> = Vec::new();
            for k in (0..length).map(|k| start + k * step) {
                let level = run.last().map_or_else(|| middle(k), |&(_, level)| level);
                if let Some(level) = fits(k, level, TOLERANCE) {
                    run.push((k, level));
                    continue;
                }
                begin(&mut run, least);
                run.extend(fits(k, middle(k), TOLERANCE).map(|level| (k, level)));
            }
            begin(&mut run, least);
        }
        // What divides films may be narrow: lines through all of the region.
        let rows = (0..height).map(|y| (y * width + border, 1, width - 2 * border));
        let columns = (0..width).map(|x| (border * width + x, width, height - 2 * border));
        let lines = rows.chain(columns);
        for (start, step, length) in lines {
            if let Some(level) = uniform_level(&low[start..], &high[start..], step, length) {
                let run: Vec<(usize, f32)> = (0..length).map(|k| (start + k * step, level)).collect();
                grow(&run, UNIFORM_LINE / 2.0);
            }
        }
        Self { region, grounds, count }
    }

    /// What lies inside, in parts, the largest first. What is narrower than `thickness` cells is none of it: letters,
    /// rulers, the edges of a sheet.
    pub(super) fn contents(&self, thickness: usize) -> Vec<Part> {
        if self.count == 0 {
            return vec![Part { span: self.region, cells: self.region.area() }];
        }
        let (width, height) = (self.region.width(), self.region.height());
        let radius = thickness / 2;
        let content: Vec<bool> = self.grounds.iter().map(|&ground| ground == 0).collect();
        let content = opened(&content, width, height, radius);
        let mut parts = parts(&content, width, height);
        for part in &mut parts {
            part.span = Span {
                left: part.span.left + self.region.left,
                right: part.span.right + self.region.left,
                top: part.span.top + self.region.top,
                bottom: part.span.bottom + self.region.top,
            };
        }
        parts.sort_by_key(|part| std::cmp::Reverse(part.cells));
        parts
    }
}

/// Cells that are done at a time when a ground or a part grows, so that what does them is called often.
const AT_A_TIME: usize = 256;

/// Lets a ground grow by some of the cells from which it may.
#[inline(never)]
fn spread(
    stack: &mut Vec<(usize, f32)>,
    grounds: &mut [u16],
    ground: u16,
    (width, height): (usize, usize),
    fits: impl Fn(usize, f32) -> Option<f32>,
) {
    for _ in 0..AT_A_TIME {
        let Some((k, level)) = stack.pop() else { return };
        for near in neighbours(k, width, height).into_iter().flatten() {
            if grounds[near] != 0 {
                continue;
            }
            if let Some(level) = fits(near, level) {
                grounds[near] = ground;
                stack.push((near, level));
            }
        }
    }
}

/// The level of a line of so many cells, each so many after the one before; `None` where it is not uniform.
#[inline(never)]
fn uniform_level(low: &[f32], high: &[f32], step: usize, length: usize) -> Option<f32> {
    let (mut least, mut most) = (f32::INFINITY, f32::NEG_INFINITY);
    for (&low, &high) in low.iter().step_by(step).zip(high.iter().step_by(step)).take(length) {
        least = if low < least { low } else { least };
        most = if high > most { high } else { most };
        if most - least > UNIFORM_LINE {
            return None;
        }
    }
    Some((least + most) / 2.0)
}

/// A connected part of what a region holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) span: Span,
    /// Cells.
    pub(super) cells: usize,
}

/// Morphological opening by a square; what lies beyond the edge counts as content.
pub(super) fn opened(content: &[bool], width: usize, height: usize, radius: usize) -> Vec<bool> {
    let eroded = shrunk(content, width, height, radius, true);
    shrunk(&eroded, width, height, radius, false)
}

/// A cell stays what it `is` where all cells around it are, by counting those that are not along both directions.
fn shrunk(input: &[bool], width: usize, height: usize, radius: usize, is: bool) -> Vec<bool> {
    let mut along = vec![is; input.len()];
    for (row, output) in input.chunks_exact(width).zip(along.chunks_exact_mut(width)) {
        shrink_row(row, output, radius, is);
    }
    // All columns at once, row by row.
    let row = |y: usize| &along[y * width..(y + 1) * width];
    let mut others = vec![0_u16; width];
    (0..radius.min(height)).for_each(|y| count_others(&mut others, row(y), is, 1));
    let mut output = Vec::with_capacity(input.len());
    for y in 0..height {
        if y + radius < height {
            count_others(&mut others, row(y + radius), is, 1);
        }
        have_none(&others, is, &mut output);
        if y >= radius {
            count_others(&mut others, row(y - radius), is, -1);
        }
    }
    output
}

#[inline(never)]
fn shrink_row(row: &[bool], output: &mut [bool], radius: usize, is: bool) {
    let width = row.len();
    let mut others = row[..radius.min(width)].iter().filter(|&&cell| cell != is).count();
    for k in 0..width {
        if k + radius < width {
            others += usize::from(row[k + radius] != is);
        }
        output[k] = (others == 0) == is;
        if k >= radius {
            others -= usize::from(row[k - radius] != is);
        }
    }
}

/// Adds or, by −1, takes away a row to how many cells of each column are others.
#[inline(never)]
fn count_others(others: &mut [u16], row: &[bool], is: bool, by: i16) {
    for (others, &cell) in others.iter_mut().zip(row) {
        *others = others.wrapping_add_signed(if cell == is { 0 } else { by });
    }
}

#[inline(never)]
fn have_none(others: &[u16], is: bool, output: &mut Vec<bool>) {
    output.extend(others.iter().map(|&others| (others == 0) == is));
}

/// The cells beside one, above and below it.
fn neighbours(k: usize, width: usize, height: usize) -> [Option<usize>; 4] {
    // A grid has few cells, and a division of 32 bits takes less time.
    let (x, y) = (k as u32 % width as u32, k as u32 / width as u32);
    let (width, height) = (width as u32, height as u32);
    [
        (x > 0).then(|| k - 1),
        (x + 1 < width).then(|| k + 1),
        (y > 0).then(|| k - width as usize),
        (y + 1 < height).then(|| k + width as usize),
    ]
}

#[inline(never)]
pub(super) fn parts(content: &[bool], width: usize, height: usize) -> Vec<Part> {
    let mut seen = vec![false; content.len()];
    let mut parts = Vec::new();
    let mut stack = Vec::new();
    for start in 0..content.len() {
        if seen[start] || !content[start] {
            continue;
        }
        let (x, y) = (start % width, start / width);
        let mut part = Part { span: Span { left: x, top: y, right: x + 1, bottom: y + 1 }, cells: 0 };
        seen[start] = true;
        stack.push(start);
        while !stack.is_empty() {
            join(&mut stack, content, &mut seen, (width, height), &mut part);
        }
        parts.push(part);
    }
    parts
}

/// Lets a part grow by some of the cells from which it may.
#[inline(never)]
fn join(
    stack: &mut Vec<usize>,
    content: &[bool],
    seen: &mut [bool],
    (width, height): (usize, usize),
    part: &mut Part,
) {
    for _ in 0..AT_A_TIME {
        let Some(k) = stack.pop() else { return };
        let (x, y) = ((k as u32 % width as u32) as usize, (k as u32 / width as u32) as usize);
        part.cells += 1;
        let span = &mut part.span;
        (span.left, span.right) = (span.left.min(x), span.right.max(x + 1));
        (span.top, span.bottom) = (span.top.min(y), span.bottom.max(y + 1));
        for near in neighbours(k, width, height).into_iter().flatten() {
            if content[near] && !seen[near] {
                seen[near] = true;
                stack.push(near);
            }
        }
    }
}

/// What lies between a block and one side of a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Margin {
    /// Cells.
    pub(super) depth: usize,
    /// Of 255.
    pub(super) level: f32,
}

/// The values of a margin, less a gradient, lie within this (of 255) but for a tenth.
const LARGEST_SPREAD: f64 = 5.0;
/// As many cells of a margin are looked at, or a few more.
const ENOUGH: usize = 2048;
/// A line belongs to a margin where its ground has this share of the line; the rest is written or drawn on it…
const LEAST_OF_LINE: f64 = 0.1;
/// … and this share of all grounds on the line: bars run across the panels beside them.
const LEAST_OF_GROUNDS: f64 = 0.6;
/// From line to line the level of a ground changes by no more than this (of 255).
const LARGEST_STEP: f32 = 4.0;
/// Cells between two grounds.
const BETWEEN_GROUNDS: usize = 2;
/// Something is drawn on a piece of a strip where this share of it is not ground…
const DRAWN: f64 = 0.08;
/// … and of so many pieces…
const PIECES: usize = 8;
/// … so many have something on them in a toolbar.
const BUSY_PIECES: usize = 4;
/// So much of what divides two blocks is surround.
const LEAST_DIVISION: f64 = 0.95;

impl Surround {
    fn at(&self, x: usize, y: usize) -> usize {
        self.grounds[(y - self.region.top) * self.region.width() + x - self.region.left].into()
    }

    /// What lies left of, above, right of or below a block, as wide or high as the region.
    pub(super) fn side(&self, block: Span, side: usize) -> Span {
        match side {
            0 => Span { right: block.left, ..self.region },
            1 => Span { bottom: block.top, ..self.region },
            2 => Span { left: block.right, ..self.region },
            _ => Span { top: block.bottom, ..self.region },
        }
    }

    /// The share of a span that is ground; 1 of nothing.
    pub(super) fn ground_share(&self, span: Span) -> f64 {
        let rows = span.top..span.bottom;
        let ground: usize =
            rows.map(|y| (span.left..span.right).filter(|&x| self.at(x, y) != 0).count()).sum();
        if span.area() == 0 { 1.0 } else { ground as f64 / span.area() as f64 }
    }

    /// Whether something is drawn all along a strip on one side of a block, as the icons of a toolbar are.
    pub(super) fn is_busy(&self, strip: Span, side: usize) -> bool {
        let piece = |k: usize| {
            let part = |start: usize, length: usize| {
                (start + k * length / PIECES, start + (k + 1) * length / PIECES)
            };
            if side.is_multiple_of(2) {
                let (top, bottom) = part(strip.top, strip.height());
                Span { top, bottom, ..strip }
            } else {
                let (left, right) = part(strip.left, strip.width());
                Span { left, right, ..strip }
            }
        };
        strip.area() > 0
            && (0..PIECES).filter(|&k| self.ground_share(piece(k)) <= 1.0 - DRAWN).count() >= BUSY_PIECES
    }

    /// For the left, upper, right and lower side of a block the share of its lines that begin there, or where its margin
    /// ends, or a cell further in: the edge of a film is straight, and what a window made white or black ends where the
    /// body does.
    #[inline(never)]
    pub(super) fn straight(&self, block: Span, margins: &[Option<Margin>; 4]) -> [f32; 4] {
        let region = self.region;
        let share = |side: usize, place: usize| {
            // Two cells inwards from a place, which is the first of the block.
            let line = |k: usize| match side {
                0 => Span { left: place + k, right: place + k + 1, ..block },
                1 => Span { top: place + k, bottom: place + k + 1, ..block },
                2 => Span { left: place - 1 - k, right: place - k, ..block },
                _ => Span { top: place - 1 - k, bottom: place - k, ..block },
            };
            let (a, b) = (line(0), line(1));
            let is_content = |line: Span, k: usize| {
                let (width, x) = (line.width(), line.left);
                self.at(x + k % width, line.top + k / width) == 0
            };
            let all = a.area();
            let count = (0..all).filter(|&k| is_content(a, k) || is_content(b, k)).count();
            count as f32 / all as f32
        };
        std::array::from_fn(|side| {
            let depth = margins[side].map(|margin| margin.depth);
            // The places, as far as two cells of the block lie further in.
            let (edge, margin, least, most) = match side {
                0 => (block.left, depth.map(|depth| region.left + depth), region.left, block.right),
                1 => (block.top, depth.map(|depth| region.top + depth), region.top, block.bottom),
                2 => (block.right, depth.map(|depth| region.right - depth), block.left, region.right),
                _ => (block.bottom, depth.map(|depth| region.bottom - depth), block.top, region.bottom),
            };
            let fits = |place: &usize| match side {
                0 | 1 => (least..most - 1).contains(place),
                _ => (least + 2..=most).contains(place),
            };
            let places = [Some(edge), margin].into_iter().flatten().filter(fits);
            places.map(|place| share(side, place)).fold(0.0, f32::max)
        })
    }

    /// What lies left of, above, right of and below a block, of one ground, from the region's edge on; `None` where there is
    /// nothing, or nothing uniform.
    pub(super) fn margins(&self, grid: &Grid, block: Span) -> [Option<Margin>; 4] {
        std::array::from_fn(|side| self.margin(grid, block, side))
    }

    #[inline(never)]
    fn margin(&self, grid: &Grid, block: Span, side: usize) -> Option<Margin> {
        let region = self.region;
        let strip = |depth: usize| match side {
            0 => Span { right: region.left + depth, ..region },
            1 => Span { bottom: region.top + depth, ..region },
            2 => Span { left: region.right - depth, ..region },
            _ => Span { top: region.bottom - depth, ..region },
        };
        let limit = [
            block.left - region.left,
            block.top - region.top,
            region.right - block.right,
            region.bottom - block.bottom,
        ][side];
        if limit == 0 {
            return None;
        }
        let line = |k: usize| self.grounds_of_line(grid, side, k);
        let first = line(0);
        let ground = (1..first.len()).max_by_key(|&ground| first[ground].0)?;
        let (mut depth, mut last) = (0, None);
        for k in 0..limit {
            let grounds = line(k);
            let (cells, sum) = grounds[ground];
            let (all, others) =
                (grounds.iter().map(|g| g.0).sum::<usize>(), grounds[1..].iter().map(|g| g.0));
            if (cells as f64) < LEAST_OF_LINE * all as f64
                || (cells as f64) < LEAST_OF_GROUNDS * others.sum::<usize>() as f64
            {
                continue;
            }
            let level = sum / cells as f32;
            // Another ground that is nearly as bright.
            if last.is_some_and(|last: f32| (level - last).abs() > LARGEST_STEP) {
                break;
            }
            (depth, last) = (k + 1, Some(level));
        }
        // A surround that runs on into what is as bright on the film is not cut so far.
        for _ in 0..4 {
            if let Some(level) = self.level(grid, strip(depth), ground) {
                // Where two grounds meet lie cells of both.
                return Some(Margin { depth: (depth + BETWEEN_GROUNDS).min(limit), level });
            }
            depth /= 2;
        }
        None
    }

    /// Of the k-th line from one side of the region on: how many cells each ground has, and the sum of their levels.
    #[inline(never)]
    fn grounds_of_line(&self, grid: &Grid, side: usize, k: usize) -> Vec<(usize, f32)> {
        let region = self.region;
        let mut grounds = vec![(0_usize, 0.0); 1 + usize::from(self.count)];
        let mut count = |x: usize, y: usize| {
            let place = y * grid.columns + x;
            let (cells, sum) = &mut grounds[self.at(x, y)];
            (*cells, *sum) = (*cells + 1, *sum + (grid.low[place] + grid.high[place]) / 2.0);
        };
        match side {
            0 => (region.top..region.bottom).for_each(|y| count(region.left + k, y)),
            1 => (region.left..region.right).for_each(|x| count(x, region.top + k)),
            2 => (region.top..region.bottom).for_each(|y| count(region.right - 1 - k, y)),
            _ => (region.left..region.right).for_each(|x| count(x, region.bottom - 1 - k)),
        }
        grounds
    }

    /// Whether surround divides two blocks, as far as they lie beside each other.
    #[inline(never)]
    pub(super) fn divides(&self, grid: &Grid, a: Span, b: Span) -> bool {
        let is_beside = a.right < b.left || b.right < a.left;
        let strip = if is_beside {
            Span {
                left: a.right.min(b.right),
                right: a.left.max(b.left),
                top: a.top.min(b.top),
                bottom: a.bottom.max(b.bottom),
            }
        } else if a.bottom < b.top || b.bottom < a.top {
            Span {
                left: a.left.min(b.left),
                right: a.right.max(b.right),
                top: a.bottom.min(b.bottom),
                bottom: a.top.max(b.top),
            }
        } else {
            return false;
        };
        // One line is enough: beside it lie cells that are partly of a block.
        let mut lines = match is_beside {
            true => (strip.left..strip.right).map(|x| Span { left: x, right: x + 1, ..strip }).collect(),
            false => {
                (strip.top..strip.bottom).map(|y| Span { top: y, bottom: y + 1, ..strip }).collect::<Vec<_>>()
            }
        };
        lines.retain(|line| {
            let mut counts = vec![0; 1 + usize::from(self.count)];
            for y in line.top..line.bottom {
                (line.left..line.right).for_each(|x| counts[self.at(x, y)] += 1);
            }
            let ground = (1..counts.len()).max_by_key(|&ground| counts[ground]);
            counts[0] as f64 <= (1.0 - LEAST_DIVISION) * line.area() as f64
                && ground.is_some_and(|ground| self.level(grid, *line, ground).is_some())
        });
        !lines.is_empty()
    }

    /// The mean level of a ground in a strip; `None` where it varies by more than a gradient.
    #[inline(never)]
    fn level(&self, grid: &Grid, strip: Span, ground: usize) -> Option<f32> {
        let step = strip.area().div_ceil(ENOUGH).isqrt().max(1);
        let mut values = Vec::new();
        for y in (strip.top..strip.bottom).step_by(step) {
            for x in (strip.left..strip.right).step_by(step) {
                if self.at(x, y) == ground {
                    let k = y * grid.columns + x;
                    values.push((x as f64, y as f64, f64::from(grid.low[k] + grid.high[k]) / 2.0));
                }
            }
        }
        if values.is_empty() {
            return None;
        }
        let count = values.len() as f64;
        let sum = values.iter().fold((0.0, 0.0, 0.0), |s, v| (s.0 + v.0, s.1 + v.1, s.2 + v.2));
        let mean = (sum.0 / count, sum.1 / count, sum.2 / count);
        // Least squares of a plane.
        let (mut xx, mut yy, mut xy, mut xv, mut yv) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, y, value) in &values {
            let (x, y, value) = (x - mean.0, y - mean.1, value - mean.2);
            (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y);
            (xv, yv) = (xv + x * value, yv + y * value);
        }
        let determinant = xx * yy - xy * xy;
        let slope = match determinant > 1e-9 * count * count {
            true => ((xv * yy - yv * xy) / determinant, (yv * xx - xv * xy) / determinant),
            false => (0.0, 0.0),
        };
        let mut rest: Vec<f64> = values
            .iter()
            .map(|(x, y, value)| value - mean.2 - slope.0 * (x - mean.0) - slope.1 * (y - mean.1))
            .collect();
        let (low, high) = (rest.len() * 5 / 100, rest.len() * 95 / 100);
        let most = *rest.select_nth_unstable_by(high, f64::total_cmp).1;
        let spread = most - *rest[..=high].select_nth_unstable_by(low, f64::total_cmp).1;
        (spread <= LARGEST_SPREAD).then_some(mean.2 as f32)
    }
}
