"""Reads what an instructor downloaded: one entry a student, each with a folder to grade."""

from autograder.intake.choices import NONE, Choices, ChoicesError
from autograder.intake.reading import Entry, read

__all__ = ["NONE", "Choices", "ChoicesError", "Entry", "read"]
