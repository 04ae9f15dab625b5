"""`python tests/backward_corpus [how many mutants]`: the whole corpus, judged and counted."""

# What it prints is the result.
# ruff: noqa: T201

import sys
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from backward_corpus.case import Case
from backward_corpus.cases import right_cases, wrong_cases
from backward_corpus.judging import Outcome, outcome
from backward_corpus.mutants import Kind, sample


def judged(title: str, cases: Iterable[Case]) -> list[Outcome]:
    """Judge cases, tell of each that is not judged as it should be, and count."""
    start, outcomes = time.perf_counter(), [outcome(case) for case in cases]
    unexpected = [each for each in outcomes if not each.is_as_known]
    for each in unexpected:
        print(f"{each.case}\n{each.verdict}\n")
    seconds = (time.perf_counter() - start) / max(1, len(outcomes))
    print(f"{title}: {len(outcomes)}, unexpected {len(unexpected)}, {seconds:.2f} s each")
    return outcomes


def told(outcomes: Iterable[Outcome]) -> None:
    """Say how many causes were named, and which were not."""
    wrong = [each for each in outcomes if each.case.wrong and not each.case.convention]
    missed = [each for each in wrong if not each.names_the_cause]
    for each in missed:
        print(f"  {each.case}: {each.verdict.cause or 'nothing'} for {each.case.cause}")
    print(f"causes named first: {len(wrong) - len(missed)} of {len(wrong)}")


def main(count: int = 400) -> None:
    """Judge everything."""
    judged("right", right_cases())
    told(judged("wrong", wrong_cases()))
    told(judged("mutants", (mutant.case for mutant in sample(count))))
    equivalent = sample(count // 4, Kind.EQUIVALENT)
    judged("equivalent mutants", (mutant.as_right for mutant in equivalent))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
