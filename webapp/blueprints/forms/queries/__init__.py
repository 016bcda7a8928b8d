"""The questions to the records of the forms room."""
