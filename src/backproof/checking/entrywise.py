"""The first oracle: explicit small matrices of SymPy symbols, differentiated entry by entry.

Sizes are numbers here, so what it establishes it establishes for those sizes.  It shares no code
with the second oracle, the index form: neither arithmetic, nor derivative, nor equality.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from backproof import recursion
from backproof.activations import Activation
from backproof.checking.entry_functions import FUNCTIONS, unknown
from backproof.checking.setting import ORDER, Setting, is_of_losses, position
from backproof.equations import terms as t
from backproof.equations.rewriting import index_names
from backproof.equations.terms import BATCH, ONE, ONE_HOT, Index, Layer, Quantity, Size, Term
from backproof.equations.vocabulary import BEND, SLOPE
from backproof.network import Network
from backproof.numbers.symbolic import SymbolicArray, entrywise, step, symbol, symbols

Env = Mapping[str, int]


@dataclass(slots=True)
class Entrywise:
    """One world of given sizes, in which terms become arrays of SymPy expressions.

    `widths` holds the width of each layer, `bases` the number that k or M has here, `batch` the
    number of examples.  `given` holds quantities with values in place of symbols.
    """

    setting: Setting
    sizes: dict[Size, int]
    bases: dict[str, int]
    given: dict[Quantity, Any] = field(default_factory=dict)
    label: int = -1
    derivatives: dict[Quantity, Any] = field(default_factory=dict)
    """∂L/∂z_k where a run of the code has given it; then it is not computed."""
    known: dict[tuple[int, tuple[int, ...]], tuple[Term, Any]] = field(default_factory=dict)
    """What has been computed, by term and the indices that stand in it."""

    def size(self, size: Size) -> int:
        """Return how many a size is in this world."""
        if size.letter.isdigit():
            return int(size.letter)
        if size.layer is not None:
            size = Size(size.letter, Layer("", self.number(size.layer)))
        if size not in self.sizes:
            raise NotImplementedError(f"nothing says how large {size} is")
        return self.sizes[size]

    def number(self, layer: Layer) -> int:
        """Return the number of a layer."""
        if layer.base and layer.base not in self.bases:
            raise NotImplementedError(f"nothing says which layer {layer.base} is")
        return self.bases.get(layer.base, 0) + layer.offset

    def values(self, term: Term, env: Env) -> Any:
        """Return the array of `term`, with indices as in `env`."""
        key = id(term), tuple(env[name] for name in index_names(term) if name in env)
        if key not in self.known:
            compute = getattr(self, f"_{type(term).__name__.lower()}")
            self.known[key] = term, compute(term, env)  # the term is kept, so its id is its own
        return self.known[key][1]

    # Given quantities.

    def _constant(self, term: t.Constant, _env: Env) -> Any:
        value = term.value
        if isinstance(value, Fraction):
            return _array([[sympy.Rational(value.numerator, value.denominator)]])
        if isinstance(value, Size):
            return _array([[self._size_as_number(value)]])
        return _array([[sympy.pi]])

    def _size_as_number(self, size: Size) -> Any:
        if size == Size("M"):
            return sympy.Integer(self.number(Layer("M", 0)))
        if size.letter == "layer" and size.layer is not None:
            return sympy.Integer(self.number(size.layer))
        return sympy.sympify(self.size(size))

    def free(self, quantity: Quantity, shape: tuple[Size, Size]) -> Any:
        """Return the symbols of a quantity that nothing determines."""
        if quantity in self.given:
            return self.given[quantity]
        rows, columns = (self.size(size) for size in shape)
        if not isinstance(rows, int) or not isinstance(columns, int):
            raise NotImplementedError("arrays in a sum over layers")
        name = quantity.name if quantity.layer is None else quantity.name + self._tag(quantity)
        if quantity == ONE_HOT:
            return self._one_hot(rows, columns)
        if shape == t.SCALAR:
            return _array([[symbol(name)]])  # a number has no index: z_1 would be a layer
        return symbols(name, rows, columns)

    def _tag(self, quantity: Quantity) -> str:
        assert quantity.layer is not None  # noqa: S101  the caller has looked
        return str(self.number(quantity.layer))

    def _one_hot(self, rows: int, columns: int) -> Any:
        # The first example is of class `label`, the second of the one before, and so on.
        return _array(
            [
                [sympy.Integer(int(i == (self.label - j) % rows)) for j in range(columns)]
                for i in range(rows)
            ]
        )

    def _variable(self, term: t.Variable, env: Env) -> Any:
        quantity = term.quantity
        if quantity in self.given:
            return self.free(quantity, term.shape)
        definition = self.setting.vocabulary.definition(quantity, batch=self.setting.batch)
        if definition is not None:
            return self._defined(term, definition, env)
        if quantity.name == "x" and not self.setting.is_free(quantity):
            return self._activated(quantity, term)
        if quantity.name == "z" and not self.setting.is_free(quantity):
            return self._affine(quantity, term)
        return self.free(quantity, term.shape)

    def _defined(self, term: t.Variable, definition: Any, env: Env) -> Any:
        if not definition.indices:
            return self.values(definition.body, env)
        rows, columns = (range(self.size(size)) for size in term.shape)
        places = definition.places(term.shape)
        return _array(
            [
                [
                    self.values(
                        definition.body, {name: (i, j)[place] for name, place in places.items()}
                    )[0, 0]
                    for j in columns
                ]
                for i in rows
            ]
        )

    def _activated(self, quantity: Quantity, term: t.Variable) -> Any:
        assert quantity.layer is not None  # noqa: S101  x has a layer
        below = t.Variable(term.shape, Quantity("z", quantity.layer.moved(-1)))
        return self._activation()(self.values(below, {}))

    def _affine(self, quantity: Quantity, term: t.Variable) -> Any:
        layer = quantity.layer
        assert layer is not None  # noqa: S101  z has a layer
        above, below = t.width(layer.moved(1)), t.width(layer)
        x = self.values(t.Variable((below, term.shape[1]), Quantity("x", layer)), {})
        b = self.free(Quantity("b", layer), (above, ONE))
        W = self.free(Quantity("W", layer), (above, below))
        network = Network(b=[b], W=[W], activation=self._activation())
        return recursion.forward(network, x).output

    def _activation(self) -> Activation:
        name = self.setting.activation
        return Activation(
            name,
            entrywise(lambda z: self._scalar(name, 0, z)),
            entrywise(lambda z: self._scalar(name, 1, z)),
        )

    def _loss(self, term: t.Loss, env: Env) -> Any:
        definition = self.setting.loss
        if definition is not None and term.example is not None and is_of_losses(definition.body):
            definition = None
        if definition is not None and self.setting.batch and not definition.batch:
            raise NotImplementedError("the loss is said for one example, and asked for a batch")
        if definition is not None and (definition.indices or term.example is None):
            names = {} if term.example is None else {definition.indices[0]: env[term.example.name]}
            return self.values(definition.body, names)
        if definition is not None:
            raise NotImplementedError("the loss of one example, of a loss defined for the batch")
        terms = self._any_loss()
        picked = terms if term.example is None else terms[:, [env[term.example.name]]]
        return _array([[sympy.Add(*picked.flat)]])

    def _any_loss(self) -> Any:
        """Return the summands of an arbitrary quadratic loss: its gradient is arbitrary too."""
        top = self.setting.highest
        assert top is not None and top.layer is not None  # noqa: PT018, S101  a loss depends on one
        rows = t.width(top.layer.moved(1) if top.name == "z" else top.layer)
        examples = BATCH if self.setting.batch else ONE
        value = self.values(t.Variable((rows, examples), top), {})
        name = top.name + self._tag(top)
        slope, bend = (symbols(f"{kind} {name}", *value.shape) for kind in (SLOPE, BEND))
        return value * slope + bend * value * value

    # Operations.

    def _plus(self, term: t.Plus, env: Env) -> Any:
        return self.values(term.left, env) + self.values(term.right, env)

    def _times(self, term: t.Times, env: Env) -> Any:
        left, right = self.values(term.left, env), self.values(term.right, env)
        if left.shape == (1, 1):
            return right * left[0, 0]
        return left * (right[0, 0] if right.shape == (1, 1) else right)

    def _matmul(self, term: t.MatMul, env: Env) -> Any:
        return self.values(term.left, env) @ self.values(term.right, env)

    def _transposed(self, term: t.Transposed, env: Env) -> Any:
        return self.values(term.arg, env).T

    def _power(self, term: t.Power, env: Env) -> Any:
        return entrywise(lambda z: z**term.exponent)(self.values(term.arg, env))

    def _call(self, term: t.Call, env: Env) -> Any:
        return entrywise(lambda z: self._scalar(term.function, term.primes, z))(
            self.values(term.arg, env)
        )

    def _scalar(self, name: str, primes: int, z: Any) -> Any:
        definition = self.setting.vocabulary.functions.get(name)
        if definition is not None:
            place = sympy.Dummy("argument", real=True)
            assert definition.argument is not None  # noqa: S101  a function has one
            given = {**self.given, definition.argument: _array([[place]])}
            inner = Entrywise(self.setting, self.sizes, self.bases, given)
            body = inner.values(definition.body, {})[0, 0]
            return sympy.sympify(body).diff(place, primes).subs(place, z)
        if name not in FUNCTIONS:
            return unknown(name + "'" * primes)(z)
        known = FUNCTIONS[name]
        if primes < len(known):
            return known[primes](z)
        place = sympy.Dummy("argument", real=True)
        return known[0](place).diff(place, primes).subs(place, z)

    def _positive(self, term: t.Positive, env: Env) -> Any:
        return entrywise(step)(self.values(term.arg, env))

    def _equal(self, term: t.Equal, env: Env) -> Any:
        return _array([[sympy.Integer(int(env[term.left.name] == env[term.right.name]))]])

    def _ones(self, term: t.Ones, _env: Env) -> Any:
        return _array(np.full([self.size(size) for size in term.shape], sympy.Integer(1)))

    def _identity(self, term: t.Identity, _env: Env) -> Any:
        return _diagonal(np.full(self.size(term.shape[0]), sympy.Integer(1)))

    def _diagonal(self, term: t.Diagonal, env: Env) -> Any:
        return _diagonal(self.values(term.arg, env)[:, 0])

    def _entry(self, term: t.Entry, env: Env) -> Any:
        array = self.values(term.arg, env)
        return array[_chosen(term.row, env), _chosen(term.column, env)]

    def _column(self, term: t.Column, env: Env) -> Any:
        return self.values(term.arg, env)[:, _chosen(term.column, env)]

    def _sumover(self, term: t.SumOver, env: Env) -> Any:
        last = self.size(term.index.size)
        if not isinstance(last, int):
            raise NotImplementedError("a sum over entries beside a sum over layers")
        values = range(last)
        parts = (self.values(term.body, {**env, term.index.name: i}) for i in values)
        return sum(parts, start=_array([[sympy.Integer(0)]]))

    def _sumlayers(self, term: t.SumLayers, env: Env) -> Any:
        layers = range(self.number(term.first), self.number(term.last) + 1)
        start = sympy.Integer(int(term.product))
        total = _array([[start]])
        for layer in layers:
            bases = {**self.bases, term.index: layer}
            inner = Entrywise(self.setting, self.sizes, bases, self.given)
            value = inner.values(term.body, env)
            total = total * value if term.product else total + value
        return total

    def _total(self, term: t.Total, env: Env) -> Any:
        return _array([[sympy.Add(*self.values(term.arg, env).flat)]])

    def _ceil(self, term: t.Ceil, env: Env) -> Any:
        return entrywise(sympy.ceiling)(self.values(term.arg, env))

    def _literal(self, term: t.Literal, env: Env) -> Any:
        return _array([[self.values(entry, env)[0, 0] for entry in row] for row in term.rows])

    # Derivatives.

    def _derived(self, term: t.Derived, env: Env) -> Any:
        inner: Term = term.by
        while isinstance(inner, t.Entry | t.Column):
            inner = inner.arg
        assert isinstance(inner, t.Variable)  # noqa: S101  the reading has looked
        quantity = inner.quantity
        if isinstance(term.of, t.Loss) and quantity in self.derivatives:
            return self._chosen_part(term.by, self.derivatives[quantity], env)
        atoms = (
            self.free(quantity, inner.shape) if quantity not in self.given else self._fresh(inner)
        )
        given = {q: value for q, value in self.given.items() if not _follows(q, quantity)}
        plain = Entrywise(
            self.setting, self.sizes, self.bases, {**given, quantity: atoms}, self.label
        )
        of = plain.values(term.of, env)
        by = plain._chosen_part(term.by, atoms, env)
        result = _differentiated(of, by, denominator=term.denominator)
        if result.shape != tuple(self.size(size) for size in term.shape):
            result = result.T  # one number by a column, in the layout in which that is a row
        value = self.values(inner, env)
        return entrywise(lambda z: z.xreplace(dict(zip(atoms.flat, value.flat, strict=True))))(
            result
        )

    def _fresh(self, variable: t.Variable) -> Any:
        return symbols(
            f"at {variable.quantity.name}", *(self.size(size) for size in variable.shape)
        )

    def _chosen_part(self, by: Term, atoms: Any, env: Env) -> Any:
        if isinstance(by, t.Entry):
            return atoms[_chosen(by.row, env), _chosen(by.column, env)]
        return atoms[:, _chosen(by.column, env)] if isinstance(by, t.Column) else atoms


def _follows(quantity: Quantity, by: Quantity) -> bool:
    """Return whether a quantity is computed from `by`, in an example where both are given."""
    if quantity.name not in ORDER or by.name not in (*ORDER, "W", "b"):
        return False
    if quantity.layer is None or by.layer is None:
        return False
    start = Quantity("x", by.layer) if by.name in "Wb" else by
    return position(quantity) > position(start)


def _differentiated(of: Any, by: Any, *, denominator: bool) -> Any:
    if of.shape == (1, 1):
        return entrywise(lambda z: sympy.sympify(of[0, 0]).diff(z))(by)
    rows = [[sympy.sympify(each).diff(z) for each in of[:, 0]] for z in by[:, 0]]
    return _array(rows) if denominator else _array(rows).T


def _chosen(index: Index | None, env: Env) -> slice:
    start = 0 if index is None else env[index.name]
    return slice(start, start + 1)


def _array(entries: Any) -> Any:
    return SymbolicArray.of(entries)


def _diagonal(entries: Any) -> Any:
    zero = sympy.Integer(0)
    count = range(len(entries))
    return _array([[entries[i] if i == j else zero for j in count] for i in count])


def assignments(indices: list[tuple[str, int]]) -> list[dict[str, int]]:
    """Return every choice of values for the free indices of an equation."""
    names = [name for name, _ in indices]
    return [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(range(size) for _, size in indices))
    ]
