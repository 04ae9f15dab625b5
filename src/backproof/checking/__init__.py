"""The checks, each of which runs the code that trains on other numbers (docs/checking.md)."""
