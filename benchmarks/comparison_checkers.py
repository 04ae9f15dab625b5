"""The checkers that are compared, each called as its documentation says, on NumPy code.

A checker takes a `Differentiable`, and raises `Refused` with its message, or whatever else it
raises where it cannot go on.  Its docstring is printed beside the table.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from comparison_passes import Arrays, Differentiable

Checker = Callable[[Differentiable], None]
STEP = 1e-5
ERROR = 1e-5


class Refused(Exception):  # noqa: N818  what a checker is for
    """The checker says that the backward pass is wrong."""


def torch_slow(subject: Differentiable) -> None:
    """`torch.autograd.gradcheck(f, inputs)`, on a `torch.autograd.Function`, with its defaults."""
    _torch(subject)


def torch_fast(subject: Differentiable) -> None:
    """`torch.autograd.gradcheck(f, inputs, fast_mode=True)`, the same on a random direction."""
    _torch(subject, fast_mode=True)


def _torch(subject: Differentiable, **options: Any) -> None:
    import torch
    from torch.autograd.gradcheck import GradcheckError, gradcheck

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            ctx.run = subject.run([tensor.detach().numpy() for tensor in tensors])
            return tuple(torch.tensor(np.asarray(out)) for out in ctx.run.outputs)

        @staticmethod
        def backward(ctx: Any, *douts: Any) -> Any:
            found = subject.gradients(ctx.run, [dout.numpy() for dout in douts])
            return tuple(None if g is None else torch.tensor(np.array(g, order="C")) for g in found)

    inputs = [torch.tensor(value, requires_grad=True) for value in subject.values]
    try:
        gradcheck(Function.apply, inputs, **options)
    except GradcheckError as error:
        raise Refused(str(error)) from error


def jax_check(subject: Differentiable) -> None:
    """`jax.test_util.check_grads(f, args, order=1, modes=["rev"])`, on a `jax.custom_vjp`."""
    from jax.test_util import check_grads

    function = _custom_vjp(subject)
    _asserted(lambda: check_grads(function, subject.values, order=1, modes=["rev"]))


def chex_check(subject: Differentiable) -> None:
    """`chex.assert_numerical_grads(f, args, order=1, modes=["rev"])`, on the same function."""
    import chex

    function = _custom_vjp(subject)
    _asserted(lambda: chex.assert_numerical_grads(function, subject.values, order=1, modes=["rev"]))


def _custom_vjp(subject: Differentiable) -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  its signature
    jax.clear_caches()  # what was compiled for other functions is not needed again
    arrays = [np.asarray(value) for value in subject.values]
    shapes = [jax.ShapeDtypeStruct(out.shape, out.dtype) for out in subject.outputs(arrays)]
    # Shapes are those that backward gives: if they are wrong, JAX is to see it.
    ones = [np.ones(shape.shape) for shape in shapes]
    claimed = [jax.ShapeDtypeStruct(np.shape(g), float) for g in subject.vjp(arrays, ones)]

    @jax.custom_vjp
    def function(*values: Any) -> Any:
        return tuple(
            jax.pure_callback(lambda *given: subject.outputs(_own(given)), shapes, *values)
        )

    def forward(*values: Any) -> Any:
        return function(*values), values

    def backward(values: Any, douts: Any) -> Any:
        def call(given: Any, gs: Any) -> Any:
            return subject.vjp(_own(given), _own(gs))

        return tuple(jax.pure_callback(call, claimed, values, douts))

    function.defvjp(forward, backward)
    return function


def _own(arrays: Arrays) -> list[Any]:
    return [np.array(array) for array in arrays]  # a callback is handed read-only arrays of JAX


def autograd_check(subject: Differentiable) -> None:
    """`autograd.test_util.check_grads(f, argnum, modes=["rev"], order=1)`, all arguments named."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    @primitive
    def function(*values: Any) -> Any:
        return _flat(subject.outputs(values))

    def vjp_of(index: int) -> Callable[..., Any]:
        def vjp(_: Any, *values: Any) -> Any:
            run = subject.run(values)
            return lambda g: subject.gradients(run, _unflat(g, run.outputs))[index]

        return vjp

    defvjp(function, *map(vjp_of, range(len(subject.values))))
    argnums = tuple(range(len(subject.values)))
    np.random.seed(0)  # noqa: NPY002  autograd draws from the global generator
    _asserted(
        lambda: check_grads(function, argnum=argnums, modes=["rev"], order=1)(*subject.values)
    )


def scipy_check(subject: Differentiable) -> None:
    """`scipy.optimize.check_grad` of the sum of the outputs; refused from 1e-5 of the gradient."""
    from scipy.optimize import check_grad

    def function(vector: Any) -> Any:
        return sum(float(np.sum(out)) for out in subject.outputs(_split(vector, subject.values)))

    def gradient(vector: Any) -> Any:
        run = subject.run(_split(vector, subject.values))
        return _flat(subject.gradients(run, [np.ones(np.shape(out)) for out in run.outputs]))

    start = _flat(subject.values)
    error = check_grad(function, gradient, start)
    if not error <= ERROR * max(1, np.linalg.norm(gradient(start))):
        raise Refused(f"{error}")


def relative_error(subject: Differentiable) -> None:
    """The loop of the course CS231n: random `dout`, central differences with a step of 1e-5, and
    |a - b| / max(1e-8, |a| + |b|), refused from 1e-5."""
    generator = np.random.default_rng(0)
    douts = [generator.normal(size=out.shape) for out in subject.outputs(subject.values)]
    claimed, numeric = _both(subject, douts)
    errors = [
        np.max(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n)), initial=0)
        for a, n in zip(claimed, numeric, strict=True)
    ]
    if not max(errors) <= ERROR:
        raise Refused(", ".join(f"error: {error}" for error in errors))


def allclose(subject: Differentiable) -> None:
    """`numpy.allclose(backward, differences)` with its defaults; `dout` is 1, the step 1e-5."""
    douts = [np.ones(out.shape) for out in subject.outputs(subject.values)]
    claimed, numeric = _both(subject, douts)
    if not all(np.allclose(a, n) for a, n in zip(claimed, numeric, strict=True)):
        raise Refused("False")


def _both(subject: Differentiable, douts: Arrays) -> tuple[list[Any], list[Any]]:
    claimed = subject.vjp(subject.values, [dout.copy() for dout in douts])
    return claimed, [_differences(subject, index, douts) for index in range(len(subject.values))]


def _differences(subject: Differentiable, index: int, douts: Arrays) -> Any:
    found = np.zeros(subject.values[index].shape)
    for place in np.ndindex(found.shape):
        up, down = (_projected(subject, index, place, sign * STEP, douts) for sign in (1, -1))
        found[place] = (up - down) / (2 * STEP)
    return found


def _projected(
    subject: Differentiable, index: int, place: tuple[int, ...], step: float, douts: Arrays
) -> float:
    moved = [value.copy() for value in subject.values]
    moved[index][place] += step
    outputs = subject.outputs(moved)
    return sum(float(np.sum(d * out)) for d, out in zip(douts, outputs, strict=True))


def _asserted(call: Callable[[], Any]) -> None:
    try:
        call()
    except AssertionError as error:
        raise Refused(str(error)) from error


def _flat(arrays: Arrays) -> Any:
    return np.concatenate([np.ravel(array) for array in arrays])


def _unflat(vector: Any, arrays: Arrays) -> list[Any]:
    return _split(vector, [np.asarray(array) for array in arrays])


def _split(vector: Any, arrays: Arrays) -> list[Any]:
    ends = np.cumsum([array.size for array in arrays])[:-1]
    parts = np.split(vector, ends)
    return [part.reshape(array.shape) for part, array in zip(parts, arrays, strict=True)]


CHECKERS: dict[str, tuple[str, Checker]] = {
    "torch gradcheck": ("torch", torch_slow),
    "torch gradcheck, fast mode": ("torch", torch_fast),
    "jax check_grads": ("jax", jax_check),
    "chex": ("chex", chex_check),
    "autograd check_grads": ("autograd", autograd_check),
    "scipy check_grad": ("scipy", scipy_check),
    "relative error": ("numpy", relative_error),
    "numpy allclose": ("numpy", allclose),
}
"""The checkers by name, each with the package that it comes from."""
