"""What the rules of the grammar share on their way to the tree."""

from collections.abc import Collection, Sequence
from typing import Any

from lark import Token
from lark.visitors import Transformer_NonRecursive

from backproof.equations.products import Products
from backproof.equations.refusal import Refusal
from backproof.equations.source import Source
from backproof.equations.tree import Span

MAX_TERMS = 64
"""Terms of one sum, factors of one product, entries of one list, rows of one matrix."""


class Rules(Transformer_NonRecursive):  # type: ignore[type-arg]
    """A walk through the grammar's parse; a method named after each rule is added below."""

    def __init__(
        self, source: Source, functions: Collection[str], declared: Collection[str]
    ) -> None:
        """Read `source`; the names are as for `backproof.equations.parse.parse`."""
        super().__init__(visit_tokens=False)
        self._source = source
        self._declared = declared
        self._products = Products(functions, declared)
        self._plain = self._products.plain

    def _span(self, meta: Any) -> Span:
        """Return where a rule matched, in the author's source."""
        return self._source.span(meta.start_pos, meta.end_pos)

    def _place(self, token: Token) -> Span:
        """Return where a token stands in the author's source."""
        return self._source.span(token.start_pos or 0, token.end_pos or 0)

    def _bounded(self, meta: Any, parts: Sequence[Any]) -> Sequence[Any]:
        if len(parts) > 2 * MAX_TERMS:
            raise Refusal("BP104", f"Over {MAX_TERMS} terms side by side.", self._span(meta))
        return parts


def nodes(children: Sequence[Any]) -> list[Any]:
    """Return `children` without tokens."""
    return [child for child in children if not isinstance(child, Token)]
