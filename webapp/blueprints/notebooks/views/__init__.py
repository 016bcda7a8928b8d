"""The pages of the notebooks room."""
