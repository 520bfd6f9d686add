//! A plane as the first of four channels, the others 0; the twin of spread.wgsl.

pub(crate) fn main(id: usize, plane: &[f32], output: &mut [[f32; 4]]) {
    let place = id;
    if place >= output.len() {
        return;
    }
    output[place] = [plane[place], 0.0, 0.0, 0.0];
}
