"""One layer of the network: what flows through it forward and backward, and in which shape.

`python docs/figures/forward_backward.py > docs/_static/flow.svg` draws it for the README, where no
style sheet of ours is at hand.
"""

import sys
from collections.abc import Iterator

from computational_graph import BACKWARD, FORWARD, STYLE, arrow, derivative, head, letter, text

# One unit is one pixel on a phone of 360 pixels.
WIDTH, HEIGHT = 360, 268
LEFT, MIDDLE, RIGHT = 36, 180, 324
VALUES, DERIVATIVES, GRADIENTS = 54, 148, 232
BOX = 30
BETWEEN = ((LEFT, MIDDLE), (MIDDLE, RIGHT))


def index(of: str) -> str:
    return f'<tspan font-style="italic">{of}</tspan>'


def box(x: float, y: float, content: str, kind: str) -> Iterator[str]:
    yield (
        f'<rect x="{x - BOX:g}" y="{y - 13:g}" width="{2 * BOX}" height="26" rx="5" '
        f'fill="none" class="{kind}"/>'
    )
    yield text(x, y + 4, content, f"small {kind}-text")


def shape(x: float, y: float, rows: str, kind: str) -> str:
    return text(x, y, f"{letter('D', index(rows))}<tspan dy='-3'> × </tspan>{letter('N')}", kind)


def values() -> Iterator[str]:
    for x, name, number, rows in (
        (LEFT, "x", "k", "k"),
        (MIDDLE, "z", "k", "k+1"),
        (RIGHT, "x", "k+1", "k+1"),
    ):
        yield text(x, VALUES + 4, letter(name, index(number)), "forward-text")
        yield shape(x, VALUES - 20, rows, "small")
        yield from derivative(x, DERIVATIVES, name, index(number))
    raised = "<tspan dy='-3'> · + </tspan>"
    affine = f"{letter('W', index('k'))}{raised}{letter('b', index('k'))}"
    back = (
        f"{letter('W', index('k'))}<tspan class='index' dy='-9'>T</tspan><tspan dy='6'> ·</tspan>"
    )
    mask = f"f’[{letter('z', index('k'))}<tspan dy='-3'>] ⊙</tspan>"
    contents = ((affine, back), ("f", mask))
    for (start, end), (ahead, behind) in zip(BETWEEN, contents, strict=True):
        centre = (start + end) / 2
        yield from box(centre, VALUES, ahead, "forward")
        yield from box(centre, DERIVATIVES, behind, "backward")
        for y, kind, (a, b) in (
            (VALUES, "forward", (start, end)),
            (DERIVATIVES, "backward", (end, start)),
        ):
            side = 1 if b > a else -1
            yield arrow((a + 18 * side, y), (centre - (BOX + 2) * side, y), kind)
            yield arrow((centre + (BOX + 2) * side, y), (b - 18 * side, y), kind)


def kept() -> Iterator[str]:
    """Mark what the backward pass takes from the tape."""
    for a, b in (
        ((LEFT, VALUES + 14), (LEFT + 62, GRADIENTS - 20)),
        ((MIDDLE, VALUES + 14), (MIDDLE + 46, DERIVATIVES - 16)),
    ):
        yield f'<line x1="{a[0]}" y1="{a[1]}" x2="{b[0]}" y2="{b[1]}" class="kept"/>'


def gradients() -> Iterator[str]:
    for x, name in ((MIDDLE - 72, "W"), (MIDDLE, "b")):
        yield from derivative(x, GRADIENTS, name, index("k"))
    yield arrow((MIDDLE - 8, DERIVATIVES + 22), (MIDDLE - 58, GRADIENTS - 20), "backward")
    yield arrow((MIDDLE, DERIVATIVES + 22), (MIDDLE, GRADIENTS - 20), "backward")
    transposed = f"{letter('x', index('k'))}<tspan class='index' dy='-9'>T</tspan>"
    yield text(MIDDLE - 52, DERIVATIVES + 48, f"· {transposed}", "small backward-text")
    yield text(MIDDLE + 42, DERIVATIVES + 48, "sum of columns", "small backward-text")


def draw() -> str:
    heads = head("forward", FORWARD) + head("backward", BACKWARD)
    scoped = f"<style>.forward-backward {{ {STYLE} }}</style>"
    body = "\n".join([*kept(), *values(), *gradients()])
    return (
        f'<svg class="forward-backward" viewBox="0 0 {WIDTH} {HEIGHT}" width="620" '
        f'xmlns="http://www.w3.org/2000/svg">{scoped}<defs>{heads}</defs>{body}</svg>'
    )


PALETTE = """
:root { color: #24292f; --drawing-forward: #1460aa; --drawing-backward: #b4450b;
  --drawing-faint: #8b949e }
@media (prefers-color-scheme: dark) {
  :root { color: #e6edf3; --drawing-forward: #78b7f5; --drawing-backward: #ffa366 } }
"""


def standalone() -> str:
    """Give the drawing with its own colours, for light and dark."""
    return draw().replace("<style>", f"<style>{PALETTE}", 1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(standalone())
