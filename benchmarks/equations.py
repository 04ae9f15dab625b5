"""How long it takes to read and to prove the equations of the book, in processor seconds.

python benchmarks/equations.py
"""

import runpy
import time
from pathlib import Path

from backproof.checking.documents import check_documents
from backproof.checking.every_size import prove_every_depth, prove_every_size
from backproof.equations.documents import read
from backproof.equations.parse import parse
from backproof.equations.refusal import Refusal

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Print one line a measurement."""
    settings = runpy.run_path(str(ROOT / "conf.py"))
    documents = [read(page) for page in sorted((ROOT / "docs").glob("*.md"))]
    equations = [each for document in documents for each in document.equations]
    parse("a = b")  # the grammar is built once

    started = time.process_time()
    for _ in range(5):
        for equation in equations:
            _parsed(equation.source)
    each = (time.process_time() - started) / 5 / len(equations)
    print(f"parse: {1000 * each:.2f} ms an equation, {len(equations)} equations")

    started = time.process_time()
    report = check_documents(
        documents, declarations=settings["backproof_declarations"], code=settings["backproof_code"]
    )
    assert report.passed  # noqa: S101  a time for a wrong result would be no result
    print(f"check: {time.process_time() - started:.1f} s for all of them, held to the code")

    started = time.process_time()
    assert prove_every_size(depth=32, loss=None)  # noqa: S101
    print(f"32 affine maps, every width: {time.process_time() - started:.2f} s")

    started = time.process_time()
    assert prove_every_depth()  # noqa: S101
    print(f"induction: {time.process_time() - started:.2f} s")


def _parsed(source: str) -> object:
    try:
        return parse(source)
    except Refusal:
        return None  # such as those with letters that the page declares


if __name__ == "__main__":
    main()
