"""The pages of the forms room."""
