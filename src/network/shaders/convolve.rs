//! A convolution with bias, residual and ReLU; the twin of convolve.wgsl.

/// What the text before the shader sets.
#[derive(Clone, Copy)]
#[allow(non_snake_case)]
pub(crate) struct Constants {
    pub(crate) KERNEL: usize,
    pub(crate) STRIDE: usize,
    pub(crate) COLUMNS: usize,
    pub(crate) FOURS: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) inputs: usize,
    pub(crate) input_side: usize,
    pub(crate) outputs: usize,
    pub(crate) side: usize,
    pub(crate) relu: usize,
    pub(crate) residual: usize,
}

/// `tap * values`, as WGSL multiplies a matrix of four columns and a vector.
fn times(tap: &[[f32; 4]], values: [f32; 4]) -> [f32; 4] {
    std::array::from_fn(|lane| (0..4).map(|column| tap[column][lane] * values[column]).sum())
}

// As the shader writes it.
#[allow(non_snake_case, clippy::needless_range_loop, clippy::too_many_arguments)]
pub(crate) fn main(
    id: usize,
    Constants { KERNEL, STRIDE, COLUMNS, FOURS }: Constants,
    shape: Shape,
    input: &[[f32; 4]],
    weights: &[[f32; 4]],
    bias: &[[f32; 4]],
    residual: &[[f32; 4]],
    output: &mut [[f32; 4]],
) {
    let SPAN = (COLUMNS - 1) * STRIDE + KERNEL;
    let across = shape.side.div_ceil(COLUMNS);
    let x = id % across * COLUMNS;
    let y = id / across % shape.side;
    let first = id / across / shape.side * FOURS;
    if first >= shape.outputs {
        return;
    }
    let mut sums = vec![[0.0; 4]; COLUMNS * FOURS];
    for four in 0..shape.inputs {
        for dy in 0..KERNEL {
            let row = (y * STRIDE + dy) as isize - (KERNEL / 2) as isize;
            if row < 0 || row >= shape.input_side as isize {
                continue;
            }
            let line = (four * shape.input_side + row as usize) * shape.input_side;
            let mut values = vec![[0.0; 4]; SPAN];
            for k in 0..SPAN {
                let column = (x * STRIDE + k) as isize - (KERNEL / 2) as isize;
                let inside = column >= 0 && column < shape.input_side as isize;
                values[k] = if inside { input[line + column as usize] } else { [0.0; 4] };
            }
            for part in 0..FOURS {
                let taps = (((first + part) * shape.inputs + four) * KERNEL + dy) * KERNEL;
                for dx in 0..KERNEL {
                    let tap = &weights[4 * (taps + dx)..][..4];
                    for k in 0..COLUMNS {
                        let product = times(tap, values[k * STRIDE + dx]);
                        for lane in 0..4 {
                            sums[part * COLUMNS + k][lane] += product[lane];
                        }
                    }
                }
            }
        }
    }
    for part in 0..FOURS {
        let plane = (first + part) * shape.side;
        for k in 0..COLUMNS {
            if x + k < shape.side {
                let place = (plane + y) * shape.side + x + k;
                for lane in 0..4 {
                    let mut sum = sums[part * COLUMNS + k][lane] + bias[first + part][lane];
                    if shape.residual == 1 {
                        sum += residual[place][lane];
                    } else if shape.residual == 2 {
                        let half = shape.side / 2;
                        sum += residual[((first + part) * half + y / 2) * half + (x + k) / 2][lane];
                    }
                    output[place][lane] = if shape.relu == 1 { sum.max(0.0) } else { sum };
                }
            }
        }
    }
}
