"""In which order a gradient is computed: which activations are kept, and which are made again.

The maps are k = 0, …, M.  An order is a list of steps: `Make(k)` computes x_k from x_{k-1},
`Turn()` computes z_M and ∂L/∂z_M from x_M, and `Back(k)` computes the derivatives by b_k and W_k
and then ∂L/∂z_{k-1}, for which it needs x_k.  Nothing says what is kept: x_k is kept from where it
is made to where it is last needed before it is made again.  Derived in docs/memory.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb

from backproof.arrays import is_count


@dataclass(frozen=True, slots=True)
class Make:
    """Compute x_k from x_{k-1}."""

    k: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Compute z_M from x_M, the loss, and ∂L/∂z_M."""


@dataclass(frozen=True, slots=True)
class Back:
    """Compute ∂L/∂b_k and ∂L/∂W_k from ∂L/∂z_k and x_k, and then ∂L/∂z_{k-1}."""

    k: int


Step = Make | Turn | Back
Order = Callable[[int], list[Step]]
"""From M, the number of hidden layers, to the steps of one gradient."""


def steps_of(order: Order, M: int) -> list[Step]:
    """Return the steps of `order` for M hidden layers, or raise if they are not one gradient."""
    given = order(M) if callable(order) else None
    if not isinstance(given, list):
        raise TypeError(
            "order must be a function from M to the list of steps, such as store_all, every(10) or "
            f"binomial(3), but is {getattr(order, '__name__', repr(order))}."
        )
    made, turned, next_back = {0}, False, M
    for step in given:
        match step:
            case Make(k) if k <= M and k - 1 in made:
                made.add(k)
            case Turn() if M in made and not turned:
                turned = True
            case Back(k) if turned and k == next_back and k in made:
                next_back -= 1
            case _:
                raise ValueError(
                    f"order gives {step} where it cannot be done: x_{{k-1}} comes before x_k, all "
                    f"x_k before one Turn(), and then Back({M}), ..., Back(0)."
                )
    if next_back >= 0:
        raise ValueError(f"order ends before Back({next_back}), and without it is no gradient.")
    return given


def store_all(M: int) -> list[Step]:
    """Return the order of the book: every x_k is made once, and kept."""
    return [*_forward(0, M), Turn(), *_backward(M, 0)]


def every(maps: int) -> Order:
    """Return the order that keeps x_0, x_maps, x_2maps, …, and makes what is between them again.

    With `maps` near √M it needs some 2√M activations in place of M, and less than a second forward
    pass.  Raises ValueError unless `maps` is a positive whole number.
    """
    if not is_count(maps):
        raise ValueError(f"maps must be a positive whole number, but is {maps!r}.")
    maps = int(maps)  # the small integers of NumPy overflow in what follows

    def order(M: int) -> list[Step]:
        *earlier, last = range(0, M + 1, maps)
        steps: list[Step] = [*_forward(0, M), Turn(), *_backward(M, last)]
        for first in reversed(earlier):
            final = first + maps - 1
            steps += [*_forward(first, final), *_backward(final, first)]
        return steps

    return order


def binomial(snapshots: int) -> Order:
    """Return the order that needs the fewest steps with so many activations kept besides x_0.

    It is the schedule called revolve.  Raises ValueError unless `snapshots` is 0, 1, 2, ….
    """
    if isinstance(snapshots, bool) or not (is_count(snapshots) or snapshots == 0):
        raise ValueError(f"snapshots must be a whole number from 0 on, but is {snapshots!r}.")
    snapshots = int(snapshots)

    def order(M: int) -> list[Step]:
        return list(_reversed(M, snapshots))

    return order


def makes(maps: int, snapshots: int) -> int:
    """Return how often `binomial(snapshots)` makes an activation, for `maps` affine maps.

    The closed form of Griewank and Walther: with c = snapshots + 1 and the smallest r for which
    maps ≤ C(c + r, c), it is r maps - C(c + r, r - 1).

    >>> from backproof.planned.order import makes
    >>> makes(maps=100, snapshots=5), makes(maps=100, snapshots=99)
    (280, 99)
    """
    c, r = snapshots + 1, 0
    while comb(c + r, c) < maps:
        r += 1
    return r * maps - comb(c + r, r - 1) if r else 0


def _forward(first: int, last: int) -> list[Step]:
    return [Make(k) for k in range(first + 1, last + 1)]


def _backward(last: int, first: int) -> list[Step]:
    return [Back(k) for k in range(last, first - 1, -1)]


def _reversed(M: int, snapshots: int) -> Iterator[Step]:
    """Yield the steps that carry back maps M, …, 0 with so many snapshots."""
    waiting = [(0, M, snapshots)]  # maps first, …, last to carry back, when x_first is there
    while waiting:
        first, last, snapshots = waiting.pop()
        if first == last:
            if last == M:
                yield Turn()
            yield Back(first)
            continue
        kept = first + (_next_kept(last - first + 1, snapshots) if snapshots else last - first)
        yield from _forward(first, kept)
        waiting += [(first, kept - 1, snapshots), (kept, last, snapshots - 1)]


def _next_kept(maps: int, snapshots: int) -> int:
    """Return how far on the next snapshot is best taken: where the steps in all are fewest.

    The number of steps is convex in it, so that the place is found by halving.
    """

    def steps(kept: int) -> int:
        return kept + makes(maps - kept, snapshots - 1) + makes(kept, snapshots)

    low, high = 1, maps - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if steps(middle) <= steps(middle + 1) else (middle + 1, high)
    return low
