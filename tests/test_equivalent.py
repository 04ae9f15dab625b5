"""Right lines that are often reported as wrong get a note, others get none."""

# Backward passes take arguments that go unused.
# ruff: noqa: S102

import numpy as np
import pytest
from backward_corpus import right_cases
from backward_corpus.right_reported import CASES
from sampled import sampled

from backproof import check
from backproof.checking.functions.equivalent import suspicious_but_right


def notes(forward, *rest, **options):
    return suspicious_but_right(*sampled(forward, *rest, **options))


def relu(x):
    return np.maximum(x, 0)


def relu_from_output(dout, out):
    return dout * (out > 0)


def test_the_mask_of_an_output():
    (note,) = notes(relu, relu_from_output, "x: N D")
    assert note.endswith("`out > 0` is right: out is 0 exactly where x is at most 0")


def relu_from_input(dout, x):
    return dout * (x > 0)


def test_the_plain_form_gets_no_note():
    assert notes(relu, relu_from_input, "x: N D") == []


def shifted_relu(x):
    return np.maximum(x, 0) + 1


def shifted_relu_backward(dout, out):
    return dout * (out > 1)


def test_a_mask_that_is_no_mask_of_zero_gets_no_note():
    assert notes(shifted_relu, shifted_relu_backward, "x: N D") == []


def square(x):
    return x * x, x


def square_backward(dout, cache):
    return dout * (1 + cache**2 - (1 - cache) ** 2)


def test_a_square_of_what_is_no_tangent_gets_no_note():
    assert notes(square, square_backward, "x: N") == []


def cross_entropy(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def cross_entropy_gradient(z, y):
    p = 1 / (1 + np.exp(-z))
    return p - y


def test_a_loss_that_cancels_the_slope():
    (note,) = notes(cross_entropy, cross_entropy_gradient, "z: N, y: N in {0, 1}")
    assert "times p * (1 - p) it would be wrong" in note


LABELS = "z: N D, y: N D in {0, 1}"


def half_square(z, y):
    p = 1 / (1 + np.exp(-z))
    return 0.5 * np.sum((p - y) ** 2)


def with_the_slope(z, y):
    p = 1 / (1 + np.exp(-z))
    return (p - y) * p * (1 - p)


def with_the_slope_in_two_lines(z, y):
    p = 1 / (1 + np.exp(-z))
    dp = p - y
    slope = p * (1 - p)
    return dp * slope


def entropy(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def divided_and_multiplied(z, y):
    p = 1 / (1 + np.exp(-z))
    dp = (p - y) / (p * (1 - p))
    return dp * p * (1 - p)


def fused(z, y):
    p = 1 / (1 + np.exp(-z))
    return p - y


def half_square_of_softmax(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    return 0.5 * np.sum((p - y) ** 2)


def of_softmax(z, y):
    e = np.exp(z - z.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    dp = p - y
    return p * (dp - np.sum(dp * p, axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        (half_square, with_the_slope),
        (half_square, with_the_slope_in_two_lines),
        (entropy, divided_and_multiplied),
        (half_square_of_softmax, of_softmax),
    ],
)
def test_a_difference_with_its_slope_is_not_said_to_cancel_it(loss, gradient):
    assert not any("cancels" in note for note in notes(loss, gradient, LABELS))


def test_a_fused_difference_is_explained():
    (note,) = notes(entropy, fused, LABELS)
    assert "p - y" in note
    assert "cancels" in note
    assert "would be wrong" in note


def normalised(x):
    m, v = x.mean(0), x.var(0) + 1e-3
    s = np.sqrt(v)
    return (x - m) / s, (x, m, v, s)


def left_out(d, cache):
    x, m, v, s = cache
    a = np.sum(d * (x - m), axis=0) * -0.5 * v**-1.5
    b = -np.sum(d, axis=0) / s
    return d / s + a * 2 * (x - m) / len(x) + b / len(x)


def in_full(d, cache):
    x, m, v, s = cache
    a = np.sum(d * (x - m), axis=0) * -0.5 * v**-1.5
    b = -np.sum(d, axis=0) / s + a * np.mean(-2 * (x - m), axis=0)
    return d / s + a * 2 * (x - m) / len(x) + b / len(x)


def in_full_by_name(d, cache):
    x, mean, v, s = cache
    centred = x - mean
    dvar = np.sum(d * (x - mean), axis=0) * -0.5 * v**-1.5
    dmean = -np.sum(d, axis=0) / s - 2 * dvar * centred.sum(0) / len(x)
    return d / s + dvar * 2 * (x - mean) / len(x) + dmean / len(x)


def test_a_term_that_is_0_may_be_left_out_whatever_the_names():
    (note,) = notes(normalised, left_out, "x: N D")
    assert "x - m is left out" in note


@pytest.mark.parametrize("backward", [in_full, in_full_by_name])
def test_a_term_that_is_there_is_not_said_to_be_left_out(backward):
    assert notes(normalised, backward, "x: N D") == []


def test_one_minus_a_square_of_something_else_is_left_alone():
    assert notes(lambda x: x - x**3 / 3, lambda d, x: d * (1 - x**2), "x: N D") == []


def masked_twice(dout, x):
    return dout * (x > 0) * (x > 0)


def test_only_one_mask_is_called_one_too_many():
    (note,) = notes(relu, masked_twice, "x: N D")
    assert "once more changes nothing" in note


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_reported_line_gets_its_note(case):
    verdict = check(*case.arguments, **case.options)
    assert verdict
    assert any("is right" in note for note in verdict.notes)


def test_few_other_right_passes_get_a_note():
    cases = [case for case in right_cases() if case not in CASES]
    noted = [case for case in cases if _has_note(case)]
    assert len(noted) < 0.1 * len(cases)


def _has_note(case):
    options = {name: value for name, value in case.options.items() if name == "wrt"}
    return bool(notes(*case.arguments, **options))


def test_a_function_without_source_gets_no_note():
    names = {"np": np}
    exec("def backward(dout, out):\n    return dout * (out > 0)", names)
    assert notes(relu, names["backward"], "x: N D") == []
    assert suspicious_but_right(sampled(relu, relu_from_input, "x: N D")[0], []) == []
