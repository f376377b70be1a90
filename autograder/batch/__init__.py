"""Grades a whole class: side by side, resumable, one result file a submission."""
