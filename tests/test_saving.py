"""Networks in files: the same bits come back, and nothing but a whole file is taken."""

import json
import pickle
import re
import zipfile
from fractions import Fraction

import array_api_strict
import numpy as np
import pytest

from backproof import (
    Activation,
    Network,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    load_network,
    relu,
    save_network,
    sigmoid,
    softplus,
    tanh,
)
from backproof.numbers.rational import as_fractions

NETWORK = Network.he([2, 3, 1], seed=0)
ACTIVATIONS = [
    *(identity, relu, tanh, sigmoid, softplus, gelu, gelu_tanh),
    *(leaky_relu(0.01), leaky_relu(0.1 + 0.2), leaky_relu(Fraction(1, 3))),
]


def bits(network):
    """Return the bytes of all parameters."""
    return [array.tobytes() for array in [*network.b, *network.W]]


def refused(path):
    """Return with what words a file is refused; they begin with its name."""
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        load_network(path)
    return str(caught.value).removeprefix(str(path))


@pytest.fixture
def path(tmp_path):
    """Return a file with NETWORK in it."""
    save_network(tmp_path / "network.npz", NETWORK)
    return tmp_path / "network.npz"


def rewritten(path, **changes):
    """Write the file anew, with other entries, whole and with the right checksums."""
    with np.load(path) as archive:
        entries = dict(archive) | changes
    with path.open("wb") as file:
        np.savez(file, **{name: entry for name, entry in entries.items() if entry is not None})


def said(path, **changes):
    """Write the file anew, and let its text say something else."""
    with np.load(path) as archive:
        text = json.loads(str(archive["backproof"])) | changes
    rewritten(path, backproof=np.array(json.dumps(text)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda activation: activation.name)
def test_what_is_loaded_is_what_was_saved(tmp_path, activation, dtype):
    """Every bit of every parameter, the dtype, and an activation that computes the same."""
    network = Network.he([3, 5, 2], seed=1, activation=activation)
    network = network.map(lambda array: array.astype(dtype))
    save_network(tmp_path / "saved", network)
    loaded = load_network(tmp_path / "saved")
    z = np.array([[-1.5, -0.0, 0.0, 0.3, 2.0]], dtype)

    assert bits(loaded) == bits(network)
    assert loaded.dtype == dtype
    assert loaded.activation.name == activation.name
    assert loaded.activation(z).tobytes() == activation(z).tobytes()
    assert loaded.activation.derivative(z).tolist() == activation.derivative(z).tolist()


def test_special_numbers_come_back(tmp_path):
    """Zero with a sign, the smallest and the largest float."""
    network = Network(b=[np.array([[-0.0]])], W=[np.array([[5e-324, 1.7976931348623157e308]])])
    save_network(tmp_path / "saved", network)

    assert bits(load_network(tmp_path / "saved")) == bits(network)


def test_the_name_is_taken_as_it_is(tmp_path):
    """No ending is added, the name may be text, and nothing else is left in the directory."""
    save_network(str(tmp_path / "model.v1"), NETWORK)

    assert [each.name for each in tmp_path.iterdir()] == ["model.v1"]


def test_a_link_stays_a_link(tmp_path, path):
    """The file that it points to is written."""
    link = tmp_path / "latest"
    link.symlink_to(path)
    save_network(link, Network.he([4, 4], seed=0))

    assert link.is_symlink()
    assert load_network(path).widths == [4, 4]


def test_an_activation_of_ones_own_is_passed(tmp_path):
    """The file names it; without it, or with another, the network is not what it was."""
    cube = Activation("cube", lambda z: z * z * z, lambda z: 3 * z * z)
    save_network(tmp_path / "saved", Network.he([2, 3, 1], seed=0, activation=cube))

    assert load_network(tmp_path / "saved", activation=cube).activation is cube
    assert "'cube', which is not one of Backproof's own. Pass it" in refused(tmp_path / "saved")
    with pytest.raises(ValueError, match=r"activation is 'ReLU', but .*saved was saved with 'cube"):
        load_network(tmp_path / "saved", activation=relu)


def test_exact_numbers_are_not_saved(tmp_path):
    """Fractions would need pickle; nothing is written."""
    with pytest.raises(TypeError, match="network holds exact numbers, which cannot be saved with"):
        save_network(tmp_path / "saved", NETWORK.map(as_fractions))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk full")], ids=repr)
def test_an_interrupted_write_leaves_the_old_file(path, monkeypatch, error):
    """Half of the new one has been written by then, and it is removed."""

    def interrupted(file, **_entries):
        file.write(b"half")
        raise error

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises((KeyboardInterrupt, OSError)):
        save_network(path, Network.he([4, 4], seed=0))
    monkeypatch.undo()

    assert bits(load_network(path)) == bits(NETWORK)
    assert list(path.parent.iterdir()) == [path]


# What is no whole file of ours.


def test_every_byte_counts(path):
    """With one byte changed, a file is refused by name, or what is loaded is the same."""
    whole = path.read_bytes()
    loaded, messages = [], []
    for position in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[position] ^= 0x55
        path.write_bytes(changed)
        try:
            loaded.append(load_network(path))
        except ValueError as error:
            messages.append(str(error))

    assert len(messages) > len(loaded) > 0  # the hour of writing, say, means nothing
    assert all(message.startswith(str(path)) for message in messages)
    assert all(bits(network) == bits(NETWORK) for network in loaded)
    assert {network.activation for network in loaded} == {relu}


def test_no_part_will_do(path):
    """Cut off anywhere, a file is refused."""
    whole = path.read_bytes()
    for length in range(0, len(whole), 29):
        path.write_bytes(whole[:length])
        assert " is " in refused(path)


class Program:
    """What runs when it is unpickled."""

    ran = False

    def __reduce__(self):
        return (setattr, (Program, "ran", True))


def test_a_pickle_is_refused_unopened(tmp_path):
    """By itself, and as an entry of an archive."""
    alone, entry = tmp_path / "alone", tmp_path / "entry"
    alone.write_bytes(pickle.dumps(Program()))
    save_network(entry, NETWORK)
    rewritten(entry, W0=np.array([[Program()]], dtype=object))

    assert "is a pickle, and to open one may run any program" in refused(alone)
    assert "allow_pickle=False" in refused(entry)
    assert not Program.ran


def test_other_files_are_refused(tmp_path):
    """Text, another archive, another program's archive of arrays, an empty file."""
    text, archive, arrays, empty = (tmp_path / name for name in ("text", "zip", "npz", "empty"))
    text.write_text("W = 1")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("W0.npy", b"")
    with arrays.open("wb") as file:
        np.savez(file, W0=np.ones((1, 1)), b0=np.ones((1, 1)))
    empty.touch()

    for other in (text, archive, arrays, empty):
        assert "is no file of Backproof. Pass a file that save_network or train" in refused(other)


def test_a_newer_file_says_what_to_do(path):
    """It is not read as if it were an old one."""
    said(path, version=2)

    assert "newer Backproof (format 2, and this one reads 1). Update it: pip" in refused(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"maps": 3},
        {"maps": -1},
        {"maps": "two"},
        {"version": None},
        {"version": "1"},
        {"kind": "sandwich"},
        {"activation": "leaky ReLU(7)"},
        {"activation": "leaky ReLU(slope)"},
        {"activation": None},
    ],
    ids=repr,
)
def test_a_text_that_says_something_else_is_refused(path, changes):
    """With the right checksums, it is still no network."""
    said(path, **changes)

    refused(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"W0": None},
        {"b1": None},
        {"W0": np.ones((4, 2))},
        {"W0": np.ones((3, 2), np.float32)},
        {"W0": np.full((3, 2), np.nan)},
        {"W0": np.ones((3, 2), int)},
        {"backproof": np.array("{}")},
        {"backproof": np.array("[1]")},
        {"backproof": np.array("no JSON")},
        {"backproof": np.ones(3)},
    ],
    ids=[
        "no W0",
        "no b1",
        "too tall",
        "float32",
        "NaN",
        "int",
        "empty",
        "list",
        "words",
        "numbers",
    ],
)
def test_arrays_that_are_no_network_are_refused(path, changes):
    """Missing, of another shape or kind, or with NaN in them."""
    rewritten(path, **changes)

    refused(path)


def test_a_file_that_is_not_there(tmp_path):
    """The system's own error, which names it."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_network(tmp_path / "nowhere")


def test_a_file_in_no_directory_is_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no directory .*nowhere"):
        save_network(tmp_path / "nowhere" / "a.npz", Network.he([2, 3, 1], seed=0))


@pytest.mark.parametrize("name", ["tanh", "leaky ReLU(0.5)"])
def test_an_activation_under_a_name_of_ours_is_refused(tmp_path, name):
    """It would be read as ours."""
    own = Activation(name, lambda z: 1.7 * np.tanh(z), lambda z: 1.7 * (1 - np.tanh(z) ** 2))
    with pytest.raises(ValueError, match="Give yours another one"):
        save_network(tmp_path / "a", Network.he([3, 4, 2], seed=0, activation=own))
    assert not (tmp_path / "a").exists()


def test_what_could_not_be_read_is_not_written(tmp_path):
    network = Network.he([3, 4, 2], seed=0)
    network.W[1][0, 2] = np.nan
    with pytest.raises(ValueError, match=r"W\[1\] holds nan at \(0, 2\)"):
        save_network(tmp_path / "a", network)
    assert not (tmp_path / "a").exists()


def test_arrays_of_another_library_are_not_saved(tmp_path):
    network = Network.he([3, 4, 2], seed=0).map(array_api_strict.asarray)
    with pytest.raises(TypeError, match=r"Pass network.map\(numpy.asarray\)"):
        save_network(tmp_path / "a", network)


@pytest.mark.parametrize("wrong", ["relu", np.tanh], ids=repr)
def test_an_activation_is_no_name_and_no_function(path, wrong):
    with pytest.raises(TypeError, match="activation must be an Activation, such as relu"):
        load_network(path, activation=wrong)
