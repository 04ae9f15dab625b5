"""Says in words of mathematics why the grammar refuses a formula, and what may mend it."""

import difflib
import re
from functools import cache

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from backproof.equations.layout import COMMANDS
from backproof.equations.refusal import Refusal
from backproof.equations.source import TOKEN, Source

OUTSIDE = {
    **dict.fromkeys(
        ("approx", "simeq", "sim", "propto", "cong"), "This relation is no claim to be proved."
    ),
    **dict.fromkeys(
        ("Rightarrow", "implies", "iff", "to", "rightarrow", "mapsto", "Leftrightarrow"),
        "Implications and maps are not in the language: set the formulas apart by a comma.",
    ),
    **dict.fromkeys(
        ("int", "otimes", "oplus", "binom", "underbrace", "overbrace", "lfloor", "lim", "mid"),
        "This is not in the language.",
    ),
    **dict.fromkeys(("bf", "rm", "it", "cal"), r"A font takes its letters in braces: \mathbf{x}."),
    "over": r"A fraction is written \frac{…}{…}.",
    "pm": "Two signs at once say no equation.",
    "infty": "Infinity is no quantity here.",
}
"""Commands that are known and refused, with the reason."""

MENDS = {
    "*": r"Write \cdot for numbers, \odot for a pointwise product.",
    "∂": r"Write \partial.",
    "⊙": r"Write \odot.",
    "ᵀ": r"Write ^{\mathsf T}.",
}
"""Letters that no formula has, with what to write instead."""

AFTER = {
    ("PARTIAL", ".*"): (
        "Behind ∂ a quantity was expected: higher derivatives are not in the language.",
        "",
    ),
    ("IN", ".*"): (
        "Behind ∈ the values of an index were expected.",
        r"Write k \in \{1, \dots, M\}.",
    ),
    ("", "IN"): ("A set has no place here.", r"Write \sum_{i=1}^{N} for a sum over all of it."),
    ("", "BIGSUM"): (
        "How far does what stands before this sum reach?",
        r"Put the sum in parentheses, or write \frac{…}{…} for a slash.",
    ),
}
"""What is wrong where a token stands behind one of a certain kind, and the mend."""

OPERATORS = {"PLUS", "MINUS", "SLASH", "TIMES", "HADAMARD", "RELATION", "IN", "COMMA", "STOP"}


def explain(error: UnexpectedInput, text: Source, grammar: Lark) -> Refusal:
    """Return the refusal for an error of the grammar in `text`."""
    if isinstance(error, UnexpectedToken):
        return _token(error, text)
    assert isinstance(error, UnexpectedCharacters)  # noqa: S101  Lark raises these two
    return _letters(error.pos_in_stream or 0, text, grammar)


def _letters(at: int, text: Source, grammar: Lark) -> Refusal:
    match = TOKEN.match(text.text, at)
    found = match[0] if match else ""
    span = text.span(at, at + len(found))
    word = found[1:].rstrip("*")
    if not found.startswith("\\"):
        mend = MENDS.get(found, "")
        return Refusal("BP101", f"{found} has no meaning in a formula.", span, mend)
    if word in OUTSIDE:
        return Refusal("BP101", OUTSIDE[word], span)
    known = known_words(grammar)
    if word in known:
        return Refusal("BP101", f"{found} cannot stand here.", span)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.75)
    mend = rf"Did you mean \{near[0]}?" if near else "Define it as a macro, or write it out."
    return Refusal("BP102", f"The macro {found} is unknown.", span, mend)


def _token(error: UnexpectedToken, text: Source) -> Refusal:
    token = error.token
    if token.type == "$END":
        end = len(text.text.rstrip())
        why = "The formula ends too early." if end else "There is no formula here."
        return Refusal("BP101", why, text.span(max(end - 1, 0), end))
    span = text.span(token.start_pos or 0, token.end_pos or 0)
    before = _before(error)
    for (kind, following), (why, mend) in AFTER.items():
        if (not kind or kind == before) and re.fullmatch(following, token.type):
            return Refusal("BP101", why, span, mend)
    shown = "This reason" if token.type == "REASON" else " ".join(str(token).split())
    quantity = "NAME" in error.accepts and (token.type in OPERATORS or shown[0] in ")]}^_")
    where = "stands where a quantity was expected" if quantity else "cannot stand here"
    return Refusal("BP101", f"{shown} {where}.", span)


def _before(error: UnexpectedToken) -> str:
    """Return the type of the token before the unexpected one, if the parser still has it."""
    parser = error.interactive_parser
    last = parser.parser_state.value_stack[-1:] if parser else []
    return last[0].type if last and isinstance(last[0], Token) else ""


@cache
def known_words(grammar: Lark) -> frozenset[str]:
    """Return the commands that the language has."""
    patterns = " ".join(
        terminal.pattern.value
        for terminal in grammar.terminals
        if terminal.name not in ("TEXT", "CONNECTIVE", "OTHERWISE")  # words of prose
    )
    words = set(re.findall(r"[A-Za-z]{2,}", patterns)) - {"Za"}
    return frozenset(words | COMMANDS)
