"""Writes tests/goldens/rasters: synthetic images in every kind of file that other tools write, and their grey.

    python3 -m venv target/rasters-venv
    target/rasters-venv/bin/pip install numpy==2.4.6 pillow==13.0.0 tifffile==2026.3.3 imagecodecs==2026.3.6
    target/rasters-venv/bin/python tests/reference/make_rasters.py

tifffile, imagecodecs and Pillow encode; nothing here is shared with the Rust code. NAME.gray16.png holds the grey that
NAME stands for, in 16 bit. No film of a person is used. Run it only to change the goldens on purpose.
"""

import io
import pathlib

import numpy as np
import tifffile
from PIL import Image

OUT = pathlib.Path(__file__).parent.parent / "goldens" / "rasters"

HEIGHT, WIDTH = 30, 44


def scene(seed=1):
    """Smooth waves and a little grain in 0…1."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    y, x = y / HEIGHT, x / WIDTH
    image = np.sin(9 * y + 3 * x + seed) + 0.5 * np.sin(30 * y + 8 * (x - 0.5) ** 2)
    image += 0.05 * rng.standard_normal((HEIGHT, WIDTH))
    return (image - image.min()) / (image.max() - image.min())


def u8(image):
    return np.rint(image * 255).astype(np.uint8)


def u16(image):
    return np.rint(image * 65535).astype(np.uint16)


def luma(rgb):
    """Three channels in 0…1 to grey, as scikit-image weighs them."""
    return rgb @ np.array([0.2125, 0.7154, 0.0721])


def spread(values):
    """Grey by the values that occur, for formats without a fixed black and white."""
    values = values.astype(np.float64)
    return (values - values.min()) / (values.max() - values.min())


def tiff(data, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, data, **options)
    return file.getvalue()


def pillow(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def cases(scene=scene):
    """Yields file name, bytes and grey in 0…1; `scene` draws an image for a seed."""
    film = scene()
    gray8, gray16 = u8(film), u16(film)
    of8, of16 = gray8 / 255, gray16 / 65535
    rgb8 = np.stack([u8(scene(seed)) for seed in (2, 3, 4)], -1)
    rgb16 = np.stack([u16(scene(seed)) for seed in (2, 3, 4)], -1)

    for order, name in (("<", "little"), (">", "big")):
        yield f"gray8_{name}.tif", tiff(gray8, byteorder=order), of8
        yield f"gray16_{name}.tif", tiff(gray16, byteorder=order), of16
        yield f"gray16_bigtiff_{name}.tif", tiff(gray16, byteorder=order, bigtiff=True), of16
        yield f"gray16_predicted_{name}.tif", tiff(gray16, byteorder=order, compression="lzw", predictor=True), of16
        float32 = film.astype(np.float32)
        predicted = tiff(float32, byteorder=order, compression="deflate", predictor=True)
        yield f"float32_predicted_{name}.tif", predicted, float32.astype(np.float64)
    for compression in ("lzw", "deflate", "packbits", "zstd"):
        yield f"gray8_{compression}.tif", tiff(gray8, compression=compression, rowsperstrip=11), of8
        tiles = tiff(gray8, compression=compression, tile=(16, 32))
        yield f"gray8_{compression}_tiled.tif", tiles, of8

    for values in (
        (film * 70_000 + 5).astype(np.uint32),
        (film * 900 - 450).astype(np.int16),
        (film * 9e6 - 3e6).astype(np.int32),
        (film * 200 - 100).astype(np.int8),
        (film * 3000 - 1000).astype(np.float16),
        (film * 3000 - 1000).astype(np.float32),
        (film * 3000 - 1000).astype(np.float64),
    ):
        yield f"{values.dtype}.tif", tiff(values, tile=(16, 16), compression="deflate"), spread(values)
    half = film.astype(np.float16)
    yield "float16_unit.tif", tiff(half), half.astype(np.float64)
    for bits in (1, 2, 4, 10, 12, 14):
        codes = np.rint(film * (2**bits - 1)).astype(np.uint8 if bits <= 8 else np.uint16)
        # A packed row ends with a byte.
        packed = tiff(codes, bitspersample=bits, photometric="minisblack")
        yield f"gray{bits}.tif", packed, codes / (2**bits - 1)

    white = tiff(gray8, photometric="miniswhite", compression="deflate")
    yield "white_is_zero.tif", white, 1 - of8
    ramp = np.arange(256, dtype=np.uint16) * 257
    yield "palette_gray.tif", tiff(gray8, photometric="palette", colormap=np.stack([ramp] * 3)), of8
    colors = np.stack([ramp, ramp[::-1], np.roll(ramp, 128)])
    palette = tiff(gray8, photometric="palette", colormap=colors)
    yield "palette_color.tif", palette, luma(colors.T[gray8] / 65535)
    alpha = np.full_like(gray8, 255)
    alpha[:, :9], alpha[:, -7:], alpha[:5] = 0, 0, 100
    share = alpha / 255
    over = (1 - share) + share * of8
    gray_alpha = np.stack([gray8, alpha], -1)
    options = {"photometric": "minisblack", "extrasamples": ["unassalpha"]}
    yield "gray_alpha.tif", tiff(gray_alpha, planarconfig="contig", **options), over
    yield "gray_alpha_planes.tif", tiff(np.moveaxis(gray_alpha, -1, 0), planarconfig="separate", **options), over
    rgba = np.concatenate([rgb8, alpha[..., None]], -1)
    over = luma((1 - share)[..., None] + share[..., None] * rgb8 / 255)
    yield "rgba.tif", tiff(rgba, photometric="rgb", extrasamples=["unassalpha"]), over
    yield "rgb8.tif", tiff(rgb8, photometric="rgb"), luma(rgb8 / 255)
    yield "rgb16.tif", tiff(rgb16, photometric="rgb", tile=(16, 16), compression="lzw", predictor=True), luma(rgb16 / 65535)
    planes = tiff(np.moveaxis(rgb8, -1, 0), photometric="rgb", planarconfig="separate", rowsperstrip=7)
    yield "rgb8_planes.tif", planes, luma(rgb8 / 255)

    # JPEG, with the pixels that libjpeg gives.
    for name, data in (("gray", gray8), ("ycbcr", rgb8)):
        photometric = "minisblack" if data.ndim == 2 else "ycbcr"
        for tiled in (False, True):
            layout = {"tile": (16, 16)} if tiled else {"rowsperstrip": 16}
            args = {"level": 90} if data.ndim == 2 else {"level": 90, "subsampling": (1, 1), "outcolorspace": "ycbcr"}
            file = tiff(data, photometric=photometric, compression="jpeg", compressionargs=args, **layout)
            # Pillow reads it by libtiff.
            read = np.array(Image.open(io.BytesIO(file)).convert("L" if data.ndim == 2 else "RGB")) / 255
            yield f"jpeg_{name}_{'tiles' if tiled else 'strips'}.tif", file, read if data.ndim == 2 else luma(read)
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        file = pillow(Image.fromarray(gray8), "TIFF", compression=compression)
        yield f"pillow_{compression}.tif", file, np.array(Image.open(io.BytesIO(file))) / 255

    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.ascontiguousarray(gray8[::2, ::2]), subfiletype=1)
        writer.write(gray8, subfiletype=0)
    yield "thumbnail_first.tif", file.getvalue(), of8
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(gray8, subifds=1)
        writer.write(np.ascontiguousarray(gray8[::2, ::2]), subfiletype=1)
    yield "pyramid.tif", file.getvalue(), of8

    png = pillow(Image.fromarray(gray8), "PNG")
    yield "no_end.png", png[:-12], of8
    yield "cut_checksum.png", png[:-15], of8
    yield "gray16.png", pillow(Image.fromarray(gray16), "PNG"), of16
    yield "gray8.bmp", pillow(Image.fromarray(gray8), "BMP"), of8
    yield "rgb8.bmp", pillow(Image.fromarray(rgb8), "BMP"), luma(rgb8 / 255)
    surround = np.dstack([gray8, gray8, gray8, np.where(share < 0.9, 0, 255).astype(np.uint8)])
    over = np.where(share < 0.9, 1, of8)
    for kind in ("PNG", "WEBP"):
        options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
        yield f"surround.{kind.lower()}", pillow(Image.fromarray(surround), kind, **options), over


def main():
    OUT.mkdir(exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    for name, data, gray in cases():
        (OUT / name).write_bytes(data)
        Image.fromarray(u16(gray)).save(OUT / f"{name}.gray16.png", optimize=True)


if __name__ == "__main__":
    main()
