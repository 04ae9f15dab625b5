"""Show what `make comparison` recorded in docs/comparison.json, part by part.

    ```{comparison} table
    ```

The parts are `setting`, `cases`, `table`, `missed`, `checkers` and `messages`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

Record = dict[str, Any]
LINES, COLUMNS = 10, 100

GROUPS = {
    "right": "right",
    "visible": "wrong, and it shows at the random points",
    "elsewhere": "wrong, and it shows at other points or digits only",
    "side effects": "wrong because something is changed or kept",
}
TITLES = (
    "checker",
    "accepted: shows at the points",
    "accepted: shows elsewhere",
    "accepted: side effects",
    "false alarms",
    "cannot be run",
    "median time in ms",
)


def setting(record: Record) -> list[nodes.Node]:
    checkers = record["checkers"].values()
    packages, dates, machines, pythons = (
        ", ".join(dict.fromkeys(each[key] for each in checkers))
        for key in ("version", "date", "machine", "python")
    )
    text = f"Measured on {dates}: {machines}, Python {pythons}, {packages}."
    return [nodes.paragraph("", text)]


def cases(record: Record) -> list[nodes.Node]:
    rows = [(GROUPS[group], len(names)) for group, names in record["cases"].items()]
    return [table(("backward passes", "number"), rows)]


def results(record: Record) -> list[nodes.Node]:
    return [table(TITLES, [row_of(*item) for item in record["checkers"].items()])]


def row_of(name: str, each: Record) -> tuple[object, ...]:
    accepted = (len(names) for names in each["accepted"].values())
    return (name, *accepted, len(each["alarms"]), len(each["unable"]), each["milliseconds"])


def missed(record: Record) -> list[nodes.Node]:
    found = {
        name: nodes.paragraph("", "; ".join(each["accepted"]["visible"]) or "none")
        for name, each in record["checkers"].items()
    }
    return [definitions(found)]


def checkers(record: Record) -> list[nodes.Node]:
    found = {
        name: nodes.paragraph("", "", *with_code(each["how"]))
        for name, each in record["checkers"].items()
    }
    return [definitions(found)]


def messages(record: Record) -> Iterator[nodes.Node]:
    for case, sentence in record["shown"].items():
        yield nodes.rubric("", sentence)
        said = {name: each["messages"][case] for name, each in record["checkers"].items()}
        silent = [name for name, message in said.items() if accepts(message)]
        if silent:
            yield nodes.paragraph("", f"Accepted by {', '.join(silent)}.")
        yield definitions(
            {
                name: nodes.literal_block(trimmed(message), trimmed(message), language="none")
                for name, message in said.items()
                if not accepts(message)
            }
        )


def accepts(message: str) -> bool:
    return not message or message.startswith(("proved", "agrees"))


def trimmed(message: str) -> str:
    """Return the first lines, and of each line the beginning."""
    lines = message.strip().splitlines()
    kept = [line if len(line) <= COLUMNS else f"{line[:COLUMNS]} …" for line in lines[:LINES]]
    more = len(lines) - LINES
    return "\n".join([*kept, f"… {more} more lines"] if more > 0 else kept)


def with_code(text: str) -> Iterator[nodes.Node]:
    for index, part in enumerate(text.split("`")):
        yield nodes.literal(part, part) if index % 2 else nodes.Text(part)


def definitions(found: dict[str, nodes.Node]) -> nodes.definition_list:
    items = (
        nodes.definition_list_item("", nodes.term("", name), nodes.definition("", body))
        for name, body in found.items()
    )
    return nodes.definition_list("", *items)


def table(titles: tuple[str, ...], rows: list[tuple[object, ...]]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in titles), cols=len(titles))
    group += nodes.thead("", row(titles))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group)


def row(cells: tuple[object, ...]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", str(cell))) for cell in cells))


PARTS: dict[str, Callable[[Record], Any]] = {
    "setting": setting,
    "cases": cases,
    "table": results,
    "missed": missed,
    "checkers": checkers,
    "messages": messages,
}


class Comparison(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "comparison.json"
        self.env.note_dependency(str(path))
        if self.arguments[0] not in PARTS:
            raise self.error(f"there is no part {self.arguments[0]}; known are {', '.join(PARTS)}")
        return list(PARTS[self.arguments[0]](json.loads(path.read_text(encoding="utf-8"))))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("comparison", Comparison)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
