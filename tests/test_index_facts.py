"""What is known of functions of one number: each fact is used, and nothing else is."""

import pytest

from backproof.losses import (
    _softmax,
)
from backproof.numbers.tensors import (
    UNIT,
    Dim,
    apply,
    atom,
    dim,
    equal,
    facts,
    ones,
    scalar,
)

D, N = Dim("D"), Dim("N")
X, Y, Z = atom("X", D, N), atom("Y", D, N), atom("Z", D, N)


e, a = X * Y + Z, atom("a", D, N)
positive_a = apply("exp", a)

FACT_CASES = {
    "step(e)² = step(e)": (apply("step", e) ** 2, apply("step", e)),
    "step(e) relu(e)": (apply("step", e) * apply("relu", e), apply("relu", e)),
    "relu(e) = step(e) e": (apply("relu", e), apply("step", e) * e),
    "step(relu(e))": (apply("step", apply("relu", e)), apply("step", e)),
    "relu(relu(e))": (apply("relu", apply("relu", e)), apply("relu", e)),
    "step(step(e) a)": (
        apply("step", apply("step", e) * a),
        apply("step", e) * apply("step", a),
    ),
    "relu(step(e) a)": (
        apply("relu", apply("step", e) * a),
        apply("step", e) * apply("relu", a),
    ),
    "step(a b)": (apply("step", 3 * positive_a * e), apply("step", e)),
    "relu(a b)": (apply("relu", positive_a * e / 3), positive_a * apply("relu", e) / 3),
    "step of an exponential": (apply("step", positive_a), ones(D, N)),
    "relu of an exponential": (apply("relu", positive_a + dim(N)), positive_a + dim(N)),
    "step(0)": (apply("step", 0 * e), 0 * e),
    "relu of less than 0": (apply("relu", -positive_a), 0 * e),
    "exp(a + b)": (apply("exp", a + e), apply("exp", a) * apply("exp", e)),
    "exp(c a)": (apply("exp", -a / 2) ** 2, 1 / apply("exp", a)),
    "exp(n log a)": (apply("exp", -2 * apply("log", positive_a + 1)), (positive_a + 1) ** -2),
    "log(exp(a))": (apply("log", positive_a), a),
    "log(a b)": (
        apply("log", positive_a * (1 + e * e) * dim(N)),
        a + apply("log", 1 + e * e) + apply("log", dim(N)),
    ),
    "sqrt(a)²": (apply("sqrt", 1 + e * e) ** 2, 1 + e * e),
    "sqrt(a b)": (apply("sqrt", 12 * dim(N)), 2 * apply("sqrt", scalar(3) * dim(N))),
    "a / a": (e / e, ones(D, N)),
    "Σ a / Σ a": (_softmax(a).sum(axis=0, keepdims=True), ones(UNIT, N)),
    "1 / (exp(a) (1 + c exp(a)))": (
        1 / (positive_a * (1 + 3 * positive_a)),
        1 / positive_a - 3 / (1 + 3 * positive_a),
    ),
    "exp(a) / (1 + c exp(a))": (
        positive_a / (1 + 3 * positive_a),
        (1 - 1 / (1 + 3 * positive_a)) / 3,
    ),
}


@pytest.mark.parametrize("name", FACT_CASES)
def test_each_fact_is_known(name):
    """Both sides of the fact are equal, and no multiple of one is."""
    left, right = FACT_CASES[name]

    assert equal(left, right)
    assert equal(left.T, right.T)
    if right.terms:
        assert not equal(left, right / 2)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (apply("step", -e), 1 - apply("step", e)),
        (apply("relu", -e), -apply("relu", e)),
        (apply("step", e), e),
        (apply("step", a * e), apply("step", e)),
        (apply("relu", a + e), apply("relu", a) + apply("relu", e)),
        (apply("exp", a * e), apply("exp", a) * apply("exp", e)),
        (apply("log", 1 + a * a + e * e), apply("log", 1 + a * a) + apply("log", e * e)),
        (apply("tanh", 2 * a), 2 * apply("tanh", a)),
        (apply("f", a + e), apply("f", a) + apply("f", e)),
        (apply("f", -a), -apply("f", a)),
        (apply("step", e - 1), apply("step", e)),
    ],
)
def test_nothing_else_is_taken_for_a_fact(left, right):
    """What is not in the list, and mostly false, is not used; at 0 the indicator is 0."""
    assert not equal(left, right)


def test_the_facts_are_listed():
    """Everything that is taken for granted is printed, a fact a line."""
    listed = facts().splitlines()

    assert len(listed) == len(set(listed)) > 15
    assert any(line.startswith("step(e)² = step(e)") for line in listed)
