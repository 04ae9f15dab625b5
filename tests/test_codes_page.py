"""The page of codes explains every code once, in the words of the command, with an example."""

import re
from pathlib import Path

import pytest

from backproof.equations.refusal import CODES
from backproof.explanations import EXPLANATIONS

PAGE = (Path(__file__).parent.parent / "docs" / "codes.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^\((bp\d+)\)=\n## (BP\d+): (.+)\n((?:(?!\(bp|## ).*\n)*)", re.MULTILINE)
FENCE = re.compile(r"```pycon\n(.*?)```", re.DOTALL)

each_code = pytest.mark.parametrize("code", CODES)


def section(code):
    """Return the text of the one section about `code`."""
    (text,) = [text for _, name, _, text in SECTION.findall(PAGE) if name == code]
    return text


def words(text):
    """Return a text without line breaks, and without the marks that set code."""
    return " ".join(text.replace("`", "").split())


def test_each_code_has_one_section_and_nothing_else_has():
    """The sections are the codes, in order, each under its title and with an anchor to link to."""
    found = [(code, title) for _, code, title, _ in SECTION.findall(PAGE)]

    assert found == list(CODES.items())
    assert all(anchor == code.lower() for anchor, code, _, _ in SECTION.findall(PAGE))


@each_code
def test_a_section_begins_with_the_words_of_the_command(code):
    """What `backproof explain` says is what the page says."""
    assert words(section(code)).startswith(words(EXPLANATIONS[code]))


@each_code
def test_an_example_provokes_the_code(code):
    """Among what the examples of a section print is its code."""
    printed = [
        line
        for fence in FENCE.findall(section(code))
        for line in fence.splitlines()
        if not line.startswith((">>>", "..."))
    ]

    assert any(code in line for line in printed)
