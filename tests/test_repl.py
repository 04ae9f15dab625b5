"""The REPL: names at hand, mathematics in two dimensions, mistakes in plain words."""

import doctest
import os
import re
import select
import subprocess
import sys
import time

import numpy as np
import pytest

from backproof.repl.mistakes import plainly
from backproof.repl.session import BANNER, names
from backproof.repl.topics import TOPICS, Help

PROMPT = re.compile(r"^In \[\d+\]: ", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[\d;]*m")

TYPED = {
    "matrix": 'tiny(2, 2, 1).jacobian("z1", "z0")',
    "list": "[sympy.sqrt(2), 1]",
    "verdict": "prove(tiny(1, 1))",
    "user": "1 / 0",
    "swapped": "forward(np.ones((2, 3)), Network.he([2, 3], seed=0))",
    "tb": "%tb",
    "tiny": "forward(tiny(2, 2, 1), np.ones((2, 3)))",
    "tape": "backward(Network.he([2, 3], seed=0), np.ones((2, 3)), 1)",
    "refused": "prove_regions([2, 'a'])",
    "attribute": "backproof.Network.hee",
    "method": "tiny(2, 1).jacobain",
    "name": "tinny(2)",
    "call": "prove()",
    "nested": "(lambda: forward(Network.he([2, 3], seed=0), np.ones((3, 3))))()",
    "claim": r'claim(r"\frac{\partial L}{\partial b_k} = \frac{\partial L}{\partial z_k}")',
    "escape": r'claim("\frac{a}{b}")',
    "help": "help",
    "usage": "?",
    "topic": 'help("jacobian")',
    "pydoc": "help(prove)",
    "jacobian": 'jacobian(lambda x: x * x, "x: 2")',
    "local": "jacobian(lambda x: x if x[0] > x[1] else 2 * x, x=np.array([1.0, 2.0]))",
    "check": 'check(lambda x: x * x, lambda dout, x: dout * x, "x: N D")',
    "assert": 'assert_backward(lambda x: x * x, lambda dout, x: dout * x, "x: N D")',
    "declared": 'check(lambda x: x * x, lambda dout, x: dout * x, "x ~ N D")',
    "exercise": 'exercise("99.1")',
    "who": "%who",
}
"""What is typed, in this order, in one session: each start takes seconds."""


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """Return an environment with a profile and a history of its own."""
    return os.environ | {
        "IPYTHONDIR": str(tmp_path_factory.mktemp("ipython")),
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "PYTHONIOENCODING": "utf-8",
        "TERM": "xterm",
    }


def session(lines, surroundings, *start):
    """Type lines into a session and return what it answers to each."""
    start = start or ("-m", "backproof")
    text = "".join(f"{line}\n" for line in lines)
    ended = subprocess.run(
        [sys.executable, *start],
        input=text,
        env=surroundings,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=True,
    )
    banner, *answers = PROMPT.split(COLOUR.sub("", ended.stdout))
    return [banner, *(re.sub(r"^Out\[\d+\]: \n?", "", each).strip() for each in answers)]


@pytest.fixture(scope="module")
def answers(surroundings):
    """Return the answers to everything in TYPED, by name."""
    banner, *found = session(TYPED.values(), surroundings)
    assert BANNER in banner
    return dict(zip(TYPED, found, strict=False))


def test_mathematics_is_pretty(answers):
    """A matrix is printed in two dimensions, a verdict as its text, and a list on one line."""
    assert "⎡W₁ ₁₁⋅step(z₀ ₁)⎤" in answers["matrix"]
    assert answers["list"] == "[sqrt(2), 1]"
    assert answers["verdict"].startswith("proved: all 3 entries")


ONE_LINE = {
    "swapped": "TypeError: forward(network, x_0): network is a ndarray. Swap it with x_0.",
    "tiny": "AttributeError: a tiny network has no W and b of its own. Pass net.network, the "
    "network of its symbols, and net.x, its input.",
    "tape": "TypeError: tape must be what forward returns, but is a ndarray. "
    "Pass forward(network, x).",
    "refused": "ValueError: widths must be D_0, ..., D_{M+1}: at least two positive whole "
    "numbers, such as [2, 16, 1], but is [2, 'a'].",
    "attribute": "AttributeError: type object 'Network' has no attribute 'hee'. Did you mean 'he'?",
    "method": "AttributeError: 'Tiny' object has no attribute 'jacobain'. Did you mean 'jacobian'?",
    "name": "NameError: name 'tinny' is not defined. Did you mean 'tiny'?",
    "call": "TypeError: prove() missing 1 required positional argument: 'net'\n"
    "  help(prove) shows how to call it.",
}


@pytest.mark.parametrize("mistake", ONE_LINE)
def test_a_mistake_takes_no_traceback(answers, mistake):
    """Wrong arguments, swapped ones and slips of the pen are answered in a line or two."""
    assert answers[mistake] == ONE_LINE[mistake]


def test_a_mistake_within_a_function_has_its_line(answers):
    """Where the wrong call stands in a function, that line is shown."""
    message, line = answers["nested"].split("\n")
    assert message.startswith("ValueError: x must have shape (2, 3)")
    assert line.startswith("  in <lambda>, line 1: ")


def test_errors_of_the_user_keep_their_traceback(answers):
    """What goes wrong in the user's own code is shown as IPython shows it."""
    assert "Traceback (most recent call last)" in answers["user"]
    assert answers["user"].endswith("ZeroDivisionError: division by zero")


def test_tb_shows_the_whole_traceback(answers):
    """Behind a line in plain words the traceback is still there."""
    assert "Traceback (most recent call last)" in answers["tb"]
    assert "recursion.py" in answers["tb"]


def test_claims(answers):
    """A false claim is answered with carets and a mend, a lost backslash with what was lost."""
    assert answers["claim"].startswith("refused: BP203")
    assert "^^^" in answers["claim"]
    assert answers["escape"].startswith("ValueError: Python has read a backslash of '\\x0crac")


def test_help(answers):
    """`help` and `?` alone list the topics; with a name they show it."""
    assert answers["help"] == answers["usage"] == repr(Help()).strip()
    assert answers["topic"].startswith("What is the Jacobian?")
    assert "Prove that `backward` gives" in answers["pydoc"]


def test_jacobians(answers):
    """A Jacobian is a matrix, and one that holds for one branch says so."""
    assert "2⋅x₁" in answers["jacobian"]
    assert answers["local"].endswith("where x_1 - x_2 <= 0")
    assert answers["local"].startswith("⎡2  0⎤")


def test_checks_of_code(answers):
    """A verdict is printed as it is, and what cannot be judged is said in a line."""
    assert answers["check"].startswith("differs: dx")
    assert answers["assert"].startswith("AssertionError: differs: dx\n  cause: factor")
    assert answers["declared"].startswith("ValueError: the declaration 'x ~ N D' cannot be read")
    assert answers["exercise"].startswith("ValueError: there is no exercise '99.1'")


def test_names_at_hand_are_not_the_users(answers):
    """%who lists what the user defined, and that is nothing."""
    assert answers["who"] == "Interactive namespace is empty."


def test_extension(surroundings):
    """A session of IPython that is open already gets the same names."""
    start = ("-m", "IPython", "--no-banner")
    typed = ["%load_ext backproof.repl", "prove(3)", "net = tiny(2, 1)", "%who"]
    _, _, refused, _, listed, *_ = session(typed, surroundings, *start)
    assert refused.startswith("TypeError: net must be a network of symbols")
    assert listed == "net"


def test_without_ipython(surroundings):
    """Without IPython the session of the standard library serves, and says what is missing."""
    start = (
        "-c",
        "import sys; sys.modules['IPython'] = None; import backproof.repl as r; r.main()",
    )
    typed = ["tiny(2, 2, 1).jacobian('z1', 'b1')", "prove(3)", "1 / 0"]
    typed += ["def backward(dout, x):", "    return dout * x", ""]
    typed += ['check(lambda x: x * x, backward, "x: N D")']
    (text,) = session(typed, surroundings, *start)
    assert "pip install ipython" in text
    assert "[1]" in text
    assert "TypeError: net must be a network of symbols" in text
    assert text.count("Traceback") == 1
    assert "line 2: return dout * x\n" in text  # what was typed is kept


def test_command_in_a_terminal(surroundings):
    """`backproof` alone opens a session where somebody can type; Tab completes, Ctrl-D leaves."""
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    controller, terminal = pty.openpty()
    start = [sys.executable, "-c", "import sys; from backproof.cli import main; sys.exit(main())"]
    with subprocess.Popen(
        start, stdin=terminal, stdout=terminal, stderr=terminal, env=surroundings
    ) as process:
        os.close(terminal)
        try:
            read_until(controller, "In [1]: ")
            os.write(controller, b"Network.gl\t")
            read_until(controller, "Network.glorot")
            os.write(controller, b"\r")
            read_until(controller, "In [2]: ")
            os.write(controller, b"\x04")
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
            os.close(controller)


def read_until(controller, text, seconds=30):
    """Wait until the terminal shows `text`, whatever it moves and colours on the way."""
    shown, end = "", time.monotonic() + seconds
    while text not in re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown):
        assert time.monotonic() < end, shown
        if select.select([controller], [], [], 1)[0]:
            shown += os.read(controller, 4096).decode("utf-8", "replace")


def test_command_without_a_terminal():
    """Where nobody can type, `backproof` alone says how it is used and fails."""
    start = [sys.executable, "-c", "import sys; from backproof.cli import main; sys.exit(main())"]
    ended = subprocess.run(start, input="", capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "usage: backproof" in ended.stderr


def test_module_with_arguments_is_the_command():
    """`python -m backproof explain BP203` is the command, not a session."""
    start = [sys.executable, "-m", "backproof", "explain", "BP203"]
    ended = subprocess.run(start, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("BP203")


def test_the_command_does_not_wait_for_the_session():
    """Who checks documents imports neither IPython nor the session."""
    code = "import sys, backproof.cli; print({'IPython', 'backproof.repl'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"


def test_a_session_starts_about_as_fast_as_its_parts(surroundings):
    """The start takes no more than three times what IPython, NumPy and SymPy take together."""
    parts = ("-c", "import sympy, IPython; IPython.start_ipython(argv=['--no-banner'])")

    def fastest(*start):
        return min(seconds(lambda: session([], surroundings, *start)) for _ in range(3))

    assert fastest("-m", "backproof") < 3 * fastest(*parts)


def seconds(action):
    """Return how long an action takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


@pytest.mark.parametrize("topic", TOPICS)
def test_topics_are_true(topic):
    """The examples of each topic are run, with the names of a session."""
    parsed = doctest.DocTestParser().get_doctest(TOPICS[topic], names(), topic, None, 0)
    report = []
    result = doctest.DocTestRunner(verbose=False).run(parsed, out=report.append)
    assert result.attempted
    assert not result.failed, "".join(report)


def test_an_unknown_topic_names_a_near_one(capsys):
    """A slip in the name of a topic is answered with the topic."""
    Help()("jacobean")
    assert 'Did you mean help("jacobian")?' in capsys.readouterr().out


def test_an_accident_is_no_mistake_of_the_user(monkeypatch):
    """What breaks within Backproof, and is not refused by it, keeps its traceback."""
    from backproof import tiny

    net = tiny(2, 1)
    monkeypatch.setattr(net, "widths", None)
    with pytest.raises(TypeError) as caught:
        _ = net.targets
    assert plainly(caught.value, {}) == ""


def test_a_library_called_by_backproof_is_no_mistake_of_the_user():
    """An error out of NumPy is shown with its traceback, whoever called it."""
    with pytest.raises(ValueError, match="could not convert") as caught:
        np.float64("x")
    assert plainly(caught.value, {"np": np}) == ""


def test_an_interrupted_check_shows_one_word():
    """Ctrl-C while Backproof works is no error; in the user's own loop the place is shown."""
    from backproof import Activation, Network, forward

    def interrupted(*_):
        raise KeyboardInterrupt

    slow = Network.he([2, 3, 1], seed=0, activation=Activation("slow", interrupted, interrupted))
    with pytest.raises(KeyboardInterrupt) as caught:
        forward(slow, np.ones((2, 1)))
    assert plainly(caught.value, {}) == "KeyboardInterrupt"
    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()
    assert plainly(caught.value, {}) == ""
