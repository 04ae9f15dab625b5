"""In which part of the network an equation is evaluated: between its lowest and highest letter.

An equation about layer k speaks of a few neighbouring arrays.  The lowest of them is left free;
what stands above it follows by the forward pass; and the loss is an arbitrary function of the
highest.  So what holds in this part holds in every network that contains it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from backproof.equations import terms as t
from backproof.equations.reaching import reached
from backproof.equations.refusal import Refusal
from backproof.equations.rewriting import of_one_example
from backproof.equations.terms import Layer, Quantity, Term
from backproof.equations.tree import Span
from backproof.equations.vocabulary import NETWORK, Definition, Vocabulary

ORDER = {"x": 0, "z": 1}
MOST_LAYERS = 50
"""Layers through which one equation reaches; each lies within the next when it is computed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the letters of one equation depend on.

    `lowest` and `highest` are quantities x or z of the network, or None where there is none;
    `activation` is the name of the network's function f; `numbers` says that it is an example in
    numbers, which are all worked out.
    """

    vocabulary: Vocabulary
    loss: Definition | None
    lowest: Quantity | None
    highest: Quantity | None
    activation: str
    batch: bool
    numbers: bool

    def is_free(self, quantity: Quantity) -> bool:
        """Return whether a quantity of the network is given and not computed."""
        if quantity.name not in ORDER or self.lowest is None or quantity.layer is None:
            return True
        return position(quantity) <= position(self.lowest)


def position(quantity: Quantity) -> int:
    """Return the place of x_k or z_k in the order of the forward pass."""
    assert quantity.layer is not None  # noqa: S101  x and z have layers
    return 2 * quantity.layer.offset + ORDER[quantity.name]


def setting(
    sides: Iterable[Term], vocabulary: Vocabulary, *, batch: bool, numbers: bool, span: Span
) -> Setting:
    """Return the setting in which all `sides` of an equation are evaluated."""
    sides = list(sides)
    bases = {place.layer.base for place in places(sides, vocabulary, None) if place.layer}
    loss = vocabulary.loss
    if loss is not None and not is_of_losses(loss.body):
        defined = {p.layer.base for p in places([loss.body], vocabulary, None) if p.layer}
        if bases and not bases <= defined | {"M"}:
            if not _ends_at_output(loss, vocabulary):
                raise Refusal(
                    "BP207",
                    "the loss speaks of parameters or inner layers itself.",
                    span,
                    "Write the equation for the layer M, or leave that part out of the loss.",
                )
            loss = None  # far below the output, which function of it the loss is does not matter
    order = list(places(sides, vocabulary, loss))
    unknown = loss is None or is_of_losses(loss.body)  # then it is one of the output
    spoken = reached(sides, vocabulary, loss, batch=True)
    if not order and unknown and any(isinstance(term, t.Loss) for term in spoken):
        order = [Quantity("z", vocabulary.counted(Layer("M", 0)))]
    if len({place.layer.base for place in order if place.layer}) > 1:
        raise Refusal(
            "BP207",
            "layers that are counted in two ways, such as k and M, in one equation.",
            span,
            "Write one equation for each.",
        )
    order.sort(key=position)
    if order and numbers:
        order.insert(0, Quantity("x", Layer("", 0)))  # all the way down to what is given
    if order and position(order[-1]) - position(order[0]) > 2 * MOST_LAYERS:
        raise Refusal("BP104", f"it reaches through more than {MOST_LAYERS} layers.", span)
    if loss is not None and loss.batch and not batch:
        loss = replace(loss, body=of_one_example(loss.body), indices=())
    return Setting(
        vocabulary,
        loss,
        order[0] if order else None,
        order[-1] if order else None,
        vocabulary.activation or "f",
        batch,
        numbers,
    )


def is_of_losses(body: Term) -> bool:
    """Return whether a loss is made of the losses of the examples, as a mean is."""
    return any(isinstance(term, t.Loss) for term in body.walk())


def _ends_at_output(loss: Definition, vocabulary: Vocabulary) -> bool:
    """Return whether a loss depends on the network through its output only."""
    output = {Quantity("z", vocabulary.counted(Layer("M", 0)))}
    if vocabulary.notation.closed:
        output.add(Quantity("x", vocabulary.counted(Layer("M", 1))))
    for term in reached([loss.body], vocabulary, None, batch=True):
        if isinstance(term, t.SumLayers | t.Derived):
            return False
        if not isinstance(term, t.Variable) or term.quantity.name not in NETWORK:
            continue
        if term.quantity.layer is not None and term.quantity not in output:
            return False
    return True


def places(
    sides: Iterable[Term], vocabulary: Vocabulary, loss: Definition | None
) -> Iterator[Quantity]:
    """Yield every x and z that the sides speak of, themselves or by what they are made of."""
    for term in (term for side in sides for term in side.walk()):
        if isinstance(term, t.Derived):
            inner = term.by
            while isinstance(inner, t.Entry | t.Column):
                inner = inner.arg
            parameter = inner.quantity if isinstance(inner, t.Variable) else Quantity("")
            if parameter.name in ("W", "b") and parameter.layer:  # else a letter of one's own
                yield Quantity("x", parameter.layer)
                yield Quantity("z", parameter.layer)
        if isinstance(term, t.Variable) and term.quantity.name in ORDER and term.quantity.layer:
            yield term.quantity
        if isinstance(term, t.Loss) and loss is not None:
            yield from places([loss.body], vocabulary, None)
        if isinstance(term, t.Variable):
            definition = vocabulary.definition(term.quantity, batch=True)
            if definition is not None:
                yield from places([definition.body], vocabulary, loss)
