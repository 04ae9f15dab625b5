"""Fifteen common layers with their backward passes, derived and checked in docs/zoo.

An example is a column, as everywhere in this book.  `LAYERS` says of each pair what goes in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backproof.zoo import (
    activations,
    attention,
    batch_norm,
    convolution,
    cross_entropy,
    dropout,
    embedding,
    l2_penalty,
    layer_norm,
    linear,
    lstm,
    max_pooling,
    residual,
    rms_norm,
    softmax,
)

__all__ = ["LAYERS", "Layer"]


@dataclass(frozen=True, slots=True)
class Layer:
    """A forward pass, its backward pass, and the declaration of the inputs for `check`."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: str


LAYERS = {
    "linear": Layer(linear.forward, linear.backward, "x: D N, W: M D, b: M 1"),
    "relu": Layer(activations.relu, activations.relu_backward, "z: D N"),
    "leaky relu": Layer(activations.leaky_relu, activations.leaky_relu_backward, "z: D N"),
    "sigmoid": Layer(activations.sigmoid, activations.sigmoid_backward, "z: D N"),
    "tanh": Layer(activations.tanh, activations.tanh_backward, "z: D N"),
    "softplus": Layer(activations.softplus, activations.softplus_backward, "z: D N"),
    "gelu": Layer(activations.gelu, activations.gelu_backward, "z: D N"),
    "silu": Layer(activations.silu, activations.silu_backward, "z: D N"),
    "softmax": Layer(softmax.forward, softmax.backward, "z: C N"),
    "cross-entropy": Layer(cross_entropy.forward, cross_entropy.backward, "z: C N, y: N in C"),
    "log-softmax": Layer(cross_entropy.log_softmax, cross_entropy.log_softmax_backward, "z: C N"),
    "binary cross-entropy": Layer(
        cross_entropy.binary, cross_entropy.binary_backward, "z: D N, t: D N in {0, 1}"
    ),
    "layer norm": Layer(layer_norm.forward, layer_norm.backward, "x: D N, gamma: D 1, beta: D 1"),
    "rms norm": Layer(rms_norm.forward, rms_norm.backward, "x: D N, gamma: D 1"),
    "batch norm": Layer(batch_norm.forward, batch_norm.backward, "x: D N, gamma: D 1, beta: D 1"),
    "dropout": Layer(dropout.forward, dropout.backward, "x: D N, mask: D N in {0, 1}"),
    "embedding": Layer(embedding.forward, embedding.backward, "E: D V, index: N in V"),
    "max pooling": Layer(max_pooling.forward, max_pooling.backward, "x: 1 4 2 N"),
    "convolution": Layer(convolution.forward, convolution.backward, "x: 1 3 3 N, W: M 4, b: M 1"),
    "attention": Layer(attention.forward, attention.backward, "Q: D T, K: D S, V: F S"),
    "lstm": Layer(
        lstm.forward, lstm.backward, "x: D N, h: H N, c: H N, V: 4*H D, U: 4*H H, b: 4*H 1"
    ),
    "residual": Layer(residual.forward, residual.backward, "x: D N, W: D D"),
    "l2 penalty": Layer(l2_penalty.forward, l2_penalty.backward, "W: M D, strength = 0.1"),
}
"""Every pair of functions by its name."""
