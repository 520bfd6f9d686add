// ReLU of the sum of two values of one shape; the twin of add_relu.rs.

@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let place = id.x;
    if place >= arrayLength(&output) {
        return;
    }
    output[place] = max(a[place] + b[place], vec4(0.0));
}
