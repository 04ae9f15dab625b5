"""How many wrong backward passes each checker accepts, from docs/comparison.json."""

import json
from pathlib import Path

from matplotlib.figure import Figure
from style import BACKWARD, FORWARD, FOURTH, svg_from_matplotlib

RECORD = Path(__file__).parent.parent / "comparison.json"
GROUPS = {
    "visible": ("shows at the points", BACKWARD),
    "elsewhere": ("shows elsewhere", FOURTH),
    "side effects": ("side effects", FORWARD),
}


def draw() -> str:
    checkers = json.loads(RECORD.read_text(encoding="utf-8"))["checkers"]
    figure = Figure(figsize=(5.2, 3.6))
    axes = figure.subplots()
    names = list(checkers)[::-1]
    left = [0] * len(names)
    for group, (label, colour) in GROUPS.items():
        widths = [len(checkers[name]["accepted"][group]) for name in names]
        axes.barh(names, widths, left=left, color=colour, label=label)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.grid(visible=False, axis="y")
    axes.set_axisbelow(True)
    axes.set_xlabel("wrong backward passes that are accepted")
    figure.legend(loc="outside upper center", ncols=3, fontsize=9)
    return svg_from_matplotlib(figure)
