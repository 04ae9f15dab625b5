"""The graph of a derivation: which equation builds on which, drawn as SVG without another program.

An equation stands to the right of those it builds on.  A recursion is a circle of equations, so an
arrow that leads back to one that is read earlier does not move anything; it is drawn dashed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from backproof.checking.report import Outcome, Result

HEIGHT, GAP, BETWEEN, LETTER, MARGIN = 28, 14, 56, 7.5, 12
"""Of a box, between boxes, between columns, of one letter (its width), around it all: in pixels."""

STATES = {
    "complete": "proved, and so is all it builds on",
    "proved": "proved",
    "definition": "a definition",
    "open": "not proved",
}


@dataclass(frozen=True, slots=True)
class Box:
    """Where an equation is drawn: its upper left corner and its width."""

    x: float
    y: float
    width: float


def svg(results: Sequence[Result], links: Mapping[str, str]) -> str:
    """Draw the labelled equations among `results`; `links` says where each label leads to."""
    shown = {result.equation.label: result for result in results if result.equation.label}
    edges = [(used, label) for label in shown for used in shown[label].uses if used in shown]
    boxes = _boxes(list(shown), edges)
    width = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    height = max((box.y + HEIGHT for box in boxes.values()), default=0) + MARGIN
    order = {label: number for number, label in enumerate(shown)}
    arrows = [_arrow(boxes[a], boxes[b], back=order[a] >= order[b]) for a, b in edges]
    drawn = [_box(label, boxes[label], state(label, shown), links.get(label)) for label in shown]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="backproof-graph" role="group" '
        f'aria-label="Which equation builds on which" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">'
    )
    return "\n".join([opening, *arrows, *drawn, "</svg>"])


def state(label: str, results: Mapping[str, Result]) -> str:
    """Return which of STATES an equation is in, by its verdict and all it builds on."""
    outcome = results[label].outcome
    if outcome is Outcome.TAKEN:
        return "definition"
    if outcome is not Outcome.PROVED:
        return "open"
    settled = (Outcome.PROVED, Outcome.TAKEN)
    below = (results[each].outcome for each in _below(label, results))
    return "complete" if all(outcome in settled for outcome in below) else "proved"


def _below(label: str, results: Mapping[str, Result]) -> set[str]:
    seen: set[str] = set()
    waiting = [label]
    while waiting:
        for used in results[waiting.pop()].uses:
            if used in results and used not in seen:
                seen.add(used)
                waiting.append(used)
    return seen


def _boxes(labels: list[str], edges: list[tuple[str, str]]) -> dict[str, Box]:
    """Set each label in a column to the right of all earlier ones it builds on."""
    order = {label: number for number, label in enumerate(labels)}
    column = dict.fromkeys(labels, 0)
    for label in labels:
        earlier = [column[a] for a, b in edges if b == label and order[a] < order[b]]
        column[label] = max(earlier, default=-1) + 1
    boxes: dict[str, Box] = {}
    x = float(MARGIN)
    for number in range(max(column.values(), default=-1) + 1):
        here = [label for label in labels if column[label] == number]
        here.sort(key=lambda label: _height(label, edges, boxes))
        width = max(map(len, here)) * LETTER + 2 * MARGIN
        for row, label in enumerate(here):
            boxes[label] = Box(x, MARGIN + row * (HEIGHT + GAP), width)
        x += width + BETWEEN
    return boxes


def _height(label: str, edges: list[tuple[str, str]], boxes: Mapping[str, Box]) -> float:
    """Return the mean height of what `label` builds on, so that few arrows cross."""
    heights = [boxes[a].y for a, b in edges if b == label and a in boxes]
    return sum(heights) / len(heights) if heights else 0.0


def _arrow(start: Box, end: Box, *, back: bool) -> str:
    x_0, y_0 = start.x + start.width, start.y + HEIGHT / 2
    x_1, y_1 = end.x, end.y + HEIGHT / 2
    bend = max(BETWEEN / 2, abs(x_1 - x_0) / 3)
    path = (
        f"M{x_0:.1f} {y_0:.1f}C{x_0 + bend:.1f} {y_0:.1f} {x_1 - bend:.1f} {y_1:.1f} "
        f"{x_1:.1f} {y_1:.1f}m-6 -3.5l6 3.5l-6 3.5"
    )
    kind = "backproof-arrow backproof-back" if back else "backproof-arrow"
    return f'<path class="{kind}" d="{path}"/>'


def _box(label: str, box: Box, kind: str, link: str | None) -> str:
    shape = (
        f'<g class="backproof-node backproof-{kind}"><title>{escape(label)}: {STATES[kind]}</title>'
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{HEIGHT}" rx="5"/>'
        f'<text x="{box.x + box.width / 2:.1f}" y="{box.y + HEIGHT / 2:.1f}">{escape(label)}</text>'
        "</g>"
    )
    return f'<a href="{escape(link)}">{shape}</a>' if link else shape
