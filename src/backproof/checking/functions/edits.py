"""A small change to a formula, the mistake that it would mend, and the names it may be made of."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backproof.checking.functions.places import Place, text_of

SMALL = 1e-3
"""A constant below this is taken for an epsilon."""

HIDDEN = 1.0
"""How much less likely a change is that uses what only forward knows, which it has to save."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """`new` in place of an expression; the cause it would mend, and how unlikely it is."""

    new: str
    cause: str
    cost: float
    does: str


@dataclass(frozen=True, slots=True)
class Names:
    """What may stand in a formula of a backward pass: arrays with their shapes, numbers, functions.

    `shapes` are the arrays at hand, `hidden` those that only forward has; an array may be a call
    as well, such as `sigmoid(x)`, if it stands in the source.  `only_before` are the
    numbers that only forward has, `constants` those that are written there.
    """

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    hidden: Mapping[str, Shape] = field(default_factory=dict)
    numbers: Sequence[str] = ()
    only_before: Sequence[str] = ()
    sizes: Sequence[str] = ()
    indices: Mapping[str, Shape] = field(default_factory=dict)
    functions: Sequence[str] = ()
    epsilons: Sequence[str] = ()
    masks: Sequence[str] = ()
    douts: Sequence[str] = ()
    constants: Sequence[str] = ()

    def fitting(self, shape: Shape | None) -> Iterator[tuple[str, float]]:
        """Yield the arrays that leave this shape as it is in a product, and what each costs."""
        for known, cost in ((self.shapes, 0.0), (self.hidden, HIDDEN)):
            for name, other in known.items():
                if shape is None or broadcasts(other, shape):
                    yield name, cost

    def alike(self, name: str) -> Iterator[tuple[str, float]]:
        """Yield the other arrays, and what each costs; less if it has the shape of `name`."""
        shape = self.shapes.get(name)
        for known, cost in ((self.shapes, 0.0), (self.hidden, HIDDEN)):
            for other, its in known.items():
                if other != name and shape is not None:
                    yield other, cost + 0.3 * (its != shape)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with what is known of the expression there: its shape and its text."""

    place: Place
    shape: Shape | None
    text: str

    @property
    def node(self) -> ast.expr:
        """The expression."""
        return self.place.node

    @property
    def bracketed(self) -> str:
        """The text of the expression, fit to be a factor."""
        return bracketed(self.node, self.text)


def broadcasts(small: Shape, large: Shape) -> bool:
    """Return whether an array of the first shape leaves the second as it is."""
    if len(small) > len(large):
        return False
    return all(a in (1, b) for a, b in zip(small[::-1], large[::-1], strict=False))


def bracketed(node: ast.AST, text: str = "") -> str:
    """Return the text of an expression, in brackets if it would fall apart in a product."""
    text = text or text_of(node)
    loose = isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.Lambda)
    return f"({text})" if loose else text


def is_product(node: ast.AST) -> bool:
    """Return whether an expression is a product, a quotient or a product of matrices."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult)


def is_mask(node: ast.AST) -> bool:
    """Return whether an expression is a condition or a product with one, by its looks."""
    if isinstance(node, ast.BinOp):
        return is_mask(node.left) or is_mask(node.right)
    return isinstance(node, ast.Compare) or "mask" in text_of(node)


def is_epsilon(node: ast.AST) -> bool:
    """Return whether an expression is a constant that keeps a divisor from 0."""
    small = isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value < SMALL
    return small or "eps" in text_of(node)


def is_size(node: ast.AST, names: Names) -> bool:
    """Return whether an expression is a number of entries, or made of one and of constants."""
    if isinstance(node, ast.BinOp):
        parts = (node.left, node.right)
        fine = all(is_size(part, names) or is_number(part) for part in parts)
        return fine and not all(map(is_number, parts))
    text = text_of(node)
    if isinstance(node, ast.Subscript):
        return text_of(node.value).endswith(".shape")
    return text in names.sizes or text.endswith(".size") or text.startswith("len(")


def is_number(node: ast.AST) -> bool:
    """Return whether an expression is made of constants only, and of functions of NumPy."""
    inside = list(ast.walk(node))
    names = {part.id for part in inside if isinstance(part, ast.Name)}
    constants = [part for part in inside if isinstance(part, ast.Constant)]
    return (
        names <= {"np"}
        and bool(constants)
        and not any(isinstance(part, ast.Compare | ast.Subscript) for part in inside)
    )


def cause_of_factor(node: ast.AST, names: Names, otherwise: str) -> str:
    """Return what the mistake is called if this factor is missing, or is there for nothing."""
    if is_size(node, names):
        return "1/N"
    if is_mask(node) or text_of(node) in names.masks or text_of(node).startswith("np.eye("):
        return "missing mask" if otherwise.startswith("missing") else "wrong mask"
    if is_number(node):
        return "sign" if text_of(node) == "-1" else "factor"
    return otherwise
