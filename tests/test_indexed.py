"""The second oracle: what it proves is true for every size, and what is false it never proves."""

import pytest
from asking import ask, vocabulary_of

from backproof.checking import equation as judging
from backproof.checking.claims import claims
from backproof.checking.documents import parsed
from backproof.checking.equation import setting_of
from backproof.checking.indexed import Indexed, Unsupported, index_text
from backproof.checking.report import Outcome
from backproof.checking.worlds import index_opinion

DECLARED = ("layout: denominator", "u, v: vector[D]", "A: matrix[D, K]", "B: matrix[K, D]",
            "S, R: matrix[D, D]", "c: scalar", "q: function")  # fmt: skip


def claim_of(source, *declarations):
    """Return the last claim of an equation."""
    vocabulary = vocabulary_of(*DECLARED, *declarations)
    return list(claims(parsed(source, vocabulary, {}), vocabulary))[-1]


def opinion(source, *declarations):
    """Return what the index form alone says of an equation."""
    claim = claim_of(source, *declarations)
    return index_opinion(claim.left, claim.right, setting_of(claim))


TRUE = [
    "(A B)^T = B^T A^T",
    "(S + R) (S - R) = S S - S R + R S - R R",
    r"u^T S v = v^T S^T u",
    r"\operatorname{tr}(A B) = \operatorname{tr}(B A)",
    r"\operatorname{tr}(u v^T) = u^T v",
    r"\operatorname{diag}(u) v = u \odot v",
    r"\|A\|^2 = \operatorname{tr}(A^T A)",
    r"(u \odot v)^T S = u^T \operatorname{diag}(v) S",
    r"S I = S",
    r"\sum_i \sum_j S_{ij} u_i v_j = u^T S v",
    r"\sum_j \mathbb{I}[i = j] u_j = u_i",
    r"(A B)_{ij} = \sum_n A_{in} B_{nj}",
    r"q(u) \odot q(v) = q(v) \odot q(u)",
    r"\mathbb{I}[u > 0] \odot \mathbb{I}[u > 0] = \mathbb{I}[u > 0]",
    r"\operatorname{relu}(u) = \mathbb{I}[u > 0] \odot u",
    r"e^{u} \odot e^{v} = e^{u + v}",
    r"\frac{\partial (u^T S u)}{\partial u} = (S + S^T) u",
    r"\frac{\partial (S u)}{\partial u} = S^T",
    r"\frac{\partial \operatorname{tr}(A B)}{\partial A} = B^T",
    r"\frac{\partial \|S u\|^2}{\partial S} = 2 S u u^T",
    r"\frac{\partial q(c)}{\partial c} = q'(c)",
    r"\frac{\partial q(q(c))}{\partial c} = q'(q(c)) q'(c)",
    r"\frac{\partial \operatorname{lse}[u]}{\partial u} = \operatorname{softmax}[u]",
    r"\frac{\partial \tanh(c)}{\partial c} = 1 - \tanh(c)^2",
    r"\sum_{i=1}^N L_i = L",
]
FALSE = [
    "(S R)^T = S^T R^T",
    "S R = R S",
    "S^T = S",
    "u v^T = v u^T",
    r"u^T S v = v^T S u",
    r"\operatorname{tr}(S R) = \operatorname{tr}(S) \operatorname{tr}(R)",
    r"\operatorname{tr}(S R S) = \operatorname{tr}(S S R^T)",
    r"\|u + v\|^2 = \|u\|^2 + \|v\|^2",
    r"\sum_i \sum_j S_{ij} u_i v_j = u^T S^T v",
    r"\sum_j u_j v_j = \sum_j u_j \sum_j v_j",
    r"u_i v_j = u_j v_i",
    r"S_{ii} = S_{jj}",
    r"q(u + v) = q(u) + q(v)",
    r"q(2 c) = 2 q(c)",
    r"q'(u) = q(u)",
    r"\mathbb{I}[u > 0] + \mathbb{I}[-u > 0] = \mathbf{1}",
    r"\mathbb{I}[u > 0] = \mathbb{I}[u \ge 0]",
    r"\operatorname{relu}(u + v) = \operatorname{relu}(u) + \operatorname{relu}(v)",
    r"\operatorname{relu}'(u) = \mathbb{I}[u \ge 0]",
    r"e^{u + v} = e^{u} + e^{v}",
    r"\frac{\partial (u^T S u)}{\partial u} = 2 S u",
    r"\frac{\partial (S u)}{\partial u} = S",
    r"\frac{\partial \operatorname{tr}(S R)}{\partial S} = R",
    r"\frac{\partial \|S u\|^2}{\partial S} = 2 u u^T S^T",
    r"\frac{\partial q(q(c))}{\partial c} = q'(q(c))",
    r"N = N^2",
    r"\sum_{i=1}^N L_i = N L",
]


@pytest.mark.parametrize("source", TRUE)
def test_what_is_true_for_every_size_is_proved(source):
    """By the sums of products alone; no size is ever put in."""
    assert opinion(source).holds is True


@pytest.mark.parametrize("source", FALSE)
def test_what_is_false_is_never_proved(source):
    """Nor is it refuted: that is for the other oracle, which gives a witness."""
    assert not opinion(source).holds
    assert ask(source, *DECLARED).outcome in (Outcome.DIFFERS, Outcome.REFUSED)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (r"c = \lceil N \rceil", "no index form of ceil"),
        (r"\sum_{k=0}^M D_k = \sum_{k=0}^M D_k", "no index form of sumlayers"),
        (r"q(c) = \tanh''(c)", "the derivative number 2 of tanh"),
    ],
)
def test_what_has_no_index_form_is_left_to_the_other_oracle(source, why):
    """It says which part it has no word for; there is then no text of it either."""
    claim = claim_of(source)
    where = setting_of(claim)

    with pytest.raises(Unsupported, match=why):
        Indexed(where).equal(claim.left, claim.right)
    assert index_opinion(claim.left, claim.right, where).holds is None
    assert index_text(claim) == ""


def test_a_division_by_nothing_proves_nothing():
    """1/0 is no number that could be equal to another."""
    assert opinion(r"\frac{1}{0} c = \frac{1}{0} c").holds is None


# Definitions


def test_a_letter_stands_for_its_definition():
    """The whole of it, an entry of it, or a function of an argument of another name."""
    for chain, holds in {
        r"u = S v \\ u^T u = v^T S^T S v": True,
        r"u = S v \\ u^T u = v^T S S v": None,
        r"u_j = v_j^2 \\ u = v \odot v": True,
        r"S_{ij} = u_j v_i \\ S = v u^T": True,
        r"S_{ij} = u_j v_i \\ S = u v^T": None,
        r"q(t) = t^3 \\ q'(c) = 3 c^2": True,
        r"q(t) = t^3 \\ q''(c) = 3 c": None,
        r"q(t) = t e^t \\ q''(c) = e^c (c + 2)": True,
    }.items():
        source = r"\begin{aligned}" + chain.replace("=", "&=") + r"\end{aligned}"
        assert opinion(source).holds is holds, chain


def test_the_network_is_computed_between_its_lowest_and_highest_letter():
    """z_{k+1} of z_k is what the two maps make of it, with the activation of the text."""
    twice = "z_{k+1} = W_{k+1} f(W_k x_k + b_k) + b_{k+1}"

    assert opinion(twice).holds
    assert not opinion(twice.replace("f(", "(")).holds
    assert opinion(twice.replace("f(", "("), "activation: identity").holds
    assert opinion(twice.replace("f(", r"\max(0, "), "activation: relu").holds


# The text


def test_the_index_form_is_shown():
    """In LaTeX, with sums over the indices that are summed, and those alone."""
    assert index_text(claim_of("S = A B")) == r"\sum_{i} A_{ri} B_{ic}"
    assert index_text(claim_of("z_k = W_k x_k + b_k")) == (
        r"\sum_{i} (W_k)_{ri} (x_k)_{in} + (b_k)_r"
    )


def test_an_update_is_judged_by_the_index_form_alone():
    """A step against the gradient is one for every size."""
    step = claim_of(r"W_k \leftarrow W_k - c \frac{\partial L}{\partial W_k}")

    assert judging.judge(step)[0].outcome is Outcome.PROVED
    assert not judging.proved_in_index_form(step)  # W = W - c ∂L/∂W is no identity
