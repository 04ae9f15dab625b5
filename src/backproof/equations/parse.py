"""Reads a displayed equation in LaTeX: text in, tree or Refusal out, nothing else.

The stages are expansion of the author's macros, removal of layout, the grammar, and the sense of
what the grammar leaves open.  Spans of the tree are places in the author's own text throughout.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from lark import Lark, UnexpectedInput
from lark.exceptions import VisitError

from backproof.equations.complaints import explain
from backproof.equations.macros import Macro, expand
from backproof.equations.names import DEFAULT_FUNCTIONS
from backproof.equations.normalise import normalise
from backproof.equations.operations import Operations
from backproof.equations.quantities import Quantities
from backproof.equations.refusal import Refusal
from backproof.equations.source import MAX_LENGTH
from backproof.equations.statements import Statements
from backproof.equations.tree import Display, Node, Span

MAX_NESTING = 100
"""Nodes within one another, from the top of a tree to a letter."""


class Reading(Quantities, Operations, Statements):
    """The whole way from the grammar's parse to the tree."""


def parse(
    source: str,
    *,
    functions: Iterable[str] = DEFAULT_FUNCTIONS,
    macros: Mapping[str, Macro] | None = None,
    declared: Iterable[str] = (),
) -> Display:
    r"""Return the tree of a displayed equation.

    A bracket behind one of `functions`, or behind a word such as softmax, holds its argument;
    behind any other name it is a factor.  Names in `declared` have a meaning of their own: a
    declared T is no transpose and a declared d no differential.  Raises Refusal BP101 to BP105 or
    BP205, with its place in `source`.
    """
    display = _parsed(source, "display", functions, macros or {}, declared)
    assert isinstance(display, Display)  # noqa: S101  the rule `display` builds nothing else
    return display


def parse_expression(
    source: str,
    *,
    functions: Iterable[str] = DEFAULT_FUNCTIONS,
    macros: Mapping[str, Macro] | None = None,
    declared: Iterable[str] = (),
) -> Node:
    """Return the tree of one quantity; the arguments and errors are those of `parse`."""
    return _parsed(source, "expression", functions, macros or {}, declared)


def _parsed(
    source: str,
    start: str,
    functions: Iterable[str],
    macros: Mapping[str, Macro],
    declared: Iterable[str],
) -> Node:
    if len(source) > MAX_LENGTH:
        raise Refusal("BP104", f"The formula has over {MAX_LENGTH} letters.", Span(0, len(source)))
    text = normalise(expand(source, macros), len(source))
    try:
        parsed = grammar().parse(text.text, start=start)
        tree: Node = Reading(text, frozenset(functions), frozenset(declared)).transform(parsed)
    except UnexpectedInput as error:
        raise explain(error, text, grammar()) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Refusal):
            raise error.orig_exc from None
        raise
    _check_depth(tree)
    return tree


@cache
def grammar() -> Lark:
    """Return the parser that grammar.lark describes, built once."""
    return Lark(
        grammar_text(),
        parser="lalr",
        start=["display", "expression"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def grammar_text() -> str:
    """Return grammar.lark, which documents the language."""
    return files("backproof.equations").joinpath("grammar.lark").read_text(encoding="utf-8")


def _check_depth(tree: Node) -> None:
    level = [tree]
    for _ in range(MAX_NESTING):
        level = [child for node in level for child in node.children()]
        if not level:
            return
    raise Refusal("BP104", f"Over {MAX_NESTING} operations within one another.", level[0].span)
