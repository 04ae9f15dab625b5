"""Peak memory of the orders of a plan: measured, and the number of slabs that follows from each."""

from math import isqrt

from orders import STYLES, against_depth, depths
from style import panel, svg_from_matplotlib

from backproof.planned import Order, binomial, every, planned_bytes, store_all

THEORY = {
    "store all": lambda _: store_all,
    "every √(M + 1)": lambda maps: every(isqrt(maps)),
    "binomial, 10 snapshots": lambda _: binomial(10),
    "binomial, 3 snapshots": lambda _: binomial(3),
}


def slabs(maps: int, order: Order) -> float:
    return planned_bytes([1] * (maps + 1), 2, order=order) / (2 * 8)


def draw() -> str:
    found = depths()
    figure, axes = panel(height=3.6)
    for name, (colour, marker) in STYLES.items():
        if name in THEORY:
            lines = [slabs(maps, THEORY[name](maps)) for maps in found]
            axes.plot(list(found), lines, color=colour, linewidth=1.2)
        measured = [each[name]["slabs"] for each in found.values()]
        axes.plot(list(found), measured, marker, color=colour, label=name)
    against_depth(axes)
    axes.set_yscale("log")
    axes.set_ylabel("peak memory in slabs")
    figure.legend(loc="outside upper center", ncols=2, fontsize=9)
    return svg_from_matplotlib(figure)
