"""Notebooks: containers in which the analysts of a project work."""
