"""The search for the line that is wrong finds a planted mistake, and writes the line right.

The code is written as people write it, with arguments that go unused.
"""

# ruff: noqa: ARG001, S102

import ast
import linecache

import numpy as np
import pytest
from sampled import sampled

from backproof.checking.functions.edits import Names
from backproof.checking.functions.mending import mended
from backproof.checking.functions.repair import repairs
from backproof.checking.functions.source import source_of


def linear(x, W, b):
    return x @ W + b


def tanh(x):
    out = np.tanh(x)
    return out, out


def relu(x):
    return np.maximum(x, 0), x


def mean_square(p, t):
    return np.mean((p - t) ** 2)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def rows(E, y):
    return E[y]


def repaired(*arguments):
    return repairs(*sampled(*arguments))


def first(*arguments):
    found = repaired(*arguments)
    assert found, "nothing was found"
    best = min(found, key=lambda one: one.cost)
    return best.cause, best.lines[0].mended.strip()


LINEAR = "x: N D, W: D M, b: M"


# The search must leave the user's own spelling alone.
# fmt: off
def not_transposed(dout, x, W, b):
    dx = dout @ W.T
    dW = (dout.T @ x)  # the user's brackets stay
    return dx, dW, dout.sum(axis=0)


def wrong_axis(dout, x, W, b):
    db = np.mean( dout, axis = 0 )
    return dout @ W.T, x.T @ dout, db


def minus(dout, cache):
    return dout * (1 + cache ** 2)


# fmt: on
def not_squared(dout, cache):
    return dout * (1 - cache)


def no_slope(dout, cache):
    return dout.copy()


def wrong_mask(dout, cache):
    dx = dout.copy()
    dx[cache > 0] = 0
    return dx


def no_mask(dout, cache):
    return dout * 1


def a_sum(p, t):
    d = 2 * (p - t)
    return d, -d


def half(p, t):
    return (p - t) / p.size, (t - p) / p.size


def no_projection(dout, x):
    p = softmax(x)
    return p * dout


def last_only(dout, E, y):
    dE = np.zeros_like(E)
    dE[y] += dout
    return dE


def columns(E, y):
    return E[:, y]


def columns_once(dout, E, y):
    dE = np.zeros_like(E)
    dE[:, y] += dout
    return dE


def columns_written_out(dout, E, y):
    dE = np.zeros_like(E)
    dE[:, y] = dE[:, y] + dout
    return dE


def columns_taken_off(dout, E, y):
    dE = np.zeros_like(E)
    dE[:, y] -= -dout
    return dE


def columns_turned(dout, E, y):
    dE = np.zeros_like(E)
    dE.T[y] += dout.T
    return dE


def column_by_column(dout, E, y):
    dE = np.zeros_like(E)
    for i, k in enumerate(y):
        dE[:, k] = dout[:, i]
    return dE


@pytest.mark.parametrize(
    ("forward", "backward", "inputs", "cause", "line"),
    [
        (linear, not_transposed, LINEAR, "transpose",
         "dW = (x.T @ dout)  # the user's brackets stay"),
        (linear, wrong_axis, LINEAR, "1/N", "db = np.sum( dout, axis = 0 )"),
        (tanh, minus, "x: N D", "sign", "return dout * (1 - cache ** 2)"),
        (tanh, not_squared, "x: N D", "wrong derivative", "return dout * (1 - cache ** 2)"),
        (tanh, no_slope, "x: N D", "missing chain factor", "return dout.copy() * (1 - cache ** 2)"),
        (relu, wrong_mask, "x: N D", "wrong mask", "dx[cache < 0] = 0"),
        (relu, no_mask, "x: N D", "missing mask", "return dout * 1 * (cache > 0)"),
        (mean_square, a_sum, "p: N D, t: N D", "1/N", "d = 2 * (p - t) / p.size"),
        (softmax, no_projection, "x: N D", "missing term",
         "return p * (dout - (dout * p).sum(axis=-1, keepdims=True))"),
        (rows, last_only, "E: V D, y: N in V", "accumulation", "np.add.at(dE, y, dout)"),
        (columns, columns_once, "E: D V, y: N in V", "accumulation",
         "np.add.at(dE, (slice(None), y), dout)"),
        (columns, columns_written_out, "E: D V, y: N in V", "accumulation",
         "np.add.at(dE, (slice(None), y), dout)"),
        (columns, columns_taken_off, "E: D V, y: N in V", "accumulation",
         "np.subtract.at(dE, (slice(None), y), -dout)"),
        (columns, columns_turned, "E: D V, y: N in V", "accumulation",
         "np.add.at(dE.T, y, dout.T)"),
        (columns, column_by_column, "E: D V, y: N in V", "accumulation", "dE[:, k] += dout[:, i]"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_a_planted_mistake_is_found(forward, backward, inputs, cause, line):
    assert first(forward, backward, inputs) == (cause, line)


def test_the_number_of_the_line_is_that_of_the_file():
    (best, *_) = repaired(linear, wrong_axis, LINEAR)
    assert linecache.getline(__file__, best.lines[0].number) == best.lines[0].written + "\n"
    assert best.lines[0].written == "    db = np.mean( dout, axis = 0 )"


def both_wrong(dout, x, W, b):
    dx = dout @ W.T * 3
    dW = x.T @ -dout
    return dx, dW, dout.sum(axis=0)


def test_two_gradients_that_are_wrong_for_reasons_of_their_own():
    (both,) = repaired(linear, both_wrong, LINEAR)
    assert both.whole
    assert both.does == "without the minus sign and without the factor 3"
    assert [line.mended.strip() for line in both.lines] == ["dx = dout @ W.T", "dW = x.T @ dout"]


def cube_times_sine(x):
    return np.sin(x) * x**3, x


def one_after_the_other(dout, cache):
    x, dx = cache, np.zeros_like(dout)
    for i in range(len(dout)):
        dx[i] = -dout[i] * (np.cos(x[i]) * x[i] ** 3 + 2 * np.sin(x[i]) * x[i] ** 2)
    return dx


def test_two_changes_that_mend_only_together():
    (both,) = repaired(cube_times_sine, one_after_the_other, "x: N")
    (line,) = both.lines
    assert line.mended.strip() == (
        "dx[i] = dout[i] * (np.cos(x[i]) * x[i] ** 3 + 3 * np.sin(x[i]) * x[i] ** 2)"
    )


def test_a_lambda():
    backward = lambda dout, cache: dout * (1 - cache)  # noqa: E731
    assert first(tanh, backward, "x: N D")[0] == "wrong derivative"


class Scaled:
    def __init__(self):
        self.scale = np.array([2.0, 3.0, 4.0])

    def forward(self, x):
        self.x = x
        return x * self.scale

    def backward(self, dout):
        self.dscale = (dout * self.x).mean(axis=0)
        return dout * self.scale


def test_a_method_and_what_it_leaves_in_its_object():
    (best, *_) = repaired(Scaled, "x: N 3")
    assert best.cause == "1/N"
    assert best.lines[0].mended.strip() == "self.dscale = (dout * self.x).sum(axis=0)"


def closure_with(factor):
    def backward(dout, cache):
        return factor * dout * cache**2

    return backward


def test_a_closure():
    cause, line = first(lambda x: (x * x, x), closure_with(2.0), "x: N")
    assert (cause, line) == ("wrong derivative", "return factor * dout * cache")


def times(x, y):
    return x * y


def part_of_times(dout, x, y):
    return dout * x, dout * x


def product(dout, x, y):
    return part_of_times(dout, x, y)


def test_a_mistake_in_a_function_that_backward_calls():
    assert first(times, product, "x: N, y: N") == ("wrong operand", "return dout * y, dout * x")


def test_a_function_without_source():
    names = {"np": np}
    exec("def backward(dout, cache):\n    return dout * (1 - cache)", names)
    assert source_of(names["backward"]) is None
    assert repaired(tanh, names["backward"], "x: N D") == []


def test_a_cell_of_a_notebook():
    text = "def backward(dout, cache):\n    return dout * (1 - cache)\n"
    name = "<ipython-input-7-0123456789ab>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names = {"np": np}
    exec(compile(text, name, "exec"), names)
    (best, *_) = repaired(tanh, names["backward"], "x: N D")
    assert (best.lines[0].number, best.lines[0].mended) == (2, "    return dout * (1 - cache ** 2)")


def right(dout, cache):
    return dout * (1 - cache**2)


def test_a_right_backward_needs_no_repair():
    assert repaired(tanh, right, "x: N D") == []


def test_no_samples_and_no_repair():
    subject, _ = sampled(tanh, right, "x: N D")
    assert repairs(subject, []) == []


def writes_into_its_cache(dout, cache):
    cache["x"] *= 2
    return dout * cache["x"] ** 2


def test_a_backward_that_writes_into_its_cache_is_run_on_fresh_copies():
    forward = lambda x: (x**2, {"x": x.copy()})  # noqa: E731
    found = repaired(forward, writes_into_its_cache, "x: N")
    assert 'return dout * cache["x"]' in {one.lines[0].mended.strip() for one in found}


def fails(dout, cache):
    return dout @ (1 - cache**2)


def test_a_backward_that_raises():
    assert first(tanh, fails, "x: N D")[0] in {"wrong derivative", "transpose"}


@pytest.mark.parametrize(
    "backward", [not_transposed, wrong_axis, both_wrong], ids=lambda one: one.__name__
)
def test_the_line_means_the_change_that_was_run(backward):
    subject, samples = sampled(linear, backward, LINEAR)
    for repair in repairs(subject, samples):
        source = source_of(backward)
        lines = list(source.lines)
        for line in repair.lines:
            lines[line.number - source.first] = line.mended
        names = {"np": np}
        exec("\n".join(lines), names)
        run = subject.with_backward(names[backward.__name__]).run(dict(samples[0].inputs))
        claimed = run.backward(samples[0].douts)
        for name in repair.mends:
            np.testing.assert_allclose(claimed[name], samples[0].true[name])


def test_the_tree_is_as_it_was_after_the_search():
    source = source_of(wrong_axis)
    before = ast.dump(source.node, include_attributes=True)
    repaired(linear, wrong_axis, LINEAR)
    assert ast.dump(source_of(wrong_axis).node, include_attributes=True) == before


def test_the_same_is_found_again():
    runs = [repaired(linear, not_transposed, LINEAR) for _ in range(2)]
    assert runs[0] == runs[1]


def test_names_of_the_right_shape():
    names = Names(shapes={"x": (2, 3), "b": (3,)}, hidden={"h": (2, 3), "t": (5,)})
    assert [name for name, _ in names.fitting((2, 3))] == ["x", "b", "h"]
    assert [name for name, _ in names.alike("x")] == ["b", "h", "t"]


def every_step(x, w):
    return np.array([(x[t] * w).sum() for t in range(len(x))])


def last_step_only(dout, x, w):
    dx = np.zeros_like(x)
    for t in range(len(x)):
        dx[t] = dout[t] * w
        dw = dout[t] * x[t]
        db = dout[t] * x[t]
    return dx, (dw + db) / 2


def test_two_sums_that_begin_before_a_loop():
    (both,) = repaired(every_step, last_step_only, "x: N D, w: D")
    assert [line.mended.strip().split("\n")[0] for line in both.lines] == [
        "dw = 0",
        "dw += dout[t] * x[t]",
        "db += dout[t] * x[t]",
    ]


def scaled_scores(Q, K):
    return Q @ K.T / np.sqrt(Q.shape[1])


def scaled_by_length(dout, Q, K):
    d = dout.shape[1]
    return dout @ K / np.sqrt(d), dout.T @ Q / np.sqrt(d)


def test_a_size_gets_no_number():
    """At the sizes that are tried, one is larger by 1 than another."""
    found = repaired(scaled_scores, scaled_by_length, "Q: T d, K: T d")
    assert "d = Q.shape[1]" in {one.lines[0].mended.strip() for one in found}
    assert not any("+ 1" in line.mended for one in found for line in one.lines)


def test_a_lambda_in_the_middle_of_a_line():
    (best, *_) = repaired(*(tanh, lambda dout, cache: dout * (1 - cache)), "x: N D")
    assert "lambda dout, cache: dout * (1 - cache ** 2)" in best.lines[0].mended


def test_the_code_with_the_line_is_right():
    subject, samples = sampled(linear, not_transposed, LINEAR)
    (best, *_) = repairs(subject, samples)
    other = mended(subject, best.lines)
    assert not repairs(other, samples)
    run = other.run(dict(samples[0].inputs))
    for name, gradient in run.backward(samples[0].douts).items():
        np.testing.assert_allclose(gradient, samples[0].true[name])
