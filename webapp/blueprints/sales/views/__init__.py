"""The pages of the sales room."""
