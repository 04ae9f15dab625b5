"""A Sphinx project with one wrong formula does not build; a right one shows what was checked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from docutils import nodes

from backproof.badges import MOST_LETTERS, badge_of
from backproof.checking.report import Outcome, Result
from backproof.dependencies import state, svg
from backproof.doctrees import anchor_of, written_out
from backproof.equations.documents import Equation

TESTS = Path(__file__).parent
STUB = (
    f"import sys; sys.path.insert(0, {str(TESTS)!r}); import stub_checker\n"
    "sys.modules['backproof.checking.documents'] = stub_checker.module()\n"
)
CONF = (
    'version = copyright = "1"\n'
    'extensions = ["myst_parser", "backproof.sphinx"]\n'
    'myst_enable_extensions = ["dollarmath", "amsmath"]\n'
)
INDEX = """\
# Title

$$
z = W x
$$ (first)

- in a list

  > $$
  > q =
  >   v
  > $$

% backproof: expect: wrong

$$ w $$

```{backproof-evidence}
```

```{backproof-graph}
```

```{toctree}
other
```
"""
OTHER = """\
Other
=====

.. backproof: expect: wrong

.. math:: u

.. math::
   :label: second

   a = b

   c = d
"""
DERIVED = r"""# Notes

$$
z_k = b_k + W_k x_k
$$ (forward)

$$
\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k^{\mathsf T}
$$ (gradient)
"""


@pytest.fixture
def project(tmp_path):
    """Make a project; return a function that builds it."""

    def build(*options, conf=STUB + CONF, builder="html", **pages):
        (tmp_path / "conf.py").write_text(conf)
        for name, text in pages.items():
            path = tmp_path / name.replace("__", ".")
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "sphinx",
            "--no-color",
            "-q",
            "-b",
            builder,
            "-d",
            "_doctrees",
        ]
        done = subprocess.run(
            [*command, "-b", builder, *options, ".", f"_build/{builder}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    return build


def test_dropped_transpose_fails_the_build(project):
    """The whole promise: one transpose, and the build names file, line, formula and mend."""
    status, errors = project("-W", conf=CONF, index__md=DERIVED)
    assert (status, errors) == (0, "")
    status, errors = project("-W", conf=CONF, index__md=DERIVED.replace(r"^{\mathsf T}", ""))
    assert status == 1
    assert "index.md:8: WARNING: BP" in errors
    assert r"\frac{\partial L}{\partial z_k} x_k" in errors
    assert "^" in errors.split("x_k\n")[1]
    assert "transpose" in errors


@pytest.mark.parametrize("options", [(), ("-j", "2")])
def test_wrong_equation_is_a_warning_of_every_build(project, options):
    """The warning has line, code, caret and mend; -W fails, now and when nothing has changed."""
    pages = {"index__md": INDEX.replace("  v", "  bad"), "other__rst": OTHER}
    for _ in range(2):
        status, errors = project("-W", *options, **pages)
        assert status == 1
        assert re.search(
            r"/index\.md:11: WARNING: BP203 .*\n +bad\n +\^\^\^\n +Transpose it\. "
            r"\[backproof\.bp203\]",
            errors,
        )
    status, errors = project("-W", **{**pages, "index__md": INDEX})
    assert (status, errors) == (0, "")


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("# T\n\n$$a$$\n\n% backproof: outside:\n\n$$b$$\n", 5, "BP403"),
        ("# T\n\n$$a$$\n\n<!-- backproof\nexpect: wrong\n-->\n", 6, "BP206"),
        ("# T\n\n$$a$$\n\n```{note}\n% backproof: expect: right\n\n$$b$$\n```\n", 6, "BP206"),
    ],
)
def test_bad_word_about_the_next_equation(project, text, line, code):
    """What the reader of a page does not accept is a warning at its own line."""
    status, errors = project("-W", index__md=text)
    assert status == 1
    assert f"index.md:{line}: WARNING: {code}" in errors


@pytest.mark.parametrize("text", ["# T\n\ntext\n", "# T\n\n$$ given $$\n"])
def test_nothing_checked_warns(project, text):
    """A project in which nothing is checked is not quietly right."""
    for _ in range(2):
        status, errors = project("-W", index__md=text)
        assert status == 1
        assert "BP401 nothing was checked" in errors


def test_a_warning_can_be_suppressed_by_its_code(project):
    """Warnings have a type, as Sphinx wants them."""
    conf = STUB + CONF + 'suppress_warnings = ["backproof.bp203"]\n'
    assert project("-W", conf=conf, index__md="# T\n\n$$a$$\n\n$$bad$$\n") == (0, "")


def test_code_and_declarations_are_handed_on(project):
    """`backproof_code` reaches the checker; what is declared for all pages is read."""
    conf = STUB + CONF + 'backproof_code = "refused"\n'
    status, errors = project("-W", conf=conf, index__md="# T\n\n$$a$$\n")
    assert status == 1
    assert "notes.md:3: WARNING: BP206" in errors
    conf = STUB + CONF + 'backproof_declarations = ["outside:"]\n'
    status, errors = project("-W", conf=conf, index__md="# T\n\n$$a$$\n")
    assert "conf.py:1: WARNING: BP403" in errors


def test_site_shows_what_was_checked(project, tmp_path):
    """Each equation has its badge; the table and the graph hold those of all pages."""
    assert project("-W", index__md=INDEX, other__rst=OTHER) == (0, "")
    page = (tmp_path / "_build/html/index.html").read_text()
    badges = re.findall(r'<details class="backproof-badge ([\w-]+)" id="([\w-]+)">', page)
    assert badges == [
        ("backproof-proved", "backproof-0"),
        ("backproof-proved", "backproof-1"),
        ("backproof-wrong", "backproof-2"),
    ]
    assert '<summary title="both sides are the same: all sizes">✓ proved</summary>' in page
    assert "5 equations: 3 proved, 2 wrong, as expected, 0 not checked" in page
    for link in ("#equation-first", "#backproof-1", "other.html#backproof-0"):
        assert f'href="{link}"' in page
    assert 'href="other.html#equation-second"' in page.split("<svg", 1)[1]
    assert "backproof-badges.css" in page
    assert (tmp_path / "_build/html/_static/backproof-badges.css").is_file()
    other = (tmp_path / "_build/html/other.html").read_text()
    assert len(re.findall("<details", other)) == 2


def test_evidence_follows_a_change_elsewhere(project, tmp_path):
    """A page that shows all results is written anew when another page changes, or is gone."""
    evidence = "# Results\n\n```{backproof-evidence}\n```\n"
    project(index__md=INDEX, other__rst=OTHER, results__md=evidence)
    shown = tmp_path / "_build/html/results.html"
    assert "5 equations: 3 proved" in shown.read_text()
    project(other__rst=OTHER + "\n.. math:: e = f\n")
    assert "6 equations: 4 proved" in shown.read_text()
    (tmp_path / "other.rst").unlink()
    project(index__md=INDEX + "\ntext\n")
    assert "3 equations: 2 proved" in shown.read_text()


def test_equal_formulas_have_their_own_places(project):
    """The second of two equal formulas is not mistaken for the first."""
    text = "# T\n\n% backproof: expect: wrong\n\n$$bad$$\n\n$$a$$\n\n> $$bad$$\n"
    _, errors = project(index__md=text)
    assert errors.count("WARNING") == 1
    assert "index.md:9: WARNING: BP203" in errors


@pytest.mark.parametrize("builder", ["text", "latex", "gettext", "epub"])
def test_other_builders(project, builder):
    """No builder stumbles over badge, table or graph."""
    assert project("-W", builder=builder, index__md=INDEX, other__rst=OTHER) == (0, "")


def test_page_without_badges_elsewhere(project, tmp_path):
    """In text there is the table, and nothing by the equations."""
    project(builder="text", index__md=INDEX, other__rst=OTHER)
    text = (tmp_path / "_build/text/index.txt").read_text()
    assert text.count("both") == 3  # the rest of the claim is on the next line of its cell
    assert "<svg" not in text


# The parts


def result(label, outcome, *uses):
    return Result(Equation("a", "x.md", 1, 1, label), outcome, "claim", uses=uses)


def test_states_follow_what_an_equation_builds_on():
    """An equation is complete only if everything below it is, through circles too."""
    found = {
        each.equation.label: each
        for each in (
            result("d", Outcome.TAKEN),
            result("a", Outcome.PROVED, "d", "b"),
            result("b", Outcome.PROVED, "a"),
            result("bad", Outcome.DIFFERS),
            result("c", Outcome.PROVED, "e"),
            result("e", Outcome.PROVED, "bad"),
            result("f", Outcome.PROVED, "g"),
            result("g", Outcome.AGREES),
        )
    }
    states = {label: state(label, found) for label in found}
    assert states == {
        "d": "definition",
        "a": "complete",
        "b": "complete",
        "bad": "open",
        "c": "proved",
        "e": "proved",
        "f": "complete",
        "g": "held",
    }


def test_graph_leads_downwards():
    """An equation stands below those it builds on; an arrow back is dashed; names are safe."""
    drawing = svg(
        [result("a", Outcome.PROVED, "b"), result("b", Outcome.PROVED, "a"), result("<", "x")],
        {"a": "p.html#a"},
    )
    place = {name: float(y) for y, name in re.findall(r'<text [^>]*y="([\d.]+)">(.*?)<', drawing)}
    assert place["a"] < place["b"]
    assert drawing.count("backproof-back") == 1
    assert '<a href="p.html#a">' in drawing
    assert "&lt;" in place


def test_graph_of_nothing():
    """Without labels there is an empty drawing."""
    assert "<rect" not in svg([result("", Outcome.PROVED)], {})


def test_macros_of_the_renderers():
    """The macros of MathJax and KaTeX are written out as LaTeX has them."""
    written = written_out({"\\v": r"\mathbf{#1}", "R": r"\mathbb R", "n": ["#1#2", 2, "x"]})
    assert written.split("\n") == [
        r"\newcommand{\v}[1]{\mathbf{#1}}",
        r"\newcommand{\R}{\mathbb R}",
        r"\newcommand{\n}[2][x]{#1#2}",
    ]


def test_invented_labels_are_no_anchors():
    """The labels that MyST invents change with every build."""
    invented = "db08ba34-4a2d-40c7-8202-044b1de1a6e6"
    assert anchor_of(nodes.math_block(label=invented, ids=[f"equation-{invented}"])) == ""
    assert anchor_of(nodes.math_block(label="one", ids=["equation-one"])) == "equation-one"


def test_a_line_is_capped_and_the_details_are_not():
    """A long witness is cut in the tip; the badge that opens has it all."""
    claim = "1 is not 2 at " + ", ".join(f"a_{number} = 0" for number in range(99))
    node = badge_of(Result(Equation("a = b", "notes.md", 1, 1), Outcome.WRONG, claim), "here")

    assert len(node["tip"]) <= MOST_LETTERS
    assert node["tip"].endswith(" …")
    assert claim in node.astext()


def test_sums_that_nobody_reads_are_counted():
    """A formula of a thousand letters would take longer to typeset than it is worth."""
    equation = Equation("a = b", "notes.md", 1, 1)
    for index_form, shown in ((r"\sum_i a_i", r"\sum_i a_i"), ("a" * 999, "999 letters")):
        result = Result(equation, Outcome.PROVED, "in index form", index_form=index_form)
        assert shown in badge_of(result, "here").astext()
