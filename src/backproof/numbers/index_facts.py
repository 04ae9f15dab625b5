"""What is known about functions of one number: all of it, and nothing else is assumed."""

from fractions import Fraction
from typing import Any

from backproof.numbers.index_algebra import (
    Terms,
    add,
    constant,
    multiply,
    normal,
    scale,
    single,
    substituted,
)
from backproof.numbers.index_form import (
    BeyondTensorsError,
    Factor,
    Head,
    Term,
    bound_count,
    interned,
)
from backproof.numbers.index_functions import (
    MOST_POWERS,
    RULES,
    Form,
    abstract,
    apply,
    common_factor,
    inverse,
    lead,
    opaque,
    power,
    reciprocal,
)

FACTS = (
    "step(e)² = step(e)",
    "step(e) relu(e) = relu(e)",
    "relu(e) = step(e) e",
    "step(relu(e)) = step(e) and relu(relu(e)) = relu(e)",
    "step(step(e) a) = step(e) step(a) and relu(step(e) a) = step(e) relu(a)",
    "step(a b) = step(b) and relu(a b) = a relu(b), where a > 0 for certain",
    "step(e) = 1 and relu(e) = e, where e > 0 for certain, such as an exponential or a size",
    "step(e) = 0 and relu(e) = 0, where e = 0 or -e > 0 for certain",
    "exp(a + b) = exp(a) exp(b), and exp(c a) is the power c of exp(a), for a number c",
    "exp(n log a) = aⁿ, for a whole number n",
    "log(exp(a)) = a, and log(a b) = log a + log b, where a > 0 for certain",
    "sqrt(a)² = a, and sqrt(a b) = sqrt(a) sqrt(b), where a > 0 for certain",
    "a / a = 1, where a is not 0; so also Σ_i a_i / Σ_i a_i = 1",
    "exp(a) / (1 + c exp(a)) = (1 - 1 / (1 + c exp(a))) / c, for a number c",
)
"""What is known beyond sums and products of numbers."""

SLOPES = (
    "relu′ = step and step′ = 0, so that ReLU has the derivative 0 at 0",
    "exp′ = exp, log′(e) = 1 / e, sqrt′(e) = 1 / (2 sqrt(e))",
    "tanh′ = 1 - tanh², sin′ = cos, cos′ = -sin, erfc′(e) = -2 exp(-e²) / sqrt(π)",
    "of any other function f only the name of its derivative is known, f′",
)
"""What is known about derivatives."""

PI = interned("atom", "π")
_LARGEST_PRIME = 1000


def facts() -> str:
    """Return all that is taken for granted about functions of one number, a fact a line."""
    return "\n".join((*FACTS, *SLOPES))


def positive(terms: Terms) -> bool:
    """Return whether an expression is above 0 for certain."""
    at_least_0 = all(
        c > 0 and all(_sign(h, e) is not None for h, e, _ in term) for term, c in terms.items()
    )
    return at_least_0 and any(all(_sign(h, e) for h, e, _ in term) for term in terms)


def nonzero(terms: Terms) -> bool:
    """Return whether an expression is not 0 for certain."""
    if positive(terms) or positive(scale(-1, terms)):
        return True
    return len(terms) == 1 and all(_is_positive(h) for term in terms for h, _, _ in term)


def shown_equal(first: Terms, second: Terms) -> bool:
    """Return whether two expressions are shown to be equal, wherever both are defined.

    They are if their canonical forms are; or if their difference is 0 once every relu(e) is
    written step(e) e, and once it is multiplied with what it is divided by.
    """
    if first == second:
        return True
    try:
        return not numerator(spelled_out(add(first, scale(-1, second))))
    except BeyondTensorsError:
        return False


def spelled_out(terms: Terms) -> Terms:
    """Return the expression with every relu(e) written step(e) e."""
    total: Terms = {}
    for term, coefficient in terms.items():
        value = _first_spelled(term, coefficient)
        total = add(total, {term: coefficient} if value is None else spelled_out(value))
    return total


def numerator(terms: Terms) -> Terms:
    """Return the expression multiplied with all sums that it is divided by at free indices."""
    for _ in range(MOST_POWERS):
        below = [
            factor
            for factor in common_factor(terms, lambda head: head.kind == "sum")
            if factor[1] < 0
        ]
        if not below:
            break
        total: Terms = {}
        for term, coefficient in terms.items():
            total = add(total, normal(coefficient, [*term, *reciprocal(below)]))
        terms = total
    return terms


def _first_spelled(term: Term, coefficient: Fraction) -> Terms | None:
    for position, (head, exponent, indices) in enumerate(term):
        value = _spelled(head, exponent)
        if value is not None:
            beside = [*term[:position], *term[position + 1 :]]
            return substituted(coefficient, value, indices, beside, list(term))
    return None


def _spelled(head: Head, exponent: Any) -> Terms | None:
    """Return a power of a function of an expression that is spelled out, or None if it is that."""
    if head.form is None or head.kind == "maximum":
        return None
    if head.spelled is None:
        head.spelled = _spelled_once(head)
    changed, value = head.spelled
    return power(value, exponent) if changed else None


def _spelled_once(head: Head) -> tuple[bool, Terms]:
    """Return whether the function is written differently when spelled out, and how."""
    form: Form = head.form
    if form.spelled is None:
        form.spelled = spelled_out(form.terms)
        known, _ = abstract(form.spelled)
        known.spelled = known.terms
    if head.name == "relu":
        return True, multiply(apply("step", form.spelled), form.spelled)
    if form.spelled == form.terms:
        return False, {}
    return True, form.spelled if head.kind == "sum" else apply(head.name, form.spelled)


def _sign(head: Head, exponent: Any) -> int | None:
    """Return 1 for a factor above 0 for certain, 0 if it may be 0 too, None if nothing is known."""
    if _is_positive(head):
        return 1
    if head.idempotent or head.name == "relu" or exponent % 2 == 0:
        return 0
    return None


def _is_positive(head: Head) -> bool:
    if head.kind == "sum" or head.name == "sqrt":
        return positive(head.form.terms)
    return head.kind == "size" or head.name == "exp" or head is PI


def _exp(terms: Terms) -> Terms:
    value = constant(1)
    for term, coefficient in terms.items():
        value = multiply(value, _exp_of(term, coefficient))
    return value


def _exp_of(term: Term, coefficient: Fraction) -> Terms:
    if _is_one(term, "log") and coefficient.denominator == 1:
        head, _, indices = term[0]
        return power(head.form.at(indices), int(coefficient))
    return opaque("exp", {term: Fraction(1)}, coefficient)


def _is_one(term: Term, *names: str) -> bool:
    """Return whether the term is one of these functions at free indices, and nothing else."""
    return len(term) == 1 and term[0][1] == 1 and term[0][0].name in names and not bound_count(term)


def _log(terms: Terms) -> Terms:
    common, rest = _split(terms)
    value: Terms = {}
    for head, exponent, indices in common:
        value = add(value, scale(exponent, _log_of(head, indices)))
    c = abs(lead(rest))
    for prime, exponent in _primes(c):
        value = add(value, scale(exponent, opaque("log", constant(prime))))
    rest = scale(1 / c, rest)
    if rest == constant(-1):
        raise BeyondTensorsError("the logarithm of a negative number")
    return value if rest == constant(1) else add(value, opaque("log", rest))


def _log_of(head: Head, indices: tuple[int, ...]) -> Terms:
    if head.name == "exp":
        value: Terms = head.form.at(indices)
        return value
    if head.name == "sqrt":
        return scale(Fraction(1, 2), _log(head.form.at(indices)))
    if head.kind == "sum":
        return opaque("log", head.form.at(indices))
    return opaque("log", single(head, indices))


def _sqrt(terms: Terms) -> Terms:
    if not terms:
        return {}
    common, rest = _split(terms)
    value = constant(1)
    for head, exponent, indices in common:
        value = multiply(value, _root_of(head, exponent, indices))
    c = abs(lead(rest))
    for prime, exponent in _primes(c):
        value = multiply(value, opaque("sqrt", constant(prime), exponent))
    rest = scale(1 / c, rest)
    if rest == constant(-1):
        raise BeyondTensorsError("the square root of a negative number")
    return value if rest == constant(1) else multiply(value, opaque("sqrt", rest))


def _root_of(head: Head, exponent: Any, indices: tuple[int, ...]) -> Terms:
    if head.name == "exp":
        return single(head, indices, Fraction(exponent) / 2)
    inner = head.form.at(indices) if head.kind == "sum" else single(head, indices)
    return opaque("sqrt", inner, exponent)


def _split(terms: Terms) -> tuple[list[Factor], Terms]:
    """Return what divides every term and is above 0 for certain, and what is left."""
    if not terms:
        raise BeyondTensorsError("the logarithm of 0")
    common = common_factor(terms, _is_positive)
    return common, multiply(terms, normal(Fraction(1), reciprocal(common)))


def _primes(number: Fraction) -> list[tuple[int, int]]:
    """Return the prime factors of a positive number with their exponents."""
    above = _prime_factors(number.numerator)
    return above + [(prime, -exponent) for prime, exponent in _prime_factors(number.denominator)]


def _prime_factors(number: int) -> list[tuple[int, int]]:
    found = []
    for prime in range(2, _LARGEST_PRIME):
        exponent = 0
        while number % prime == 0:
            number, exponent = number // prime, exponent + 1
        if exponent:
            found.append((prime, exponent))
    return [*found, (number, 1)] if number > 1 else found


def _step(terms: Terms) -> Terms:
    if not terms or positive(scale(-1, terms)):
        return {}
    if positive(terms):
        return constant(1)
    common, rest, _ = _outside(terms)
    (term, coefficient), *others = rest.items()
    if not others and coefficient == 1 and _is_one(term, "relu"):
        rest = term[0][0].form.at(term[0][2])
    indicators = [factor for factor in common if factor[0].name == "step"]
    return multiply(normal(Fraction(1), indicators), _kink("step", rest))


def _relu(terms: Terms) -> Terms:
    if not terms or positive(scale(-1, terms)):
        return {}
    common, rest, c = _outside(terms)
    (term, coefficient), *others = rest.items()
    is_relu = not others and coefficient == 1 and _is_one(term, "relu")
    value = rest if is_relu else _kink("relu", rest)
    return multiply(normal(c, common), value)


def _kink(name: str, terms: Terms) -> Terms:
    """Return the step or the ReLU of an expression from which all is taken out."""
    if positive(terms):
        return constant(1) if name == "step" else terms
    return {} if positive(scale(-1, terms)) else opaque(name, terms)


def _outside(terms: Terms) -> tuple[list[Factor], Terms, Fraction]:
    """Take out of an expression all indicators, what is above 0 for certain, and a number."""
    common = common_factor(terms, lambda head: head.name == "step" or _is_positive(head))
    rest: Terms = {}
    for term, coefficient in terms.items():
        rest = add(rest, normal(coefficient, [*term, *reciprocal(common)]))
    c = abs(lead(rest))
    return common, scale(1 / c, rest), c


def _sigmoid(terms: Terms) -> Terms:
    return inverse(add(constant(1), _exp(scale(-1, terms))))


def _softplus(terms: Terms) -> Terms:
    return _log(add(constant(1), _exp(terms)))


RULES |= {
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "step": _step,
    "relu": _relu,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "identity": lambda terms: terms,
}
