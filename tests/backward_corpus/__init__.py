"""Backward passes as people write them in NumPy, right and wrong: what a checker is judged by.

Rows are examples.  Nothing here uses the checker: a case is right or wrong by central differences
of its own forward pass (numerics.py), and tests/test_backward_corpus.py holds `check` to that.
"""

from backward_corpus.case import Case
from backward_corpus.cases import right_cases, wrong_cases

__all__ = ["Case", "right_cases", "wrong_cases"]
