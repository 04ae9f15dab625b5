"""The mend: for each kind of slip the sentence that sets it right, and none that is not true."""

import pytest
from asking import ask, vocabulary_of

from backproof.checking import mend as mending
from backproof.checking.documents import parsed
from backproof.checking.mend import mend
from backproof.checking.report import Outcome

DECLARED = ("layout: denominator", "activation: relu", "u, v: vector[D]", "A: matrix[D, K]",
            "B: matrix[K, C]", "c: scalar")  # fmt: skip
DZ = r"\frac{\partial L}{\partial z_k}"
DZ_SET = r"\frac{\partial L}{\partial z_{k}}"
DW, DX = r"\frac{\partial L}{\partial W_k} = ", r"\frac{\partial L}{\partial x_k} = "
ONES = r"\mathbf{1}"
DB, BELOW = r"\frac{\partial L}{\partial b_k} = ", r"\frac{\partial L}{\partial z_{k-1}} = "

# What is wrong, the mend, and the equation with the mend carried out by hand.
MENDS = [
    (DW + DZ + "x_k", "`x_{k}` is transposed", DW + DZ + "x_k^T"),
    (DX + "W_k" + DZ, "`W_{k}` is transposed", DX + "W_k^T" + DZ),
    (r"c = \sum_j u_j^2 = u^T u^T", "`u` is not transposed", r"\sum_j u_j^2 = u^T u"),
    (
        DW + "x_k^T" + DZ,
        rf"the order is `{DZ_SET} \, x_{{k}}^{{\mathsf T}}`",
        DW + DZ + "x_k^T",
    ),
    ("z_k = x_k W_k + b_k", "the order is `W_{k} x_{k}`", "z_k = W_k x_k + b_k"),
    (
        "(W_k^T x_{k+1})^T = x_{k+1} W_k^T",
        r"it is `x_{k + 1}^{\mathsf T} W_{k}`",
        "(W_k^T x_{k+1})^T = x_{k+1}^T W_k",
    ),
    (r"\operatorname{diag}(u) v = u v", r"the product is pointwise, `u \odot v`",
     r"\operatorname{diag}(u) v = u \odot v"),
    (r"z_k = W_k \odot x_k + b_k", "the product is a matrix product, `W_{k} x_{k}`",
     "z_k = W_k x_k + b_k"),
    (r"z_k = x_k \odot W_k + b_k", "it is the matrix product `W_{k} x_{k}`",
     "z_k = W_k x_k + b_k"),
    (DX + "2 W_k^T" + DZ, "`2` is left out", DX + "W_k^T" + DZ),
    (DW + r"\frac{1}{N}" + DZ + "x_k^T", r"`\frac{1}{N}` is left out", DW + DZ + "x_k^T"),
    (DB + "-" + DZ + ONES, rf"the sign of `{DZ_SET} \, \mathbf{{1}}` is plus", DB + DZ + ONES),
    (DX + "-W_k^T" + DZ, rf"the sign of `W_{{k}}^{{\mathsf T}} \, {DZ_SET}` is plus",
     DX + "W_k^T" + DZ),
    ("z_k = b_k - W_k x_k", "`W_{k} x_{k}` is added", "z_k = b_k + W_k x_k"),
    (r"\|u - v\|^2 = u^T u + 2 u^T v + v^T v", r"`2 u^{\mathsf T} v` is subtracted",
     r"\|u - v\|^2 = u^T u - 2 u^T v + v^T v"),
    ("(u + v)^T (u - v) = u^T u + v^T v", r"`v^{\mathsf T} v` is subtracted",
     "(u + v)^T (u - v) = u^T u - v^T v"),
    (r"\|u - v\|^2 = (u + v)^T (u - v)", "`v` is subtracted",
     r"\|u - v\|^2 = (u - v)^T (u - v)"),
    (BELOW + "W_k^T" + DZ, r"it is masked by `\mathbb{I}[z_{k - 1} > 0]`",
     BELOW + r"\mathbb{I}[z_{k-1} > 0] \odot (W_k^T" + DZ + ")"),
    (BELOW + r"\mathbb{I}[z_{k-1} \ge 0] \odot (W_k^T" + DZ + ")",
     "the condition is `z_{k - 1} > 0`",
     BELOW + r"\mathbb{I}[z_{k-1} > 0] \odot (W_k^T" + DZ + ")"),
    (BELOW + "f(z_{k-1}) \\odot (W_k^T" + DZ + ")", "`f[z_{k - 1}]` is `f'[z_{k - 1}]`",
     BELOW + "f'(z_{k-1}) \\odot (W_k^T" + DZ + ")"),
    (BELOW + "f'(z_k) \\odot (W_k^T" + DZ + ")", "`z_{k}` is `z_{k - 1}`",
     BELOW + "f'(z_{k-1}) \\odot (W_k^T" + DZ + ")"),
    ("x_k = f'(z_{k-1})", "`f'[z_{k - 1}]` is `f[z_{k - 1}]`", "x_k = f(z_{k-1})"),
    ("x_k = f(z_k)", "`z_{k}` is `z_{k - 1}`", "x_k = f(z_{k-1})"),
    ("z_k = W_k x_{k-1} + b_k", "`x_{k - 1}` is `x_{k}`", "z_k = W_k x_k + b_k"),
    ("(W_k^T)_{ij} = (W_k)_{ij}", "`(W_{k})_{i j}` is `(W_{k})_{j i}`",
     "(W_k^T)_{ij} = (W_k)_{ji}"),
    ("u - v = v - u", "its sign is minus", "u - v = -(v - u)"),
    ("u + u + u + u = u + u", "it is multiplied by 2", "u + u + u + u = 2 (u + u)"),
    ("u^T v = u^T (v + v)", "it is multiplied by 1/2", r"u^T v = \frac{1}{2} u^T (v + v)"),
    (r"\sum_i L_i = \frac{L}{N}", "it is multiplied by N", r"\sum_i L_i = N \frac{L}{N}"),
    (r"\frac{1}{N} \sum_i L_i = L", "it is divided by N", r"\frac{1}{N} \sum_i L_i = \frac{L}{N}"),
    (DB + DZ, "it is summed over the examples, as by the column 1 on its right",
     DB + DZ + ONES),
]  # fmt: skip


def mended(source):
    """Return what is offered for an equation."""
    vocabulary = vocabulary_of(*DECLARED)
    return mend(parsed(source, vocabulary, {}), vocabulary)


@pytest.mark.parametrize(("wrong", "words", "right"), MENDS, ids=[m[0] for m in MENDS])
def test_the_mend_of_a_slip(wrong, words, right):
    """The equation is refused with exactly this sentence, and is proved once it is mended."""
    found = ask(wrong, *DECLARED)

    assert not found.passed
    assert found.problem is not None
    assert found.problem.mend == f"True if {words}."
    assert ask(right, *DECLARED).outcome is Outcome.PROVED


@pytest.mark.parametrize(
    "source",
    [
        DX + DZ + "W_k",
        DX + "W_k^T" + DZ + "+ x_k",
        BELOW + "2 W_k^T" + DZ,
        r"\|u\|^2 = u^T v",
        "u + v = v + v",
        "N N = N + 1",
        r"c^2 = \log c",
    ],
)
def test_where_one_change_does_not_do_none_is_offered(source):
    """Nothing is better than a guess."""
    assert mended(source) == ""


def test_the_mend_is_never_that_both_sides_are_the_same():
    """a = a is true, and nobody has meant it."""
    assert mended("(u - v)^T (u - v) = (u + v)^T (u - v)") == ""
    assert mended("u^T v = u^T v + c") == ""


def test_every_change_that_is_tried_is_judged(monkeypatch):
    """With a judge who refuses everything, nothing is offered."""
    monkeypatch.setattr(mending, "proved_in_index_form", lambda _: False)

    assert mended(DX + "W_k" + DZ) == ""


def test_the_search_ends(monkeypatch):
    """It gives up after so many changes."""
    monkeypatch.setattr(mending, "MOST", 1)

    assert mended(DX + "2 W_k^T" + DZ) == ""


def test_each_step_of_a_chain_may_be_mended():
    """Here the second."""
    found = ask("u + u = 2 u = 3 u - 2 u", *DECLARED)

    assert found.problem is not None
    assert found.problem.mend == "True if `2` is left out."
    found = ask("u + u = 3 u = 2 u", *DECLARED)
    assert found.problem is not None
    assert not found.problem.mend  # two steps are false, and one change mends one
