"""Networks in files, without pickle: docs/saving.md.

A file is a NumPy archive of plain arrays with one text beside them, so that opening it runs nothing
that it holds.  It is written beside its place and then moved there in one step: at every moment
there is the old file or the new one, and never half of one.
"""

import json
import os
import re
import zlib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from backproof import activations
from backproof.activations import Activation
from backproof.arrays import FLOATS, Array
from backproof.network import Network, check_activation, check_network, check_numpy

VERSION = 1
NETWORK, TRAINING = "network", "training run"
BEST = "best "

_TEXT = "backproof"  # the member that says what the others are
BROKEN = (
    *(ValueError, TypeError, KeyError, EOFError, OSError, RuntimeError, SyntaxError),
    *(MemoryError, OverflowError, zlib.error),
)
"""What the standard library and NumPy raise for a file that is not what it was."""

_ACTIVATIONS = {
    each.name: each
    for each in (
        activations.identity,
        activations.relu,
        activations.tanh,
        activations.sigmoid,
        activations.softplus,
        activations.gelu,
        activations.gelu_tanh,
    )
}
_LEAKY = re.compile(r"leaky ReLU\((\S+)\)")

File = str | os.PathLike[str]


def save_network(path: File, network: Network) -> None:
    """Write `network` to the file `path`, whose name is taken as it is.

    Raises TypeError for numbers that are no floats, and what the system raises if the file cannot
    be written; an older file at `path` is then untouched.
    """
    check_network(network)
    check_savable("network", network)
    network.map(np.asarray)  # or an error: a NaN could be written, and not be read
    write(path, NETWORK, described(network), entries("", network))


def load_network(path: File, *, activation: Activation | None = None) -> Network:
    """Return the network in the file `path`, from `save_network` or from a training run.

    Of a training run it is the best network so far.  An activation of your own is not in the file:
    pass it.  Raises ValueError, naming the file, for anything but a whole file of these.
    """
    if activation is not None:
        check_activation(activation)
    about, arrays = read(path, NETWORK, TRAINING)
    prefix = about.get("best", "")
    return network_in(path, about, arrays, prefix, activation)


# Between networks and the entries of a file.


def check_savable(name: str, network: Network) -> None:
    """Raise TypeError unless the numbers of a network are floats.

    Raises ValueError if its activation would be taken for another by its name.
    """
    check_numpy(network, "a file is made of arrays of NumPy")
    if network.dtype not in FLOATS:
        raise TypeError(
            f"{name} holds exact numbers, which cannot be saved without pickle. "
            f"Save {name}.map(lambda array: array.astype(float)), if it may be rounded."
        )
    own, known = network.activation, _known_activation(network.activation.name)
    if known is not None and own != known and (own.slope is None or own.slope != known.slope):
        raise ValueError(
            f"{name} has an activation of your own by the name of {own.name!r}, which is one of "
            "Backproof's, and a file holds only the name. Give yours another one."
        )


def described(network: Network) -> dict[str, Any]:
    """Return what a file says of a network beside its numbers."""
    return {"maps": network.maps, "activation": network.activation.name}


def entries(prefix: str, network: Network) -> dict[str, Array]:
    """Return the arrays of a network by the names that they have in a file."""
    return {
        f"{prefix}{letter}{k}": array
        for letter in "bW"
        for k, array in enumerate(getattr(network, letter))
    }


def network_in(
    path: File,
    about: Mapping[str, Any],
    arrays: Mapping[str, Array],
    prefix: str,
    activation: Activation | None,
) -> Network:
    """Return one of the networks of a file."""
    chosen = _activation(path, about, activation)
    try:
        b, W = ([arrays[f"{prefix}{name}{k}"] for k in range(about["maps"])] for name in "bW")
        return Network(b=b, W=W, activation=chosen)
    except BROKEN as error:
        raise damaged(path, error) from error


def _activation(path: File, about: Mapping[str, Any], given: Activation | None) -> Activation:
    name = str(about.get("activation"))
    known = _known_activation(name)
    if given is None and known is None:
        raise ValueError(
            f"{os.fspath(path)} holds a network with the activation {name!r}, which is not one of "
            "Backproof's own. Pass it: activation=..."
        )
    if given is not None and given.name != name:
        raise ValueError(
            f"activation is {given.name!r}, but {os.fspath(path)} was saved with {name!r}."
        )
    chosen = given or known
    assert chosen is not None  # noqa: S101  one of the two is there
    return chosen


def _known_activation(name: str) -> Activation | None:
    return _ACTIVATIONS.get(name) or _leaky_relu(name)


def _leaky_relu(name: str) -> Activation | None:
    match = _LEAKY.fullmatch(name)
    try:
        slope = match and (Fraction(match[1]) if "/" in match[1] else float(match[1]))
        return activations.leaky_relu(slope) if slope else None
    except (ValueError, ZeroDivisionError):
        return None


# Between entries and bytes.


def write(path: File, kind: str, about: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write a file, or leave the old one as it is."""
    path = Path(path).resolve()  # where a link points to, the link stays
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be: there is no directory {path.parent}. Make it.")
    text = json.dumps({"kind": kind, "version": VERSION, **about})
    contents: dict[str, Any] = {_TEXT: np.array(text), **arrays}
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            np.savez(file, **contents)
            file.flush()
            os.fsync(file.fileno())  # or the name might reach the disk before what it names
        part.replace(path)
    except BaseException:  # a Ctrl-C too
        part.unlink(missing_ok=True)
        raise


def read(path: File, *kinds: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return what a file of one of these kinds says and holds, or raise ValueError naming it."""
    with Path(path).open("rb") as file:
        beginning = file.read(8)
    import zipfile  # slow to import, and who only trains does not need it

    if not zipfile.is_zipfile(path):
        raise ValueError(f"{os.fspath(path)} {_what_it_is(beginning)}")
    try:
        about, arrays = _contents(path)
    except (*BROKEN, zipfile.BadZipFile) as error:
        raise damaged(path, error) from error
    if about is None:
        raise ValueError(f"{os.fspath(path)} {_what_it_is(b'')}")
    _check_about(path, about, kinds)
    return about, arrays


def _contents(path: File) -> tuple[Any, dict[str, Array]]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        if f"{_TEXT}.npy" not in archive.namelist():
            return None, {}
        spoiled = archive.testzip()
    if spoiled is not None:
        raise zipfile.BadZipFile(f"the checksum of {spoiled} is wrong")
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return json.loads(str(arrays.pop(_TEXT))), arrays


def _check_about(path: File, about: Any, kinds: tuple[str, ...]) -> None:
    version = about.get("version") if isinstance(about, dict) else None
    if not isinstance(version, int):
        raise damaged(path, "it does not say its version")
    if version > VERSION:
        raise ValueError(
            f"{os.fspath(path)} was written by a newer Backproof (format {version}, and this one "
            f"reads {VERSION}). Update it: pip install --upgrade backproof"
        )
    if about.get("kind") not in kinds:
        raise ValueError(
            f"{os.fspath(path)} holds a {about.get('kind')}, but a {kinds[0]} was expected."
        )


def _what_it_is(beginning: bytes) -> str:
    mend = "Pass a file that save_network or train(save=...) has written."
    if beginning.startswith(b"\x80"):
        return f"is a pickle, and to open one may run any program, so it is not opened. {mend}"
    if beginning.startswith(b"PK"):
        return f"is damaged: its end is missing. Take a copy of it that is whole. {mend}"
    return f"is no file of Backproof. {mend}"


def damaged(path: File, reason: object) -> ValueError:
    """Return the error for a file that is not as it was written."""
    return ValueError(
        f"{os.fspath(path)} is damaged or holds what no file of Backproof holds "
        f"({str(reason).rstrip('.')}). Take a copy of it that is whole, or train anew."
    )
