//! ReLU of the sum of two values of one shape; the twin of add_relu.wgsl.

pub(crate) fn main(id: usize, a: &[[f32; 4]], b: &[[f32; 4]], output: &mut [[f32; 4]]) {
    let place = id;
    if place >= output.len() {
        return;
    }
    for lane in 0..4 {
        output[place][lane] = (a[place][lane] + b[place][lane]).max(0.0);
    }
}
