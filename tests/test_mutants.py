"""The gate itself: it plants what it says, and it tells the killed from the living."""

import ast
import re
from dataclasses import replace

import mutants
import mutations
import pytest
import slips

# Python warns of a fork beside threads, which NumPy has once it has multiplied.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

TOY = """
def larger(a, b):
    if a > b:
        return a
    return b

def down(n):
    while n > 0:
        n -= 1
    return n

def unused(a):
    return -a
"""
PAGE = """
```pycon
>>> from toy_to_mutate import down, larger
>>> larger(2, 3), larger(5, 4)
(3, 5)
>>> down(3)
0

```
"""


def lines(slip, body, arguments="z, y, W, x, k"):
    """Return what `slip` makes of the only statement of a function."""
    code = ast.parse(f"def g({arguments}):\n    {body}")
    return {mutant.new for mutant in mutations.mutants("m", code) if mutant.slip == slip}


@pytest.mark.parametrize(
    ("slip", "old", "new"),
    [
        ("transpose dropped", "q = z @ x[k].T", {"q = z @ x[k]"}),
        ("transpose added", "q = 1 + z @ x", {
            "q = 1 + z.T @ x", "q = 1 + z @ x.T", "q = (1 + z @ x).T"
        }),
        ("operands swapped", "q = z @ x - y", {"q = y - z @ x", "q = x @ z - y"}),
        ("operands swapped", "q = z[x, y]", {"q = z[y, x]"}),
        ("product confused", "q = z @ x * y", {"q = z @ x @ y", "q = z * x * y"}),
        ("operation changed", "q = z + y / 2", {"q = z - y / 2", "q = z + y * 2"}),
        ("operand dropped", "q = z - y", {"q = z", "q = -y"}),
        ("operand dropped", "q = z / y", {"q = z", "q = 1 / y"}),
        ("operand dropped", "q = 0 < z < y", {"q = 0 < z", "q = z < y"}),
        ("operand dropped", "q = not (z or y)", {"q = z or y", "q = not z", "q = not y"}),
        ("sign changed", "return f(-z)", {"return f(z)", "return -f(-z)"}),
        ("comparison changed", "q = z > 0", {"q = z >= 0", "q = z < 0"}),
        ("constant changed", "q = 2 * z", {"q = 3 * z", "q = 1 * z", "q = 0 * z"}),
        ("index moved", "q = x[k]", {"q = x[k - 1]", "q = x[k + 1]"}),
        ("variable swapped", "q = W[k]", {"q = x[k]", "q = z[k]"}),
        ("variable swapped", "q = f(y)", {"q = f(z)"}),
        ("sibling swapped", "q = p.exp(z).sum()", {"q = p.log(z).sum()", "q = p.exp(z).mean()"}),
        ("sibling swapped", "q = _tanh(z)", {"q = _tanh_derivative(z)"}),
        ("call dropped", "q = f(z) + x.sum(axis=0)", {"q = z + x.sum(axis=0)", "q = f(z) + x"}),
        ("argument dropped", "q = z.sum(axis=1, keepdims=True)", {
            "q = z.sum(axis=1)", "q = z.sum(keepdims=True)"
        }),
        ("arguments swapped", "q = where(z, y, 0)", {"q = where(y, z, 0)", "q = where(z, 0, y)"}),
        ("statement deleted", "q = z", {"pass"}),
        ("statements swapped", "x[k] = z; y = f(x[k])", {"y = f(x[k]); x[k] = z"}),
        ("statements swapped", "W[k] = z; y[k] = f(z)", set()),
    ],
)  # fmt: skip
def test_a_slip_makes_exactly_this(slip, old, new):
    assert lines(slip, old) == new


def test_every_slip_is_shown_above():
    shown = test_a_slip_makes_exactly_this.pytestmark[0].args[1]

    assert {case[0] for case in shown} == {f.__name__.replace("_", " ") for f in slips.SLIPS}


def test_what_computes_nothing_is_left_alone():
    code = '''
"""A module."""
from a import b
class C:
    """A class."""
    x: list["C"]
    def __repr__(self):
        return f"<{-self.x}>"
    @property
    def f(self, x: "list[1]" = 2) -> "C[0]":
        """A docstring."""
        raise ValueError(f"x is {x - 1}, not {2}")
'''
    assert list(mutations.mutants("m", ast.parse(code))) == []


@pytest.fixture(scope="module")
def real():
    """Every mutant of the package."""
    return mutants.all_mutants(mutants.parsed())


def test_the_package_has_hundreds_of_mutants_each_once(real):
    assert len({mutant.id for mutant in real}) == len(real) > 500


def test_every_name_of_a_sibling_is_still_in_use():
    code = "".join(ast.unparse(tree) for tree in mutants.parsed().values())
    used = set(re.findall(r"\w+", code))

    assert [pair for pair in slips.SIBLINGS if not used & set(pair)] == []
    assert {name for pair in slips.SIBLINGS for name in pair if name[0] == "_"} <= used
    assert set().union(*slips.KINDS) <= used


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The syntax of a module of its own, and a page about it."""
    (tmp_path / "toy_to_mutate.py").write_text(TOY)
    (tmp_path / "page.md").write_text(PAGE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(mutants, "PATIENCE", 2.0)
    return {"toy_to_mutate": ast.parse(TOY)}, mutants.book([tmp_path / "page.md"])


def fates(toy, *news):
    trees, pages = toy
    planted = [m for m in mutants.all_mutants(trees) if m.new in news]
    found = mutants.verdicts(planted, mutants.measured(pages, trees))
    return {verdict.mutant.new: verdict for verdict in found}


def test_a_mistake_that_changes_an_output_is_killed_by_its_page(toy):
    verdict = fates(toy, "if a < b:")["if a < b:"]

    assert verdict.killer == "page.md"
    assert "Got:\n    (2, 4)" in verdict.report


def test_a_mistake_that_computes_the_same_lives(toy):
    assert fates(toy, "if a >= b:")["if a >= b:"].killer == ""


def test_a_mistake_in_what_no_example_runs_lives(toy):
    assert fates(toy, "return a").popitem()[1].killer == ""


def test_a_mistake_that_never_ends_is_killed(toy):
    verdict = fates(toy, "n -= 0")["n -= 0"]

    assert verdict.report == mutants.planting.LATE


def test_the_module_on_disk_is_what_this_process_imports(toy):
    fates(toy, "if a < b:")
    from toy_to_mutate import larger

    assert larger(1, 2) == 2


def test_a_page_that_fails_by_itself_stops_everything(toy, tmp_path):
    (tmp_path / "wrong.md").write_text(PAGE.replace("(3, 5)", "(3, 4)"))
    with pytest.raises(mutants.GateError, match=r"wrong.md fails without any mutant"):
        mutants.measured(mutants.book([tmp_path / "wrong.md"]), toy[0])


def test_a_proof_excuses_only_what_lives():
    """A listed mutant that is killed is a fault, and so is one alive that is not listed."""
    mutant = next(mutations.mutants("m", ast.parse("def f(z):\n    return -z")))
    killed, alive = mutants.Verdict(mutant, "page.md", "Got 1"), mutants.Verdict(mutant)

    assert mutants.fault("book", killed, {}) == ""
    assert mutants.fault("tests", killed, {}) == "no example notices, page.md does"
    assert mutants.fault("alive", alive, {}) == "no example notices, and no test does"
    assert mutants.fault("alive", alive, {mutant.id: "because"}) == ""

    off_page = replace(mutant, module="backproof.planned.sweep")
    assert mutants.fault("tests", mutants.Verdict(off_page, "test_plan.py"), {}) == ""
    assert "no test does" in mutants.fault("alive", mutants.Verdict(off_page), {})
    assert "listed as equivalent, but page.md" in mutants.fault(
        "book", killed, {mutant.id: "because"}
    )


def test_a_list_with_a_mutant_twice_or_without_a_reason_is_refused(tmp_path):
    entry = '[[equivalent]]\nin = "m.f"\nold = "return -z"\nnew = "return z"\nwhy = "{}"\n'
    path = tmp_path / "list.toml"

    path.write_text(entry.format("f is even"))
    assert mutants.proofs(path) == {("m.f", "return -z", "return z"): "f is even"}
    for text in entry.format(""), entry.format("f is even") * 2:
        path.write_text(text)
        with pytest.raises(mutants.GateError, match=r"list.toml"):
            mutants.proofs(path)


def test_every_listed_mutant_exists(real):
    assert mutants.proofs().keys() <= {mutant.id for mutant in real}
