"""Exercises for each chapter of the book, and a judge for the answers: docs/exercises/index.md."""

from backproof.exercises.catalogue import exercise, exercises

__all__ = ["exercise", "exercises"]
