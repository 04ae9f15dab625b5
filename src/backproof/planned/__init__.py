"""The recursion once more, planned ahead: every array is there before the first example comes."""

from backproof.planned.memory import planned_bytes
from backproof.planned.order import Order, binomial, every, store_all
from backproof.planned.plan import Plan

__all__ = ["Order", "Plan", "binomial", "every", "planned_bytes", "store_all"]
