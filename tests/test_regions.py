"""Regions are found by flipping the questions of the code, and borders are looked at exactly."""

from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from backproof.checking.functions.exact_run import Point, Singular, distance, exact_run
from backproof.checking.functions.identity import NotRational, is_identity
from backproof.checking.functions.kinks import kinks
from backproof.checking.functions.regions import explore
from backproof.numbers.traced import Unsupported


@dataclass
class Pass:
    """A forward and a backward of one array x, as the checker sees them."""

    forward: object
    back: object
    wrt: tuple = ("x",)
    names: tuple = ("x",)

    def run(self, arrays):
        out = self.forward(arrays["x"])
        return SimpleNamespace(
            outputs=(out,), backward=lambda douts: {"x": self.back(douts[0], arrays["x"])}
        )


def exact(numbers):
    return np.frompyfunc(lambda n: Fraction(str(n)), 1, 1)(np.array(numbers, dtype=object))


def point(x, dout):
    return Point({"x": exact(x)}, {}, (exact(dout),))


def ran(forward, backward, x, dout):
    return exact_run(Pass(forward, backward), point(x, dout), [forward, backward])


def explored(forward, backward, x, dout, regions=80):
    def again(at):
        return exact_run(Pass(forward, backward), at, [forward, backward])

    start = ran(forward, backward, x, dout)
    return explore([start], again, regions=regions, work=100_000), again


def relu(x):
    return np.maximum(x, 0)


def test_the_derivative_is_exact():
    run = ran(lambda x: x**3 / 2, lambda d, x: d * x**2 * Fraction(3, 2), [0.5, -3], [2, -1])
    assert run.true["x"].tolist() == [Fraction(3, 4), Fraction(-27, 2)]
    assert distance(run.true, run.claimed)[0] == 0


def test_a_wrong_entry_is_found_by_its_place():
    run = ran(lambda x: x**2, lambda d, x: d * 2 * x + np.array([0, 1e-11]), [1, 2], [1, 1])
    far, name, place = distance(run.true, run.claimed)
    assert (name, place) == ("x", (1,))
    assert far > 1e-12


def test_every_sign_pattern_is_a_region():
    found, _ = explored(relu, lambda d, x: d * (x > 0), [1, 2, -3, 4], [1, -1, 2, 3])
    assert len(found.runs) == 16
    assert found.complete


def test_a_thin_region_is_found():
    found, _ = explored(relu, lambda d, x: d * (x > 1e-9), [1, 2], [1, -1])
    assert any(distance(run.true, run.claimed)[0] > 0.1 for run in found.runs.values())


def test_a_threshold_far_away_is_found():
    found, _ = explored(lambda x: x**2, lambda d, x: np.where(x < 1e6, 2 * d * x, 0), [1], [1])
    assert any(distance(run.true, run.claimed)[0] == 1 for run in found.runs.values())


def test_a_curved_border_is_found():
    found, _ = explored(
        np.exp, lambda d, x: d * np.exp(x) * np.where(np.exp(x) > 7, 2, 1), [1], [1]
    )
    assert any(distance(run.true, run.claimed)[0] > 0.1 for run in found.runs.values())


def test_a_clip_of_the_cotangent_is_found():
    found, _ = explored(lambda x: 2 * x, lambda d, x: 2 * np.clip(d, -1e3, 1e3), [1], [1])
    assert len(found.runs) == 3


def test_a_search_that_is_cut_short_says_so():
    found, _ = explored(relu, lambda d, x: d * (x > 0), [1, 2, -3, 4], [1, -1, 2, 3], regions=5)
    assert not found.complete


def test_a_question_that_has_one_answer_only_is_told():
    found, _ = explored(lambda x: x**2, lambda d, x: 2 * d * x * (x**2 + 1 > 0), [1], [1])
    assert [operator for _, operator in found.one_sided()] == [">"]
    assert not found.complete


@pytest.mark.parametrize(
    ("backward", "says"),
    [
        (lambda d, x: d * (x > 0), "false, which is 0"),
        (lambda d, x: d * (x >= 0), "true"),
        (lambda d, x: d * (np.sign(x) + 1) / 2, "the mean of the two slopes"),
        (lambda d, x: d * np.where(x > 0, 1, np.where(x == 0, 0.25, 0)), "of the way"),
    ],
    ids=["0", "1", "a half", "a quarter"],
)
def test_a_convention_at_a_kink_is_told(backward, says):
    found, again = explored(lambda x: np.where(x > 0, x, 0), backward, [1, -2], [1, 3])
    told = [kink.convention for kink in kinks(found.crossings, again)]
    assert told
    assert all(says in convention for convention in told)


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (relu, lambda d, x: d * np.where(x > 0, 1, np.where(x == 0, 2, 0))),  # no slope between
        (lambda x: 3 * x, lambda d, x: np.where(x == 0, d, 3 * d)),  # no kink at all
        (lambda x: x**2, lambda d, x: np.where(x == 5, 0, 2 * d * x)),
    ],
    ids=["beyond the slopes", "no kink", "one value"],
)
def test_a_mistake_on_a_border_is_found(forward, backward):
    found, again = explored(forward, backward, [1, -2], [1, 3])
    assert any(kink.wrong is not None for kink in kinks(found.crossings, again))


def test_the_gradient_of_tied_maxima_must_sum_to_one():
    def shared(share):
        return lambda d, x: d * (x == x.max()) * (share / np.sum(x == x.max()) if share else 1)

    for backward, wrong in ((shared(1), False), (shared(0), True)):
        found, again = explored(lambda x: x.max(), backward, [1, -2, 3], 2)
        assert any(kink.wrong is not None for kink in kinks(found.crossings, again)) == wrong


def test_a_jump_of_the_forward_pass_is_no_kink():
    found, again = explored(lambda x: x * (x > 1), lambda d, x: d * (x > 1), [3], [1])
    assert kinks(found.crossings, again) == []


def test_an_identity_holds_for_all_values_or_not_at_all():
    square = lambda x: x**2 / (1 + x[0] ** 2)  # noqa: E731

    def right(d, x):
        s = 1 + x[0] ** 2
        first = -2 * x[0] * np.sum(d * x**2) / s**2
        return 2 * d * x / s + np.array([first, 0])

    assert is_identity(ran(square, right, [2, 3], [1, 5]))
    assert not is_identity(ran(square, lambda d, x: right(d, x) * (1 + 1e-15), [2, 3], [1, 5]))


def test_a_function_is_no_quotient_of_polynomials():
    with pytest.raises(NotRational):
        is_identity(ran(np.exp, lambda d, x: d * np.exp(x), [1], [1]))


def test_a_point_without_a_slope_is_singular():
    run = ran(lambda x: np.sqrt(x), lambda d, x: d, [0], [1])
    with pytest.raises(Singular):
        run.true  # noqa: B018  computing it raises


def test_code_that_catches_everything_does_not_hide_what_is_not_supported():
    def forward(x):
        try:
            return x * int(x[0])
        except Exception:  # noqa: BLE001  as people write it
            return x

    with pytest.raises(Unsupported):
        ran(forward, lambda d, x: d, [1], [1])


def test_float_of_a_number_is_taken_for_the_number():
    run = ran(lambda x: x * float(x[0]), lambda d, x: d * x[0] * 2, [3], [1])
    assert distance(run.true, run.claimed)[0] == 0
