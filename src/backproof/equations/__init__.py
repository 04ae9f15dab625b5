"""Equations in LaTeX: the grammar, the tree, what the letters mean, and where they stand."""
