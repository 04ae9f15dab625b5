"""Training that stops and goes on, to the same bits: docs/saving.md."""

import json
import zlib
from collections.abc import Mapping, Sequence
from os import fspath
from pathlib import Path
from typing import Any

import numpy as np

from backproof import saving
from backproof.arrays import Array
from backproof.descent import Exact, Planned
from backproof.epochs import Epoch
from backproof.network import Network
from backproof.saving import File

_STATE = "optimiser "
"""How the names begin of what an optimiser remembers."""
_CHECKSUMS = {
    "examples": "other examples",
    "network": "another network at its start",
    "seed": "another seed",
}


class TrainingFile:
    """The file of one training run: what it needs to go on, and what tells it from other runs.

    `settings` are what would change the numbers, as text, and so would other `examples`.
    """

    def __init__(
        self, path: File, network: Network, settings: Mapping[str, Any], examples: Sequence[Array]
    ) -> None:
        # Absolute: the working directory may change before the next epoch.
        self._path, self._activation = Path(path).absolute(), network.activation
        self._name = fspath(path)
        saving.check_savable("network", network)
        if self._path.is_dir():
            raise IsADirectoryError(
                f"save is {self._name!r}, a directory. Pass the name of a file in it."
            )
        if not self._path.parent.is_dir():
            raise FileNotFoundError(
                f"save is {self._name}, but there is no directory {Path(path).parent}. Make it."
            )
        self._settings = {
            "widths": network.widths,
            "dtype": str(network.dtype),
            "activation": network.activation.name,
            **settings,
            "examples": [_checksum(array) for array in examples],
        }

    def is_there(self, *, wanted: bool) -> bool:
        """Return whether the file exists, or raise FileExistsError unless that is `wanted`."""
        there = self._path.exists()
        if there and not wanted:
            raise FileExistsError(
                f"save is {self._name}, which exists. To go on from it pass resume=True; "
                "to begin anew delete it, or pass another name."
            )
        return there

    def write(
        self, past: Epoch | None, descent: Planned | Exact, generator: "np.random.Generator"
    ) -> None:
        """Write the state after an epoch, or before the first."""
        network = descent.network() if past is None else past.network
        contents = saving.entries("", network)
        best_is_last = past is None or past.best is network
        if past is not None and not best_is_last:
            contents |= saving.entries(saving.BEST, past.best)
        about = {
            **saving.described(network),
            "best": "" if best_is_last else saving.BEST,
            "settings": self._settings,
            "generator": _plain(generator.bit_generator.state),
            "epoch": None if past is None else _numbers(past),
        }
        state = {f"{_STATE}{name}": array for name, array in descent.states[0].items()}
        for name, array in state.items():
            if not isinstance(array, np.ndarray) or array.dtype == object:
                raise TypeError(
                    f"the state {name!r} must be an array of numbers to be saved, but is {array!r}."
                )
        saving.write(self._path, saving.TRAINING, about, contents | state)

    def restore(self, descent: Planned | Exact, generator: "np.random.Generator") -> Epoch | None:
        """Set both to where the file ends, and return its last epoch; None before the first.

        Raises ValueError, naming the file, if it is damaged or that of another run.
        """
        about, contents = saving.read(self._path, saving.TRAINING)
        self._check_settings(about.get("settings"))
        try:
            return self._restored(about, contents, descent, generator)
        except saving.BROKEN as error:
            raise saving.damaged(self._path, error) from error

    def _restored(
        self,
        about: Mapping[str, Any],
        contents: Mapping[str, Array],
        descent: Planned | Exact,
        generator: "np.random.Generator",
    ) -> Epoch | None:
        network = saving.network_in(self._path, about, contents, "", self._activation)
        best = network
        if about["best"]:
            best = saving.network_in(self._path, about, contents, about["best"], self._activation)
        assert isinstance(descent, Planned)  # noqa: S101  exact numbers are not saved
        generator.bit_generator.state = _unplain(about["generator"])
        state = descent.states[0]
        saved = {
            name.removeprefix(_STATE): array
            for name, array in contents.items()
            if name.startswith(_STATE)
        }
        for name, array in state.items():
            _fill(array, saved[name])
        state.update({name: saved[name] for name in saved.keys() - state.keys()})  # made later
        descent.restore(network)
        if about["epoch"] is None:
            return None
        return Epoch(network=network, best=best, **about["epoch"])

    def _check_settings(self, theirs: Any) -> None:
        if not isinstance(theirs, dict):
            raise saving.damaged(self._path, "it does not say of what run it is")
        for name, own in self._settings.items():
            if theirs.get(name) == own:
                continue
            told = _CHECKSUMS.get(name, f"{name} = {theirs.get(name)}, and here it is {own}")
            raise ValueError(
                f"{self._name} is of another run, with {told}. To go on from it, pass what was "
                "passed then; to begin anew, save to another file."
            )


def _numbers(epoch: Epoch) -> dict[str, Any]:
    return {
        name: getattr(epoch, name) for name in Epoch.__slots__ if name not in ("network", "best")
    }


def _fill(array: Array, saved: Array) -> None:
    if array.shape != saved.shape or array.dtype != saved.dtype:
        raise ValueError(f"the optimiser's state has shape {saved.shape}, not {array.shape}")
    np.copyto(array, saved)


def _checksum(array: Array) -> int:
    array = np.asarray(array)
    start = zlib.crc32(repr((array.shape, array.dtype.str)).encode())
    return zlib.crc32(np.ascontiguousarray(array).data.cast("B"), start)


def parameters_checksum(network: Network) -> list[int]:
    """Return what tells the parameters of a network from others."""
    return [_checksum(array) for array in (*network.b, *network.W)]


def state_checksum(generator: "np.random.Generator") -> int:
    """Return what tells a generator of random numbers from one in another state."""
    return zlib.crc32(json.dumps(_plain(generator.bit_generator.state)).encode())


def _plain(state: Any) -> Any:
    """Return the state of a generator as JSON can hold it; some of them are arrays."""
    if isinstance(state, dict):
        return {name: _plain(part) for name, part in state.items()}
    if isinstance(state, np.ndarray):
        return {"array": state.tolist(), "dtype": str(state.dtype)}
    return state.item() if isinstance(state, np.generic) else state


def _unplain(state: Any) -> Any:
    if isinstance(state, dict) and state.keys() == {"array", "dtype"}:
        return np.array(state["array"], state["dtype"])
    if isinstance(state, dict):
        return {name: _unplain(part) for name, part in state.items()}
    return state
