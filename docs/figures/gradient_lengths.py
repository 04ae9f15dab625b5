"""Lengths of the gradients of digits, some with a wrong label, computed while the site is built."""

import numpy as np
from sklearn.datasets import load_digits
from style import BACKWARD, FORWARD, INK, panel, svg_from_matplotlib

from backproof import Network, forward, softmax_cross_entropy, train
from backproof.per_example import squared_norms

EXAMPLES, WRONG = 1792, 36


def lengths() -> tuple[np.ndarray, np.ndarray]:
    """Return the length of each gradient, and which labels are wrong, as on the page."""
    digits, generator = load_digits(), np.random.default_rng(0)
    x, y = digits.data.T[:, :EXAMPLES] / 16, digits.target[:EXAMPLES]
    wrong = generator.permutation(EXAMPLES)[:WRONG]
    y[wrong] = (y[wrong] + generator.integers(1, 10, size=WRONG)) % 10
    network = Network.he([64, 32, 10], seed=0)
    settings = {"rate": 0.2, "batch_size": 32, "epochs": 5, "seed": 0}
    *_, last = train(network, x, y, softmax_cross_entropy, **settings)
    tape = forward(last.network, x)
    start = softmax_cross_entropy.start(tape.output, y)
    is_wrong = np.isin(np.arange(EXAMPLES), wrong)
    return np.sqrt(squared_norms(last.network, tape, start)[0]), is_wrong


def draw() -> str:
    found, wrong = lengths()
    figure, axes = panel()
    edges = np.geomspace(found.min(), found.max(), 41)
    for each, label, colour in (
        (found[~wrong], "right label", FORWARD),
        (found[wrong], "wrong label", BACKWARD),
    ):
        share = np.full(each.size, 100 / each.size)
        axes.hist(each, edges, weights=share, label=label, color=colour, alpha=0.7)
    axes.axvline(float(np.median(found)), color=INK, linestyle="--", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("length of the gradient of one example")
    axes.set_ylabel("examples in %")
    axes.legend()
    return svg_from_matplotlib(figure)
