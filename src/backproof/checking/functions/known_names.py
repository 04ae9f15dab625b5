"""The names under which layers and losses are asked for."""

import re
from difflib import get_close_matches

from backproof.checking.functions import (
    defined_activations,
    defined_images,
    defined_layers,
    defined_losses,
)
from backproof.checking.functions.definitions import DEFINITIONS

__all__ = ["defined_activations", "defined_images", "defined_layers", "defined_losses", "known"]

OTHER_NAMES = {
    "affine": "linear",
    "bce with logits": "binary cross-entropy with logits, mean",
    "causal attention": "attention, causal",
    "conv": "convolution",
    "conv1d": "convolution",
    "conv2d": "convolution",
    "convolution 1d": "convolution",
    "convolution 2d": "convolution",
    "cross-entropy": "softmax cross-entropy",
    "dense": "linear",
    "fully connected": "linear",
    "half squared error": "squared error, half",
    "inverted dropout": "dropout",
    "l2": "l2 penalty",
    "l2 regularization": "l2 penalty",
    "layer normalisation": "layer norm",
    "layer normalization": "layer norm",
    "batch normalisation": "batch norm",
    "batch normalization": "batch norm",
    "lstm": "lstm cell",
    "max pool": "max pooling",
    "mean squared error": "squared error, mean",
    "mse": "squared error, mean",
    "scaled dot-product attention": "attention",
    "softmax loss": "softmax cross-entropy",
    "sum of squared errors": "squared error, sum",
    "swish": "silu",
}
"""What people call a layer too, and its name here."""


def known(asked: str) -> str:
    """Return the name that is asked for, whatever its case, spaces and hyphens.

    Raises ValueError, with the names that are near, for one that is not known.
    """
    by_letters = {_letters(name): name for name in DEFINITIONS}
    by_letters |= {_letters(other): name for other, name in OTHER_NAMES.items()}
    if _letters(asked) in by_letters:
        return by_letters[_letters(asked)]
    near = get_close_matches(_letters(asked), by_letters, n=3, cutoff=0.5)
    names = ", ".join(repr(name) for name in dict.fromkeys(by_letters[each] for each in near))
    others = f"near it are {names}" if near else f"known are {', '.join(DEFINITIONS)}"
    raise ValueError(f"spec: no layer or loss is called {asked!r}; {others}; or give a function")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
