"""Show what `make bench` recorded, part by part.

    ```{measured} speed gradients
    ```

The first argument names the record, docs/speed.json or docs/memory.json, the second the part.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from compared import definitions, table, with_code
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

Record = dict[str, Any]


def setting(record: Record) -> list[nodes.Node]:
    packages = ", ".join(f"{name} {number}" for name, number in record["packages"].items())
    text = (
        f"Measured on {record['date']}: {record['machine']}, load {record['load']}, "
        f"Python {record['python']}, {packages}."
    )
    return [nodes.paragraph("", text)]


def orders(record: Record) -> list[nodes.Node]:
    names = list(next(iter(record["depths"].values())))
    rows = [
        (maps, *(_slabs_and_time(found[name]) for name in names))
        for maps, found in record["depths"].items()
    ]
    return [table(("maps", *(f"{name}: slabs, time" for name in names)), rows)]


def _slabs_and_time(found: Record) -> str:
    return f"{found['slabs']:.1f}, {found['of store all'][1]:.2f}"


def gradients(record: Record, threads: int) -> Iterator[nodes.Node]:
    """A table for each dtype: the plan beside its products, and the others beside the plan."""
    chosen = [each for each in of_kind(record, "gradient") if each["threads"] == threads]
    if not chosen:
        yield nodes.paragraph("", "Not measured in this record.")
    for dtype in ("float32", "float64"):
        results = [each for each in chosen if each["dtype"] == dtype]
        if not results:
            return
        peers = [name for name in results[-1]["times"] if name not in ("plan", "products only")]
        rows = [
            (
                network(each),
                number(each["times"]["plan"]["microseconds"]),
                f"{each['times']['plan']['of first'][1]:.2f}",
                *(f"{each['times'][name]['of plan'][1]:.2f}" for name in peers),
            )
            for each in results
        ]
        yield nodes.rubric("", dtype)
        yield table(("network, batch", "plan in µs", "plan over products", *peers), rows)


def aims(record: Record) -> list[nodes.Node]:
    """What was aimed at on one thread, beside what was measured."""
    rows = []
    for case, (below, aim) in record["aims"].items():
        found = {
            each["dtype"]: each["times"]["plan"]["of first"][1]
            / each["times"][below]["of first"][1]
            for each in of_kind(record, "gradient")
            if each["case"] == case and each["threads"] == 1
        }
        shown = (f"{found[d]:.2f}{', missed' * (found[d] > aim)}" for d in ("float32", "float64"))
        about = next(each for each in of_kind(record, "gradient") if each["case"] == case)
        rows.append((network(about), below, f"{aim:.2f}", *shown))
    return [table(("network, batch", "over", "aim", "float32", "float64"), rows)]


def number(value: float) -> str:
    """Return three digits, or all before the point where these are more."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def network(result: Record) -> str:
    widths = result["widths"]
    if len(widths) > 4 and len(set(widths)) == 1:
        return f"{len(widths) - 1} maps of {widths[0]}, {result['N']}"
    return f"{'-'.join(map(str, widths))}, {result['N']}"


def epochs(record: Record) -> list[nodes.Node]:
    results = of_kind(record, "epoch")
    peers = [name for name in results[0]["times"] if name != "plan"]
    rows = [
        (
            each["case"],
            number(each["times"]["plan"]["microseconds"] / 1e3),
            *(f"{each['times'][name]['of plan'][1]:.2f}" for name in peers),
        )
        for each in results
    ]
    return [table(("data", "plan in ms", *peers), rows)]


def norms(record: Record) -> list[nodes.Node]:
    results = of_kind(record, "norms")
    ways = [name for name in results[0]["times"] if name != "plan"]
    rows = [
        (network(each), *(f"{each['times'][name]['of plan'][1]:.2f}" for name in ways))
        for each in results
    ]
    return [table(("network, batch", *ways), rows)]


def of_kind(record: Record, kind: str) -> list[Record]:
    return [each for each in record["results"] if each["kind"] == kind]


def peers(record: Record) -> list[nodes.Node]:
    found = {name: nodes.paragraph("", "", *with_code(how)) for name, how in record["how"].items()}
    return [definitions(found)]


PARTS: dict[str, Callable[[Record], Any]] = {
    "memory setting": setting,
    "memory table": orders,
    "speed setting": setting,
    "speed gradients": lambda record: gradients(record, 1),
    "speed aims": aims,
    "speed threads": lambda record: gradients(record, 2),
    "speed epochs": epochs,
    "speed norms": norms,
    "speed peers": peers,
}


class Measured(SphinxDirective):
    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        part = " ".join(self.arguments)
        if part not in PARTS:
            raise self.error(f"there is no part {part}; known are {', '.join(PARTS)}")
        path = Path(self.env.srcdir) / f"{self.arguments[0]}.json"
        self.env.note_dependency(str(path))
        return list(PARTS[part](json.loads(path.read_text(encoding="utf-8"))))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("measured", Measured)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
