"""Help that teaches by example: `help` alone lists the topics, `help("code")` shows one.

The examples are run by tests/test_repl.py, with the names of a session at hand.
"""

import pydoc
from difflib import get_close_matches
from typing import Any

TOPICS = {
    "code": """\
Is my backward pass right?  Say how forward is called, by the shape of each input.

>>> def forward(x, W, b):
...     return x @ W + b
>>> def backward(dout, x, W, b):
...     return dout @ W.T, x.T @ dout, dout.sum(axis=0)
>>> verdict = check(forward, backward, "x: N D, W: D M, b: M")
>>> bool(verdict)
True

Type `verdict` to see what was established.  Letters are sizes, and the inputs are made for you.
Labels are "y: N in C", a positive input is "v: D > 0", a fixed value is "eps = 1e-5".
In a test: assert_backward(forward, backward, "x: N D, W: D M, b: M").
""",
    "formula": r"""Is my formula right?  Write it as a raw string; the usual letters are known.

>>> bool(claim(r"\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k^T"))
True
>>> claim(r"\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k")
refused: BP203 shapes that do not fit: a product of D_{k+1} × N and D_k × N.
    \frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k
                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  True if `x_{k}` is transposed.

Declarations, such as "layout: denominator" or r"\eta: scalar", follow it as further strings.
A formula in Python is held to the function that it is the backward pass of:

>>> bool(claim(lambda dz, x: dz @ x.T, lambda W, x: W @ x, "W: D K, x: K N", wrt="W"))
True
""",
    "jacobian": """\
What is the Jacobian?  Entry (j, i) is the derivative of output i by input j.

>>> jacobian(lambda x: np.maximum(x, 0), "x: 2")
Matrix([
[step(x_1),         0],
[        0, step(x_2)]])
>>> jacobian(lambda W, x: W @ x, "W: 2 3, x: 3", wrt="x")
Matrix([
[W_11, W_21],
[W_12, W_22],
[W_13, W_23]])

And of a layer of a tiny network, whose entries have names:

>>> net = tiny(2, 3, 2)
>>> net.jacobian("z1", "x1")
Matrix([
[W1_11, W1_21],
[W1_12, W1_22],
[W1_13, W1_23]])
""",
    "network": """\
Is the gradient of a whole network right?  Prove it on symbols, or train it on numbers.

>>> prove(tiny(2, 2, 1))
proved: all 11 entries of the gradient
  scope: 2-2-1, ReLU, squared error, batch of 1; all real values, every activation region
>>> network = Network.he([2, 16, 1], seed=0)
>>> tape = forward(network, np.ones((2, 5)))
>>> start = squared_error.start(tape.output, np.zeros((1, 5)))
>>> gradient = backward(network, tape, start)
>>> network = sgd(network, gradient, rate=0.001)
""",
    "exercises": r"""Questions for each chapter, and a judge for your answers.

>>> question = exercise("4.1")
>>> question.answer(r"\frac{\partial L_i}{\partial z_k} x_k")
wrong, a transpose: a product of D_{k+1} × 1 and D_k × 1.
  \frac{\partial L_i}{\partial W_k} = \frac{\partial L_i}{\partial z_k} x_k
                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
>>> bool(question.answer(r"\frac{\partial L_i}{\partial z_k} x_k^T"))
True

`question` prints the question, exercises() lists all, and .hint() helps without giving it away.
""",
}
"""The topics with their pages."""

_INDEX = """\
  help("code")        check my code
  help("formula")     check a formula, in LaTeX or in Python
  help("jacobian")    see a Jacobian
  help("network")     prove or train a network
  help("exercises")   questions with a judge

help(check) explains one name; check? does the same in IPython.  %tb shows a whole traceback."""


class Help:
    """`help`: its topics when it stands alone, a topic by name, and pydoc for anything else."""

    def __repr__(self) -> str:
        return _INDEX

    def __call__(self, *about: Any) -> None:
        """Print a topic, or what is documented about a value."""
        if not about:
            print(self)  # noqa: T201  help prints
        elif isinstance(about[0], str):
            print(_topic(about[0]))  # noqa: T201
        else:
            pydoc.help(about[0])


def _topic(name: str) -> str:
    if name in TOPICS:
        return TOPICS[name].rstrip()
    near = get_close_matches(name, TOPICS, n=1)
    meant = f' Did you mean help("{near[0]}")?' if near else ""
    return f"There is no topic {name!r}.{meant}\n{_INDEX}"
