"""One look for every figure: the page's ink, and colours that follow light and dark.

A figure is drawn in the colours below, which look right in an ordinary window too; on the page
each becomes `currentColor` or a variable of docs/_static/backproof.css.
"""

import io
import re

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#24292f"
FAINT = "#c9ced6"
FORWARD = "#1460aa"
BACKWARD = "#b4450b"
THIRD = "#0c7353"
FOURTH = "#7a3e9d"

ON_PAGE = {
    INK: "currentColor",
    FAINT: "var(--drawing-faint)",
    FORWARD: "var(--drawing-forward)",
    BACKWARD: "var(--drawing-backward)",
    THIRD: "var(--drawing-third)",
    FOURTH: "var(--drawing-fourth)",
}

SETTINGS = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": f"cycler('color', {[FORWARD, BACKWARD, THIRD, FOURTH]})",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "font.size": 11,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.facecolor": "none",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud and enlarged
    "svg.hashsalt": "backproof",  # the same figure is the same file, build after build
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}

# Once for all: matplotlib reads most of these not when a figure begins but part by part.
rcParams.update(SETTINGS)


def panel(width: float = 4.6, height: float = 2.8) -> tuple[Figure, Axes]:
    """Begin a figure; at this width, in inches, its text stays readable on a phone."""
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots()


def svg_from_matplotlib(fig: Figure) -> str:
    """Give one <svg> element that takes its ink and its fonts from the page."""
    file = io.StringIO()
    fig.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg ") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'width="([\d.]+)pt" height="[\d.]+pt"', r'width="\1pt"', svg, count=1)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: var(--font-stack, sans-serif)", svg)
    svg = re.sub(r"(font: [^';\"]*?px) [^;\"]*", r"\1 var(--font-stack, sans-serif)", svg)
    for colour, variable in ON_PAGE.items():
        svg = svg.replace(colour, variable)
    return svg
