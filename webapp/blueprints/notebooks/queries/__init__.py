"""Questions to the records of the notebooks room."""
