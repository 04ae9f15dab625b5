"""What is shown of a mend: the lines it changes, whole, as the user wrote them."""

import ast

import pytest

from backproof.checking.functions.patches import (
    before,
    changed_lines,
    in_place_of,
    in_place_of_expression,
    outdented,
    without,
)

TEXT = """\
def backward(dout, x):
    dx = (dout
          * x["é"] *  2)  # kept
    for t in dout:
        dx = t
        return dx
    return dx
"""
LINES = TEXT.splitlines()
BODY = ast.parse(TEXT).body[0].body


def changed(*patches):
    return [(one.number, one.written, one.mended) for one in changed_lines(LINES, 11, patches)]


def test_an_expression_over_two_lines():
    product = BODY[0].value
    patch = in_place_of_expression(LINES, product, 'dout * x["é"]')
    assert changed(patch) == [(12, "\n".join(LINES[1:3]), '    dx = (dout * x["é"])  # kept')]


def test_a_column_behind_a_letter_of_two_bytes():
    assert changed(in_place_of_expression(LINES, BODY[0].value.right, "3")) == [
        (13, LINES[2], '          * x["é"] *  3)  # kept')
    ]


@pytest.mark.parametrize(("new", "text"), [("a * b", "return a * b"), ("-a", "return -a")])
def test_no_brackets_where_none_are_needed(new, text):
    patch = in_place_of_expression(LINES, BODY[-1].value, new)
    assert changed(patch) == [(17, "    return dx", f"    {text}")]


def test_brackets_where_they_are_needed():
    left = BODY[0].value.left
    patch = in_place_of_expression(LINES, left, 'dout + x["é"]')
    assert changed(patch)[0][2].endswith('(dout + x["é"]) *  2)  # kept')


def test_a_statement_that_goes_and_one_that_comes():
    assert changed(without(BODY[1].body[0])) == [(15, "        dx = t", "")]
    assert changed(before(BODY[1], "dx = 0"), before(BODY[1], "n = 0")) == [
        (14, "    for t in dout:", "    dx = 0\n    n = 0\n    for t in dout:")
    ]


def test_a_return_that_leaves_its_loop():
    assert changed(outdented(BODY[1].body[1], 4)) == [(16, "        return dx", "    return dx")]


def test_a_change_within_another_is_part_of_it():
    outer = in_place_of(BODY[-1], "return 0")
    inner = in_place_of(BODY[-1].value, "1")
    assert changed(outer, inner) == [(17, "    return dx", "    return 0")]
