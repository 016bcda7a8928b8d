"""The workspaces room: groups of people and the projects that they share."""
