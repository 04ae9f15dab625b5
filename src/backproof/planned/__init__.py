"""The recursion once more, planned ahead: every array is there before the first example comes."""

from backproof.planned.examples import ExamplePlan
from backproof.planned.memory import planned_bytes
from backproof.planned.order import Order, binomial, every, store_all
from backproof.planned.plan import Plan
from backproof.planned.signs import input_gradient, sign_bytes

__all__ = [
    "ExamplePlan",
    "Order",
    "Plan",
    "binomial",
    "every",
    "input_gradient",
    "planned_bytes",
    "sign_bytes",
    "store_all",
]
