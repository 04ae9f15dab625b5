"""Layers and sizes: what `k - 1` is, which indices count layers, and which sizes are the same."""

from dataclasses import dataclass, field

from backproof.equations import tree
from backproof.equations.refusal import Refusal
from backproof.equations.terms import Layer, Size
from backproof.equations.vocabulary import Vocabulary


class OneExample(Exception):  # noqa: N818  it changes the reading and is no error
    """The equation speaks of one example: it is to be read again without a batch."""


@dataclass(slots=True)
class Sizes:
    """Sizes that are not yet known, and what they turned out to be."""

    known: dict[Size, Size] = field(default_factory=dict)
    count: int = 0
    numbers: bool = False
    """Whether the equation is an example in numbers, where a width may turn out to be one."""

    def unknown(self) -> Size:
        """Return a size of which nothing is known yet."""
        self.count += 1
        return Size(f"?{self.count}")

    def fresh(self) -> str:
        """Return the name of an index that nobody has written."""
        self.count += 1
        return f"#{self.count}"

    def find(self, size: Size) -> Size:
        """Return what is known of a size."""
        while size in self.known:
            size = self.known[size]
        return size

    def unify(self, left: Size, right: Size) -> bool:
        """Make two sizes the same; return whether they can be."""
        left, right = self.find(left), self.find(right)
        if left == right:
            return True
        for one, other in ((left, right), (right, left)):
            is_number = other.letter.isdigit() and not one.letter.isdigit()
            if one.letter.startswith("?") or (self.numbers and is_number):
                self.known[one] = other
                return True
        return False


def layer_of(node: tree.Node, *, quiet: bool = False) -> Layer:
    """Return the layer that `node` counts: a number, a letter, or one plus or minus a number."""
    layer = _layer(node)
    if layer is None and not quiet:
        raise Refusal("BP202", "this counts no layer.", node.span, "Write k, k-1 or 2.")
    return layer  # type: ignore[return-value]  # None only if quiet


def _layer(node: tree.Node) -> Layer | None:
    if isinstance(node, tree.Number) and node.value.denominator == 1:
        return Layer("", int(node.value))
    if isinstance(node, tree.Name):
        return Layer(node.name, 0)
    if isinstance(node, tree.Add | tree.Subtract):
        left, right = _layer(node.left), _layer(node.right)
        if left is None or right is None or right.base:
            return None
        return left.moved(right.offset if isinstance(node, tree.Add) else -right.offset)
    return None


def mentioned_layers(node: tree.Node, vocabulary: Vocabulary) -> frozenset[str]:
    """Return the names that count layers in `node`.

    Whatever stands at a width does; at another letter only a name that is used for layers.
    """
    return frozenset(
        name.name
        for script in node.walk()
        if isinstance(script, tree.Script)
        for place in _layer_places(script, vocabulary)
        for name in place.walk()
        if isinstance(name, tree.Name)
        and (name.name in vocabulary.layer_indices or _kind(script, vocabulary) == "width")
    ) - {"M", "L"}


def _kind(script: tree.Script, vocabulary: Vocabulary) -> str:
    if not isinstance(script.base, tree.Name) or script.base.name not in vocabulary.symbols:
        return ""
    symbol = vocabulary.symbols[script.base.name]
    return symbol.kind if symbol.layered else ""


def _counts(node: tree.Node, vocabulary: Vocabulary) -> bool:
    """Return whether a superscript is a layer, such as l - 1."""
    layer = _layer(node)
    return layer is not None and layer.base in vocabulary.layer_indices | {"L", "M"}


def _layer_places(script: tree.Script, vocabulary: Vocabulary) -> list[tree.Node]:
    if not _kind(script, vocabulary):
        return []
    if script.sup is not None and (script.bracket or _counts(script.sup, vocabulary)):
        return [script.sup]
    return [*script.sub[:1], *([script.sup] if script.sup is not None else [])]
