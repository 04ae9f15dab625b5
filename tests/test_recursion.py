"""The recursion, held to loops over scalars, to published numbers and to its own symmetries."""

from fractions import Fraction

import numpy as np
import pytest
import scalar_oracle

from backproof import Network, backward, forward, identity, leaky_relu, squared_error
from backproof.numbers.integers import small_integer_network, small_integers
from backproof.numbers.rational import as_fractions

# Pairwise different widths, none of them the batch size, and M = 0, 1, 3.
WIDTHS = [[3, 2], [4, 3, 2], [3, 5, 4, 6, 2]]
BATCH = 7
SEEDS = range(5)


def run(widths, seed, *, kinks=0):
    """Return a network of whole numbers, its tape, ∂L/∂z_M and gradient, all exact floats.

    The first `kinks` hidden units of each layer are dead, so they stand at z = 0 exactly.
    """
    generator = np.random.default_rng(seed)
    network = small_integer_network(widths, seed=generator)
    for b, W in zip(network.b[:-1], network.W[:-1], strict=True):
        b[:kinks], W[:kinks] = 0, 0
    x, dz = (
        small_integers((widths[0], BATCH), generator),
        small_integers((widths[-1], BATCH), generator),
    )
    tape = forward(network, x)
    return network, tape, dz, backward(network, tape, dz)


def lists(network):
    """Return b and W of `network` as nested lists of ints."""
    return [b[:, 0].astype(int).tolist() for b in network.b], [
        W.astype(int).tolist() for W in network.W
    ]


def examples(array):
    """Return the columns of `array`, of whole floats, as lists of ints."""
    return array.T.astype(int).tolist()


every_run = [
    pytest.mark.parametrize("widths", WIDTHS, ids=lambda widths: "-".join(map(str, widths))),
    pytest.mark.parametrize("seed", SEEDS),
    pytest.mark.parametrize("kinks", [0, 2], ids=["any signs", "units at zero"]),
]


def over_every_run(test):
    """Parametrise `test` by widths, seed and number of units at z = 0."""
    for mark in every_run:
        test = mark(test)
    return test


@over_every_run
def test_the_tape_holds_what_the_loops_compute(widths, seed, kinks):
    """Every x_k and z_k of every example equals its scalar formula with ==."""
    network, tape, _, _ = run(widths, seed, kinks=kinks)
    b, W = lists(network)

    for n, x in enumerate(examples(tape.x[0])):
        inputs, outputs = scalar_oracle.forward(b, W, x)

        assert [x_k[:, n].tolist() for x_k in tape.x] == inputs
        assert [z_k[:, n].tolist() for z_k in tape.z] == outputs


@over_every_run
def test_the_gradient_is_what_the_loops_compute(widths, seed, kinks):
    """∂L/∂b_k, ∂L/∂W_k and ∂L/∂x_0 equal sums over indices and examples with ==."""
    network, tape, dz, gradient = run(widths, seed, kinks=kinks)
    db, dW, dx = scalar_oracle.batch_gradient(*lists(network), examples(tape.x[0]), examples(dz))

    assert [b[:, 0].tolist() for b in gradient.b] == db
    assert [W.tolist() for W in gradient.W] == dW
    assert gradient.x.T.tolist() == dx


@pytest.mark.parametrize("seed", SEEDS)
def test_the_runs_stand_on_kinks(seed):
    """The convention at z = 0 is exercised: whole pre-activations are 0 and get a dz from above."""
    network, tape, dz, _ = run([3, 5, 4, 6, 2], seed, kinks=2)

    assert (tape.z[2] == 0).sum() >= 2 * BATCH
    assert (network.W[3].T @ dz)[tape.z[2] == 0].any()


@over_every_run
def test_a_derivative_has_the_shape_of_what_it_is_the_derivative_by(widths, seed, kinks):
    """∂L/∂A has the shape of A, for every b_k, W_k and x_0."""
    network, tape, _, gradient = run(widths, seed, kinks=kinks)

    assert [b.shape for b in gradient.b] == [b.shape for b in network.b]
    assert [W.shape for W in gradient.W] == [W.shape for W in network.W]
    assert gradient.x.shape == tape.x[0].shape


@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_the_tape_has_one_input_and_one_output_a_map(widths):
    """The tape holds x_0, …, x_M and z_0, …, z_M; x_0 is the data itself, z_M the output."""
    network, tape, _, _ = run(widths, seed=0)

    assert len(tape.x) == len(tape.z) == network.M + 1
    assert tape.output is tape.z[network.M]
    assert tape.x[0] is network.checked_input(tape.x[0])


def test_the_input_gradient_carries_no_mask():
    """∂L/∂x_0 is W_0ᵀ ∂L/∂z_0 also where x_0 is negative or zero."""
    network = Network(
        b=[np.array([[0.0], [0.0]])], W=[np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])]
    )
    tape = forward(network, np.array([[-1.0, 0.0], [0.0, 2.0], [3.0, -4.0]]))
    gradient = backward(network, tape, np.array([[1.0, -1.0], [10.0, 0.0]]))

    assert gradient.x.tolist() == [[41.0, -1.0], [52.0, -2.0], [63.0, -3.0]]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_of_a_batch_is_the_sum_over_its_examples(seed):
    """b and W get the sum of the gradients of single examples; ∂L/∂x_0 keeps them side by side."""
    network, tape, dz, gradient = run([3, 5, 4, 2], seed)
    single = [
        backward(network, forward(network, tape.x[0][:, [n]]), dz[:, [n]]) for n in range(BATCH)
    ]

    for k in range(network.maps):
        assert gradient.b[k].tolist() == sum(g.b[k] for g in single).tolist()
        assert gradient.W[k].tolist() == sum(g.W[k] for g in single).tolist()
    assert gradient.x.tolist() == np.hstack([g.x for g in single]).tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_backward_is_linear_in_its_start(seed):
    """backward(2 u - 3 v) is 2 backward(u) - 3 backward(v), exactly."""
    network, tape, u, of_u = run([3, 5, 4, 2], seed)
    v = u[::-1] - 5
    of_v, of_both = backward(network, tape, v), backward(network, tape, 2 * u - 3 * v)

    for name in "bW":
        for a, b, both in zip(*(getattr(g, name) for g in (of_u, of_v, of_both)), strict=True):
            assert both.tolist() == (2 * a - 3 * b).tolist()
    assert of_both.x.tolist() == (2 * of_u.x - 3 * of_v.x).tolist()


@pytest.mark.parametrize(
    ("activation", "slope"), [(identity, 1), (leaky_relu(0.25), 0.25)], ids=["identity", "leaky"]
)
def test_another_activation_takes_its_place(activation, slope):
    """f and f′ of the network are applied between two maps, f′ at z_{k-1}."""
    network = small_integer_network([2, 3, 1], seed=4, activation=activation)
    x = np.array([[1.0, -2.0], [3.0, 1.0]])
    tape = forward(network, x)
    gradient = backward(network, tape, np.array([[1.0, -2.0]]))
    z = network.b[0] + network.W[0] @ x
    dz = np.where(z > 0, 1.0, slope) * (network.W[1].T @ [[1.0, -2.0]])

    assert (z <= 0).any()
    assert tape.x[1].tolist() == np.where(z > 0, z, slope * z).tolist()
    assert gradient.W[0].tolist() == (dz @ x.T).tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_run_has_one_dtype(dtype):
    """float32 in is float32 in every array of tape and gradient, and float64 stays float64."""
    network, tape, dz, _ = run([3, 5, 4, 2], seed=0)
    network = network.map(lambda array: array.astype(dtype))
    tape = forward(network, tape.x[0].astype(dtype))
    gradient = backward(network, tape, dz.astype(dtype))

    arrays = [*tape.x, *tape.z, *gradient.b, *gradient.W, gradient.x]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def kink():
    """Return a network with one unit at z = 0 and one at z = 1, its tape and ∂L/∂z_1."""
    network = Network(
        b=[np.array([[0.0], [1.0]]), np.array([[0.0]])],
        W=[np.array([[1.0], [1.0]]), np.array([[2.0, 3.0]])],
    )
    tape = forward(network, np.array([[0.0]]))
    return network, tape, squared_error.start(tape.output, np.array([[1.0]]))


def test_a_unit_at_zero_passes_nothing_back():
    """At the kink ReLU′(0) = 0: with I[z ≥ 0] the numbers would be (8, 12) and 20."""
    gradient = backward(*kink())

    assert gradient.b[0].tolist() == [[0.0], [12.0]]
    assert gradient.W[0].tolist() == [[0.0], [0.0]]
    assert gradient.x.tolist() == [[12.0]]
    assert gradient.b[1].tolist() == [[4.0]]
    assert gradient.W[1].tolist() == [[0.0, 4.0]]


def published():
    """Return the network of UDL notebook 7.2 (Prince, 2023), with its random numbers, and x, y."""
    normal = np.random.RandomState(0).normal
    W, b = [None] * 6, [None] * 6
    W[0], W[5], b[0], b[5] = (normal(size=s) for s in [(6, 1), (1, 6), (6, 1), (1, 1)])
    for k in range(1, 5):
        W[k], b[k] = normal(size=(6, 6)), normal(size=(6, 1))
    return Network(b=b, W=W), np.array([[1.2]]), np.array([[20.0]])


def published_gradient():
    """Return the network, tape and gradient of the published run."""
    network, x, y = published()
    tape = forward(network, x)
    return network, tape, backward(network, tape, squared_error.start(tape.output, y))


def test_the_published_forward_pass():
    """Output, loss and pre-activations of UDL 7.2, to 12 decimals."""
    _, tape, _ = published_gradient()
    z_0 = [2.877900540308, 0.601863666533, 1.618348813672, 3.022746166416, 3.735148661338]

    assert tape.output.item() == pytest.approx(1.906604997729403, rel=1e-12)
    assert squared_error(tape.output, [[20.0]]) == pytest.approx(327.370942708191, rel=1e-12)
    assert tape.z[0][:, 0].tolist() == pytest.approx([*z_0, -1.377891719617], abs=1e-12)


def test_the_published_gradient():
    """Norms of every ∂L/∂b_k and ∂L/∂W_k of UDL 7.2, and ∂L/∂x_0, to 12 decimals."""
    _, _, gradient = published_gradient()
    of_b = [26.978633737894, 15.574858904922, 10.050092434364]
    of_b += [8.147250768984, 5.212474461103, 36.186790004541]
    of_W = [32.374360485473, 91.285062767976, 66.695944459478]
    of_W += [75.438215735873, 98.315182749846, 400.330254469967]

    assert [np.linalg.norm(b) for b in gradient.b] == pytest.approx(of_b, abs=1e-12)
    assert [np.linalg.norm(W) for W in gradient.W] == pytest.approx(of_W, abs=1e-12)
    assert gradient.x.item() == pytest.approx(-54.537472845857, abs=1e-12)
    assert sum(np.count_nonzero(a) for a in gradient.b + gradient.W) == 54


def test_the_published_gradient_entry_by_entry():
    """All 187 entries of UDL 7.2 are within 1e-12 of the loops run in exact fractions."""
    network, x, y = published()
    _, _, gradient = published_gradient()
    b = [as_fractions(b)[:, 0].tolist() for b in network.b]
    W = [as_fractions(W).tolist() for W in network.W]
    x, y = as_fractions(x).tolist()[0], Fraction(y.item())
    output = scalar_oracle.forward(b, W, x)[1][-1][0]
    db, dW, _ = scalar_oracle.batch_gradient(b, W, [x], [[2 * (output - y)]])

    assert sum(a.size for a in gradient.b + gradient.W) == 187
    for k in range(network.maps):
        expected = np.array([[float(entry)] for entry in db[k]])
        np.testing.assert_allclose(gradient.b[k], expected, rtol=1e-12, atol=0)
        expected = np.array([[float(entry) for entry in row] for row in dW[k]])
        np.testing.assert_allclose(gradient.W[k], expected, rtol=1e-12, atol=0)
