"""What the exercises ask about: the forward passes, the model answers, and the numbers."""
