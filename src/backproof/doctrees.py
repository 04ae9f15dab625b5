"""The equations of a page as Sphinx has read it: all that its readers see, whatever the source.

What Sphinx says about places ends at the line of a block, so each formula is looked up in the
text of its file: a caret needs the column.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from docutils import nodes

from backproof.equations import front_matter, markdown
from backproof.equations.documents import Declaration, Document, Item, assemble
from backproof.equations.passages import Starts, equation, line_by_line, place, without_definitions

GENERATED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The labels that MyST invents for environments of amsmath: they change with every build."""

COMMENT = re.compile(r"backproof\s*:(.*)", re.DOTALL)


class Page:
    """A doctree, the file it was read from, and the name of that file in results."""

    def __init__(self, doctree: nodes.document, path: Path, root: Path) -> None:
        """Read the page at `path`; results name files relative to `root`."""
        self.doctree, self.path, self.root = doctree, path, root
        self.displays: list[nodes.math_block] = []
        """The nodes of the equations, in the order of the document's."""

    def document(self, before: Sequence[Item], macros: str) -> Document:
        """Return the equations and declarations in reading order, after what holds everywhere.

        Raises DocumentRefusal if a line about the next equation has none.
        """
        items, defined = [*before, *self._front_matter()], [macros]
        for node in self.doctree.findall(nodes.Element):
            if isinstance(node, nodes.math_block):
                found, definitions = self._equation(node)
                items += [found] if found else []
                defined.append(definitions)
            elif isinstance(node, nodes.math):
                defined.append(without_definitions(node.astext())[0])
            else:
                items += self._declarations(node)
        name = self._shown(self.path)
        return assemble(name, items, "\n".join(filter(None, defined)))

    def _equation(self, node: nodes.math_block) -> tuple[Item | None, str]:
        text = node.astext().strip()
        starts = self._starts(node, text) or line_by_line(text, (node.line or 1) - 1)
        found, macros = equation(text, self._source(node), starts, _label(node))
        if found:
            self.displays.append(node)
        return found, macros

    def _declarations(self, node: nodes.Element) -> Iterator[Declaration]:
        text = node.astext()
        if isinstance(node, nodes.comment):
            match = COMMENT.fullmatch(text)
            said = [match[1]] if match else []
        elif isinstance(node, nodes.raw) and node.get("format") == "html":
            said = [match[1] for match in markdown.HTML_COMMENT.finditer(text)]
        else:
            return
        for line in "\n".join(said).split("\n"):
            # MyST makes one comment of several lines that each begin with %.
            text = line.strip().removeprefix("backproof:").strip()
            if text:
                starts = self._starts(node, text) or ((node.line or 1, 1),)
                yield Declaration(text, self._source(node), *starts[0])

    def _front_matter(self) -> list[Declaration]:
        lines = self._lines
        if self.path.suffix != ".md" or lines[:1] != ["---"] or "---" not in lines[1:]:
            return []
        content = "\n".join(lines[1 : lines.index("---", 1)])
        return front_matter.declarations(content, self._shown(self.path))

    @cached_property
    def _lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8-sig").split("\n")

    def _starts(self, node: nodes.Element, text: str) -> Starts | None:
        """Return where `text` stands: the place nearest to the line that the node is said to have.

        Only the page's own file is searched: what stands in another keeps the node's line.
        """
        if not text or self._source(node) != self._shown(self.path):
            return None
        near = node.line or 1
        return min(self._places(text), key=lambda starts: abs(starts[0][0] - near), default=None)

    def _places(self, text: str) -> Iterator[Starts]:
        row = 0
        while starts := place(text, self._lines, row):
            yield starts
            row = starts[0][0]

    def _source(self, node: nodes.Element) -> str:
        return self._shown(Path(node.source)) if node.source else self._shown(self.path)

    def _shown(self, path: Path) -> str:
        return (
            path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
        )


def _label(node: nodes.math_block) -> str:
    label: str = node.get("label") or ""
    return "" if GENERATED.fullmatch(label) else label


def anchor_of(node: nodes.math_block) -> str:
    """Return the id by which a link finds the equation, or "" if it has none that lasts."""
    return str(node["ids"][0]) if _label(node) and node["ids"] else ""


def everywhere(lines: Sequence[str]) -> list[Declaration]:
    """Return what conf.py declares for every page."""
    return [Declaration(line, "conf.py", 1, 1) for line in lines]


def written_out(macros: dict[str, str | Sequence[object]]) -> str:
    r"""Return macros as MathJax and KaTeX have them in the words of LaTeX.

    {"v": [r"\boldsymbol{#1}", 1]} becomes \newcommand{\v}[1]{\boldsymbol{#1}}.
    """
    lines = []
    for name, value in macros.items():
        body, *rest = [value] if isinstance(value, str) else value
        count = rest[0] if rest else max(map(int, re.findall(r"#(\d)", str(body))), default=0)
        default = f"[{rest[1]}]" if len(rest) > 1 else ""
        arguments = f"[{count}]{default}" if count else ""
        lines.append(rf"\newcommand{{\{name.removeprefix(chr(92))}}}{arguments}{{{body}}}")
    return "\n".join(lines)
