"""A case of the corpus as other checkers want it: a function of float64 arrays, and its gradient.

Every call of the forward pass runs on an object of its own, so that no checker meets the cache of
another call; with `persistent` there is one object, as in training.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from backward_corpus.case import Case
from backward_corpus.numerics import Pass, inputs_of, layer_of, parameters, wanted

Arrays = Sequence[Any]
FAMILY = 1  # the first letter, most often the number of examples, is 4


class Differentiable:
    """A case at random inputs: `values` are what it is differentiated by, in order."""

    def __init__(self, case: Case, seed: int, *, persistent: bool = False) -> None:
        self.case, self.persistent = case, persistent
        self.inputs = inputs_of(case, FAMILY, seed)
        self.layer = layer_of(case)
        self.names = [name for name in wanted(case) if not name.startswith("self.")]
        self.held = self._held()
        given = [self.inputs[name] for name in self.names]
        own = [getattr(self.layer, name) for name in self.held]
        self.values = [np.array(value, dtype=float) for value in (*given, *own)]

    def _held(self) -> list[str]:
        """Return the arrays of the layer that have a gradient beside them after backward."""
        if self.layer is None:
            return []
        layer = layer_of(self.case)
        run = Pass(self.case, deepcopy(self.inputs), layer)
        run.gradients([np.ones(np.shape(out)) for out in run.outputs])
        return parameters(layer)

    def run(self, values: Arrays) -> Pass:
        """Run the forward pass; the arrays are passed on as they are, not copied."""
        layer = self.layer if self.persistent else layer_of(self.case)
        given = dict(zip((*self.names, *self.held), values, strict=True))
        for name in self.held:
            setattr(layer, name, given.pop(name))
        return Pass(self.case, {**deepcopy(self.inputs), **given}, layer)

    def outputs(self, values: Arrays) -> list[Any]:
        """Return the outputs as arrays."""
        return [np.asarray(out) for out in self.run(values).outputs]

    def gradients(self, run: Pass, douts: Arrays) -> list[Any]:
        """Return the gradients that the backward pass of a run claims, in the order of values."""
        found = run.gradients(list(douts))
        claimed = [found[name] for name in self.names]
        return [*claimed, *(getattr(run.layer, f"d{name}") for name in self.held)]

    def vjp(self, values: Arrays, douts: Arrays) -> list[Any]:
        """Run both passes; return the gradients."""
        return self.gradients(self.run(values), douts)
