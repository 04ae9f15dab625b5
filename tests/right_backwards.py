"""Right backward passes, each written in another way than the one of the package."""

import numpy as np
from wrong_backwards import gradient


def in_one_loop(network, tape, dz):
    """The recursion with x_0 no special case."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def mask_of_the_activation(network, tape, dz):
    """I[x_k > 0], which is I[z_{k-1} > 0] because x_k is ReLU of z_{k-1}."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.x[k] > 0) * dx
    return gradient(db, dW, dx)


def mask_applied_twice(network, tape, dz):
    """The indicator once more in front, which changes nothing because it is 0 or 1."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = dz @ tape.x[k].T
        dx = network.W[k].T @ dz
        if k > 0:
            dz = (tape.z[k - 1] > 0) * ((tape.z[k - 1] > 0) * dx)
    return gradient(db, dW, dx)


def outer_product_transposed(network, tape, dz):
    """(x dzᵀ)ᵀ for dz xᵀ, and (dzᵀ W)ᵀ for Wᵀ dz."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = dz.sum(axis=1, keepdims=True)
        dW[k] = (tape.x[k] @ dz.T).T
        dx = (dz.T @ network.W[k]).T
        if k > 0:
            dz = (tape.z[k - 1] > 0) * dx
    return gradient(db, dW, dx)


def by_einsum(network, tape, dz):
    """Sums over named indices."""
    db, dW, dx = {}, {}, None
    for k in range(network.M, -1, -1):
        db[k] = np.einsum("in->i", dz)[:, None]
        dW[k] = np.einsum("in,jn->ij", dz, tape.x[k])
        dx = np.einsum("ij,in->jn", network.W[k], dz)
        if k > 0:
            dz = np.einsum("jn,jn->jn", tape.z[k - 1] > 0, dx)
    return gradient(db, dW, dx)


def by_loops(network, tape, dz):
    """One example and one entry at a time."""
    db = [0 * b for b in network.b]
    dW = [0 * W for W in network.W]
    dx = 0 * tape.x[0]
    for n in range(dz.shape[1]):
        delta = dz[:, n]
        for k in range(network.M, -1, -1):
            rows, columns = network.W[k].shape
            below = [0] * columns
            for i in range(rows):
                db[k][i, 0] += delta[i]
                for j in range(columns):
                    dW[k][i, j] += delta[i] * tape.x[k][j, n]
                    below[j] += network.W[k][i, j] * delta[i]
            if k > 0:
                mask = tape.z[k - 1] > 0
                delta = [mask[j, n] * below[j] for j in range(columns)]
        for j, entry in enumerate(below):
            dx[j, n] = entry
    return gradient(dict(enumerate(db)), dict(enumerate(dW)), dx)
