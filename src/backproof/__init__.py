"""Backpropagation in matrix form, proved on the code that trains."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from backproof.activations import (
    Activation,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)
from backproof.descent import sgd
from backproof.losses import Loss, binary_cross_entropy, softmax_cross_entropy, squared_error
from backproof.network import Network
from backproof.optimisers import SGD, Adam, Momentum
from backproof.planned import Plan
from backproof.recursion import Gradient, Tape, backward, forward
from backproof.saving import load_network, save_network
from backproof.training import train

if TYPE_CHECKING:
    from backproof.checking.functions.check import assert_backward, check
    from backproof.checking.functions.jacobian import jacobian
    from backproof.checking.proof import prove
    from backproof.checking.stated import claim
    from backproof.checking.tiny import tiny
    from backproof.exercises.catalogue import exercise

_SYMBOLIC = {
    "assert_backward": "backproof.checking.functions.check",
    "check": "backproof.checking.functions.check",
    "claim": "backproof.checking.stated",
    "exercise": "backproof.exercises",
    "jacobian": "backproof.checking.functions.jacobian",
    "prove": "backproof.checking.proof",
    "tiny": "backproof.checking.tiny",
}


def __getattr__(name: str) -> Any:
    # SymPy takes half a second to import: who only trains a network does not wait for it.
    if name in _SYMBOLIC:
        return getattr(import_module(_SYMBOLIC[name]), name)
    message = f"module 'backproof' has no attribute {name!r}"
    raise AttributeError(message, name=name, obj=import_module(__name__))


__all__ = [
    "SGD",
    "Activation",
    "Adam",
    "Gradient",
    "Loss",
    "Momentum",
    "Network",
    "Plan",
    "Tape",
    "assert_backward",
    "backward",
    "binary_cross_entropy",
    "check",
    "claim",
    "exercise",
    "forward",
    "gelu",
    "gelu_tanh",
    "identity",
    "jacobian",
    "leaky_relu",
    "load_network",
    "prove",
    "relu",
    "save_network",
    "sgd",
    "sigmoid",
    "softmax_cross_entropy",
    "softplus",
    "squared_error",
    "tanh",
    "tiny",
    "train",
]
