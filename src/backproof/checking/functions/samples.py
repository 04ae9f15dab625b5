"""What an explanation is looked for in: true and claimed gradients side by side, in floats."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from backproof.checking.functions.exact_run import Point, Singular, exact_run, flat
from backproof.checking.functions.explain import Sample
from backproof.checking.functions.points import Laboratory
from backproof.numbers.traced import Unsupported, value_of


def samples(laboratory: Laboratory, points: Iterable[tuple[Point, dict[str, int]]]) -> list[Sample]:
    """Return a sample of each point, with the sizes it has; none where there is no derivative."""
    found = (_sample(laboratory, point, sizes) for point, sizes in points)
    return [sample for sample in found if sample is not None]


def _sample(laboratory: Laboratory, point: Point, sizes: dict[str, int]) -> Sample | None:
    try:
        run = exact_run(laboratory.subject, point, laboratory.functions, backward=False)
        true = {name: np.array(array, dtype=float) for name, array in run.true.items()}
    except (Unsupported, Singular):
        return None
    douts = laboratory.float_douts(point)
    outputs = tuple(
        np.array([float(value_of(e)) for e in flat(out)]).reshape(np.shape(out))
        for out in run.outputs
    )
    claimed = _claimed(laboratory, point)
    return Sample(laboratory.floats(point), douts, true, claimed, sizes, outputs)


def _claimed(laboratory: Laboratory, point: Point) -> dict[str, Any]:
    """Return the claimed gradient, or nothing if backward fails: to be explained too."""
    try:
        return laboratory.float_claim(point)[1]
    except Exception:  # noqa: BLE001  whatever the code raises
        return {}
