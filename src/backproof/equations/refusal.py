"""What is refused, with a code that does not change, a caret, and the likely mend."""

from backproof.equations.tree import Span

CODES = {
    "BP101": "this is not in the language of equations",
    "BP102": "an unknown macro",
    "BP103": "a mix of products without parentheses",
    "BP104": "the formula is too long or too deep",
    "BP105": "a macro that cannot be expanded",
    "BP201": "an undeclared symbol",
    "BP202": "an index that has no value here",
    "BP203": "shapes that do not fit",
    "BP204": "the layout of a Jacobian is not declared",
    "BP205": "this can be read in more than one way",
    "BP206": "a declaration that cannot be read",
    "BP207": "no check knows what this means",
    "BP301": "the equation is false",
    "BP302": "neither proved nor refuted",
    "BP303": "expected to be wrong, but it is not",
    "BP304": "the code does something else",
    "BP401": "nothing was checked",
    "BP402": "a document that cannot be read",
    "BP403": "an exception without its reason",
    "BP901": "two oracles disagree, which is a mistake of Backproof",
}
"""Every code with its title; the guide explains them one by one."""


class Refusal(ValueError):  # noqa: N818  a refusal is the service, not an accident
    """An equation or declaration that is not accepted: why, where, and what would mend it."""

    def __init__(self, code: str, message: str, span: Span, mend: str = "") -> None:
        """Refuse source[span.start:span.end] for the reason `message`."""
        if code not in CODES:
            raise KeyError(code)
        super().__init__(message)
        self.code, self.message, self.span, self.mend = code, message, span, mend

    def __reduce__(self) -> tuple[object, ...]:
        # Sphinx keeps results between builds, and hands them from process to process.
        return type(self), (self.code, self.message, self.span, self.mend)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" {self.mend}" if self.mend else "")


class Misfit(Refusal):
    """A refusal that shows an equation to be wrong: its shapes clash, or it leaves the network."""


def caret(source: str, span: Span) -> str:
    """Return the line of `source` on which `span` starts, with carets below what is meant."""
    start = min(span.start, len(source))
    begin = source.rfind("\n", 0, start) + 1
    end = source.find("\n", start)
    line = source[begin : end if end >= 0 else len(source)]
    width = max(1, min(span.end, begin + len(line)) - start)
    padding = "".join("\t" if letter == "\t" else " " for letter in line[: start - begin])
    return f"{line}\n{padding}{'^' * width}"
