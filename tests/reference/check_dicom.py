"""Compares what this program makes of DICOM films with pydicom and its plugins: `check_dicom.py PROGRAM`.

PROGRAM is the example `decoded`. The films are those that the pydicom wheel carries, and one film of 8, 12 and 16 bit
and one of 12 bit with a sign, compressed by DCMTK, GDCM, CharLS, OpenJPEG and OpenJPH. What was coded without loss has
to be equal; what was not, within one level. Ends with 1 where a film differs, or where too few could be compared.
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
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, apply_modality_lut
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

LUMA = np.array([0.2125, 0.7154, 0.0721])
LOSSY = {"4.50", "4.51", "4.81", "4.91", "4.203"}
# Pictures of the wheel that only one decoder of all reads.
FEWEST = 70


def film(bits, signed=False):
    """A film with gradients, an edge, grain and a flat surround."""
    rng = np.random.default_rng(bits)
    y, x = np.mgrid[0:211, 0:173]
    image = 0.5 + 0.3 * np.sin(x / 19) * np.cos(y / 23) + 0.01 * rng.standard_normal(x.shape)
    image[y > 190] = 0
    image[(x > 150) & (y < 30)] = 1
    values = np.rint(np.clip(image, 0, 1) * (2**bits - 1)).astype(np.int32)
    if signed:
        return (values - 2 ** (bits - 1)).astype(np.int16)
    return values.astype(np.uint8 if bits == 8 else np.uint16)


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


def encoded(folder):
    """Paths of films, and the values that they had before."""
    for name, bits, signed in (("8", 8, False), ("12", 12, False), ("16", 16, False), ("12s", 12, True)):
        values = film(bits, signed)
        plain = save(data_set(values, bits), folder / f"{name}_plain.dcm")
        yield plain, values
        for syntax, end in ((ImplicitVRLittleEndian, "implicit"), (ExplicitVRBigEndian, "big")):
            yield save(data_set(values, bits, syntax), folder / f"{name}_{end}.dcm"), values
        deflated = data_set(values, bits, UID("1.2.840.10008.1.2.1.99"))
        yield save(deflated, folder / f"{name}_deflated.dcm"), values
        tools = [
            ["dcmcrle"],
            ["dcmcjpeg", "+e1"],
            ["dcmcjpeg", "+el", "+sv", "6"],
            ["dcmcjpeg", "+e1", "+fs", "4"],
            ["dcmcjpls", "+el"],
            ["dcmcjpls", "+en", "+md", "3"],
        ]
        if bits <= 12 and not signed:
            tools.append(["dcmcjpeg", "+ee", "+q", "90"])
        for index, tool in enumerate(tools):
            path = folder / f"{name}_{tool[0]}_{index}.dcm"
            if subprocess.run([*tool, plain, path], capture_output=True).returncode == 0:
                yield path, values
            else:
                print(f"{tool} does not write {name} bit")
        for kind in ("JPEGLSLossless", "JPEG2000Lossless", "JPEG2000", "JPEGLosslessProcess14_1"):
            path = gdcm_to(getattr(gdcm.TransferSyntax, kind), plain, folder / f"{name}_gdcm_{kind}.dcm")
            if path:
                yield path, values
        if not signed:
            yield encapsulated(
                values, bits, "1.2.840.10008.1.2.4.201", imagecodecs.htj2k_encode(values), folder / f"{name}_htj2k.dcm"
            ), values


def expected(path):
    """What pydicom makes of the first frame: modality values, or grey on the scale of the samples."""
    ds = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in ds.file_meta:
        implicit = ds.original_encoding[0]
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    array = ds.pixel_array
    if int(ds.get("NumberOfFrames") or 1) > 1:
        array = array[0]
    short = str(ds.file_meta.TransferSyntaxUID).removeprefix("1.2.840.10008.1.2.")
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        array = apply_color_lut(array, ds)
    if array.ndim == 3:
        return array @ LUMA, float(np.iinfo(array.dtype).max), short
    return apply_modality_lut(array, ds).astype(float), None, short


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    for tool in ("dcmcrle", "dcmcjpeg", "dcmcjpls"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed (Debian: apt-get install dcmtk)")
    with tempfile.TemporaryDirectory() as name:
        sys.exit(compare(pathlib.Path(name), sys.argv[1]))


def compare(folder, program):
    before = {str(path): values for path, values in encoded(folder)}
    wheel = pathlib.Path(pydicom.__file__).parent / "data" / "test_files"
    paths = [*before, *map(str, sorted(wheel.glob("*.dcm")))]
    result = subprocess.run([program, folder, *paths], capture_output=True, text=True, check=True)
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
        most = 1 if syntax in LOSSY else 1e-6
        if str(path) in before and syntax not in LOSSY:
            furthest = max(furthest, np.abs(ours - before[str(path)]).max())
        compared += 1
        if furthest > most + 1e-6:
            differing += 1
            print(f"{path.name:44} {syntax:6} DIFFERS by {furthest:g}")
    print(f"{compared} films compared, {differing} differ")
    return int(differing > 0 or compared < FEWEST)


if __name__ == "__main__":
    main()
