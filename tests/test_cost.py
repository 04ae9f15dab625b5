"""The formulas of the cost, held to runs whose every operation is counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backproof import backward, cost, forward
from backproof.network import Network
from backproof.numbers.counting import Counted, Tally, count
from backproof.numbers.integers import small_integer_network

shapes = {"widths": st.lists(st.integers(1, 6), min_size=2, max_size=5), "N": st.integers(1, 5)}


def counted_run(widths, N):
    """Return what the forward and the backward pass add to a tally, and the tape."""
    tally = Tally()
    network = small_integer_network(widths, seed=0).map(tally.counted)
    x, dz = tally.counted(np.ones((widths[0], N))), tally.counted(np.ones((widths[-1], N)))
    tape = forward(network, x)
    ahead = count(lambda: forward(network, x), tally)
    return ahead, count(lambda: backward(network, tape, dz), tally), tape


@given(**shapes)
def test_the_forward_pass_costs_what_is_said(widths, N):
    """Additions, multiplications and comparisons of `forward` are those of the formulas."""
    ahead, _, _ = counted_run(widths, N)

    assert ahead == Tally(
        additions=cost.forward_additions(widths, N),
        multiplications=cost.forward_multiplications(widths, N),
        comparisons=cost.forward_comparisons(widths, N),
    )


@given(**shapes)
def test_the_backward_pass_costs_what_is_said(widths, N):
    """Additions, multiplications and comparisons of `backward` are those of the formulas."""
    _, back, _ = counted_run(widths, N)

    assert back == Tally(
        additions=cost.backward_additions(widths, N),
        multiplications=cost.backward_multiplications(widths, N),
        comparisons=cost.backward_comparisons(widths, N),
    )


@given(**shapes)
def test_the_tape_holds_what_is_said(widths, N):
    """The numbers on the tape are as many as the formula says."""
    _, _, tape = counted_run(widths, N)

    assert cost.tape_numbers(widths, N) == sum(array.size for array in [*tape.x, *tape.z])


@given(**shapes)
def test_weights_and_units_are_counted(widths, N):
    """P is the number of weights of a network, U the number of its hidden units."""
    network = small_integer_network(widths, seed=N)

    assert cost.weights(widths) == sum(W.size for W in network.W)
    assert cost.hidden_units(widths) == sum(b.size for b in network.b[:-1])


@given(**shapes)
def test_the_input_gradient_costs_what_is_said(widths, N):
    """W_0ᵀ dz alone takes as many multiplications as the formula says."""
    tally = Tally()
    W = tally.counted(np.ones((widths[1], widths[0])))
    dz = tally.counted(np.ones((widths[1], N)))
    alone = count(lambda: W.T @ dz, tally)

    assert cost.input_gradient_multiplications(widths, N) == alone.multiplications


def test_backward_costs_about_twice_forward():
    """On wide networks the multiplications are 2 to 1, and 1 to 1 for one map without ∂L/∂x_0."""
    wide = [500, 500, 500]
    ratio = cost.backward_multiplications(wide, 8) / cost.forward_multiplications(wide, 8)
    back = cost.backward_multiplications([9, 7], 8) - cost.input_gradient_multiplications([9, 7], 8)

    assert ratio == pytest.approx(2, rel=0.01)
    assert back == cost.forward_multiplications([9, 7], 8)


@pytest.mark.parametrize("maps", range(1, 13))
def test_checkpoints_and_one_segment_are_counted(maps):
    """Held at once: the x_k at the head of each segment, and every x_k and z_k of the first."""
    for every in range(1, maps + 1):
        held = {("x", k) for k in range(0, maps, every)}
        held |= {(letter, k) for letter in "xz" for k in range(every)}

        assert cost.checkpointed_numbers(5, maps, 3, every) == 5 * 3 * len(held)


def test_nothing_but_sums_products_and_comparisons_is_used():
    """Counted numbers define +, -, *, > and nothing else, and both passes run on them."""
    operators = {name for name in vars(Counted) if name.startswith("__")}
    described = {"__module__", "__doc__", "__slots__", "__init__", "__repr__"}
    described |= {"__firstlineno__", "__static_attributes__"}  # on Python 3.13
    ahead, back, _ = counted_run([3, 4, 2], 5)

    assert operators - described == {
        *("__add__", "__radd__", "__sub__", "__mul__", "__rmul__", "__gt__")
    }
    assert ahead.additions > 0 < back.additions


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (lambda a: a + a, Tally(additions=1)),
        (lambda a: 2 + a, Tally(additions=1)),
        (lambda a: a - 2, Tally(additions=1)),
        (lambda a: a * a, Tally(multiplications=1)),
        (lambda a: 2 * a, Tally(multiplications=1)),
        (lambda a: a > 2, Tally(comparisons=1)),
        (lambda a: a * a + 2 * a > 0, Tally(1, 2, 1)),
    ],
    ids=["a + a", "2 + a", "a - 2", "a a", "2 a", "a > 2", "a a + 2 a > 0"],
)
def test_an_operation_is_counted_once(work, expected):
    """Each operation adds 1 to its kind, a subtraction to the additions."""
    tally = Tally()
    a = Counted(5, tally)

    assert count(lambda: work(a), tally) == expected
    assert tally == expected


def test_counted_numbers_are_right():
    """Counting changes no value."""
    tally = Tally()
    a, b = Counted(5, tally), Counted(3, tally)

    assert [(a + b).value, (a - b).value, (a * b).value, a > b, b > a] == [8, 2, 15, True, False]
    assert repr(a + b) == "Counted(8)"


def test_only_what_a_run_adds_is_reported():
    """`count` leaves out what the tally held before."""
    tally = Tally(10, 20, 30)
    a = Counted(2, tally)

    assert count(lambda: a + a, tally) == Tally(additions=1)
    assert tally == Tally(11, 20, 30)


def test_a_counted_network_is_a_network():
    """The counted arrays pass the doors, and the gradient is that of the plain run."""
    tally = Tally()
    network = small_integer_network([2, 3, 1], seed=2)
    x, dz = np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[1.0, -1.0]])
    plain = backward(network, forward(network, x), dz)
    counted = network.map(tally.counted)
    gradient = backward(counted, forward(counted, tally.counted(x)), tally.counted(dz))

    assert isinstance(counted, Network)
    for expected, array in zip(plain.W + plain.b, gradient.W + gradient.b, strict=True):
        assert [entry.value for entry in array.flat] == list(expected.flat)
