"""The commands of TeX that lay a formula out, and the brackets that have to be paired."""

import re

ROWS = frozenset({"aligned", "align", "split", "gathered", "gather", "equation", "eqnarray"})
"""Environments whose rows are formulas of their own."""

GRIDS = frozenset(
    {"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "psmallmatrix", "cases"}
)
"""Environments that are one quantity."""

PAIRS = {
    "(": ")",
    "[": "]",
    "{": "}",
    r"\{": r"\}",
    r"\lbrace": r"\rbrace",
    r"\lvert": r"\rvert",
    r"\lVert": r"\rVert",
    r"\langle": r"\rangle",
    r"\lceil": r"\rceil",
}
CLOSERS = frozenset(PAIRS.values())
BARS = {"|": r"\lvert", r"\vert": r"\lvert", r"\|": r"\lVert", r"\Vert": r"\lVert"}
"""Signs that open and close alike, with the one that opens."""

SHOWN = {r"\rvert": "|", r"\rVert": r"\|"}
"""How a closing bar is called in a message."""

SIZES = re.compile(r"\\(left|right|middle|[bB]igg?[lrm]?)")
SPACES = re.compile(r"\s|~|\\[,;:!> \n]|\\(thin|med|thick|neg|en)space")
STYLE = re.compile(r"\\(nonumber|notag|(display|text|script)style|(no)?limits|allowbreak)")
NAMED = frozenset({r"\label", r"\tag", r"\tag*"})
APART = frozenset({r"\quad", r"\qquad"})
"""Spaces so wide that they set formulas apart."""

ROW_SPACING = re.compile(r"\[ *-?[\d.]+ *(pt|em|ex|mm|cm|in|mu) *\]")

_WORDS = r"\\(text(rm|it|bf|up|normal)?|mbox)"
WORDS = re.compile(_WORDS)
OPENS_WORDS = re.compile(_WORDS + r"\s*\{\s*\(")
CONDITION = re.compile(_WORDS + r"\s*\{\s*(for|where|with|if|when|and)\b")

RELATION = re.compile(
    r"[=<>:]|\\(equiv|triangleq|coloneqq|neq?|lt|gt|leq?|geq?|leqslant|geqslant|leftarrow|gets|in)"
)
OPERATOR = re.compile(r"[+*/]|\\(cdot|times|odot|circ)")

COMMANDS = frozenset(
    re.findall(
        "[A-Za-z]+",
        """left right big Big bigl bigr Bigl Bigr bigg Bigg biggl biggr Biggl Biggr quad qquad
        thinspace nonumber notag displaystyle textstyle limits nolimits label tag begin end text
        textrm mbox lvert rvert lVert rVert vert Vert""",
    )
)
"""Names of the above, for a mend that proposes one."""


def joins(text: str) -> bool:
    """Whether a sign joins what stands on its two sides, a minus apart, which may also begin."""
    return bool(RELATION.fullmatch(text) or OPERATOR.fullmatch(text))


def is_wide(text: str) -> bool:
    """Whether a token is a space or an alignment mark."""
    return text == "&" or text in APART or bool(SPACES.fullmatch(text))
