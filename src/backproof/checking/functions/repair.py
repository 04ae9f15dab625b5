"""A search for the smallest change of the source that makes a wrong backward pass right.

Every expression is changed in every way that `edits` knows, the function is compiled and run on the
samples, and what gives the true gradient at all of them is a repair.  The cheapest is told.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from backproof.checking.functions.calling import Misfit, Subject
from backproof.checking.functions.edits import Edit, Names, edits, text_of
from backproof.checking.functions.everywhere import changed_everywhere, changed_inside
from backproof.checking.functions.scope import names_in_scope
from backproof.checking.functions.source import Source, source_of
from backproof.checking.functions.statements import statement_edits
from backproof.numbers.traced import Unsupported

TRIES = 5000
"""How many changed functions are run at most."""

SECONDS = 3.0
"""And how long the search may last: an explanation is not worth more."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change that mends the backward pass: the cause, the line, as it is and as it should be."""

    cause: str
    cost: float
    does: str
    line: int
    written: str
    mended: str


def repairs(subject: Subject, samples: Sequence[Any]) -> list[Repair]:
    """Return the changes of one place that give the true gradient at all samples, cheapest first."""
    function = subject.backward_function or subject.forward_function
    source = source_of(function)
    if source is None or not samples or _mends(subject, samples):
        return []
    names = names_in_scope(subject, source, samples[0])
    found: list[Repair] = []
    end = perf_counter() + SECONDS
    for tries, (place, edit) in enumerate(_changes(source, names)):
        if tries >= TRIES or (found and edit.cost > found[0].cost + 0.5) or perf_counter() > end:
            break
        repair = _tried(subject, source, samples, place, edit)
        if repair is not None:
            found = sorted([*found, repair], key=lambda one: one.cost)
    return found


Place = tuple[Any, Any]
"""A setter of a node, and the node that is there now."""


def _changes(source: Source, names: Names) -> list[tuple[Place, Edit]]:
    """Return every change of every expression, the likeliest first."""
    found = [
        ((setter, node), edit)
        for setter, node, whole, target in _expressions(source.node)
        for edit in edits(node, names, whole=whole, shape=names.shapes.get(target))
    ]
    found += [
        ((setter, node), Edit(*change))
        for setter, node, whole, _ in _expressions(source.node)
        if whole
        for change in changed_inside(node)
    ]
    found += [((setter, node), edit) for setter, node, edit in statement_edits(source.node)]
    body = (_setter(source.node, "body"), source.node.body)
    found += [(body, Edit(*change)) for change in changed_everywhere(source.node, names)]
    return sorted(found, key=lambda change: change[1].cost)


Expression = tuple[Callable[[Any], None], ast.expr, bool, str]
"""A setter, the expression, whether it is a whole right side, and the name it is assigned to."""


def _expressions(tree: Any) -> Iterator[Expression]:
    """Yield each expression of the body."""
    if isinstance(tree, ast.Lambda):
        yield _setter(tree, "body"), tree.body, True, ""
        roots: list[ast.AST] = [tree.body]
    else:
        roots = list(tree.body)
    for root in roots:
        for parent in ast.walk(root):
            yield from _children(parent)


def _children(parent: ast.AST) -> Iterator[Expression]:
    whole = isinstance(parent, ast.Assign | ast.Return | ast.AugAssign | ast.Tuple | ast.Dict)
    target = _target(parent)
    for name, value in ast.iter_fields(parent):
        if name in ("targets", "target", "func"):
            continue
        if isinstance(value, ast.expr) and not _is_target(value):
            yield _setter(parent, name), value, whole, target
        elif isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, ast.expr) and not _is_target(entry):
                    yield _setter_in(value, index), entry, whole, target
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
        yield _setter(parent.func, "value"), parent.func.value, False, ""


def _target(parent: ast.AST) -> str:
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return text_of(parent.targets[0])
    return text_of(parent.target) if isinstance(parent, ast.AugAssign) else ""


def _is_target(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def _setter(parent: ast.AST, name: str) -> Callable[[Any], None]:
    return lambda new: setattr(parent, name, new)


def _setter_in(entries: list[Any], index: int) -> Callable[[Any], None]:
    def put(new: Any) -> None:
        entries[index] = new

    return put


def _tried(
    subject: Subject, source: Source, samples: Sequence[Any], place: Place, edit: Edit
) -> Repair | None:
    setter, old = place
    line = getattr(old, "lineno", 1)
    setter(edit.new)
    try:
        function = source.compiled()
        if function is None or not _mends(subject.with_backward(function), samples):
            return None
        if isinstance(old, list):
            return _of_body(source, old, edit)
        mended = _spliced(source, old, edit.new)
        number = source.first + line - 1
        return Repair(edit.cause, edit.cost, edit.does, number, source.line(line), mended)
    finally:
        setter(old)


def _of_body(source: Source, old: list[ast.stmt], edit: Edit) -> Repair:
    """Return the repair of a change that is made everywhere, told by the first line it changes."""
    pairs = zip(old, edit.new, strict=True)
    statement, new = next((a, b) for a, b in pairs if ast.dump(a) != ast.dump(b))
    line = statement.lineno
    number = source.first + line - 1
    return Repair(edit.cause, edit.cost, edit.does, number, source.line(line), text_of(new))


def _spliced(source: Source, old: ast.AST, new: ast.AST) -> str:
    """Return the line with the new expression in the place of the old, the rest as it was written."""
    line = source.line(getattr(old, "lineno", 0))
    start, end = getattr(old, "col_offset", 0), getattr(old, "end_col_offset", None)
    one_line = getattr(old, "lineno", 0) == getattr(old, "end_lineno", -1)
    if not one_line or end is None or not isinstance(old, ast.expr):
        return text_of(new)
    bytes_ = line.encode()
    before, after = bytes_[:start].decode(), bytes_[end:].decode()
    text = text_of(new)
    if _needs_brackets(new, before, after):
        text = f"({text})"
    return f"{before}{text}{after}"


def _needs_brackets(new: ast.AST, before: str, after: str) -> bool:
    if not isinstance(new, ast.BinOp | ast.UnaryOp | ast.Compare):
        return False
    alone = before.rstrip().endswith(("=", "return", "(", "[", ",", ":")) and (
        after.strip() == "" or after.lstrip().startswith((",", ")", "]", "}"))
    )
    return not alone


def _mends(subject: Subject, samples: Sequence[Any]) -> bool:
    with np.errstate(all="ignore"):
        return all(_gives(subject, sample) for sample in samples)


def _gives(subject: Subject, sample: Any) -> bool:
    arrays = {name: _copied(value) for name, value in sample.inputs.items()}
    try:
        run = subject.run(arrays)
        claimed = run.backward(tuple(np.array(dout) for dout in sample.douts))
        return all(_same(claimed[name], sample.true[name]) for name in sample.true)
    except (Misfit, Unsupported, Exception):  # noqa: BLE001  a change that fails is no repair
        return False


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _same(claimed: Any, true: Any) -> bool:
    claimed = np.asarray(claimed)
    if claimed.shape != np.shape(true) or claimed.dtype.kind != "f":
        return False
    size = np.abs(true).max(initial=1e-12)
    return bool((np.abs(claimed - true) <= 1e-9 * size).all())
