"""For which layers an equation claims to hold, and whether the network has them."""

from collections.abc import Iterator

from backproof.checking.claims import Claim
from backproof.equations import terms as t
from backproof.equations import tree
from backproof.equations.indices import layer_of
from backproof.equations.refusal import Misfit, Refusal
from backproof.equations.terms import Layer, Quantity
from backproof.equations.vocabulary import NETWORK


def check_layers(claim: Claim) -> None:
    """Refuse an equation that speaks of a layer which the network does not have."""
    ranges = {r.index.name: r for r in claim.ranges if isinstance(r.index, tree.Name)}
    _check_ranges(claim)
    for quantity in _network_quantities(claim):
        for layer in _reached(quantity.layer, ranges, claim):
            if not _exists(quantity.name, layer, claim):
                leads = f", where {quantity} leads" if layer != quantity.layer else ""
                raise Misfit(
                    "BP202",
                    f"there is no {quantity.name}_{{{layer}}}{leads}.",
                    next((r.index.span for r in claim.ranges), claim.span),
                    "Mind where the index starts and ends.",
                )


def _check_ranges(claim: Claim) -> None:
    """Refuse a range of an index that does not occur, or one that ends at no layer."""
    letters = {quantity.layer.base for quantity in _network_quantities(claim) if quantity.layer}
    for r in claim.ranges:
        name = r.index.name if isinstance(r.index, tree.Name) else ""
        if name in claim.reading.indices:
            continue
        if name not in letters:
            raise Refusal("BP202", "nothing here has this index.", r.index.span)
        for end in (r.first, r.last):
            if claim.reading.vocabulary.counted(layer_of(end)).base not in ("", "M"):
                raise Refusal("BP202", "no layer has this number.", end.span)


def _exists(name: str, layer: Layer, claim: Claim) -> bool:
    closed = name == "x" and claim.reading.vocabulary.notation.closed
    highest = int(closed)
    if layer.base == "M":
        return layer.offset <= highest
    depth = claim.reading.vocabulary.depth
    if layer.base or layer.offset < 0:
        return bool(layer.base)
    return depth is None or layer.offset <= depth + highest


def _network_quantities(claim: Claim) -> Iterator[Quantity]:
    for side in (claim.left, claim.right):
        for term in side.walk():
            if (
                isinstance(term, t.Variable)
                and term.quantity.layer is not None
                and (term.quantity.name in NETWORK)
            ):
                yield term.quantity


def _reached(layer: Layer | None, ranges: dict[str, tree.Range], claim: Claim) -> list[Layer]:
    """Return the layers at both ends of the range that `layer` runs through."""
    if layer is None:
        return []
    if layer.base not in ranges:
        return [layer]
    ends = ranges[layer.base]
    counted = claim.reading.vocabulary.counted
    return [counted(layer_of(end)).moved(layer.offset) for end in (ends.first, ends.last)]


def layer_scope(claim: Claim) -> str:
    """Return in words for which layers an equation holds."""
    for r in claim.ranges:
        if isinstance(r.index, tree.Name):
            return f"{r.index.name} = {layer_of(r.first)}, …, {layer_of(r.last)}"
    letters = {q.layer.base for q in _network_quantities(claim) if q.layer} - {"", "M"}
    return f"every layer {', '.join(sorted(letters))} that has all its letters" if letters else ""
