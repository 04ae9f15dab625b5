"""How someone's forward and backward are called, found out from their names and what they return.

    forward(x, W) -> out, (out, cache), (out, saved, saved), (h, c, cache) or ((h, c), cache)
    backward(dout, cache), backward(cache, dout), backward(dout, x, W), backward(dout, out), …
    gradient(z, y) of a scalar loss; loss_and_gradient(z, y) -> (loss, gradient)
    forward(x, W) -> (out, backward), with backward(dout)

Where that leaves a choice, nothing is guessed: the message says what was understood.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backproof.checking.functions.gradients import Misfit, Unclear, named
from backproof.checking.functions.inputs import Inputs
from backproof.checking.functions.plans import described, plan_of

__all__ = ["Misfit", "Run", "Subject", "Unclear"]


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Run:
    """What forward returned, and the backward pass that belongs to it.

    `saves` says whether forward handed something to backward, so that several runs can live at
    once; `now` gives the arrays an object holds by now, `stored` the gradients that lie in it;
    `notes` say what was not looked at.
    """

    outputs: tuple[Any, ...]
    backward: Callable[[tuple[Any, ...]], dict[str, Any]]
    saves: bool = False
    now: Callable[[], Mapping[str, Any]] = _nothing
    stored: Callable[[], Mapping[str, Any]] = _nothing
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """The pass under test: `names` are forward's inputs, `wrt` those whose gradients are wanted.

    `backward_function` is None where forward returns a loss together with its gradient.
    """

    forward_function: Callable[..., Any]
    backward_function: Callable[..., Any] | None
    inputs: Inputs
    names: tuple[str, ...]
    wrt: tuple[str, ...]
    unchecked: tuple[str, ...] = ()
    by_position: bool = False

    @property
    def returned(self) -> tuple[str, ...]:
        """The inputs whose gradients backward returns, so that they are the caller's."""
        return self.wrt

    def persistent(self) -> "Subject":
        """Return the subject as it is called again and again; functions are their own."""
        return self

    def with_backward(self, function: Callable[..., Any]) -> "Subject":
        """Return the same subject with another backward pass."""
        if self.backward_function is None:
            return replace(self, forward_function=function)
        return replace(self, backward_function=function)

    def run(self, arrays: Mapping[str, Any]) -> Run:
        """Call forward, and keep what its backward pass needs."""
        forward = self.forward_function
        arrays = {name: own(value) for name, value in arrays.items()}
        returned = forward(*arrays.values()) if self.by_position else forward(**arrays)
        backward = self.backward_function
        if backward is None:
            if not _is_with_backward(returned):
                return self._run_of_loss(returned)
            returned, backward = returned
        plan = plan_of(backward, self.names, returned, forward)

        def back(douts: tuple[Any, ...]) -> dict[str, Any]:
            gradients = named(plan.call(arrays, douts), self.wrt, self.names)
            return plan.scaled(gradients, douts)

        return Run(plan.outputs, back, plan.saves, notes=plan.notes)

    def _run_of_loss(self, returned: Any) -> Run:
        if not isinstance(returned, tuple) or len(returned) < 2:
            raise Unclear(
                "there is no backward function, so forward must return (loss, gradient), but it "
                f"returned {described(returned)}"
            )
        loss, *gradients = returned
        found = named(
            gradients[0] if len(gradients) == 1 else tuple(gradients), self.wrt, self.names
        )
        return Run(
            (loss,), lambda douts: {name: gradient * douts[0] for name, gradient in found.items()}
        )


def own(value: Any) -> Any:
    """Return a copy of what the code may write into, but for arrays, which are watched."""
    return copy.deepcopy(value) if isinstance(value, dict | list | set) else value


def _is_with_backward(returned: Any) -> bool:
    return isinstance(returned, tuple) and len(returned) == 2 and callable(returned[1])
