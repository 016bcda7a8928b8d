"""The pages of the workspaces room."""
