"""Arrays that do not fit each other are refused: nothing is broadcast, both shapes are named."""

import re

import numpy as np
import pytest

from backproof import (
    Gradient,
    Network,
    backward,
    binary_cross_entropy,
    forward,
    sgd,
    squared_error,
    train,
)
from backproof.checkpointing import checkpointed

NETWORK = Network.he([2, 3, 4], seed=0)
X, Y = np.arange(10.0).reshape(2, 5) - 4, np.arange(20.0).reshape(4, 5) / 20
TAPE = forward(NETWORK, X)
GRADIENT = backward(NETWORK, TAPE, Y)
KNOBS = {"rate": 0.1, "batch_size": 2, "epochs": 1, "seed": 0}


# What is done, and what the message says.
SHAPES = {
    "x of another width": (
        lambda: forward(NETWORK, np.ones((3, 5))),
        (
            "x must have shape (2, 5), as tall as W[0], of shape (3, 2), is wide, one column an "
            "example, but has shape (3, 5)."
        ),
    ),
    "x transposed": (
        lambda: forward(NETWORK, X.T),
        "x must have shape (2, 5).*but has shape (5, 2). Its transpose fits: pass x.T.",
    ),
    "dz transposed": (
        lambda: backward(NETWORK, TAPE, Y.T),
        (
            "dz_M must have shape (4, 5), that of the output z[M], but has shape (5, 4). "
            "Its transpose fits: pass dz_M.T."
        ),
    ),
    "dz of one example": (
        lambda: backward(NETWORK, TAPE, Y[:, :1]),
        "dz_M must have shape (4, 5), that of the output z[M], but has shape (4, 1).",
    ),
    "dz of another width": (
        lambda: backward(NETWORK, TAPE, Y[:1]),
        "dz_M must have shape (4, 5), that of the output z[M], but has shape (1, 5).",
    ),
    "checkpointed: start of one example": (
        lambda: checkpointed(NETWORK, X, lambda z: z[:, :1], every=2),
        "dz_M must have shape (4, 5), that of the output z[M], but has shape (4, 1).",
    ),
    "weights transposed": (
        lambda: Network(W=[NETWORK.W[0], NETWORK.W[1].T], b=NETWORK.b),
        (
            "W[1] must have shape (4, 3), as wide as W[0], of shape (3, 2), is tall, but has shape "
            "(3, 4). Its transpose fits: pass W[1].T."
        ),
    ),
    "weights that do not chain": (
        lambda: Network(W=[NETWORK.W[0], np.ones((4, 5))], b=NETWORK.b),
        (
            "W[1] must have shape (4, 3), as wide as W[0], of shape (3, 2), is tall, "
            "but has shape (4, 5)."
        ),
    ),
    "biases (1, D)": (
        lambda: Network(W=NETWORK.W, b=[NETWORK.b[0].T, NETWORK.b[1]]),
        (
            "b[0] must have shape (3, 1), a column as tall as W[0], of shape (3, 2), but has shape "
            "(1, 3). Its transpose fits: pass b[0].T."
        ),
    ),
    "biases of another height": (
        lambda: Network(W=NETWORK.W, b=[NETWORK.b[0], np.ones((5, 1))]),
        (
            "b[1] must have shape (4, 1), a column as tall as W[1], of shape (4, 3), "
            "but has shape (5, 1)."
        ),
    ),
    "a bias for each example": (
        lambda: Network(W=NETWORK.W, b=[np.ones((3, 5)), NETWORK.b[1]]),
        (
            "b[0] must have shape (3, 1), a column as tall as W[0], of shape (3, 2), "
            "but has shape (3, 5)."
        ),
    ),
    "one bias for all": (
        lambda: Network(W=NETWORK.W, b=[np.ones((1, 1)), NETWORK.b[1]]),
        (
            "b[0] must have shape (3, 1), a column as tall as W[0], of shape (3, 2), "
            "but has shape (1, 1)."
        ),
    ),
    "targets (1, N) for outputs (N, 1)": (
        lambda: squared_error(np.ones((5, 1)), np.ones((1, 5))),
        (
            "y must have shape (5, 1), one target for each output, but has shape (1, 5). "
            "Its transpose fits: pass y.T."
        ),
    ),
    "targets (N,) for outputs (1, N)": (
        lambda: squared_error(np.ones((1, 5)), np.ones(5)),
        (
            "y must have two dimensions, but has shape (5,). For one column pass y[:, None]; "
            "for one row y[None, :]."
        ),
    ),
    "targets of one example": (
        lambda: squared_error.start(Y, Y[:, :1]),
        "y must have shape (4, 5), one target for each output, but has shape (4, 1).",
    ),
    "targets of one output": (
        lambda: binary_cross_entropy(Y, Y[:1]),
        "y must have shape (4, 5), one target for each output, but has shape (1, 5).",
    ),
    "train: other examples": (
        lambda: train(NETWORK, X, Y[:, :4], squared_error, **KNOBS),
        "y must have shape (4, 5), one target for each output, but has shape (4, 4).",
    ),
    "train: targets transposed": (
        lambda: train(NETWORK, X, Y.T, squared_error, **KNOBS),
        (
            "y must have shape (4, 5), one target for each output, but has shape (5, 4). "
            "Its transpose fits: pass y.T."
        ),
    ),
    "gradient transposed": (
        lambda: sgd(NETWORK, Gradient(GRADIENT.b, [W.T for W in GRADIENT.W], X), 0.1),
        (
            "gradient.W[0] must have shape (3, 2), that of W[0], but has shape (2, 3). "
            "Its transpose fits: pass gradient.W[0].T."
        ),
    ),
    "gradient of one row": (
        lambda: sgd(NETWORK, Gradient(GRADIENT.b, [W[:1] for W in GRADIENT.W], X), 0.1),
        "gradient.W[0] must have shape (3, 2), that of W[0], but has shape (1, 2).",
    ),
    "gradient of one bias": (
        lambda: sgd(NETWORK, Gradient([b[:1] for b in GRADIENT.b], GRADIENT.W, X), 0.1),
        "gradient.b[0] must have shape (3, 1), that of b[0], but has shape (1, 1).",
    ),
}


@pytest.mark.parametrize("case", SHAPES)
def test_shapes_that_do_not_fit_are_refused(case):
    """Nothing is broadcast: both shapes are named, and the transpose where it would fit."""
    work, message = SHAPES[case]

    with pytest.raises(ValueError, match=re.escape(message).replace(r"\.\*", ".*")):
        work()
