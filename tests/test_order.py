"""Orders of a gradient: each is complete, the binomial one is the shortest, no slots collide."""

from functools import cache

import numpy as np
import pytest

from backproof.planned import binomial, every, store_all
from backproof.planned.order import Back, Make, Turn, makes
from backproof.planned.slots import _taken, placed

ORDERS = {"all": store_all}
ORDERS |= {f"every {maps}": every(maps) for maps in range(1, 8)}
ORDERS |= {f"binomial {snapshots}": binomial(snapshots) for snapshots in range(6)}


def kept(steps):
    """Run an order on a set of names: how many x_k are held at most, if each step finds its own."""
    M = max(step.k for step in steps if isinstance(step, Back))
    heights = {("x", k): 1 for k in range(1, M + 1)}
    return len(placed(steps, heights)[1])


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("M", [0, 1, 2, 3, 7, 20])
def test_every_step_finds_what_it_reads(order, M):
    """Each slot holds, when it is read, what was asked for."""
    heights = {("x", k): 2 * k for k in range(1, M + 1)} | {("dz", k): 3 for k in range(M + 1)}
    steps, sizes = placed(order(M), heights)
    holds = {}

    def read(slot, name):
        assert (slot is None) == (name not in heights)
        assert slot is None or holds[slot] == name

    def write(slot, name, *sources):
        assert slot is None or slot not in sources
        if name in heights:
            assert sizes[slot] >= heights[name]
            holds[slot] = name

    backs, turned = [], False
    for place in steps:
        match place.step:
            case Make(k):
                read(place.x, ("x", k - 1))
                write(place.result, ("x", k), place.x)
            case Turn():
                turned = True
                read(place.x, ("x", M))
                write(place.result, ("dz", M), place.x)
            case Back(k):
                assert turned
                backs.append(k)
                read(place.x, ("x", k))
                read(place.dz, ("dz", k))
                write(place.result, ("dz", k - 1), place.x, place.dz)
    assert backs == list(range(M, -1, -1))
    assert sum(isinstance(place.step, Turn) for place in steps) == 1


@cache
def fewest(maps, snapshots):
    """The fewest x_k that have to be made to carry back so many maps, by trying every way.

    x_first is there.  To go on, the next x to be kept is made from it, everything after that is
    carried back with one snapshot less, and then everything before it.
    """
    if maps == 1:
        return 0
    if snapshots == 0:
        return maps * (maps - 1) // 2
    return min(
        there + fewest(maps - there, snapshots - 1) + fewest(there, snapshots)
        for there in range(1, maps)
    )


@pytest.mark.parametrize("snapshots", range(7))
@pytest.mark.parametrize("maps", [1, 2, 3, 5, 8, 13, 30, 60])
def test_the_binomial_order_is_the_shortest(maps, snapshots):
    steps = binomial(snapshots)(maps - 1)
    count = sum(isinstance(step, Make) for step in steps)
    assert count == makes(maps, snapshots) == fewest(maps, snapshots)


@pytest.mark.parametrize("snapshots", range(7))
@pytest.mark.parametrize("M", [1, 5, 30, 100])
def test_the_binomial_order_keeps_no_more_than_it_may(M, snapshots):
    # The snapshots and the two x at work: the one that is read and the one that is made.
    assert kept(binomial(snapshots)(M)) <= snapshots + 2


@pytest.mark.parametrize("M", [3, 20, 99])
@pytest.mark.parametrize("maps", [2, 3, 10])
def test_checkpoints_hold_the_segments_and_one_segment(M, maps):
    segments = -(-(M + 1) // maps)
    assert kept(every(maps)(M)) <= segments - 1 + maps
    assert kept(store_all(M)) == M


def by_trying(first, last, snapshots, M):
    """Carry back maps last, ..., first, each snapshot on the first of its best places."""
    if first == last:
        return [Turn(), Back(first)] if last == M else [Back(first)]
    maps = last - first + 1
    places = range(1, maps) if snapshots else [maps - 1]
    less = max(snapshots - 1, 0)
    kept = min(places, key=lambda j: j + fewest(maps - j, less) + fewest(j, snapshots))
    there = [Make(k) for k in range(first + 1, first + kept + 1)]
    after = by_trying(first + kept, last, less, M)
    return [*there, *after, *by_trying(first, first + kept - 1, snapshots, M)]


@pytest.mark.parametrize("snapshots", range(6))
@pytest.mark.parametrize("maps", range(1, 26))
def test_each_snapshot_is_on_the_first_of_its_best_places(maps, snapshots):
    assert binomial(snapshots)(maps - 1) == by_trying(0, maps - 1, snapshots, maps - 1)


@pytest.mark.parametrize(
    ("height", "slot", "sizes"),
    [
        (3, 0, [4, 10, 7]),  # all would do: the smallest
        (4, 0, [4, 10, 7]),
        (5, 2, [4, 10, 7]),
        (6, 2, [4, 10, 7]),
        (8, 1, [4, 10, 7]),
        (12, 1, [4, 12, 7]),  # none would do: the one that has to grow least
    ],
)
def test_the_slot_that_has_to_grow_least_is_taken(height, slot, sizes):
    free, found = [0, 1, 2], [4, 10, 7]

    assert _taken(free, found, height) == slot
    assert found == sizes
    assert free == [each for each in range(3) if each != slot]


def test_whole_numbers_of_numpy_are_as_good():
    assert every(np.int64(3))(7) == every(3)(7)
    assert binomial(np.int64(2))(7) == binomial(2)(7)
