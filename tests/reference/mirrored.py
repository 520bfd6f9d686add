"""Fits and measures what tells a mirrored film from one that is not (src/lungs/mirrored.rs).

    for table in DATA/manifest*.csv; do tail -n +2 $table | cut -d, -f1; done | sed 's|^|DATA/|' > paths.txt
    cargo run --release --example lung_maps -- OUT < paths.txt
    mirrored.py DATA OUT

DATA is the folder with the manifests, OUT what the example `lung_maps` wrote for films of it; fewer paths will do. Fitted on films of the split `train`, less the children of Kermany et al.; measured
on `val` and `external`, each film and its mirror image. Prints the weights, the limit and the figures.
"""

import csv
import pathlib
import sys

import numpy as np

SIDE, CELLS, TAPS, RIDGE, FALSE = 128, 8, 3, 0.01, 0.008


def cells(lungs):
    """The means of 8 × 8 cells of the lungs' box, minus those of its mirror image; None without lungs."""
    inside = lungs > 127
    rows, columns = np.where(inside.any(1))[0], np.where(inside.any(0))[0]
    if not len(rows):
        return None
    place = (np.arange(CELLS * TAPS) + 0.5) / (CELLS * TAPS)
    y = rows[0] + place * (rows[-1] + 1 - rows[0])
    x = columns[0] + place * (columns[-1] + 1 - columns[0])
    taken = lungs[y.astype(int)][:, x.astype(int)] / 255
    means = taken.reshape(CELLS, TAPS, CELLS, TAPS).mean((1, 3))
    return (means - means[:, ::-1])[:, : CELLS // 2].ravel()


def fitted(features):
    """Logistic regression without a constant: films are 1, and their mirror images, which have the opposite features, 0."""
    scale = features.std(0) + 1e-6
    standard = features / scale
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(standard @ weights)))
        gradient = standard.T @ (1 - p) / len(p) - RIDGE * weights
        curvature = (standard * (p * (1 - p))[:, None]).T @ standard / len(p) + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights / scale


def main(data, out):
    data = pathlib.Path(data)
    films = {}
    for table in ("manifest.csv", "manifest-2.csv"):
        for row in csv.DictReader(open(data / table)):
            films[row["path"]] = row
    paths = [line.strip() for line in open(out + ".txt")]
    maps = np.fromfile(out, np.uint8).reshape(-1, SIDE, SIDE)
    sets = {"train": [], "val": [], "external": []}
    for path, lungs in zip(paths, maps, strict=True):
        film = films["/".join(path.split("/")[-3:])]
        features = cells(lungs)
        if features is not None and (film["split"] != "train" or film["source"] != "kermany"):
            sets[film["split"]].append(features)
    sets = {name: np.array(features) for name, features in sets.items()}
    weights = fitted(sets["train"])
    limit = np.quantile(sets["train"] @ weights, FALSE)
    print(f"limit {limit:.3f}")
    for row in weights.reshape(CELLS, -1):
        print("    [" + ", ".join(f"{weight:.3f}" for weight in row) + "],")
    for name, features in sets.items():
        scores = features @ weights
        auc = np.mean(scores[:, None] > -scores[None, :])
        warned, seen = np.mean(scores < limit), np.mean(-scores < limit)
        print(f"{name}: n {len(scores)}, AUC {auc:.3f}, mirror images warned {seen:.1%}, films warned {warned:.2%}")


main(*sys.argv[1:])
