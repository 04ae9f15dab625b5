"""Wrong backward passes as people write them: seventeen classic ones, and some more.

Each is complete and takes and returns what `backproof.backward` does.  All but a line is right.
"""

import numpy as np

from backproof import Gradient


def gradient(db, dW, dx):
    """Return what was gathered from the last map to the first as a Gradient."""
    return Gradient([db[k] for k in sorted(db)], [dW[k] for k in sorted(dW)], dx)


# The seventeen mistakes.


def plain_W(network, tape, dz):
    """W instead of Wᵀ on the way back; equal widths hide the shape."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k] @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def outer_product_reversed(network, tape, dz):
    """x dzᵀ instead of dz xᵀ; equal widths hide the shape."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = tape.x[k] @ dz.T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def no_mask(network, tape, dz):
    """The indicator is left out."""
    db, dW = {}, {}
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dz = network.W[k].T @ dz
    return gradient(db, dW, dz)


def mask_of_the_wrong_layer(network, tape, dz):
    """The indicator of z_k instead of z_{k-1}."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k] > 0) * dx
    return gradient(db, dW, dx)


def mask_that_is_always_1(network, tape, dz):
    """I[x_k ≥ 0] of the ReLU's output, which is never negative."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.x[k] >= 0) * dx
    return gradient(db, dW, dx)


def input_of_the_next_map(network, tape, dz):
    """dz_k x_{k+1}ᵀ instead of dz_k x_kᵀ; equal widths hide the shape."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ network.activation(tape.z[k]).T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def factor_2_missing(network, tape, dz):
    """The start of half the squared error, z - y instead of 2 (z - y)."""
    dz = dz / 2
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def last_weights_forgotten(network, tape, dz):
    """∂L/∂W_M is left at zero."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        if k == network.M:
            dW[k] = 0 * dW[k]
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def kink_included(network, tape, dz):
    """I[z ≥ 0] instead of I[z > 0]."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] >= 0) * dx
    return gradient(db, dW, dx)


def mean_for_b(network, tape, dz):
    """The mean over the batch for the biases, the sum for the weights."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.mean(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def mean_for_W(network, tape, dz):
    """The mean over the batch for the weights, the sum for the biases."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T / dz.shape[1]
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def bias_of_the_first_example(network, tape, dz):
    """The bias gradient of one example instead of the sum over the batch."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz[:, :1]
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def outputs_summed(network, tape, dz):
    """The start summed over the outputs, as if there were one."""
    dz = dz.sum(axis=0, keepdims=True) + 0 * dz
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def mask_on_the_output(network, tape, dz):
    """The indicator also of z_M, which no ReLU follows."""
    db, dW, dx = {}, {}, dz
    for k in range(network.M, -1, -1):
        dz = (tape.z[k] > 0) * dx
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
    return gradient(db, dW, dx)


def relu_on_the_output(network, tape, dz):
    """The gradient of another network, whose output is ReLU of z_M in the loss too."""
    f, z = network.activation, tape.output
    db, dW, dx = {}, {}, dz + 2 * (f(z) - z)
    for k in range(network.M, -1, -1):
        dz = (tape.z[k] > 0) * dx
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
    return gradient(db, dW, dx)


def input_gradient_forgotten(network, tape, dz):
    """∂L/∂x_0 is left at zero."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, 0 * dx)


def input_gradient_masked(network, tape, dz):
    """∂L/∂x_0 gets the indicator of x_0, though the data came through no ReLU."""
    db, dW = {}, {}
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dz = ((tape.z[k - 1] if k > 0 else tape.x[0]) > 0) * (network.W[k].T @ dz)
    return gradient(db, dW, dz)


# Mistakes that no fixed cotangent shows: the backward pass is no longer linear in its start.


def cotangent_clipped(network, tape, dz):
    """Each dz_k is clipped to -1, …, 1, as against exploding gradients."""
    db, dW, dx = {}, {}, dz
    for k in range(network.M, -1, -1):
        dz = np.clip(dx if k == network.M else (tape.z[k] > 0) * dx, -1, 1)
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
    return gradient(db, dW, dx)


def cotangent_guided(network, tape, dz):
    """Guided backpropagation: what comes from above passes only where it is positive."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * (dx > 0) * dx
    return gradient(db, dW, dx)


def cotangent_without_sign(network, tape, dz):
    """The absolute value of what comes from above."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * abs(dx)
    return gradient(db, dW, dx)


# Mistakes of a shape that NumPy's broadcasting would forgive.


def biases_not_summed(network, tape, dz):
    """∂L/∂b_k keeps one column for each example."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def biases_flat(network, tape, dz):
    """∂L/∂b_k of shape (D,) instead of (D, 1)."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


# Mistakes of state.


def weights_updated_on_the_way(network, tape, dz):
    """Each W_k takes its step before it carries dz_k back."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        network.W[k][:] = network.W[k] - dW[k]
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def everything_wiped(network, tape, dz):
    """All is set to 0, also what the gradient will be judged by, and 0 is returned."""
    for array in [*network.b, *network.W, *tape.x, *tape.z, dz]:
        array[:] = 0 * array
    db = [b.copy() for b in network.b]
    return Gradient(db, [W.copy() for W in network.W], tape.x[0].copy())


# The kink once more, in an indicator that every number system can answer.


def kink_included_by_complement(network, tape, dz):
    """1 - I[-z > 0], which is I[z ≥ 0]."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (1 - 1 * (-1 * tape.z[k - 1] > 0)) * dx
    return gradient(db, dW, dx)
