"""Let `sphinx-build -b doctest` run the ```pycon fences, and say truly where each one stands.

The tests run the same examples another way (tests/page_examples.py); tests/test_site.py holds the
two counts equal.
"""

import itertools
import linecache
import pkgutil
from doctest import DocTestFinder
from pathlib import Path
from types import CodeType

from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.ext.doctest import DocTestBuilder, DoctestDirective
from sphinx.util.typing import ExtensionMetadata

WIDE = 92
"""What fits into the column of the text on a desktop, in characters."""


class PyconDirective(DoctestDirective):
    """A ```pycon fence; Markdown readers everywhere highlight it without knowing of Sphinx."""

    def run(self) -> list[Node]:
        # The base class decides by this name what to collect and how to highlight it.
        self.name = "doctest"
        (block,) = super().run()
        # MyST tells where the fence stands, and how many lines of it come before the text.
        block.line += self.content_offset + 1
        if is_prose(block.astext()):
            block["classes"].append("wrapped")
        return [block]


def is_prose(example: str) -> bool:
    """Return whether what is printed is too wide for the page, and no caret counts its columns."""
    printed = [line for line in example.splitlines() if not line.startswith((">>>", "..."))]
    return max(map(len, printed), default=0) > WIDE and not any("^^" in line for line in printed)


class LocatedDocTestBuilder(DocTestBuilder):
    """Report paths as seen from where the build was started, and the very line.

    Each example is compiled under a name of its own, by which Python finds the source of a function
    that the page defines: the names of the base class repeat within a page.
    """

    _numbers = itertools.count()

    def compile(self, code: str, _name: str, *how: object) -> CodeType:
        own = f"<example {next(self._numbers)}>"
        linecache.cache[own] = (len(code), None, code.splitlines(keepends=True), own)
        return super().compile(code, own, *how)

    def get_filename_for_node(self, node: Node, docname: str) -> str:
        source = Path(super().get_filename_for_node(node, docname))
        path = (Path(self.env.srcdir) / source).resolve()
        return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)

    @staticmethod
    def get_line_number(node: Node) -> int | None:
        """Count from zero, as doctest does."""
        _, _, name = (node.source or "").partition(":docstring of ")
        start = docstring_line(name) if name else 0
        return None if node.line is None or start is None else start + node.line - 1


def docstring_line(name: str) -> int | None:
    """Find where, counted from zero, the docstring of this object begins."""
    found = DocTestFinder(recurse=False).find(pkgutil.resolve_name(name), name)
    return found[0].lineno if found else None


def setup(app: Sphinx) -> ExtensionMetadata:
    app.setup_extension("sphinx.ext.doctest")
    app.add_directive("pycon", PyconDirective)
    app.add_builder(LocatedDocTestBuilder, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
