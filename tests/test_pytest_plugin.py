"""Each equation is a test where that is asked for, and nothing happens where it is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
GOOD = "$$ z = W x $$ (first)\n\n$$ z = W x $$\n"
BAD = "text\n\n> $$\n> a = bad\n> $$ (second)\n"
STUB = (
    "import sys\nimport stub_checker\n"
    "sys.modules['backproof.checking.documents'] = stub_checker.module()\n"
)


@pytest.fixture
def run(tmp_path):
    """Run pytest with the plugin in a project of its own, where a stub judges."""
    (tmp_path / "conftest.py").write_text(STUB)
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")

    def run_pytest(*arguments, ini=""):
        (tmp_path / "pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{ini}\n")
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "NO_COLOR": "1"}
        environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), *sys.path])
        command = [sys.executable, "-m", "pytest", "-p", "backproof.pytest_plugin", "-v"]
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run_pytest


def test_failure_is_reported_in_the_words_of_the_report(run, tmp_path):
    """A wrong equation fails its own item, with place, caret and mend, and no traceback."""
    (tmp_path / "notes.md").write_text(GOOD + "\n" + BAD)
    status, out = run("--backproof", "*.md")
    assert status == 1
    assert "notes.md::eq first PASSED" in out
    assert "notes.md::eq line 3 PASSED" in out
    assert "notes.md::eq second FAILED" in out
    assert "notes.md::document PASSED" in out
    assert "notes.md:8:7: BP203 shapes that do not fit: shapes: (m,) against (n,)." in out
    assert "    a = bad\n        ^^^\n  Transpose it.\n" in out
    assert "Traceback" not in out


@pytest.mark.parametrize("text", ["no formula\n", "$$ given = 1 $$\n"])
def test_nothing_checked_fails(run, tmp_path, text):
    """A document of which nothing was checked fails."""
    (tmp_path / "notes.md").write_text(text)
    status, out = run("--backproof", "notes.md")
    assert status == 1
    assert "notes.md::document FAILED" in out
    assert "BP401 nothing was checked" in out


def test_unreadable_document_fails(run, tmp_path):
    """A document that cannot be read is an error at its place."""
    (tmp_path / "notes.md").write_text("$$ open\n")
    status, out = run("--backproof", "notes.md")
    assert status == 2
    assert "notes.md:1:1: BP402" in out


@pytest.mark.parametrize("how", ["option", "ini"])
def test_pattern_without_a_file(run, how):
    """A pattern that matches nothing is a mistake, not an empty success."""
    asked = ["--backproof", "x/*.md"] if how == "option" else []
    status, out = run(*asked, ini="" if asked else "backproof_documents = x/*.md")
    assert status == 4
    assert "x/*.md matches no file" in out


def test_inert_unless_asked(run, tmp_path):
    """Without a pattern no document is collected and nothing of the checker imported."""
    (tmp_path / "notes.md").write_text(BAD)
    (tmp_path / "test_one.py").write_text(
        "import sys\ndef test_one():\n"
        "    assert 'markdown_it' not in sys.modules and 'sympy' not in sys.modules\n"
    )
    status, out = run()
    assert status == 0
    assert "1 passed" in out


def test_ini_option_and_testpaths(run, tmp_path):
    """The documents of the ini file are collected, though `testpaths` does not name them."""
    (tmp_path / "docs" / "deep").mkdir(parents=True)
    (tmp_path / "docs" / "deep" / "notes.md").write_text(GOOD)
    ini = "backproof_documents = docs/**/*.md\ntestpaths = test_one.py"
    status, out = run(ini=ini)
    assert status == 0
    assert "docs/deep/notes.md::eq first PASSED" in out
    assert "4 passed" in out


def test_a_file_by_name_is_run_alone(run, tmp_path):
    """Who names a test runs that test only."""
    (tmp_path / "notes.md").write_text(BAD)
    status, out = run("test_one.py", ini="backproof_documents = *.md")
    assert (status, "1 passed" in out) == (0, True)


def test_equal_names_are_told_apart(run, tmp_path):
    """Two equations with one label are two items."""
    (tmp_path / "notes.md").write_text("$$ a $$ (one)\n\n$$ b $$ (one)\n")
    _, out = run("--backproof", "*.md")
    assert "eq one PASSED" in out
    assert "eq one (2) PASSED" in out
