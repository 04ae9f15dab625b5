r"""Formulas as plain text for a terminal: $\frac{\partial L}{\partial z_k}$ is ∂L/∂z_k there."""

import re

SIGNS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eta": "η", "sigma": "σ", "Phi": "Φ",
    "lambda": "λ", "pi": "π", "mu": "μ", "odot": "⊙", "cdot": "·", "times": "×", "dots": "…",
    "ldots": "…", "cdots": "…", "partial": "∂", "sum": "Σ", "prod": "Π", "le": "≤", "ge": "≥",
    "ne": "≠", "to": "→", "in": "∈", "infty": "∞", "lVert": "‖", "rVert": "‖", "lvert": "|",
    "rvert": "|", "langle": "⟨", "rangle": "⟩", "varepsilon": "ε", "approx": "≈", "mid": "|",
    "lbrace": "{", "rbrace": "}", "max": "max", "min": "min", "log": "log", "exp": "exp",
    "tanh": "tanh", "sin": "sin", "cos": "cos", "top": "ᵀ", "leftarrow": "←",
}  # fmt: skip
RAISED = {"2": "²", "3": "³", "T": "ᵀ"}

_FONT = re.compile(r"\\(?:mathrm|mathbf|mathsf|mathbb|operatorname|text)(?:\{(\w+)\}| (\w))")
_FRACTION = re.compile(r"\\[td]?frac\{([^{}]*)\}\{([^{}]*)\}")
_LAYOUT = re.compile(r"\\(?:[Bb]igg?[lr]?|left|right|[,;!]|q?quad)(?![A-Za-z])")
_MATRIX = re.compile(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", re.DOTALL)
_BARE = re.compile(r"[\w∂']+(?:_\{[^{}]*\})?")


def readable(text: str) -> str:
    """Return Markdown with formulas between dollars as plain text."""
    return re.sub(r"\$\$?(.+?)\$\$?", lambda match: formula(match[1]), text, flags=re.DOTALL)


def formula(latex: str) -> str:
    """Return one formula as plain text."""
    text = _LAYOUT.sub("", latex)
    text = _FONT.sub(lambda match: match[1] or match[2], text)
    text = re.sub(r"\^\{?(?:T|\\top|2|3)\}?(?![\w.])", _raised, text)
    text = re.sub(r"\\sqrt\{([^{}]*)\}", r"√(\1)", text)
    text = _MATRIX.sub(lambda match: _matrix(match[1]), text)
    text = re.sub(r"\\([A-Za-z]+)", lambda match: SIGNS.get(match[1], match[0]), text)
    text = re.sub(r"∂ ", "∂", re.sub(r" +", " ", text))
    return _without_fractions(text).strip()


def _raised(match: re.Match[str]) -> str:
    return RAISED[match[0].strip("^{}\\").replace("top", "T")]


def _matrix(rows: str) -> str:
    split = [row.split("&") for row in rows.split(r"\\")]
    return "[" + ", ".join("[" + ", ".join(e.strip() for e in row) + "]" for row in split) + "]"


def _without_fractions(text: str) -> str:
    """Return a text with its fractions as quotients, the innermost first."""
    text = re.sub(r"\\[td]?frac", r"\\frac", text)
    shielded = _shielded(text)
    while (match := _FRACTION.search(shielded)) is not None:
        quotient = f"{_grouped(match[1])}/{_grouped(match[2])}"
        shielded = shielded[: match.start()] + quotient + shielded[match.end() :]
    return shielded.replace("⦃", "{").replace("⦄", "}")


def _shielded(text: str) -> str:
    """Return a text whose braces of scripts do not look like those of fractions."""
    return re.sub(r"([_^])\{([^{}]*)\}", r"\1⦃\2⦄", text)


def _grouped(part: str) -> str:
    plain = part.strip().replace("⦃", "{").replace("⦄", "}")
    return part.strip() if _BARE.fullmatch(plain) else f"({part.strip()})"
