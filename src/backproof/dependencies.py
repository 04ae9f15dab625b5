"""The graph of a derivation: which equation builds on which, drawn as SVG without another program.

An equation stands below those it builds on, and an arrow that follows from others is left out.  A
recursion is a circle of equations, so an arrow that leads back to one that is read earlier does not
move anything; it is drawn dashed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from backproof.checking.report import Outcome, Result

HEIGHT, GAP, BETWEEN, LETTER, MARGIN, WIDTH = 28, 14, 52, 7.5, 12, 720
"""Of a box, between boxes, between layers, of one letter, around it all, of it all: in pixels."""

STATES = {
    "complete": "proved, and so is all it builds on",
    "proved": "proved",
    "held": "as the code computes, or for the sizes that were tried",
    "definition": "a definition",
    "outside": "not checked, with a reason",
    "open": "not proved",
}


OTHERS = {
    Outcome.AGREES: "held",
    Outcome.TAKEN: "definition",
    Outcome.OUTSIDE: "outside",
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
    edges = _needed(
        [(used, label) for label in shown for used in shown[label].uses if used in shown]
    )
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
    if outcome is not Outcome.PROVED:
        return OTHERS.get(outcome, "open")
    settled = (Outcome.PROVED, Outcome.AGREES, Outcome.TAKEN)
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


def _needed(edges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out what follows: an arrow from a to c beside one from a to b and one from b to c."""
    known = set(edges)
    return [
        (a, c)
        for a, c in edges
        if not any((a, b) in known and (b, c) in known and (b, a) not in known for _, b in edges)
    ]


def _boxes(labels: list[str], edges: list[tuple[str, str]]) -> dict[str, Box]:
    """Set each label in a layer below all earlier ones it builds on; a layer may have rows."""
    order = {label: number for number, label in enumerate(labels)}
    layer = dict.fromkeys(labels, 0)
    for label in labels:
        earlier = [layer[a] for a, b in edges if b == label and order[a] < order[b]]
        layer[label] = max(earlier, default=-1) + 1
    boxes: dict[str, Box] = {}
    y = float(MARGIN)
    for number in range(max(layer.values(), default=-1) + 1):
        here = [label for label in labels if layer[label] == number]
        here.sort(key=lambda label: _middle(label, edges, boxes))
        x = float(MARGIN)
        for label in here:
            width = len(label) * LETTER + 2 * MARGIN
            if x > MARGIN and x + width > WIDTH:
                x, y = float(MARGIN), y + HEIGHT + GAP
            boxes[label] = Box(x, y, width)
            x += width + GAP
        y += HEIGHT + BETWEEN
    return boxes


def _middle(label: str, edges: list[tuple[str, str]], boxes: Mapping[str, Box]) -> float:
    """Return the mean place of what `label` builds on, so that few arrows cross."""
    places = [boxes[a].x for a, b in edges if b == label and a in boxes]
    return sum(places) / len(places) if places else 0.0


def _arrow(start: Box, end: Box, *, back: bool) -> str:
    x_0, y_0 = start.x + start.width / 2, start.y + HEIGHT
    x_1, y_1 = end.x + end.width / 2, end.y
    bend = max(BETWEEN / 2, abs(y_1 - y_0) / 3)
    path = (
        f"M{x_0:.1f} {y_0:.1f}C{x_0:.1f} {y_0 + bend:.1f} {x_1:.1f} {y_1 - bend:.1f} "
        f"{x_1:.1f} {y_1:.1f}m-3.5 -6l3.5 6l3.5 -6"
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
