"""Mistakes in attention."""

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_sequences import (
    attention,
    causal,
)


def unscaled(dout, cache, Q, K, V):
    P = cache
    dP = dout @ V.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True))
    return dS @ K, dS.T @ Q, P.T @ dout


def scaled_by_d(dout, cache, Q, K, V):
    P = cache
    dP = dout @ V.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True)) / Q.shape[-1]
    return dS @ K, dS.T @ Q, P.T @ dout


def values_not_transposed(dout, cache, Q, K, V):
    P = cache
    dP = dout @ V.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True)) / np.sqrt(Q.shape[-1])
    return dS @ K, dS.T @ Q, P @ dout


def softmax_not_centred(dout, cache, Q, K, V):
    P = cache
    dS = P * (dout @ V.T) / np.sqrt(Q.shape[-1])
    return dS @ K, dS.T @ Q, P.T @ dout


def keys_and_queries_swapped(dout, cache, Q, K, V):
    P = cache
    dP = dout @ V.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True)) / np.sqrt(Q.shape[-1])
    return dS.T @ Q, dS @ K, P.T @ dout


def keys_without_transpose(dout, cache, Q, K, V):
    P = cache
    dP = dout @ V.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True)) / np.sqrt(Q.shape[-1])
    return dS @ K, dS @ Q, P.T @ dout


def softmax_skipped(dout, cache, Q, K, V):
    P = cache
    dS = dout @ V.T / np.sqrt(Q.shape[-1])
    return dS @ K, dS.T @ Q, P.T @ dout


def sum_over_queries(dout, cache, Q, K, V):
    P = cache
    dP = dout @ V.T
    dS = P * (dP - np.sum(dP * P, axis=0, keepdims=True)) / np.sqrt(Q.shape[-1])
    return dS @ K, dS.T @ Q, P.T @ dout


def future_values_masked(dout, cache):
    P, Q, K, V = cache
    d = Q.shape[1]
    dP = np.tril(dout @ V.T, -1)
    dS = P * (dP - (dP * P).sum(-1, keepdims=True))
    return dS @ K / np.sqrt(d), dS.T @ Q / np.sqrt(d), P.T @ dout


_QKV = "Q: T D, K: S D, V: S M"
_SQUARE = "Q: T D, K: T D, V: T M"

CASES = [
    wrong(
        "attention: scale left out", "factor", attention, unscaled, _QKV,
        also=("missing chain factor",), corpus="B107",
    ),
    wrong(
        "attention: divided by d", "factor", attention, scaled_by_d, _QKV,
        also=("missing chain factor", "wrong derivative"),
    ),
    wrong(
        "attention: dV without transpose", "transpose", attention, values_not_transposed, _SQUARE,
        corpus="B109",
    ),
    wrong("attention: softmax not centred", "missing term", attention, softmax_not_centred, _QKV),
    wrong(
        "attention: dQ and dK swapped", "order", attention, keys_and_queries_swapped, _SQUARE,
        also=("wrong operand",),
    ),
    wrong(
        "attention: dK without transpose", "transpose", attention, keys_without_transpose, _SQUARE,
    ),
    wrong(
        "attention: softmax skipped", "missing chain factor", attention, softmax_skipped, _QKV,
        also=("missing term",),
    ),
    wrong("attention: centred over queries", "axis", attention, sum_over_queries, _QKV),
    wrong(
        "causal attention: diagonal masked", "wrong mask", causal, future_values_masked, _SQUARE,
        also=("missing term",),
    ),
]  # fmt: skip
