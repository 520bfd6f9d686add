// The mean of every channel; the twin of mean.rs. One thread for four channels.

// Pixels of a channel.
@group(0) @binding(0) var<uniform> pixels: u32;
@group(0) @binding(1) var<storage, read> input: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> output: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let four = id.x;
    if four >= arrayLength(&output) {
        return;
    }
    var sum = vec4(0.0);
    for (var k = 0u; k < pixels; k++) {
        sum += input[four * pixels + k];
    }
    output[four] = sum / f32(pixels);
}
