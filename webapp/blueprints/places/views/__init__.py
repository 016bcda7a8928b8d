"""The pages of the places room."""
