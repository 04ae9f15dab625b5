"""Losses, each beside the derivative the backward pass starts from: docs/losses.md.

A loss takes the output z = z_M, of shape (D, N), and the targets y.  Its value is the sum over
the N examples; its start, ∂L/∂z_M, has the shape of z.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof import arrays, libraries
from backproof.activations import sigmoid, softplus
from backproof.arrays import Array, namespace


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss summed over the batch; calling it gives the value, `start` gives ∂L/∂z_M.

    `checked_targets`, given z and y, returns the targets as an array for the two others, or raises;
    what it has returned it returns unchanged.
    """

    name: str
    value: Callable[[Array, Array], Array]
    derivative: Callable[[Array, Array], Array]
    checked_targets: Callable[[Array, Any], Array]

    def __call__(self, z: Array, y: Any) -> Any:
        """Return L, a number, for outputs `z` of shape (D, N) and targets `y`."""
        z = arrays.real_matrix("z", z)
        total = self.value(z, self.checked_targets(z, y))
        return total.item() if isinstance(total, np.generic) else total

    def start(self, z: Array, y: Any) -> Array:
        """Return ∂L/∂z_M, of the shape (D, N) of `z`: where the backward pass starts."""
        z = arrays.real_matrix("z", z)
        return self.derivative(z, self.checked_targets(z, y))

    def __repr__(self) -> str:
        return f"<loss {self.name}>"


def check_loss(loss: Any) -> None:
    """Raise TypeError unless `loss` is a Loss."""
    if not isinstance(loss, Loss):
        raise TypeError(f"loss must be a Loss, such as squared_error, but is {loss!r}.")


def _same_shape(z: Array, y: Any) -> Array:
    if isinstance(y, np.ndarray) and y.dtype.kind in "iu" and y.shape == (z.shape[1],):
        raise ValueError(
            f"y must have shape {tuple(z.shape)}, one target for each output, but holds whole "
            f"numbers of shape {y.shape}. If they are class labels, pass "
            f"numpy.eye({z.shape[0]})[:, y], or use softmax_cross_entropy."
        )
    y = arrays.real_matrix("y", y)
    arrays.check_shape("y", y, z.shape, "one target for each output")
    arrays.check_same_dtype("y", y, "z", z)
    return y


def _probabilities(z: Array, y: Any) -> Array:
    _check_exponentials(z)
    return arrays.probabilities("y", _same_shape(z, y))


def _class_labels(z: Array, y: Any) -> Array:
    _check_exponentials(z)
    return arrays.labels("y", y, "z", z)


def _check_exponentials(z: Array) -> None:
    without = [entry for entry in z.flat if not hasattr(entry, "exp")] if z.dtype == object else []
    if without and namespace(z) is np:
        raise TypeError(
            f"z holds exact numbers ({type(without[0]).__name__}), which have no exponential, "
            "and this loss needs it. Pass z.astype(float), or use squared_error."
        )


def _squared_error(z: Array, y: Array) -> Array:
    return ((z - y) * (z - y)).sum()  # squared-error


def _squared_error_start(z: Array, y: Array) -> Array:
    return 2 * (z - y)  # start-squared-error


def _log_sum_exp(z: Array) -> Array:
    # The largest logit goes out of the sum first, so that no exponential overflows.
    xp = namespace(z)
    m = xp.max(z, axis=0, keepdims=True)
    return m + xp.log(xp.exp(z - m).sum(axis=0, keepdims=True))  # log-sum-exp


def _softmax(z: Array) -> Array:
    return namespace(z).exp(z - _log_sum_exp(z))  # softmax


def _one_hot(z: Array, y: Array) -> Array:
    classes = libraries.arange(z.shape[0], like=y)[:, None]
    return (classes == y) * namespace(z).ones_like(z)  # one-hot


def _softmax_cross_entropy(z: Array, y: Array) -> Array:
    # Not z[y, …]: what an index by arrays does, libraries do not agree on.
    picked = (z * _one_hot(z, y)).sum(axis=0)
    return (_log_sum_exp(z) - picked).sum()  # softmax-cross-entropy


def _softmax_cross_entropy_start(z: Array, y: Array) -> Array:
    return _softmax(z) - _one_hot(z, y)  # start-softmax-cross-entropy


def _binary_cross_entropy(z: Array, y: Array) -> Array:
    # Both terms are at least 0: in the shorter softplus(z) - y z two large ones would cancel.
    return (y * softplus(-z) + (1 - y) * softplus(z)).sum()  # binary-cross-entropy


def _binary_cross_entropy_start(z: Array, y: Array) -> Array:
    # Equal to sigmoid(z) - y, which would cancel in the same way.
    return (1 - y) * sigmoid(z) - y * sigmoid(-z)  # start-binary-cross-entropy


squared_error = Loss("squared error", _squared_error, _squared_error_start, _same_shape)
softmax_cross_entropy = Loss(
    "softmax cross-entropy", _softmax_cross_entropy, _softmax_cross_entropy_start, _class_labels
)
binary_cross_entropy = Loss(
    "binary cross-entropy",
    _binary_cross_entropy,
    _binary_cross_entropy_start,
    _probabilities,
)
