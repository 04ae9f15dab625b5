"""Show how many planted mistakes were found in each equation, as tests/equation_mutants.py counted.

    ```{equation-mutants}
    ```

The record is docs/mutants.json; where it has not been written yet, the page says so.
"""

import json
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

TITLES = ("equation", "planted", "refused or refuted", "true all the same")


class EquationMutants(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "mutants.json"
        self.env.note_dependency(str(path))
        if not path.exists():
            return [nodes.paragraph("", "They have not been planted since the record was deleted.")]
        record = json.loads(path.read_text(encoding="utf-8"))
        rows = [(name, each["mutants"], each["survivors"]) for name, each in sorted(record.items())]
        planted, true = (sum(row[column] for row in rows) for column in (1, 2))
        summary = (
            f"{planted} mistakes were planted in {len(rows)} equations: "
            f"{planted - true} were refused or refuted, and {true} are true all the same."
        )
        return [nodes.paragraph("", summary), table(rows)]


def table(rows: list[tuple[str, int, int]]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in TITLES), cols=len(TITLES))
    group += nodes.thead("", row(TITLES))
    lines = ((name, planted, planted - true, true) for name, planted, true in rows)
    group += nodes.tbody("", *(row(line) for line in lines))
    return nodes.table("", group)


def row(cells: tuple[object, ...]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", str(cell))) for cell in cells))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("equation-mutants", EquationMutants)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
