"""The mistakes that are planted in the equations, and the record of how they were found."""

import json
import runpy
import tomllib

import equation_mutants
import pytest
from equation_mutants import RECORD, ROOT, TRUE, digest, mutants, name, pages, scored

DECLARATIONS = runpy.run_path(str(ROOT / "conf.py"))["backproof_declarations"]


@pytest.fixture(scope="module")
def book():
    """Every checked equation of the book, by the name it has in the record."""
    return {
        name(page, equation): (equation, vocabulary, macros)
        for page, equation, vocabulary, macros in pages([], DECLARATIONS)
    }


def test_the_slips_people_make_are_among_the_mutants():
    """A transpose dropped and added, an order, a sign, a layer, a relation, another letter."""
    source = r"a = W_k^{\mathsf T} x + z > 0"
    found = {changed for changed, _ in mutants(source)}

    assert r"a = W_k^{\mathsf T} x - z > 0" in found
    assert r"a = W_k^{\mathsf T} x + z < 0" in found
    assert r"a = W_k{\mathsf T} x + z > 0" in found
    assert r"a = W_k^{\mathsf T} x^{\mathsf T} + z > 0" in found
    assert r"a = b_k^{\mathsf T} x + z > 0" in found
    assert source not in found


def test_words_and_spaces_are_not_touched():
    """What is said in words, and what is only typesetting, is no place for a mistake."""
    changed = [words for _, words in mutants(r"z \, \text{for all } z")]

    assert not any(r"\text" in words or r"\," in words for words in changed)


def test_the_record_is_of_the_book_as_it_is(book):
    """Every checked equation has been mutated since it was last changed."""
    record = json.loads(RECORD.read_text())

    assert {key: entry["digest"] for key, entry in record.items()} == {
        key: digest(equation) for key, (equation, _, _) in book.items()
    }, "plant the mistakes anew: make equation-mutants"


def test_whatever_survived_is_proved_twice_or_listed():
    """No mutant of the record passed without both oracles, or a reason."""
    record, listed = json.loads(RECORD.read_text()), tomllib.loads(TRUE.read_text())
    for key, entry in record.items():
        reasons = listed.get(key, {"mutants": []})
        assert entry["survivors"] == len(entry["true"]) + len(reasons["mutants"]), key
    assert all(entry["reason"] for entry in listed.values())


@pytest.mark.parametrize("key", ["recursion:grad-weight", "first-layer:grad-input"])
def test_the_record_is_what_a_run_gives(book, key):
    """Planted again, the mistakes of an equation end as they are recorded."""
    counts, survivors = scored(*book[key], "backproof")
    entry = json.loads(RECORD.read_text())[key]

    assert sum(counts.values()) - counts["the same"] == entry["mutants"]
    assert sorted(source for _, source, _, sure in survivors if sure) == entry["true"]
    assert len(survivors) == entry["survivors"]


def test_a_checker_that_believes_everything_is_noticed(book, monkeypatch):
    """If nothing were ever refuted, the mutants would survive, and none of them surely."""
    real = equation_mutants.check_equation

    def credulous(_equation, vocabulary, **options):
        original = book["recursion:grad-weight"][0]
        return real(original, vocabulary, **options)

    monkeypatch.setattr(equation_mutants, "check_equation", credulous)
    counts, survivors = scored(*book["recursion:grad-weight"], "backproof")

    assert len(survivors) == sum(counts.values()) - counts["the same"] > 100
