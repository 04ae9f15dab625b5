"""The gradient for every width, batch size and depth: wrong backward passes are never proved."""

from fractions import Fraction

import pytest
import right_backwards
import wrong_backwards

from backproof import Gradient, activations, backward, losses
from backproof.activations import Activation
from backproof.checking import every_size
from backproof.checking.every_size import prove_every_depth, prove_every_size
from backproof.checking.tensor_network import tensor_network
from backproof.checking.verdict import Status
from backproof.numbers.tensors import Dim

# What the index form cannot follow is never called right or wrong: other comparisons than z > 0,
# single entries, flat arrays, changes in place.
VERDICTS = """
    plain_W                     differs
    outer_product_reversed      differs
    no_mask                     differs
    mask_of_the_wrong_layer     differs
    mask_that_is_always_1       cannot-tell
    input_of_the_next_map       differs
    factor_2_missing            differs
    last_weights_forgotten      differs
    kink_included               cannot-tell
    mean_for_b                  differs
    mean_for_W                  differs
    bias_of_the_first_example   cannot-tell
    outputs_summed              differs
    mask_on_the_output          differs
    relu_on_the_output          differs
    input_gradient_forgotten    differs
    input_gradient_masked       differs
    cotangent_clipped           cannot-tell
    cotangent_guided            differs
    cotangent_without_sign      cannot-tell
    biases_not_summed           differs
    biases_flat                 cannot-tell
    weights_updated_on_the_way  cannot-tell
    everything_wiped            cannot-tell
    kink_included_by_complement differs

    in_one_loop                 proved
    outer_product_transposed    proved
    mask_of_the_activation      proved
    mask_applied_twice          proved
    by_einsum                   cannot-tell
    by_loops                    cannot-tell
"""
ROWS = dict(line.split() for line in VERDICTS.splitlines() if line.strip())


def backward_named(name):
    """Return the backward pass of this name, wrong or right."""
    return getattr(wrong_backwards, name, None) or getattr(right_backwards, name)


def said(verdict):
    """Return the status in the words of the table."""
    return verdict.status.replace(" ", "-")


@pytest.mark.parametrize("name", ROWS)
def test_each_backward_pass_gets_its_verdict(name):
    """Whole networks and the induction say the same, and nothing wrong is proved."""
    judged = backward_named(name)

    assert said(prove_every_size(judged)) == ROWS[name]
    assert said(prove_every_depth(judged, up_to=3)) == ROWS[name]


def test_the_table_is_whole():
    """Every wrong and every right backward pass has its row; no wrong one is proved there."""
    modules = wrong_backwards, right_backwards
    wrong, right = (
        {
            name
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__ and name != "gradient"
        }
        for module in modules
    )

    assert set(ROWS) == wrong | right
    assert {ROWS[name] for name in wrong} == {"differs", "cannot-tell"}


@pytest.mark.parametrize("name", [name for name in ROWS if ROWS[name] == "differs"])
def test_equal_widths_hide_no_mistake(name, monkeypatch):
    """With one name for all widths no shape is wrong any more, but the values are."""
    monkeypatch.setattr(
        every_size,
        "tensor_network",
        lambda maps, activation: tensor_network(maps, activation, lambda _: Dim("D")),
    )
    verdict = prove_every_size(backward_named(name))

    assert verdict.status is Status.DIFFERS
    if name != "biases_not_summed":
        assert " is " in verdict.witness


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({}, "M = 3, every width, every batch size; ReLU, squared error"),
        ({"loss": None}, "any start"),
        ({"depth": 1, "loss": None}, "M = 0"),
        ({"loss": losses.softmax_cross_entropy}, "log-sum-exp less"),
        ({"loss": losses.binary_cross_entropy}, "binary cross-entropy"),
        ({"activation": activations.identity}, "identity"),
        ({"activation": activations.tanh}, "tanh"),
        ({"activation": activations.sigmoid, "loss": losses.binary_cross_entropy}, "sigmoid"),
        ({"activation": activations.softplus}, "softplus"),
        ({"activation": activations.gelu}, "GELU"),
        ({"activation": activations.gelu_tanh}, "GELU"),
        ({"activation": activations.leaky_relu(Fraction(1, 10))}, "leaky"),
    ],
)
def test_the_code_that_trains_is_proved(choices, words):
    """For every loss and activation of the package, at every width and batch size."""
    verdict = prove_every_size(**choices)

    assert verdict.status is Status.PROVED
    assert words in verdict.scope
    assert f"{2 * choices.get('depth', 4) + 1} gradients" in verdict.claim


@pytest.mark.parametrize("loss", [None, losses.squared_error], ids=["any start", "squared error"])
def test_a_deep_network_is_proved(loss):
    """With 32 affine maps, 65 gradients."""
    verdict = prove_every_size(depth=32, loss=loss)

    assert verdict
    assert "65 gradients" in verdict.claim
    assert "M = 31" in verdict.scope


def test_a_slip_in_a_deep_layer_is_found():
    """One missing mask among 32 layers."""

    def slip(network, tape, dz):
        db, dW, dx = {}, {}, None
        for k in range(network.M, -1, -1):
            db[k] = dz.sum(axis=1, keepdims=True)
            dW[k] = dz @ tape.x[k].T
            dx = network.W[k].T @ dz
            if k > 0:
                dz = dx if k == 7 else (tape.z[k - 1] > 0) * dx
        return wrong_backwards.gradient(db, dW, dx)

    verdict = prove_every_size(slip, depth=32, loss=None)

    assert not verdict
    assert "∂L/∂W[6]" in verdict.claim
    assert "∂L/∂W[7]" not in verdict.claim
    assert prove_every_depth(slip, up_to=6)
    assert prove_every_depth(slip, up_to=7).status is Status.DIFFERS


def test_the_induction_says_what_it_rests_on():
    """Its scope names the depths that were run, and the condition for all others."""
    verdict = prove_every_depth(up_to=5)

    assert verdict.status is Status.PROVED
    assert "M = 0, …, 5, so every M if" in verdict.scope
    assert "every loss" in verdict.scope


@pytest.mark.parametrize("activation", [activations.tanh, activations.gelu])
def test_the_induction_holds_for_any_activation(activation):
    """With f an arbitrary function and its derivative proved apart."""
    assert prove_every_depth(activation=activation, up_to=3).status is Status.PROVED


def test_a_wrong_derivative_is_not_proved():
    """tanh with the derivative of the sine, and a leaky slope on the wrong side."""
    tanh = activations.tanh
    wrong = Activation("tanh", tanh.function, lambda z: 1 - tanh(z))
    relu = activations.relu
    mirrored = Activation("ReLU", relu.function, lambda z: 1 - (z > 0))

    for activation in (wrong, mirrored):
        assert prove_every_size(activation=activation).status is Status.CANNOT_TELL
        assert prove_every_depth(activation=activation).status is Status.CANNOT_TELL


def test_a_jump_has_no_derivative():
    """A function that jumps at 0 is refused, though its derivative elsewhere is right."""
    jump = Activation("jump", lambda z: z * (z > 0) + (z > 0), lambda z: 1 * (z > 0))

    assert prove_every_size(activation=jump).status is Status.CANNOT_TELL


def test_rounded_numbers_are_not_proved():
    """A slope in floats is no exact number."""
    verdict = prove_every_size(activation=activations.leaky_relu(0.1))

    assert verdict.status is Status.CANNOT_TELL
    assert "exact" in verdict.witness


def changed(change):
    """Return the right backward pass with ∂L/∂b_0 changed by `change(db_0, network, tape)`."""

    def judged(network, tape, dz):
        right = backward(network, tape, dz)
        return Gradient([change(right.b[0], network, tape), *right.b[1:]], right.W, right.x)

    return judged


@pytest.mark.parametrize(
    "change",
    [
        lambda db, network, _: db if network.W[0].shape[0] == network.W[1].shape[0] else -db,
        lambda db, network, _: db if network.W[0].shape[1] != 1 else 0 * db,
        lambda db, _, tape: db * tape.x[0].sum() / tape.x[0].sum(),
        lambda db, *_: 1.0 * db,
        lambda db, *_: db if db.sum() else -db,
        lambda db, _, tape: db + (tape.z[0] > 0).sum(axis=1) - (tape.z[0] > 0).sum(axis=1),
        lambda db, *_: db * (db > 0) + db * -(db > 0),
        lambda *_: None,
        lambda db, *_: db.copy().__iadd__(db),
    ],
    ids=["widths", "one", "0 / 0", "float", "truth", "flat", "bool", "None", "in place"],
)
def test_what_depends_on_more_than_formulas_is_not_proved(change):
    """A branch on a size or an entry, a quotient of zeros, a rounded number."""
    verdict = prove_every_size(changed(change))

    assert verdict.status in (Status.CANNOT_TELL, Status.DIFFERS)


def test_a_quotient_says_under_which_condition():
    """x / x is 1 only where x is not 0."""
    verdict = prove_every_size(changed(lambda db, _, tape: db * tape.x[0].sum() / tape.x[0].sum()))

    assert verdict.status is Status.CANNOT_TELL
    assert verdict.witness.startswith("only where ")
    assert verdict.witness.endswith("≠ 0")


def test_what_is_judged_cannot_change_the_judge():
    """A backward pass that replaces the lists it is given is judged by what they were."""

    def replaced(network, tape, dz):
        for k in range(network.maps):
            network.W[k], tape.x[k], tape.z[k] = 0 * network.W[k], 0 * tape.x[k], 0 * tape.z[k]
        return backward(network, tape, dz)

    assert prove_every_size(replaced).status is Status.DIFFERS


@pytest.mark.parametrize("depth", [0, -1, 2.0, "2"])
def test_a_depth_is_a_number_of_maps(depth):
    """Nothing else is taken."""
    with pytest.raises(ValueError, match="depth must be"):
        prove_every_size(depth=depth)
    with pytest.raises(ValueError, match="up_to must be"):
        prove_every_depth(up_to=depth)


def test_a_gradient_of_another_length_is_an_error():
    """One array for each affine map."""
    with pytest.raises(ValueError, match="one for each affine map"):
        prove_every_size(lambda *run: Gradient([], [], backward(*run).x))
