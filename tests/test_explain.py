"""What is said about a wrong backward pass: the cause first, by its numbers and by its source."""

# Backward passes take arguments that go unused.
# ruff: noqa: ARG001, ARG005, S102

import warnings

import numpy as np
import pytest
from sampled import sampled

from backproof import check
from backproof.checking.functions import explaining
from backproof.checking.functions.check import MEMORY
from backproof.checking.functions.explain import Explanation, Sample, explain
from backproof.checking.functions.explaining import explained as explain_after
from backproof.checking.functions.judge import judge
from backproof.checking.functions.patches import Line
from backproof.checking.functions.signatures import signatures, wrong_names
from backproof.checking.functions.source import source_of
from backproof.checking.functions.subjects import subject_of


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


def sine(x):
    slope = np.cos(x)
    return x + slope * 0 + np.sin(x) - x, np.sin(x)


def without_cosine(dout, out):
    return dout * 2


def test_no_line_names_what_only_forward_has():
    (best, *_) = explained(sine, without_cosine, "x: N D")
    assert best.lines == ()
    assert "known in forward only: save what backward needs" in best.sentence


def three(x, W, b):
    return np.tanh(x @ W + b), {"x": x, "W": W, "a": np.tanh(x @ W + b)}


# The lines are as the user wrote them.
# fmt: off
def on_three_lines(dout, cache):
    da = (
        dout
        * (1 + cache["a"]**2)   # the slope
    )
    return da @ cache["W"].T, cache["x"].T @ da, da.sum(axis=0)


def without_slope(dout, cache):
    da = (dout @ np.eye(
        dout.shape[1],
    ))
    return da @ cache["W"].T, cache["x"].T @ da, da.sum(axis=0)


def for_two_reasons(dout, cache):
    dz = dout*(1 - cache["a"]**2)
    dx = dz @ cache["W"].T * 3
    dW = cache["x"].T @ -dz
    return dx, dW, dz.sum(axis=0)


def one_line_too_many(dout, cache):
    dz = dout*(1 - cache["a"]**2)
    dz /= len(dz)
    return dz @ cache["W"].T, cache["x"].T @ dz, dz.sum(axis=0)


# fmt: on
@pytest.mark.parametrize(
    ("backward", "shown"),
    [
        (on_three_lines, ['mended:  * (1 - cache["a"] ** 2)   # the slope']),
        (without_slope, ["da = (dout @ np.eye(", "mended:  da = (dout @ np.eye("]),
        (for_two_reasons, ['mended:  dx = dz @ cache["W"].T', 'mended:  dW = cache["x"].T @ dz']),
        (one_line_too_many, ["dz /= len(dz)", "mended:  without this line"]),
    ],
)
def test_every_line_that_changes_is_shown(backward, shown):
    verdict = str(check(three, backward, "x: N D, W: D M, b: M"))
    assert all(f"{line}\n" in verdict for line in shown), verdict


def tangled(x, W):
    s = np.sin(np.cos(W).sum())
    return np.tanh(x @ W) * s + np.exp(np.tanh(W)).sum(), (x, W, s)


def one_of_two_beyond_help(dout, cache):
    x, W, s = cache
    dz = dout * (1 - np.tanh(x @ W) ** 2) * s
    return dz @ W.T * 3, x.T @ dz


def test_a_line_that_mends_one_gradient_of_two():
    verdict = check(tangled, one_of_two_beyond_help, "x: N D, W: D M")
    best = verdict.explanations[0]
    assert best.sentence == "dx: right without the factor 3, but dW is wrong still"
    assert [line.mended.strip() for line in best.lines] == ["return dz @ W.T, x.T @ dz"]


def prints_and_warns(dout, cache):
    print("seen")  # noqa: T201
    warnings.warn("odd", stacklevel=1)
    return dout * (1 - cache)


@pytest.mark.filterwarnings("ignore:odd")
def test_nothing_is_seen_of_what_is_tried(capfd):
    subject = subject_of(lambda x: (np.tanh(x), np.tanh(x)), prints_and_warns, "x: N D")
    judgement, points = judge(subject)
    capfd.readouterr()
    told = explain_after(subject, judgement, points, seconds=8, memory=MEMORY)
    assert capfd.readouterr() == ("", "")
    assert told.explanations[0].lines


def test_no_line_is_shown_that_the_check_refutes(monkeypatch):
    subject = subject_of(lambda x: (np.tanh(x), np.tanh(x)), forgets_the_slope, "x: N D")
    source = source_of(forgets_the_slope)
    wrong = Line(source.first + 2, source.lines[2], source.lines[2] + " * 2")
    told = [Explanation("factor", "dx: right with times 2", (wrong,))]
    monkeypatch.setattr(explaining, "explain", lambda *_: told)
    (best,) = explain_after(subject, *judge(subject), seconds=8, memory=MEMORY).explanations
    assert best.lines == ()
    assert best.sentence.endswith("but not everywhere")


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return p, p


def columns(x):
    return softmax(x, axis=0)


def diagonal(dout, p):
    return p * (1 - p) * dout


def diagonal_in_two_lines(dout, p):
    slope = p - p**2
    return slope * dout


def attention(Q, K, V):
    A, _ = softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    return A @ V, (Q, K, V, A)


def attention_without_cross_terms(dout, cache):
    Q, K, V, A = cache
    dA = dout @ V.T
    dS = A * (1 - A) * dA / np.sqrt(Q.shape[1])
    return dS @ K, dS.T @ Q, A.T @ dout


def cross_entropy(z, y):
    p, _ = softmax(z)
    return -np.log(p[np.arange(len(y)), y]).mean(), (p, y)


def not_divided(dout, cache):
    p, y = cache
    return dout * (p - np.eye(p.shape[1])[y])


def divided_by_all(dout, cache):
    p, y = cache
    return dout * (p - np.eye(p.shape[1])[y]) / p.size


def layer_norm(x, gamma):
    std = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    normal = (x - x.mean(axis=-1, keepdims=True)) / std
    return gamma * normal, (normal, std, gamma)


def without_mean_and_variance(dout, cache):
    normal, std, gamma = cache
    dn = dout * gamma
    return dn / std, (dout * normal).sum(axis=0)


def without_variance(dout, cache):
    normal, std, gamma = cache
    dn = dout * gamma
    return (dn - dn.mean(axis=-1, keepdims=True)) / std, (dout * normal).sum(axis=0)


def scores(Q, K):
    return np.einsum("btd,bsd->bts", Q, K)


def scores_not_transposed(dout, Q, K):
    return np.einsum("bts,bsd->btd", dout, K), np.einsum("bts,bsd->btd", dout, Q)


@pytest.mark.parametrize(
    ("forward", "backward", "inputs", "cause", "mended"),
    [
        (softmax, diagonal, "x: N D", "missing term",
         "return p * (dout - (dout * p).sum(axis=-1, keepdims=True))"),
        (columns, diagonal, "x: C N", "missing term",
         "return p * (dout - (dout * p).sum(axis=0, keepdims=True))"),
        (softmax, diagonal_in_two_lines, "x: N D", "missing term",
         "return p * (dout - (dout * p).sum(axis=-1, keepdims=True))"),
        (attention, attention_without_cross_terms, "Q: T d, K: T d, V: T m", "missing term", ""),
        (cross_entropy, not_divided, "z: N C, y: N in C", "1/N",
         "return dout * (p - np.eye(p.shape[1])[y]) / p.shape[0]"),
        (cross_entropy, divided_by_all, "z: N C, y: N in C", "1/N",
         "return dout * (p - np.eye(p.shape[1])[y]) / p.shape[0]"),
        (layer_norm, without_mean_and_variance, "x: N D, gamma: D", "missing term", ""),
        (layer_norm, without_variance, "x: N D, gamma: D", "missing term", ""),
        (scores, scores_not_transposed, "Q: B T d, K: B S d", "transpose",
         'np.einsum("bst,bsd->btd", dout, Q)'),
    ],
)  # fmt: skip
def test_what_is_often_left_out(forward, backward, inputs, cause, mended):
    verdict = check(forward, backward, inputs)
    assert verdict.cause == cause
    lines = verdict.explanations[0].lines
    assert lines
    assert mended in lines[0].mended
