"""Size of the pre-activations and of their derivatives against depth, for three variances."""

import numpy as np
from matplotlib.figure import Figure
from style import BACKWARD, FORWARD, THIRD, svg_from_matplotlib

from backproof import Network, backward, forward

WIDTH, MAPS = 256, 50


def rms(arrays: list[np.ndarray]) -> list[float]:
    return [float(np.sqrt((array * array).mean())) for array in arrays]


def sizes(network: Network) -> tuple[list[float], list[float]]:
    """Return the root mean squares of z_k and of ∂L/∂z_k, relative to where each pass starts."""
    generator = np.random.default_rng(1)
    x, start = generator.standard_normal((2, WIDTH, 1))
    tape = forward(network, x)
    ahead, back = rms(tape.z), rms(backward(network, tape, start).b)  # one example: db is dz
    return [size / ahead[0] for size in ahead], [size / back[-1] for size in back]


def draw() -> str:
    widths = [WIDTH] * (MAPS + 1)
    he, half = Network.he(widths, seed=0), Network.glorot(widths, seed=0)
    twice = he.map(lambda array: np.sqrt(2) * array)
    figure = Figure(figsize=(4.6, 4.8))
    above, below = figure.subplots(2, sharex=True, sharey=True)
    for network, label, place, colour, line in (
        (twice, "variance 4/D", (24, 1e6), BACKWARD, "--"),
        (he, "variance 2/D (He)", (49, 10), FORWARD, "-"),
        (half, "variance 1/D (Glorot)", (24, 1e-7), THIRD, ":"),
    ):
        ahead, back = sizes(network)
        above.semilogy(ahead, color=colour, linestyle=line)
        below.semilogy(back, color=colour, linestyle=line)
        above.text(*place, label, color=colour, horizontalalignment="right")
    above.set_title("forward: size of z_k, from z_0", fontsize=11)
    below.set_title("backward: size of ∂L/∂z_k, from ∂L/∂z_M", fontsize=11)
    below.set_xlabel("k")
    return svg_from_matplotlib(figure)
