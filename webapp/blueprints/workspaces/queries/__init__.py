"""The questions to the records of the workspaces room."""
