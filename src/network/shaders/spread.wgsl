// A plane as the first of four channels, the others 0; the twin of spread.rs.

@group(0) @binding(0) var<storage, read> plane: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let place = id.x;
    if place >= arrayLength(&output) {
        return;
    }
    output[place] = vec4(plane[place], 0.0, 0.0, 0.0);
}
