"""Loss and accuracy on the digits after each epoch, trained while the site is built."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from style import BACKWARD, FORWARD, svg_from_matplotlib

from backproof import Network, forward, softmax_cross_entropy, train

EXAMPLES, SEEN, EPOCHS = 1797, 1344, 15
Half = tuple[np.ndarray, np.ndarray]


@cache
def halves() -> tuple[Half, Half]:
    """Return the examples to learn from and those held out, as on docs/training.md."""
    digits = load_digits()
    order = np.random.default_rng(0).permutation(EXAMPLES)
    x, y = digits.data.T[:, order] / 16, digits.target[order]
    return (x[:, :SEEN], y[:SEEN]), (x[:, SEEN:], y[SEEN:])


@cache
def networks() -> list[Network]:
    """Return the network before training and after each epoch."""
    network = Network.he([64, 64, 32, 10], seed=0)
    (x, y), _ = halves()
    epochs = train(
        network, x, y, softmax_cross_entropy, rate=0.2, batch_size=32, epochs=EPOCHS, seed=0
    )
    return [network, *(epoch.network for epoch in epochs)]


def measured(half: Half) -> Iterator[tuple[float, float]]:
    """Yield mean loss and accuracy, in percent, of each network."""
    x, y = half
    for network in networks():
        z = forward(network, x).output
        yield softmax_cross_entropy(z, y) / len(y), 100 * (z.argmax(axis=0) == y).mean()


def draw() -> str:
    figure = Figure(figsize=(4.6, 5))
    above, below = figure.subplots(2, sharex=True)
    for half, label, colour, line in zip(
        halves(), ("learned from", "held out"), (FORWARD, BACKWARD), ("-", "--"), strict=True
    ):
        losses, accuracies = zip(*measured(half), strict=True)
        above.semilogy(losses, color=colour, linestyle=line, label=label)
        below.plot(accuracies, color=colour, linestyle=line)
    above.set_ylabel("mean loss")
    above.legend()
    below.set_ylabel("accuracy in %")
    below.set_ylim(80, 100.5)
    below.set_xticks(range(0, EPOCHS + 1, 5))
    below.set_xlabel("epochs")
    return svg_from_matplotlib(figure)
