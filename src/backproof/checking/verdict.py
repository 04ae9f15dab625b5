"""What a check may say, and no more: docs/checking.md."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The four things a check can establish; there is no "correct"."""

    PROVED = "proved"
    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status with its claim and its scope; `witness` says where and how a claim fails.

    `bool(verdict)` is true for `proved` and `agrees`.
    """

    status: Status
    claim: str
    scope: str
    witness: str = ""

    def __bool__(self) -> bool:
        return self.status in (Status.PROVED, Status.AGREES)

    def __str__(self) -> str:
        text = f"{self.status}: {self.claim}\n  scope: {self.scope}"
        return f"{text}\n  witness: {self.witness}" if self.witness else text

    __repr__ = __str__
