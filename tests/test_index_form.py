"""Canonical forms of products in which summed indices are hard to tell apart."""

import random

import pytest

from backproof.numbers.index_algebra import constant, multiply, normal, of_size, sum_over
from backproof.numbers.index_form import (
    BeyondTensorsError,
    Dim,
    Index,
    canonical,
    delta,
    interned,
    size,
    subscripted,
)
from backproof.numbers.tensors import apply, atom

D = Dim("D")
SYMMETRIC = apply("f", atom("S", D, D) + atom("S", D, D).T)

GRAPHS = {
    "prism": "01 12 20 34 45 53 03 14 25",
    "two parts": "03 04 05 13 14 15 23 24 25",
    "cube": "01 12 23 30 45 56 67 74 04 15 26 37",
    "no two corners alike": "01 12 23 34 45 56 67 70 02 14 36 57",
    "ladder with a twist": "01 12 23 34 45 56 67 70 04 15 26 37",
    "hexagon": "01 12 23 34 45 50",
    "two triangles": "01 12 20 34 45 53",
    "directed": "01 12 20",
}
"""Each edge is a factor, each corner a summed index; most corners have as many edges."""


def total(edges, names, matrix=SYMMETRIC):
    """Return the sum, over an index for each corner, of the product of an entry for each edge."""
    corners = {corner: Index(f"i{names[int(corner)]}", D) for edge in edges for corner in edge}
    terms = constant(1)
    for a, b in edges:
        terms = multiply(terms, matrix.entry(corners[a], corners[b]).terms)
    for index in sorted(corners.values(), key=lambda index: index.name):
        terms = sum_over(terms, index.label, D)
    return terms


def shuffled(graph, seed):
    """Return the sum with its corners and edges in another order, each edge either way round."""
    rng = random.Random(seed)  # noqa: S311  sampling, not a secret
    edges = [rng.choice([edge, edge[::-1]]) for edge in GRAPHS[graph].split()]
    rng.shuffle(edges)
    names = list(range(8))
    rng.shuffle(names)
    return total(edges, names)


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_names_of_summed_indices_say_nothing(graph):
    """However indices are called and factors ordered, the form is the same."""
    forms = {frozenset(shuffled(graph, seed)) for seed in range(12)}

    assert len(forms) == 1


def test_different_sums_have_different_forms():
    """Also where each index stands in as many factors as every other."""
    forms = {frozenset(shuffled(graph, 0)) for graph in GRAPHS if graph != "directed"}

    assert len(forms) == len(GRAPHS) - 1


def test_a_direction_matters():
    """Σ S_ij S_jk S_ki is not Σ S_ij S_jk S_ik."""
    S, names = atom("S", D, D), list(range(3))

    assert total(["01", "12", "20"], names, S) == total(["12", "20", "01"], names[::-1], S)
    assert total(["01", "12", "20"], names, S) != total(["01", "12", "02"], names, S)


def test_a_product_that_is_too_symmetric_is_refused(monkeypatch):
    """There is a limit on what is tried, and behind it an error, never a guess."""
    monkeypatch.setattr("backproof.numbers.index_form.MOST_TIES", 3)

    with pytest.raises(BeyondTensorsError, match="too symmetric"):
        shuffled("cube", 0)


def test_a_delta_between_summed_indices_leaves_a_size():
    """Σ_ij δ_ij = Σ_i δ_ii = |D|, and δ_ij a_j is a_i."""
    a = interned("atom", "a", (D,))

    assert normal(1, [(delta(D), 1, (0, 1))]) == of_size(D)
    assert normal(1, [(delta(D), 1, (0, 0))]) == of_size(D)
    assert normal(1, [(delta(D), 1, (0, 1)), (delta(D), 1, (1, 2))]) == of_size(D)
    assert normal(1, [(delta(D), 1, (0, -1)), (a, 2, (0,))]) == normal(1, [(a, 2, (-1,))])


def test_an_index_that_cancels_is_counted():
    """Σ_i a_i / a_i = |D|."""
    a = interned("atom", "a", (D,))

    assert normal(1, [(a, 1, (0,)), (a, -1, (0,))]) == of_size(D)
    assert normal(1, [(a, 1, (0,)), (a, -1, (0,)), (size(D), 1, ())]) == normal(
        1, [(size(D), 2, ())]
    )


def test_nothing_is_divided_by_a_factor_that_is_0_or_1():
    """Neither by a delta nor by an indicator, where no 1 in front cancels it."""
    ((indicator, _, place),) = next(iter(apply("step", atom("z", D)).terms))

    with pytest.raises(BeyondTensorsError, match="may be 0"):
        normal(1, [(indicator, -1, place)])
    with pytest.raises(BeyondTensorsError, match="may be 0"):
        normal(1, [(delta(D), -1, (-1, -2))])


def test_canonical_is_idempotent():
    """The form of a form is the form."""
    (term,) = shuffled("no two corners alike", 3)

    assert canonical(list(term)) == term


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (3, "W_3"),
        (12, "W_{12}"),
        ("k", "W_k"),
        (("k", 0), "W_k"),
        (("k", -1), "W_{k-1}"),
        (("k", 2), "W_{k+2}"),
        (("M", "i"), "W_{M,i}"),
    ],
)
def test_subscripts(at, text):
    """A number, a letter, a letter with an offset."""
    assert subscripted("W", at) == text
