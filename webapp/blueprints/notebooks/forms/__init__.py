"""The forms of the notebooks room."""
