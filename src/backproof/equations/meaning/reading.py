"""One reading of an equation: the indices in use, what is known of sizes, and how to refuse."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from backproof.equations import tree
from backproof.equations.indices import OneExample, Sizes
from backproof.equations.refusal import Misfit, Refusal
from backproof.equations.terms import ONE, Index, Size, Term
from backproof.equations.vocabulary import Symbol, Vocabulary

READERS: dict[type, Callable[[Any, Any], Term]] = {}
"""How each kind of node is read; see `reads`."""

LOSS_LETTERS = {"E": ", or `loss: E` for the loss"}
"""Letters that some texts give to the loss, and others to something else."""


def reads(*kinds: type) -> Callable[[Callable[..., Term]], Callable[..., Term]]:
    """Register a function as the reader of these kinds of nodes."""

    def register(function: Callable[..., Term]) -> Callable[..., Term]:
        READERS.update(dict.fromkeys(kinds, function))
        return function

    return register


@dataclass(slots=True)
class Reading:
    """One reading of an equation: in batches, or of one example.

    `indices` holds those in use, `sizes` what is known of unknown sizes.  `layers` are the indices
    that count layers in the whole equation, `bound` those of the sums around.
    """

    vocabulary: Vocabulary
    batch: bool
    layers: frozenset[str] = frozenset()
    indices: dict[str, Index] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)
    bound: tuple[str, ...] = ()
    example: str = ""
    whole: bool = False
    vector: bool = False
    """The free index of the example that is spoken of; whether the loss of a batch is, and
    whether a column of the author's own, which has no place in a batch."""

    def read(self, node: tree.Node) -> Term:
        """Return the term that `node` stands for."""
        method = READERS.get(type(node))
        if method is None:
            kind = type(node).__name__.lower()
            raise Refusal("BP207", f"no check knows what this {kind} means.", node.span)
        return method(self, node)

    def symbol(self, node: tree.Name) -> Symbol:
        """Return the symbol of a name, or refuse it."""
        if node.name in self.vocabulary.symbols:
            return self.vocabulary.symbols[node.name]
        raise Refusal(
            "BP201",
            f"{node.name} is not declared.",
            node.span,
            f"Say what it is, such as `{node.name}: scalar`{LOSS_LETTERS.get(node.name, '')}.",
        )

    def index(self, node: tree.Node, size: Size) -> Index:
        """Return the index that `node` names, running over `size`."""
        if not isinstance(node, tree.Name):
            raise Refusal("BP202", "this is not the name of an index.", node.span)
        self.check_index(node)
        if node.name == self.example:
            self._refuse_twofold(node.name, node.span)
        known = self.indices.setdefault(node.name, Index(node.name, self.sizes.unknown()))
        if not self.sizes.unify(known.size, size):
            raise Misfit(
                "BP203",
                f"{node.name} runs to {self.sizes.find(known.size)} elsewhere, "
                f"but to {self.sizes.find(size)} here.",
                node.span,
            )
        return known

    def check_index(self, node: tree.Name) -> None:
        """Refuse an index that has the name of something else."""
        if node.name in self.vocabulary.symbols:
            raise Refusal(
                "BP202",
                f"{node.name} is no index: it stands for something already.",
                node.span,
                "Give the index a letter of its own.",
            )

    def one_example(self, name: str, span: tree.Span) -> None:
        """Note that the equation speaks of example `name`, the only one it may speak of."""
        if self.batch:
            raise OneExample
        if self.example not in ("", name):
            raise Refusal(
                "BP202", f"two examples, {self.example} and {name}, in one equation.", span
            )
        if name in self.indices:
            self._refuse_twofold(name, span)
        self.example = name
        self.refuse_both(span)

    def _refuse_twofold(self, name: str, span: tree.Span) -> None:
        """Refuse an index that counts examples in one place and entries in another."""
        raise Refusal(
            "BP205",
            f"{name} counts examples in one place and entries in another.",
            span,
            "Give each its own index.",
        )

    def refuse_both(self, span: tree.Span) -> None:
        """Refuse an equation of one example that also speaks of the loss of the batch."""
        if self.example and self.whole:
            raise Refusal(
                "BP205",
                f"the loss of the batch beside example {self.example}.",
                span,
                r"Write L_i for the loss of the example, or sum over i.",
            )

    @contextmanager
    def binding(self, name: str) -> Iterator[None]:
        """Bind an index for a while."""
        outer, bound = self.indices.pop(name, None), self.bound
        self.bound = (*bound, name)
        yield
        self.indices.pop(name, None)
        self.bound = bound
        if outer is not None:
            self.indices[name] = outer

    def is_example(self, subs: Sequence[tree.Node]) -> bool:
        """Return whether a subscript is the index of an example."""
        return (
            len(subs) == 1
            and isinstance(subs[0], tree.Name)
            and subs[0].name in self.vocabulary.example_indices
        )

    def same_shape(self, left: Term, right: Term, span: tree.Span, what: str) -> None:
        """Unify the shapes of two terms, or refuse."""
        if not all(map(self.sizes.unify, left.shape, right.shape)):
            if self.batch and self.vector:
                raise OneExample
            raise Misfit(
                "BP203",
                f"{what} of {self.shape_text(left)} and {self.shape_text(right)}.",
                span,
            )

    def shape_text(self, term: Term) -> str:
        """Return a shape in words."""
        found = [str(self.sizes.find(size)) for size in term.shape]
        rows, columns = ("?" if size.startswith("?") else size for size in found)
        return "a number" if (rows, columns) == ("1", "1") else f"{rows} × {columns}"

    def is_number(self, term: Term) -> bool:
        """Return whether a term is a single number."""
        return all(self.sizes.find(size) == ONE for size in term.shape)


def is_digit(node: tree.Node | None, value: int) -> bool:
    """Return whether a node is this number, in digits."""
    return isinstance(node, tree.Number) and node.value == value
