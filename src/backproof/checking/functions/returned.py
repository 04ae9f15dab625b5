"""Which parameters of a layer the gradients belong to that its backward pass returns."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.checking.functions.attributes import Path, at, is_parameter_name
from backproof.checking.functions.gradients import in_row, keys, named_in


@dataclass(frozen=True, slots=True)
class Candidates:
    """The layers before and after one run, the ways to each array, and to stored gradients."""

    before: Any
    after: Any
    groups: Sequence[list[Path]]
    stored: Sequence[tuple[list[Path], Path]]

    @property
    def free(self) -> list[list[Path]]:
        """The arrays whose gradients are not stored, those that are called like parameters first.

        Where some are called so, the others are something else.
        """
        known = [paths for paths, _ in self.stored]
        arrays = [
            paths
            for paths in self.groups
            if paths not in known and isinstance(at(self.before, paths[0]), np.ndarray)
        ]
        return [paths for paths in arrays if is_parameter_name(paths[0])] or arrays


class Ambiguous(Exception):  # noqa: N818  a finding about the code under test
    """Several arrays have the shape of a gradient that is returned without a name."""


def returned_parameters(
    answer: Any, inputs: Sequence[tuple[str, ...]], candidates: Candidates, backward: Any
) -> tuple[tuple[str, ...], list[list[Path]]]:
    """Return the inputs and the parameters whose gradients were returned, in their order.

    `inputs` are the names that may come first: those that are real, or all.  Raises Ambiguous.
    """
    parts = list(in_row(answer))
    for part in parts:
        if isinstance(part, Mapping):
            found = [each for each in candidates.groups if _has_key(part, each[0])]
            # A network that returns a dict of its parameters' gradients means those only.
            only = found and len(parts) == 1
            return named_in(part, inputs[-1]) if only else inputs[-1], found
    for names in inputs:
        more = parts[len(names) :]
        if more:
            found = (
                _stored(more, candidates)
                or _called(_names(backward)[len(names) :], len(more), candidates)
                or _shaped(more, candidates)
            )
            if found:
                return names, found
    return inputs[-1], []


def _has_key(fields: Mapping[str, Any], path: Path) -> bool:
    name = path[-1][1]
    return isinstance(name, str) and any(key in fields for key in keys(name))


def _stored(more: Sequence[Any], candidates: Candidates) -> list[list[Path]]:
    """Return the parameters whose stored gradients were returned as well."""
    found = []
    for part in more:
        same = [
            paths
            for paths, place in candidates.stored
            if np.array_equal(np.asarray(at(candidates.after, place)), part)
        ]
        if len(same) != 1:
            return []
        found += same
    return found


def _called(names: Sequence[str], count: int, candidates: Candidates) -> list[list[Path]]:
    """Return the parameters after which the variables are called that are returned."""
    if len(names) != count:
        return []
    by_key = {
        key: paths
        for paths in candidates.free
        if isinstance(paths[0][-1][1], str)
        for key in keys(paths[0][-1][1])
    }
    found = [by_key[name] for name in names if name in by_key]
    return found if len(found) == count else []


def _names(function: Any) -> list[str]:
    """Return the names of what the last return statement of a function gives, if it has names."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):
        return []
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return list(_named(returns[-1].value)) if returns else []


def _named(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Tuple | ast.List):
        for part in node.elts:
            yield from _named(part)
    elif isinstance(node, ast.Name):
        yield node.id
    else:
        yield node.attr if isinstance(node, ast.Attribute) else ""


def _shaped(more: Sequence[Any], candidates: Candidates) -> list[list[Path]]:
    """Return the only parameters that have the shapes of what is returned."""
    found = []
    for part in more:
        fits = [
            paths
            for paths in candidates.free
            if np.shape(at(candidates.before, paths[0])) == np.shape(part)
        ]
        if len(fits) > 1:
            raise Ambiguous
        if not fits:
            return []
        found += fits
    return found
