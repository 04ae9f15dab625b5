"""The REPL: Python with the names of the book at hand.  `python -m backproof`, or `make repl`."""

import builtins
import code
import sys
from typing import Any

import numpy as np
import sympy

import backproof
from backproof.checking.differences import exact_differences
from backproof.checking.integers import float_is_exact
from backproof.checking.regions import prove_regions
from backproof.checking.schwartz_zippel import schwartz_zippel

BANNER = """\
Backproof: backpropagation in matrix form, proved on the code that trains.

  net = tiny(2, 3, 2)                      a network whose entries are symbols
  net.jacobian("z1", "x1")                 a Jacobian as a matrix
  prove(net)                               every entry of the gradient, against SymPy
  schwartz_zippel([64, 128, 128, 10])      any size, with an error bound

  network = Network.he([2, 16, 1], seed=0); help(forward); help(backward)

Leave with Ctrl-D."""


def show(value: Any) -> None:
    """Print a result as the REPL does, and what SymPy made as mathematics."""
    if value is None:
        return
    if isinstance(value, sympy.Basic | sympy.MatrixBase | sympy.NDimArray):
        sympy.pprint(value)
    else:
        print(repr(value))  # noqa: T201  this is what a REPL does
    builtins._ = value  # type: ignore[attr-defined]  # the last result, as in any REPL


def main() -> None:
    """Start the REPL."""
    names = {name: getattr(backproof, name) for name in backproof.__all__}
    names |= {"backproof": backproof, "np": np, "sympy": sympy}
    for check in (exact_differences, float_is_exact, prove_regions, schwartz_zippel):
        names[check.__name__] = check
    try:
        import readline
        import rlcompleter
    except ImportError:  # Python on Windows has neither
        pass
    else:
        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    sys.displayhook = show
    code.interact(banner=BANNER, local=names, exitmsg="")


if __name__ == "__main__":
    main()
