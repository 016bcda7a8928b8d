"""The sales room."""
