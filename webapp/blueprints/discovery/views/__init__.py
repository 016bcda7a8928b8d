"""The pages of the discovery room."""
