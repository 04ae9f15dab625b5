"""Wrong equations that a reader of the code, not a mutation, found to be accepted once."""

import pytest

from backproof.checking.documents import check_document
from backproof.equations.documents import Declaration, Document, Equation

WRONG = {
    "the label of another example": (
        ["softmax: function", "layer: M"],
        [
            r"\frac{\partial L_i}{\partial z_M} = \frac{\partial L_i}{\partial z_M}",
            r"L_i = (z_M)_{y_j}",
        ],
    ),
    "a hidden layer for the data": ([], [r"h_i = x_i"]),
    "a rate that is negative": (
        ["c: scalar"],
        [r"c = -2", r"W_k \leftarrow W_k - c \frac{\partial L}{\partial W_k}"],
    ),
    "a definition for one layer before that for all": (
        [r"\delta_k: vector[D_{k+1}]"],
        [
            r"\delta_0 = 2 \frac{\partial L_i}{\partial z_0}",
            r"\delta_k = \frac{\partial L_i}{\partial z_k}",
        ],
    ),
    "the transpose of the data": (
        [],
        [
            r"W_0^{\mathsf T} = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
            r"b_0 = (0, 0)^{\mathsf T}",
            r"x_0 = (1, 0)^{\mathsf T}",
            r"z_0 = (1, 3)^{\mathsf T}",
        ],
    ),
}


@pytest.mark.parametrize(("lines", "formulas"), WRONG.values(), ids=WRONG)
def test_it_is_not_accepted_any_more(lines, formulas):
    """At least the last formula fails."""
    items = [Declaration(line, "notes.md", 1, 1) for line in lines]
    items += [Equation(formula, "notes.md", 1, 1) for formula in formulas]
    results = check_document(Document("notes.md", tuple(items))).results

    assert not results[-1].passed


def test_an_unknown_loss_is_not_taken_for_a_linear_one():
    """Only a linear function is the product of its argument with its gradient."""
    items = [
        Declaration(line, "notes.md", 1, 1) for line in ("S: matrix[A, B]", "loss depends on: S")
    ]
    formula = r"L = \operatorname{tr}(S^{\mathsf T} \frac{\partial L}{\partial S})"
    items.append(Equation(formula, "notes.md", 1, 1))

    assert not check_document(Document("notes.md", tuple(items))).results[-1].passed
