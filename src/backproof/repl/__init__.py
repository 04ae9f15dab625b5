"""The REPL: Python with the names of the book at hand.

`make repl`, `python -m backproof`, or the command `backproof` alone.  In a notebook, or in a
session of IPython that is open already, `%load_ext backproof.repl` does the same.
"""

from backproof.repl.session import load_ipython_extension, main

__all__ = ["load_ipython_extension", "main"]
