"""The page of the comparison says what its record says, and the record is of this corpus."""

import json
import re
import sys
from pathlib import Path

import pytest
from backward_corpus import right_cases, wrong_cases
from backward_corpus.mutants import sample
from docutils import nodes

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs" / "_extensions"))

import compared  # noqa: E402  an extension of the site, found on the path above

RECORD = json.loads((ROOT / "docs" / "comparison.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
OURS = RECORD["checkers"]["backproof check"]


def rows(table):
    """Return the cells of a table as texts, the head first."""
    return [[cell.astext() for cell in row.children] for row in table.findall(nodes.row)]


def test_the_record_is_of_the_corpus_as_it_is():
    wrong = [case.name for case in wrong_cases() if not case.convention]
    wrong += [mutant.case.name for mutant in sample(RECORD["mutants"])]
    recorded = RECORD["cases"]
    again = "the corpus was changed since: make comparison"
    assert set(recorded["right"]) == {case.name for case in right_cases()}, again
    assert set().union(*(recorded[g] for g in recorded if g != "right")) == set(wrong), again


def test_ours_accepts_nothing_that_is_wrong_and_refuses_nothing_that_is_right():
    assert OURS["accepted"] == {"visible": [], "elsewhere": [], "side effects": []}
    assert OURS["alarms"] == []
    assert OURS["unable"] == []


@pytest.mark.parametrize("name", RECORD["checkers"])
def test_what_is_counted_are_cases_of_the_record(name):
    each = RECORD["checkers"][name]
    for group, accepted in each["accepted"].items():
        assert set(accepted) <= set(RECORD["cases"][group])
    assert set(each["alarms"]) | set(each["unable"]) <= set(RECORD["cases"]["right"])
    assert set(each["messages"]) == set(RECORD["shown"])
    assert each["milliseconds"] > 0
    assert each["how"].endswith(".")


def test_the_table_shows_the_counts_of_the_record():
    head, *found = rows(compared.results(RECORD)[0])
    assert tuple(head) == compared.TITLES
    assert [row[0] for row in found] == list(RECORD["checkers"])
    for name, *cells in found:
        each = RECORD["checkers"][name]
        counts = [*map(len, each["accepted"].values()), len(each["alarms"]), len(each["unable"])]
        assert cells == [*map(str, counts), str(each["milliseconds"])]


def test_the_cases_are_counted():
    _, *found = rows(compared.cases(RECORD)[0])
    assert [int(count) for _, count in found] == [len(names) for names in RECORD["cases"].values()]


def test_every_message_is_shown_or_its_checker_named_as_accepting():
    shown = "\n".join(node.astext() for node in compared.messages(RECORD))
    for case, sentence in RECORD["shown"].items():
        assert sentence in shown
        for each in RECORD["checkers"].values():
            message = each["messages"][case]
            if not compared.accepts(message):
                assert compared.trimmed(message) in shown


def test_a_long_message_is_cut_by_rule():
    lines = compared.trimmed("\n".join(["x" * 200] * 14)).splitlines()
    assert len(lines) == compared.LINES + 1
    assert lines[0] == "x" * compared.COLUMNS + " …"
    assert lines[-1] == "… 4 more lines"
    assert compared.trimmed("short") == "short"


def test_every_part_is_on_the_page():
    parts = re.findall(r"^```\{comparison\} (\w+)$", PAGE, flags=re.MULTILINE)
    assert sorted(parts) == sorted(compared.PARTS)


def test_no_number_is_typed_on_the_page():
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"(?<![A-Za-z\d])\d+", prose) == []


def test_what_was_missed_is_named():
    shown = compared.missed(RECORD)[0].astext()
    for each in RECORD["checkers"].values():
        assert ("; ".join(each["accepted"]["visible"]) or "none") in shown
