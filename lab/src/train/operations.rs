//! Convolution, batch norm, sum with ReLU and enlargement as candle operations with gradients, each many times faster
//! on a processor than candle's own. An operation runs on one thread; the shards of a batch run in parallel.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Storage, Tensor};
use multiversion::multiversion;
use nalgebra::{DMatrixViewMut, Dyn, MatrixView};

/// Added to variances before the square root.
pub(crate) const EPSILON: f32 = 1e-5;

/// The values of a contiguous tensor.
fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let values = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("this operation needs a contiguous tensor"),
    }
}

/// Runs `work` on the values of a tensor.
fn with<T>(tensor: &Tensor, work: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(work(slice(storage, layout)?)),
        _ => candle_core::bail!("training runs on the processor"),
    }
}

/// The shape of a convolution of one image.
#[derive(Clone, Copy, Debug)]
struct ConvolutionShape {
    channels: usize,
    height: usize,
    width: usize,
    kernel: usize,
    stride: usize,
}

impl ConvolutionShape {
    fn output(&self) -> (usize, usize) {
        (self.height.div_ceil(self.stride), self.width.div_ceil(self.stride))
    }

    fn rows(&self) -> usize {
        self.channels * self.kernel * self.kernel
    }

    /// For one row of patches (channel and offsets in the kernel) and one output row: the input
    /// row, and the output columns whose input column exists.
    fn line(&self, dy: usize, dx: usize, y: usize) -> Option<(usize, usize, usize, isize)> {
        let pad = (self.kernel / 2) as isize;
        let row = (y * self.stride + dy) as isize - pad;
        if row < 0 || row >= self.height as isize {
            return None;
        }
        let shift = dx as isize - pad;
        let columns = self.output().1;
        let first = if shift < 0 { (-shift as usize).div_ceil(self.stride) } else { 0 };
        // The last column x with x * stride + shift < width.
        let end = ((self.width as isize - shift) as usize).div_ceil(self.stride).min(columns);
        Some((row as usize, first, end, shift))
    }

    /// The patches of one image: (channels · kernel², rows · columns of the output). Rows of the matrix are `across`
    /// numbers apart; those of this image begin at `first`.
    fn patches(&self, image: &[f32], patches: &mut [f32], (first, across): (usize, usize)) {
        let (rows, columns) = self.output();
        for (k, patch) in patches.chunks_exact_mut(across).enumerate() {
            let patch = &mut patch[first..first + rows * columns];
            let (channel, offset) = (k / (self.kernel * self.kernel), k % (self.kernel * self.kernel));
            let (dy, dx) = (offset / self.kernel, offset % self.kernel);
            let plane = &image[channel * self.height * self.width..][..self.height * self.width];
            for (y, out) in patch.chunks_exact_mut(columns).enumerate() {
                let Some((row, first, end, shift)) = self.line(dy, dx, y) else {
                    out.fill(0.0);
                    continue;
                };
                let line = &plane[row * self.width..][..self.width];
                out[..first].fill(0.0);
                out[end..].fill(0.0);
                let start = ((first * self.stride) as isize + shift) as usize;
                if self.stride == 1 {
                    out[first..end].copy_from_slice(&line[start..start + end - first]);
                } else {
                    let inputs = line[start..].iter().step_by(self.stride);
                    out[first..end].iter_mut().zip(inputs).for_each(|(out, &value)| *out = value);
                }
            }
        }
    }

    /// Adds patches to the places that they came from.
    fn scatter(&self, patches: &[f32], image: &mut [f32], (first, across): (usize, usize)) {
        let (rows, columns) = self.output();
        for (k, patch) in patches.chunks_exact(across).enumerate() {
            let patch = &patch[first..first + rows * columns];
            let (channel, offset) = (k / (self.kernel * self.kernel), k % (self.kernel * self.kernel));
            let (dy, dx) = (offset / self.kernel, offset % self.kernel);
            let plane = &mut image[channel * self.height * self.width..][..self.height * self.width];
            for (y, values) in patch.chunks_exact(columns).enumerate() {
                let Some((row, first, end, shift)) = self.line(dy, dx, y) else { continue };
                let line = &mut plane[row * self.width..][..self.width];
                let start = ((first * self.stride) as isize + shift) as usize;
                if self.stride == 1 {
                    let slots = &mut line[start..start + end - first];
                    slots.iter_mut().zip(&values[first..end]).for_each(|(slot, value)| *slot += value);
                } else {
                    let slots = line[start..].iter_mut().step_by(self.stride);
                    slots.zip(&values[first..end]).for_each(|(slot, value)| *slot += value);
                }
            }
        }
    }

    /// How many of `images` are multiplied at a time. Small images are multiplied together, so that the weights are
    /// read once for all of them.
    fn together(&self, images: usize) -> usize {
        let (rows, columns) = self.output();
        (TOGETHER / (rows * columns)).clamp(1, images.max(1))
    }
}

/// The approximate number of output pixels that are multiplied at a time.
const TOGETHER: usize = 2048;

/// (images, channels, area) as (channels, images, area), or back.
fn exchanged(values: &[f32], (outer, inner, area): (usize, usize, usize), into: &mut [f32]) {
    for (k, run) in values.chunks_exact(area).enumerate() {
        let (a, b) = (k / inner, k % inner);
        into[(b * outer + a) * area..][..area].copy_from_slice(run);
    }
}

/// A view of a matrix with any strides.
type View<'a> = MatrixView<'a, f32, Dyn, Dyn, Dyn, Dyn>;

fn view(values: &[f32], (rows, columns): (usize, usize), (down, across): (usize, usize)) -> View<'_> {
    MatrixView::from_slice_with_strides_generic(values, Dyn(rows), Dyn(columns), Dyn(down), Dyn(across))
}

/// `out` (rows × columns, column-major) = `keep` · `out` + a · b.
fn multiply(out: &mut [f32], a: &View<'_>, b: &View<'_>, keep: f32) {
    let (rows, depth, columns) = (a.nrows(), a.ncols(), b.ncols());
    if rows.min(depth).min(columns) > 5 {
        DMatrixViewMut::from_slice(out, rows, columns).gemm(1.0, a, b, keep);
        return;
    }
    // nalgebra's loops for small matrices read out of bounds with unusual strides; only heads are that small.
    for (column, out) in out.chunks_exact_mut(rows).enumerate() {
        for (row, slot) in out.iter_mut().enumerate() {
            let sum: f32 = (0..depth).map(|k| a[(row, k)] * b[(k, column)]).sum();
            *slot = keep * *slot + sum;
        }
    }
}

thread_local! {
    /// Patches, their gradients, and outputs or output gradients with the channels outermost, allocated once per
    /// thread.
    static BUFFERS: RefCell<[Vec<f32>; 3]> = const { RefCell::new([Vec::new(), Vec::new(), Vec::new()]) };
}

fn sized(buffer: &mut Vec<f32>, length: usize) -> &mut [f32] {
    if buffer.len() < length {
        buffer.resize(length, 0.0);
    }
    &mut buffer[..length]
}

/// 3 × 3 or 1 × 1 convolution of (N, C, H, W) with (O, C, k, k).
pub(crate) struct Convolution {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    /// Whether anything before it learns, and so needs a gradient.
    pub(crate) input_gradient: bool,
}

fn convolve(
    input: &[f32],
    weights: &[f32],
    images: usize,
    outputs: usize,
    geometry: ConvolutionShape,
) -> Vec<f32> {
    let (rows, columns) = geometry.output();
    let (area, depth) = (rows * columns, geometry.rows());
    let length = geometry.channels * geometry.height * geometry.width;
    let mut output = vec![0.0; images * outputs * area];
    let weights = view(weights, (depth, outputs), (1, depth));
    BUFFERS.with_borrow_mut(|[buffer, _, swapped]| {
        let together = geometry.together(images);
        let groups = input.chunks(together * length).zip(output.chunks_mut(together * outputs * area));
        for (group, out) in groups {
            let count = group.len() / length;
            let across = count * area;
            let patches = sized(buffer, depth * across);
            for (k, image) in group.chunks_exact(length).enumerate() {
                geometry.patches(image, patches, (k * area, across));
            }
            let patches = view(patches, (across, depth), (1, across));
            if count == 1 {
                multiply(out, &patches, &weights, 0.0);
            } else {
                let swapped = sized(swapped, outputs * across);
                multiply(swapped, &patches, &weights, 0.0);
                exchanged(swapped, (outputs, count, area), out);
            }
        }
    });
    output
}

fn enlarge(values: &[f32], width: usize) -> Vec<f32> {
    let mut output = Vec::with_capacity(4 * values.len());
    for line in values.chunks_exact(width) {
        for _ in 0..2 {
            output.extend(line.iter().flat_map(|&value| [value, value]));
        }
    }
    output
}

impl Convolution {
    fn geometry(&self, shape: &Shape) -> Result<(usize, ConvolutionShape)> {
        let (images, channels, height, width) = shape.dims4()?;
        Ok((images, ConvolutionShape { channels, height, width, kernel: self.kernel, stride: self.stride }))
    }
}

impl CustomOp2 for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (input, weights) = (slice(s1, l1)?, slice(s2, l2)?);
        let (images, geometry) = self.geometry(l1.shape())?;
        let outputs = l2.shape().dims()[0];
        let (rows, columns) = geometry.output();
        let output = convolve(input, weights, images, outputs, geometry);
        Ok((CpuStorage::F32(output), Shape::from((images, outputs, rows, columns))))
    }

    fn bwd(
        &self,
        input: &Tensor,
        weights: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (images, geometry) = self.geometry(input.shape())?;
        let outputs = weights.dims()[0];
        let (rows, columns) = geometry.output();
        let (area, depth) = (rows * columns, geometry.rows());
        let image_length = geometry.channels * geometry.height * geometry.width;
        let mut weight_gradient = vec![0.0; depth * outputs];
        let mut input_gradient = vec![0.0; if self.input_gradient { images * image_length } else { 0 }];
        with(input, |input| {
            with(weights, |weights| {
                with(gradient, |gradient| {
                    let transposed = view(weights, (outputs, depth), (depth, 1));
                    BUFFERS.with_borrow_mut(|[buffer, back, swapped]| {
                        let together = geometry.together(images);
                        for first in (0..images).step_by(together) {
                            let count = together.min(images - first);
                            let across = count * area;
                            let patches = sized(buffer, depth * across);
                            let group = &input[first * image_length..][..count * image_length];
                            for (k, image) in group.chunks_exact(image_length).enumerate() {
                                geometry.patches(image, patches, (k * area, across));
                            }
                            let gradient = &gradient[first * outputs * area..][..outputs * across];
                            let swapped = sized(swapped, outputs * across);
                            exchanged(gradient, (count, outputs, area), swapped);
                            let gradient = view(swapped, (across, outputs), (1, across));
                            multiply(
                                &mut weight_gradient,
                                &view(patches, (depth, across), (across, 1)),
                                &gradient,
                                1.0,
                            );
                            if !self.input_gradient {
                                continue;
                            }
                            let back = sized(back, depth * across);
                            multiply(back, &gradient, &transposed, 0.0);
                            let into = &mut input_gradient[first * image_length..][..count * image_length];
                            for (k, image) in into.chunks_exact_mut(image_length).enumerate() {
                                geometry.scatter(back, image, (k * area, across));
                            }
                        }
                    });
                })
            })
        })???;
        let device = input.device();
        let input_gradient = match self.input_gradient {
            true => Some(Tensor::from_vec(input_gradient, input.shape(), device)?),
            false => None,
        };
        Ok((input_gradient, Some(Tensor::from_vec(weight_gradient, weights.shape(), device)?)))
    }
}

/// Mean and (biased) variance of every channel of a batch.
pub(crate) type Statistics = Vec<(f32, f32)>;

/// Batch norm over N, H and W with scale and shift per channel, then ReLU where asked.
pub(crate) struct BatchNorm {
    pub(crate) relu: bool,
    /// The statistics of the batch's channels: filled by the forward pass, read by the backward pass and the running
    /// averages.
    pub(crate) statistics: Arc<OnceLock<Statistics>>,
}

/// The planes of one channel in all images.
fn planes(values: &[f32], channels: usize, area: usize, channel: usize) -> impl Iterator<Item = &[f32]> {
    values.chunks_exact(area).skip(channel).step_by(channels)
}

/// Number of partial sums in a loop, so that it is vectorised.
const LANES: usize = 16;

/// The sum of `values − shift`, or of its squares.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
fn sum(values: &[f32], shift: f32, squared: bool) -> f64 {
    let mut partial = [0.0_f32; LANES];
    let (whole, rest) = values.as_chunks::<LANES>();
    for chunk in whole {
        for lane in 0..LANES {
            let value = chunk[lane] - shift;
            partial[lane] += if squared { value * value } else { value };
        }
    }
    for value in rest {
        let value = value - shift;
        partial[0] += if squared { value * value } else { value };
    }
    partial.iter().map(|&value| f64::from(value)).sum()
}

/// One plane of a norm in the backward pass.
#[derive(Clone, Copy)]
struct Backwards<'a> {
    input: &'a [f32],
    output: &'a [f32],
    gradient: &'a [f32],
    relu: bool,
    mean: f32,
}

/// The sum of the gradient before the ReLU, and that of its products with the centred input.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
fn gradient_sums(plane: Backwards<'_>) -> (f64, f64) {
    let length = plane.input.len();
    let (input, output, gradient) = (plane.input, &plane.output[..length], &plane.gradient[..length]);
    // A ReLU lets positive outputs through.
    let floor = if plane.relu { 0.0 } else { f32::NEG_INFINITY };
    let (mut sums, mut products) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    let whole = length / LANES * LANES;
    for start in (0..whole).step_by(LANES) {
        for lane in 0..LANES {
            let i = start + lane;
            let value = if output[i] > floor { gradient[i] } else { 0.0 };
            sums[lane] += value;
            products[lane] += value * (input[i] - plane.mean);
        }
    }
    for i in whole..length {
        let value = if output[i] > floor { gradient[i] } else { 0.0 };
        sums[0] += value;
        products[0] += value * (input[i] - plane.mean);
    }
    let total = |partial: [f32; LANES]| partial.iter().map(|&value| f64::from(value)).sum();
    (total(sums), total(products))
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
fn input_gradient(plane: Backwards<'_>, factor: f32, of_mean: f32, of_slope: f32, into: &mut [f32]) {
    let length = into.len();
    let (input, output, gradient) =
        (&plane.input[..length], &plane.output[..length], &plane.gradient[..length]);
    let floor = if plane.relu { 0.0 } else { f32::NEG_INFINITY };
    for i in 0..length {
        let value = if output[i] > floor { gradient[i] } else { 0.0 };
        into[i] = factor * (value - of_mean - (input[i] - plane.mean) * of_slope);
    }
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2+fma"))]
fn scale_and_shift(values: &[f32], scale: f32, shift: f32, floor: f32, into: &mut Vec<f32>) {
    into.extend(values.iter().map(|value| (value * scale + shift).max(floor)));
}

impl CustomOp3 for BatchNorm {
    fn name(&self) -> &'static str {
        "batch-norm"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (values, scales, shifts) = (slice(s1, l1)?, slice(s2, l2)?, slice(s3, l3)?);
        let (images, channels, height, width) = l1.shape().dims4()?;
        let area = height * width;
        let count = (images * area) as f64;
        let statistics: Statistics = (0..channels)
            .map(|channel| {
                let of = || planes(values, channels, area, channel);
                let mean = (of().map(|plane| sum(plane, 0.0, false)).sum::<f64>() / count) as f32;
                let squares: f64 = of().map(|plane| sum(plane, mean, true)).sum();
                (mean, (squares / count) as f32)
            })
            .collect();
        let mut output = Vec::with_capacity(values.len());
        for (k, plane) in values.chunks_exact(area).enumerate() {
            let channel = k % channels;
            let (mean, variance) = statistics[channel];
            let scale = scales[channel] / (variance + EPSILON).sqrt();
            let shift = shifts[channel] - mean * scale;
            let floor = if self.relu { 0.0 } else { f32::NEG_INFINITY };
            scale_and_shift(plane, scale, shift, floor, &mut output);
        }
        // An operation runs once.
        let _ = self.statistics.set(statistics);
        Ok((CpuStorage::F32(output), l1.shape().clone()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        scales: &Tensor,
        _: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (images, channels, height, width) = input.dims4()?;
        let area = height * width;
        let count = (images * area) as f32;
        let Some(statistics) = self.statistics.get() else { candle_core::bail!("backwards before forwards") };
        let scale_values = scales.to_vec1::<f32>()?;
        let mut into = vec![0.0_f32; input.elem_count()];
        let (mut scale_gradient, mut shift_gradient) = (vec![0.0_f32; channels], vec![0.0_f32; channels]);
        with(input, |input| {
            with(output, |output| {
                with(gradient, |gradient| {
                    for channel in 0..channels {
                        let (mean, variance) = statistics[channel];
                        let inverse = 1.0 / (variance + EPSILON).sqrt();
                        let plane = |image: usize| {
                            let start = (image * channels + channel) * area;
                            let range = start..start + area;
                            Backwards {
                                input: &input[range.clone()],
                                output: &output[range.clone()],
                                gradient: &gradient[range],
                                relu: self.relu,
                                mean,
                            }
                        };
                        let (mut sum, mut product) = (0.0, 0.0);
                        for image in 0..images {
                            let (a, b) = gradient_sums(plane(image));
                            (sum, product) = (sum + a, product + b);
                        }
                        shift_gradient[channel] = sum as f32;
                        scale_gradient[channel] = product as f32 * inverse;
                        let factor = scale_values[channel] * inverse;
                        let (of_mean, of_slope) =
                            (sum as f32 / count, product as f32 * inverse * inverse / count);
                        for image in 0..images {
                            let start = (image * channels + channel) * area;
                            input_gradient(
                                plane(image),
                                factor,
                                of_mean,
                                of_slope,
                                &mut into[start..start + area],
                            );
                        }
                    }
                })
            })
        })???;
        let device = input.device();
        Ok((
            Some(Tensor::from_vec(into, input.shape(), device)?),
            Some(Tensor::from_vec(scale_gradient, channels, device)?),
            Some(Tensor::from_vec(shift_gradient, channels, device)?),
        ))
    }
}

/// The ReLU of a sum of two tensors.
pub(crate) struct AddRelu;

impl CustomOp2 for AddRelu {
    fn name(&self) -> &'static str {
        "add-relu"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (a, b) = (slice(s1, l1)?, slice(s2, l2)?);
        if l1.shape() != l2.shape() {
            candle_core::bail!("cannot add {:?} and {:?}", l1.shape(), l2.shape());
        }
        let sum = a.iter().zip(b).map(|(a, b)| (a + b).max(0.0)).collect();
        Ok((CpuStorage::F32(sum), l1.shape().clone()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        _: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let masked = with(output, |output| {
            with(gradient, |gradient| {
                let pairs = output.iter().zip(gradient);
                pairs.map(|(&y, &g)| if y > 0.0 { g } else { 0.0 }).collect::<Vec<f32>>()
            })
        })??;
        let masked = Tensor::from_vec(masked, output.shape(), output.device())?;
        Ok((Some(masked.clone()), Some(masked)))
    }
}

/// Enlarges by 2: repeats every pixel in both directions.
pub(crate) struct Upsample;

impl CustomOp1 for Upsample {
    fn name(&self) -> &'static str {
        "upsample"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let values = slice(storage, layout)?;
        let (images, channels, height, width) = layout.shape().dims4()?;
        let output = enlarge(values, width);
        Ok((CpuStorage::F32(output), Shape::from((images, channels, 2 * height, 2 * width))))
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let width = input.dims4()?.3;
        let mut into = Vec::with_capacity(input.elem_count());
        with(gradient, |gradient| {
            for lines in gradient.chunks_exact(4 * width) {
                let (upper, lower) = lines.split_at(2 * width);
                into.extend(
                    (0..width).map(|x| upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]),
                );
            }
        })?;
        Ok(Some(Tensor::from_vec(into, input.shape(), input.device())?))
    }
}

/// Passes values on, and reverses and scales their gradients: what the layers behind it learn, the layers before it
/// unlearn (Ganin & Lempitsky 2015).
pub(crate) struct GradientReversal(pub(crate) f64);

impl CustomOp1 for GradientReversal {
    fn name(&self) -> &'static str {
        "gradient-reversal"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(slice(storage, layout)?.to_vec()), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some((gradient * -self.0)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn random(shape: &[usize], rng: &mut ChaCha8Rng) -> Var {
        let values = (0..shape.iter().product()).map(|_| rng.random_range(-1.0..1.0)).collect::<Vec<f32>>();
        Var::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    fn difference(a: &Tensor, b: &Tensor) -> f32 {
        assert_eq!(a.dims(), b.dims());
        let largest = (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap();
        largest.to_scalar::<f32>().unwrap()
    }

    /// The forward pass, and the backward pass of a random gradient, must agree with candle's own.
    fn same_as(
        ours: impl Fn() -> Tensor,
        theirs: impl Fn() -> Tensor,
        variables: &[&Var],
        rng: &mut ChaCha8Rng,
    ) {
        let (a, b) = (ours(), theirs());
        assert!(difference(&a, &b) < 1e-4, "forwards {}", difference(&a, &b));
        let weight = random(a.dims(), rng);
        let gradients =
            |value: Tensor| (value * weight.as_tensor()).unwrap().sum_all().unwrap().backward().unwrap();
        let (a, b) = (gradients(a), gradients(b));
        for variable in variables {
            let (a, b) = (a.get(variable).unwrap(), b.get(variable).unwrap());
            assert!(difference(a, b) < 1e-3, "backwards {}", difference(a, b));
        }
    }

    #[test]
    fn convolution_is_candles() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        // In the last case, two of three images are multiplied together and one alone.
        for (images, kernel, stride, height, width) in [
            (2, 3, 1, 7, 10),
            (2, 3, 2, 8, 8),
            (2, 3, 2, 7, 9),
            (2, 1, 1, 5, 6),
            (2, 1, 2, 8, 6),
            (2, 1, 2, 7, 5),
            (3, 3, 1, 32, 30),
        ] {
            let (x, w) = (random(&[images, 3, height, width], rng), random(&[9, 3, kernel, kernel], rng));
            let ours = || {
                x.as_tensor()
                    .apply_op2(w.as_tensor(), Convolution { kernel, stride, input_gradient: true })
                    .unwrap()
            };
            let theirs = || x.as_tensor().conv2d(w.as_tensor(), kernel / 2, stride, 1, 1).unwrap();
            same_as(ours, theirs, &[&x, &w], rng);
        }
    }

    #[test]
    fn batch_norm_is_the_formula() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let (x, scale, shift) = (random(&[3, 4, 5, 7], rng), random(&[4], rng), random(&[4], rng));
        for relu in [false, true] {
            let ours = || {
                let norm = BatchNorm { relu, statistics: Arc::default() };
                x.as_tensor().apply_op3(scale.as_tensor(), shift.as_tensor(), norm).unwrap()
            };
            let theirs = || {
                let x = x.as_tensor();
                let each = |value: &Tensor| value.reshape((1, 4, 1, 1)).unwrap();
                let mean = x.mean_keepdim((0, 2, 3)).unwrap();
                let centered = x.broadcast_sub(&mean).unwrap();
                let variance = centered.sqr().unwrap().mean_keepdim((0, 2, 3)).unwrap();
                let deviation = (variance + f64::from(EPSILON)).unwrap().sqrt().unwrap();
                let y = centered.broadcast_div(&deviation).unwrap();
                let y = y.broadcast_mul(&each(&scale)).unwrap().broadcast_add(&each(&shift)).unwrap();
                if relu { y.relu().unwrap() } else { y }
            };
            same_as(ours, theirs, &[&x, &scale, &shift], rng);
        }
    }

    #[test]
    fn sum_and_enlargement_are_candles() {
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let (a, b) = (random(&[2, 3, 4, 5], rng), random(&[2, 3, 4, 5], rng));
        let ours = || a.as_tensor().apply_op2(b.as_tensor(), AddRelu).unwrap();
        same_as(ours, || (a.as_tensor() + b.as_tensor()).unwrap().relu().unwrap(), &[&a, &b], rng);
        let ours = || a.as_tensor().apply_op1(Upsample).unwrap();
        same_as(ours, || a.as_tensor().upsample_nearest2d(8, 10).unwrap(), &[&a], rng);
    }

    #[test]
    fn a_reversed_gradient_points_back() {
        let rng = &mut ChaCha8Rng::seed_from_u64(4);
        let a = random(&[3], rng);
        let value = a.as_tensor().apply_op1(GradientReversal(0.5)).unwrap();
        assert_eq!(difference(&value, &a), 0.0);
        let gradients = value.sum_all().unwrap().backward().unwrap();
        assert_eq!(gradients.get(&a).unwrap().to_vec1::<f32>().unwrap(), [-0.5; 3]);
    }
}
