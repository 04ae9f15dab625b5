"""What a session has at hand, and how it shows results and mistakes."""

import builtins
import code
import linecache
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import Any

from backproof.repl.mistakes import plainly
from backproof.repl.topics import Help

BANNER = """\
Backproof: backpropagation in matrix form, proved on the code that trains.

  check(forward, backward, "x: N D, W: D M")      is my backward pass right?
  claim(r"\\frac{\\partial L}{\\partial b_k} = \\frac{\\partial L}{\\partial z_k} \\mathbf{1}")
  jacobian(lambda x: np.tanh(x), "x: 3")          a Jacobian, in symbols
  net = tiny(2, 3, 2); prove(net)                 a whole network, entry by entry
  exercises()                                     questions, and a judge for your answers

Type help for more by example, and Ctrl-D to leave."""

PLAIN = """\
This is the plain session of Python.  With IPython there is completion, colour and a history:
  pip install ipython

"""

_HOMES = {
    "backproof.checking.differences": ["exact_differences"],
    "backproof.checking.integers": ["float_is_exact"],
    "backproof.checking.regions": ["prove_regions"],
    "backproof.checking.schwartz_zippel": ["schwartz_zippel"],
    "backproof.exercises": ["exercises"],
}
"""Where the names come from that are no part of `backproof.__all__`."""


def names() -> dict[str, Any]:
    """Return the names at hand: everything public of Backproof, NumPy, SymPy and the zoo."""
    import numpy as np
    import sympy

    import backproof
    from backproof import zoo

    found = {name: getattr(backproof, name) for name in backproof.__all__}
    for home, members in _HOMES.items():
        found |= {name: getattr(import_module(home), name) for name in members}
    return found | {"backproof": backproof, "np": np, "sympy": sympy, "zoo": zoo, "help": Help()}


def main(arguments: Sequence[str] = ()) -> None:
    """Start a session; `arguments` are those of IPython."""
    if find_spec("IPython") is None:
        _plain_session()
    else:
        _ipython_session(arguments)


def _ipython_session(arguments: Sequence[str]) -> None:
    import IPython
    from traitlets.config import Config

    settings = Config()
    settings.TerminalInteractiveShell.banner1 = f"{BANNER}\n\n"
    settings.TerminalInteractiveShell.enable_tip = False
    settings.TerminalInteractiveShell.confirm_exit = False  # the banner says: Ctrl-D leaves
    settings.InteractiveShellApp.extensions = ["backproof.repl"]
    IPython.start_ipython(argv=list(arguments), config=settings)


def load_ipython_extension(shell: Any) -> None:
    """Put the names, the help and the pretty printing into a session of IPython."""
    from backproof.checking.functions.jacobian import LocalJacobian

    # What is not interactive is not listed by %who, which is for the user's own names.
    shell.push(names(), interactive=False)
    shell.show_usage = lambda: print(Help())  # noqa: T201  what ? alone prints
    shell.set_custom_exc((Exception, KeyboardInterrupt), _explained)
    text = shell.display_formatter.formatters["text/plain"]
    for kind in (*_mathematics(), LocalJacobian):
        text.for_type(kind, _print_pretty)


def _mathematics() -> tuple[type, ...]:
    """Return the classes of what SymPy makes."""
    import sympy

    return sympy.Basic, sympy.MatrixBase, sympy.NDimArray


def _print_pretty(value: Any, printer: Any, _cycle: Any) -> None:
    """Print mathematics in two dimensions, and in one inside of a list."""
    printer.text(pretty(value) if len(printer.stack) == 1 else str(value))


def pretty(value: Any) -> str:
    """Return mathematics in the two dimensions of a terminal, and anything else as it prints."""
    import sympy

    from backproof.checking.functions.jacobian import LocalJacobian

    if isinstance(value, _mathematics()):
        encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
        return str(sympy.pretty(value, use_unicode="utf" in encoding, wrap_line=False))
    if isinstance(value, LocalJacobian):
        return f"{pretty(value.matrix)}\nwhere {', '.join(value.conditions)}"
    return repr(value)


def _explained(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    """Show a mistake in plain words, and any other error as IPython does."""
    message = plainly(error, shell.user_ns)
    if not message:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace  # for %tb and %debug
    print(message)  # noqa: T201  this is what a session does


class _PlainConsole(code.InteractiveConsole):
    """The session of the standard library, which keeps what is typed; plain words for mistakes."""

    count = 0

    def runsource(self, source: str, filename: str = "", symbol: str = "single") -> bool:
        """Run what was typed, under a name by which `check` finds the lines of its functions."""
        filename = f"<input {self.count}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        unfinished = super().runsource(source, filename, symbol)
        self.count += not unfinished
        return unfinished

    def showtraceback(self) -> None:
        """Show a mistake in plain words, and any other error with its traceback."""
        error = sys.exception()
        message = plainly(error, self.locals) if error else ""
        if message:
            self.write(f"{message}\n")
        else:
            super().showtraceback()


def _show(value: Any) -> None:
    """Print a result, and what SymPy made as mathematics."""
    if value is None:
        return
    print(pretty(value))  # noqa: T201  this is what a session does
    builtins._ = value  # type: ignore[attr-defined]  # the last result, as in any session


def _plain_session() -> None:
    at_hand = names()
    try:
        import readline
        import rlcompleter
    except ImportError:  # Python on Windows has neither
        pass
    else:
        readline.set_completer(rlcompleter.Completer(at_hand).complete)
        readline.parse_and_bind("tab: complete")
    sys.displayhook = _show
    _PlainConsole(at_hand).interact(banner=PLAIN + BANNER, exitmsg="")
