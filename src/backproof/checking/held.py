"""Hold a labelled equation to the line of running code that bears its label.

The code is run: networks of small whole numbers, kinks among them, one example and several; losses
and activations on symbols.  Whatever the line computes has to be what a side of the equation says,
exactly, of the same things; and the layers for which the line runs have to be those of the range.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import sympy

from backproof.checking.claims import Claim, free_indices
from backproof.checking.entrywise import Entrywise, assignments
from backproof.checking.equation import setting_of
from backproof.checking.rehearsals import WIDTHS, observations
from backproof.checking.report import Outcome, Result
from backproof.checking.sameness import same
from backproof.checking.watching import Observed
from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.indices import layer_of
from backproof.equations.refusal import Refusal
from backproof.equations.terms import BATCH, ONE_HOT, TARGET, Layer, Quantity, Size, Term, width
from backproof.numbers.symbolic import SHIFT, SymbolicArray

IN_CODE = {
    "eta": "rate",
    "alpha": "slope",
    "D": "width",
    "s": "every",
    "C": "bound",
    "lambda": "decay",
    "varepsilon": "epsilon",
    "tilde v": "next_v",
}
"""What the code calls a letter of the page that it does not call by that letter."""


def held(result: Result, found: Sequence[Claim], package: str) -> Result:
    """Return the result with the line of code it is held to, or the failure to hold it."""
    runs = [seen for seen in observations(package) if seen.label == result.equation.label]
    if not runs:
        return replace(result, held_to="no line of code bears this label")
    claim = found[0]
    compared = 0
    for seen in runs:
        world = _world(seen, found)
        if world is None:
            continue
        compared += 1
        try:
            reason = _difference(seen, found, world)
        except NotImplementedError as error:
            reason = f"it cannot be compared with the code: {error}"
        if reason:
            return _refused(result, seen, reason)
    layers = _layers_differ(runs, claim)
    if layers:
        return _refused(result, runs[0], layers)
    if not compared:
        return _refused(result, runs[0], "no run of the code could be compared")
    outcome = Outcome.AGREES if result.outcome is Outcome.TAKEN else result.outcome
    claimed = "as the code computes" if result.outcome is Outcome.TAKEN else result.claim
    return replace(
        result, outcome=outcome, claim=claimed, held_to=f"{runs[0].place} ({compared} runs, ==)"
    )


def _refused(result: Result, seen: Observed, reason: str) -> Result:
    refusal = Refusal(
        "BP304", f"{seen.place}: {reason}.", tree.Span(0, len(result.equation.source))
    )
    return replace(result, outcome=Outcome.DIFFERS, claim=reason, problem=refusal)


# From the names of the code to the letters of the page.


def _world(seen: Observed, found: Sequence[Claim]) -> Entrywise | None:
    """Return the world in which the letters of an equation have the values the code had."""
    claim = found[0]
    names, batch = seen.names, claim.reading.batch
    examples = _examples(names)
    if not batch and examples not in (1, None):
        return None
    where = setting_of(claim, *(side for each in found for side in (each.left, each.right)))
    bases, sizes = _bases(names, claim), _sizes(names, examples)
    world = Entrywise(where, sizes, bases)
    argument = _argument(claim)
    for variable in _variables(claim):
        if argument is not None and variable.quantity == argument:
            value = names[argument.name if argument.name in names else "z"]
            world.given[argument] = _array_of(value)
            continue
        if argument is not None and variable.quantity.name == "z":
            continue  # a function that is defined by another letter than its own
        value = _given(variable.quantity, names, world)
        if value is not None:
            world.given[variable.quantity] = value
    for variable in _differentiated(claim):
        value = _derivative(variable.quantity, names, world)
        if value is not None:
            world.derivatives[variable.quantity] = value
    return world


def _argument(claim: Claim) -> Quantity | None:
    """Return the letter of the argument, where a function is defined."""
    for known in claim.reading.vocabulary.functions.values():
        if claim.definition and known.body == claim.right:
            return known.argument
    return None


def _examples(names: dict[str, Any]) -> int | None:
    for name in ("x", "z"):
        array = names.get(name)
        array = array[0] if isinstance(array, list) else array
        if array is not None:
            return int(array.shape[1])
    return None


def _bases(names: dict[str, Any], claim: Claim) -> dict[str, int]:
    if "widths" in names:
        return {"M": len(names["widths"]) - 2}
    if "segments" in names:
        return {"M": names["maps"] - 1}
    letters = {q.layer.base for v in _variables(claim) if (q := v.quantity).layer} - {"", "M"}
    return {"M": len(WIDTHS) - 2} | dict.fromkeys(letters, names.get("k", 0))


def _sizes(names: dict[str, Any], examples: int | None) -> dict[Size, Any]:
    sizes: dict[Size, Any] = {}
    if "widths" in names or "segments" in names:
        widths = names.get("widths", [])
        sizes |= {width(Layer("", k)): D for k, D in enumerate(widths)}
        sizes |= {
            BATCH: names.get("N"),
            Size("D"): names.get("width"),
            Size("s"): names.get("every"),
        }
    elif isinstance(names.get("z"), SymbolicArray):
        sizes[width(Layer("", len(WIDTHS) - 1))] = names["z"].shape[0]
        sizes[Size("D")] = names["z"].shape[0]
    else:
        sizes |= {width(Layer("", k)): D for k, D in enumerate(WIDTHS)}
    sizes.setdefault(BATCH, examples)
    return {size: number for size, number in sizes.items() if number is not None}


def _given(quantity: Quantity, names: dict[str, Any], world: Entrywise) -> Any:
    if quantity in (TARGET, ONE_HOT):
        return _targets(quantity, names)
    value = names.get(IN_CODE.get(quantity.name, quantity.name))
    if isinstance(value, list) and quantity.layer is not None:
        number = world.number(quantity.layer)
        return value[number] if number < len(value) else None
    return None if value is None or callable(value) else _array_of(value)


def _array_of(value: Any) -> Any:
    if isinstance(value, SymbolicArray):
        return value
    return SymbolicArray.of([[sympy.nsimplify(value)]])


def _targets(quantity: Quantity, names: dict[str, Any]) -> Any:
    y = names.get("y")
    if y is None or (quantity == TARGET) != isinstance(y, SymbolicArray):
        return None
    if quantity == TARGET:
        return y
    rows = names["z"].shape[0]
    return SymbolicArray.of([[sympy.Integer(int(i == label)) for label in y] for i in range(rows)])


def _derivative(quantity: Quantity, names: dict[str, Any], world: Entrywise) -> Any:
    """Return ∂L/∂quantity as the code has it when the line begins."""
    assert quantity.layer is not None  # noqa: S101  only letters of the network are asked for
    if quantity.name == "z":
        return names.get("dz")
    gradient = names.get("gradient")
    if gradient is None or quantity.name not in "bW":
        return None
    return getattr(gradient, quantity.name)[world.number(quantity.layer)]


def _variables(claim: Claim) -> Iterator[t.Variable]:
    bodies = [known.body for known in claim.reading.vocabulary.definitions.values()]
    for term in (claim.left, claim.right, *bodies):
        yield from (each for each in term.walk() if isinstance(each, t.Variable))


def _differentiated(claim: Claim) -> Iterator[t.Variable]:
    for term in claim.right.walk():
        if isinstance(term, t.Derived) and isinstance(term.by, t.Variable):
            yield term.by


# Comparing.


def _difference(seen: Observed, found: Sequence[Claim], world: Entrywise) -> str:
    """Return why no side of the equation is what the line computed, or nothing."""
    reasons = [_side_differs(seen.value, claim, world) for claim in found]
    return "" if "" in reasons else reasons[0]


def _side_differs(value: Any, claim: Claim, world: Entrywise) -> str:
    array = value if isinstance(value, SymbolicArray) else SymbolicArray.of([[value]])
    if not isinstance(value, SymbolicArray) and getattr(value, "ndim", 0) == 2:
        array = SymbolicArray.of(value)
    free = [(index.name, world.size(index.size)) for index in free_indices(claim)]
    for env in assignments(free):
        said = world.values(claim.right, env)
        computed = _part(array, claim.left, env)
        if said.shape != computed.shape:
            return f"the code computes {computed.shape}, the equation says {said.shape}"
        for one, other in zip(said.flat, computed.flat, strict=True):
            opinion = same(_unshifted(one), _unshifted(other))
            if not opinion.holds:
                return f"the code computes {other}, the equation says {one}"
    return ""


def _part(array: Any, left: Term, env: dict[str, int]) -> Any:
    """Return the part of what the code computed that the left side is about."""
    if isinstance(left, t.Entry) and array.size > 1:
        row = 0 if left.row is None else env[left.row.name]
        column = 0 if left.column is None else env[left.column.name]
        return array[row : row + 1, column : column + 1]
    return array


def _unshifted(entry: Any) -> Any:
    """Put 0 for what went out of the exponentials: that it is free is proved elsewhere."""
    entry = sympy.sympify(entry)
    shifts = [name for name in entry.free_symbols if name.name.startswith(SHIFT)]
    return entry.xreplace(dict.fromkeys(shifts, sympy.Integer(0)))


def _layers_differ(runs: Sequence[Observed], claim: Claim) -> str:
    """Return how the layers for which the line runs differ from those of the range."""
    letters = {q.layer.base for v in _variables(claim) if (q := v.quantity).layer} - {"", "M"}
    visited = {seen.names["k"] for seen in runs if isinstance(seen.names.get("k"), int)}
    if not letters or not visited:
        return ""
    said = _layers_said(claim)
    if said == visited:
        return ""
    return f"with M = 2 the code runs for layers {sorted(visited)}, the equation for {sorted(said)}"


def _layers_said(claim: Claim) -> set[int]:
    M = len(WIDTHS) - 2
    for each in claim.ranges:
        ends = [claim.reading.vocabulary.counted(layer_of(end)) for end in (each.first, each.last)]
        low, high = sorted(M + end.offset if end.base == "M" else end.offset for end in ends)
        return set(range(low, high + 1))
    offsets = [q.layer.offset for v in _variables(claim) if (q := v.quantity).layer]
    return {k for k in range(M + 1) if all(0 <= k + offset <= M for offset in offsets)}
