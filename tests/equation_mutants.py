"""Plant one mistake in every checked equation of the book, and see that none is proved.

A mutant changes one token: it is dropped, doubled, replaced by another of its kind, or exchanged
with its neighbour.  A mutant that reads the same as the original (a space, a font) does not count.
Each must be refused or refuted, or be true: shown by both oracles, which share no code, or listed
with a reason in tests/true_mutants.toml.  What is true is recorded, too, and may be read.

    python tests/equation_mutants.py            every equation; writes docs/mutants.json
    python tests/equation_mutants.py recursion  one page
"""

import hashlib
import json
import re
import runpy
import sys
import time
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path

from backproof.checking.documents import check_equation, declared
from backproof.checking.report import Outcome
from backproof.checking.worlds import NUMBERS
from backproof.equations.documents import Declaration, Equation, read
from backproof.equations.macros import read_macros
from backproof.equations.parse import parse
from backproof.equations.refusal import Refusal
from backproof.equations.vocabulary import Vocabulary

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "docs" / "mutants.json"
TRUE = ROOT / "tests" / "true_mutants.toml"
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+|\s+|.", re.DOTALL)
KINDS = [
    ["x", "z", "W", "b", "L", "y", "p"],
    ["k", "i", "j", "r", "s", "l", "n", "M", "N"],
    ["0", "1", "2", "3"],
    ["+", "-"],
    [">", "<", r"\ge", r"\le"],
    [r"\odot", r"\cdot"],
    [r"\tanh", r"\exp", r"\log", r"\sin"],
    [r"\sigma", r"\Phi"],
    [r"\eta", r"\alpha"],
]
"""Tokens that are taken for one another."""
SILENT = re.compile(r"\s+|\\[,;:! ]|\\[bB]igg?[lrm]?|\\left|\\right|[.,;]|\\q?quad")
ADDED = [r"^{\mathsf T}", "'", "2"]
"""What is put after a token."""


def tokens(source):
    """Cut a formula into tokens, words in \\text{…} being none."""
    masked = re.sub(r"\\text\{[^{}]*\}", lambda m: "\0" * len(m[0]), source)
    return [m[0] if "\0" not in m[0] else None for m in TOKEN.finditer(masked)], [
        (m.start(), m.end()) for m in TOKEN.finditer(masked)
    ]


def mutants(source):
    """Yield every formula that differs from `source` in one token, with the change in words."""
    found, spans = tokens(source)
    real = [n for n, token in enumerate(found) if token is not None and not SILENT.fullmatch(token)]
    for n in real:
        start, end = spans[n]
        token = found[n]
        yield source[:start] + source[end:], f"{token} dropped at {start}"
        for kind in KINDS:
            if token in kind:
                for other in kind:
                    if other != token:
                        gap = " " if other.startswith("\\") else ""
                        changed = source[:start] + other + gap + source[end:]
                        yield changed, f"{token} to {other} at {start}"
        if re.fullmatch(r"[A-Za-z}]|\\[A-Za-z]+", token):
            for added in ADDED:
                yield source[:end] + added + source[end:], f"{added} after {token} at {end}"
    for n, m in pairwise(real):
        (a, b), (c, d) = spans[n], spans[m]
        if found[n] != found[m]:
            swapped = source[:a] + source[c:d] + source[b:c] + source[a:b] + source[d:]
            yield swapped, f"{found[n]} and {found[m]} exchanged at {a}"


def scored(equation, vocabulary, macros, code):
    """Return how the mutants of an equation end, and those that are not refused or refuted."""
    counts, survivors = Counter(), []
    original = parsed(equation.source, vocabulary, macros)
    seen = {equation.source}
    for source, words in mutants(equation.source):
        if source in seen:
            continue
        seen.add(source)
        tree = parsed(source, vocabulary, macros)
        if tree == original:
            counts["the same"] += 1
            continue
        changed = Equation(source, equation.path, equation.line, equation.column, equation.label)
        try:
            result = check_equation(
                changed, vocabulary.copy(), macros=macros, code=code, mends=False
            )
        except Exception as error:  # noqa: BLE001  a crash is a finding, and the run goes on
            survivors.append((words, " ".join(source.split()), f"crash: {error!r}", False))
            continue
        counts[str(result.outcome)] += 1
        if result.passed:
            # Proved by both oracles, which share no code, or worked out: the mutant is true.
            twice = "entry by entry" in result.scope or result.scope == NUMBERS
            sure = result.outcome is Outcome.PROVED and twice
            survivors.append((words, " ".join(source.split()), str(result.outcome), sure))
    return counts, survivors


def parsed(source, vocabulary, macros):
    try:
        return parse(
            source,
            functions=vocabulary.function_names,
            macros=macros,
            declared=vocabulary.symbols,
        )
    except Refusal:
        return None


def pages(names, declarations):
    """Yield every checked equation of the book, with the vocabulary before it."""
    for path in sorted(ROOT.glob("docs/*.md")):
        if names and path.stem not in names:
            continue
        document = read(path)
        vocabulary = Vocabulary()
        for line in declarations:
            declared(line, vocabulary, {})
        macros = read_macros(document.macros)
        for item in document.items:
            if isinstance(item, Declaration):
                declared(item.text, vocabulary, macros)
                continue
            before = vocabulary.copy()
            result = check_equation(item, vocabulary, macros=macros, code="backproof")
            if result.outcome in (Outcome.PROVED, Outcome.AGREES):  # what is taken claims nothing
                yield path.stem, item, before, macros


def name(page, equation):
    """Return a name for an equation that a change elsewhere on the page does not change."""
    return f"{page}:{equation.label or digest(equation)}"


def digest(equation):
    """Return what tells the equation as it is from what it was."""
    return hashlib.sha256(equation.source.encode()).hexdigest()[:8]


def main(names):
    declarations = runpy.run_path(str(ROOT / "conf.py"))["backproof_declarations"]
    known = tomllib.loads(TRUE.read_text()) if TRUE.exists() else {}
    record, unexpected, started = {}, 0, time.perf_counter()
    for page, equation, vocabulary, macros in pages(names, declarations):
        counts, survivors = scored(equation, vocabulary, macros, "backproof")
        key = name(page, equation)
        listed = set(known.get(key, {}).get("mutants", ()))
        for words, source, outcome, sure in survivors:
            if not sure and source not in listed:
                unexpected += 1
                print(f"{key}: {words}: {outcome}\n    {source}", flush=True)
        total = sum(counts.values()) - counts["the same"]
        true = sorted(source for _, source, _, sure in survivors if sure)
        record[key] = {
            "digest": digest(equation),
            "mutants": total,
            "survivors": len(survivors),
            "true": true,
        }
        print(f"{key}: {total} mutants, {len(true)} true", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - started
    total = sum(entry["mutants"] for entry in record.values())
    true = sum(entry["survivors"] for entry in record.values())
    print(
        f"{total} mutants of {len(record)} equations in {seconds:.0f} s: "
        f"{total - true} refused or refuted, {true} true, of these {unexpected} not listed"
    )
    if not names:
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    return int(unexpected > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
