"""Runs a program under test and the clients around it, and knows what it may conclude."""
