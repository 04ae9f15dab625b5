"""The names of letters and words: how the tree spells them, and which of them are functions."""

import re
from collections.abc import Collection

FUNCTIONS = frozenset(
    re.findall(r"\w+", "arccos arcsin arctan cos cosh det exp ln log max min sin sinh tan tanh")
)
"""Functions with a command of their own: their argument needs no brackets, as in `\\log x`."""

GREEK = frozenset(
    re.findall(
        r"\w+",
        """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu
        xi pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega ell
        Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega""",
    )
)
"""Letters with a command of their own."""

DEFAULT_FUNCTIONS = frozenset({"f", "g", "sigma", "phi", "varphi", "psi", "rho", "Phi", "bb E"})
"""Letters that apply to a bracket behind them unless declared otherwise.

An activation or output function has these letters everywhere; h and a are layers as often as
functions, and are products until they are declared.
"""

INDICATORS = frozenset({"bb I", "bb 1", "1", "I"})
"""Names which a condition in brackets makes an indicator."""

SHAPES = {
    "mathbb": "bb",
    "mathds": "bb",
    "mathcal": "cal",
    "mathscr": "scr",
    "mathfrak": "frak",
}
ACCENTS = {"overline": "bar", "widehat": "hat", "widetilde": "tilde"}


def name_of(token: str) -> str:
    r"""Return the name of a letter or word in LaTeX: `\boldsymbol{z}` is z, `\mathcal L` cal L."""
    *commands, glyph = re.findall(r"[A-Za-z0-9]+", token)
    return f"{SHAPES[commands[0]]} {glyph}" if commands and commands[0] in SHAPES else glyph


def accented(command: str, name: str) -> str:
    r"""Return the name of a letter under an accent: `\hat y` is hat y."""
    accent = command.strip("\\ ")
    return f"{ACCENTS.get(accent, accent)} {name}"


def is_word(name: str) -> bool:
    """Whether `name` is a word of several letters, and no Greek letter."""
    return len(name) > 1 and " " not in name and name not in GREEK


def is_function(name: str, functions: Collection[str], declared: Collection[str]) -> bool:
    """Whether a bracket behind `name` holds its argument.

    That is so for `functions`, and for every word such as softmax unless it is declared.
    """
    return name in functions or (is_word(name) and name not in declared)
