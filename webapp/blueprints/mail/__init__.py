"""The mail room."""
