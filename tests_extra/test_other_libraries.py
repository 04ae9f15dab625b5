"""The recursion on PyTorch, JAX and Dask: the same gradient, in the library that came in."""

import re
import subprocess
import sys
from pathlib import Path

import dask.array
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from backproof import (
    Network,
    backward,
    binary_cross_entropy,
    forward,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    relu,
    sgd,
    sigmoid,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
)
from backproof.checkpointing import checkpointed
from backproof.numbers.integers import small_integer_network, small_integers

ROOT = Path(__file__).parent.parent
WIDTHS, N = [3, 5, 4, 2], 7
GENERATOR = np.random.default_rng(0)
X = small_integers((3, N), GENERATOR)
TARGETS = {
    squared_error: small_integers((2, N), GENERATOR),
    softmax_cross_entropy: GENERATOR.integers(0, 2, N),
    binary_cross_entropy: GENERATOR.random((2, N)),
}
EXACT = [relu, leaky_relu(0.25), identity]
"""Of a network of whole numbers these make numbers without rounding."""
ROUNDED = [tanh, sigmoid, softplus, gelu, gelu_tanh]


def chunked(array):
    """Return an array of Dask's, a batch in chunks of three examples."""
    chunks = [3 if length == N else -1 for length in array.shape]
    return dask.array.from_array(array, chunks=chunks)


LIBRARIES = {"torch": torch.asarray, "jax": jnp.asarray, "dask": chunked}
LIBRARY = {"torch": torch.Tensor, "jax": jax.Array, "dask": dask.array.Array}


def arrays(network, x, y, loss):
    """Return the loss, every array of the gradient, and every parameter after one step."""
    tape = forward(network, x)
    gradient = backward(network, tape, loss.start(tape.output, y))
    after = sgd(network, gradient, 0.5)
    return [loss(tape.output, y), *gradient.W, *gradient.b, gradient.x, *after.W, *after.b]


def agree(theirs, ours):
    """Return whether two arrays are equal but for rounding, in sums of terms up to some 10^4.

    Two libraries' tanh may differ in the last bit, and 1 + tanh(z) then in most of its digits.
    """
    return np.allclose(np.asarray(theirs), np.asarray(ours), rtol=1e-10, atol=1e-10)


def numbers(activation, loss, dtype=float):
    """Return a network, a batch and its targets, in small whole numbers where the loss allows."""
    network = small_integer_network(WIDTHS, seed=1, activation=activation)
    y = TARGETS[loss] if loss is softmax_cross_entropy else TARGETS[loss].astype(dtype)
    return network.map(lambda array: array.astype(dtype)), X.astype(dtype), y


def both(library, activation, loss, dtype=float):
    """Run NumPy and another library on the same numbers; return the pairs of arrays."""
    network, x, y = numbers(activation, loss, dtype)
    convert = LIBRARIES[library]
    other = arrays(network.map(convert), convert(x), convert(y), loss)
    return list(zip(arrays(network, x, y, loss), other, strict=True))


@pytest.mark.parametrize("activation", EXACT, ids=repr)
@pytest.mark.parametrize("library", LIBRARIES)
def test_whole_numbers_give_the_gradient_of_numpy(library, activation):
    """On small whole numbers, kinks included, every array is equal to NumPy's."""
    for ours, theirs in both(library, activation, squared_error):
        assert isinstance(theirs, LIBRARY[library])
        assert np.array_equal(np.asarray(theirs), ours)


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
@pytest.mark.parametrize("library", LIBRARIES)
def test_every_activation_and_loss_runs(library, activation, loss):
    """Where exponentials round, the two agree as far as floats do."""
    for ours, theirs in both(library, activation, loss):
        assert agree(theirs, ours)


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_dtype_follows_the_input(library, activation, loss):
    """Nothing on the way makes float64 of float32."""
    for _, theirs in both(library, activation, loss, np.float32):
        assert str(theirs.dtype).endswith("float32")


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
def test_the_device_follows_the_input(activation, loss):
    """Nothing on the way is made elsewhere: PyTorch's device without memory stands for a GPU."""
    network, x, y = numbers(activation, loss)

    def there(array):
        return torch.asarray(array).to("meta")

    for array in arrays(network.map(there), there(x), there(y), loss):
        assert array.device.type == "meta"


@pytest.mark.parametrize("library", LIBRARIES)
def test_checkpoints_run_too(library):
    """The segments are the same recursion, and so is their gradient."""
    network, x, y = numbers(relu, squared_error)
    convert = LIBRARIES[library]
    tape = forward(network, x)
    stored = backward(network, tape, squared_error.start(tape.output, y))
    less = checkpointed(
        network.map(convert),
        convert(x),
        lambda z: squared_error.start(z, convert(y)),
        every=2,
    )

    for ours, theirs in zip(stored.W + stored.b, less.W + less.b, strict=True):
        assert np.array_equal(np.asarray(theirs), ours)


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
def test_jax_compiles_the_whole_gradient(activation, loss):
    """Under `jax.jit`, with parameters, data and targets traced, it is the same gradient."""
    network, x, y = numbers(activation, loss)

    @jax.jit
    def compiled(W, b, x, y):
        return arrays(Network(W=W, b=b, activation=activation), x, y, loss)

    found = compiled(network.W, network.b, x, y)
    for ours, theirs in zip(arrays(network, x, y, loss), found, strict=True):
        assert theirs.dtype == jnp.float64
        assert agree(theirs, ours)


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
def test_jax_derives_the_same_gradient(activation, loss):
    """The forward pass of the book, differentiated by JAX, gives what `backward` gives.

    On random numbers: at a kink JAX may choose another subgradient.
    """
    network = Network.he(WIDTHS, seed=3, activation=activation).map(jnp.asarray)
    x = jnp.asarray(np.random.default_rng(4).standard_normal((3, N)))
    y = jnp.asarray(TARGETS[loss])
    derived = jax.grad(
        lambda W: loss(forward(Network(W=W, b=network.b, activation=activation), x).output, y)
    )(network.W)
    tape = forward(network, x)
    gradient = backward(network, tape, loss.start(tape.output, y))

    for ours, theirs in zip(gradient.W, derived, strict=True):
        assert agree(theirs, ours)


@pytest.mark.parametrize("loss", TARGETS, ids=repr)
@pytest.mark.parametrize("activation", EXACT + ROUNDED, ids=repr)
def test_torch_derives_the_same_gradient(activation, loss):
    """The forward pass of the book, differentiated by PyTorch, gives what `backward` gives."""
    network = Network.he(WIDTHS, seed=3, activation=activation)
    network = network.map(lambda array: torch.asarray(array).requires_grad_())
    x = torch.asarray(np.random.default_rng(4).standard_normal((3, N))).requires_grad_()
    y = torch.asarray(TARGETS[loss])
    tape = forward(network, x)
    loss(tape.output, y).backward()
    gradient = backward(network, tape, loss.start(tape.output, y))

    pairs = [*zip(network.W, gradient.W, strict=True), *zip(network.b, gradient.b, strict=True)]
    for parameter, ours in [*pairs, (x, gradient.x)]:
        assert agree(parameter.grad, ours.detach())


def test_torch_maps_the_gradient_over_examples():
    """Inside `torch.func.vmap` a tensor has no values, and none are asked for."""
    network, x, y = numbers(relu, squared_error)
    network, x, y = network.map(torch.asarray), torch.asarray(x), torch.asarray(y)

    def of_one(x, y):
        tape = forward(network, x[:, None])
        return backward(network, tape, squared_error.start(tape.output, y[:, None])).W[0]

    each = torch.func.vmap(of_one, in_dims=1)(x, y)
    tape = forward(network, x)
    whole = backward(network, tape, squared_error.start(tape.output, y)).W[0]

    assert each.shape == (N, 5, 3)
    assert torch.equal(each.sum(0), whole)


def test_dask_computes_nothing_before_it_is_asked():
    """Neither the passes nor the doors look at a value, so that all is planned at once."""

    def refuse(block):
        assert not block.size, "a value was looked at"
        return block

    network, x, y = numbers(relu, softmax_cross_entropy)
    x = chunked(x).map_blocks(refuse, meta=np.empty((0, 0)))
    found = arrays(network.map(chunked), x, chunked(y), softmax_cross_entropy)

    with pytest.raises(AssertionError, match="a value was looked at"):
        found[1].compute()


def test_nobody_sees_a_label_of_no_class_where_values_are_not_looked_at():
    """As the page warns: on JAX its column of the start lacks the one, and nothing is raised."""
    z = jnp.asarray(np.random.default_rng(5).standard_normal((2, 3)))
    start = softmax_cross_entropy.start(z, jnp.asarray([0, 1, 2]))
    expected = softmax_cross_entropy.start(np.asarray(z), np.asarray([0, 1, 0]))
    expected[0, 2] += 1

    assert agree(start, expected)


NETWORKS = {name: Network.he(WIDTHS, seed=0).map(LIBRARIES[name]) for name in LIBRARIES}
BAD = {
    "NumPy's data for torch": (
        lambda: forward(NETWORKS["torch"], X),
        "x is an array of numpy, but the network is one of torch. One run, one library: pass torch",
    ),
    "NumPy's data for JAX": (lambda: forward(NETWORKS["jax"], X), "pass jax.numpy.asarray(x)."),
    "NumPy's data for Dask": (lambda: forward(NETWORKS["dask"], X), "pass dask.array.asarray(x)."),
    "half precision": (
        lambda: forward(NETWORKS["torch"], torch.asarray(X).to(torch.bfloat16)),
        "x has dtype torch.bfloat16; expected float64 or float32 of torch.",
    ),
    "half precision of JAX": (
        lambda: forward(NETWORKS["jax"], jnp.asarray(X, jnp.bfloat16)),
        "x has dtype bfloat16; expected float64 or float32 of jax.numpy.",
    ),
    "single precision": (
        lambda: forward(NETWORKS["torch"], torch.asarray(X).float()),
        "x has dtype torch.float32, but the network has dtype torch.float64.",
    ),
    "a shape": (
        lambda: forward(NETWORKS["dask"], chunked(X.T)),
        "but has shape (7, 3). Its transpose fits: pass x.T.",
    ),
    "an infinity": (
        lambda: forward(NETWORKS["torch"], torch.asarray(X) / 0),
        "every entry must be finite.",
    ),
    "a label of no class": (
        lambda: softmax_cross_entropy(torch.zeros(2, 3), torch.asarray([0, 1, 2])),
        "y[2] is 2, but with 2 classes a label is one of 0, ..., 1.",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_does_not_fit_is_refused_by_name(bad):
    """The doors say of any library's array what was expected, what came, and the mend."""
    call, message = BAD[bad]
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call()


def test_the_measurement_for_a_gpu_runs():
    """On the processor, in tiny sizes: each library is held to NumPy, each row has figures."""
    script = ROOT / "benchmarks" / "gpu.py"
    shown = subprocess.run(
        [sys.executable, script, "--device", "cpu", "--small", "--rounds", "2"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    for library in ("torch", "jax.jit"):
        assert f"{library}: equal to NumPy on whole numbers: True" in shown
    rows = r"products \S+  torch \S+  jax\.jit \S+  autograd \S+$"
    assert len(re.findall(rows, shown, re.MULTILINE)) == 2


def test_the_page_shows_what_its_script_prints():
    """The table of docs/arrays.md is the output of examples/libraries.py."""
    script = ROOT / "examples" / "libraries.py"
    shown = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert f"```text\n{shown.stdout}```" in (ROOT / "docs" / "arrays.md").read_text("utf-8")
