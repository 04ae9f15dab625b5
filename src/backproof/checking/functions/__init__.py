"""The check of one person's forward and backward pass, in NumPy, on exact numbers."""
