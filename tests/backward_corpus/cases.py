"""All cases, found by the names of the modules that hold them."""

from functools import cache
from importlib import import_module
from pathlib import Path

from backward_corpus.case import Case


def _cases(kind: str) -> tuple[Case, ...]:
    names = sorted(path.stem for path in Path(__file__).parent.glob(f"{kind}_*.py"))
    modules = [import_module(f"backward_corpus.{name}") for name in names]
    return tuple(case for module in modules for case in module.CASES)


@cache
def right_cases() -> tuple[Case, ...]:
    """Return the cases that have to be accepted."""
    return _cases("right")


@cache
def wrong_cases() -> tuple[Case, ...]:
    """Return the hand-written cases that have to be refused."""
    return _cases("wrong")
