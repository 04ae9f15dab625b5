"""The computational graph of the network: values flow right, derivatives flow back below them."""

from collections.abc import Iterator

FORWARD = "var(--drawing-forward)"
BACKWARD = "var(--drawing-backward)"
RADIUS = 12.5
STEP = 46
# One unit is one pixel on a phone of 360 pixels; three rows above the middle mirror three below.
WIDTH, HEIGHT = 360, 262
PARAMETERS, VALUES, DERIVATIVES, GRADIENTS = 22, 84, 172, 236

COLUMNS = [("x", "0"), ("z", "0"), ("x", "1"), ("z", "1"), None, ("x", "M"), ("z", "M"), ("L", "")]


def centre(column: int) -> float:
    return 19 + STEP * column


def letter(name: str, index: str = "") -> str:
    kind = "index" if index.isdigit() else "letter index"
    lowered = f'<tspan class="{kind}" dy="3">{index}</tspan>' if index else ""
    return f'<tspan class="letter">{name}</tspan>{lowered}'


def text(x: float, y: float, content: str, kind: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{content}</text>'


def arrow(start: tuple[float, float], end: tuple[float, float], kind: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" '
        f'class="{kind}" marker-end="url(#{kind})"/>'
    )


def circle(column: int, y: float, kind: str) -> str:
    return f'<circle cx="{centre(column):g}" cy="{y:g}" r="{RADIUS:g}" class="{kind}"/>'


def head(kind: str, colour: str) -> str:
    return (
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0.8 8 4 0 7.2z" fill="{colour}"/></marker>'
    )


def node(column: int, name: str, index: str) -> Iterator[str]:
    x = centre(column)
    yield circle(column, VALUES, "forward")
    yield text(x, VALUES + 4, letter(name, index))
    yield f'<line x1="{x:g}" y1="{VALUES + 15}" x2="{x:g}" y2="{DERIVATIVES - 19}" class="kept"/>'
    yield from derivative(x, DERIVATIVES, name, index)


def derivative(x: float, y: float, name: str, index: str) -> Iterator[str]:
    """Write ∂L over ∂name."""
    if name == "L":
        yield text(x, y + 4, "1", "backward-text")
        return
    yield text(x, y - 4, f"∂{letter('L')}", "backward-text")
    yield f'<line x1="{x - 11:g}" y1="{y:g}" x2="{x + 11:g}" y2="{y:g}" class="bar"/>'
    yield text(x, y + 11, f"∂{letter(name, index)}", "backward-text")


def links(column: int) -> Iterator[str]:
    """Join this column to the next, both ways."""
    left, right = centre(column) + RADIUS + 2, centre(column + 1) - RADIUS - 2
    yield arrow((left, VALUES), (right, VALUES), "forward")
    yield arrow((right, DERIVATIVES), (left, DERIVATIVES), "backward")


def parameters(column: int, index: str) -> Iterator[str]:
    x = centre(column)
    yield text(x, PARAMETERS, f"{letter('b', index)}<tspan dy='-3'>, </tspan>{letter('W', index)}")
    yield arrow((x, PARAMETERS + 9), (x, VALUES - RADIUS - 2), "forward")
    yield arrow((x, DERIVATIVES + 18), (x, GRADIENTS - 18), "backward")
    for offset, name in ((-15, "b"), (15, "W")):
        yield from derivative(x + offset, GRADIENTS, name, index)


def action(column: int, y: float, content: str, kind: str) -> str:
    """Name what acts between this column and the next."""
    return text(centre(column) + STEP / 2, y - 7, content, f"small {kind}")


def actions() -> Iterator[str]:
    """Name every step, but for the affine maps: their parameters are named where they enter."""
    transposed = '<tspan class="index" dy="-4">T</tspan>'
    for column in (0, 2, 5):
        yield action(column, DERIVATIVES, letter("W") + transposed, "backward-text")
    for column in (1, 3):
        yield action(column, VALUES, letter("f"), "forward-text")
        yield action(column, DERIVATIVES, "I", "backward-text")
    yield action(6, VALUES, "loss", "forward-text")


def parts() -> Iterator[str]:
    for column, name in enumerate(COLUMNS):
        if name is None:
            yield text(centre(column), VALUES + 4, "⋯")
            yield text(centre(column), DERIVATIVES + 4, "⋯", "backward-text")
            continue
        yield from node(column, *name)
        if name[0] == "z":
            yield from parameters(column, name[1])
    for column in range(len(COLUMNS) - 1):
        yield from links(column)
    yield from actions()


STYLE = f"""
text {{ font: 13px KaTeX_Main, "Times New Roman", serif; text-anchor: middle; fill: currentColor }}
.letter {{ font-family: KaTeX_Math, "Times New Roman", serif; font-style: italic }}
.index {{ font-size: 70% }}
text.small {{ font-size: 10.5px }}
text.forward-text {{ fill: {FORWARD} }}
text.backward-text {{ fill: {BACKWARD} }}
circle {{ fill: none; stroke-width: 1.2 }}
.forward {{ stroke: {FORWARD}; stroke-width: 1.4 }}
.backward {{ stroke: {BACKWARD}; stroke-width: 1.4 }}
.bar {{ stroke: {BACKWARD}; stroke-width: 0.8 }}
.kept {{ stroke: var(--drawing-faint); stroke-dasharray: 2 3 }}
"""


def draw() -> str:
    heads = head("forward", FORWARD) + head("backward", BACKWARD)
    scoped = f"<style>.computational-graph {{ {STYLE} }}</style>"
    body = "\n".join(parts())
    return (
        f'<svg class="computational-graph" viewBox="0 0 {WIDTH} {HEIGHT}" width="620" '
        f'xmlns="http://www.w3.org/2000/svg">{scoped}<defs>{heads}</defs>{body}</svg>'
    )
