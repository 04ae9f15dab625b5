"""`check`: is this backward pass right?  And `assert_backward`, the same for a test."""

from typing import Any

from backproof.checking.functions.calling import Subject
from backproof.checking.functions.explaining import explained
from backproof.checking.functions.isolation import Stopped, isolated
from backproof.checking.functions.judge import judge
from backproof.checking.functions.judgement import Judgement
from backproof.checking.functions.subjects import subject_of
from backproof.checking.verdict import Status

MEMORY = 2 * 1024**3
"""How many bytes the code under test may ask for."""

SEARCH = 8.0
"""How many seconds the search for an explanation may last, after the verdict."""


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
    wanted = _wanted(spec, subject) if spec is not None else None
    result = isolated(lambda: judge(subject, wanted), seconds=seconds, memory=MEMORY)
    if isinstance(result, Stopped):
        claim = ", ".join(f"d{name}" for name in subject.wrt)
        return Judgement(Status.CANNOT_TELL, claim, "", f"the code {result.reason}")
    return _explained(subject, *result)


def _explained(subject: Subject, judgement: Judgement, points: Any) -> Judgement:
    """Return the judgement with its explanation, or with a note why there is none."""
    if not points:
        return judgement
    return explained(subject, judgement, points, seconds=SEARCH, memory=MEMORY)


def _wanted(spec: Any, subject: Subject) -> Any:
    from backproof.checking.functions.specification import specification

    return specification(spec).of(subject.forward_function)


def assert_backward(forward: Any, *rest: Any, **options: Any) -> None:
    """Raise AssertionError, with the verdict as its message, unless `check` accepts.

    >>> import numpy as np
    >>> from backproof import assert_backward
    >>> assert_backward(np.tanh, lambda dout, x: dout * (1 - np.tanh(x) ** 2), "x: N D")
    """
    verdict = check(forward, *rest, **options)
    if not verdict:
        raise AssertionError(str(verdict))
