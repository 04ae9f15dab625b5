"""An equation that speaks of a layer which the network does not have is refused."""

import pytest
from asking import ask, code_of

NONE_THERE = {
    "columns": ["z_{M+1}", "x_{M+1}", "W_{M+1}", "b_{M+1}", "x_{M+2}"],
    "rows": ["z_{M+1}", "x_{M+1}", "W_{M+1}", "b_{M+1}"],
    "rows, weights transposed": ["z_{M+1}", "x_{M+1}", "W_{M+1}", "b_{M+1}"],
    "layers": ["z_0", "W_0", "b_0", "x_{M+2}", "W_{L+1}", "z_{L+1}", "x_{L+1}", "b_{L+2}"],
    "layers, rows": ["z_0", "W_0", "b_0", "x_{M+2}", "W_{L+1}", "z_{L+1}", "x_{L+1}"],
}
THERE = {
    "columns": ["z_0", "x_0", "W_0", "b_0", "z_M", "x_M", "W_M", "b_M"],
    "rows": ["z_0", "x_0", "W_0", "b_0", "z_M", "x_M", "W_M", "b_M"],
    "rows, weights transposed": ["z_0", "x_0", "W_0", "b_0", "z_M", "x_M", "W_M", "b_M"],
    "layers": ["x_0", "z_1", "W_1", "b_1", "x_L", "z_L", "W_L", "b_L", "W_{M+1}"],
    "layers, rows": ["x_0", "z_1", "W_1", "b_1", "x_L", "z_L", "W_L", "b_L"],
}


@pytest.mark.parametrize(
    ("notation", "letter"), [(n, letter) for n, letters in NONE_THERE.items() for letter in letters]
)
def test_a_layer_that_does_not_exist_is_refused(notation, letter):
    """Even in an equation that would be true of it."""
    result = ask(f"{letter} = {letter}", f"notation: {notation}")

    assert code_of(result) == "BP202"
    assert result.problem is not None
    assert result.problem.message.startswith("there is no ")
    assert result.problem.mend == "Mind where the index starts and ends."


@pytest.mark.parametrize("notation", THERE)
def test_every_layer_that_exists_may_be_spoken_of(notation):
    """The first and the last of each letter, as the text counts them."""
    for letter in THERE[notation]:
        assert ask(f"{letter} = {letter}", f"notation: {notation}").passed, letter


RANGES = [
    ("columns", "z_{k-1}", r"0, \dots, M", "there is no z_{-1}, where z_{k-1} leads."),
    ("columns", "z_{k-1}", r"M, \dots, 0", "there is no z_{-1}, where z_{k-1} leads."),
    ("columns", "z_k", r"1, \dots, M+1", "there is no z_{M+1}, where z_k leads."),
    ("columns", "x_{k+1}", r"M, \dots, 1", "there is no x_{M+1}, where x_{k+1} leads."),
    ("rows", "z_{k-1}", r"0, \dots, M", "there is no z_{-1}, where z_{k-1} leads."),
    ("layers", "z_k", r"0, \dots, L", "there is no z_{-1}, where z_{k-1} leads."),
    ("layers", "W_{k+1}", r"1, \dots, L", "there is no W_{M+1}, where W_k leads."),
    ("layers, rows", "x_{k-2}", r"1, \dots, L", "there is no x_{-1}, where x_{k-2} leads."),
    ("columns", "z_k", r"1, \dots, k-1/2", "this counts no layer."),
    ("columns", "z_1", r"1, \dots, M", "nothing here has this index."),
]


@pytest.mark.parametrize(("notation", "letter", "values", "why"), RANGES)
def test_a_range_that_leads_out_of_the_network_is_refused(notation, letter, values, why):
    """At either end, in either order; and so is one whose index does not occur."""
    result = ask(rf"{letter} = {letter} \qquad k = {values}", f"notation: {notation}")

    assert result.problem is not None
    assert (result.problem.code, result.problem.message) == ("BP202", why)


@pytest.mark.parametrize("letter", ["z_3", "x_3", "W_3", "b_3"])
def test_a_network_of_a_given_depth_ends_there(letter):
    """With two hidden layers there are three maps, 0 to 2."""
    assert code_of(ask(f"{letter} = {letter}", "depth: 2")) == "BP202"
    assert ask(f"{letter} = {letter}", "depth: 3").passed
    assert ask("W_M = W_2", "depth: 2").passed
    assert code_of(ask("W_M = W_2", "depth: 1")) in ("BP202", "BP203")
