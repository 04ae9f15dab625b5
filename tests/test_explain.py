"""What is said about a wrong backward pass: the cause first, by its numbers and by its source."""

# Backward passes take arguments that go unused.
# ruff: noqa: ARG005, S102

import numpy as np
import pytest
from sampled import sampled

from backproof import check
from backproof.checking.functions.explain import Sample, explain
from backproof.checking.functions.signatures import signatures, wrong_names


def sample(true, claimed, sizes, **inputs):
    """Return a sample of one gradient, dx."""
    x = inputs.pop("x", np.asarray(true))
    dout = np.arange(1.0, 1 + np.size(true)).reshape(np.shape(true))
    return Sample({"x": x, **inputs}, (dout,), {"x": true}, {"x": claimed}, sizes)


def two(change):
    """Return samples of two sizes, whose claim is `change` of what is true."""
    generator = np.random.default_rng(3)
    for n, d in ((2, 3), (4, 3), (5, 2)):
        true = generator.normal(size=(n, d))
        yield sample(true, change(true), {"N": n, "D": d})


def causes(change):
    return [sign.cause for sign in signatures(list(two(change)))]


@pytest.mark.parametrize(
    ("change", "cause", "word"),
    [
        (lambda t: -t, "sign", "other sign"),
        (lambda t: 2 * t, "factor", "2 times"),
        (lambda t: t / 2, "factor", "0.5 times"),
        (lambda t: -3 * t, "sign", "-3 times"),
        (lambda t: t / len(t), "1/N", "divided by N"),
        (lambda t: t * t.shape[1], "1/N", "times D"),
        (lambda t: t / t.size, "1/N", "divided by N D"),
        (lambda t: t * len(t) / (len(t) - 1), "1/N", "N - 1"),
        (np.abs, "sign", "without its sign"),
        (lambda t: np.where(t > 0, t, 0), "wrong mask", "0 at entries"),
        (lambda t: t * (np.arange(len(t)) == 0)[:, None], "missing term", "some examples"),
        (lambda t: t * t, "missing chain factor", "lacks"),
    ],
)
def test_how_claim_and_truth_are_related(change, cause, word):
    first = next(signatures(list(two(change))))
    if cause == "missing chain factor":  # x is the derivative here: the claim has it once too often
        assert first.cause == "extra factor"
    else:
        assert first.cause == cause
        assert word in first.sentence


def test_a_transpose():
    true = [np.arange(n * n, dtype=float).reshape(n, n) for n in (2, 3)]
    pairs = [sample(t, t.T, {"N": len(t)}) for t in true]
    assert next(signatures(pairs)).cause == "transpose"


def test_a_mask_that_is_missing():
    true = np.array([[0.0, 2, 0], [3, 0, 4]])
    claimed = true + (true == 0)
    assert next(signatures([sample(true, claimed, {})])).cause == "missing mask"


def test_a_factor_of_an_input():
    x = np.array([[1.5, 2, 3], [4, 5, 6]])
    true = np.array([[7.0, -2, 1], [1, 2, 5]])
    lacks = next(signatures([sample(true, true / (1 - x**2), {}, x=x)]))
    assert (lacks.cause, lacks.sentence) == (
        "missing chain factor",
        "dx: lacks the factor (1 - x ** 2)",
    )
    has = next(signatures([sample(true, true * x, {}, x=x)]))
    assert (has.cause, has.sentence) == ("extra factor", "dx: has too much the factor x")


def test_a_factor_of_two_is_not_a_batch_of_two():
    """With one size both would fit."""
    assert causes(lambda t: t * 2) == ["factor"]
    assert causes(lambda t: t * len(t)) == ["1/N"]


def cubed(dout, x):
    return dout * np.floor(3 * x)


def test_another_slope():
    (best,) = explained(lambda x: np.sqrt(1 + x**4), cubed, "x: N D")
    assert best.cause == "wrong derivative"
    assert "the slope is" in best.sentence


def mixed(dout, x):
    return np.cumsum(dout)[::-1].reshape(dout.shape) * np.floor(3 * x)


def test_entries_that_are_mixed_have_no_slope():
    assert explained(lambda x: np.sqrt(1 + x**4), mixed, "x: N D") == []


def test_right_gradients_have_no_signature():
    assert causes(lambda t: t.copy()) == []
    assert wrong_names(list(two(lambda t: t))) == []


def test_no_samples_and_no_explanation():
    subject, _ = sampled(np.tanh, lambda dout, x: dout, "x: N D")
    assert explain(subject, []) == []


def relu(x):
    return np.maximum(x, 0), x


def explained(forward, backward, inputs):
    return explain(*sampled(forward, backward, inputs))


def test_numbers_and_source_agree():
    (best, *_) = explained(relu, lambda dout, cache: dout * 1.0, "x: N D")
    assert best.cause == "missing mask"
    assert best.sentence.startswith("dx: not 0 where the derivative is")
    assert "(cache > 0)" in best.lines[0].mended


def not_halved(dout, x):
    return dout * (2 + x)


def test_a_repair_of_another_cause_comes_before_an_uncertain_relation():
    forward = lambda x: x + x**2 / 2  # noqa: E731
    (best, *_) = explained(forward, not_halved, "x: N")
    assert (best.cause, best.lines[0].mended.strip()) in {
        ("wrong derivative", "return dout * (1 + x)"),
        ("factor", "return dout * (1 + x)"),
    }


def test_a_function_without_source_is_explained_by_its_numbers():
    names = {"np": np}
    exec("def backward(dout, cache):\n    return -dout * (cache > 0)", names)
    (best, *_) = explained(relu, names["backward"], "x: N D")
    assert (best.cause, best.lines) == ("sign", ())


def forgets_the_slope(dout, cache):
    dx = np.empty_like(dout)
    dx[:] = dout * cache
    return dx


def test_the_verdict_shows_the_line_as_it_should_be():
    verdict = check(lambda x: (np.tanh(x), np.tanh(x)), forgets_the_slope, "x: N D")
    assert not verdict
    assert "mended:  dx[:] = dout * (1 - cache ** 2)" in str(verdict)
