"""An equation is held to the line of code with its label: a slip in either is seen."""

import importlib
import sys

import pytest
from asking import ask, code_of

from backproof.checking.report import Outcome
from backproof.checking.watching import labelled_lines, watched

RELU = ("layout: denominator", "activation: relu", r"\eta, P: scalar")
RULES = (
    r"\tilde v, v, \tilde q, q, n, g, \mu, \gamma, a, c, w, T: scalar",
    "s, r: function",
)
UP, DOWN = r" \qquad k = 1, \dots, M", r" \qquad k = M, \dots, 1"
DZ, DW = (r"\frac{\partial L_i}{\partial z_k}", r"\frac{\partial L}{\partial W_k}")
BELOW = r"\frac{\partial L_i}{\partial z_{k-1}} = \mathbb{I}[z_{k-1} > 0] \odot (W_k^T " + DZ + ")"
F = "f[z] = "
WARM_UP = (
    r"s(t) = \begin{{cases}} a + (1 - a) \frac{{t}}{{w}} & \text{{if }} {} \\"
    r" r({}) & \text{{otherwise}} \end{{cases}}"
)

RIGHT = {
    "forward-affine": ["z_k = b_k + W_k x_k" + UP, "b_k + W_k x_k = z_k" + UP],
    "grad-weight": [rf"\frac{{\partial L_i}}{{\partial W_k}} = {DZ} x_k^T" + DOWN],
    "grad-preactivation": [BELOW, BELOW + DOWN, BELOW + UP],
    "sgd-weight": [rf"W_k \leftarrow W_k - \eta {DW}"],
    "cost-weights": [r"P = \sum_{k=0}^M D_{k+1} D_k", r"P = \sum_{k=1}^{M+1} D_k D_{k-1}"],
    "softmax": [r"p_j = \operatorname{softmax}[z]_j", r"p_j = \frac{e^{z_j}}{\sum_n e^{z_n}}"],
    "relu-derivative": [r"f'[z] = \mathbb{I}[z > 0]", r"f'[z] = \mathbb{I}[0 < z]"],
    "momentum-velocity": [r"\tilde v = g + \mu v"],
    "nesterov-direction": [r"n = \mu \tilde v + g"],
    "adam-square": [r"\tilde q = g^2 - \gamma (g^2 - q)"],
    "schedule-cosine": [r"s(t) = 1 - (1 - c) \frac{1 - \cos(\pi t / T)}{2}"],
    "schedule-warm-up": [WARM_UP.format("t < w", "t - w"), WARM_UP.format("w > t", "t - w")],
}  # fmt: skip
WRONG = {
    "forward-affine": [
        "z_k = b_k - W_k x_k" + UP,
        "z_k = W_k x_k" + UP,
        "z_k = b_k + W_k x_k",
        r"z_k = b_k + W_k x_k \qquad k = 0, \dots, M",
        r"z_k = b_k + W_k x_k \qquad k = 1, \dots, M-1",
        "x_k = f[z_{k-1}]" + UP,
        "z_k = z_k + x_k - x_k" + UP,
    ],
    "grad-weight": [
        rf"\frac{{\partial L_i}}{{\partial W_k}} = 2 {DZ} x_k^T" + DOWN,
        rf"\frac{{\partial L_i}}{{\partial W_k}} = {DZ} x_k" + DOWN,
        rf"\frac{{\partial L_i}}{{\partial W_k}} = {DZ} x_k^T",
        rf"\frac{{\partial L_i}}{{\partial b_k}} = {DZ}" + DOWN,
        rf"{DW} = {DW}" + DOWN,
    ],
    "grad-preactivation": [
        BELOW.replace(">", r"\ge") + DOWN,
        BELOW.replace("^T", ""),
        BELOW + r" \qquad k = M, \dots, 0",
        BELOW + r" \qquad k = M-1, \dots, 1",
        BELOW + r" \qquad k = M, \dots, 2",
        r"\frac{\partial L_i}{\partial x_k} = W_k^T " + DZ + DOWN,
    ],
    "sgd-weight": [
        rf"W_k \leftarrow W_k + \eta {DW}",
        rf"W_k \leftarrow W_k - 2 {DW}",
        rf"W_k \leftarrow W_k - \frac{{\eta}}{{N}} {DW}",
        r"b_k \leftarrow b_k - \eta \frac{\partial L}{\partial b_k}",
        rf"W_k \leftarrow W_k - \eta {DW} \qquad k = M, \dots, 1",
    ],
    "cost-weights": [
        r"P = \sum_{k=1}^M D_{k+1} D_k",
        r"P = \sum_{k=0}^{M-1} D_{k+1} D_k",
        r"P = \sum_{k=0}^M D_k D_k",
        r"P = \sum_{k=0}^M D_{k+1}",
        r"P = N \sum_{k=0}^M D_{k+1} D_k",
    ],
    "softmax": [
        r"p_j = e^{z_j}",
        r"p_j = \frac{e^{-z_j}}{\sum_n e^{-z_n}}",
        r"p_j = \frac{e^{z_j}}{1 + \sum_n e^{z_n}}",
        r"p_i = \operatorname{softmax}[z]_j",
        r"p_j = e^{z_j} - \operatorname{lse}[z]",
    ],
    "relu-derivative": [
        r"f'[z] = \mathbb{I}[z \ge 0]",
        r"f'[z] = \mathbb{I}[z < 0]",
        r"f[z] = \max(0, z)",
    ],
    "momentum-velocity": [
        r"\tilde v = \mu v - g",
        r"\tilde v = \mu v + (1 - \mu) g",
        r"\tilde v = v + \mu g",
    ],
    "nesterov-direction": [r"n = g + \mu v", r"n = g + \tilde v", r"n = \mu \tilde v"],
    "adam-square": [
        r"\tilde q = \gamma q + (1 - \gamma) g",
        r"\tilde q = \gamma q + (1 - \gamma)^2 g^2",
        r"\tilde q = \gamma q + g^2",
    ],
    "schedule-cosine": [
        r"s(t) = c + (1 - c) \frac{1 - \cos(\pi t / T)}{2}",
        r"s(t) = c + \frac{1 + \cos(\pi t / T)}{2}",
        r"s(t) = c + (1 - c) \frac{1 + \cos(2 \pi t / T)}{2}",
    ],
    "schedule-warm-up": [
        WARM_UP.format("t > w", "t - w"),
        WARM_UP.format("t < w", "t"),
        WARM_UP.format(r"t \le w", "t - w"),
    ],
}


def held(label, source):
    is_rule = label.startswith(("momentum", "nesterov", "adam", "schedule"))
    declarations = ("p, z: vector[D]",) if label == "softmax" else RULES if is_rule else RELU
    return ask(source, *declarations, label=label, code="backproof")


@pytest.mark.parametrize(("label", "source"), [(k, s) for k, all_ in RIGHT.items() for s in all_])
def test_what_the_code_computes_is_held_to_its_line(label, source):
    """The same equation written in another way is held to the same line."""
    result = held(label, source)

    assert result.passed, result.problem
    assert result.checked
    file, line = result.held_to.split(" ")[0].split(":")
    tags = {each.place: each.label for each in labelled_lines("backproof").values()}
    assert tags[f"{file}:{line}"] == label


@pytest.mark.parametrize(("label", "source"), [(k, s) for k, all_ in WRONG.items() for s in all_])
def test_a_slip_in_an_equation_is_seen(label, source):
    """Also where the equation is true, but of something else than the line computes."""
    result = held(label, source)

    assert code_of(result) in ("BP202", "BP203", "BP301", "BP302", "BP304")
    assert not result.passed
    assert not result.held_to


def test_a_true_equation_of_something_else_is_refused_by_the_code():
    """The reason gives the line, and what it computes beside what the equation says."""
    doubled = held("cost-weights", r"P = \sum_{k=0}^M D_k D_k")
    shorter = held("forward-affine", r"z_k = b_k + W_k x_k \qquad k = 1, \dots, M-1")

    assert code_of(doubled) == code_of(shorter) == "BP304"
    assert doubled.claim == "the code computes D_0*D_1, the equation says D_0**2"
    assert str(doubled.problem).startswith("BP304: backproof/cost.py:")
    assert shorter.claim == "with M = 2 the code runs for layers [1, 2], the equation for [1]"


def test_a_false_equation_keeps_its_witness_and_its_mend():
    """That the code does something else says less than what would make it true."""
    result = held("grad-weight", rf"\frac{{\partial L_i}}{{\partial W_k}} = 2 {DZ} x_k^T" + DOWN)

    assert code_of(result) == "BP301"
    assert result.problem is not None
    assert result.problem.mend == "True if `2` is left out."


def test_what_has_no_line_is_not_called_held():
    """A label of the page only is no label of the code."""
    result = held("nowhere", "z_k = b_k + W_k x_k")

    assert (result.outcome, result.held_to) == (
        Outcome.PROVED,
        "no line of code bears this label",
    )


# Watching


@pytest.fixture
def watch(tmp_path, monkeypatch, request):
    """Write a module, run its function `run` while it is watched, return what was observed."""

    def watch_module(text):
        name = "watched_" + "".join(filter(str.isalnum, request.node.name))
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        module = importlib.import_module(name)
        with watched(name) as seen:
            module.run()
        return seen

    return watch_module


def test_a_name_is_seen_before_and_after(watch):
    """The value is of after the line, the names are of before it."""
    seen = watch("def run():\n    a = 2\n    a = a + 1  # one-more\n    a = 9\n    return a\n")

    assert [(s.label, s.value, s.names) for s in seen] == [("one-more", 3, {"a": 2})]
    assert seen[0].place.endswith("/__init__.py:3")


def test_a_line_in_a_loop_is_seen_each_time(watch):
    """With a list as it was at that time, and an item by its index, whatever that is made of."""
    seen = watch(
        "def run():\n    x = [1, 0, 0]\n    for k in range(1, 3):\n"
        "        x[k] = 10 * x[k - 1]  # tenfold\n"
    )

    assert [(s.value, s.names["k"], s.names["x"]) for s in seen] == [
        (10, 1, [1, 0, 0]),
        (100, 2, [1, 10, 0]),
    ]


def test_an_item_of_a_given_place(watch):
    """x[0] and x["b"] as well as x[k - 1] is not."""
    seen = watch('def run():\n    x = {}\n    x["b"] = 5  # of-b\n    x[0] = 6  # of-zero\n')

    assert [s.value for s in seen] == [5, 6]


def test_what_is_returned_is_seen(watch):
    """Of a nested function, of each call, and with a generator expression in it."""
    seen = watch(
        "def run():\n    def inner(n):\n        return sum(i for i in range(n))  # total\n"
        "    return inner(3) + inner(4)  # both\n"
    )

    assert [(s.label, s.value) for s in seen] == [("total", 3), ("total", 6), ("both", 9)]
    assert seen[0].names == {"n": 3}


def test_a_recursive_line_is_seen_from_the_inside_out(watch):
    """Each call has its own names."""
    seen = watch(
        "def run(n=3):\n    if n == 0:\n        return 1\n    return n * run(n - 1)  # factorial\n"
    )

    assert [(s.value, s.names["n"]) for s in seen] == [(1, 1), (2, 2), (6, 3)]


def test_only_a_label_is_a_label(watch):
    """Neither a comment on its own line, nor one with capitals, words or one space before it."""
    seen = watch(
        "def run():\n    # alone\n    a = 1  # Two\n    b = a  # two words\n    c = b # one-space\n"
        "    d = 'x'  # not_this\n    return a, b, c, d  # 2nd\n"
    )

    assert seen == []


@pytest.mark.parametrize(("line", "value"), [("a += 1", 2), ("a: int = 3", 3), ("a = b = 4", 4)])
def test_every_kind_of_assignment_is_seen(watch, line, value):
    """In place, with a type, or to several names."""
    before = "" if ":" in line else "    a = 1\n"
    seen = watch(f"def run():\n{before}    {line}  # kind\n    return a\n")

    assert [s.value for s in seen] == [value]


@pytest.mark.parametrize("line", ["run.a = 1", "a, b = 1, 2", "print(end='')"])
def test_a_line_that_cannot_be_watched_is_an_error(watch, line):
    """It is not passed over, nor seen as nothing."""
    with pytest.raises(TypeError, match="is not watched"):
        watch(f"def run():\n    {line}  # odd\n    return 1\n")


def test_watching_ends_with_the_block(watch):
    """Whoever traced before, such as a debugger, traces again."""
    before = sys.gettrace()
    watch("def run():\n    return 1  # one\n")

    assert sys.gettrace() is before
