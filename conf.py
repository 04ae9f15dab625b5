"""The site. Sphinx reads this file with `-c .`; the pages are in docs/."""

import doctest
import sys
from importlib.metadata import version as installed
from pathlib import Path

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "docs" / "_extensions"))

project = "Backproof"
author = "The Backproof authors"
copyright = "2026, The Backproof authors"  # noqa: A001 (Sphinx's own name for it)
release = version = installed("backproof")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "backproof.sphinx",
    "compared",
    "exercises",
    "figures",
    "katex",
    "measured",
    "planted",
    "pycon",
]

nitpicky = True  # a name that resolves to nothing is an error
# But for types of other packages: to look those up, a build would need a network.
nitpick_ignore_regex = [("py:class", r"(?!backproof\.).+")]
numfig = True

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_fence_as_directive = ["pycon"]
myst_heading_anchors = 3

autodoc_preserve_defaults = True  # a signature says what the code says
default_role = "code"  # docstrings put code between single backquotes

html_math_renderer = "katex"
katex_macros = {}

# As in pyproject.toml: the same example has the same verdict in both runners.
doctest_default_flags = doctest.DONT_ACCEPT_TRUE_FOR_1 | doctest.REPORT_UDIFF

# What the letters of every page mean; the equations are held to the labelled lines of the package.
backproof_declarations = ["layout: denominator", "activation: relu"]
backproof_code = "backproof"

bibtex_bibfiles = ["docs/references.bib"]
bibtex_default_style = "plain"

html_theme = "furo"
html_title = "Backproof"
html_static_path = ["docs/_static"]
html_css_files = ["backproof.css"]
html_theme_options = {
    "source_repository": "https://github.com/backproof/backproof",
    "source_branch": "main",
    "source_directory": "docs/",
}

# Prompts and output stay out of what is copied, so that it can be pasted and run.
copybutton_exclude = ".linenos, .gp, .go"
