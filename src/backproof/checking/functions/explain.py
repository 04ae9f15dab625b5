"""What is wrong with a backward pass, and the line as it should be.

The numbers say how the claim and the derivative are related, and a search of small changes to the
source says where.  What both agree on comes first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backproof.checking.functions.repair import Repair, repairs
from backproof.checking.functions.signatures import Signature, signatures, wrong_names

if TYPE_CHECKING:
    from backproof.checking.functions.calling import Subject


AGREES = 0.3
"""How much likelier a repair is whose cause is what the numbers say as well."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The true and the claimed gradients at one point, in floats, with the sizes there."""

    inputs: Mapping[str, Any]
    douts: tuple[Any, ...]
    true: Mapping[str, Any]
    claimed: Mapping[str, Any]
    sizes: Mapping[str, int]
    outputs: tuple[Any, ...] = ()

    def words(self) -> dict[str, Any]:
        """Return the arrays that a factor may be made of: inputs and outputs by name."""
        arrays = {n: v for n, v in self.inputs.items() if getattr(v, "dtype", None) == np.float64}
        return arrays | {
            f"output {k}" if k else "output": out for k, out in enumerate(self.outputs)
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cause in a word or two, a sentence, and the line as it is and as it should be."""

    cause: str
    sentence: str
    line: int | None = None
    written: str = ""
    mended: str = ""


def explain(subject: "Subject", samples: Sequence[Sample]) -> list[Explanation]:
    """Return what may be wrong, the likeliest first; nothing if nothing fits."""
    if not samples:
        return []
    signs = list(signatures(samples))
    found = repairs(subject, samples)
    return _together(samples, signs, found)


def _together(
    samples: Sequence[Sample], signs: Sequence[Signature], found: Sequence[Repair]
) -> list[Explanation]:
    if not signs:
        return [_of_repair(samples, repair) for repair in found]
    first = signs[0]
    best = min(found, key=lambda one: one.cost - AGREES * (one.cause == first.cause), default=None)
    if best is None:
        return [Explanation(sign.cause, sign.sentence) for sign in signs]
    others = [_of_repair(samples, other) for other in found if other is not best]
    if best.cause != first.cause:
        return [_of_repair(samples, best), Explanation(first.cause, first.sentence), *others]
    told = Explanation(first.cause, first.sentence, best.line, best.written, best.mended)
    return [told, *others]


def _of_repair(samples: Sequence[Sample], repair: Repair) -> Explanation:
    wrong = ", ".join(f"d{name}" for name in wrong_names(samples))
    sentence = f"{wrong}: right with {repair.does}" if wrong else repair.does
    return Explanation(repair.cause, sentence, repair.line, repair.written, repair.mended)
