"""Fits and measures what tells films with locally enhanced contrast from others (src/contrast.rs).

    enhanced.py DATA [FILMS]

DATA is the folder with the manifests. Of every source FILMS films (by default 60) of the split `train` are taken as they
are, with CLAHE, and with changes of the whole film's contrast that must not be taken for it; a logistic regression on 13
numbers tells them apart. The limit is that which at most 2 % of the films of any source pass, as they are; but for the two
sources whose films come from publications, where some were enhanced before. As many films of `val` measure it. Needs NumPy, OpenCV and scikit-image. Prints the weights, the limit and the figures.
"""

import csv
import pathlib
import random
import sys

import cv2
import numpy as np
from skimage.exposure import equalize_adapthist

GRIDS, RIDGE, PASS, PUBLISHED = (8, 16), 1e-4, 0.02, ("cohen", "cxnet")


def clahe(clip, tiles):
    return lambda film: cv2.createCLAHE(clip, (tiles, tiles)).apply(film)


def scikit(clip):
    return lambda film: np.rint(255 * equalize_adapthist(film, clip_limit=clip)).astype(np.uint8)


def gamma(power):
    return lambda film: np.rint(255 * (film / 255) ** power).astype(np.uint8)


def window(film):
    low, high = np.percentile(film, [10, 90])
    return np.rint(np.clip((film - low) / max(high - low, 1), 0, 1) * 255).astype(np.uint8)


def unsharp(radius, amount):
    def sharp(film):
        values = film.astype(np.float32)
        soft = cv2.GaussianBlur(values, (0, 0), radius * min(film.shape))
        return np.rint(np.clip(values + amount * (values - soft), 0, 255)).astype(np.uint8)

    return sharp


PLAIN = {"as it is": lambda film: film, "equalised": cv2.equalizeHist, "gamma 2": gamma(2.0), "window": window}
ENHANCED = {
    "CLAHE 2, 8 tiles": clahe(2, 8),
    "CLAHE 4, 8 tiles": clahe(4, 8),
    "CLAHE 2, 16 tiles": clahe(2, 16),
    "CLAHE 3, 16 tiles": clahe(3, 16),
    "CLAHE of scikit-image": scikit(0.01),
}
OTHER = {
    "CLAHE 1, 8 tiles": clahe(1, 8),
    "unsharp mask, mild": unsharp(0.005, 1.0),
    "unsharp mask, strong": unsharp(0.02, 2.0),
}


def entropy(counts):
    share = counts[counts > 0] / counts.sum()
    return -(share * np.log2(share)).sum()


def numbers(film):
    """Of the parts of the film, on two grids, without the outermost eighth: mean and deviation of the entropy of their
    greys, mean (as a logarithm) and variation of their deviation, deviation of their means (as a logarithm). Of all of the
    film: deviation (as a logarithm), entropy, mean (as a logarithm). Greys are 0 to 255, in 32 bins for the entropy."""
    height, width = film.shape
    found = []
    for grid in GRIDS:
        rows, columns = (np.arange(grid + 1) * length // grid for length in (height, width))
        inner = range(grid // 8, grid - grid // 8)
        parts = [film[rows[i] : rows[i + 1], columns[j] : columns[j + 1]] for i in inner for j in inner]
        disorder = np.array([entropy(np.bincount(part.ravel() // 8, minlength=32)) for part in parts])
        means = np.array([part.mean() for part in parts])
        deviations = np.array([part.std() for part in parts])
        variation = deviations.std() / (deviations.mean() + 1e-3)
        found += [disorder.mean(), disorder.std(), log(deviations.mean()), variation, log(means.std())]
    return found + [log(film.std()), entropy(np.bincount(film.ravel() // 8, minlength=32)), log(film.mean())]


def log(value):
    return np.log(value + 0.1)


def fitted(features, is_enhanced, counts):
    """Logistic regression: the weights of the features and the constant."""
    centre, scale = features.mean(0), features.std(0)
    standard = np.c_[(features - centre) / scale, np.ones(len(features))]
    weights = np.zeros(standard.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(standard @ weights)))
        gradient = standard.T @ (counts * (is_enhanced - p)) - RIDGE * weights
        curvature = (standard * (counts * p * (1 - p))[:, None]).T @ standard + RIDGE * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    weights[:-1] /= scale
    return weights[:-1], weights[-1] - centre @ weights[:-1]


def main(data, films=60):
    data, chosen = pathlib.Path(data), {}
    for table in ("manifest.csv", "manifest-2.csv"):
        for row in csv.DictReader(open(data / table)):
            if row["split"] != "external":
                chosen.setdefault((row["split"], row["source"]), []).append(row)
    kinds, draw = PLAIN | ENHANCED | OTHER, random.Random(7)
    sets = {"train": [], "val": []}
    for (split, source), rows in sorted(chosen.items()):
        for row in draw.sample(rows, min(int(films), len(rows))):
            film = cv2.imread(str(data / row["path"]), cv2.IMREAD_GRAYSCALE)
            sets[split].append((source, row["label"], [numbers(change(film)) for change in kinds.values()]))
    train = np.array([features for _, _, features in sets["train"]])
    fits = [k for k, name in enumerate(kinds) if name not in OTHER]
    is_enhanced = np.array([list(kinds)[k] in ENHANCED for k in fits] * len(train), float)
    counts = np.where(is_enhanced > 0, 1 / len(ENHANCED), 1 / len(PLAIN)) / len(train)
    weights, constant = fitted(train[:, fits].reshape(-1, train.shape[-1]), is_enhanced, counts)
    sources = sorted({source for source, _, _ in sets["train"]} - set(PUBLISHED))
    of = lambda split, source: np.array([row[2] for row in sets[split] if row[0] == source])
    limit = round(max(np.quantile(of("train", source)[:, 0] @ weights, 1 - PASS) for source in sources), 2)
    print("weights " + ", ".join(f"{weight:.4f}" for weight in weights) + f"; limit {limit}; even chances {-constant:.4f}")
    for split, rows in sets.items():
        passed = np.array([row[2] for row in rows]) @ weights > limit
        print(f"{split}, {len(rows)} films: " + ", ".join(f"{name} {share:.1%}" for name, share in zip(kinds, passed.mean(0))))
        for key, column in (("source", 0), ("label", 1)):
            groups = [row[column] for row in rows]
            shares = {group: passed[[g == group for g in groups], 0] for group in sorted(set(groups))}
            print(f"  as they are, by {key}: " + ", ".join(f"{g} {hit.sum()} of {len(hit)}" for g, hit in shares.items()))


main(*sys.argv[1:])
