r"""From the tree back to LaTeX, in the one spelling of the book.

Parentheses stand only where the grammar needs them: reading what is typeset gives the same tree.
"""

from collections.abc import Callable
from typing import Any

from backproof.equations import tree
from backproof.equations.lettering import LETTERING
from backproof.equations.names import FUNCTIONS
from backproof.equations.signs import COMMANDS
from backproof.equations.tree import Node
from backproof.equations.written import (
    BRACKETS,
    FACTORS,
    PRODUCTS,
    TERMS,
    WRITERS,
    Written,
    fit,
    latex,
    parenthesised,
)

ROUND = FUNCTIONS | {"diag", "tr", "trace"}
"""Functions whose argument is written in parentheses; elsewhere the book has f[z]."""


def typeset(node: Node) -> str:
    """Return LaTeX that reads as `node`; reasons and remarks are left out."""
    return latex(node)


# Functions.


def _apply(node: tree.Apply) -> Written:
    names = [part.name for part in node.function.walk() if isinstance(part, tree.Name)]
    bracket = "(" if names[0] in ROUND else "["
    return Written(latex(node.function) + BRACKETS[bracket].format(_listed(node)), "base")


def _listed(node: tree.Apply | tree.Tuple) -> str:
    items = node.arguments if isinstance(node, tree.Apply) else node.items
    return ", ".join(latex(item) for item in items)


def _indicator(node: tree.Indicator) -> Written:
    return Written(rf"\mathbb{{I}}[{latex(node.condition)}]", "base")


# Sums and products.


def _plus(sign: str) -> Callable[[Any], Written]:
    def write(node: tree.Add | tree.Subtract) -> Written:
        return Written(f"{latex(node.left)} {sign} {fit(node.right, TERMS).text}", "sum")

    return write


def _negative(node: tree.Negative) -> Written:
    return Written(f"-{fit(node.arg, TERMS).text}", "sum")


def _product(node: tree.Product) -> Written:
    left, right = fit(node.left, PRODUCTS, last=False), fit(node.right, (*FACTORS, "large"))
    if isinstance(node.right, tree.Dots):
        right = Written(r"\cdots", "base")
    if isinstance(_core(node.right), tree.Number | tree.Tuple):
        right = parenthesised(right)
    last = node.left.right if isinstance(node.left, tree.Product) else node.left
    if right.text.startswith(("(", r"\left(")) and _seems_function(last):
        left = parenthesised(left)
    tall = any(isinstance(part, tree.Derivative | tree.Quotient) for part in (last, node.right))
    space = r" \, " if tall else " "
    return Written(left.text + space + right.text, "product", right.open)


def _core(node: Node) -> Node:
    """Return what scripts and primes hang on."""
    while isinstance(node, tree.Script | tree.Transpose | tree.Prime):
        node = node.base if isinstance(node, tree.Script) else node.arg
    return node


def _seems_function(node: Node) -> bool:
    """Whether a bracket behind `node` would be taken for its argument: words, and f′."""
    primed = False
    while isinstance(node, tree.Script | tree.Transpose | tree.Prime):
        primed = primed or isinstance(node, tree.Prime)
        node = node.base if isinstance(node, tree.Script) else node.arg
    return isinstance(node, tree.Text) or (primed and isinstance(node, tree.Name))


def _dot(node: tree.Dot) -> Written:
    left = fit(node.left, (*PRODUCTS, "dot"), last=False)
    right = fit(node.right, (*PRODUCTS, "large"))
    return Written(rf"{left.text} \cdot {right.text}", "dot", right.open)


def _hadamard(node: tree.Hadamard) -> Written:
    left = fit(node.left, (*FACTORS, "pointwise"), last=False)
    right = fit(node.right, (*FACTORS, "large"))
    return Written(rf"{left.text} \odot {right.text}", "pointwise", right.open)


def _sum(node: tree.Sum) -> Written:
    below = latex(node.index) + (f"={latex(node.first)}" if node.first else "")
    above = f"^{{{latex(node.last)}}}" if node.last else ""
    sign = r"\prod" if node.product else r"\sum"
    return Written(rf"{sign}_{{{below}}}{above} {fit(node.body, TERMS).text}", "large", open=True)


def _quotient(node: tree.Quotient) -> Written:
    below = latex(node.denominator)
    if _differential(node.numerator) and _differential(node.denominator):
        below = f"({below})"
    return Written(rf"\frac{{{latex(node.numerator)}}}{{{below}}}", "factor")


def _differential(node: Node) -> bool:
    while isinstance(node, tree.Product):
        node = node.left
    return node == tree.Name("d", span=node.span)


def _derivative(node: tree.Derivative) -> Written:
    of, by = (fit(part, FACTORS).text for part in (node.of, node.by))
    return Written(rf"\frac{{\partial {of}}}{{\partial {by}}}", "factor")


# Tables and whole formulas.


def _matrix(node: tree.Matrix) -> Written:
    rows = r" \\ ".join(" & ".join(latex(entry) for entry in row) for row in node.rows)
    return Written(rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}", "base")


def _cases(node: tree.Cases) -> Written:
    rows = r" \\ ".join(
        f"{latex(value)} & {_condition(condition)}"
        for value, condition in zip(node.values, node.conditions, strict=True)
    )
    return Written(rf"\begin{{cases}} {rows} \end{{cases}}", "base")


def _condition(condition: tree.Compare | None) -> str:
    return rf"\text{{if }} {latex(condition)}" if condition else r"\text{otherwise}"


def _compare(node: tree.Compare) -> Written:
    text = f"{latex(node.left)} {COMMANDS[node.relation]} {latex(node.right)}"
    return Written(text, "condition")


def _step(node: tree.Step) -> Written:
    return Written(f"{COMMANDS[node.relation]} {latex(node.side)}", "step")


def _chain(node: tree.Chain) -> Written:
    return Written(" ".join(latex(part) for part in node.children()), "chain")


def _range(node: tree.Range) -> Written:
    index, first, last = (latex(part) for part in node.children())
    return Written(rf"{index} = {first}, \dots, {last}", "chain")


def _display(node: tree.Display) -> Written:
    return Written(r", \quad ".join(latex(part) for part in node.children()), "display")


def _around(opener: str, closer: str, kind: str = "base") -> Callable[[Any], Written]:
    def write(node: Node) -> Written:
        parts = ", ".join(latex(child) for child in node.children())
        return Written(f"{opener}{parts}{closer}", kind)

    return write


WRITERS |= {
    **LETTERING,
    tree.Apply: _apply,
    tree.Indicator: _indicator,
    tree.Add: _plus("+"),
    tree.Subtract: _plus("-"),
    tree.Negative: _negative,
    tree.Product: _product,
    tree.Dot: _dot,
    tree.Hadamard: _hadamard,
    tree.Quotient: _quotient,
    tree.Root: _around(r"\sqrt{", "}", "factor"),
    tree.Derivative: _derivative,
    tree.Sum: _sum,
    tree.Matrix: _matrix,
    tree.Cases: _cases,
    tree.Tuple: _around("(", ")"),
    tree.Norm: _around(r"\lVert ", r" \rVert"),
    tree.Absolute: _around(r"\lvert ", r" \rvert"),
    tree.Inner: _around(r"\langle ", r" \rangle"),
    tree.Ceiling: _around(r"\lceil ", r" \rceil"),
    tree.Compare: _compare,
    tree.Step: _step,
    tree.Chain: _chain,
    tree.Range: _range,
    tree.Display: _display,
}
