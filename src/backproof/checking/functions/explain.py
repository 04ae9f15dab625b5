"""What is wrong with a backward pass, and the line as it should be.

The numbers say how the claim and the derivative are related, and a search of small changes to the
source says where.  What both agree on comes first.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backproof.checking.functions.patches import Line
from backproof.checking.functions.probe import is_float
from backproof.checking.functions.repair import Repair, repairs
from backproof.checking.functions.signatures import Signature, signatures, slopes, wrong_names

if TYPE_CHECKING:
    from backproof.checking.functions.calling import Subject


AGREES = 0.3
"""How much likelier a repair is whose cause is what the numbers say as well."""


FACTORS = {"missing chain factor", "extra factor"}
"""What a repair is called that multiplies or divides by a number of entries under another name."""


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
        arrays = {n: v for n, v in self.inputs.items() if is_float(v)}
        return arrays | {
            f"output {k}" if k else "output": out for k, out in enumerate(self.outputs)
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A cause in a word or two, a sentence, and the lines as they are and as they should be.

    `partly` says that the lines mend some of the gradients only.
    """

    cause: str
    sentence: str
    lines: tuple[Line, ...] = ()
    partly: bool = False


def explain(subject: "Subject", samples: Sequence[Sample]) -> list[Explanation]:
    """Return what may be wrong, the likeliest first; nothing if nothing fits."""
    if not samples:
        return []
    signs = list(signatures(samples))
    found = repairs(subject, samples)
    if not signs and not found and _is_entrywise(subject, samples[0]):
        signs = list(slopes(samples))
    return _together(samples, signs, found)


def _is_entrywise(subject: "Subject", sample: Sample) -> bool:
    """Return whether each entry of the only gradient depends on its own x and dout alone."""
    (name, true), *others = sample.true.items()
    if others or len(sample.douts) != 1 or not np.shape(true) == np.shape(sample.douts[0]) != ():
        return False
    moved = np.zeros(np.shape(true))
    moved.flat[0] = 0.25
    inputs = {**sample.inputs, name: sample.inputs[name] + moved}
    try:
        changed = [
            _claimed(subject, sample.inputs, sample.douts[0] + moved),
            _claimed(subject, inputs, sample.douts[0]),
        ]
    except Exception:  # noqa: BLE001  whatever the code raises, then nothing is known
        return False
    usual = np.asarray(sample.claimed[name])
    return all(np.array_equal(gradient.flat[1:], usual.flat[1:]) for gradient in changed)


def _claimed(subject: "Subject", inputs: Mapping[str, Any], dout: Any) -> Any:
    copies = {name: copy.deepcopy(value) for name, value in inputs.items()}
    with np.errstate(all="ignore"):
        (gradient,) = subject.run(copies).backward((dout,)).values()
    return np.asarray(gradient)


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
    if best.cause in FACTORS and first.cause == "1/N":  # a size is a factor with a name of its own
        best = replace(best, cause=first.cause)
    if best.cause != first.cause:
        return [_of_repair(samples, best), Explanation(first.cause, first.sentence), *others]
    told = _of_repair(samples, best)
    sentence = told.sentence if best.needs or told.partly else first.sentence
    return [replace(told, cause=first.cause, sentence=sentence), *others]


def _of_repair(samples: Sequence[Sample], repair: Repair) -> Explanation:
    """Return what a repair says; no line is shown that uses what backward does not have."""
    wrong = wrong_names(samples)
    mends = ", ".join(f"d{name}" for name in wrong if name in repair.mends)
    does = repair.does if repair.does.startswith(("without", "not ")) else f"with {repair.does}"
    still = ", ".join(f"d{name}" for name in wrong if name not in repair.mends)
    sentence = f"{mends}: right {does}" + (f", but {still} is wrong still" if still else "")
    if not repair.needs:
        return Explanation(repair.cause, sentence, repair.lines, partly=bool(still))
    needs = " and ".join(repair.needs)
    is_known = "is known" if len(repair.needs) == 1 else "are known"
    here = f" in line {repair.lines[0].number}" if repair.lines else ""
    save = f"{sentence}{here}; {needs} {is_known} in forward only: save what backward needs"
    return Explanation(repair.cause, save)
