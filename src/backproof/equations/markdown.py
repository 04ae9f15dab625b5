r"""Markdown: the dialects of MyST, GitHub and notebooks, read from the tokens of a real parser.

Displayed are `$$ … $$`, with or without a `(label)` after it; math directives and math fences;
the environments of amsmath.  Directives hold Markdown again; code is never read.  Declarations
stand in HTML comments (`<!-- backproof … -->`), in comments of MyST (`% backproof: …`) or in the
front matter under `backproof:`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin

from backproof.equations import front_matter, restructuredtext
from backproof.equations.documents import DocumentRefusal, Item
from backproof.equations.passages import (
    Starts,
    declarations,
    equation,
    line_by_line,
    place,
    refuse_hidden_displays,
    shifted,
    without_definitions,
)

DIRECTIVE = re.compile(r"\{([^}\s]+)\}\s*(.*)", re.DOTALL)
HTML_COMMENT = re.compile(r"<!--\s*backproof\b:?(.*?)-->", re.DOTALL)
LINE_COMMENT = re.compile(r"\s*backproof\s*:(.*)", re.DOTALL)


@cache
def _parser() -> MarkdownIt:
    """Return a parser that knows all that may hold a formula, or hide one in an indented block."""
    parser = MarkdownIt("commonmark").enable("table").disable("text_join")
    for plugin in (
        front_matter_plugin,
        amsmath_plugin,
        myst_block_plugin,
        colon_fence_plugin,
        deflist_plugin,
        footnote_plugin,
        admon_plugin,
    ):
        parser.use(plugin)
    return parser.use(dollarmath_plugin, double_inline=True)


def passages(text: str, path: str) -> tuple[list[Item], str]:
    """Return the equations and declarations of `text` in reading order, and its macros.

    Raises DocumentRefusal where a formula is opened and not closed.
    """
    reader = _Reader(text, path)
    for token in _parser().parse(text):
        reader.block(token)
    refuse_hidden_displays("\n".join(reader.macros), path)
    return sorted(reader.items, key=lambda item: (item.line, item.column)), "\n".join(reader.macros)


class _Reader:
    """What was found so far in one text."""

    def __init__(self, text: str, path: str) -> None:
        self.lines, self.path = text.split("\n"), path
        self.items: list[Item] = []
        self.macros: list[str] = []

    def block(self, token: Token) -> None:
        """Read one block; its kind says how."""
        row = token.map[0] if token.map else 0
        if token.type in ("math_block", "math_block_label"):
            column = self.lines[row].find("$$") + 2
            self.equation(token.content, row, column, token.info)
        elif token.type == "amsmath":
            self.equation(token.content, row)
        elif token.type in ("fence", "colon_fence"):
            self.fence(token, row)
        elif token.type == "front_matter":
            self.items += front_matter.declarations(token.content, self.path)
        elif token.type == "html_block":
            self.comments(token.content, row)
        elif token.type == "myst_line_comment":
            self.line_comments(token.content, row)
        elif token.type == "inline":
            self.inline(token, row)

    def equation(self, raw: str, row: int, column: int = 0, label: str = "") -> None:
        """Keep an equation, and the macros defined in it."""
        text = raw.strip()
        starts = text and place(text, self.lines, row, column)
        starts = starts or line_by_line(text, row, column)
        self.keep(*equation(text, self.path, starts, label))

    def keep(self, found: Item | None, macros: str) -> None:
        if found:
            self.items.append(found)
        if macros:
            self.macros.append(macros)

    def fence(self, token: Token, row: int) -> None:
        """Read a fence: a formula, more Markdown, or code, which is left alone."""
        match = DIRECTIVE.fullmatch(token.info.strip())
        if token.type == "fence" and not match:
            if token.info.strip() == "math":
                self.equation(token.content, row + 1)
            return
        name, argument = match.groups() if match else ("", "")
        if name == "math":
            self.directive(argument, token.content, row)
        elif name not in restructuredtext.VERBATIM:
            self.nested(name, token.content, row + 1)

    def nested(self, name: str, content: str, row: int) -> None:
        read = restructuredtext.passages if name == "eval-rst" else passages
        items, macros = read(content, self.path)
        self.items += shifted(items, content.split("\n"), self.lines, row)
        self.keep(None, macros)

    def directive(self, argument: str, content: str, row: int) -> None:
        """Read a math directive: its argument, its content, or one below the other."""
        label, options = _options(content)
        body = "\n".join(content.split("\n")[options:])
        if not argument:
            self.equation(body, row + 1 + options, label=label)
            return
        column = self.lines[row].find(argument, self.lines[row].find("}"))
        starts: Starts = ((row + 1, column + 1),)
        if body.strip():
            text, below = body.strip(), row + 1 + options
            found = place(text, self.lines, below) or line_by_line(text, below)
            argument, starts = f"{argument}\n\n{text}", (*starts, (row + 2, 1), *found)
        self.keep(*equation(argument, self.path, starts, label))

    def comments(self, html: str, row: int) -> None:
        for match in HTML_COMMENT.finditer(html):
            self.items += declarations(match[1], self.path, self.lines, row)

    def line_comments(self, text: str, row: int) -> None:
        for number, line in enumerate(text.split("\n")):
            if match := LINE_COMMENT.fullmatch(line):
                self.items += declarations(match[1], self.path, self.lines, row + number)

    def inline(self, token: Token, row: int) -> None:
        """Read a paragraph: formulas displayed within it, comments, definitions of macros."""
        self.keep(None, without_definitions(token.content)[0])
        column = 0
        for child in _leaves(token):
            if child.type == "math_inline_double":
                row, column = self.inline_equation(child.content, row, column)
            elif child.type == "html_inline":
                self.comments(child.content, row)
            elif child.type == "text" and "$$" in child.content:
                self.refuse_unclosed(row)

    def inline_equation(self, raw: str, row: int, column: int) -> tuple[int, int]:
        text, opening = raw.strip(), "$$" + raw.partition("\n")[0].rstrip()
        (line, begin), *_ = place(opening, self.lines, row, column) or ((row + 1, column + 1),)
        self.equation(text, line - 1, begin + 1)
        return line - 1, begin + 1

    def refuse_unclosed(self, row: int) -> None:
        (line, column), *_ = place("$$", self.lines, row) or ((row + 1, 1),)
        raise DocumentRefusal(
            "BP402",
            "$$ opens a formula that does not end.",
            (self.path, line, column),
            "Close it with $$ before the next blank line, or write \\$\\$ for two dollars.",
        )


def _leaves(token: Token) -> Iterator[Token]:
    for child in token.children or ():
        yield child
        yield from _leaves(child)


def _options(content: str) -> tuple[str, int]:
    """Return the label and the number of lines that the options of a directive take."""
    lines = content.split("\n")
    fenced = lines[0].strip() == "---" and "---" in lines[1:]
    count = lines.index("---", 1) + 1 if fenced else _leading(lines)
    for line in lines[:count]:
        if match := re.fullmatch(r":?\s*(?:label|name):\s*(.+)", line.strip()):
            return match[1].strip().strip("\"'"), count
    return "", count


def _leading(lines: Sequence[str]) -> int:
    options = (re.match(r"\s*:[\w-]+:", line) is not None for line in lines)
    return next((number for number, option in enumerate(options) if not option), len(lines))
