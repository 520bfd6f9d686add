//! Four numbers side by side: one register of WebAssembly's SIMD, and natively what the compiler makes of an array.

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::{
    f32x4, f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_pmax, f32x4_splat, f32x4_sub, i32x4_shuffle, v128,
};

/// Four numbers.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy)]
pub(super) struct Four(v128);

#[cfg(target_arch = "wasm32")]
impl Four {
    #[inline(always)]
    pub(super) fn splat(value: f32) -> Self {
        Self(f32x4_splat(value))
    }

    #[inline(always)]
    pub(super) fn load(&[a, b, c, d]: &[f32; 4]) -> Self {
        Self(f32x4(a, b, c, d))
    }

    #[inline(always)]
    pub(super) fn store(self, place: &mut [f32; 4]) {
        *place = [
            f32x4_extract_lane::<0>(self.0),
            f32x4_extract_lane::<1>(self.0),
            f32x4_extract_lane::<2>(self.0),
            f32x4_extract_lane::<3>(self.0),
        ];
    }

    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn minus(self, other: Self) -> Self {
        Self(f32x4_sub(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn times(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }

    /// `self + factor * other`, rounded once where the processor can do that.
    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    pub(super) fn plus_product(self, factor: Self, other: Self) -> Self {
        Self(std::arch::wasm32::f32x4_relaxed_madd(factor.0, other.0, self.0))
    }

    /// `self + factor * other`.
    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    pub(super) fn plus_product(self, factor: Self, other: Self) -> Self {
        self.plus(factor.times(other))
    }

    /// The larger of each two; `self` where `other` is not a number.
    #[inline(always)]
    pub(super) fn at_least(self, other: Self) -> Self {
        Self(f32x4_pmax(self.0, other.0))
    }

    /// a0 b0 a1 b1, a2 b2 a3 b3.
    #[inline(always)]
    pub(super) fn interleave(a: Self, b: Self) -> [Self; 2] {
        [Self(i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0)), Self(i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0))]
    }

    /// a3 b0 b1 b2.
    #[inline(always)]
    pub(super) fn moved(a: Self, b: Self) -> Self {
        Self(i32x4_shuffle::<3, 4, 5, 6>(a.0, b.0))
    }

    /// a1 a2 a3 b0.
    #[inline(always)]
    pub(super) fn moved_back(a: Self, b: Self) -> Self {
        Self(i32x4_shuffle::<1, 2, 3, 4>(a.0, b.0))
    }

    /// a0 a2 b0 b2, a1 a3 b1 b3.
    #[inline(always)]
    pub(super) fn apart(a: Self, b: Self) -> [Self; 2] {
        [Self(i32x4_shuffle::<0, 2, 4, 6>(a.0, b.0)), Self(i32x4_shuffle::<1, 3, 5, 7>(a.0, b.0))]
    }
}

/// Four numbers.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy)]
pub(super) struct Four([f32; 4]);

#[cfg(not(target_arch = "wasm32"))]
impl Four {
    #[inline(always)]
    fn of_each(self, other: Self, make: impl Fn(f32, f32) -> f32) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([make(a, e), make(b, f), make(c, g), make(d, h)])
    }

    #[inline(always)]
    pub(super) fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    #[inline(always)]
    pub(super) fn load(values: &[f32; 4]) -> Self {
        Self(*values)
    }

    #[inline(always)]
    pub(super) fn store(self, place: &mut [f32; 4]) {
        *place = self.0;
    }

    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        self.of_each(other, |a, b| a + b)
    }

    #[inline(always)]
    pub(super) fn minus(self, other: Self) -> Self {
        self.of_each(other, |a, b| a - b)
    }

    /// `self + factor * other`.
    #[inline(always)]
    pub(super) fn plus_product(self, factor: Self, other: Self) -> Self {
        self.plus(factor.times(other))
    }

    #[inline(always)]
    pub(super) fn times(self, other: Self) -> Self {
        self.of_each(other, |a, b| a * b)
    }

    /// The larger of each two; `self` where `other` is not a number.
    #[inline(always)]
    pub(super) fn at_least(self, other: Self) -> Self {
        self.of_each(other, |a, b| if a < b { b } else { a })
    }

    /// a0 b0 a1 b1, a2 b2 a3 b3.
    #[inline(always)]
    pub(super) fn interleave(a: Self, b: Self) -> [Self; 2] {
        let ([a, b, c, d], [e, f, g, h]) = (a.0, b.0);
        [Self([a, e, b, f]), Self([c, g, d, h])]
    }

    /// a3 b0 b1 b2.
    #[inline(always)]
    pub(super) fn moved(a: Self, b: Self) -> Self {
        Self([a.0[3], b.0[0], b.0[1], b.0[2]])
    }

    /// a1 a2 a3 b0.
    #[inline(always)]
    pub(super) fn moved_back(a: Self, b: Self) -> Self {
        Self([a.0[1], a.0[2], a.0[3], b.0[0]])
    }

    /// a0 a2 b0 b2, a1 a3 b1 b3.
    #[inline(always)]
    pub(super) fn apart(a: Self, b: Self) -> [Self; 2] {
        let ([a, b, c, d], [e, f, g, h]) = (a.0, b.0);
        [Self([a, c, e, g]), Self([b, d, f, h])]
    }
}
