// Every pixel twice in both directions; the twin of enlarge.rs.

// Rows and columns of the output.
@group(0) @binding(0) var<uniform> side: u32;
@group(0) @binding(1) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let place = id.x;
    if place >= arrayLength(&output) {
        return;
    }
    let x = place % side;
    let y = place / side % side;
    let four = place / side / side;
    let half = side / 2;
    output[place] = input[(four * half + y / 2) * half + x / 2];
}
