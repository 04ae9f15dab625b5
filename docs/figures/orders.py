"""Time and memory of the orders of a plan against depth, from docs/memory.json."""

import json
from pathlib import Path

from matplotlib.axes import Axes
from style import BACKWARD, FORWARD, FOURTH, INK, THIRD

RECORD = Path(__file__).parent.parent / "memory.json"
STYLES = {
    "store all": (FORWARD, "o"),
    "every √(M + 1)": (BACKWARD, "s"),
    "binomial, 10 snapshots": (THIRD, "^"),
    "binomial, 3 snapshots": (FOURTH, "v"),
    "torch eager": (INK, "+"),
    "torch.utils.checkpoint": (INK, "x"),
}


def depths() -> dict[int, dict[str, dict[str, object]]]:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    return {int(maps): found for maps, found in record["depths"].items()}


def against_depth(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_xlabel("affine maps, M + 1")
