"""Typeset every formula while the site is built: HTML to look at, MathML to be read aloud.

KaTeX runs inside the build, so that a page needs neither JavaScript nor a network, and a formula
that KaTeX cannot read is a warning with its file and line instead of a red box on the page.
"""

import json
import shutil
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

KATEX = files("djangocms_katex") / "static/djangocms_katex/vendor/katex"

# The detour over an array: QuickJS hands out flat strings only, and KaTeX's result is a rope.
TYPESET = """
function typeset(tex, display, macros) {
  const options = {displayMode: display, macros: JSON.parse(macros), strict: "error"};
  return Array.from(katex.renderToString(tex, options)).join("");
}
"""


@cache
def engine() -> quickjs.Context:
    context = quickjs.Context()
    context.eval((KATEX / "katex.min.js").read_text(encoding="utf-8"))
    context.eval(TYPESET)
    return context


@cache
def typeset(tex: str, display: bool, macros: str) -> str:  # noqa: FBT001 (KaTeX's own switch)
    return engine().get("typeset")(tex, display, macros)


def rendered(self: HTML5Translator, node: nodes.math | nodes.math_block) -> str:
    display = isinstance(node, nodes.math_block)
    try:
        return typeset(node.astext(), display, json.dumps(self.config.katex_macros))
    except quickjs.JSException as error:
        reason = str(error).splitlines()[0]
        logger.warning("%s", reason, location=located(node), type="katex")
        return f"<code>{self.encode(node.astext())}</code>"


def located(node: nodes.Node) -> nodes.Node:
    """Find the nearest node that knows its line: MyST tells it for blocks only."""
    while node.line is None and node.parent is not None:
        node = node.parent
    return node


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(rendered(self, node))
    raise nodes.SkipNode


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="formula"))
    # No tabindex: browsers make a box that scrolls, and only such a box, reachable by keyboard.
    self.body.append(f'<div class="formula-scroll">{rendered(self, node)}</div>')
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def copy_assets(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    with as_file(KATEX) as katex:
        shutil.copy(katex / "katex.min.css", target)
        for font in (katex / "fonts").glob("*.woff2"):
            shutil.copy(font, target / "fonts")


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_config_value("katex_macros", {}, "html", types=frozenset({dict}))
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("builder-inited", copy_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
