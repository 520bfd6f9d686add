"""How small the mean calibration error of the sources left out can become, whatever the calibration.

    calibration_bound.py [LEFT_OUT]

LEFT_OUT is the table of logits by networks that had not seen the film's source (lab/models/left-out.csv). A calibration is
fitted on the very films that it is then measured on, and to the mean error itself, which no honest calibration may do. The error
that remains is the least that a local search from several starts finds. Two kinds are fitted: one scale and a bias per class, as the
model ships, and any affine map of the three logits (12 numbers). The last line is what chance alone gives where every
probability is true. Needs NumPy and SciPy; takes some minutes.
"""

import csv
import pathlib
import sys

import numpy as np
from scipy.optimize import minimize

CLASSES, BINS, DRAWS = ("covid19", "normal", "pneumonia"), 10, 200


def read(path):
    films = {}
    with open(path, newline="") as table:
        for row in csv.DictReader(table):
            if row["finding"] in CLASSES:
                films.setdefault(row["source"], []).append([float(row[name]) for name in CLASSES] + [CLASSES.index(row["finding"])])
    return {source: (np.array(rows)[:, :3], np.array(rows)[:, 3].astype(int)) for source, rows in sorted(films.items())}


def probabilities(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def error(likely, classes):
    """Expected calibration error of the largest probability, over ten bins."""
    largest, is_right = likely.max(1), likely.argmax(1) == classes
    bins = np.minimum((largest * BINS).astype(int), BINS - 1)
    return np.abs(np.bincount(bins, largest - is_right, BINS)).sum() / len(classes)


def scaled(logits, numbers):
    return probabilities(logits * numbers[0] + np.append(numbers[1:3], 0))


def affine(logits, numbers):
    return probabilities(logits @ numbers[:9].reshape(3, 3) + numbers[9:])


def least(films, calibrated, starts):
    """The numbers with the least mean error that a search from several starts finds."""

    def mean(numbers):
        return np.mean([error(calibrated(logits, numbers), classes) for logits, classes in films.values()])

    found = []
    for numbers in starts:
        for method in ("Powell", "Nelder-Mead") * 3:
            numbers = minimize(mean, numbers, method=method, options={"maxiter": 4000}).x
        found.append((mean(numbers), tuple(numbers)))
    return np.array(min(found)[1])


def show(name, films, likely):
    errors = {source: error(likely[source], classes) for source, (_, classes) in films.items()}
    print(f"{name}: {np.mean(list(errors.values())):.3f}")
    print("   " + ", ".join(f"{source} {value:.3f}" for source, value in errors.items()))


def main(path):
    films = read(path)
    print(f"{sum(len(classes) for _, classes in films.values())} films of {len(films)} sources")
    starts = [np.array([scale, covid19, normal]) for scale in (0.3, 1, 2) for covid19, normal in ((0, 0), (0, 0.7), (-1, 1))]
    plain = least(films, scaled, starts)
    likely = {source: scaled(logits, plain) for source, (logits, _) in films.items()}
    show("one scale and a bias per class, fitted to the mean error on the same films", films, likely)
    begin = np.concatenate([(np.eye(3) * plain[0]).ravel(), plain[1:], [0]])
    draw = np.random.default_rng(7)
    free = least(films, affine, [begin] + [begin + 0.2 * draw.standard_normal(12) for _ in range(5)])
    show("any affine map of the logits, fitted likewise", films, {source: affine(logits, free) for source, (logits, _) in films.items()})
    chance, random = [], np.random.default_rng(12)
    for source in films:
        drawn = [error(likely[source], (random.random((len(likely[source]), 1)) > likely[source].cumsum(1)).sum(1)) for _ in range(DRAWS)]
        chance.append(np.mean(drawn))
    print(f"by chance, with labels drawn from the probabilities of the first: {np.mean(chance):.3f}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "lab/models/left-out.csv")
