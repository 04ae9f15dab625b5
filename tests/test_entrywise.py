"""The first oracle, against SymPy's own matrices and against exact differences."""

import pytest
import sympy
from asking import vocabulary_of

from backproof.checking.claims import claims
from backproof.checking.documents import parsed
from backproof.checking.entry_functions import concrete, unknown
from backproof.checking.entrywise import Entrywise, assignments
from backproof.checking.equation import setting_of
from backproof.checking.sameness import same
from backproof.equations.terms import BATCH, Derived, Layer, Size, width
from backproof.numbers.symbolic import relu, step, symbol

DECLARED = ("u, v, w: vector[D]", "A: matrix[D, C]", "B: matrix[C, D]", "S: matrix[D, D]",
            "c: scalar")  # fmt: skip
SIZES = {Size("D"): 3, Size("C"): 2, BATCH: 2} | {width(Layer("", k)): 2 + k for k in range(4)}


def letter(name, rows, columns=1):
    """Return the matrix of symbols that the checker gives to a letter."""
    return sympy.Matrix(
        rows, columns, lambda i, j: symbol(f"{name}_{i + 1}" + str(j + 1) * (columns > 1))
    )


u, v, A, B = letter("u", 3), letter("v", 3), letter("A", 3, 2), letter("B", 2, 3)
S = letter("S", 3, 3)
c = symbol("c")


def world_of(source, *declarations, sizes=SIZES, bases=None):
    """Return the first claim of an equation, and a world of given sizes for it."""
    vocabulary = vocabulary_of(*DECLARED, *declarations)
    claim = next(iter(list(claims(parsed(source, vocabulary, {}), vocabulary))))
    return claim, Entrywise(setting_of(claim), dict(sizes), bases or {"k": 1})


def value(source, *declarations, env=None, **world):
    """Return the left side of an equation, whose right side says how large it is, as a matrix."""
    claim, entries = world_of(source, *declarations, **world)
    return sympy.Matrix(entries.values(claim.left, env or {}).tolist())


def number(value):
    return sympy.Matrix([[value]])


VALUES = [
    (r"A B = S", A * B),
    (r"A B + S - u v^T = S", A * B + S - u * v.T),
    (r"2 v - \frac{c}{2} u = u", 2 * v - c / 2 * u),
    (r"u \odot v = u", u.multiply_elementwise(v)),
    (r"A^T + B = B", A.T + B),
    (r"\operatorname{diag}(u) = S", sympy.diag(*u)),
    (r"2 I = S", 2 * sympy.eye(3)),
    (r"2 \mathbf{1} = u", 2 * sympy.ones(3, 1)),
    (r"\operatorname{tr}(S) = c", number(S.trace())),
    (r"\|A\|^2 = c", number(sum(entry**2 for entry in A))),
    (r"\langle u, v \rangle = c", u.T * v),
    (r"\sum_j u_j^3 = c", number(sum(entry**3 for entry in u))),
    (r"\sum_i \sum_j \mathbb{I}[i = j] S_{ij} = c", number(S.trace())),
    (r"\tanh(v) = u", v.applyfunc(sympy.tanh)),
    (r"\tanh'(v) = u", v.applyfunc(lambda z: 1 - sympy.tanh(z) ** 2)),
    (r"\max(u, v) = u", v + (u - v).applyfunc(relu)),
    (r"|v| = u", v.applyfunc(relu) + (-v).applyfunc(relu)),
    (r"\mathbb{I}[v > 0] = u", v.applyfunc(step)),
    (r"\mathbb{I}[v \ge 0] = u", (-v).applyfunc(lambda z: 1 - step(z))),
    (r"\lceil \frac{7}{2} \rceil = c", number(4)),
    (r"\pi + e^{2} = c", number(sympy.pi + sympy.exp(2))),
    (r"\frac{1}{c^2} = c", number(c**-2)),
    (r"N + 1 = c", number(3)),
    (r"\sum_{k=0}^M D_k = c", number(2 + 3 + 4)),
    (r"\prod_{k=1}^M D_k = c", number(3 * 4)),
]


@pytest.mark.parametrize(("source", "expected"), VALUES, ids=[each[0] for each in VALUES])
def test_what_each_operation_is(source, expected):
    """Entry by entry as SymPy's own matrices have it."""
    found = value(source, bases={"M": 2})

    assert found.shape == expected.shape
    assert (found - expected).applyfunc(sympy.expand).is_zero_matrix


def test_an_entry_by_its_indices():
    """Row and column, of a product and of its transpose."""
    assert value("(A B)_{ij} + 0 = c", env={"i": 0, "j": 2})[0] == (A * B)[0, 2]
    assert value("(B^T A^T)_{ij} + 0 = c", env={"i": 0, "j": 2})[0] == (A * B)[2, 0]
    assert assignments([("i", 2), ("j", 1)]) == [{"i": 0, "j": 0}, {"i": 1, "j": 0}]


# Derivatives


def test_a_jacobian_has_the_layout_that_is_declared():
    """Rows are the letters by which is differentiated, or the entries of what is."""
    jacobian = r"\frac{\partial (B u)}{\partial u}"

    assert value(jacobian + " = A", "layout: denominator") == B.T
    assert value(jacobian + " = B", "layout: numerator") == B
    square = jacobian.replace("B", "S")  # here the shapes say nothing
    assert value(square + " = S", "layout: denominator") == S.T
    assert value(square + " = S", "layout: numerator") == S


@pytest.mark.parametrize("by", ["W_1", "b_1", "z_1", "x_1"])
def test_the_derivative_of_the_loss_is_that_of_exact_differences(by):
    """The loss is at most quadratic here, so a central difference has no error."""
    source = rf"\frac{{\partial L}}{{\partial {by}}} = {by}"
    claim, world = world_of(source if by != "b_1" else source + r" \mathbf{1}^T \mathbf{1}")
    assert isinstance(claim.left, Derived)
    atoms = world.values(claim.left.by, {})
    loss = world.values(claim.left.of, {})[0, 0]
    found = world.values(claim.left, {})

    assert found.shape == atoms.shape
    assert loss.has(*atoms.flat)
    for place, atom in enumerate(atoms.flat):
        up, down = (loss.subs(atom, atom + sign) for sign in (1, -1))
        assert sympy.expand(found.flat[place] - (up - down) / 2) == 0


def test_the_gradient_of_a_loss_is_as_arbitrary_as_can_be():
    """No entry of ∂L/∂z is 0, nor the same as another, nor the same at every z."""
    gradient = value(r"\frac{\partial L}{\partial z_1} = z_1")

    z = set(letter("z1", 4, 2))
    assert len(set(gradient)) == len(gradient) == 8
    assert all(len(entry.free_symbols & z) == 1 for entry in gradient)


def test_what_the_network_computes_is_asked_of_its_code():
    """z_1 from x_1, and x_2 from z_1, with the activation that is declared."""
    W, b, x = letter("W1", 4, 3), letter("b1", 4), letter("x1", 3, 2)
    z = W * x + b * sympy.ones(1, 2)

    assert value("z_1 + 0 W_1 x_1 = z_1", "activation: relu") == z
    assert value("x_2 + 0 f(W_1 x_1) = x_2", "activation: relu") == z.applyfunc(relu)
    assert value("z_1 + 0 z_1 = z_1") == letter("z1", 4, 2)  # the lowest letter is free


# What is not known


@pytest.mark.parametrize(
    ("source", "sizes", "bases", "why"),
    [
        ("A B = S", {Size("D"): 3}, {}, "nothing says how large C is"),
        ("z_k + z_k = z_k", SIZES, {}, "nothing says which layer k is"),
        ("z_k + z_k = z_k", SIZES, {"k": 7}, "nothing says how large D_8 is"),
        ("A B = S", {Size("D"): symbol("D"), Size("C"): 2}, {}, "arrays in a sum over layers"),
    ],
)
def test_what_nothing_says_is_not_made_up(source, sizes, bases, why):
    """Neither a size nor a layer has a value of its own."""
    claim, world = world_of(source, sizes=sizes, bases=bases)

    world.bases, world.sizes = bases, dict(sizes)
    with pytest.raises(NotImplementedError, match=why):
        world.values(claim.left, {})


# The same


t = symbol("t")
SAME = [
    ((t + 1) ** 2, t * t + 2 * t + 1, True),
    (sympy.exp(t) * sympy.exp(-t), 1, True),
    (relu(t) - relu(-t), t, True),
    (sympy.sqrt(t * t), relu(t) + relu(-t), True),
    (step(t) * step(t), step(t), True),
    (relu(t) * step(t), relu(t), True),
    (unknown("f")(t + 0), unknown("f")(t), True),
    (unknown("f")(t).diff(t), unknown("f'")(t), True),
    (step(t), 1 - step(-t), False),
    (relu(t), t, False),
    (sympy.sqrt(t * t), t, False),
    (t**2, t, False),
    (unknown("f")(t), unknown("g")(t), False),
    (unknown("f")(t), unknown("f'")(t), False),
    (unknown("f")(2 * t), 2 * unknown("f")(t), False),
    (unknown("f")(unknown("f")(t)), unknown("f")(t), False),
    (sympy.zoo, 1, None),
    (sympy.nan, sympy.nan, None),
    (sympy.oo, 1, None),
    (sympy.oo + t, t, None),
]


@pytest.mark.parametrize(("left", "other", "holds"), SAME)
def test_two_expressions_are_the_same_or_differ_at_a_point(left, other, holds):
    """With a witness where they differ, and neither where a side is not defined."""
    opinion = same(sympy.sympify(left), sympy.sympify(other))

    assert opinion.holds is holds
    assert holds is not False or " is not " in opinion.witness


def test_an_unknown_function_is_bent():
    """No polynomial in its place has slopes or bends that agree by accident."""
    f = concrete(unknown("f")(t))

    assert sympy.degree(f, t) == 3
    assert concrete(unknown("f'")(t)) == f.diff(t)
    assert f.diff(t, 2).has(t)
    assert concrete(unknown("g")(t)) != f
