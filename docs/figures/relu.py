"""The ReLU and its derivative, with the value that is chosen at zero."""

from style import BACKWARD, FORWARD, panel, svg_from_matplotlib


def draw() -> str:
    figure, axes = panel()
    axes.plot([-2, 0, 2], [0, 0, 2], color=FORWARD, label="f[z]")
    axes.plot([-2, 0], [0, 0], color=BACKWARD, linestyle="--", label="I[z > 0]")
    axes.plot([0, 2], [1, 1], color=BACKWARD, linestyle="--")
    axes.plot(0, 1, "o", color=BACKWARD, markerfacecolor="none")
    axes.plot(0, 0, "o", color=BACKWARD)
    axes.set_xlabel("z")
    axes.legend()
    return svg_from_matplotlib(figure)
