//! Every pixel twice in both directions; the twin of enlarge.wgsl.

pub(crate) fn main(id: usize, side: usize, input: &[[f32; 4]], output: &mut [[f32; 4]]) {
    let place = id;
    if place >= output.len() {
        return;
    }
    let x = place % side;
    let y = place / side % side;
    let four = place / side / side;
    let half = side / 2;
    output[place] = input[(four * half + y / 2) * half + x / 2];
}
