"""An independent Python reading of the paper's preprocessing and 252 features.

NumPy, SciPy, PyWavelets and scikit-image do the work; nothing here is shared
with the Rust code. `make_goldens.py` writes the committed goldens with it,
`bench_reference.py` times it, and `check_features.py` compares it with a
published feature table.
"""

import numpy as np
import pywt
from skimage.color import rgb2gray, rgba2rgb
from skimage.exposure import equalize_adapthist
from skimage.feature import graycomatrix
from skimage.transform import resize
from skimage.util import img_as_float64, img_as_ubyte

SIDE = 512


def min_max(image):
    """Scale to 0…1; a flat image becomes all zeros."""
    image = np.asarray(image, dtype=np.float64)
    low, high = image.min(), image.max()
    if low == high:
        return np.zeros_like(image)
    return (image - low) / (high - low)


def gray(image):
    """(H, W), (H, W, 2), (H, W, 3) or (H, W, 4) to grey f64 in 0…1.

    Alpha is blended onto white, scikit-image's `rgba2rgb` default.
    """
    if image.ndim == 2:
        return img_as_float64(image)
    if image.shape[2] == 2:
        value, alpha = img_as_float64(image[..., 0]), img_as_float64(image[..., 1])
        return (1 - alpha) + alpha * value
    if image.shape[2] == 4:
        image = rgba2rgb(image)
    return rgb2gray(img_as_float64(image))


def preprocess(image):
    """Any decoded image to the 512 × 512 8-bit image that the features read."""
    plane = resize(gray(image), (SIDE, SIDE), order=1, mode="reflect", anti_aliasing=True)
    return img_as_ubyte(equalize_adapthist(min_max(plane)))


def statistics(values):
    """The 14 first-order statistics of the non-zero values."""
    x = np.asarray(values, dtype=np.float64).ravel()
    x = x[x != 0]
    if x.size == 0:
        return np.zeros(14)
    mean = x.mean()
    deviation = x - mean
    variance = np.mean(deviation**2)
    if x.max() == x.min():
        variance = skewness = kurtosis = 0.0
        deviation = np.zeros_like(x)
    else:
        skewness = np.mean(deviation**3) / variance**1.5
        kurtosis = np.mean(deviation**4) / variance**2 - 3
    _, counts = np.unique(x, return_counts=True)
    p = counts / x.size
    return np.array(
        [
            x.sum(),
            mean,
            np.sqrt(variance),
            skewness,
            kurtosis,
            np.sum(x**2),
            -np.sum(p * np.log2(p)),
            x.max(),
            np.mean(np.abs(deviation)),
            np.median(x),
            x.min(),
            x.max() - x.min(),
            np.sqrt(np.mean(x**2)),
            np.sum(p**2),
        ]
    )


def fourier(unit):
    """Magnitude of the shifted spectrum, columns 257 … 384."""
    magnitude = np.abs(np.fft.fftshift(np.fft.fft2(unit)))
    center = magnitude.shape[1] // 2 + 1
    return magnitude[:, center : (3 * center) // 2]


def wavelets(unit):
    """sym4: cA, cH, cV, cD of level 1, then of level 2 on cA."""
    ca, (ch, cv, cd) = pywt.dwt2(unit, "sym4")
    ca2, (ch2, cv2, cd2) = pywt.dwt2(ca, "sym4")
    return [ca, ch, cv, cd, ca2, ch2, cv2, cd2]


def differences_loop(unit, distance=10):
    """Right, up-right, down, up-left differences, pixel by pixel."""
    rows, columns = unit.shape
    right = np.zeros((rows, columns), np.float32)
    up_right = np.zeros((rows, columns), np.float32)
    down = np.zeros((rows, columns), np.float32)
    up_left = np.zeros((rows, columns), np.float32)
    for i in range(rows):
        for j in range(columns):
            if j + distance < columns:
                right[i, j] = abs(unit[i, j] - unit[i, j + distance])
            if i - distance > 0 and j + distance < columns:
                up_right[i, j] = abs(unit[i, j] - unit[i - distance, j + distance])
            if i + distance < rows:
                down[i, j] = abs(unit[i, j] - unit[i + distance, j])
            if i - distance > 0 and j - distance > 0:
                up_left[i, j] = abs(unit[i, j] - unit[i - distance, j - distance])
    return [right, up_right, down, up_left]


def differences_vectorised(unit, distance=10):
    """The same four planes, as array arithmetic."""
    d, first = distance, distance + 1
    right = np.abs(unit[:, :-d] - unit[:, d:])
    up_right = np.abs(unit[first:, :-d] - unit[1:-d, d:])
    down = np.abs(unit[:-d, :] - unit[d:, :])
    up_left = np.abs(unit[first:, first:] - unit[1:-d, 1:-d])
    return [plane.astype(np.float32) for plane in (right, up_right, down, up_left)]


def gray_level_differences(unit, loop=False):
    planes = differences_loop(unit) if loop else differences_vectorised(unit)
    edges = np.arange(256) / 255
    result = []
    for plane in planes:
        counts, _ = np.histogram(plane[plane != 0], bins=edges)
        result.append(np.cumsum(counts))
    return result


def cooccurrence(image):
    """Four 256 × 256 matrices of pair counts, distance 1."""
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    matrices = graycomatrix(image, [1], angles, 256, symmetric=False, normed=False)
    return [matrices[:, :, 0, k] for k in range(4)]


def features(image, loop=False, published=False):
    """The 252 features of a 512 × 512 8-bit image.

    `published=True` leaves the last co-occurrence matrix unscaled, as the
    authors' published feature pool has it; the product scales all four alike.
    """
    unit = min_max(image)
    planes = [unit, fourier(unit), *wavelets(unit), *gray_level_differences(unit, loop)]
    matrices = cooccurrence(image)
    planes += [min_max(matrix) for matrix in matrices]
    result = [statistics(plane) for plane in planes]
    if published:
        # In the paper's code, the squares of the pair counts overflow 32 bits.
        counts = matrices[3][matrices[3] != 0]
        result[-1] = statistics(counts)
        result[-1][5] = np.sum(np.square(counts))
        result[-1][12] = np.sqrt(np.mean(np.square(counts)))
    return np.concatenate(result)
