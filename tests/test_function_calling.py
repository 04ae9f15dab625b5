"""However people write a pair of functions, it is called as it is meant, or refused."""

from collections import namedtuple
from functools import partial

import numpy as np
import pytest

from backproof import assert_backward, check
from backproof.checking.functions.inputs import declared, size_of
from backproof.checking.functions.subjects import subject_of
from backproof.checking.verdict import Status


def affine(x, W, b):
    return x @ W + b


def gradients(dout, x, W):
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)


Grads = namedtuple("Grads", "dx dW db")  # noqa: PYI024  as people write it

INPUTS = "x: N D, W: D M, b: M"


def cached(x, W, b):
    return affine(x, W, b), (x, W, b)


def saved_apart(x, W, b):
    return affine(x, W, b), x, W


PAIRS = {
    "inputs by name": (affine, lambda dout, x, W, b: gradients(dout, x, W)),
    "inputs before dout": (affine, lambda x, W, b, dout: gradients(dout, x, W)),
    "another name for dout": (affine, lambda upstream, x, W: gradients(upstream, x, W)),
    "no known name for dout": (affine, lambda delta_out, x, W: gradients(delta_out, x, W)),
    "keyword only": (affine, lambda dout, *, x, W: gradients(dout, x, W)),
    "defaults left alone": (affine, lambda dout, x, scale=1, W=None: gradients(scale * dout, x, W)),
    "a cache": (cached, lambda dout, cache: gradients(dout, *cache[:2])),
    "the cache first": (cached, lambda cache, dout: gradients(dout, *cache[:2])),
    "the cache spread": (cached, lambda dout, *cache: gradients(dout, *cache[:2])),
    "an unknown name for the cache": (cached, lambda dout, stuff: gradients(dout, *stuff[:2])),
    "saved one by one": (saved_apart, lambda dout, kept, weights: gradients(dout, kept, weights)),
    "saved in one": (saved_apart, lambda dout, cache: gradients(dout, *cache)),
    "a cache that is a dict": (
        lambda x, W, b: (affine(x, W, b), {"x": x, "W": W}),
        lambda dout, cache: gradients(dout, **cache),
    ),
    "gradients by name": (
        affine,
        lambda dout, x, W: dict(zip("xWb", gradients(dout, x, W), strict=True)),
    ),
    "a list of gradients": (affine, lambda dout, x, W: list(gradients(dout, x, W))),
    "a named tuple": (affine, lambda dout, x, W: Grads(*gradients(dout, x, W))),
    "functions that are partial": (partial(affine), partial(gradients)),
}  # fmt: skip


@pytest.mark.parametrize("style", PAIRS)
def test_a_pair_is_called_as_it_is_meant(style):
    verdict = check(*PAIRS[style], INPUTS)
    assert verdict.status is Status.PROVED
    assert verdict.claim == "dx, dW, db"


@pytest.mark.parametrize("style", PAIRS)
def test_a_slip_is_found_in_every_style(style):
    forward, backward = PAIRS[style]

    def doubled(*arguments, **options):
        return backward(*arguments, **options)

    doubled.__signature__ = __import__("inspect").signature(backward)
    wrong = lambda x, W, b: forward(2 * x, W, b)  # noqa: E731  another function, the same backward
    assert not check(wrong, doubled, INPUTS)


def test_several_outputs_have_a_cotangent_each():
    def forward(x, y):
        return x * y, x + y

    assert check(forward, lambda da, db, x, y: (da * y + db, da * x + db), "x: N, y: N")
    assert not check(forward, lambda da, db, x, y: (da * y, da * x), "x: N, y: N")


def test_several_outputs_in_a_tuple_of_their_own():
    def forward(x, y):
        return (x * y, x + y), (x, y)

    def backward(douts, cache):
        (da, db), (x, y) = douts, cache
        return da * y + db, da * x + db

    assert check(forward, backward, "x: N, y: N")


def test_the_output_is_given_by_its_name_or_when_nothing_else_was_saved():
    assert check(np.tanh, lambda dout, out: dout * (1 - out**2), "x: N")
    assert check(lambda x: np.exp(x), lambda dout, y: dout * y, "x: N")


def test_a_loss_has_no_cotangent():
    def half(x, t):
        return np.sum((x - t) ** 2) / 2

    assert check(half, lambda x, t: x - t, "x: N, t: N", wrt="x")
    assert check(lambda x: (np.sum(x**2), 2 * x), "x: N D")
    assert not check(lambda x: (np.sum(x**2), x), "x: N D")


def test_a_gradient_without_a_cotangent_belongs_to_a_loss():
    verdict = check(lambda x: 2 * x, lambda x: 2, "x: N")
    assert verdict.status is Status.DIFFERS
    assert "takes no cotangent, but forward returns an array of shape (2,)" in verdict.witness


def test_a_call_that_is_not_clear_is_refused_with_what_was_understood():
    verdict = check(lambda x: 2 * x, lambda dout, first, second: dout, "x: N")
    assert "dout as the derivative by the output" in verdict.witness
    assert "Say it with a lambda" in verdict.witness


class Layer:
    """A layer whose parameters and gradients lie in attributes."""

    def __init__(self, width=2):
        self.W, self.b = np.arange(6.0).reshape(3, 2) - 2, np.zeros(width)
        self.running = np.zeros(2)
        self.dW = np.zeros_like(self.W)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW[...] = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


class Dictionaries(Layer):
    def __init__(self):
        self.params = {"W": np.ones((3, 2)), "b": np.zeros(2)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        self.grads["b"] = dout.sum(axis=0)
        return dout @ self.params["W"].T


class Lists(Layer):
    def __init__(self):
        self.params = [np.ones((3, 2)), np.zeros(2)]
        self.grads = [np.zeros((3, 2)), np.zeros(2)]

    def forward(self, x):
        self.x = x
        W, b = self.params
        return x @ W + b

    def backward(self, dout):
        self.grads[0][...] = self.x.T @ dout
        self.grads[1][...] = dout.sum(axis=0)
        return dout @ self.params[0].T


class Forgetful(Layer):
    def backward(self, dout):
        self.db = dout.mean(axis=0)
        return super().backward(dout)[:] * 1.5


@pytest.mark.parametrize("layer", [Layer, Layer(), Dictionaries, Lists])
def test_a_layer_is_checked_with_its_parameters(layer):
    verdict = check(layer, "x: N 3")
    assert verdict.status is Status.PROVED
    assert len(verdict.claim.split(", ")) == 3


def test_an_array_of_a_layer_without_a_gradient_is_named():
    assert "no gradient of running was found or checked" in check(Layer, "x: N 3").notes


def test_a_wrong_layer_is_refused():
    assert check(Forgetful, "x: N 3").status is Status.DIFFERS


def test_a_layer_that_needs_arguments_is_asked_for_as_an_object():
    class Wide:
        def __init__(self, width):
            self.width = width

        def forward(self, x):
            return x

        def backward(self, dout):
            return dout

    with pytest.raises(TypeError, match=r"pass an object, as in check\(Wide\(…\), …\)"):
        check(Wide, "x: N")


BAD = {
    "x N D": "the declaration 'x N D' cannot be read",
    "x: N D, x: N": "x is declared twice",
    "x: N-D": "'N-D' is no size",
    "x: N D > 1": "only > 0 can be asked for",
    "x: N in ?": 'after "in" a size, {…} or (a, b) is expected',
    "eps = many": "'many' is no number, string, tuple or list",
    "": "no input is declared",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_declaration_is_refused(text):
    with pytest.raises(ValueError, match=r"declar|size|asked|expected|number") as refusal:
        declared(text)
    assert BAD[text] in str(refusal.value)


def test_the_arguments_of_check_are_refused_by_name():
    for arguments, message in (
        ((3,), "forward must be a function, or an object"),
        ((affine, gradients), "the inputs are missing"),
        ((affine, gradients, 3), "the inputs must be a text"),
        ((affine, gradients, INPUTS, 3), "got (3,) as well"),
    ):
        with pytest.raises(TypeError) as refusal:
            check(*arguments)
        assert message in str(refusal.value)


def test_no_two_letters_have_the_same_size_and_no_size_is_in_both_families():
    inputs = subject_of(affine, gradients, INPUTS).inputs
    first, second = inputs.sizes(0), inputs.sizes(1)
    assert len(set(first.values())) == len(set(second.values())) == 3
    assert all(first[letter] != second[letter] for letter in first)


def test_sizes_are_made_of_letters():
    sizes = {"H": 3, "T": 5}
    assert [size_of(size, sizes) for size in ("H", "4*H", "T-1", "2H", "7")] == [3, 12, 4, 6, 7]


def test_inputs_are_of_the_kind_that_was_declared():
    inputs = subject_of(
        lambda **_: 0, "x: N, y: N in C, m: N in {0, 1}, v: N > 0, p: N in (0, 1), s: scalar, e = 3"
    ).inputs
    made = inputs.points(0, 0, "generic")
    assert made["e"] == 3
    assert made["y"].dtype.kind == "i"
    assert set(made["m"]) == {0, 1}
    assert all(value > 0 for value in made["v"])
    assert all(0 < value < 1 for value in made["p"])
    assert made["s"].shape == ()
    assert {value > 0 for value in made["x"]} == {True, False}
    numbers = [*made["x"], *made["v"], *made["p"], made["s"][()]]
    assert len(set(map(abs, numbers))) == len(numbers)
    assert all(float(value) == value for value in numbers)


def test_assert_backward_says_what_check_says():
    assert_backward(affine, lambda dout, x, W: gradients(dout, x, W), INPUTS)
    with pytest.raises(AssertionError, match="differs: db"):
        assert_backward(
            affine, lambda dout, x, W: (*gradients(dout, x, W)[:2], dout.mean(axis=0)), INPUTS
        )
