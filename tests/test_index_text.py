"""Tensors written for a reader."""

import pytest

from backproof.numbers.tensors import (
    Dim,
    Index,
    apply,
    atom,
    dim,
    identity,
)

D, E, N = Dim("D"), Dim("E"), Dim("N")
W, S = atom("W", E, D), atom("S", D, D)
X, Y = atom("X", D, N), atom("Y", D, N)
x = atom("x", D)
s = atom("s")
r = Index("r", E)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (atom(("W", ("k", 0)), E, D) @ atom(("x", ("k", 0)), D, N), "Σ_i (W_k)_{ri} (x_k)_{in}"),
        (atom(("z", ("k", -1)), D), "(z_{k-1})_r"),
        (0 * X, "0"),
        (-2 * X / 3, "-2 X_{rn} / 3"),
        (X > 0, "step(X_{rn})"),
        (dim(N) * s, "N s"),
        (identity(D), "δ_{rc}"),
        (Dim("D", ("k", 1)), "D_{k+1}"),
        (Dim("D", 3), "D_3"),
    ],
)
def test_tensors_print_in_index_form(shown, text):
    """Entries with their indices, sums over the others."""
    assert str(shown) == text


def test_latex():
    """The same in LaTeX."""
    z = atom(("z", "k"), D, N)

    assert (W @ X).latex() == r"\sum_{i} W_{ri} X_{in}"
    assert (z > 0).latex() == r"\mathbb{I}\left[(z_k)_{rn} > 0\right]"
    assert (X / N_of(Y)).latex() == r"\frac{X_{rn}}{N}"


def N_of(tensor):
    """Return the number of columns as code sees it."""
    return tensor.shape[1]


def test_a_long_formula_is_cut_when_printed():
    """A deep network prints at once, with dots for what lies deeper."""
    z = X
    for _ in range(40):
        z = apply("relu", S @ z + x)

    assert len(str(z)) < 1000
    assert "…" in str(z)


def test_primes_in_latex_are_those_of_latex():
    D = Dim("D")
    product = atom("A", D, D)
    for k in range(13):
        product = product @ atom(f"B{k}", D, D)
    assert "i'" in product.latex()
    assert "′" not in product.latex()
