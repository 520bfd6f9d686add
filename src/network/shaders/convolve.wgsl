// A convolution with bias, residual and ReLU; the twin of convolve.rs.
//
// Values lie as (channels / 4, rows, columns) of four channels. One thread sums COLUMNS neighbouring
// columns of one row, for FOURS times four output channels, in registers.
//
// The program puts KERNEL (3 or 1), STRIDE (1 or 2), COLUMNS, FOURS and THREADS before this text.

struct Shape {
    // Input channels in fours, rows and columns of the input.
    inputs: u32,
    input_side: u32,
    // Output channels in fours, rows and columns of the output.
    outputs: u32,
    side: u32,
    // 1: ReLU at the end.
    relu: u32,
    // 0: no residual; 1: one of the output's size; 2: one of half its rows and columns.
    residual: u32,
}

const SPAN = (COLUMNS - 1) * STRIDE + KERNEL;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> input: array<vec4<f32>>;
// For each four outputs, for each four inputs, for each tap: four columns of four outputs.
@group(0) @binding(2) var<storage, read> weights: array<mat4x4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let across = (shape.side + COLUMNS - 1) / COLUMNS;
    let x = id.x % across * COLUMNS;
    let y = id.x / across % shape.side;
    let first = id.x / across / shape.side * FOURS;
    if first >= shape.outputs {
        return;
    }
    var sums: array<vec4<f32>, COLUMNS * FOURS>;
    for (var four = 0u; four < shape.inputs; four++) {
        for (var dy = 0u; dy < KERNEL; dy++) {
            let row = i32(y * STRIDE + dy) - i32(KERNEL / 2);
            if row < 0 || row >= i32(shape.input_side) {
                continue;
            }
            let line = (four * shape.input_side + u32(row)) * shape.input_side;
            var values: array<vec4<f32>, SPAN>;
            for (var k = 0u; k < SPAN; k++) {
                let column = i32(x * STRIDE + k) - i32(KERNEL / 2);
                let inside = column >= 0 && column < i32(shape.input_side);
                values[k] = select(vec4(0.0), input[line + u32(max(column, 0))], inside);
            }
            for (var part = 0u; part < FOURS; part++) {
                let taps = (((first + part) * shape.inputs + four) * KERNEL + dy) * KERNEL;
                for (var dx = 0u; dx < KERNEL; dx++) {
                    let tap = weights[taps + dx];
                    for (var k = 0u; k < COLUMNS; k++) {
                        sums[part * COLUMNS + k] += tap * values[k * STRIDE + dx];
                    }
                }
            }
        }
    }
    for (var part = 0u; part < FOURS; part++) {
        let plane = (first + part) * shape.side;
        for (var k = 0u; k < COLUMNS; k++) {
            if x + k < shape.side {
                let place = (plane + y) * shape.side + x + k;
                var sum = sums[part * COLUMNS + k] + bias[first + part];
                if shape.residual == 1 {
                    sum += residual[place];
                } else if shape.residual == 2 {
                    let half = shape.side / 2;
                    sum += residual[((first + part) * half + y / 2) * half + (x + k) / 2];
                }
                output[place] = select(sum, max(sum, vec4(0.0)), shape.relu == 1);
            }
        }
    }
}
