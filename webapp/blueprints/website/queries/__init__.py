"""The questions to the records of the website room."""
