"""Layers as objects: wherever people keep parameters and gradients, they are found and judged."""

import dataclasses

import numpy as np
import pytest

from backproof import check
from backproof.checking.functions.attributes import leaves, text
from backproof.checking.verdict import Status

W, B = np.linspace(-1, 1.5, 6).reshape(3, 2), np.array([0.5, -0.25])


class Plain:
    def __init__(self):
        self.W, self.b = W.copy(), B.copy()

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def gradients(self, dout):
        return dout @ self.W.T, self.x.T @ dout, dout.sum(axis=0)

    def backward(self, dout):
        dx, self.dW, self.db = self.gradients(dout)
        return dx


class ReturnsAll(Plain):
    def backward(self, dout):
        return self.gradients(dout)


class ReturnsDict(Plain):
    def backward(self, dout):
        return dict(zip(("x", "W", "b"), self.gradients(dout), strict=True))


class ReturnsInputAndDict(Plain):
    def backward(self, dout):
        dx, dW, db = self.gradients(dout)
        return dx, {"W": dW, "b": db}


class Called(Plain):
    def __call__(self, x):
        return super().forward(x)

    forward = None


class Hidden(Plain):
    """Keeps its parameters under names that begin with an underscore."""

    def __init__(self):
        self._W, self._b = W.copy(), B.copy()

    W = property(lambda self: self._W)
    b = property(lambda self: self._b)


class OtherNames(Plain):
    """Calls its gradients after other letters than its parameters."""

    def __init__(self):
        self.weights, self.bias = W.copy(), B.copy()

    W = property(lambda self: self.weights)
    b = property(lambda self: self.bias)


class TwoLists(Plain):
    """Has every parameter twice, by name and in a list, as are its gradients."""

    def __init__(self):
        super().__init__()
        self.params = [self.W, self.b]
        self.grads = [np.zeros_like(W), np.zeros_like(B)]

    def forward(self, x):
        self.x = x
        weights, bias = self.params
        return x @ weights + bias

    def backward(self, dout):
        dx, self.grads[0][...], self.grads[1][...] = self.gradients(dout)
        return dx


class Parameter:
    def __init__(self, value):
        self.value, self.grad = value, None


class OfParameters(Plain):
    def __init__(self):
        self.weights, self.bias = Parameter(W.copy()), Parameter(B.copy())

    W = property(lambda self: self.weights.value)
    b = property(lambda self: self.bias.value)

    def backward(self, dout):
        dx, self.weights.grad, self.bias.grad = self.gradients(dout)
        return dx


class Slotted:
    __slots__ = ("W", "b", "dW", "db", "x")
    __init__, forward = Plain.__init__, Plain.forward
    gradients, backward = Plain.gradients, Plain.backward


@dataclasses.dataclass
class Data(Plain):
    W: np.ndarray = dataclasses.field(default_factory=W.copy)
    b: np.ndarray = dataclasses.field(default_factory=B.copy)


class Chain:
    """A network of layers, whose parameters are those of its layers."""

    def __init__(self):
        self.layers = [Plain(), OfParameters()]
        self.layers[1].weights.value = W[:2, :2].copy()

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


LAYERS = [Plain, ReturnsAll, ReturnsDict, ReturnsInputAndDict, Called, Hidden, OtherNames,
          TwoLists, OfParameters, Slotted, Data]  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
def test_parameters_are_found_wherever_they_are(layer):
    verdict = check(layer, "x: N D")
    assert verdict.status is Status.PROVED
    assert len(verdict.claim.split(", ")) == 3


def spoilt(layer):
    class Spoilt(layer):
        __slots__ = ()

        def gradients(self, dout):
            dx, dW, db = layer.gradients(self, dout)
            return dx, dW, db / len(dout)

    return Spoilt


@pytest.mark.parametrize("layer", LAYERS)
def test_a_wrong_gradient_of_a_parameter_is_refused_wherever_it_is(layer):
    verdict = check(spoilt(layer), "x: N D")
    assert verdict.status is Status.DIFFERS
    assert "x" not in verdict.claim
    assert ", " not in verdict.claim


def test_parameters_of_layers_inside_a_layer_are_found():
    verdict = check(Chain, "x: N D")
    assert verdict
    assert "dlayers[0].W" in verdict.claim
    assert "dlayers[1].bias" in verdict.claim


def test_letters_get_the_sizes_of_the_layer():
    assert "x 4×3" in check(Plain, "x: N D").scope


def test_numbers_are_parameters_if_they_have_a_gradient():
    class Scale:
        def __init__(self):
            self.s, self.eps = 0.5, 1e-5

        def forward(self, x):
            self.x = x
            return self.s * x + self.eps

        def backward(self, dout):
            self.ds = (dout * self.x).sum()
            return dout * self.s

    assert check(Scale, "x: N").claim == "dx, ds"


def test_static_methods_are_called_without_the_object():
    class Static:
        @staticmethod
        def forward(x, W):
            return x @ W

        @staticmethod
        def backward(dout, x, W):
            return dout @ W.T, x.T @ dout

    assert check(Static, "x: N D, W: D M").status is Status.PROVED


def test_an_embedding_has_only_a_parameter():
    class Embedding:
        def __init__(self):
            self.table = W.copy()

        def forward(self, y):
            self.y = y
            return self.table[y]

        def backward(self, dout):
            self.dtable = np.zeros_like(self.table)
            np.add.at(self.dtable, self.y, dout)

    assert check(Embedding, "y: N in 3").claim == "dtable"
    Embedding.backward = lambda self, dout: setattr(
        self, "dtable", np.array([dout[self.y == k].sum(axis=0) * (k > 0) for k in range(3)])
    )
    assert check(Embedding, "y: N in 3").status is Status.DIFFERS


@pytest.mark.parametrize("dtype", [np.float32, np.float16, int])
def test_parameters_of_another_dtype_are_refused_by_name(dtype):
    layer = Plain()
    layer.W = layer.W.astype(dtype)
    with pytest.raises(TypeError, match=f"W .*dtype {np.dtype(dtype)}; expected float64"):
        check(layer, "x: N D")


def test_what_has_no_gradient_is_named():
    class Lazy(Plain):
        def __init__(self):
            self.b, self.moving = B.copy(), np.zeros(3)

        def forward(self, x):
            self.W = W
            return super().forward(x)

        def backward(self, dout):
            dx, self.dW, self.db = self.gradients(dout)
            return dx

    assert "no gradient of moving, W was found or checked" in check(Lazy, "x: N 3").notes


def test_wrt_may_name_parameters_only():
    class First(Plain):
        def backward(self, dout):
            _, self.dW, self.db = self.gradients(dout)

    assert check(First, "x: N D", wrt=("W", "b")).claim == "dW, db"
    assert "None for x" in check(First, "x: N D").witness
    with pytest.raises(ValueError, match="wrt names 'V', but the inputs are x, W, b"):
        check(First, "x: N D", wrt="V")


class Updates(Plain):
    def backward(self, dout):
        dx = super().backward(dout)
        self.b = self.b - 0.1 * self.db
        return dx


class NeedsRate(Plain):
    def backward(self, dout, lr):
        dx = super().backward(dout)
        self.W -= lr * self.dW
        return dx


class RandomMask:
    def __init__(self):
        self.generator = np.random.default_rng(0)

    def forward(self, x):
        self.mask = self.generator.random(x.shape) > 0.5
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


def test_an_update_inside_backward_is_told():
    verdict = check(Updates, "x: N D")
    assert verdict.status is Status.DIFFERS
    assert verdict.witness.startswith("backward changes b in place")


def test_a_rate_of_learning_is_not_guessed():
    verdict = check(NeedsRate, "x: N D")
    assert verdict.status is Status.CANNOT_TELL
    assert "lr as how far to move the parameters" in verdict.witness


def test_a_layer_with_its_own_random_numbers_is_told():
    verdict = check(RandomMask, "x: N D")
    assert verdict.status is Status.CANNOT_TELL
    assert verdict.witness.startswith("forward is random")


def test_a_layer_of_another_size_is_told():
    verdict = check(Plain, "x: N 4")
    assert verdict.status is Status.CANNOT_TELL
    assert verdict.witness.startswith("forward raises ValueError: matmul")


def test_a_layer_that_cannot_be_copied_is_refused():
    layer = Plain()
    layer.rows = (row for row in W)
    with pytest.raises(TypeError, match="the layer cannot be copied"):
        check(layer, "x: N 3")


def test_a_layer_of_which_an_input_is_missing_is_refused():
    class WithContext:
        def forward(self, ctx, x):
            ctx.x = x
            return x

        def backward(self, ctx, dout):
            return dout * ctx.x

    with pytest.raises(ValueError, match="forward needs ctx, which is not declared"):
        check(WithContext, "x: N")


def test_a_layer_that_hangs_is_stopped():
    class Hangs:
        def forward(self, x):
            while x is not None:
                pass

        def backward(self, dout):
            return dout

    verdict = check(Hangs, "x: N", seconds=0.5)
    assert verdict.witness == "the code ran longer than 0.5 s"


def test_the_layer_of_the_caller_is_left_alone():
    layer = Plain()
    assert check(layer, "x: N D")
    assert set(vars(layer)) == {"W", "b"}
    assert np.array_equal(layer.W, W)


def test_a_way_to_an_array_is_written_as_in_code():
    layer = Chain()
    layer.params = {"W": W}
    assert {text(path) for path in leaves(layer)} == {
        "layers[0].W", "layers[0].b", "layers[1].weights", "layers[1].bias", "W",
    }  # fmt: skip


class Affine:
    """Keeps the shift before the scale, both of one shape."""

    def __init__(self):
        self.beta, self.gamma, self.momentum = B.copy(), B + 2, np.zeros(2)

    def forward(self, x):
        self.x = x
        return self.gamma * x + self.beta


def test_gradients_that_are_returned_go_by_the_names_they_have_there():
    class Named(Affine):
        def backward(self, dout):
            dgamma, dbeta = (dout * self.x).sum(axis=0), dout.sum(axis=0)
            return dout * self.gamma, dgamma, dbeta

    class Stored(Affine):
        def backward(self, dout):
            self.dgamma, self.dbeta = (dout * self.x).sum(axis=0), dout.sum(axis=0)
            return dout * self.gamma, (self.dgamma, 1 * self.dbeta)

    assert check(Named, "x: N D").status is Status.PROVED
    assert check(Stored, "x: N D").status is Status.PROVED


def test_gradients_that_are_returned_without_a_name_are_not_guessed():
    class Nameless(Affine):
        def backward(self, dout):
            return dout * self.gamma, (dout * self.x).sum(axis=0), dout.sum(axis=0)

    with pytest.raises(ValueError, match="not clear; return them in a dict, by name"):
        check(Nameless, "x: N D")


def test_one_array_under_two_names_is_one_parameter():
    class Tied:
        def __init__(self):
            self.encoder = self.decoder = W.copy()

        def forward(self, x):
            self.x, self.h = x, x @ self.encoder
            return self.h @ self.decoder.T

        def backward(self, dout):
            dh = dout @ self.decoder
            self.dencoder = self.x.T @ dh + dout.T @ self.h
            return dh @ self.encoder.T

    assert check(Tied, "x: N D").claim == "dx, dencoder"


class Private(Plain):
    def backward(self, dout):
        dx = super().backward(dout)
        self._grads = {"W": self.dW, "b": self.db}
        del self.dW, self.db
        return dx


def test_gradients_in_a_private_dictionary_are_found():
    assert check(Private, "x: N 3").claim == "dx, dW, db"


class Forgets(Plain):
    def __init__(self):
        super().__init__()
        self.dW = self.db = None

    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T


def test_a_place_for_a_gradient_that_is_left_empty_is_told():
    verdict = check(Forgets, "x: N 3")
    assert verdict.cause == "count"
    assert verdict.witness == "after backward, the layer has no gradient of b"


class Network(Plain):
    def backward(self, dout):
        return {"W": self.x.T @ dout, "b": dout.sum(axis=0)}


class NetworkWithInput(Network):
    def backward(self, dout):
        return {**super().backward(dout), "dX": dout @ self.W.T}


def test_a_network_may_return_the_gradients_of_its_parameters_only():
    verdict = check(Network, "x: N 3")
    assert verdict.claim == "dW, db"
    assert "no gradient of x was found or checked" in verdict.notes
    assert check(NetworkWithInput, "x: N 3").claim == "dx, dW, db"
    assert not check(Network, "x: N 3", wrt="x W b")
