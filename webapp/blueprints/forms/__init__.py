"""The forms room."""
