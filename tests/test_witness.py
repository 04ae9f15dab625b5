"""Witnesses: whoever puts the numbers in gets the two values that are said to differ."""

import re

import pytest
import sympy
from asking import ask

from backproof.checking.sameness import same
from backproof.checking.witness import completed, stated_loss
from backproof.numbers.symbolic import symbol


def test_both_sides_are_numbers():
    """What cancels in the difference has a value as well."""
    a, b, c = (symbol(name) for name in "abc")

    found = same(a * b + c, a * b)
    assert not found.holds
    assert re.fullmatch(r"-?\d+ is not -?\d+ at a = 0, b = 0, c = -?\d+", found.witness)


def test_what_cancels_is_given_a_value_at_which_it_is_defined():
    """Zero is no divisor, and a positive letter is positive."""
    a = symbol("a")
    p = sympy.Symbol("p", positive=True)

    assert completed({}, 1 / a, 1 / a + 1) == {a: 1}
    assert completed({}, p, p + 1) == {p: 1}


@pytest.mark.parametrize(
    ("values", "loss"),
    [
        ({"slope by z1_1": 1, "bend by z1_1": -2}, ["L = z1_1 - 2 z1_1^2"]),
        ({"slope by u_1": -1, "slope by u_2": 3}, ["L = -u_1 + 3 u_2"]),
        ({"slope by u_1": 0}, ["L = 0"]),
        ({"u_1": 5}, []),
    ],
)
def test_an_unknown_loss_is_stated(values, loss):
    """A reader is told the loss, not the names of its coefficients."""
    assert stated_loss(values) == loss


def python(text: str) -> str:
    """Return a polynomial as Python writes it."""
    return re.sub(r"(\d) z", r"\1*z", text).replace("^", "**")


def test_the_function_that_was_put_in_is_stated():
    """Without it nobody could compute the values again."""
    formula = r"\frac{\partial L_i}{\partial z_{k-1}} = W_k^T \frac{\partial L_i}{\partial z_k}"
    problem = ask(formula, "layout: denominator").problem
    said = re.search(
        r"(\S+) is not (\S+) at W1_1 = (\S+), b1_1 = (\S+), z0_1 = (\S+), where L = (.+) and "
        r"f\[z\] = (.+) with",
        problem.message,
    )
    left, right, W, b, z0 = (sympy.Rational(number) for number in said.groups()[:5])
    z, z1 = sympy.symbols("z z1_1")
    L, f = (sympy.parse_expr(python(text)) for text in said.groups()[5:])
    above = L.diff(z1).subs(z1, b + W * f.subs(z, z0))
    assert (W * above * f.diff(z).subs(z, z0), W * above) == (left, right)
