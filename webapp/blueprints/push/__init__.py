"""The push room."""
