"""Equations in LaTeX: the grammar, the tree, what the letters mean, and the documents they are in."""
