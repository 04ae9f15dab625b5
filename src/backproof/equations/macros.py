r"""The author's own macros: \newcommand and its kin, and the tables of MathJax and KaTeX.

They are expanded before the grammar reads an equation, as TeX would, but within bounds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backproof.equations.refusal import Refusal
from backproof.equations.source import MAX_LENGTH, Token, tokens
from backproof.equations.tree import Span

MAX_EXPANSIONS = 1_000
"""Macro calls in one equation, nested ones included; only a macro that calls itself has more."""


@dataclass(frozen=True, slots=True)
class Macro:
    r"""A macro with `parameters` arguments: \name{a}{b} stands for `body` with #1 and #2 replaced.

    With a `default` the first argument is optional and written in square brackets.
    """

    parameters: int
    body: str
    default: str | None = None


def expand(source: str, macros: Mapping[str, Macro]) -> list[Token]:
    r"""Return the tokens of `source` with every call of a macro replaced by its body.

    The keys of `macros` have no backslash.  Each token of a body stands where the call stands, a
    token of an argument where the author wrote it.  Raises Refusal BP105 for a call that lacks an
    argument or never ends, BP104 for a text that becomes too long.
    """
    waiting = list(tokens(source))[::-1]
    done: list[Token] = []
    calls = length = 0
    while waiting:
        token = waiting.pop()
        macro = macros.get(token.text[1:]) if token.text.startswith("\\") else None
        if macro is None:
            _append(done, token)
            length += len(token.text)
        else:
            calls += 1
            waiting += _call(token, macro, waiting)[::-1]
        if calls > MAX_EXPANSIONS:
            raise Refusal("BP105", f"The macro {token.text} calls itself without end.", token.span)
        if length > MAX_LENGTH or len(waiting) > MAX_LENGTH:
            raise Refusal("BP104", f"The formula has over {MAX_LENGTH} letters.", token.span)
    return done


def _append(done: list[Token], token: Token) -> None:
    """Add `token`, apart from a control word that would swallow its letter."""
    if done and token.text[0].isalpha() and re.fullmatch(r"\\[A-Za-z]+", done[-1].text):
        done.append(Token(" ", token.span))
    done.append(token)


def _call(name: Token, macro: Macro, waiting: list[Token]) -> list[Token]:
    """Return the body of `macro` with its arguments, which are taken off the end of `waiting`."""
    end = name.span.end
    arguments: list[list[Token]] = []
    if macro.default is not None:
        arguments.append(_optional(name, macro.default, waiting))
    while len(arguments) < macro.parameters:
        argument, end = _argument(name, waiting)
        arguments.append(argument)
    call = Span(min(name.span.start, end), max(name.span.end, end))
    body: list[Token] = []
    pieces = re.split(r"#([1-9])", macro.body)
    for piece, number in zip(pieces[::2], [*pieces[1::2], "0"], strict=True):
        body += [Token(token.text, call) for token in tokens(piece)]
        if int(number) > len(arguments):
            raise Refusal("BP105", f"The macro {name.text} has no argument #{number}.", call)
        body += arguments[int(number) - 1] if number != "0" else []
    return body


def _optional(name: Token, default: str, waiting: list[Token]) -> list[Token]:
    _skip_spaces(waiting)
    if not waiting or waiting[-1].text != "[":
        return [Token(token.text, name.span) for token in tokens(default)]
    waiting.pop()
    return _until("]", name, waiting)[0]


def _argument(name: Token, waiting: list[Token]) -> tuple[list[Token], int]:
    """Take one argument as TeX does, braces or a single token; return it and where it ends."""
    _skip_spaces(waiting)
    if not waiting:
        raise Refusal("BP105", f"The macro {name.text} lacks an argument.", name.span)
    token = waiting.pop()
    return _until("}", name, waiting) if token.text == "{" else ([token], token.span.end)


def _until(close: str, name: Token, waiting: list[Token]) -> tuple[list[Token], int]:
    """Take tokens up to `close` outside braces."""
    taken: list[Token] = []
    depth = 0
    while waiting:
        token = waiting.pop()
        if token.text == close and not depth:
            return taken, token.span.end
        depth += (token.text == "{") - (token.text == "}")
        taken.append(token)
    raise Refusal("BP105", f"An argument of the macro {name.text} is not closed.", name.span)


def _skip_spaces(waiting: list[Token]) -> None:
    while waiting and waiting[-1].text.isspace():
        waiting.pop()


_NAME = r"\s*(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))\s*"
DEFINITION = re.compile(
    rf"""\\(?:(?:re)?newcommand|providecommand)\*?{_NAME}(?:\[(\d)\]\s*)?(?:\[([^\]]*)\]\s*)?(?={{)
       |\\def\s*\\([A-Za-z]+)\s*((?:\#\d\s*)*)(?={{)
       |\\DeclareMathOperator(\*?){_NAME}(?={{)""",
    re.VERBOSE,
)


def read_macros(text: str) -> dict[str, Macro]:
    r"""Return the macros that `text` defines, by name without backslash.

    Understood are \newcommand, \renewcommand, \providecommand, \def and \DeclareMathOperator; of
    two definitions of a name the later one counts.  A definition without an end is left out.
    """
    found: dict[str, Macro] = {}
    for match in DEFINITION.finditer(text):
        body = _braced(text, match.end())
        if body is None:
            continue
        command, command_, count, default, defined, hashes, _star, operator, operator_ = (
            match.groups()
        )
        if command or command_:
            found[command or command_] = Macro(int(count or 0), body, default)
        elif defined:
            found[defined] = Macro(hashes.count("#"), body)
        else:
            found[operator or operator_] = Macro(0, rf"\operatorname{{{body}}}")
    return found


def _braced(text: str, start: int) -> str | None:
    """Return what stands in the braces that open at `start`, or None if they do not close."""
    depth = 0
    for at in range(start, len(text)):
        escaped = text[at - 1] == "\\"
        depth += 0 if escaped else (text[at] == "{") - (text[at] == "}")
        if not depth:
            return text[start + 1 : at]
    return None


def macros_of(config: Mapping[str, object]) -> dict[str, Macro]:
    r"""Return the macros of a table as MathJax and KaTeX have it.

    A value is the body, or a list of body, number of arguments and default of the first.  Raises
    TypeError for any other value.
    """
    return {name.removeprefix("\\"): _entry(name, value) for name, value in config.items()}


def _entry(name: str, value: object) -> Macro:
    match value:
        case str(body):
            return Macro(max(map(int, re.findall(r"#([1-9])", body)), default=0), body)
        case [str(body)]:
            return Macro(0, body)
        case [str(body), int(parameters)]:
            return Macro(parameters, body)
        case [str(body), int(parameters), str(default)]:
            return Macro(parameters, body, default)
    raise TypeError(
        f"macro {name!r} must be a text or [text, number of arguments], not {value!r}; "
        r'write {"R": ["\\mathbb{#1}", 1]}'
    )
