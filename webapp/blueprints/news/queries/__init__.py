"""The questions to the records of the news room."""
