"""The site shows nothing that was not run, and loads nothing from a network."""

import doctest
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import page_examples
import pytest

import backproof

ROOT = Path(__file__).parent.parent
# Whatever a browser fetches without being asked to; a plain link is the reader's own choice.
FETCHED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "image": "href",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}
NOT_FETCHED = {"search", "index", "next", "prev", "canonical"}

FAILING = """\
# A page

```pycon
>>> 1 + 1
2
```

- In a list:

  ```pycon
  >>> 1 + 2
  4
  ```

````{note}
```pycon
>>> [1, 2][3]
1
```
````
"""
FAILING_LINES = [11, 17]

NEVER_RUN = {
    "a python fence": "# T\n\n```python\n>>> 1\n1\n```\n",
    "a doctest directive": "# T\n\n```{doctest}\n>>> 1\n1\n```\n",
    "indented text": "# T\n\n\n    >>> 1\n    1\n",
    "plain text": "# T\n\n\n>>> 1\n",
    "a list": "# T\n\n\n- >>> 1\n",
    "a quotation": "# T\n\n> ```pycon\n> >>> 1\n> 1\n> ```\n",
    "a page shown as text": "# T\n\n````markdown\n>>> 1\n````\n",
    "after the fence": "```pycon\n1\n```\n>>> 1\n",
    "an unclosed fence": "# T\n\n\n```pycon\n",
    "a fence in a fence": "# T\n\n```pycon\n```python\n",
}


def run(*arguments, cwd):
    command = [sys.executable, "-m", *map(str, arguments)]
    # With CI set, pytest does not shorten its summary, and each location stands there once more.
    local = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(command, cwd=cwd, env=local, capture_output=True, text=True, check=False)


def sphinx(builder, cwd, out="out"):
    return run("sphinx", "-q", "-c", ".", "-n", "-W", "-b", builder, "docs", out, cwd=cwd)


@pytest.fixture
def project(tmp_path):
    """Give a function that makes a project of one page, with our settings."""
    for name in ("conf.py", "conftest.py", "pyproject.toml", "tests/page_examples.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("_extensions", "_static", "figures"):
        shutil.copytree(ROOT / "docs" / name, tmp_path / "docs" / name)
    shutil.copy(ROOT / "docs/references.bib", tmp_path / "docs")

    def write(text):
        (tmp_path / "docs/index.md").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    built = sphinx("html", ROOT, out)
    assert built.returncode == 0, built.stderr
    return out


def examples_on_pages():
    parser = doctest.DocTestParser()
    for page in (ROOT / "docs").rglob("*.md"):
        text = page_examples.examples_only(page, page.read_text(encoding="utf-8"))
        yield from parser.get_examples(text)


def examples_in_docstrings():
    for found in pkgutil.walk_packages(backproof.__path__, "backproof."):
        if not found.name.endswith("__main__"):
            for test in doctest.DocTestFinder().find(importlib.import_module(found.name)):
                yield from test.examples


def test_sphinx_runs_every_example_that_pytest_runs(tmp_path):
    ours = len([*examples_on_pages(), *examples_in_docstrings()])

    ran = sphinx("doctest", ROOT, tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    summary = (tmp_path / "output.txt").read_text(encoding="utf-8")
    assert re.findall(r"^ *(\d+) tests?$", summary, re.MULTILINE) == [str(ours)]


@pytest.mark.parametrize("text", NEVER_RUN.values(), ids=NEVER_RUN)
def test_an_example_that_would_never_run_is_refused_by_line(text):
    with pytest.raises(page_examples.PageError, match=r"^page\.md:4: "):
        page_examples.examples_only("page.md", text)


IN_ONE_PROCESS_AND_IN_TWO = pytest.mark.parametrize(
    "processes", [(), ("--numprocesses", "2")], ids=["one process", "two processes"]
)


@IN_ONE_PROCESS_AND_IN_TWO
@pytest.mark.parametrize(
    "page", ["```python\n>>> 1\n1\n```\n", "\n```pycon\n>>> 1 # doctest: +SKIP\n```\n"]
)
def test_a_page_with_an_unrun_example_fails_the_run(project, processes, page):
    ran = run("pytest", *processes, "docs", cwd=project(page))

    assert ran.returncode in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.TESTS_FAILED)
    assert re.search(r"^docs/index\.md:[23]: ", ran.stdout, re.MULTILINE)


@IN_ONE_PROCESS_AND_IN_TWO
def test_a_skipped_docstring_example_fails_the_run(project, processes):
    root = project("# A page\n")
    (root / "docs/skipping.py").write_text('"""Skip.\n\n>>> 1  # doctest: +SKIP\n"""\n')

    ran = run("pytest", *processes, "docs", cwd=root)

    assert ran.returncode == pytest.ExitCode.TESTS_FAILED
    assert "skipping.py:3: +SKIP" in ran.stdout


@IN_ONE_PROCESS_AND_IN_TWO
def test_pytest_tells_file_and_line_of_a_failing_example(project, processes):
    ran = run("pytest", *processes, "docs", cwd=project(FAILING))

    assert ran.returncode == pytest.ExitCode.TESTS_FAILED
    lines = re.findall(r"^docs/index\.md:(\d+): ", ran.stdout, re.MULTILINE)
    assert lines == [str(line) for line in FAILING_LINES]
    assert "examples: 3 on 1 pages and in 0 docstrings, all run" in ran.stdout


def test_sphinx_tells_file_and_line_of_a_failing_example(project):
    ran = sphinx("doctest", project(FAILING))

    assert ran.returncode == 1
    lines = re.findall(r'^File "docs/index\.md", line (\d+)', ran.stderr, re.MULTILINE)
    assert lines == [str(line) for line in FAILING_LINES]


@IN_ONE_PROCESS_AND_IN_TWO
def test_a_run_of_the_pages_without_an_example_fails(project, processes):
    ran = run("pytest", *processes, "docs", cwd=project("# A page\n"))

    assert ran.returncode != pytest.ExitCode.OK
    assert "examples: 0 on 0 pages" in ran.stdout


@IN_ONE_PROCESS_AND_IN_TWO
def test_a_run_that_only_finds_tests_fails_when_the_pages_were_asked_for(project, processes):
    root = project("# A page\n")
    (root / "tests/test_one.py").write_text("def test_one():\n    pass\n")

    assert (
        run("pytest", *processes, "docs", "tests", cwd=root).returncode
        == pytest.ExitCode.TESTS_FAILED
    )
    assert run("pytest", *processes, "tests", cwd=root).returncode == pytest.ExitCode.OK


@pytest.mark.parametrize(
    ("page", "warning"),
    [
        ("# A page\n\nText.\n\n$$\n\\frac{1\n$$\n", r"index\.md:5: WARNING: .*KaTeX parse error"),
        ("# A page\n\nText.\n\nHere: $\\frac$\n", r"index\.md:5: WARNING: .*KaTeX parse error"),
        (
            "# A page\n\n```{drawing} computational_graph\nNo alt.\n```\n",
            r"index\.md:3: .*needs an :alt: text",
        ),
    ],
    ids=["display", "inline", "drawing"],
)
def test_what_a_reader_could_not_read_fails_the_build(project, page, warning):
    built = sphinx("html", project(page))

    assert built.returncode == 1
    assert re.search(warning, built.stderr)


class Fetches(HTMLParser):
    """Collect the addresses that a page makes a browser fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in FETCHED and attributes.get("rel") not in NOT_FETCHED:
            self.found.append(attributes.get(FETCHED[tag]) or "")


def test_the_site_fetches_nothing_from_a_network(site):
    fetches = Fetches()
    for page in site.rglob("*.html"):
        fetches.feed(page.read_text(encoding="utf-8"))
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        fetches.found += re.findall(r"(?:@import\s+(?:url\()?|url\()\s*['\"]?([^'\")]+)", text)

    assert any("katex.min.css" in address for address in fetches.found)
    assert [a for a in fetches.found if re.match(r"(https?:)?//", a)] == []


def test_every_formula_is_typeset_in_the_page(site):
    index = (site / "notation.html").read_text(encoding="utf-8")

    assert '<span class="katex"' in index
    assert "<math " in index
    assert "MathJax" not in index
