"""What is left of a pass over the data: docs/training.md."""

from dataclasses import dataclass
from typing import Self

from backproof.network import Network


@dataclass(frozen=True, eq=False, slots=True)
class Epoch:
    """One pass over the data: its `number` from 1, the `network` after it, the mean `loss`.

    The loss of an example is the one seen in its batch, before the step it drove.  With validation,
    `validation_loss` is the mean loss of `network` over the examples held out, and `best` is the
    network for which that was lowest so far, after epoch `best_number`; without validation, the
    best is the last.
    """

    number: int
    network: Network
    loss: float
    best: Network
    best_number: int
    validation_loss: float | None = None
    best_validation_loss: float | None = None

    def __repr__(self) -> str:
        held_out = "" if self.validation_loss is None else f", {self.validation_loss:.4g} held out"
        return f"<epoch {self.number}, loss {self.loss:.4g}{held_out}>"

    @classmethod
    def after(
        cls, past: Self | None, network: Network, loss: float, validation_loss: float | None
    ) -> Self:
        """Return the epoch that follows on `past`, or the first."""
        number = 1 if past is None else past.number + 1
        lowest = None if past is None else past.best_validation_loss
        if past is None or validation_loss is None or lowest is None or validation_loss < lowest:
            return cls(number, network, loss, network, number, validation_loss, validation_loss)
        return cls(number, network, loss, past.best, past.best_number, validation_loss, lowest)

    def is_last(self, epochs: int, patience: int | None) -> bool:
        """Return whether training ends here: all is done, or nothing better came for too long."""
        waited = self.number - self.best_number
        return self.number >= epochs or (patience is not None and waited >= patience)
