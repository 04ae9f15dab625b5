"""The two passes of a ReLU network, one scalar after the other, on Python numbers.

No matrix, no transpose, no NumPy: sums over indices, for one example at a time.
"""


def indicator(z):
    """Return I[z > 0]."""
    return 1 if z > 0 else 0


def forward(b, W, x):
    """Return the x_k and z_k of one example; `b[k][i]`, `W[k][i][j]` and `x[j]` are numbers."""
    inputs, outputs = [x], []
    for k in range(len(W)):
        if k > 0:
            inputs.append([indicator(z) * z for z in outputs[k - 1]])
        columns = range(len(inputs[k]))
        outputs.append(
            [b[k][i] + sum(W[k][i][j] * inputs[k][j] for j in columns) for i in range(len(b[k]))]
        )
    return inputs, outputs


def backward(W, inputs, outputs, start):
    """Return ∂L/∂b_k, ∂L/∂W_k and ∂L/∂x_0 of one example, from `start`, its ∂L/∂z_M."""
    last = len(W) - 1
    dz = {last: start}
    for k in range(last, 0, -1):
        dz[k - 1] = [
            sum(W[k][i][j] * dz[k][i] for i in range(len(dz[k]))) * indicator(z)
            for j, z in enumerate(outputs[k - 1])
        ]
    dW = [[[d * x for x in inputs[k]] for d in dz[k]] for k in range(last + 1)]
    dx = [sum(W[0][i][j] * dz[0][i] for i in range(len(dz[0]))) for j in range(len(inputs[0]))]
    return [dz[k] for k in range(last + 1)], dW, dx


def batch_gradient(b, W, examples, starts):
    """Return ∂L/∂b_k and ∂L/∂W_k summed over the examples, and one ∂L/∂x_0 an example."""
    db, dW, dx = [[0] * len(bk) for bk in b], [[[0] * len(r) for r in Wk] for Wk in W], []
    for x, start in zip(examples, starts, strict=True):
        of_b, of_W, of_x = backward(W, *forward(b, W, x), start)
        dx.append(of_x)
        for k, Wk in enumerate(W):
            for i, row in enumerate(Wk):
                db[k][i] += of_b[k][i]
                for j in range(len(row)):
                    dW[k][i][j] += of_W[k][i][j]
    return db, dW, dx
