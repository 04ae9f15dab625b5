"""What stands between the grammar and the tree: parts of a formula whose sense is not settled.

Whether (z) is an argument or a factor depends on what stands before it, and whether T is a letter
or a transpose on where it stands.  These nodes keep what is needed to decide, and never get into
a tree.
"""

from dataclasses import dataclass

from backproof.equations.tree import Compare, Node


@dataclass(frozen=True, slots=True)
class Group(Node):
    """What stands in brackets: one quantity, several, or a condition."""

    items: tuple[Node, ...]
    bracket: str


@dataclass(frozen=True, slots=True)
class Run(Node):
    """Factors side by side."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Slash(Node):
    """numerator / denominator, which binds less than a fraction."""

    numerator: Node
    denominator: Node


@dataclass(frozen=True, slots=True)
class Operator(Node):
    r"""\frac{\partial}{\partial by}, or \nabla_{by}: a derivative that waits for its function."""

    by: Node
    nabla: bool


@dataclass(frozen=True, slots=True)
class Mark(Node):
    r"""\top, or an upright T: a transpose in a superscript."""

    letter: bool


@dataclass(frozen=True, slots=True)
class Scripted(Node):
    """A base with its scripts in the order in which they are written."""

    base: Node
    scripts: tuple["Sub | Sup | Dash", ...]


@dataclass(frozen=True, slots=True)
class Sub(Node):
    """A subscript: entries, or the condition of an indicator."""

    entries: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Sup(Node):
    """A superscript, as it is written."""

    content: Node


@dataclass(frozen=True, slots=True)
class Dash(Node):
    """A prime."""


@dataclass(frozen=True, slots=True)
class Side(Node):
    """One side of a relation, with the words beside it."""

    node: Node
    reason: str


@dataclass(frozen=True, slots=True)
class Apart(Node):
    """What sets two formulas apart: the words among it, and whether it is commas otherwise."""

    words: tuple[str, ...]
    commas: bool


@dataclass(frozen=True, slots=True)
class Membership(Node):
    r"""index \in \{items\}."""

    index: Node
    items: tuple[Node, ...]


def condition(node: Node) -> Compare | None:
    """Return the condition that a bracket holds, if it holds one."""
    if isinstance(node, Group) and isinstance(node.items[0], Compare):
        return node.items[0]
    return None
