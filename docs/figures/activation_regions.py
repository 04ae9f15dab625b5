"""The activation regions of a small network over the plane of its inputs."""

import numpy as np
from style import BACKWARD, FAINT, FORWARD, INK, panel, svg_from_matplotlib

from backproof import Network, backward, forward

NETWORK = Network(
    W=[
        np.array([[1.0, 0.4], [-0.5, 1.0], [0.8, -0.9], [0.2, 1.1]]),
        np.array([[1.0, -0.8, 0.6, 0.5], [-0.7, 0.9, 0.8, -0.6], [0.5, 0.7, -0.9, 0.8]]),
        np.array([[1.0, -1.0, 0.8]]),
    ],
    b=[
        np.array([[0.3], [0.2], [-0.4], [-0.9]]),
        np.array([[-0.6], [-0.2], [-0.5]]),
        np.array([[0.0]]),
    ],
)
EDGE = 2.5


def grid(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the axis and all points of a square grid, as columns."""
    axis = np.linspace(-EDGE, EDGE, points)
    return axis, np.stack([a.ravel() for a in np.meshgrid(axis, axis)])


def draw() -> str:
    figure, axes = panel(4.6, 4.4)
    axis, points = grid(241)
    tape = forward(NETWORK, points)
    on = np.concatenate([z > 0 for z in tape.z[:-1]])
    # Each count of units that are on is a tint of one colour, which light and dark pages share.
    count = on.sum(axis=0).reshape(len(axis), -1)
    for level in range(1, len(on) + 1):
        axes.contourf(
            axis, axis, count, [level - 0.5, level + 0.5], colors=FORWARD, alpha=level / 18
        )
    for k, (z, colour) in enumerate(zip(tape.z, (INK, BACKWARD), strict=False)):
        for unit in z:
            surface = unit.reshape(len(axis), -1)
            axes.contour(axis, axis, surface, [0], colors=colour, linewidths=1.4 - 0.2 * k)
    _, coarse = grid(9)
    coarse = coarse[:, np.abs(coarse).max(axis=0) < EDGE]
    tape = forward(NETWORK, coarse)
    slopes = backward(NETWORK, tape, np.ones_like(tape.output)).x
    axes.quiver(*coarse, *slopes, color=FORWARD, width=0.006, scale=22)
    axes.grid(visible=False)
    axes.set(xlabel="first input", ylabel="second input", aspect="equal")
    axes.plot([], [], color=INK, label="kinks of the first hidden layer")
    axes.plot([], [], color=BACKWARD, label="kinks of the second")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=1, fontsize=9)
    for spine in axes.spines.values():
        spine.set_color(FAINT)
    return svg_from_matplotlib(figure)
