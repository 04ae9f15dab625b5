"""The verdict of an equation: what is claimed, by whom it is proved, and for what that stands."""

import pytest
from asking import ask, code_of, marked

from backproof.checking import equation as judging
from backproof.checking.report import Outcome
from backproof.checking.worlds import Opinion

SCALARS = ("c, d: scalar", "u, v: vector[D]")
AFFINE = "z_k = W_k x_k + b_k"
STEP = r"W_k \leftarrow W_k {sign} {rate} \frac{{\partial L}}{{\partial W_k}}"


# Scopes


SCOPES = {
    (AFFINE, ()): "every width, every batch size, every layer k that has all its letters; "
    "entry by entry for D_k = 3, D_{k+1} = 4, N = 5; D_k = 2, D_{k+1} = 2, N = 2",
    (AFFINE + r" \quad k = 0, \dots, M", ()): "every width, every batch size, k = 0, …, M; "
    "entry by entry for D_k = 3, D_{k+1} = 4, N = 5; D_k = 2, D_{k+1} = 2, N = 2",
    ("z_0 = b_0 + W_0 x_i", ()): "every width, each example; "
    "entry by entry for D_0 = 2, D_1 = 3; D_0 = 2, D_1 = 2",
    (r"\frac{1}{c} c = 1", ()): "wherever both sides are defined; "
    "entry by entry for every real value",
    (r"\log \exp c = c", ()): "wherever both sides are defined; "
    "entry by entry for every real value",
    (r"\sqrt{c^2} = |c|", ()): "every real value; wherever both sides are defined",
    (r"|c| = \max(c, -c)", ()): "every real value",
    (r"\sum_{k=1}^M D_k = D_M + \sum_{k=1}^{M-1} D_k", ()): "every width and M = 1; "
    "every width and M = 2; every width and M = 3",
}


@pytest.mark.parametrize(("source", "more"), SCOPES)
def test_the_scope_of_a_proof(source, more):
    """Sizes, layers, the worlds of the entries, and where it is not defined everywhere."""
    assert ask(source, *SCALARS, *more).outcome is Outcome.PROVED
    assert ask(source, *SCALARS, *more).scope == SCOPES[source, more]


# Two oracles


def test_oracles_that_disagree_are_a_mistake_of_ours(monkeypatch):
    """What the index form proves and an entry refutes stops the build; nobody is believed."""
    refuted = Opinion(holds=False, scope="D = 1", witness="1 is not 2")
    monkeypatch.setattr(judging, "entrywise_opinion", lambda *_: refuted)
    result = ask(AFFINE)

    assert (result.outcome, code_of(result)) == (Outcome.REFUSED, "BP901")
    assert result.claim == "the index form proves it, the entries refute it: 1 is not 2."
    assert result.problem is not None
    assert result.problem.mend == "Please report this equation."


def test_an_index_form_that_proves_everything_is_caught(monkeypatch):
    """A false equation is then neither proved nor merely called false."""
    monkeypatch.setattr(judging, "index_opinion", lambda *_: Opinion(holds=True))

    assert code_of(ask("z_k = W_k x_k")) == "BP901"


def test_the_index_form_alone_proves_nothing(monkeypatch):
    """If the entries cannot tell, neither can we."""
    unsure = Opinion(holds=None, witness="too hard")
    monkeypatch.setattr(judging, "entrywise_opinion", lambda *_: unsure)
    result = ask(AFFINE)

    assert (result.outcome, code_of(result), result.claim) == (
        Outcome.CANNOT_TELL,
        "BP302",
        "too hard",
    )


def test_entries_alone_agree_for_the_sizes_that_were_tried(monkeypatch):
    """That is no proof for every size, and does not say so."""
    monkeypatch.setattr(judging, "index_opinion", lambda *_: Opinion(holds=None))
    result = ask(AFFINE)

    assert (result.outcome, result.claim) == (Outcome.AGREES, "entry by entry")
    assert result.scope.startswith("D_k = 3, D_{k+1} = 4, N = 5; D_k = 2, D_{k+1} = 2, N = 2; ")
    assert "every width" not in result.scope


def test_sizes_used_as_numbers_are_not_proved_by_a_few(monkeypatch):
    """N (N - 2)(N - 5) = 0 is true of both worlds, and false."""
    result = ask(r"N (N - 2) (N - 5) = 0")

    assert not result.passed
    monkeypatch.setattr(judging, "index_opinion", lambda *_: Opinion(holds=None))
    assert ask("N N = N^2").outcome is Outcome.CANNOT_TELL
    assert not ask(r"c = \|\mathbf{1}_y\|^2 + (N - 2)(N - 5)", *SCALARS).checked


# Definitions, updates, and what the author says of an equation


def test_a_definition_is_taken_and_not_counted():
    """Once: what is said of the same letter again is a claim."""
    result = ask("u = 2 v", *SCALARS)

    assert (result.outcome, result.passed, result.checked) == (Outcome.TAKEN, True, False)
    assert code_of(ask("u = v", *SCALARS, after=("u = 2 v",))) == "BP301"
    assert ask("u = v + v", *SCALARS, after=("u = 2 v",)).outcome is Outcome.PROVED


def test_each_equality_of_a_chain_is_its_own_step():
    """The first is a definition, the second true, the third false; the worst is what counts."""
    result = ask("u = 2 v = v + v = 3 v", *SCALARS)

    assert [step.outcome for step in result.steps] == [
        Outcome.TAKEN,
        Outcome.PROVED,
        Outcome.DIFFERS,
    ]
    assert (result.outcome, code_of(result)) == (Outcome.DIFFERS, "BP301")
    assert marked(result).endswith("3 v")


def test_a_refused_equation_defines_nothing():
    """The letters of the next equation are as they were."""
    assert ask("u = v", *SCALARS, after=("u = 2 v = v v",)).outcome is Outcome.TAKEN
    assert code_of(ask("u = v", *SCALARS, after=("u = 2 v",))) == "BP301"


@pytest.mark.parametrize(
    ("source", "outcome", "code"),
    [
        (AFFINE, Outcome.DIFFERS, "BP303"),
        ("u = v", Outcome.DIFFERS, "BP303"),
        ("z_k = W_k x_k", Outcome.WRONG, ""),
        ("z_k = x_k W_k + b_k", Outcome.WRONG, ""),
        ("z_k = q", Outcome.REFUSED, "BP201"),
        ("z_k > 0", Outcome.REFUSED, "BP207"),
        (r"\frac{c - c}{c - c} = 1", Outcome.CANNOT_TELL, "BP302"),
    ],
)
def test_an_equation_that_is_expected_to_be_wrong(source, outcome, code):
    """It has to be refuted: neither being true nor being unreadable is being wrong."""
    result = ask(source, *SCALARS, wrong=True)

    assert (result.outcome, code_of(result)) == (outcome, code)
    assert result.checked is (outcome is Outcome.WRONG)


@pytest.mark.parametrize("source", [AFFINE, r"|c| = \max(c, -c)"])
def test_an_exception_for_what_can_be_proved_is_refused(source):
    """Take it away: the equation is checked without it."""
    result = ask(source, *SCALARS, outside="too hard")

    assert (result.outcome, code_of(result)) == (Outcome.REFUSED, "BP403")


@pytest.mark.parametrize("source", ["z_k = q", "u = v", "N > 2", r"\int f", "z_k = W_k x_k"])
def test_an_exception_keeps_its_reason(source):
    """It passes, and is not counted as checked."""
    result = ask(source, *SCALARS, outside="a bound")

    assert (result.outcome, result.claim, result.checked) == (Outcome.OUTSIDE, "a bound", False)


@pytest.mark.parametrize(
    ("sign", "rate", "outcome"),
    [
        ("-", r"\eta", Outcome.PROVED),
        ("-", "0.1", Outcome.PROVED),
        ("-", r"\frac{\eta}{N}", Outcome.PROVED),
        ("-", "", Outcome.PROVED),
        ("+", r"\eta", Outcome.DIFFERS),
        ("+", "0.1", Outcome.DIFFERS),
        ("-", r"\eta^{\mathsf T}", Outcome.REFUSED),
        ("-", r"\eta W_k + ", Outcome.CANNOT_TELL),
    ],
)
def test_an_update_is_a_step_against_the_gradient(sign, rate, outcome):
    """With a number for its rate; uphill is wrong, and anything else is not known."""
    assert ask(STEP.format(sign=sign, rate=rate), r"\eta: scalar").outcome is outcome


def test_an_equality_is_no_update():
    """W = W - η ∂L/∂W holds where the gradient is 0, and nowhere else."""
    source = STEP.format(sign="-", rate=r"\eta").replace(r"\leftarrow", "=")

    assert code_of(ask(source, r"\eta: scalar")) == "BP301"


# The setting


def test_layers_counted_in_two_ways_are_refused():
    """Whether k is M, below it or far below, makes other equations."""
    result = ask("z_k^T z_k = z_M^T z_M")

    assert code_of(result) == "BP207"
    assert result.claim.startswith("layers that are counted in two ways")


def test_a_loss_that_speaks_of_inner_layers_is_not_cut_off():
    """What holds for every loss of the output need not hold for one with a penalty."""
    weights = r"\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k^T"
    distance, penalty = r"L = \|z_M - y\|^2", r"L = \|z_M\|^2 + \|W_1\|^2"

    assert ask(weights, after=(distance,)).outcome is Outcome.PROVED
    assert code_of(ask(weights, after=(penalty,))) == "BP207"
