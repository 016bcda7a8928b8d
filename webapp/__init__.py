"""Bottega's web application: the floor, the rooms and the pages."""
