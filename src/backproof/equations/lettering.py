"""Letters and numbers in LaTeX, and what hangs on them."""

from collections.abc import Callable
from typing import Any

from backproof.equations import tree
from backproof.equations.names import FUNCTIONS, GREEK, SHAPES
from backproof.equations.tree import Node
from backproof.equations.written import BRACKETS, Written, fit, latex


def _number(node: tree.Number) -> Written:
    digits = 0
    while (node.value * 10**digits).denominator > 1:
        digits += 1
    whole = str((node.value * 10**digits).numerator).rjust(digits + 1, "0")
    text = f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole
    return Written(text, "base")


def _name(node: tree.Name) -> Written:
    return Written(letter(node.name), "base")


def letter(name: str) -> str:
    r"""Return a name in LaTeX: \eta, \mathcal{L}, \hat{y}, \operatorname{softmax}."""
    first, _, rest = name.partition(" ")
    if rest:
        shape = next((command for command, short in SHAPES.items() if short == first), first)
        return rf"\{shape}{{{rest if rest.isdigit() else letter(rest)}}}"
    if name in GREEK or name in FUNCTIONS:
        return f"\\{name}"
    if name.isdigit():
        return rf"\mathbf{{{name}}}"
    return name if len(name) == 1 else rf"\operatorname{{{name}}}"


# What hangs on a letter.


def _script(node: tree.Script) -> Written:
    return Written(_stem(node.base, node) + _below(node) + _above(node), "factor")


def _stem(base: Node, node: tree.Script) -> str:
    """Return a base; a power may stand behind a prime, anything else only behind a letter."""
    power = not node.sub and node.sup is not None and not node.bracket
    if isinstance(base, tree.Prime) and power and (primed := _primes(base)):
        return primed
    return fit(base, ("base",)).text


def _below(node: tree.Script) -> str:
    if not node.sub:
        return ""
    entries = [r"\cdot" if isinstance(entry, tree.AllOf) else latex(entry) for entry in node.sub]
    apart = " " if all(_alone(entry, place) for place, entry in enumerate(node.sub)) else ", "
    return f"_{{{apart.join(entries)}}}"


def _alone(entry: Node, place: int) -> bool:
    """Whether an index may stand beside others without a comma."""
    if isinstance(entry, tree.AllOf):
        return place == 0
    letter = entry.base if isinstance(entry, tree.Script) else entry
    return isinstance(letter, tree.Name)


def _above(node: tree.Script, mark: str = "") -> str:
    if node.sup is None:
        return ""
    text = latex(node.sup)
    if not node.bracket and _misread(node.sup, text):
        text = f"{{{text}}}"
    return f"^{{{BRACKETS[node.bracket].format(text)}{mark}}}"


def _misread(sup: Node, text: str) -> bool:
    """Whether a power would be taken for a layer in brackets or for a transpose."""
    last = sup.right if isinstance(sup, tree.Product) else sup
    begins = text.startswith(("(", r"\left(")) and not isinstance(sup, tree.Add | tree.Subtract)
    return begins or last == tree.Name("T", span=last.span)


def _primes(node: Node) -> str:
    """Return f_k′ with its primes, or nothing if they cannot stand there without parentheses."""
    dashes = 0
    while isinstance(node, tree.Prime):
        node, dashes = node.arg, dashes + 1
    if not isinstance(node, tree.Script):
        return fit(node, ("base",)).text + "'" * dashes
    if node.sup is not None and not node.bracket:
        return ""
    return _stem_of_layer(node) + "'" * dashes + _above(node)


def _stem_of_layer(node: tree.Script) -> str:
    return fit(node.base, ("base",)).text + _below(node)


def _prime(node: tree.Prime) -> Written:
    return Written(_primes(node) or fit(node.arg, ("base",)).text + "'", "factor")


def _transpose(node: tree.Transpose) -> Written:
    arg, mark = node.arg, r"\mathsf T"
    if isinstance(arg, tree.Script) and (arg.sup is None or arg.bracket):
        return Written(
            _stem_of_layer(arg) + (_above(arg, mark) or f"^{{{mark}}}"),
            "factor",
        )
    return Written(f"{fit(arg, ('base',)).text}^{{{mark}}}", "factor")


LETTERING: dict[type[Node], Callable[[Any], Written]] = {
    tree.Number: _number,
    tree.Name: _name,
    tree.Text: lambda node: Written(rf"\text{{{node.words}}}", "base"),
    tree.AllOf: lambda _: Written(r"\cdot", "base"),
    tree.Dots: lambda _: Written(r"\dots", "base"),
    tree.Script: _script,
    tree.Transpose: _transpose,
    tree.Prime: _prime,
}
"""How each of them is written."""
