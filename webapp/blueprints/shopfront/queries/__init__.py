"""The questions to the records of the shopfront room."""
