//! The mean of every channel; the twin of mean.wgsl.

pub(crate) fn main(id: usize, pixels: usize, input: &[[f32; 4]], output: &mut [[f32; 4]]) {
    let four = id;
    if four >= output.len() {
        return;
    }
    let mut sum = [0.0; 4];
    for k in 0..pixels {
        for lane in 0..4 {
            sum[lane] += input[four * pixels + k][lane];
        }
    }
    output[four] = sum.map(|sum| sum / pixels as f32);
}
