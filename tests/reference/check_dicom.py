"""Compares what this program makes of DICOM films with pydicom and its plugins: `check_dicom.py DECODED PROGRAM`.

DECODED is the example `decoded`, PROGRAM draws the phantom. The films are those that the pydicom wheel carries, and the
phantom and a film of gradients and grain, of 8, 12 and 16 bit and of 12 bit with a sign, written and compressed by
DCMTK, GDCM, CharLS, libjpeg, OpenJPEG and OpenJPH. What was coded without loss has to be equal; what was not, within one
level. Ends with 1 where a film differs, or where too few could be compared.
"""

import json
import logging
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import gdcm
import imagecodecs
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, apply_modality_lut
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

LUMA = np.array([0.2125, 0.7154, 0.0721])
LOSSY = {"4.50", "4.51", "4.53", "4.55", "4.81", "4.91", "4.203"}
# pydicom cannot read these; DCMTK can.
RETIRED = {"4.53", "4.55"}
# At least this many comparisons must be made: some files only one decoder can read.
FEWEST = 400


def film(bits, signed=False):
    """A film with gradients, an edge, grain and a flat surround."""
    rng = np.random.default_rng(bits)
    y, x = np.mgrid[0:211, 0:173]
    image = 0.5 + 0.3 * np.sin(x / 19) * np.cos(y / 23) + 0.01 * rng.standard_normal(x.shape)
    image[y > 190] = 0
    image[(x > 150) & (y < 30)] = 1
    values = np.rint(np.clip(image, 0, 1) * (2**bits - 1)).astype(np.int32)
    return typed(values, bits, signed)


def typed(values, bits, signed=False):
    if signed:
        return (values - 2 ** (bits - 1)).astype(np.int16)
    return values.astype(np.uint8 if bits == 8 else np.uint16)


def phantom(program, folder):
    """The program's phantom, 0…1."""
    path = folder / "phantom.png"
    size = ["--width", "203", "--height", "181"]
    subprocess.run([program, "phantom", *size, "--bits", "16", "--out", path], check=True, stdout=subprocess.DEVNULL)
    image = np.array(Image.open(path))
    return image / np.iinfo(image.dtype).max


def data_set(values, bits, syntax=ExplicitVRLittleEndian):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = syntax
    is_big = syntax == ExplicitVRBigEndian
    is_implicit = syntax == ImplicitVRLittleEndian
    ds = FileDataset("film", {}, b"\0" * 128, meta, is_implicit_VR=is_implicit, is_little_endian=not is_big)
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = meta.MediaStorageSOPClassUID, "1.2.3", "DX"
    ds.PatientName, ds.PatientID, ds.StudyInstanceUID, ds.SeriesInstanceUID = "", "", "1.2.4", "1.2.5"
    ds.Rows, ds.Columns = values.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = 8 * values.dtype.itemsize
    ds.BitsStored, ds.HighBit = bits, bits - 1
    ds.PixelRepresentation = int(values.dtype.kind == "i")
    order = ">" if is_big else "<"
    ds.PixelData = values.astype(values.dtype.newbyteorder(order)).tobytes()
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
    return ds


def save(ds, path):
    ds.save_as(path, enforce_file_format=True)
    return path


def encapsulated(values, bits, syntax, coded, path):
    ds = data_set(values, bits, UID(syntax))
    ds.PixelData = encapsulate([coded])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return save(ds, path)


def gdcm_to(kind, source, path):
    reader = gdcm.ImageReader()
    reader.SetFileName(str(source))
    change = gdcm.ImageChangeTransferSyntax()
    if not reader.Read():
        return None
    change.SetTransferSyntax(gdcm.TransferSyntax(kind))
    change.SetInput(reader.GetImage())
    if not change.Change():
        return None
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(path))
    return path if writer.Write() else None


def encoded(folder, program):
    """Paths of films, with their values before encoding."""
    drawn = phantom(program, folder)
    for name, bits, signed in (("8", 8, False), ("12", 12, False), ("16", 16, False), ("12s", 12, True)):
        for source, values in (
            ("", film(bits, signed)),
            ("phantom_", typed(np.rint(drawn * (2**bits - 1)).astype(np.int32), bits, signed)),
        ):
            yield from of_values(folder, source + name, values, bits, signed)
    yield from wide(folder, drawn)
    yield from floating(folder, drawn)
    yield from of_jpeg(folder, drawn)
    yield from in_colour(folder, drawn)


def run(tool, source, path, what):
    """The path, if a tool can write the file."""
    result = subprocess.run([*tool, source, path], capture_output=True)
    if result.returncode != 0:
        print(f"{' '.join(tool)} does not write {what}")
    return result.returncode == 0


def wide(folder, drawn):
    """Grey films of 32 bits and of 20, with a sign and without, as they are and as run lengths."""
    for bits, signed in ((32, False), (32, True), (20, False), (20, True)):
        values = np.rint(drawn * (2**bits - 1)).astype(np.int64) - (2 ** (bits - 1) if signed else 0)
        values = values.astype(np.int32 if signed else np.uint32)
        name = f"wide_{bits}{'s' if signed else ''}"
        plain = save(data_set(values, bits), folder / f"{name}.dcm")
        yield plain, values
        for syntax, end in ((ImplicitVRLittleEndian, "implicit"), (ExplicitVRBigEndian, "big")):
            yield save(data_set(values, bits, syntax), folder / f"{name}_{end}.dcm"), values
        packed = folder / f"{name}_rle.dcm"
        if run(["dcmcrle"], plain, packed, name):
            yield packed, values


def floating(folder, drawn):
    """Grey films of floating point, of 32 bits and of 64, with and without rescaling."""
    for kind, keyword in (("f4", "FloatPixelData"), ("f8", "DoubleFloatPixelData")):
        # Values that fit single precision, in which modality values are shown.
        values = (drawn * 3000 - 1024.5).astype("f4").astype(kind)
        for syntax, end in (
            (ExplicitVRLittleEndian, "explicit"),
            (ImplicitVRLittleEndian, "implicit"),
            (ExplicitVRBigEndian, "big"),
            (UID("1.2.840.10008.1.2.1.99"), "deflated"),
        ):
            ds = data_set(values, 8, syntax)
            del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
            order = ">" if syntax == ExplicitVRBigEndian else "<"
            setattr(ds, keyword, values.astype(order + kind).tobytes())
            yield save(ds, folder / f"{keyword}_{end}.dcm"), values
            ds.RescaleSlope, ds.RescaleIntercept = "0.5", "-3.25"
            yield save(ds, folder / f"{keyword}_{end}_rescaled.dcm"), None


def of_values(folder, name, values, bits, signed):
    """Grey films."""
    plain = save(data_set(values, bits), folder / f"{name}_plain.dcm")
    yield plain, values
    for syntax, end in ((ImplicitVRLittleEndian, "implicit"), (ExplicitVRBigEndian, "big")):
        yield save(data_set(values, bits, syntax), folder / f"{name}_{end}.dcm"), values
    deflated = data_set(values, bits, UID("1.2.840.10008.1.2.1.99"))
    yield save(deflated, folder / f"{name}_deflated.dcm"), values
    tools = [
        ["dcmconv", "+ti"],
        ["dcmconv", "+te", "-e", "+g"],
        ["dcmconv", "+tb"],
        ["dcmconv", "+td", "+cl", "9"],
        # Without preamble and meta information.
        ["dcmconv", "-F", "+te"],
        ["dcmconv", "-F", "+ti"],
        ["dcmconv", "-F", "+tb"],
        ["dcmconv", "+te", "+p", "4096", "512"],
        ["dcmcrle"],
        ["dcmcrle", "+fs", "4", "-ot"],
        ["dcmcjpeg", "+e1"],
        ["dcmcjpeg", "+e1", "-ho"],
        *(["dcmcjpeg", "+el", "+sv", str(predictor)] for predictor in range(1, 8)),
        ["dcmcjpeg", "+e1", "+fs", "4"],
        ["dcmcjpls", "+el"],
        ["dcmcjpls", "+el", "+pc"],
        ["dcmcjpls", "+el", "+rs", "32", "+t1", "5", "+t2", "9", "+t3", "30"],
        ["dcmcjpls", "+el", "+pz", "+fs", "4"],
        ["dcmcjpls", "+en", "+md", "3"],
        ["dcmcjpls", "+en", "+md", "1"],
    ]
    if bits <= 12 and not signed:
        tools += [["dcmcjpeg", "+ee", "+q", str(quality)] for quality in (60, 90, 100)]
        tools += [["dcmcjpeg", process, "+q", "85"] for process in ("+es", "+ep")]
    if bits == 8:
        tools += [["dcmcjpeg", "+eb", "+q", "85"]]
    for index, tool in enumerate(tools):
        path = folder / f"{name}_{tool[0]}_{index}.dcm"
        if run(tool, plain, path, f"{name} bit"):
            yield path, values
    for kind in ("JPEGLSLossless", "JPEG2000Lossless", "JPEG2000", "JPEGLosslessProcess14_1"):
        path = gdcm_to(getattr(gdcm.TransferSyntax, kind), plain, folder / f"{name}_gdcm_{kind}.dcm")
        if path:
            yield path, values
    if signed:
        return
    # Encoded by codecs other than those of DICOM toolkits.
    most = 2**bits - 1
    for syntax, end, coded in (
        ("4.70", "libjpeg", imagecodecs.jpeg_encode(values, lossless=True, bitspersample=bits, predictor=1)),
        ("4.57", "predictor_7", imagecodecs.jpeg_encode(values, lossless=True, bitspersample=bits, predictor=7)),
        ("4.80", "charls", imagecodecs.jpegls_encode(values)),
        ("4.81", "charls_near", imagecodecs.jpegls_encode(values, level=2)),
        ("4.90", "openjpeg", imagecodecs.jpeg2k_encode(values, level=0, bitspersample=bits, codecformat="j2k")),
        ("4.90", "openjpeg_jp2", imagecodecs.jpeg2k_encode(values, level=0, bitspersample=bits, codecformat="jp2")),
        ("4.91", "openjpeg_lossy", imagecodecs.jpeg2k_encode(values, level=45, bitspersample=bits, codecformat="j2k")),
        ("4.201", "openjph", imagecodecs.htj2k_encode(values)),
        # OpenJPH does not clamp what it decodes: the ends of the scale are left out.
        ("4.203", "openjph_lossy", imagecodecs.htj2k_encode((values // 2 + most // 4).astype(values.dtype), level=0.002)),
    ):
        path = folder / f"{name}_{end}.dcm"
        yield encapsulated(values, bits, f"1.2.840.10008.1.2.{syntax}", coded, path), values


def of_jpeg(folder, drawn):
    """JPEG files that img2dcm wraps in DICOM unchanged."""
    grey = Image.fromarray(np.rint(drawn * 255).astype(np.uint8))
    for name, image, options in (
        ("baseline", grey, {}),
        ("progressive", grey, {"progressive": True}),
        ("colour", Image.merge("RGB", [grey, grey.rotate(180), grey]), {}),
    ):
        source, path = folder / f"{name}.jpg", folder / f"img2dcm_{name}.dcm"
        image.save(source, quality=90, **options)
        if run(["img2dcm", "--no-checks"], source, path, name):
            yield path, None
    bitmap = folder / "grey.bmp"
    grey.convert("RGB").save(bitmap)
    if run(["img2dcm", "-i", "BMP", "--no-checks"], bitmap, folder / "img2dcm_bmp.dcm", "BMP"):
        yield folder / "img2dcm_bmp.dcm", None


def in_colour(folder, drawn):
    """Films exported in colour."""
    values = np.rint(drawn * 255).astype(np.uint8)
    colour = np.stack([values, values[::-1], 255 - values[:, ::-1]], -1)
    for planar in (0, 1):
        ds = data_set(values, 8)
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", planar
        ds.PixelData = (colour.transpose(2, 0, 1) if planar else colour).tobytes()
        ds.PixelData += b"\0" * (len(ds.PixelData) % 2)
        plain = save(ds, folder / f"colour_{planar}.dcm")
        yield plain, None
        for index, tool in enumerate((
            ["dcmcrle"],
            ["dcmconv", "+tb"],
            ["dcmcjpeg", "+e1"],
            ["dcmcjpls", "+el", "+il"],
            ["dcmcjpls", "+el", "+is"],
            ["dcmcjpls", "+el", "+in"],
            ["dcmcjpeg", "+eb", "+q", "95", "+s4"],
            ["dcmcjpeg", "+eb", "+q", "95", "+cr"],
        )):
            path = folder / f"colour_{planar}_{index}.dcm"
            if run(tool, plain, path, "colour"):
                yield path, None
    for kind in ("JPEG2000Lossless", "JPEG2000"):
        path = gdcm_to(getattr(gdcm.TransferSyntax, kind), plain, folder / f"colour_gdcm_{kind}.dcm")
        if path:
            yield path, None
    # Palettes of 8 and 16 bits that begin at a value other than 0.
    for bits in (8, 16):
        ds = data_set(values, 8)
        ds.PhotometricInterpretation = "PALETTE COLOR"
        ramp = np.arange(200) * (1 if bits == 8 else 257)
        for channel, entries in (("Red", ramp), ("Green", ramp[::-1]), ("Blue", np.roll(ramp, 50))):
            setattr(ds, f"{channel}PaletteColorLookupTableDescriptor", [200, 20, bits])
            data = entries.astype(np.uint8 if bits == 8 else "<u2").tobytes()
            setattr(ds, f"{channel}PaletteColorLookupTableData", data)
        yield save(ds, folder / f"palette_{bits}.dcm"), None


def expected(path):
    """pydicom's values of the first frame: modality values, or grey on the scale of the samples."""
    ds = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in ds.file_meta:
        implicit, little = ds.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    short = str(ds.file_meta.TransferSyntaxUID).removeprefix("1.2.840.10008.1.2.")
    if short in RETIRED:
        plain = pathlib.Path(path).with_suffix(".plain")
        subprocess.run(["dcmdjpeg", path, plain], check=True, capture_output=True)
        array = pydicom.dcmread(plain).pixel_array
    else:
        array = ds.pixel_array
    if int(ds.get("NumberOfFrames") or 1) > 1:
        array = array[0]
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        array = apply_color_lut(array, ds)
    if array.ndim == 3:
        return array @ LUMA, float(np.iinfo(array.dtype).max), short
    if short in LOSSY and not ds.PixelRepresentation:
        # A lossy codec may turn white into a value with too many bits.
        array = array.clip(0, 2**ds.BitsStored - 1)
    values = apply_modality_lut(array, ds).astype(float)
    if ds.get("PixelPaddingValue") is not None and "PixelPaddingRangeLimit" not in ds:
        # Padding is not part of the picture: it is set to the black end of the picture's values.
        is_padding = array == ds.PixelPaddingValue
        picture = values[~is_padding]
        values[is_padding] = picture.max() if ds.PhotometricInterpretation == "MONOCHROME1" else picture.min()
    return values, None, short


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    for tool in ("img2dcm", "dcmconv", "dcmdjpeg", "dcmcrle", "dcmcjpeg", "dcmcjpls"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed (Debian: apt-get install dcmtk)")
    with tempfile.TemporaryDirectory() as name:
        sys.exit(compare(pathlib.Path(name), *sys.argv[1:3]))


def compare(folder, decoded, program):
    before = {str(path): values for path, values in encoded(folder, program)}
    wheel = pathlib.Path(pydicom.__file__).parent / "data" / "test_files"
    paths = [*before, *map(str, sorted(wheel.glob("*.dcm")))]
    result = subprocess.run([decoded, folder, *paths], capture_output=True, text=True, check=True)
    compared = differing = 0
    for k, line in enumerate(result.stdout.splitlines()):
        report = json.loads(line)
        path = pathlib.Path(report["file"])
        if "error" in report:
            print(f"{path.name:44} not read: {report['message']}")
            differing += str(path) in before
            continue
        try:
            values, full, syntax = expected(path)
        except Exception as error:
            print(f"{path.name:44} pydicom does not read it: {type(error).__name__}")
            continue
        kind = "modality" if full is None else "samples"
        ours = np.fromfile(folder / f"{k}.{kind}").reshape(report["size"][::-1]) * (full or 1)
        furthest = np.abs(ours - values).max()
        # Of 65,536 levels it may be two, probably because OpenJPEG's constants have fewer digits.
        is_deep = syntax == "4.91" and np.abs(values).max() > 32767
        most = 2 if is_deep else 1 if syntax in LOSSY else 1e-6
        # Values beyond 24 bits, and floating-point values, are shown in single precision.
        largest = np.abs(values).max()
        if largest > 2**24 or "FloatPixelData" in path.name:
            most = np.spacing(np.float32(largest)) / 2
        if before.get(str(path)) is not None and syntax not in LOSSY:
            furthest = max(furthest, np.abs(ours - before[str(path)]).max())
        compared += 1
        if furthest > most + 1e-6:
            differing += 1
            print(f"{path.name:44} {syntax:6} DIFFERS by {furthest:g}")
    print(f"{compared} films compared, {differing} differ")
    return int(differing > 0 or compared < FEWEST)


if __name__ == "__main__":
    main()
