"""Check the equations of a Sphinx project as it is built: `extensions = ["backproof.sphinx"]`.

Every displayed equation of every page is checked when the page is read; what is wrong is a
warning at its line, of type `backproof` and a subtype for each code, so that `-W` fails the build.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from backproof import badges
from backproof.badges import Checked, Shown
from backproof.checking.report import Report
from backproof.doctrees import Page, anchor_of, everywhere, written_out
from backproof.equations.documents import Document, DocumentRefusal
from backproof.printing import Failure, advice, failures, nothing_checked, totals

logger = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"


def pages(env: BuildEnvironment) -> dict[str, Checked]:
    """Return what became of each page, by its name."""
    found: dict[str, Checked] = vars(env).setdefault("backproof_pages", {})
    return found


def check_page(app: Sphinx, doctree: nodes.document) -> None:
    """Check the equations of a page that was read, and warn of what is wrong."""
    name = app.env.docname
    page = Page(doctree, Path(app.env.doc2path(name)), Path(app.srcdir))
    try:
        document = page.document(everywhere(app.config.backproof_declarations), macros(app))
        report = _report(app, document)
    except DocumentRefusal as refusal:
        report = Report(problems=[(refusal.path, refusal.line, refusal.column, refusal)])
    anchors = []
    for number, (node, _) in enumerate(zip(page.displays, report.results, strict=False)):
        node["backproof"] = number
        anchors.append(anchor_of(node) or f"backproof-{number}")
    shows_all = any(True for _ in doctree.findall(badges.placeholder))
    pages(app.env)[name] = Checked(report, tuple(anchors), shows_all)
    for wrong in failures(report):
        _warn(app, wrong)


def _report(app: Sphinx, document: Document) -> Report:
    from backproof.checking.documents import check_documents

    if not document.equations and not document.items:
        return Report()
    code = app.config.backproof_code
    return check_documents([document], code=code) if code else check_documents([document])


def _warn(app: Sphinx, wrong: Failure) -> None:
    place = f"{Path(app.srcdir) / wrong.path}:{wrong.line}"
    subtype = wrong.refusal.code.lower()
    logger.warning("%s", wrong.text, location=place, type="backproof", subtype=subtype)


def macros(app: Sphinx) -> str:
    """Return the macros of conf.py: those of the renderers, and over them `backproof_macros`."""
    found: dict[str, Any] = {}
    katex = getattr(app.config, "katex_macros", None)
    mathjax = (getattr(app.config, f"mathjax{version}_config", None) or {} for version in (3, 4))
    of_mathjax = (config.get("tex", {}).get("macros") for config in mathjax)
    for source in (katex, *of_mathjax, app.config.backproof_macros):
        if isinstance(source, dict):
            found |= {name.removeprefix("\\"): value for name, value in source.items()}
    return written_out(found)


def forget(app: Sphinx, env: BuildEnvironment, name: str) -> None:  # noqa: ARG001  Sphinx passes it
    """Forget a page that is read anew or gone."""
    pages(env).pop(name, None)


def merge(
    app: Sphinx,  # noqa: ARG001  Sphinx passes it
    env: BuildEnvironment,
    names: Sequence[str],
    other: BuildEnvironment,
) -> None:
    """Take over the pages that another process read."""
    pages(env).update((name, pages(other)[name]) for name in names if name in pages(other))


def read_again(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:  # noqa: ARG001
    """Return the pages that failed, which are due to warn again; all, for a new checker."""
    if vars(env).get("backproof_fingerprint") != fingerprint():
        vars(env)["backproof_fingerprint"] = fingerprint()
        return list(env.found_docs)
    return [name for name, page in pages(env).items() if failures(page.report)]


def summarise(app: Sphinx, env: BuildEnvironment) -> list[str]:  # noqa: ARG001  Sphinx passes it
    """Warn if nothing at all was checked; return the pages that show the results of others."""
    results = [result for page in pages(env).values() for result in page.report.results]
    if nothing_checked(Report(results)):
        message = f"BP401 nothing was checked: {advice(Report(results))}"
        logger.warning("%s", message, type="backproof", subtype="bp401")
    return [name for name, page in pages(env).items() if page.shows_all]


def show(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Put the results into a page that is about to be written: badges in HTML only."""
    page = pages(app.env).get(name, Checked(Report()))
    if app.builder.format == "html":
        for node in list(doctree.findall(nodes.math_block)):
            if "backproof" in node:
                number = node["backproof"]
                badge = badges.badge_of(page.report.results[number], f"backproof-{number}")
                node.parent.insert(node.parent.index(node) + 1, badge)
    for node in list(doctree.findall(badges.placeholder)):
        node.replace_self(_shown(app, node, name))


def _shown(app: Sphinx, node: badges.placeholder, name: str) -> list[nodes.Node]:
    rows = list(_rows(app, name))
    if node["shows"] == "graph":
        return [badges.graph(rows)] if app.builder.format == "html" else []
    problems = [problem for _, page in ordered(app.env) for problem in page.report.problems]
    count = nodes.paragraph("", totals([row.result for row in rows]))
    return [count, badges.table(rows), *badges.problems(Failure(*each) for each in problems)]


def _rows(app: Sphinx, name: str) -> Iterator[Shown]:
    """Yield all results in reading order, with links from the page `name`."""
    from backproof.checking.links import linked

    found = ordered(app.env)
    results = iter(linked(result for _, page in found for result in page.report.results))
    for other, page in found:
        for anchor, result in zip(page.anchors, results, strict=False):
            yield Shown(result, _uri(app, name, other, anchor))


def _uri(app: Sphinx, name: str, other: str, anchor: str) -> str:
    if app.builder.format != "html":
        return ""
    return f"{app.builder.get_relative_uri(name, other)}#{anchor}"


def ordered(env: BuildEnvironment) -> list[tuple[str, Checked]]:
    """Return the pages in the order of the tables of contents, then all others by name."""
    found: dict[str, None] = {}
    waiting = [env.config.root_doc]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += reversed(env.toctree_includes.get(name, []))
    known = pages(env)
    names = [*found, *sorted(set(known) - set(found))]
    return [(name, known[name]) for name in names if name in known]


def add_styles(app: Sphinx) -> None:
    """Ship the style sheet with the site."""
    app.config.html_static_path.append(str(STATIC))


@cache
def fingerprint() -> str:
    """Return what changes when the checker does, so that no verdict of an older one is shown."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the extension."""
    app.add_config_value("backproof_macros", {}, "env", types=frozenset({dict}))
    app.add_config_value("backproof_declarations", [], "env", types=frozenset({list, tuple}))
    app.add_config_value("backproof_code", "", "env", types=frozenset({str}))
    app.add_node(badges.badge, html=(badges.visit_badge, badges.depart_badge))
    app.add_directive("backproof-evidence", badges.EvidenceDirective)
    app.add_directive("backproof-graph", badges.GraphDirective)
    app.add_css_file("backproof-badges.css")
    app.connect("builder-inited", add_styles)
    app.connect("env-get-outdated", read_again)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("doctree-read", check_page)
    app.connect("env-updated", summarise)
    app.connect("doctree-resolved", show)
    return {
        "version": version("backproof"),
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
