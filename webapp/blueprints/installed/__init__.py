"""The installed room."""
