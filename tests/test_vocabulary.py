"""The letters of a document: the standard ones, copies of them, and what they stand for."""

from asking import ask, vocabulary_of

from backproof.checking.report import Outcome
from backproof.equations.declarations import declare
from backproof.equations.terms import (
    BATCH,
    ONE,
    Constant,
    Layer,
    Plus,
    Quantity,
    Size,
    Variable,
    width,
)
from backproof.equations.vocabulary import STANDARD, Definition, Vocabulary, network_shape


def test_the_standard_letters_are_never_changed():
    """A document that declares W a scalar leaves the next document its weights."""
    vocabulary_of("W: scalar", "loss: y", "activation: tanh")

    assert STANDARD["W"].kind == "W"
    assert STANDARD["f"].function == "any"
    assert Vocabulary().symbols == dict(STANDARD)


def test_a_copy_is_changed_by_itself_and_may_be_taken_over():
    """What is tried on a copy is forgotten unless it is taken."""
    first = Vocabulary()
    second = first.copy()
    declare(second, "u: scalar")
    declare(second, "depth: 4")
    second.definitions[Quantity("u")] = Definition(Constant((ONE, ONE), BATCH))

    second.functions["q"] = Definition(Constant((ONE, ONE), BATCH))
    second.numbers[Quantity("u")] = Constant((ONE, ONE), BATCH)

    assert ("u" in first.symbols, first.depth, first.definitions) == (False, None, {})
    assert (first.functions, first.numbers) == ({}, {})
    first.take_over(second)
    assert first == second


def test_layers_are_counted_as_the_text_counts_them():
    """M is the declared depth; L is the last layer where layers are counted from 1."""
    assert vocabulary_of().counted(Layer("M", -1)) == Layer("M", -1)
    assert vocabulary_of("depth: 3").counted(Layer("M", -1)) == Layer("", 2)
    assert vocabulary_of("notation: layers").counted(Layer("L", 0)) == Layer("M", 1)
    assert vocabulary_of("notation: layers", "depth: 3").counted(Layer("L", -1)) == Layer("", 3)
    assert vocabulary_of().counted(Layer("L", 0)) == Layer("L", 0)
    assert vocabulary_of("hidden layers: H").counted(Layer("H", 1)) == Layer("M", 1)


def test_the_shapes_of_the_network():
    """W leads from D_k to D_{k+1}; a bias is a column, however many examples there are."""
    k, above = Layer("k", 0), Layer("k", 1)
    shapes = {kind: network_shape(kind, k, batch=True) for kind in "xzWb"}

    assert shapes == {
        "x": (width(k), BATCH),
        "z": (width(above), BATCH),
        "W": (width(above), width(k)),
        "b": (width(above), ONE),
    }
    assert network_shape("z", k, batch=False) == (width(above), ONE)


def test_a_definition_of_every_layer_is_moved_to_the_layer_asked_for():
    """δ_k said of k is known of k - 1; said of one layer by number, of that one only."""
    k, two, one = Layer("k", 0), Layer("", 2), ONE
    body = Variable((width(k), one), Quantity("x", k))
    vocabulary = Vocabulary(definitions={Quantity("u", k): Definition(body)})
    below = vocabulary.definition(Quantity("u", Layer("m", -1)), batch=True)

    assert below is not None
    assert below.body == Variable((width(Layer("m", -1)), one), Quantity("x", Layer("m", -1)))
    vocabulary = Vocabulary(definitions={Quantity("u", two): Definition(body)})
    assert vocabulary.definition(Quantity("u", two), batch=True) is not None
    assert vocabulary.definition(Quantity("u", Layer("", 3)), batch=True) is None
    assert vocabulary.definition(Quantity("v", two), batch=True) is None


def test_a_definition_in_batches_is_read_of_one_example():
    """The number of columns becomes one, all the way down."""
    shape = (Size("D"), BATCH)
    z = Variable(shape, Quantity("z", Layer("k", 0)))
    vocabulary = Vocabulary(definitions={Quantity("u"): Definition(Plus(shape, z, z), batch=True)})
    known = vocabulary.definition(Quantity("u"), batch=False)

    assert known is not None
    assert {term.shape for term in known.body.walk()} == {(Size("D"), ONE)}


def test_every_standard_letter_can_be_used_at_once():
    """The usual letters of a network need no declaration, in four alphabets."""
    for equation in (
        r"z_k = W_k x_k + b_k",
        r"Z_k = W_k X_k + b_k",
        r"z_k = \Omega_k h_{k} + \beta_k",
        r"z_k = \Theta_k A_k + b_k",
        r"a = \sigma(z)",
        r"h = \phi(z)",
    ):
        assert ask(equation).outcome is Outcome.PROVED, equation
