"""Random formulas with open sizes, held to exact numbers by two readings that share no code."""

import random
from fractions import Fraction

import numpy as np
import pytest
from random_formulas import (
    ATOMS,
    KINKED,
    SIZES,
    SMOOTH,
    Dual,
    atoms,
    denoted,
    formula,
    moving,
    still,
    tensor,
    value,
)
from rewritings import rewritten

from backproof.numbers.tensors import (
    equal,
    grad,
)

SHAPES = ["DE", "DN", "D1", "11", "DD", "1N", "EN"]


def numbers(rows):
    """Return the values of rows of dual numbers."""
    return [[entry.value for entry in row] for row in rows]


def summed(tree):
    """Return the tree of the sum of all entries."""
    return "sum", "1", "1", ("sum", "1", tree[2], tree, 0), 1


def random_formula(seed, choices=KINKED, deepest=4):
    """Return a random generator and a random tree."""
    rng = random.Random(seed)  # noqa: S311  sampling, not a secret
    rows, columns = rng.choice(SHAPES)
    return rng, formula(rng, rows, columns, rng.randint(2, deepest), choices)


@pytest.mark.parametrize("batch", range(30))
def test_random_formulas_have_the_values_and_derivatives_of_numbers(batch):
    """3000 formulas, in fractions, kinks included: each entry and each derivative is exact."""
    moved = 0
    for seed in range(100 * batch, 100 * batch + 100):
        rng, tree = random_formula(seed)
        point = still(rng)
        assert denoted(tensor(tree), point) == numbers(value(tree, point)), tree

        name = rng.choice(sorted(atoms(tree)) or ["A"])
        rows, columns = ATOMS[name]
        by = tensor(("atom", rows, columns, name))
        gradient = denoted(grad(tensor(summed(tree)), by), point)
        for row in range(SIZES[rows]):
            for column in range(SIZES[columns]):
                along = value(summed(tree), moving(point, name, row, column))[0][0].tangent
                assert gradient[row][column] == along, (tree, name)
                moved += along != 0

    assert moved > 50


@pytest.mark.parametrize("batch", range(10))
def test_random_smooth_formulas_have_the_values_and_derivatives_of_floats(batch):
    """With exponentials, logarithms, roots and quotients: what is known of them is true."""
    for seed in range(50 * batch, 50 * batch + 50):
        rng, tree = random_formula(seed, SMOOTH, deepest=3)
        whole = still(rng)

        def point(*place, whole=whole):
            return Dual(whole(*place).value / 6)

        formula = tensor(tree)
        flat = np.array(denoted(formula, point), dtype=float)
        assert flat == pytest.approx(np.array(numbers(value(tree, point)), dtype=float)), tree

        name = rng.choice(sorted(atoms(tree)) or ["A"])
        rows, columns = ATOMS[name]
        gradient = grad(tensor(summed(tree)), tensor(("atom", rows, columns, name)))
        along = [
            [value(summed(tree), moving(point, name, row, column))[0][0].tangent]
            for row in range(SIZES[rows])
            for column in range(SIZES[columns])
        ]
        flat = np.array(denoted(gradient, point), dtype=float)
        assert flat.ravel() == pytest.approx(np.array(along, dtype=float).ravel()), tree


@pytest.mark.parametrize("batch", range(10))
def test_random_rewritings_are_equal(batch):
    """1000 formulas, written differently in up to six places, are all recognised."""
    for seed in range(100 * batch, 100 * batch + 100):
        rng, tree = random_formula(seed, deepest=4)
        other = tree
        for _ in range(rng.randint(1, 6)):
            other = rewritten(rng, other)

        assert equal(tensor(tree), tensor(other)), (tree, other)


@pytest.mark.parametrize("batch", range(10))
def test_random_formulas_of_different_value_are_never_equal(batch):
    """1000 pairs that differ in one atom or operation: none with other values is called equal."""
    different = 0
    for seed in range(100 * batch, 100 * batch + 100):
        rng, tree = random_formula(seed, deepest=3)
        other = slipped(rng, tree)
        points = [still(random.Random(k)) for k in range(3)]  # noqa: S311  the same
        if any(numbers(value(tree, p)) != numbers(value(other, p)) for p in points):
            different += 1
            assert not equal(tensor(tree), tensor(other)), (tree, other)

    assert different > 20


def slipped(rng, tree):
    """Return the tree with one slip: another atom, another sign, a mask too few."""
    operation, rows, columns, *parts = tree
    below = [k for k, part in enumerate(parts) if isinstance(part, tuple)]
    if below and rng.random() < 0.5:
        k = rng.choice(below)
        parts[k] = slipped(rng, parts[k])
        return operation, rows, columns, *parts
    if operation == "atom":
        same = [name for name, dims in ATOMS.items() if dims == rows + columns]
        return operation, rows, columns, rng.choice(same)
    if operation in "+-*" and rng.random() < 0.7:
        return rng.choice("+-*"), rows, columns, *parts
    if operation in ("relu", "step", "T", "diag") and rng.random() < 0.7:
        inner = parts[0]
        return inner if inner[1:3] == (rows, columns) else tree
    return "number", rows, columns, Fraction(2), tree
