"""The rooms: one folder a business feature."""
