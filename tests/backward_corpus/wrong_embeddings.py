"""Mistakes in embeddings."""

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_sequences import (
    bag_of_words,
    embedding,
    positional,
    word_pairs,
)


def fancy_addition(dout, idx, E):
    dE = np.zeros_like(E)
    dE[idx] += dout
    return dE


def fancy_assignment(dout, idx, E):
    dE = np.zeros_like(E)
    dE[idx] = dout
    return dE


def mean_of_repeats(dout, idx, E):
    dE = np.zeros_like(E)
    np.add.at(dE, idx, dout)
    counts = np.maximum(np.bincount(idx, minlength=len(E)), 1)
    return dE / counts[:, None]


def bag_not_divided(dout, cache, idx, E, W):
    dE = np.zeros_like(E)
    T = idx.shape[1]
    np.add.at(dE, idx, np.repeat((dout @ W.T)[:, None, :], T, axis=1))
    return dE, cache.T @ dout


def negatives_once(cache, v, U, o, neg):
    s, k = cache
    dv = (s - 1) * U[o] + (1 - k) @ U[neg]
    dU = np.zeros_like(U)
    dU[o] += (s - 1) * v
    dU[neg] += np.outer(1 - k, v)
    return dv, dU


def negatives_sign(cache, v, U, o, neg):
    s, k = cache
    dv = (s - 1) * U[o] - (1 - k) @ U[neg]
    dU = np.zeros_like(U)
    dU[o] += (s - 1) * v
    np.add.at(dU, neg, -np.outer(1 - k, v))
    return dv, dU


def positions_of_first_example(dout, x, P):
    dP = np.zeros_like(P)
    dP[: x.shape[1]] = dout[0]
    return dout.copy(), dP


_EMBEDDING = "idx: N in V, E: V D"
_WORDS = "v: D, U: V D, o: in V, neg: K in V"

CASES = [
    wrong(
        "embedding: fancy addition", "accumulation", embedding, fancy_addition, _EMBEDDING,
        corpus="B087",
    ),
    wrong(
        "embedding: assignment", "accumulation", embedding, fancy_assignment, _EMBEDDING,
        corpus="B087",
    ),
    wrong(
        "embedding: mean of repeats", "1/N", embedding, mean_of_repeats, _EMBEDDING,
        also=("accumulation", "extra factor"),
    ),
    wrong(
        "bag of words: not divided", "1/N", bag_of_words, bag_not_divided,
        "idx: N T in V, E: V D, W: D M",
    ),
    wrong(
        "word pairs: repeated negatives", "accumulation", word_pairs, negatives_once, _WORDS,
        corpus="B061",
    ),
    wrong(
        "word pairs: sign of the negatives", "sign", word_pairs, negatives_sign, _WORDS,
        corpus="B061",
    ),
    wrong(
        "positions: first example", "missing term", positional, positions_of_first_example,
        "x: N T D, P: T+1 D", also=("axis",),
    ),
]  # fmt: skip
