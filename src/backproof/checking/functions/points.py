"""Where a backward pass is tried: points made to show mistakes, on exact numbers and on floats."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.checking.functions import wording
from backproof.checking.functions.calling import Misfit, Subject
from backproof.checking.functions.exact_run import ExactRun, Point, exact_run, flat
from backproof.checking.functions.findings import ROUNDING
from backproof.numbers.exact_real import is_finite
from backproof.numbers.traced import Unsupported, value_of


class Failed(Exception):  # noqa: N818  an answer, "cannot tell", not an error of ours
    """The code ran on floats but not on exact numbers; the message says why."""


@dataclass(frozen=True, slots=True)
class Start:
    """One way to choose a point: sizes, style of the inputs, size of the cotangents."""

    family: int
    seed: int
    style: str
    large: bool = False


GENERIC = (Start(0, 0, "generic"), Start(0, 1, "generic", large=True), Start(1, 2, "generic"))
SPECIAL = (
    Start(0, 3, "tiny"),
    Start(0, 4, "large"),
    Start(0, 5, "positive"),
    Start(0, 11, "negative"),
    Start(0, 6, "repeats"),
    Start(0, 7, "all repeated"),
    Start(0, 8, "zero row"),
    Start(0, 9, "equal"),
    Start(0, 10, "zeros"),
)


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Runs a subject at points."""

    subject: Subject

    @property
    def functions(self) -> tuple[Any, ...]:
        """The functions whose modules may hold NumPy's functions under names of their own."""
        pair = (self.subject.forward_function, self.subject.backward_function)
        return tuple(function for function in pair if function is not None)

    def point(self, start: Start) -> Point | None:
        """Return the point of `start`, or None where forward is not finite there on floats."""
        chosen = self.subject.inputs.points(start.family, start.seed, start.style)
        return None if chosen is None else self.at(chosen, start)

    def at(self, chosen: dict[str, Any], start: Start) -> Point | None:
        """Return the point with these inputs and the cotangents of `start`."""
        varying = {name: value for name, value in chosen.items() if _is_exact(value)}
        fixed = {name: value for name, value in chosen.items() if name not in varying}
        outputs = self.outputs(Point(varying, fixed, ()))
        if outputs is None:
            return None
        return Point(varying, fixed, tuple(_douts(outputs, start)))

    def why_not(self) -> str:
        """Return why no point could be chosen."""
        chosen = self.subject.inputs.points(0, 0, "generic") or {}
        varying = {name: value for name, value in chosen.items() if _is_exact(value)}
        fixed = {name: value for name, value in chosen.items() if name not in varying}
        point = Point(varying, fixed, ())
        sizes = wording.shapes(point)
        try:
            with np.errstate(all="ignore"):
                self.subject.run(self.floats(point))
        except Misfit:
            raise
        except Exception as error:  # noqa: BLE001  whatever forward raises is the reason
            return f"forward raises {type(error).__name__}: {error} ({sizes})"
        return f"forward gives nothing finite, neither for signed nor for positive inputs ({sizes})"

    def outputs(self, point: Point) -> tuple[Any, ...] | None:
        """Return what forward gives on floats, or None if it fails or is not finite."""
        with np.errstate(all="ignore"):
            try:
                outputs = self.subject.run(self.floats(point)).outputs
            except (Misfit, MemoryError):
                raise
            except Exception:  # noqa: BLE001  whatever forward raises, it gives nothing here
                return None
        finite = all(np.isfinite(np.asarray(out, dtype=float)).all() for out in outputs)
        return tuple(outputs) if finite else None

    def floats(self, point: Point) -> dict[str, Any]:
        """Return the inputs of `point` in float64, fresh."""
        given = {name: np.array(array, dtype=float) for name, array in point.varying.items()}
        given |= {
            name: value.copy() if isinstance(value, np.ndarray) else value
            for name, value in point.fixed.items()
        }
        return {name: given[name] for name in self.subject.names}

    def float_douts(self, point: Point) -> tuple[Any, ...]:
        """Return the cotangents of `point` in float64, fresh."""
        return tuple(np.array(dout, dtype=float) for dout in point.douts)

    def float_claim(self, point: Point) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return outputs and claimed gradient in float64, as the code gives them."""
        with np.errstate(all="ignore"):
            run = self.subject.run(self.floats(point))
            outputs = tuple(np.array(out, dtype=float) for out in run.outputs)
            claimed = run.backward(self.float_douts(point))
        return outputs, {name: np.array(gradient) for name, gradient in claimed.items()}

    def run(self, point: Point) -> ExactRun | None:
        """Run on exact numbers; None where the outputs are not finite, or the inputs not allowed.

        Raises Unsupported, Misfit, or Failed with the error of the code.
        """
        if not self._allowed(point):
            return None
        try:
            run = exact_run(self.subject, point, self.functions)
        except (Unsupported, Misfit):
            raise
        except Exception as error:
            if self.outputs(point) is None:
                return None
            raise Failed(f"{type(error).__name__}: {error}") from error
        return run if run.finite else None

    def _allowed(self, point: Point) -> bool:
        return all(self.subject.inputs.allows(name, array) for name, array in point.varying.items())


def _is_exact(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == object


def _douts(outputs: tuple[Any, ...], start: Start) -> Iterator[Any]:
    generator = np.random.default_rng([start.seed, 77])
    for out in outputs:
        size = 1000 if start.large else 3
        whole = generator.integers(size * 2, size * 8, size=np.shape(out), endpoint=True)
        signs = generator.permutation(np.resize([1, -1], np.size(out))).reshape(np.shape(out))
        yield np.frompyfunc(lambda k: Fraction(int(k), 8), 1, 1)(np.asarray(whole * signs))


def agrees_with_floats(run: ExactRun, outputs: tuple[Any, ...], claimed: dict[str, Any]) -> str:
    """Return where the exact run and the floats are not the same code, or nothing."""
    pairs = [(f"output {k}", out, outputs[k]) for k, out in enumerate(run.outputs)]
    pairs += [(f"the gradient of {name}", run.claimed[name], claimed[name]) for name in claimed]
    for name, exact, rounded in pairs:
        values = np.array([float(value_of(entry)) for entry in flat(exact)])
        floats = np.asarray(rounded, dtype=float).ravel()
        if values.shape != floats.shape:
            return f"{name} has {values.size} entries on exact numbers and {floats.size} on floats"
        size = np.abs(values).max(initial=1e-9)
        far = ~(np.abs(values - floats) <= 1e-7 * size + ROUNDING)
        if far.any():
            k = int(np.argmax(far))
            return f"{name} is {values[k]:.12g} on exact numbers and {floats[k]:.12g} on floats"
    return ""


def all_finite(claimed: dict[str, Any]) -> bool:
    """Return whether every claimed entry is a finite number."""
    return all(is_finite(value_of(entry)) for array in claimed.values() for entry in flat(array))
