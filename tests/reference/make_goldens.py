"""Writes tests/goldens: synthetic images, and what scikit-image makes of them.

    python3 -m venv target/reference-venv
    target/reference-venv/bin/pip install -r tests/reference/requirements.txt
    target/reference-venv/bin/python tests/reference/make_goldens.py

No film of a person is used. Run it only to change the goldens on purpose.
"""

import json
import pathlib

import numpy as np
from covid_classifier_reference import features, gray, preprocess
from PIL import Image

OUT = pathlib.Path(__file__).parent.parent / "goldens"


def scene(height, width, seed):
    """Smooth blobs, stripes and a little grain in 0…1."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    y, x = y / height, x / width
    image = 0.3 + 0.2 * np.sin(9 * y + 3 * x) + 0.1 * np.sin(40 * y + 8 * (x - 0.5) ** 2)
    for _ in range(6):
        cy, cx, r = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), rng.uniform(0.05, 0.3)
        image += rng.uniform(-0.4, 0.4) * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / r**2)
    image += 0.01 * rng.standard_normal((height, width))
    return np.clip((image - image.min()) / (image.max() - image.min()), 0, 1)


def u8(image):
    return np.rint(image * 255).astype(np.uint8)


def u16(image):
    return np.rint(image * 65535).astype(np.uint16)


def cases():
    yield "gray8_odd", u8(scene(517, 643, 1))
    yield "gray8_shrunk", u8(scene(901, 1203, 2))
    yield "gray8_enlarged", u8(scene(97, 120, 3))
    yield "gray8_one_axis_shrunk", u8(scene(1100, 300, 4))
    yield "gray8_same_size", u8(scene(512, 512, 5))
    yield "gray16", u16(scene(600, 701, 6))
    yield "rgb8", np.stack([u8(scene(333, 420, s)) for s in (7, 8, 9)], -1)
    yield "rgba8", np.stack([u8(scene(350, 301, s)) for s in (10, 11, 12, 13)], -1)
    yield "gray_alpha8", np.stack([u8(scene(280, 301, s)) for s in (14, 15)], -1)
    yield "narrow_range", (100 + 30 * scene(530, 540, 16)).astype(np.uint8)
    yield "flat", np.full((211, 190), 77, np.uint8)
    two = np.zeros((400, 377), np.uint8)
    two[100:300, 50:180] = 255
    yield "two_valued", two
    saturated = scene(640, 580, 17)
    yield "saturated", u8(np.clip((saturated - 0.3) * 2.5, 0, 1))


def main():
    OUT.mkdir(exist_ok=True)
    for name, image in cases():
        Image.fromarray(image).save(OUT / f"{name}.png", optimize=True)
        expected = preprocess(image)
        Image.fromarray(expected).save(OUT / f"{name}.preprocessed.png", optimize=True)
        (OUT / f"{name}.features.json").write_text(json.dumps(features(expected).tolist()))

    # A palette, read as its colours.
    palette = Image.fromarray(np.stack([u8(scene(260, 310, s)) for s in (20, 21, 22)], -1))
    palette = palette.quantize(64)
    palette.save(OUT / "palette.png", optimize=True)
    expected = preprocess(np.array(palette.convert("RGB")))
    Image.fromarray(expected).save(OUT / "palette.preprocessed.png", optimize=True)

    # JPEG as libjpeg-turbo decodes it: 16-bit grey holds rgb2gray to half a step of 1/65535.
    colour = Image.fromarray(np.stack([u8(scene(91, 130, s)) for s in (30, 31, 32)], -1))
    grey = Image.fromarray(u8(scene(130, 91, 33)))
    rotated = Image.Exif()
    rotated[0x0112] = 6
    jpegs = {
        "gray_baseline": (grey, {}),
        "gray_progressive_turned": (grey, {"progressive": True, "exif": rotated}),
        "color_420": (colour, {"subsampling": 2}),
        "color_422_progressive": (colour, {"subsampling": 1, "progressive": True}),
        "color_444": (colour, {"subsampling": 0, "quality": 95}),
    }
    for name, (image, options) in jpegs.items():
        path = OUT / f"{name}.jpg"
        image.save(path, **{"quality": 75, **options})
        decoded = Image.open(path)
        pixels = np.array(decoded)
        if decoded.getexif().get(0x0112) == 6:
            pixels = np.rot90(pixels, -1)
        Image.fromarray(u16(gray(pixels))).save(OUT / f"{name}.gray16.png", optimize=True)


if __name__ == "__main__":
    main()
