"""Wrong backward passes are refused, right ones are not, and the table says by which check.

`differs` and `accepts` are verdicts.  `error`: the code asks for what exact numbers do not answer,
such as z >= 0 or a division, and the check raises TypeError instead of guessing.  A dash is a
cell about which nothing is claimed.
"""

import re

import numpy as np
import pytest
import right_backwards
import wrong_backwards

from backproof import Network, backward, forward, prove, squared_error, tiny
from backproof.checking.differences import exact_differences
from backproof.checking.regions import prove_regions
from backproof.checking.schwartz_zippel import schwartz_zippel
from backproof.checking.verdict import Status
from backproof.numbers.integers import small_integer_network, small_integers

# regions sees one example, so it cannot tell a sum over the batch from a mean or a first column.
WRONG = """
                                prove    regions  zippel   differences
    plain_W                     differs  differs  differs  differs
    outer_product_reversed      differs  differs  differs  differs
    no_mask                     differs  differs  differs  differs
    mask_of_the_wrong_layer     differs  differs  differs  differs
    mask_that_is_always_1       error    error    error    differs
    input_of_the_next_map       differs  differs  differs  differs
    factor_2_missing            differs  error    error    differs
    last_weights_forgotten      differs  differs  differs  differs
    kink_included               error    error    error    accepts
    mean_for_b                  differs  error    error    differs
    mean_for_W                  differs  error    error    differs
    bias_of_the_first_example   differs  accepts  differs  differs
    outputs_summed              differs  differs  differs  differs
    mask_on_the_output          differs  cannot-tell differs  differs
    relu_on_the_output          differs  cannot-tell differs  differs
    input_gradient_forgotten    differs  differs  differs  differs
    input_gradient_masked       differs  cannot-tell differs  differs

    cotangent_clipped           error    error    error    differs
    cotangent_guided            differs  differs  differs  differs
    cotangent_without_sign      differs  error    error    differs
    biases_not_summed           differs  accepts  differs  differs
    biases_flat                 differs  differs  differs  differs
    weights_updated_on_the_way  differs  differs  differs  differs
    everything_wiped            differs  differs  differs  differs
    kink_included_by_complement differs  cannot-tell cannot-tell accepts
"""

# Two forms are right because an indicator is 0 or 1, and because ReLU has the sign of what it
# clips.  schwartz_zippel puts an arbitrary function in its place, and cannot tell.
RIGHT = """
                                prove    regions  zippel       differences
    in_one_loop                 accepts  accepts  accepts      accepts
    outer_product_transposed    accepts  accepts  accepts      accepts
    by_einsum                   accepts  accepts  accepts      accepts
    by_loops                    accepts  accepts  accepts      accepts
    mask_of_the_activation      accepts  accepts  cannot-tell  accepts
    mask_applied_twice          accepts  accepts  cannot-tell  accepts
"""

# Some mistakes show in a batch only, and one makes polynomials of a high degree.
IN_A_BATCH = {"mean_for_b", "mean_for_W", "bias_of_the_first_example", "biases_not_summed"}
HIGH_DEGREE = {"weights_updated_on_the_way"}


def rows(table):
    """Return the names in `table`, each with its cells by check."""
    head, *lines = (line.split() for line in table.splitlines() if line.strip())
    return {name: dict(zip(head, cells, strict=True)) for name, *cells in lines}


def cells(table):
    """Return every cell of `table` as a parameter: name, check, expected."""
    return [
        pytest.param(name, check, cell, id=f"{name}-{check}")
        for name, row in rows(table).items()
        for check, cell in row.items()
        if cell != "-"
    ]


def off_the_kinks():
    """Return a network 2-2-2-2 whose pre-activations are no whole numbers, a batch and targets."""
    network = small_integer_network([2, 2, 2, 2], seed=2).map(lambda array: array + 1 / 4)
    generator = np.random.default_rng(1)
    return network, small_integers((2, 6), generator), small_integers((2, 6), generator)


def by_prove(backward):
    """Judge on a network of symbols."""
    widths = [1, 1, 1] if backward.__name__ in HIGH_DEGREE else [2, 2, 2]
    return prove(tiny(*widths, batch=1 + (backward.__name__ in IN_A_BATCH)), backward)


def by_regions(backward):
    """Judge in every activation region."""
    widths = [1, 1, 1] if backward.__name__ in HIGH_DEGREE else [2, 2, 2, 2]
    return prove_regions(widths, backward=backward)


CHECKS = {
    "prove": by_prove,
    "regions": by_regions,
    "zippel": lambda f: schwartz_zippel([2, 2, 2, 2], batch=6, backward=f, seed=0),
    "differences": lambda f: exact_differences(*off_the_kinks(), backward=f),
}


def outcome(check, backward):
    """Return in the words of the tables what `check` says of `backward`."""
    try:
        verdict = CHECKS[check](backward)
    except TypeError:
        return "error"
    return "accepts" if verdict else verdict.status.replace(" ", "-")


@pytest.mark.parametrize(("name", "check", "expected"), cells(WRONG))
def test_a_wrong_backward_pass_is_refused(name, check, expected):
    """The check says what the table says."""
    assert outcome(check, getattr(wrong_backwards, name)) == expected


@pytest.mark.parametrize(("name", "check", "expected"), cells(RIGHT))
def test_a_right_backward_pass_is_not_called_wrong(name, check, expected):
    """The check says what the table says, which is never that a right one differs."""
    assert expected != "differs"
    assert outcome(check, getattr(right_backwards, name)) == expected


@pytest.mark.parametrize("name", rows(WRONG))
def test_every_wrong_backward_pass_is_refused_by_some_check(name):
    """In each row some check finds a difference; only the kink itself is refused by error alone."""
    row = rows(WRONG)[name]

    assert "differs" in row.values() or name == "kink_included"
    assert {"differs", "error"} & set(row.values())


@pytest.mark.parametrize(
    ("module", "table"),
    [(wrong_backwards, WRONG), (right_backwards, RIGHT)],
    ids=["wrong", "right"],
)
def test_the_table_is_whole(module, table):
    """Every backward pass of the module has its row."""
    functions = {
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__ and name != "gradient"
    }

    assert set(rows(table)) == functions


# The kink, in one exact case.


def on_the_kink():
    """Return a network with one unit at z = 0 and one at z = 1, its tape and ∂L/∂z_1 = 4."""
    network = Network(
        b=[np.array([[0.0], [1.0]]), np.array([[0.0]])],
        W=[np.array([[1.0], [1.0]]), np.array([[2.0, 3.0]])],
    )
    tape = forward(network, np.array([[0.0]]))
    return network, tape, squared_error.start(tape.output, np.array([[1.0]]))


@pytest.mark.parametrize(
    ("passed", "of_b", "of_x"),
    [
        (backward, [0, 12], 12),
        (right_backwards.mask_of_the_activation, [0, 12], 12),
        (right_backwards.mask_applied_twice, [0, 12], 12),
        (wrong_backwards.kink_included, [8, 12], 20),
        (wrong_backwards.kink_included_by_complement, [8, 12], 20),
    ],
    ids=["backward", "x > 0", "twice", "z >= 0", "1 - (-z > 0)"],
)
def test_the_kink_tells_the_conventions_apart(passed, of_b, of_x):
    """With ReLU′(0) = 0 the unit at zero gets 0; with z ≥ 0 it gets 8."""
    gradient = passed(*on_the_kink())

    assert gradient.b[0][:, 0].tolist() == of_b
    assert gradient.x.item() == of_x


def test_differences_decide_nothing_on_a_kink():
    """There is no derivative at z = 0, so exact differences refuse to compare."""
    network, tape, _ = on_the_kink()

    with pytest.raises(ValueError, match=r"z\[0\] is 0 at \(0, 0\)"):
        exact_differences(network, tape.x[0], [[1.0]], backward=wrong_backwards.kink_included)


@pytest.mark.parametrize("network", [tiny(2, 2, 2), tiny(2, 1)], ids=["hidden units", "none"])
def test_prove_raises_where_code_asks_for_z_greater_or_equal_zero(network):
    """The symbolic comparison z >= 0 is an error, not an answer, wherever a layer is hidden."""
    if network.network.M == 0:
        assert prove(network, wrong_backwards.kink_included)
    else:
        with pytest.raises(TypeError, match="only z > 0 is left open"):
            prove(network, wrong_backwards.kink_included)


def test_prove_finds_the_kink():
    """I[z ≥ 0] written with > alone is wrong at z = 0 only, and there the witness stands."""
    verdict = prove(tiny(1, 1, 1), wrong_backwards.kink_included_by_complement)
    at = {name: int(value) for name, value in re.findall(r"(\w+) = (-?\d+)", verdict.witness)}
    z_0 = at["W0_1"] * at["x0_1"] + at["b0_1"]

    assert verdict.status is Status.DIFFERS
    assert z_0 == 0


# One entry wrong among right ones.

ENTRIES = [
    (name, k, place)
    for name, shapes in {"x": [(2, 1)], "b": [(3, 1), (2, 1)], "W": [(3, 2), (2, 3)]}.items()
    for k, shape in enumerate(shapes)
    for place in np.ndindex(shape)
]


def one_entry_doubled(name, k, place):
    """Return a backward pass that doubles one entry of the gradient and gets the others right."""

    def doubled(network, tape, dz):
        gradient = backward(network, tape, dz)
        array = gradient.x if name == "x" else getattr(gradient, name)[k]
        array[place] = 2 * array[place]
        return gradient

    return doubled


@pytest.mark.parametrize(
    "judge",
    [
        lambda backward: prove(tiny(2, 3, 2), backward),
        lambda backward: prove_regions([2, 3, 2], backward=backward),
        lambda backward: schwartz_zippel([2, 3, 2], batch=1, backward=backward, seed=0),
        lambda backward: exact_differences(*one_example(), backward=backward),
    ],
    ids=["prove", "regions", "zippel", "differences"],
)
@pytest.mark.parametrize(
    ("name", "k", "place"), ENTRIES, ids=[f"{name}{k}{list(place)}" for name, k, place in ENTRIES]
)
def test_one_wrong_entry_is_found_and_named(judge, name, k, place):
    """A gradient of 2-3-2 with any one of its 19 entries doubled differs, and there."""
    verdict = judge(one_entry_doubled(name, k, place))
    array = "x" if name == "x" else f"{name}[{k}]"

    assert verdict.status is Status.DIFFERS
    assert set(re.findall(r"∂L/∂(x|[bW]\[\d\])", str(verdict))) == {array}


def one_example():
    """Return a network 2-3-2 with every unit on, one example and its target."""
    network = small_integer_network([2, 3, 2], seed=1).map(lambda array: abs(array) + 1 / 4)
    return network, [[1.0], [2.0]], [[-3.0], [5.0]]
