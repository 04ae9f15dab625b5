"""What Sphinx shows of the results: a badge by each equation, the table of all, their graph."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.writers.html5 import HTML5Translator

from backproof.checking.report import Outcome, Report, Result
from backproof.dependencies import STATES, svg
from backproof.printing import Failure, failure

SIGNS = {
    Outcome.PROVED: "✓",
    Outcome.AGREES: "✓",
    Outcome.TAKEN: "≔",
    Outcome.WRONG: "✗",
    Outcome.OUTSIDE: "–",
    Outcome.DIFFERS: "✗",
    Outcome.CANNOT_TELL: "?",
    Outcome.REFUSED: "✗",
}

MOST_LETTERS = 120
"""Letters of a text that stands in one line."""
MOST_LATEX = 600
"""Letters of a formula that is shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A result and where a link finds its equation; `uri` is "" where links do not lead."""

    result: Result
    uri: str = ""

    @property
    def name(self) -> str:
        """Return the label, or else the place."""
        equation = self.result.equation
        return equation.label or f"{equation.path}:{equation.line}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a page: its report, the id of each equation, and whether it shows all."""

    report: Report
    anchors: tuple[str, ...] = ()
    shows_all: bool = False


class placeholder(nodes.General, nodes.Element):  # noqa: N801  nodes of docutils are written so
    """Stands for the table, or the graph, of all results until they are known."""


class EvidenceDirective(Directive):
    """The table of the results of the whole project, and how many there are of each kind."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for it."""
        return [placeholder(shows="evidence")]


class GraphDirective(Directive):
    """The graph of the labelled equations of the whole project."""

    def run(self) -> list[nodes.Node]:
        """Leave a place for it."""
        return [placeholder(shows="graph")]


class badge(nodes.General, nodes.Element):  # noqa: N801  nodes of docutils are written so
    """A result that opens: a line that says what, and below it why."""


def visit_badge(self: HTML5Translator, node: badge) -> None:
    """Open a `<details>` with its summary."""
    summary = self.starttag({}, "summary", "", title=node["tip"])
    self.body.append(self.starttag(node, "details"))
    self.body.append(f"{summary}{self.encode(node['text'])}</summary>\n")


def depart_badge(self: HTML5Translator, node: badge) -> None:  # noqa: ARG001  Sphinx passes it
    """Close it."""
    self.body.append("</details>\n")


def badge_of(result: Result, anchor: str) -> badge:
    """Return the badge of one equation; `anchor` is its id on the page."""
    kind = result.outcome.name.lower().replace("_", "-")
    node = badge(ids=[anchor], classes=["backproof-badge", f"backproof-{kind}"])
    node["text"] = f"{SIGNS[result.outcome]} {result.outcome}"
    node["tip"] = capped(": ".join(filter(None, (result.claim, result.scope))))
    node.append(_definitions(_details(result)))
    return node


def _details(result: Result) -> Iterator[tuple[str, nodes.Node]]:
    yield "what", nodes.Text(result.claim)
    if result.scope:
        yield "for", nodes.Text(result.scope)
    if result.shapes:
        yield "shapes", nodes.Text(result.shapes)
    if result.typeset:
        yield "read as", nodes.math(result.typeset, result.typeset)
    if result.index_form:
        yield "entries", _entries(result.index_form)
    if result.held_to:
        yield "computed by", nodes.literal(result.held_to, result.held_to)
    if result.uses:
        yield "builds on", nodes.Text(", ".join(result.uses))
    wrong = failure(result)
    if wrong:
        yield "problem", nodes.Text(f"{wrong.refusal}")


def _entries(index_form: str) -> nodes.Node:
    """Return the sums over entries; past what anybody reads, only how long they are."""
    if len(index_form) > MOST_LATEX:
        return nodes.Text(f"too long to be shown: {len(index_form)} letters")
    return nodes.math(index_form, index_form)


def capped(text: str) -> str:
    """Return what a tip or a cell of the table holds of a text; the badge itself shows it all."""
    return textwrap.shorten(text, MOST_LETTERS, placeholder=" …")


def _definitions(pairs: Iterable[tuple[str, nodes.Node]]) -> nodes.definition_list:
    rows = nodes.definition_list()
    for name, content in pairs:
        term, definition = nodes.term(name, name), nodes.definition()
        definition += nodes.paragraph("", "", content)
        rows += nodes.definition_list_item("", term, definition)
    return rows


def table(rows: Iterable[Shown]) -> nodes.table:
    """Return the table of all results."""
    titles = ("equation", "verdict", "what", "for", "code")
    group = nodes.tgroup(cols=len(titles))
    group += [nodes.colspec(colwidth=width) for width in (16, 11, 13, 45, 15)]
    group += nodes.thead("", _row(nodes.Text(title) for title in titles))
    group += nodes.tbody("", *(_row(_cells(row)) for row in rows))
    return nodes.table("", group, classes=["backproof-evidence"])


def _cells(row: Shown) -> Iterator[nodes.Node]:
    result = row.result
    yield _link(row) if row.uri else nodes.Text(row.name)
    yield nodes.Text(f"{SIGNS[result.outcome]} {result.outcome}")
    wrong = failure(result)
    yield nodes.Text(str(wrong.refusal) if wrong else capped(result.claim))
    yield nodes.Text(capped(result.scope))
    yield nodes.literal("", result.held_to) if result.held_to else nodes.Text("")


def _link(row: Shown) -> nodes.reference:
    return nodes.reference("", row.name, refuri=row.uri, internal=True)


def _row(cells: Iterable[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def problems(found: Iterable[Failure]) -> list[nodes.Node]:
    """Return what is wrong outside the equations, as a list if there is anything."""
    items = [nodes.list_item("", nodes.paragraph("", str(each))) for each in found]
    return [nodes.bullet_list("", *items)] if items else []


def graph(rows: Iterable[Shown]) -> nodes.raw:
    """Return the graph of the labelled equations, with what its colours mean, as HTML."""
    rows = list(rows)
    drawing = svg([row.result for row in rows], {row.name: row.uri for row in rows if row.uri})
    legend = "".join(f'<li class="backproof-{kind}">{text}</li>' for kind, text in STATES.items())
    scroll = f'<div class="backproof-graph-scroll">{drawing}</div>'
    return nodes.raw("", f'{scroll}<ul class="backproof-legend">{legend}</ul>', format="html")
