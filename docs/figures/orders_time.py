"""Time of the orders of a plan, as a multiple of storing all."""

from orders import STYLES, against_depth, depths
from style import panel, svg_from_matplotlib


def draw() -> str:
    found = depths()
    figure, axes = panel(height=3.6)
    for name, (colour, marker) in STYLES.items():
        ratios = [each[name]["of store all"][1] for each in found.values()]
        axes.plot(list(found), ratios, marker=marker, color=colour, label=name, linewidth=1.2)
    against_depth(axes)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("time over storing all")
    figure.legend(loc="outside upper center", ncols=2, fontsize=9)
    return svg_from_matplotlib(figure)
