"""Training: docs/batch.md says what an epoch is, docs/training.md and docs/saving.md the rest."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import numpy as np

from backproof import arrays
from backproof.arrays import FLOATS, Array
from backproof.descent import Exact, Planned
from backproof.epochs import Epoch
from backproof.losses import Loss, check_loss
from backproof.network import Network, check_network, check_numpy, checked_rate
from backproof.optimisers import SGD, Optimiser, check_named, check_optimiser
from backproof.recursion import forward
from backproof.resuming import TrainingFile, parameters_checksum, state_checksum
from backproof.saving import File
from backproof.schedules import Schedule, checked_schedule, constant


def train(
    network: Network,
    x: Array,
    y: Array,
    loss: Loss,
    *,
    rate: Any,
    batch_size: int,
    epochs: int,
    seed: Any,
    optimiser: Optimiser = SGD(),  # noqa: B008  it holds settings, and no state
    schedule: Callable[[Any], Any] = constant,
    validation: tuple[Array, Any] | None = None,
    patience: int | None = None,
    progress: bool = False,
    save: File | None = None,
    resume: bool = False,
) -> Iterator[Epoch]:
    """Yield an `Epoch` after each pass over shuffled batches of the examples.

    `x` is (D_0, N); `y` holds one target a column, or one label an example.  Each step follows
    the mean over its batch: the sum that the book's L is, times one scalar, `rate / N`.

    `schedule`, a function of the time in epochs, is a factor of the rate.  With `validation`, a
    pair of x and y, the training ends when `patience` epochs have brought nothing better.  With
    `save` the state after each epoch is in that file, and `resume` goes on from there if there is
    one, to the same bits as if it had never stopped.  `progress` draws a bar.

    Raises TypeError or ValueError, naming the argument, before the first epoch, and
    FloatingPointError when the loss of a batch is infinite or NaN.
    """
    check_network(network)
    check_numpy(
        network,
        "train writes in place, to arrays of NumPy",
        ", or write the loop with sgd",
    )
    x, y = _checked_examples(network, loss, x, y)
    _check_counts(x.shape[1], batch_size, epochs)
    rate, timed = checked_rate(network, rate), checked_schedule("schedule", schedule)
    check_optimiser(optimiser)
    held_out = _checked_validation(network, loss, validation, patience)
    descent: Planned | Exact
    if network.dtype in FLOATS:
        descent = Planned(network, loss, x, y, batch_size=int(batch_size), by=optimiser)
    else:
        descent = Exact(network, loss, x, y, by=optimiser)
    course = _Course(
        descent=descent,
        generator=np.random.default_rng(seed),
        examples=x.shape[1],
        batch_size=int(batch_size),
        rate_at=_rate_at(network, rate, timed, x.shape[1]),
        mean_loss=lambda after: _mean_loss(after, loss, held_out, int(batch_size)),
    )
    past = None
    if not isinstance(resume, bool | np.bool_):
        raise TypeError(f"resume must be True or False, but is {resume!r}.")
    if save is not None:
        check_named(optimiser)
        settings = {
            "loss": loss.name,
            "rate": repr(rate),
            "batch_size": int(batch_size),
            "optimiser": repr(optimiser),
            "schedule": timed.name,
            "validation": None if held_out is None else "(x, y)",
            "seed": None if seed is None else state_checksum(course.generator),
            "network": parameters_checksum(network),
        }
        course.file = TrainingFile(save, network, settings, (x, y, *(held_out or ())))
        if course.file.is_there(wanted=resume):
            past = course.file.restore(course.descent, course.generator)
    elif resume:
        raise ValueError("resume goes on from the file that save names: pass save=... too.")
    if not progress:
        return course.epochs(past, epochs, patience)
    _check_tqdm()
    return _with_bar(course.epochs(past, epochs, patience), past, epochs)


@dataclass(slots=True)
class _Course:
    """All that is settled before the first epoch."""

    descent: Planned | Exact
    generator: "np.random.Generator"
    examples: int
    batch_size: int
    rate_at: Callable[[int, int], Any]
    mean_loss: Callable[[Network], float | None]
    file: TrainingFile | None = None

    def epochs(self, past: Epoch | None, epochs: int, patience: int | None) -> Iterator[Epoch]:
        """Yield the epochs that follow on `past`; if none does, `past` once more."""
        if past is None:
            self._save(past)  # there is a file to go on from, however early it stops
        elif past.is_last(epochs, patience):
            yield past
        while past is None or not past.is_last(epochs, patience):
            past = self.next_epoch(past)
            self._save(past)
            yield past

    @np.errstate(over="ignore", invalid="ignore")  # what overflows is seen
    def next_epoch(self, past: Epoch | None) -> Epoch:
        """Go through the data once, and look how good the network is then."""
        over = 0 if past is None else past.number
        total = self.steps(over)
        try:
            network = self.descent.network()
            return Epoch.after(past, network, total / self.examples, self.mean_loss(network))
        except ValueError as error:  # NaN and infinity are refused where they would enter
            raise _diverged(str(error).rstrip("."), over + 1) from error

    def steps(self, over: int) -> Any:
        """Take a step for each batch, when `over` epochs are over; return the sum of the losses."""
        order, total = self.generator.permutation(self.examples), 0.0
        for first in range(0, self.examples, self.batch_size):
            batch = order[first : first + self.batch_size]
            total += self.descent.step(batch, self.rate_at(over, first))
            if isinstance(total, float) and not math.isfinite(total):
                raise _diverged("a loss is no finite number", over + 1)
        return total

    def _save(self, past: Epoch | None) -> None:
        if self.file is not None:
            self.file.write(past, self.descent, self.generator)


def _rate_at(
    network: Network, rate: Any, schedule: Schedule, examples: int
) -> Callable[[int, int], Any]:
    """Return the rate as a function of the epochs that are over and the examples since then."""

    def at(over: int, first: int) -> Any:
        if schedule is constant:
            return rate
        t = over + Fraction(first, examples)
        time = float(t) if network.dtype in FLOATS else t
        factor = schedule(time)
        if not hasattr(factor, "__float__") or not 0 < factor < math.inf:
            raise ValueError(
                f"schedule gives {factor!r} at t = {float(t):g} epochs, where a positive finite "
                "number was expected. End the training before that, or keep the schedule above 0."
            )
        return checked_rate(network, rate * factor)

    return at


def _mean_loss(
    network: Network, loss: Loss, held_out: tuple[Array, Array] | None, batch_size: int
) -> float | None:
    """Return the mean loss over the examples held out, if there are any."""
    if held_out is None:
        return None
    x, y = held_out
    total, examples = 0.0, x.shape[1]
    for first in range(0, examples, batch_size):  # a batch at a time, or the tape would be long
        batch = slice(first, first + batch_size)
        total += loss(forward(network, x[:, batch]).output, y[..., batch])
    return float(total / examples)


def _diverged(what: str, number: int) -> FloatingPointError:
    return FloatingPointError(
        f"{what}, in epoch {number}: the steps were too long, and the numbers grew without bound. "
        "Take a smaller rate, a tenth of it for a start, or let it rise slowly with warm_up."
    )


# The arguments.


def _checked_examples(network: Network, loss: Any, x: Any, y: Any) -> tuple[Array, Array]:
    x = network.checked_input(x)
    check_loss(loss)
    like_outputs = np.broadcast_to(x[:1], (network.widths[-1], x.shape[1]), subok=True)
    return x, loss.checked_targets(like_outputs, y)


def _check_counts(examples: int, batch_size: Any, epochs: Any) -> None:
    if not arrays.is_count(batch_size) or batch_size > examples:
        raise ValueError(f"batch_size must be one of 1, ..., {examples}, but is {batch_size!r}.")
    if not arrays.is_count(epochs):
        raise ValueError(f"epochs must be a positive whole number, but is {epochs!r}.")


def _checked_validation(
    network: Network, loss: Loss, validation: Any, patience: Any
) -> tuple[Array, Array] | None:
    if patience is not None and not arrays.is_count(patience):
        raise ValueError(f"patience must be a positive whole number, but is {patience!r}.")
    if validation is None:
        if patience is not None:
            raise ValueError("patience waits for examples held out: pass validation=(x, y) too.")
        return None
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(f"validation must be a pair (x, y), but is a {type(validation).__name__}.")
    try:
        return _checked_examples(network, loss, *validation)
    except (TypeError, ValueError) as error:
        raise type(error)(f"validation: {error}") from None


# The bar.


def _check_tqdm() -> None:
    if find_spec("tqdm") is None:
        raise ModuleNotFoundError(
            "progress needs tqdm, which is not installed. Run pip install tqdm, or leave "
            "progress out.",
            name="tqdm",
        )


def _with_bar(run: Iterator[Epoch], past: Epoch | None, epochs: int) -> Iterator[Epoch]:
    """Yield what `run` yields, and draw on stderr how far it is."""
    from tqdm import tqdm

    done = 0 if past is None else past.number
    with tqdm(total=max(done, epochs), initial=done, unit="epoch") as bar:
        for epoch in run:
            bar.set_postfix(loss=f"{epoch.loss:.4g}", refresh=False)
            bar.update(epoch.number - bar.n)
            yield epoch
