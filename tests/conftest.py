"""Hypothesis searches the same inputs on every run, however slow the machine.

`--hypothesis-profile=long` searches for longer, and elsewhere on every run.
"""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("long", max_examples=100_000, deadline=None, database=None)
settings.load_profile("repeatable")
