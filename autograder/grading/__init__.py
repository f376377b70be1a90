"""Turns the stories of tests/graded into points: submission, rubric, prerequisites, result."""
