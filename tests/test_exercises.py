"""The exercises: model answers are accepted, wrong ones refused, and no hint gives one away."""

import linecache
import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from backproof.exercises import exercise, exercises
from backproof.exercises.codes import Code, source
from backproof.exercises.formulas import Formula
from backproof.exercises.readable import formula, readable
from backproof.exercises.values import Choice, Value, exact

ALL = [each for chapter in exercises() for each in chapter.exercises]
PAGES = Path(__file__).parent.parent / "docs" / "exercises"


def named(pairs):
    return [pytest.param(*pair, id=f"{pair[0].number}-{k}") for k, pair in enumerate(pairs)]


WRITTEN = [each for each in ALL if not isinstance(each.task, Code)]
CODES = [each for each in ALL if isinstance(each.task, Code)]
ANSWERS = [(each, answer) for each in WRITTEN for answer in each.task.answers]
WRONG = [(each, answer) for each in WRITTEN for answer in each.task.wrong]
SLIPS = [(each, slip) for each in CODES for slip in each.task.wrong]


@pytest.mark.parametrize(("asked", "answer"), named(ANSWERS))
def test_model_answers_and_their_equivalents_are_right(asked, answer):
    assert asked.answer(answer), str(asked.answer(answer))


@pytest.mark.parametrize(("asked", "answer"), named(WRONG))
def test_wrong_answers_are_refused(asked, answer):
    assert not asked.answer(answer), str(asked.answer(answer))


@pytest.mark.parametrize("asked", CODES, ids=lambda each: each.number)
def test_model_code_is_right(asked):
    answer = asked.answer(asked.task.model)
    assert answer, str(answer)


def planted(task, slip):
    """Return the model answer with a slip in it, with a source that can be looked up."""
    written, instead = slip
    code = source(task.model)
    assert written in code
    path = f"<slip {instead}>"
    code = code.replace(written, instead)
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    names = dict(vars(sys.modules[task.model.__module__]))
    exec(compile(code, path, "exec"), names)  # noqa: S102  our own model answer
    return names[task.model.__name__]


@pytest.mark.parametrize(("asked", "slip"), named(SLIPS))
def test_wrong_code_is_refused(asked, slip):
    answer = asked.answer(planted(asked.task, slip))
    assert not answer, str(answer)
    assert answer.established.startswith("differs"), str(answer)


def test_there_are_enough_of_each():
    assert len(ALL) >= 40
    assert all(len(each.task.wrong) >= 2 for each in ALL)
    assert all(len(each.hints) == 3 for each in ALL)
    equivalent = sum(
        len(each.task.answers) - 1 for each in WRITTEN if isinstance(each.task, Formula)
    )
    assert equivalent >= 20


def bare(text):
    return re.sub(r"[\s()]|\\bigl|\\bigr", "", text)


@pytest.mark.parametrize("asked", ALL, ids=lambda each: each.number)
def test_hints_do_not_hold_the_answer(asked):
    hints = bare("|".join(asked.hints))
    if isinstance(asked.task, Code):
        returned = bare(source(asked.task.model).rpartition("return ")[2])
        assert returned.isidentifier() or returned not in hints
    elif isinstance(asked.task, Formula):
        sides = [answer.rpartition("=")[2] for answer in asked.task.answers]
        assert not [side for side in sides if len(bare(side)) > 3 and f"${bare(side)}$" in hints]
    else:
        assert not [answer for answer in asked.task.answers if f"{answer}" in asked.hints]


@pytest.mark.parametrize("asked", ALL, ids=lambda each: each.number)
def test_a_terminal_shows_no_latex(asked):
    shown = [str(asked), *(asked.hint(k) for k in (1, 2, 3)), asked.solution()]
    assert not [text for text in shown if "\\" in text or "$" in text]


def test_every_chapter_is_on_one_page_of_each_kind():
    text = "".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.md"))
    for directive in ("exercises", "model-answers"):
        numbers = re.findall(rf"^```{{{directive}}} (\d+)$", text, re.MULTILINE)
        assert sorted(map(int, numbers)) == [chapter.number for chapter in exercises()]


def test_headings_of_the_pages_are_those_of_the_chapters():
    titles = [f"## {chapter.number} {chapter.title}" for chapter in exercises()]
    for names in (("derivation", "training", "trust"), ("answers",)):
        text = "".join((PAGES / f"{name}.md").read_text(encoding="utf-8") for name in names)
        assert re.findall(r"^## .*$", text, re.MULTILINE) == titles


def test_pages_that_are_named_exist():
    folder = PAGES.parent
    assert all((folder / f"{chapter.page}.md").exists() for chapter in exercises())


# What is said of an answer.


@pytest.mark.parametrize(
    ("number", "answer", "mistake"),
    [
        ("4.1", r"x_k \bigl( \frac{\partial L_i}{\partial z_k} \bigr)^T", "a transpose"),
        ("4.2", r"W_k^T \frac{\partial L_i}{\partial z_k}", "the derivative of the activation"),
        ("8.1", "z_M - y", "a mean for a sum"),
        ("8.1", r"\frac{2}{N} (z_M - y)", "a constant factor"),
        ("8.2", r"y - \sigma[z_M]", "a sign"),
        ("9.1", r"\frac{\partial L}{\partial z_k}", "the sum over the batch"),
        ("9.2", r"\frac{1}{N} \frac{\partial L}{\partial z_k} x_k^T", "a mean for a sum"),
        ("5.1", r"\mathbb{I}[x_0 > 0] \odot (W_0^T \frac{\partial L}{\partial z_0})", "a mask"),
        ("13.3", r"g'(z^{[l]}) \odot (W^{[l]T} \frac{\partial L}{\partial z^{[l]}})", "an index"),
        ("3.2", r"\operatorname{diag}(f[z_{k-1}])", "a function for its derivative"),
        ("2.1", [[8, -1]], "a transpose"),
        ("4.6", [[12], [10], [-26]], "a mask"),
        ("4.6", [[6], [5], [0]], "a factor 2"),
        ("9.4", [[1, 10], [1, -4]], "a transpose"),
    ],
)
def test_a_slip_is_named_but_not_mended(number, answer, mistake):
    judged = exercise(number).answer(answer)
    assert judged.mistake.startswith(mistake), str(judged)
    assert "True if" not in str(judged)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("4.1", r"\frac{\partial L_i}{\partial W_k}"),
        ("4.1", r"\nabla_{W_k} L_i"),
        ("4.1", r"\bigl( \frac{\partial L_i}{\partial W_k} + 0 \bigr)"),
        ("4.1", r"\frac{\partial L_i}{\partial W_k} = \nabla_{W_k} L_i"),
        ("4.2", r"\operatorname{diag}(f'[z_{k-1}]) \frac{\partial L_i}{\partial x_k}"),
        ("4.3", r"\frac{\partial u}{\partial v} \frac{\partial L}{\partial u}"),
        ("7.1", r"\sigma'[z]"),
        ("7.3", r"\sigma[z] + z \sigma'[z]"),
        ("1.4", r"\frac{\partial (v^T A v)}{\partial v}"),
        ("9.1", r"\sum_{i=1}^{N} \frac{\partial L_i}{\partial b_k}"),
    ],
)
def test_what_was_asked_is_no_answer(number, answer):
    assert "derivative" in exercise(number).answer(answer).established


@pytest.mark.parametrize(
    ("number", "answer", "words"),
    [
        ("5.1", r"\frac{\partial L}{\partial z_0} = \frac{\partial L}{\partial z_0}", "left side"),
        ("4.1", r"\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k^T", "left"),
        (
            "3.1",
            r"\frac{\partial (z_k)_1}{\partial (x_k)_1} = (W_k)_{11}",
            "left side is to be",
        ),
        (
            "9.1",
            r"\frac{\partial L}{\partial (b_k)_r} = \frac{\partial L}{\partial (z_k)_r}",
            "every batch size",
        ),
        ("1.3", r"\frac{\partial u}{\partial v} = A^T, \quad k = 1, \dots, M", "range"),
        ("1.3", r"\frac{\partial u}{\partial v} = A^T, \quad u = A v + c", "one equation"),
        ("1.3", r"A^{", ""),
        ("1.3", r"\foo", "foo"),
        ("1.3", "q", "not declared"),
        ("1.3", "", ""),
    ],
)
def test_another_claim_is_no_answer(number, answer, words):
    judged = exercise(number).answer(answer)
    assert not judged
    assert words in judged.established, str(judged)


def test_a_diagonal_of_entries_is_not_the_whole():
    diagonal = (
        r"\frac{\partial L_i}{\partial (W_k)_{rr}} = \frac{\partial L_i}{\partial (z_k)_r} (x_k)_r"
    )
    assert "left side" in exercise("4.1").answer(diagonal).established


def test_one_layer_is_not_every_layer():
    judged = exercise("4.1").answer(r"\frac{\partial L_i}{\partial z_1} x_1^T")
    assert not judged


def test_dollars_and_ends_of_sentences_are_no_part_of_an_answer():
    assert exercise("1.3").answer("$$ A^T . $$")
    assert exercise("1.3").answer(r"\frac{\partial u}{\partial v} = A^{\mathsf T}.")


def test_a_string_that_is_not_raw_is_refused():
    with pytest.raises(ValueError, match="raw string"):
        exercise("4.1").answer("\frac{1}{2} x_k^T")


@pytest.mark.parametrize(
    ("number", "answer", "expected"),
    [
        ("4.1", lambda dz, x: dz @ x.T, "a formula"),
        ("4.1", 3, "a formula"),
        ("4.7", "dz @ x.T", "a Python function"),
        ("7.4", 2.0, "a Python function of z"),
        ("2.1", "8", "a number, or an array"),
        ("2.1", [[8], [-1, 2]], "a number, or an array"),
        ("2.1", [[8], [float("nan")]], "a number, or an array"),
        ("2.2", ["a"], "the letters"),
        ("2.2", "A and C", "the letters"),
        ("6.1", None, "a number, or an array"),
    ],
)
def test_an_answer_of_another_kind(number, answer, expected):
    with pytest.raises(TypeError, match=f"exercise {number} expects {expected}"):
        exercise(number).answer(answer)


def test_numbers_may_be_of_any_kind():
    for answer in ([[8], [-1]], np.array([[8.0], [-1.0]]), ((Fraction(8),), (np.int64(-1),))):
        assert exercise("2.1").answer(answer)
    assert exercise("12.3").answer(0.01)
    assert exercise("12.3").answer(Fraction(1, 100))
    assert exact(0.1)[()] == Fraction(1, 10)


def test_a_truth_value_is_taken_as_no_other_number():
    assert not exercise("7.5").answer(answer=True)


def test_options_are_judged_and_not_listed():
    for each in ALL:
        if isinstance(each.task, Choice):
            letters = [letter for letter in each.task.letters if letter in each.task.answers[0]]
            assert 0 < len(letters) < len(each.task.letters)
            assert not each.answer("a, z")


def test_values_are_computed_and_not_listed():
    for each in ALL:
        if isinstance(each.task, Value):
            assert (exact(each.task.true()) == exact(each.task.answers[0])).all()


# Finding an exercise.


def test_an_unknown_number_names_those_that_are_near():
    with pytest.raises(ValueError, match=r"no exercise '3\.9'\. Chapter 3 has 3\.1 to 3\.6\."):
        exercise("3.9")
    with pytest.raises(ValueError, match=r"Near it are 7\.1"):
        exercise("17.1")


def test_a_number_that_is_no_string():
    with pytest.raises(TypeError, match=r'number must be a string, such as "3.2", but is 3.1'):
        exercise(3.1)


def test_a_hint_that_is_not_there():
    with pytest.raises(ValueError, match=r"exercise 3\.1 has hints 1 to 3, but number is 4"):
        exercise("3.1").hint(4)


def test_hints_say_how_to_get_more():
    assert "hint(2)" in exercise("3.1").hint()
    assert "hint(4)" not in exercise("3.1").hint(3)


def test_the_list_names_all():
    text = repr(exercises())
    assert all(f"{each.number}  {each.title}" in text for each in ALL)


def test_a_question_shows_the_forward_pass_indented():
    text = str(exercise("4.7"))
    assert "    def relu_layer(" in text
    assert "        z = b + W @ x" in text


# Formulas as plain text.


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\frac{\partial L}{\partial z_{k-1}}", "∂L/∂z_{k-1}"),
        (r"\frac{e^{z_i}}{\sum_n e^{z_n}}", "(e^{z_i})/(Σ_n e^{z_n})"),
        (r"\frac{1}{1 + \frac{a}{c}}", "1/(1 + a/c)"),
        (r"W_k^{\mathsf T} x^2 + \sigma[z]", "W_kᵀ x² + σ[z]"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[[1, 2], [3, 4]]"),
        (r"\mathrm{f}'[z] \odot \bigl( \lVert v \rVert \bigr)", "f'[z] ⊙ ( ‖ v ‖ )"),
    ],
)
def test_formulas_in_plain_text(latex, plain):
    assert formula(latex) == plain
    assert readable(f"is ${latex}$ so") == f"is {plain} so"


def test_a_witness_does_not_say_how_to_mend_it():
    """That a transpose would fit is what the reader is to find out."""
    asked = exercise("4.7")
    said = str(asked.answer(planted(asked.task, ("dz @ x.T", "x @ dz.T"))))

    assert said.startswith("wrong, transpose")
    assert "has shape" in said
    assert "fits" not in said


def test_a_number_is_shown_as_it_was_typed():
    """Not as the fraction that it is compared as."""
    assert "is not 3.5." in str(exercise("6.2").answer([5, -2, 3.5, 0]))


def test_a_witness_has_all_its_numbers():
    """No letter is left in either side, and the loss is one that can be put in."""
    assert "A_11*" not in str(exercise("1.4").answer("2 A v"))
    said = str(exercise("9.1").answer(r"\frac{1}{N} \frac{\partial L}{\partial z_k} \mathbf{1}"))
    assert "where L = " in said
    assert "bend" not in said
