"""The pages of the tasks room."""
