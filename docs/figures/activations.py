"""Each activation with its derivative: small multiples, computed by the package."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from style import BACKWARD, FORWARD, svg_from_matplotlib

from backproof import (
    Activation,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)

SHOWN = (identity, relu, leaky_relu(0.1), tanh, softplus, sigmoid, gelu, gelu_tanh)
WITH_A_KINK = ("ReLU", "leaky ReLU(0.1)")
SIDES = np.linspace(-4, 0, 81)[None], np.linspace(0, 4, 81)[None]


def curve(axes: Axes, activation: Activation) -> None:
    left, right = SIDES
    z = np.hstack([left, right])
    slopes = activation.derivative(z) * np.ones_like(z)
    if activation.name in WITH_A_KINK:  # the derivative jumps: no line across, a dot on its value
        slopes[:, left.size] = np.nan
        axes.plot(0, activation.derivative(np.zeros((1, 1))).item(), "o", ms=4, color=BACKWARD)
    axes.plot(z[0], activation(z)[0], color=FORWARD, label="f[z]")
    axes.plot(z[0], slopes[0], color=BACKWARD, linestyle="--", label="f′[z]")
    axes.set_title(activation.name, fontsize=11)


def draw() -> str:
    figure = Figure(figsize=(4.6, 7.2))
    grid = figure.subplots(4, 2, sharex=True, sharey=True)
    for axes, activation in zip(grid.flat, SHOWN, strict=True):
        curve(axes, activation)
    grid[0, 0].set_ylim(-1.3, 2.3)
    grid[0, 0].legend(loc="lower right")
    for axes in grid[-1]:
        axes.set_xlabel("z")
    return svg_from_matplotlib(figure)
