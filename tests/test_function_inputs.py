"""The language of declarations, and the numbers that are made for it."""

import numpy as np
import pytest

from backproof import check
from backproof.checking.functions.inputs import declared, size_of
from backproof.checking.functions.subjects import subject_of

BAD = {
    "x N D": "the declaration 'x N D' cannot be read",
    "x: N D, x: N": "x is declared twice",
    "x: N-D": "'N-D' is no size",
    "x: N D > 1": "only > 0 can be asked for",
    "x: N in ?": 'after "in" a size, {…} or (a, b) is expected',
    "eps = many": "'many' is no number, string, tuple or list",
    "": "no input is declared",
    "x: 0 D": "a size of 0 leaves nothing in x",
    "x: N in (1, 0)": "two numbers are expected, as in (0, 1)",
    "x: N in (0, 1, 2)": "two numbers are expected",
    "x: N in {}": "numbers are expected, as in {0, 1}",
    "x: N in [a]": "'[a]' is no number, string, tuple or list",
    "x: N x D": "x is an input, and cannot be a size of x as well",
    "x: N,D": "the declaration 'D' cannot be read",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_declaration_is_refused(text):
    with pytest.raises(ValueError, match=r"declar|size|asked|expected|number|input") as refusal:
        declared(text)
    assert BAD[text] in str(refusal.value)


def test_a_mark_stands_under_what_cannot_be_read():
    with pytest.raises(ValueError, match="no size") as refusal:
        declared("x: N D,\nW: D N*M")
    assert str(refusal.value).splitlines()[1:] == ["    W: D N*M", "         ^"]


SIZES = {
    "(N, D)": ("N", "D"),
    "N × D": ("N", "D"),
    "N 4 * H": ("N", "4*H"),
    "scalar": (),
    "": (),
    "float": (),
    "3": ("3",),
}


@pytest.mark.parametrize("text", SIZES)
def test_sizes_are_read_as_people_write_them(text):
    assert declared(f"x: {text}")["x"].sizes == SIZES[text]


def test_an_interval_needs_no_blank():
    assert declared("x: N in(0,1)") == declared("x: N in (0, 1)")


def test_no_size_is_one_and_sizes_made_of_letters_are_unlike_others():
    inputs = subject_of(lambda **_: 0, "x: N T, y: T-1, W: T 2*T").inputs
    for family in (0, 1):
        sizes = inputs.sizes(family)
        N, T = sizes["N"], sizes["T"]
        assert len({N, T, T - 1, 2 * T}) == 4
        assert min(N, T - 1) > 1


def test_an_input_that_is_too_large_is_refused_with_a_way_out():
    with pytest.raises(ValueError, match="x has 90000 entries; a formula is checked at small"):
        check(np.tanh, lambda dout, x: dout, x=np.ones((300, 300)))


def test_examples_go_by_position_too():
    def product(x, W):
        return x @ W

    x, W = np.ones((2, 3)), np.ones((3, 4))
    assert check(product, lambda dout, x, W: (dout @ W.T, x.T @ dout), (x, W))
    with pytest.raises(ValueError, match="3 examples are given, but forward takes x, W"):
        check(product, lambda dout, x, W: (dout @ W.T, x.T @ dout), (x, W, W))


WRT = {"x, W": "dx, dW", "W x": "dW, dx", ("W", "W"): "dW"}


@pytest.mark.parametrize("wrt", WRT)
def test_wrt_is_read_as_people_write_it(wrt):
    def backward(dout, x, W):
        found = {"x": dout @ W.T, "W": x.T @ dout}
        return {name: found[name] for name in WRT[wrt].replace("d", "").split(", ")}

    assert check(np.matmul, backward, "x: N D, W: D M", wrt=wrt).claim == WRT[wrt]


def test_something_must_be_checked():
    with pytest.raises(ValueError, match="wrt names no input, so there is nothing to check"):
        check(np.tanh, lambda dout, x: dout, "x: N", wrt=())
    with pytest.raises(ValueError, match=r"x holds whole numbers: pass x.astype\(float\)"):
        check(np.tanh, lambda dout, x: dout, x=np.array([1, 2]))


def test_a_tuple_of_sizes_is_told_from_an_example():
    with pytest.raises(ValueError, match=r'x is the tuple \(2, 3\): .* pass x="2 3"'):
        check(np.tanh, lambda dout, x: dout, {"x": (2, 3)})


def test_whole_numbers_that_were_kept_fixed_are_told():
    verdict = check(
        lambda x, W: x @ W, lambda dout, x, W: (dout @ W.T, x.T @ dout),
        x=np.array([[1, 2], [3, 4]]), W=np.ones((2, 3)),
    )  # fmt: skip
    assert verdict.claim == "dW"
    assert "x holds whole numbers and was kept fixed: no derivative by it was checked" in (
        verdict.notes
    )


def test_a_dict_of_arrays_is_refused_with_a_way_out():
    with pytest.raises(TypeError, match="p is a dict that holds arrays; name them as inputs"):
        check(
            lambda x, p: x @ p["W"], lambda dout, x, p: dout, x=np.ones((2, 3)), p={"W": np.eye(3)}
        )


def test_no_two_letters_have_the_same_size_and_no_size_is_in_both_families():
    inputs = subject_of(lambda **_: 0, "x: N D, W: D M, b: M").inputs
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
