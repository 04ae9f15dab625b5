"""One gradient on all the devices that JAX finds, the batch split between them: docs/machines.md.

Without anything else, four devices are made out of this machine's processor.  With the number of a
host, how many there are, and the address of the first, the same lines run on several machines:

    python examples/sharded.py 0 2 first-host:1234     # and on the second host 1 2 first-host:1234
"""

import os
import re
import sys
from typing import Any

os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=4")

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from backproof import Network, backward, forward, squared_error
from backproof.numbers.integers import small_integer_network, small_integers

WIDTHS, EXAMPLES = [3, 5, 4, 2], 64


@jax.jit
def gradient(W: Any, b: Any, x: Any, y: Any) -> Any:
    """Return ∂L/∂W_k and ∂L/∂b_k for every k."""
    network = Network(W=W, b=b)
    tape = forward(network, x)
    found = backward(network, tape, squared_error.start(tape.output, y))
    return found.W, found.b


def placed(network: Network, x: Any, y: Any) -> Any:
    """Return the parameters on every device, and the columns of the batch split between them."""
    mesh = Mesh(jax.devices(), ("batch",))
    columns = NamedSharding(mesh, PartitionSpec(None, "batch"))
    everywhere = NamedSharding(mesh, PartitionSpec())
    W, b = jax.device_put((network.W, network.b), everywhere)
    return W, b, *jax.device_put((x, y), columns)


def main() -> None:
    """Compare with NumPy's gradient on one machine, and name what the devices send each other."""
    if len(sys.argv) > 1:
        number, hosts, first = sys.argv[1:]
        jax.distributed.initialize(first, int(hosts), int(number))
    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  JAX's own signature
    generator = np.random.default_rng(0)
    network = small_integer_network(WIDTHS, seed=1)
    x, y = (small_integers((D, EXAMPLES), generator) for D in (WIDTHS[0], WIDTHS[-1]))
    arguments = placed(network, x, y)
    dW, db = gradient(*arguments)
    tape = forward(network, x)
    expected = backward(network, tape, squared_error.start(tape.output, y))
    pairs = zip([*dW, *db], [*expected.W, *expected.b], strict=True)
    program = gradient.lower(*arguments).compile().as_text()
    sent = set(re.findall(r" (all-[a-z-]+|reduce-scatter|collective-[a-z-]+)\(", program))
    print(f"processes: {jax.process_count()}, devices: {jax.device_count()}")
    print(f"communication: {', '.join(sorted(sent)) or 'none'}")
    print(f"equal to NumPy on one machine: {all(map(np.array_equal, *zip(*pairs, strict=True)))}")


if __name__ == "__main__":
    main()
