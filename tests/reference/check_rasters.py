"""Compares what this program makes of rasters with what other tools encoded: `check_rasters.py DECODED PROGRAM`.

DECODED is the example `decoded`, PROGRAM draws the phantom. tifffile, imagecodecs (libjpeg-turbo, CharLS, OpenJPEG,
OpenJPH, libwebp) and Pillow write it in every kind of file that people's tools write: all those of `make_rasters.py`,
and more. What was stored without loss has to come back to the bit, or rounded to the nearest of 65,536 levels where it
is scaled; what was not, within one level of what the tool itself decodes. Ends with 1 where a file differs.
"""

import io
import json
import pathlib
import subprocess
import sys
import tempfile

import imagecodecs
import numpy as np
from make_rasters import cases, luma, pillow, spread, tiff, u8, u16
from PIL import Image

# Half a 16-bit level, plus floating-point error.
ROUNDED = 0.5001 / 65535
WIDTH, HEIGHT = 203, 181


class Phantoms:
    """The program's phantoms by seed, in 0…1."""

    def __init__(self, program, folder):
        self.program, self.folder, self.drawn = program, folder, {}

    def __call__(self, seed=1):
        if seed not in self.drawn:
            path = self.folder / f"phantom_{seed}.png"
            options = ["--seed", str(seed), "--width", str(WIDTH), "--height", str(HEIGHT), "--bits", "16", "--out", path]
            subprocess.run([self.program, "phantom", *options], check=True, stdout=subprocess.DEVNULL)
            self.drawn[seed] = np.array(Image.open(path)) / 65535
        return self.drawn[seed]


def with_tolerance(phantom):
    """Yields name, bytes, grey in 0…1, and the largest allowed difference."""
    for name, data, grey in cases(phantom):
        # Pillow decodes the chroma of JPEG in a TIFF by libtiff.
        yield name, data, grey, 1.001 / 255 if "jpeg" in name else ROUNDED
    film = phantom()
    values = {8: u8(film), 12: np.rint(film * 4095).astype(np.uint16), 16: u16(film)}
    rgb8 = np.stack([u8(phantom(seed)) for seed in (2, 3, 4)], -1)
    rgb16 = np.stack([u16(phantom(seed)) for seed in (2, 3, 4)], -1)
    yield from tiffs(film, values, rgb8, rgb16)
    yield from jpegs(values, rgb8)
    for bits in (8, 16):
        most = 2**bits - 1
        yield f"imagecodecs_{bits}.png", imagecodecs.png_encode(values[bits]), values[bits] / most, 1e-9
    webp = imagecodecs.webp_encode(rgb8, level=80, lossless=False)
    yield "lossy.webp", webp, luma(imagecodecs.webp_decode(webp)[..., :3] / 255), 1.001 / 255
    yield "lossless.webp", imagecodecs.webp_encode(rgb8, lossless=True), luma(rgb8 / 255), ROUNDED


def tiffs(film, values, rgb8, rgb16):
    for order in "<>":
        end = {"<": "little", ">": "big"}[order]
        for compression in ("lzw", "deflate", "zstd"):
            for kind, data, grey in (
                ("uint8", values[8], values[8] / 255),
                ("uint16", values[16], values[16] / 65535),
                ("uint32", (film * 4e9).astype(np.uint32), None),
                ("int16", (film * 60_000 - 30_000).astype(np.int16), None),
                ("float32", (film * 3000 - 1000).astype(np.float32), None),
                ("float64", film * 3000 - 1000, None),
            ):
                grey = spread(data) if grey is None else grey
                for layout in ({"rowsperstrip": 17}, {"tile": (48, 64)}):
                    name = f"{kind}_{compression}_{end}_{'tiles' if 'tile' in layout else 'strips'}.tif"
                    options = {"byteorder": order, "bigtiff": order == ">", "predictor": True, **layout}
                    yield name, tiff(data, compression=compression, **options), grey, ROUNDED
        for planar in ("contig", "separate"):
            for name, rgb, most in (("rgb8", rgb8, 255), ("rgb16", rgb16, 65535)):
                data = rgb if planar == "contig" else np.ascontiguousarray(np.moveaxis(rgb, -1, 0))
                options = {"photometric": "rgb", "planarconfig": planar, "byteorder": order}
                file = tiff(data, compression="deflate", predictor=True, tile=(32, 32), **options)
                yield f"{name}_{planar}_{end}.tif", file, luma(rgb / most), ROUNDED
    white = tiff(values[16], photometric="miniswhite", compression="lzw")
    yield "white_is_zero_16.tif", white, 1 - values[16] / 65535, ROUNDED
    packed = tiff(values[12], bitspersample=12, photometric="minisblack", rowsperstrip=13)
    yield "gray12_strips.tif", packed, values[12] / 4095, ROUNDED
    ramp = np.linspace(0, 65535, 65536).astype(np.uint16)
    colours = np.stack([ramp, ramp[::-1], np.roll(ramp, 9000)])
    palette = tiff(values[16], photometric="palette", colormap=colours, compression="deflate")
    yield "palette_16.tif", palette, luma(colours.T[values[16]] / 65535), ROUNDED
    for name, rgb in (("grey", values[8]), ("rgb", rgb8)):
        lossless = tiff(rgb, compression="webp", compressionargs={"lossless": True}, photometric="rgb") if rgb.ndim == 3 else None
        if lossless:
            yield f"webp_{name}.tif", lossless, luma(rgb / 255), ROUNDED
    for sampling in ((1, 1), (2, 1), (2, 2)):
        args = {"level": 92, "subsampling": sampling, "outcolorspace": "ycbcr"}
        file = tiff(rgb8, photometric="ycbcr", compression="jpeg", compressionargs=args, tile=(64, 64), subsampling=sampling)
        # Pillow reads it by libtiff.
        read = np.array(Image.open(io.BytesIO(file)).convert("RGB"))
        yield f"jpeg_ycbcr_{sampling[0]}{sampling[1]}.tif", file, luma(read / 255), 1.001 / 255


def jpegs(values, rgb8):
    """The JPEG family, each in a separate file."""
    for bits, data in values.items():
        most = 2**bits - 1
        grey = data / most
        for predictor in range(1, 8):
            coded = imagecodecs.jpeg_encode(data, lossless=True, bitspersample=bits, predictor=predictor)
            yield f"lossless_{bits}_{predictor}.jpg", coded, grey, 1e-9
        # CharLS and OpenJPH are not told the depth: they write 12 bits as 16.
        full = most if bits == 8 else 65535
        yield f"{bits}.jls", imagecodecs.jpegls_encode(data), data / full, 1e-9
        near = imagecodecs.jpegls_encode(data, level=3)
        yield f"near_{bits}.jls", near, imagecodecs.jpegls_decode(near) / full, 1.001 / full
        for kind in ("j2k", "jp2"):
            exact = imagecodecs.jpeg2k_encode(data, level=0, bitspersample=bits, codecformat=kind)
            yield f"exact_{bits}.{kind}", exact, grey, 1e-9
            for level in (35, 60):
                lossy = imagecodecs.jpeg2k_encode(data, level=level, bitspersample=bits, codecformat=kind)
                # Of 65,536 levels it may be two: OpenJPEG's constants have fewer digits.
                levels = 2.001 if bits == 16 else 1.001
                yield f"lossy_{bits}_{level}.{kind}", lossy, imagecodecs.jpeg2k_decode(lossy) / most, levels / most
        yield f"ht_{bits}.j2k", imagecodecs.htj2k_encode(data), data / full, 1e-9
        # OpenJPH does not clamp what it decodes: the ends of the scale are left out.
        inner = (data // 2 + most // 4).astype(data.dtype)
        for level in (0.0005, 0.002, 0.01):
            lossy = imagecodecs.htj2k_encode(inner, level=level)
            yield f"ht_lossy_{bits}_{level}.j2k", lossy, imagecodecs.htj2k_decode(lossy) / full, 1.001 / full
        if bits > 12:
            continue
        for level in (60, 90, 100):
            coded = imagecodecs.jpeg_encode(data, level=level, bitspersample=bits)
            yield f"dct_{bits}_{level}.jpg", coded, imagecodecs.jpeg_decode(coded) / most, 1.001 / most
    for sampling in ("444", "422", "420"):
        coded = imagecodecs.jpeg_encode(rgb8, level=85, subsampling=sampling)
        yield f"colour_{sampling}.jpg", coded, luma(imagecodecs.jpeg_decode(coded) / 255), 1.001 / 255
    progressive = pillow(Image.fromarray(rgb8), "JPEG", progressive=True, quality=80)
    yield "progressive.jpg", progressive, luma(imagecodecs.jpeg_decode(progressive) / 255), 1.001 / 255
    yield "colour.jls", imagecodecs.jpegls_encode(rgb8), luma(rgb8 / 255), ROUNDED
    yield "colour.jp2", imagecodecs.jpeg2k_encode(rgb8, level=0, codecformat="jp2"), luma(rgb8 / 255), ROUNDED


def refused(values):
    """Yields files that are not read, with the words that the error must contain."""
    yield "lzma.tif", tiff(values, compression="lzma"), "LZMA"
    yield "jpegxl.tif", tiff(values, compression="jpegxl"), "JPEG XL"
    yield "jpeg2000.tif", tiff(values, compression="jpeg2000"), "JPEG 2000"


def main():
    decoded, program = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        phantom = Phantoms(program, folder)
        files = list(with_tolerance(phantom))
        named = list(refused(u8(phantom())))
        paths = []
        for k, (name, data, *_) in enumerate([*files, *named]):
            paths.append(folder / f"{k}_{name}")
            paths[-1].write_bytes(data)
        result = subprocess.run([decoded, folder, *paths], capture_output=True, text=True, check=True)
        reports = [json.loads(line) for line in result.stdout.splitlines()]
        differing = 0
        for k, ((name, _, grey, most), report) in enumerate(zip(files, reports)):
            if "error" in report:
                problem = f"not read: {report['message']}"
            elif report["size"] != list(grey.shape[::-1]):
                problem = f"is of another size: {report['size']}"
            else:
                furthest = np.abs(np.fromfile(folder / f"{k}.samples").reshape(grey.shape) - grey).max()
                problem = f"DIFFERS by {furthest:g}, {furthest / most:.2f} of what it may" if furthest > most else None
            if problem:
                differing += 1
                print(f"{name:40} {problem}")
        for (name, _, word), report in zip(named, reports[len(files) :]):
            if word not in report.get("message", ""):
                differing += 1
                print(f"{name:40} is not refused by its name: {report}")
        print(f"{len(files) + len(named)} files compared, {differing} differ")
        sys.exit(int(differing > 0))


if __name__ == "__main__":
    main()
