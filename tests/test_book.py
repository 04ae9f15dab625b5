"""The book and the code name the same equations, and the book answers what readers ask."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LABEL = re.compile(r"^[ >]*\$\$ \(([\w-]+)\)$", re.MULTILINE)
TAG = re.compile(r"\S  # ([a-z]+(?:-[a-z]+)*)$", re.MULTILINE)
QUESTION = re.compile(r"^:::\{admonition\} .+\?\n:class: question$", re.MULTILINE)


def found(pattern, files):
    """Count what `pattern` finds in `files`."""
    return Counter(match for file in files for match in pattern.findall(file.read_text("utf-8")))


def test_every_equation_is_one_line_of_code():
    """The labels of the pages are the tags of the code, each exactly once."""
    labels = found(LABEL, ROOT.glob("docs/**/*.md"))
    tags = found(TAG, ROOT.glob("src/**/*.py"))

    assert labels == tags
    assert set(labels.values()) == {1}


def test_a_label_is_seen_however_it_is_set():
    """The pattern finds a label at the margin, in a list and in a quotation."""
    page = "$$\na\n$$ (plain)\n- b\n\n  $$\n  b\n  $$ (in-list)\n> $$\n> c\n> $$ (in-quote)\n"

    assert LABEL.findall(page) == ["plain", "in-list", "in-quote"]


def test_a_tag_is_seen_and_a_remark_is_not():
    """The pattern finds a tag at the end of a code line, not a comment in words."""
    code = "z = b + W @ x  # forward-affine\nx = 1  # as wide as W\n# alone\n"

    assert TAG.findall(code) == ["forward-affine"]


def test_the_fifteen_questions_are_answered():
    """Each of the fifteen questions readers most often ask stands on a page."""
    questions = found(QUESTION, ROOT.glob("docs/*.md"))

    assert sum(questions.values()) >= 15


def test_the_picture_of_the_readme_is_the_figure_of_the_book():
    """The picture that the README shows is drawn by the script that draws the figure."""
    script = ROOT / "docs/figures/forward_backward.py"
    drawn = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert drawn.stdout == (ROOT / "docs/_static/flow.svg").read_text("utf-8")


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.stem)
def test_every_page_is_in_the_table_of_contents(page):
    """A page that no toctree names would be built and never found."""
    index = (ROOT / "docs/index.md").read_text("utf-8")

    assert page.stem == "index" or re.search(rf"^{page.stem}$", index, re.MULTILINE)
