#!/usr/bin/env bash
# Collects pictures that are not chest films, for training and testing the gate: photographs from Debian's wallpaper
# packages, and sections of heads from Debian's and PyPI's medical example data. None of them is committed or ends up
# in the page; each package's licence is in its copyright file.
# Usage: tests/reference/photographs.sh [FOLDER]   (needs apt-get, dpkg and Python 3.11 or newer)
set -euo pipefail

out=${1:-target/photographs}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=(
    gnome-backgrounds mate-backgrounds plasma-workspace-wallpapers ukui-wallpapers lomiri-wallpapers-16.04
    lomiri-wallpapers-20.04 insighttoolkit5-examples invesalius-examples mricron-data
)
mkdir -p "$out" "$work/debs" "$work/files"
(cd "$work/debs" && apt-get download "${packages[@]}")
for deb in "$work"/debs/*.deb; do
    dpkg -x "$deb" "$work/files"
done
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --only-binary :all: numpy pillow nibabel scikit-image
"$work/venv/bin/python" - "$work" "$out" <<'PYTHON'
import pathlib, plistlib, sys, tarfile
import numpy as np
import nibabel
import skimage
from PIL import Image

work, out = map(pathlib.Path, sys.argv[1:])
found = 0

def save(name, image):
    global found
    image = image.convert("L")
    image.thumbnail((900, 900))
    if min(image.size) >= 96:
        image.save(out / f"{name}.jpg", quality=90)
        found += 1

folders = [work / "files", pathlib.Path(skimage.__file__).parent / "data"]
for folder in folders:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp", ".tif"} and path.is_file() and not path.is_symlink():
            try:
                save(f"photo-{path.parent.name}-{path.stem}".replace("/", "-"), Image.open(path))
            except OSError:
                pass

def sections(name, volume):
    volume = np.asarray(volume, dtype=np.float64)
    while volume.ndim > 3:
        volume = volume[..., 0]
    low, high = np.percentile(volume, [1, 99.5])
    volume = np.clip((volume - low) / max(high - low, 1e-9), 0, 1)
    for axis in range(3):
        for share in np.linspace(0.25, 0.75, 5):
            plane = np.take(volume, int(share * volume.shape[axis]), axis=axis)
            if plane.std() > 0.05:
                save(f"section-{name}-{axis}-{share:.2f}", Image.fromarray((255 * np.rot90(plane)).astype(np.uint8)).resize((256, 256)))

for path in sorted(work.rglob("*.nii*")):
    try:
        sections(path.name.split(".")[0], nibabel.load(path).get_fdata())
    except Exception as error:
        print(path.name, error, file=sys.stderr)
for path in sorted(work.rglob("*.inv3")):
    with tarfile.open(path) as archive:
        members = {pathlib.Path(member.name).name: member for member in archive.getmembers()}
        matrix = plistlib.loads(archive.extractfile(members["main.plist"]).read())["matrix"]
        shape = tuple(matrix["shape"])
        data = np.frombuffer(archive.extractfile(members[matrix["filename"]]).read(), dtype=matrix["dtype"])
        sections(path.stem, data[-int(np.prod(shape)):].reshape(shape))
print(found, "pictures in", out)
PYTHON
