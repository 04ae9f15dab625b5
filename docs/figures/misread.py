"""The held-out digits that the trained network misreads, with what it takes them for."""

from collections.abc import Iterator

import numpy as np
from learning_curve import halves, networks

from backproof import forward

SIDE, CELL, COLUMNS = 8, 5, 6
STEP_X, STEP_Y = 58, 68


def pixels(image: np.ndarray, left: float, top: float) -> Iterator[str]:
    for (row, column), ink in np.ndenumerate(image.reshape(SIDE, SIDE)):
        if ink:
            yield (
                f'<rect x="{left + CELL * column:g}" y="{top + CELL * row:g}" '
                f'width="{CELL}" height="{CELL}" fill-opacity="{ink:.3g}"/>'
            )


def parts() -> Iterator[str]:
    _, (x, y) = halves()
    read = forward(networks()[-1], x).output.argmax(axis=0)
    for place, i in enumerate(np.flatnonzero(read != y)):
        left, top = STEP_X * (place % COLUMNS), STEP_Y * (place // COLUMNS)
        yield from pixels(x[:, i], left, top)
        yield f'<text x="{left + SIDE * CELL / 2:g}" y="{top + 54}">{y[i]}, not {read[i]}</text>'


def draw() -> str:
    body = "\n".join(parts())
    rows = body.count("</text>") // COLUMNS + 1
    style = ".misread text { font: 11px var(--font-stack, sans-serif); text-anchor: middle }"
    return (
        f'<svg class="misread" viewBox="-6 -2 {STEP_X * COLUMNS} {STEP_Y * rows}" width="520" '
        f'fill="currentColor" xmlns="http://www.w3.org/2000/svg">'
        f"<style>{style}</style>{body}</svg>"
    )
