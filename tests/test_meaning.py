"""Meaning: what cannot mean anything is refused with its code, at its place; nothing is guessed."""

import pytest
from asking import ask, code_of, marked

from backproof.checking.report import Outcome
from backproof.equations.indices import Sizes, layer_of, mentioned_layers
from backproof.equations.parse import parse_expression
from backproof.equations.reaching import reached
from backproof.equations.refusal import Refusal
from backproof.equations.terms import ONE, Call, Layer, Loss, Quantity, Size, Variable
from backproof.equations.vocabulary import Definition, Vocabulary

DECLARED = ("activation: relu", "u, v: vector[D]", "A: matrix[D, C]", "c: scalar")
JACOBIAN, SLOPES = r"\frac{\partial z_k}{\partial x_k}", r"\frac{\partial f[z_k]}{\partial z_k}"

# The code, the equation, the part that is marked, the message.
REFUSED = [
    ("BP201", r"z_k = W_k x_k + q_k", "q", "q is not declared"),
    ("BP201", r"\bar x = x_0", r"\bar x", "bar x is not declared"),
    ("BP201", r"c = x_k^T x_k + \text{rest}", r"\text{rest}", "nothing says what “rest” is"),
    ("BP201", r"L = C", "C", "C beside L, which is the loss"),
    ("BP201", r"u_i = -u_i", "u_i", "u would be defined by itself"),
    ("BP202", r"W_i = W_i", "W_i", "an entry of a matrix needs two subscripts"),
    ("BP202", r"A_{ijk} = 0", "A_{ijk}", "3 subscripts; an entry has two"),
    ("BP202", r"A_{i2} = A_{i1}", "2", "this is not the name of an index"),
    ("BP202", r"u_N = 0", "N", "N is no index: it stands for something already"),
    ("BP202", r"N_k = N", "N_k", "N is one number and has no entries"),
    ("BP202", r"M_i = M", "M_i", "M is one number and has no entries"),
    ("BP202", r"D_{k,i} = D_{k,j}", "D_{k,i}", "D is one number and has no entries"),
    ("BP202", r"c_i = c_j", "c_i", "c is one number and has no entries"),
    ("BP202", r"N = D", "D", "D has no layer here"),
    ("BP202", r"c = k z_k^T z_k", "k", "k counts layers; as a number it is not known"),
    ("BP202", r"L_1 = L", "L_1", "a loss has one index, its example"),
    ("BP202", r"z_i = L_j + L_i", "i", "two examples, j and i, in one equation"),
    ("BP202", r"\sum_{i=2}^N L_i = L", r"\sum_{i=2}^N L_i", "a sum over entries runs from 1"),
    ("BP202", r"\sum_j x_k = x_k", r"\sum_j x_k", "nothing in this sum depends on j"),
    ("BP202", r"\sum_k D_k = N", r"\sum_k D_k", "a sum over layers needs both bounds"),
    ("BP202", r"Z_{y_j i} = 1", "y_j", "the label of one example in the column of another"),
    ("BP203", r"z_k = W_k x_k + x_k", "W_k x_k + x_k", "a sum of D_{k+1} × N and D_k × N"),
    ("BP203", r"z_k = x_k", "x_k", "an equation of D_{k+1} × N and D_k × N"),
    ("BP203", r"u = A A u", "A A", "a product of D × C and D × C"),
    ("BP203", r"u = u v", "u v", "a product of D × 1 and D × 1"),
    ("BP203", r"z_k = W_k \odot x_k", r"W_k \odot x_k", "a pointwise product of D_{k+1} × D_k"),
    ("BP203", r"\frac{u}{v} = c", "v", "a division by D × 1"),
    ("BP203", r"3^T = 3", "3^T", "the transpose of a number"),
    ("BP203", r"c = \operatorname{tr}(A)", r"\operatorname{tr}(A)", "the trace of D × C"),
    ("BP203", r"A_{ij} = A_{ji}", "j", "j runs to C elsewhere, but to D here"),
    ("BP203", r"\sum_{i=1}^N u_i = c", "N", "the sum runs to N, but i runs to D"),
    ("BP203", r"A = \operatorname{diag}(A)", r"\operatorname{diag}(A)", "diag of D × C, not a"),
    ("BP203", r"u = \max(c, u)", r"\max(c, u)", "a maximum of a number and D × 1"),
    ("BP203", r"\langle u, x_k \rangle = c", r"\langle u, x_k \rangle", "an inner product of"),
    ("BP203", r"c = \|\mathbf 1\|^2", r"c = \|\mathbf 1\|^2", "nothing says how large"),
    ("BP204", JACOBIAN + " = W_k^T", JACOBIAN, "a Jacobian, and its layout is not declared"),
    ("BP204", SLOPES + " = I", SLOPES, "a Jacobian, and its layout is not declared"),
    ("BP205", r"c = u \cdot v", r"u \cdot v", "a dot between D × 1 and D × 1"),
    ("BP205", r"W_{kij} = 1", "W_{kij}", "a layer and an entry in one subscript"),
    ("BP205", r"A^q = A", "q", "a superscript that is neither a layer, nor a transpose, nor"),
    ("BP205", r"z_k = f", "f", "f is a function; what is its argument?"),
    ("BP205", r"L_i = L", "L", "the loss of the batch beside example i"),
    ("BP205", r"c = \begin{cases} 1 & c > 0 \\ 2 & c < 0 \end{cases}", "c < 0", "the second cond"),
    ("BP207", r"z_k > 0", "0", "`>` is not checked"),
    ("BP207", r"N \le M", "M", "`≤` is not checked"),
    ("BP207", r"W_k x_k", "W_k x_k", "this says nothing that could be true or false"),
    ("BP207", r"c = N^{0.5}", "0.5", "only whole powers are known"),
    ("BP207", r"\frac{\partial L}{\partial 3} = 1", "3", "a derivative is by a quantity with a"),
    ("BP207", r"\frac{\partial L}{\partial u} = v", "u", "nothing says how the loss depends on u"),
    ("BP207", r"c = \prod_{i=1}^D u_i", r"\prod_{i=1}^D u_i", "products are known over layers"),
    ("BP207", r"c = \sqrt{-1}", r"\sqrt{-1}", "the root of a negative number"),
    ("BP207", r"c = \operatorname{softmax}(u, v)", r"\operatorname{softmax}(u, v)", "one argument"),
    ("BP207", r"u = \max(u, v, v)", r"\max(u, v, v)", "max of two is known, of more is not"),
    ("BP207", r"u = f(u, v)", "f(u, v)", "f takes one argument here"),
    ("BP207", r"u = f^{[2]}(u)", "f^{[2]}", "higher derivatives are written with primes"),
    ("BP104", r"c = N^{101}", "101", "a power above 100"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "source", "place", "why"), REFUSED, ids=[r[1] for r in REFUSED])
def test_what_means_nothing_is_refused_at_its_place(code, source, place, why):
    """The code, the marked part and the reason; and never a verdict."""
    result = ask(source, *DECLARED)

    assert (result.outcome, code_of(result), marked(result)) == (Outcome.REFUSED, code, place)
    assert result.problem is not None
    assert result.problem.message.startswith(why)


def test_every_code_of_meaning_is_refused_twice():
    """The table is not thinned out unnoticed; BP206 is of declarations, and tested there."""
    codes = [code for code, *_ in REFUSED]

    assert all(codes.count(f"BP20{n}") >= 2 for n in (1, 2, 3, 4, 5, 7))


@pytest.mark.parametrize(
    "line", ["given: N = 3", "given: u = v = u", r"given: \frac{\partial L}{\partial z_k} = 1"]
)
def test_what_is_given_is_a_letter(line):
    """`given:` says what a letter is, in one equation."""
    with pytest.raises(Refusal) as caught:
        ask("z_k = z_k", *DECLARED, line)

    assert caught.value.code in ("BP206", "BP203")


# The meanings that differ by what stands around.

MEANT = [
    (r"\operatorname{tr}(W_k W_k^T) = \sum_i (W_k W_k^T)_{ii}", ()),
    (r"\|u\|^2 = \sum_j u_j u_j", ()),
    (r"\langle u, v \rangle = u^T v", ()),
    (r"\operatorname{diag}(u) v = u \odot v", ()),
    (r"(W_k^T)_{ij} = (W_k)_{ji}", ()),
    (r"(W_k^T)_{ij} = (W_k)_{ij}", None),
    (r"|c| = \max(c, -c)", ()),
    (r"\max(u, v) = v + \max(0, u - v)", ()),
    (r"\mathbb{I}[c > 0] = 1 - \mathbb{I}[c \le 0]", ()),
    (r"\mathbb{I}[c < 0] = \mathbb{I}[0 > c]", ()),
    (r"\operatorname{lse}[u] = \log \sum_j e^{u_j}", ()),
    (r"\frac{\partial L}{\partial W_k^T} = \left(\frac{\partial L}{\partial W_k}\right)^T", ()),
    (r"\sum_{i=1}^N L_i = L", ()),
    (r"\frac{\partial L_i}{\partial b_k} = \frac{\partial L_i}{\partial z_k}", ()),
    (r"\frac{\partial L}{\partial W_k} = \frac{\partial L}{\partial z_k} x_k", None),
    (r"\frac{\partial z_k}{\partial x_k} = W_k^T", ("layout: denominator",)),
    (r"\frac{\partial z_k}{\partial x_k} = W_k", ("layout: numerator",)),
    (r"\frac{\partial L}{\partial W_k} = x_k \left(\frac{\partial L}{\partial z_k}\right)^T", None),
    (r"\frac{\partial L_i}{\partial z_k} = \left(\frac{\partial L_i}{\partial b_k}\right)^T", None),
]


@pytest.mark.parametrize(("source", "more"), MEANT)
def test_what_a_formula_means(source, more):
    """It is proved in the meaning that it has, or, marked None, it has not that meaning."""
    found = ask(source, *DECLARED, *(more or ()))

    assert (found.outcome is Outcome.PROVED) is (more is not None), found.problem


def test_a_layout_changes_which_jacobian_is_true():
    """The same equation under the other layout has other shapes."""
    jacobian = r"\frac{\partial z_k}{\partial x_k} = W_k"

    gradient = r"\frac{\partial L}{\partial x_k} = \frac{\partial L}{\partial z_k} W_k"

    assert ask(gradient, "layout: numerator").outcome is Outcome.PROVED
    assert code_of(ask(gradient, "layout: denominator")) == "BP203"
    assert ask(jacobian, "layout: numerator").passed
    assert code_of(ask(jacobian, "layout: denominator")) == "BP203"


# indices.py


def expression(source):
    return parse_expression(source, functions=())


@pytest.mark.parametrize(
    ("source", "layer"),
    [("k", Layer("k", 0)), ("3", Layer("", 3)), ("k-1", Layer("k", -1)), ("k+2-1", Layer("k", 1))],
)
def test_what_counts_a_layer(source, layer):
    """A number, a letter, or one plus or minus numbers."""
    assert layer_of(expression(source)) == layer


@pytest.mark.parametrize("source", ["k/2", "2 k", "k-j", "1/2", "k^2", "-k", "2-k", "k-1/2"])
def test_what_counts_no_layer(source):
    """It is refused at its place, or told quietly."""
    with pytest.raises(Refusal, match="this counts no layer") as caught:
        layer_of(expression(source))

    assert (caught.value.code, tuple(caught.value.span)) == ("BP202", (0, len(source)))
    assert layer_of(expression(source), quiet=True) is None


def test_which_letters_count_layers():
    """k of z_k, in a bracket or at a width; neither M, nor the index of an entry or an example."""
    vocabulary = Vocabulary()
    node = expression(r"z_k + (W_l)_{ij} x_{M-1} + a^{[m]} + D_p + L_i + u_k + b^{ell}")

    assert mentioned_layers(node, vocabulary) == {"k", "l", "p"}


def test_sizes_become_the_same_only_if_one_is_unknown():
    """D is not C, nor 1, except where an example speaks in numbers."""
    sizes, D, C = Sizes(), Size("D"), Size("C")
    first, second = sizes.unknown(), sizes.unknown()

    assert first != second
    assert (sizes.unify(D, C), sizes.unify(D, ONE), sizes.unify(D, D)) == (False, False, True)
    assert sizes.unify(first, second)
    assert sizes.unify(second, D)
    assert (sizes.find(first), sizes.unify(first, C)) == (D, False)
    numbers = Sizes(numbers=True)
    assert numbers.unify(D, Size("3"))
    assert not numbers.unify(D, Size("4"))
    assert not numbers.unify(C, D) or numbers.find(C) == numbers.find(D)


# reaching.py


def test_what_is_reached_through_definitions():
    """Letters, functions and the loss lead to what they are defined by, each only once."""
    x, u, w = (Variable((ONE, ONE), Quantity(name)) for name in "xuw")
    vocabulary = Vocabulary(
        definitions={
            u.quantity: Definition(Call((ONE, ONE), "s", 0, w)),
            w.quantity: Definition(u),
        },
        functions={"s": Definition(x)},
    )
    loss = Loss((ONE, ONE), None)
    terms = list(reached([loss], vocabulary, Definition(u), batch=True))

    assert terms.count(x) == 1
    assert {term for term in terms if isinstance(term, Variable)} == {x, u, w}
    assert list(reached([x], vocabulary, None, batch=True)) == [x]
    assert list(reached([loss], vocabulary, None, batch=True)) == [loss]
