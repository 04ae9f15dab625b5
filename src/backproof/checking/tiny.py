"""Tiny networks with named entries: Jacobians as matrices, regions, and whole-network proofs.

The network is run by `forward` and `backward` themselves, on SymPy entries.  The derivative they
are held to is SymPy's own, taken entry by entry, which shares no code with them.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import sympy

from backproof import recursion
from backproof.activations import Activation, relu
from backproof.arrays import Array, is_count
from backproof.checking.named import described
from backproof.losses import Loss, softmax_cross_entropy, squared_error
from backproof.network import Network, checked_widths
from backproof.numbers.symbolic import SymbolicArray, symbol, symbols
from backproof.recursion import Gradient, Tape


@dataclass(frozen=True, slots=True)
class Region:
    """An activation region: which units are on, where that is so, and the affine map there.

    `active[k][i]` is 1 where z_k[i] > 0.  Inside the region the output is `slope` x_0 +
    `intercept`, and `conditions` are the inequalities in x_0 that say where it is.
    """

    active: tuple[tuple[int, ...], ...]
    conditions: list[Any]
    slope: Any
    intercept: Any


class Tiny:
    """A network whose every entry is a SymPy symbol such as W0_12, with its input and loss."""

    def __init__(self, widths: list[int], loss: Loss, activation: Activation, batch: int) -> None:
        """Name the entries; `tiny` is the same with the usual choices filled in."""
        _check_exact(activation)
        self.loss, self.batch, self.widths = loss, batch, widths
        self.network = Network(
            b=[symbols(f"b{k}", D, 1) for k, D in enumerate(widths[1:])],
            W=[symbols(f"W{k}", *D) for k, D in enumerate(zip(widths[1:], widths, strict=False))],
            activation=activation,
        )
        self.x = symbols("x0", widths[0], batch)

    def __repr__(self) -> str:
        return f"<tiny network {self.description}>"

    @property
    def W(self) -> NoReturn:
        """Refuse: `forward` and `backward` take a Network, and look for its W and b first."""
        raise AttributeError(
            "a tiny network has no W and b of its own. "
            "Pass net.network, the network of its symbols, and net.x, its input."
        )

    b = W

    @property
    def description(self) -> str:
        """Widths, activation, loss and batch size, in words."""
        return described(self.network, self.loss, self.batch)

    def with_activation(self, activation: Activation) -> "Tiny":
        """Return the same network with another activation."""
        return Tiny(self.widths, self.loss, activation, self.batch)

    @cached_property
    def tape(self) -> Tape:
        """The forward pass, `tape.x[k]` and `tape.z[k]`, in symbols."""
        return recursion.forward(self.network, self.x)

    @cached_property
    def targets(self) -> list[Any]:
        """Every choice of targets: one of symbols, or each assignment of class labels."""
        if self.loss.checked_targets is softmax_cross_entropy.checked_targets:
            classes = range(self.widths[-1])
            return [list(labels) for labels in itertools.product(classes, repeat=self.batch)]
        return [symbols("y", self.widths[-1], self.batch)]

    def L(self, target: int = 0) -> Any:
        """Return the loss as an expression, for the given choice among `targets`."""
        return self.loss(self.tape.output, self.targets[target])

    def gradient(self, target: int = 0) -> Gradient:
        """Return what `backward` makes of this network, in symbols."""
        start = self.loss.start(self.tape.output, self.targets[target])
        return recursion.backward(self.network, self.tape, start)

    def jacobian(self, of: str, by: str) -> Any:
        """Return ∂of/∂by, such as `jacobian("z1", "x1")`, in denominator layout.

        `by` is one of x_k, z_k, b_k, W_k and is made of fresh symbols; `of` is a later x_k or
        z_k, or L.  Entry (j, i) is ∂of_i/∂by_j, so ∂z_k/∂x_k is W_kᵀ.  ∂L/∂by has the shape of
        `by`, and ∂z_k/∂W_k has three indices: row and column of W_k first.
        """
        if self.batch != 1:
            raise ValueError(f"a Jacobian is of one example, but batch is {self.batch}.")
        variables, later = self._later(by)
        if of not in later:
            raise ValueError(
                f"of must depend on {by}, so be one of {', '.join(later)}; got {of!r}."
            )
        if of == "L":
            return sympy.Matrix(variables).applyfunc(later["L"].diff)
        if by.startswith("W"):
            return sympy.Array(
                [[[z.diff(v) for z in later[of][:, 0]] for v in row] for row in variables]
            )
        return sympy.Matrix(later[of]).jacobian(sympy.Matrix(variables)).T

    def _later(self, by: str) -> tuple[Array, dict[str, Any]]:
        """Return fresh symbols for `by`, and all that follows from them, by name."""
        match = re.fullmatch(r"([xzbW])(0|[1-9][0-9]*)", by)
        if not match or int(match[2]) > self.network.M:
            raise ValueError(
                f"by must be x, z, b or W with a number 0, ..., {self.network.M}, "
                f"such as 'W0'; got {by!r}."
            )
        kind, k = match[1], int(match[2])
        later: dict[str, Any] = {}
        if kind == "z":
            variables = later[by] = symbols(by, self.widths[k + 1], 1)
            first, x = k + 1, self.network.activation(variables)
        else:
            first, x = k, symbols(f"x{k}", self.widths[k], 1)
            variables = {"x": x, "b": self.network.b[k], "W": self.network.W[k]}[kind]
        if first <= self.network.M:
            later |= self._run_from(first, x)
        output = later[f"z{self.network.M}"]
        return variables, later | {"L": self.loss(output, self.targets[0])}

    def _run_from(self, first: int, x: Array) -> dict[str, Any]:
        b, W = self.network.b[first:], self.network.W[first:]
        tape = recursion.forward(Network(b=b, W=W, activation=self.network.activation), x)
        named: dict[str, Any] = {}
        for k, (x_k, z_k) in enumerate(zip(tape.x, tape.z, strict=True), start=first):
            named |= {f"x{k}": x_k, f"z{k}": z_k}
        return named

    def regions(self) -> Iterator[Region]:
        """Yield the activation regions of a ReLU network, every on-and-off pattern of its units."""
        if self.network.activation is not relu or self.batch != 1:
            raise ValueError(f"regions are of one example through a ReLU network, not {self!r}.")
        hidden = self.widths[1:-1]
        for flat in itertools.product((0, 1), repeat=sum(hidden)):
            bits = iter(flat)
            yield self._region(tuple(tuple(itertools.islice(bits, D)) for D in hidden))

    def _region(self, active: tuple[tuple[int, ...], ...]) -> Region:
        layers = iter(active)
        switch = Activation("switch", lambda z: z * [[on] for on in next(layers)], lambda z: z)
        switched = Network(b=self.network.b, W=self.network.W, activation=switch)
        tape = recursion.forward(switched, self.x)
        conditions = [
            z > 0 if on else z <= 0
            for k, layer in enumerate(active)
            for on, z in zip(layer, tape.z[k][:, 0], strict=True)
        ]
        output, x = sympy.Matrix(tape.output), sympy.Matrix(self.x)
        at_zero = dict.fromkeys(x, 0)
        return Region(active, conditions, output.jacobian(x), output.subs(at_zero))


def _check_exact(activation: Activation) -> None:
    z = SymbolicArray.of([[symbol("z")]])
    if any(sympy.sympify(f(z)[0, 0]).has(sympy.Float) for f in (activation, activation.derivative)):
        raise ValueError(
            f"activation {activation.name} holds a rounded number; a proof needs exact ones. "
            "Give its constants as fractions.Fraction, such as leaky_relu(Fraction(1, 100))."
        )


def tiny(
    *widths: int, loss: Loss = squared_error, activation: Activation = relu, batch: int = 1
) -> Tiny:
    """Return a network of the given widths D_0, …, D_{M+1} whose entries are symbols.

    >>> from backproof import tiny
    >>> tiny(2, 2, 1).jacobian("z1", "z0")
    Matrix([
    [W1_11*step(z0_1)],
    [W1_12*step(z0_2)]])
    """
    if not isinstance(loss, Loss) or not isinstance(activation, Activation):
        raise TypeError(
            "loss must be a Loss such as squared_error and activation an Activation such as relu, "
            f"but they are {loss!r} and {activation!r}."
        )
    if not is_count(batch):
        raise ValueError(f"batch must be a positive whole number, but is {batch!r}.")
    return Tiny(checked_widths(widths), loss, activation, batch)
