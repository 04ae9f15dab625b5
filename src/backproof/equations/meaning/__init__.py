"""From a tree to terms: every letter gets its meaning, every product its kind, every shape a check.

Nothing is guessed.  A letter that is not declared, sizes that do not fit, or a formula that could
be read in two ways is refused with the place where it stands.
"""

from backproof.equations.meaning import calls, derivatives, letters, operations
from backproof.equations.meaning.reading import Reading

__all__ = ["Reading", "calls", "derivatives", "letters", "operations"]
