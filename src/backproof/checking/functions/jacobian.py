"""The Jacobian of someone's NumPy function, in symbols.

First the code runs on SymPy entries, where a comparison is an entry too: what comes out holds for
all values.  Code that takes a branch runs on numbers that record what it does, and the Jacobian is
that of the branch, which is named.  Either way it is SymPy that differentiates, and the formula is
compared with what the code computes in floating point.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.inputs import Inputs
from backproof.checking.functions.subjects import subject_of
from backproof.checking.zero import is_zero
from backproof.numbers.symbolic import step, symbol
from backproof.numbers.symbolic_functions import Largest, entry
from backproof.numbers.symbolic_graph import Formulas, relation
from backproof.numbers.symbolic_numpy import Symbols
from backproof.numbers.traced import Graph, Unsupported
from backproof.numbers.traced_array import plain, traced_array
from backproof.numbers.traced_numpy import patched
from backproof.numbers.traced_sweep import values_of

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class LocalJacobian:
    """A Jacobian where `conditions` hold: on a branch of the code, or for certain labels."""

    matrix: Any
    conditions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.matrix!r}\nwhere {', '.join(self.conditions)}"

    __repr__ = __str__


@dataclass(frozen=True, slots=True)
class _Case:
    """A point at which the code runs: exact numbers by name, some of them under symbols."""

    point: Mapping[str, Any]
    symbols: Mapping[str, Any]

    @property
    def numbers(self) -> dict[Any, Any]:
        """The value of each symbol."""
        return {
            letter: entry(value)
            for name, letters in self.symbols.items()
            for letter, value in zip(letters.flat, np.asarray(self.point[name]).flat, strict=True)
        }

    def call(self, subject: Subject, made: Callable[[str], Any]) -> Any:
        """Return the first output of a call with what `made` gives for each input that varies."""
        given = {
            name: made(name) if name in self.symbols else self.point[name] for name in subject.names
        }
        function = subject.forward_function
        return _first(function(*given.values()) if subject.by_position else function(**given))


def jacobian(
    function: Function, declaration: Any = None, /, *, wrt: str = "", **arrays: Any
) -> Any:
    """Return the Jacobian of a NumPy function, in symbols that are named after its input.

    The inputs are declared as in `check`: "x: 3", "W: 2 3, x: 3", or by arrays, x=np.ones(3).
    `wrt` says by which input; it may be left out where only one is a real array.  Of several
    outputs the first is meant, as in `return out, cache`.

    Entry (j, i) is the derivative of output i by entry j, both counted row by row; the derivative
    of a number has the shape of the input.  The matrix holds for all values, with step(z) for the
    indicator I[z > 0], and a slope of 0 at the kink of np.maximum(z, 0) and np.abs(z).  Code that
    takes a branch gives a LocalJacobian, which says where it holds.

    Raises ValueError or TypeError for inputs that do not fit, and passes on what `function` raises.

    >>> import numpy as np
    >>> from backproof.checking.functions.jacobian import jacobian
    >>> jacobian(lambda x: np.maximum(x, 0), "x: 2")
    Matrix([
    [step(x_1),         0],
    [        0, step(x_2)]])
    >>> jacobian(lambda x: x if x[0] > x[1] else 2 * x, x=np.array([3.0, 4.0]))
    Matrix([
    [2, 0],
    [0, 2]])
    where x_1 - x_2 <= 0
    """
    if not callable(function):
        raise TypeError(f"function must be callable, but is {function!r}.")
    if isinstance(function, np.ufunc):
        function = _positional(function)
    given = () if declaration is None else (declaration,)
    subject = subject_of(function, *given, wrt=wrt or None, **arrays)
    wrt, cases = _chosen(subject.wrt), _cases(subject.inputs)
    out, conditions = _formula(subject, cases), _labels(subject.inputs, cases[0])
    if out is None:
        out, branch = _here(subject, cases[0])
        conditions += branch
        if not np.all(_compared(subject, out, cases[0])):
            raise ValueError(f"not all is finite at this {wrt}; pass another, {wrt}=np.array(…).")
    matrix = _matrix(out, cases[0].symbols[wrt])
    return LocalJacobian(matrix, conditions) if conditions else matrix


def _positional(function: Function) -> Function:
    """Return a function that takes inputs of any name: those of np.log have none."""

    def call(*inputs: Any) -> Any:
        return function(*inputs)

    return call


def _formula(subject: Subject, cases: list[_Case]) -> Any:
    """Return what the code computes for all values, or None where it cannot be said at once."""
    try:
        out = _everywhere(subject, cases[0])
        compared = [_compared(subject, out, case) for case in cases]
    except (TypeError, ValueError, AttributeError, IndexError):
        return None  # the run on numbers will raise what is the code's own mistake
    return out if any(map(np.any, compared)) else None


def _everywhere(subject: Subject, case: _Case) -> Any:
    out = case.call(subject, lambda name: Symbols.of(case.symbols[name]))
    formulas = Symbols.of(out).view(np.ndarray)
    return np.asarray(np.frompyfunc(_without_largest, 1, 1)(formulas), dtype=object)


def _without_largest(formula: Any) -> Any:
    """Write the maxima out, but those that cancel, as under a softmax."""
    for letter in sorted(formula.atoms(Largest), key=lambda each: -len(each.name)):
        cancels = is_zero(sympy.diff(formula, letter))
        formula = formula.subs(letter, 0 if cancels else letter.formula)
    return formula if not formula.atoms(Largest) else _without_largest(formula)


def _here(subject: Subject, case: _Case) -> tuple[Any, tuple[str, ...]]:
    """Return what the code computes around the point, and the conditions for that."""
    graph = Graph()
    inputs = {name: _traced(graph, case.point[name]) for name in case.symbols}
    try:
        with patched([subject.forward_function]):
            returned = case.call(subject, lambda name: inputs[name].copy())
    except Unsupported as reason:
        raise ValueError(f"jacobian cannot follow {reason}.") from None
    out = np.asarray(plain(returned), dtype=object)
    letters = {
        each.index: letter
        for name, array in inputs.items()
        for each, letter in zip(plain(array).flat, case.symbols[name].flat, strict=True)
    }
    asked = [condition.difference for condition in graph.conditions]
    value = values_of([*out.flat, *asked], letters, Formulas())
    relations = dict.fromkeys(relation(each, value) for each in graph.conditions)
    formulas = np.asarray(np.frompyfunc(value, 1, 1)(out), dtype=object)
    return formulas, tuple(str(each) for each in relations if each != sympy.true)


def _traced(graph: Graph, numbers: Any) -> Any:
    made = np.frompyfunc(lambda value: graph.entry(value, "input"), 1, 1)(numbers)
    return traced_array(np.asarray(made, dtype=object))


def _first(out: Any) -> Any:
    while isinstance(out, tuple) and out:
        out = out[0]
    if out is None or isinstance(out, dict | list | str | set):
        raise TypeError(f"the function must return an array, but returned {out!r}.")
    return out


def _compared(subject: Subject, out: Any, case: _Case) -> Any:
    """Compare the formulas with what the code computes in floating point.

    Return which entries are finite, or raise ValueError if the formulas give something else.
    """
    with np.errstate(all="ignore"):  # log(-1) is nan here and complex there: nothing to compare
        returned = case.call(subject, lambda name: np.array(case.point[name], dtype=float))
    computed = np.array(returned, dtype=float)
    numbers = case.numbers
    said = np.array([_real(formula.subs(numbers)) for formula in out.flat]).reshape(out.shape)
    finite = np.isfinite(computed)
    computed[~finite] = np.nan
    if computed.shape != out.shape or not np.allclose(said, computed, rtol=1e-9, equal_nan=True):
        raise ValueError("the code computes something else on numbers than on symbols.")
    return finite


def _real(number: Any) -> float:
    value = sympy.N(number)
    return float(value) if value.is_Float or value.is_Integer else float("nan")


def _matrix(out: Any, letters: Any) -> Any:
    """Return the derivatives, entry (j, i) that of output i by letter j."""
    if out.ndim == letters.ndim == 0:
        return _tidy(out[()].diff(letters[()]))
    if out.ndim == 0 and letters.ndim <= 2:
        return sympy.Matrix(np.frompyfunc(lambda each: _tidy(out[()].diff(each)), 1, 1)(letters))
    rows = [[_tidy(formula.diff(letter)) for formula in out.flat] for letter in letters.flat]
    return sympy.Matrix(rows)


def _tidy(derivative: Any) -> Any:
    """Return the shorter of a derivative and its factors."""
    if derivative.count_ops() > 60:
        return derivative  # SymPy may take minutes over its factors
    # SymPy asks its expressions whether they are true, and a step is neither.
    names = {each: sympy.Dummy() for each in derivative.atoms(step)}
    factors = sympy.factor(derivative.subs(names)).subs(
        {name: each for each, name in names.items()}
    )
    return min(derivative, factors, key=lambda each: each.count_ops())


def _letters(name: str, shape: tuple[int, ...]) -> Any:
    """Return an array of real symbols, W_12 for row 1 and column 2; past nine, W_1_12."""
    between = "" if max(shape, default=0) < 10 else "_"
    made = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        index = between.join(str(each + 1) for each in place)
        made[place] = symbol(f"{name}_{index}" if index else name)
    return made


def _chosen(wrt: tuple[str, ...]) -> str:
    if len(wrt) > 1:
        raise ValueError(f"there are several real inputs; say by which with wrt={wrt[0]!r}.")
    return wrt[0]


def _cases(inputs: Inputs) -> list[_Case]:
    """Return the points at which formulas are compared; the first is the one that was given."""
    given = [inputs.examples()] if inputs.from_examples else []
    made = [inputs.points(0, seed, style) for seed, style in enumerate(_STYLES)]
    first, *others = [point for point in (*given, *made) if point is not None]
    real = [name for name, each in inputs.declared.items() if each.varies]
    symbols = {name: _letters(name, np.shape(first[name])) for name in real}
    moved = [{**first, **{name: point[name] for name in real}} for point in others]
    return [_Case(point, symbols) for point in (first, *moved)]


_STYLES = ("generic", "generic", "positive", "zeros")


def _labels(inputs: Inputs, case: _Case) -> tuple[str, ...]:
    """Return the labels and masks that were chosen here: for others the Jacobian is another."""
    return tuple(
        f"{name} = {np.asarray(case.point[name]).tolist()}"
        for name, each in inputs.declared.items()
        if each.kind in ("whole", "choice")
    )
