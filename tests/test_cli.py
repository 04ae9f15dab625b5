"""The command line fails when it should, and says where, why and what to do."""

import json
import re

import pytest
import stub_checker

from backproof.cli import files, main
from backproof.equations.refusal import CODES
from backproof.explanations import EXPLANATIONS

GOOD = "$$ z = W x $$ (first)\n"
BAD = "text\n\n> $$\n> a = bad\n> $$ (second)\n"


@pytest.fixture(autouse=True)
def checker(monkeypatch, tmp_path):
    """Judge by a word, in an empty directory."""
    stub_checker.install(monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(tmp_path, capsys):
    """Write notes.md and run a command; return its status and what it printed."""

    def run_command(text, *arguments):
        (tmp_path / "notes.md").write_text(text, encoding="utf-8")
        status = main(["check", "notes.md", *arguments])
        return status, capsys.readouterr().out

    return run_command


def test_failure_is_placed_and_mended(run):
    """A failure is one line with its place, the formula with carets, and the mend."""
    status, out = run(GOOD + "\n" + BAD)
    assert status == 1
    assert out == (
        "notes.md:6:7: BP203 shapes that do not fit: shapes: (m,) against (n,).\n"
        "    a = bad\n"
        "        ^^^\n"
        "  Transpose it.\n"
        "\n"
        "2 equations: 1 proved, 0 not checked, 1 refused\n"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no formula", "no displayed equation was found"),
        ("$$ given = 1 $$", "no equation was proved"),
        ("% backproof: outside: reason\n\n$$ a $$", "no equation was proved"),
    ],
)
@pytest.mark.parametrize("form", ["human", "github"])
def test_nothing_checked_fails(run, text, why, form):
    """Nothing checked is a failure, and says so."""
    status, out = run(text, "--format", form)
    assert status == 1
    assert "BP401" in out
    assert why in out


def test_unreadable_document_does_not_hide_others(run, tmp_path):
    """A document that cannot be read fails the run; the others are checked all the same."""
    (tmp_path / "other.md").write_text("$$ open\n")
    status, out = run(BAD, "other.md")
    assert status == 1
    assert "notes.md:4:7: BP203" in out
    assert "other.md:1:1: BP402" in out


@pytest.mark.parametrize(
    "arguments",
    [[], ["check"], ["check", "absent.md"], ["explain", "BP999"], ["check", "--format", "x", "."]],
)
def test_usage_errors(arguments, capsys):
    """A command that cannot be understood has a status of its own."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_success_is_quiet(run):
    """What passes is counted; it is listed on demand."""
    status, out = run(GOOD)
    assert (status, out) == (0, "1 equation: 1 proved, 0 not checked\n")
    status, out = run(GOOD, "--verbose")
    assert out.startswith("notes.md:1:4: first proved: both sides are the same (all sizes)\n")


def test_totals_name_every_outcome(run):
    """Each outcome is counted by its own name."""
    wrong = "% backproof: expect: wrong\n\n$$ w $$\n\n"
    outside = "% backproof: outside: why\n\n$$ o $$\n\n"
    status, out = run(f"{GOOD}\n{GOOD}\n$$ given $$\n\n{wrong}{outside}")
    assert status == 0
    assert out == (
        "5 equations: 2 proved, 1 wrong, as expected, 1 definition taken as given, 1 not checked\n"
    )


def test_json(run):
    """The keys are those that are documented, and places are those of the letters."""
    status, out = run(GOOD + "\n" + BAD, "--format", "json")
    content = json.loads(out)
    assert status == 1
    assert set(content) == {"passed", "totals", "equations", "problems"}
    assert content["passed"] is False
    assert content["totals"]["proved"] == content["totals"]["refused"] == 1
    good, bad = content["equations"]
    assert good["problem"] is None
    assert good["uses"] == ["first"]
    assert set(good) == {
        *("path", "line", "column", "label", "source", "outcome", "claim", "scope"),
        *("held_to", "uses", "problem"),
    }
    assert bad["problem"] == {
        "code": "BP203",
        "title": CODES["BP203"],
        "message": "shapes: (m,) against (n,).",
        "mend": "Transpose it.",
        "line": 6,
        "column": 7,
    }


def test_json_problems(run):
    """What is wrong outside the equations has the same keys."""
    _, out = run("$$ open\n", "--format", "json")
    (problem,) = json.loads(out)["problems"]
    assert (problem["path"], problem["line"], problem["code"]) == ("notes.md", 1, "BP402")


def test_github_annotations(run, tmp_path):
    """Annotations escape what GitHub would read as a command."""
    (tmp_path / "a,b%.md").write_text(BAD)
    _, out = run(GOOD, "a,b%.md", "--format", "github")
    assert out.startswith("::error file=a%2Cb%25.md,line=4,col=7,title=BP203::shapes: (m,) ")


def test_directories(tmp_path):
    """A directory stands for the documents below it, in order, hidden ones excepted."""
    for name in ("b.md", "a.tex", "c.txt", ".git/d.md", "sub/e.ipynb", "sub/f.rst"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in files(tmp_path)]
    assert found == ["a.tex", "b.md", "sub/e.ipynb", "sub/f.rst"]


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(code, capsys):
    """A code has a title and an explanation that ends."""
    assert main(["explain", code.lower()]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{code}: {CODES[code]}\n\n")
    assert out.rstrip().endswith((".", "?"))
    assert set(EXPLANATIONS) == set(CODES)


def test_version(capsys):
    """The version is that of the package."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert re.fullmatch(r"backproof \d+\.\d+\.\d+\S*\n", capsys.readouterr().out)
