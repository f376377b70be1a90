"""The checks of the notebooks' exercises, a module for each notebook; all answer in words."""

from lab4nb.checks import (
    blocked,
    clinic,
    framing,
    life,
    many_users,
    river,
    scheduler,
    threads,
    two_users,
)

__all__ = [
    "blocked",
    "clinic",
    "framing",
    "life",
    "many_users",
    "river",
    "scheduler",
    "threads",
    "two_users",
]
