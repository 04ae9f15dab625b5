"""However people write a pair of functions, it is called as it is meant, or refused."""

from collections import namedtuple
from functools import partial

import numpy as np
import pytest

from backproof import assert_backward, check
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
    "gradients in nested tuples": (
        affine,
        lambda dout, x, W: (gradients(dout, x, W)[0], gradients(dout, x, W)[1:]),
    ),
    "one gradient, and the others by name": (
        affine,
        lambda dout, x, W: (
            gradients(dout, x, W)[0],
            dict(zip(("dW", "db"), gradients(dout, x, W)[1:], strict=True)),
        ),
    ),
    "dout with a default": (affine, lambda x, W, dout=None: gradients(dout, x, W)),
    "a cache taken apart": (cached, lambda dout, kept, Wt, bias: gradients(dout, kept, Wt)),
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


def test_one_cotangent_for_several_outputs_belongs_to_the_first():
    def attend(x, W):
        scores = x @ W
        return scores @ W.T, scores, (x, W)

    def backward(dout, cache):
        x, W = cache
        return dout @ W @ W.T, x.T @ dout @ W + dout.T @ x @ W

    verdict = check(attend, backward, "x: N D, W: D M")
    assert verdict.status is Status.PROVED
    assert "of the 2 arrays that forward returns only the first was differentiated" in str(verdict)


def test_forward_may_return_its_backward_pass():
    def forward(x, W):
        return x @ W, lambda dout: (dout @ W.T, x.T @ dout)

    assert check(forward, "x: N D, W: D M").status is Status.PROVED
    assert check(forward, lambda dout, back: back(dout), "x: N D, W: D M")


def cross_entropy(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).sum(), p


def cross_entropy_gradient(p, y):
    dz = p.copy()
    dz[np.arange(len(y)), y] -= 1
    return dz


LOSSES = {
    "what was saved, by any name": (cross_entropy, lambda p, y: cross_entropy_gradient(p, y)),
    "what was saved, and the cotangent": (
        cross_entropy,
        lambda upstream, p, y: upstream * cross_entropy_gradient(p, y),
    ),
    "nothing for the labels": (cross_entropy, lambda p, y: (cross_entropy_gradient(p, y), None)),
}


@pytest.mark.parametrize("style", LOSSES)
def test_the_gradient_of_a_loss_is_called_as_it_is_meant(style):
    assert check(*LOSSES[style], "z: N C, y: N in C")


def test_a_cotangent_that_is_left_at_its_default_is_told():
    def gradient(p, y, dout=1):
        return dout * cross_entropy_gradient(p, y)

    verdict = check(cross_entropy, gradient, "z: N C, y: N in C")
    assert verdict
    assert "backward was called without dout, which is 1 by default" in verdict.notes


def saves_its_slope(x):
    dtanh = 1 - np.tanh(x) ** 2
    return np.tanh(x), dtanh


SAVED = {
    "a name of forward's own": (saves_its_slope, lambda dout, dtanh: dout * dtanh),
    "a word that begins with d": (lambda x: (x**2, 2 * x), lambda dout, diff: dout * diff),
    "a dict called d": (lambda x: (x**2, {"x": x}), lambda g, d: 2 * g * d["x"]),
}


@pytest.mark.parametrize("what", SAVED)
def test_what_was_saved_is_no_cotangent(what):
    assert check(*SAVED[what], "x: N")


NO_OUTPUT = {
    "None": (lambda x: None, "forward returned None; expected an array, a number, or a tuple"),
    "a dict": (lambda x: {"y": x}, "forward returned a dict; expected an array"),
    "a text": (lambda x: "x", "forward returned a str; expected an array"),
}


@pytest.mark.parametrize("what", NO_OUTPUT)
def test_what_is_no_output_is_told(what):
    forward, message = NO_OUTPUT[what]
    verdict = check(forward, lambda dout, x: dout, "x: N")
    assert verdict.status is Status.CANNOT_TELL
    assert verdict.witness.startswith(message)


def test_a_backward_pass_that_was_forgotten_is_told():
    verdict = check(lambda x: 2 * x, "x: N")
    assert verdict.status is Status.CANNOT_TELL
    assert verdict.witness.startswith("there is no backward function, so forward must return")


@pytest.mark.parametrize("error", [KeyError, TypeError, AttributeError, RecursionError])
def test_what_forward_raises_is_told(error):
    def forward(x):
        raise error("why")

    verdict = check(forward, lambda dout, x: dout, "x: N")
    assert verdict.status is Status.CANNOT_TELL
    assert f"forward raises {error.__name__}: " in verdict.witness


def test_a_setting_in_a_dict_is_the_same_in_every_call():
    def forward(x, setting):
        setting["calls"] = setting.get("calls", 0) + 1
        return x * setting["calls"]

    assert check(forward, lambda dout, x: dout, "x: N, setting = {}")


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
    assert verdict.status is Status.CANNOT_TELL
    assert "dout as the derivative by the output" in verdict.witness
    assert "Say it with a lambda" in verdict.witness


def test_a_list_from_forward_is_refused_with_the_mend():
    for forward in (lambda x: [[x[0]]], lambda x: ([[x[0]]], x)):
        verdict = check(forward, lambda dout, x: dout, "x: N")
        assert verdict.status is Status.CANNOT_TELL
        assert verdict.witness.endswith("Return np.array(…) of it")


def test_code_whose_source_is_not_kept_is_told_so_if_it_is_wrong():
    names = {}
    exec("def halved(dout, x): return dout", names)  # noqa: S102  this is how a prompt runs it
    verdict = check(lambda x: 2 * x, names["halved"], "x: N")
    assert verdict.status is Status.DIFFERS
    assert "Python has not kept the source of halved" in str(verdict)
    right = check(lambda x: x, names["halved"], "x: N")
    named = check(affine, lambda dout, x, W, b: 2 * dout.sum(axis=0), INPUTS, wrt="b")
    assert not any("kept the source" in note for note in (*right.notes, *named.notes))


def test_the_arguments_of_check_are_refused_by_name():
    for arguments, message in (
        ((3,), "but is 3. Pass the function itself"),
        (
            (affine(*map(np.ones, ((2, 3), (3, 4), 4))), gradients),
            "but is an array of shape (2, 4)",
        ),
        ((affine, gradients), "the inputs are missing"),
        ((affine, gradients, 3), "the inputs must be a text"),
        ((affine, gradients, INPUTS, 3), "got 3 as well. Examples go into one tuple or dict"),
    ):
        with pytest.raises(TypeError) as refusal:
            check(*arguments)
        assert message in str(refusal.value)


def test_assert_backward_says_what_check_says():
    assert_backward(affine, lambda dout, x, W: gradients(dout, x, W), INPUTS)
    with pytest.raises(AssertionError, match="differs: db"):
        assert_backward(
            affine, lambda dout, x, W: (*gradients(dout, x, W)[:2], dout.mean(axis=0)), INPUTS
        )
