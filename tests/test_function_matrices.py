"""Inverses, determinants and factors in the code under test: by elimination, and so exactly."""

import numpy as np
import pytest

from backproof import check
from backproof.checking.verdict import Status


def determinant(A):
    return np.linalg.det(A)


def cofactors(dout, A, out):
    return dout * out * np.linalg.inv(A).T


def factor(A):
    return np.linalg.cholesky(A @ A.T + np.eye(3))


def factor_backward(dout, A, out):
    middle = np.tril(out.T @ dout)
    middle[np.diag_indices(3)] /= 2
    inverse = np.linalg.inv(out)
    outer = inverse.T @ middle @ inverse
    return (outer + outer.T) @ A


PASSES = {
    "inverse": (np.linalg.inv, lambda dout, A, out: -out.T @ dout @ out.T, "A: D D"),
    "determinant": (determinant, cofactors, "A: 3 3"),
    "logarithm": (
        lambda A: np.linalg.slogdet(A)[1],
        lambda dout, A: dout * np.linalg.inv(A).T,
        "A: 3 3",
    ),
    "factor": (factor, factor_backward, "A: 3 3"),
    "square": (
        lambda A: np.linalg.matrix_power(A, 2),
        lambda dout, A: dout @ A.T + A.T @ dout,
        "A: D D",
    ),
}


@pytest.mark.parametrize("name", PASSES)
def test_a_right_pass_is_accepted(name):
    assert check(*PASSES[name])


@pytest.mark.parametrize("name", PASSES)
def test_its_transpose_is_refused(name):
    forward, backward, inputs = PASSES[name]

    def transposed(dout, A):
        taken = (dout, A, forward(A)) if backward.__code__.co_argcount == 3 else (dout, A)
        return backward(*taken).T

    assert check(forward, transposed, inputs).status is Status.DIFFERS


def test_a_point_without_an_inverse_is_named_and_not_judged():
    verdict = check(determinant, cofactors, "A: 3 3")
    assert verdict.status is Status.PROVED
    assert any(note.endswith("where LinAlgError: Singular matrix") for note in verdict.notes)
