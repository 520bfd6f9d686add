"""Writes tests/goldens/codec: one small picture, coded by independent tools in every way that DICOM knows.

    python3 -m venv target/dicom-venv
    target/dicom-venv/bin/pip install -r tests/reference/requirements-dicom.txt
    target/dicom-venv/bin/python tests/reference/make_codec_goldens.py

`picture_8.u16`, `picture_12.u16` and `picture_16.u16` are the picture as it was before (little endian, row-major);
what a lossy file decodes to stands beside it under its name. Run it only to change the goldens on purpose.
"""

import pathlib
import subprocess
import tempfile

import imagecodecs
import jpeg_ls
import numpy as np
import pydicom
from check_dicom import data_set, save

OUT = pathlib.Path(__file__).parent.parent / "goldens" / "codec"
WIDTH, HEIGHT = 61, 47


def picture(bits):
    """Gradients, an edge, grain, and a flat part for the runs."""
    rng = np.random.default_rng(21)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    image = 0.5 + 0.3 * np.sin(x / 9) * np.cos(y / 7) + 0.02 * rng.standard_normal((HEIGHT, WIDTH))
    image[y > 30] = 0.25
    image[(x > 40) & (y < 12)] = 1
    image[0, 0], image[0, 1] = 0, 1
    most = 2**bits - 1
    return np.rint(np.clip(image, 0, 1) * most).astype(np.uint8 if bits <= 8 else np.uint16)


def write(name, data):
    (OUT / name).write_bytes(bytes(data))


def write_values(name, values):
    write(f"{name}.u16", np.ascontiguousarray(values).astype("<u2").tobytes())


def by_dcmtk(values, bits, process):
    """The JPEG that DCMTK's dcmcjpeg puts into a DICOM file."""
    with tempfile.TemporaryDirectory() as folder:
        plain = save(data_set(values, bits), pathlib.Path(folder) / "plain.dcm")
        coded = pathlib.Path(folder) / "coded.dcm"
        subprocess.run(["dcmcjpeg", process, "+q", "90", plain, coded], check=True)
        return pydicom.encaps.get_frame(pydicom.dcmread(coded).PixelData, 0, number_of_frames=1)


def main():
    OUT.mkdir(exist_ok=True)
    eight, twelve, sixteen = picture(8), picture(12), picture(16)
    color = np.stack([eight, np.roll(eight, 7, 1), 255 - eight], -1)
    for bits, values in ((8, eight), (12, twelve), (16, sixteen)):
        write_values(f"picture_{bits}", values)
        write(f"lossless_{bits}.jpg", imagecodecs.jpeg_encode(values, lossless=True, bitspersample=bits, predictor=1))
        write(f"jpegls_{bits}.jls", jpeg_ls.encode_array(values))
        write(f"jpeg2000_{bits}.j2k", imagecodecs.jpeg2k_encode(values, level=0, bitspersample=bits, codecformat="j2k"))
        write(f"htj2k_{bits}.j2k", imagecodecs.htj2k_encode(values))
    for predictor in range(2, 8):
        write(
            f"lossless_predictor_{predictor}.jpg",
            imagecodecs.jpeg_encode(sixteen, lossless=True, bitspersample=16, predictor=predictor),
        )
    write("jpeg2000_8.jp2", imagecodecs.jpeg2k_encode(eight, level=0, codecformat="jp2"))
    write_values("color", color)
    for interleave, name in ((0, "plane"), (1, "line"), (2, "pixel")):
        source = color.transpose(2, 0, 1) if interleave == 0 else color
        write(f"jpegls_color_{name}.jls", jpeg_ls.encode_array(np.ascontiguousarray(source), interleave_mode=interleave))
    for name, coded, decode in (
        ("near_8.jls", imagecodecs.jpegls_encode(eight, level=2), imagecodecs.jpegls_decode),
        ("near_16.jls", imagecodecs.jpegls_encode(sixteen, level=5), imagecodecs.jpegls_decode),
        ("extended_12.jpg", imagecodecs.jpeg_encode(twelve, level=90, bitspersample=12), imagecodecs.jpeg_decode),
        ("spectral_12.jpg", by_dcmtk(twelve, 12, "+es"), imagecodecs.jpeg_decode),
        ("progressive_12.jpg", by_dcmtk(twelve, 12, "+ep"), imagecodecs.jpeg_decode),
        ("lossy_8.j2k", imagecodecs.jpeg2k_encode(eight, level=40, codecformat="j2k"), imagecodecs.jpeg2k_decode),
        # OpenJPH does not clamp what it decodes: the ends of the scale are left out.
        ("lossy_htj2k_8.j2k", imagecodecs.htj2k_encode(eight // 2 + 60, level=0.01), imagecodecs.htj2k_decode),
        ("lossy_16.j2k", imagecodecs.jpeg2k_encode(sixteen, level=60, codecformat="j2k"), imagecodecs.jpeg2k_decode),
    ):
        write(name, coded)
        write_values(name, decode(coded))
    # Columns of black and white by sixteen, 12 bits in a codestream of 16: a lossy codec leaves the 12.
    noise = np.random.default_rng(3).integers(-40, 40, (48, 64))
    signed = np.clip(np.where(np.arange(64) // 16 % 2 == 0, -2048, 2047) + noise, -2048, 2047).astype(np.int16)
    write(
        "signed_lossy.j2k",
        imagecodecs.jpeg2k_encode(signed, level=80, codecformat="j2k", reversible=False, bitspersample=16),
    )


if __name__ == "__main__":
    main()
