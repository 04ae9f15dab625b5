"""The number systems one by one: what they compute, and what they refuse."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.polys.domains import QQ
from sympy.polys.rings import ring

from backproof.numbers.indeterminate import SAMPLES, Point, RandomPoint, at_rest, direction
from backproof.numbers.integers import as_integers, small_integer_network, small_integers
from backproof.numbers.rational import as_fractions
from backproof.numbers.symbolic import SymbolicArray, relu, step, symbol, symbols
from backproof.numbers.witnessed import Witnessed, witnessed

x, y, t = sympy.symbols("x y t")


# Fractions and whole floats.


def test_a_float_is_the_fraction_it_holds():
    """0.1 is not one tenth but the nearest fraction over a power of two, and nothing is lost."""
    (exact,) = as_fractions(np.array([0.1]))

    assert exact == Fraction(0.1) != Fraction(1, 10)
    assert float(exact) == 0.1


def test_fractions_keep_the_shape():
    """An array becomes an array of fractions in the same places; fractions stay as they are."""
    array = as_fractions([[1, 0.5], [Fraction(1, 3), -2]])

    assert array.tolist() == [[1, Fraction(1, 2)], [Fraction(1, 3), -2]]
    assert {type(entry) for entry in array.flat} == {Fraction}


def test_whole_floats_are_integers():
    """Whole floats become Python integers, which do not round above 2^53."""
    array = as_integers(np.array([[3.0, -(2.0**60)]]))

    assert array.tolist() == [[3, -(2**60)]]
    assert {type(entry) for entry in array.flat} == {int}


def test_a_broken_float_is_no_integer():
    """What is no whole number is refused, not cut."""
    with pytest.raises(ValueError, match=r"2\.5 is no whole number"):
        as_integers(np.array([[2.0, 2.5]]))


def test_small_integers_are_small_integers():
    """All of -3, …, 3 occur, as float64, in the network too."""
    drawn = small_integers((50, 40), np.random.default_rng(0))
    network = small_integer_network([30, 40, 20], seed=0)

    assert drawn.dtype == np.float64
    assert set(drawn.flat) == {-3, -2, -1, 0, 1, 2, 3}
    assert all(set(W.flat) == {-3, -2, -1, 0, 1, 2, 3} for W in network.W)
    assert all(set(b.flat) <= {-3, -2, -1, 0, 1, 2, 3} and b.any() for b in network.b)


# A polynomial at a random point.


def polynomial(seed):
    """Return a polynomial in x and y as an expression, and as a Point at (5, -7) along (2, 3)."""
    generator = np.random.default_rng(seed)
    pairs = [(x, Point(5, 2, 1)), (y, Point(-7, 3, 1))]
    for _ in range(8):
        first, second = (pairs[i] for i in generator.integers(len(pairs), size=2))
        c, choice = int(generator.integers(-3, 4)), generator.integers(7)
        both = zip(first, second, strict=True)
        pairs.append(tuple((a + b, a - b, a * b, c * a, c - a, a + c, -a)[choice] for a, b in both))
    return pairs[-1]


@pytest.mark.parametrize("seed", range(30))
def test_a_point_is_a_value_and_a_derivative_along_a_direction(seed):
    """Value and tangent are those of the polynomial, by SymPy, at (5, -7) along (2, 3)."""
    expression, point = polynomial(seed)
    along = expression.subs({x: 5 + 2 * t, y: -7 + 3 * t}, simultaneous=True)

    assert point.value == expression.subs({x: 5, y: -7})
    assert point.tangent == sympy.diff(along, t).subs(t, 0)


@pytest.mark.parametrize("seed", range(30))
def test_the_degree_is_an_upper_bound(seed):
    """No polynomial has a higher degree than its Point says; where terms cancel it has a lower."""
    expression, point = polynomial(seed)

    assert sympy.Poly(expression, x, y).total_degree() <= point.degree


@pytest.mark.parametrize(
    ("work", "degree"),
    [
        (lambda p, q: p * p * q, 4),
        (lambda p, q: p * p + q, 2),
        (lambda p, q: q + p * p, 2),
        (lambda p, q: p - p * q, 3),
        (lambda p, q: 7 * p + 0 * q, 2),
        (lambda p, q: 2 - p - q * q, 4),
    ],
    ids=["p p q", "p p + q", "q + p p", "p - p q", "7 p + 0 q", "2 - p - q q"],
)
def test_degrees_add_in_products(work, degree):
    """A product has the sum of the degrees, a sum the larger one, a constant 0."""
    assert work(Point(3, 0, 1), Point(4, 0, 2)).degree == degree


@pytest.mark.parametrize("number", [0.5, 1.0, np.float64(2), Fraction(1, 2), "1", None], ids=repr)
@pytest.mark.parametrize("work", ["__add__", "__sub__", "__rsub__", "__mul__", "__rmul__"])
def test_a_point_takes_nothing_that_may_round(number, work):
    """Among exact integers anything but an integer is refused."""
    with pytest.raises(TypeError, match="is no integer"):
        getattr(Point(3), work)(number)


def test_a_random_point_has_61_bits():
    """Entries are independent, from 0 to 2^61 - 1, each with a direction and of degree 1."""
    entries = list(RandomPoint(0).array(20, 30).flat)
    values = [number for entry in entries for number in (entry.value, entry.tangent)]

    assert SAMPLES == 2**61
    assert len(set(values)) == 1200
    assert max(values) < SAMPLES < 1.02 * max(values)
    assert 0 <= min(values) < 0.02 * SAMPLES
    assert {entry.degree for entry in entries} == {1}


def test_a_seed_is_a_random_point():
    """The same seed draws the same point, another seed another one."""
    first, again, other = (RandomPoint(seed).array(1, 1)[0, 0].value for seed in (1, 1, 2))

    assert first == again != other


def test_the_indicator_is_a_function_of_z():
    """z > 0 is the same unknown for the same z, another for another z, and does not move."""
    point = RandomPoint(0)
    z = point.array(2, 3)
    mask, again, shifted = z > 0, (z + 0) > 0, (z + 1) > 0

    assert [m.value for m in mask.flat] == [m.value for m in again.flat]
    assert len({m.value for m in [*mask.flat, *shifted.flat]}) == 12
    assert {(m.tangent, m.degree) for m in mask.flat} == {(0, 1)}
    assert point.questions == 18


def test_where_is_the_mask_times_one_and_its_complement_times_the_other():
    """where(m, a, b) is m a + (1 - m) b, so it is a where m is 1 and b where m is 0."""
    point = RandomPoint(0)
    a, b = point.array(1, 2), point.array(1, 2)
    masks = np.array([[Point(1), Point(0)]])
    chosen = a.__array_namespace__().where(masks, a, b)

    assert [entry.value for entry in chosen.flat] == [a[0, 0].value, b[0, 1].value]


def test_at_rest_stops_and_direction_starts():
    """`at_rest` keeps values and drops tangents; `direction` makes entries of the tangents."""
    array = RandomPoint(0).array(2, 2)

    assert [(p.value, p.tangent) for p in at_rest(array).flat] == [(p.value, 0) for p in array.flat]
    assert [(p.value, p.tangent, p.degree) for p in direction(array).flat] == [
        (p.tangent, 0, 1) for p in array.flat
    ]


def test_a_point_prints_what_it_is():
    """Value, tangent and degree."""
    assert repr(Point(2, 3, 1) * 2) == "Point(4, tangent=6, degree=1)"


# Symbols.


def test_the_indicator_is_zero_at_zero():
    """step(0) = 0 by the convention, and 1 only above."""
    assert [step(number) for number in (-2, 0, sympy.Rational(1, 9), sympy.pi)] == [0, 0, 1, 1]


def test_relu_clips_numbers():
    """relu is 0 up to 0 and the number itself above."""
    assert [relu(number) for number in (-2, 0, sympy.Rational(1, 9))] == [
        0,
        0,
        sympy.Rational(1, 9),
    ]


def test_a_symbol_is_left_open():
    """Of a symbol nothing is decided, and substituting a number decides it."""
    z = symbol("z")

    assert isinstance(step(z), step)
    assert isinstance(relu(z), relu)
    assert step(z).subs(z, 0) == relu(z).subs(z, 0) == 0
    assert step(z).subs(z, 3) == 1
    assert relu(z).subs(z, 3) == 3


def test_the_derivative_of_relu_is_the_indicator():
    """d relu(u)/dz is step(u) du/dz, and a step has derivative 0."""
    z = symbol("z")

    assert relu(z).diff(z) == step(z)
    assert relu(3 * z - 1).diff(z) == 3 * step(3 * z - 1)
    assert step(z).diff(z) == 0
    assert relu(z).diff(z).subs(z, 0) == 0


def test_what_is_known_of_the_step():
    """The indicator is its own square, and relu(z) is positive exactly where z is."""
    z = symbol("z")

    assert step(z) ** 3 == step(z)
    assert step(relu(z)) == step(z)
    assert step(z) * z != step(z)
    with pytest.raises(TypeError, match="neither true nor false"):
        step(z) ** -1


def test_both_print_as_on_the_page():
    """LaTeX is that of the book, powers included."""
    z = symbol("z")

    assert sympy.latex(step(z)) == r"\mathbb{I}\left[z > 0\right]"
    assert sympy.latex(relu(z)) == r"\operatorname{ReLU}\left[z\right]"
    assert sympy.latex(relu(z) ** 2) == r"\operatorname{ReLU}^{2}\left[z\right]"


def test_a_symbolic_comparison_is_an_entry():
    """z > 0 gives steps, and where(z > 0, z, 0) is relu."""
    z = symbols("z", 2, 1)
    where = z.__array_namespace__().where

    assert (z > 0).tolist() == [[step(symbol("z_1"))], [step(symbol("z_2"))]]
    assert where(z > 0, z, 0).tolist() == [[relu(symbol("z_1"))], [relu(symbol("z_2"))]]


def test_any_other_choice_is_spelled_out():
    """where(z > 0, a, b) is step(z) a + (1 - step(z)) b; only a = z, b = 0 is relu."""
    z, a, b = symbol("z"), symbol("a"), symbol("b")
    array = SymbolicArray.of([[z]])
    where = array.__array_namespace__().where

    assert where(array > 0, a, b)[0, 0] == step(z) * a + (1 - step(z)) * b
    assert where(array > 0, a, 0)[0, 0] == step(z) * a
    assert where(array > 0, array, b)[0, 0] == step(z) * z + (1 - step(z)) * b


@pytest.mark.parametrize("array", [symbols("z", 2, 2), RandomPoint(0).array(2, 2)], ids=type)
@pytest.mark.parametrize(
    "compare",
    [
        lambda z: z >= 0,
        lambda z: z < 0,
        lambda z: z <= 0,
        lambda z: z > 1,
        lambda z: z > z.T,
    ],
    ids=["z >= 0", "z < 0", "z <= 0", "z > 1", "z > z.T"],
)
def test_no_other_comparison_is_answered(array, compare):
    """What has no sign is compared in no other way, so no branch is taken unseen."""
    with pytest.raises(TypeError, match="indeterminate"):
        compare(array)


def test_names_of_entries_are_those_of_the_page():
    """W0_12 is row 1, column 2; a column has one index; the same name is the same symbol."""
    assert [[str(entry) for entry in row] for row in symbols("W0", 2, 2)] == [
        ["W0_11", "W0_12"],
        ["W0_21", "W0_22"],
    ]
    assert [str(entry) for entry in symbols("b0", 2, 1)[:, 0]] == ["b0_1", "b0_2"]
    assert symbols("b0", 2, 1)[1, 0] is symbol("b0_2")


def test_no_two_entries_share_a_name():
    """Also past nine, where 1, 11 and 11, 1 meet."""
    names = [str(entry) for entry in symbols("W0", 12, 12).flat]

    assert len(set(names)) == 144


def test_the_sum_over_everything_is_an_entry():
    """A reduction to one number gives the expression, not an array around it."""
    z = symbols("z", 2, 1)

    assert z.sum() == symbol("z_1") + symbol("z_2")
    assert isinstance(z.sum(axis=0, keepdims=True), SymbolicArray)


# A fraction with the polynomial it is the value of.


R, p, q = ring("p, q", QQ)


@given(a=st.integers(-9, 9), b=st.integers(-9, 9), n=st.integers(-9, 9))
def test_a_witness_is_the_value_of_its_polynomial(a, b, n):
    """Arithmetic acts on fraction and polynomial alike, with integers on either side."""
    u, v = Witnessed(Fraction(a), p, set()), Witnessed(Fraction(b), q, set())
    result = (u + v) * u - n * v + (n + u) - (v * n - n)

    assert result.polynomial == (p + q) * p - 2 * n * q + 2 * n + p
    assert result.value == result.polynomial.evaluate([(p, a), (q, b)])


def test_a_witness_decides():
    """z > 0 looks at the fraction."""
    assert Witnessed(Fraction(1, 9), p, set()) > 0
    assert not Witnessed(Fraction(-1, 9), p, set()) > 0


def test_a_witness_on_the_boundary_decides_nothing():
    """At 0 it stands between two regions and is refused."""
    with pytest.raises(ValueError, match="boundary"):
        assert Witnessed(Fraction(0), p, set()) > 0


def test_arrays_are_witnessed_entry_by_entry():
    """Fractions and polynomials are paired place by place."""
    pairs = witnessed(as_fractions([[1, 2]]), np.array([[p, q]], dtype=object), set())

    assert [(w.value, w.polynomial) for w in pairs.flat] == [(1, p), (2, q)]
    assert repr(pairs[0, 0]) == "Witnessed(1, p)"
