"""Mistakes in recurrent cells."""

# Written as people write them, with arguments and cached values that go unused.
# ruff: noqa: ARG001, PLR0917, RUF059

import numpy as np

from backward_corpus.case import wrong
from backward_corpus.right_sequences import (
    gru,
    lstm,
    rnn,
    rnn_cell,
    sigmoid,
)


def _lstm_gradients(da, dc, f, cache):
    x, h, c, Wx, Wh = cache[:5]
    return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, h.T @ da, da.sum(axis=0)


def lstm_forget_gate(dnext_h, dnext_c, cache):
    x, h, c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    da = np.hstack(
        (dc * g * i * (1 - i), dc * c * f, dnext_h * t * o * (1 - o), dc * i * (1 - g**2))
    )
    return _lstm_gradients(da, dc, f, cache)


def lstm_cell_gradient_dropped(dnext_h, dnext_c, cache):
    x, h, c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_h * o * (1 - t**2)
    da = np.hstack(
        (dc * g * i * (1 - i), dc * c * f * (1 - f), dnext_h * t * o * (1 - o), dc * i * (1 - g**2))
    )
    return _lstm_gradients(da, dc, f, cache)


def lstm_tanh_of_cell_missing(dnext_h, dnext_c, cache):
    x, h, c, Wx, Wh, i, f, o, g, next_c = cache
    dc = dnext_c + dnext_h * o
    do = dnext_h * np.tanh(next_c)
    da = np.hstack(
        (dc * g * i * (1 - i), dc * c * f * (1 - f), do * o * (1 - o), dc * i * (1 - g**2))
    )
    return _lstm_gradients(da, dc, f, cache)


def lstm_next_for_previous(dnext_h, dnext_c, cache):
    x, h, c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    do = dnext_h * t
    da = np.hstack(
        (dc * g * i * (1 - i), dc * next_c * f * (1 - f), do * o * (1 - o), dc * i * (1 - g**2))
    )
    return _lstm_gradients(da, dc, f, cache)


def lstm_gates_swapped(dnext_h, dnext_c, cache):
    x, h, c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    do = dnext_h * t
    da = np.hstack(
        (dc * c * f * (1 - f), dc * g * i * (1 - i), do * o * (1 - o), dc * i * (1 - g**2))
    )
    return _lstm_gradients(da, dc, f, cache)


def lstm_candidate_sigmoid(dnext_h, dnext_c, cache):
    x, h, c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    do = dnext_h * t
    da = np.hstack(
        (dc * g * i * (1 - i), dc * c * f * (1 - f), do * o * (1 - o), dc * i * g * (1 - g))
    )
    return _lstm_gradients(da, dc, f, cache)


def one_bias_for_all(x, h, c, Wf, Wu, Wc, Wo, bf, bu, bc, bo):
    z = np.hstack([h, x])
    f, u = sigmoid(z @ Wf + bo), sigmoid(z @ Wu + bo)
    o, g = sigmoid(z @ Wo + bo), np.tanh(z @ Wc + bc)
    next_c = f * c + u * g
    return o * np.tanh(next_c), (z, f, u, o, g, next_c)


def one_bias_for_all_backward(dout, cache, x, h, c, Wf, Wu, Wc, Wo, bf, bu, bc, bo):
    z, f, u, o, g, next_c = cache
    H = h.shape[1]
    t = np.tanh(next_c)
    dc = dout * o * (1 - t**2)
    df, du = dc * c * f * (1 - f), dc * g * u * (1 - u)
    do, dg = dout * t * o * (1 - o), dc * u * (1 - g**2)
    dz = df @ Wf.T + du @ Wu.T + do @ Wo.T + dg @ Wc.T
    weights = (z.T @ df, z.T @ du, z.T @ dg, z.T @ do)
    biases = (np.zeros_like(bf), np.zeros_like(bu), dg.sum(0), (df + du + do).sum(0))
    return (dz[:, H:], dz[:, :H], dc * f, *weights, *biases)


def each_gate_its_bias(x, h, c, Wf, Wu, Wc, Wo, bf, bu, bc, bo):
    z = np.hstack([h, x])
    f, u = sigmoid(z @ Wf + bf), sigmoid(z @ Wu + bu)
    next_c = f * c + u * np.tanh(z @ Wc + bc)
    return sigmoid(z @ Wo + bo) * np.tanh(next_c)


def gru_reset_forgotten(dout, cache, x, h, Wz, Uz, Wr, Ur, Wn, Un):
    z, r, n = cache
    dz = dout * (h - n) * z * (1 - z)
    dn = dout * (1 - z) * (1 - n**2)
    drh = dn @ Un.T
    dr = drh * h * r * (1 - r)
    dh = dout * z + drh + dz @ Uz.T + dr @ Ur.T
    dx = dz @ Wz.T + dr @ Wr.T + dn @ Wn.T
    return dx, dh, x.T @ dz, h.T @ dz, x.T @ dr, h.T @ dr, x.T @ dn, (r * h).T @ dn


def gru_update_reversed(dout, cache, x, h, Wz, Uz, Wr, Ur, Wn, Un):
    z, r, n = cache
    dz = dout * (n - h) * z * (1 - z)
    dn = dout * (1 - z) * (1 - n**2)
    drh = dn @ Un.T
    dr = drh * h * r * (1 - r)
    dh = dout * z + drh * r + dz @ Uz.T + dr @ Ur.T
    dx = dz @ Wz.T + dr @ Wr.T + dn @ Wn.T
    return dx, dh, x.T @ dz, h.T @ dz, x.T @ dr, h.T @ dr, x.T @ dn, (r * h).T @ dn


def cell_next_for_previous(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, next_h.T @ da, da.sum(axis=0)


def cell_without_derivative(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    return dnext_h @ Wx.T, dnext_h @ Wh.T, x.T @ dnext_h, prev_h.T @ dnext_h, dnext_h.sum(axis=0)


def cell_previous_state(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - prev_h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def no_carry(dout, cache, x, h0, Wx, Wh):
    h = cache
    dx, dWx, dWh = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh)
    for t in reversed(range(len(x))):
        da = dout[t] * (1 - h[t + 1] ** 2)
        dx[t] = da @ Wx.T
        dWx += np.outer(x[t], da)
        dWh += np.outer(h[t], da)
        dh0 = da @ Wh.T
    return dx, dh0, dWx, dWh


def state_index(dout, cache, x, h0, Wx, Wh):
    h = cache
    dx, dWx, dWh = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        da = (dout[t] + dh_next) * (1 - h[t + 1] ** 2)
        dx[t] = da @ Wx.T
        dWx += np.outer(x[t], da)
        dWh += np.outer(h[t + 1], da)
        dh_next = da @ Wh.T
    return dx, dh_next, dWx, dWh


def forwards_in_time(dout, cache, x, h0, Wx, Wh):
    h = cache
    dx, dWx, dWh = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh)
    dh_next = np.zeros_like(h0)
    for t in range(len(x)):
        da = (dout[t] + dh_next) * (1 - h[t + 1] ** 2)
        dx[t] = da @ Wx.T
        dWx += np.outer(x[t], da)
        dWh += np.outer(h[t], da)
        dh_next = da @ Wh.T
    return dx, dh_next, dWx, dWh


def last_step_only(dout, cache, x, h0, Wx, Wh):
    h = cache
    dx = np.zeros_like(x)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        da = (dout[t] + dh_next) * (1 - h[t + 1] ** 2)
        dx[t] = da @ Wx.T
        dWx = np.outer(x[t], da)
        dWh = np.outer(h[t], da)
        dh_next = da @ Wh.T
    return dx, dh_next, dWx, dWh


_LSTM = "x: N D, h: N H, c: N H, Wx: D 4*H, Wh: H 4*H, b: 4*H"
_GATES = "x: N 2, h: N 3, c: N 3, Wf: 5 3, Wu: 5 3, Wc: 5 3, Wo: 5 3, bf: 3, bu: 3, bc: 3, bo: 3"
_GRU = "x: N D, h: N H, Wz: D H, Uz: H H, Wr: D H, Ur: H H, Wn: D H, Un: H H"
_CELL = "x: N D, prev_h: N H, Wx: D H, Wh: H H, b: H"
_RNN = "x: T D, h0: H, Wx: D H, Wh: H H"

CASES = [
    wrong(
        "lstm: sigmoid for its derivative", "missing chain factor", lstm, lstm_forget_gate, _LSTM,
        corpus="B097",
    ),
    wrong(
        "lstm: dnext_c left out", "missing term", lstm, lstm_cell_gradient_dropped, _LSTM,
        corpus="B099",
    ),
    wrong(
        "lstm: derivative of tanh(c) left out", "missing chain factor", lstm,
        lstm_tanh_of_cell_missing, _LSTM,
    ),
    wrong("lstm: next_c for c", "wrong operand", lstm, lstm_next_for_previous, _LSTM),
    wrong("lstm: gates swapped", "order", lstm, lstm_gates_swapped, _LSTM, also=("wrong operand",)),
    wrong(
        "lstm: candidate as a sigmoid", "wrong derivative", lstm, lstm_candidate_sigmoid, _LSTM,
        also=("wrong operand",),
    ),
    wrong(
        "lstm: one bias for all gates", "specification", one_bias_for_all,
        one_bias_for_all_backward, _GATES, options={"spec": each_gate_its_bias}, corpus="B105",
    ),
    wrong("gru: reset gate left out", "missing chain factor", gru, gru_reset_forgotten, _GRU),
    wrong("gru: update gate reversed", "sign", gru, gru_update_reversed, _GRU),
    wrong(
        "rnn cell: next state for previous", "wrong operand", rnn_cell, cell_next_for_previous,
        _CELL, corpus="B101",
    ),
    wrong(
        "rnn cell: derivative of tanh left out", "missing chain factor", rnn_cell,
        cell_without_derivative, _CELL,
    ),
    wrong(
        "rnn cell: derivative at the previous state", "wrong operand", rnn_cell,
        cell_previous_state, _CELL,
    ),
    wrong("rnn: no carry", "missing term", rnn, no_carry, _RNN, corpus="B099"),
    wrong("rnn: state of the next step", "wrong operand", rnn, state_index, _RNN, corpus="B101"),
    wrong("rnn: forwards in time", "order", rnn, forwards_in_time, _RNN),
    wrong(
        "rnn: weights of one step", "accumulation", rnn, last_step_only, _RNN,
        also=("missing term",),
    ),
]  # fmt: skip
