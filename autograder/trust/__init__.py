"""Grades the grader: programs with known faults, designs without, mutants, many runs."""
