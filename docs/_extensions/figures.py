"""Draw a figure while the site is built and set it into the page, in the page's own colours.

    ```{drawing} name
    :alt: what a reader who cannot see the figure has to know
    :name: fig-name

    The caption.
    ```

docs/figures/name.py is imported and its draw() returns one <svg> element. As a part of the page,
not a picture beside it, the drawing follows light and dark and needs nothing from a network.
"""

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata, OptionSpec
from sphinx.writers.html5 import HTML5Translator


class drawing(nodes.General, nodes.Element):  # noqa: N801 (docutils finds visitors by this name)
    """One drawing: `svg` for a page, `alt` for whoever cannot show it."""


class Drawing(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec: ClassVar[OptionSpec] = {
        "alt": directives.unchanged_required,
        "name": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if "alt" not in self.options or not self.content:
            raise self.error(f"the drawing {name} needs an :alt: text and a caption")
        path = Path(self.env.srcdir) / "figures" / f"{name}.py"
        if not path.exists():
            raise self.error(f"there is no figure {path}")
        for source in (path, path.with_name("style.py")):
            self.env.note_dependency(str(source))
        figure = nodes.figure("", self.drawn(path), self.caption())
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]

    def drawn(self, path: Path) -> drawing:
        svg = unique_ids(draw(path), path.stem)
        return drawing("", svg=svg, alt=" ".join(self.options["alt"].split()))

    def caption(self) -> nodes.caption:
        parsed = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        if len(parsed) != 1 or not isinstance(parsed[0], nodes.paragraph):
            raise self.error("a caption is one paragraph")
        paragraph = parsed[0]
        caption = nodes.caption(paragraph.rawsource, "", *paragraph.children)
        caption.source, caption.line = paragraph.source, paragraph.line
        return caption


def draw(path: Path) -> str:
    spec = spec_from_file_location(f"figures.{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.draw()


def unique_ids(svg: str, prefix: str) -> str:
    """Keep the ids of two drawings on one page apart."""
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", svg)


def visit_html(self: HTML5Translator, node: drawing) -> None:
    label = self.attval(node["alt"])
    self.body.append(f'<div class="drawing" role="img" aria-label="{label}">{node["svg"]}</div>\n')
    raise nodes.SkipNode


def visit_other(self: nodes.NodeVisitor, node: drawing) -> None:
    """Say in words what this format cannot show."""
    nodes.paragraph("", "", nodes.emphasis("", node["alt"])).walkabout(self)
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    # A figure script says `from style import …`, here as in a plain interpreter started beside it.
    sys.path.insert(0, str(Path(app.srcdir) / "figures"))
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (visit_other, None))
    app.add_node(drawing, html=(visit_html, None), **others)
    app.add_directive("drawing", Drawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
