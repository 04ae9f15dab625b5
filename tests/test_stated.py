"""One claim is judged as in a document, and a slip in typing it is said."""

import numpy as np
import pytest

from backproof.checking.stated import claim

RIGHT = r"\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k^{\mathsf T}"


@pytest.mark.parametrize("text", [RIGHT, f"$${RIGHT}$$", rf"\[ {RIGHT} \]", f" ${RIGHT}$ "])
def test_a_true_equation_is_proved(text):
    """With or without its delimiters it is proved, and says for what."""
    judged = claim(text)
    assert judged
    assert str(judged).startswith("proved: in index form\n  scope: every width, every batch size")


def test_a_false_equation_has_a_witness_and_a_mend():
    """What is false is shown with numbers, carets, and the edit that makes it true."""
    judged = claim(r"\frac{\partial L}{\partial b_k} = 2 \frac{\partial L}{\partial z_k} \mathbf 1")
    assert not judged
    text = repr(judged)
    assert text.startswith("differs: BP301 the equation is false: ")
    assert " at W1_1 = " in text
    assert "^^^" in text
    assert text.endswith("True if `2` is left out.")


def test_a_definition_establishes_nothing():
    """A definition is taken as given, and is no success."""
    judged = claim(r"\delta_k = \frac{\partial L}{\partial z_k}")
    assert not judged
    assert "Nothing was checked" in str(judged)


def test_declarations_follow():
    """A declaration is one more string; `given` is one that brings an equation."""
    jacobian = r"\frac{\partial z_k}{\partial x_k} = W_k^{\mathsf T}"
    assert not claim(jacobian)
    assert claim(jacobian, "layout: denominator")
    assert not claim(jacobian, "layout: numerator")
    given = r"given: \delta_k = \frac{\partial L}{\partial z_k}"
    assert claim(r"\frac{\partial L}{\partial b_k} = \delta_k \mathbf 1", given)


@pytest.mark.parametrize(
    "lost",
    [
        "\frac{a}{b}",
        "\theta = 1",
        "\beta = b",
        "\alpha",
        "\rho",
        "\nabla L",
        "\vec x",
        "x \times y",
    ],
)
def test_a_lost_backslash_is_said(lost):
    """A string that is not raw has lost letters, and the message says so."""
    with pytest.raises(ValueError, match="Write a raw string"):
        claim(lost)


def test_lines_are_no_lost_backslashes():
    """A formula may have several lines, and tabs before them."""
    assert claim(RIGHT.replace(" = ", "\n\t= "))


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((3,), {}, TypeError, "LaTeX in a string, or a function, but this is a int"),
        ((RIGHT, "layout"), {}, ValueError, "a declaration is not understood: expected"),
        ((RIGHT, 3), {}, TypeError, "a declaration is a string"),
        ((RIGHT,), {"wrt": "x"}, TypeError, "wrt is for a claim in Python"),
        ((np.tanh,), {}, TypeError, r"claim\(backward, forward, inputs\)"),
        ((np.tanh, "x: 3", np.tanh), {}, TypeError, r"claim\(backward, forward, inputs\)"),
    ],
)
def test_refusals(arguments, options, error, message):
    """What is no claim is refused with how to make one."""
    with pytest.raises(error, match=message):
        claim(*arguments, **options)


def test_code_is_held_to_its_forward():
    """A backward pass in Python is judged by check, and only for the inputs it is about."""
    forward = lambda W, x: W @ x  # noqa: E731
    assert claim(lambda dz, x: dz @ x.T, forward, "W: D K, x: K N", wrt="W")
    assert not claim(lambda dz, x: 2 * dz @ x.T, forward, "W: D K, x: K N", wrt="W")
