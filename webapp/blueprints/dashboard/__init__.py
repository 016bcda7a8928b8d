"""The dashboard room."""
