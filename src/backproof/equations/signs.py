"""What the signs and words of a formula are called in the tree."""

import re

RELATIONS = {
    "=": "=",
    "<": "<",
    r"\lt": "<",
    ">": ">",
    r"\gt": ">",
    r"\ne": "≠",
    r"\neq": "≠",
    r"\le": "≤",
    r"\leq": "≤",
    r"\leqslant": "≤",
    r"\ge": "≥",
    r"\geq": "≥",
    r"\geqslant": "≥",
    ":=": ":=",
    r"\coloneqq": ":=",
    r"\triangleq": ":=",
    r"\equiv": ":=",
    r"\leftarrow": "←",
    r"\gets": "←",
}

COMMANDS = {
    "=": "=",
    "≠": r"\ne",
    "<": "<",
    "≤": r"\le",
    ">": ">",
    "≥": r"\ge",
    ":=": ":=",
    "←": r"\leftarrow",
}
"""How a relation is typeset."""


def relation_of(token: str) -> str:
    """Return the one sign of a relation that is written in many ways."""
    return RELATIONS[token.strip()]


def words_of(token: str) -> str:
    r"""Return the words of \text{words}."""
    inside = token[token.index("{") + 1 : token.rindex("}")]
    return " ".join(inside.split())


def reason_of(token: str) -> str:
    r"""Return the reason in `&& \text{(…)}`, formulas within it between dollars."""
    pieces = re.split(r"\\text\{([^{}]*)\}", token.removeprefix("&&").strip())
    parts = [
        piece if place % 2 else f"${piece.strip()}$" if piece.strip() else ""
        for place, piece in enumerate(pieces)
    ]
    return " ".join("".join(parts).split())
