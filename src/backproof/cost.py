"""What the two passes cost, as formulas: docs/cost.md, held to counted and measured runs.

`widths` are D_0, …, D_{M+1} and `N` is the batch size.  Operations are scalar ones, for the ReLU
network; memory is in numbers stored, so times 8 in bytes for float64.
"""

from collections.abc import Sequence
from itertools import pairwise

Widths = Sequence[int]


def weights(widths: Widths) -> int:
    """Return the number of weights P, of which both costs are multiples."""
    return sum(after * before for before, after in pairwise(widths))  # cost-weights


def hidden_units(widths: Widths) -> int:
    """Return the number of hidden units U."""
    return sum(widths[1:-1])  # cost-hidden-units


def forward_multiplications(widths: Widths, N: int) -> int:
    """Return the multiplications of `forward`: one for each weight and example."""
    return N * weights(widths)  # cost-forward-multiplications


def forward_additions(widths: Widths, N: int) -> int:
    """Return the additions of `forward`: D_k - 1 in each sum of D_k products, and the bias."""
    return N * weights(widths)  # cost-forward-additions


def forward_comparisons(widths: Widths, N: int) -> int:
    """Return the comparisons of `forward`: one for each ReLU."""
    return N * hidden_units(widths)  # cost-forward-comparisons


def backward_multiplications(widths: Widths, N: int) -> int:
    """Return the multiplications of `backward`: two for each weight and example, and the masks."""
    return 2 * N * weights(widths) + N * hidden_units(widths)  # cost-backward-multiplications


def backward_additions(widths: Widths, N: int) -> int:
    """Return the additions of `backward`: those of dW, of db, and of every Wᵀ dz."""
    of_weights = (N - 1) * weights(widths)  # cost-backward-additions-weight
    of_biases = (N - 1) * sum(widths[1:])  # cost-backward-additions-bias
    of_inputs = N * (weights(widths) - sum(widths[:-1]))  # cost-backward-additions-input
    return of_weights + of_biases + of_inputs


def backward_comparisons(widths: Widths, N: int) -> int:
    """Return the comparisons of `backward`: each mask is looked at once more."""
    return N * hidden_units(widths)  # cost-backward-comparisons


def input_gradient_multiplications(widths: Widths, N: int) -> int:
    """Return the multiplications that ∂L/∂x_0 alone costs: without it map 0 costs 1:1, not 2:1."""
    return N * widths[1] * widths[0]  # cost-input-gradient


def norms_multiplications(widths: Widths, N: int) -> int:
    """Return the multiplications of `squared_norms`: the sweep without map 0, and two norms."""
    of_sweep = N * weights(widths[1:])  # cost-norms-sweep
    of_masks = N * hidden_units(widths)  # cost-norms-masks
    of_norms = N * sum(a + b + 1 for a, b in pairwise(widths))  # cost-norms-squares
    return of_sweep + of_masks + of_norms


def per_example_numbers(widths: Widths, N: int) -> int:
    """Return how many numbers the gradients of N examples hold: N for each parameter."""
    return N * (weights(widths) + sum(widths[1:]))  # cost-per-example


def tape_numbers(widths: Widths, N: int) -> int:
    """Return how many numbers the tape holds: x_k and z_k for every k."""
    return N * (sum(widths[:-1]) + sum(widths[1:]))  # cost-tape


def checkpointed_numbers(width: int, maps: int, N: int, every: int) -> int:
    """Return how many numbers are held at once with a checkpoint every `every` maps.

    For `maps` affine maps of equal `width`: the x that enters each segment, and the tape of one
    segment, whose first x is one of these.
    """
    segments = -(-maps // every)  # a division that rounds up
    return N * width * (segments + 2 * every - 1)  # cost-checkpointed


def parameters(widths: Widths) -> int:
    """Return the number of parameters Q, weights and biases: as many as the gradient has."""
    return sum(after * (before + 1) for before, after in pairwise(widths))  # cost-parameters


# On several machines, docs/machines.md: p copies of the network, each on S machines.


def all_reduce_numbers(Q: float, p: int) -> float:
    """Return how many numbers each of `p` machines sends, so that all have the sum of Q numbers.

    Round the ring, once to sum up the p parts of the vector, and once to hand out the sums.
    """
    return 2 * (p - 1) * Q / p  # cost-all-reduce


def all_reduce_seconds(Q: float, p: int, a: float, g: float) -> float:
    """Return how long that takes, `a` seconds a message and `g` more for each number in it."""
    return 2 * (p - 1) * (a + g * Q / p)  # cost-all-reduce-seconds


def bubble(S: int, m: int) -> float:
    """Return the share of time in which a stage waits, of `S` stages and `m` parts of a batch."""
    return (S - 1) / (S - 1 + m)  # cost-bubble


def machine_numbers(widths: Widths, N: int, p: int, S: int) -> float:
    """Return how many numbers a machine holds: its parameters, their derivatives, and its tape."""
    return (2 * parameters(widths) + tape_numbers(widths, N) / p) / S  # cost-machine


def step_seconds(
    widths: Widths, N: int, *, p: int, S: int, m: int, a: float, g: float, c: float
) -> float:
    """Return the seconds of one step on p S machines, the sum following the backward pass.

    `c` is the seconds of one multiplication with its addition.
    """
    products = forward_multiplications(widths, N) + backward_multiplications(widths, N)
    work = c * products / (p * S) / (1 - bubble(S, m))
    return work + all_reduce_seconds(parameters(widths) / S, p, a, g)  # cost-step-seconds
