"""Letters that are declared twice, defined in circles or used for two things: never a crash."""

import pytest
from asking import ask, code_of, vocabulary_of

from backproof.checking.documents import check_document
from backproof.checking.report import Outcome
from backproof.equations.documents import Declaration, Equation, assemble
from backproof.equations.refusal import Refusal

GRADIENT = r"\frac{\partial L}{\partial %s}"
STATED = r"given: L = \langle g, v \rangle"
BY_V = f"${GRADIENT % 'v'} = g$"


def checked(*lines: str):
    """Return the report of lines; those between dollars are equations."""
    items = [
        Equation(line.strip("$"), "notes.md", number, 1)
        if line.startswith("$")
        else Declaration(line, "notes.md", number, 1)
        for number, line in enumerate(lines, 1)
    ]
    return check_document(assemble("notes.md", items))


def outcomes(*lines: str) -> list[Outcome]:
    """Return the outcomes of the equations among lines whose declarations are all right."""
    report = checked(*lines)
    assert report.problems == []
    return [result.outcome for result in report.results]


CRASHED = {
    "an own b with a loss": ["b: vector[D]", "loss depends on: b", f"${GRADIENT % 'b'} = b$"],
    "an own W with a loss": [
        "W: matrix[D, C]",
        "u: vector[C]",
        "v: vector[D]",
        "loss depends on: v",
        "$v = W u$",
        rf"${GRADIENT % 'W'} = {GRADIENT % 'v'} u^T$",
    ],
    "a column of losses, declared twice": [
        "v: vector[N]",
        "$v_i = L_i$",
        "v: vector[N]",
        "$2 v = v + v$",
    ],
    "a column of losses, of one example": [
        "v, u: vector[N]",
        "$v_i = 2 u_i$",
        "$(z_k)_r v_i = 2 (z_k)_r u_i$",
    ],
    "an index on the right only": ["v: vector[C]", "$v_i = (z_k)_r$", "$v_r = 0$"],
    "a function of what it makes": ["$f[v] = L$", "$L_i = f[z_{M-1}]$", "$x_{k+1} = 2 z_k$"],
    "an activation of the network": ["$f[z] = x_k$", "$x_k = z_k$"],
    "a letter of a function of it": [
        "c: scalar",
        "$f[z] = c z$",
        r"$c = \lVert x_{k+1} \rVert^2$",
        "$x_{k+1} = z_k$",
    ],
    "the loss of a letter made of it": [
        "u, v: vector[D]",
        "loss depends on: v",
        f"$u = {GRADIENT % 'v'}$",
        "loss depends on: u",
        "$u = v$",
    ],
    "a loss of its own derivative": [
        rf"$\delta = {GRADIENT % 'z_M'}$",
        r"$L = \lVert \delta \rVert^2$",
        f"${GRADIENT % 'z_M'} = 1$",
    ],
    "a thousand layers": [
        "depth: 1000",
        "activation: relu",
        "given: x_0 = (1, 2)^T",
        "$z_M = (1, 2)^T$",
        r"$\lVert z_{1000} \rVert^2 = \lVert z_0 \rVert^2$",
    ],
}


@pytest.mark.parametrize("lines", CRASHED.values(), ids=CRASHED)
def test_what_once_crashed_has_a_result(lines):
    """Whatever it is: no exception ends the check, and nothing is proved by a circle."""
    report = checked(*lines)

    assert all(result.outcome is not Outcome.CANNOT_TELL for result in report.results)


def test_a_letter_of_ones_own_may_be_called_W():
    """It is no weight of the network, and has the derivative that the page gives it."""
    lines = CRASHED["an own W with a loss"]

    assert outcomes(*lines) == [Outcome.TAKEN, Outcome.PROVED]


@pytest.mark.parametrize("letter", ["x", "z"])
def test_a_layer_of_the_network_is_not_declared_as_an_array(letter):
    """The forward pass computes it; an array of that name would be taken for it."""
    with pytest.raises(Refusal, match="the network's own"):
        vocabulary_of(f"{letter}_k: vector[D]")


# Declared again.


def test_a_letter_that_is_declared_again_may_be_given_again():
    """What was said of it before is forgotten."""
    lines = ["v, u: vector[D]", "given: v = 2 u", "v: vector[D]", "given: v = 3 u"]

    assert outcomes(*lines, "$v = 3 u$", "$v = 2 u$") == [Outcome.PROVED, Outcome.DIFFERS]


def test_what_was_defined_by_a_letter_is_forgotten_with_it():
    """u was twice what v was; it is not twice what v is."""
    lines = ["v, u, w: vector[D]", "$u = 2 v$", "$w = 3 u$", "v: vector[D]"]

    found = outcomes(*lines, "$u = 2 v$", "$w = 3 u$")
    assert found == [Outcome.TAKEN] * 4


def test_a_loss_of_a_letter_is_one_of_what_the_letter_is_now():
    """The unknown loss takes on the new shape; a stated one has to be said anew."""
    lines = ["v: vector[D]", "loss depends on: v", "v: vector[C]", "u: vector[C]"]
    true = rf"${GRADIENT % 'v'}^T u = u^T {GRADIENT % 'v'}$"
    assert outcomes(*lines, true) == [Outcome.PROVED]

    stated = checked("v, g: vector[D]", STATED, "v: vector[C]")
    assert "say `loss: L` before" in stated.problems[0][-1].message
    assert outcomes("v, g: vector[D]", STATED, "v: vector[D]", BY_V) == [Outcome.PROVED]


def test_what_is_refused_changes_nothing():
    """The loss and the letter stay what they were."""
    found = checked("v, g: vector[D]", STATED, "v: vector[C]", BY_V)

    assert [result.outcome for result in found.results] == [Outcome.PROVED]


# Columns with an entry for each example.


@pytest.mark.parametrize(
    "formula",
    [r"\sum_i v_i = v", r"(z_k)_r v = (z_k)_r \sum_i v_i", r"(z_k)_r \sum_i L_i = (z_k)_r L_i"],
)
def test_a_sum_over_examples_is_not_its_only_term(formula):
    """The one example of an equation is not the batch."""
    assert code_of(ask(formula, "v: vector[N]")) == "BP205"


def test_an_entry_of_a_column_of_examples_is_that_of_an_example():
    """It may be summed, and stand beside the loss of its example."""
    assert ask(r"\sum_i v_i = v^T \mathbf 1", "v: vector[N]").outcome is Outcome.PROVED
    after = (r"v_i = \sum_r S_{ri}",)
    declared = ("v: vector[N]", "S: matrix[D, N]")
    assert ask(r"v = S^T \mathbf 1", *declared, after=after).outcome is Outcome.PROVED
    assert ask(r"v_i = 2 \sum_r S_{ri}", *declared, after=after).outcome is Outcome.DIFFERS


def test_an_index_counts_one_thing():
    """Examples in one place and entries in another are refused, in either order."""
    for formula in ("v_i = (z_k)_i", "(z_k)_i = v_i"):
        assert code_of(ask(formula, "v: vector[N]")) == "BP205"


def test_a_number_has_no_entries():
    """Not even one."""
    assert code_of(ask("(u^T v)_r = u^T v", "u, v: vector[D]")) == "BP202"


# Letters with two uses.


def test_E_is_no_loss_until_it_is_declared():
    """It is an embedding as often; the mend says how to make it the loss."""
    formula = rf"{GRADIENT % 'b_k'} = {GRADIENT % 'z_k'} \mathbf 1".replace("L", "E")
    refused = ask(formula)

    assert code_of(refused) == "BP201"
    assert "`loss: E`" in refused.problem.mend
    assert ask(formula, "loss: E").outcome is Outcome.PROVED


@pytest.mark.parametrize("entry", ["W_{rs}^2", "(z_k)_r + z_r^2", "x_i^2", "z_k^2"])
def test_a_number_above_an_entry_may_be_a_power_or_a_layer(entry):
    """It is neither until it is written as one of them."""
    refused = ask(f"{entry} = {entry}")

    assert code_of(refused) == "BP205"
    assert "for a power" in refused.problem.mend


def test_a_square_of_an_entry_is_written_around_it():
    """And a layer in parentheses."""
    assert ask(r"\lVert W \rVert^2 = \sum_{r,s} (W_{rs})^2").outcome is Outcome.PROVED
    assert ask(r"W_{rs}^{(2)} = (W_2)_{rs}").outcome is Outcome.PROVED
    assert (
        ask(r"\lVert A \rVert_F^2 = \sum_{r,s} A_{rs}^2", "A: matrix[D, C]").outcome
        is Outcome.PROVED
    )


# Expected to be wrong.


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (r"(z_k)_{D} = 1", "BP202"),
        (r"\sum_L z_L = 1", "BP202"),
        (r"2^T = 3", "BP203"),
        (r"q = z_k", "BP201"),
    ],
)
def test_what_could_not_be_read_is_not_wrong_as_expected(formula, code):
    """Its refusal stands: nobody has judged it."""
    assert code_of(ask(formula, wrong=True)) == code


@pytest.mark.parametrize(
    "formula",
    [
        rf"{GRADIENT % 'W_k'} = x_k {GRADIENT % 'z_k'}^T",
        r"x_k = f[z_{k-1}], \quad k = 0, \dots, M",
        r"z_k = b_k - W_k x_k",
        r"(W_k)_{rs} = (W_k)_{sr}",
    ],
)
def test_a_clash_of_shapes_or_layers_is_wrong(formula):
    """So is what numbers refute."""
    assert ask(formula, wrong=True).outcome is Outcome.WRONG


# Given numbers.

NUMBERS = (
    "activation: relu",
    "given: x_0 = (5, 6)^T",
    r"given: W_0 = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    "given: b_0 = (1, 2)^T",
)


@pytest.mark.parametrize("said", ["z_0 = (18, 9)^T", "x_1 = (18, 9)^T"])
def test_numbers_that_contradict_the_forward_pass_are_refused(said):
    """Whether they come first or last."""
    for lines in ([*NUMBERS, f"given: {said}"], [f"given: {said}", *NUMBERS]):
        problems = checked(*lines).problems
        assert ["has an entry 9" in refusal.message for *_, refusal in problems] == [True]


def test_numbers_that_follow_or_cannot_be_compared_are_taken():
    """Without the bias nothing follows."""
    assert checked(*NUMBERS, "given: z_0 = (18, 41)^T").problems == []
    assert checked(*NUMBERS[:-1], "given: z_0 = (18, 9)^T").problems == []
