"""Side effects, state and linearity: right values today, wrong ones tomorrow."""

import numpy as np
import pytest

from backproof import check
from backproof.checking.verdict import Status


def relu(x):
    return np.maximum(x, 0)


def masks_dout(dout, x):
    dout[x <= 0] = 0
    return dout


def forward_in_place(x):
    x[x < 0] = 0
    return x


BUFFER = {}


def reuses_its_output(x):
    out = BUFFER.setdefault(x.shape, np.zeros(x.shape)) if x.dtype == float else np.zeros(x.shape)
    out[...] = 2 * x
    return out


def reuses_its_cache(x):
    mask = BUFFER.setdefault(("mask", x.shape[1]), np.zeros((9, x.shape[1]), dtype=bool))[: len(x)]
    mask[...] = x > 0
    return x * mask, mask


def reuses_its_gradient(dout, x):
    dx = BUFFER.setdefault(("dx", x.shape), np.zeros(x.shape))
    np.multiply(dout, 2, out=dx)
    return dx


def softmax_loss(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).sum(), (p, y)


def spoils_its_cache(dout, cache):
    p, y = cache
    p[np.arange(len(y)), y] -= 1
    return p * dout


def updates_before(dout, x, W):
    dW = x.T @ dout
    W -= 0.5 * dW
    return dout @ W.T, dW


class Stale:
    mask = None

    def forward(self, x):
        if self.mask is None or self.mask.shape != x.shape:
            self.mask = x > 0
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * self.mask


class Accumulates:
    def __init__(self):
        self.W, self.dW = np.ones((3, 2)), np.zeros((3, 2))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW += self.x.T @ dout
        return dout @ self.W.T


class OneDictionary:
    grads = {}  # noqa: RUF012  the mistake: of the class, not of the layer

    def __init__(self):
        self.params = {"W": np.ones((3, 2))}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"]

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        return dout @ self.params["W"].T


class SetToZero(Accumulates):
    def zero_grad(self):
        self.dW = np.zeros_like(self.W)


class SetToZeroTwice(SetToZero):
    def backward(self, dout):
        return super().backward(2 * dout)


CASES = {
    "dout in place": ((relu, masks_dout, "x: N D"), "aliasing", "backward changes dout in place"),
    "x in place": (
        (forward_in_place, lambda dout, x: dout * (x > 0), "x: N D"),
        "aliasing",
        "forward changes its input x in place",
    ),
    "the cache": (
        (softmax_loss, spoils_its_cache, "z: N C, y: N in C"),
        "state",
        "a second call of backward gives another dz",
    ),
    "W before dx": (
        (lambda x, W: x @ W, updates_before, "x: N D, W: D M"),
        "order",
        "backward changes W in place",
    ),
    "gradient kept": (
        (lambda x: 2 * x, reuses_its_gradient, {"x": np.ones((2, 3))}),
        "aliasing",
        "a gradient that was returned is overwritten",
    ),
    "output kept": (
        (reuses_its_output, lambda dout, x: 2 * dout, {"x": np.ones((2, 3))}),
        "aliasing",
        "forward returns the same array every time",
    ),
    "cache kept": (
        (reuses_its_cache, lambda dout, mask: dout * mask, {"x": np.ones((2, 3))}),
        "aliasing",
        "what forward saved for backward was overwritten",
    ),
    "a stale mask": ((Stale, {"x": np.ones((2, 3))}), "state", "after a first call, a second one"),
    "accumulation": (
        (Accumulates, "x: N 3"),
        "state",
        "a second call of backward gives twice the dW",
    ),
    "clipped": (
        (relu, lambda dout, x: np.clip(dout, -5, 5) * (x > 0), "x: N D"),
        "linearity",
        "backward is not linear in dout: dx for a million times dout",
    ),
    "clipped far out": (
        (relu, lambda dout, x: np.clip(dout, -1e9, 1e9) * (x > 0), "x: N D"),
        "linearity",
        "backward is not linear in dout: dx for 2**60 times dout",
    ),
    "one dictionary": (
        (OneDictionary, "x: N 3"),
        "aliasing",
        "two layers share the place where backward puts its gradients",
    ),
    "absolute value": (
        (relu, lambda dout, x: np.abs(dout) * (x > 0), "x: N D"),
        "linearity",
        "backward is not linear in dout: dx for -dout is that for dout; dout goes in without",
    ),
    "squared": (
        (relu, lambda dout, x: dout**2 * (x > 0), "x: N D"),
        "linearity",
        "backward is not linear in dout: dx for -dout is that for dout; dout is squared",
    ),
    "guided": (
        (relu, lambda dout, x: dout * (x > 0) * (dout > 0), "x: N D"),
        "linearity",
        "backward is not linear in dout: dx for -dout is not the negative",
    ),
    "dout left out": (
        (relu, lambda dout, x: (x > 0) * 1.0, "x: N D"),
        "missing chain factor",
        "for dout = 0, dx is not 0",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_a_side_effect_is_told_with_its_cause(what):
    arguments, cause, message = CASES[what]
    verdict = check(*arguments)
    assert verdict.status is Status.DIFFERS
    assert verdict.cause == cause
    assert verdict.witness.startswith(message)


def test_code_that_works_on_copies_is_accepted():
    def backward(dout, x):
        dout = dout.copy()
        dout[x <= 0] = 0
        return dout

    assert check(relu, backward, "x: N D")


def test_the_identity_may_return_dout_itself():
    assert check(lambda x: +x, lambda dout, x: dout, "x: N D")


def batch_norm(x, eps):
    centred = x - x.mean(axis=0)
    scale = 1 / np.sqrt((centred**2).mean(axis=0) + eps)
    return centred * scale, (centred * scale, scale)


def batch_norm_backward(dout, cache):
    y, scale = cache
    return scale * (dout - dout.mean(axis=0) - y * (dout * y).mean(axis=0))


@pytest.mark.parametrize("eps", ["1e-3", "1e-8", "1e-12"])
def test_rounding_of_what_cancels_is_no_mistake(eps):
    """Of two examples, batch normalisation leaves a gradient that is nearly 0."""
    assert check(batch_norm, batch_norm_backward, f"x: N D, eps = {eps}")


def test_what_is_raised_in_a_later_call_is_told():
    def backward(dout, cache):
        return dout * cache.pop()

    verdict = check(lambda x: (x**2, [2 * x]), backward, "x: N D")
    assert verdict.status is Status.DIFFERS
    assert verdict.witness.startswith("called again, the code raises IndexError: pop from empty")


def test_a_random_backward_pass_is_told():
    generator = np.random.default_rng(0)
    verdict = check(relu, lambda dout, x: dout * generator.normal(size=x.shape), "x: N D")
    assert verdict.status is Status.DIFFERS
    assert verdict.witness.startswith("backward is random, or keeps something between calls: dx")


def test_gradients_that_share_their_memory_are_noted():
    verdict = check(lambda a, b: a + b, lambda dout, a, b: (dout, dout), "a: N, b: N")
    assert verdict
    assert "da shares its memory with dout; who changes one changes the other" in verdict.notes
    assert "db shares its memory with da; who changes one changes the other" in verdict.notes


def test_a_layer_that_can_set_its_gradients_to_zero_may_add_to_them():
    verdict = check(SetToZero, "x: N 3")
    assert verdict.status is Status.PROVED
    assert "the layer has zero_grad(), which was called before each backward" in verdict.notes
    assert check(SetToZeroTwice, "x: N 3").cause == "factor"


def test_what_differs_by_less_than_is_shown_is_told_as_a_difference():
    verdict = check(relu, lambda dout, x: dout * (x > 0) * (1 + 2**-30), "x: N D")
    assert "backward says 1.9e-09 more, at" in verdict.witness
