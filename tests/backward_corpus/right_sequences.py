"""Attention, recurrent cells, embeddings."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: PLR0917, RUF059

import numpy as np

from backward_corpus.case import right


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def attention(Q, K, V):
    d = Q.shape[-1]
    P = softmax(Q @ K.T / np.sqrt(d))
    return P @ V, P


def attention_backward(dout, cache, Q, K, V):
    P = cache
    d = Q.shape[-1]
    dV = P.T @ dout
    dP = dout @ V.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True))
    dS /= np.sqrt(d)
    return dS @ K, dS.T @ Q, dV


def causal(Q, K, V):
    T, d = Q.shape
    S = Q @ K.T / np.sqrt(d)
    S = np.where(np.tril(np.ones((T, T))) == 0, -1e9, S)
    P = softmax(S)
    return P @ V, (P, Q, K, V)


def causal_backward(dout, cache):
    P, Q, K, V = cache
    T, d = Q.shape
    dV = P.T @ dout
    dP = dout @ V.T
    dS = P * (dP - (dP * P).sum(-1, keepdims=True))
    dS[np.triu_indices(T, 1)] = 0
    return dS @ K / np.sqrt(d), dS.T @ Q / np.sqrt(d), dV


def multihead(x, Wq, Wk, Wv, Wo, heads=2):
    T, D = x.shape
    d = D // heads
    q, k, v = ((x @ W).reshape(T, heads, d).transpose(1, 0, 2) for W in (Wq, Wk, Wv))
    p = softmax(q @ k.transpose(0, 2, 1) / d**0.5)
    merged = (p @ v).transpose(1, 0, 2).reshape(T, D)
    return merged @ Wo, (q, k, v, p, merged)


def multihead_backward(dout, cache, x, Wq, Wk, Wv, Wo, heads=2):
    q, k, v, p, merged = cache
    T, D = x.shape
    d = D // heads
    dWo = merged.T @ dout
    dh = (dout @ Wo.T).reshape(T, heads, d).transpose(1, 0, 2)
    dv = p.transpose(0, 2, 1) @ dh
    dp = dh @ v.transpose(0, 2, 1)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) / d**0.5
    dq, dk = ds @ k, ds.transpose(0, 2, 1) @ q
    dq, dk, dv = (g.transpose(1, 0, 2).reshape(T, D) for g in (dq, dk, dv))
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, x.T @ dq, x.T @ dk, x.T @ dv, dWo


def lstm(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    a = x @ Wx + h @ Wh + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H])
    g = np.tanh(a[:, 3 * H :])
    next_c = f * c + i * g
    next_h = o * np.tanh(next_c)
    cache = (x, h, c, Wx, Wh, i, f, o, g, next_c)
    return next_h, next_c, cache


def lstm_backward(dnext_h, dnext_c, cache):
    x, h, c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    do = dnext_h * t
    dc = dnext_c + dnext_h * o * (1 - t**2)
    da = np.hstack(
        (dc * g * i * (1 - i), dc * c * f * (1 - f), do * o * (1 - o), dc * i * (1 - g**2))
    )
    dx = da @ Wx.T
    dWx = x.T @ da
    dh = da @ Wh.T
    dWh = h.T @ da
    db = da.sum(axis=0)
    return dx, dh, dc * f, dWx, dWh, db


def gru(x, h, Wz, Uz, Wr, Ur, Wn, Un):
    z = sigmoid(x @ Wz + h @ Uz)
    r = sigmoid(x @ Wr + h @ Ur)
    n = np.tanh(x @ Wn + (r * h) @ Un)
    return (1 - z) * n + z * h, (z, r, n)


def gru_backward(dout, cache, x, h, Wz, Uz, Wr, Ur, Wn, Un):
    z, r, n = cache
    dz = dout * (h - n) * z * (1 - z)
    dn = dout * (1 - z) * (1 - n**2)
    drh = dn @ Un.T
    dr = drh * h * r * (1 - r)
    dh = dout * z + drh * r + dz @ Uz.T + dr @ Ur.T
    dx = dz @ Wz.T + dr @ Wr.T + dn @ Wn.T
    return dx, dh, x.T @ dz, h.T @ dz, x.T @ dr, h.T @ dr, x.T @ dn, (r * h).T @ dn


def rnn_cell(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_cell_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def rnn(x, h0, Wx, Wh):
    T = x.shape[0]
    h = np.zeros((T + 1, h0.shape[0]))
    h[0] = h0
    for t in range(T):
        h[t + 1] = np.tanh(x[t] @ Wx + h[t] @ Wh)
    return h[1:], h


def rnn_backward(dout, cache, x, h0, Wx, Wh):
    h = cache
    dx, dWx, dWh = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        da = (dout[t] + dh_next) * (1 - h[t + 1] ** 2)
        dx[t] = da @ Wx.T
        dWx += np.outer(x[t], da)
        dWh += np.outer(h[t], da)
        dh_next = da @ Wh.T
    return dx, dh_next, dWx, dWh


def embedding(idx, E):
    return E[idx]


def embedding_backward(dout, idx, E):
    dE = np.zeros_like(E)
    np.add.at(dE, idx, dout)
    return dE


def embedding_loop(dout, idx, E):
    dE = np.zeros(E.shape)
    for n, i in enumerate(idx):
        dE[i] += dout[n]
    return dE


def embedding_one_hot(dout, idx, E):
    return np.eye(len(E))[idx].T @ dout


def bag_of_words(idx, E, W):
    h = E[idx].mean(axis=1)
    return h @ W, h


def bag_of_words_backward(dout, cache, idx, E, W):
    dh = dout @ W.T
    dE = np.zeros_like(E)
    N, T = idx.shape
    np.add.at(dE, idx, np.repeat(dh[:, None, :] / T, T, axis=1))
    return dE, cache.T @ dout


def word_pairs(v, U, o, neg):
    s = sigmoid(U[o] @ v)
    k = sigmoid(-U[neg] @ v)
    loss = -np.log(s) - np.sum(np.log(k))
    return loss, (s, k)


def word_pairs_backward(cache, v, U, o, neg):
    s, k = cache
    dv = (s - 1) * U[o] + (1 - k) @ U[neg]
    dU = np.zeros_like(U)
    dU[o] += (s - 1) * v
    for i, j in enumerate(neg):
        dU[j] += (1 - k[i]) * v
    return dv, dU


def positional(x, P):
    return x + P[: x.shape[1]]


def positional_backward(dout, x, P):
    dP = np.zeros_like(P)
    dP[: x.shape[1]] = dout.sum(axis=0)
    return dout.copy(), dP


def causal_infinite(Q, K, V):
    T, d = Q.shape
    S = Q @ K.T / np.sqrt(d)
    S[np.triu_indices(T, 1)] = -np.inf
    P = softmax(S)
    return P @ V, P


def causal_infinite_backward(dout, cache, Q, K, V):
    P = cache
    dP = dout @ V.T
    dS = P * (dP - (dP * P).sum(-1, keepdims=True)) / np.sqrt(Q.shape[1])
    return dS @ K, dS.T @ Q, P.T @ dout


def attention_of_batch(q, k, v):
    w = softmax(np.einsum("bqd,bkd->bqk", q, k) / q.shape[-1] ** 0.5)
    return np.einsum("bqk,bkm->bqm", w, v), w


def attention_of_batch_backward(dout, cache, q, k, v):
    w = cache
    dv = np.einsum("bqk,bqm->bkm", w, dout)
    dw = np.einsum("bqm,bkm->bqk", dout, v)
    ds = (dw - np.einsum("bqk,bqk->bq", dw, w)[..., None]) * w / q.shape[-1] ** 0.5
    return np.einsum("bqk,bkd->bqd", ds, k), np.einsum("bqk,bqd->bkd", ds, q), dv


_QKV = "Q: T D, K: S D, V: S M"
_HEADS = "x: T 4, Wq: 4 4, Wk: 4 4, Wv: 4 4, Wo: 4 4"

CASES = [
    right("attention", attention, attention_backward, _QKV),
    right("attention, causal", causal, causal_backward, "Q: T D, K: T D, V: T M"),
    right("attention, two heads", multihead, multihead_backward, _HEADS),
    right("lstm cell", lstm, lstm_backward, "x: N D, h: N H, c: N H, Wx: D 4*H, Wh: H 4*H, b: 4*H"),
    right(
        "gru cell", gru, gru_backward,
        "x: N D, h: N H, Wz: D H, Uz: H H, Wr: D H, Ur: H H, Wn: D H, Un: H H",
    ),
    right("rnn cell", rnn_cell, rnn_cell_backward, "x: N D, prev_h: N H, Wx: D H, Wh: H H, b: H"),
    right("rnn through time", rnn, rnn_backward, "x: T D, h0: H, Wx: D H, Wh: H H"),
    right("embedding", embedding, embedding_backward, "idx: N in V, E: V D"),
    right("embedding of sequences", embedding, embedding_backward, "idx: N T in V, E: V D"),
    right("embedding, loop", embedding, embedding_loop, "idx: N in V, E: V D"),
    right("embedding, one-hot", embedding, embedding_one_hot, "idx: N in V, E: V D"),
    right("bag of words", bag_of_words, bag_of_words_backward, "idx: N T in V, E: V D, W: D M"),
    right("word pairs", word_pairs, word_pairs_backward, "v: D, U: V D, o: in V, neg: K in V"),
    right("positions", positional, positional_backward, "x: N T D, P: T+1 D"),
    right(
        "attention, future at minus infinity", causal_infinite, causal_infinite_backward,
        "Q: T D, K: T D, V: T M",
    ),
    right(
        "attention of a batch", attention_of_batch, attention_of_batch_backward,
        "q: 2 2 3, k: 2 3 3, v: 2 3 2",
    ),
]  # fmt: skip
