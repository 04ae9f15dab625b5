"""Is the gradient right for every width and every batch size?  For every depth?

The literal forward and backward pass run on tensors whose sizes are left open
(backproof.numbers.tensors), and what they compute is compared, as formulas, with the derivative
of L that the index form gives.  Nothing is sampled.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from backproof import recursion
from backproof.activations import Activation, relu
from backproof.checking.named import Backward, claimed_arrays, input_arrays
from backproof.checking.tensor_network import (
    ARBITRARY,
    WEIGHTED_CROSS_ENTROPY,
    N,
    TensorNetwork,
    of_shape,
    tensor_network,
)
from backproof.checking.verdict import Status, Verdict
from backproof.losses import Loss, softmax_cross_entropy, squared_error
from backproof.numbers.tensor_values import Point, differ
from backproof.numbers.tensors import (
    Dim,
    ShapeMismatchError,
    Tensor,
    apply,
    atom,
    equal,
    grad,
)
from backproof.recursion import Tape

POINTS = 40
"""At how many points a gradient is tried that was not shown to be right."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """What L depends on, the derivatives of L by it, and what `backward` claims; by name."""

    variables: dict[str, Tensor]
    derivatives: dict[str, Tensor]
    claimed: dict[str, Any]

    def wrong(self) -> Iterator[str]:
        """Yield the names of the gradients that are not shown to be right."""
        for name, derivative in self.derivatives.items():
            if not equal(derivative, self.claimed[name]):
                yield name


def prove_every_size(
    backward: Backward = recursion.backward,
    *,
    depth: int = 4,
    loss: Loss | None = squared_error,
    activation: Activation = relu,
) -> Verdict:
    """Prove that `backward` is right for all widths and batch sizes, with `depth` affine maps.

    `loss` is one of the losses, or None for an arbitrary start.  The softmax cross-entropy is
    taken as log-sum-exp less ⟨y, z⟩.  `cannot tell` says what the theory of tensors lacks.

    >>> from backproof.checking.every_size import prove_every_size
    >>> prove_every_size()
    proved: ∂L/∂b_k, ∂L/∂W_k and ∂L/∂x_0, 9 gradients
      scope: M = 3, every width, every batch size; ReLU, squared error
    """
    if not isinstance(depth, int) or depth < 1:
        raise ValueError(f"depth must be a number of affine maps, at least 1, but is {depth!r}.")
    if loss is None:
        loss = ARBITRARY
    elif loss is softmax_cross_entropy:
        loss = WEIGHTED_CROSS_ENTROPY
    scope = f"M = {depth - 1}, every width, every batch size; {activation.name}, {loss.name}"
    return _judged(scope, "gradients", activation, lambda f: _whole(backward, depth, loss, f))


def _whole(
    backward: Backward, depth: int, loss: Loss, activation: Activation
) -> Iterator[Gradients]:
    """Yield the gradients of a whole network."""
    network = tensor_network(depth, activation)
    x = atom(("x", 0), network.W[0].columns, N)
    tape = recursion.forward(network, x)  # type: ignore[arg-type]
    y = atom("y", tape.output.rows, N)
    L = loss.value(tape.output, y)
    start = loss.derivative(tape.output, y)
    variables = input_arrays(network, x)  # type: ignore[arg-type]
    derivatives = {name: grad(L, variable) for name, variable in variables.items()}
    yield Gradients(variables, derivatives, _claimed(backward, network, tape, start))


def prove_every_depth(
    backward: Backward = recursion.backward, *, up_to: int = 8, activation: Activation = relu
) -> Verdict:
    """Prove that `backward` is right for all widths, batch sizes and losses, by induction on M.

    The tape is cut at every layer: z_k is an arbitrary matrix and x_k is f(z_{k-1}).  For each
    M = 0, …, `up_to` and an arbitrary start G in the place of ∂L/∂z_M it is shown that `backward`

    - base, M = 0: returns the derivatives of ⟨G, b_0 + W_0 x_0⟩ by b_0, W_0 and x_0;
    - step, M ≥ 1: returns for b_M and W_M the derivatives of ⟨G, z_M⟩, where
      z_M = b_M + W_M f(z_{M-1}), and for everything below exactly what it returns for the network
      without map M when it starts from the derivative of ⟨G, z_M⟩ by z_{M-1};
    - forward: x_k and z_k are made by these two equations.

    By the chain rule, if G is ∂L/∂z_M then the derivative of ⟨G, z_M⟩ by what z_M is made from is
    that of L.  So base and step give all gradients for M up to `up_to`.  That they do for every M
    rests on the code treating a layer above that as it treats the layers below: no run shows it.

    >>> from backproof.checking.every_size import prove_every_depth
    >>> print(prove_every_depth().status)
    proved
    """
    if not isinstance(up_to, int) or up_to < 2:
        raise ValueError(f"up_to must be a number of hidden layers, at least 2, but is {up_to!r}.")
    scope = (
        f"every width, every batch size, every loss, {activation.name}; base and step for "
        f"M = 0, …, {up_to}, so every M if the code treats a further layer as these"
    )
    return _judged(
        scope, "equations of the induction", activation, lambda f: _windows(backward, up_to, f)
    )


def _windows(backward: Backward, up_to: int, activation: Activation) -> Iterator[Gradients]:
    """Yield the gradients of one step after the other, from the base on."""
    for M in range(up_to + 1):
        whole = tensor_network(M + 1, activation)
        x, z = _cut(whole)
        start = atom("G", z[M].rows, N)
        L = (start * (whole.b[M] + whole.W[M] @ x[M])).sum()
        claimed = _claimed(backward, whole, Tape(x, z), start)
        variables = input_arrays(whole, x[0])  # type: ignore[arg-type]
        own = [f"b[{M}]", f"W[{M}]"] if M else list(variables)
        derivatives = {name: grad(L, variables[name]) for name in own}
        if M:
            below = TensorNetwork(b=whole.b[:M], W=whole.W[:M], activation=activation)
            start = grad(L, z[M - 1])
            derivatives |= _claimed(backward, below, Tape(x[:M], z[:M]), start)
        yield Gradients(variables, derivatives, claimed)
        yield _forward(whole, x[0])


def _cut(network: TensorNetwork) -> tuple[list[Tensor], list[Tensor]]:
    """Return a tape whose z_k are arbitrary, and whose x_k are made from them."""
    z = [atom(("z", k), W.rows, N) for k, W in enumerate(network.W)]
    x = [atom(("x", 0), network.W[0].columns, N), *map(network.activation, z[:-1])]
    return x, z


def _forward(network: TensorNetwork, x: Tensor) -> Gradients:
    """Compare the tape of the forward pass with the two equations that make it."""
    tape = recursion.forward(network, x)  # type: ignore[arg-type]
    made: dict[str, Tensor] = {}
    claimed: dict[str, Tensor] = {}
    for k in range(network.maps):
        claimed |= {f"x[{k}]": tape.x[k], f"z[{k}]": tape.z[k]}
        made[f"x[{k}]"] = network.activation(tape.z[k - 1]) if k else x
        made[f"z[{k}]"] = network.b[k] + network.W[k] @ tape.x[k]
    return Gradients(claimed, made, claimed)


def _claimed(
    backward: Backward, network: TensorNetwork, tape: Tape, start: Tensor
) -> dict[str, Any]:
    """Return what `backward` claims, or raise ShapeMismatchError if a shape is not that."""
    claimed = claimed_arrays(backward, network, tape, start)  # type: ignore[arg-type]
    for name, variable in input_arrays(network, tape.x[0]).items():  # type: ignore[arg-type]
        of_shape(f"∂L/∂{name}", claimed[name], variable.rows, variable.columns)
    return claimed


# Judging.

F = Activation("f", lambda z: apply("f", z), lambda z: apply("f'", z))
"""An activation of which nothing is known but that it has a derivative."""


Run = Callable[[Activation], Iterator[Gradients]]
"""What is compared, for an activation."""


def _judged(scope: str, counted: str, activation: Activation, run: Run) -> Verdict:
    if activation is relu:
        return _verdict(scope, counted, run, relu)
    reason = _objection(activation)
    if reason:
        return Verdict(Status.CANNOT_TELL, f"the activation {activation.name}", scope, reason)
    # What holds for any f holds for this one; what fails then may be right for this one alone.
    return _verdict(scope, counted, run, F) or _verdict(scope, counted, run, activation)


def _objection(activation: Activation) -> str:
    """Return why nothing is proved about `activation`, or an empty string."""
    from backproof.checking.lemmas import objection

    z, G = atom("z", Dim("D"), N), atom("G", Dim("D"), N)
    try:
        f, df = activation(z), activation.derivative(z)
        if f.assumed | df.assumed or not equal(grad((G * f).sum(), z), G * df):
            return "its derivative was not shown to be one for every z"
    except (TypeError, AttributeError, ArithmeticError) as error:
        return str(error)
    return objection(activation)


def _verdict(scope: str, counted: str, run: Run, activation: Activation) -> Verdict:
    claim, count = "∂L/∂b_k, ∂L/∂W_k and ∂L/∂x_0", 0
    try:
        for gradients in run(activation):
            wrong = list(gradients.wrong())
            if wrong:
                return _refused(gradients, wrong, scope)
            assumed = sorted({a for t in gradients.claimed.values() for a in t.assumed})
            if assumed:
                return Verdict(Status.CANNOT_TELL, claim, scope, f"only where {assumed[0]}")
            count += len(gradients.derivatives)
    except ShapeMismatchError as error:
        return Verdict(Status.DIFFERS, "shapes, for some sizes", scope, str(error))
    except (TypeError, AttributeError, ArithmeticError) as error:
        return Verdict(Status.CANNOT_TELL, claim, scope, str(error))
    return Verdict(Status.PROVED, f"{claim}, {count} {counted}", scope)


def _refused(gradients: Gradients, wrong: list[str], scope: str) -> Verdict:
    claim = ", ".join(f"∂L/∂{name}" for name in wrong)
    points = [Point(seed) for seed in range(POINTS)]
    # The last map first: it is nearest to the loss, and so to the mistake.
    for name, point in product(reversed(wrong), points):
        found = _difference(gradients.derivatives[name], gradients.claimed[name], point)
        if found:
            return Verdict(Status.DIFFERS, claim, scope, f"∂L/∂{name}{found}, {point}")
    return Verdict(Status.CANNOT_TELL, claim, scope, "not shown equal, no difference found")


def _difference(derivative: Tensor, claimed: Tensor, point: Point) -> str:
    """Return an entry with both values where they differ at the point."""
    values = zip(point.values(derivative), point.values(claimed), strict=True)
    for row, (rights, saids) in enumerate(values):
        for column, (right, said) in enumerate(zip(rights, saids, strict=True)):
            if differ(right, said):
                return f"[{row}, {column}] is {right}, backward says {said}"
    return ""
