"""Notebooks: the Markdown cells, each with the name of its notebook and its number, from 1."""

import json

from backproof.equations import markdown
from backproof.equations.documents import DocumentRefusal, Item


def passages(text: str, path: str) -> tuple[list[Item], str]:
    """Return the equations and declarations of the Markdown cells, and their macros.

    The path of what stands in the third cell of a.ipynb is a.ipynb#cell3, and its line counts
    within the cell.  Raises DocumentRefusal for what is no notebook.
    """
    items: list[Item] = []
    macros: list[str] = []
    for number, source in _cells(text, path):
        found, defined = markdown.passages(source, f"{path}#cell{number}")
        items += found
        macros += [defined] if defined else []
    return items, "\n".join(macros)


def _cells(text: str, path: str) -> list[tuple[int, str]]:
    try:
        cells = json.loads(text)["cells"]
        return [
            (number, "".join(cell["source"]))
            for number, cell in enumerate(cells, start=1)
            if cell["cell_type"] == "markdown"
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        message = "this is not a notebook of format 4: no list of cells with a source each."
        mend = "Open it in Jupyter and save it again."
        raise DocumentRefusal("BP402", message, (path, 1, 1), mend) from None
