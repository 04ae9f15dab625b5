"""What is said of an answer: whether it is right, what was established, and what went wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """A judged answer; it prints itself, and `bool(answer)` is true if it is right.

    `established` is what was proved or computed.  `mistake` names a slip that was recognised in a
    few words, without the mend, which would give the exercise away.
    """

    right: bool
    established: str
    mistake: str = ""

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        head = "right" if self.right else f"wrong, {self.mistake}" if self.mistake else "not right"
        first, *rest = self.established.splitlines() or [""]
        return "\n".join([f"{head}: {first}", *(f"  {line}" for line in rest)])

    __repr__ = __str__


def right(established: str) -> Answer:
    """Return what is said of a right answer."""
    return Answer(True, established)  # noqa: FBT003  the name of the function says it


def wrong(established: str, mistake: str = "") -> Answer:
    """Return what is said of an answer that is wrong, or that could not be judged."""
    return Answer(False, established, mistake)  # noqa: FBT003
