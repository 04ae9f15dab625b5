"""Mistakes in the gradients of losses of classes."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: RUF059

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_losses import (
    bce,
    bce_with_logits,
    cross_entropy,
    mean_cross_entropy,
    one_hot_cross_entropy,
    softmax,
)


def divided_by_batch(z, y):
    p = softmax(z)
    p[np.arange(len(y)), y] -= 1
    return p / len(y)


def not_divided(z, y):
    p = softmax(z)
    p[np.arange(len(y)), y] -= 1
    return p


def divided_by_entries(z, y):
    N, C = z.shape
    return (softmax(z) - np.eye(C)[y]) / (N * C)


def divided_by_classes(z, y):
    N, C = z.shape
    return (softmax(z) - np.eye(C)[y]) / C


def target_minus_output(z, y):
    N, C = z.shape
    return (np.eye(C)[y] - softmax(z)) / N


def extra_sigmoid_prime(z, y):
    p = softmax(z)
    d = p.copy()
    d[np.arange(len(y)), y] -= 1
    return d * p * (1 - p)


def target_forgotten(z, y):
    return softmax(z) / len(y)


def only_true_class(z, y):
    N = len(y)
    p = softmax(z)
    d = np.zeros_like(z)
    d[np.arange(N), y] = (p[np.arange(N), y] - 1) / N
    return d


def columns_of_targets(z, y):
    p = softmax(z)
    p[:, y] -= 1
    return p / len(y)


def softmax_of_columns(z, y):
    N, C = z.shape
    e = np.exp(z - z.max(axis=0))
    return (e / e.sum(axis=0) - np.eye(C)[y]) / N


def targets_sum_to_one(z, t):
    return softmax(z) - t


def logits_for_probabilities(z, t):
    return (z - t) / z.size


def logits_with_derivative(z, t):
    s = 1 / (1 + np.exp(-z))
    return (s - t) * s * (1 - s) / z.size


def logits_batch_only(z, t):
    return (1 / (1 + np.exp(-z)) - t) / z.shape[0]


def bce_second_sign(p, t):
    return -(t / p + (1 - t) / (1 - p)) / p.shape[0]


def bce_fused_by_mistake(p, t):
    return (p - t) / len(p)


_LABELS = "z: N C, y: N in C"
_BINARY = "p: N in (0, 1), t: N in {0, 1}"
_LOGITS = "z: N C, t: N C in {0, 1}"

CASES = [
    wrong(
        "cross-entropy: sum divided by N", "1/N", cross_entropy, divided_by_batch, _LABELS,
        corpus="B049",
    ),
    wrong("cross-entropy: mean not divided", "1/N", mean_cross_entropy, not_divided, _LABELS),
    wrong(
        "cross-entropy: divided by N C", "1/N", mean_cross_entropy, divided_by_entries, _LABELS,
        corpus="B051",
    ),
    wrong("cross-entropy: divided by C", "1/N", mean_cross_entropy, divided_by_classes, _LABELS),
    wrong(
        "cross-entropy: y - p", "sign", mean_cross_entropy, target_minus_output, _LABELS,
        corpus="B053",
    ),
    wrong(
        "cross-entropy: sigmoid derivative", "extra factor", cross_entropy, extra_sigmoid_prime,
        _LABELS, corpus="B055",
    ),
    wrong(
        "cross-entropy: target left out", "missing term", mean_cross_entropy, target_forgotten,
        _LABELS,
    ),
    wrong(
        "cross-entropy: true class only", "missing term", mean_cross_entropy, only_true_class,
        _LABELS, also=("wrong mask", "extra factor"),
    ),
    wrong(
        "cross-entropy: columns of the targets", "wrong operand", mean_cross_entropy,
        columns_of_targets, _LABELS, also=("extra term",),
    ),
    wrong(
        "cross-entropy: softmax of columns", "axis", mean_cross_entropy, softmax_of_columns,
        _LABELS,
    ),
    wrong(
        "cross-entropy: targets that do not sum to 1", "missing chain factor",
        one_hot_cross_entropy, targets_sum_to_one, "z: N C, t: N C", options={"wrt": ("z",)},
        also=("missing term",),
    ),
    wrong(
        "logits for probabilities", "wrong operand", bce_with_logits, logits_for_probabilities,
        _LOGITS,
    ),
    wrong(
        "logits: sigmoid derivative", "extra factor", bce_with_logits, logits_with_derivative,
        _LOGITS,
    ),
    wrong("logits: divided by N only", "1/N", bce_with_logits, logits_batch_only, _LOGITS),
    wrong("binary cross-entropy: second sign", "sign", bce, bce_second_sign, _BINARY),
    wrong(
        "binary cross-entropy: p - t", "missing chain factor", bce, bce_fused_by_mistake, _BINARY,
    ),
]  # fmt: skip
