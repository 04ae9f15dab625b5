"""How tightly a piece of LaTeX holds together, and where it needs parentheses."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from backproof.equations.tree import Node


class Written(NamedTuple):
    """LaTeX with the kind of formula it is; an open one takes in what is multiplied to it."""

    text: str
    kind: str
    open: bool = False


FACTORS = ("base", "factor")
PRODUCTS = (*FACTORS, "product")
TERMS = (*PRODUCTS, "dot", "pointwise", "large")


BRACKETS = {"[": "[{}]", "(": "({})", "": "{}"}
"""The bracket around a layer or an argument."""

WRITERS: dict[type[Node], Callable[[Any], Written]] = {}
"""How a node of each class is written."""


def write(node: Node) -> Written:
    """Return `node` in LaTeX."""
    return WRITERS[type(node)](node)


def latex(node: Node) -> str:
    """Return the text of `node` in LaTeX."""
    return write(node).text


def fit(node: Node, kinds: Collection[str], *, last: bool = True) -> Written:
    """Return `node` in parentheses unless it is of one of `kinds`, and closed unless `last`."""
    written = write(node)
    if written.kind in kinds and (last or not written.open):
        return written
    return parenthesised(written)


def parenthesised(written: Written) -> Written:
    """Return what is written in parentheses, as tall as it is."""
    tall = any(command in written.text for command in (r"\frac", r"\sum", r"\prod", r"\begin"))
    return Written(rf"\left( {written.text} \right)" if tall else f"({written.text})", "base")
