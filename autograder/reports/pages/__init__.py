"""Pages that a browser shows: one for a submission, one for a class; whole without a network."""
