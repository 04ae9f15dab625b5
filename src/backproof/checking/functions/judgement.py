"""What is said about a backward pass: a verdict, the cause of a mistake, and what was looked at."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from backproof.checking.functions.explain import Explanation
from backproof.checking.verdict import Status, Verdict


@dataclass(frozen=True, slots=True, repr=False)
class Judgement(Verdict):
    """A verdict on a backward pass.

    `explanations` say what is wrong, the likeliest first; `conventions` what the code does on kinks
    and ties; `coverage` which branches were taken; `notes` what a reader should know besides.
    """

    explanations: tuple[Explanation, ...] = ()
    conventions: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """The likeliest cause of a mistake in one or two words, or nothing."""
        return self.explanations[0].cause if self.explanations else ""

    def __str__(self) -> str:
        lines = [f"{self.status}: {self.claim}", *self._explained()]
        if self.witness:
            unknown = self.status is Status.CANNOT_TELL
            lines += _indented("reason" if unknown else "witness", self.witness)
        if self.scope:
            lines += _indented("scope", self.scope)
        for name in ("conventions", "coverage", "notes"):
            lines += _block(name, getattr(self, name))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _explained(self) -> list[str]:
        lines = []
        for explanation in self.explanations[:1]:
            said = "" if explanation.sentence == self.witness else f": {explanation.sentence}"
            lines += _indented("cause", f"{explanation.cause}{said}")
            for line in explanation.lines:
                lines += _written(f"  line {line.number}: ", line.written)
                lines += _written("  mended:  ", line.mended or "without this line")
        return lines


def _written(label: str, text: str) -> list[str]:
    """Return lines of code behind a label, as far apart from the margin as they were."""
    first, *rest = textwrap.dedent(text).splitlines()
    start = len(first) - len(first.lstrip())
    indent = " " * len(label)
    return [label + first.strip(), *(indent + line[start:].rstrip() for line in rest)]


def _indented(name: str, text: str) -> list[str]:
    first, *rest = text.splitlines()
    return [f"  {name}: {first}", *(f"    {line}" for line in rest)]


def _block(name: str, entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    if len(entries) == 1:
        return _indented(name.removesuffix("s") if name != "coverage" else name, entries[0])
    return [f"  {name}:", *(f"    {entry}" for entry in entries)]


def cannot_tell(claim: str, scope: str, reason: str) -> Judgement:
    """Return the judgement that nothing was established, and why."""
    return Judgement(Status.CANNOT_TELL, claim, scope, reason)
