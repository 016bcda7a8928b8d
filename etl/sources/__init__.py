"""Readers of the outside."""
