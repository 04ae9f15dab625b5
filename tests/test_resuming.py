"""A run that was stopped goes on to the same bits; another run, or half a file, is refused."""

import re
import signal
import subprocess
import sys
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from backproof import (
    SGD,
    Adam,
    Momentum,
    Network,
    binary_cross_entropy,
    load_network,
    save_network,
    softmax_cross_entropy,
    squared_error,
    tanh,
    train,
)
from backproof.numbers.rational import as_fractions
from backproof.schedules import cosine, exponential, warm_up

OPTIMISERS = [SGD(), Momentum(), Momentum(nesterov=True), Adam(), Adam(decay=0.1)]
GENERATORS = [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]
NETWORK = Network.he([3, 7, 4], seed=0)
X = np.random.default_rng(1).standard_normal((3, 50))
Y = X[[0, 1, 2, 0]] ** 2
KNOBS = {"rate": 0.003, "batch_size": 8, "epochs": 6, "seed": 5}  # the last batch has two


def trained(**changes):
    """Return the epochs of a run, some of its arguments changed."""
    named = {"network": NETWORK, "x": X, "y": Y, "loss": squared_error} | KNOBS | changes
    return train(**named)


def state(epoch):
    """Return all that an epoch says, to the last bit."""
    networks = [
        [array.tobytes() for array in [*network.b, *network.W]]
        for network in (epoch.network, epoch.best)
    ]
    numbers = epoch.number, epoch.loss, epoch.best_number
    return networks, numbers, epoch.validation_loss, epoch.best_validation_loss


def interrupted(path, stops, **changes):
    """Return the epochs of a run that is stopped after each of these numbers of epochs."""
    seen = []
    for stop in stops:
        seen += islice(trained(save=path, resume=True, **changes), stop)
    return seen + list(trained(save=path, resume=True, **changes))


def same(path, stops, **changes):
    """Return whether the interrupted run is the one that is not."""
    straight = [state(epoch) for epoch in trained(**changes)]
    return [state(epoch) for epoch in interrupted(path, stops, **changes)] == straight


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=repr)
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(tmp_path, optimiser, dtype):
    """Stopped twice, for every optimiser: parameters, losses and numbers, epoch by epoch."""
    network = NETWORK.map(lambda array: array.astype(dtype))
    changes = {"network": network, "x": X.astype(dtype), "y": Y.astype(dtype)}

    assert same(tmp_path / "run", [1, 3], optimiser=optimiser, **changes)


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda generator: generator.__name__)
def test_the_shuffles_go_on(tmp_path, generator):
    """Whatever kind of random generator was passed, its state is in the file."""
    straight, stopped, again = (np.random.Generator(generator(3)) for _ in range(3))
    expected = [state(epoch) for epoch in trained(seed=straight)]
    seen = list(islice(trained(seed=stopped, save=tmp_path / "run"), 2))
    seen += trained(seed=again, save=tmp_path / "run", resume=True)

    assert [state(epoch) for epoch in seen] == expected


def test_the_schedule_and_the_best_go_on(tmp_path):
    """The time of the schedule, the best network and the patience are those of the whole run."""
    changes = {
        "optimiser": Adam(),
        "schedule": warm_up(1.5, cosine(40)),
        "validation": (X[:, :20] + 1, Y[:, :20]),
        "rate": 0.05,
        "epochs": 30,
        "patience": 2,
    }
    *_, last = trained(**changes)

    assert last.number < 30
    assert last.best_number == last.number - 2
    for stop in range(1, last.number):
        assert same(tmp_path / f"run {stop}", [stop], **changes)


@pytest.mark.parametrize(
    ("loss", "y"),
    [(softmax_cross_entropy, np.arange(50) % 4), (binary_cross_entropy, (Y > 1) * 1.0)],
    ids=["labels", "probabilities"],
)
def test_other_losses_go_on(tmp_path, loss, y):
    """Labels are gathered as numbers are."""
    assert same(tmp_path / "run", [2], loss=loss, y=y, network=NETWORK)


def test_a_finished_run_yields_its_last_epoch(tmp_path):
    """Once more, whole; and with more epochs it goes on."""
    *_, last = trained(save=tmp_path / "run")
    (again,) = trained(save=tmp_path / "run", resume=True)
    more = list(trained(save=tmp_path / "run", resume=True, epochs=8))

    assert state(again) == state(last)
    assert [state(epoch) for epoch in more] == [state(e) for e in trained(epochs=8)][6:]


def test_the_file_holds_the_best_network(tmp_path):
    """What load_network returns is `best` where there is validation, and the last otherwise."""
    held_out = {"validation": (X[:, :9] + 1, Y[:, :9]), "rate": 0.05}
    *_, last = trained(save=tmp_path / "last")
    *_, best = trained(save=tmp_path / "best", **held_out)

    assert best.best_number < best.number
    for name, network in (("last", last.network), ("best", best.best)):
        loaded = load_network(tmp_path / name)
        assert [W.tobytes() for W in loaded.W] == [W.tobytes() for W in network.W]


class Interrupted(NamedTuple):
    """Momentum, until Ctrl-C is pressed in the middle of a step."""

    steps: int

    def state(self, theta):
        return Momentum().state(theta) | {"left": np.array([self.steps])}

    def step(self, state, theta, g, rate):
        state["left"] -= 1
        Momentum().step(state, theta, g, rate)
        if state["left"][0] < 0:
            theta *= np.nan
            raise KeyboardInterrupt

    def __repr__(self):
        return "Interrupted"


@pytest.mark.parametrize("steps", [0, 3, 7, 15])
def test_an_epoch_that_was_interrupted_is_done_anew(tmp_path, steps):
    """What the file holds is the state before it, in the first epoch too."""
    with pytest.raises(KeyboardInterrupt):
        list(trained(save=tmp_path / "run", optimiser=Interrupted(steps)))
    done = steps // 7  # an epoch has seven steps
    before = [NETWORK, *(epoch.network for epoch in trained(optimiser=Momentum()))][done]

    assert [W.tolist() for W in load_network(tmp_path / "run").W] == [W.tolist() for W in before.W]


PROGRAM = """
import signal, sys
import numpy as np
from backproof import Adam, Network, squared_error, train
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started this may ignore it
x = np.random.default_rng(0).standard_normal((3, 3000))
network = Network.he([3, 5, 3], seed=0)
knobs = dict(rate=1e-4, batch_size=1, seed=0, optimiser=Adam())
save = dict(save=sys.argv[1], resume=True) if len(sys.argv) > 2 else {}
for epoch in train(network, x, abs(x), squared_error, **knobs, epochs=int(sys.argv[-1]), **save):
    print(epoch.number, epoch.loss.hex(), flush=True)
"""


def test_ctrl_c_leaves_a_file_to_go_on_from(tmp_path):
    """A program is interrupted wherever it is, started again, and ends as if it had not been."""
    path = tmp_path / "run.npz"
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(
        [*command, path, str(10**6)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout.readline().startswith("1 ")
        program.send_signal(signal.SIGINT)
        printed, errors = program.communicate()
    assert "KeyboardInterrupt" in errors
    assert [each.name for each in tmp_path.iterdir()] == ["run.npz"]
    assert load_network(path).widths == [3, 5, 3]

    epochs = str(printed.count("\n") + 4)
    resumed, straight = (
        subprocess.run([*command, *more, epochs], capture_output=True, text=True, check=True)
        for more in ([path], [])
    )
    assert resumed.stdout.splitlines()[-1] == straight.stdout.splitlines()[-1]
    assert 0 < len(resumed.stdout.splitlines()) < len(straight.stdout.splitlines())


# Refusals.


@pytest.fixture
def path(tmp_path):
    """Return the file of a run that was stopped after two epochs."""
    list(islice(trained(save=tmp_path / "run"), 2))
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"network": Network.he([3, 6, 4], seed=0)}, "widths = [3, 7, 4], and here it is [3, 6"),
        ({"network": Network.he([3, 7, 4], seed=0, activation=tanh)}, "activation = ReLU, and her"),
        ({"loss": binary_cross_entropy, "y": (Y > 1) * 1.0}, "loss = squared error, and here it i"),
        ({"rate": 0.004}, "rate = 0.003, and here it is 0.004"),
        ({"batch_size": 10}, "batch_size = 8, and here it is 10"),
        ({"optimiser": Momentum()}, "optimiser = SGD(), and here it is Momentum(factor=0.9, nest"),
        ({"schedule": exponential(0.5)}, "schedule = constant, and here it is exponential(0.5)"),
        ({"x": X + 1e-9}, "other examples"),
        ({"y": Y[::-1].copy()}, "other examples"),
        ({"x": X[:, :40], "y": Y[:, :40]}, "other examples"),
        ({"validation": (X, Y)}, "validation = None, and here it is (x, y)"),
    ],
    ids=[
        *("widths", "activation", "loss", "rate", "batch", "optimiser", "schedule"),
        *("inputs", "targets", "fewer", "validation"),
    ],
)
def test_a_file_of_another_run_is_refused(path, changes, text):
    """Where an argument is different the numbers would be; it is named, and nothing is written."""
    before = path.read_bytes()
    with pytest.raises(ValueError, match=re.escape(f"{path} is of another run, with {text}")):
        trained(save=path, resume=True, **changes)

    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", [8, None, np.random.Generator(np.random.MT19937(0))])
def test_another_seed_is_refused(path, seed):
    """What was shuffled by one is not gone on with by another."""
    with pytest.raises(ValueError, match=re.escape(f"{path} is of another run, with another seed")):
        trained(save=path, resume=True, seed=seed)


def test_another_start_is_refused(path):
    """The file has all that is needed to go on; a network beside it would be left unread."""
    other = NETWORK.map(lambda array: 2 * array)
    with pytest.raises(ValueError, match="with another network at its start"):
        trained(save=path, resume=True, network=other)


def test_a_network_alone_is_no_run(path):
    """The file of save_network has no state to go on from."""
    save_network(path, NETWORK)

    with pytest.raises(ValueError, match="run holds a network, but a training run was expected"):
        trained(save=path, resume=True)


def test_an_existing_file_is_not_overwritten(path):
    """Without resume; the message says both ways on."""
    with pytest.raises(FileExistsError, match=r"pass resume=True; to begin anew delete it"):
        trained(save=path)


def test_the_place_is_looked_at_before_the_first_epoch(tmp_path):
    """A directory that is not there, numbers that cannot be saved, no place at all."""
    with pytest.raises(FileNotFoundError, match="there is no directory"):
        trained(save=tmp_path / "nowhere" / "run")
    exact = {"network": NETWORK.map(as_fractions), "x": as_fractions(X), "y": as_fractions(Y)}
    with pytest.raises(TypeError, match="network holds exact numbers, which cannot be saved"):
        trained(save=tmp_path / "run", rate=Fraction(1, 2), **exact)
    with pytest.raises(ValueError, match=r"pass save=\.\.\. too"):
        trained(resume=True)
    assert list(tmp_path.iterdir()) == []


def test_a_spoiled_file_is_refused(path):
    """Cut off, or with one byte changed among the parameters."""
    whole = path.read_bytes()
    for spoiled in (whole[:-200], whole.replace(b"W1", b"W2"), b"", Path(__file__).read_bytes()):
        path.write_bytes(spoiled)
        with pytest.raises(ValueError, match=re.escape(str(path))):
            trained(save=path, resume=True)


class Sums:
    """An optimiser that makes its state when it first needs it."""

    def __init__(self, first=None):
        self._first = first

    def __repr__(self):
        return "Sums()"

    def state(self, _theta):
        return {} if self._first is None else {"first": self._first}

    def step(self, state, theta, g, rate):
        v = state.setdefault("v", np.zeros_like(theta))
        v *= 0.9
        v += g
        theta -= rate * v


def test_a_state_that_is_made_late_goes_on(tmp_path):
    assert same(tmp_path / "run.npz", [2, 3], optimiser=Sums())


@pytest.mark.parametrize("first", [0, np.array([None])], ids=["number", "object"])
def test_a_state_that_cannot_be_saved_is_refused(tmp_path, first):
    path = tmp_path / "run.npz"
    with pytest.raises(TypeError, match="'optimiser first' must be an array of numbers"):
        list(trained(optimiser=Sums(first), save=path))
    assert not path.exists()


def test_an_optimiser_without_a_repr_cannot_be_told_apart(tmp_path):
    class Nameless(Sums):
        __repr__ = object.__repr__

    list(trained(optimiser=Nameless(), epochs=1))
    with pytest.raises(TypeError, match="optimiser is a Nameless, whose repr"):
        trained(optimiser=Nameless(), save=tmp_path / "run.npz")


def test_the_file_stays_where_it_is(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    networks = []
    for epoch in trained(save="run.npz"):
        networks.append(epoch.network)
        monkeypatch.chdir(tmp_path / "other")
    assert not (tmp_path / "other" / "run.npz").exists()
    assert bits_of(load_network(tmp_path / "run.npz")) == bits_of(networks[-1])


def bits_of(network):
    return [array.tobytes() for array in [*network.b, *network.W]]


def test_what_save_and_resume_must_be(tmp_path):
    with pytest.raises(IsADirectoryError, match="a directory"):
        trained(save=tmp_path, resume=True)
    with pytest.raises(TypeError, match="resume must be True or False, but is 'no'"):
        trained(save=tmp_path / "run.npz", resume="no")
