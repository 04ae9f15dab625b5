"""`check`: is this backward pass right?  And `assert_backward`, the same for a test."""

from typing import Any

from backproof.checking.functions.isolation import Stopped, isolated
from backproof.checking.functions.judge import judge
from backproof.checking.functions.judgement import Judgement
from backproof.checking.functions.subjects import subject_of
from backproof.checking.verdict import Status

MEMORY = 2 * 1024**3
"""How many bytes the code under test may ask for."""


def check(
    forward: Any, *rest: Any, wrt: Any = None, spec: Any = None, seconds: float = 10, **inputs: Any
) -> Judgement:
    """Check a backward pass against the exact derivative of its forward pass.

    `check(forward, backward, "x: N D, W: D M, b: M")` makes the inputs itself, from sizes as
    letters; `check(forward, backward, x=array, W=array)` takes the sizes from examples.  An object
    or a class with `forward` and `backward` is checked by `check(layer, "x: N D")`, a function
    that returns a loss with its gradient by `check(loss, "z: N C, y: N in C")`.

    `wrt` names the inputs whose gradients backward gives, if not all that are real.  `spec` is the
    name of a layer or loss, or a function, that forward has to be.  The code runs in a process of
    its own and is stopped after `seconds`.

    >>> import numpy as np
    >>> from backproof import check
    >>> def forward(x, W, b):
    ...     return x @ W + b
    >>> def backward(dout, x, W, b):
    ...     return dout @ W.T, x.T @ dout, dout.sum(axis=0)
    >>> check(forward, backward, "x: N D, W: D M, b: M")
    proved: dx, dW, db
      scope: all values; x 2×3, W 3×4, b 4
    """
    subject = subject_of(forward, *rest, wrt=wrt, **inputs)
    wanted = _wanted(spec) if spec is not None else None
    verdict = isolated(lambda: judge(subject, wanted), seconds=seconds, memory=MEMORY)
    if isinstance(verdict, Stopped):
        claim = ", ".join(f"d{name}" for name in subject.wrt)
        return Judgement(Status.CANNOT_TELL, claim, "", f"the code {verdict.reason}")
    return verdict


def _wanted(spec: Any) -> Any:
    from backproof.checking.functions.specification import specification

    return specification(spec)


def assert_backward(forward: Any, *rest: Any, **options: Any) -> None:
    """Raise AssertionError, with the verdict as its message, unless `check` accepts.

    >>> import numpy as np
    >>> from backproof import assert_backward
    >>> assert_backward(np.tanh, lambda dout, x: dout * (1 - np.tanh(x) ** 2), "x: N D")
    """
    verdict = check(forward, *rest, **options)
    if not verdict:
        raise AssertionError(str(verdict))
