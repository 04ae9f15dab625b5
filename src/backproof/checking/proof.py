"""Is every entry of the gradient the derivative?  Whole networks, held to SymPy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from backproof import recursion
from backproof.arrays import Array
from backproof.checking.lemmas import is_smooth, named_function, objection, prove_activation
from backproof.checking.named import Backward, claimed_arrays, input_arrays, misfit
from backproof.checking.tiny import Tiny
from backproof.checking.verdict import Status, Verdict
from backproof.checking.zero import is_zero, nonzero_point
from backproof.numbers.symbolic import SHIFT


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the gradient: its name, SymPy's derivative, and what `backward` claims."""

    name: str
    derivative: Any
    claimed: Any

    @property
    def difference(self) -> Any:
        """The derivative less the claim, 0 where the claim is right."""
        return sympy.sympify(self.derivative - self.claimed)


def prove(net: Tiny, backward: Backward = recursion.backward) -> Verdict:
    """Prove that `backward` gives ∂L/∂b_k, ∂L/∂W_k and ∂L/∂x_0 of `net`, entry by entry.

    L and the gradient come from the code itself, run on symbols; the derivatives of L are
    SymPy's.  What is proved holds for all values of the parameters, data and targets, so in
    every activation region, and on a kink under the convention ReLU'(0) = 0.

    >>> from backproof import prove, tiny
    >>> prove(tiny(2, 2, 1))
    proved: all 11 entries of the gradient
      scope: 2-2-1, ReLU, squared error, batch of 1; all real values, every activation region
    """
    if not isinstance(net, Tiny):
        raise TypeError(
            f"net must be a network of symbols, such as tiny(2, 3, 2), but is {net!r}. "
            "For a network of numbers there is exact_differences(network, x, y)."
        )
    scope = f"{net.description}; all real values, every activation region"
    activation = net.network.activation
    reason = objection(activation)
    if reason:
        return Verdict(Status.CANNOT_TELL, f"the activation {activation.name}", scope, reason)
    if not is_smooth(activation):
        return _judged(net, backward, scope, "")
    lemma = prove_activation(activation)
    if lemma.status is not Status.PROVED:
        return lemma
    general = net.with_activation(named_function())
    verdict = _judged(general, backward, scope, f", given {lemma.claim}, proved too")
    # One that fails for an arbitrary f may be right for this one, such as tanh with 1 - x².
    return verdict or _judged(net, backward, scope, "")


def _judged(net: Tiny, backward: Backward, scope: str, given: str) -> Verdict:
    variables = input_arrays(net.network, net.x)
    entries: list[Entry] = []
    for target, y in enumerate(net.targets):
        start = net.loss.start(net.tape.output, y)
        claimed = claimed_arrays(backward, net.network, net.tape, start)
        wrong_shape = misfit(variables, claimed)
        if wrong_shape:
            return Verdict(Status.DIFFERS, "shapes of the gradient", scope, wrong_shape)
        entries += _entries(net.L(target), variables, claimed)
    wrong = [entry for entry in entries if not is_zero(entry.difference)]
    if wrong:
        return _refused(wrong, len(entries), scope)
    rounded = [entry for entry in entries if sympy.sympify(entry.claimed).has(sympy.Float)]
    if rounded:
        reason = f"{rounded[0].name} holds a rounded number: {rounded[0].claimed}"
        return Verdict(Status.CANNOT_TELL, "the gradient in exact numbers", scope, reason)
    return Verdict(Status.PROVED, f"all {len(entries)} entries of the gradient{given}", scope)


def _entries(L: Any, variables: dict[str, Array], claimed: dict[str, Array]) -> Iterator[Entry]:
    for name, array in variables.items():
        for place, variable in np.ndenumerate(array):
            yield Entry(f"∂L/∂{name}{list(place)}", sympy.diff(L, variable), claimed[name][place])
    for shift in sorted(L.free_symbols, key=str):
        if shift.name.startswith(SHIFT):
            # Nothing may depend on what went out of the exponentials of a softmax.
            yield Entry(f"∂L/∂{shift}", sympy.diff(L, shift), sympy.Integer(0))


def _refused(wrong: list[Entry], total: int, scope: str) -> Verdict:
    names = ", ".join(dict.fromkeys(entry.name for entry in wrong))
    claim = f"{len(wrong)} of {total} entries of the gradient: {names}"
    for entry in wrong:
        point = nonzero_point(entry.difference)
        if point is not None:
            return Verdict(Status.DIFFERS, claim, scope, _witness(entry, point))
    return Verdict(Status.CANNOT_TELL, claim, scope, "not shown equal, no difference found")


def _witness(entry: Entry, point: dict[Any, Any]) -> str:
    values = ", ".join(f"{name} = {value}" for name, value in point.items())
    derivative, claimed = (
        sympy.nsimplify(sympy.sympify(side).subs(point))
        for side in (entry.derivative, entry.claimed)
    )
    return f"{entry.name} is {derivative}, backward says {claimed}, at {values}"
