"""Times the Python reference on one film, decoded: milliseconds as JSON.

`features_loop` has the authors' pixel-by-pixel loop for the grey-level differences,
`features_vectorised` does them as array arithmetic; all else is the same.
"""

import json
import sys
import time

import numpy as np
from covid_classifier_reference import features, preprocess
from PIL import Image


def clocked(function, *arguments, **options):
    start = time.perf_counter()
    result = function(*arguments, **options)
    return result, (time.perf_counter() - start) * 1e3


def main():
    film = np.array(Image.open(sys.argv[1]))
    preprocess(film[:600, :600])  # first calls import and allocate
    image, preprocess_ms = clocked(preprocess, film)
    _, loop_ms = clocked(features, image, loop=True)
    _, vectorised_ms = clocked(features, image)
    print(
        json.dumps(
            {"preprocess": preprocess_ms, "features_loop": loop_ms, "features_vectorised": vectorised_ms}
        )
    )


if __name__ == "__main__":
    main()
