"""Time of a gradient over its matrix products alone, for each network, from docs/speed.json."""

import json
from pathlib import Path

from matplotlib.figure import Figure
from style import BACKWARD, FORWARD, FOURTH, INK, THIRD, svg_from_matplotlib

RECORD = Path(__file__).parent.parent / "speed.json"
PEERS = {
    "plan": (FORWARD, "o"),
    "recursion": (BACKWARD, "s"),
    "jax.jit": (THIRD, "^"),
    "torch eager": (FOURTH, "v"),
    "scikit-learn": (INK, "x"),
}


def draw() -> str:
    results = json.loads(RECORD.read_text(encoding="utf-8"))["results"]
    chosen = [
        each
        for each in results
        if each["kind"] == "gradient" and each["dtype"] == "float32" and each["threads"] == 1
    ]
    names = ["-".join(map(str, each["widths"])) for each in chosen]
    names = [
        name if len(name) < 20 else f"{name.split('-')[0]} × {name.count('-')}" for name in names
    ]
    figure = Figure(figsize=(4.8, 4.2))
    axes = figure.subplots()
    for peer, (colour, marker) in PEERS.items():
        ratios = [each["times"][peer]["of first"][1] for each in chosen]
        axes.plot(ratios, range(len(chosen)), marker, color=colour, label=peer)
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 5, 10, 50], ["1", "2", "5", "10", "50"])
    axes.set_yticks(range(len(chosen)), names)
    axes.invert_yaxis()
    axes.set_xlabel("time over that of the matrix products")
    figure.legend(loc="outside upper center", ncols=3, fontsize=9)
    return svg_from_matplotlib(figure)
