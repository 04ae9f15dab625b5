"""The float code held to exact integers, with `==` and no tolerance."""

from typing import Any

import numpy as np

from backproof import recursion
from backproof.arrays import Array
from backproof.checking.named import described, gradient_arrays
from backproof.checking.verdict import Status, Verdict
from backproof.losses import squared_error
from backproof.network import Network
from backproof.numbers.integers import as_integers


def float_is_exact(network: Network, x: Any, y: Any) -> Verdict:
    """Hold the float64 run of a network of whole numbers to Python's integers, bit for bit.

    Agreement means that no operation of the forward or backward pass has rounded, so here the
    floats are the exact numbers; the claim says how many hidden pre-activations are exactly 0.

    >>> from backproof.checking.integers import float_is_exact
    >>> from backproof.numbers.integers import small_integer_network
    >>> net = small_integer_network([2, 3, 1], seed=3)
    >>> float_is_exact(net, [[1.0, 0.0], [2.0, -1.0]], [[3.0, -2.0]])
    agrees: all 25 numbers of both passes equal integers with ==; 1 lie on a kink
      scope: 2-3-1, ReLU, squared error, batch of 2; this network and input
    """
    x, y = np.asarray(x), np.asarray(y)
    floats = _run(network, x, y)
    integers = _run(network.map(as_integers), as_integers(x), as_integers(y))
    numbers = sum(array.size for array in floats.values())
    kinks = sum(int((floats[f"z[{k}]"] == 0).sum()) for k in range(network.M))
    scope = f"{described(network, squared_error, x.shape[1])}; this network and input"
    for name, array in floats.items():
        if not np.array_equal(array, integers[name]):
            claim = f"{name}: float64 has rounded, as whole numbers above 2^53 do"
            return Verdict(Status.DIFFERS, claim, scope)
    claim = f"all {numbers} numbers of both passes equal integers with ==; {kinks} lie on a kink"
    return Verdict(Status.AGREES, claim, scope)


def _run(network: Network, x: Array, y: Array) -> dict[str, Array]:
    tape = recursion.forward(network, x)
    gradient = recursion.backward(network, tape, squared_error.start(tape.output, y))
    pre_activations = {f"z[{k}]": z for k, z in enumerate(tape.z)}
    return pre_activations | {f"∂L/∂{n}": a for n, a in gradient_arrays(gradient).items()}
