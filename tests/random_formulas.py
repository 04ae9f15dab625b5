"""Random matrix formulas as trees, with two readings that share no code with the engine.

`value` computes a formula entry by entry on lists of dual numbers in fractions; `denoted` sums the
terms of a tensor over all indices.
"""

import math
from fractions import Fraction
from itertools import product

from backproof.numbers import tensors as t

SIZES = {"D": 2, "E": 3, "N": 2, "1": 1}
DIMS = {name: t.UNIT if name == "1" else t.Dim(name) for name in SIZES}
ATOMS = {
    "A": "DE",
    "B": "ED",
    "S": "DD",
    "T": "DD",
    "X": "DN",
    "Y": "EN",
    "u": "D1",
    "v": "E1",
    "w": "1N",
    "s": "11",
}
SMOOTH = [
    "atom",
    "+",
    "-",
    "*",
    "@",
    "T",
    "sum",
    "exp",
    "softplus",
    "sigmoid",
    "tanh",
    "root",
    "over",
]
KINKED = ["atom", "atom", "+", "-", "*", "@", "@", "T", "sum", "relu", "step", "number", "diag"]


FUNCTIONS = ("relu", "step", "exp", "softplus", "sigmoid", "tanh", "root")


def formula(rng, rows, columns, depth, choices=KINKED):
    """Return a random tree of this shape: (operation, rows, columns, parts…)."""
    operation = rng.choice(choices) if depth else "atom"
    shapes = shapes_below(rng, operation, (rows, columns))
    if not shapes:
        return leaf(rng, (rows, columns))
    parts = [formula(rng, *shape, depth - 1, choices) for shape in shapes]
    if operation == "sum":
        parts.append(0 if rows == "1" else 1)
    if operation == "number":
        parts.insert(0, Fraction(rng.choice([-2, -1, 2, 3]), rng.choice([1, 2])))
    return operation, rows, columns, *parts


def shapes_below(rng, operation, shape):
    """Return the shapes of the parts of an operation, or nothing if it has not this shape."""
    rows, columns = shape
    if operation in ("+", "-", "*", "over"):
        thin = rng.choice([("1", columns), (rows, "1"), ("1", "1")])
        return rng.choice([(shape, shape), (shape, shape), (shape, thin), (thin, shape)])
    if operation == "@":
        middle = rng.choice("DEN1")
        return [(rows, middle), (middle, columns)]
    if operation == "sum" and "1" in shape:
        return [(rng.choice("DEN"), columns) if rows == "1" else (rows, rng.choice("DEN"))]
    if operation == "diag" and rows == columns != "1":
        return [(rows, "1")]
    if operation == "T":
        return [(columns, rows)]
    return [shape] if operation in (*FUNCTIONS, "number") else []


def leaf(rng, shape):
    """Return an atom of this shape, its transpose, ones, or a product of two vectors."""
    rows, columns = shape
    found = [
        ("atom", rows, columns, name) for name, dims in ATOMS.items() if dims == rows + columns
    ]
    turned = [
        ("atom", columns, rows, name) for name, dims in ATOMS.items() if dims == columns + rows
    ]
    found += [("T", rows, columns, each) for each in turned]
    return rng.choice(found or [("ones", rows, columns)])


# As a tensor.


TENSORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "@": lambda a, b: a @ b,
    "over": lambda a, b: a / (1 + b**2),
    "number": lambda number, a: number * a,
    "T": lambda a: a.T,
    "sum": lambda a, axis: a.sum(axis=axis, keepdims=True),
    "diag": t.diag,
    "root": lambda a: t.apply("sqrt", 2 + a**2),
}


def tensor(tree):
    """Return the tree as a tensor."""
    operation, rows, columns, *parts = tree
    if operation == "atom":
        return t.atom(parts[0], DIMS[rows], DIMS[columns])
    if operation == "ones":
        return t.ones(DIMS[rows], DIMS[columns])
    made = [tensor(part) if isinstance(part, tuple) else part for part in parts]
    return TENSORS[operation](*made) if operation in TENSORS else t.apply(operation, *made)


# As numbers: a value and its derivative in one direction.


class Dual:
    """A number that moves: value + ε tangent."""

    def __init__(self, value, tangent=0):
        self.value, self.tangent = value, tangent

    def __add__(self, other):
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, other):
        return Dual(
            self.value * other.value, self.tangent * other.value + self.value * other.tangent
        )

    def through(self, function, slope):
        """Return a function of one number, of which the slope is known."""
        return Dual(function(self.value), slope(self.value) * self.tangent)


def value(tree, point):
    """Return the tree as rows of dual numbers; `point(name, r, c)` is an entry of an atom."""
    operation, rows, columns, *parts = tree
    places = [[(r, c) for c in range(SIZES[columns])] for r in range(SIZES[rows])]
    if operation == "atom":
        return [[point(parts[0], r, c) for r, c in row] for row in places]
    if operation == "ones":
        return [[Dual(1) for _ in row] for row in places]
    if operation == "number":
        return [[Dual(parts[0]) * entry for entry in row] for row in value(parts[1], point)]
    below = [value(part, point) for part in parts if isinstance(part, tuple)]
    return [[entry(operation, below, parts, r, c) for r, c in row] for row in places]


def entry(operation, below, parts, r, c):
    """Return one entry of an operation on rows of dual numbers."""
    if operation in PAIRS:
        return PAIRS[operation](*(broadcast(matrix, r, c) for matrix in below))
    if operation in SLOPES:
        return below[0][r][c].through(*SLOPES[operation])
    return PLACES[operation](below, parts, r, c)


def logistic(x):
    """Return the logistic sigmoid."""
    return 1 / (1 + math.exp(-x))


PAIRS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a + Dual(-1) * b,
    "*": lambda a, b: a * b,
    "over": lambda a, b: a * (Dual(1) + b * b).through(lambda x: 1 / x, lambda x: -1 / x**2),
}
SLOPES = {
    "relu": (lambda x: max(x, 0), lambda x: int(x > 0)),
    "step": (lambda x: int(x > 0), lambda _: 0),
    "exp": (math.exp, math.exp),
    "softplus": (lambda x: math.log(1 + math.exp(x)), logistic),
    "sigmoid": (logistic, lambda x: logistic(x) * logistic(-x)),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "root": (lambda x: math.sqrt(2 + x * x), lambda x: x / math.sqrt(2 + x * x)),
}
PLACES = {
    "@": lambda m, _, r, c: total(m[0][r][k] * m[1][k][c] for k in range(len(m[1]))),
    "T": lambda m, _, r, c: m[0][c][r],
    "sum": lambda m, parts, r, c: total(m[0][r] if parts[1] else [row[c] for row in m[0]]),
    "diag": lambda m, _, r, c: m[0][r][0] if r == c else Dual(0),
}


def broadcast(matrix, r, c):
    """Return the entry at r, c of a matrix of which a length 1 stands for any."""
    row = matrix[r] if len(matrix) > 1 else matrix[0]
    return row[c] if len(row) > 1 else row[0]


def total(numbers):
    """Return the sum of dual numbers."""
    result = Dual(0)
    for number in numbers:
        result += number
    return result


def still(rng):
    """Return a point at which nothing moves, with small entries of which some are 0."""
    known = {}

    def point(name, r, c):
        return known.setdefault(
            (name, r, c), Dual(Fraction(rng.randint(-3, 3), rng.choice([1, 2])))
        )

    return point


def moving(point, name, r, c):
    """Return the same point with one entry moving."""
    return lambda *place: Dual(point(*place).value, int(place == (name, r, c)))


# What the terms of a tensor denote, by brute force.

VALUES = {
    "relu": lambda e: max(e, 0),
    "step": lambda e: int(e > 0),
    "Σ": lambda e: e,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
}


def denoted(tensor, point):
    """Return the entries of a tensor as rows of numbers, each term summed over all its indices."""
    sizes = [SIZES[str(dim)] for dim in (tensor.rows, tensor.columns)]
    return [
        [expression(tensor.terms, {-1: r, -2: c}, point) for c in range(sizes[1])]
        for r in range(sizes[0])
    ]


def expression(terms, at, point):
    """Return the number that an expression is with its free indices `at` places."""
    return sum(number * summed(term, at, point) for term, number in terms.items())


def summed(term, at, point):
    """Return the sum over all indices that are not fixed."""
    dims = {
        i: d
        for head, _, indices in term
        for i, d in zip(indices, head.dims, strict=True)
        if i not in at
    }
    places = product(*(range(SIZES[str(dim)]) for dim in dims.values()))
    return sum(
        math.prod(
            factor(*each, {**at, **dict(zip(dims, place, strict=True))}, point) for each in term
        )
        for place in places
    )


def factor(head, exponent, indices, at, point):
    """Return the number that a factor is."""
    places = [at[i] for i in indices]
    if head.kind == "atom":
        rows, columns = ATOMS[head.name]
        r = places.pop(0) if rows != "1" else 0
        c = places.pop(0) if columns != "1" else 0
        number = point(head.name, r, c).value
    elif head.kind == "size":
        number = SIZES[str(head.name)]
    elif head.kind == "delta":
        number = int(places[0] == places[1])
    else:
        inner = expression(head.form.terms, {-10 - k: i for k, i in enumerate(places)}, point)
        number = VALUES[head.name](inner)
    return (number if isinstance(number, float) else Fraction(number)) ** exponent


def atoms(tree):
    """Return the names of the atoms in a tree."""
    if tree[0] == "atom":
        return {tree[3]}
    return {name for part in tree[3:] if isinstance(part, tuple) for name in atoms(part)}
